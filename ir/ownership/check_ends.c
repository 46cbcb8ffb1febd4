#include "ir/ownership/check_ends.h"

/* ---- Scopes ---------------------------------------------------------------------------------- */

/* Where the variable exists; NULL for parameters. */
static const Region *scope_of(const Graph *g, uint32_t place) {
    const Value *var = g->places.data[place].var;
    return var->def != NULL ? var->def->parent : NULL;
}

static bool region_is_inside(const Region *inner, const Region *outer) {
    while (inner != NULL && inner != outer) inner = inner->parent ? inner->parent->parent : NULL;
    return inner == outer;
}

static bool is_callers(VarRole role) {
    return role == VAR_BORROWED || role == VAR_INOUT || role == VAR_OUT || role == VAR_CONSTANT;
}

/* Memory that the place has itself, rather than a window onto others'. */
static bool loan_is_on_owner(const Graph *g, const Loan *loan) {
    if (loan->kind == LOAN_CALLER) return false;
    if (loan->kind != LOAN_LOOK) return true;
    const IrType *type = g->places.data[loan->place].type;
    return ir_type_owns(type);
}

/* A view into a tensor that lives in an arena ends with the tensor: where both end, that is said once. */
static bool is_said_by_view(const Graph *g, const Loans *l, LoanSet set, const Loan *lives) {
    if (lives->kind != LOAN_LIVES) return false;
    for (uint32_t i = 0; i < set.count; i++) {
        const Loan *look = l->all.data[set.ids[i]];
        if (look->kind != LOAN_LOOK || !loan_is_on_owner(g, look)) continue;
        bool is_own = !is_callers(place_var(g, place_root(g, look->place))->role);
        if (is_own && region_is_inside(scope_of(g, look->place), scope_of(g, lives->place))) return true;
    }
    return false;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static bool exists_in(const Graph *g, uint32_t block, const Region *scope) {
    return scope == NULL || region_is_inside(g->blocks.data[block].region, scope);
}

static void check_held(Check *ck, uint32_t block, LiveName holder, uint32_t set) {
    const Graph *g = ck->flow->graph;
    const Loans *l = ck->flow->loans;
    for (uint32_t i = 0; i < l->sets.data[set].count; i++) {
        const Loan *loan = l->all.data[l->sets.data[set].ids[i]];
        if (!loan_is_on_owner(g, loan) || is_said_by_view(g, l, l->sets.data[set], loan)) continue;
        if (exists_in(g, block, scope_of(g, loan->place))) continue;
        report_outlives_block(ck, block, holder, loan);
    }
}

/* What is alive where a block begins may depend only on what exists there. */
static void check_block(Check *ck, uint32_t block) {
    const Loans *l = ck->flow->loans;
    for (uint32_t i = 0; i < l->in[block].len; i++) {
        check_held(ck, block, l->in[block].data[i].place, l->in[block].data[i].set);
    }
    const IdVec *alive = &l->live->in[block];
    for (uint32_t i = alive->len; i-- > 0 && !name_is_place(l, alive->data[i]);) {
        check_held(ck, block, alive->data[i], l->set_of[alive->data[i] - l->graph->places.len]);
    }
}

/* ---- The function ---------------------------------------------------------------------------- */

/* The argument behind a loan: which memory of the caller's it is about; -1: none. */
static int32_t arg_of_loan(const Check *ck, const Loan *loan) {
    if (loan->kind == LOAN_CALLER) return loan->place == NO_PLACE ? -1 : (int32_t)loan->place;
    const Graph *g = ck->flow->graph;
    const Value *var = g->places.data[place_root(g, loan->place)].var;
    const IrArg *arg = var->def == NULL ? arg_of_value(ck->fn, var) : NULL;
    return arg != NULL ? (int32_t)(arg - ck->fn->args.data) : -1;
}

static void check_returned_loan(Check *ck, const Op *leave, const Value *value, const Loan *loan) {
    const Graph *g = ck->flow->graph;
    bool ends = false;
    if (loan->kind != LOAN_CALLER) {
        VarRole role = place_var(g, place_root(g, loan->place))->role;
        ends = !is_callers(role) && loan_is_on_owner(g, loan);
    }
    if (loan->kind == LOAN_LIVES) {
        if (ends)
            report_outlives_arena(ck, leave, value, loan);
        else if (ck->fn->is_exported)
            report_exported(ck, leave->span, value, loan);
    } else if (ends) {
        report_returned_view(ck, leave, value, loan);
    } else if (ck->fn->result_of >= 0) {
        int32_t arg = arg_of_loan(ck, loan);
        if (arg >= 0 && arg != ck->fn->result_of) report_wrong_of(ck, leave, value, arg);
    }
}

static void check_returned(Check *ck, const Op *leave) {
    const Loans *l = ck->flow->loans;
    for (uint32_t k = 0; k < leave->operand_count; k++) {
        LoanSet set = l->sets.data[l->set_of[leave->operands[k]->id]];
        for (uint32_t i = 0; i < set.count; i++) {
            const Loan *loan = l->all.data[set.ids[i]];
            if (!is_said_by_view(l->graph, l, set, loan))
                check_returned_loan(ck, leave, leave->operands[k], loan);
        }
    }
}

/* What callers get back must not depend on what ends here. */
static void check_given_back(Check *ck, LoanCursor *cursor, uint32_t place) {
    const Graph *g = ck->flow->graph;
    const Loans *l = ck->flow->loans;
    uint32_t held = loans_of_place(cursor, place); /* this may make a set, and so move them all */
    LoanSet set = l->sets.data[held];
    for (uint32_t i = 0; i < set.count; i++) {
        const Loan *loan = l->all.data[set.ids[i]];
        if (loan->kind == LOAN_CALLER || !loan_is_on_owner(g, loan)) continue;
        if (is_said_by_view(g, l, set, loan)) continue;
        VarRole role = place_var(g, place_root(g, loan->place))->role;
        if (!is_callers(role)) {
            report_stored(ck, place, loan);
        } else if (loan->kind == LOAN_LIVES && ck->fn->is_exported) {
            report_stored_exported(ck, place, loan);
        }
    }
}

static void check_exit(Check *ck, LoanCursor *cursor, const IdVec *inouts, const Event *event) {
    for (uint32_t i = 0; i < inouts->len; i++) check_given_back(ck, cursor, inouts->data[i]);
    if (event->op != NULL && event->op->kind == OP_RETURN) check_returned(ck, event->op);
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

static void check_task(Check *ck, MovesCursor *at, uint32_t task, const Region *to) {
    const Graph *g = ck->flow->graph;
    const Region *scope = scope_of(g, task);
    if (scope != NULL && to != NULL && region_is_inside(to, scope)) return;
    if (is_callers(place_var(g, task)->role)) return;
    const Missing *missing = moves_missing(at, task);
    if (missing == NULL || !missing->always) report_unwaited(ck, task, NULL);
}

/* Nobody waits any more once the variable is gone; where an error leaves, tasks are joined. */
static void check_tasks(Check *ck, MovesCursor *at, const IdVec *tasks, uint32_t block) {
    const Graph *g = ck->flow->graph;
    const GraphBlock *b = &g->blocks.data[block];
    for (uint32_t i = 0; i < b->out.len; i++) {
        const Edge *edge = &g->edges.data[b->out.data[i]];
        bool fails = edge->kind == EDGE_RAISE || (edge->op != NULL && edge->op->kind == OP_RAISE);
        if (fails) continue;
        const Region *to = edge->to == g->exit ? NULL : g->blocks.data[edge->to].region;
        for (uint32_t k = 0; k < tasks->len; k++) check_task(ck, at, tasks->data[k], to);
    }
}

/* A task that is overwritten before anybody waited. */
static void check_replaced(Check *ck, MovesCursor *at, const Event *event) {
    const Graph *g = ck->flow->graph;
    if (event->kind != EVENT_STORE || !type_has_task(g->places.data[event->place].type)) return;
    const Missing *missing = moves_missing(at, event->place);
    if (missing == NULL || !missing->always) report_unwaited(ck, event->place, event->op);
}

/* ---- All ------------------------------------------------------------------------------------- */

static void check_walk(Check *ck, const IdVec *inouts, const IdVec *tasks) {
    const Graph *g = ck->flow->graph;
    LoanCursor *loans = loans_cursor(ck->arena, ck->flow->loans);
    MovesCursor *moves = moves_cursor(ck->arena, ck->flow->moves);
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        if (g->is_cut[b] || b == g->exit) continue;
        check_block(ck, b);
        loans_begin(loans, b);
        moves_begin(moves, b);
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            const Event *event = &g->blocks.data[b].events.data[i];
            check_replaced(ck, moves, event);
            if (event->kind == EVENT_RETURN) check_exit(ck, loans, inouts, event);
            moves_step(moves, event);
            loans_step(loans);
        }
        if (tasks->len > 0) check_tasks(ck, moves, tasks, b);
    }
}

void check_ends(Check *ck) {
    const Graph *g = ck->flow->graph;
    IdVec inouts = {0}, tasks = {0};
    for (uint32_t i = 0; i < g->places.len; i++) {
        if (g->places.data[i].parent != NO_PLACE) continue;
        if (place_var(g, i)->role == VAR_INOUT) vec_push(ck->arena, &inouts, i);
        if (type_has_task(g->places.data[i].type)) vec_push(ck->arena, &tasks, i);
    }
    check_walk(ck, &inouts, &tasks);
}
