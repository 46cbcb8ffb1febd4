#include "ir/ownership/check.h"

#include "ir/ownership/parallel.h"

bool check_blame(Check *ck, uint32_t place) {
    uint32_t root = place_root(ck->flow->graph, place);
    if (ck->blamed[root]) return false;
    ck->blamed[root] = true;
    return true;
}

Diag *check_error(Check *ck, DiagCode code, Span span, const char *format, ...) {
    ck->has_errors = true;
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(ck->arena, format, args);
    va_end(args);
    return diag_add(ck->cx, code, span, "%s", text);
}

static bool check_fn(IrFn *fn, const OwnershipOptions *options) {
    Arena *arena = arena_create();
    Check ck = {.cx = fn->module->cx, .arena = arena, .fn = fn, .options = options};
    if (!parallel_check_shared(arena, fn)) {
        arena_destroy(arena);
        return false;
    }
    ck.flow = flow_analyse(arena, fn);
    ck.blamed = arena_array(arena, bool, ck.flow->graph->places.len);
    check_moves(&ck);
    check_loans(&ck);
    check_ends(&ck);
    if (!ck.has_errors) check_joins(&ck);
    if (!ck.has_errors) check_implicit(&ck);
    if (!ck.has_errors) ck.has_errors = !parallel_check_elements(arena, fn);
    arena_destroy(arena);
    return !ck.has_errors;
}

bool ownership_check(IrModule *module, const OwnershipOptions *options) {
    bool ok = true;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body != NULL && !check_fn(fn, options)) ok = false;
    }
    return ok;
}
