/* What the files of the laps pass share: the loop over laps.
 *
 * laps.c looks for counters that start again; laps_index.c for remainders of the loop's own index; laps_build.c puts
 * two loops in the place of one, for the quiet iterations of a lap and for those behind it. */
#ifndef KC_IR_PASSES_LAPS_H
#define KC_IR_PASSES_LAPS_H

#include "ir/passes/pass.h"

enum { LIMIT_BITS = 61 }; /* counters and bounds beyond may wrap */

/* A lap that is being built in the place of `loop`. */
typedef struct Lap {
    Op *loop, *around;
    Builder b;           /* where it begins */
    Value *place, *from; /* a variable, and its content: the index of its first iteration */
} Lap;

Lap lap_open(Op *loop);
/* The first `count` iterations are those of `quiet`, which stands anywhere; then `more` are those of the loop: more of
 * them where there are few quiet ones. */
void lap_close(Lap *lap, Op *quiet, Value *count, int64_t more);
Value *number_fits(Builder *b, Value *least, Value *most); /* both are within the limit */

/* True: it was dealt with. */
bool loop_divides(PassContext *pass, Op *loop);

#endif
