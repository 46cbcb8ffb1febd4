/* What the passes on parallel loops share: how often a loop runs, and how many iterations are worth a task. */
#ifndef KC_IR_ANALYSIS_GRAIN_H
#define KC_IR_ANALYSIS_GRAIN_H

#include "ir/ir.h"

/* What a task should cost at least, in the units of cost.h: some microseconds. */
enum { TASK_COST = 1 << 15 };

/* It stays on one thread. */
void loop_keep_whole(Op *loop);
bool loop_rises_by_1(const Op *loop);
/* ceil((hi - lo) / step), and never less than 0: an i64 at the builder's position, which is before the loop. */
Value *loop_trips(Builder *b, const Op *loop);
/* How many iterations are worth a task, at least 1: what the user says, or by what one costs. */
Value *loop_grain(Builder *b, Arena *scratch, const Op *loop);

#endif
