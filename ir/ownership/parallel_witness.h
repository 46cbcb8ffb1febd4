/* A witness against a parallel loop: two iterations and the element that they share, found by trying small
 * numbers for what the program leaves open. Nothing rests on it but the message. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_WITNESS_H
#define KC_IR_OWNERSHIP_PARALLEL_WITNESS_H

#include "ir/ownership/parallel_access.h"

#define ANY_ELEMENT INT64_MIN

typedef struct WitnessNumber {
    const Index *symbol;
    int64_t number;
} WitnessNumber;

typedef struct Witness {
    const Access *early, *late; /* made by iterations `first` and `second` of the loop's index */
    int64_t first, second;
    Vec(int64_t) element;       /* along the path; ANY_ELEMENT where both take all */
    Vec(WitnessNumber) numbers; /* for what the indices depend on */
} Witness;

bool witness_find(Indices *x, const Access *a, const Access *b, Witness *out);

#endif
