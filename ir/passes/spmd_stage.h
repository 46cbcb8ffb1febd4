/* What the files that build the loops around a widened body share: spmd_stage.c, spmd_lead.c and spmd_far.c. */
#ifndef KC_IR_PASSES_SPMD_STAGE_H
#define KC_IR_PASSES_SPMD_STAGE_H

#include "ir/passes/spmd.h"

/* Iterations are counted from 0 where the source counts otherwise than up by one. */
typedef struct Counting {
    Value *lo, *hi;   /* of the counter */
    Value *first;     /* of the source's index */
    int64_t step;
    bool forward;     /* lo <= hi, surely */
} Counting;

/* What the copies of a loop have in common. */
typedef struct Ahead {
    bool narrows;
    ValueVec bounded;
    Builder before;
} Ahead;

/* A loop, or two that follow each other. */
typedef struct Stage {
    uint32_t lanes, next_lanes; /* of the next stage, 0: there is none */
    bool runs;                  /* there is a whole vector */
    bool once;                  /* there is one at most */
    bool masked_tail;
    Value **passed;
} Stage;

/* Where it ended, and the lanes of accumulators that are passed on. */
typedef struct Handed {
    const IrType **types;
    Value **values;
    uint32_t count;
} Handed;

/* ---- spmd_stage.c --------------------------------------------------------------------------- */

Widen widen_of(const SpmdLoop *l, Ahead *ahead, Stage plan);
/* At the builder's place, of lanes from `index` on; `mask` may be NULL. */
void body_widen(Widen *w, Builder at, Value *index, Value *mask);
/* The first `count` lanes, of an i64 that is not larger than they are many. */
Value *first_lanes(Widen *w, Builder *b, Value *count);
/* Iterations from `from` on, fewer than there are lanes, or none. */
void rest_under_mask(Widen *w, Builder *b, const Counting *c, Value *from, Value *hi);
/* Where the last whole vector ends, at `from` if there is none. It is counted from the first iteration of all, as each loop
 * before did a multiple of these lanes: so nobody waits for where that ended. */
Value *whole_end(Widen *w, Builder *b, const Counting *c, Value *from, Value *hi);
/* As far as vectors go; gives where the loop of the source goes on, which is its end after a masked rest. */
Value *stages_plain(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan);
/* What `before` left over, by fewer lanes. */
Value *narrower_stage(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage before);

/* What a loop hands on to the next: the loop itself, or accumulators that begin there. */
Handed handed_of(const SpmdLoop *l, Stage plan);
void stage_hand_on(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage plan);
void starts_hand_on(const SpmdLoop *l, Builder *b, Value *from, Stage plan);

/* ---- spmd_lead.c: that of a loop which leads ------------------------------------------------- */

Value *stages_leading(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan);

/* ---- spmd_far.c: that, or the loop for what lies in the caches --------------------------------- */

void far_hand_on(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, Value *from, Stage plan, LanePlan lanes);

#endif
