/* Tasks: `spawn f(x)` is the call, and then a task that holds what the call was lent until it is waited
 * for. */
#include "ir/lower/lower_internal.h"

Value *lower_spawn(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    ValueVec results = {0}, operands = {0}, held = {0};
    lower_call_holding(f, strip_parens(i->args[0]), &results, &held);
    f->b.span = e->span;
    const IrType *type = ir_type_of(f->p, i->type);
    bool is_tuple = i->type->elem->kind == TYPE_TUPLE;
    if (is_tuple) vec_push(arena_of(f), &operands, build_struct(&f->b, type->elem, results.data));
    else if (type->elem) vec_push(arena_of(f), &operands, results.data[0]);
    for (uint32_t k = 0; k < held.len; k++) vec_push(arena_of(f), &operands, held.data[k]);
    Op *op = build_op(&f->b, OP_SPAWN, operands.data, operands.len, &type, 1, 0);
    op->attr.flag = type->elem != NULL;
    return op_result(op);
}

/* The parts of a tuple, out of the one value that the task gave. */
static void take_parts(FnLower *f, Value *given, ValueVec *out) {
    Value *ref = temporary_of(f, given);
    for (uint32_t k = 0; k < given->type->field_count; k++) {
        Value *field = build_field(&f->b, ref, k);
        bool owns = ir_type_owns(given->type->fields[k].type);
        Value *part = owns ? build_move(&f->b, field) : build_get(&f->b, field);
        vec_push(arena_of(f), out, part);
    }
}

void lower_wait(FnLower *f, const Expr *e, ValueVec *out) {
    const ExprInfo *i = info(f, e);
    Value *ref = lower_ref(f, i->args[0], true);
    f->b.span = e->span;
    const IrType *result = ref->type->elem->elem;
    Op *op = build_op(&f->b, OP_WAIT, &ref, 1, &result, result != NULL, 0);
    if (i->type->kind == TYPE_TUPLE) take_parts(f, op_result(op), out);
    else if (result) vec_push(arena_of(f), out, op_result(op));
}
