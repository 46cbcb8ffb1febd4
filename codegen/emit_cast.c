/* Conversions between scalars. */
#include "codegen/emit.h"

#include <math.h>
#include <string.h>

static LLVMValueRef int_to_int(FnEmit *f, Scalar from, Scalar to, LLVMValueRef value) {
    LLVMTypeRef type = type_shaped(scalar_type(f->e, to), LLVMTypeOf(value));
    unsigned have = scalar_bits(from), want = scalar_bits(to);
    if (want < have) return LLVMBuildTrunc(f->b, value, type, "");
    if (want == have) return value;
    return scalar_is_signed(from) ? LLVMBuildSExt(f->b, value, type, "")
                                  : LLVMBuildZExt(f->b, value, type, "");
}

/* ---- Float to integer: truncates, saturates; NaN gives 0 ------------------------------------ */

static LLVMValueRef saturate_by_llvm(FnEmit *f, Scalar to, LLVMValueRef value) {
    const char *name = scalar_is_signed(to) ? "llvm.fptosi.sat" : "llvm.fptoui.sat";
    LLVMTypeRef types[] = {type_shaped(scalar_type(f->e, to), LLVMTypeOf(value)), LLVMTypeOf(value)};
    unsigned id = LLVMLookupIntrinsicID(name, 15);
    LLVMValueRef fn = LLVMGetIntrinsicDeclaration(f->e->mod, id, types, 2);
    LLVMTypeRef type = LLVMIntrinsicGetType(f->e->llvm, id, types, 2);
    return LLVMBuildCall2(f->b, type, fn, &value, 1, "");
}

/* `value` where it compares so with the limit, otherwise the limit; NaN becomes the limit. These
 * are the processor's min and max. */
static LLVMValueRef limit(FnEmit *f, LLVMRealPredicate how, LLVMValueRef value, double bound) {
    LLVMValueRef edge = LLVMConstReal(LLVMTypeOf(value), bound);
    return LLVMBuildSelect(f->b, LLVMBuildFCmp(f->b, how, value, edge, ""), value, edge, "");
}

/* LLVM takes vectors apart for its saturating conversions on x86. Here the number is first brought
 * into the range by comparisons; where the largest integer is no float, the largest float below it
 * stands in, and the numbers above are put right at the end. */
static LLVMValueRef saturate_by_hand(FnEmit *f, Scalar to, LLVMValueRef value) {
    Emit *e = f->e;
    bool is_signed = scalar_is_signed(to);
    LLVMTypeRef shape = LLVMTypeOf(value);
    unsigned bits = scalar_bits(to), digits = shape == type_shaped(e->f32, shape) ? 24 : 53;
    unsigned magnitude = is_signed ? bits - 1 : bits;
    double beyond = magnitude == 64 ? 0x1p64 : (double)((uint64_t)1 << magnitude);
    bool is_exact = magnitude <= digits;
    double ulp = is_exact ? 1.0 : (double)((uint64_t)1 << (magnitude - digits));
    LLVMTypeRef type = type_shaped(scalar_type(e, to), shape);
    LLVMTypeRef via = bits < 32 ? type_shaped(e->i32, shape) : type;
    LLVMValueRef inside = limit(f, LLVMRealOGT, value, is_signed ? -beyond : 0.0);
    inside = limit(f, LLVMRealOLT, inside, beyond - ulp);
    LLVMValueRef result = is_signed || bits < 32 ? LLVMBuildFPToSI(f->b, inside, via, "")
                                                 : LLVMBuildFPToUI(f->b, inside, via, "");
    if (via != type) result = LLVMBuildTrunc(f->b, result, type, "");
    if (!is_exact) {
        LLVMValueRef edge = LLVMConstReal(LLVMTypeOf(value), beyond);
        LLVMValueRef above = LLVMBuildFCmp(f->b, LLVMRealOGE, value, edge, "");
        uint64_t most = (UINT64_MAX >> (64 - bits)) >> is_signed;
        result = LLVMBuildSelect(f->b, above, llvm_int(type, (int64_t)most), result, "");
    }
    if (!is_signed) return result; /* NaN became the lower limit, 0 */
    LLVMValueRef is_nan = LLVMBuildFCmp(f->b, LLVMRealUNO, value, value, "");
    return LLVMBuildSelect(f->b, is_nan, LLVMConstNull(type), result, "");
}

/* What `min` and `max` with constants say of a float that is no NaN. */
typedef struct Bounds {
    double lo, hi;
} Bounds;

static bool float_const(const Value *value, double *number) {
    uint64_t bits;
    if (value->def != NULL && value->def->kind == OP_SPLAT) value = value->def->operands[0];
    if (value->type->kind != IR_SCALAR || value->type->scalar != SCALAR_F32 || !value_is_const(value, &bits)) return false;
    float content;
    uint32_t low = (uint32_t)bits;
    memcpy(&content, &low, sizeof content);
    *number = (double)content;
    return content == content;
}

enum { CLAMP_DEPTH = 4 };

static Bounds bounds_of(const Value *value, int depth) {
    const Op *def = value->def;
    Bounds all = {-HUGE_VAL, HUGE_VAL};
    double edge;
    if (depth == 0 || def == NULL || (def->kind != OP_MIN && def->kind != OP_MAX)) return all;
    uint32_t at = float_const(def->operands[1], &edge) ? 1 : 0;
    if (!float_const(def->operands[at], &edge)) return all;
    Bounds other = bounds_of(def->operands[1 - at], depth - 1);
    return def->kind == OP_MIN ? (Bounds){fmin(other.lo, edge), fmin(other.hi, edge)}
                               : (Bounds){fmax(other.lo, edge), fmax(other.hi, edge)};
}

static LLVMValueRef register_truncated(void *user, FnEmit *f, LLVMValueRef *args, uint32_t bits) {
    enum { CURRENT_ROUNDING = 4 };
    (void)user;
    if (bits == 128) return overloaded(f, "llvm.x86.sse2.cvttps2dq", NULL, 0, args, 1);
    if (bits == 256) return overloaded(f, "llvm.x86.avx.cvtt.ps2dq.256", NULL, 0, args, 1);
    LLVMTypeRef made = LLVMVectorType(f->e->i32, 16), mask = LLVMIntTypeInContext(f->e->llvm, 16);
    LLVMValueRef all[] = {args[0], LLVMConstNull(made), LLVMConstAllOnes(mask), const_i32(f->e, CURRENT_ROUNDING)};
    return overloaded(f, "llvm.x86.avx512.mask.cvttps2dq.512", NULL, 0, all, 4);
}

/* The limit where `value` compares so with it, otherwise `value`; NaN stays. */
static LLVMValueRef limit_number(FnEmit *f, LLVMRealPredicate how, LLVMValueRef value, double bound) {
    LLVMValueRef edge = LLVMConstReal(LLVMTypeOf(value), bound);
    return LLVMBuildSelect(f->b, LLVMBuildFCmp(f->b, how, value, edge, ""), edge, value, "");
}

/* Of less than 32 bits: x86 makes a NaN the least i32, whose low bits are 0. What is in range already is left so. */
static LLVMValueRef shorten_vector(FnEmit *f, const Op *op, LLVMValueRef value) {
    const IrType *to = op_result(op)->type;
    unsigned bits = scalar_bits(to->scalar);
    bool is_signed = scalar_is_signed(to->scalar);
    double most = (double)((1u << (is_signed ? bits - 1 : bits)) - 1), least = is_signed ? -most - 1 : 0;
    Bounds known = bounds_of(op->operands[0], CLAMP_DEPTH);
    if (known.lo < least) value = limit_number(f, LLVMRealOLT, value, least);
    if (known.hi > most) value = limit_number(f, LLVMRealOGT, value, most);
    LLVMValueRef whole = by_registers(f, &value, 1, to->lanes, register_truncated, NULL);
    return LLVMBuildTrunc(f->b, whole, type_value(f->e, to), "");
}

static LLVMValueRef float_to_int(FnEmit *f, const Op *op, LLVMValueRef value) {
    const IrType *from = op->operands[0]->type, *to = op_result(op)->type;
    if (f->e->target->arch != ARCH_X86_64) return saturate_by_llvm(f, to->scalar, value);
    bool shortens = to->kind == IR_VEC && scalar_bits(to->scalar) < 32 && from->scalar == SCALAR_F32;
    return shortens ? shorten_vector(f, op, value) : saturate_by_hand(f, to->scalar, value);
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
    if (!scalar_is_float(from)) return int_to_int(f, from, to, value);
    if (scalar_bits(from) == 16) value = small_to_f32(f, from, value);
    return float_to_int(f, op, value);
}
