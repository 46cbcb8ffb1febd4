/* What each variable holds, kept up to date along a walk over the tree in order.
 *
 * Inside a branch the knowledge from before is good; what a branch or a loop sets is unknown
 * after it, and what a loop sets is unknown inside it as well, because of the iterations before.
 * The walker calls these functions as it passes; variables that a call may set are not tracked. */
#ifndef KC_IR_ANALYSIS_VARSTATE_H
#define KC_IR_ANALYSIS_VARSTATE_H

#include "ir/analysis/memory.h"

typedef struct VarUndo {
    const Value *ref;
    Value *content;
} VarUndo;

typedef struct VarState {
    Arena *arena;
    Memory memory;
    Value **content; /* by id of the reference; NULL: unknown */
    Vec(VarUndo) undos;
} VarState;

VarState varstate_create(Arena *arena, const IrFn *fn);
/* NULL when the variable is not tracked. */
const VarFacts *varstate_facts(const VarState *state, const Value *ref);
/* The value in the variable now, or NULL. */
Value *varstate_content(const VarState *state, const Value *ref);
void varstate_set(VarState *state, const Value *ref, Value *value);
/* Everything that is set below `op` is unknown from here on. */
void varstate_forget(VarState *state, const Op *op);
/* A region starts at a mark, and is left by going back to it. */
uint32_t varstate_mark(const VarState *state);
void varstate_restore(VarState *state, uint32_t mark);

#endif
