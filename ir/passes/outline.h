/* What a part of a function needs when it becomes a function of its own: in the passes `outline` and `tasks`.
 *
 * A captured value becomes a parameter, or is made again in the new function where that costs nothing: constants
 * and windows, so that what is known of them stays known. All memory is the pass's scratch arena. */
#ifndef KC_IR_PASSES_OUTLINE_H
#define KC_IR_PASSES_OUTLINE_H

#include "ir/analysis/memory.h"
#include "ir/ir.h"

typedef struct Capture {
    Arena *arena;
    const Op *op;       /* it, and all below it, moves */
    const Op *among;    /* what may change a place while the new function runs: `op`, or an op around it */
    IrFn *to;           /* the new function; its parameters are added to */
    Memory memory;      /* of the function that it leaves */
    Builder outside;    /* before `op`: what is passed is worked out here */
    Builder inside;     /* in the new function */
    Vec(Value *) args;  /* for the parameters so far */
    Value **map;        /* by value id of the old function: what stands for it in the new one */
    uint32_t map_len;
    Vec(const Value *) roots; /* of the memory that was passed */
    bool passes_sizes;  /* of windows as numbers: all that is done with them is to pass them on */
    bool hides_origin;  /* some memory reaches the new function in a way that nothing is known of */
} Capture;

/* `f.part1`, the next name of that form that is free; `made` counts. */
Name fn_name_new(const IrFn *fn, Arena *scratch, const char *what, uint32_t *made);

/* The function has its parameters so far, and the builder for its body. */
Capture capture_start(Arena *arena, const Op *op, IrFn *to);
/* All that the op and what is below it use from outside. */
void capture_uses(Capture *c);
/* What stands for one more value. */
Value *capture_value(Capture *c, Value *value);
/* A variable as a place, though all that happens to it there may be a read. */
void capture_place(Capture *c, Value *ref);
/* When all is captured: says of each array whether it overlaps no other. */
void capture_end(Capture *c);

#endif
