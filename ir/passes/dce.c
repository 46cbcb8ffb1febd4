/* dce: operations whose result nobody needs go.
 *
 * Requires: nothing; works on both stages.
 * Establishes: every pure value has a use.
 * Breaks: nothing.
 *
 * One walk from the end: a use that goes may take the last use of its operands with it, and those
 * stand before it. Reads go like pure operations; loops and ifs go when nothing is left in them, and
 * results of an if one by one; a call goes when it can only give results. A loop without a count stays:
 * it may be meant to wait. */
#include "ir/analysis/effects.h"
#include "ir/passes/runs.h"

typedef struct Dce {
    PassContext *pass;
    const unsigned *effects;
    uint32_t *uses;  /* by value id */
    uint32_t *frees; /* of those uses, how many are FREE */
} Dce;

static void free_note(void *user, Op *op) {
    Dce *dce = user;
    if (op->kind == OP_FREE) dce->frees[op->operands[0]->id]++;
}

static bool is_used(const Dce *dce, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++)
        if (dce->uses[op->results[i]->id] != 0) return true;
    return false;
}

/* Nothing but a plain end. A CONTINUE is one for the body of its loop, but not for an arm of an
 * IF, where it skips what follows. */
static bool is_empty(const Region *region, OpKind end) {
    const Op *op = region->first;
    return op == NULL || (op->next == NULL && op->kind == end);
}

static bool nested_is_idle(const Dce *dce, Region *region);

/* The op does nothing that is seen from outside, its regions included. */
static bool is_idle(const Dce *dce, const Op *op) {
    switch ((int)op->kind) {
    case OP_IF: return is_empty(op->regions[0], OP_YIELD) && is_empty(op->regions[1], OP_YIELD);
    case OP_FOR:
        return is_empty(op->regions[0], OP_CONTINUE) && is_empty(op->regions[1], OP_YIELD);
    case OP_TRY: return is_empty(op->regions[0], OP_YIELD);
    case OP_MAP:
    case OP_SCAN:
    case OP_REDUCE: return nested_is_idle(dce, op->regions[0]);
    case OP_CALL: return (op_effects(dce->effects, op) & ~(unsigned)EFFECT_UNSEEN) == 0;
    default: return !(op_info(op)->flags & (OP_FLAG_EFFECT | OP_FLAG_WRITES | OP_FLAG_ENDS));
    }
}

static bool nested_is_idle(const Dce *dce, Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next)
        if (op->kind != OP_YIELD && !is_idle(dce, op)) return false;
    return true;
}

static void op_drop(Dce *dce, Op *op);

static void region_drop(Dce *dce, Region *region) {
    while (region->last != NULL) op_drop(dce, region->last);
}

static void op_drop(Dce *dce, Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++) region_drop(dce, op->regions[i]);
    for (uint32_t i = 0; i < op->operand_count; i++) dce->uses[op->operands[i]->id]--;
    op_unlink(op);
    dce->pass->changed = true;
}

/* An allocation that is only freed: the FREEs go first, as they stand after it. */
static bool is_free_of_unused(const Dce *dce, const Op *op) {
    if (op->kind != OP_FREE) return false;
    const Value *view = op->operands[0];
    bool is_ours = view->def != NULL &&
                   (view->def->kind == OP_ALLOC || view->def->kind == OP_NULLVIEW ||
                    view->def->kind == OP_LIST);
    return is_ours && dce->uses[view->id] == dce->frees[view->id];
}

static bool is_plain_alloc(const Op *op) {
    return op->kind == OP_ALLOC || op->kind == OP_VAR;
}

static void op_consider(Dce *dce, Op *op) {
    if (is_free_of_unused(dce, op)) {
        dce->frees[op->operands[0]->id]--;
        op_drop(dce, op);
    } else if (!is_used(dce, op) && (is_plain_alloc(op) || is_idle(dce, op))) {
        op_drop(dce, op);
    }
}

/* ---- Results of ifs -------------------------------------------------------------------------- */

static void yield_trim(Dce *dce, const Op *op, Region *region) {
    Op *yield = region->last;
    uint32_t kept = 0;
    if (yield == NULL || yield->kind != OP_YIELD) return;
    for (uint32_t i = 0; i < yield->operand_count; i++) {
        if (dce->uses[op->results[i]->id] != 0) yield->operands[kept++] = yield->operands[i];
        else dce->uses[yield->operands[i]->id]--;
    }
    yield->operand_count = kept;
}

/* What nobody asks for is not given, so that what it is made of can go as well. */
static void results_trim(Dce *dce, Op *op) {
    uint32_t kept = 0;
    if (op->kind != OP_IF) return;
    for (uint32_t i = 0; i < 2; i++) yield_trim(dce, op, op->regions[i]);
    for (uint32_t i = 0; i < op->result_count; i++) {
        Value *result = op->results[i];
        if (dce->uses[result->id] == 0) continue;
        result->index = kept;
        op->results[kept++] = result;
    }
    if (kept != op->result_count) dce->pass->changed = true;
    op->result_count = kept;
}

static void region_clean(Dce *dce, Region *region) {
    for (Op *op = region->last, *before; op != NULL; op = before) {
        before = op->prev;
        results_trim(dce, op);
        for (uint32_t i = op->region_count; i-- > 0;) region_clean(dce, op->regions[i]);
        op_consider(dce, op);
    }
}

void dce_run(PassContext *pass, IrModule *module) {
    Dce dce = {.pass = pass, .effects = effects_of_module(pass->scratch, module)};
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        dce.uses = ir_count_uses(pass->scratch, fn);
        dce.frees = arena_array(pass->scratch, uint32_t, fn->next_value);
        region_walk(fn->body, free_note, &dce);
        region_clean(&dce, fn->body);
    }
}
