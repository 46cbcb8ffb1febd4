/* Loops whose iterations may run at the same time (`parallel for`, `simd for`, `parallelize`): what they
 * may not do, and whether they stay out of each other's way.
 *
 * Two steps, since a value that is moved or an arena that is shared is better explained here than by the
 * rules for loops in general, while elements are only worth comparing where the views are in order. Both
 * report into the module's context and return true when there was nothing to report; functions without
 * such a loop cost one walk. Memory is the caller's arena. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_H
#define KC_IR_OWNERSHIP_PARALLEL_H

#include "ir/ir.h"

/* K0373 to K0377. Before moves and loans; where it finds something, they need not look at the function. */
bool parallel_check_shared(Arena *arena, IrFn *fn);
/* K0371, K0372. After moves and loans, in functions where they found nothing. */
bool parallel_check_elements(Arena *arena, IrFn *fn);
/* Plain loops for which the same proof succeeds are marked `independent`; nothing is reported. What they
 * do with variables is not looked at. In functions that keep the rules. */
void parallel_mark_independent(Arena *arena, IrFn *fn);

#endif
