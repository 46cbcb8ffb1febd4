/* Scans: an accumulator whose value is looked at in each iteration.
 *
 *     acc = acc + x[i]
 *     y[i] = acc
 *
 * The lanes of a vector are added up in steps that double: each lane and its neighbour, then that two lanes
 * below, four, and so on; what came before the vector is added to all of them. Where the order of
 * operations shows, as in sums of floats, that is another order than the loop's, so the source has to say that they
 * are combined (`cumsum`, which the loop's attribute `reduces` tells); minima and maxima are the same in any.
 *
 *     if x[i] > acc: acc = x[i]
 *     y[i] = acc - x[i]
 *
 * is one as well: of two, the earlier stays unless the later is greater. A NaN never is, so that it counts as less than
 * all, and then it does not show which of them are compared first. */
#include "ir/passes/spmd.h"

static bool is_scanned(const SpmdLoop *l, const IrType *type, OpKind op, ReduceKind *kind) {
    bool is_number = ir_is_int(type) || ir_is_float(type);
    return is_number && reduce_of_step(op, kind) && order_is_free(l, type, *kind);
}

typedef struct ScanUse {
    const Value *var;
    Op *set;
    const Op *step; /* var op entry */
    uint32_t sets;
    bool other;
} ScanUse;

static void scan_set_note(void *user, Op *op) {
    ScanUse *use = user;
    if (op->kind != OP_SET || ref_base(op->operands[0]) != use->var) return;
    use->set = op;
    use->sets++;
}

static void scan_read_note(void *user, Op *op) {
    ScanUse *use = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (reads_var(op->operands[i], use->var) && op != use->step) use->other = true;
}

static uint32_t entry_at(const Op *step, const Value *var) {
    return reads_var(step->operands[0], var) ? 1 : 0;
}

static void choice_use_note(void *user, Op *op) {
    ScanUse *use = user;
    const Value *wins = use->step->operands[0];
    for (uint32_t i = 0; i < op->operand_count; i++) {
        bool reads = reads_var(op->operands[i], use->var) && op != wins->def && (op != use->step || i != 2);
        use->other = use->other || reads || (op->operands[i] == wins && op != use->step);
    }
}

/* select(entry > var, entry, var) */
static bool finds_choice(const SpmdLoop *l, ScanUse *use, Reduction *scan) {
    const Op *step = use->step;
    Value *wins = step->operands[0], *entry = step->operands[1];
    if (!ir_is_int(use->var->type->elem) && !ir_is_float(use->var->type->elem)) return false;
    if (!reads_var(step->operands[2], use->var) || !compares_with(wins->def, entry, use->var, &scan->kind)) return false;
    region_walk(l->loop->regions[0], choice_use_note, use);
    scan->wins = wins;
    return !use->other && wins->def->parent == step->parent;
}

bool finds_scan(const SpmdLoop *l, Value *var, Reduction *found) {
    ScanUse use = {.var = var};
    Region *body = l->loop->regions[0];
    Reduction scan = {.var = var, .role = ROLE_SCAN};
    region_walk(body, scan_set_note, &use);
    if (use.sets != 1 || use.set->operands[0] != var || use.set->parent != body) return false;
    use.step = use.set->operands[1]->def;
    scan.set = use.set;
    if (use.step == NULL || use.step->parent != body) return false;
    if (use.step->kind == OP_SELECT && finds_choice(l, &use, &scan)) {
        *found = scan;
        return true;
    }
    if (use.step->operand_count != 2) return false;
    if (!is_scanned(l, var->type->elem, use.step->kind, &scan.kind)) return false;
    uint32_t entry = entry_at(use.step, var);
    if (!reads_var(use.step->operands[1 - entry], var) || reads_var(use.step->operands[entry], var))
        return false;
    region_walk(body, scan_read_note, &use);
    *found = scan;
    return !use.other;
}

/* ---- Extremes of floats ----------------------------------------------------------------------- */

/* Their bits are integers of the same order once those below the sign are turned around in negative numbers: -0.0 comes
 * before 0.0, and NaNs lie beyond the infinities. One with the right sign wins, as it must, and an integer's maximum is
 * one instruction. */

static bool in_bits(const Widen *w, const Reduction *r) {
    Scalar scalar = r->var->type->elem->scalar;
    if (r->wins != NULL || (r->kind != REDUCE_MIN && r->kind != REDUCE_MAX)) return false;
    return scalar == SCALAR_F32 || (scalar == SCALAR_F64 && w->s->pass->options->has_masks);
}

static Value *const_like(Builder *b, Value *like, uint64_t bits) {
    const IrType *type = like->type;
    Value *one = build_const(b, ir_scalar(b->fn->module, type->scalar), bits);
    return type->kind == IR_VEC ? build_splat(b, one, type->lanes) : one;
}

/* There and back. */
static Value *turned(Builder *b, Value *bits) {
    unsigned width = scalar_bits(bits->type->scalar);
    Value *sign = build_binary(b, OP_SHR, bits, const_like(b, bits, width - 1));
    Value *below = const_like(b, bits, (UINT64_C(1) << (width - 1)) - 1);
    return build_binary(b, OP_XOR, bits, build_binary(b, OP_AND, sign, below));
}

static Value *bits_of(const Widen *w, Builder *b, const Reduction *r, Value *numbers) {
    if (!in_bits(w, r)) return numbers;
    bool is_double = numbers->type->scalar == SCALAR_F64;
    uint64_t nan = is_double ? UINT64_C(0x7ff8) << 48 : UINT64_C(0x7fc00000);
    uint64_t sign = r->kind == REDUCE_MIN ? UINT64_C(1) << (is_double ? 63 : 31) : 0;
    Value *is_number = build_binary(b, OP_EQ, numbers, numbers);
    Value *known = build_select(b, is_number, numbers, const_like(b, numbers, nan | sign));
    const IrType *type = ir_like(w->m, numbers->type, is_double ? SCALAR_I64 : SCALAR_I32);
    return turned(b, build_bitcast(b, known, type));
}

static Value *numbers_of(const Widen *w, Builder *b, const Reduction *r, Value *bits) {
    if (!in_bits(w, r)) return bits;
    return build_bitcast(b, turned(b, bits), ir_like(w->m, bits->type, r->var->type->elem->scalar));
}

/* ---- Widening --------------------------------------------------------------------------------- */

/* What came before, in all lanes, so that only one operation leads from vector to vector. */
void scan_make(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *before = build_splat(b, bits_of(w, b, r, build_get(b, r->var)), w->lanes);
    w->folds[number].lanes = build_var(b, before->type, r->var->name);
    build_set(b, w->folds[number].lanes, before);
}

void scan_end(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *last = build_lane(b, build_get(b, w->folds[number].lanes), build_i64(b, 0));
    build_set(b, r->var, numbers_of(w, b, r, last));
}

Value *moved_up(Widen *w, Value *lanes, Value *none, uint32_t by) {
    uint16_t from[MAX_LANES];
    for (uint32_t i = 0; i < w->lanes; i++) from[i] = (uint16_t)(i < by ? w->lanes + i : i - by);
    return build_shuffle(&w->b, lanes, none, from, w->lanes);
}

Value *last_everywhere(Widen *w, Value *lanes) {
    uint16_t from[MAX_LANES];
    for (uint32_t i = 0; i < w->lanes; i++) from[i] = (uint16_t)(w->lanes - 1);
    return build_shuffle(&w->b, lanes, lanes, from, w->lanes);
}

/* What comes from an iteration, in a form of which the order does not show. */
static Value *entries(Widen *w, const Op *op, const Reduction *r) {
    if (r->wins == NULL) return bits_of(w, &w->b, r, vector_in(w, op->operands[entry_at(op, r->var)]));
    Value *lanes = vector_in(w, op->operands[1]);
    if (!ir_is_float(r->var->type->elem)) return lanes;
    Value *worst = build_splat(&w->b, build_reduce_identity(&w->b, r->kind, r->var->type->elem), w->lanes);
    return build_select(&w->b, build_binary(&w->b, OP_EQ, lanes, lanes), lanes, worst);
}

static Value *combined(Widen *w, const Op *op, const Reduction *r, Value *later, Value *earlier) {
    return r->wins != NULL ? quick_better(&w->b, r->kind, later, earlier) : build_binary(&w->b, op->kind, later, earlier);
}

static void scan_step(Widen *w, const Op *op, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *lanes = entries(w, op, r);
    Value *one = build_reduce_identity(&w->b, r->kind, ir_scalar(w->m, lanes->type->scalar));
    Value *none = build_splat(&w->b, one, w->lanes);
    if (w->mask != NULL) lanes = build_select(&w->b, w->mask, lanes, none);
    for (uint32_t by = 1; by < w->lanes; by *= 2) lanes = combined(w, op, r, lanes, moved_up(w, lanes, none, by));
    Value *carried = build_get(&w->b, w->folds[number].lanes);
    Value *all = combined(w, op, r, lanes, carried);
    widen_set(w, op_result(op), NULL, numbers_of(w, &w->b, r, all));
    w->folds[number].next = combined(w, op, r, last_everywhere(w, lanes), carried);
}

bool widen_scan_op(Widen *w, const Op *op, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    bool reads = op->kind == OP_GET && op->operands[0] == r->var;
    bool compares_it = r->wins != NULL && op == r->wins->def;
    if (op == r->set->operands[1]->def) scan_step(w, op, number);
    else if (op == r->set) build_set(&w->b, w->folds[number].lanes, w->folds[number].next);
    else return reads || compares_it;
    return true;
}
