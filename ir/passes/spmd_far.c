/* Sums, minima and maxima of more than the caches hold.
 *
 * Such a loop waits for memory, and how it asks for it decides. On a Zen 4 (20 to 64 million floats) vectors of half a
 * register, two for each line of the cache, are 7 % faster than one for each, and two parts of one array that are read side
 * by side another 2 to 10 %; in the caches both are slower. So a loop over enough has such turns first, with accumulators
 * of their own. No prefetch gained anything, at no distance. */
#include "ir/passes/spmd_stage.h"

enum {
    FAR_BITS = 256,
    FAR_CHAINS = 4, /* accumulators that hide what an addition takes */
    FAR_STORES = 2, /* so much more is worth it than for stores past the caches, which save bytes */
    FAR_BODY = 24   /* ops; what computes for long does not wait for memory */
};

typedef struct FarScan {
    const SpmdLoop *l;
    const Value *views[FAR_CHAINS]; /* that are read from one end to the other */
    uint32_t count, bytes;          /* ... of each iteration */
    bool fits;
} FarScan;

static void far_load_note(FarScan *scan, const Op *op) {
    int64_t step;
    Reach reach = access_reach(scan->l->spmd, op, &step);
    if (reach == REACH_ONE) return;
    scan->fits = scan->fits && reach == REACH_SIDE_BY_SIDE;
    for (uint32_t i = 0; i < scan->count; i++)
        if (scan->views[i] == op->operands[0]) return;
    if (scan->count < FAR_CHAINS) scan->views[scan->count++] = op->operands[0];
    scan->bytes += op->operands[0]->type->elem->size;
}

/* What is looked at for NaNs must be in sight of the copy beside. */
static bool looks_for_nans(const SpmdLoop *l) {
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (notes_nans(l, &l->reductions.data[i])) return true;
    return false;
}

static void far_note(void *user, Op *op) {
    FarScan *scan = user;
    if (op->kind == OP_ALLOC || op->kind == OP_CALL) scan->fits = false;
    if (op->kind == OP_IF && looks_for_nans(scan->l)) scan->fits = false;
    if (op->kind == OP_LOAD) far_load_note(scan, op);
}

/* Accumulators can be joined, and are passed on to the loop of so many lanes that follows. */
static bool all_join(const SpmdLoop *l, uint32_t far, uint32_t lanes) {
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (l->reductions.data[i].role == ROLE_BEST || !fold_is_passed_on(l, i, far, lanes)) return false;
    return l->reductions.len > 0;
}

static bool is_plain(const SpmdLoop *l) {
    int64_t step;
    return !l->has_loop && !is_inner(l) && l->checks == 0 && !l->wide_integers && l->ops <= FAR_BODY && l->bytes > 0 &&
           value_is_int(l->loop->operands[2], &step) && step == 1 && writes_nothing(l->spmd, l->loop);
}

FarPlan far_plan(const SpmdLoop *l, LanePlan plan) {
    const IrOptions *options = l->spmd->pass->options;
    FarScan scan = {.l = l, .fits = true};
    uint32_t bits = options->vector_bits < FAR_BITS ? options->vector_bits : FAR_BITS;
    if (options->stream_bytes == 0 || plan.lanes == plan.native || !is_plain(l)) return (FarPlan){0};
    uint32_t lanes = bits / 8 / l->bytes;
    if (lanes < 2 || !all_join(l, lanes, plan.native)) return (FarPlan){0};
    region_walk(l->loop->regions[0], far_note, &scan);
    uint32_t parts = scan.count == 1 ? 2 : 1, least = FAR_STORES * options->stream_bytes;
    bool is_other = parts > 1 || lanes < plan.native; /* than the loop for what lies in the caches */
    if (!scan.fits || scan.count == 0 || !is_other) return (FarPlan){0};
    return (FarPlan){.lanes = lanes, .parts = parts, .vectors = FAR_CHAINS / parts, .bytes = least,
                     .least = least / scan.bytes};
}

/* ---- Apply -------------------------------------------------------------------------------------- */

enum { MOST_FAR = 4 }; /* copies of a body in a turn over what lies beyond the caches */

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

/* Few iterations are left to the next one either way. */
void far_hand_on(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage plan,
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
