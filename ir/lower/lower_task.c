/* Tasks: `spawn f(x)` is the call, and then a task that holds what the call was lent until it is waited
 * for. */
#include "ir/lower/lower_internal.h"

Value *lower_spawn(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    ValueVec results = {0}, held = {0};
    lower_call_holding(f, strip_parens(i->args[0]), &results, &held);
    uint32_t result_count = results.len;
    for (uint32_t k = 0; k < held.len; k++) vec_push(arena_of(f), &results, held.data[k]);
    f->b.span = e->span;
    const IrType *type = ir_type_of(f->p, i->type);
    Op *op = build_op(&f->b, OP_SPAWN, results.data, results.len, &type, 1, 0);
    op->attr.flag = result_count > 0;
    return op_result(op);
}

void lower_wait(FnLower *f, const Expr *e, ValueVec *out) {
    Value *ref = lower_ref(f, info(f, e)->args[0], true);
    f->b.span = e->span;
    const IrType *result = ref->type->elem->elem;
    Op *op = build_op(&f->b, OP_WAIT, &ref, 1, &result, result != NULL, 0);
    if (result) vec_push(arena_of(f), out, op_result(op));
}
