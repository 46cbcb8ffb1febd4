/* Shapes: what is the same in all lanes of a loop, what grows from lane to lane by a step, and
 * where lanes part. A forward walk over the tree, repeated until nothing changes; shapes only ever grow,
 * so that it ends. */
#include "ir/passes/spmd.h"

static Form uniform(void) { return (Form){SHAPE_UNIFORM, 0}; }
static Form even(void) { return (Form){SHAPE_EVEN, 0}; }
static Form varying(void) { return (Form){SHAPE_VARYING, 0}; }
static Form linear(int64_t stride) {
    return stride == 0 ? uniform() : (Form){SHAPE_LINEAR, stride};
}

static bool form_equal(Form a, Form b) { return a.shape == b.shape && a.stride == b.stride; }

static void form_grow(Spmd *s, const Value *value, Form form) {
    Form *now = &s->forms[value->id];
    if (form.shape == SHAPE_LINEAR && now->shape == SHAPE_LINEAR && now->stride != form.stride)
        form = varying();
    if (form.shape < now->shape || form_equal(*now, form)) return;
    *now = form;
    s->changed = true;
}

static void mark(Spmd *s, bool *flag) {
    if (*flag) return;
    *flag = true;
    s->changed = true;
}

/* ---- Where lanes part ------------------------------------------------------------------------ */

bool parts_between(const Spmd *s, const Region *region, const Region *home) {
    for (; region != home && region->parent != NULL; region = region->parent->parent)
        if (region->parent->id < s->op_len && s->diverges[region->parent->id]) return true;
    return false;
}

/* A jump that not all lanes make takes its loop apart; what it passes on its way out is left by some. */
static void jump_shape(Spmd *s, const Op *jump) {
    const Op *target = jump_target(jump->parent);
    const Region *r = jump->parent;
    if (is_exit(s->root, jump)) return; /* no lane takes it: the turn is not made */
    bool parts = target == s->root || s->diverges[target->id]; /* the root's turns are lanes */
    for (; r->parent != target && !parts; r = r->parent->parent) parts = s->diverges[r->parent->id];
    if (!parts) return;
    mark(s, &s->diverges[target->id]);
    for (r = jump->parent; r->parent != target; r = r->parent->parent)
        mark(s, &s->leaves[r->parent->id]);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool all_uniform(const Spmd *s, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_uniform(s, op->operands[i])) return false;
    return true;
}

/* Integer arithmetic wraps, and so do strides. */
static Form sum(Form a, Form b, int64_t sign) {
    if (a.shape == SHAPE_VARYING || b.shape == SHAPE_VARYING) return varying();
    if (a.shape == SHAPE_EVEN || b.shape == SHAPE_EVEN) return even();
    return linear((int64_t)((uint64_t)a.stride + (uint64_t)sign * (uint64_t)b.stride));
}

static Form product(const Spmd *s, const Op *op) {
    Form a = form_of(s, op->operands[0]), b = form_of(s, op->operands[1]);
    int64_t by;
    if (b.shape == SHAPE_UNIFORM && a.shape == SHAPE_LINEAR && value_is_int(op->operands[1], &by))
        return linear((int64_t)((uint64_t)a.stride * (uint64_t)by));
    if (a.shape == SHAPE_UNIFORM && b.shape == SHAPE_LINEAR && value_is_int(op->operands[0], &by))
        return linear((int64_t)((uint64_t)b.stride * (uint64_t)by));
    if (a.shape == SHAPE_UNIFORM && b.shape == SHAPE_UNIFORM) return uniform();
    bool grows = a.shape != SHAPE_VARYING && b.shape != SHAPE_VARYING;
    return grows && (a.shape == SHAPE_UNIFORM || b.shape == SHAPE_UNIFORM) ? even() : varying();
}

/* Cutting off high bits keeps a step a step; filling them in does not, where the number wraps. */
static Form cast_form(const Spmd *s, const Op *op) {
    Form form = form_of(s, op->operands[0]);
    const IrType *from = op->operands[0]->type, *to = op_result(op)->type;
    if (form.shape == SHAPE_EVEN) return varying();
    if (form.shape != SHAPE_LINEAR) return form;
    bool keeps = ir_is_int(to) && scalar_bits(to->scalar) <= scalar_bits(from->scalar);
    return keeps ? form : varying();
}

/* Steps that are not known may differ. */
static Form known(Form form) { return form.shape == SHAPE_EVEN ? varying() : form; }
static Form choice(Form a, Form b) { return form_equal(a, b) ? known(a) : varying(); }

static Form integer_form(const Spmd *s, const Op *op) {
    Form a = form_of(s, op->operands[0]);
    switch ((int)op->kind) {
    case OP_ADD: return sum(a, form_of(s, op->operands[1]), 1);
    case OP_SUB: return sum(a, form_of(s, op->operands[1]), -1);
    case OP_MUL: return product(s, op);
    case OP_NEG: return sum(uniform(), a, -1);
    default: return all_uniform(s, op) ? uniform() : varying();
    }
}

static Form result_form(const Spmd *s, const Op *op) {
    if (op->operand_count == 0) return uniform();
    if (op->kind == OP_CAST) return cast_form(s, op);
    if (op->kind == OP_SELECT && is_uniform(s, op->operands[0]))
        return choice(form_of(s, op->operands[1]), form_of(s, op->operands[2]));
    if (op->kind == OP_GET) return form_of(s, ref_base(op->operands[0]));
    bool pure = op_is_pure(op) || op->kind == OP_LOAD || op->kind == OP_VLOAD;
    if (op->kind == OP_CALL)
        pure = (op_effects(s->effects, op) & ~(unsigned)(EFFECT_PANICS | EFFECT_ENDLESS)) == 0;
    if (pure && op->result_count == 1 && ir_is_int(op_result(op)->type) && op_is_pure(op))
        return integer_form(s, op);
    return pure && all_uniform(s, op) ? uniform() : varying();
}

/* ---- Variables ------------------------------------------------------------------------------- */

static bool is_within(const Op *op, const Op *around) {
    for (const Region *r = op->parent; r != NULL && r->parent != NULL; r = r->parent->parent)
        if (r->parent == around) return true;
    return false;
}

typedef struct LoopScan {
    const Value *var;
    const Op *loop;
    bool found;
} LoopScan;

static void skip_note(void *user, Op *op) {
    LoopScan *scan = user;
    if (op->kind == OP_CONTINUE && jump_target(op->parent) == scan->loop) scan->found = true;
}

bool lanes_may_skip(const Op *loop) {
    LoopScan scan = {.loop = loop};
    for (uint32_t i = 0; i < loop->region_count; i++) region_walk(loop->regions[i], skip_note, &scan);
    return scan.found;
}

static void outer_read_note(void *user, Op *op) {
    LoopScan *scan = user;
    if (op->kind == OP_GET && ref_base(op->operands[0]) == scan->var && !is_within(op, scan->loop))
        scan->found = true;
}

/* Lanes leave the loop one by one, but those that are still in it all set the variable, and nobody else reads
 * it: neither behind the loop nor when a loop around brings a lane back. */
static bool is_alike_within(const Spmd *s, const Op *set, const Value *var) {
    const Op *loop = NULL;
    for (const Region *r = set->parent; r != var->def->parent; r = r->parent->parent) {
        const Op *op = r->parent;
        if (loop != NULL ? is_loop(op) : s->diverges[op->id] && !is_loop(op)) return false;
        if (loop == NULL && s->diverges[op->id]) loop = op;
    }
    if (loop == NULL || lanes_may_skip(loop)) return false;
    LoopScan scan = {.var = var, .loop = loop};
    region_walk(s->root->regions[0], outer_read_note, &scan);
    return !scan.found;
}

static void set_shape(Spmd *s, const Op *op) {
    const Value *base = ref_base(op->operands[0]);
    if (base->def == NULL || base->def->kind != OP_VAR) return;
    bool parts = parts_between(s, op->parent, base->def->parent) && !is_alike_within(s, op, base);
    if (parts || !is_uniform(s, op->operands[1]))
        form_grow(s, base, varying());
}

/* ---- Ops with regions ------------------------------------------------------------------------ */

static void region_shapes(Spmd *s, const Region *region);

static const Op *yield_of(const Region *region) {
    return region->last != NULL && region->last->kind == OP_YIELD ? region->last : NULL;
}

static void if_shapes(Spmd *s, const Op *op) {
    bool parts = !is_uniform(s, op->operands[0]);
    if (parts) mark(s, &s->diverges[op->id]);
    region_shapes(s, op->regions[0]);
    region_shapes(s, op->regions[1]);
    const Op *then = yield_of(op->regions[0]), *otherwise = yield_of(op->regions[1]);
    bool some_leave = s->leaves[op->id];
    for (uint32_t i = 0; i < op->result_count; i++) {
        Form form = uniform();
        if (then != NULL && otherwise != NULL)
            form = choice(form_of(s, then->operands[i]), form_of(s, otherwise->operands[i]));
        else if (then != NULL || otherwise != NULL)
            form = known(form_of(s, (then != NULL ? then : otherwise)->operands[i]));
        form_grow(s, op->results[i], parts || some_leave ? varying() : form);
    }
}

static void for_shapes(Spmd *s, const Op *op) {
    for (uint32_t i = 0; i < 3; i++)
        if (!is_uniform(s, op->operands[i])) mark(s, &s->diverges[op->id]);
    bool steps = is_uniform(s, op->operands[2]);
    form_grow(s, op->regions[0]->params[0], steps ? known(form_of(s, op->operands[0])) : varying());
    region_shapes(s, op->regions[0]);
    region_shapes(s, op->regions[1]);
}

static void while_shapes(Spmd *s, const Op *op) {
    region_shapes(s, op->regions[0]);
    const Op *yield = yield_of(op->regions[0]);
    if (yield != NULL && !is_uniform(s, yield->operands[0])) mark(s, &s->diverges[op->id]);
    region_shapes(s, op->regions[1]);
    region_shapes(s, op->regions[2]);
}

static void op_shapes(Spmd *s, const Op *op) {
    switch ((int)op->kind) {
    case OP_IF: if_shapes(s, op); return;
    case OP_FOR: for_shapes(s, op); return;
    case OP_WHILE: while_shapes(s, op); return;
    case OP_BREAK: case OP_CONTINUE: jump_shape(s, op); return;
    case OP_SET: set_shape(s, op); return;
    case OP_VAR: return;
    default:
        for (uint32_t i = 0; i < op->region_count; i++) region_shapes(s, op->regions[i]);
        for (uint32_t i = 0; i < op->result_count; i++)
            form_grow(s, op->results[i], result_form(s, op));
    }
}

static void region_shapes(Spmd *s, const Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next) op_shapes(s, op);
}

/* ---- A loop ---------------------------------------------------------------------------------- */

static void forget(void *user, Op *op) {
    Spmd *s = user;
    KC_CHECK(op->id < s->op_len);
    s->diverges[op->id] = s->leaves[op->id] = false;
    if (op->kind == OP_GET || op->kind == OP_SET) s->forms[ref_base(op->operands[0])->id] = uniform();
    for (uint32_t i = 0; i < op->result_count; i++) s->forms[op->results[i]->id] = uniform();
    for (uint32_t i = 0; i < op->region_count; i++)
        for (uint32_t k = 0; k < op->regions[i]->param_count; k++)
            s->forms[op->regions[i]->params[k]->id] = uniform();
}

/* Variables from outside that are set here differ from lane to lane: each has its part of the sum. */
static void outer_sets(void *user, Op *op) {
    Spmd *s = user;
    if (op->kind == OP_SET && !in_exit(s->root, op))
        s->forms[ref_base(op->operands[0])->id] = varying();
}

static void inner_vars(void *user, Op *op) {
    Spmd *s = user;
    if (op->kind == OP_VAR) s->forms[op_result(op)->id] = uniform();
}

void shapes_forget(Spmd *s, Op *loop) {
    s->diverges[loop->id] = s->leaves[loop->id] = false;
    s->forms[loop->regions[0]->params[0]->id] = uniform();
    region_walk(loop->regions[0], forget, s);
}

void shapes_find(Spmd *s, Op *loop) {
    Region *body = loop->regions[0];
    int64_t step;
    s->root = loop;
    shapes_forget(s, loop);
    region_walk(body, outer_sets, s);
    region_walk(body, inner_vars, s);
    s->forms[body->params[0]->id] =
        value_is_int(loop->operands[2], &step) ? linear(step) : varying();
    do {
        s->changed = false;
        region_shapes(s, body);
    } while (s->changed);
}
