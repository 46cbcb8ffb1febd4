/* Parallel loops whose iterations may fail. An error that leaves an iteration is caught in it: the handler sets a
 * flag and breaks, and behind the loop an error is raised again if the flag is set (ir/lower/lower_parallel.c). In
 * order, that is what an error does in any loop. On several threads, what stops is the loop's own affair, and the
 * first error by iterations is the one that counts. */
#ifndef KC_IR_FAILURE_H
#define KC_IR_FAILURE_H

#include "ir/ir.h"

/* The TRY whose handler takes what is raised in the region; NULL: the function fails. */
Op *try_around(const Region *region);
/* The rest of a region, from an op on, moves into a TRY in its place, which has no handler yet. */
Op *try_from(Op *first, Span span);
/* Sets the flag and leaves the loop. */
void failure_build(Builder *b, Value *flag);
/* The BREAK with which a failed iteration leaves the loop, or NULL; before it stands the SET of the flag. */
Op *loop_failure(const Op *loop);
static inline Value *failure_flag(const Op *failure) { return failure->prev->operands[0]; }

#endif
