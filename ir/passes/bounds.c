/* bounds: checks that hold go, and those of counted loops are made once, before the loop.
 * Comparisons, minima and maxima of integers whose outcome is proved on the way go as well.
 *
 * Requires: stage LOOP.
 * Establishes: no check is left that provably holds.
 * Breaks: nothing.
 *
 * Legality: a check goes when facts that hold on every way to it (loop ranges, conditions, checks
 * that passed, sizes) prove it (analysis/range.h). What remains may move before a counted loop
 * when each iteration makes it, no iteration leaves early, nothing is printed that a panic would
 * have followed, and its index is affine in the loop's (bounds_hoist.c). Stores before a panic
 * are not waited for: who panics gives up on its results. Which of two checks that both fail is
 * reported is not promised. */
#include "ir/passes/bounds.h"

#include "ir/analysis/effects.h"
#include "ir/passes/runs.h"

/* ---- Ways out -------------------------------------------------------------------------------- */

static void frames_leave(LoopFrame *frame) {
    for (; frame != NULL; frame = frame->outer) frame->is_left_early = true;
}

/* Iterations after this one may not happen, or what happens before them is seen. */
static void exits_note(Bounds *b, const Op *op) {
    if (b->frame == NULL) return;
    if (op->kind == OP_BREAK || op->kind == OP_CONTINUE) b->frame->is_left_early = true;
    bool is_seen = op_effects(b->effects, op) & (EFFECT_PRINTS | EFFECT_ENDLESS);
    if (op->kind == OP_RETURN || op->kind == OP_RAISE || is_seen) frames_leave(b->frame);
}

/* Control never comes out at the end of the region. */
static bool never_ends(const Region *region) {
    const Op *last = region->last;
    if (last == NULL) return false;
    if (op_ends(last) && last->kind != OP_YIELD) return true;
    return last->kind == OP_IF && never_ends(last->regions[0]) && never_ends(last->regions[1]);
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void region_check(Bounds *b, Region *region);

static void branch_check(Bounds *b, Op *op, uint32_t which) {
    uint32_t facts = ranges_mark(b->ranges), vars = varstate_mark(&b->vars);
    ranges_assume_condition(b->ranges, op->operands[0], which == 0);
    region_check(b, op->regions[which]);
    ranges_forget(b->ranges, facts);
    varstate_restore(&b->vars, vars);
}

static void if_check(Bounds *b, Op *op) {
    branch_check(b, op, 0);
    branch_check(b, op, 1);
    varstate_forget(&b->vars, op);
    if (never_ends(op->regions[0])) ranges_assume_condition(b->ranges, op->operands[0], false);
    else if (never_ends(op->regions[1])) ranges_assume_condition(b->ranges, op->operands[0], true);
}

static void while_check(Bounds *b, Op *op) {
    while_floors_find(b, op);
    varstate_forget(&b->vars, op);
    uint32_t facts = ranges_mark(b->ranges), vars = varstate_mark(&b->vars);
    region_check(b, op->regions[0]);
    const Op *yield = op->regions[0]->last;
    if (yield != NULL && yield->kind == OP_YIELD)
        ranges_assume_condition(b->ranges, yield->operands[0], true);
    region_check(b, op->regions[1]);
    ranges_forget(b->ranges, facts);
    varstate_restore(&b->vars, vars);
}

static void floor_forget(void *user, Op *op) {
    Bounds *b = user;
    if (op->kind == OP_SET) b->floors[op->operands[0]->id] = NULL;
}

/* A region about which nothing is known but what held before the op. */
static void region_check_apart(Bounds *b, Region *region) {
    uint32_t facts = ranges_mark(b->ranges), vars = varstate_mark(&b->vars);
    region_check(b, region);
    ranges_forget(b->ranges, facts);
    varstate_restore(&b->vars, vars);
}

static void loop_check(Bounds *b, Op *op) {
    LoopFrame frame = {.loop = op, .outer = b->frame};
    b->frame = &frame;
    if (op->kind == OP_WHILE) {
        while_check(b, op);
        region_walk(op->regions[1], floor_forget, b);
    } else {
        varstate_forget(&b->vars, op);
        uint32_t facts = ranges_mark(b->ranges), vars = varstate_mark(&b->vars);
        ranges_assume_loop(b->ranges, op);
        region_check(b, op->regions[0]);
        ranges_forget(b->ranges, facts);
        varstate_restore(&b->vars, vars);
    }
    b->frame = frame.outer;
    frame_finish(b, &frame);
    uint32_t done = op->region_count - 1;
    if (op->kind == OP_FOR || op->kind == OP_WHILE) region_check_apart(b, op->regions[done]);
}

/* The handler may follow any part of the body. */
static void try_check(Bounds *b, Op *op) {
    varstate_forget(&b->vars, op);
    for (uint32_t i = 0; i < op->region_count; i++) region_check_apart(b, op->regions[i]);
}

/* Two reads of a variable that is not set between them give one number. */
static void get_check(Bounds *b, Op *op) {
    const Value *ref = op->operands[0];
    Value *known = varstate_content(&b->vars, ref);
    if (varstate_facts(&b->vars, ref) == NULL) return;
    if (known != NULL) {
        ranges_alias(b->ranges, op_result(op), known);
        return;
    }
    varstate_set(&b->vars, ref, op_result(op));
    if (b->floors[ref->id] != NULL)
        ranges_assume_ge(b->ranges, op_result(op), b->floors[ref->id], 0);
}

static void check_check(Bounds *b, Op *op) {
    const char *proof = check_proof(b, op);
    if (proof == NULL) {
        if (check_weaken(b, op)) b->pass->changed = true;
        ranges_assume_check(b->ranges, op);
        candidate_add(b, op);
        return;
    }
    pass_record(b->pass, b->fn, &(Remark){.kind = REMARK_CHECK_PROVEN, .span = op->span, .text = proof,
                                          .check = op->attr.check.kind});
    op_unlink(op);
    b->pass->changed = true;
}

static void value_check(Bounds *b, Op *op) {
    Value *settled = op_settled(b, op);
    ranges_assume_op(b->ranges, op);
    if (settled == NULL) return;
    renames_add(&b->renames, op_result(op), settled);
    op_unlink(op);
    b->pass->changed = true;
}

static void op_check(Bounds *b, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = renames_find(&b->renames, op->operands[i]);
    exits_note(b, op);
    if (op->kind == OP_CHECK) check_check(b, op);
    else if (op->kind == OP_IF) if_check(b, op);
    else if (op->kind == OP_TRY) try_check(b, op);
    else if (op->region_count != 0) loop_check(b, op);
    else if (op->kind == OP_GET) get_check(b, op);
    else if (op->kind == OP_SET) varstate_set(&b->vars, op->operands[0], op->operands[1]);
    else value_check(b, op);
}

static void region_check(Bounds *b, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        op_check(b, op);
    }
}

void bounds_run(PassContext *pass, IrModule *module) {
    const unsigned *effects = effects_of_module(pass->scratch, module);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Bounds b = {.pass = pass, .fn = fn, .effects = effects};
        b.ranges = ranges_create(pass->scratch, fn);
        b.vars = varstate_create(pass->scratch, fn);
        b.floors = arena_array(pass->scratch, const Value *, fn->next_value);
        b.renames.arena = pass->scratch;
        region_check(&b, fn->body);
    }
}
