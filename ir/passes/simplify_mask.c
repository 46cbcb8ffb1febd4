/* Bits of a number that a mask has cut out: masks on masks are one, and whether what is left reaches a power of two is
 * whether any bit from there on is set. Tests of bits can be made of the number itself, and cost least. */
#include "ir/passes/simplify.h"

/* (x & c1) & c2 = x & (c1 & c2). */
Value *simplify_mask(Op *op) {
    uint64_t outer, inner;
    const Op *first = op->operands[0]->def;
    if (!value_is_const(op->operands[1], &outer) || first == NULL || first->kind != OP_AND ||
        !value_is_const(first->operands[1], &inner))
        return NULL;
    Builder b = builder_before(op);
    return build_binary(&b, OP_AND, first->operands[0], build_const(&b, op_result(op)->type, outer & inner));
}

/* What is to be reached: x >= it and x > it - 1 hold, x < it and x <= it - 1 do not. */
static bool limit_find(const Op *compare, int64_t *limit) {
    if (!value_is_int(compare->operands[1], limit)) return false;
    bool is_last = compare->kind == OP_GT || compare->kind == OP_LE;
    if (compare->kind == OP_EQ || compare->kind == OP_NE || *limit == INT64_MAX) return false;
    *limit += is_last;
    return *limit > 0 && (*limit & (*limit - 1)) == 0;
}

/* (x & c) < 8 = (x & (c & ~7)) == 0, where the mask leaves no negative number. */
Value *simplify_masked_compare(Op *op) {
    const Op *masked = op->operands[0]->def;
    int64_t mask, limit;
    if (masked == NULL || masked->kind != OP_AND || !ir_is_scalar(masked->operands[1]->type)) return NULL;
    if (!value_is_int(masked->operands[1], &mask) || mask < 0 || !limit_find(op, &limit)) return NULL;
    Builder b = builder_before(op);
    const IrType *type = op->operands[0]->type;
    Value *above = build_binary(&b, OP_AND, masked->operands[0], build_int(&b, type, mask & ~(limit - 1)));
    bool is_reached = op->kind == OP_GE || op->kind == OP_GT;
    return build_binary(&b, is_reached ? OP_NE : OP_EQ, above, build_zero(&b, type));
}
