#include "ir/analysis/cost.h"
#include "ir/analysis/grain.h"

void loop_keep_whole(Op *loop) {
    loop->attr.loop.is_parallel = false;
    loop->operand_count = 3;
}

bool loop_rises_by_1(const Op *loop) {
    int64_t step;
    return value_is_int(loop->operands[2], &step) && step == 1;
}

Value *loop_trips(Builder *b, const Op *loop) {
    Value *lo = loop->operands[0], *hi = loop->operands[1], *step = loop->operands[2];
    Value *zero = build_i64(b, 0), *one = build_i64(b, 1);
    if (loop_rises_by_1(loop))
        return build_binary(b, OP_MAX, build_binary(b, OP_SUB, hi, lo), zero);
    Value *rises = build_binary(b, OP_GT, step, zero);
    Value *distance = build_select(b, rises, build_binary(b, OP_SUB, hi, lo),
                                   build_binary(b, OP_SUB, lo, hi));
    Value *last = build_binary(b, OP_SUB, distance, one);
    Value *whole = build_binary(b, OP_FLOORDIV, last, build_unary(b, OP_ABS, step));
    return build_binary(b, OP_MAX, build_binary(b, OP_ADD, whole, one), zero);
}

Value *loop_grain(Builder *b, Arena *scratch, const Op *loop) {
    if (loop->operand_count == 4) return build_binary(b, OP_MAX, loop->operands[3], build_i64(b, 1));
    Value *cost = cost_of_iteration(b, scratch, loop);
    int64_t number;
    if (value_is_int(cost, &number)) return build_i64(b, number < TASK_COST ? TASK_COST / number : 1);
    Value *grain = build_binary(b, OP_FLOORDIV, build_i64(b, TASK_COST), cost);
    return build_binary(b, OP_MAX, grain, build_i64(b, 1));
}
