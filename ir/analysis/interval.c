#include "ir/analysis/interval.h"

#include "ir/eval.h"

/* Chains of operations longer than this give what their type allows. */
enum { INTERVAL_DEPTH = 64 };

static const Interval not_asked = {1, 0};

Intervals intervals_of(Arena *arena, const IrFn *fn) {
    Intervals intervals = {arena, fn, fn->next_value, arena_array(arena, Interval, fn->next_value)};
    for (uint32_t i = 0; i < intervals.len; i++) intervals.known[i] = not_asked;
    return intervals;
}

Interval interval_of_type(Scalar scalar) {
    unsigned bits = scalar_bits(scalar);
    if (scalar_is_signed(scalar))
        return (Interval){-((Int128)1 << (bits - 1)), ((Int128)1 << (bits - 1)) - 1};
    return (Interval){0, ((Int128)1 << bits) - 1};
}

static Int128 least(Int128 a, Int128 c) { return a < c ? a : c; }
static Int128 most(Int128 a, Int128 c) { return a > c ? a : c; }

static Interval joined(Interval a, Interval c) {
    return (Interval){least(a.lo, c.lo), most(a.hi, c.hi)};
}

/* What an operation can give that does not leave its type; otherwise anything: it may wrap. */
static Interval within(Interval interval, Interval type) {
    return interval.lo >= type.lo && interval.hi <= type.hi ? interval : type;
}

/* ---- Operations ------------------------------------------------------------------------------ */

static Interval product(Interval a, Interval c, Interval type) {
    Int128 corners[4];
    bool overflows = __builtin_mul_overflow(a.lo, c.lo, &corners[0]) ||
                     __builtin_mul_overflow(a.lo, c.hi, &corners[1]) ||
                     __builtin_mul_overflow(a.hi, c.lo, &corners[2]) ||
                     __builtin_mul_overflow(a.hi, c.hi, &corners[3]);
    if (overflows) return type;
    Interval result = {corners[0], corners[0]};
    for (int i = 1; i < 4; i++) result = joined(result, (Interval){corners[i], corners[i]});
    return within(result, type);
}

static Int128 floor_quotient(Int128 a, Int128 c) {
    Int128 quotient = a / c;
    return a % c < 0 ? quotient - 1 : quotient; /* c > 0 */
}

/* Only divisors that are surely positive say something. */
static Interval quotient(Interval a, Interval c, Interval type) {
    if (c.lo <= 0) return type;
    Int128 lo = least(floor_quotient(a.lo, c.lo), floor_quotient(a.lo, c.hi));
    Int128 hi = most(floor_quotient(a.hi, c.lo), floor_quotient(a.hi, c.hi));
    return (Interval){lo, hi};
}

static Interval remainder_range(Interval a, Interval c, Interval type) {
    if (c.lo < 0) return type;
    if (a.lo >= 0 && c.lo > 0 && a.hi < c.lo) return a;
    return (Interval){0, a.lo >= 0 ? least(a.hi, most(c.hi - 1, 0)) : most(c.hi - 1, 0)};
}

static bool is_number(Interval a) { return a.lo == a.hi; }

static Interval number(bool is_true) { return (Interval){is_true, is_true}; }

static Interval bit_and(Interval a, Interval c, Interval type) {
    if (is_number(a) && is_number(c) && a.lo >= 0) return (Interval){a.lo & c.lo, a.lo & c.lo};
    if (a.lo < 0 && c.lo < 0) return type;
    if (a.lo < 0) return (Interval){0, c.hi};
    return (Interval){0, c.lo < 0 ? a.hi : least(a.hi, c.hi)};
}

static Interval shift_right(Interval a, Interval count, Interval type) {
    if (count.lo != count.hi || count.lo < 0 || count.lo > 63) return type;
    unsigned n = (unsigned)count.lo;
    return (Interval){a.lo >> n, a.hi >> n};
}

static Interval shift_left(Interval a, Interval count, Interval type) {
    if (count.lo != count.hi || count.lo < 0 || count.lo > 62) return type;
    Int128 factor = (Int128)1 << (unsigned)count.lo;
    return product(a, (Interval){factor, factor}, type);
}

static Interval absolute(Interval a, Interval type) {
    if (a.lo >= 0) return a;
    Interval result = {a.hi < 0 ? -a.hi : 0, most(-a.lo, a.hi)};
    return within(result, type);
}

static Interval less(Interval a, Interval c, Interval type) {
    return a.hi < c.lo ? number(true) : a.lo >= c.hi ? number(false) : type;
}

static Interval not_less(Interval a, Interval c, Interval type) {
    return a.lo >= c.hi ? number(true) : a.hi < c.lo ? number(false) : type;
}

static Interval value_interval(Intervals *intervals, const Value *value, uint32_t depth);

static Interval binary_interval(OpKind kind, Interval a, Interval c, Interval type) {
    switch ((int)kind) {
    case OP_ADD: return within((Interval){a.lo + c.lo, a.hi + c.hi}, type);
    case OP_SUB: return within((Interval){a.lo - c.hi, a.hi - c.lo}, type);
    case OP_MUL: return product(a, c, type);
    case OP_FLOORDIV: return within(quotient(a, c, type), type);
    case OP_MOD: return remainder_range(a, c, type);
    case OP_MIN: return (Interval){least(a.lo, c.lo), least(a.hi, c.hi)};
    case OP_MAX: return (Interval){most(a.lo, c.lo), most(a.hi, c.hi)};
    case OP_AND: return bit_and(a, c, type);
    case OP_SHL: return shift_left(a, c, type);
    case OP_SHR: return shift_right(a, c, type);
    case OP_LT: return less(a, c, type);
    case OP_GT: return less(c, a, type);
    case OP_GE: return not_less(a, c, type);
    case OP_LE: return not_less(c, a, type);
    case OP_LOOKUP: return a;
    default: return type;
    }
}

static bool is_true_or_false(const Op *op) { return op_result(op)->type->scalar == SCALAR_BOOL; }

/* One of the lanes; of bools, all the same or anything. */
static bool folds_to_one(const Op *op) {
    ReduceKind kind = op->attr.reduce;
    return kind == REDUCE_MIN || kind == REDUCE_MAX || is_true_or_false(op);
}

/* As many bits, which mean the same where they do not mean a negative number. */
static Interval same_number(const Op *op, Interval from, Interval type) {
    bool as_wide = scalar_bits(op->operands[0]->type->scalar) == scalar_bits(op_result(op)->type->scalar);
    return as_wide && from.lo >= 0 ? within(from, type) : type;
}

typedef struct Product {
    const Value *number, *weight;
} Product;

static bool finds_product(const Value *value, bool swapped, Product *found) {
    if (value->def == NULL || value->def->kind != OP_MUL) return false;
    *found = (Product){value->def->operands[swapped], value->def->operands[!swapped]};
    return true;
}

static bool is_rest_of(const Value *rest, const Value *weight) {
    return rest->def != NULL && rest->def->kind == OP_SUB && rest->def->operands[1] == weight;
}

/* x * t + y * (all - t), with t from 0 to all: between all times the lesser and all times the greater of x and y. The
 * products may be any numbers, since what wraps in them wraps back in their sum. */
static Interval mixture(Intervals *intervals, const Op *sum, Interval type, uint32_t depth) {
    Product parts[2];
    for (uint32_t i = 0; i < 8; i++) {
        if (!finds_product(sum->operands[i >> 2], i & 1, &parts[0])) continue;
        if (!finds_product(sum->operands[1 - (i >> 2)], i >> 1 & 1, &parts[1])) continue;
        if (!is_rest_of(parts[1].weight, parts[0].weight)) continue;
        Interval all = value_interval(intervals, parts[1].weight->def->operands[0], depth);
        Interval weight = value_interval(intervals, parts[0].weight, depth);
        if (!is_number(all) || weight.lo < 0 || weight.hi > all.lo) continue;
        Interval numbers = joined(value_interval(intervals, parts[0].number, depth), value_interval(intervals, parts[1].number, depth));
        return product(numbers, all, type);
    }
    return type;
}

static Interval intersection(Interval a, Interval c) {
    return (Interval){most(a.lo, c.lo), least(a.hi, c.hi)};
}

static Interval op_interval(Intervals *intervals, const Op *op, Interval type, uint32_t depth) {
    Interval operands[3];
    for (uint32_t i = 0; i < op->operand_count && i < 3; i++) {
        const IrType *held = op->operands[i]->type;
        if (!ir_is_lanewise(held) || scalar_is_float(held->scalar)) return type;
        operands[i] = value_interval(intervals, op->operands[i], depth);
    }
    switch ((int)op->kind) {
    case OP_ADD:
        return intersection(binary_interval(OP_ADD, operands[0], operands[1], type), mixture(intervals, op, type, depth));
    case OP_NEG: return within((Interval){-operands[0].hi, -operands[0].lo}, type);
    case OP_ABS: return absolute(operands[0], type);
    case OP_SPLAT: return operands[0];
    case OP_CAST: return within(operands[0], type);
    case OP_BITCAST: return same_number(op, operands[0], type);
    case OP_NOT: return is_true_or_false(op) && is_number(operands[0]) ? number(operands[0].lo == 0) : type;
    case OP_FOLD: return folds_to_one(op) ? operands[0] : type;
    case OP_SELECT: return joined(operands[1], operands[2]);
    case OP_POPCOUNT:
    case OP_CLZ:
    case OP_CTZ: return (Interval){0, scalar_bits(op->operands[0]->type->scalar)};
    default:
        return op->operand_count == 2 ? binary_interval(op->kind, operands[0], operands[1], type)
                                      : type;
    }
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool is_size_param(const IrFn *fn, const Value *value) {
    for (uint32_t i = 0; i < fn->params.len; i++)
        if (fn->params.data[i].value == value) return fn->params.data[i].kind == PARAM_SIZE;
    return false;
}

/* The induction value of a counted loop, or the index of a whole-array body. */
static Interval index_interval(Intervals *intervals, const Value *value, Interval type,
                               uint32_t depth) {
    const Op *op = value->region->parent;
    if (op_is_space(op)) {
        Interval size = value_interval(intervals, op->operands[value->index], depth);
        return (Interval){0, most(0, size.hi - 1)};
    }
    if (op->kind != OP_FOR) return type;
    Interval lo = value_interval(intervals, op->operands[0], depth);
    Interval hi = value_interval(intervals, op->operands[1], depth);
    Interval step = value_interval(intervals, op->operands[2], depth);
    if (step.lo > 0) return (Interval){lo.lo, most(lo.lo, hi.hi - 1)};
    if (step.hi < 0) return (Interval){least(lo.hi, hi.lo + 1), lo.hi};
    return type;
}

static Interval compute(Intervals *intervals, const Value *value, uint32_t depth) {
    Scalar scalar = value->type->scalar;
    Interval type = interval_of_type(scalar);
    uint64_t bits;
    if (value_is_const(value, &bits))
        return (Interval){eval_int(scalar, bits), eval_int(scalar, bits)};
    if (depth == 0) return type;
    if (value->region != NULL) return index_interval(intervals, value, type, depth - 1);
    if (value->def == NULL)
        return is_size_param(intervals->fn, value) ? (Interval){0, SIZE_LIMIT} : type;
    if (value->def->kind == OP_DIM) return (Interval){0, SIZE_LIMIT};
    return op_is_pure(value->def) ? op_interval(intervals, value->def, type, depth - 1) : type;
}

static Interval value_interval(Intervals *intervals, const Value *value, uint32_t depth) {
    bool is_kept = value->id < intervals->len;
    if (is_kept && intervals->known[value->id].lo <= intervals->known[value->id].hi)
        return intervals->known[value->id];
    Interval result = compute(intervals, value, depth);
    if (is_kept && depth > 0) intervals->known[value->id] = result;
    return result;
}

Interval interval_of(Intervals *intervals, const Value *value) {
    return value_interval(intervals, value, INTERVAL_DEPTH);
}

bool interval_of_form(Intervals *intervals, const Affine *form, Interval *interval) {
    *interval = (Interval){form->constant, form->constant};
    for (uint32_t i = 0; i < form->count; i++) {
        Interval symbol = interval_of(intervals, form->terms[i].value);
        Int128 factor = form->terms[i].factor, a, c;
        if (__builtin_mul_overflow(symbol.lo, factor, &a) ||
            __builtin_mul_overflow(symbol.hi, factor, &c))
            return false;
        if (__builtin_add_overflow(interval->lo, least(a, c), &interval->lo) ||
            __builtin_add_overflow(interval->hi, most(a, c), &interval->hi))
            return false;
    }
    return true;
}
