/* The loops around a widened body.
 *
 *     for i in lo..end step W { body of W lanes }      end: as far as whole vectors go
 *     if end < hi { body under the mask `lane < hi - end` }
 *
 * Without masks the rest is done by narrower loops, and at last one by one in the loop of the source. Where a turn takes
 * several registers, what it leaves over goes on in turns of one. Reductions of more than the caches hold have turns of their
 * own (spmd_far.c); a long loop that stores begins where vectors are at multiples of their size (spmd_lead.c).
 * Accumulators are vectors, combined behind each of these loops. */
#include "ir/passes/spmd_stage.h"

static Value *trips(Builder *b, const Op *loop, int64_t step) {
    Value *from = loop->operands[step > 0 ? 0 : 1], *to = loop->operands[step > 0 ? 1 : 0];
    int64_t size = step > 0 ? step : -step;
    Value *span = build_binary(b, OP_SUB, to, from);
    Value *some = build_binary(b, OP_LT, from, to);
    Value *up = build_binary(b, OP_ADD, span, build_i64(b, size - 1));
    Value *count = build_binary(b, OP_FLOORDIV, up, build_i64(b, size));
    return build_select(b, some, count, build_i64(b, 0));
}

/* Sizes are not negative, so most loops from 0 on do not run backwards. */
static bool never_below(Spmd *s, const Value *hi, const Value *lo) {
    return interval_of(&s->intervals, hi).lo >= interval_of(&s->intervals, lo).hi;
}

static Counting counting_of(Spmd *s, Builder *b, const Op *loop) {
    Counting c = {.lo = loop->operands[0], .hi = loop->operands[1], .first = loop->operands[0]};
    if (!value_is_int(loop->operands[2], &c.step)) KC_BUG("the step of a widened loop varies");
    c.forward = c.step != 1 || never_below(s, c.hi, c.lo);
    if (c.step == 1) return c;
    c.lo = build_i64(b, 0);
    c.hi = trips(b, loop, c.step);
    return c;
}

/* The source's index where the counter is so. */
static Value *index_at(Builder *b, const Counting *c, Value *counter) {
    if (c->step == 1) return counter;
    Value *gone = build_binary(b, OP_MUL, counter, build_i64(b, c->step));
    return build_binary(b, OP_ADD, c->first, gone);
}

/* ---- A widened body -------------------------------------------------------------------------- */

static void has_continue(void *user, Op *op) {
    Widen *w = user;
    if (op->kind == OP_CONTINUE && jump_target(op->parent) == w->l->loop) w->may_be_empty = true;
}

void body_widen(Widen *w, Builder at, Value *index, Value *mask) {
    const SpmdLoop *l = w->l;
    w->b = at;
    w->body = at.region;
    w->mask = mask;
    for (uint32_t i = 0; i < w->s->value_len; i++) w->values[i] = (Wide){NULL, NULL, NULL};
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        widen_set(w, l->reductions.data[i].var, w->folds[i].lanes, NULL);
        w->homes[l->reductions.data[i].var->id] = NULL;
    }
    widen_set(w, l->loop->regions[0]->params[0], index, NULL);
    WideLoop around = {.loop = l->loop};
    w->may_be_empty = false;
    region_walk(l->loop->regions[0], has_continue, w);
    if (w->may_be_empty) {
        around.active = mask_var(w, mask);
        w->may_be_empty = false;
    }
    w->around = &around;
    folds_enter(w);
    widen_body(w);
}

/* ---- Loops ----------------------------------------------------------------------------------- */

Value *first_lanes(Widen *w, Builder *b, Value *count) {
    Value *few = build_cast(b, count, ir_scalar(w->m, SCALAR_I32));
    return build_binary(b, OP_LT, build_lanes(b, SCALAR_I32, w->lanes), build_splat(b, few, w->lanes));
}

void rest_under_mask(Widen *w, Builder *b, const Counting *c, Value *from, Value *hi) {
    Op *some = build_if(b, build_binary(b, OP_LT, from, hi), NULL, 0);
    Builder in = builder_at_end(some->regions[0], b->span);
    Value *mask = first_lanes(w, &in, build_binary(&in, OP_SUB, hi, from));
    body_widen(w, in, index_at(&in, c, from), mask);
}

/* All turns, of which the last may have fewer lanes, in one loop: a long body stands there once. Where masks
 * are dear, neighbouring elements are accessed without one in all turns but the last. */
static void turns_under_masks(Widen *w, Builder *b, const Counting *c) {
    Op *loop = build_for(b, c->lo, c->hi, build_i64(b, w->lanes), (OpLoop){.is_vector = true});
    Builder in = builder_at_end(loop->regions[0], b->span);
    w->counter = loop->regions[0]->params[0];
    Value *left = build_binary(&in, OP_SUB, c->hi, w->counter), *all = build_i64(&in, w->lanes);
    if (!w->s->pass->options->has_masks) w->turn_whole = build_binary(&in, OP_GE, left, all);
    w->turn_mask = first_lanes(w, &in, build_binary(&in, OP_MIN, left, all));
    body_widen(w, in, index_at(&in, c, w->counter), w->turn_mask);
}

Value *whole_end(Widen *w, Builder *b, const Counting *c, Value *from, Value *hi) {
    Value *length = build_binary(b, OP_SUB, hi, c->lo);
    Value *rest = build_binary(b, OP_MOD, length, build_i64(b, w->lanes));
    Value *end = build_binary(b, OP_SUB, hi, rest);
    return c->forward ? end : build_binary(b, OP_MAX, end, from);
}

/* What is done from `from` to `end`. One turn is no loop: LLVM then looks for nothing in it that only many turns
 * would repay. */
static Builder turns_open(Widen *w, Builder *b, Value *from, Value *end, Stage plan) {
    OpLoop attr = {.is_vector = true, .whole = true, .runs = plan.runs};
    Op *turns = plan.once ? build_if(b, build_binary(b, OP_LT, from, end), NULL, 0)
                          : build_for(b, from, end, build_i64(b, w->lanes), attr);
    w->counter = plan.once ? from : turns->regions[0]->params[0];
    return builder_at_end(turns->regions[0], b->span);
}

/* So many whole vectors as the loop has are known, and one. */
static bool is_one_turn(const Widen *w, Value *from, Value *hi) {
    int64_t first, end;
    return w->l->exits == 0 && value_is_int(from, &first) && value_is_int(hi, &end) && end - first >= w->lanes &&
           end - first < 2 * (int64_t)w->lanes;
}

/* Iterations from `from` up to `hi`, and what becomes of accumulators; gives where whole vectors ended. */
static Value *turns_build(Widen *w, Builder *b, const Counting *c, Value *from, Value *hi, Stage plan) {
    Value *end = whole_end(w, b, c, from, hi);
    folds_make(w, b);
    exits_make(w, b, end);
    plan.once = plan.once || is_one_turn(w, from, hi);
    Builder body = turns_open(w, b, from, end, plan);
    body_widen(w, body, index_at(&body, c, w->counter), NULL);
    if (plan.masked_tail) rest_under_mask(w, b, c, end, hi);
    folds_end(w, b);
    return exits_end(w, b, end);
}

/* Where turns are counted, as many at a time as can be. */
static Value *blocks_build(Widen *w, Builder *b, const Counting *c, Value *from, Stage plan) {
    int64_t most = turns_most(w->l, w->lanes);
    if (most == 0) return turns_build(w, b, c, from, c->hi, plan);
    plan.runs = false;
    Value *block = build_i64(b, most * w->lanes);
    Op *blocks = build_for(b, from, c->hi, block, (OpLoop){.is_vector = true});
    Builder in = builder_at_end(blocks->regions[0], b->span);
    Value *start = blocks->regions[0]->params[0];
    Value *left = build_binary(&in, OP_MIN, build_binary(&in, OP_SUB, c->hi, start), block);
    turns_build(w, &in, c, start, build_binary(&in, OP_ADD, start, left), plan);
    return whole_end(w, b, c, from, c->hi);
}

Widen widen_of(const SpmdLoop *l, Ahead *ahead, Stage plan) {
    Spmd *s = l->spmd;
    Widen w = {.l = l, .s = s, .m = s->fn->module, .lanes = plan.lanes, .narrows = ahead->narrows,
               .bounded = &ahead->bounded, .before = &ahead->before, .passed = plan.passed,
               .next_lanes = plan.next_lanes};
    w.values = arena_array(s->pass->scratch, Wide, s->value_len);
    w.homes = arena_array(s->pass->scratch, Value *, s->value_len);
    w.own = arena_array(s->pass->scratch, Value *, s->value_len);
    w.folds = arena_array(s->pass->scratch, LaneFold, l->reductions.len + 1);
    return w;
}

/* Iterations from `from` on, as many lanes at a time, and the rest if `masked_tail`; gives where the whole
 * vectors ended. */
static Value *stage(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from,
                    Stage plan) {
    Widen w = widen_of(l, ahead, plan);
    private_make(&w, b);
    Value *next = blocks_build(&w, b, c, from, plan);
    private_end(&w, b);
    return next;
}

/* ---- What a loop hands on to the next ---------------------------------------------------------- */

Handed handed_of(const SpmdLoop *l, Stage plan) {
    IrModule *m = l->spmd->fn->module;
    Handed h = {.types = arena_array(l->spmd->pass->scratch, const IrType *, l->reductions.len + 1),
                .values = arena_array(l->spmd->pass->scratch, Value *, l->reductions.len + 1)};
    h.types[h.count++] = ir_i64(m);
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (fold_is_passed_on(l, i, plan.lanes, plan.next_lanes))
            h.types[h.count++] = fold_type(m, &l->reductions.data[i], plan.next_lanes);
    return h;
}

void stage_hand_on(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage plan) {
    Handed h = handed_of(l, plan);
    uint32_t given = 0;
    h.values[given++] = stage(l, b, c, ahead, from, plan);
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (plan.passed[i] != NULL) h.values[given++] = plan.passed[i];
    build_yield(b, h.values, h.count);
}

void starts_hand_on(const SpmdLoop *l, Builder *b, Value *from, Stage plan) {
    Handed h = handed_of(l, plan);
    uint32_t given = 0;
    h.values[given++] = from;
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (fold_is_passed_on(l, i, plan.lanes, plan.next_lanes))
            h.values[given++] = fold_start(l, b, i, plan.next_lanes);
    build_yield(b, h.values, h.count);
}

/* Several registers at a time, for loops that are long enough: few elements have nothing to do with it, but for
 * accumulators to begin with. */
static Value *long_stage(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from,
                         Stage plan, LanePlan lanes) {
    Handed h = handed_of(l, plan);
    Value *length = build_binary(b, OP_SUB, c->hi, from);
    Value *is_long = build_binary(b, OP_GE, length, build_i64(b, plan.lanes));
    Op *branch = build_if(b, is_long, h.types, h.count);
    Builder in = builder_at_end(branch->regions[0], b->span);
    plan.runs = true;
    if (lanes.far.lanes != 0) far_hand_on(l, &in, c, ahead, from, plan, lanes);
    else stage_hand_on(l, &in, c, ahead, from, plan);
    in = builder_at_end(branch->regions[1], b->span);
    starts_hand_on(l, &in, from, plan);
    uint32_t taken = 1;
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (plan.passed[i] != NULL) plan.passed[i] = branch->results[taken++];
    return branch->results[0];
}

/* ---- All of them ------------------------------------------------------------------------------- */

Value *narrower_stage(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage before) {
    Stage s = {.lanes = before.next_lanes, .passed = before.passed};
    return stage(l, b, c, ahead, from, s);
}

Value *stages_plain(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    if (plan.masked_turns) {
        Widen w = widen_of(l, ahead, (Stage){.lanes = plan.native});
        private_make(&w, b);
        turns_under_masks(&w, b, c);
        private_end(&w, b);
        return c->hi;
    }
    Value *from = c->lo;
    Stage s = {.lanes = plan.lanes, .next_lanes = plan.native};
    s.passed = arena_array(l->spmd->pass->scratch, Value *, l->reductions.len);
    if (plan.lanes > plan.native) from = long_stage(l, b, c, ahead, from, s, plan);
    s.lanes = plan.native;
    s.runs = plan.runs && plan.lanes == plan.native;
    s.once = plan.lanes == 2 * plan.native && l->exits == 0;
    s.next_lanes = plan.narrower_tail ? plan.native / 4 : 0;
    s.masked_tail = plan.masked_tail;
    from = stage(l, b, c, ahead, from, s);
    if (plan.masked_tail) return c->hi;
    return plan.narrower_tail ? narrower_stage(l, b, c, ahead, from, s) : from;
}

static Value *stages_once(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    return plan.leads == NULL ? stages_plain(l, b, c, ahead, plan) : stages_leading(l, b, c, ahead, plan);
}

/* The quick way, then the exact one if need be. */
static Value *stages_twice(SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    Value **before = arena_array(l->spmd->pass->scratch, Value *, l->reductions.len);
    for (uint32_t i = 0; i < l->reductions.len; i++)
        before[i] = build_get(b, outer_var(&l->reductions.data[i]));
    l->suspect = build_var(b, ir_scalar(l->spmd->fn->module, SCALAR_BOOL), NO_NAME);
    build_set(b, l->suspect, build_bool(b, false));
    Value *from = stages_once(l, b, c, ahead, plan);
    Op *again = build_if(b, build_get(b, l->suspect), NULL, 0);
    Builder in = builder_at_end(again->regions[0], b->span);
    for (uint32_t i = 0; i < l->reductions.len; i++)
        build_set(&in, outer_var(&l->reductions.data[i]), before[i]);
    l->suspect = NULL;
    plan.lanes = plan.native;
    stages_once(l, &in, c, ahead, plan);
    return from;
}

static Value *stages(SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    return quick_is_worth_it(l) ? stages_twice(l, b, c, ahead, plan)
                                : stages_once(l, b, c, ahead, plan);
}

/* Under the condition that the numbers are small on which 32 bits count; it is known when all is done. */
static Value *stages_narrow(SpmdLoop *l, Builder *b, const Counting *c, LanePlan plan) {
    const IrType *i64 = ir_i64(l->spmd->fn->module);
    Op *branch = build_if(b, build_bool(b, true), &i64, 1);
    Ahead ahead = {.narrows = true, .before = builder_before(branch)};
    Builder in = builder_at_end(branch->regions[0], b->span);
    Value *from = stages(l, &in, c, &ahead, plan);
    build_yield(&in, &from, 1);
    in = builder_at_end(branch->regions[1], b->span);
    build_yield(&in, (Value *[]){c->lo}, 1);
    branch->operands[0] = narrow_guard(&ahead.before, &ahead.bounded);
    l->narrowed = ahead.bounded.len > 0;
    l->loop->attr.loop.is_seldom = from == c->hi;
    return op_result(branch);
}

/* A loop within: part of a value, of which nobody asks how it became vectors. */
static void inner_hide(void *user, Op *op) {
    (void)user;
    if (op->kind == OP_FOR) op->attr.loop.is_vector = true;
    if (op->kind == OP_FOR || op->kind == OP_WHILE) op->span = NO_SPAN;
}

/* First in a region of its own, at the beginning of which vectors of what comes from outside are made. */
void loop_widen_at_once(SpmdLoop *l, uint32_t lanes) {
    Builder b = builder_before(l->loop);
    Ahead ahead = {.before = b};
    Stage all = {.lanes = lanes, .passed = arena_array(l->spmd->pass->scratch, Value *, l->reductions.len)};
    Widen w = widen_of(l, &ahead, all);
    private_make(&w, &b);
    folds_make(&w, &b);
    Value *first = w.counter = build_i64(&b, 0);
    Op *apart = build_if(&b, build_bool(&b, true), NULL, 0);
    body_widen(&w, builder_at_end(apart->regions[0], b.span), first, NULL);
    region_walk(apart->regions[0], inner_hide, NULL);
    for (Op *op = apart->regions[0]->first, *next; op != NULL; op = next) {
        next = op->next;
        op_unlink(op);
        op_insert_before(op, apart);
    }
    op_unlink(apart);
    folds_end(&w, &b);
    private_end(&w, &b);
    op_unlink(l->loop);
}

void loop_widen(SpmdLoop *l, LanePlan plan) {
    Op *loop = l->loop;
    Builder b = builder_before(loop);
    Counting c = counting_of(l->spmd, &b, loop);
    Ahead plain = {.before = b};
    Value *from = l->wide_integers ? stages_narrow(l, &b, &c, plan) : stages(l, &b, &c, &plain, plan);
    if (from == c.hi) {
        op_unlink(loop);
        return;
    }
    loop->operands[0] = index_at(&b, &c, from);
    loop->attr.loop.independent = false;
    loop->attr.loop.is_vector = true;
}
