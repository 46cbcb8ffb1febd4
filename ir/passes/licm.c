/* licm: what is the same in every iteration moves before the loop.
 *
 * Requires: nothing; works on both stages (bodies of MAP and REDUCE are loops, too).
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * Legality: the operation may be done although the loop may not run at all, which holds for pure operations (a division
 * is one: only the check before it panics, and checks stay); and its operands come from outside. Loads move when the
 * loop surely runs, writes no memory, and the load happens in each iteration; reads of fields when the loop changes no
 * such place. Inner loops first, so that an operation travels as far as it can. */
#include "ir/analysis/effects.h"
#include "ir/analysis/memory.h"
#include "ir/passes/runs.h"

typedef struct Licm {
    PassContext *pass;
    const unsigned *effects;
} Licm;

static bool operands_are_outside(const Op *op, const Op *loop) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (value_is_made_in(op->operands[i], loop)) return false;
    return true;
}

/* ---- Loads ----------------------------------------------------------------------------------- */

typedef struct LoopScan {
    const Licm *licm;
    bool writes;  /* memory */
    bool changes; /* fields, or lists */
} LoopScan;

static void op_scan(void *user, Op *op) {
    LoopScan *scan = user;
    if (!set_is_local(op) && (op_effects(scan->licm->effects, op) & EFFECT_WRITES)) scan->writes = true;
    if (place_may_change(op)) scan->changes = true;
}

static bool surely_runs(const Op *loop) {
    int64_t lo, hi, step;
    if (loop->kind != OP_FOR || !value_is_int(loop->operands[0], &lo) ||
        !value_is_int(loop->operands[1], &hi) || !value_is_int(loop->operands[2], &step))
        return false;
    return step > 0 ? lo < hi : lo > hi;
}

static LoopScan loop_scan(const Licm *licm, const Op *loop) {
    LoopScan scan = {.licm = licm};
    for (uint32_t i = 0; i < loop->region_count; i++) region_walk(loop->regions[i], op_scan, &scan);
    return scan;
}

/* ---- The walk -------------------------------------------------------------------------------- */

/* Checks, ifs, and calls may end the iteration, or the program, before a load is reached. */
static bool may_stop(const Licm *licm, const Op *op) {
    unsigned stops = EFFECT_PANICS | EFFECT_ENDLESS;
    return op->region_count != 0 || (op_effects(licm->effects, op) & stops) != 0;
}

static void body_hoist(Licm *licm, Op *loop, Region *body) {
    LoopScan scan = loop_scan(licm, loop);
    bool loads = surely_runs(loop) && !scan.writes;
    for (Op *op = body->first, *next; op != NULL; op = next) {
        next = op->next;
        loads = loads && !may_stop(licm, op);
        bool is_movable = op_is_pure(op) || (loads && op->kind == OP_LOAD) ||
                          (!scan.changes && place_is_read(op));
        if (!is_movable || !operands_are_outside(op, loop)) continue;
        op_unlink(op);
        op_insert_before(op, loop);
        licm->pass->changed = true;
    }
}

/* How many of the op's regions, the first ones, are done again and again. */
static uint32_t repeated_count(const Op *op) {
    if (op_is_space(op) || op->kind == OP_FOR) return 1;
    return op->kind == OP_WHILE ? 2 : 0;
}

static void region_hoist(Licm *licm, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->region_count; i++) region_hoist(licm, op->regions[i]);
        for (uint32_t i = 0; i < repeated_count(op); i++) body_hoist(licm, op, op->regions[i]);
    }
}

void licm_run(PassContext *pass, IrModule *module) {
    Licm licm = {pass, effects_of_module(pass->scratch, module)};
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) region_hoist(&licm, module->fns.data[i]->body);
}
