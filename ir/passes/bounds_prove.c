/* Which checks hold whatever the program is given. */
#include "ir/passes/bounds.h"

static bool prove_comparison(Bounds *b, OpKind kind, const Value *a, const Value *c) {
    if (!ir_is_int(a->type) || a->type->scalar == SCALAR_U64) return false;
    switch ((int)kind) {
    case OP_LT: return ranges_prove_ge(b->ranges, c, a, 1);
    case OP_LE: return ranges_prove_ge(b->ranges, c, a, 0);
    case OP_GT: return ranges_prove_ge(b->ranges, a, c, 1);
    case OP_GE: return ranges_prove_ge(b->ranges, a, c, 0);
    case OP_EQ: return ranges_prove_equal(b->ranges, a, c);
    case OP_NE: return ranges_prove_ge(b->ranges, a, c, 1) || ranges_prove_ge(b->ranges, c, a, 1);
    default: return false;
    }
}

static bool prove_condition(Bounds *b, const Value *condition, uint32_t depth) {
    uint64_t bits;
    if (value_is_const(condition, &bits)) return bits != 0;
    const Op *op = condition->def;
    if (op == NULL || depth == 0) return false;
    if (op->kind == OP_AND)
        return prove_condition(b, op->operands[0], depth - 1) &&
               prove_condition(b, op->operands[1], depth - 1);
    return op->operand_count == 2 &&
           prove_comparison(b, op->kind, op->operands[0], op->operands[1]);
}

static bool prove_index(Bounds *b, Value *const *o) {
    return ranges_prove_at_least(b->ranges, o[0], 0) && ranges_prove_ge(b->ranges, o[1], o[0], 1);
}

static bool prove_range(Bounds *b, Value *const *o) {
    if (ranges_prove_ge(b->ranges, o[0], o[1], 0)) return true;
    return ranges_prove_at_least(b->ranges, o[0], 0) && ranges_prove_ge(b->ranges, o[2], o[1], 0);
}

static bool prove_slice(Bounds *b, Value *const *o) {
    return ranges_prove_at_least(b->ranges, o[0], 0) && ranges_prove_ge(b->ranges, o[1], o[0], 0) &&
           ranges_prove_ge(b->ranges, o[2], o[1], 0);
}

/* Of any integer type: the interval decides, or in i64 facts. */
static bool prove_at_least(Bounds *b, const Value *a, int64_t least) {
    if (ranges_interval(b->ranges, a).lo >= least) return true;
    return a->type->scalar != SCALAR_U64 && ranges_prove_at_least(b->ranges, a, least);
}

static bool prove_not_zero(Bounds *b, const Value *a) {
    Interval interval = ranges_interval(b->ranges, a);
    return interval.hi < 0 || prove_at_least(b, a, 1);
}

/* a op c stays inside the type. */
static bool prove_no_overflow(Bounds *b, CheckKind kind, Value *const *o) {
    Interval a = ranges_interval(b->ranges, o[0]), c = ranges_interval(b->ranges, o[1]);
    Interval type = interval_of_type(o[0]->type->scalar);
    bool is_small =
        a.lo >= -SIZE_LIMIT && a.hi <= SIZE_LIMIT && c.lo >= -SIZE_LIMIT && c.hi <= SIZE_LIMIT;
    if (kind == CHECK_ADD && a.lo + c.lo >= type.lo && a.hi + c.hi <= type.hi) return true;
    if (kind == CHECK_SUB && a.lo - c.hi >= type.lo && a.hi - c.lo <= type.hi) return true;
    if (kind == CHECK_MUL && is_small) {
        Int128 x = a.lo < -a.hi ? -a.lo : a.hi, y = c.lo < -c.hi ? -c.lo : c.hi;
        return x * y <= type.hi && (-(x * y) >= type.lo || (a.lo >= 0 && c.lo >= 0));
    }
    if (kind == CHECK_MUL || o[0]->type->scalar != SCALAR_I64) return false;
    Affine form = ranges_form(b->ranges, o[0]), right = ranges_form(b->ranges, o[1]);
    return affine_add_exact(&form, &right, kind == CHECK_ADD ? 1 : -1) &&
           ranges_prove_fits(b->ranges, &form);
}

/* That parameters which are sizes are not negative is what all proofs take for granted, because the entry of
 * a function that C calls checks it: this check. */
static bool is_taken_for_granted(const Value *size) {
    return size->def == NULL && size->region == NULL;
}

const char *check_proof(Bounds *b, const Op *check) {
    enum { CONDITION_DEPTH = 8 };
    Value *const *o = check->operands;
    switch (check->attr.check.kind) {
    case CHECK_INDEX: return prove_index(b, o) ? "the index is always inside" : NULL;
    case CHECK_RANGE: return prove_range(b, o) ? "all indices are always inside" : NULL;
    case CHECK_SLICE: return prove_slice(b, o) ? "the slice is always inside" : NULL;
    case CHECK_SIZE:
        return ranges_prove_equal(b->ranges, o[0], o[1]) ? "the sizes are always equal" : NULL;
    case CHECK_LENGTH:
        if (is_taken_for_granted(o[0])) return NULL;
        return prove_at_least(b, o[0], 0) ? "the size is never negative" : NULL;
    case CHECK_NONEMPTY: return prove_at_least(b, o[0], 1) ? "the array is never empty" : NULL;
    case CHECK_DIVISOR: return prove_not_zero(b, o[0]) ? "the divisor is never zero" : NULL;
    case CHECK_STEP: return prove_not_zero(b, o[0]) ? "the step is never zero" : NULL;
    case CHECK_EXPONENT:
        return prove_at_least(b, o[0], 0) ? "the exponent is never negative" : NULL;
    case CHECK_TRUE:
        return prove_condition(b, o[0], CONDITION_DEPTH) ? "the condition always holds" : NULL;
    case CHECK_ADD:
    case CHECK_SUB:
    case CHECK_MUL:
        return prove_no_overflow(b, check->attr.check.kind, o) ? "the result always fits" : NULL;
    case CHECK_MEMORY:
    case CHECK_COUNT: return NULL;
    }
    UNREACHABLE();
}

/* ---- Checks that ask for less ---------------------------------------------------------------- */

/* form + change >= 0 */
static bool prove_changed(Bounds *b, Affine form, int64_t change) {
    Affine by = affine_const(change);
    return affine_add_exact(&form, &by, 1) && ranges_prove(b->ranges, &form);
}

/* An index of max(least, x) + c, of which x + c is below the size, can only be outside where it is least + c. */
bool check_weaken(Bounds *b, Op *check) {
    if (check->attr.check.kind != CHECK_INDEX) return false;
    Affine index = ranges_form(b->ranges, check->operands[0]);
    const Op *max = index.count == 1 && index.terms[0].factor == 1 ? index.terms[0].value->def : NULL;
    int64_t least, whole;
    if (max == NULL || max->kind != OP_MAX || max->operands[0]->type->scalar != SCALAR_I64) return false;
    uint32_t at = value_is_int(max->operands[0], &least) ? 0 : 1;
    if (!value_is_int(max->operands[at], &least)) return false;
    if (__builtin_add_overflow(least, index.constant, &whole) || whole < 0) return false;
    Affine room = ranges_form(b->ranges, check->operands[1]), x = ranges_form(b->ranges, max->operands[1 - at]);
    Affine one = affine_const(1);
    bool is_exact = affine_add_exact(&room, &x, -1) && affine_add_exact(&room, &one, -1);
    if (!is_exact || index.constant == INT64_MIN || !prove_changed(b, room, -index.constant)) return false;
    Builder before = builder_before(check);
    check->operands[0] = build_i64(&before, whole);
    return true;
}

/* ---- Values that are known as well ----------------------------------------------------------- */

static Value *extreme_settled(Bounds *b, const Op *op) {
    Value *x = op->operands[0], *y = op->operands[1];
    bool wants_greater = op->kind == OP_MAX;
    if (ranges_prove_ge(b->ranges, x, y, 0)) return wants_greater ? x : y;
    if (ranges_prove_ge(b->ranges, y, x, 0)) return wants_greater ? y : x;
    return NULL;
}

static Value *comparison_settled(Bounds *b, Op *op) {
    static const OpKind opposite[] = {OP_NE, OP_EQ, OP_GE, OP_GT, OP_LE, OP_LT};
    bool holds = prove_comparison(b, op->kind, op->operands[0], op->operands[1]);
    if (!holds &&
        !prove_comparison(b, opposite[op->kind - OP_EQ], op->operands[0], op->operands[1]))
        return NULL;
    Builder at = builder_before(op);
    return build_bool(&at, holds);
}

Value *op_settled(Bounds *b, Op *op) {
    if (op->operand_count != 2 || op->result_count != 1) return NULL;
    const IrType *type = op->operands[0]->type;
    if (!ir_is_int(type) || type->scalar == SCALAR_U64) return NULL;
    if (op->kind == OP_MIN || op->kind == OP_MAX) return extreme_settled(b, op);
    return op->kind >= OP_EQ && op->kind <= OP_GE ? comparison_settled(b, op) : NULL;
}
