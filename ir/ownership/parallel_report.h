/* The words for what goes wrong between the iterations of a parallel loop. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_REPORT_H
#define KC_IR_OWNERSHIP_PARALLEL_REPORT_H

#include "ir/ownership/parallel_witness.h"

/* The source at a span, "" where there is none. */
const char *parallel_source(const Context *cx, Arena *arena, Span span);
/* `p.a`, as the source spells a place; "this value" for what has no name. */
const char *parallel_place(const Context *cx, Arena *arena, const Value *ref);
/* What the source says of the variable; NULL when it is none. */
const IrVar *parallel_var(const Value *root);

/* How `reduce` writes an operation that it knows, or NULL. */
const char *reduce_sign(OpKind kind);
/* K0373 to K0377, in one loop. True when there was nothing to report. */
bool parallel_loop_check_shared(Arena *arena, IrFn *fn, const Op *loop);
/* K0371 */
void report_race(Context *cx, const Indices *x, const Witness *witness);
/* K0372: two accesses, one of them a write, that were not found apart. */
void report_unknown(Context *cx, const Indices *x, const Access *a, const Access *b);

#endif
