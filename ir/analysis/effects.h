/* What a function does besides giving results, summed up over everything it calls.
 *
 * Functions have no state of their own: they reach memory through parameters only. So a call can
 * be merged, moved or dropped according to these bits. Local variables and arrays that a function
 * allocates itself do not count. */
#ifndef KC_IR_ANALYSIS_EFFECTS_H
#define KC_IR_ANALYSIS_EFFECTS_H

#include "ir/ir.h"

enum Effect {
    EFFECT_READS = 1,   /* memory of its parameters */
    EFFECT_WRITES = 2,
    EFFECT_PANICS = 4,  /* a check, or an allocation, may fail */
    EFFECT_PRINTS = 8,
    EFFECT_ENDLESS = 16, /* may not come back: loops without a count, recursion */
    EFFECT_LOOPS = 32,   /* none, but dear: more than a constant amount of work */
    EFFECT_TELLS = 64,   /* sets the text of the thread's error, which is asked for after a failure only */
    EFFECT_ALL = 127,    /* nothing is known */
    EFFECT_UNSEEN = EFFECT_READS | EFFECT_LOOPS /* what nobody misses where the results are not used */
};

/* Effects of the functions that are called, by id, and EFFECT_ALL of all others; in `arena`. */
const unsigned *effects_of_module(Arena *arena, const IrModule *module);
/* Of one op, without what is inside its regions. GET and LOAD read, SET and STORE write. */
unsigned op_effects(const unsigned *effects, const Op *op);

#endif
