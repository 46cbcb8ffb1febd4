#include "ir/failure.h"

Op *try_around(const Region *region) {
    for (; region->parent != NULL; region = region->parent->parent)
        if (region->parent->kind == OP_TRY && region == region->parent->regions[0]) return region->parent;
    return NULL;
}

Op *try_from(Op *first, Span span) {
    Builder b = builder_before(first);
    b.span = span;
    Op *made = build_try(&b);
    for (Op *op = first, *next; op != NULL; op = next) {
        next = op->next;
        op_unlink(op);
        op_append(made->regions[0], op);
    }
    return made;
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
