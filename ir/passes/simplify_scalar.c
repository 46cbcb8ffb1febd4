/* Identities of arithmetic. `a` and `c` are the operands; constants stand on the right. */
#include "ir/passes/simplify.h"
#include "support/floats.h"

/* ---- Constants ------------------------------------------------------------------------------- */

static bool is_bits(const Value *value, uint64_t wanted) {
    uint64_t bits;
    return value_is_const(value, &bits) && bits == wanted;
}

static uint64_t all_ones(const IrType *type) {
    unsigned bits = scalar_bits(type->scalar);
    return bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

/* The bits of 1.0 in the type. */
static uint64_t float_one(const IrType *type) {
    if (type->scalar == SCALAR_F16) return f16_from_f64(1.0);
    if (type->scalar == SCALAR_BF16) return bf16_from_f64(1.0);
    if (type->scalar == SCALAR_F32) return bits_of_f32(1.0f);
    return bits_of_f64(1.0);
}

static uint64_t sign_bit(const IrType *type) {
    return (uint64_t)1 << (scalar_bits(type->scalar) - 1);
}

static bool is_one(const Value *value) {
    return is_bits(value, ir_is_float(value->type) ? float_one(value->type) : 1);
}

static Value *build_false(Op *op) {
    Builder b = builder_before(op);
    return build_bool(&b, false);
}

static Value *build_true(Op *op) {
    Builder b = builder_before(op);
    return build_bool(&b, true);
}

static Value *build_zero_of(Op *op) {
    Builder b = builder_before(op);
    return build_zero(&b, op_result(op)->type);
}

/* ---- Integers -------------------------------------------------------------------------------- */

/* (x + c1) + c2 = x + (c1 + c2): integer addition wraps, so order does not matter. */
static Value *add_chain(Op *op) {
    uint64_t outer, inner;
    const Op *first = op->operands[0]->def;
    if (!value_is_const(op->operands[1], &outer) || first == NULL || first->kind != OP_ADD ||
        !value_is_const(first->operands[1], &inner))
        return NULL;
    Builder b = builder_before(op);
    Value *sum = build_const(&b, op_result(op)->type, outer + inner);
    return build_binary(&b, OP_ADD, first->operands[0], sum);
}

/* (a - c) + c = a, and c + (a - c) = a. */
static Value *add_of_difference(const Op *op) {
    for (uint32_t i = 0; i < 2; i++) {
        const Op *sub = op->operands[i]->def;
        if (sub != NULL && sub->kind == OP_SUB && sub->operands[1] == op->operands[1 - i])
            return sub->operands[0];
    }
    return NULL;
}

/* (a + c) - c = a, (a + c) - a = c. */
static Value *difference_of_sum(const Op *op) {
    const Op *add = op->operands[0]->def;
    if (add == NULL || add->kind != OP_ADD) return NULL;
    if (add->operands[1] == op->operands[1]) return add->operands[0];
    return add->operands[0] == op->operands[1] ? add->operands[1] : NULL;
}

/* a - 1 = a + -1: one form, for cse and for chains. */
static Value *sum_instead(Op *op, uint64_t bits) {
    Builder b = builder_before(op);
    Value *negated = build_const(&b, op_result(op)->type, 0 - bits);
    return build_binary(&b, OP_ADD, op->operands[0], negated);
}

static Value *simplify_int(Op *op) {
    Value *a = op->operands[0], *c = op->operands[1];
    uint64_t bits;
    switch ((int)op->kind) {
    case OP_ADD:
        if (is_bits(c, 0)) return a;
        if (add_of_difference(op) != NULL) return add_of_difference(op);
        return add_chain(op);
    case OP_SUB:
        if (is_bits(c, 0)) return a;
        if (a == c) return build_zero_of(op);
        return value_is_const(c, &bits) ? sum_instead(op, bits) : difference_of_sum(op);
    case OP_MUL:
        if (is_one(c)) return a;
        return is_bits(c, 0) ? c : NULL;
    case OP_FLOORDIV: return is_one(c) ? a : NULL;
    case OP_MOD: return is_one(c) ? build_zero_of(op) : NULL;
    case OP_MIN:
    case OP_MAX: return a == c ? a : NULL;
    case OP_SHL:
    case OP_SHR: return is_bits(c, 0) ? a : NULL;
    default: return NULL;
    }
}

/* AND, OR, XOR: of integers and of bool. */
static Value *simplify_bits(Op *op) {
    Value *a = op->operands[0], *c = op->operands[1];
    bool zero = is_bits(c, 0), ones = is_bits(c, all_ones(a->type));
    if (op->kind == OP_AND) return a == c || ones ? a : zero ? c : simplify_mask(op);
    if (op->kind == OP_OR) return a == c || zero ? a : ones ? c : NULL;
    return zero ? a : a == c ? build_zero_of(op) : NULL;
}

static Value *simplify_compare(Op *op) {
    if (ir_is_float(op->operands[0]->type)) return NULL;
    if (op->operands[0] != op->operands[1]) return simplify_masked_compare(op);
    bool holds = op->kind == OP_EQ || op->kind == OP_LE || op->kind == OP_GE;
    return holds ? build_true(op) : build_false(op);
}

/* ---- Floats ---------------------------------------------------------------------------------- */

static Value *simplify_float(Op *op) {
    Value *a = op->operands[0], *c = op->operands[1];
    switch ((int)op->kind) {
    case OP_ADD: return is_bits(c, sign_bit(a->type)) ? a : NULL; /* x + -0.0 */
    case OP_SUB: return is_bits(c, 0) ? a : NULL;                 /* x - 0.0 */
    case OP_MUL:
    case OP_DIV: return is_one(c) ? a : NULL;
    case OP_MIN:
    case OP_MAX: return a == c ? a : NULL;
    default: return NULL;
    }
}

/* ---- Everything ------------------------------------------------------------------------------ */

/* |x| = x for unsigned numbers, whose negatives are others; |-x| = |x| and ||x|| = |x| for signed ones and floats. */
static Value *simplify_magnitude(Op *op) {
    Value *x = op->operands[0];
    const Op *inner = x->def;
    if (scalar_is_unsigned(x->type->scalar)) return x;
    if (inner == NULL || (inner->kind != OP_NEG && inner->kind != OP_ABS)) return NULL;
    Builder b = builder_before(op);
    return inner->kind == OP_ABS ? x : build_unary(&b, OP_ABS, inner->operands[0]);
}

static Value *simplify_unary(Op *op) {
    const Op *inner = op->operands[0]->def;
    if (op->kind == OP_ABS) return simplify_magnitude(op);
    bool undoes = (op->kind == OP_NEG || op->kind == OP_NOT) && inner != NULL && inner->kind == op->kind;
    return undoes ? inner->operands[0] : NULL;
}

/* select(c, true, false) = c, select(c, x, false) = c and x, select(not c, x, y) = select(c, y,
 * x). */
static Value *simplify_select(Op *op) {
    Value *cond = op->operands[0], *then = op->operands[1], *otherwise = op->operands[2];
    if (then == otherwise) return then;
    uint64_t known;
    if (value_is_const(cond, &known)) return known ? then : otherwise;
    bool is_bool = ir_is_scalar(then->type) && then->type->scalar == SCALAR_BOOL;
    Builder b = builder_before(op);
    if (is_bool && is_bits(then, 1) && is_bits(otherwise, 0)) return cond;
    if (is_bool && is_bits(otherwise, 0)) return build_binary(&b, OP_AND, cond, then);
    if (is_bool && is_bits(then, 1)) return build_binary(&b, OP_OR, cond, otherwise);
    if (cond->def == NULL || cond->def->kind != OP_NOT) return simplify_sign(op);
    return build_select(&b, cond->def->operands[0], otherwise, then);
}

static void constant_to_the_right(Op *op) {
    uint64_t bits;
    if (!(op_info(op)->flags & OP_FLAG_COMMUTES) || !value_is_const(op->operands[0], &bits)) return;
    if (value_is_const(op->operands[1], &bits)) return;
    Value *constant = op->operands[0];
    op->operands[0] = op->operands[1];
    op->operands[1] = constant;
}

Value *simplify_scalar(Op *op) {
    if (op->kind == OP_SELECT) return simplify_select(op);
    if (op->operand_count == 0 || !ir_is_scalar(op->operands[0]->type)) return NULL;
    if (op->operand_count == 1) return simplify_unary(op);
    if (op->operand_count != 2 || op->kind == OP_STRUCT) return NULL;
    constant_to_the_right(op);
    if (op->kind == OP_AND || op->kind == OP_OR || op->kind == OP_XOR) return simplify_bits(op);
    if (op->kind >= OP_EQ && op->kind <= OP_GE) return simplify_compare(op);
    return ir_is_float(op->operands[0]->type) ? simplify_float(op) : simplify_int(op);
}
