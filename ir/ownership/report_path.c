#include "ir/ownership/check.h"

/* Where the explanations come from: these searches run only once there is an error. */

Point point_of(const Check *ck, const Op *op, EventKind kind) {
    const Graph *g = ck->flow->graph;
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        const GraphBlock *block = &g->blocks.data[b];
        for (uint32_t i = 0; i < block->events.len; i++) {
            const Event *event = &block->events.data[i];
            if (event->op == op && event->kind == kind) return (Point){b, i};
        }
    }
    return (Point){g->exit, 0};
}

/* Forward from a point, block by block, nearest first. */
typedef struct Search {
    Check *ck;
    const Op *target;     /* loops around it begin a new iteration at the ends of their bodies */
    bool loops;           /* such ends are passed */
    const Edge **crossed; /* by block: the first of them on the way there */
    bool *is_reached;
    IdVec waiting; /* blocks, first in first out */
    uint32_t next;
} Search;

static Search search_create(Check *ck, const Op *target, bool loops) {
    uint32_t count = ck->flow->graph->blocks.len;
    return (Search){.ck = ck,
                    .target = target,
                    .loops = loops,
                    .crossed = arena_array(ck->arena, const Edge *, count),
                    .is_reached = arena_array(ck->arena, bool, count)};
}

static bool begins_iteration(const Search *s, const Edge *edge) {
    return edge->loop != NULL && s->target != NULL && op_is_inside(s->target, edge->loop);
}

static void search_leave(Search *s, uint32_t block, const Edge *crossed) {
    const Graph *g = s->ck->flow->graph;
    const GraphBlock *from = &g->blocks.data[block];
    for (uint32_t i = 0; i < from->out.len; i++) {
        const Edge *edge = &g->edges.data[from->out.data[i]];
        bool again = begins_iteration(s, edge);
        if ((again && !s->loops) || s->is_reached[edge->to]) continue;
        s->is_reached[edge->to] = true;
        s->crossed[edge->to] = crossed != NULL ? crossed : again ? edge : NULL;
        vec_push(s->ck->arena, &s->waiting, edge->to);
    }
}

static bool fills(const Check *ck, const Event *event, uint32_t place) {
    bool stores = event->kind == EVENT_STORE || event->kind == EVENT_DECLARE;
    return stores && place_is_within(ck->flow->graph, place, event->place);
}

/* Walks from event `first` of a block: true at the target; *blocked where the place is filled
 * before. */
static bool walk_block(const Search *s, uint32_t block, uint32_t first, Point to, uint32_t place,
                       bool *blocked) {
    const GraphBlock *b = &s->ck->flow->graph->blocks.data[block];
    for (uint32_t i = first; i < b->events.len; i++) {
        if (block == to.block && i == to.event) return true;
        if (fills(s->ck, &b->events.data[i], place)) {
            *blocked = true;
            return false;
        }
    }
    return block == to.block && to.event >= b->events.len && first <= to.event;
}

bool path_exists(Check *ck, Point from, Point to, uint32_t place, bool loops,
                 const Edge **crossed) {
    const GraphBlock *last = &ck->flow->graph->blocks.data[to.block];
    const Op *target = to.event < last->events.len ? last->events.data[to.event].op : NULL;
    Search s = search_create(ck, target, loops);
    bool blocked = false;
    if (crossed != NULL) *crossed = NULL;
    if (walk_block(&s, from.block, from.event + 1, to, place, &blocked)) return true;
    if (!blocked) search_leave(&s, from.block, NULL);
    while (s.next < s.waiting.len) {
        uint32_t block = s.waiting.data[s.next++];
        blocked = false;
        if (walk_block(&s, block, 0, to, place, &blocked)) {
            if (crossed != NULL) *crossed = s.crossed[block];
            return true;
        }
        if (!blocked) search_leave(&s, block, s.crossed[block]);
    }
    return false;
}

/* ---- The next use ---------------------------------------------------------------------------- */

/* The name's first mention in the block at or after event `first`; NULL: none. */
static const Mention *mention_from(const Liveness *l, LiveName name, uint32_t block,
                                   uint32_t first) {
    for (uint32_t i = l->first[name]; i < l->first[name + 1]; i++) {
        const Mention *m = &l->mentions[i];
        if (m->block == block && m->event >= first) return m;
    }
    return NULL;
}

/* The exits of the function use what callers want back; that is no use that one could point at. */
static bool found_use(Check *ck, const Mention *m, Point *use) {
    if (m->kills) return false;
    *use = (Point){m->block, m->event};
    return event_at(ck, *use)->kind != EVENT_RETURN || event_at(ck, *use)->op != NULL;
}

bool next_use(Check *ck, LiveName name, Point from, Point *use, bool *again) {
    const Liveness *l = ck->flow->live;
    const GraphBlock *start = &ck->flow->graph->blocks.data[from.block];
    const Op *op = from.event < start->events.len ? start->events.data[from.event].op : NULL;
    Search s = search_create(ck, op, true);
    *again = false;
    const Mention *m = mention_from(l, name, from.block, from.event + 1);
    if (m != NULL) return found_use(ck, m, use);
    search_leave(&s, from.block, NULL);
    while (s.next < s.waiting.len) {
        uint32_t block = s.waiting.data[s.next++];
        m = mention_from(l, name, block, 0);
        if (m == NULL) {
            search_leave(&s, block, s.crossed[block]);
        } else if (found_use(ck, m, use)) {
            *again = s.crossed[block] != NULL;
            return true;
        }
    }
    return false;
}
