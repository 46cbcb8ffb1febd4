/* Widening: values and operations. What is uniform stays a scalar; what grows by a step is the scalar of
 * the first lane until somebody needs all of them; the rest is a vector. */
#include "ir/passes/spmd.h"

/* ---- Values ---------------------------------------------------------------------------------- */

const IrType *wide_type(const Widen *w, const IrType *scalar) {
    return ir_vec(w->m, scalar->scalar, w->lanes);
}

Wide *wide_of(Widen *w, const Value *value) {
    return value->id < w->s->value_len ? &w->values[value->id] : NULL;
}

void widen_set(Widen *w, const Value *old, Value *scalar, Value *vector) {
    *wide_of(w, old) = (Wide){scalar, vector, NULL};
    Value *made = vector != NULL ? vector : scalar;
    if (made->name.id == 0 && scalar == NULL) made->name = old->name;
}

bool value_is_outside(Widen *w, const Value *value) {
    const Wide *wide = wide_of(w, value);
    if (wide == NULL) return true;
    if (wide->scalar != NULL || wide->vector != NULL) return false;
    const Region *r = value->def != NULL ? value->def->parent : value->region;
    for (; r != NULL; r = r->parent == NULL ? NULL : r->parent->parent)
        if (r == w->l->loop->regions[0]) return false;
    return true;
}

Value *scalar_in(Widen *w, Value *value) {
    if (value_is_outside(w, value)) return value;
    Value *scalar = wide_of(w, value)->scalar;
    if (scalar == NULL) KC_BUG("fn %s: a value that differs between lanes is wanted as one",
                               text_of(w->s->pass->cx, w->s->fn->source_name));
    return scalar;
}

/* Right behind where the scalar is known, so that whoever needs the vector next finds it. A parameter of the
 * function, which an index may begin with, is from outside. */
Builder builder_behind(Widen *w, const Value *scalar, bool outside) {
    outside = outside || (scalar->def == NULL && scalar->region == NULL);
    Region *region = outside                 ? w->body
                     : scalar->def != NULL   ? scalar->def->parent
                                             : scalar->region;
    Op *next = outside || scalar->def == NULL ? region->first : scalar->def->next;
    Builder b = w->b;
    b.region = region;
    b.before = next;
    return b;
}

Value *build_ramp(Builder *b, Value *scalar, Value *step, uint32_t lanes) {
    Value *steps = build_lanes(b, scalar->type->scalar, lanes);
    int64_t stride;
    if (!value_is_int(step, &stride) || stride != 1)
        steps = build_binary(b, OP_MUL, steps, build_splat(b, step, lanes));
    return build_binary(b, OP_ADD, build_splat(b, scalar, lanes), steps);
}

/* A sum of steps, or one of them times what is the same in all lanes. */
Value *step_in(Widen *w, Builder *b, Value *value) {
    Form form = value_is_outside(w, value) ? (Form){SHAPE_UNIFORM, 0} : form_of(w->s, value);
    if (form.shape != SHAPE_EVEN) return build_int(b, value->type, form.stride);
    const Op *def = value->def;
    if (def->kind == OP_NEG) return build_unary(b, OP_NEG, step_in(w, b, def->operands[0]));
    if (def->kind != OP_MUL)
        return build_binary(b, def->kind, step_in(w, b, def->operands[0]), step_in(w, b, def->operands[1]));
    uint32_t same = value_is_outside(w, def->operands[0]) || is_uniform(w->s, def->operands[0]) ? 0 : 1;
    return build_binary(b, OP_MUL, step_in(w, b, def->operands[1 - same]), scalar_in(w, def->operands[same]));
}

Value *vector_in(Widen *w, Value *value) {
    Wide *wide = wide_of(w, value), fresh = {NULL, NULL, NULL};
    bool outside = value_is_outside(w, value);
    if (wide == NULL) wide = &fresh;
    if (wide->vector != NULL) return wide->vector;
    Value *scalar = outside ? value : wide->scalar;
    Builder b = builder_behind(w, scalar, outside);
    Value *vector = outside || is_uniform(w->s, value) ? build_splat(&b, scalar, w->lanes)
                                                       : build_ramp(&b, scalar, step_in(w, &b, value), w->lanes);
    if (!outside) wide->vector = vector;
    return vector;
}

/* ---- Ops ------------------------------------------------------------------------------------- */

void widen_clone(Widen *w, const Op *op) {
    Value *operands[64];
    const IrType *types[8];
    KC_CHECK(op->operand_count <= ARRAY_LEN(operands) && op->result_count <= ARRAY_LEN(types));
    for (uint32_t i = 0; i < op->operand_count; i++) operands[i] = scalar_in(w, op->operands[i]);
    for (uint32_t i = 0; i < op->result_count; i++) types[i] = op->results[i]->type;
    Op *copy = build_op(&w->b, op->kind, operands, op->operand_count, types, op->result_count, 0);
    copy->attr = op->attr;
    copy->inlined_from = op->inlined_from;
    for (uint32_t i = 0; i < op->result_count; i++)
        widen_set(w, op->results[i], copy->results[i], NULL);
}

/* An integer below 2^31 that becomes a float does so from 32 bits, with the same result: there are
 * instructions for that everywhere. Whether it is, one comparison of the first lane tells. */
static Value *float_of_ramp(Widen *w, const Op *op) {
    const IrType *i32 = ir_scalar(w->m, SCALAR_I32), *to = wide_type(w, op_result(op)->type);
    Value *scalar = scalar_in(w, op->operands[0]);
    int64_t stride = form_of(w->s, op->operands[0]).stride;
    int64_t reach = (stride < 0 ? -stride : stride) * w->lanes, most = INT32_MAX - reach;
    Value *low = build_binary(&w->b, OP_LE, scalar, build_int(&w->b, scalar->type, most));
    Value *high = build_binary(&w->b, OP_GE, scalar, build_int(&w->b, scalar->type, -most));
    Op *way = build_if(&w->b, build_binary(&w->b, OP_AND, low, high), &to, 1);
    for (int wide = 0; wide < 2; wide++) {
        Builder b = builder_at_end(way->regions[wide], op->span);
        Value *from = wide ? scalar : build_cast(&b, scalar, i32);
        Value *made = build_cast(&b, build_ramp(&b, from, build_int(&b, from->type, stride), w->lanes), to);
        build_yield(&b, &made, 1);
    }
    return op_result(way);
}

static bool is_long_ramp(Widen *w, const Op *op) {
    Form form = form_of(w->s, op->operands[0]);
    const IrType *from = op->operands[0]->type;
    return op->kind == OP_CAST && form.shape == SHAPE_LINEAR && ir_is_float(op_result(op)->type) &&
           from->scalar == SCALAR_I64 && form.stride < 1 << 16 && form.stride > -(1 << 16);
}

/* A choice by one bool for all lanes stays so. */
static Value *operand_in(Widen *w, const Op *op, uint32_t i) {
    bool one = op->kind == OP_SELECT && i == 0 && is_uniform(w->s, op->operands[0]);
    return one ? scalar_in(w, op->operands[0]) : vector_in(w, op->operands[i]);
}

static void widen_pure(Widen *w, const Op *op) {
    Value *operands[3], *narrowed = narrow_use(w, op);
    if (takes_own_lane(w->l, op)) narrowed = op->operands[0];
    if (narrowed != NULL) {
        widen_set(w, op_result(op), NULL, narrowed);
        return;
    }
    if (is_long_ramp(w, op)) {
        widen_set(w, op_result(op), NULL, float_of_ramp(w, op));
        return;
    }
    KC_CHECK(op->operand_count <= ARRAY_LEN(operands) && op->result_count == 1);
    for (uint32_t i = 0; i < op->operand_count; i++) operands[i] = operand_in(w, op, i);
    const IrType *type = wide_type(w, op_result(op)->type);
    Op *copy = build_op(&w->b, op->kind, operands, op->operand_count, &type, 1, 0);
    copy->attr = op->attr;
    copy->inlined_from = op->inlined_from;
    widen_set(w, op_result(op), NULL, op_result(copy));
}

/* ---- Variables ------------------------------------------------------------------------------- */

static void widen_var(Widen *w, const Op *op) {
    const Value *ref = op_result(op);
    w->homes[ref->id] = w->mask;
    if (is_uniform(w->s, ref)) {
        widen_clone(w, op);
        return;
    }
    Value *wide = build_place(&w->b, wide_type(w, ref->type->elem), &op->attr.var);
    widen_set(w, ref, wide, NULL);
}

static void widen_get(Widen *w, const Op *op) {
    const Value *base = ref_base(op->operands[0]);
    if (base->def == NULL || base->def->kind != OP_VAR) {
        if (is_uniform(w->s, op->operands[0])) widen_clone(w, op);
        else widen_by_lanes(w, op);
    } else if (is_uniform(w->s, base)) {
        widen_clone(w, op);
    } else {
        widen_set(w, op_result(op), NULL, build_get(&w->b, scalar_in(w, op->operands[0])));
    }
}

typedef struct ReadScan {
    const Value *var;
    const Op *around; /* reads in here do not count */
    bool found;
} ReadScan;

static void read_note(void *user, Op *op) {
    ReadScan *scan = user;
    if (op->kind != OP_GET || op->operands[0] != scan->var) return;
    for (const Region *r = op->parent; r != NULL && r->parent != NULL; r = r->parent->parent)
        if (r->parent == scan->around) return;
    scan->found = true;
}

/* Lanes that are off keep what they have, unless nobody will look: a lane that has left a loop for good
 * is done with variables that are read in there only. A loop around would bring it back, and one that only skips
 * the rest of a turn goes on. */
static bool must_keep(Widen *w, const Op *set, const Value *var) {
    const Op *left = NULL;
    const Region *home = var->def->parent;
    if (w->homes[var->id] == w->mask) return false;
    for (const Region *r = set->parent; r != home; r = r->parent->parent) {
        const Op *op = r->parent;
        if (op == NULL || op->id >= w->s->op_len) return true;
        bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
        if (is_loop && left != NULL) return true;
        if (!w->s->diverges[op->id]) continue;
        if (!is_loop || w->s->leaves[op->id]) return true;
        left = op;
    }
    if (left == NULL || w->may_be_empty || lanes_may_skip(left)) return true;
    ReadScan scan = {.var = var, .around = left};
    region_walk(w->l->loop->regions[0], read_note, &scan);
    return scan.found;
}

static bool is_reduced(const Widen *w, const Value *var) {
    for (uint32_t i = 0; i < w->l->reductions.len; i++)
        if (w->l->reductions.data[i].var == var) return true;
    return false;
}

static void widen_set_op(Widen *w, const Op *op) {
    const Value *base = ref_base(op->operands[0]);
    if (base->def == NULL || base->def->kind != OP_VAR) {
        widen_by_lanes(w, op);
        return;
    }
    if (is_uniform(w->s, base)) {
        widen_clone(w, op);
        return;
    }
    Value *ref = scalar_in(w, op->operands[0]), *value = vector_in(w, op->operands[1]);
    bool keep = w->mask != NULL && (is_reduced(w, op->operands[0]) || must_keep(w, op, base));
    if (keep) value = build_select(&w->b, w->mask, value, build_get(&w->b, ref));
    build_set(&w->b, ref, value);
}

/* ---- One lane after another ------------------------------------------------------------------ */

static bool is_wanted_scalar(const Value *value) { return value->type->kind == IR_SCALAR; }

/* The place of a field of an element, made again for this lane. */
static Value *lane_operand(Widen *w, Builder *b, Value *value, Value *lane) {
    if (value_is_outside(w, value) || is_uniform(w->s, value)) return scalar_in(w, value);
    if (value->type->kind == IR_SCALAR) return build_lane(b, vector_in(w, value), lane);
    Value *operands[9];
    const Op *def = value->def;
    KC_CHECK(def != NULL && (def->kind == OP_ITEM || def->kind == OP_FIELD));
    for (uint32_t i = 0; i < def->operand_count; i++)
        operands[i] = lane_operand(w, b, def->operands[i], lane);
    Op *copy = build_op(b, def->kind, operands, def->operand_count, &value->type, 1, 0);
    copy->attr = def->attr;
    return op_result(copy);
}

static void lane_body(Widen *w, const Op *op, Builder b, Value *lane, Value *const *results) {
    Value *operands[64];
    const IrType *types[8];
    for (uint32_t i = 0; i < op->operand_count; i++)
        operands[i] = lane_operand(w, &b, op->operands[i], lane);
    for (uint32_t i = 0; i < op->result_count; i++) types[i] = op->results[i]->type;
    Op *copy = build_op(&b, op->kind, operands, op->operand_count, types, op->result_count, 0);
    copy->attr = op->attr;
    copy->inlined_from = op->inlined_from;
    for (uint32_t i = 0; i < op->result_count; i++)
        build_set(&b, results[i],
                  build_with_lane(&b, build_get(&b, results[i]), lane, copy->results[i]));
}

void widen_by_lanes(Widen *w, const Op *op) {
    Value *results[8];
    KC_CHECK(op->result_count <= ARRAY_LEN(results) && op->operand_count <= 64);
    for (uint32_t i = 0; i < op->operand_count; i++) /* made here, outside of the loop over lanes */
        if (is_wanted_scalar(op->operands[i]) && !is_uniform(w->s, op->operands[i]))
            vector_in(w, op->operands[i]);
    for (uint32_t i = 0; i < op->result_count; i++) {
        const IrType *type = wide_type(w, op->results[i]->type);
        results[i] = build_var(&w->b, type, NO_NAME);
        build_set(&w->b, results[i],
                  build_splat(&w->b, build_zero(&w->b, op->results[i]->type), w->lanes));
    }
    Op *loop = build_for(&w->b, build_i64(&w->b, 0), build_i64(&w->b, w->lanes),
                         build_i64(&w->b, 1), (OpLoop){.is_vector = true});
    Value *lane = loop->regions[0]->params[0];
    Builder b = builder_at_end(loop->regions[0], op->span);
    if (w->mask != NULL) {
        Op *on = build_if(&b, build_lane(&b, w->mask, lane), NULL, 0);
        b = builder_at_end(on->regions[0], op->span);
    }
    lane_body(w, op, b, lane, results);
    for (uint32_t i = 0; i < op->result_count; i++)
        widen_set(w, op->results[i], NULL, build_get(&w->b, results[i]));
}

/* ---- Regions --------------------------------------------------------------------------------- */

static bool results_scalar(const Widen *w, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++)
        if (form_of(w->s, op->results[i]).shape == SHAPE_VARYING) return false;
    return true;
}

static void widen_place(Widen *w, const Op *op) {
    if (op->kind == OP_FIELD && !is_uniform(w->s, ref_base(op->operands[0])))
        return; /* of an element that differs between lanes: made where it is used */
    widen_clone(w, op);
}

static void widen_op(Widen *w, const Op *op) {
    w->b.span = op->span;
    if (widen_fold_op(w, op)) return;
    switch ((int)op->kind) {
    case OP_IF: widen_if(w, op); return;
    case OP_FOR: widen_for(w, op); return;
    case OP_WHILE: widen_while(w, op); return;
    case OP_BREAK: case OP_CONTINUE: widen_jump(w, op); return;
    case OP_VAR: widen_var(w, op); return;
    case OP_GET: widen_get(w, op); return;
    case OP_SET: widen_set_op(w, op); return;
    case OP_LOAD: widen_load(w, op); return;
    case OP_STORE: widen_store(w, op); return;
    case OP_CHECK: widen_check(w, op); return;
    case OP_ALLOC: widen_alloc(w, op); return;
    case OP_FREE: return; /* behind the loop */
    case OP_ITEM: if (is_uniform(w->s, op_result(op))) widen_clone(w, op); return;
    case OP_FIELD: widen_place(w, op); return;
    case OP_LANE_ITEM: /* of an accumulator, all lanes are meant */
        if (!value_is_outside(w, op->operands[0])) widen_clone(w, op);
        return;
    case OP_CALL:
        if (op->result_count != 0 && results_scalar(w, op)) widen_clone(w, op);
        else widen_call(w, op);
        return;
    default:
        if (results_scalar(w, op)) widen_clone(w, op);
        else widen_pure(w, op);
    }
}

/* What comes after an op from which lanes left is done only if some are still there. */
static void widen_rest(Widen *w, const Op *op) {
    w->mask = mask_after_jumps(w);
    bool gives = op->next == NULL || op->parent->last->kind == OP_YIELD;
    if (gives) {
        w->may_be_empty = true;
        for (op = op->next; op != NULL && op->kind != OP_YIELD; op = op->next) widen_op(w, op);
        return;
    }
    Op *rest = build_if(&w->b, any_lane(w, w->mask), NULL, 0);
    Builder outside = w->b;
    w->b = builder_at_end(rest->regions[0], op->span);
    bool before = w->may_be_empty;
    w->may_be_empty = false;
    for (op = op->next; op != NULL; op = op->next) {
        widen_op(w, op);
        if (op->id >= w->s->op_len || !w->s->leaves[op->id]) continue;
        widen_rest(w, op);
        break;
    }
    w->may_be_empty = before;
    w->b = outside;
}

/* Its turn comes in the other walk over the body. */
static bool is_elsewhere(const Widen *w, const Op *op) {
    return op->parent == w->l->loop->regions[0] && w->l->ahead != NULL && w->l->ahead[op->id] != w->asks;
}

void widen_region(Widen *w, const Region *region) {
    for (const Op *op = region->first; op != NULL && op->kind != OP_YIELD; op = op->next) {
        if (is_elsewhere(w, op)) continue;
        widen_op(w, op);
        if (!w->s->leaves[op->id]) continue;
        widen_rest(w, op);
        return;
    }
}

void widen_body(Widen *w) {
    const Region *body = w->l->loop->regions[0];
    if (w->l->ahead != NULL) {
        w->asks = true;
        widen_region(w, body);
        w->asks = false;
    }
    widen_region(w, body);
}
