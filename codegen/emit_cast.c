/* Conversions between scalars; from floats to integers: emit_saturate.c. */
#include "codegen/emit.h"

enum { REGISTER_BITS = 512 };

/* Numbers of twice the width, more than a register of them, by one instruction for each two registers, where there is one
 * that picks from two; LLVM would narrow each, and join them. */
static bool picks_halves(const FnEmit *f, LLVMTypeRef type) {
    enum { BYTES };
    const Target *target = f->e->target;
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind || target->arch != ARCH_X86_64) return false;
    unsigned bits = bits_of_lane(type) / 2;
    bool can = bits == 8 ? target->lookup_bytes[BYTES] == 2 * REGISTER_BITS / 8 : target->vector_bits == REGISTER_BITS;
    return can && bits * LLVMGetVectorSize(type) >= REGISTER_BITS;
}

static LLVMValueRef lower_halves(FnEmit *f, LLVMValueRef value) {
    unsigned bits = bits_of_lane(LLVMTypeOf(value)) / 2, each = REGISTER_BITS / bits;
    unsigned parts = LLVMGetVectorSize(LLVMTypeOf(value)) / each;
    LLVMTypeRef halves = LLVMVectorType(LLVMIntTypeInContext(f->e->llvm, bits), each);
    LLVMValueRef at[MAX_LANES], made[MAX_LANES];
    for (uint32_t i = 0; i < each; i++) at[i] = const_i32(f->e, (int32_t)(2 * i));
    for (uint32_t i = 0; i < parts; i++) {
        LLVMValueRef first = LLVMBuildBitCast(f->b, vector_part(f, value, i * each, each / 2), halves, "");
        LLVMValueRef second = LLVMBuildBitCast(f->b, vector_part(f, value, i * each + each / 2, each / 2), halves, "");
        made[i] = LLVMBuildShuffleVector(f->b, first, second, LLVMConstVector(at, each), "");
    }
    for (; parts > 1; parts /= 2)
        for (uint32_t i = 0; i < parts / 2; i++) made[i] = vectors_joined(f, made[2 * i], made[2 * i + 1]);
    return made[0];
}

static LLVMValueRef int_to_int(FnEmit *f, Scalar from, Scalar to, LLVMValueRef value) {
    LLVMTypeRef type = type_shaped(scalar_type(f->e, to), LLVMTypeOf(value));
    unsigned have = scalar_bits(from), want = scalar_bits(to);
    for (; want < have && picks_halves(f, LLVMTypeOf(value)); have /= 2) value = lower_halves(f, value);
    if (want < have) return LLVMBuildTrunc(f->b, value, type, "");
    if (want == have) return value;
    return scalar_is_signed(from) ? LLVMBuildSExt(f->b, value, type, "")
                                  : LLVMBuildZExt(f->b, value, type, "");
}

/* ---- Every second of what was loaded ---------------------------------------------------------- */

enum { MOST_LOADED = 4 };

/* The lane of what was loaded that a lane of `value` is. */
static const Value *loaded_lane(const Value *value, uint32_t *lane) {
    while (value->def != NULL && value->def->kind == OP_SHUFFLE) {
        uint32_t at = value->def->attr.lanes.at[*lane], first = value->def->operands[0]->type->lanes;
        value = value->def->operands[at >= first];
        *lane = at >= first ? at - first : at;
    }
    return value->def != NULL && value->def->kind == OP_VLOAD ? value : NULL;
}

/* From where every second lane is; their number, or 0: it is something else. */
static uint32_t finds_seconds(const Value *value, const Value **loaded, uint32_t *start) {
    uint32_t lanes = value->type->lanes, count = 0, each = 0;
    for (uint32_t i = 0; i < lanes; i++) {
        uint32_t at = i;
        const Value *from = loaded_lane(value, &at);
        if (from == NULL) return 0;
        if (i == 0) each = from->type->lanes / 2, *start = at;
        if (i % each == 0 && count < MOST_LOADED) loaded[count++] = from;
        bool is_next = from == loaded[count - 1] && from->type->lanes == 2 * each && at == i % each * 2 + *start;
        if (!is_next || i / each + 1 != count) return 0;
    }
    return *start < 2 && lanes == count * each && (count & (count - 1)) == 0 ? count : 0;
}

/* As numbers of twice the width: two that were loaded side by side are one, of which it is the lower or the upper half. */
static LLVMValueRef seconds_widened(FnEmit *f, const Value *value) {
    const Value *loaded[MOST_LOADED];
    LLVMValueRef parts[MOST_LOADED];
    uint32_t start = 0, count = finds_seconds(value, loaded, &start);
    unsigned bits = scalar_bits(value->type->scalar);
    if (count == 0) return NULL;
    LLVMTypeRef wide = LLVMVectorType(LLVMIntTypeInContext(f->e->llvm, 2 * bits), value->type->lanes / count);
    for (uint32_t i = 0; i < count; i++) parts[i] = LLVMBuildBitCast(f->b, value_llvm(f, loaded[i]), wide, "");
    for (; count > 1; count /= 2)
        for (uint32_t i = 0; i < count / 2; i++) parts[i] = vectors_joined(f, parts[2 * i], parts[2 * i + 1]);
    bool is_signed = scalar_is_signed(value->type->scalar);
    LLVMValueRef by = llvm_int(LLVMTypeOf(parts[0]), bits), low = llvm_int(LLVMTypeOf(parts[0]), ((int64_t)1 << bits) - 1);
    if (start == 0 && !is_signed) return LLVMBuildAnd(f->b, parts[0], low, "");
    LLVMValueRef high = start == 0 ? LLVMBuildShl(f->b, parts[0], by, "") : parts[0];
    return is_signed ? LLVMBuildAShr(f->b, high, by, "") : LLVMBuildLShr(f->b, high, by, "");
}

/* Bytes and shorts need no shuffles then. */
static LLVMValueRef widened(FnEmit *f, const Op *op) {
    enum { NARROW_BITS = 16 };
    const Value *value = op->operands[0];
    unsigned have = scalar_bits(value->type->scalar), want = scalar_bits(op_result(op)->type->scalar);
    bool is_narrow = value->type->kind == IR_VEC && !scalar_is_float(value->type->scalar) && have > 1 && have <= NARROW_BITS;
    LLVMValueRef seconds = is_narrow && want >= 2 * have ? seconds_widened(f, value) : NULL;
    if (seconds == NULL) return NULL;
    if (want == 2 * have) return seconds;
    LLVMTypeRef wide = type_shaped(scalar_type(f->e, op_result(op)->type->scalar), LLVMTypeOf(seconds));
    return scalar_is_signed(value->type->scalar) ? LLVMBuildSExt(f->b, seconds, wide, "") : LLVMBuildZExt(f->b, seconds, wide, "");
}

/* ---- The others ------------------------------------------------------------------------------ */

static LLVMValueRef int_to_float(FnEmit *f, Scalar from, Scalar to, LLVMValueRef value) {
    LLVMTypeRef type = type_shaped(scalar_type(f->e, to), LLVMTypeOf(value));
    return scalar_is_signed(from) ? LLVMBuildSIToFP(f->b, value, type, "")
                                  : LLVMBuildUIToFP(f->b, value, type, "");
}

/* An integer of more than 53 bits on its way to bf16 must not be rounded twice: its low bits are
 * gathered into one that f64 still holds (rounding to odd). */
static LLVMValueRef gather_low_bits(FnEmit *f, LLVMValueRef value) {
    LLVMTypeRef type = LLVMTypeOf(value);
    LLVMValueRef low = LLVMBuildAnd(f->b, value, llvm_int(type, 0x7ff), "");
    LLVMValueRef carry = LLVMBuildAdd(f->b, low, llvm_int(type, 0x7ff), "");
    LLVMValueRef sticky = LLVMBuildAnd(f->b, carry, llvm_int(type, 0x800), "");
    LLVMValueRef high = LLVMBuildAnd(f->b, value, llvm_int(type, ~(int64_t)0x7ff), "");
    LLVMValueRef gathered = LLVMBuildOr(f->b, high, sticky, "");
    /* Only where f64 would round: the top bits are not all alike. */
    LLVMValueRef top = LLVMBuildAdd(f->b, value, llvm_int(type, (int64_t)1 << 53), "");
    LLVMValueRef large = LLVMBuildICmp(f->b, LLVMIntUGT, top, llvm_int(type, (int64_t)1 << 54), "");
    return LLVMBuildSelect(f->b, large, gathered, value, "");
}

static LLVMValueRef int_to_small(FnEmit *f, Scalar from, Scalar to, LLVMValueRef value) {
    if (scalar_bits(from) <= 16)
        return small_from_f32(f, to, int_to_float(f, from, SCALAR_F32, value));
    if (scalar_bits(from) == 64) value = gather_low_bits(f, value);
    return small_from_f64(f, to, int_to_float(f, from, SCALAR_F64, value));
}

static LLVMValueRef to_float(FnEmit *f, Scalar from, Scalar to, LLVMValueRef value) {
    bool to_small = scalar_bits(to) == 16;
    if (!scalar_is_float(from))
        return to_small ? int_to_small(f, from, to, value)
                        : int_to_float(f, from, to, value);
    if (scalar_bits(from) == 16) value = small_to_f32(f, from, value);
    LLVMTypeRef type = type_shaped(scalar_type(f->e, to), LLVMTypeOf(value));
    if (!to_small) return LLVMBuildFPCast(f->b, value, type, "");
    return from == SCALAR_F64 ? small_from_f64(f, to, value) : small_from_f32(f, to, value);
}

static LLVMValueRef to_bool(FnEmit *f, Scalar from, LLVMValueRef value) {
    if (scalar_is_float(from) && scalar_bits(from) == 16) value = small_to_f32(f, from, value);
    LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(value));
    return scalar_is_float(from) ? LLVMBuildFCmp(f->b, LLVMRealUNE, value, zero, "")
                                 : LLVMBuildICmp(f->b, LLVMIntNE, value, zero, "");
}

LLVMValueRef emit_cast(FnEmit *f, const Op *op) {
    Scalar from = op->operands[0]->type->scalar, to = op_result(op)->type->scalar;
    LLVMValueRef value = value_llvm(f, op->operands[0]);
    if (from == to) return value;
    if (to == SCALAR_BOOL) return to_bool(f, from, value);
    if (scalar_is_float(to)) return to_float(f, from, to, value);
    if (!scalar_is_float(from)) {
        LLVMValueRef made = emit_saturated(f, op);
        if (made == NULL) made = widened(f, op);
        return made != NULL ? made : int_to_int(f, from, to, value);
    }
    if (scalar_bits(from) == 16) value = small_to_f32(f, from, value);
    return float_to_int(f, op, value);
}
