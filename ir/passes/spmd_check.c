/* Checks of several lanes. The first lane whose check fails is the one that panics, with its values; that
 * it does is found out by one test for all of them. */
#include "ir/passes/spmd.h"

static Value *both(Builder *b, Value *a, Value *c) { return build_binary(b, OP_AND, a, c); }

/* 0 <= a, on vectors or scalars. */
static Value *not_negative(Widen *w, Value *a) {
    Value *zero = build_int(&w->b, ir_scalar(w->m, a->type->scalar), 0);
    if (a->type->kind == IR_VEC) zero = build_splat(&w->b, zero, w->lanes);
    return build_binary(&w->b, OP_GE, a, zero);
}

static Value *not_zero(Widen *w, Value *a, OpKind how) {
    Value *zero = build_int(&w->b, ir_scalar(w->m, a->type->scalar), 0);
    return build_binary(&w->b, how, a, build_splat(&w->b, zero, w->lanes));
}

/* What checks.def says of each, for vectors; NULL where it is no comparison. */
static Value *condition(Widen *w, CheckKind kind, Value *const *a) {
    Builder *b = &w->b;
    switch (kind) {
    case CHECK_INDEX: return both(b, not_negative(w, a[0]), build_binary(b, OP_LT, a[0], a[1]));
    case CHECK_RANGE:
        return build_binary(b, OP_OR, build_binary(b, OP_GE, a[0], a[1]),
                            both(b, not_negative(w, a[0]), build_binary(b, OP_LE, a[1], a[2])));
    case CHECK_SLICE:
        return both(b, not_negative(w, a[0]), both(b, build_binary(b, OP_LE, a[0], a[1]),
                                                   build_binary(b, OP_LE, a[1], a[2])));
    case CHECK_SIZE: return build_binary(b, OP_EQ, a[0], a[1]);
    case CHECK_LENGTH: case CHECK_EXPONENT: return not_negative(w, a[0]);
    case CHECK_NONEMPTY: return not_zero(w, a[0], OP_GT);
    case CHECK_DIVISOR: case CHECK_STEP: return not_zero(w, a[0], OP_NE);
    case CHECK_TRUE: return a[0];
    case CHECK_ADD: case CHECK_SUB: case CHECK_MUL: case CHECK_MEMORY: case CHECK_COUNT: break;
    }
    return NULL;
}

/* The first of the lanes in `bad`, if there is one, makes the check that fails. */
static void panic_if_any(Widen *w, const Op *op, Value *bad, Value *const *vectors) {
    Value *lanes[3];
    if (may_leave_at(w, op)) {
        leave_if(w, any_lane(w, bad));
        return;
    }
    Op *branch = build_if(&w->b, any_lane(w, bad), NULL, 0);
    Builder b = builder_at_end(branch->regions[0], op->span);
    Value *first = build_unary(&b, OP_FIRST, bad);
    for (uint32_t i = 0; i < op->operand_count; i++)
        lanes[i] = build_cast(&b, build_lane(&b, vectors[i], first), op->operands[i]->type);
    Op *check = build_op(&b, OP_CHECK, lanes, op->operand_count, NULL, 0, 0);
    check->attr = op->attr;
    check->inlined_from = op->inlined_from;
}

/* 0 <= a < b in one comparison, read as unsigned numbers, where 32 bits hold them: these are all that is made then, so that
 * a gather by the same index has no other. */
static Value *narrow_condition(Widen *w, const Op *op, Value **vectors) {
    if (op->attr.check.kind != CHECK_INDEX) return NULL;
    Value *index = narrow_exact(w, op->operands[0]);
    Value *size = index == NULL ? NULL : narrow_exact(w, op->operands[1]);
    if (size == NULL) return NULL;
    vectors[0] = index;
    vectors[1] = size;
    const IrType *u32 = ir_vec(w->m, SCALAR_U32, w->lanes);
    Value *fits = build_binary(&w->b, OP_LT, build_bitcast(&w->b, index, u32),
                               build_bitcast(&w->b, size, u32));
    Value *zero = build_splat(&w->b, build_int(&w->b, ir_scalar(w->m, SCALAR_I32), 0), w->lanes);
    return both(&w->b, fits, build_binary(&w->b, OP_GE, size, zero));
}

static void check_lanes(Widen *w, const Op *op) {
    Value *vectors[3];
    Value *holds = narrow_condition(w, op, vectors);
    if (holds == NULL) {
        for (uint32_t i = 0; i < op->operand_count; i++) vectors[i] = vector_in(w, op->operands[i]);
        holds = condition(w, op->attr.check.kind, vectors);
    }
    Value *bad = build_unary(&w->b, OP_NOT, holds);
    panic_if_any(w, op, mask_and(w, bad, w->mask), vectors);
}

/* From lane to lane: what as many lanes as there may be add up to is far from wrapping. */
enum { MOST_STEP = 1 << 20 };

/* The least and the greatest of all lanes, and whether the step was a small one. */
static Value *ends_of(Widen *w, Value *value, Value **low, Value **high) {
    Builder *b = &w->b;
    Value *index = scalar_in(w, value), *step = step_in(w, b, value);
    Value *last = build_binary(b, OP_ADD, index, build_binary(b, OP_MUL, step, build_i64(b, w->lanes - 1)));
    *low = build_binary(b, OP_MIN, index, last);
    *high = build_binary(b, OP_MAX, index, last);
    return both(b, build_binary(b, OP_LE, step, build_i64(b, MOST_STEP)),
                build_binary(b, OP_GE, step, build_i64(b, -MOST_STEP)));
}

/* An index that grows from lane to lane is in range in all of them if it is at both ends: if one of them wrapped, it is
 * negative. */
static void check_ends(Widen *w, const Op *op) {
    Value *size = scalar_in(w, op->operands[1]), *low, *high;
    Value *small = ends_of(w, op->operands[0], &low, &high);
    Value *fits = both(&w->b, both(&w->b, not_negative(w, low), build_binary(&w->b, OP_LT, high, size)), small);
    Op *branch = build_if(&w->b, build_unary(&w->b, OP_NOT, fits), NULL, 0);
    Builder outside = w->b;
    vector_in(w, op->operands[0]); /* made out here, where later ones find it */
    w->b = builder_at_end(branch->regions[0], op->span);
    check_lanes(w, op);
    w->b = outside;
}

static bool is_ramp(const Widen *w, const Op *op) {
    Form form = form_of(w->s, op->operands[0]);
    bool is_small = form.shape == SHAPE_LINEAR && form.stride >= -MOST_STEP && form.stride <= MOST_STEP;
    return op->attr.check.kind == CHECK_INDEX && is_uniform(w->s, op->operands[1]) &&
           (is_small || form.shape == SHAPE_EVEN);
}

static bool is_comparison(CheckKind kind) {
    return kind != CHECK_ADD && kind != CHECK_SUB && kind != CHECK_MUL && kind != CHECK_MEMORY;
}

void widen_check(Widen *w, const Op *op) {
    bool together = true;
    for (uint32_t i = 0; i < op->operand_count; i++)
        together = together && is_uniform(w->s, op->operands[i]);
    if (together && w->mask != NULL && may_leave_at(w, op)) {
        check_lanes(w, op);
    } else if (together && w->mask != NULL && w->may_be_empty) {
        Op *branch = build_if(&w->b, any_lane(w, w->mask), NULL, 0);
        Builder outside = w->b;
        w->b = builder_at_end(branch->regions[0], op->span);
        widen_clone(w, op);
        w->b = outside;
    } else if (together) {
        widen_clone(w, op);
    } else if (is_ramp(w, op)) {
        check_ends(w, op);
    } else if (is_comparison(op->attr.check.kind)) {
        check_lanes(w, op);
    } else {
        widen_by_lanes(w, op);
    }
}
