/* What the files of the simplify pass share. Each rule looks at one op whose operands are
 * simplified already and gives a value that equals its result, building new ops before it when it
 * must; NULL when it knows nothing better. */
#ifndef KC_IR_PASSES_SIMPLIFY_H
#define KC_IR_PASSES_SIMPLIFY_H

#include "ir/analysis/varstate.h"
#include "ir/passes/cloner.h"
#include "ir/passes/pass.h"

/* simplify_scalar.c: arithmetic, bits, comparisons, selects. */
Value *simplify_scalar(Op *op);
/* simplify_sign.c: a SELECT of a number and its negative by a bit. */
Value *simplify_sign(Op *select);
/* simplify_mask.c: an AND; a comparison of what it gives. */
Value *simplify_mask(Op *op);
Value *simplify_masked_compare(Op *op);
/* simplify_cast.c: conversions and structs. */
Value *simplify_cast(Op *op);
Value *simplify_struct(Op *op);
/* simplify_view.c: sizes, strides, windows. */
Value *simplify_view(Op *op);
/* simplify_control.c: ifs whose way is known, or whose branches are cheap. True when `op` was taken
 * apart; its results are then in `renames`. */
bool simplify_if(Renames *renames, Op *op);
/* What is done when a loop ends by itself stands behind a loop without BREAK. True when it was moved. */
bool simplify_loop(Op *op);
/* forward.c: variables whose content is known become values; those nobody reads go. True on
 * change. */
bool variables_forward(Arena *scratch, IrFn *fn);
/* if_values.c: the variables that an if sets become values that it gives, where that is possible
 * (true). The walk has been through its branches, and knows what variables held before it;
 * afterwards it knows what they hold after it. */
bool if_give_values(VarState *vars, Renames *renames, Op *op);

#endif
