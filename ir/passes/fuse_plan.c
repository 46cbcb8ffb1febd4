/* How the loops of a stretch are grouped.
 *
 * The aim is the fewest bytes that move for an element of the iteration space: an array that several
 * loops of a group touch is loaded and stored once, and one that lives inside a group not at all. The
 * groups must wait for each other in some order; so a loop whose result is used by something that a
 * member needs cannot be a member itself. Stretches are short: all groupings are tried, the most promising
 * first, until the budget ends; the first one found is the greedy one. */
#include "ir/passes/fuse.h"

/* Arrays that one loop walks through: each takes a register for its address, and a place in the
 * prefetcher. A loop larger than OP_LIMIT gives values back to memory that it wanted to keep. */
enum { STREAM_LIMIT = 16, OP_LIMIT = 512, JOIN_BUDGET = 500 };

typedef struct Stream {
    Root root;
    uint32_t bytes;    /* of an element */
    uint32_t accesses;
    bool reads, writes; /* reads: before it writes */
} Stream;

typedef Vec(Stream) StreamVec;

typedef struct Search {
    Fuse *f;
    Stretch *s;
    StreamVec streams[STRETCH_LOOPS]; /* of each loop */
    StreamVec sum;                    /* of a group: scratch */
    uint32_t family[STRETCH_LOOPS];   /* loops that share memory, by way of others too, have one number */
    uint32_t unfit[STRETCH_LOOPS];    /* by loop: the earlier ones that it cannot join, as bits */
    uint32_t waits[STRETCH_LOOPS];    /* by loop: the earlier ones that it waits for */
    uint32_t carries[STRETCH_LOOPS];  /* by loop: the earlier ones that hand on to later iterations */
    uint32_t members[STRETCH_LOOPS];  /* by the group's first loop, as bits */
    uint32_t cost[STRETCH_LOOPS];     /* by the group's first loop */
    uint32_t best, budget;
} Search;

/* ---- Bytes ----------------------------------------------------------------------------------- */

static bool roots_equal(const Root *a, const Root *b) {
    bool is_known = a->kind != ROOT_UNKNOWN;
    return a->kind == b->kind && a->value == b->value && (is_known || a->seen == b->seen);
}

static Stream *stream_of(Fuse *f, StreamVec *streams, const Root *root) {
    for (uint32_t i = 0; i < streams->len; i++)
        if (roots_equal(&streams->data[i].root, root)) return &streams->data[i];
    Stream fresh = {.root = *root};
    vec_push(f->pass->scratch, streams, fresh);
    return &streams->data[streams->len - 1];
}

static void access_sum(Fuse *f, StreamVec *streams, const Access *access) {
    if (access->view == NULL) return;
    Stream *stream = stream_of(f, streams, &access->root);
    stream->accesses++;
    if (!access->is_streamed) return;
    uint32_t bytes = access->view->type->elem->size;
    if (bytes > stream->bytes) stream->bytes = bytes;
    if (access->writes) stream->writes = true;
    else if (!stream->writes) stream->reads = true;
}

static void streams_join(Fuse *f, StreamVec *sum, const StreamVec *more) {
    for (uint32_t i = 0; i < more->len; i++) {
        const Stream *from = &more->data[i];
        Stream *to = stream_of(f, sum, &from->root);
        to->accesses += from->accesses;
        if (from->bytes > to->bytes) to->bytes = from->bytes;
        to->reads = to->reads || (from->reads && !to->writes);
        to->writes = to->writes || from->writes;
    }
}

/* Memory that nothing outside of the group touches is not needed once each element is used in the
 * iteration that makes it. */
static bool lives_inside(const Fuse *f, const Stream *stream, bool carries) {
    const Value *value = stream->root.value;
    return !carries && stream->root.kind == ROOT_ALLOC && value->def->kind == OP_ALLOC &&
           !value->def->attr.flag && !stream->reads && value->id < f->value_len &&
           f->accesses[value->id] == stream->accesses;
}

/* A store fetches its line into the cache first, and so costs as much as a load and a store. */
static uint32_t streams_bytes(const Fuse *f, const StreamVec *streams, bool carries) {
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < streams->len; i++) {
        const Stream *stream = &streams->data[i];
        if (lives_inside(f, stream, carries)) continue;
        bool is_fetched = stream->reads || stream->writes;
        bytes += stream->bytes * ((is_fetched ? 1u : 0u) + (stream->writes ? 1u : 0u));
    }
    return bytes;
}

/* ---- Groups ---------------------------------------------------------------------------------- */

static bool has(uint32_t bits, uint32_t i) {
    return bits >> i & 1;
}

/* UINT32_MAX: more than one loop should do. */
static uint32_t group_cost(Search *search, uint32_t members) {
    Stretch *s = search->s;
    uint32_t ops = 0, count = 0, carried = 0;
    search->sum.len = 0;
    for (uint32_t i = 0; i < s->loop_count; i++) {
        if (!has(members, i)) continue;
        streams_join(search->f, &search->sum, &search->streams[i]);
        ops += s->nodes.data[s->loops[i]]->op_count;
        carried |= search->carries[i] & members;
        count++;
    }
    if (count > 1 && (ops > OP_LIMIT || search->sum.len > STREAM_LIMIT)) return UINT32_MAX;
    return streams_bytes(search->f, &search->sum, carried != 0);
}

/* The groups can be done one after the other: again and again one is found that waits for none of those
 * left. Loops from `count` on are not grouped yet, and wait for nothing here. */
static bool groups_are_ordered(const Search *search, uint32_t count) {
    uint32_t left = (uint32_t)(((uint64_t)1 << count) - 1), waits[STRETCH_LOOPS] = {0};
    for (uint32_t g = 0; g < count; g++)
        for (uint32_t i = g; i < count && search->members[g] != 0; i++)
            if (has(search->members[g], i)) waits[g] |= search->waits[i] & ~search->members[g];
    for (bool found = true; found && left != 0;) {
        found = false;
        for (uint32_t g = 0; g < count; g++) {
            if (!has(left, g) || search->members[g] == 0 || (waits[g] & left)) continue;
            left &= ~search->members[g];
            found = true;
        }
    }
    return left == 0;
}

/* ---- Search ---------------------------------------------------------------------------------- */

static void grouping_keep(Search *search, uint32_t cost) {
    Stretch *s = search->s;
    if (cost >= search->best) return;
    search->best = cost;
    for (uint32_t g = 0; g < s->loop_count; g++)
        for (uint32_t i = 0; i < s->loop_count; i++)
            if (has(search->members[g], i)) s->group[i] = g;
}

typedef struct Choice {
    uint32_t group, cost;
} Choice;

/* The groups that the loop may join, the cheapest first, and one of its own, which comes before those
 * that save nothing. */
static uint32_t choices_of(Search *search, uint32_t loop, Choice *choices) {
    uint32_t count = 1, alone = group_cost(search, (uint32_t)1 << loop);
    choices[0] = (Choice){loop, alone};
    for (uint32_t g = 0; g < loop; g++) {
        uint32_t members = search->members[g];
        if (members == 0 || search->family[g] != search->family[loop]) continue;
        if (search->unfit[loop] & members) continue;
        uint32_t cost = group_cost(search, members | (uint32_t)1 << loop), at = count;
        if (cost == UINT32_MAX) continue;
        int64_t added = (int64_t)cost - search->cost[g];
        for (; at > 0; at--) {
            Choice *before = &choices[at - 1];
            uint32_t base = before->group == loop ? 0 : search->cost[before->group];
            if ((int64_t)before->cost - base <= added) break;
            choices[at] = *before;
        }
        choices[at] = (Choice){g, cost};
        count++;
    }
    return count;
}

static void loops_group(Search *search, uint32_t loop, uint32_t total) {
    if (loop == search->s->loop_count) {
        grouping_keep(search, total);
        return;
    }
    Choice choices[STRETCH_LOOPS + 1];
    uint32_t count = choices_of(search, loop, choices);
    for (uint32_t i = 0; i < count && search->budget > 0; i++) {
        uint32_t g = choices[i].group, members = search->members[g], cost = search->cost[g];
        search->budget -= i > 0;
        search->members[g] |= (uint32_t)1 << loop;
        search->cost[g] = choices[i].cost;
        if (members == 0 || groups_are_ordered(search, loop + 1))
            loops_group(search, loop + 1, total - (members ? cost : 0) + choices[i].cost);
        search->members[g] = members;
        search->cost[g] = cost;
    }
}

/* ---- The graph ------------------------------------------------------------------------------- */

/* The loops that node `from` reaches without passing another loop. */
static void edges_find(Stretch *s, uint32_t loop, bool *reached) {
    const bool *depends = s->depends;
    uint32_t count = s->nodes.len, from = s->loops[loop];
    uint32_t which = loop + 1;
    for (uint32_t k = from + 1; k < count; k++) {
        bool is_loop = which < s->loop_count && s->loops[which] == k, behind = false;
        for (uint32_t i = from + 1; i < k && !behind; i++)
            behind = reached[i] && depends[i * count + k];
        if (is_loop && behind) s->through[loop] |= (uint32_t)1 << which;
        if (is_loop && depends[from * count + k]) s->direct[loop] |= (uint32_t)1 << which;
        reached[k] = !is_loop && (behind || depends[from * count + k]);
        which += is_loop;
    }
}

static void graph_build(Fuse *f, Stretch *s) {
    Arena *scratch = f->pass->scratch;
    uint32_t count = s->nodes.len;
    s->depends = arena_array(scratch, bool, count * count);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count; k++)
            s->depends[i * count + k] = node_depends(s->nodes.data[i], s->nodes.data[k]);
    for (uint32_t i = 0; i < s->loop_count; i++)
        edges_find(s, i, arena_array(scratch, bool, count));
    for (uint32_t i = 0; i < s->loop_count; i++)
        for (uint32_t k = i + 1; k < s->loop_count; k++)
            s->fit[i][k] = loops_fit(f, s->nodes.data[s->loops[i]], s->nodes.data[s->loops[k]]);
}

static bool streams_meet(const StreamVec *a, const StreamVec *b) {
    for (uint32_t i = 0; i < a->len; i++)
        for (uint32_t k = 0; k < b->len; k++)
            if (roots_equal(&a->data[i].root, &b->data[k].root)) return true;
    return false;
}

/* Loops of different families have nothing to save together. */
static void families_find(Search *search) {
    uint32_t count = search->s->loop_count, *family = search->family;
    for (uint32_t i = 0; i < count; i++) {
        family[i] = i;
        for (uint32_t k = 0; k < i; k++) {
            if (!streams_meet(&search->streams[i], &search->streams[k])) continue;
            for (uint32_t j = 0, old = family[k]; j < i; j++)
                if (family[j] == old) family[j] = i;
        }
    }
}

static void relations_note(Search *search) {
    const Stretch *s = search->s;
    for (uint32_t i = 0; i < s->loop_count; i++)
        for (uint32_t k = i + 1; k < s->loop_count; k++) {
            uint32_t bit = (uint32_t)1 << i;
            if (s->fit[i][k].reason != NULL || has(s->through[i], k)) search->unfit[k] |= bit;
            if (has(s->direct[i] | s->through[i], k)) search->waits[k] |= bit;
            if (s->fit[i][k].carries) search->carries[k] |= bit;
        }
}

static void search_begin(Search *search) {
    Stretch *s = search->s;
    relations_note(search);
    for (uint32_t i = 0; i < s->loop_count; i++) {
        const Node *node = s->nodes.data[s->loops[i]];
        for (uint32_t k = 0; k < node->accesses.len; k++)
            access_sum(search->f, &search->streams[i], &node->accesses.data[k]);
        s->group[i] = i;
        s->bytes_before += group_cost(search, (uint32_t)1 << i);
    }
    families_find(search);
}

void stretch_plan(Fuse *f, Stretch *s) {
    Search *search = arena_new(f->pass->scratch, Search);
    *search = (Search){.f = f, .s = s, .best = UINT32_MAX, .budget = JOIN_BUDGET};
    graph_build(f, s);
    search_begin(search);
    loops_group(search, 0, 0);
    s->bytes_after = search->best;
}

/* ---- Reasons --------------------------------------------------------------------------------- */

static bool share_memory(const Node *a, const Node *b) {
    for (uint32_t i = 0; i < a->accesses.len; i++)
        for (uint32_t k = 0; k < b->accesses.len; k++)
            if (roots_equal(&a->accesses.data[i].root, &b->accesses.data[k].root)) return true;
    return false;
}

const char *stretch_reason(const Stretch *s, uint32_t first, uint32_t second) {
    const Node *a = s->nodes.data[s->loops[first]], *b = s->nodes.data[s->loops[second]];
    if (s->fit[first][second].reason != NULL) return s->fit[first][second].reason;
    if (has(s->through[first], second))
        return "the second needs a value that only the whole of the first gives";
    if (!share_memory(a, b)) return "they share no memory: one loop would save nothing";
    if (a->op_count + b->op_count > OP_LIMIT) return "one loop for both would be too large";
    return "as one loop they would have to run before and after another one, or save nothing";
}
