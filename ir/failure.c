#include "ir/failure.h"

Value *failure_flag_create(Builder *b) {
    Value *flag = build_var(b, ir_bool(b->fn->module), NO_NAME);
    build_set(b, flag, build_bool(b, false));
    return flag;
}

void failure_build(Builder *b, Value *flag) {
    build_set(b, flag, build_bool(b, true));
    build_break(b);
}

/* What failure_build makes, and nothing else. */
static Op *failure_in(const Region *region) {
    const Op *constant = region->first, *set = constant != NULL ? constant->next : NULL;
    bool is_set = set != NULL && constant->kind == OP_CONST && set->kind == OP_SET;
    Op *last = is_set ? set->next : NULL;
    if (last == NULL || last->kind != OP_BREAK) return NULL;
    const Op *var = set->operands[0]->def;
    return var != NULL && var->kind == OP_VAR && name_eq(var->attr.var.name, NO_NAME) ? last : NULL;
}

Op *loop_failure(const Op *loop) {
    for (const Op *op = loop->regions[0]->first; op != NULL; op = op->next) {
        if (op->kind != OP_TRY && op->kind != OP_IF) continue;
        Op *failure = failure_in(op->regions[op->kind == OP_TRY]);
        if (failure != NULL) return failure;
    }
    return NULL;
}
