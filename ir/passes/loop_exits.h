/* Ways out of a loop before its last iteration: BREAK, RETURN, and RAISE where the handler, if there is one, is
 * outside of the loop. */
#ifndef KC_IR_PASSES_LOOP_EXITS_H
#define KC_IR_PASSES_LOOP_EXITS_H

#include "ir/ir.h"

static inline bool is_loop(const Op *op) { return op->kind == OP_FOR || op->kind == OP_WHILE; }
/* The loop that a BREAK or CONTINUE in `region` belongs to. */
Op *jump_target(const Region *region);
bool is_exit(const Op *loop, const Op *op);
bool region_exits(const Op *loop, const Region *region); /* whoever gets into it leaves the loop */
bool in_exit(const Op *loop, const Op *op);
/* An IF that is there to leave. */
bool if_exits(const Op *loop, const Op *op);

#endif
