#include "ir/ownership/liveness.h"

#include <string.h>

/* One mention while they are gathered: sorted by name afterwards, stable, so still in order of
 * events. */
typedef struct Gathered {
    LiveName name;
    Mention mention;
} Gathered;

typedef Vec(Gathered) GatheredVec;

typedef struct LiveBuilder {
    Arena *arena;
    Liveness *live;
    const Graph *g;
    GatheredVec gathered;
    uint32_t block, event;
    IdVec inouts;
} LiveBuilder;

static void mention(LiveBuilder *b, LiveName name, bool kills) {
    Gathered g = {name, {b->block, b->event, kills}};
    vec_push(b->arena, &b->gathered, g);
}

static void mention_tree(LiveBuilder *b, uint32_t place, bool kills) {
    mention(b, place, kills);
    for (uint32_t c = b->g->places.data[place].first_child; c != NO_PLACE;
         c = b->g->places.data[c].next_sibling) {
        mention_tree(b, c, kills);
    }
}

/* Who uses a field uses what it is a field of. A field that gets a value leaves the fields beside
 * it as they are, but they have to be there. */
static void mention_around(LiveBuilder *b, uint32_t place) {
    uint32_t parent = b->g->places.data[place].parent;
    for (; parent != NO_PLACE; parent = b->g->places.data[parent].parent) mention(b, parent, false);
}

/* Whoever lends a place to be changed wants it back whole, whichever way the function ends. */
static void mention_inouts(LiveBuilder *b) {
    for (uint32_t i = 0; i < b->inouts.len; i++) mention_tree(b, b->inouts.data[i], false);
}

static void find_inouts(LiveBuilder *b) {
    for (uint32_t i = 0; i < b->g->places.len; i++) {
        if (b->g->places.data[i].parent != NO_PLACE) continue;
        VarRole role = place_var(b->g, i)->role;
        if (role == VAR_INOUT || role == VAR_OUT) vec_push(b->arena, &b->inouts, i);
    }
}

static void gather_event(LiveBuilder *b, const Event *event) {
    switch (event->kind) {
    case EVENT_DECLARE: mention_tree(b, event->place, true); break;
    case EVENT_STORE:
        mention_around(b, event->place);
        mention_tree(b, event->place, true);
        break;
    case EVENT_READ:
    case EVENT_SHARE:
    case EVENT_MUTATE:
    case EVENT_MOVE:
    case EVENT_KEEP:
        if (event_is_peek(b->g, event) && ir_type_looks(b->g->places.data[event->place].type)) {
            break; /* the sizes of a view are its own */
        }
        mention_around(b, event->place);
        mention_tree(b, event->place, false);
        break;
    case EVENT_USE: mention(b, live_value(b->live, event->window), false); break;
    case EVENT_RETURN: mention_inouts(b); break;
    case EVENT_END: break;
    }
}

static void gather(LiveBuilder *b) {
    for (b->block = 0; b->block < b->g->blocks.len; b->block++) {
        const GraphBlock *block = &b->g->blocks.data[b->block];
        for (b->event = 0; b->event < block->events.len; b->event++) {
            gather_event(b, &block->events.data[b->event]);
        }
    }
}

static void sort_by_name(LiveBuilder *b) {
    Liveness *l = b->live;
    l->first = arena_array(b->arena, uint32_t, l->name_count + 2);
    l->mentions = arena_array(b->arena, Mention, b->gathered.len);
    uint32_t *at = l->first + 1; /* one ahead, so that filling in leaves the starts in place */
    for (uint32_t i = 0; i < b->gathered.len; i++) at[b->gathered.data[i].name + 1]++;
    for (uint32_t n = 0; n < l->name_count; n++) at[n + 1] += at[n];
    for (uint32_t i = 0; i < b->gathered.len; i++) {
        l->mentions[at[b->gathered.data[i].name]++] = b->gathered.data[i].mention;
    }
}

/* ---- Backward from each use ------------------------------------------------------------------ */

typedef struct Spread {
    LiveBuilder *b;
    IdVec *in, *out;                             /* what is found: the name is added to these */
    uint32_t *in_stamp, *out_stamp, *kill_stamp; /* by block: the last name found there, plus one */
    uint32_t stamp;
    IdVec waiting; /* blocks at whose beginning the name is alive */
} Spread;

static void spread_in(Spread *s, LiveName name, uint32_t block) {
    if (s->in_stamp[block] == s->stamp) return;
    s->in_stamp[block] = s->stamp;
    vec_push(s->b->arena, &s->in[block], name);
    vec_push(s->b->arena, &s->waiting, block);
}

static void spread_back(Spread *s, LiveName name) {
    const Graph *g = s->b->g;
    while (s->waiting.len > 0) {
        const GraphBlock *block = &g->blocks.data[vec_pop(&s->waiting)];
        for (uint32_t i = 0; i < block->in.len; i++) {
            uint32_t from = g->edges.data[block->in.data[i]].from;
            if (s->out_stamp[from] == s->stamp) continue;
            s->out_stamp[from] = s->stamp;
            vec_push(s->b->arena, &s->out[from], name);
            if (s->kill_stamp[from] != s->stamp) spread_in(s, name, from);
        }
    }
}

static Spread spread_create(LiveBuilder *b, IdVec *in, IdVec *out) {
    uint32_t blocks = b->g->blocks.len;
    return (Spread){.b = b,
                    .in = in,
                    .out = out,
                    .in_stamp = arena_array(b->arena, uint32_t, blocks),
                    .out_stamp = arena_array(b->arena, uint32_t, blocks),
                    .kill_stamp = arena_array(b->arena, uint32_t, blocks)};
}

/* A value's definition kills it; the results of an IF come into being where its arms meet. */
static void spread_name(Spread *s, LiveName name, const Value *value) {
    const Liveness *l = s->b->live;
    s->stamp = name + 1;
    uint32_t defined = value ? s->b->g->defined_in[value->id] : UINT32_MAX;
    if (value) s->kill_stamp[defined] = s->stamp;
    for (uint32_t i = l->first[name]; i < l->first[name + 1]; i++) {
        if (l->mentions[i].kills) s->kill_stamp[l->mentions[i].block] = s->stamp;
    }
    uint32_t last_block = UINT32_MAX;
    for (uint32_t i = l->first[name]; i < l->first[name + 1]; i++) {
        const Mention *m = &l->mentions[i];
        if (m->block == last_block) continue; /* only the first in a block is seen from outside */
        last_block = m->block;
        if (!m->kills && m->block != defined) spread_in(s, name, m->block);
    }
    spread_back(s, name);
}

/* Variables that are mentioned later at all, also those that only get a new value, which ends the
 * old one; and those that something looks into in one of `lent` blocks. */
static void spread_variable(Spread *s, uint32_t root, const IdVec *lent) {
    const Liveness *l = s->b->live;
    s->stamp = root + 1;
    for (uint32_t i = l->first[root]; i < l->first[root + 1]; i++) {
        const Mention *m = &l->mentions[i];
        const Event *event = &s->b->g->blocks.data[m->block].events.data[m->event];
        if (event->kind == EVENT_DECLARE) s->kill_stamp[m->block] = s->stamp;
    }
    uint32_t last_block = UINT32_MAX;
    for (uint32_t i = l->first[root]; i < l->first[root + 1]; i++) {
        const Mention *m = &l->mentions[i];
        const Event *event = &s->b->g->blocks.data[m->block].events.data[m->event];
        if (m->block == last_block) continue;
        last_block = m->block;
        if (event->kind != EVENT_DECLARE) spread_in(s, root, m->block);
    }
    for (uint32_t i = 0; lent != NULL && i < lent->len; i++) spread_in(s, root, lent->data[i]);
    spread_back(s, root);
}

static void spread_variables(LiveBuilder *b, const IdVec *lent) {
    const Graph *g = b->g;
    b->live->known_in = arena_array(b->arena, IdVec, g->blocks.len);
    IdVec *unused = arena_array(b->arena, IdVec, g->blocks.len);
    Spread variables = spread_create(b, b->live->known_in, unused);
    for (uint32_t p = 0; p < g->places.len; p++) {
        if (g->places.data[p].parent != NO_PLACE) continue;
        spread_variable(&variables, p, lent != NULL ? &lent[p] : NULL);
    }
}

void liveness_know_lent(Arena *arena, Liveness *live, const IdVec *lent) {
    LiveBuilder b = {.arena = arena, .live = live, .g = live->graph};
    spread_variables(&b, lent);
}

static Value **values_by_id(LiveBuilder *b) {
    Value **values = arena_array(b->arena, Value *, b->g->fn->next_value);
    for (uint32_t i = 0; i < b->g->blocks.len; i++) {
        const GraphBlock *block = &b->g->blocks.data[i];
        for (uint32_t k = 0; k < block->events.len; k++) {
            Value *window = block->events.data[k].window;
            if (window != NULL) values[window->id] = window;
        }
    }
    return values;
}

Liveness *liveness_analyse(Arena *arena, const Graph *g) {
    Liveness *l = arena_new(arena, Liveness);
    l->graph = g;
    l->name_count = g->places.len + g->fn->next_value;
    LiveBuilder b = {.arena = arena, .live = l, .g = g};
    find_inouts(&b);
    gather(&b);
    sort_by_name(&b);
    l->in = arena_array(arena, IdVec, g->blocks.len);
    l->out = arena_array(arena, IdVec, g->blocks.len);
    Spread names = spread_create(&b, l->in, l->out);
    for (uint32_t p = 0; p < g->places.len; p++) spread_name(&names, p, NULL);
    Value **values = values_by_id(&b);
    for (uint32_t v = 0; v < g->fn->next_value; v++) {
        if (values[v] != NULL) spread_name(&names, g->places.len + v, values[v]);
    }
    spread_variables(&b, NULL);
    return l;
}

/* ---- Questions ------------------------------------------------------------------------------- */

bool ids_have(const IdVec *ids, uint32_t id) {
    uint32_t low = 0, high = ids->len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ids->data[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ids->len && ids->data[low] == id;
}

bool live_in(const Liveness *l, LiveName name, uint32_t block) {
    return ids_have(&l->in[block], name);
}

bool live_after(const Liveness *l, LiveName name, uint32_t block, int64_t event) {
    uint32_t low = l->first[name], high = l->first[name + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const Mention *m = &l->mentions[middle];
        if (m->block < block || (m->block == block && (int64_t)m->event <= event)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < l->first[name + 1] && l->mentions[low].block == block) {
        return !l->mentions[low].kills;
    }
    return ids_have(&l->out[block], name);
}
