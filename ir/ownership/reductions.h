/* The order in which declared reductions combine: inside ir/ownership. */
#ifndef KC_IR_OWNERSHIP_REDUCTIONS_H
#define KC_IR_OWNERSHIP_REDUCTIONS_H

#include "ir/ir.h"

/* Parallel loops that reduce get an accumulator for each chunk of iterations: chunks.c. */
void loops_divide(Arena *arena, IrFn *fn);

#endif
