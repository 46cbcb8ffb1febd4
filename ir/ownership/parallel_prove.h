/* Whether two accesses of a parallel loop can meet in two different iterations.
 *
 * The answer is a proof or nothing: no search, no solver. In some dimension the indices have to be
 * polynomials in what no iteration changes, for which one of three things is shown: they step over each
 * other (stride), one stays below the other (separate ranges), or they differ by what no step can make up
 * for (gcd). What is known of the symbols comes from the bounds of the loops around, from ranges and loops
 * that are not empty, and from `assert`. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_PROVE_H
#define KC_IR_OWNERSHIP_PARALLEL_PROVE_H

#include "ir/ownership/parallel_access.h"
#include "ir/ownership/poly.h"

typedef struct Prover Prover;

/* For one loop, that `x` has entered. */
Prover *prover_create(Indices *x);
bool accesses_are_apart(Prover *prover, const Access *a, const Access *b);

#endif
