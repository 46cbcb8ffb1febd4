/* Conversions between scalars; from floats to integers: emit_saturate.c, between integers: emit_widths.c. */
#include "codegen/emit.h"

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
    if (!scalar_is_float(from)) return emit_width(f, op);
    if (scalar_bits(from) == 16) value = small_to_f32(f, from, value);
    return float_to_int(f, op, value);
}
