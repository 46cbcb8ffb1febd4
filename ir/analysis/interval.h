/* Intervals: what an integer value can be at most and at least, from the way it is computed
 * alone.
 *
 * Sizes are taken to be between 0 and 2^48: no machine addresses more, and an array of that many
 * elements of one byte cannot exist. A size parameter beyond that is refused by nobody, but
 * belongs to no memory that a caller could have. */
#ifndef KC_IR_ANALYSIS_INTERVAL_H
#define KC_IR_ANALYSIS_INTERVAL_H

#include "ir/analysis/affine.h"

typedef struct Interval {
    Int128 lo, hi; /* both included */
} Interval;

#define SIZE_LIMIT ((Int128)1 << 48)

/* Answers are kept; the function's values must not change while the table is in use (new ones may
 * come). */
typedef struct Intervals {
    Arena *arena;
    const IrFn *fn;
    uint32_t len;
    Interval *known; /* by value id; lo > hi: not asked yet */
} Intervals;

Intervals intervals_of(Arena *arena, const IrFn *fn);
Interval interval_of_type(Scalar scalar);
/* Of an integer or bool value; of a vector, what each lane can be. */
Interval interval_of(Intervals *intervals, const Value *value);
/* Of a form, as an integer that does not wrap. False when it is beyond 127 bits. */
bool interval_of_form(Intervals *intervals, const Affine *form, Interval *interval);

#endif
