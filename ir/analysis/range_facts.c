/* Where facts come from: conditions, checks, loops, and operations with bounds of their own. */
#include "ir/analysis/range.h"

/* ---- Conditions ------------------------------------------------------------------------------ */

static OpKind comparison_negated(OpKind kind) {
    switch ((int)kind) {
    case OP_EQ: return OP_NE;
    case OP_NE: return OP_EQ;
    case OP_LT: return OP_GE;
    case OP_LE: return OP_GT;
    case OP_GT: return OP_LE;
    case OP_GE: return OP_LT;
    default: UNREACHABLE();
    }
}

static void comparison_assume(Ranges *r, OpKind kind, const Value *a, const Value *b) {
    if (!ir_is_int(a->type) || a->type->scalar == SCALAR_U64) return;
    switch ((int)kind) {
    case OP_LT: ranges_assume_ge(r, b, a, 1); return;
    case OP_LE: ranges_assume_ge(r, b, a, 0); return;
    case OP_GT: ranges_assume_ge(r, a, b, 1); return;
    case OP_GE: ranges_assume_ge(r, a, b, 0); return;
    case OP_EQ:
        ranges_assume_ge(r, a, b, 0);
        ranges_assume_ge(r, b, a, 0);
        return;
    case OP_NE: /* at the edge of what is known, it moves the edge */
        if (ranges_prove_ge(r, a, b, 0)) ranges_assume_ge(r, a, b, 1);
        else if (ranges_prove_ge(r, b, a, 0)) ranges_assume_ge(r, b, a, 1);
        return;
    default: return;
    }
}

static void condition_assume(Ranges *r, const Value *condition, bool holds, uint32_t depth) {
    const Op *op = condition->def;
    if (op == NULL || depth == 0) return;
    if (op->kind == OP_NOT) {
        condition_assume(r, op->operands[0], !holds, depth - 1);
    } else if (op->kind == (holds ? OP_AND : OP_OR)) {
        condition_assume(r, op->operands[0], holds, depth - 1);
        condition_assume(r, op->operands[1], holds, depth - 1);
    } else if (op->kind >= OP_EQ && op->kind <= OP_GE) {
        OpKind kind = holds ? op->kind : comparison_negated(op->kind);
        comparison_assume(r, kind, op->operands[0], op->operands[1]);
    }
}

void ranges_assume_condition(Ranges *r, const Value *condition, bool holds) {
    enum { CONDITION_DEPTH = 8 }; /* `and` and `or` that deep are not written */
    condition_assume(r, condition, holds, CONDITION_DEPTH);
}

/* ---- Checks ---------------------------------------------------------------------------------- */

void ranges_assume_check(Ranges *r, const Op *check) {
    Value *const *o = check->operands;
    switch (check->attr.check.kind) {
    case CHECK_INDEX:
        ranges_assume_at_least(r, o[0], 0);
        ranges_assume_ge(r, o[1], o[0], 1);
        return;
    case CHECK_SLICE:
        ranges_assume_at_least(r, o[0], 0);
        ranges_assume_ge(r, o[1], o[0], 0);
        ranges_assume_ge(r, o[2], o[1], 0);
        return;
    case CHECK_SIZE:
        ranges_assume_ge(r, o[0], o[1], 0);
        ranges_assume_ge(r, o[1], o[0], 0);
        return;
    case CHECK_LENGTH: ranges_assume_at_least(r, o[0], 0); return;
    case CHECK_NONEMPTY: ranges_assume_at_least(r, o[0], 1); return;
    case CHECK_TRUE: ranges_assume_condition(r, o[0], true); return;
    case CHECK_DIVISOR:
    case CHECK_STEP:
        if (o[0]->type->scalar != SCALAR_U64 && ranges_prove_at_least(r, o[0], 0))
            ranges_assume_at_least(r, o[0], 1);
        return;
    case CHECK_EXPONENT:
        if (o[0]->type->scalar != SCALAR_U64) ranges_assume_at_least(r, o[0], 0);
        return;
    case CHECK_RANGE:
    case CHECK_ADD:
    case CHECK_SUB:
    case CHECK_MUL:
    case CHECK_MEMORY:
    case CHECK_COUNT: return;
    }
}

/* ---- Loops ----------------------------------------------------------------------------------- */

static void space_assume(Ranges *r, const Op *space) {
    const Region *body = space->regions[0];
    for (uint32_t k = 0; k < body->param_count; k++) {
        ranges_assume_at_least(r, body->params[k], 0);
        ranges_assume_ge(r, space->operands[k], body->params[k], 1);
    }
}

void ranges_assume_loop(Ranges *r, const Op *loop) {
    if (op_is_space(loop)) space_assume(r, loop);
    if (loop->kind != OP_FOR) return;
    const Value *index = loop->regions[0]->params[0];
    const Value *lo = loop->operands[0], *hi = loop->operands[1];
    Interval step = ranges_interval(r, loop->operands[2]);
    if (step.lo > 0) {
        ranges_assume_ge(r, index, lo, 0);
        ranges_assume_ge(r, hi, index, loop->attr.loop.whole ? step.lo : 1);
    } else if (step.hi < 0) {
        ranges_assume_ge(r, lo, index, 0);
        ranges_assume_ge(r, index, hi, 1);
    }
}

/* ---- Operations ------------------------------------------------------------------------------ */

/* q = a // c with a constant c > 0: c * q <= a <= c * q + c - 1. */
static void quotient_assume(Ranges *r, const Op *op, int64_t divisor) {
    enum { DIVISOR_LIMIT = 1 << 20 };
    if (divisor < 1 || divisor > DIVISOR_LIMIT) return;
    Affine above = ranges_form(r, op->operands[0]), below = affine_const(divisor - 1);
    Affine scaled = affine_symbol(op_result(op));
    if (affine_add_exact(&above, &scaled, -divisor)) ranges_assume_form(r, &above);
    Affine a = ranges_form(r, op->operands[0]);
    if (affine_add_exact(&below, &scaled, divisor) && affine_add_exact(&below, &a, -1))
        ranges_assume_form(r, &below);
}

/* a mod c with c > 0 lies in 0..c-1, and is no more than an `a` that is not negative. */
static void remainder_assume(Ranges *r, const Op *op) {
    if (!ranges_prove_at_least(r, op->operands[1], 1)) return;
    ranges_assume_at_least(r, op_result(op), 0);
    ranges_assume_ge(r, op->operands[1], op_result(op), 1);
    if (ranges_prove_at_least(r, op->operands[0], 0)) ranges_assume_ge(r, op->operands[0], op_result(op), 0);
}

/* How many blocks of `by` elements a loop's index counts: what `n // by` is of; NULL where it counts other things. */
static const Value *blocks_of(Ranges *r, const Value *index, const Value *by) {
    const Op *loop = index->region == NULL ? NULL : index->region->parent;
    if (loop == NULL || loop->kind != OP_FOR || ranges_interval(r, loop->operands[2]).lo <= 0) return NULL;
    const Op *end = loop->operands[1]->def;
    bool counts = end != NULL && end->kind == OP_FLOORDIV && end->operands[1] == by;
    if (!counts || ranges_interval(r, loop->operands[0]).lo < 0) return NULL;
    return ranges_interval(r, end->operands[0]).lo >= 0 ? end->operands[0] : NULL;
}

/* index * by, with the index below n // by: the loop runs only where `by` is positive, and then a whole block lies from
 * there on below n. */
static void product_assume(Ranges *r, const Op *op) {
    const Value *product = op_result(op);
    for (uint32_t i = 0; i < 2 && product->type->scalar == SCALAR_I64; i++) {
        const Value *by = op->operands[1 - i], *all = blocks_of(r, op->operands[i], by);
        if (all == NULL) continue;
        Affine room = ranges_form(r, all), start = ranges_form(r, product), block = ranges_form(r, by);
        ranges_assume_at_least(r, by, 1);
        ranges_assume_at_least(r, product, 0);
        if (affine_add_exact(&room, &start, -1) && affine_add_exact(&room, &block, -1)) ranges_assume_form(r, &room);
        return;
    }
}

/* There is memory for so many elements. */
static void sizes_assume(Ranges *r, const Op *alloc) {
    for (uint32_t i = alloc->kind == OP_ALLOC ? 0 : 1; i < alloc->operand_count; i++) {
        Affine room = affine_const((int64_t)SIZE_LIMIT), size = ranges_form(r, alloc->operands[i]);
        if (affine_add_exact(&room, &size, -1)) ranges_assume_form(r, &room);
    }
}

void ranges_assume_op(Ranges *r, const Op *op) {
    if (op->kind == OP_ALLOC || op->kind == OP_ALLOC_IN) sizes_assume(r, op);
    if (op->result_count != 1 || !ir_is_scalar(op_result(op)->type)) return;
    if (!ir_is_int(op_result(op)->type) || op_result(op)->type->scalar == SCALAR_U64) return;
    int64_t divisor;
    switch ((int)op->kind) {
    case OP_FLOORDIV:
        if (value_is_int(op->operands[1], &divisor)) quotient_assume(r, op, divisor);
        return;
    case OP_MOD: remainder_assume(r, op); return;
    case OP_MUL: product_assume(r, op); return;
    default: return;
    }
}

void ranges_assume_region(Ranges *ranges, const Op *op, uint32_t which) {
    if (op->kind == OP_FOR && which == 0) ranges_assume_loop(ranges, op);
    if (op->kind == OP_IF) ranges_assume_condition(ranges, op->operands[0], which == 0);
}

void ranges_assume_past(Ranges *ranges, const Op *op) {
    if (op->kind == OP_CHECK) ranges_assume_check(ranges, op);
    else ranges_assume_op(ranges, op);
}
