#include "codegen/runtime.h"

#include <string.h>

enum { NEW = RT_FLAG_NEW, HEAP = RT_FLAG_HEAP, ENDS = RT_FLAG_ENDS, SCRATCH = RT_FLAG_SCRATCH };

const RuntimeInfo runtime_infos[RT_COUNT] = {
#define RUNTIME(kind, function, signature, flags) {#function, signature, flags},
#include "codegen/runtime.def"
#undef RUNTIME
};

bool symbol_is_runtime(const char *symbol) {
    for (uint32_t kind = 0; kind < RT_COUNT; kind++)
        if (strcmp(runtime_infos[kind].symbol, symbol) == 0) return true;
    return strcmp(symbol, "kc_panic") == 0;
}

const char *runtime_symbol(Arena *arena, const CodegenOptions *options, const char *symbol) {
    KC_CHECK(strncmp(symbol, "kc_", 3) == 0);
    return options->runtime_prefix == NULL ? symbol
                                           : arena_printf(arena, "%s%s", options->runtime_prefix, symbol + 3);
}

static RuntimeKind stat_of(uint32_t index) {
    return index == 0 ? RT_ARENA_USED : index == 1 ? RT_ARENA_PEAK : RT_ARENA_CAPACITY;
}

/* Where the target has no such instruction. */
static uint32_t fma_needs(const Op *op, const Target *target) {
    Scalar scalar = op_result(op)->type->scalar;
    if (target->has_fma || (scalar != SCALAR_F32 && scalar != SCALAR_F64)) return 0;
    return 1u << (scalar == SCALAR_F32 ? RT_FMA_F32 : RT_FMA_F64);
}

static uint32_t runtime_of_call(const Op *op) {
    const IrFn *callee = op->attr.callee;
    const Op *around = op->parent->parent;
    if (around != NULL && around->kind == OP_GRAPH) return 1u << RT_GRAPH_RUN;
    if (callee->is_task) return 1u << RT_TASK_SPAWN;
    return callee->is_range ? 1u << RT_PARALLEL_FOR : 0;
}

static RuntimeKind free_of(const Op *op, ScratchUse use) {
    if (op->operands[0]->type->kind == IR_ARENA) return RT_ARENA_FREE;
    return scratch_has(use, op->parent->fn, op->operands[0]) ? RT_SCRATCH_FREE : RT_FREE;
}

uint32_t runtime_of_op(const Op *op, const Target *target, ScratchUse use) {
    switch ((int)op->kind) {
    case OP_ALLOC: return 1u << (scratch_has(use, op->parent->fn, op_result(op)) ? RT_SCRATCH_ALLOC : RT_ALLOC);
    case OP_FREE: return 1u << free_of(op, use);
    case OP_ARENA: return 1u << RT_ARENA_CREATE;
    case OP_ROOM: return 1u << RT_ARENA_HAS_ROOM;
    case OP_ALLOC_IN: return 1u << RT_ARENA_ALLOC;
    case OP_RESET: return 1u << RT_ARENA_RESET;
    case OP_ARENA_STAT: return 1u << stat_of(op->attr.index);
    case OP_APPEND: return 1u << RT_LIST_APPEND;
    case OP_TAKE: return 1u << RT_LIST_TAKE;
    case OP_FAIL: return 1u << RT_ERROR_SET;
    case OP_CAUGHT: return 1u << RT_ERROR_TEXT | 1u << RT_ERROR_LENGTH;
    case OP_CALL: return runtime_of_call(op);
    case OP_JOIN: return 1u << (op->attr.flag ? RT_TASK_JOIN : RT_TASK_WAIT);
    case OP_PRINT: return 1u << RT_PRINT;
    case OP_FMA: return fma_needs(op, target);
    default: return 0;
    }
}

bool op_may_panic(const Op *op) {
    switch ((int)op->kind) {
    case OP_CHECK:
    case OP_ALLOC:
    case OP_ALLOC_IN:
    case OP_ARENA:
    case OP_APPEND: return true;
    default: return false;
    }
}
