/* Compile-time values in their type. A float literal is rounded once, from its spelling, to the format
 * that it has: not through f64 first. */
#include "ir/lower/lower_internal.h"
#include "support/floats.h"

#include <fenv.h>
#include <stdlib.h>

/* The f64 that rounds to any format of at most 51 bits as the exact number does (round to odd: of the
 * two neighbours of an inexact number, the one whose last bit is set). */
static double parse_to_odd(const char *text) {
    int mode = fegetround();
    fesetround(FE_DOWNWARD);
    double below = strtod(text, NULL);
    fesetround(FE_UPWARD);
    double above = strtod(text, NULL);
    fesetround(mode);
    return bits_of_f64(below) & 1 ? below : above;
}

static double real_of(const Const *c) {
    return c->kind == CONST_FLOAT ? c->real : (double)c->integer;
}

static uint64_t float_bits(const char *text, const Const *c, Scalar scalar) {
    bool is_spelled = text[0] != '\0';
    switch (scalar_bytes(scalar)) {
    case 8: return bits_of_f64(is_spelled ? strtod(text, NULL) : real_of(c));
    case 4:
        if (is_spelled) return bits_of_f32(strtof(text, NULL));
        return bits_of_f32(c->kind == CONST_FLOAT ? (float)c->real : (float)c->integer);
    default: break;
    }
    double exact = is_spelled ? parse_to_odd(text) : real_of(c);
    return scalar == SCALAR_F16 ? f16_from_f64(exact) : bf16_from_f64(exact);
}

Value *lower_const(FnLower *f, const Const *c, const Type *type) {
    const IrType *ir = ir_type_of(f->p, type);
    if (c->kind == CONST_STR) return build_text(&f->b, c->bytes, c->length);
    if (ir_is_float(ir)) {
        const char *text = c->kind == CONST_FLOAT ? text_of(f->p->cx, c->real_text) : "";
        return build_const(&f->b, ir, float_bits(text, c, ir->scalar));
    }
    if (c->kind == CONST_FLOAT) KC_BUG("a constant of an integer type is a float");
    return build_int(&f->b, ir, (int64_t)c->integer);
}

Value *lower_global(FnLower *f, const GlobalSymbol *global) {
    const IrType *elem = ir_type_of(f->p, global->type->elem);
    uint32_t rank = global->type->rank;
    Value *dims[MAX_RANK];
    for (uint32_t d = 0; d < rank; d++) {
        int64_t size = 0;
        KC_CHECK(size_is_const(global->type->dims[d], &size));
        dims[d] = build_i64(&f->b, size);
    }
    const IrType *type = ir_view(module_of(f), elem, rank, false);
    Op *op = build_op(&f->b, OP_DATA, dims, rank, &type, 1, 0);
    op->attr.text.bytes = (const char *)global->bytes;
    op->attr.text.length = global->bytes ? global->byte_count : 0;
    return op_result(op);
}
