/* A sign that a bit chooses, as hashes do: `x if (h & 2) == 0 else -x` moves the bit to the sign and flips it
 * there. No comparison, no choice, and the negative is not computed. */
#include "ir/passes/simplify.h"

/* The bit that the condition asks for, and what is chosen where it is 0; false: it asks for something else. */
static bool bit_find(const Op *select, const Value **from, unsigned *bit, Value **clear, Value **set) {
    const Op *compare = select->operands[0]->def;
    uint64_t number;
    if (compare == NULL || (compare->kind != OP_EQ && compare->kind != OP_NE)) return false;
    const Op *masked = compare->operands[0]->def;
    if (masked == NULL || masked->kind != OP_AND || !ir_is_scalar(masked->operands[0]->type)) return false;
    if (!value_is_const(compare->operands[1], &number) || number != 0) return false;
    if (!value_is_const(masked->operands[1], &number) || __builtin_popcountll(number) != 1) return false;
    bool is_clear = compare->kind == OP_EQ;
    *from = masked->operands[0];
    *bit = (unsigned)__builtin_ctzll(number);
    *clear = select->operands[is_clear ? 1 : 2];
    *set = select->operands[is_clear ? 2 : 1];
    return true;
}

static bool is_negative_of(const Value *a, const Value *b) {
    return a->def != NULL && a->def->kind == OP_NEG && a->def->operands[0] == b;
}

Value *simplify_sign(Op *select) {
    const Value *from;
    Value *clear, *set;
    unsigned bit;
    const IrType *type = op_result(select)->type;
    if (!ir_is_scalar(type) || (type->scalar != SCALAR_F32 && type->scalar != SCALAR_F64)) return NULL;
    if (!bit_find(select, &from, &bit, &clear, &set)) return NULL;
    if (!is_negative_of(set, clear) && !is_negative_of(clear, set)) return NULL;
    unsigned sign = scalar_bits(type->scalar) - 1;
    if (scalar_bits(from->type->scalar) != sign + 1) return NULL;
    Builder b = builder_before(select);
    Value *moved = build_binary(&b, OP_SHL, (Value *)from, build_int(&b, from->type, sign - bit));
    Value *mask = build_const(&b, from->type, (uint64_t)1 << sign);
    if (bit != 0) moved = build_binary(&b, OP_AND, moved, mask);
    Value *flipped = build_binary(&b, OP_XOR, build_bitcast(&b, clear, from->type), moved);
    return build_bitcast(&b, flipped, type);
}
