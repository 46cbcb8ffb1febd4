/* Conversions that undo or follow one another, and structs that are taken apart where they are
 * made. */
#include "ir/passes/simplify.h"

/* ---- Conversions ----------------------------------------------------------------------------- */

/* Every value of `from` exists in `to`, and converting back gives it again. */
static bool holds_all(Scalar from, Scalar to) {
    if (from == to) return true;
    ScalarClass a = scalar_class(from), c = scalar_class(to);
    unsigned bits_a = scalar_bits(from), bits_c = scalar_bits(to);
    if (a == CLASS_BOOL) return c != CLASS_BOOL;
    if (a == CLASS_FLOAT) {
        bool is_small_pair = bits_a == 16 && bits_c == 16;
        return c == CLASS_FLOAT && bits_a <= bits_c && !is_small_pair;
    }
    if (c == CLASS_FLOAT || c == CLASS_BOOL) return false;
    if (a == c) return bits_a <= bits_c;
    return a == CLASS_UNSIGNED && bits_a < bits_c;
}

/* A cast to bool asks `!= 0` and is no narrowing; otherwise from -> middle -> to equals from ->
 * to where the middle loses nothing, or where all three are integers and the last step keeps low
 * bits only. */
static bool middle_is_idle(Scalar from, Scalar middle, Scalar to) {
    if (holds_all(from, middle)) return true;
    bool ints = scalar_is_int(from) && scalar_is_int(middle) && scalar_is_int(to);
    return ints && scalar_bits(to) <= scalar_bits(middle);
}

Value *simplify_cast(Op *op) {
    if (op->kind != OP_CAST && op->kind != OP_BITCAST) return NULL;
    Value *a = op->operands[0];
    const IrType *to = op_result(op)->type;
    if (a->type == to) return a;
    const Op *inner = a->def;
    if (inner == NULL || inner->kind != op->kind) return NULL;
    Value *from = inner->operands[0];
    bool idle = op->kind == OP_BITCAST ||
                middle_is_idle(from->type->scalar, a->type->scalar, to->scalar);
    if (!idle) return NULL;
    Builder b = builder_before(op);
    return op->kind == OP_CAST ? build_cast(&b, from, to) : build_bitcast(&b, from, to);
}

/* ---- Structs --------------------------------------------------------------------------------- */

/* The value of a field of a struct that was built in sight. */
static Value *field_of(Op *op, Value *whole, uint32_t field) {
    while (whole->def != NULL && whole->def->kind == OP_INSERT) {
        if (whole->def->attr.index == field) return whole->def->operands[1];
        whole = whole->def->operands[0];
    }
    if (whole->def != NULL && whole->def->kind == OP_STRUCT) return whole->def->operands[field];
    if (whole == op->operands[0]) return NULL;
    Builder b = builder_before(op);
    return build_extract(&b, whole, field);
}

/* struct(x.0, x.1, ...) = x */
static Value *struct_again(const Op *op) {
    Value *whole = NULL;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Op *field = op->operands[i]->def;
        if (field == NULL || field->kind != OP_EXTRACT || field->attr.index != i) return NULL;
        if (whole != NULL && field->operands[0] != whole) return NULL;
        whole = field->operands[0];
    }
    return whole != NULL && whole->type == op_result(op)->type ? whole : NULL;
}

static Value *insert_into_struct(Op *op) {
    const Op *made = op->operands[0]->def;
    if (made == NULL || made->kind != OP_STRUCT) return NULL;
    Builder b = builder_before(op);
    Value **fields = arena_array(b.fn->module->arena, Value *, made->operand_count);
    for (uint32_t i = 0; i < made->operand_count; i++)
        fields[i] = i == op->attr.index ? op->operands[1] : made->operands[i];
    return build_struct(&b, op_result(op)->type, fields);
}

Value *simplify_struct(Op *op) {
    if (op->kind == OP_EXTRACT) return field_of(op, op->operands[0], op->attr.index);
    if (op->kind == OP_STRUCT) return struct_again(op);
    return op->kind == OP_INSERT ? insert_into_struct(op) : NULL;
}
