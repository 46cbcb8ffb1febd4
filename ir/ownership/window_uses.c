#include "ir/ownership/window_uses.h"

static bool same_indices(const Op *a, const Op *b) {
    uint32_t from_a = a->kind == OP_STORE ? 2 : 1, from_b = b->kind == OP_STORE ? 2 : 1;
    if (a->operand_count - from_a != b->operand_count - from_b) return false;
    for (uint32_t i = 0; from_a + i < a->operand_count; i++) {
        if (a->operands[from_a + i] != b->operands[from_b + i]) return false;
    }
    return true;
}

static bool picks_element(const Op *op) { return op->kind == OP_LOAD || op->kind == OP_STORE; }

static void narrowed_by(WindowUse *use, Op *op) {
    use->is_touched = true;
    if (use->is_several) return;
    if (use->narrow != NULL &&
        !(picks_element(use->narrow) && picks_element(op) && same_indices(use->narrow, op))) {
        use->narrow = NULL;
        use->is_several = true;
        return;
    }
    use->narrow = op;
}

static void used_whole(WindowUse *use) {
    use->is_touched = true;
    use->is_several = true;
    use->narrow = NULL;
}

/* What is done with a window made from this one is done with this one. */
static void inherit(WindowUse *use, const WindowUse *from) {
    use->is_written = use->is_written || from->is_written;
    if (from->call != NULL) use->call = from->call;
}

static void taken_by_call(WindowUse *use, Op *call, uint32_t operand) {
    const IrFn *callee = call->attr.callee;
    used_whole(use);
    use->call = call;
    for (uint32_t i = 0; i < callee->args.len; i++) {
        const IrArg *arg = &callee->args.data[i];
        if (operand < arg->first || operand >= arg->first + arg->count) continue;
        if (arg->convention != ARG_BORROWED || arg->is_mutable) use->is_written = true;
    }
}

static void use_operand(WindowUse *uses, Op *op, uint32_t i) {
    WindowUse *use = &uses[op->operands[i]->id];
    const WindowUse *result = op->result_count > 0 ? &uses[op->results[0]->id] : NULL;
    switch ((int)op->kind) {
    case OP_DIM:
    case OP_STRIDE:
    case OP_CHECK: break;
    case OP_SLICE:
    case OP_ITEM:
    case OP_FIELD:
        if (i > 0 || !result->is_touched) break;
        narrowed_by(use, op);
        inherit(use, result);
        break;
    case OP_LEND:
        if (!result->is_touched) break;
        used_whole(use);
        inherit(use, result);
        use->is_written = use->is_written || op->attr.flag;
        break;
    case OP_VIEW:
    case OP_STRIDED:
    case OP_BUF:
    case OP_SELECT:
        if (!result->is_touched) break;
        used_whole(use);
        inherit(use, result);
        break;
    case OP_LOAD:
        if (i == 0) narrowed_by(use, op);
        break;
    case OP_STORE:
        if (i == 0) {
            narrowed_by(use, op);
            use->is_written = true;
        }
        break;
    case OP_PREFETCH: break;
    case OP_VSTORE:
    case OP_SCATTER:
    case OP_PACK:
    case OP_ASSIGN:
    case OP_SET:
        used_whole(use);
        if (i == 0) use->is_written = true;
        break;
    case OP_CALL: taken_by_call(use, op, i); break;
    default: used_whole(use); break;
    }
}

/* Backward: uses stand after definitions, so whoever uses a result is known by then. */
static void region_back(WindowUse *uses, const Region *region) {
    for (Op *op = region->last; op != NULL; op = op->prev) {
        for (uint32_t r = op->region_count; r-- > 0;) region_back(uses, op->regions[r]);
        for (uint32_t i = 0; i < op->operand_count; i++) use_operand(uses, op, i);
    }
}

WindowUse *window_uses_find(Arena *arena, const IrFn *fn) {
    WindowUse *uses = arena_array(arena, WindowUse, fn->next_value);
    region_back(uses, fn->body);
    return uses;
}
