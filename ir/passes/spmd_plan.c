/* Plan: how many iterations become lanes.
 *
 * A register's worth of the widest elements that are common in the loop, times as many registers as hide
 * latency without running out of them: several for chains of dependent operations (an accumulator, a loop
 * that lanes leave one by one) and where lanes part or a turn asks whether to leave. Turns that only store
 * wait for nothing, so that one register is enough unless arithmetic takes longer than the stores: a turn then loads
 * and stores in the order of memory, which is faster wherever data comes from beyond the first cache. Where arithmetic
 * does, two registers side by side keep both of a processor's units for it busy. */
#include "ir/analysis/affine.h"
#include "ir/passes/spmd.h"

enum {
    WIDE_BITS = 256,     /* narrower stores need several in a turn to keep up */
    BASE_BITS = 128,     /* what every target can do, natively or by LLVM's legalisation */
    SHORT_CHAIN = 8,     /* arithmetic that overlaps with that of the next turn by itself */
    HIDDEN_FLOATS = 2,   /* arithmetic on 512 bits of floats that takes no longer than to store them; half of it on half */
    SHORT_BODY = 12,     /* ops */
    COPIED_BODY = 24,    /* what is longer goes on beside the next turn by itself, given registers enough */
    MANY_CHAINS = 8,     /* hide what an addition takes on two units */
    MANY_REGISTERS = 512, /* bits: targets that have 32 of them */
    MEDIUM_BODY = 40,
    LONG_BODY = 120
};

enum { WORD_BYTES = 4 }; /* smaller elements have no gathers anywhere, and are packed as words on most processors */

/* More lanes take more steps, and only the last one of each turn waits for the turn before. */
static bool moves_lanes(const SpmdLoop *l) {
    bool packs_as_words = l->bytes < WORD_BYTES && !l->spmd->pass->options->has_byte_moves;
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        const Reduction *r = &l->reductions.data[i];
        if (r->role == ROLE_SCAN || r->role == ROLE_LATEST || r->unpacks) return true;
        if (r->role == ROLE_CURSOR && packs_as_words) return true;
    }
    return false;
}

/* What waits for the turn before: each accumulator, and each note of NaNs. */
static uint32_t chains(const SpmdLoop *l) {
    uint32_t count = l->reductions.len;
    if (!quick_is_worth_it(l)) return count;
    for (uint32_t i = 0; i < l->reductions.len; i++) count += notes_nans(l, &l->reductions.data[i]);
    return count;
}

/* Arithmetic on floats takes longer than to load and store them. Processors have two units for it, which
 * turns of three operations would keep busy by halves. */
static bool rounds_long(const SpmdLoop *l) {
    uint32_t hidden = HIDDEN_FLOATS * l->spmd->pass->options->vector_bits / MANY_REGISTERS;
    return l->singles + l->doubles > 0 && l->work >= l->moved && l->work > hidden;
}

static uint32_t registers_each(const SpmdLoop *l) {
    bool short_body = l->ops <= SHORT_BODY, medium = l->ops <= MEDIUM_BODY;
    bool has_narrow_registers = l->spmd->pass->options->vector_bits < WIDE_BITS;
    if (l->spread > 0 || l->apart > 0 || moves_lanes(l)) return 1;
    if (chains(l) >= MANY_CHAINS) return 1;
    if (l->reductions.len > 0) return short_body ? 4 : medium ? 2 : 1;
    if (l->has_divergent_loop) /* masks take registers as well where there are none for them */
        return l->ops <= (l->spmd->pass->options->has_masks ? LONG_BODY : MEDIUM_BODY) ? 2 : 1;
    if (l->has_loop) return medium ? 2 : 1;
    /* A turn may load most of what the one before stored, and waits for the cache then: the fewer the better. */
    if (l->loop->attr.loop.in_step) return short_body ? 4 : medium ? 2 : 1;
    if (l->exits == 0 && !l->has_parting) {
        bool goes_on = l->ops > COPIED_BODY && l->spmd->pass->options->vector_bits >= MANY_REGISTERS;
        bool computes = (l->work > SHORT_CHAIN || rounds_long(l)) && !goes_on;
        return medium && (computes || has_narrow_registers) ? 2 : 1;
    }
    return short_body ? 4 : medium ? 2 : 1;
}

typedef struct UpdateScan {
    const SpmdLoop *l;
    const Value *stored; /* into which array, while loads are looked at */
    bool found;          /* an array of which iterations read and write elements, which come again soon */
} UpdateScan;

/* The next turn of the loop around comes to the same elements. */
static bool comes_again(const Op *loop, const Op *store) {
    const Op *around = loop->parent->parent;
    if (around == NULL || (around->kind != OP_FOR && around->kind != OP_WHILE)) return false;
    if (value_is_made_in(store->operands[0], around)) return false;
    for (uint32_t i = 2; i < store->operand_count; i++) {
        Affine index = affine_of(store->operands[i], NULL, NULL);
        for (uint32_t k = 0; k < index.count; k++) {
            const Value *part = index.terms[k].value;
            if (part != loop->regions[0]->params[0] && value_is_made_in(part, around)) return false;
        }
    }
    return true;
}

static void load_note(void *user, Op *op) {
    UpdateScan *scan = user;
    if (op->kind == OP_LOAD && op->operands[0] == scan->stored) scan->found = true;
}

static void store_note(void *user, Op *op) {
    UpdateScan *scan = user;
    if (op->kind != OP_STORE || scan->found) return;
    if (scan->l->ops > MEDIUM_BODY && !comes_again(scan->l->loop, op)) return;
    scan->stored = op->operands[0];
    region_walk(scan->l->loop->regions[0], load_note, scan);
}

/* What was stored under a mask cannot be loaded under one before it has reached the cache, and a loop over few
 * elements may well follow itself. So updates do without: short ones, and longer ones of the same elements in each
 * turn of the loop around. */
static bool updates_briefly(const SpmdLoop *l) {
    UpdateScan scan = {.l = l};
    if (l->ops > LONG_BODY || l->has_loop) return false;
    region_walk(l->loop->regions[0], store_note, &scan);
    return scan.found;
}

static void store_count(void *user, Op *op) { *(uint32_t *)user += op->kind == OP_STORE; }

/* Of processors without masks for everything, those that store under a mask of words take as long for it as for some
 * vectors. A short body had better stand once more, for fewer lanes. */
static bool stores_briefly(const SpmdLoop *l) {
    uint32_t stores = 0;
    if (l->spmd->pass->options->has_masks || l->ops > COPIED_BODY || l->has_loop) return false;
    if (l->has_parting || l->reductions.len > 0) return false; /* it stores under masks anyway */
    region_walk(l->loop->regions[0], store_count, &stores);
    return stores > 0;
}

/* A short loop of a known number of iterations needs no more lanes than that. Iterations that share something may take
 * no more at a time than get on with each other. */
static uint32_t capped(const Op *loop, uint32_t lanes) {
    int64_t lo, hi;
    while (loop->attr.loop.lanes_most != 0 && lanes > loop->attr.loop.lanes_most) lanes /= 2;
    if (!value_is_int(loop->operands[0], &lo) || !value_is_int(loop->operands[1], &hi)) return lanes;
    while (lanes > 2 && hi - lo <= lanes / 2) lanes /= 2;
    return lanes;
}

/* A gather takes its elements one by one, and puts them together besides: on many processors longer than
 * as many loads. So much arithmetic, done for all lanes at once, makes up for one of them. */
enum { WORK_FOR_SPREAD = 4 };

/* One by one, each addition of floats waits for the one before: as long as some gathers. */
static bool waits_for_sums(const SpmdLoop *l) {
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        const Reduction *r = &l->reductions.data[i];
        bool rounds = r->kind == REDUCE_ADD || r->kind == REDUCE_MUL;
        if (r->role == ROLE_SUM && rounds && ir_is_float(r->var->type->elem)) return true;
    }
    return false;
}

/* One by one, checks are questions that keep iterations from being mixed; lanes ask once. */
enum { SPREAD_FOR_CHECKS = 2 };

/* A branch that is taken now and then costs as much as a gather as well, each time that it was not foreseen;
 * lanes have masks. */
bool plan_pays(const SpmdLoop *l) {
    uint32_t made_up = (uint32_t)waits_for_sums(l) + (uint32_t)l->has_parting;
    if (l->checks > 0) made_up += SPREAD_FOR_CHECKS;
    return l->spread <= made_up || l->work >= WORK_FOR_SPREAD * (l->spread - made_up);
}

/* Under a mask lanes that are off load as well, from a place that is chosen for each. */
static bool loads_one_by_one(const SpmdLoop *l) {
    return l->apart > 0 && !l->spmd->pass->options->has_gathers;
}

/* Elements that are loaded one by one take as long in narrow vectors, and of few lanes fewer wait for the last
 * that is still in a loop. */
static bool waits_while_gathering(const SpmdLoop *l) {
    return l->spread > 0 && l->has_divergent_loop && !l->spmd->pass->options->has_gathers;
}

/* No processor gathers elements of 1 and 2 bytes: as many more lanes are as many more loads, and as much more code. */
static bool loads_bytes_one_by_one(const SpmdLoop *l) {
    return l->spread > 0 && l->bytes > 0 && l->bytes < WORD_BYTES;
}

/* Code is made for each copy of a body, so a long one had better have one. Where lanes part in loops it is under
 * masks anyway; elsewhere turns without masks are faster by a tenth. */
static bool wants_one_copy(const SpmdLoop *l, LanePlan plan) {
    bool has_masks = l->has_divergent_loop || (l->has_loop && l->has_parting);
    return plan.masked_tail && plan.lanes == plan.native && has_masks && l->ops > MEDIUM_BODY &&
           l->reductions.len == 0;
}

LanePlan plan_lanes(const SpmdLoop *l) {
    const IrOptions *options = l->spmd->pass->options;
    uint32_t bits = options->vector_bits >= BASE_BITS ? options->vector_bits : BASE_BITS;
    uint32_t bytes = l->bytes == 0 ? 4 : l->bytes;
    if (bits > WIDE_BITS && (waits_while_gathering(l) || loads_one_by_one(l))) bits = WIDE_BITS;
    if (loads_bytes_one_by_one(l)) bits = BASE_BITS;
    LanePlan plan = {.native = bits / 8 / bytes};
    if (plan.native < 2) plan.native = 2;
    plan.lanes = capped(l->loop, plan.native * registers_each(l));
    if (plan.lanes < plan.native) plan.native = plan.lanes;
    bool has_masks = options->has_masks || (options->has_word_masks && !l->narrow);
    bool may_mask = has_masks && l->exits == 0 && !loads_one_by_one(l);
    plan.masked_tail = may_mask && !updates_briefly(l) && !stores_briefly(l);
    plan.register_lanes = plan.native;
    if (lanes_asked(l) != 0) plan.native = plan.lanes = lanes_asked(l);
    if (may_mask) plan_lead(l, &plan);
    plan.masked_turns = wants_one_copy(l, plan);
    plan.narrower_tail = !plan.masked_tail && lanes_asked(l) == 0 && plan.native >= 8;
    return plan;
}
