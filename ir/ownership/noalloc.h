/* @noalloc: a promise that a function, and whatever it calls, takes no memory from the system. Checked twice:
 * on stage OWNED, where copies and allocations are still what the source says, and on stage TENSOR for arrays
 * that have to be computed into memory before they are stored (ir/passes/noalloc_arrays.c). Neither depends on
 * -O or on the target. */
#ifndef KC_IR_OWNERSHIP_NOALLOC_H
#define KC_IR_OWNERSHIP_NOALLOC_H

#include "ir/ir.h"

/* Where a function itself takes memory. */
typedef struct MemoryTaken {
    Span span;
    const char *deed;   /* in the user's words: "a copy is made". NULL: it takes none */
    const char *reason; /* why it has to; may be NULL */
} MemoryTaken;

typedef MemoryTaken (*MemoryJudge)(void *user, IrFn *fn);

bool noalloc_is_asked(const IrModule *module);
/* Reports K0385 for each @noalloc function that takes memory: where, and through which calls. */
void noalloc_check(IrModule *module, MemoryJudge judge, void *user);
/* The judge for stage OWNED. `user` is the module. */
MemoryTaken source_takes_memory(void *user, IrFn *fn);
/* Marks the arrays in functions below @noalloc, so that no later pass stores them to save work. */
void noalloc_mark(IrModule *module);

#endif
