/* unused: functions that nobody can call go.
 *
 * Requires: ERASED: until then the ends of values call functions that no CALL names.
 * Establishes: every function is exported, main, or called by one that stays.
 * Breaks: nothing.
 *
 * Lowering keeps all functions of the user's modules, so that mistakes are found in those as well
 * that are not called yet. */
#include "ir/passes/runs.h"

typedef struct Reach {
    Arena *arena;
    bool *is_reached; /* by function id */
    Vec(IrFn *) work;
} Reach;

static void fn_reach(Reach *reach, IrFn *fn) {
    if (reach->is_reached[fn->id]) return;
    reach->is_reached[fn->id] = true;
    vec_push(reach->arena, &reach->work, fn);
}

static void call_reach(void *user, Op *op) {
    if (op->kind == OP_CALL) fn_reach(user, op->attr.callee);
}

void unused_run(PassContext *pass, IrModule *module) {
    Reach reach = {.arena = pass->scratch};
    reach.is_reached = arena_array(pass->scratch, bool, module->fns.len);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        bool is_promised = fn->must_vectorize || fn->is_fused;
        if (fn->is_exported || fn->is_main || is_promised) fn_reach(&reach, fn);
    }
    while (reach.work.len > 0) {
        IrFn *fn = vec_pop(&reach.work);
        if (fn->body != NULL) region_walk(fn->body, call_reach, &reach);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (reach.is_reached[i]) module->fns.data[kept++] = module->fns.data[i];
    pass->changed = kept != module->fns.len;
    module->fns.len = kept;
    for (uint32_t i = 0; i < kept; i++) module->fns.data[i]->id = i;
}
