/* What the files of the abreast pass share: the accesses of a loop, and what has to stay before what.
 *
 * abreast.c collects the accesses and asks where they meet; abreast_order.c finds an order of the body's
 * ops that suits lanes; abreast_cut.c makes two loops of one. All memory is the pass's scratch. */
#ifndef KC_IR_PASSES_ABREAST_H
#define KC_IR_PASSES_ABREAST_H

#include "ir/analysis/memory.h"
#include "ir/passes/pass.h"

/* A LOAD or STORE below the loop. */
typedef struct LoopAccess {
    Op *op;
    Root root;
    bool writes;
    bool is_exact;   /* `element` says which one */
    Element element;
    uint32_t node;   /* which op of the body it is, or is in */
} LoopAccess;

typedef Vec(LoopAccess) LoopAccessVec;

/* In the body, `first` is done for all lanes before `second`. */
typedef struct Before {
    uint32_t first, second; /* nodes */
    uint64_t distance;      /* so many iterations lie between: no matter to fewer lanes; 0: they are in the same one */
    bool feeds;             /* what `first` stores `second` loads */
} Before;

typedef Vec(Before) BeforeVec;

/* Puts the body's ops into an order that keeps all of that, and of any two as they stand where it may. False:
 * there is none, and nothing was changed. */
bool body_order(PassContext *pass, Region *body, const BeforeVec *wanted);
/* The same where that can be done for any number of lanes; or else for as many as `lanes_most`. 0 there: for any. */
bool body_order_for_lanes(PassContext *pass, Region *body, const BeforeVec *wanted, uint32_t *lanes_most);

/* One access goes up and the other comes down, so that they meet where the iterations' numbers add up to `sum`, which
 * stands outside of the loop. False: they go otherwise. */
bool accesses_cross(const Op *loop, const Element *a, const Element *b, Affine *sum);
/* What one stores the other loads so many iterations later, a number that is known when it runs. False: they go otherwise. */
bool accesses_follow(const Op *loop, const Element *store, const Element *load, Affine *distance);
/* Whether the loop may become two, one after the other. */
bool loop_may_be_cut(const Op *loop);
/* Iterations before half of `sum` end here, or earlier where the loop does; the others begin there. */
typedef struct Halves {
    Value *end, *begin;
} Halves;
Halves halves_build(Op *loop, const Affine *sum);
void loop_cut(PassContext *pass, Op *loop, Halves halves);
/* Where the distance is long enough when it runs, the loop goes in blocks of as many iterations, which are independent. */
void loop_block(PassContext *pass, Op *loop, const Affine *distance);

#endif
