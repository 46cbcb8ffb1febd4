/* Temporary memory of parallel loops. What an iteration allocates and frees itself can come from memory that its
 * thread keeps for that (kc_scratch_alloc of libkcrt), instead of the heap, which all threads share. */
#ifndef KC_IR_ANALYSIS_SCRATCH_H
#define KC_IR_ANALYSIS_SCRATCH_H

#include "ir/ir.h"

typedef struct ScratchUse {
    const bool *const *values; /* by function id, then by value id; NULL: none in that function */
} ScratchUse;

/* Of a module whose loops are outlined; in `arena`. An ALLOC is meant if it stands in a function of a range, or in
 * one that only such functions call, if it is freed there, and if its memory goes nowhere else. What is owned ends
 * once on each path, and no value is used outside of its region: so each region gives back what it took. */
ScratchUse scratch_use_of(Arena *arena, const IrModule *module);

/* Whether the value is the memory of such an ALLOC. */
static inline bool scratch_has(ScratchUse use, const IrFn *fn, const Value *value) {
    return use.values[fn->id] != NULL && use.values[fn->id][value->id];
}

#endif
