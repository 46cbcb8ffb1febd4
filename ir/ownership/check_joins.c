/* Places that are gone on one path, and looked into on another, where the paths meet again:
 *
 *     if c: eat(b^)
 *     else: v = b.view()
 *     print(v.sum())
 *
 * The view keeps `b` alive, and no point after the `if` could end it: on one of the paths there is nothing to
 * end. Who moves a place that nothing looks into at that time is not found by check_loans.c. */
#include "ir/ownership/check_loans.h"

typedef struct Joins {
    Check *ck;
    uint32_t *slot;    /* by place: 1 + its bit, for those that are moved somewhere */
    const Event **move; /* by bit: the first of these in the text */
    uint32_t count, words;
    uint64_t *gone;    /* by block, at its end: moved on some path to there */
} Joins;

static void moves_collect(Joins *j) {
    const Graph *g = j->ck->flow->graph;
    j->slot = arena_array(j->ck->arena, uint32_t, g->places.len);
    j->move = arena_array(j->ck->arena, const Event *, g->places.len);
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        for (uint32_t i = 0; !g->is_cut[b] && i < g->blocks.data[b].events.len; i++) {
            const Event *event = &g->blocks.data[b].events.data[i];
            if (event->kind != EVENT_MOVE || j->slot[event->place] != 0) continue;
            j->move[j->count] = event;
            j->slot[event->place] = ++j->count;
        }
    }
}

static void event_apply(const Joins *j, const Event *event, uint64_t *bits) {
    const Graph *g = j->ck->flow->graph;
    bool fills = event->kind == EVENT_STORE || event->kind == EVENT_DECLARE;
    if (event->kind == EVENT_MOVE) {
        uint32_t bit = j->slot[event->place] - 1;
        bits[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
    for (uint32_t bit = 0; fills && bit < j->count; bit++)
        if (place_is_within(g, j->move[bit]->place, event->place))
            bits[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

static bool block_update(Joins *j, uint32_t id, uint64_t *bits) {
    const Graph *g = j->ck->flow->graph;
    const GraphBlock *block = &g->blocks.data[id];
    for (uint32_t w = 0; w < j->words; w++) bits[w] = 0;
    for (uint32_t i = 0; i < block->in.len; i++) {
        const uint64_t *from = j->gone + (size_t)g->edges.data[block->in.data[i]].from * j->words;
        for (uint32_t w = 0; w < j->words; w++) bits[w] |= from[w];
    }
    for (uint32_t i = 0; i < block->events.len; i++)
        if (block->events.data[i].place != NO_PLACE) event_apply(j, &block->events.data[i], bits);
    uint64_t *gone = j->gone + (size_t)id * j->words;
    bool changed = false;
    for (uint32_t w = 0; w < j->words; w++) {
        changed = changed || gone[w] != bits[w];
        gone[w] = bits[w];
    }
    return changed;
}

static void gone_find(Joins *j) {
    const Graph *g = j->ck->flow->graph;
    j->words = (j->count + 63) / 64;
    j->gone = arena_array(j->ck->arena, uint64_t, (size_t)g->blocks.len * j->words);
    uint64_t *bits = arena_array(j->ck->arena, uint64_t, j->words);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t b = 0; b < g->blocks.len; b++)
            if (!g->is_cut[b]) changed = block_update(j, b, bits) || changed;
    }
}

/* ---- Where paths meet -------------------------------------------------------------------------- */

static void report_join(Check *ck, LiveName holder, const Loan *loan, const Event *move) {
    if (!check_blame(ck, move->place)) return;
    Borrow borrow = borrow_of(ck, holder, loan, NULL);
    const char *place = place_text(ck->flow->graph, move->place);
    const char *who = borrow.name ? arena_printf(ck->arena, "`%s`", borrow.name) : "a view";
    Diag *d = check_error(ck, K0333, move->op->span, "cannot move `%s` on one path while %s borrows it on "
                          "another", place, who);
    diag_primary_label(ck->cx, d, "moved here");
    label_borrow(ck, d, &borrow, loan, move->op);
    label_next_use(ck, d, holder, point_of(ck, move->op, EVENT_MOVE), &borrow);
    diag_note(ck->cx, d, "where the paths meet, `%s` would have to be there for %s, and be gone", place, who);
    fix_copy(ck, d, move->op, move->place, false);
}

/* A place of which the loan says that it is needed at the join, and that one of the ways there has lost. */
static void loan_check(Joins *j, const GraphBlock *join, LiveName holder, const Loan *loan) {
    const Graph *g = j->ck->flow->graph;
    if (loan->kind == LOAN_CALLER) return;
    for (uint32_t bit = 0; bit < j->count; bit++) {
        uint32_t moved = j->move[bit]->place;
        if (!place_is_within(g, moved, loan->place) && !place_is_within(g, loan->place, moved)) continue;
        for (uint32_t i = 0; i < join->in.len; i++) {
            const uint64_t *gone = j->gone + (size_t)g->edges.data[join->in.data[i]].from * j->words;
            if (gone[bit / 64] >> (bit % 64) & 1) {
                report_join(j->ck, holder, loan, j->move[bit]);
                return;
            }
        }
    }
}

static void set_check(Joins *j, const GraphBlock *join, LiveName holder, uint32_t set) {
    const Loans *l = j->ck->flow->loans;
    for (uint32_t i = 0; i < l->sets.data[set].count; i++)
        loan_check(j, join, holder, l->all.data[l->sets.data[set].ids[i]]);
}

static void join_check(Joins *j, uint32_t id) {
    const Flow *flow = j->ck->flow;
    const GraphBlock *join = &flow->graph->blocks.data[id];
    const HeldVec *held = &flow->loans->in[id];
    for (uint32_t i = 0; i < held->len; i++)
        if (live_in(flow->live, held->data[i].place, id))
            set_check(j, join, held->data[i].place, held->data[i].set);
}

void check_joins(Check *ck) {
    const Graph *g = ck->flow->graph;
    Joins j = {.ck = ck};
    if (ck->flow->loans->all.len == 0) return;
    moves_collect(&j);
    if (j.count == 0) return;
    gone_find(&j);
    for (uint32_t b = 0; b < g->blocks.len; b++)
        if (!g->is_cut[b] && g->blocks.data[b].in.len > 1) join_check(&j, b);
}
