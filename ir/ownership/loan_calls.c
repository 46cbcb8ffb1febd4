#include "ir/ownership/loans_internal.h"
#include "ir/ownership/ownership.h"

#include <string.h>

/* Signatures alone decide what callers know of a call: what its results and `inout` arguments may
 * look into, or live in, is whatever the arguments could supply. */

static bool type_has_arena(const IrType *type) {
    if (type->kind == IR_LIST) return type_has_arena(type->elem);
    if (type->kind != IR_STRUCT) return type->kind == IR_ARENA;
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (type_has_arena(type->fields[i].type)) return true;
    }
    return false;
}

/* Whether somewhere in `type` there is an array of these elements. */
static bool type_has_elements(const IrType *type, const IrType *elem) {
    switch (type->kind) {
    case IR_VIEW:
    case IR_BUF: return type->elem == elem;
    case IR_LIST: return type->elem == elem || type_has_elements(type->elem, elem);
    case IR_STRUCT:
        for (uint32_t i = 0; i < type->field_count; i++) {
            if (type_has_elements(type->fields[i].type, elem)) return true;
        }
        return false;
    case IR_SCALAR:
    case IR_VEC:
    case IR_STR:
    case IR_ARRAY:
    case IR_REF:
    case IR_ARENA:
    case IR_TASK: return false;
    }
    return false;
}

/* Whether `from` holds an array like one in `to`. */
static bool type_supplies(const IrType *from, const IrType *to) {
    switch (to->kind) {
    case IR_VIEW:
    case IR_BUF: return type_has_elements(from, to->elem);
    case IR_LIST: return type_has_elements(from, to->elem) || type_supplies(from, to->elem);
    case IR_STRUCT:
        for (uint32_t i = 0; i < to->field_count; i++) {
            if (type_supplies(from, to->fields[i].type)) return true;
        }
        return false;
    case IR_SCALAR:
    case IR_VEC:
    case IR_STR:
    case IR_ARRAY:
    case IR_REF:
    case IR_ARENA:
    case IR_TASK: return false;
    }
    return false;
}

static bool result_is_mutable(const IrFn *callee, const IrType *result) {
    if (result->kind == IR_STRUCT || callee->result == NULL) return true;
    return strstr(callee->result, "Mut") != NULL;
}

typedef struct CallMap {
    Op *op;
    bool is_mutable; /* windows may be written through */
    bool keeps_looks, keeps_lives;
    LoanKind look_kind; /* what a LOOK becomes */
} CallMap;

static const Loan *loan_through_call(Loans *l, void *user, const Loan *loan) {
    const CallMap *map = user;
    bool looks = loan->kind == LOAN_LOOK || loan->kind == LOAN_CALLER;
    if (looks ? !map->keeps_looks : !map->keeps_lives) return NULL;
    LoanKind kind = loan->kind == LOAN_LOOK ? map->look_kind : loan->kind;
    if (loan->op == map->op && loan->kind == kind)
        return loan; /* from this call's last time around */
    return loan_make(l, map->op, kind, loan->place, loan->is_mutable && map->is_mutable,
                     frame_blur(&l->values, loan->frame), loan->id);
}

/* What an argument's operands hold, or give access to. */
static uint32_t set_of_arg(LoanCursor *c, const Op *call, const IrArg *arg, CallMap *map) {
    Loans *l = c->loans;
    uint32_t set = NO_LOANS;
    for (uint32_t i = arg->first; i < arg->first + arg->count && i < call->operand_count; i++) {
        const Value *operand = call->operands[i];
        set = set_union(l, set, set_of_operand(c, operand));
        uint32_t place =
            operand->type->kind == IR_REF ? place_of_operand(l->graph, operand) : NO_PLACE;
        if (place != NO_PLACE) set = set_union(l, set, loans_of_place(c, place));
    }
    return set_map(l, set, loan_through_call, map);
}

/* Loans on the parts of a place that hold arrays like those in `to`; NULL: on all of it. */
static uint32_t look_into(Loans *l, Op *call, uint32_t place, LoanKind kind, bool is_mutable,
                          const IrType *to) {
    const Place *p = &l->graph->places.data[place];
    uint32_t child = p->first_child, set = NO_LOANS;
    if (to == NULL || p->type->kind != IR_STRUCT || child == NO_PLACE) {
        return set_of_one(l, loan_make(l, call, kind, place, is_mutable, NULL, NO_LOAN));
    }
    for (; child != NO_PLACE; child = l->graph->places.data[child].next_sibling) {
        const IrType *type = l->graph->places.data[child].type;
        if (!ir_type_owns(type) || !type_supplies(type, to)) continue;
        set = set_union(l, set, look_into(l, call, child, kind, is_mutable, to));
    }
    return set;
}

/* A place that a call gets as it is: something may look into it afterwards. */
static uint32_t look_into_arg(LoanCursor *c, Op *call, const IrArg *arg, const CallMap *map,
                              const IrType *to) {
    Loans *l = c->loans;
    const Value *operand = call->operands[arg->first];
    if (operand->type->kind != IR_REF || !ir_type_owns(operand->type->elem)) return NO_LOANS;
    if (is_element(operand)) return NO_LOANS; /* what it holds says which one */
    uint32_t place = place_of_operand(l->graph, operand);
    if (place == NO_PLACE) return NO_LOANS;
    bool is_mutable = map->is_mutable && arg->convention == ARG_INOUT;
    return look_into(l, map->op, place, map->look_kind, is_mutable, to);
}

static uint32_t live_in_arg(LoanCursor *c, Op *call, const IrArg *arg) {
    Loans *l = c->loans;
    if (!type_has_arena(arg->type)) return NO_LOANS;
    uint32_t place = place_of_operand(l->graph, call->operands[arg->first]);
    if (place == NO_PLACE) return NO_LOANS;
    return set_of_one(l, loan_make(l, call, LOAN_LIVES, place, false, NULL, NO_LOAN));
}

/* What a result, or an `inout` argument, of type `to` may get from the arguments. */
static uint32_t call_supplies(LoanCursor *c, Op *call, const IrType *to, const IrArg *except) {
    const IrFn *callee = call->attr.callee;
    Loans *l = c->loans;
    bool looks = ir_type_looks(to), owns = ir_type_owns(to);
    uint32_t set = NO_LOANS;
    for (uint32_t i = 0; i < callee->args.len; i++) {
        const IrArg *arg = &callee->args.data[i];
        if (arg == except || arg->count == 0 || arg->first >= call->operand_count) continue;
        bool supplies = type_supplies(arg->type, to);
        bool is_named = callee->result_of < 0 || callee->result_of == (int32_t)i || except != NULL;
        CallMap map = {.op = call, .look_kind = LOAN_LOOK};
        map.is_mutable = except != NULL || result_is_mutable(callee, to);
        map.keeps_looks = map.keeps_lives = looks;
        if (looks && supplies && is_named && arg->convention != ARG_OWNED) {
            set = set_union(l, set, set_of_arg(c, call, arg, &map));
            set = set_union(l, set, look_into_arg(c, call, arg, &map, to));
        }
        map.keeps_looks = false;
        map.keeps_lives = true;
        if (owns && supplies && arg->convention != ARG_BORROWED) {
            set = set_union(l, set, set_of_arg(c, call, arg, &map));
        }
        if (owns) set = set_union(l, set, live_in_arg(c, call, arg));
    }
    return set;
}

static bool type_holds_arrays(const IrType *type) {
    return type->kind == IR_VIEW || type->kind == IR_LIST || type->kind == IR_STRUCT;
}

void call_effect(LoanCursor *c, Op *op) {
    const IrFn *callee = op->attr.callee;
    for (uint32_t i = 0; i < op->result_count; i++) {
        if (!value_is_tracked(op->results[i])) continue;
        value_hold(c, op->results[i], call_supplies(c, op, op->results[i]->type, NULL));
    }
    for (uint32_t i = 0; i < callee->args.len; i++) {
        const IrArg *arg = &callee->args.data[i];
        if (arg->convention != ARG_INOUT || arg->count == 0 || arg->first >= op->operand_count)
            continue;
        const Value *operand = op->operands[arg->first];
        if (operand->type->kind != IR_REF || !type_holds_arrays(operand->type->elem)) continue;
        uint32_t place = place_of_operand(c->loans->graph, operand);
        if (place == NO_PLACE) continue;
        place_hold_also(c, place, call_supplies(c, op, operand->type->elem, arg));
    }
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

Op *spawn_call(const Op *spawn) {
    Op *failed = spawn->operands[0]->def; /* of a call that raises */
    if (failed != NULL && failed->kind == OP_CALL) return failed;
    Op *op = spawn->prev;
    while (op != NULL && op->kind != OP_CALL) op = op->prev;
    return op;
}

/* It works on what it was given until it is waited for; its result is what the call gave. */
void spawn_effect(LoanCursor *c, Op *op) {
    Loans *l = c->loans;
    Op *call = spawn_call(op);
    if (call == NULL) return;
    const IrFn *callee = call->attr.callee;
    uint32_t set = op->attr.flag ? set_of_operand(c, op->operands[1]) : NO_LOANS;
    for (uint32_t i = 0; i < callee->args.len; i++) {
        const IrArg *arg = &callee->args.data[i];
        if (arg->count == 0 || arg->first >= call->operand_count) continue;
        CallMap map = {op, true, true, true, LOAN_TASK};
        set = set_union(l, set, set_of_arg(c, call, arg, &map));
        set = set_union(l, set, look_into_arg(c, call, arg, &map, NULL));
        const Value *operand = call->operands[arg->first];
        uint32_t place = place_of_operand(l->graph, operand);
        bool is_changed = arg->convention == ARG_INOUT;
        if (place != NO_PLACE && operand->type->kind != IR_VIEW) {
            Loan *loan = loan_make(l, op, LOAN_TASK, place, is_changed, NULL, NO_LOAN);
            set = set_union(l, set, set_of_one(l, loan));
        }
    }
    value_hold(c, op_result(op), set);
}
