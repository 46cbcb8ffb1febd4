#include "ir/ownership/moves.h"

#include <stdlib.h>
#include <string.h>

/* ---- One place ------------------------------------------------------------------------------- */

static bool is_missing(const MovesCursor *c, uint32_t place) { return c->at[place].cause != NULL; }

static void missing_set(MovesCursor *c, uint32_t place, bool always, Op *cause) {
    if (!is_missing(c, place)) vec_push(c->arena, &c->listed, place);
    c->at[place] = (Missing){place, always, cause};
}

static uint32_t first_child(const MovesCursor *c, uint32_t place) {
    return c->moves->graph->places.data[place].first_child;
}

static uint32_t next_sibling(const MovesCursor *c, uint32_t place) {
    return c->moves->graph->places.data[place].next_sibling;
}

static void clear_tree(MovesCursor *c, uint32_t place) {
    c->at[place].cause = NULL;
    for (uint32_t k = first_child(c, place); k != NO_PLACE; k = next_sibling(c, k)) {
        clear_tree(c, k);
    }
}

/* An empty struct of which one field gets a value: from now on its fields are empty one by one. */
static void push_down(MovesCursor *c, uint32_t place) {
    uint32_t parent = c->moves->graph->places.data[place].parent;
    if (parent == NO_PLACE) return;
    push_down(c, parent);
    if (!is_missing(c, parent)) return;
    Missing whole = c->at[parent];
    c->at[parent].cause = NULL;
    for (uint32_t k = first_child(c, parent); k != NO_PLACE; k = next_sibling(c, k)) {
        missing_set(c, k, whole.always, whole.cause);
    }
}

static void place_empty(MovesCursor *c, uint32_t place, Op *cause) {
    push_down(c, place);
    clear_tree(c, place);
    missing_set(c, place, true, cause);
}

static void place_fill(MovesCursor *c, uint32_t place) {
    push_down(c, place);
    clear_tree(c, place);
}

static const Missing *missing_below(const MovesCursor *c, uint32_t place) {
    if (is_missing(c, place)) return &c->at[place];
    for (uint32_t k = first_child(c, place); k != NO_PLACE; k = next_sibling(c, k)) {
        const Missing *found = missing_below(c, k);
        if (found != NULL) return found;
    }
    return NULL;
}

const Missing *moves_missing(const MovesCursor *c, uint32_t place) {
    uint32_t at = c->moves->graph->places.data[place].parent;
    for (; at != NO_PLACE; at = c->moves->graph->places.data[at].parent) {
        if (is_missing(c, at)) return &c->at[at];
    }
    return missing_below(c, place);
}

/* ---- One block ------------------------------------------------------------------------------- */

MovesCursor *moves_cursor(Arena *arena, const Moves *moves) {
    MovesCursor *c = arena_new(arena, MovesCursor);
    c->moves = moves;
    c->arena = arena;
    c->at = arena_array(arena, Missing, moves->graph->places.len);
    return c;
}

void moves_begin(MovesCursor *c, uint32_t block) {
    for (uint32_t i = 0; i < c->listed.len; i++) c->at[c->listed.data[i]].cause = NULL;
    c->listed.len = 0;
    const MissingVec *in = &c->moves->in[block];
    for (uint32_t i = 0; i < in->len; i++) {
        missing_set(c, in->data[i].place, in->data[i].always, in->data[i].cause);
    }
}

/* A variable of the caller's, or one that is SET at the entry, is declared with its value at once.
 */
void moves_step(MovesCursor *c, const Event *event) {
    switch (event->kind) {
    case EVENT_DECLARE:
    case EVENT_MOVE: place_empty(c, event->place, event->op); break;
    case EVENT_STORE: place_fill(c, event->place); break;
    case EVENT_READ:
    case EVENT_SHARE:
    case EVENT_MUTATE:
    case EVENT_KEEP:
    case EVENT_USE:
    case EVENT_RETURN:
    case EVENT_END: break;
    }
}

/* ---- All blocks ------------------------------------------------------------------------------ */

typedef struct MovesFlow {
    Moves *moves;
    Arena *arena;
    Graph *g;
    MovesCursor *cursor;
    MissingVec *out; /* by block: at its end */
    bool *is_done;   /* by block: `out` is there */
    Missing *merged; /* by place, while paths meet */
    uint32_t *paths; /* by place: on how many of them it is missing */
} MovesFlow;

static int missing_compare(const void *a, const void *b) {
    const Missing *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* Tasks have to be waited for, so their state matters to the end. */
static bool is_kept(const MovesFlow *f, uint32_t place, uint32_t to) {
    if (ids_have(&f->moves->live->known_in[to], place_root(f->g, place))) return true;
    return type_has_task(f->g->places.data[place].type);
}

static bool cause_is_better(const Op *a, const Op *b) {
    if ((a->kind == OP_VAR) != (b->kind == OP_VAR)) return b->kind == OP_VAR;
    return a->id < b->id;
}

static void meet(MovesFlow *f, const Missing *m, IdVec *seen) {
    if (f->paths[m->place] == 0) {
        vec_push(f->arena, seen, m->place);
        f->merged[m->place] = *m;
    } else {
        Missing *to = &f->merged[m->place];
        to->always = to->always && m->always;
        if (cause_is_better(m->cause, to->cause)) to->cause = m->cause;
    }
    f->paths[m->place]++;
}

/* A struct that is empty as a whole on one path and by its fields on another: by its fields. */
static void meet_level(MovesFlow *f, MissingVec *path, const IdVec *split) {
    for (uint32_t i = 0; i < split->len; i++) {
        uint32_t place = split->data[i];
        for (uint32_t k = 0; k < path->len; k++) {
            if (path->data[k].place != place) continue;
            Missing whole = path->data[k];
            path->data[k] = vec_last(path);
            path->len--;
            for (uint32_t c = f->g->places.data[place].first_child; c != NO_PLACE;
                 c = f->g->places.data[c].next_sibling) {
                Missing field = {c, whole.always, whole.cause};
                vec_push(f->arena, path, field);
            }
            break;
        }
    }
}

static int id_compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Structs that are empty by their fields on some path into the block, outer ones first. */
static IdVec find_split(MovesFlow *f, const GraphBlock *block) {
    IdVec split = {0};
    for (uint32_t i = 0; i < block->in.len; i++) {
        uint32_t from = f->g->edges.data[block->in.data[i]].from;
        if (!f->is_done[from]) continue;
        for (uint32_t k = 0; k < f->out[from].len; k++) {
            uint32_t at = f->g->places.data[f->out[from].data[k].place].parent;
            for (; at != NO_PLACE; at = f->g->places.data[at].parent) {
                vec_push(f->arena, &split, at);
            }
        }
    }
    if (split.len > 1) qsort(split.data, split.len, sizeof *split.data, id_compare);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < split.len; i++) {
        if (kept == 0 || split.data[kept - 1] != split.data[i]) split.data[kept++] = split.data[i];
    }
    split.len = kept;
    return split;
}

/* What is missing at the beginning of a block. True when that changed. */
static bool block_join(MovesFlow *f, uint32_t id) {
    const GraphBlock *block = &f->g->blocks.data[id];
    if (block->in.len == 0) return false;
    IdVec seen = {0}, split = find_split(f, block);
    uint32_t paths = 0;
    for (uint32_t i = 0; i < block->in.len; i++) {
        uint32_t from = f->g->edges.data[block->in.data[i]].from;
        if (!f->is_done[from]) continue;
        paths++;
        MissingVec path = {0};
        for (uint32_t k = 0; k < f->out[from].len; k++) {
            if (is_kept(f, f->out[from].data[k].place, id)) {
                vec_push(f->arena, &path, f->out[from].data[k]);
            }
        }
        meet_level(f, &path, &split);
        for (uint32_t k = 0; k < path.len; k++) meet(f, &path.data[k], &seen);
    }
    MissingVec in = {0};
    if (seen.len > 1) qsort(seen.data, seen.len, sizeof *seen.data, id_compare);
    for (uint32_t i = 0; i < seen.len; i++) {
        Missing m = f->merged[seen.data[i]];
        m.always = m.always && f->paths[m.place] == paths;
        f->paths[m.place] = 0;
        vec_push(f->arena, &in, m);
    }
    MissingVec *old = &f->moves->in[id];
    bool same = old->len == in.len;
    for (uint32_t i = 0; same && i < in.len; i++) {
        same = old->data[i].place == in.data[i].place && old->data[i].cause == in.data[i].cause &&
               old->data[i].always == in.data[i].always;
    }
    if (!same) *old = in;
    return !same;
}

static void block_flow(MovesFlow *f, uint32_t id) {
    MovesCursor *c = f->cursor;
    moves_begin(c, id);
    const GraphBlock *block = &f->g->blocks.data[id];
    for (uint32_t i = 0; i < block->events.len; i++) moves_step(c, &block->events.data[i]);
    MissingVec out = {0};
    for (uint32_t i = 0; i < c->listed.len; i++) {
        uint32_t place = c->listed.data[i];
        if (!is_missing(c, place)) continue;
        vec_push(f->arena, &out, c->at[place]);
        c->at[place].cause = NULL; /* listed twice: once is enough */
    }
    c->listed.len = 0;
    if (out.len > 1) qsort(out.data, out.len, sizeof *out.data, missing_compare);
    f->out[id] = out;
    f->is_done[id] = true;
}

/* An ASSIGN to a place that may be empty makes the memory: it fills the place, rather than needing
 * it. */
static bool assigns_settle(MovesFlow *f) {
    bool changed = false;
    for (uint32_t id = 0; id < f->g->blocks.len; id++) {
        GraphBlock *block = &f->g->blocks.data[id];
        moves_begin(f->cursor, id);
        for (uint32_t i = 0; i < block->events.len; i++) {
            Event *event = &block->events.data[i];
            if (event->kind == EVENT_MUTATE && event->op->kind == OP_ASSIGN &&
                moves_missing(f->cursor, event->place) != NULL) {
                event->kind = EVENT_STORE;
                changed = true;
            }
            moves_step(f->cursor, event);
        }
    }
    return changed;
}

/* A task that is not there yet needs nobody who waits for it. */
static void tasks_begin(MovesFlow *f) {
    for (uint32_t i = 0; i < f->g->places.len; i++) {
        const Place *p = &f->g->places.data[i];
        if (p->parent != NO_PLACE || p->var->def == NULL || !type_has_task(p->type)) continue;
        Missing missing = {i, true, p->var->def};
        vec_push(f->arena, &f->moves->in[0], missing);
    }
}

/* `__init__` finds its `self` empty. */
static void entry_begin(MovesFlow *f) {
    tasks_begin(f);
    const IrFn *fn = f->g->fn;
    if (!fn_makes_self(fn) || fn->body->first == NULL) return;
    uint32_t self = f->g->place_of[fn->params.data[fn->args.data[0].first].value->id];
    if (self == NO_PLACE) return;
    Missing missing = {self, true, fn->body->first};
    vec_push(f->arena, &f->moves->in[0], missing);
}

static void solve(MovesFlow *f) {
    memset(f->is_done, 0, f->g->blocks.len * sizeof *f->is_done);
    memset(f->moves->in, 0, f->g->blocks.len * sizeof *f->moves->in);
    entry_begin(f);
    bool *waits = arena_array(f->arena, bool, f->g->blocks.len);
    for (uint32_t i = 0; i < f->g->blocks.len; i++) waits[i] = !f->g->is_cut[i];
    for (bool again = true; again;) {
        again = false;
        for (uint32_t id = 0; id < f->g->blocks.len; id++) {
            if (!waits[id]) continue;
            waits[id] = false;
            bool is_first = !f->is_done[id];
            if (!block_join(f, id) && !is_first) continue;
            block_flow(f, id);
            const GraphBlock *block = &f->g->blocks.data[id];
            for (uint32_t i = 0; i < block->out.len; i++) {
                uint32_t to = f->g->edges.data[block->out.data[i]].to;
                waits[to] = true;
                again = again || to <= id;
            }
        }
    }
}

static MovesFlow flow_begin_with(Arena *arena, Moves *moves, Graph *g) {
    return (MovesFlow){.moves = moves,
                       .arena = arena,
                       .g = g,
                       .cursor = moves_cursor(arena, moves),
                       .out = arena_array(arena, MissingVec, g->blocks.len),
                       .is_done = arena_array(arena, bool, g->blocks.len),
                       .merged = arena_array(arena, Missing, g->places.len),
                       .paths = arena_array(arena, uint32_t, g->places.len)};
}

Moves *moves_analyse(Arena *arena, Graph *g, const Liveness *live) {
    Moves *moves = arena_new(arena, Moves);
    moves->graph = g;
    moves->live = live;
    moves->in = arena_array(arena, MissingVec, g->blocks.len);
    MovesFlow f = flow_begin_with(arena, moves, g);
    solve(&f);
    while (assigns_settle(&f)) {
        moves->has_settled = true;
        solve(&f);
    }
    return moves;
}

/* ---- Who is needed by others ----------------------------------------------------------------- */

/* Adds `block` to the variables that the loans of a set are on. True when there was one. */
static bool add_lent(Arena *arena, const Loans *l, uint32_t set, uint32_t block, IdVec *lent) {
    bool found = false;
    for (uint32_t i = 0; i < l->sets.data[set].count; i++) {
        const Loan *loan = l->all.data[l->sets.data[set].ids[i]];
        if (loan->kind == LOAN_CALLER) continue;
        IdVec *blocks = &lent[place_root(l->graph, loan->place)];
        if (blocks->len == 0 || vec_last(blocks) != block) vec_push(arena, blocks, block);
        found = true;
    }
    return found;
}

void moves_complete(Arena *arena, Moves *moves, Graph *g, Liveness *live, const Loans *l) {
    bool is_lent = false;
    IdVec *lent = arena_array(arena, IdVec, g->places.len);
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        for (uint32_t i = 0; i < l->in[b].len; i++) {
            is_lent = add_lent(arena, l, l->in[b].data[i].set, b, lent) || is_lent;
        }
        const IdVec *alive = &live->in[b];
        for (uint32_t i = alive->len; i-- > 0 && !name_is_place(l, alive->data[i]);) {
            is_lent =
                add_lent(arena, l, l->set_of[alive->data[i] - g->places.len], b, lent) || is_lent;
        }
    }
    if (!is_lent) return;
    liveness_know_lent(arena, live, lent);
    MovesFlow f = flow_begin_with(arena, moves, g);
    solve(&f);
}
