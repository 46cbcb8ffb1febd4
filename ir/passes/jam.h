/* What the files of the jam pass share.
 *
 * Several iterations of a loop are done at a time, side by side in the loops inside of it ("unroll and jam": Allen and
 * Cocke, "A catalogue of optimizing transformations", 1972; Callahan, Carr and Kennedy, "Improving register allocation
 * for subscripted variables", 1990):
 *
 *   jam.c        which nests, and the record
 *   jam_legal.c  whether iterations may be done so
 *   jam_plan.c   how many of them
 *   jam_apply.c  the new loops
 *
 * All memory is the pass's scratch. */
#ifndef KC_IR_PASSES_JAM_H
#define KC_IR_PASSES_JAM_H

#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"
#include "ir/passes/pass.h"

typedef struct Jam {
    PassContext *pass;
    Memory memory;
    Intervals intervals;
} Jam;

typedef struct JamAccess {
    const Op *op;
    const Op *loop; /* around it, the next */
    bool writes;
    bool is_exact;  /* `element` is known */
    Root root;
    Element element;
} JamAccess;

typedef Vec(JamAccess) JamAccessVec;

enum { JAM_LOOPS = 2 };

/* An innermost loop, and loops around it whose iterations may be done side by side in it, from the inside outwards. */
typedef struct JamNest {
    Jam *jam;
    Op *inner;
    Op *loops[JAM_LOOPS];
    uint32_t loop_count;
    JamAccessVec accesses; /* of the innermost loop, in order */
} JamNest;

static inline Value *loop_index(const Op *loop) { return loop->regions[0]->params[0]; }

/* jam_legal.c */
JamAccessVec jam_accesses(Jam *jam, Op *loop);
bool is_jammable(Jam *jam, Op *loop, const Op *inner);

/* jam_plan.c: iterations of each loop at a time, 1 for none; accesses to memory for an iteration of the innermost loop,
 * in tenths, before and after. */
typedef struct JamPlan {
    uint32_t copies[JAM_LOOPS];
    uint32_t before, after;
    bool joins; /* only for the sake of sums that are combined at once */
} JamPlan;
/* False: the nest stays. */
bool jam_plan(const JamNest *nest, JamPlan *plan);

/* jam_apply.c: the loop, of which `copies` iterations are done at a time; what is left over stays with `loop`. */
void jam_apply(Jam *jam, Op *loop, uint32_t copies);

#endif
