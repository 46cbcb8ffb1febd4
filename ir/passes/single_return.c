/* single-return: early returns become structure.
 *
 * Requires: ERASED.
 * Establishes: functions that inline may want return once, as the last op of their body.
 * Breaks: nothing.
 *
 * `if c: return a` followed by more becomes if/else, the rest moving into the other branch; a
 * return in a loop sets a flag and breaks out of it (leave.h). Results travel in variables, which
 * simplify turns back into values. Functions whose returns hide inside expressions that give a value
 * are left alone, and those that can only fail. */
#include "ir/analysis/callgraph.h"
#include "ir/passes/inline_plan.h"
#include "ir/passes/leave.h"
#include "ir/passes/runs.h"

static bool is_return(const void *owner, const Op *op) {
    (void)owner;
    return op->kind == OP_RETURN;
}

static bool returns_once(const Leave *leave, const IrFn *fn) {
    const Op *last = fn->body->last;
    uint32_t wanted = last != NULL && last->kind == OP_RETURN ? 1 : 0;
    return leaves_below(leave, fn->body) == wanted && (wanted == 1 || fn->results.len == 0);
}

static bool only_fails(const Leave *leave, const IrFn *fn) {
    return fn->results.len != 0 && leaves_below(leave, fn->body) == 0;
}

static void fn_restructure(Leave *leave, IrFn *fn) {
    Value **results = arena_array(fn->module->arena, Value *, fn->results.len);
    Region *body = fn->body;
    Builder top =
        body->first != NULL ? builder_before(body->first) : builder_at_end(body, fn->span);
    leave->flag = build_flag(&top);
    leave->results = results;
    for (uint32_t i = 0; i < fn->results.len; i++)
        results[i] = build_var(&top, fn->results.data[i], NO_NAME);
    leaves_restructure(leave, body);
    Builder end = builder_at_end(body, fn->span);
    Value **values = arena_array(fn->module->arena, Value *, fn->results.len);
    for (uint32_t i = 0; i < fn->results.len; i++) values[i] = build_get(&end, results[i]);
    build_return(&end, values, fn->results.len);
}

bool fn_return_once(IrFn *fn) {
    Leave leave = {.leaves = is_return};
    if (returns_once(&leave, fn)) return true;
    if (only_fails(&leave, fn) || !leaves_are_simple(&leave, fn->body)) return false;
    fn_restructure(&leave, fn);
    return true;
}

void single_return_run(PassContext *pass, IrModule *module) {
    CallGraph graph = callgraph_of(pass->scratch, module);
    const Leave leave = {.leaves = is_return};
    for (uint32_t i = 0; i < graph.count; i++) {
        IrFn *fn = graph.bottom_up[i];
        if (!inline_is_candidate(fn, graph.is_recursive[fn->id], graph.callers[fn->id])) continue;
        if (returns_once(&leave, fn)) continue;
        pass->changed |= fn_return_once(fn);
    }
}
