/* What the iterations of a parallel loop read and write: every access to memory that they share, as a path
 * from a captured variable through fields and indices.
 *
 * A range of elements is one index more: `t.slice_mut(a, b)` passed on is the element `a + e`, with e a
 * step from 0 to b - a. So an access names one element for each choice of its steps. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_ACCESS_H
#define KC_IR_OWNERSHIP_PARALLEL_ACCESS_H

#include "ir/ownership/parallel_index.h"

typedef struct PathStep {
    bool is_field;
    bool opens;       /* the first index of its array: `[` stands before it */
    uint32_t field;   /* is_field */
    const IrType *in; /* is_field: the struct */
    const Index *at;  /* an index; NULL: any, all of this dimension */
} PathStep;

typedef Vec(PathStep) Path;
typedef Vec(const Index *) IndexVec;

/* A condition that holds where an access is made. */
typedef struct Guard {
    const Index *condition;
    bool holds;
} Guard;

typedef struct Access {
    const Value *root; /* a variable, a parameter, or whatever else the memory was found through */
    Path path;
    const Op *op;     /* where it is made */
    const IrArg *arg; /* of a CALL: the parameter, otherwise NULL */
    bool is_write;
    bool may_be_elsewhere; /* a view that may look here or elsewhere: an example would prove nothing */
    IndexVec steps;      /* of the loops around, outermost first, and of ranges */
    uint32_t loop_count; /* how many of them are loops */
    Vec(Guard) guards;
} Access;

typedef Vec(const Access *) AccessVec;

/* What holds wherever x->loop runs: asserts before it, and the bounds of the loops around. */
void conditions_around(Indices *x, IndexVec *out);
/* All accesses of x->loop to memory from outside of it that the user has not taken responsibility for. */
void accesses_collect(Indices *x, AccessVec *out);

#endif
