/* Arithmetic on f32 and f64. Nothing here becomes a call into a mathematical library. */
#include "codegen/emit.h"

/* `fast` lets LLVM reassociate, contract, use reciprocals and approximate, and ignore the sign of
 * zero. It may not assume that there are no NaNs or infinities: a kernel that meets one says so in
 * its result. The other modes allow nothing: multiplications and additions were contracted
 * earlier. */
LLVMValueRef with_fp_flags(FnEmit *f, LLVMValueRef instruction) {
    if (f->ir->fp != FP_FAST) return instruction;
    if (LLVMIsAInstruction(instruction) == NULL) return instruction;
    if (LLVMCanValueUseFastMathFlags(instruction))
        LLVMSetFastMathFlags(instruction, LLVMFastMathAllowReassoc | LLVMFastMathNoSignedZeros |
                                              LLVMFastMathAllowReciprocal |
                                              LLVMFastMathAllowContract | LLVMFastMathApproxFunc);
    return instruction;
}

/* Or a vector of f32. */
static bool is_f32(const FnEmit *f, LLVMTypeRef type) {
    bool is_vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
    return (is_vector ? LLVMGetElementType(type) : type) == f->e->f32;
}

static LLVMValueRef unary(FnEmit *f, const char *name, LLVMValueRef a) {
    return intrinsic(f, name, LLVMTypeOf(a), &a, 1);
}

static LLVMValueRef binary(FnEmit *f, const char *name, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef args[] = {a, b};
    return intrinsic(f, name, LLVMTypeOf(a), args, 2);
}

/* ---- Rounding to integers without an instruction for it -------------------------------------- */

/* Adding and taking away 2^23 (2^52 for f64) leaves no bits for a fraction, so the addition rounds
 * to nearest even; numbers from there on are integers already, and NaN stays. `a` is not
 * negative. */
static LLVMValueRef rint_of_magnitude(FnEmit *f, LLVMValueRef a) {
    LLVMTypeRef type = LLVMTypeOf(a);
    LLVMValueRef big = LLVMConstReal(type, is_f32(f, type) ? 0x1p23 : 0x1p52);
    LLVMValueRef rounded = LLVMBuildFSub(f->b, LLVMBuildFAdd(f->b, a, big, ""), big, "");
    LLVMValueRef small = LLVMBuildFCmp(f->b, LLVMRealOLT, a, big, "");
    return LLVMBuildSelect(f->b, small, rounded, a, "");
}

/* `rounded` less `step` where it lies on the wrong side of `x`. */
static LLVMValueRef step_back(FnEmit *f, LLVMRealPredicate wrong, LLVMValueRef rounded,
                              LLVMValueRef x, double step) {
    LLVMValueRef is_wrong = LLVMBuildFCmp(f->b, wrong, rounded, x, "");
    LLVMValueRef by = LLVMConstReal(LLVMTypeOf(x), step);
    return LLVMBuildSelect(f->b, is_wrong, LLVMBuildFSub(f->b, rounded, by, ""), rounded, "");
}

/* The sign of `x` at the end also makes the zero right: floor(-0.0), ceil(-0.7), rint(-0.2). */
static LLVMValueRef round_by_hand(FnEmit *f, OpKind kind, LLVMValueRef x) {
    LLVMValueRef magnitude = unary(f, "llvm.fabs", x);
    LLVMValueRef near = rint_of_magnitude(f, magnitude);
    LLVMValueRef result = near;
    if (kind == OP_TRUNC) {
        result = step_back(f, LLVMRealOGT, near, magnitude, 1.0);
    } else if (kind != OP_RINT) {
        near = binary(f, "llvm.copysign", near, x);
        result = kind == OP_FLOOR ? step_back(f, LLVMRealOGT, near, x, 1.0)
                                  : step_back(f, LLVMRealOLT, near, x, -1.0);
    }
    return binary(f, "llvm.copysign", result, x);
}

static LLVMValueRef round_to_integer(FnEmit *f, OpKind kind, LLVMValueRef x) {
    if (!f->e->target->has_round) return round_by_hand(f, kind, x);
    switch ((int)kind) {
    case OP_FLOOR: return unary(f, "llvm.floor", x);
    case OP_CEIL: return unary(f, "llvm.ceil", x);
    case OP_TRUNC: return unary(f, "llvm.trunc", x);
    case OP_RINT: return unary(f, "llvm.roundeven", x);
    default: UNREACHABLE();
    }
}

/* ---- Multiply and add ------------------------------------------------------------------------ */

static LLVMValueRef fma_scalar(FnEmit *f, const void *user, LLVMValueRef *args) {
    (void)user;
    return runtime_call(f, is_f32(f, LLVMTypeOf(args[0])) ? RT_FMA_F32 : RT_FMA_F64, args);
}

static LLVMValueRef fma_by_runtime(FnEmit *f, LLVMValueRef *args) {
    bool is_vector = LLVMGetTypeKind(LLVMTypeOf(args[0])) == LLVMVectorTypeKind;
    return is_vector ? lane_by_lane(f, args, 3, fma_scalar, NULL) : fma_scalar(f, NULL, args);
}

static LLVMValueRef multiply_add(FnEmit *f, LLVMValueRef *args) {
    if (!f->e->target->has_fma) return fma_by_runtime(f, args);
    return with_fp_flags(f, intrinsic(f, "llvm.fma", LLVMTypeOf(args[0]), args, 3));
}

/* ---- Python's remainder ---------------------------------------------------------------------- */

/* The remainder of |x| by |y|, exact, by long division one bit at a time: as many steps as their
 * exponents differ. LLVM's frem would call fmod. f32 uses it as well: its remainders are exact in
 * f64. */
static const char remainder_text[] =
    "define double @kc.remainder(double %x, double %y) {\n"
    "start:\n"
    "  %xb = bitcast double %x to i64\n"
    "  %yb = bitcast double %y to i64\n"
    "  %xa = and i64 %xb, 9223372036854775807\n"
    "  %ya = and i64 %yb, 9223372036854775807\n"
    "  %y0 = icmp eq i64 %ya, 0\n"
    "  %yn = icmp ugt i64 %ya, 9218868437227405312\n"
    "  %xn = icmp uge i64 %xa, 9218868437227405312\n"
    "  %bad0 = or i1 %y0, %yn\n"
    "  %bad = or i1 %bad0, %xn\n"
    "  br i1 %bad, label %nan, label %finite\n"
    "finite:\n"
    "  %less = icmp ult i64 %xa, %ya\n"
    "  br i1 %less, label %done, label %split\n"
    "split:\n"
    "  %xe0 = lshr i64 %xa, 52\n"
    "  %xm0 = and i64 %xa, 4503599627370495\n"
    "  %xsub = icmp eq i64 %xe0, 0\n"
    "  %xh = select i1 %xsub, i64 0, i64 4503599627370496\n"
    "  %xm = or i64 %xm0, %xh\n"
    "  %xe = select i1 %xsub, i64 1, i64 %xe0\n"
    "  %ye0 = lshr i64 %ya, 52\n"
    "  %ym0 = and i64 %ya, 4503599627370495\n"
    "  %ysub = icmp eq i64 %ye0, 0\n"
    "  %yh = select i1 %ysub, i64 0, i64 4503599627370496\n"
    "  %ym = or i64 %ym0, %yh\n"
    "  %ye = select i1 %ysub, i64 1, i64 %ye0\n"
    "  %steps = sub i64 %xe, %ye\n"
    "  %r0 = urem i64 %xm, %ym\n"
    "  br label %head\n"
    "head:\n"
    "  %r = phi i64 [ %r0, %split ], [ %next, %more ]\n"
    "  %left = phi i64 [ %steps, %split ], [ %left1, %more ]\n"
    "  %some = icmp sgt i64 %left, 0\n"
    "  br i1 %some, label %more, label %pack\n"
    "more:\n"
    "  %twice = shl i64 %r, 1\n"
    "  %over = icmp uge i64 %twice, %ym\n"
    "  %minus = sub i64 %twice, %ym\n"
    "  %next = select i1 %over, i64 %minus, i64 %twice\n"
    "  %left1 = sub i64 %left, 1\n"
    "  br label %head\n"
    "pack:\n"
    "  %rf = uitofp i64 %r to double\n" /* below 2^53: exact */
    "  %rb = bitcast double %rf to i64\n"
    "  %zero = icmp eq i64 %r, 0\n"
    "  %re = lshr i64 %rb, 52\n"     /* exponent of r as an integer, biased */
    "  %shift = sub i64 %ye, 1075\n" /* the result is r * 2^(ye - 1075) */
    "  %e = add i64 %re, %shift\n"
    "  %normal = icmp sgt i64 %e, 0\n"
    "  %rm = and i64 %rb, 4503599627370495\n"
    "  %eb = shl i64 %e, 52\n"
    "  %nb = or i64 %eb, %rm\n"
    "  %lift = sub i64 %ye, 1\n" /* subnormal: r * 2^(ye - 1) in units of the last bit */
    "  %lift1 = and i64 %lift, 63\n"
    "  %sb = shl i64 %r, %lift1\n"
    "  %bits = select i1 %normal, i64 %nb, i64 %sb\n"
    "  %out = select i1 %zero, i64 0, i64 %bits\n"
    "  br label %done\n"
    "done:\n"
    "  %m = phi i64 [ %xa, %finite ], [ %out, %pack ]\n"
    "  %sign = and i64 %xb, -9223372036854775808\n"
    "  %whole = or i64 %m, %sign\n"
    "  %value = bitcast i64 %whole to double\n"
    "  ret double %value\n"
    "nan:\n"
    "  ret double 0x7FF8000000000000\n"
    "}\n";

static LLVMValueRef c_remainder(FnEmit *f, LLVMValueRef x, LLVMValueRef y) {
    LLVMTypeRef type = LLVMTypeOf(x);
    LLVMTypeRef wide = type_shaped(f->e->f64, type);
    LLVMValueRef args[] = {LLVMBuildFPCast(f->b, x, wide, ""), LLVMBuildFPCast(f->b, y, wide, "")};
    LLVMValueRef helper = helper_function(f->e, "kc.remainder", remainder_text, false);
    return LLVMBuildFPCast(f->b, helper_call(f, helper, args, 2), type, "");
}

static LLVMValueRef differ_in_sign(FnEmit *f, LLVMValueRef x, LLVMValueRef y) {
    LLVMValueRef zero = LLVMConstReal(LLVMTypeOf(x), 0.0);
    LLVMValueRef x_less = LLVMBuildFCmp(f->b, LLVMRealOLT, x, zero, "");
    LLVMValueRef y_less = LLVMBuildFCmp(f->b, LLVMRealOLT, y, zero, "");
    return LLVMBuildXor(f->b, x_less, y_less, "");
}

/* The remainder gets the divisor's sign; a zero one as well. */
static LLVMValueRef modulo(FnEmit *f, LLVMValueRef x, LLVMValueRef y) {
    LLVMValueRef zero = LLVMConstReal(LLVMTypeOf(x), 0.0);
    LLVMValueRef r = c_remainder(f, x, y);
    LLVMValueRef sum = LLVMBuildFAdd(f->b, r, y, "");
    LLVMValueRef moved = LLVMBuildSelect(f->b, differ_in_sign(f, r, y), sum, r, "");
    LLVMValueRef is_zero = LLVMBuildFCmp(f->b, LLVMRealOEQ, r, zero, "");
    return LLVMBuildSelect(f->b, is_zero, binary(f, "llvm.copysign", zero, y), moved, "");
}

/* Python's x // y: the whole number q for which x = q*y + x % y, rounded. It is not floor(x / y),
 * which a quotient that was rounded up to an integer would lift: 1.0 // 0.1 is 9. */
static LLVMValueRef floor_divide(FnEmit *f, LLVMValueRef x, LLVMValueRef y) {
    LLVMTypeRef type = LLVMTypeOf(x);
    LLVMValueRef zero = LLVMConstReal(type, 0.0), one = LLVMConstReal(type, 1.0);
    LLVMValueRef plain = LLVMBuildFDiv(f->b, x, y, "");
    LLVMValueRef r = c_remainder(f, x, y);
    LLVMValueRef q = LLVMBuildFDiv(f->b, LLVMBuildFSub(f->b, x, r, ""), y, "");
    LLVMValueRef some = LLVMBuildFCmp(f->b, LLVMRealUNE, r, zero, "");
    LLVMValueRef lower = LLVMBuildAnd(f->b, some, differ_in_sign(f, r, y), "");
    q = LLVMBuildSelect(f->b, lower, LLVMBuildFSub(f->b, q, one, ""), q, "");
    LLVMValueRef whole = round_to_integer(f, OP_FLOOR, q);
    LLVMValueRef rest = LLVMBuildFSub(f->b, q, whole, "");
    LLVMValueRef near = LLVMBuildFCmp(f->b, LLVMRealOGT, rest, LLVMConstReal(type, 0.5), "");
    whole = LLVMBuildSelect(f->b, near, LLVMBuildFAdd(f->b, whole, one, ""), whole, "");
    LLVMValueRef none = LLVMBuildFCmp(f->b, LLVMRealOEQ, q, zero, "");
    whole = LLVMBuildSelect(f->b, none, binary(f, "llvm.copysign", zero, plain), whole, "");
    LLVMValueRef by_zero = LLVMBuildFCmp(f->b, LLVMRealOEQ, y, zero, "");
    return LLVMBuildSelect(f->b, by_zero, plain, whole, "");
}

LLVMValueRef emit_float(FnEmit *f, OpKind kind, LLVMValueRef *args) {
    LLVMValueRef a = args[0], b = args[1];
    switch ((int)kind) {
    case OP_ADD: return with_fp_flags(f, LLVMBuildFAdd(f->b, a, b, ""));
    case OP_SUB: return with_fp_flags(f, LLVMBuildFSub(f->b, a, b, ""));
    case OP_MUL: return with_fp_flags(f, LLVMBuildFMul(f->b, a, b, ""));
    case OP_DIV: return with_fp_flags(f, LLVMBuildFDiv(f->b, a, b, ""));
    case OP_FLOORDIV: return floor_divide(f, a, b);
    case OP_MOD: return modulo(f, a, b);
    case OP_FMA: return multiply_add(f, args);
    case OP_NEG: return LLVMBuildFNeg(f->b, a, "");
    case OP_ABS: return unary(f, "llvm.fabs", a);
    case OP_MIN: case OP_MAX: return emit_extreme(f, kind, a, b);
    case OP_SQRT: return with_fp_flags(f, unary(f, "llvm.sqrt", a));
    case OP_FLOOR:
    case OP_CEIL:
    case OP_TRUNC:
    case OP_RINT: return round_to_integer(f, kind, a);
    case OP_COPYSIGN: return binary(f, "llvm.copysign", a, b);
    default: KC_BUG("%s of floats", op_infos[kind].mnemonic);
    }
}
