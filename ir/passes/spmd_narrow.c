/* Integers in 32 bits: indices are 64 bits wide in the language, which would halve the lanes of all that
 * has to do with them. Where sizes fit into 31 bits, which is asked once before the loop, most of what is
 * computed from them does as well.
 *
 * A value's narrow form is known in one of three ways:
 *   EXACT    it is the number
 *   LOW      its low 32 bits; enough for sums and products, and for an index that is in range
 *   CLAMPED  the number, or the end of the range of 32 bits on its side; enough for min and max
 * Forms are made when somebody asks, behind the wide one, which goes away if nobody wants it. */
#include "ir/passes/spmd.h"

/* Of numbers from outside. A little less than what fits, so that neighbours fit as well. */
enum { NARROW_BITS = 31 };
#define NARROW_LIMIT (((Int128)1 << NARROW_BITS) - ((Int128)1 << 16))

static bool is_i64(const Value *value) {
    return value->type->kind == IR_SCALAR && value->type->scalar == SCALAR_I64;
}

/* ---- Ranges, given that what comes from outside is below the limit --------------------------- */

static Interval everything(void) { return interval_of_type(SCALAR_I64); }

static Interval interval_clip(Interval a) {
    Interval all = everything();
    return a.lo < all.lo || a.hi > all.hi ? all : a; /* it may wrap */
}

static Int128 least(Int128 a, Int128 b) { return a < b ? a : b; }
static Int128 most(Int128 a, Int128 b) { return a > b ? a : b; }

static Interval range_of(Widen *w, const Value *value, int depth);

static Interval range_of_product(Interval a, Interval b) {
    Int128 limit = (Int128)1 << 62;
    if (a.lo < -limit || a.hi > limit || b.lo < -limit || b.hi > limit) return everything();
    Int128 p = a.lo * b.lo, q = a.lo * b.hi, r = a.hi * b.lo, s = a.hi * b.hi;
    return interval_clip((Interval){least(least(p, q), least(r, s)), most(most(p, q), most(r, s))});
}

static Interval range_of_op(Widen *w, const Op *op, int depth) {
    Interval a = range_of(w, op->operands[op->kind == OP_SELECT ? 1 : 0], depth), b = a;
    if (op->operand_count > 1) b = range_of(w, op->operands[op->kind == OP_SELECT ? 2 : 1], depth);
    switch ((int)op->kind) {
    case OP_ADD: return interval_clip((Interval){a.lo + b.lo, a.hi + b.hi});
    case OP_SUB: return interval_clip((Interval){a.lo - b.hi, a.hi - b.lo});
    case OP_MUL: return range_of_product(a, b);
    case OP_MIN: return (Interval){least(a.lo, b.lo), least(a.hi, b.hi)};
    case OP_MAX: return (Interval){most(a.lo, b.lo), most(a.hi, b.hi)};
    case OP_SELECT: return (Interval){least(a.lo, b.lo), most(a.hi, b.hi)};
    case OP_AND: return b.lo >= 0 && b.lo == b.hi ? (Interval){0, b.hi} : everything();
    case OP_MOD: return b.lo > 0 ? (Interval){0, b.hi - 1} : everything();
    default: return everything();
    }
}

/* The index of a loop stays between its bounds. */
static Interval range_of_index(Widen *w, const Op *loop, int depth) {
    Interval lo = range_of(w, loop->operands[0], depth), hi = range_of(w, loop->operands[1], depth);
    return (Interval){least(lo.lo, hi.lo), most(lo.hi, hi.hi)};
}

static Interval range_of(Widen *w, const Value *value, int depth) {
    int64_t number;
    if (value_is_int(value, &number)) return (Interval){number, number};
    if (value_is_outside(w, value)) return (Interval){-NARROW_LIMIT, NARROW_LIMIT};
    if (depth == 0) return everything();
    if (value->region != NULL && value->region->parent->kind == OP_FOR)
        return range_of_index(w, value->region->parent, depth - 1);
    const Op *op = value->def;
    if (op == NULL) return everything();
    if (op->kind == OP_CAST && !scalar_is_float(op->operands[0]->type->scalar) &&
        scalar_bits(op->operands[0]->type->scalar) <= 32)
        return interval_of_type(op->operands[0]->type->scalar);
    return op_is_pure(op) && op->operand_count > 0 ? range_of_op(w, op, depth - 1) : everything();
}

enum { RANGE_DEPTH = 12 };

static bool fits(Widen *w, const Value *value) {
    Interval range = range_of(w, value, RANGE_DEPTH), narrow = interval_of_type(SCALAR_I32);
    return range.lo >= narrow.lo && range.hi <= narrow.hi;
}

/* ---- How a narrow form would be known -------------------------------------------------------- */

static bool has_low(Narrow kind) { return kind == NARROW_LOW || kind == NARROW_EXACT; }
static bool has_clamped(Narrow kind) { return kind == NARROW_CLAMPED || kind == NARROW_EXACT; }

static Narrow of_both(Narrow a, Narrow b, bool clamps) {
    if (a == NARROW_EXACT && b == NARROW_EXACT) return clamps ? NARROW_CLAMPED : NARROW_LOW;
    if (!clamps && has_low(a) && has_low(b)) return NARROW_LOW;
    return clamps && has_clamped(a) && has_clamped(b) ? NARROW_CLAMPED : NARROW_NOT;
}

static Narrow kind_of_cast(const Op *op) {
    const IrType *from = op->operands[0]->type;
    if (scalar_is_float(from->scalar)) return scalar_bits(from->scalar) >= 32 ? NARROW_CLAMPED : NARROW_NOT;
    return scalar_bits(from->scalar) <= 32 ? NARROW_LOW : NARROW_NOT;
}

static Narrow kind_at(Widen *w, const Value *value, int depth);

static Narrow kind_of_op(Widen *w, const Op *op, int depth) {
    if (op->kind == OP_CAST) return kind_of_cast(op);
    if (op->kind == OP_LOAD) return NARROW_LOW;
    bool picks = op->kind == OP_SELECT;
    if (op->operand_count != (picks ? 3u : 2u)) return NARROW_NOT;
    Narrow a = kind_at(w, op->operands[picks ? 1 : 0], depth);
    Narrow b = kind_at(w, op->operands[picks ? 2 : 1], depth);
    int64_t by;
    switch ((int)op->kind) {
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_AND: case OP_OR: case OP_XOR:
        return of_both(a, b, false);
    case OP_MIN: case OP_MAX: return of_both(a, b, true);
    case OP_SELECT: return of_both(a, b, !(has_low(a) && has_low(b)));
    case OP_MOD: /* of a power of two it is the low bits */
        return value_is_int(op->operands[1], &by) && by > 0 && (by & (by - 1)) == 0
                   ? of_both(a, b, false)
                   : NARROW_NOT;
    default: return NARROW_NOT;
    }
}

static Narrow kind_at(Widen *w, const Value *value, int depth) {
    if (!is_i64(value) || depth == 0) return NARROW_NOT;
    bool is_one = value_is_outside(w, value) || form_of(w->s, value).shape != SHAPE_VARYING;
    Narrow kind = is_one ? NARROW_LOW : value->def == NULL ? NARROW_NOT
                                                           : kind_of_op(w, value->def, depth - 1);
    return kind != NARROW_NOT && fits(w, value) ? NARROW_EXACT : kind;
}

Narrow narrow_kind(Widen *w, const Value *value) {
    return w->narrows ? kind_at(w, value, RANGE_DEPTH) : NARROW_NOT;
}

/* ---- Making it ------------------------------------------------------------------------------- */

void narrow_bound(Widen *w, Value *value) {
    int64_t number;
    if (value_is_int(value, &number)) return;
    for (uint32_t i = 0; i < w->bounded->len; i++)
        if (w->bounded->data[i] == value) return;
    vec_push(w->s->pass->scratch, w->bounded, value);
}

/* All that `value` is computed from outside of the loop is asked for. */
static void bound_all(Widen *w, Value *value, int depth) {
    if (value_is_outside(w, value)) {
        if (is_i64(value)) narrow_bound(w, value);
        return;
    }
    if (depth == 0) return;
    if (value->region != NULL && value->region->parent->kind == OP_FOR)
        for (uint32_t i = 0; i < 2; i++)
            bound_all(w, value->region->parent->operands[i], depth - 1);
    if (value->def == NULL) return;
    for (uint32_t i = 0; i < value->def->operand_count; i++)
        if (is_i64(value->def->operands[i])) bound_all(w, value->def->operands[i], depth - 1);
}

static const IrType *i32_lanes(const Widen *w) { return ir_vec(w->m, SCALAR_I32, w->lanes); }

/* Of what is one number, or grows by a step: that of the first lane, cut off. */
static Value *ramp_narrow(Widen *w, Value *value) {
    bool outside = value_is_outside(w, value);
    Value *scalar = scalar_in(w, value);
    Builder b = builder_behind(w, scalar, outside);
    const IrType *i32 = ir_scalar(w->m, SCALAR_I32);
    Value *low = build_cast(&b, scalar, i32);
    if (outside || is_uniform(w->s, value)) return build_splat(&b, low, w->lanes);
    return build_ramp(&b, low, build_cast(&b, step_in(w, &b, value), i32), w->lanes);
}

static Value *op_narrow(Widen *w, const Op *op) {
    Value *operands[3];
    if (op->kind == OP_LOAD) {
        Value *loaded = vector_in(w, op_result(op));
        Builder b = builder_behind(w, loaded, false);
        return build_cast(&b, loaded, i32_lanes(w));
    }
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *operand = op->operands[i];
        operands[i] = is_i64(operand) ? narrow_make(w, operand) : NULL;
        if (operands[i] == NULL)
            operands[i] = op->kind == OP_SELECT && is_uniform(w->s, operand) ? scalar_in(w, operand)
                                                                             : vector_in(w, operand);
    }
    Builder b = builder_behind(w, vector_in(w, op_result(op)), false);
    if (op->kind == OP_CAST) return build_cast(&b, operands[0], i32_lanes(w));
    const IrType *type = i32_lanes(w);
    return op_result(build_op(&b, op->kind, operands, op->operand_count, &type, 1, 0));
}

Value *narrow_make(Widen *w, Value *value) {
    bool outside = value_is_outside(w, value);
    Wide *wide = outside ? NULL : wide_of(w, value);
    if (wide != NULL && wide->narrow != NULL) return wide->narrow;
    bound_all(w, value, RANGE_DEPTH);
    bool is_one = outside || form_of(w->s, value).shape != SHAPE_VARYING;
    Value *narrow = is_one ? ramp_narrow(w, value) : op_narrow(w, value->def);
    if (wide != NULL) wide->narrow = narrow;
    return narrow;
}

Value *narrow_exact(Widen *w, Value *value) {
    return narrow_kind(w, value) == NARROW_EXACT ? narrow_make(w, value) : NULL;
}

/* ---- Where it serves ------------------------------------------------------------------------- */

/* A comparison of two numbers, or a float made of one; the op's vector, or NULL. */
Value *narrow_use(Widen *w, const Op *op) {
    bool compares = op->kind >= OP_EQ && op->kind <= OP_GE;
    bool floats = op->kind == OP_CAST && ir_is_float(op_result(op)->type);
    if (!w->narrows || (!compares && !floats) || !is_i64(op->operands[0])) return NULL;
    if (is_uniform(w->s, op->operands[0]) && (floats || is_uniform(w->s, op->operands[1]))) return NULL;
    Value *a = narrow_exact(w, op->operands[0]);
    if (a == NULL) return NULL;
    if (floats) return build_cast(&w->b, a, wide_type(w, op_result(op)->type));
    Value *b = narrow_exact(w, op->operands[1]);
    return b == NULL ? NULL : build_binary(&w->b, op->kind, a, b);
}

/* view[i, j, ..] with indices in range as flat[index], the index in 32 bits. */
bool narrow_access(Widen *w, Value *view, Value *const *old, Value **flat, Value **index) {
    if (!w->narrows || view->type->rank > 3) return false;
    for (uint32_t i = 0; i < view->type->rank; i++)
        if (!has_low(narrow_kind(w, old[i]))) return false;
    Value *whole = flattened(w, view);
    if (whole == NULL) return false;
    *flat = whole;
    *index = narrow_make(w, old[0]);
    for (uint32_t i = 1; i < view->type->rank; i++) {
        Builder b = *w->before;
        Value *dim = build_cast(&b, build_dim(&b, view, i), ir_scalar(w->m, SCALAR_I32));
        Value *rows = build_binary(&w->b, OP_MUL, *index, build_splat(&w->b, dim, w->lanes));
        *index = build_binary(&w->b, OP_ADD, rows, narrow_make(w, old[i]));
    }
    return true;
}

/* All numbers that were counted on are small. */
Value *narrow_guard(Builder *b, const ValueVec *bounded) {
    Value *all = build_bool(b, true);
    for (uint32_t i = 0; i < bounded->len; i++) {
        Value *value = bounded->data[i];
        Value *high = build_binary(b, OP_LE, value, build_i64(b, (int64_t)NARROW_LIMIT));
        Value *low = build_binary(b, OP_GE, value, build_i64(b, -(int64_t)NARROW_LIMIT));
        all = build_binary(b, OP_AND, all, build_binary(b, OP_AND, high, low));
    }
    return all;
}
