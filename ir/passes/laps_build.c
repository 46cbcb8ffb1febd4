#include "ir/passes/laps.h"

#include "ir/passes/cloner.h"

enum {
    SHORT_LAP = 16, /* iterations; */
    PATIENCE = 64   /* then so many go as in the source */
};

Lap lap_open(Op *loop) {
    Builder b = builder_before(loop);
    Value *lo = loop->operands[0], *hi = loop->operands[1];
    Lap lap = {.loop = loop, .place = build_var(&b, lo->type, NO_NAME)};
    build_set(&b, lap.place, lo);
    lap.around = build_while(&b);
    Builder asks = builder_at_end(lap.around->regions[0], loop->span);
    Value *goes_on = build_binary(&asks, OP_LT, build_get(&asks, lap.place), hi);
    build_yield(&asks, &goes_on, 1);
    lap.b = builder_at_end(lap.around->regions[1], loop->span);
    lap.from = build_binary(&lap.b, OP_MAX, lo, build_get(&lap.b, lap.place));
    return lap;
}

/* So many iterations on, but no further than the loop goes; that it stays in its range is said in so many words, since
 * `bounds` cannot see it. */
static Value *further(Builder *b, const Op *loop, Value *from, Value *count) {
    Value *lo = loop->operands[0], *hi = loop->operands[1];
    Value *go = build_binary(b, OP_MIN, count, build_binary(b, OP_SUB, hi, from));
    return build_binary(b, OP_MAX, lo, build_binary(b, OP_MIN, hi, build_binary(b, OP_ADD, from, go)));
}

void lap_close(Lap *lap, Op *quiet, Value *count, int64_t more) {
    Builder *b = &lap->b;
    Value *at = further(b, lap->loop, lap->from, count);
    Value *is_short = build_binary(b, OP_LT, count, build_i64(b, SHORT_LAP));
    Value *behind = build_select(b, is_short, build_i64(b, PATIENCE), build_i64(b, more));
    Value *end = further(b, lap->loop, at, behind);
    build_set(b, lap->place, end);
    Op *last = lap->around->regions[1]->last;
    op_unlink(quiet);
    op_unlink(lap->loop);
    op_insert_before(quiet, last);
    op_insert_before(lap->loop, last);
    loop_set_range(quiet, lap->from, at);
    loop_set_range(lap->loop, at, end);
}

Value *number_fits(Builder *b, Value *least, Value *most) {
    Value *limit = build_i64(b, (int64_t)1 << LIMIT_BITS), *low = build_i64(b, -((int64_t)1 << LIMIT_BITS));
    Value *above = build_binary(b, OP_GE, least, low);
    return build_binary(b, OP_AND, above, build_binary(b, OP_LE, most, limit));
}
