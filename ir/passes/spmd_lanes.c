/* Accumulators that the program has in lanes already: a vector variable, of which each iteration knows only the
 * lane that is its number modulo the lanes. That is how reductions have the same order on all targets
 * (reduce_lanes in ir.h). As many iterations at a time, and each vector of the loop meets the whole variable;
 * nothing is to be made before the loop or combined behind it. */
#include "ir/passes/spmd.h"

#include "ir/analysis/affine.h"

uint32_t lanes_of_loop(const Op *loop) {
    int64_t lanes;
    return loop->attr.loop.is_lanes && value_is_int(loop->operands[1], &lanes) ? (uint32_t)lanes : 0;
}

Value *outer_var(const Reduction *r) {
    return r->role == ROLE_LANES ? r->var->def->operands[0] : r->var;
}

/* What was divided by `step` to give the number. */
static const Value *undivided(const Value *number, int64_t step) {
    const Op *op = number->def;
    int64_t by;
    if (step == 1 || op == NULL || op->operand_count != 2 || !value_is_int(op->operands[1], &by)) return number;
    if (op->kind == OP_FLOORDIV && by == step) return op->operands[0];
    bool halves = op->kind == OP_SHR && by > 0 && by < 32 && INT64_C(1) << by == step;
    return halves ? op->operands[0] : number;
}

/* How many iterations came before this one. */
static bool counts_iterations(const Op *loop, const Value *number) {
    int64_t step, off;
    if (!value_is_int(loop->operands[2], &step)) return false;
    Affine form = affine_of(undivided(number, step), NULL, NULL);
    Affine index = affine_of(loop->regions[0]->params[0], NULL, NULL);
    Affine lo = affine_of(loop->operands[0], NULL, NULL);
    return affine_add(&form, &index, -1) && affine_add(&form, &lo, 1) && affine_is_const(&form, &off) && off == 0;
}

/* All that the loop does with the vector is to name one lane. */
typedef struct LaneUse {
    const Value *var;
    Op *item;
    bool others;
} LaneUse;

static void use_note(void *user, Op *op) {
    LaneUse *use = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (op->operands[i] != use->var) continue;
        if (op->kind != OP_LANE_ITEM || use->item != NULL) use->others = true;
        use->item = op;
    }
}

/* What an iteration does with its lane is its own business where there are no more lanes than iterations. */
static bool lane_is_own(const SpmdLoop *l, const Value *var) {
    return var->type->elem->lanes == lanes_of_loop(l->loop);
}

bool finds_lanes(const SpmdLoop *l, Value *var, Reduction *found) {
    LaneUse use = {.var = var};
    Reduction lanes = {.role = ROLE_LANES};
    if (var->def == NULL || var->def->kind != OP_VAR || var->type->elem->kind != IR_VEC || l->exits > 0) return false;
    region_walk(l->loop->regions[0], use_note, &use);
    if (use.others || use.item == NULL || !counts_iterations(l->loop, use.item->operands[1])) return false;
    lanes.var = op_result(use.item);
    uint32_t asked = lanes_asked(l), count = var->type->elem->lanes;
    if (asked != 0 && asked != count) return false;
    if (!lane_is_own(l, var) && !accumulates_only(l, lanes.var, &lanes.kind)) return false;
    *found = lanes;
    return true;
}

bool takes_own_lane(const SpmdLoop *l, const Op *op) {
    return op->kind == OP_LANE && op->operands[0]->type->lanes == lanes_of_loop(l->loop) &&
           op->operands[1] == l->loop->regions[0]->params[0] && is_from_around(l, op->operands[0]);
}

uint32_t lanes_asked(const SpmdLoop *l) {
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (l->reductions.data[i].role == ROLE_LANES) return outer_var(&l->reductions.data[i])->type->elem->lanes;
    return 0;
}
