/* What knows numbers only, on SIMD values: a loop over the lanes, which the pass `lanes` turns into vectors. Numbers are
 * the same in all lanes. */
#ifndef KC_IR_LOWER_LANES_H
#define KC_IR_LOWER_LANES_H

#include "ir/lower/lower_internal.h"

/* The loop under way, while code is made for one lane. */
typedef struct LaneLoop {
    const IrType *type;
    Value *result, *lane;
    Builder outside;
} LaneLoop;

/* A SIMD value of that type, made lane by lane: between these two, code is that of one lane. */
LaneLoop lane_loop_open(FnLower *f, const IrType *type);
Value *lane_loop_close(FnLower *f, const LaneLoop *loop, Value *value);
/* This lane's part of a value that comes from outside. */
Value *lane_loop_take(FnLower *f, const LaneLoop *loop, Value *value);

/* Calls a function of numbers with numbers, or with SIMD values in place of some. */
Value *lower_number_call(FnLower *f, const FnSymbol *symbol, Value *const *values, uint32_t count);

#endif
