/* noalloc: the second half of the check of @noalloc (ir/ownership/noalloc.h).
 *
 * Requires: ERASED, straight after `erase`, so that what is reported does not depend on -O.
 * Establishes: LEAN, unless it reports errors.
 * Breaks: nothing.
 *
 * Legality: an array expression below @noalloc may not need memory of its own. Whether it does, to-loops says
 * of a copy of the function: of code on which nothing has been improved. What comes later can only need less:
 * passes learn more of what overlaps, an array that is marked is never stored to save work, and a loop
 * counts whether it stands in the expression or in a function that it calls. */
#include "ir/ownership/noalloc.h"

#include "ir/analysis/effects.h"
#include "ir/passes/runs.h"
#include "ir/passes/to_loops.h"

typedef struct Rehearsal {
    PassContext *pass;
    const unsigned *effects;
} Rehearsal;

static void marked_note(void *user, Op *op) {
    bool *found = user;
    *found = *found || (op->kind == OP_MAP && op->attr.flag);
}

static IrFn *fn_copy(Arena *scratch, IrFn *fn) {
    IrFn *copy = arena_new(scratch, IrFn);
    *copy = *fn;
    copy->body = arena_new(scratch, Region);
    copy->body->fn = copy;
    Builder b = builder_at_end(copy->body, fn->span);
    Value **map = arena_array(scratch, Value *, fn->next_value);
    region_clone_into(&b, fn->body, map, fn->next_value, NULL);
    return copy;
}

static MemoryTaken arrays_take_memory(void *user, IrFn *fn) {
    const Rehearsal *r = user;
    bool is_marked = false;
    region_walk(fn->body, marked_note, &is_marked);
    MemoryNeed need = {0};
    if (is_marked) fn_to_loops(r->pass, r->effects, fn_copy(r->pass->scratch, fn), &need);
    if (need.what == NULL) return (MemoryTaken){0};
    const char *deed = arena_printf(r->pass->cx->arena, "%s is computed into memory", need.what);
    return (MemoryTaken){need.span, deed, need.reason};
}

void noalloc_run(PassContext *pass, IrModule *module) {
    if (!noalloc_is_asked(module)) return;
    PassContext silent = *pass;
    silent.remarks = NULL;
    Rehearsal rehearsal = {&silent, effects_of_module(pass->scratch, module)};
    noalloc_check(module, arrays_take_memory, &rehearsal);
}
