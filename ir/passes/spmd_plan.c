/* Plan: how many iterations become lanes.
 *
 * A register's worth of the widest elements that are common in the loop, times as many registers as hide
 * latency without running out of them: several for short bodies, where the loop's own instructions would
 * otherwise count, and for chains of dependent operations (an accumulator, a loop that lanes leave one by
 * one). */
#include "ir/passes/spmd.h"

enum {
    BASE_BITS = 128,     /* what every target can do, natively or by LLVM's legalisation */
    SHORT_BODY = 12,     /* ops */
    MEDIUM_BODY = 40,
    LONG_BODY = 120
};

static uint32_t registers_each(const SpmdLoop *l) {
    bool short_body = l->ops <= SHORT_BODY, medium = l->ops <= MEDIUM_BODY;
    if (l->spread > 0) return 1;
    if (l->reductions.len > 0) return short_body ? 4 : medium ? 2 : 1;
    if (l->has_divergent_loop) /* without registers for masks, wide masks are packed and unpacked */
        return l->ops <= LONG_BODY && l->spmd->pass->options->has_masks ? 2 : 1;
    if (l->has_loop) return medium ? 2 : 1;
    return short_body ? 4 : medium ? 2 : 1;
}

/* A short loop of a known number of iterations needs no more lanes than that. */
static uint32_t capped(const Op *loop, uint32_t lanes) {
    int64_t lo, hi;
    if (!value_is_int(loop->operands[0], &lo) || !value_is_int(loop->operands[1], &hi)) return lanes;
    while (lanes > 2 && hi - lo <= lanes / 2) lanes /= 2;
    return lanes;
}

/* A gather takes its elements one by one, and puts them together besides: on many processors longer than
 * as many loads. So much arithmetic, done for all lanes at once, makes up for one of them. */
enum { WORK_FOR_SPREAD = 4 };

bool plan_pays(const SpmdLoop *l) { return l->work >= WORK_FOR_SPREAD * l->spread; }

LanePlan plan_lanes(const SpmdLoop *l) {
    const IrOptions *options = l->spmd->pass->options;
    uint32_t bits = options->vector_bits >= BASE_BITS ? options->vector_bits : BASE_BITS;
    uint32_t bytes = l->bytes == 0 ? 4 : l->bytes;
    LanePlan plan = {.native = bits / 8 / bytes};
    if (plan.native < 2) plan.native = 2;
    plan.lanes = capped(l->loop, plan.native * registers_each(l));
    if (plan.lanes < plan.native) plan.native = plan.lanes;
    plan.masked_tail = l->exits == 0 && (options->has_masks || (options->has_word_masks && !l->narrow));
    plan.register_lanes = plan.native;
    if (lanes_asked(l) != 0) plan.native = plan.lanes = lanes_asked(l);
    plan.narrower_tail = !plan.masked_tail && lanes_asked(l) == 0 && plan.native >= 8;
    return plan;
}
