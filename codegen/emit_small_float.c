/* f16 and bf16: bits in an i16, computed in f32 and rounded back.
 *
 * One operation in f32 and one rounding to sixteen bits give what a direct rounding would: f32 has
 * more than twice the digits (Figueroa, "When is double rounding innocuous?", 1995). Only
 * multiply-add needs more, and goes through f64. The conversions are written out here, since LLVM's
 * own would call __extendhfsf2 and its relatives where the processor lacks them. */
#include "codegen/emit.h"

/* ---- To f32 ---------------------------------------------------------------------------------- */

/* Moves exponent and fraction into place and adds the difference of the biases. Infinity and NaN
 * need it twice; numbers without an implicit one get it added and taken away again, in floating
 * point. */
static const char f32_from_f16_text[] =
    "define float @kc.f32.from.f16(i16 %h) {\n"
    "  %w = zext i16 %h to i32\n"
    "  %m = and i32 %w, 32767\n"
    "  %s = and i32 %w, 32768\n"
    "  %sign = shl i32 %s, 16\n"
    "  %moved = shl i32 %m, 13\n"
    "  %biased = add i32 %moved, 939524096\n"   /* (127 - 15) << 23 */
    "  %special = icmp uge i32 %m, 31744\n"
    "  %twice = add i32 %moved, 1879048192\n"
    "  %tiny = icmp ult i32 %m, 1024\n"
    "  %one = add i32 %moved, 947912704\n"      /* (127 - 14) << 23, that is 2^-14 + m */
    "  %onef = bitcast i32 %one to float\n"
    "  %less = fsub float %onef, 0x3F10000000000000\n"
    "  %lessb = bitcast float %less to i32\n"
    "  %a = select i1 %special, i32 %twice, i32 %biased\n"
    "  %b = select i1 %tiny, i32 %lessb, i32 %a\n"
    "  %bits = or i32 %b, %sign\n"
    "  %out = bitcast i32 %bits to float\n"
    "  ret float %out\n"
    "}\n";

static const char f32_from_f16_native_text[] =
    "define float @kc.f32.from.f16(i16 %h) {\n"
    "  %half = bitcast i16 %h to half\n"
    "  %out = fpext half %half to float\n"
    "  ret float %out\n"
    "}\n";

/* ---- From f32 -------------------------------------------------------------------------------- */

/* Normal results: subtract the difference of the biases and round by adding just under half, plus
 * one where the last kept bit is odd; a carry moves the exponent on, up to infinity. Small results:
 * adding 0.5 in floating point lines their bits up and rounds them. */
static const char f16_from_f32_text[] =
    "define i16 @kc.f16.from.f32(float %x) {\n"
    "  %u = bitcast float %x to i32\n"
    "  %m = and i32 %u, 2147483647\n"
    "  %s = lshr i32 %u, 16\n"
    "  %sign = and i32 %s, 32768\n"
    "  %last = lshr i32 %m, 13\n"
    "  %odd = and i32 %last, 1\n"
    "  %rebias = add i32 %m, -939520001\n" /* -((127 - 15) << 23) + 0xfff */
    "  %rounded = add i32 %rebias, %odd\n"
    "  %normal = lshr i32 %rounded, 13\n"
    "  %mf = bitcast i32 %m to float\n"
    "  %lined = fadd float %mf, 5.0e-01\n"
    "  %linedb = bitcast float %lined to i32\n"
    "  %tiny = sub i32 %linedb, 1056964608\n"   /* the bits of 0.5 */
    "  %is.tiny = icmp ult i32 %m, 947912704\n" /* 2^-14 */
    "  %is.huge = icmp uge i32 %m, 1199570944\n" /* 2^16; rounding sees to 65520 */
    "  %is.nan = icmp ugt i32 %m, 2139095040\n"
    "  %f = lshr i32 %m, 13\n"
    "  %payload = and i32 %f, 1023\n"
    "  %nan = or i32 %payload, 32256\n"
    "  %huge = select i1 %is.nan, i32 %nan, i32 31744\n"
    "  %a = select i1 %is.tiny, i32 %tiny, i32 %normal\n"
    "  %b = select i1 %is.huge, i32 %huge, i32 %a\n"
    "  %bits = or i32 %b, %sign\n"
    "  %out = trunc i32 %bits to i16\n"
    "  ret i16 %out\n"
    "}\n";

static const char f16_from_f32_native_text[] =
    "define i16 @kc.f16.from.f32(float %x) {\n"
    "  %half = fptrunc float %x to half\n"
    "  %out = bitcast half %half to i16\n"
    "  ret i16 %out\n"
    "}\n";

static const char bf16_from_f32_text[] =
    "define i16 @kc.bf16.from.f32(float %x) {\n"
    "  %u = bitcast float %x to i32\n"
    "  %last = lshr i32 %u, 16\n"
    "  %odd = and i32 %last, 1\n"
    "  %just = add i32 %u, 32767\n"
    "  %rounded = add i32 %just, %odd\n"
    "  %number = lshr i32 %rounded, 16\n"
    "  %quiet = or i32 %last, 64\n"
    "  %is.nan = fcmp uno float %x, 0.0\n"
    "  %bits = select i1 %is.nan, i32 %quiet, i32 %number\n"
    "  %out = trunc i32 %bits to i16\n"
    "  ret i16 %out\n"
    "}\n";

/* ---- From f64 -------------------------------------------------------------------------------- */

/* f64 to f32, rounded to odd: an inexact result gets an odd last bit, which a second rounding to
 * fewer bits can tell from a tie (Boldo and Melquiond, "Emulation of FMA and correctly rounded
 * sums", 2008). The nearest f32 is one of the two neighbours; an even inexact one is swapped for
 * the other. */
static const char f32_odd_from_f64_text[] =
    "define float @kc.f32.odd(double %x) {\n"
    "  %near = fptrunc double %x to float\n"
    "  %back = fpext float %near to double\n"
    "  %inexact = fcmp one double %back, %x\n"
    "  %u = bitcast float %near to i32\n"
    "  %last = and i32 %u, 1\n"
    "  %even = icmp eq i32 %last, 0\n"
    "  %wrong = and i1 %inexact, %even\n"
    "  %mback = call double @llvm.fabs.f64(double %back)\n"
    "  %mx = call double @llvm.fabs.f64(double %x)\n"
    "  %beyond = fcmp ogt double %mback, %mx\n"
    "  %step = select i1 %beyond, i32 -1, i32 1\n"
    "  %other = add i32 %u, %step\n"
    "  %bits = select i1 %wrong, i32 %other, i32 %u\n"
    "  %out = bitcast i32 %bits to float\n"
    "  ret float %out\n"
    "}\n"
    "declare double @llvm.fabs.f64(double)\n";

/* The sum of p and c in f64, rounded to odd; the error of the rounded sum is exact (Knuth's
 * TwoSum). */
static const char f64_odd_sum_text[] =
    "define double @kc.f64.odd.sum(double %p, double %c) {\n"
    "  %s = fadd double %p, %c\n"
    "  %cs = fsub double %s, %p\n"
    "  %ps = fsub double %s, %cs\n"
    "  %dc = fsub double %c, %cs\n"
    "  %dp = fsub double %p, %ps\n"
    "  %err = fadd double %dp, %dc\n"
    "  %inexact = fcmp one double %err, 0.0\n"
    "  %u = bitcast double %s to i64\n"
    "  %last = and i64 %u, 1\n"
    "  %even = icmp eq i64 %last, 0\n"
    "  %wrong = and i1 %inexact, %even\n"
    "  %e = bitcast double %err to i64\n"
    "  %signs = xor i64 %e, %u\n"
    "  %apart = icmp slt i64 %signs, 0\n"
    "  %step = select i1 %apart, i64 -1, i64 1\n"
    "  %other = add i64 %u, %step\n"
    "  %bits = select i1 %wrong, i64 %other, i64 %u\n"
    "  %out = bitcast i64 %bits to double\n"
    "  ret double %out\n"
    "}\n";

LLVMValueRef small_to_f32(FnEmit *f, Scalar scalar, LLVMValueRef bits) {
    Emit *e = f->e;
    if (scalar == SCALAR_BF16) {
        LLVMTypeRef type = type_shaped(e->i32, LLVMTypeOf(bits));
        LLVMValueRef wide = LLVMBuildZExt(f->b, bits, type, "");
        wide = LLVMBuildShl(f->b, wide, llvm_int(type, 16), "");
        return LLVMBuildBitCast(f->b, wide, type_shaped(e->f32, type), "");
    }
    const char *text = e->target->has_half ? f32_from_f16_native_text : f32_from_f16_text;
    return helper_call(f, helper_function(e, "kc.f32.from.f16", text, true), &bits, 1);
}

LLVMValueRef small_from_f32(FnEmit *f, Scalar scalar, LLVMValueRef value) {
    Emit *e = f->e;
    LLVMValueRef helper =
        scalar == SCALAR_BF16
            ? helper_function(e, "kc.bf16.from.f32", bf16_from_f32_text, true)
            : helper_function(e, "kc.f16.from.f32",
                              e->target->has_half ? f16_from_f32_native_text : f16_from_f32_text,
                              true);
    return helper_call(f, helper, &value, 1);
}

LLVMValueRef small_from_f64(FnEmit *f, Scalar scalar, LLVMValueRef value) {
    LLVMValueRef helper = helper_function(f->e, "kc.f32.odd", f32_odd_from_f64_text, true);
    return small_from_f32(f, scalar, helper_call(f, helper, &value, 1));
}

/* ---- Operations ------------------------------------------------------------------------------ */

/* The product of two is exact in f64; the sum is rounded to odd, so the last rounding is the only
 * one that counts. */
static LLVMValueRef multiply_add(FnEmit *f, Scalar scalar, LLVMValueRef *args) {
    LLVMValueRef wide[3];
    for (int i = 0; i < 3; i++)
        wide[i] = LLVMBuildFPExt(f->b, small_to_f32(f, scalar, args[i]),
                                 type_shaped(f->e->f64, LLVMTypeOf(args[i])), "");
    LLVMValueRef sum[] = {LLVMBuildFMul(f->b, wide[0], wide[1], ""), wide[2]};
    LLVMValueRef helper = helper_function(f->e, "kc.f64.odd.sum", f64_odd_sum_text, true);
    return small_from_f64(f, scalar, helper_call(f, helper, sum, 2));
}

/* Operations on the sign touch no other bit. */
static LLVMValueRef on_sign(FnEmit *f, OpKind kind, LLVMValueRef *args) {
    LLVMTypeRef type = LLVMTypeOf(args[0]);
    LLVMValueRef sign = llvm_int(type, INT16_MIN), rest = llvm_int(type, INT16_MAX);
    if (kind == OP_NEG) return LLVMBuildXor(f->b, args[0], sign, "");
    LLVMValueRef magnitude = LLVMBuildAnd(f->b, args[0], rest, "");
    if (kind == OP_ABS) return magnitude;
    return LLVMBuildOr(f->b, magnitude, LLVMBuildAnd(f->b, args[1], sign, ""), "");
}

/* Whether the bits are a NaN's. */
static LLVMValueRef small_is_nan(FnEmit *f, Scalar scalar, LLVMValueRef bits) {
    LLVMTypeRef type = LLVMTypeOf(bits);
    LLVMValueRef infinity = llvm_int(type, scalar == SCALAR_F16 ? 0x7c00 : 0x7f80);
    LLVMValueRef magnitude = LLVMBuildAnd(f->b, bits, llvm_int(type, INT16_MAX), "");
    return LLVMBuildICmp(f->b, LLVMIntUGT, magnitude, infinity, "");
}

/* Integers in the order of the numbers: those of negative ones are turned round. */
static LLVMValueRef small_order(FnEmit *f, LLVMValueRef bits) {
    LLVMTypeRef type = LLVMTypeOf(bits);
    LLVMValueRef sign = LLVMBuildAShr(f->b, bits, llvm_int(type, 15), "");
    LLVMValueRef flip = LLVMBuildAnd(f->b, sign, llvm_int(type, INT16_MAX), "");
    return LLVMBuildXor(f->b, bits, flip, "");
}

/* Nothing is rounded, so integers do; llvm.maximum of many halves loses NaNs where the processor has no
 * arithmetic of its own for them (LLVM 19, x86 with AVX-512). */
static LLVMValueRef pick(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args) {
    LLVMIntPredicate first = kind == OP_MIN ? LLVMIntSLT : LLVMIntSGT;
    LLVMValueRef a = small_order(f, args[0]), b = small_order(f, args[1]);
    LLVMValueRef picked =
        LLVMBuildSelect(f->b, LLVMBuildICmp(f->b, first, a, b, ""), args[0], args[1], "");
    LLVMValueRef nan = llvm_int(LLVMTypeOf(a), scalar == SCALAR_F16 ? 0x7e00 : 0x7fc0);
    LLVMValueRef none =
        LLVMBuildOr(f->b, small_is_nan(f, scalar, args[0]), small_is_nan(f, scalar, args[1]), "");
    return LLVMBuildSelect(f->b, none, nan, picked, "");
}

LLVMValueRef emit_small_float(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args) {
    if (kind == OP_NEG || kind == OP_ABS || kind == OP_COPYSIGN) return on_sign(f, kind, args);
    if (kind == OP_FMA) return multiply_add(f, scalar, args);
    if (kind == OP_MIN || kind == OP_MAX) return pick(f, kind, scalar, args);
    LLVMValueRef wide[3] = {NULL};
    for (int i = 0; i < op_infos[kind].operands; i++) wide[i] = small_to_f32(f, scalar, args[i]);
    return small_from_f32(f, scalar, emit_float(f, kind, wide));
}
