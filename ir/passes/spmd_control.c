/* Masks: where lanes part, both ways are gone, one after the other, each with its lanes on; a loop runs
 * until its last lane has left.
 *
 * A way that is cheap is gone without asking whether any lane wants it. What comes out of both is chosen
 * lane by lane. */
#include "ir/passes/spmd.h"

/* ---- if -------------------------------------------------------------------------------------- */

/* Ops that cost less than the branch around them. */
enum { FLAT_LIMIT = 24 };

typedef struct Flatness {
    const Spmd *s;
    uint32_t ops;
    bool is_flat;
} Flatness;

static void flat_note(void *user, Op *op) {
    Flatness *flat = user;
    int64_t step;
    flat->ops++;
    switch ((int)op->kind) {
    case OP_FOR: case OP_WHILE: case OP_CALL: case OP_CHECK: case OP_ITEM:
    case OP_DIV: case OP_FLOORDIV: case OP_MOD: case OP_SQRT:
        flat->is_flat = false;
        return;
    case OP_LOAD: case OP_STORE: {
        Reach reach = access_reach(flat->s, op, &step);
        if (reach != REACH_SIDE_BY_SIDE && reach != REACH_OWN) flat->is_flat = false;
        return;
    }
    default: return;
    }
}

static bool is_flat(const Spmd *s, const Region *region) {
    Flatness flat = {.s = s, .is_flat = true};
    region_walk((Region *)region, flat_note, &flat);
    return flat.is_flat && flat.ops <= FLAT_LIMIT;
}

static const Op *yield_of(const Region *region) {
    return region->last != NULL && region->last->kind == OP_YIELD ? region->last : NULL;
}

/* What the region yields for result `i`, or zeros where it leaves instead. */
static Value *given(Widen *w, const Op *op, const Region *region, uint32_t i) {
    const Op *yield = yield_of(region);
    const IrType *type = op->results[i]->type;
    bool as_vector = form_of(w->s, op->results[i]).shape == SHAPE_VARYING;
    if (yield != NULL)
        return as_vector ? vector_in(w, yield->operands[i]) : scalar_in(w, yield->operands[i]);
    Value *zero = build_zero(&w->b, type);
    return as_vector ? build_splat(&w->b, zero, w->lanes) : zero;
}

static const IrType *result_type(Widen *w, const Op *op, uint32_t i) {
    const IrType *type = op->results[i]->type;
    return form_of(w->s, op->results[i]).shape == SHAPE_VARYING ? wide_type(w, type) : type;
}

enum { MAX_RESULTS = 32 };

/* A way in a branch of its own, taken if `taken`; its results, zeros otherwise. */
static void way_guarded(Widen *w, const Op *op, const Region *region, Value *taken, Value **results) {
    const IrType *types[MAX_RESULTS];
    KC_CHECK(op->result_count <= MAX_RESULTS);
    for (uint32_t i = 0; i < op->result_count; i++) types[i] = result_type(w, op, i);
    Op *branch = build_if(&w->b, taken, types, op->result_count);
    Builder outside = w->b;
    w->b = builder_at_end(branch->regions[0], op->span);
    widen_region(w, region);
    Value *yielded[MAX_RESULTS];
    for (uint32_t i = 0; i < op->result_count; i++) yielded[i] = given(w, op, region, i);
    if (op->result_count != 0) build_yield(&w->b, yielded, op->result_count);
    w->b = builder_at_end(branch->regions[1], op->span);
    for (uint32_t i = 0; i < op->result_count; i++) {
        Value *zero = build_zero(&w->b, op->results[i]->type);
        yielded[i] = types[i]->kind == IR_VEC ? build_splat(&w->b, zero, w->lanes) : zero;
    }
    if (op->result_count != 0) build_yield(&w->b, yielded, op->result_count);
    w->b = outside;
    for (uint32_t i = 0; i < op->result_count; i++) results[i] = branch->results[i];
}

static void way(Widen *w, const Op *op, const Region *region, Value *mask, Value **results) {
    Value *before = w->mask;
    bool may_be_empty = w->may_be_empty;
    if (region->first == NULL) return;
    w->mask = mask;
    if (is_flat(w->s, region)) {
        w->may_be_empty = true;
        widen_region(w, region);
        for (uint32_t i = 0; i < op->result_count; i++) results[i] = given(w, op, region, i);
    } else {
        w->may_be_empty = false;
        way_guarded(w, op, region, any_lane(w, mask), results);
    }
    w->mask = before;
    w->may_be_empty = may_be_empty;
}

static void if_parts(Widen *w, const Op *op) {
    Value *then[MAX_RESULTS], *otherwise[MAX_RESULTS], *cond = vector_in(w, op->operands[0]);
    Value *on = mask_and(w, w->mask, cond), *off = NULL;
    if (op->regions[1]->first != NULL)
        off = w->mask == NULL ? build_unary(&w->b, OP_NOT, cond) : mask_without(w, w->mask, cond);
    way(w, op, op->regions[0], on, then);
    way(w, op, op->regions[1], off, otherwise);
    for (uint32_t i = 0; i < op->result_count; i++)
        widen_set(w, op->results[i], NULL, build_select(&w->b, cond, then[i], otherwise[i]));
}

/* One bool for all lanes: a branch like any other. */
static void if_together(Widen *w, const Op *op) {
    const IrType *types[MAX_RESULTS];
    KC_CHECK(op->result_count <= MAX_RESULTS);
    for (uint32_t i = 0; i < op->result_count; i++) types[i] = result_type(w, op, i);
    Op *branch = build_if(&w->b, scalar_in(w, op->operands[0]), types, op->result_count);
    Builder outside = w->b;
    Value *mask = w->mask;
    for (uint32_t k = 0; k < 2; k++) {
        Value *yielded[MAX_RESULTS];
        w->b = builder_at_end(branch->regions[k], op->span);
        widen_region(w, op->regions[k]);
        bool jumps = branch->regions[k]->last != NULL && op_ends(branch->regions[k]->last);
        if (!jumps && op->result_count != 0) {
            for (uint32_t i = 0; i < op->result_count; i++)
                yielded[i] = given(w, op, op->regions[k], i);
            build_yield(&w->b, yielded, op->result_count);
        }
        w->mask = mask;
    }
    w->b = outside;
    for (uint32_t i = 0; i < op->result_count; i++) {
        bool vector = types[i]->kind == IR_VEC;
        widen_set(w, op->results[i], vector ? NULL : branch->results[i],
                  vector ? branch->results[i] : NULL);
    }
}

/* ---- Conditions on the index ----------------------------------------------------------------- */

/* A comparison of something that grows from lane to lane is the same for all lanes of most vectors. */
static bool is_threshold(const Widen *w, const Op *op) {
    const Op *cond = op->operands[0]->def;
    if (cond == NULL || cond->kind < OP_EQ || cond->kind > OP_GE) return false;
    Form a = form_of(w->s, cond->operands[0]), b = form_of(w->s, cond->operands[1]);
    return a.shape != SHAPE_VARYING && b.shape != SHAPE_VARYING;
}

static void op_count(void *user, Op *op) {
    (void)op;
    ++*(uint32_t *)user;
}

/* It is written three times. */
enum { THRESHOLD_LIMIT = 40 };

static bool is_worth_asking(const Widen *w, const Op *op) {
    uint32_t ops = 0;
    region_walk(op->regions[0], op_count, &ops);
    region_walk(op->regions[1], op_count, &ops);
    return is_threshold(w, op) && ops <= THRESHOLD_LIMIT && !w->s->leaves[op->id];
}

/* The branch's results from here on, as vectors. */
static void results_give(Widen *w, const Op *op, Value **given_here) {
    if (op->result_count != 0) build_yield(&w->b, given_here, op->result_count);
}

static void one_way(Widen *w, const Op *op, const Region *region) {
    Value *results[MAX_RESULTS];
    widen_region(w, region);
    for (uint32_t i = 0; i < op->result_count; i++) results[i] = given(w, op, region, i);
    results_give(w, op, results);
}

/* All lanes here, all there, or some and some. */
static void if_asked(Widen *w, const Op *op) {
    const IrType *types[MAX_RESULTS];
    Value *results[MAX_RESULTS], *cond = vector_in(w, op->operands[0]);
    KC_CHECK(op->result_count <= MAX_RESULTS);
    for (uint32_t i = 0; i < op->result_count; i++) types[i] = result_type(w, op, i);
    Value *all = build_fold(&w->b, REDUCE_AND, cond), *any = any_lane(w, cond);
    Op *outer = build_if(&w->b, all, types, op->result_count);
    Builder outside = w->b;
    w->b = builder_at_end(outer->regions[0], op->span);
    one_way(w, op, op->regions[0]);
    w->b = builder_at_end(outer->regions[1], op->span);
    Op *inner = build_if(&w->b, any, types, op->result_count);
    Builder between = w->b;
    w->b = builder_at_end(inner->regions[0], op->span);
    if_parts(w, op);
    for (uint32_t i = 0; i < op->result_count; i++) results[i] = vector_in(w, op->results[i]);
    results_give(w, op, results);
    w->b = builder_at_end(inner->regions[1], op->span);
    one_way(w, op, op->regions[1]);
    w->b = between;
    results_give(w, op, inner->results);
    w->b = outside;
    for (uint32_t i = 0; i < op->result_count; i++)
        widen_set(w, op->results[i], NULL, outer->results[i]);
}

void widen_if(Widen *w, const Op *op) {
    if (w->reached != NULL && widen_exit_if(w, op)) return;
    if (!w->s->diverges[op->id]) if_together(w, op);
    else if (is_worth_asking(w, op)) if_asked(w, op);
    else if_parts(w, op);
}

/* ---- Jumps ----------------------------------------------------------------------------------- */

static void lanes_leave(Widen *w, Value *var) {
    if (var == NULL) return;
    Value *now = build_get(&w->b, var);
    Value *left = w->mask == NULL ? all_lanes(w, false) : mask_without(w, now, w->mask);
    mask_put(w, var, left);
}

void widen_jump(Widen *w, const Op *op) {
    WideLoop *loop = w->around;
    if (loop->active == NULL) {
        if (op->kind == OP_BREAK) build_break(&w->b);
        else build_continue(&w->b);
        return;
    }
    lanes_leave(w, loop->active);
    if (op->kind != OP_BREAK) return;
    if (loop->live != loop->active) lanes_leave(w, loop->live);
    if (loop->broke == NULL) return;
    Value *broke = build_get(&w->b, loop->broke);
    Value *mask = w->mask == NULL ? all_lanes(w, true) : w->mask;
    mask_put(w, loop->broke, build_binary(&w->b, OP_OR, broke, mask));
}

Value *mask_after_jumps(Widen *w) {
    return mask_and(w, w->mask, build_get(&w->b, w->around->active));
}

/* ---- Loops ----------------------------------------------------------------------------------- */

typedef struct BreakScan {
    const Op *loop;
    bool found;
} BreakScan;

static void break_note(void *user, Op *op) {
    BreakScan *scan = user;
    if (op->kind == OP_BREAK && jump_target(op->parent) == scan->loop) scan->found = true;
}

static bool has_break(const Op *loop) {
    BreakScan scan = {.loop = loop};
    for (uint32_t i = 0; i < loop->region_count; i++) region_walk(loop->regions[i], break_note, &scan);
    return scan.found;
}

static WideLoop loop_enter(Widen *w, const Op *op) {
    WideLoop loop = {.outer = w->around, .loop = op};
    if (w->s->diverges[op->id]) {
        loop.live = loop.active = mask_var(w, w->mask);
        if (lanes_may_skip(op)) loop.active = mask_var(w, NULL);
        bool has_done = op->regions[op->region_count - 1]->first != NULL;
        if (has_done && has_break(op)) loop.broke = mask_var(w, all_lanes(w, false));
    }
    return loop;
}

/* `else` of a loop, for the lanes that no `break` took out. */
static void widen_done(Widen *w, const Region *done, const WideLoop *loop) {
    if (done->first == NULL) return;
    Value *before = w->mask;
    if (loop->live == NULL) {
        widen_region(w, done);
    } else {
        if (loop->broke != NULL)
            w->mask = w->mask == NULL
                          ? build_unary(&w->b, OP_NOT, build_get(&w->b, loop->broke))
                          : mask_without(w, w->mask, build_get(&w->b, loop->broke));
        Value *ended = w->mask == NULL ? build_bool(&w->b, true) : any_lane(w, w->mask);
        Op *branch = build_if(&w->b, ended, NULL, 0);
        Builder outside = w->b;
        w->b = builder_at_end(branch->regions[0], w->b.span);
        widen_region(w, done);
        w->b = outside;
    }
    w->mask = before;
}

/* The turn of a loop: its body for the lanes that are live. */
static void turn(Widen *w, const Region *body, WideLoop *loop) {
    Value *before = w->mask;
    bool may_be_empty = w->may_be_empty;
    if (loop->live != NULL) {
        w->may_be_empty = false;
        w->mask = build_get(&w->b, loop->live);
        if (loop->active != loop->live) mask_put(w, loop->active, w->mask);
    }
    w->around = loop;
    widen_region(w, body);
    w->around = loop->outer;
    w->mask = before;
    w->may_be_empty = may_be_empty;
}

/* The same number of turns for all lanes, though some may leave early. */
static void for_together(Widen *w, const Op *op) {
    WideLoop loop = loop_enter(w, op);
    Op *made = build_for(&w->b, scalar_in(w, op->operands[0]), scalar_in(w, op->operands[1]),
                         scalar_in(w, op->operands[2]), op->attr.loop);
    made->attr.loop.is_simd = made->attr.loop.is_parallel = false;
    Builder outside = w->b;
    w->b = builder_at_end(made->regions[0], op->span);
    widen_set(w, op->regions[0]->params[0], made->regions[0]->params[0], NULL);
    turn(w, op->regions[0], &loop);
    if (loop.live != NULL && !(made->regions[0]->last != NULL && op_ends(made->regions[0]->last))) {
        Value *some = any_lane(w, build_get(&w->b, loop.live));
        Op *end = build_if(&w->b, build_unary(&w->b, OP_NOT, some), NULL, 0);
        Builder b = builder_at_end(end->regions[0], op->span);
        build_break(&b);
    }
    bool uniform_done = loop.live == NULL && op->regions[1]->first != NULL;
    w->b = uniform_done ? builder_at_end(made->regions[1], op->span) : outside;
    widen_done(w, op->regions[1], &loop);
    w->b = outside;
}

/* Lanes whose condition holds no more are not live any longer; the loop goes on while some are, and `alike`
 * holds, which is the same for all lanes (NULL: true). */
static void live_shrink(Widen *w, const WideLoop *loop, Value *cond, Value *alike) {
    Value *live = build_binary(&w->b, OP_AND, build_get(&w->b, loop->live), cond);
    mask_put(w, loop->live, live);
    Value *some = any_lane(w, live);
    if (alike != NULL) some = build_binary(&w->b, OP_AND, alike, some);
    build_yield(&w->b, &some, 1);
}

/* The parts of `a and b and ...` that differ between lanes as one mask, and those that do not as one bool. */
typedef struct Condition {
    Value *mask, *alike; /* NULL: true */
} Condition;

static void condition_add(Widen *w, Condition *c, Value *value) {
    const Op *def = value->def;
    if (is_uniform(w->s, value)) {
        Value *part = scalar_in(w, value);
        c->alike = c->alike == NULL ? part : build_binary(&w->b, OP_AND, c->alike, part);
    } else if (def != NULL && def->kind == OP_AND && !value_is_outside(w, value)) {
        condition_add(w, c, def->operands[0]);
        condition_add(w, c, def->operands[1]);
    } else {
        c->mask = mask_and(w, c->mask, vector_in(w, value));
    }
}

/* Is there a turn for the index? By the sign of the step, where it is not a constant. */
static Value *index_inside(Widen *w, const Op *op, Value *index) {
    Value *hi = vector_in(w, op->operands[1]);
    int64_t step;
    if (value_is_int(op->operands[2], &step))
        return build_binary(&w->b, step > 0 ? OP_LT : OP_GT, index, hi);
    Value *zero = build_i64(&w->b, 0), *by = scalar_in(w, op->operands[2]);
    Value *up = build_binary(&w->b, OP_AND, build_splat(&w->b, build_binary(&w->b, OP_GT, by, zero), w->lanes),
                             build_binary(&w->b, OP_LT, index, hi));
    Value *down = build_binary(&w->b, OP_AND, build_splat(&w->b, build_binary(&w->b, OP_LT, by, zero), w->lanes),
                               build_binary(&w->b, OP_GT, index, hi));
    return build_binary(&w->b, OP_OR, up, down);
}

/* Bounds that differ: each lane counts for itself, from its own beginning to its own end. An index that
 * begins alike, or with a step from lane to lane, goes on so. */
static void for_apart(Widen *w, const Op *op) {
    const Value *param = op->regions[0]->params[0];
    bool vector = form_of(w->s, param).shape == SHAPE_VARYING;
    WideLoop loop = loop_enter(w, op);
    Value *lo = vector ? vector_in(w, op->operands[0]) : scalar_in(w, op->operands[0]);
    Value *counter = build_var(&w->b, lo->type, param->name);
    build_set(&w->b, counter, lo);
    Value *step = scalar_in(w, op->operands[2]);
    Op *made = build_while(&w->b);
    Builder outside = w->b;
    w->b = builder_at_end(made->regions[0], op->span);
    Value *index = build_get(&w->b, counter);
    widen_set(w, param, vector ? NULL : index, vector ? index : NULL);
    live_shrink(w, &loop, index_inside(w, op, vector_in(w, (Value *)param)), NULL);
    w->b = builder_at_end(made->regions[1], op->span);
    index = build_get(&w->b, counter);
    widen_set(w, param, vector ? NULL : index, vector ? index : NULL);
    turn(w, op->regions[0], &loop);
    Value *by = vector ? build_splat(&w->b, step, w->lanes) : step;
    build_set(&w->b, counter, build_binary(&w->b, OP_ADD, index, by));
    w->b = outside;
    widen_done(w, op->regions[1], &loop);
}

void widen_for(Widen *w, const Op *op) {
    bool alike = true;
    for (uint32_t i = 0; i < 3; i++) alike = alike && is_uniform(w->s, op->operands[i]);
    if (alike) for_together(w, op);
    else for_apart(w, op);
}

static void while_together(Widen *w, const Op *op) {
    WideLoop loop = loop_enter(w, op);
    Op *made = build_while(&w->b);
    Builder outside = w->b;
    w->b = builder_at_end(made->regions[0], op->span);
    w->around = &loop;
    widen_region(w, op->regions[0]);
    Value *cond = scalar_in(w, op->regions[0]->last->operands[0]);
    build_yield(&w->b, &cond, 1);
    w->b = builder_at_end(made->regions[1], op->span);
    turn(w, op->regions[1], &loop);
    w->b = builder_at_end(made->regions[2], op->span);
    widen_done(w, op->regions[2], &loop);
    w->b = outside;
}

void widen_while(Widen *w, const Op *op) {
    if (!w->s->diverges[op->id]) {
        while_together(w, op);
        return;
    }
    WideLoop loop = loop_enter(w, op);
    Op *made = build_while(&w->b);
    Builder outside = w->b;
    w->b = builder_at_end(made->regions[0], op->span);
    turn(w, op->regions[0], &loop);
    Condition cond = {NULL, NULL};
    condition_add(w, &cond, op->regions[0]->last->operands[0]);
    if (cond.mask == NULL) cond.mask = all_lanes(w, true);
    live_shrink(w, &loop, cond.mask, cond.alike);
    w->b = builder_at_end(made->regions[1], op->span);
    turn(w, op->regions[1], &loop);
    w->b = outside;
    widen_done(w, op->regions[2], &loop);
}
