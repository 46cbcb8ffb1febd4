/* Whether two accesses mean the same element.
 *
 * Affine indices that differ by a number are told apart by it; others by what is known of their symbols where the question is
 * asked: x[i + half] is another than x[i] where half is known not to be 0, and x[j] another than x[i] where j is below i. */
#ifndef KC_IR_ANALYSIS_LIKENESS_H
#define KC_IR_ANALYSIS_LIKENESS_H

#include "ir/analysis/memory.h"
#include "ir/analysis/range.h"

typedef enum Likeness { LIKE_SAME, LIKE_OTHER, LIKE_MAYBE } Likeness;

/* Of elements whose roots may overlap. MAYBE where they number their elements in different ways. */
Likeness elements_compare(Ranges *ranges, const Element *a, const Element *b);

#endif
