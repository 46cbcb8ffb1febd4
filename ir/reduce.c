/* What the kinds of reductions mean: the step, the value they start from, and their order where it shows. */
#include "ir/ir.h"
#include "support/floats.h"

OpKind reduce_step(ReduceKind kind) {
    switch (kind) {
    case REDUCE_ADD: return OP_ADD;
    case REDUCE_MUL: return OP_MUL;
    case REDUCE_MIN: return OP_MIN;
    case REDUCE_MAX: return OP_MAX;
    case REDUCE_AND: return OP_AND;
    case REDUCE_OR: return OP_OR;
    case REDUCE_ARGMIN:
    case REDUCE_ARGMAX: break;
    }
    KC_BUG("a position is not found by one op");
}

bool reduce_of_step(OpKind op, ReduceKind *kind) {
    switch ((int)op) {
    case OP_ADD: *kind = REDUCE_ADD; return true;
    case OP_MUL: *kind = REDUCE_MUL; return true;
    case OP_MIN: *kind = REDUCE_MIN; return true;
    case OP_MAX: *kind = REDUCE_MAX; return true;
    case OP_AND: *kind = REDUCE_AND; return true;
    case OP_OR: *kind = REDUCE_OR; return true;
    default: return false;
    }
}

static uint64_t ones_of(const IrType *type) {
    unsigned bits = scalar_bits(type->scalar);
    return bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

/* The largest or the smallest value of the type; of floats an infinity. */
static Value *build_extreme(Builder *b, const IrType *type, bool largest) {
    if (ir_is_float(type)) {
        double infinity = f64_of_bits(0x7FF0000000000000u);
        return build_float(b, type, largest ? infinity : -infinity);
    }
    uint64_t ones = ones_of(type), sign = ones ^ ones >> 1;
    if (!scalar_is_signed(type->scalar)) return build_const(b, type, largest ? ones : 0);
    return build_const(b, type, largest ? ones ^ sign : sign);
}

Value *build_reduce_start(Builder *b, ReduceKind kind, const IrType *type) {
    switch (kind) {
    case REDUCE_ADD:
    case REDUCE_OR: return build_zero(b, type);
    case REDUCE_MUL: return ir_is_float(type) ? build_float(b, type, 1.0) : build_const(b, type, 1);
    case REDUCE_AND: return build_const(b, type, ones_of(type));
    case REDUCE_MIN:
    case REDUCE_ARGMIN: return build_extreme(b, type, true);
    case REDUCE_MAX:
    case REDUCE_ARGMAX: return build_extreme(b, type, false);
    }
    UNREACHABLE();
}

Value *build_reduce_identity(Builder *b, ReduceKind kind, const IrType *type) {
    if (kind == REDUCE_ADD && ir_is_float(type)) return build_float(b, type, -0.0);
    return build_reduce_start(b, kind, type);
}

uint32_t reduce_lanes(FpMode fp, ReduceKind kind, const IrType *type) {
    bool rounds = ir_is_float(type) && (kind == REDUCE_ADD || kind == REDUCE_MUL);
    return fp == FP_REPRODUCIBLE && rounds ? REPRODUCIBLE_LANES : 0;
}
