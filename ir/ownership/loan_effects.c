#include "ir/ownership/loans_internal.h"

uint32_t place_of_operand(const Graph *g, const Value *value) {
    if (value->type->kind == IR_REF) return g->place_of[value->id];
    bool is_handle =
        value->type->kind == IR_ARENA && value->def != NULL && value->def->kind == OP_GET;
    return is_handle ? g->place_of[value->def->operands[0]->id] : NO_PLACE;
}

uint32_t set_of_operand(const LoanCursor *c, const Value *value) {
    return c->loans->set_of[value->id];
}

bool is_element(const Value *ref) {
    while (ref->def != NULL && ref->def->kind == OP_FIELD) ref = ref->def->operands[0];
    return ref->def != NULL && ref->def->kind == OP_ITEM;
}

/* What lives on when a value leaves its place or its owner: where it lives, not who looked on. */
static const Loan *loan_of_owner(Loans *l, void *user, const Loan *loan) {
    (void)l;
    (void)user;
    return loan->kind == LOAN_LIVES || loan->kind == LOAN_TASK ? loan : NULL;
}

static const Loan *loan_after_wait(Loans *l, void *user, const Loan *loan) {
    (void)l;
    (void)user;
    return loan->kind == LOAN_TASK ? NULL : loan;
}

/* ---- Windows --------------------------------------------------------------------------------- */

static void lend(LoanCursor *c, Op *op, bool is_mutable) {
    Loans *l = c->loans;
    const Value *ref = op->operands[0];
    if (is_element(ref)) {
        value_hold(c, op_result(op), set_of_operand(c, ref));
        return;
    }
    uint32_t place = l->graph->place_of[ref->id];
    if (place == NO_PLACE) return;
    const IrType *held = ref->type->elem;
    const Frame *frame = held->kind == IR_VIEW   ? l->whole[held->rank]
                         : held->kind == IR_LIST ? l->whole[1]
                                                 : NULL;
    Loan *loan = loan_make(l, op, LOAN_LOOK, place, is_mutable, frame, NO_LOAN);
    value_hold(c, op_result(op), set_union(l, loans_of_place(c, place), set_of_one(l, loan)));
}

static const Loan *loan_narrow(Loans *l, void *user, const Loan *loan) {
    Op *op = user;
    if (loan->kind != LOAN_LOOK || loan->frame == NULL) return loan;
    const IdVec *made = &l->made[op->id];
    for (uint32_t i = 0; i < made->len; i++) { /* from an earlier walk over the block */
        const Loan *known = l->all.data[made->data[i]];
        if (known->from == loan->id && known->kind == LOAN_LOOK) return known;
    }
    const Frame *frame = frame_narrow(&l->values, loan->frame, op);
    return loan_make(l, op, LOAN_LOOK, loan->place, loan->is_mutable, frame, loan->id);
}

static void narrow(LoanCursor *c, Op *op) {
    if (op->kind == OP_FIELD && !is_element(op->operands[0])) return;
    uint32_t set = set_of_operand(c, op->operands[0]);
    value_hold(c, op_result(op), set_map(c->loans, set, loan_narrow, op));
}

/* Several windows in one value. */
static void unite(LoanCursor *c, Op *op) {
    uint32_t set = NO_LOANS;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        set = set_union(c->loans, set, set_of_operand(c, op->operands[i]));
    }
    value_hold(c, op_result(op), set);
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* A copy of a view has its loans. One that writes is lent on instead, also as a field. */
static void get(LoanCursor *c, Op *op) {
    const Value *ref = op->operands[0];
    if (!ir_type_looks(op_result(op)->type)) return;
    uint32_t place = c->loans->graph->place_of[ref->id];
    uint32_t set =
        is_element(ref) || place == NO_PLACE ? set_of_operand(c, ref) : loans_of_place(c, place);
    value_hold(c, op_result(op), set);
}

static void move(LoanCursor *c, Op *op) {
    uint32_t place = place_of_operand(c->loans->graph, op->operands[0]);
    if (place == NO_PLACE) return;
    uint32_t set = loans_of_place(c, place);
    if (op->kind == OP_WAIT) set = set_map(c->loans, set, loan_after_wait, NULL);
    for (uint32_t i = 0; i < op->result_count; i++) value_hold(c, op->results[i], set);
    place_hold(c, place, NO_LOANS);
}

static void store_value(LoanCursor *c, uint32_t place, const Value *value) {
    const Graph *g = c->loans->graph;
    uint32_t child = g->places.data[place].first_child;
    if (value->def != NULL && value->def->kind == OP_STRUCT && child != NO_PLACE) {
        place_hold(c, place, NO_LOANS);
        for (; child != NO_PLACE; child = g->places.data[child].next_sibling) {
            store_value(c, child, value->def->operands[g->places.data[child].field]);
        }
        return;
    }
    place_hold(c, place, set_of_operand(c, value));
}

/* A view variable that gets another window does not disturb those who looked through it. */
static void set(LoanCursor *c, Op *op) {
    Loans *l = c->loans;
    const Value *ref = op->operands[0], *value = op->operands[1];
    uint32_t place = l->graph->place_of[ref->id];
    if (place == NO_PLACE) return;
    if (is_element(ref)) {
        place_hold_also(c, place, set_of_operand(c, value));
        return;
    }
    store_value(c, place, value);
    if (ir_type_looks(ref->type->elem)) place_forget_lookers(c, place);
}

static void take(LoanCursor *c, Op *op) {
    uint32_t place = place_of_operand(c->loans->graph, op->operands[0]);
    if (place == NO_PLACE) return;
    uint32_t set = set_map(c->loans, loans_of_place(c, place), loan_of_owner, NULL);
    value_hold(c, op_result(op), set);
}

static void append(LoanCursor *c, Op *op) {
    uint32_t place = place_of_operand(c->loans->graph, op->operands[0]);
    if (place != NO_PLACE) place_hold_also(c, place, set_of_operand(c, op->operands[1]));
}

static void alloc_in(LoanCursor *c, Op *op) {
    Loans *l = c->loans;
    uint32_t place = place_of_operand(l->graph, op->operands[0]);
    if (place == NO_PLACE) return;
    Loan *loan = loan_make(l, op, LOAN_LIVES, place, false, NULL, NO_LOAN);
    value_hold(c, op_result(op), set_of_one(l, loan));
}

void loan_effect(LoanCursor *c, Op *op) {
    switch ((int)op->kind) {
    case OP_LEND: lend(c, op, op->attr.flag); break;
    case OP_SLICE:
    case OP_ITEM:
    case OP_FIELD: narrow(c, op); break;
    case OP_VIEW:
    case OP_STRIDED:
    case OP_BUF:
    case OP_STRUCT:
    case OP_EXTRACT:
    case OP_INSERT:
    case OP_SELECT: unite(c, op); break;
    case OP_GET: get(c, op); break;
    case OP_MOVE:
    case OP_WAIT: move(c, op); break;
    case OP_SET: set(c, op); break;
    case OP_TAKE: take(c, op); break;
    case OP_APPEND: append(c, op); break;
    case OP_ALLOC_IN: alloc_in(c, op); break;
    case OP_CALL: call_effect(c, op); break;
    case OP_SPAWN: spawn_effect(c, op); break;
    default: break;
    }
}
