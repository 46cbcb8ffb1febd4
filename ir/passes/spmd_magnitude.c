/* The largest magnitude, m = max(m, abs(x)). Numbers without a sign are ordered as their bits are, NaNs above all
 * others: the maximum of integers gives what MAX means, in one instruction, where that of floats needs a second
 * look for NaNs (spmd_quick.c). */
#include "ir/passes/spmd.h"

static bool is_read_of(const Value *value, const Value *var) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == var;
}

/* The operand of `max` that is not the variable; NULL if neither is. */
static Value *entry_of(const Op *max, const Value *var) {
    if (max == NULL || max->kind != OP_MAX) return NULL;
    for (uint32_t i = 0; i < 2; i++)
        if (is_read_of(max->operands[i], var)) return max->operands[1 - i];
    return NULL;
}

typedef struct SetScan {
    const Value *var;
    bool others;
} SetScan;

static void set_note(void *user, Op *op) {
    SetScan *scan = user;
    if (op->kind != OP_SET || op->operands[0] != scan->var) return;
    const Value *entry = entry_of(op->operands[1]->def, scan->var);
    if (entry == NULL || entry->def == NULL || entry->def->kind != OP_ABS) scan->others = true;
}

/* 64-bit integers have a maximum only where masks have registers. */
static bool has_maximum(const SpmdLoop *l, Scalar scalar) {
    return scalar == SCALAR_F32 || (scalar == SCALAR_F64 && l->spmd->pass->options->has_masks);
}

bool is_magnitude(const SpmdLoop *l, const Reduction *r) {
    SetScan scan = {.var = r->var};
    if (r->role != ROLE_SUM || r->kind != REDUCE_MAX || !has_maximum(l, r->var->type->elem->scalar)) return false;
    region_walk(l->loop->regions[0], set_note, &scan);
    return !scan.others;
}

static Value *bits_of(Builder *b, Value *floats) {
    Scalar integer = floats->type->scalar == SCALAR_F64 ? SCALAR_I64 : SCALAR_I32;
    return build_bitcast(b, floats, ir_like(b->fn->module, floats->type, integer));
}

Value *magnitude_larger(Builder *b, Value *low, Value *high) {
    return build_bitcast(b, build_binary(b, OP_MAX, bits_of(b, low), bits_of(b, high)), low->type);
}

Value *magnitude_fold(Builder *b, Value *lanes) {
    Value *largest = build_fold(b, REDUCE_MAX, bits_of(b, lanes));
    return build_bitcast(b, largest, ir_scalar(b->fn->module, lanes->type->scalar));
}

bool widen_magnitude_op(Widen *w, const Op *op) {
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        const Reduction *r = &w->l->reductions.data[i];
        Value *entry = entry_of(op, r->var);
        if (entry == NULL || !is_magnitude(w->l, r)) continue;
        Value *held = build_get(&w->b, w->folds[i].lanes);
        widen_set(w, op_result(op), NULL, magnitude_larger(&w->b, held, vector_in(w, entry)));
        return true;
    }
    return false;
}
