#include "ir/analysis/scratch.h"

#include "ir/analysis/callgraph.h"
#include "ir/analysis/local.h"

/* ---- Functions that run inside of parallel loops --------------------------------------------- */

typedef struct Callers {
    bool *inside; /* by function id: no caller is elsewhere, as far as was seen */
    const IrFn *fn;
} Callers;

static void callee_note(void *user, Op *op) {
    Callers *callers = user;
    if (op->kind == OP_CALL && !callers->inside[callers->fn->id] && !op->attr.callee->is_range)
        callers->inside[op->attr.callee->id] = false;
}

/* Callers come before callees. Functions that call each other in a circle count as elsewhere. */
static const bool *fns_inside(Arena *arena, const IrModule *module) {
    CallGraph graph = callgraph_of(arena, module);
    Callers callers = {.inside = arena_array(arena, bool, module->fns.len)};
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        bool is_called = graph.callers[fn->id] > 0 && !graph.is_recursive[fn->id];
        callers.inside[fn->id] = fn->is_range || (is_called && !fn->is_exported && !fn->is_main);
    }
    for (uint32_t i = graph.count; i-- > 0;) {
        callers.fn = graph.bottom_up[i];
        region_walk(callers.fn->body, callee_note, &callers);
    }
    return callers.inside;
}

/* ---- Memory that goes nowhere ---------------------------------------------------------------- */

typedef struct Track {
    const Value **origin; /* by value id: the memory that it is, or looks into */
    bool *goes;           /* by value id of memory: to somebody else */
    bool *is_freed;       /* likewise: in this function */
    bool found;
} Track;

/* What reads or writes elements, or asks for sizes. */
static bool is_access(const Op *op, uint32_t operand) {
    switch ((int)op->kind) {
    case OP_LOAD: case OP_STORE: case OP_VLOAD: case OP_VSTORE: case OP_GATHER: case OP_SCATTER: case OP_PACK:
    case OP_LEAD: case OP_PREFETCH: case OP_DIM: case OP_STRIDE: case OP_GET: case OP_SET: return operand == 0;
    case OP_APART: case OP_PRINT: return true;
    default: return false;
    }
}

static bool is_window(const Op *op) {
    switch ((int)op->kind) {
    case OP_SLICE: case OP_BUF: case OP_CELLS: case OP_VIEW: case OP_STRIDED: case OP_ITEM: case OP_FIELD:
        return true;
    default: return false;
    }
}

static bool is_lent(const Op *op, uint32_t operand) {
    return op->kind == OP_CALL && operand < op->attr.callee->params.len &&
           !op->attr.callee->params.data[operand].is_owned;
}

static void use_note(Track *track, const Op *op, uint32_t operand, const Value *memory) {
    if (op->kind == OP_FREE && op->operands[0] == memory) {
        track->is_freed[memory->id] = true;
    } else if (is_window(op)) {
        track->origin[op_result(op)->id] = memory;
    } else if (!is_access(op, operand) && !is_lent(op, operand)) {
        track->goes[memory->id] = true;
    }
}

static void op_note(void *user, Op *op) {
    Track *track = user;
    if (op->kind == OP_ALLOC && !alloc_is_local(op)) {
        track->origin[op_result(op)->id] = op_result(op);
        track->found = true;
    }
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *memory = track->origin[op->operands[i]->id];
        if (memory != NULL) use_note(track, op, i, memory);
    }
}

static const bool *values_of(Arena *arena, const IrFn *fn) {
    Track track = {.origin = arena_array(arena, const Value *, fn->next_value),
                   .goes = arena_array(arena, bool, fn->next_value),
                   .is_freed = arena_array(arena, bool, fn->next_value)};
    region_walk(fn->body, op_note, &track);
    if (!track.found) return NULL;
    for (uint32_t id = 0; id < fn->next_value; id++)
        track.is_freed[id] = track.is_freed[id] && !track.goes[id];
    return track.is_freed;
}

static bool has_parallel_loops(const IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->is_range) return true;
    return false;
}

ScratchUse scratch_use_of(Arena *arena, const IrModule *module) {
    const bool **values = arena_array(arena, const bool *, module->fns.len);
    if (!has_parallel_loops(module)) return (ScratchUse){values};
    const bool *inside = fns_inside(arena, module);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        if (fn->body != NULL && inside[fn->id]) values[fn->id] = values_of(arena, fn);
    }
    return (ScratchUse){values};
}
