/* The lesser and the greater of two floats, where a NaN gives NaN and -0 is less than +0.
 *
 * x86's minps(a, b) is `a < b ? a : b`: it gives b where one is a NaN, and where both are zeros. So minps(a, b) and
 * minps(b, a) differ just there, and what is to come out has the bits of both: -0 | +0 is -0, and a NaN is one
 * whatever is or-ed to it. For the greater one, bits that both have are right but for a NaN. AVX-512 has rangeps, which
 * is wrong only about a NaN beside a number: it gives the number. */
#include "codegen/emit.h"

enum { LESSER, GREATER, CURRENT_ROUNDING = 4 };

static LLVMValueRef register_chosen(void *user, FnEmit *f, LLVMValueRef *args, uint32_t bits) {
    static const char *const names[2][2][3] = {
        {{"llvm.x86.sse.min.ps", "llvm.x86.avx.min.ps.256", "llvm.x86.avx512.min.ps.512"},
         {"llvm.x86.sse2.min.pd", "llvm.x86.avx.min.pd.256", "llvm.x86.avx512.min.pd.512"}},
        {{"llvm.x86.sse.max.ps", "llvm.x86.avx.max.ps.256", "llvm.x86.avx512.max.ps.512"},
         {"llvm.x86.sse2.max.pd", "llvm.x86.avx.max.pd.256", "llvm.x86.avx512.max.pd.512"}}};
    const char *const *by_width = names[*(int *)user][bits_of_lane(LLVMTypeOf(args[0])) == 64];
    LLVMValueRef all[] = {args[0], args[1], const_i32(f->e, CURRENT_ROUNDING)};
    return overloaded(f, by_width[bits / 256], NULL, 0, all, bits == 512 ? 3 : 2);
}

/* minps(a, b) or maxps(a, b). As a comparison and a choice, which is what it is, LLVM would see through it and find
 * more operations; in what is no vector yet it must be that, or LLVM could make none of it. */
static LLVMValueRef chosen(FnEmit *f, int which, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef args[] = {a, b};
    LLVMTypeRef type = LLVMTypeOf(a);
    if (LLVMGetTypeKind(type) == LLVMVectorTypeKind)
        return by_registers(f, args, 2, LLVMGetVectorSize(type), register_chosen, &which);
    LLVMRealPredicate how = which == LESSER ? LLVMRealOLT : LLVMRealOGT;
    return LLVMBuildSelect(f->b, LLVMBuildFCmp(f->b, how, a, b, ""), a, b, "");
}

static LLVMTypeRef type_of_bits(FnEmit *f, LLVMTypeRef type) {
    return type_shaped(type == type_shaped(f->e->f32, type) ? f->e->i32 : f->e->i64, type);
}

static LLVMValueRef bits_of_chosen(FnEmit *f, int which, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildBitCast(f->b, chosen(f, which, a, b), type_of_bits(f, LLVMTypeOf(a)), "");
}

static LLVMValueRef lesser(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef one = bits_of_chosen(f, LESSER, a, b), other = bits_of_chosen(f, LESSER, b, a);
    return LLVMBuildBitCast(f->b, LLVMBuildOr(f->b, one, other, ""), LLVMTypeOf(a), "");
}

static LLVMValueRef register_ranged(void *user, FnEmit *f, LLVMValueRef *args, uint32_t bits) {
    static const char *const names[2][3] = {
        {"llvm.x86.avx512.mask.range.ps.128", "llvm.x86.avx512.mask.range.ps.256", "llvm.x86.avx512.mask.range.ps.512"},
        {"llvm.x86.avx512.mask.range.pd.128", "llvm.x86.avx512.mask.range.pd.256", "llvm.x86.avx512.mask.range.pd.512"}};
    enum { SIGN_OF_RESULT = 1 << 2 };
    uint32_t lane_bits = bits_of_lane(LLVMTypeOf(args[0])), lanes = bits / lane_bits;
    LLVMTypeRef mask = LLVMIntTypeInContext(f->e->llvm, lanes < 8 ? 8 : lanes);
    LLVMValueRef all[] = {args[0], args[1], const_i32(f->e, *(int *)user | SIGN_OF_RESULT), LLVMGetPoison(LLVMTypeOf(args[0])),
                          LLVMConstAllOnes(mask), const_i32(f->e, CURRENT_ROUNDING)};
    return overloaded(f, names[lane_bits == 64][bits / 256], NULL, 0, all, bits == 512 ? 6 : 5);
}

/* rangeps(a, b). */
static LLVMValueRef ranged(FnEmit *f, int which, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef args[] = {a, b};
    return by_registers(f, args, 2, LLVMGetVectorSize(LLVMTypeOf(a)), register_ranged, &which);
}

static LLVMValueRef nan_like(FnEmit *f, LLVMValueRef number) {
    LLVMTypeRef type = LLVMTypeOf(number);
    return LLVMConstBitCast(LLVMConstAllOnes(type_of_bits(f, type)), type);
}

/* Asked whether one is a NaN, LLVM does both beside each other; asked whether both are numbers, one after the other. */
static LLVMValueRef greater_by_range(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef number = ranged(f, GREATER, a, b), is_nan = LLVMBuildFCmp(f->b, LLVMRealUNO, a, b, "");
    return LLVMBuildSelect(f->b, is_nan, nan_like(f, number), number, "");
}

static LLVMValueRef greater(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    if (f->e->target->has_range && LLVMGetTypeKind(LLVMTypeOf(a)) == LLVMVectorTypeKind) return greater_by_range(f, a, b);
    LLVMValueRef one = bits_of_chosen(f, GREATER, a, b), other = bits_of_chosen(f, GREATER, b, a);
    LLVMValueRef common = LLVMBuildAnd(f->b, one, other, "");
    LLVMValueRef is_nan = LLVMBuildFCmp(f->b, LLVMRealUNO, a, b, "");
    LLVMValueRef ones = LLVMBuildSExt(f->b, is_nan, LLVMTypeOf(common), "");
    return LLVMBuildBitCast(f->b, LLVMBuildOr(f->b, common, ones, ""), LLVMTypeOf(a), "");
}

/* max(x, 0): maxps(0, x) is x where x is a NaN or a zero, and without its sign -0 is 0. */
static LLVMValueRef not_negative(FnEmit *f, LLVMValueRef x) {
    LLVMValueRef better = chosen(f, GREATER, LLVMConstNull(LLVMTypeOf(x)), x);
    return intrinsic(f, "llvm.fabs", LLVMTypeOf(x), &better, 1);
}

LLVMValueRef emit_extreme(FnEmit *f, OpKind kind, LLVMValueRef a, LLVMValueRef b) {
    bool is_min = kind == OP_MIN;
    LLVMValueRef args[] = {a, b};
    bool is_x86 = f->e->target->arch == ARCH_X86_64;
    if (is_x86 && !is_min && (LLVMIsNull(a) || LLVMIsNull(b))) return not_negative(f, LLVMIsNull(a) ? b : a);
    bool is_plain = LLVMIsConstant(a) || LLVMIsConstant(b); /* then LLVM knows what cannot happen */
    if (!is_x86 || is_plain)
        return intrinsic(f, is_min ? "llvm.minimum" : "llvm.maximum", LLVMTypeOf(a), args, 2);
    return is_min ? lesser(f, a, b) : greater(f, a, b);
}

/* ---- Beside what is the same ------------------------------------------------------------------ */

static bool is_float_vector(const IrType *type) {
    return type->kind == IR_VEC && (type->scalar == SCALAR_F32 || type->scalar == SCALAR_F64);
}

static bool is_same_all_along(const FnEmit *f, const Value *value) {
    return f->loop != NULL && !value_is_made_in(value, f->loop->op);
}

/* minps(same, x) and maxps(same, x) are x where one is a NaN or both are zeros: all that is wrong about that, `same` tells, and
 * LLVM asks it before the loop. If it is -0, the lesser one is never positive, and if it is +0, the greater one never negative.
 * So what comes of it keeps some of its bits, and gets others. */
typedef struct Mend {
    LLVMValueRef kept, set;
} Mend;

static LLVMValueRef either_bits(FnEmit *f, LLVMValueRef which, LLVMValueRef yes, LLVMValueRef no) {
    return LLVMBuildSelect(f->b, which, yes, no, "");
}

/* `beyond`, if it is there, is the other end, which the number is held to afterwards: a zero on the wrong side of it is gone then.
 * As a NaN, `same` gives its own bits: all of them would be a choice to LLVM, made in each turn. */
static void mend_beside(FnEmit *f, Mend *mend, int which, LLVMValueRef same, LLVMValueRef beyond) {
    LLVMTypeRef numbers = type_of_bits(f, LLVMTypeOf(same));
    LLVMValueRef sign = LLVMBuildBitCast(f->b, LLVMConstReal(LLVMTypeOf(same), -0.0), numbers, ""), none = LLVMConstNull(numbers);
    LLVMValueRef bits = LLVMBuildBitCast(f->b, same, numbers, ""), is_nan = LLVMBuildFCmp(f->b, LLVMRealUNO, same, same, "");
    LLVMValueRef is_end = LLVMBuildICmp(f->b, LLVMIntEQ, bits, which == LESSER ? sign : none, "");
    if (beyond != NULL) {
        LLVMValueRef other = LLVMBuildBitCast(f->b, beyond, numbers, "");
        LLVMValueRef is_on_this_side = LLVMBuildICmp(f->b, which == LESSER ? LLVMIntSLT : LLVMIntSGE, other, none, "");
        is_end = LLVMBuildAnd(f->b, is_end, is_on_this_side, "");
    }
    mend->set = LLVMBuildOr(f->b, mend->set, either_bits(f, is_nan, bits, none), "");
    if (which == LESSER) mend->set = LLVMBuildOr(f->b, mend->set, either_bits(f, is_end, sign, none), "");
    else mend->kept = LLVMBuildAnd(f->b, mend->kept, either_bits(f, is_end, LLVMConstNot(sign), LLVMConstAllOnes(numbers)), "");
}

/* The operand of a minimum or maximum that is the same all along, or neither. */
static int same_operand(FnEmit *f, const Op *op) {
    for (int i = 0; i < 2; i++)
        if (is_same_all_along(f, op->operands[i]) && !LLVMIsConstant(value_llvm(f, op->operands[i]))) return i;
    return -1;
}

/* min(max(x, low), high), or the other way round, is mended once, for both. */
static LLVMValueRef extreme_beside(FnEmit *f, const Op *op, int at) {
    const Op *inner = op->operands[1 - at]->def;
    int which = op->kind == OP_MIN ? LESSER : GREATER, below = -1;
    LLVMValueRef same = value_llvm(f, op->operands[at]), x = value_llvm(f, op->operands[1 - at]);
    LLVMTypeRef type = LLVMTypeOf(same), numbers = type_of_bits(f, type);
    Mend mend = {.kept = LLVMConstAllOnes(numbers), .set = LLVMConstNull(numbers)};
    if (inner != NULL && inner->kind == (which == LESSER ? OP_MAX : OP_MIN)) below = same_operand(f, inner);
    if (below >= 0) {
        LLVMValueRef end = value_llvm(f, inner->operands[below]);
        x = chosen(f, 1 - which, end, value_llvm(f, inner->operands[1 - below]));
        mend_beside(f, &mend, 1 - which, end, same);
    }
    mend_beside(f, &mend, which, same, NULL);
    LLVMValueRef bits = LLVMBuildAnd(f->b, bits_of_chosen(f, which, same, x), mend.kept, "");
    return LLVMBuildBitCast(f->b, LLVMBuildOr(f->b, bits, mend.set, ""), type, "");
}

/* ---- Several of them ------------------------------------------------------------------------- */

enum { MOST_NODES = 15 };

/* The extremes of extremes: whether a NaN is among what they are of is asked once, for all of them. Without rangeps the sign of
 * a zero is found out once as well: the greater one is negative if both are, the lesser one if one of them is. */
typedef struct Extremes {
    FnEmit *f;
    bool by_range;
    LLVMValueRef of[MOST_NODES + 1];
    uint32_t count, nodes, greater; /* nodes: of them, `greater` look for that */
} Extremes;

typedef struct Extreme {
    LLVMValueRef number; /* right where no NaN is among them, but perhaps for the sign of a zero */
    LLVMValueRef sign;   /* the bit; NULL where the number's is right */
} Extreme;

static bool is_extreme(FnEmit *f, const Value *value) {
    const Op *op = value->def;
    if (op == NULL || (op->kind != OP_MIN && op->kind != OP_MAX)) return false;
    for (uint32_t i = 0; i < 2; i++)
        if (LLVMIsConstant(value_llvm(f, op->operands[i])) || is_same_all_along(f, op->operands[i])) return false;
    return true;
}

static Extreme leaf_of(Extremes *e, LLVMValueRef value) {
    bool is_new = true;
    for (uint32_t i = 0; i < e->count; i++) is_new = is_new && e->of[i] != value;
    if (is_new) e->of[e->count++] = value;
    LLVMTypeRef numbers = type_of_bits(e->f, LLVMTypeOf(value));
    return (Extreme){value, e->by_range ? NULL : LLVMBuildBitCast(e->f->b, value, numbers, "")};
}

static Extreme extreme_among(Extremes *e, const Value *value) {
    const Op *op = value->def;
    LLVMBuilderRef b = e->f->b;
    if (e->nodes == MOST_NODES || !is_extreme(e->f, value)) return leaf_of(e, value_llvm(e->f, value));
    int which = op->kind == OP_MIN ? LESSER : GREATER;
    e->nodes++;
    e->greater += which == GREATER;
    Extreme one = extreme_among(e, op->operands[0]), other = extreme_among(e, op->operands[1]);
    if (e->by_range) return (Extreme){ranged(e->f, which, one.number, other.number), NULL};
    return (Extreme){chosen(e->f, which, one.number, other.number),
                     which == LESSER ? LLVMBuildOr(b, one.sign, other.sign, "") : LLVMBuildAnd(b, one.sign, other.sign, "")};
}

static LLVMValueRef many_by_range(Extremes *e, LLVMValueRef number) {
    LLVMBuilderRef b = e->f->b;
    LLVMValueRef ordered = NULL;
    for (uint32_t i = 0; i < e->count; i += 2) {
        LLVMValueRef both = LLVMBuildFCmp(b, LLVMRealORD, e->of[i], e->of[i + 1 < e->count ? i + 1 : i], "");
        ordered = ordered == NULL ? both : LLVMBuildAnd(b, ordered, both, "");
    }
    return LLVMBuildSelect(b, ordered, number, nan_like(e->f, number), "");
}

/* The number's own sign is never wrong but where it is a zero: of greater ones alone it only has to be taken away. */
static LLVMValueRef many_by_signs(Extremes *e, Extreme found) {
    LLVMBuilderRef b = e->f->b;
    LLVMTypeRef type = LLVMTypeOf(found.number), numbers = LLVMTypeOf(found.sign);
    LLVMValueRef sign = LLVMBuildBitCast(b, LLVMConstReal(type, -0.0), numbers, ""), rest = LLVMBuildNot(b, sign, "");
    LLVMValueRef bits = LLVMBuildBitCast(b, found.number, numbers, "");
    if (e->greater == e->nodes) bits = LLVMBuildAnd(b, bits, LLVMBuildOr(b, found.sign, rest, ""), "");
    else bits = LLVMBuildOr(b, LLVMBuildAnd(b, bits, rest, ""), LLVMBuildAnd(b, found.sign, sign, ""), "");
    for (uint32_t i = 0; i < e->count; i += 2) {
        LLVMValueRef is_nan = LLVMBuildFCmp(b, LLVMRealUNO, e->of[i], e->of[i + 1 < e->count ? i + 1 : i], "");
        bits = LLVMBuildOr(b, bits, LLVMBuildSExt(b, is_nan, numbers, ""), "");
    }
    return LLVMBuildBitCast(b, bits, type, "");
}

/* Two units compare, four take bits: one by one, a lesser one takes 2 and 1, a greater one 3 and 2. */
static bool is_less_at_once(const Extremes *e) {
    uint32_t lesser = e->nodes - e->greater, questions = (e->count + 1) / 2;
    uint32_t compared = 2 * lesser + 3 * e->greater, all = 3 * lesser + 5 * e->greater;
    uint32_t compared_once = e->nodes + questions, all_once = 2 * e->nodes + (lesser == 0 ? 2 : 3) + 2 * questions;
    uint32_t by_one = all > 2 * compared ? all : 2 * compared;
    return all_once < by_one && 2 * compared_once < by_one;
}

static LLVMValueRef extreme_of_many(FnEmit *f, const Op *op) {
    Extremes e = {.f = f, .by_range = f->e->target->has_range};
    Extreme found = extreme_among(&e, op_result(op));
    if (e.by_range) return many_by_range(&e, found.number);
    return is_less_at_once(&e) ? many_by_signs(&e, found) : NULL;
}

LLVMValueRef emit_extremes(FnEmit *f, const Op *op) {
    LLVMValueRef args[] = {value_llvm(f, op->operands[0]), value_llvm(f, op->operands[1])};
    if (f->e->target->arch != ARCH_X86_64 || !is_float_vector(op_result(op)->type)) return NULL;
    if (LLVMIsConstant(args[0]) || LLVMIsConstant(args[1])) return NULL;
    int at = same_operand(f, op);
    if (at >= 0) return extreme_beside(f, op, at);
    bool has_more = is_extreme(f, op->operands[0]) || is_extreme(f, op->operands[1]);
    return has_more ? extreme_of_many(f, op) : NULL;
}

/* ---- Under a mask ---------------------------------------------------------------------------- */

/* select(mask, x > held ? x : held, held), or with <: one instruction under a mask, or one and a choice. LLVM would ask both
 * questions at once, and choose then, which takes longer from one `held` to the next. */
LLVMValueRef emit_masked_extreme(FnEmit *f, const Op *op) {
    const IrType *type = op_result(op)->type;
    const Op *inner = op->operands[1]->def, *compare = NULL;
    if (inner != NULL && inner->kind == OP_SELECT && inner->operands[2] == op->operands[2]) compare = inner->operands[0]->def;
    if (compare == NULL || (compare->kind != OP_GT && compare->kind != OP_LT)) return NULL;
    if (f->e->target->arch != ARCH_X86_64) return NULL;
    if (!is_float_vector(type)) return NULL;
    const Value *x = inner->operands[1], *held = inner->operands[2];
    bool x_first = compare->operands[0] == x && compare->operands[1] == held;
    bool x_last = compare->operands[1] == x && compare->operands[0] == held;
    if (!x_first && !x_last) return NULL;
    int which = (compare->kind == OP_GT) == x_first ? GREATER : LESSER;
    LLVMValueRef stays = value_llvm(f, held), better = chosen(f, which, value_llvm(f, x), stays);
    return LLVMBuildSelect(f->b, value_llvm(f, op->operands[0]), better, stays, "");
}
