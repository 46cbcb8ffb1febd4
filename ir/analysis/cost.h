/* What an iteration of a loop costs, roughly: enough to say how many are worth being given to a thread.
 *
 * The unit is a quarter of a plain operation. What may become vectors counts a quarter as much as what cannot.
 * How often inner loops run is taken from their bounds, at run time where these are known before the loop;
 * where they are not, and for `while`, a guess stands in. */
#ifndef KC_IR_ANALYSIS_COST_H
#define KC_IR_ANALYSIS_COST_H

#include "ir/ir.h"

/* Of one iteration of the loop, at least 1: an i64, worked out at the builder's position, which is before
 * the loop. */
Value *cost_of_iteration(Builder *b, Arena *scratch, const Op *loop);

/* Of a call of the function, which has a body; false: that depends on what is known at run time only. */
bool cost_of_fn(Arena *scratch, const IrFn *fn, int64_t *cost);

#endif
