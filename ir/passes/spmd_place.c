/* The best of all on its way through a widened loop. Each lane keeps the best that it has met, beginning
 * with what the variable held, and the number of the turn in which it met it; both lie in lanes of one
 * width. Behind the loop the best of all is taken, of equal ones the first: that of the least turn, then of
 * the least lane. Its place follows from turn and lane. */
#include "ir/passes/spmd.h"

static const Reduction *reduction_of(const Widen *w, uint32_t number) {
    return &w->l->reductions.data[number];
}

static bool has_place(const SpmdLoop *l, const Reduction *best) {
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        const Reduction *r = &l->reductions.data[i];
        if (r->role == ROLE_PLACE && r->wins == best->wins) return true;
    }
    return false;
}

/* Of integers that are equal any is the first; floats have two zeros. */
bool asks_turns(const SpmdLoop *l, const Reduction *best) {
    if (best->role != ROLE_BEST || is_quick(l, best)) return false;
    return ir_is_float(best->var->type->elem) || has_place(l, best);
}

void best_make(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = reduction_of(w, number);
    LaneFold *fold = &w->folds[number];
    *fold = (LaneFold){.place = NULL};
    if (r->role == ROLE_PLACE) {
        fold->place = build_var(b, r->var->type->elem, NO_NAME);
        build_set(b, fold->place, build_zero(b, r->var->type->elem));
        fold->lanes = r->var; /* what is read of it goes into the set, which reads nothing */
        return;
    }
    fold->lanes = build_var(b, wide_type(w, r->var->type->elem), r->var->name);
    Value *passed = w->passed[number];
    build_set(b, fold->lanes, passed != NULL ? passed : fold_start(w->l, b, number, w->lanes));
    if (!asks_turns(w->l, r)) return;
    const IrType *turn = w->turns->type->elem;
    fold->turns = build_var(b, wide_type(w, turn), NO_NAME);
    build_set(b, fold->turns, build_splat(b, build_zero(b, turn), w->lanes));
}

static void lanes_choose(Widen *w, Value *var, Value *on, Value *value) {
    build_set(&w->b, var, build_select(&w->b, on, value, build_get(&w->b, var)));
}

void best_set(Widen *w, uint32_t number) {
    const Reduction *r = reduction_of(w, number);
    const LaneFold *fold = &w->folds[number];
    Value *entry = vector_in(w, r->set->operands[1]->def->operands[1]);
    Value *on = mask_and(w, w->mask, vector_in(w, r->wins));
    lanes_choose(w, fold->lanes, on, entry);
    if (fold->turns == NULL) return;
    Value *one = build_int(&w->b, w->turns->type->elem, 1);
    Value *turn = build_binary(&w->b, OP_SUB, build_get(&w->b, w->turns), one);
    lanes_choose(w, fold->turns, on, build_splat(&w->b, turn, w->lanes));
}

void place_note(Widen *w, uint32_t number) {
    const Reduction *r = reduction_of(w, number);
    Value *here = scalar_in(w, r->set->operands[1]->def->operands[1]);
    build_set(&w->b, w->folds[number].place, here);
}

/* ---- Behind the loop -------------------------------------------------------------------------- */

/* Which lane was the first to meet what is the best of all, and when. */
typedef struct Winner {
    Value *turn, *lane; /* turn: i64; NULL where nobody asks */
    Value *value;
    Value *wins; /* over what the variable held */
} Winner;

static Value *is_nan(Builder *b, Value *value) { return build_binary(b, OP_NE, value, value); }

/* Lanes that hold the best of all. If one is NaN they are those that are. */
static Value *lanes_best(Widen *w, Builder *b, Value *lanes, Value *best) {
    Value *same = build_binary(b, OP_EQ, lanes, build_splat(b, best, w->lanes));
    bool is_float = scalar_is_float(lanes->type->scalar);
    return is_float ? build_binary(b, OP_OR, same, is_nan(b, lanes)) : same;
}

static Value *is_better(Builder *b, ReduceKind kind, Value *value, Value *before) {
    return build_binary(b, kind == REDUCE_MAX ? OP_GT : OP_LT, value, before);
}

static Value *beats(Builder *b, ReduceKind kind, Value *value, Value *before) {
    Value *better = is_better(b, kind, value, before);
    if (!ir_is_float(value->type)) return better;
    Value *held = build_binary(b, OP_EQ, before, before);
    return build_binary(b, OP_OR, better, build_binary(b, OP_AND, is_nan(b, value), held));
}

static Winner winner_of(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = reduction_of(w, number);
    const LaneFold *fold = &w->folds[number];
    Value *lanes = build_get(b, fold->lanes);
    bool quick = is_quick(w->l, r);
    Winner winner = {.value = quick ? quick_fold(b, r->kind, lanes) : build_fold(b, r->kind, lanes)};
    if (fold->turns != NULL) {
        Value *best = lanes_best(w, b, lanes, winner.value), *turns = build_get(b, fold->turns);
        Value *never = build_reduce_identity(b, REDUCE_MIN, w->turns->type->elem);
        Value *met = build_select(b, best, turns, build_splat(b, never, w->lanes));
        Value *first = build_fold(b, REDUCE_MIN, met);
        Value *then = build_binary(b, OP_EQ, turns, build_splat(b, first, w->lanes));
        winner.lane = build_unary(b, OP_FIRST, build_binary(b, OP_AND, best, then));
        winner.turn = build_cast(b, first, ir_i64(w->m));
        winner.value = build_lane(b, lanes, winner.lane);
    }
    Value *before = build_get(b, r->var);
    winner.wins = quick ? is_better(b, r->kind, winner.value, before) : beats(b, r->kind, winner.value, before);
    if (quick) suspect_zero(w->l, b, winner.value, winner.wins);
    return winner;
}

/* As much less than in the last turn as the turns and lanes between tell. */
static Value *place_of(Widen *w, Builder *b, uint32_t number, const Winner *winner) {
    const Reduction *r = reduction_of(w, number);
    const Value *here = r->set->operands[1]->def->operands[1];
    Value *last = build_cast(b, build_get(b, w->turns), ir_i64(w->m));
    Value *turns = build_binary(b, OP_SUB, winner->turn,
                                build_binary(b, OP_SUB, last, build_i64(b, 1)));
    Value *all = build_binary(b, OP_MUL, turns, build_i64(b, w->lanes));
    Value *steps = build_binary(b, OP_ADD, all, winner->lane);
    Value *gone = build_binary(b, OP_MUL, steps, build_i64(b, form_of(w->s, here).stride));
    Value *from = build_get(b, w->folds[number].place);
    return build_binary(b, OP_ADD, from, build_cast(b, gone, from->type));
}

void best_end(Widen *w, Builder *b, uint32_t number) {
    const Reduction *best = reduction_of(w, number);
    Winner winner = winner_of(w, b, number);
    for (uint32_t i = 0; i < w->l->reductions.len; i++) {
        const Reduction *r = reduction_of(w, i);
        if (r->role != ROLE_PLACE || r->wins != best->wins) continue;
        Value *place = place_of(w, b, i, &winner);
        build_set(b, r->var, build_select(b, winner.wins, place, build_get(b, r->var)));
    }
    /* The quick way began with what the variable holds in all lanes, and has it still where nothing is better. */
    bool has_all = is_quick(w->l, best);
    Value *stays = has_all ? NULL : build_get(b, best->var);
    build_set(b, best->var, has_all ? winner.value : build_select(b, winner.wins, winner.value, stays));
}
