/* Accesses to arrays: how each meets memory, and the ops that do it.
 *
 * Turning what looks like a gather into loads side by side is worth more than anything else in this pass:
 * so the last index decides, by its shape. */
#include "ir/passes/spmd.h"

static uint32_t first_index(const Op *op) { return op->kind == OP_STORE ? 2 : 1; }

/* Steps of up to so many elements are loads and a shuffle; beyond, most of what is loaded is waste. */
enum { MAX_STEP = 4 };

/* Indices that all grow by a step of their own add up to one that does. */
static Reach reach_apart(const Spmd *s, const Op *op) {
    for (uint32_t i = first_index(op); i < op->operand_count; i++)
        if (form_of(s, op->operands[i]).shape == SHAPE_VARYING) return REACH_SPREAD;
    return op->kind == OP_LOAD ? REACH_APART : REACH_SPREAD;
}

Reach access_reach(const Spmd *s, const Op *op, int64_t *step) {
    const Value *view = op->operands[0];
    uint32_t first = first_index(op), last = op->operand_count - 1;
    bool own = is_private(s, view);
    for (uint32_t i = first; own && i <= last; i++)
        if (!is_uniform(s, op->operands[i])) return REACH_SPREAD;
    if (own) return REACH_OWN;
    if (view->type->kind == IR_VIEW && !is_uniform(s, view)) return REACH_SPREAD;
    for (uint32_t i = first; i < last; i++)
        if (!is_uniform(s, op->operands[i])) return reach_apart(s, op);
    Form form = form_of(s, op->operands[last]);
    *step = form.stride;
    if (form.shape == SHAPE_UNIFORM) return REACH_ONE;
    if (form.shape != SHAPE_LINEAR || view->type->strided) return reach_apart(s, op);
    if (form.stride == 1) return REACH_SIDE_BY_SIDE;
    if (form.stride == -1) return REACH_BACKWARD;
    if (cells_side_by_side(s, op)) return REACH_STEPS;
    bool has_steps = op->kind == OP_LOAD || s->pass->options->has_masks;
    return has_steps && form.stride > 0 && form.stride <= MAX_STEP ? REACH_STEPS : reach_apart(s, op);
}

/* ---- Indices --------------------------------------------------------------------------------- */

static uint32_t indices_first(Widen *w, const Op *op, Value **indices) {
    uint32_t first = first_index(op), count = op->operand_count - first;
    for (uint32_t i = 0; i < count; i++) indices[i] = scalar_in(w, op->operands[first + i]);
    return count;
}

/* An index that was widened to 64 bits is taken as it was before: gathers do that themselves. */
static Value *index_vector(Widen *w, Value *index) {
    const Op *def = index->def;
    bool widened = def != NULL && def->kind == OP_CAST && index->id < w->s->value_len &&
                   def->operands[0]->type->kind == IR_SCALAR &&
                   def->operands[0]->type->scalar == SCALAR_I32;
    return vector_in(w, widened ? def->operands[0] : index);
}

static void indices_spread(Widen *w, const Op *op, Value **indices) {
    uint32_t first = first_index(op), count = op->operand_count - first;
    bool some = false;
    for (uint32_t i = 0; i < count; i++) {
        Value *index = op->operands[first + i];
        bool vector = !is_uniform(w->s, index);
        some = some || vector;
        indices[i] = vector ? index_vector(w, index) : scalar_in(w, index);
    }
    if (!some) indices[count - 1] = build_splat(&w->b, indices[count - 1], w->lanes);
}

static Value *offset(Widen *w, Value *index, int64_t by) {
    return by == 0 ? index : build_binary(&w->b, OP_ADD, index, build_i64(&w->b, by));
}

static Value *reversed(Widen *w, Value *vector) {
    uint16_t lanes[MAX_LANES];
    for (uint32_t i = 0; i < w->lanes; i++) lanes[i] = (uint16_t)(w->lanes - 1 - i);
    return build_shuffle(&w->b, vector, vector, lanes, w->lanes);
}

/* ---- Side by side ---------------------------------------------------------------------------- */

/* Where a turn may be the last, and masks are dear: the mask is for that one alone. */
static bool splits_turns(const Widen *w) { return w->turn_whole != NULL && w->mask == w->turn_mask; }

static Value *load_beside(Widen *w, Value *view, Value **indices) {
    if (!splits_turns(w)) return build_vload(&w->b, view, indices, w->lanes, w->mask);
    const IrType *type = ir_vec(w->m, view->type->elem->scalar, w->lanes);
    Op *branch = build_if(&w->b, w->turn_whole, &type, 1);
    for (uint32_t i = 0; i < 2; i++) {
        Builder in = builder_at_end(branch->regions[i], w->b.span);
        Value *loaded = build_vload(&in, view, indices, w->lanes, i == 0 ? NULL : w->mask);
        build_yield(&in, &loaded, 1);
    }
    return op_result(branch);
}

static void store_beside(Widen *w, Value *view, Value *value, Value **indices) {
    if (!splits_turns(w)) {
        build_vstore(&w->b, view, value, indices, w->mask);
        return;
    }
    Op *branch = build_if(&w->b, w->turn_whole, NULL, 0);
    for (uint32_t i = 0; i < 2; i++) {
        Builder in = builder_at_end(branch->regions[i], w->b.span);
        build_vstore(&in, view, value, indices, i == 0 ? NULL : w->mask);
    }
}

/* ---- Loads ----------------------------------------------------------------------------------- */

static Value *load_backward(Widen *w, Value *view, Value **indices, uint32_t count) {
    Value *mask = w->mask == NULL ? NULL : reversed(w, w->mask);
    indices[count - 1] = offset(w, indices[count - 1], 1 - (int64_t)w->lanes);
    return reversed(w, build_vload(&w->b, view, indices, w->lanes, mask));
}

static Value *load_vector(Widen *w, const Op *op) {
    Value *indices[8], *view = scalar_in(w, op->operands[0]);
    int64_t step;
    Reach reach = access_reach(w->s, op, &step);
    uint32_t count = reach >= REACH_APART ? 0 : indices_first(w, op, indices);
    if (reach == REACH_SIDE_BY_SIDE) return load_beside(w, view, indices);
    if (reach == REACH_BACKWARD) return load_backward(w, view, indices, count);
    if (reach == REACH_STEPS && steps_are_loaded(w))
        return steps_loaded(w, view, indices, count, (uint32_t)step);
    if (reach == REACH_APART && !w->s->pass->options->has_gathers) {
        indices_spread(w, op, indices);
        return build_vload(&w->b, view, indices, w->lanes, w->mask);
    }
    if (row_access(w, op, &view, indices)) return build_vload(&w->b, view, indices, w->lanes, w->mask);
    if (narrow_access(w, op->operands[0], op->operands + 1, &view, indices)) {
        row_lead(w, op, indices[0]);
        return build_vload(&w->b, view, indices, w->lanes, w->mask);
    }
    indices_spread(w, op, indices);
    return build_vload(&w->b, view, indices, w->lanes, w->mask);
}

/* A single element under a mask that may be empty: read if some lane wants it. */
static void load_one(Widen *w, const Op *op) {
    if (!w->may_be_empty || w->mask == NULL) {
        widen_clone(w, op);
        return;
    }
    const IrType *type = op_result(op)->type;
    Op *guard = build_if(&w->b, any_lane(w, w->mask), &type, 1);
    Builder outside = w->b;
    w->b = builder_at_end(guard->regions[0], op->span);
    widen_clone(w, op);
    Value *loaded = scalar_in(w, op_result(op));
    build_yield(&w->b, &loaded, 1);
    w->b = builder_at_end(guard->regions[1], op->span);
    Value *none = build_zero(&w->b, type);
    build_yield(&w->b, &none, 1);
    w->b = outside;
    widen_set(w, op_result(op), op_result(guard), NULL);
}

static bool load_cells(Widen *w, const Op *op) {
    Value *indices[8];
    int64_t step;
    if (access_reach(w->s, op, &step) != REACH_STEPS) return false;
    return widen_load_cells(w, op, indices, indices_first(w, op, indices));
}

void widen_load(Widen *w, const Op *op) {
    if (is_private(w->s, op->operands[0])) widen_load_private(w, op);
    else if (load_cells(w, op)) return;
    else if (is_uniform(w->s, op_result(op))) load_one(w, op);
    else widen_set(w, op_result(op), NULL, load_vector(w, op));
}

/* ---- Stores ---------------------------------------------------------------------------------- */

void widen_store(Widen *w, const Op *op) {
    if (is_private(w->s, op->operands[0])) {
        widen_store_private(w, op);
        return;
    }
    if (widen_store_cells(w, op)) return;
    Value *indices[8], *view = scalar_in(w, op->operands[0]);
    Value *value = vector_in(w, op->operands[1]), *mask = w->mask;
    int64_t step;
    Reach reach = access_reach(w->s, op, &step);
    uint32_t count = reach == REACH_SPREAD ? 0 : indices_first(w, op, indices);
    if (reach == REACH_STEPS && w->s->pass->options->has_masks && step <= MAX_STEP) {
        steps_store(w, op, value, indices, (uint32_t)step);
        return;
    }
    if (reach == REACH_SIDE_BY_SIDE) {
        store_beside(w, view, value, indices);
        return;
    }
    if (reach == REACH_BACKWARD) {
        if (mask != NULL) mask = reversed(w, mask);
        indices[count - 1] = offset(w, indices[count - 1], 1 - (int64_t)w->lanes);
        value = reversed(w, value);
    } else if (!narrow_access(w, op->operands[0], op->operands + 2, &view, indices)) {
        indices_spread(w, op, indices);
    }
    build_vstore(&w->b, view, value, indices, mask);
}
