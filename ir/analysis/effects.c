#include "ir/analysis/effects.h"

#include "ir/analysis/callgraph.h"
#include "ir/analysis/memory.h"

typedef struct Summary {
    const unsigned *effects;
    Memory memory;
    unsigned found;
} Summary;

unsigned op_effects(const unsigned *effects, const Op *op) {
    if (op->kind == OP_CALL) return effects[op->attr.callee->id];
    if (op->kind == OP_CHECK) return EFFECT_PANICS;
    if (op->kind == OP_ALLOC || op->kind == OP_ARENA) return EFFECT_PANICS;
    if (op->kind == OP_ALLOC_IN || op->kind == OP_APPEND || op->kind == OP_TAKE)
        return EFFECT_PANICS | EFFECT_READS | EFFECT_WRITES;
    if (op->kind == OP_JOIN) return EFFECT_PANICS | EFFECT_READS | EFFECT_WRITES;
    if (op->kind == OP_PRINT) return EFFECT_PRINTS | EFFECT_READS;
    if (op->kind == OP_WHILE) return EFFECT_ENDLESS | EFFECT_LOOPS;
    unsigned flags = op_info(op)->flags, found = 0;
    bool is_loop = op->kind == OP_FOR || op->kind == OP_REDUCE || op->kind == OP_SCAN || op->kind == OP_ASSIGN;
    if (is_loop) found |= EFFECT_LOOPS;
    if (flags & OP_FLAG_READS) found |= EFFECT_READS;
    if (flags & OP_FLAG_WRITES) found |= EFFECT_WRITES;
    return found;
}

/* Reads and writes of what the function made itself are nobody else's business. */
static bool is_local(const Memory *memory, const Op *op) {
    if (op->operand_count == 0) return false;
    const Value *place = op->operands[0];
    if (op->kind == OP_GET || op->kind == OP_SET) {
        const Value *base = ref_base(place);
        return base->def != NULL && base->def->kind == OP_VAR;
    }
    if (place->type->kind == IR_REF) return false;
    if (op_is_space(op) || op->kind == OP_ELEM) return true;
    return op->kind != OP_CALL && memory_root(memory, place).kind == ROOT_ALLOC;
}

static void op_sum(void *user, Op *op) {
    Summary *summary = user;
    unsigned found = op->kind == OP_FAIL ? EFFECT_TELLS : op_effects(summary->effects, op);
    unsigned moves = EFFECT_READS | EFFECT_WRITES;
    if ((found & moves) && is_local(&summary->memory, op)) found &= ~moves;
    summary->found |= found;
}

static unsigned fn_effects(Arena *arena, const unsigned *effects, IrFn *fn) {
    Summary summary = {effects, memory_of(arena, fn), 0};
    region_walk(fn->body, op_sum, &summary);
    return summary.found;
}

const unsigned *effects_of_module(Arena *arena, const IrModule *module) {
    unsigned *effects = arena_array(arena, unsigned, module->fns.len);
    CallGraph graph = callgraph_of(arena, module);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        bool is_known = fn->body != NULL && !graph.is_recursive[i] && graph.callers[i] > 0;
        if (!is_known) effects[i] = fn->body == NULL && fn->is_pure ? 0 : EFFECT_ALL;
    }
    for (uint32_t i = 0; i < graph.count; i++) {
        IrFn *fn = graph.bottom_up[i];
        if (!graph.is_recursive[fn->id] && graph.callers[fn->id] > 0)
            effects[fn->id] = fn_effects(arena, effects, fn);
    }
    return effects;
}
