/* Floats to integers: what is out of range gives the end of the range, NaN gives 0.
 *
 * x86 has one answer for all that is out of range, the least integer of 32 bits, and LLVM takes vectors apart for what it
 * has none. What is known of the number before, or asked of the integer behind, leaves less to put right; a number that was
 * rounded to an integer before is rounded by the conversion. */
#include "codegen/emit.h"

#include <math.h>
#include <string.h>

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

#define BEYOND_I32 0x1p31

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

/* As the operand of a conversion says how to round, of a whole register. */
typedef enum Rounding { ROUND_EVEN = 8, ROUND_DOWN = 9, ROUND_UP = 10, ROUND_TO_ZERO = 11 } Rounding;

static LLVMValueRef register_converted(void *user, FnEmit *f, LLVMValueRef *args, uint32_t bits) {
    enum { CURRENT_ROUNDING = 4 };
    Rounding how = *(Rounding *)user;
    bool cuts = how == ROUND_TO_ZERO;
    if (bits == 128) return overloaded(f, cuts ? "llvm.x86.sse2.cvttps2dq" : "llvm.x86.sse2.cvtps2dq", NULL, 0, args, 1);
    if (bits == 256) return overloaded(f, cuts ? "llvm.x86.avx.cvtt.ps2dq.256" : "llvm.x86.avx.cvt.ps2dq.256", NULL, 0, args, 1);
    LLVMTypeRef made = LLVMVectorType(f->e->i32, 16), mask = LLVMIntTypeInContext(f->e->llvm, 16);
    LLVMValueRef mode = const_i32(f->e, cuts ? CURRENT_ROUNDING : (int32_t)how);
    LLVMValueRef all[] = {args[0], LLVMConstNull(made), LLVMConstAllOnes(mask), mode};
    return overloaded(f, cuts ? "llvm.x86.avx512.mask.cvttps2dq.512" : "llvm.x86.avx512.mask.cvtps2dq.512", NULL, 0, all, 4);
}

/* Lanes of i32: the least one for what is out of range, and for NaN. */
static LLVMValueRef converted(FnEmit *f, LLVMValueRef value, Rounding how) {
    return by_registers(f, &value, 1, LLVMGetVectorSize(LLVMTypeOf(value)), register_converted, &how);
}

/* What rounds to an integer is part of a conversion that rounds so: to even everywhere, up and down in whole registers of
 * AVX-512. `value` is then the number before it, which is as far in or out of a range of integers. */
static Rounding rounding_of(FnEmit *f, const Op *cast, LLVMValueRef *value) {
    const Op *def = cast->operands[0]->def;
    bool is_whole = f->e->target->vector_bits == 512 && cast->operands[0]->type->lanes % 16 == 0;
    if (def == NULL) return ROUND_TO_ZERO;
    Rounding how = def->kind == OP_RINT                ? ROUND_EVEN
                   : def->kind == OP_FLOOR && is_whole ? ROUND_DOWN
                   : def->kind == OP_CEIL && is_whole  ? ROUND_UP
                                                       : ROUND_TO_ZERO;
    if (how != ROUND_TO_ZERO) *value = value_llvm(f, def->operands[0]);
    return how;
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
    Rounding how = rounding_of(f, op, &value);
    if (known.lo < least) value = limit_number(f, LLVMRealOLT, value, least);
    if (known.hi > most) value = limit_number(f, LLVMRealOGT, value, most);
    return LLVMBuildTrunc(f->b, converted(f, value, how), type_value(f->e, to), "");
}

/* To i32 as x86 does it: the least one for what is out of range, and for NaN. `above` is where it ought to be the largest, or NULL. */
typedef struct Truncated {
    LLVMValueRef made, above;
} Truncated;

static Truncated truncate_by_x86(FnEmit *f, const Op *op, LLVMValueRef value) {
    Rounding how = rounding_of(f, op, &value);
    Truncated result = {.made = converted(f, value, how)};
    if (bounds_of(op->operands[0], CLAMP_DEPTH).hi < BEYOND_I32) return result;
    result.above = LLVMBuildFCmp(f->b, LLVMRealOGE, value, LLVMConstReal(LLVMTypeOf(value), BEYOND_I32), "");
    return result;
}

/* To i32, but for NaN the least one: its bits, inverted, are the largest. */
static LLVMValueRef truncate_numbers(FnEmit *f, const Op *op, LLVMValueRef value) {
    Truncated all = truncate_by_x86(f, op, value);
    if (all.above == NULL) return all.made;
    return LLVMBuildXor(f->b, all.made, LLVMBuildSExt(f->b, all.above, LLVMTypeOf(all.made), ""), "");
}

static LLVMValueRef truncate_vector(FnEmit *f, const Op *op, LLVMValueRef value) {
    LLVMValueRef made = truncate_numbers(f, op, value);
    LLVMValueRef is_number = LLVMBuildFCmp(f->b, LLVMRealORD, value, value, "");
    return LLVMBuildSelect(f->b, is_number, made, LLVMConstNull(LLVMTypeOf(made)), "");
}

static bool is_x86_vector(const FnEmit *f, const Op *cast) {
    const IrType *from = cast->operands[0]->type;
    return f->e->target->arch == ARCH_X86_64 && from->kind == IR_VEC && from->scalar == SCALAR_F32;
}

LLVMValueRef float_to_int(FnEmit *f, const Op *op, LLVMValueRef value) {
    Scalar to = op_result(op)->type->scalar;
    if (f->e->target->arch != ARCH_X86_64) return saturate_by_llvm(f, to, value);
    if (is_x86_vector(f, op) && scalar_bits(to) < 32) return shorten_vector(f, op, value);
    if (is_x86_vector(f, op) && to == SCALAR_I32) return truncate_vector(f, op, value);
    return saturate_by_hand(f, to, value);
}

/* ---- With what follows ------------------------------------------------------------------------ */

static bool is_cast_to_i32(const FnEmit *f, const Value *value) {
    const Op *def = value->def;
    return def != NULL && def->kind == OP_CAST && value->type->scalar == SCALAR_I32 && is_x86_vector(f, def);
}

static bool is_number(const Value *value, int64_t *number) {
    if (value->def != NULL && value->def->kind == OP_SPLAT) value = value->def->operands[0];
    return value_is_int(value, number);
}

static bool is_zero(const Value *value) {
    int64_t number;
    return is_number(value, &number) && number == 0;
}

/* The operand of `op` beside a zero, or NULL. */
static const Value *beside_zero(const Op *op) {
    return is_zero(op->operands[0]) ? op->operands[1] : is_zero(op->operands[1]) ? op->operands[0] : NULL;
}

/* max(int(x), 0) and max(min(int(x), most), 0), or NULL: with max(x, 0), which makes 0 of NaN, nothing is out of range
 * but what is too large, and the least integer that x86 makes of that is the largest one without a sign. */
LLVMValueRef emit_clamped_cast(FnEmit *f, const Op *op) {
    const Value *inner = beside_zero(op);
    if (inner == NULL) return NULL;
    const Value *most = NULL;
    if (inner->def != NULL && inner->def->kind == OP_MIN) {
        uint32_t at = is_cast_to_i32(f, inner->def->operands[0]) ? 0 : 1;
        most = inner->def->operands[1 - at];
        inner = inner->def->operands[at];
    }
    if (!is_cast_to_i32(f, inner)) return NULL;
    LLVMValueRef value = value_llvm(f, inner->def->operands[0]);
    Rounding how = rounding_of(f, inner->def, &value);
    LLVMValueRef made = converted(f, limit(f, LLVMRealOGT, value, 0.0), how);
    LLVMTypeRef type = LLVMTypeOf(made);
    LLVMValueRef highest[] = {most == NULL ? llvm_int(type, INT32_MAX) : value_llvm(f, most), LLVMConstNull(type)};
    if (most != NULL) highest[0] = intrinsic(f, "llvm.smax", type, highest, 2);
    LLVMValueRef both[] = {made, highest[0]};
    return intrinsic(f, "llvm.umin", type, both, 2);
}

/* int(x) & mask, or NULL: a mask that is not negative leaves 0 of the least integer, as it should of NaN, and itself of the
 * largest, where AVX-512 then leaves it. */
LLVMValueRef emit_masked_cast(FnEmit *f, const Op *op) {
    int64_t mask;
    uint32_t at = is_cast_to_i32(f, op->operands[0]) ? 0 : 1;
    if (!is_cast_to_i32(f, op->operands[at]) || !is_number(op->operands[1 - at], &mask) || mask < 0) return NULL;
    const Op *cast = op->operands[at]->def;
    LLVMValueRef value = value_llvm(f, cast->operands[0]), left = value_llvm(f, op->operands[1 - at]);
    if (f->e->target->vector_bits < 512) return LLVMBuildAnd(f->b, truncate_numbers(f, cast, value), left, "");
    Truncated all = truncate_by_x86(f, cast, value);
    LLVMValueRef made = LLVMBuildAnd(f->b, all.made, left, "");
    return all.above == NULL ? made : LLVMBuildSelect(f->b, all.above, left, made, "");
}
