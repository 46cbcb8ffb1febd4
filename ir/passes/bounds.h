/* What the files of the bounds pass share. */
#ifndef KC_IR_PASSES_BOUNDS_H
#define KC_IR_PASSES_BOUNDS_H

#include "ir/analysis/range.h"
#include "ir/analysis/varstate.h"
#include "ir/passes/cloner.h"
#include "ir/passes/pass.h"

/* A check that may move before the loops around it. */
typedef struct Candidate {
    Op *check;
    Op *before;         /* the loop that it can stand before; NULL: none yet */
    bool is_invariant;  /* its operands are the same in every iteration */
    bool is_exact;      /* the index is its form, over the integers */
    Affine least, most; /* the index is between these, mod 2^64, and takes on both (INDEX) */
    Int128 spread;      /* most - least, at most */
    Vec(Op *) loops;    /* those moved out of, inner first */
} Candidate;

/* A loop that the walk is in. */
typedef struct LoopFrame {
    Op *loop;
    struct LoopFrame *outer;
    bool is_left_early; /* by break, continue, return, or something seen from outside */
    Vec(Candidate) candidates;
} LoopFrame;

typedef struct Bounds {
    PassContext *pass;
    IrFn *fn;
    Ranges *ranges;
    VarState vars;
    const Value **floors; /* by id of a variable: it is at least this, in the loop at hand */
    const unsigned *effects;
    LoopFrame *frame; /* innermost */
    Renames renames;  /* of values that turned out to be others */
} Bounds;

/* bounds_prove.c: whether the check always holds here; the reason, in words, or NULL. */
const char *check_proof(Bounds *b, const Op *check);
/* Leaves of the check what can fail, with the same index; false: all of it can. */
bool check_weaken(Bounds *b, Op *check);
/* The value that a MIN, MAX or comparison of integers always gives here, built before it if need
 * be; NULL when it depends. */
Value *op_settled(Bounds *b, Op *op);

/* bounds_vars.c: variables that only grow in a while loop. To be called before its regions are
 * walked. */
void while_floors_find(Bounds *b, const Op *loop);

/* bounds_hoist.c */
void candidate_add(Bounds *b, Op *check);
/* After the walk of a loop's body, its facts gone: moves what can move. */
void frame_finish(Bounds *b, LoopFrame *frame);

#endif
