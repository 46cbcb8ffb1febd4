/* Memory of a few elements that a function keeps to itself: it need not come from the heap. */
#ifndef KC_IR_ANALYSIS_LOCAL_H
#define KC_IR_ANALYSIS_LOCAL_H

#include "ir/ir.h"

/* Whether the op is an ALLOC of a small constant size whose memory is reached only by this function, and by the
 * threads that work for it until it goes on. */
bool alloc_is_local(const Op *op);

/* Or one that lanes of vectors have for an iteration each: code generation keeps it on the stack, or in registers. */
bool alloc_is_of_lanes(const Op *op);

#endif
