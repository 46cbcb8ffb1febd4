/* Tasks: `spawn f(x)` is the call, and then a task that holds what the call was lent until it is waited
 * for. */
#include "ir/lower/lower_spawn.h"

Value *lower_spawn(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    ValueVec results = {0}, operands = {0};
    TaskCall call = {0};
    lower_task_call(f, strip_parens(i->args[0]), &results, &call);
    f->b.span = e->span;
    const IrType *type = ir_type_of(f->p, i->type);
    bool is_tuple = i->type->elem->kind == TYPE_TUPLE;
    vec_push(arena_of(f), &operands, call.failed);
    if (is_tuple) vec_push(arena_of(f), &operands, build_struct(&f->b, type->elem, results.data));
    else if (type->elem) vec_push(arena_of(f), &operands, results.data[0]);
    for (uint32_t k = 0; k < call.held.len; k++) vec_push(arena_of(f), &operands, call.held.data[k]);
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

/* All that the name stands for are started in this function. */
bool wait_raises(const FnLower *f, const Expr *e) {
    const ExprInfo *task = info(f, strip_parens(info(f, e)->args[0]));
    if (task->role == ROLE_SPAWN) return info(f, strip_parens(task->args[0]))->fn->raises;
    if (task->role != ROLE_LOCAL) return false;
    for (uint32_t k = 0; k < task->local->spawned.len; k++)
        if (task->local->spawned.data[k]->raises) return true;
    return false;
}

void lower_wait(FnLower *f, const Expr *e, ValueVec *out) {
    const ExprInfo *i = info(f, e);
    Value *ref = lower_ref(f, i->args[0], true);
    f->b.span = e->span;
    const IrType *given = ref->type->elem->elem;
    const IrType *types[] = {ir_bool(module_of(f)), given};
    Op *op = build_op(&f->b, OP_WAIT, &ref, 1, types, 1 + (given != NULL), 0);
    if (wait_raises(f, e)) {
        Waiting waiting = given != NULL ? wait_with(f, op->results[1]) : (Waiting){0};
        raise_if(f, op->results[0]);
        if (given == NULL) return;
        Value *value = waited(f, &waiting);
        if (i->type->kind == TYPE_TUPLE) take_parts(f, value, out);
        else vec_push(arena_of(f), out, value);
        return;
    }
    if (i->type->kind == TYPE_TUPLE) take_parts(f, op->results[1], out);
    else if (given) vec_push(arena_of(f), out, op->results[1]);
}
