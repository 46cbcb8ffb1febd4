/* Copying bodies: the table from values to their copies, kept and reused, so that a pass that
 * copies many small bodies in a large function stays linear. */
#ifndef KC_IR_PASSES_CLONER_H
#define KC_IR_PASSES_CLONER_H

#include "ir/ir.h"

typedef struct Cloner {
    Arena *arena;
    Value **map; /* by value id of the source function; all NULL between copies */
    uint32_t len;
} Cloner;

/* Copies the ops of `body` to the builder's position, its parameters replaced by `args`. The
 * values of a closing YIELD or RETURN, which is not copied, go to `given` (may be NULL). */
void cloner_body(Cloner *cloner, Builder *b, const Region *body, Value *const *args, Value **given);
/* The same for a whole function: its parameters are those of `fn`. */
void cloner_fn_body(Cloner *cloner, Builder *b, const IrFn *fn, Value *const *args, Value **given);

/* ---- Loops over numbers, which leave no values ---- */

/* The loop once more at the builder's position, from `lo` on and up to `hi`. */
Op *loop_copy(Arena *scratch, Builder *b, const Op *loop, Value *lo, Value *hi);
void loop_set_range(Op *loop, Value *lo, Value *hi);
/* Of an op of the body itself, in a copy of the body that begins with `first`. */
Op *op_twin(Op *first, const Op *op);
/* For a loop with the step 1, before it: where the last of its blocks of so many iterations ends, beginning at its first one. */
Value *blocks_end(Builder *b, const Op *loop, int64_t length);

/* Replacement by value id, grown on demand; applied to one region at a time. */
typedef struct Renames {
    Arena *arena;
    Value **map;
    uint32_t len;
} Renames;

void renames_add(Renames *renames, const Value *old, Value *with);
/* What stands for `value` now: chains are followed. */
Value *renames_find(const Renames *renames, Value *value);
/* Rewrites every operand below `region`: one walk. */
void renames_apply(const Renames *renames, Region *region);

#endif
