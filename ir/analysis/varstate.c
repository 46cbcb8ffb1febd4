#include "ir/analysis/varstate.h"

VarState varstate_create(Arena *arena, const IrFn *fn) {
    VarState state = {.arena = arena, .memory = memory_of(arena, fn)};
    state.content = arena_array(arena, Value *, fn->next_value);
    return state;
}

const VarFacts *varstate_facts(const VarState *state, const Value *ref) {
    const VarFacts *facts = memory_var(&state->memory, ref);
    return facts != NULL && !facts->escapes ? facts : NULL;
}

Value *varstate_content(const VarState *state, const Value *ref) {
    return varstate_facts(state, ref) != NULL ? state->content[ref->id] : NULL;
}

void varstate_set(VarState *state, const Value *ref, Value *value) {
    if (varstate_facts(state, ref) == NULL) return;
    VarUndo undo = {ref, state->content[ref->id]};
    vec_push(state->arena, &state->undos, undo);
    state->content[ref->id] = value;
}

static void set_forget(void *user, Op *op) {
    if (op->kind == OP_SET) varstate_set(user, op->operands[0], NULL);
}

void varstate_forget(VarState *state, const Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++)
        region_walk(op->regions[i], set_forget, state);
}

uint32_t varstate_mark(const VarState *state) {
    return state->undos.len;
}

void varstate_restore(VarState *state, uint32_t mark) {
    while (state->undos.len > mark) {
        VarUndo undo = vec_pop(&state->undos);
        state->content[undo.ref->id] = undo.content;
    }
}
