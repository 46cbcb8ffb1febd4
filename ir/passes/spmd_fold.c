/* Accumulators on their way through a widened loop: made before it, one for each lane, set in it, and
 * combined behind. */
#include "ir/passes/spmd.h"

/* ---- Turns ------------------------------------------------------------------------------------ */

/* As wide as the lanes, so that one comparison chooses both. */
static unsigned turn_bits(const SpmdLoop *l) {
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (asks_turns(l, &l->reductions.data[i])) return l->bytes == 8 || l->exits > 0 ? 64 : 32;
    return 0;
}

int64_t turns_most(const SpmdLoop *l, uint32_t lanes) {
    int64_t most = turn_bits(l) == 32 ? INT64_C(1) << 30 : 0;
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        const Reduction *r = &l->reductions.data[i];
        if (r->role != ROLE_COUNTER && r->role != ROLE_GROUPS) continue;
        int64_t counts = r->role == ROLE_COUNTER ? counts_most(l, lanes) : r->turns;
        if (counts != 0 && (most == 0 || counts < most)) most = counts;
    }
    return most;
}

static void turns_make(Widen *w, Builder *b) {
    unsigned bits = turn_bits(w->l);
    w->turns = NULL;
    if (bits == 0) return;
    const IrType *type = ir_scalar(w->m, bits == 64 ? SCALAR_I64 : SCALAR_I32);
    w->turns = build_var(b, type, NO_NAME);
    build_set(b, w->turns, build_int(b, type, 0));
}

static bool is_sum(const Reduction *r) { return r->role == ROLE_SUM || r->role == ROLE_GROUPS; }

/* ---- Before, in, and behind the loop ---------------------------------------------------------- */

const IrType *fold_type(IrModule *m, const Reduction *r, uint32_t lanes) {
    if (!is_grouped(r, lanes)) return ir_vec(m, r->var->type->elem->scalar, lanes);
    return ir_vec(m, r->sums == OP_DOT ? SCALAR_I32 : SCALAR_I64, lanes / sum_group(r->sums));
}

static Value *fold_identity(Builder *b, const Reduction *r, uint32_t lanes) {
    const IrType *type = fold_type(b->fn->module, r, lanes);
    const IrType *lane = ir_scalar(b->fn->module, type->scalar);
    return build_splat(b, build_reduce_identity(b, r->kind, lane), type->lanes);
}

/* Its lanes go on from what the variable holds, so that nothing is left to add behind the loop. Bools are one question
 * for all lanes. */
static bool goes_on(const SpmdLoop *l, const Reduction *r, uint32_t lanes) {
    bool is_number = is_sum(r) && r->var->type->elem->scalar != SCALAR_BOOL;
    return is_number && !is_grouped(r, lanes) && !is_magnitude(l, r) && !r->is_total;
}

Value *fold_start(const SpmdLoop *l, Builder *b, uint32_t number, uint32_t lanes) {
    const Reduction *r = &l->reductions.data[number];
    if (r->role == ROLE_BEST || is_quick(l, r)) return build_splat(b, build_get(b, r->var), lanes);
    Value *all = fold_identity(b, r, lanes);
    return goes_on(l, r, lanes) ? build_with_lane(b, all, build_i64(b, 0), build_get(b, r->var)) : all;
}

/* Bools are one question for all lanes, which is as cheap as to pass them on. */
bool fold_is_passed_on(const SpmdLoop *l, uint32_t number, uint32_t lanes, uint32_t next) {
    const Reduction *r = &l->reductions.data[number];
    bool is_best = r->role == ROLE_BEST && is_quick(l, r);
    bool is_number = (is_sum(r) || is_best) && r->var->type->elem->scalar != SCALAR_BOOL;
    if (next == 0 || is_grouped(r, lanes) != is_grouped(r, next)) return false;
    return is_number && l->exits == 0 && turns_most(l, lanes) == 0;
}

static void sum_make(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *passed = w->passed[number];
    w->folds[number].lanes = build_var(b, fold_type(w->m, r, w->lanes), r->var->name);
    w->folds[number].is_ended = false;
    Value *start = passed != NULL                     ? passed
                   : w->joins && !is_quick(w->l, r) ? fold_identity(b, r, w->lanes)
                                                    : fold_start(w->l, b, number, w->lanes);
    build_set(b, w->folds[number].lanes, start);
}

static Value *sum_combined(Widen *w, Builder *b, const Reduction *r, Value *low, Value *high) {
    if (is_magnitude(w->l, r)) return magnitude_larger(b, low, high);
    return is_quick(w->l, r) ? quick_better(b, r->kind, low, high)
                             : build_binary(b, reduce_step(r->kind), low, high);
}

static Value *sum_folded(Widen *w, Builder *b, const Reduction *r, Value *lanes) {
    if (is_magnitude(w->l, r)) return magnitude_fold(b, lanes);
    if (is_grouped(r, w->lanes)) return groups_folded(b, r, lanes);
    return is_quick(w->l, r) ? quick_fold(b, r->kind, lanes) : build_fold(b, r->kind, lanes);
}

/* By halves, as FOLD does. */
static Value *sum_narrowed(Widen *w, Builder *b, const Reduction *r, Value *lanes, uint32_t count) {
    while (lanes->type->lanes > count)
        lanes = sum_combined(w, b, r, half_of(b, lanes, false), half_of(b, lanes, true));
    return lanes;
}

/* What the next loop goes on with. False: it begins anew, so that the variable has to be set. */
static bool pass_on(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    w->passed[number] = NULL;
    if (!fold_is_passed_on(w->l, number, w->lanes, w->next_lanes)) return false;
    Value *lanes = build_get(b, w->folds[number].lanes);
    w->passed[number] = sum_narrowed(w, b, r, lanes, fold_type(w->m, r, w->next_lanes)->lanes);
    return true;
}

/* ---- Sums that are combined at once ----------------------------------------------------------- */

typedef struct Alike {
    Widen *w;
    const Reduction *sum;
    uint32_t numbers[MOST_JOINED], count;
} Alike;

static Value *alike_combined(void *user, Builder *b, Value *low, Value *high) {
    const Alike *alike = user;
    return sum_combined(alike->w, b, alike->sum, low, high);
}

/* From `number` on, those whose lanes are combined in the same way: a power of two of them. */
static Alike alike_find(Widen *w, uint32_t number) {
    const SpmdLoop *l = w->l;
    const Reduction *sum = &l->reductions.data[number];
    Alike alike = {.w = w, .sum = sum};
    uint32_t most = w->lanes < MOST_JOINED ? w->lanes : MOST_JOINED;
    for (uint32_t i = number; i < l->reductions.len && alike.count < most; i++) {
        const Reduction *r = &l->reductions.data[i];
        bool is_like = r->role == sum->role && r->kind == sum->kind && r->var->type == sum->var->type;
        if (is_like && !w->folds[i].is_ended && goes_on(l, r, w->lanes)) alike.numbers[alike.count++] = i;
    }
    while (alike.count & (alike.count - 1)) alike.count--;
    return alike;
}

/* A number for each of them. */
static Value *alike_folded(Alike *alike, Builder *b) {
    Widen *w = alike->w;
    Value *vectors[MOST_JOINED];
    uint32_t most = w->s->pass->options->vector_bits / scalar_bits(alike->sum->var->type->elem->scalar);
    if (most < MOST_JOINED) most = MOST_JOINED;
    for (uint32_t i = 0; i < alike->count; i++) {
        Value *lanes = build_get(b, w->folds[alike->numbers[i]].lanes);
        vectors[i] = sum_narrowed(w, b, alike->sum, lanes, most);
    }
    return vectors_fold(b, vectors, alike->count, &(FoldStep){alike_combined, alike});
}

static void alike_end(Alike *alike, Builder *b) {
    const SpmdLoop *l = alike->w->l;
    Value *all = alike_folded(alike, b);
    if (is_quick(l, alike->sum)) suspect_odd(l, b, all);
    for (uint32_t i = 0; i < alike->count; i++) {
        build_set(b, l->reductions.data[alike->numbers[i]].var, build_lane(b, all, build_i64(b, i)));
        alike->w->folds[alike->numbers[i]].is_ended = true;
    }
}

static void sum_end(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    if (w->folds[number].is_ended) return;
    Alike alike = alike_find(w, number);
    if (alike.count > 1) {
        alike_end(&alike, b);
        return;
    }
    Value *folded = sum_folded(w, b, r, build_get(b, w->folds[number].lanes));
    if (is_quick(w->l, r)) suspect_odd(w->l, b, folded);
    if (!goes_on(w->l, r, w->lanes)) folded = build_binary(b, reduce_step(r->kind), build_get(b, r->var), folded);
    build_set(b, r->var, folded);
}

void folds_make(Widen *w, Builder *b) {
    turns_make(w, b);
    quick_make(w, b);
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        switch (w->l->reductions.data[i].role) {
        case ROLE_SUM: case ROLE_GROUPS: sum_make(w, b, i); break;
        case ROLE_LANES: w->folds[i].lanes = outer_var(&w->l->reductions.data[i]); break;
        case ROLE_COUNTER: count_make(w, b, i); break;
        case ROLE_CURSOR: cursor_make(w, b, i); break;
        case ROLE_SCAN: scan_make(w, b, i); break;
        case ROLE_LAST: case ROLE_LATEST: latest_make(w, b, i); break;
        case ROLE_BEST: case ROLE_PLACE: best_make(w, b, i); break;
        }
    }
}

void folds_enter(Widen *w) {
    if (w->turns == NULL) return;
    Value *turn = build_get(&w->b, w->turns);
    Value *next = build_binary(&w->b, OP_ADD, turn, build_int(&w->b, turn->type, 1));
    build_set(&w->b, w->turns, next);
}

/* Places are set along with the best that they belong to. */
void folds_end(Widen *w, Builder *b) {
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        if (pass_on(w, b, i)) continue;
        switch (w->l->reductions.data[i].role) {
        case ROLE_SUM: case ROLE_GROUPS: sum_end(w, b, i); break;
        case ROLE_COUNTER: count_end(w, b, i); break;
        case ROLE_CURSOR: cursor_end(w, b, i); break;
        case ROLE_SCAN: scan_end(w, b, i); break;
        case ROLE_LAST: case ROLE_LATEST: latest_end(w, b, i); break;
        case ROLE_BEST: best_end(w, b, i); break;
        case ROLE_LANES: case ROLE_PLACE: break;
        }
    }
    quick_end(w, b);
}

void folds_join(Widen *w, Widen *more, Builder *b) {
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        Value *var = w->folds[i].lanes, *other = build_get(b, more->folds[i].lanes);
        build_set(b, var, sum_combined(w, b, &w->l->reductions.data[i], build_get(b, var), other));
    }
    quick_end(more, b);
}

static void fold_set(Widen *w, uint32_t number) {
    switch (w->l->reductions.data[number].role) {
    case ROLE_SUM: case ROLE_LANES: case ROLE_CURSOR: case ROLE_SCAN: case ROLE_LAST: case ROLE_LATEST: break;
    case ROLE_COUNTER: count_set(w, number); break;
    case ROLE_GROUPS: groups_set(w, number); break;
    case ROLE_BEST: best_set(w, number); break;
    case ROLE_PLACE: place_note(w, number); break;
    }
}

/* Of the roles with ops of their own. */
static bool widen_own_op(Widen *w, const Op *op, uint32_t number) {
    switch (w->l->reductions.data[number].role) {
    case ROLE_CURSOR: return widen_cursor_op(w, op, number);
    case ROLE_SCAN: return widen_scan_op(w, op, number);
    case ROLE_LAST: case ROLE_LATEST: return widen_latest_op(w, op, number);
    case ROLE_SUM: case ROLE_LANES: case ROLE_BEST: case ROLE_PLACE: case ROLE_GROUPS: case ROLE_COUNTER: return false;
    }
    UNREACHABLE();
}

static bool has_own_ops(const Reduction *r) {
    return r->role == ROLE_LANES || r->role == ROLE_CURSOR || r->role == ROLE_SCAN || r->role == ROLE_LAST ||
           r->role == ROLE_LATEST;
}

bool widen_fold_op(Widen *w, const Op *op) {
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        const Reduction *r = &w->l->reductions.data[i];
        if (widen_own_op(w, op, i)) return true;
        if (has_own_ops(r) || (is_sum(r) && !is_grouped(r, w->lanes))) continue;
        if (op == r->set) fold_set(w, i);
        if (op == r->set || op == r->set->operands[1]->def || op == r->inner) return true;
    }
    return widen_magnitude_op(w, op) || widen_quick_op(w, op);
}
