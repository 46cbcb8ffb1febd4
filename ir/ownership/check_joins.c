/* Places that are gone on one path, and looked into on another, where the paths meet again:
 *
 *     if c: eat(b^)
 *     else: v = b.view()
 *     print(v.sum())
 *
 * The view keeps `b` alive, and no point after the `if` could end it: on one of the paths there is
 * nothing to end. Who moves a place that nothing looks into at that time is not found by
 * check_loans.c. */
#include "ir/ownership/check_loans.h"

static void report_moved(Check *ck, LiveName holder, const Loan *loan, const Missing *missing) {
    Borrow borrow = borrow_of(ck, holder, loan, NULL);
    const Op *move = missing->cause;
    const char *place = place_text(ck->flow->graph, missing->place);
    const char *who = borrow.name ? arena_printf(ck->arena, "`%s`", borrow.name) : "a view";
    Diag *d =
        check_error(ck, K0333, move->span,
                    "cannot move `%s` on one path while %s borrows it on another", place, who);
    diag_primary_label(ck->cx, d, "moved here");
    label_borrow(ck, d, &borrow, loan, move);
    label_next_use(ck, d, holder, point_of(ck, move, EVENT_MOVE), &borrow);
    diag_note(ck->cx, d, "where the paths meet, `%s` would have to be there for %s, and be gone",
              place, who);
    fix_copy(ck, d, move, missing->place, false);
}

static void report_unset(Check *ck, uint32_t block, LiveName holder, const Loan *loan,
                         const Missing *missing) {
    Borrow borrow = borrow_of(ck, holder, loan, NULL);
    const char *place = place_text(ck->flow->graph, missing->place);
    const char *who = borrow.name ? arena_printf(ck->arena, "`%s`", borrow.name) : "a view";
    Diag *d =
        check_error(ck, K0310, borrow.span,
                    "`%s` has no value on one path, but %s looks into it on another", place, who);
    diag_primary_label(ck->cx, d, "looks into `%s`", place);
    diag_label(ck->cx, d, missing->cause->span, "declared here without a value");
    label_next_use(ck, d, holder, (Point){block, UINT32_MAX}, &borrow);
    diag_note(ck->cx, d, "give `%s` a value where it is declared", place);
}

/* A place that a loan needs at the join, and that one of the ways there does not have. */
static void check_loan(Check *ck, uint32_t block, LiveName holder, const Loan *loan) {
    const Graph *g = ck->flow->graph;
    const MissingVec *in = &ck->flow->moves->in[block];
    if (loan->kind == LOAN_CALLER) return;
    for (uint32_t i = 0; i < in->len; i++) {
        const Missing *missing = &in->data[i];
        if (!places_overlap(g, missing->place, loan->place)) continue;
        bool owns = ir_type_owns(g->places.data[missing->place].type);
        if (!owns || !check_blame(ck, missing->place)) continue;
        if (missing->cause->kind == OP_VAR) {
            report_unset(ck, block, holder, loan, missing);
        } else {
            report_moved(ck, holder, loan, missing);
        }
    }
}

static void check_set(Check *ck, uint32_t block, LiveName holder, uint32_t set) {
    const Loans *l = ck->flow->loans;
    for (uint32_t i = 0; i < l->sets.data[set].count; i++) {
        check_loan(ck, block, holder, l->all.data[l->sets.data[set].ids[i]]);
    }
}

void check_joins(Check *ck) {
    const Flow *flow = ck->flow;
    for (uint32_t b = 0; b < flow->graph->blocks.len; b++) {
        const HeldVec *held = &flow->loans->in[b];
        if (flow->graph->is_cut[b] || flow->graph->blocks.data[b].in.len < 2) continue;
        if (flow->moves->in[b].len == 0) continue;
        for (uint32_t i = 0; i < held->len; i++) {
            bool is_alive = live_in(flow->live, held->data[i].place, b);
            if (is_alive) check_set(ck, b, held->data[i].place, held->data[i].set);
        }
    }
}
