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

/* A multiply-add has units of its own on many processors, and a NaN makes every sum that it goes into one. So do
 * infinities of both signs: then the loop runs again, without need. Nothing overflows that is scaled down so far. */
static bool sums_up(const Widen *w) { return w->s->pass->options->has_fma; }
static double scale_of(const IrType *type) { return type->scalar == SCALAR_F32 ? 0x1p-100 : 0x1p-1000; }

/* Else two lanes share a note, an integer: one comparison tells whether either of two numbers is NaN. */
static uint32_t note_lanes(const Widen *w) { return w->lanes >= 4 ? w->lanes / 2 : w->lanes; }

static const IrType *note_type(const Widen *w, const IrType *number) {
    if (sums_up(w)) return ir_vec(w->m, number->scalar, w->lanes);
    return ir_vec(w->m, w->l->bytes == 8 ? SCALAR_I64 : SCALAR_I32, note_lanes(w));
}

void quick_make(Widen *w, Builder *b) {
    const IrType *widest = NULL;
    w->sane = w->noted = NULL;
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        const Reduction *r = &w->l->reductions.data[i];
        const IrType *type = r->var->type->elem;
        if (is_extreme(r) && is_quick(w->l, r) && (widest == NULL || type->size > widest->size)) widest = type;
    }
    if (widest == NULL) return;
    const IrType *note = note_type(w, widest);
    w->sane = build_var(b, note, NO_NAME);
    build_set(b, w->sane, build_splat(b, build_zero(b, ir_scalar(w->m, note->scalar)), note->lanes));
}

Value *half_of(Builder *b, Value *vector, bool high) {
    uint16_t lanes[MAX_LANES];
    uint32_t half = vector->type->lanes / 2;
    for (uint32_t i = 0; i < half; i++) lanes[i] = (uint16_t)(i + (high ? half : 0));
    return build_shuffle(b, vector, vector, lanes, half);
}

static Value *is_number(Builder *b, Value *vector) {
    return build_binary(b, OP_EQ, vector, vector);
}

static Value *numbers_added(Builder *b, Value *before, Value *entry) {
    const IrType *type = ir_scalar(b->fn->module, before->type->scalar);
    Value *scale = build_splat(b, build_float(b, type, scale_of(type)), before->type->lanes);
    return build_fma(b, build_cast(b, entry, before->type), scale, before);
}

static Value *nans_marked(Builder *b, Value *before, Value *entry) {
    bool share = before->type->lanes < entry->type->lanes;
    Value *good = is_number(b, share ? half_of(b, entry, false) : entry);
    if (share) good = build_binary(b, OP_AND, good, is_number(b, half_of(b, entry, true)));
    Value *nan = build_int(b, ir_scalar(b->fn->module, before->type->scalar), -1);
    return build_select(b, good, before, build_splat(b, nan, before->type->lanes));
}

/* Once for all that look at the same numbers. */
static void nans_note(Widen *w, Value *entry) {
    if (entry == w->noted) return;
    Builder *b = &w->b;
    Value *zero = build_zero(b, ir_scalar(w->m, entry->type->scalar)), *before = build_get(b, w->sane);
    w->noted = entry;
    if (w->mask != NULL) entry = build_select(b, w->mask, entry, build_splat(b, zero, w->lanes));
    build_set(b, w->sane, sums_up(w) ? numbers_added(b, before, entry) : nans_marked(b, before, entry));
}

/* ---- Better of two ---------------------------------------------------------------------------- */

Value *quick_better(Builder *b, ReduceKind kind, Value *entry, Value *held) {
    Value *wins = build_binary(b, kind == REDUCE_MAX ? OP_GT : OP_LT, entry, held);
    return build_select(b, wins, entry, held);
}

static const Reduction *extreme_read(const Widen *w, const Value *value) {
    const Op *get = value->def;
    if (get == NULL || get->kind != OP_GET) return NULL;
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        const Reduction *r = &w->l->reductions.data[i];
        if (r->var == get->operands[0] && is_extreme(r) && is_quick(w->l, r)) return r;
    }
    return NULL;
}

bool widen_quick_op(Widen *w, const Op *op) {
    if (w->sane == NULL || (op->kind != OP_MIN && op->kind != OP_MAX)) return false;
    bool first = extreme_read(w, op->operands[0]) != NULL;
    const Reduction *r = extreme_read(w, op->operands[first ? 0 : 1]);
    if (r == NULL) return false;
    Value *entry = vector_in(w, op->operands[first ? 1 : 0]);
    Value *held = vector_in(w, op->operands[first ? 0 : 1]);
    nans_note(w, entry);
    widen_set(w, op_result(op), NULL, quick_better(&w->b, r->kind, entry, held));
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

void suspect_zero(const SpmdLoop *l, Builder *b, Value *value, Value *matters) {
    Value *zero = build_binary(b, OP_EQ, value, build_zero(b, value->type));
    suspect_if(l, b, matters == NULL ? zero : build_binary(b, OP_AND, zero, matters));
}

/* What is in several registers, in one. */
static Value *sums_gathered(const Widen *w, Builder *b, Value *sums) {
    uint32_t most = w->s->pass->options->vector_bits / scalar_bits(sums->type->scalar);
    while (sums->type->lanes > most && sums->type->lanes > 2)
        sums = build_binary(b, OP_ADD, half_of(b, sums, false), half_of(b, sums, true));
    return sums;
}

void quick_end(Widen *w, Builder *b) {
    if (w->sane == NULL) return;
    Value *sane = build_get(b, w->sane);
    if (sums_up(w)) sane = sums_gathered(w, b, sane);
    Value *zero = build_splat(b, build_zero(b, ir_scalar(w->m, sane->type->scalar)), sane->type->lanes);
    Value *good = build_binary(b, OP_EQ, sane, sums_up(w) ? sane : zero);
    suspect_if(w->l, b, build_unary(b, OP_NOT, build_fold(b, REDUCE_AND, good)));
}
