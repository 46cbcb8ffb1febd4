/* The interpreter's entry: arguments in, results out. interp_machine.h says how it works. */
#include "ir/interp_oracle.h"

#include <stdlib.h>
#include <string.h>

/* A pointer to elements becomes a block of its own. */
static void pass_pointer(Machine *m, const IrParam *param, const InterpArg *arg, uint64_t *words) {
    void *data;
    memcpy(&data, arg->value, sizeof data);
    words[1] = (uint64_t)(uintptr_t)data;
    words[0] = (uint64_t)(uintptr_t)block_add(m, words[1], arg->bytes, param->is_owned);
    if (param->is_owned) m->live_bytes += arg->bytes;
}

/* The caller's arena stays closed to us: one of our own, without an end, stands for it. */
static void pass_arena(Machine *m, uint64_t *words) {
    MachineArena *arena = arena_new(m->arena, MachineArena);
    *arena = (MachineArena){.next = m->arenas, .step = 64, .is_kept = true};
    m->arenas = arena;
    words[0] = (uint64_t)(uintptr_t)arena;
}

static void pass_argument(Machine *m, const IrParam *param, const InterpArg *arg,
                          uint64_t *words) {
    const IrType *type = param->value->type;
    switch (param->kind) {
    case PARAM_ARENA: pass_arena(m, words); return;
    case PARAM_SIZE: case PARAM_SCALAR: case PARAM_STRUCT:
        value_load(m, type, arg->value, words);
        return;
    case PARAM_REF:
        memcpy(words, arg->value, sizeof(void *));
        if (arg->bytes < layout_of(m, type->elem)->bytes)
            machine_fault(m, NULL, "an argument is smaller than its parameter");
        return;
    case PARAM_ARRAY: case PARAM_OUT: pass_pointer(m, param, arg, words); return;
    case PARAM_STRIDED:
        pass_pointer(m, param, arg, words);
        memcpy(words + 2, (const char *)arg->value + sizeof(void *), 16 * (size_t)type->rank);
        return;
    }
}

/* ---- The end --------------------------------------------------------------------------------- */

/* Once the program itself frees everything, what is left is a leak. */
static void find_leaks(Machine *m) {
    bool has_drops = m->oracle != NULL ? m->oracle->has_drops : !m->module->owned_stage;
    uint64_t bytes = 0;
    uint32_t count = 0;
    const Op *first = NULL;
    for (const Block *block = m->blocks; block != NULL; block = block->next) {
        if (!block->is_owned || block->is_freed || block->is_kept || block->arena != NULL) continue;
        bytes += block->bytes;
        count++;
        first = block->op;
    }
    for (const MachineArena *arena = m->arenas; arena != NULL; arena = arena->next) {
        if (arena->is_freed || arena->is_kept) continue;
        count++;
        first = arena->op;
    }
    if (count == 0 || !has_drops) return;
    m->status = INTERP_OK; /* rather than INTERP_RAISED */
    machine_fault(m, first, "memory is never freed");
    m->panic->value_count = 2;
    m->panic->names[0] = "allocations";
    m->panic->values[0] = count;
    m->panic->names[1] = "bytes";
    m->panic->values[1] = (int64_t)bytes;
}

static void machine_close(Machine *m) {
    while (m->depth > 0) frame_pop(m);
    for (Block *block = m->blocks; block != NULL; block = block->next)
        if (block->is_owned && !block->is_freed && !block->is_kept)
            block_release(m, block);
    for (Chunk *chunk = m->chunk, *below; chunk != NULL; chunk = below) {
        below = chunk->below;
        free(chunk);
    }
    free(m->frames);
    arena_destroy(m->arena);
}

InterpStatus ir_interpret(const IrFn *fn, const InterpArg *args, void *results,
                          const InterpHost *host, uint64_t step_limit, InterpPanic *panic) {
    Machine m = {.module = fn->module, .host = host, .panic = panic, .arena = arena_create()};
    m.step_limit = step_limit == 0 ? UINT64_MAX : step_limit;
    m.codes = arena_array(m.arena, const Code *, fn->module->fns.len);
    m.layouts = arena_array(m.arena, Layout, fn->module->types.len);
    Oracle oracle = {.has_drops = host->watch == WATCH_DROPPED};
    if (host->watch != WATCH_NOTHING) m.oracle = &oracle;
    frame_push(&m, fn, NULL, NULL);
    const Frame *frame = machine_frame(&m);
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const IrParam *param = &fn->params.data[i];
        pass_argument(&m, param, &args[i], frame->words + frame->code->slots[param->value->id]);
    }
    machine_run(&m, results);
    if (m.status == INTERP_OK || m.status == INTERP_RAISED) find_leaks(&m);
    machine_close(&m);
    return m.status;
}
