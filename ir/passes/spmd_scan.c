/* Scans: an accumulator whose value is looked at in each iteration.
 *
 *     acc = acc + x[i]
 *     y[i] = acc
 *
 * The lanes of a vector are added up in steps that double: each lane and its neighbour, then that two lanes
 * below, four, and so on; what came before the vector is added to all of them. Where the order of
 * operations shows, as in sums of floats, there is no other order than that of the loop. */
#include "ir/passes/spmd.h"

static bool is_read_of(const Value *value, const Value *var) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == var;
}

static bool is_scanned(const IrType *type, OpKind op, ReduceKind *kind) {
    if (!ir_is_int(type)) return false;
    return reduce_of_step(op, kind);
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
        if (is_read_of(op->operands[i], use->var) && op != use->step) use->other = true;
}

static uint32_t entry_at(const Op *step, const Value *var) {
    return is_read_of(step->operands[0], var) ? 1 : 0;
}

bool finds_scan(const SpmdLoop *l, Value *var, Reduction *found) {
    ScanUse use = {.var = var};
    Region *body = l->loop->regions[0];
    Reduction scan = {.var = var, .role = ROLE_SCAN};
    region_walk(body, scan_set_note, &use);
    if (use.sets != 1 || use.set->operands[0] != var || use.set->parent != body) return false;
    use.step = use.set->operands[1]->def;
    if (use.step == NULL || use.step->parent != body || use.step->operand_count != 2) return false;
    if (!is_scanned(var->type->elem, use.step->kind, &scan.kind)) return false;
    uint32_t entry = entry_at(use.step, var);
    if (!is_read_of(use.step->operands[1 - entry], var) || is_read_of(use.step->operands[entry], var))
        return false;
    region_walk(body, scan_read_note, &use);
    scan.set = use.set;
    *found = scan;
    return !use.other;
}

/* ---- Widening --------------------------------------------------------------------------------- */

/* What came before, in all lanes, so that only one operation leads from vector to vector. */
void scan_make(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    w->folds[number].lanes = build_var(b, wide_type(w, r->var->type->elem), r->var->name);
    build_set(b, w->folds[number].lanes, build_splat(b, build_get(b, r->var), w->lanes));
}

void scan_end(Widen *w, Builder *b, uint32_t number) {
    Value *lanes = build_get(b, w->folds[number].lanes);
    build_set(b, w->l->reductions.data[number].var, build_lane(b, lanes, build_i64(b, 0)));
}

/* The lanes `by` places up; those that come in from below are `none`. */
static Value *moved_up(Widen *w, Value *lanes, Value *none, uint32_t by) {
    uint16_t from[MAX_LANES];
    for (uint32_t i = 0; i < w->lanes; i++) from[i] = (uint16_t)(i < by ? w->lanes + i : i - by);
    return build_shuffle(&w->b, lanes, none, from, w->lanes);
}

static Value *last_everywhere(Widen *w, Value *lanes) {
    uint16_t from[MAX_LANES];
    for (uint32_t i = 0; i < w->lanes; i++) from[i] = (uint16_t)(w->lanes - 1);
    return build_shuffle(&w->b, lanes, lanes, from, w->lanes);
}

static void scan_step(Widen *w, const Op *op, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *lanes = vector_in(w, op->operands[entry_at(op, r->var)]);
    Value *one = build_reduce_identity(&w->b, r->kind, r->var->type->elem);
    Value *none = build_splat(&w->b, one, w->lanes);
    if (w->mask != NULL) lanes = build_select(&w->b, w->mask, lanes, none);
    for (uint32_t by = 1; by < w->lanes; by *= 2)
        lanes = build_binary(&w->b, op->kind, lanes, moved_up(w, lanes, none, by));
    Value *carried = build_get(&w->b, w->folds[number].lanes);
    widen_set(w, op_result(op), NULL, build_binary(&w->b, op->kind, lanes, carried));
    w->folds[number].next = build_binary(&w->b, op->kind, last_everywhere(w, lanes), carried);
}

bool widen_scan_op(Widen *w, const Op *op, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    bool reads = op->kind == OP_GET && op->operands[0] == r->var;
    if (op == r->set->operands[1]->def) scan_step(w, op, number);
    else if (op == r->set) build_set(&w->b, w->folds[number].lanes, w->folds[number].next);
    else return reads;
    return true;
}
