/* Where the accesses of two loops meet, or those of one loop with themselves: how many iterations later the
 * second is at the element where the first was.
 *
 * The distance comes from affine forms: where two accesses meet in a dimension, s * i + c = s * k + d, the
 * iterations lie (c - d) / s apart, i and k counting from the first iteration on. Values that stand outside
 * of both loops are the same number in both forms; what a loop makes inside says nothing. */
#ifndef KC_IR_ANALYSIS_MEET_H
#define KC_IR_ANALYSIS_MEET_H

#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"

/* Loops over the same number of iterations, with the same step, which is a number and not 0. */
typedef struct Meet {
    Intervals *intervals;
    const Op *loop[2];
    int64_t step;
} Meet;

typedef struct Meeting {
    bool is_never;
    bool is_known;    /* they meet `distance` iterations apart: the second so much later */
    int64_t distance;
} Meeting;

Meet meet_of(Intervals *intervals, const Op *first, const Op *second);
/* Of elements whose bases are equal. */
Meeting elements_meet(const Meet *meet, const Element *a, const Element *b);

#endif
