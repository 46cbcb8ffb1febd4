/* The loops around a widened body.
 *
 *     for i in lo..end step W { body of W lanes }      end: as far as whole vectors go
 *     if end < hi { body under the mask `lane < hi - end` }
 *
 * Without masks the rest is done by narrower loops, and at last one by one in the loop of the source. Where a turn takes
 * several registers, what it leaves over goes on in turns of one. Reductions of more than the caches hold have turns of their
 * own (spmd_far.c says which); a long loop that stores begins where vectors are at multiples of their size (spmd_lead.c).
 * Accumulators are vectors, combined behind each of these loops. */
#include "ir/passes/spmd.h"

/* Iterations are counted from 0 where the source counts otherwise than up by one. */
typedef struct Counting {
    Value *lo, *hi;   /* of the counter */
    Value *first;     /* of the source's index */
    int64_t step;
    bool forward;     /* lo <= hi, surely */
} Counting;

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

/* What the copies of a loop have in common. */
typedef struct Ahead {
    bool narrows;
    ValueVec bounded;
    Builder before;
} Ahead;

static void body_widen(Widen *w, Builder at, Value *index, Value *mask) {
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

/* The first `count` lanes, of an i64 that is not larger than they are many. */
static Value *first_lanes(Widen *w, Builder *b, Value *count) {
    Value *few = build_cast(b, count, ir_scalar(w->m, SCALAR_I32));
    return build_binary(b, OP_LT, build_lanes(b, SCALAR_I32, w->lanes), build_splat(b, few, w->lanes));
}

static void rest_under_mask(Widen *w, Builder *b, const Counting *c, Value *from, Value *hi) {
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

/* Where the last whole vector ends, at `from` if there is none. It is counted from the first iteration of all, as each loop
 * before did a multiple of these lanes: so nobody waits for where that ended. */
static Value *whole_end(Widen *w, Builder *b, const Counting *c, Value *from, Value *hi) {
    Value *length = build_binary(b, OP_SUB, hi, c->lo);
    Value *rest = build_binary(b, OP_MOD, length, build_i64(b, w->lanes));
    Value *end = build_binary(b, OP_SUB, hi, rest);
    return c->forward ? end : build_binary(b, OP_MAX, end, from);
}

enum { MOST_FAR = 4 }; /* copies of a body in a turn over what lies beyond the caches */

typedef struct Stage {
    uint32_t lanes, next_lanes; /* of the next stage, 0: there is none */
    bool runs;                  /* there is a whole vector */
    bool once;                  /* there is one at most */
    bool masked_tail;
    Value **passed;
} Stage;

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

static Widen widen_of(const SpmdLoop *l, Ahead *ahead, Stage plan) {
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

/* Where it ended, and the lanes of accumulators that are passed on. */
typedef struct Handed {
    const IrType **types;
    Value **values;
    uint32_t count;
} Handed;

static Handed handed_of(const SpmdLoop *l, Stage plan) {
    IrModule *m = l->spmd->fn->module;
    Handed h = {.types = arena_array(l->spmd->pass->scratch, const IrType *, l->reductions.len + 1),
                .values = arena_array(l->spmd->pass->scratch, Value *, l->reductions.len + 1)};
    h.types[h.count++] = ir_i64(m);
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (fold_is_passed_on(l, i, plan.lanes, plan.next_lanes))
            h.types[h.count++] = fold_type(m, &l->reductions.data[i], plan.next_lanes);
    return h;
}

/* The loop itself. */
static void stage_hand_on(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage plan) {
    Handed h = handed_of(l, plan);
    uint32_t given = 0;
    h.values[given++] = stage(l, b, c, ahead, from, plan);
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (plan.passed[i] != NULL) h.values[given++] = plan.passed[i];
    build_yield(b, h.values, h.count);
}

/* Accumulators begin there. */
static void starts_hand_on(const SpmdLoop *l, Builder *b, Value *from, Stage plan) {
    Handed h = handed_of(l, plan);
    uint32_t given = 0;
    h.values[given++] = from;
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (fold_is_passed_on(l, i, plan.lanes, plan.next_lanes))
            h.values[given++] = fold_start(l, b, i, plan.next_lanes);
    build_yield(b, h.values, h.count);
}

/* ---- Beyond the caches ------------------------------------------------------------------------- */

/* How many iterations are a part. All parts are a multiple of the lanes behind them, so that what these leave over depends
 * on the length alone. */
static Value *far_part(Builder *b, Value *length, LanePlan plan) {
    uint32_t turns = plan.far.vectors * plan.far.lanes * plan.far.parts;
    uint32_t block = turns > plan.native ? turns : plan.native;
    Value *blocks = build_binary(b, OP_FLOORDIV, length, build_i64(b, block));
    return build_binary(b, OP_MUL, blocks, build_i64(b, block / plan.far.parts));
}

/* Copies of the body that accumulate side by side, of which the first goes on from the variables. */
static void far_copies_make(const SpmdLoop *l, Builder *b, Ahead *ahead, FarPlan far, Widen *copies) {
    for (uint32_t i = 0; i < far.vectors * far.parts; i++) {
        Stage s = {.lanes = far.lanes, .passed = arena_array(l->spmd->pass->scratch, Value *, l->reductions.len)};
        copies[i] = widen_of(l, ahead, s);
        copies[i].joins = i > 0;
        copies[i].pairs = true;
        copies[i].first = i % 2 == 0 ? NULL : &copies[i - 1];
        folds_make(&copies[i], b);
    }
}

/* The turns over what lies beyond the caches; gives where they ended. */
static Value *far_turns(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, LanePlan plan) {
    FarPlan far = plan.far;
    Widen copies[MOST_FAR];
    uint32_t count = far.vectors * far.parts;
    KC_CHECK(count <= MOST_FAR);
    far_copies_make(l, b, ahead, far, copies);
    Value *part = far_part(b, build_binary(b, OP_SUB, c->hi, from), plan);
    OpLoop attr = {.is_vector = true, .whole = true, .runs = true};
    Value *end = build_binary(b, OP_ADD, from, part);
    Op *loop = build_for(b, from, end, build_i64(b, far.vectors * far.lanes), attr);
    Builder in = builder_at_end(loop->regions[0], b->span);
    for (uint32_t i = 0; i < count; i++) {
        Value *at = loop->regions[0]->params[0];
        if (i % far.vectors > 0) at = build_binary(&in, OP_ADD, at, build_i64(&in, i % far.vectors * far.lanes));
        if (i >= far.vectors) at = build_binary(&in, OP_ADD, at, part);
        body_widen(&copies[i], in, at, NULL);
        in = copies[i].b;
    }
    for (uint32_t i = 1; i < count; i++) folds_join(&copies[0], &copies[i], b);
    folds_end(&copies[0], b);
    return build_binary(b, OP_ADD, from, build_binary(b, OP_MUL, part, build_i64(b, far.parts)));
}

/* That, or the loop for what lies in the caches; few iterations are left to the next one either way. */
static void far_hand_on(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage plan,
                        LanePlan lanes) {
    Handed h = handed_of(l, plan);
    Value *length = build_binary(b, OP_SUB, c->hi, from);
    Value *is_far = build_binary(b, OP_GE, length, build_i64(b, lanes.far.least));
    Op *branch = build_if(b, is_far, h.types, h.count);
    Builder in = builder_at_end(branch->regions[0], b->span);
    starts_hand_on(l, &in, far_turns(l, &in, c, ahead, from, lanes), plan);
    in = builder_at_end(branch->regions[1], b->span);
    stage_hand_on(l, &in, c, ahead, from, plan);
    build_yield(b, branch->results, h.count);
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

/* What `before` left over, by fewer lanes. */
static Value *narrower_stage(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage before) {
    Stage s = {.lanes = before.next_lanes, .passed = before.passed};
    return stage(l, b, c, ahead, from, s);
}

/* As far as vectors go; gives where the loop of the source goes on, which is its end after a masked rest. */
static Value *stages_plain(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
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

/* Past the caches. */
static void stream_stage(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan, Value *end) {
    Widen w = widen_of(l, ahead, (Stage){.lanes = plan.native});
    OpLoop attr = {.is_vector = true, .whole = true, .streams = true};
    Op *loop = build_for(b, c->lo, end, build_i64(b, w.lanes), attr);
    body_widen(&w, builder_at_end(loop->regions[0], b->span), loop->regions[0]->params[0], NULL);
}

/* Whole vectors alone. */
static void stages_whole(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    plan.masked_tail = plan.narrower_tail = false;
    stages_plain(l, b, c, ahead, plan);
}

/* From where the first vector is stored at a multiple of its size, up to `end`: past the caches where there is much to
 * store. */
static void stages_led(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan, Value *end) {
    if (plan.leads_far) {
        stream_stage(l, b, c, ahead, plan, end);
        return;
    }
    if (!plan.streams) {
        stages_whole(l, b, c, ahead, plan);
        return;
    }
    Value *length = build_binary(b, OP_SUB, c->hi, c->lo);
    Op *branch = build_if(b, stream_is_worth_it(l, b, plan, length), NULL, 0);
    Builder in = builder_at_end(branch->regions[0], b->span);
    stream_stage(l, &in, c, ahead, plan, end);
    in = builder_at_end(branch->regions[1], b->span);
    stages_whole(l, &in, c, ahead, plan);
}

/* Gives where whole vectors ended, of which there is one at least: at `end` in a short loop. A long one (of what
 * gathers, one that is stored past the caches) does the iterations up to a multiple first, under a mask. A short one begins
 * where it begins, which is known better: it is there once more. */
static Value *stages_long_or_short(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan, Value *end) {
    const IrType *i64 = ir_i64(l->spmd->fn->module);
    Widen part = widen_of(l, ahead, (Stage){.lanes = plan.native});
    Value *length = build_binary(b, OP_SUB, c->hi, c->lo);
    Value *is_long = plan.leads_far ? stream_is_worth_it(l, b, plan, length)
                                    : build_binary(b, OP_GE, length, build_i64(b, least_led(l, plan)));
    Op *branch = build_if(b, is_long, &i64, 1);
    Builder in = builder_at_end(branch->regions[0], b->span);
    Counting led = *c;
    led.lo = build_binary(&in, OP_ADD, c->lo, loop_lead(l, &in, plan, c->lo));
    rest_under_mask(&part, &in, c, c->lo, led.lo);
    Value *led_end = whole_end(&part, &in, &led, led.lo, c->hi);
    stages_led(l, &in, &led, ahead, plan, led_end);
    build_yield(&in, &led_end, 1);
    in = builder_at_end(branch->regions[1], b->span);
    stages_whole(l, &in, c, ahead, plan);
    build_yield(&in, &end, 1);
    return op_result(branch);
}

/* Nothing of that is asked about less than a vector, which goes straight to its turn under a mask. */
static Value *stages_leading(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    const IrType *i64 = ir_i64(l->spmd->fn->module);
    Widen rest = widen_of(l, ahead, (Stage){.lanes = plan.native});
    Value *length = build_binary(b, OP_SUB, c->hi, c->lo);
    Value *end = whole_end(&rest, b, c, c->lo, c->hi);
    plan.runs = true;
    Op *some = build_if(b, build_binary(b, OP_GE, length, build_i64(b, plan.native)), &i64, 1);
    Builder in = builder_at_end(some->regions[0], b->span);
    Value *done = stages_long_or_short(l, &in, c, ahead, plan, end);
    build_yield(&in, &done, 1);
    in = builder_at_end(some->regions[1], b->span);
    build_yield(&in, &end, 1);
    end = op_result(some);
    if (plan.masked_tail) {
        rest_under_mask(&rest, b, c, end, c->hi);
        return c->hi;
    }
    Counting left = *c;
    Stage done_so_far = {.next_lanes = plan.native / 4};
    left.lo = end;
    return plan.narrower_tail ? narrower_stage(l, b, &left, ahead, end, done_so_far) : end;
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
