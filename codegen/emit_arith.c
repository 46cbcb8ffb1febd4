/* Integer arithmetic, bits and comparison. Everything wraps; nothing here can trap, because these
 * operations count as pure and may be moved before the check that guards them. */
#include "codegen/emit.h"

typedef struct IntOperands {
    LLVMTypeRef type;
    LLVMValueRef a, b;
    bool is_signed;
    unsigned bits;
} IntOperands;

static LLVMValueRef int_const(const IntOperands *o, int64_t value) {
    return llvm_int(o->type, value);
}

/* ---- Division -------------------------------------------------------------------------------- */

typedef struct Division {
    LLVMValueRef quotient, remainder; /* of C: rounded towards zero */
    LLVMValueRef by_zero;
} Division;

/* C's division with operands under which the processor cannot trap: x/0 becomes x/1, and so does
 * x/-1, whose overflow would trap (the caller puts both right). */
static Division divide(FnEmit *f, const IntOperands *o) {
    Division d;
    d.by_zero = LLVMBuildICmp(f->b, LLVMIntEQ, o->b, int_const(o, 0), "");
    LLVMValueRef unsafe = d.by_zero;
    if (o->is_signed) {
        LLVMValueRef minus = LLVMBuildICmp(f->b, LLVMIntEQ, o->b, int_const(o, -1), "");
        unsafe = LLVMBuildOr(f->b, unsafe, minus, "");
    }
    LLVMValueRef by = LLVMBuildSelect(f->b, unsafe, int_const(o, 1), o->b, "");
    d.quotient =
        o->is_signed ? LLVMBuildSDiv(f->b, o->a, by, "") : LLVMBuildUDiv(f->b, o->a, by, "");
    LLVMValueRef back = LLVMBuildMul(f->b, d.quotient, by, "");
    d.remainder = LLVMBuildSub(f->b, o->a, back, "");
    return d;
}

/* Whether rounding towards zero and rounding down differ: a remainder whose sign is not the
 * divisor's. */
static LLVMValueRef rounds_differ(FnEmit *f, const IntOperands *o, LLVMValueRef remainder) {
    LLVMValueRef some = LLVMBuildICmp(f->b, LLVMIntNE, remainder, int_const(o, 0), "");
    LLVMValueRef signs = LLVMBuildXor(f->b, remainder, o->b, "");
    LLVMValueRef differ = LLVMBuildICmp(f->b, LLVMIntSLT, signs, int_const(o, 0), "");
    return LLVMBuildAnd(f->b, some, differ, "");
}

static LLVMValueRef floor_divide(FnEmit *f, const IntOperands *o) {
    Division d = divide(f, o);
    LLVMValueRef q = d.quotient;
    if (o->is_signed) {
        LLVMValueRef less = LLVMBuildSub(f->b, q, int_const(o, 1), "");
        q = LLVMBuildSelect(f->b, rounds_differ(f, o, d.remainder), less, q, "");
        LLVMValueRef minus = LLVMBuildICmp(f->b, LLVMIntEQ, o->b, int_const(o, -1), "");
        q = LLVMBuildSelect(f->b, minus, LLVMBuildNeg(f->b, o->a, ""), q, "");
    }
    return LLVMBuildSelect(f->b, d.by_zero, int_const(o, 0), q, "");
}

/* The remainder of x/1 is 0, which is also that of x/-1 and what `mod` says of x/0. */
static LLVMValueRef modulo(FnEmit *f, const IntOperands *o) {
    Division d = divide(f, o);
    if (!o->is_signed) return d.remainder;
    LLVMValueRef more = LLVMBuildAdd(f->b, d.remainder, o->b, "");
    return LLVMBuildSelect(f->b, rounds_differ(f, o, d.remainder), more, d.remainder, "");
}

/* A constant divisor needs none of the guards; LLVM knows the shifts for powers of two. */
static bool is_plain_divisor(LLVMValueRef b, uint64_t *by) {
    bool is_vector = LLVMGetTypeKind(LLVMTypeOf(b)) == LLVMVectorTypeKind;
    if (is_vector && !LLVMIsConstant(b)) return false;
    LLVMValueRef one = is_vector ? LLVMGetAggregateElement(b, 0) : b;
    if (one == NULL || LLVMIsAConstantInt(one) == NULL) return false;
    *by = (uint64_t)LLVMConstIntGetSExtValue(one);
    return (int64_t)*by > 0 && (!is_vector || b == llvm_int(LLVMTypeOf(b), (int64_t)*by));
}

static LLVMValueRef divide_by_constant(FnEmit *f, const IntOperands *o, uint64_t by,
                                       bool wants_remainder) {
    LLVMValueRef zero = int_const(o, 0), one = int_const(o, 1);
    if (!o->is_signed)
        return wants_remainder ? LLVMBuildURem(f->b, o->a, o->b, "")
                               : LLVMBuildUDiv(f->b, o->a, o->b, "");
    if ((by & (by - 1)) == 0) { /* rounding down is what shifts and masks do */
        if (wants_remainder) return LLVMBuildAnd(f->b, o->a, int_const(o, (int64_t)by - 1), "");
        LLVMValueRef count = int_const(o, __builtin_ctzll(by));
        return LLVMBuildAShr(f->b, o->a, count, "");
    }
    LLVMValueRef r = LLVMBuildSRem(f->b, o->a, o->b, "");
    LLVMValueRef below = LLVMBuildICmp(f->b, LLVMIntSLT, r, zero, "");
    if (wants_remainder)
        return LLVMBuildSelect(f->b, below, LLVMBuildAdd(f->b, r, o->b, ""), r, "");
    LLVMValueRef q = LLVMBuildSDiv(f->b, o->a, o->b, "");
    return LLVMBuildSelect(f->b, below, LLVMBuildSub(f->b, q, one, ""), q, "");
}

/* ---- Shifts: the count is read as unsigned, so that a negative one is too large as well ------ */

static LLVMValueRef shift(FnEmit *f, OpKind kind, const IntOperands *o) {
    LLVMValueRef bits = int_const(o, o->bits);
    if (kind == OP_SHR && o->is_signed) {
        LLVMValueRef args[] = {o->b, int_const(o, o->bits - 1)};
        return LLVMBuildAShr(f->b, o->a, intrinsic(f, "llvm.umin", o->type, args, 2), "");
    }
    LLVMValueRef fits = LLVMBuildICmp(f->b, LLVMIntULT, o->b, bits, "");
    LLVMValueRef count = LLVMBuildSelect(f->b, fits, o->b, int_const(o, 0), "");
    LLVMValueRef shifted = kind == OP_SHL ? LLVMBuildShl(f->b, o->a, count, "")
                                          : LLVMBuildLShr(f->b, o->a, count, "");
    return LLVMBuildSelect(f->b, fits, shifted, int_const(o, 0), "");
}

static LLVMValueRef pick(FnEmit *f, const IntOperands *o, const char *if_signed,
                         const char *if_unsigned) {
    LLVMValueRef args[] = {o->a, o->b};
    return intrinsic(f, o->is_signed ? if_signed : if_unsigned, o->type, args, 2);
}

/* llvm.ctlz, llvm.cttz and llvm.abs take a flag: whether an awkward operand (0, or the most
 * negative integer) may give anything. It may not. */
static LLVMValueRef defined_everywhere(FnEmit *f, const IntOperands *o, const char *name) {
    LLVMValueRef args[] = {o->a, LLVMConstInt(f->e->i1, 0, false)};
    return intrinsic(f, name, o->type, args, 2);
}

LLVMValueRef emit_int(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args) {
    IntOperands o = {LLVMTypeOf(args[0]), args[0], args[1], scalar_is_signed(scalar),
                     scalar_bits(scalar)};
    uint64_t by;
    switch ((int)kind) {
    case OP_ADD: return LLVMBuildAdd(f->b, o.a, o.b, "");
    case OP_SUB: return LLVMBuildSub(f->b, o.a, o.b, "");
    case OP_MUL: return LLVMBuildMul(f->b, o.a, o.b, "");
    case OP_FLOORDIV:
        return is_plain_divisor(o.b, &by) ? divide_by_constant(f, &o, by, false)
                                          : floor_divide(f, &o);
    case OP_MOD:
        return is_plain_divisor(o.b, &by) ? divide_by_constant(f, &o, by, true) : modulo(f, &o);
    case OP_NEG: return LLVMBuildNeg(f->b, o.a, "");
    case OP_ABS: return o.is_signed ? defined_everywhere(f, &o, "llvm.abs") : o.a;
    case OP_MIN: return pick(f, &o, "llvm.smin", "llvm.umin");
    case OP_MAX: return pick(f, &o, "llvm.smax", "llvm.umax");
    case OP_AND: return LLVMBuildAnd(f->b, o.a, o.b, "");
    case OP_OR: return LLVMBuildOr(f->b, o.a, o.b, "");
    case OP_XOR: return LLVMBuildXor(f->b, o.a, o.b, "");
    case OP_NOT: return LLVMBuildNot(f->b, o.a, "");
    case OP_SHL:
    case OP_SHR: return shift(f, kind, &o);
    case OP_POPCOUNT: return intrinsic(f, "llvm.ctpop", o.type, &o.a, 1);
    case OP_CLZ: return defined_everywhere(f, &o, "llvm.ctlz");
    case OP_CTZ: return defined_everywhere(f, &o, "llvm.cttz");
    case OP_SATADD: return pick(f, &o, "llvm.sadd.sat", "llvm.uadd.sat");
    case OP_SATSUB: return pick(f, &o, "llvm.ssub.sat", "llvm.usub.sat");
    default: KC_BUG("%s of integers", op_infos[kind].mnemonic);
    }
}

/* ---- Comparison ------------------------------------------------------------------------------ */

static LLVMIntPredicate int_predicate(OpKind kind, bool is_signed) {
    switch ((int)kind) {
    case OP_EQ: return LLVMIntEQ;
    case OP_NE: return LLVMIntNE;
    case OP_LT: return is_signed ? LLVMIntSLT : LLVMIntULT;
    case OP_LE: return is_signed ? LLVMIntSLE : LLVMIntULE;
    case OP_GT: return is_signed ? LLVMIntSGT : LLVMIntUGT;
    case OP_GE: return is_signed ? LLVMIntSGE : LLVMIntUGE;
    default: UNREACHABLE();
    }
}

static LLVMRealPredicate real_predicate(OpKind kind) {
    switch ((int)kind) {
    case OP_EQ: return LLVMRealOEQ;
    case OP_NE: return LLVMRealUNE;
    case OP_LT: return LLVMRealOLT;
    case OP_LE: return LLVMRealOLE;
    case OP_GT: return LLVMRealOGT;
    case OP_GE: return LLVMRealOGE;
    default: UNREACHABLE();
    }
}

LLVMValueRef emit_compare(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args) {
    LLVMValueRef a = args[0], b = args[1];
    if (!scalar_is_float(scalar))
        return LLVMBuildICmp(f->b, int_predicate(kind, scalar_is_signed(scalar)), a, b, "");
    if (scalar_bits(scalar) == 16) {
        a = small_to_f32(f, scalar, a);
        b = small_to_f32(f, scalar, b);
    }
    return LLVMBuildFCmp(f->b, real_predicate(kind), a, b, "");
}
