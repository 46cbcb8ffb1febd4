/* Minima and maxima of floats, the quick way first.
 *
 * A NaN anywhere makes them NaN, and -0 is less than +0, which no instruction does alone. But where there
 * is no NaN, and what comes out is no zero, `x if x > m else m` gives the same, and that is one
 * instruction. So a loop that writes nothing runs that way first, taking note of NaNs; if there was one, or
 * if a zero comes out, it runs again in the exact way.
 *
 * Likewise `if x > best: best = x`, where the first of several zeros stays: each lane finds the first of its
 * own, but which lane was first matters only if that is a zero. */
#include "ir/passes/spmd.h"

static bool is_extreme(const Reduction *r) {
    return r->role == ROLE_SUM && (r->kind == REDUCE_MIN || r->kind == REDUCE_MAX);
}

static bool has_place(const SpmdLoop *l, const Reduction *best) {
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        const Reduction *r = &l->reductions.data[i];
        if (r->role == ROLE_PLACE && r->wins == best->wins) return true;
    }
    return false;
}

static bool has_quick_form(const SpmdLoop *l, const Reduction *r) {
    Scalar scalar = r->var->type->elem->scalar;
    if (scalar != SCALAR_F32 && scalar != SCALAR_F64) return false;
    if (is_extreme(r)) return !is_magnitude(l, r);
    return r->role == ROLE_BEST && !has_place(l, r) &&
           (r->wins->def->kind == OP_GT || r->wins->def->kind == OP_LT);
}

bool is_quick(const SpmdLoop *l, const Reduction *r) {
    return l->suspect != NULL && has_quick_form(l, r);
}

bool quick_is_worth_it(const SpmdLoop *l) {
    if (l->exits > 0 || !writes_nothing(l->spmd, l->loop)) return false;
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (has_quick_form(l, &l->reductions.data[i])) return true;
    return false;
}

/* ---- NaNs ------------------------------------------------------------------------------------- */

/* All numbers are added up: a NaN makes a NaN of the sum that it goes into. So do infinities of both signs: then the loop
 * runs again, without need. A multiply-add has units of its own on many processors; and nothing overflows that is scaled
 * down so far. */
static Value *added_up(const Widen *w, Builder *b, Value *before, Value *entry) {
    const IrType *lane = ir_scalar(w->m, entry->type->scalar);
    double scale = lane->scalar == SCALAR_F32 ? 0x1p-100 : 0x1p-1000;
    if (!w->s->pass->options->has_fma) return build_binary(b, OP_ADD, before, entry);
    return build_fma(b, entry, build_splat(b, build_float(b, lane, scale), entry->type->lanes), before);
}

/* Two registers of them are one comparison instead: sums beside several other accumulators would take more registers than
 * processors without multiply-adds have, which copy before each operation besides. */
static bool notes_halves(const Widen *w, Scalar scalar) {
    const IrOptions *options = w->s->pass->options;
    bool is_crowded = !options->has_fma && w->l->reductions.len > 1;
    return !w->pairs && is_crowded && w->lanes > 2 && w->lanes * scalar_bits(scalar) > options->vector_bits;
}

bool notes_nans(const SpmdLoop *l, const Reduction *r) { return is_extreme(r) && has_quick_form(l, r); }

void quick_make(Widen *w, Builder *b) {
    w->noted = NULL;
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        const Reduction *r = &w->l->reductions.data[i];
        w->folds[i].sane = NULL;
        if (w->l->suspect == NULL || !notes_nans(w->l, r)) continue;
        bool in_halves = notes_halves(w, r->var->type->elem->scalar);
        const IrType *lane = w->pairs || in_halves ? ir_scalar(w->m, SCALAR_BOOL) : r->var->type->elem;
        uint32_t lanes = in_halves ? w->lanes / 2 : w->lanes;
        w->folds[i].sane = build_var(b, ir_vec(w->m, lane->scalar, lanes), NO_NAME);
        build_set(b, w->folds[i].sane, build_splat(b, build_zero(b, lane), lanes));
    }
}

Value *half_of(Builder *b, Value *vector, bool high) {
    uint16_t lanes[MAX_LANES];
    uint32_t half = vector->type->lanes / 2;
    for (uint32_t i = 0; i < half; i++) lanes[i] = (uint16_t)(i + (high ? half : 0));
    return build_shuffle(b, vector, vector, lanes, half);
}

static Value *is_nan(Builder *b, Value *value) { return build_binary(b, OP_NE, value, value); }

/* Whether one of two numbers is NaN is one comparison, of both. It takes fewer registers than to add them up, and so more
 * loads are under way at a time. */
static void pair_note(Widen *w, uint32_t number, Value *entry) {
    Builder *b = &w->b;
    w->folds[number].entry = entry;
    if (w->first == NULL) return;
    Value *sane = w->folds[number].sane;
    Value *nans = build_binary(b, OP_OR, is_nan(b, w->first->folds[number].entry), is_nan(b, entry));
    build_set(b, sane, build_binary(b, OP_OR, build_get(b, sane), nans));
}

static void halves_note(Widen *w, uint32_t number, Value *entry) {
    Builder *b = &w->b;
    Value *sane = w->folds[number].sane;
    Value *nans = build_binary(b, OP_OR, is_nan(b, half_of(b, entry, false)), is_nan(b, half_of(b, entry, true)));
    build_set(b, sane, build_binary(b, OP_OR, build_get(b, sane), nans));
}

/* Once for all that look at the same numbers. */
static void nans_note(Widen *w, uint32_t number, Value *entry) {
    if (entry == w->noted) return;
    Builder *b = &w->b;
    w->noted = entry;
    Value *zero = build_zero(b, ir_scalar(w->m, entry->type->scalar));
    if (w->mask != NULL) entry = build_select(b, w->mask, entry, build_splat(b, zero, w->lanes));
    if (w->pairs) {
        pair_note(w, number, entry);
        return;
    }
    if (notes_halves(w, entry->type->scalar)) {
        halves_note(w, number, entry);
        return;
    }
    Value *sane = w->folds[number].sane;
    build_set(b, sane, added_up(w, b, build_get(b, sane), entry));
}

/* ---- Better of two ---------------------------------------------------------------------------- */

Value *quick_better(Builder *b, ReduceKind kind, Value *entry, Value *held) {
    Value *wins = build_binary(b, kind == REDUCE_MAX ? OP_GT : OP_LT, entry, held);
    return build_select(b, wins, entry, held);
}

/* The number of the reduction whose variable is read there; -1: of none. */
static int64_t extreme_read(const Widen *w, const Value *value) {
    const Op *get = value->def;
    if (get == NULL || get->kind != OP_GET) return -1;
    for (uint32_t i = 0; i < w->l->reductions.len; i++)
        if (w->l->reductions.data[i].var == get->operands[0] && w->folds[i].sane != NULL) return i;
    return -1;
}

bool widen_quick_op(Widen *w, const Op *op) {
    if (op->kind != OP_MIN && op->kind != OP_MAX) return false;
    bool first = extreme_read(w, op->operands[0]) >= 0;
    int64_t number = extreme_read(w, op->operands[first ? 0 : 1]);
    if (number < 0) return false;
    Value *entry = vector_in(w, op->operands[first ? 1 : 0]);
    Value *held = vector_in(w, op->operands[first ? 0 : 1]);
    nans_note(w, (uint32_t)number, entry);
    widen_set(w, op_result(op), NULL, quick_better(&w->b, w->l->reductions.data[number].kind, entry, held));
    return true;
}

/* ---- Behind the loop -------------------------------------------------------------------------- */

Value *quick_fold(Builder *b, ReduceKind kind, Value *lanes) {
    while (lanes->type->kind == IR_VEC && lanes->type->lanes > 2)
        lanes = quick_better(b, kind, half_of(b, lanes, false), half_of(b, lanes, true));
    return quick_better(b, kind, build_lane(b, lanes, build_i64(b, 0)),
                        build_lane(b, lanes, build_i64(b, 1)));
}

static void suspect_if(const SpmdLoop *l, Builder *b, Value *cond) {
    Value *before = build_get(b, l->suspect);
    build_set(b, l->suspect, build_binary(b, OP_OR, before, cond));
}

static Value *is_zero(Builder *b, Value *value) {
    Value *zero = build_zero(b, ir_scalar(b->fn->module, value->type->scalar));
    return build_binary(b, OP_EQ, value, value->type->kind == IR_VEC ? build_splat(b, zero, value->type->lanes) : zero);
}

void suspect_zero(const SpmdLoop *l, Builder *b, Value *value, Value *matters) {
    suspect_if(l, b, build_binary(b, OP_AND, is_zero(b, value), matters));
}

void suspect_odd(const SpmdLoop *l, Builder *b, Value *value) {
    Value *odd = build_binary(b, OP_OR, is_zero(b, value), is_nan(b, value));
    suspect_if(l, b, value->type->kind == IR_VEC ? build_fold(b, REDUCE_OR, odd) : odd);
}

/* What is in several registers, in one. */
static Value *sums_gathered(const Widen *w, Builder *b, Value *sums) {
    uint32_t most = w->s->pass->options->vector_bits / scalar_bits(sums->type->scalar);
    while (sums->type->lanes > most && sums->type->lanes > 2)
        sums = build_binary(b, OP_ADD, half_of(b, sums, false), half_of(b, sums, true));
    return sums;
}

/* The sums of numbers of one type. */
static Value *sums_added(const Widen *w, Builder *b, Scalar scalar) {
    Value *all = NULL;
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        const Value *sane = w->folds[i].sane;
        if (sane == NULL || sane->type->elem->scalar != scalar) continue;
        Value *sum = sums_gathered(w, b, build_get(b, w->folds[i].sane));
        all = all == NULL ? sum : build_binary(b, OP_ADD, all, sum);
    }
    return all;
}

static void bits_end(Widen *w, Builder *b) {
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        Value *sane = w->folds[i].sane;
        if (sane != NULL && sane->type->elem->scalar == SCALAR_BOOL)
            suspect_if(w->l, b, build_fold(b, REDUCE_OR, build_get(b, sane)));
    }
}

void quick_end(Widen *w, Builder *b) {
    bits_end(w, b);
    static const Scalar scalars[] = {SCALAR_F32, SCALAR_F64};
    for (uint32_t i = 0; i < sizeof scalars / sizeof *scalars; i++) {
        Value *sum = sums_added(w, b, scalars[i]);
        if (sum != NULL) suspect_if(w->l, b, build_fold(b, REDUCE_OR, is_nan(b, sum)));
    }
}
