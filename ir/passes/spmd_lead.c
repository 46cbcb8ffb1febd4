/* Where long loops begin, and stores past the caches (non-temporal).
 *
 * A vector that lies in two lines of the cache takes two turns to load or store, and most do that begin anywhere: arrays
 * often begin with 16 bytes of the allocator's, and rows wherever the one before ended. So a long loop that moves as much
 * as it computes does the elements up to where a vector is stored at a multiple of its size under a mask, then goes on
 * from there.
 *
 * Rows of a nest do so where all begin at the same place of a line. A stencil loads them by the dozen, and where they
 * are a power of two apart they want the same few lines of the first cache: each vector in two lines then comes twice
 * from the second.
 *
 * An ordinary store first fetches the line that it changes, and leaves it in the caches. Where much more is
 * stored than these hold, both are a waste: half as much again goes through memory as must. So a loop that is
 * longer still goes past them, by vectors that fill whole parts of lines. What is updated in place was fetched anyway, and
 * stays out of this. */
#include "ir/passes/spmd_stage.h"

enum {
    LINE_PART = 32,   /* bytes of a store; with less, lines take too many to fill up, and vectors seldom lie in two */
    STREAM_BODY = 24, /* ops; what computes for long does not wait for memory */
    LED_WORK = 2,     /* operations for each register that is moved; more take longer than it does */
    LED_BODY = 40,    /* ops; of what is longer, one more copy is too much code */
    LED_TURNS = 8,    /* a loop of fewer does not make up for a turn under a mask; */
    LED_DEAR = 48,    /* nor one of fewer where stores under a mask are slow, and the rest is done in narrower steps */
    ROW_TURNS = 12,   /* of rows, which make two more turns under a mask */
    ROW_MOVES = 8     /* loads and stores of a turn; of fewer nobody waits for those that lie in two lines */
};

typedef struct StreamScan {
    const SpmdLoop *l;
    const Op *leads; /* the first store; NULL: there is none */
    uint32_t stores;
    bool strays;     /* a store whose vectors may begin anywhere */
    bool waits;      /* calls and allocations take longer than stores */
    bool reads;      /* what it stores */
    bool patterned;  /* by the numbers of iterations */
} StreamScan;

/* What is added to the loop's index to give `index`, something from outside; NULL: it is no such sum. */
static Value *beside_counter(const SpmdLoop *l, const Value *index) {
    const Value *counter = l->loop->regions[0]->params[0];
    const Op *def = index->def;
    if (def == NULL || def->kind != OP_ADD) return NULL;
    for (uint32_t i = 0; i < 2; i++)
        if (def->operands[i] == counter && is_from_around(l, def->operands[1 - i]))
            return def->operands[1 - i];
    return NULL;
}

/* Where the first iteration stores is known before the loop. */
static bool starts_in_sight(const SpmdLoop *l, const Op *store) {
    uint32_t last = store->operand_count - 1;
    const Value *counter = l->loop->regions[0]->params[0], *index = store->operands[last];
    if (!is_from_around(l, store->operands[0]) || store->operands[0]->type->strided) return false;
    for (uint32_t i = 2; i < last; i++)
        if (!is_from_around(l, store->operands[i])) return false;
    return index == counter || beside_counter(l, index) != NULL;
}

/* Where the first iteration is not known, nor is which lanes have odd numbers, and the like. */
static bool tells_lanes_apart(const SpmdLoop *l, const Op *op) {
    bool is_part = op->kind == OP_MOD || op->kind == OP_FLOORDIV || op->kind == OP_AND;
    return is_part && op->operands[0] == l->loop->regions[0]->params[0];
}

static void op_note(void *user, Op *op) {
    StreamScan *scan = user;
    if (op->kind == OP_ALLOC || op->kind == OP_CALL) scan->waits = true;
    if (tells_lanes_apart(scan->l, op)) scan->patterned = true;
    if (op->kind != OP_STORE) return;
    bool may_lead = op->parent == scan->l->loop->regions[0] && ir_is_scalar(op->operands[0]->type->elem) &&
                    starts_in_sight(scan->l, op);
    if (!may_lead) scan->strays = true;
    if (scan->leads == NULL) scan->leads = op;
    scan->stores++;
}

static void load_note(void *user, Op *op) {
    StreamScan *scan = user;
    if (op->kind != OP_LOAD) return;
    Memory *memory = &scan->l->spmd->memory;
    Root from = memory_root(memory, op->operands[0]), to = memory_root(memory, scan->leads->operands[0]);
    if (roots_may_overlap(&from, &to)) scan->reads = true;
}

static bool counts_by_one(const SpmdLoop *l) {
    int64_t step;
    return value_is_int(l->loop->operands[2], &step) && step == 1;
}

/* So many iterations make up for a turn under a mask. */
static int64_t least_led(const SpmdLoop *l, LanePlan plan) {
    return (l->spmd->pass->options->has_masks ? LED_TURNS : LED_DEAR) * (int64_t)plan.native;
}

uint32_t lead_bytes(LanePlan plan) { return plan.native * plan.leads->operands[0]->type->elem->size; }

bool is_inner(const SpmdLoop *l) {
    for (const Region *r = l->loop->parent; r->parent != NULL; r = r->parent->parent)
        if (r->parent->kind == OP_FOR || r->parent->kind == OP_WHILE) return true;
    return false;
}

static bool is_short(const SpmdLoop *l, LanePlan plan) {
    int64_t lo, hi;
    return value_is_int(l->loop->operands[0], &lo) && value_is_int(l->loop->operands[1], &hi) && hi - lo < least_led(l, plan);
}

/* It waits for loads and stores of neighbours. */
static bool moves_most(const SpmdLoop *l) {
    return l->ops <= LED_BODY && l->spread == 0 && l->apart == 0 && l->work <= LED_WORK * l->moved &&
           !l->loop->attr.loop.in_step;
}

/* It stores in one place, and nothing that it reads. */
static bool only_stores(const SpmdLoop *l, const StreamScan *scan) {
    return l->spmd->pass->options->stream_bytes > 0 && l->ops <= STREAM_BODY && !l->has_parting && scan->stores == 1 &&
           !scan->reads;
}

/* Rows of one array that all begin with the same iteration, one for each of the loop around. */
static bool are_rows(const SpmdLoop *l, const Op *store) {
    const Op *around = l->loop->parent->parent;
    return around != NULL && around->kind == OP_FOR && store->operands[0]->type->rank > 1 &&
           !value_is_made_in(store->operands[0], around) && !value_is_made_in(l->loop->operands[0], around) &&
           !value_is_made_in(l->loop->operands[1], around);
}

/* Many loads for a turn, so that those that lie in two lines take longer than one more turn. */
static bool rows_pay(const SpmdLoop *l, LanePlan plan) {
    return plan.masked_tail && plan.lanes == plan.native && l->moved >= ROW_MOVES && l->spread == 0 && l->apart == 0 &&
           l->work <= LED_WORK * l->moved && !l->loop->attr.loop.in_step;
}

/* Of a loop that runs again and again it had better be known where it begins: what is computed of the first place of rows
 * stands before them all then. */
void plan_lead(const SpmdLoop *l, LanePlan *plan) {
    StreamScan scan = {.l = l};
    if (!counts_by_one(l) || is_short(l, *plan) || l->has_loop || l->exits > 0 || l->reductions.len > 0) return;
    region_walk(l->loop->regions[0], op_note, &scan);
    if (scan.leads == NULL || scan.strays || scan.waits || scan.patterned) return;
    region_walk(l->loop->regions[0], load_note, &scan);
    LanePlan found = *plan;
    found.leads = scan.leads;
    if (is_inner(l)) {
        found.leads_rows = true;
        if (lead_bytes(found) >= LINE_PART && are_rows(l, scan.leads) && rows_pay(l, found)) *plan = found;
        return;
    }
    found.streams = only_stores(l, &scan);
    found.leads_far = l->spread > 0 || l->apart > 0;
    if (lead_bytes(found) >= LINE_PART && (found.streams || moves_most(l))) *plan = found;
}

/* So many iterations store more than the caches hold. */
static int64_t least_streamed(const SpmdLoop *l, LanePlan plan) {
    int64_t elements = l->spmd->pass->options->stream_bytes / plan.leads->operands[0]->type->elem->size;
    return elements > least_led(l, plan) ? elements : least_led(l, plan);
}

int64_t led_from(const SpmdLoop *l, LanePlan plan) {
    if (plan.leads == NULL) return 0;
    if (plan.leads_rows) return ROW_TURNS * (int64_t)plan.native;
    return plan.leads_far ? least_streamed(l, plan) : least_led(l, plan);
}

/* A part of what is split over threads goes the way that the whole goes, unless it is too short for its masked
 * beginning and for a vector. */
static Value *stream_is_worth_it(const SpmdLoop *l, Builder *b, LanePlan plan, Value *length) {
    enum { WHOLE = 3, LEAST_PART = 1024 };
    Value *enough = build_i64(b, least_streamed(l, plan));
    if (!loop_is_part(l->loop)) return build_binary(b, OP_GE, length, enough);
    Value *whole = build_binary(b, OP_GE, l->spmd->fn->params.data[WHOLE].value, enough);
    return build_binary(b, OP_AND, whole, build_binary(b, OP_GE, length, build_i64(b, LEAST_PART)));
}

/* Iterations from `lo` on until a vector is stored at a multiple of its size, fewer than a vector has. */
static Value *loop_lead(const SpmdLoop *l, Builder *b, LanePlan plan, Value *lo) {
    enum { MOST = 9 };
    const Op *store = plan.leads;
    Value *operands[MOST] = {store->operands[0]};
    uint32_t count = store->operand_count - 1;
    KC_CHECK(count <= MOST);
    for (uint32_t i = 1; i < count; i++) operands[i] = plan.leads_rows ? build_i64(b, 0) : store->operands[i + 1];
    Value *beside = beside_counter(l, store->operands[count]);
    operands[count - 1] = beside == NULL ? lo : build_binary(b, OP_ADD, lo, beside);
    const IrType *i64 = ir_i64(l->spmd->fn->module);
    Op *lead = build_op(b, OP_LEAD, operands, count, &i64, 1, 0);
    lead->attr.index = lead_bytes(plan);
    return op_result(lead);
}

/* ---- Apply -------------------------------------------------------------------------------------- */

/* Past the caches. */
static void stream_stage(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan, Value *end) {
    Widen w = widen_of(l, ahead, (Stage){.lanes = plan.native});
    OpLoop attr = {.is_vector = true, .whole = true, .streams = true};
    Op *loop = build_for(b, c->lo, end, build_i64(b, w.lanes), attr);
    body_widen(&w, builder_at_end(loop->regions[0], b->span), loop->regions[0]->params[0], NULL);
}

/* Whole vectors alone. */
static void stages_whole(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    plan.masked_tail = plan.narrower_tail = false;
    stages_plain(l, b, c, ahead, plan);
}

/* From where the first vector is stored at a multiple of its size, up to `end`: past the caches where there is much to
 * store. */
static void stages_led(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan, Value *end) {
    if (plan.leads_far) {
        stream_stage(l, b, c, ahead, plan, end);
        return;
    }
    if (!plan.streams) {
        stages_whole(l, b, c, ahead, plan);
        return;
    }
    Value *length = build_binary(b, OP_SUB, c->hi, c->lo);
    Op *branch = build_if(b, stream_is_worth_it(l, b, plan, length), NULL, 0);
    Builder in = builder_at_end(branch->regions[0], b->span);
    stream_stage(l, &in, c, ahead, plan, end);
    in = builder_at_end(branch->regions[1], b->span);
    stages_whole(l, &in, c, ahead, plan);
}

/* Gives where whole vectors ended, of which there is one at least: at `end` in a short loop. A long one (of what
 * gathers, one that is stored past the caches) does the iterations up to a multiple first, under a mask. A short one begins
 * where it begins, which is known better: it is there once more. */
static Value *stages_long_or_short(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan, Value *end) {
    const IrType *i64 = ir_i64(l->spmd->fn->module);
    Widen part = widen_of(l, ahead, (Stage){.lanes = plan.native});
    Value *length = build_binary(b, OP_SUB, c->hi, c->lo);
    Value *is_long = plan.leads_far ? stream_is_worth_it(l, b, plan, length)
                                    : build_binary(b, OP_GE, length, build_i64(b, least_led(l, plan)));
    Op *branch = build_if(b, is_long, &i64, 1);
    Builder in = builder_at_end(branch->regions[0], b->span);
    Counting led = *c;
    led.lo = build_binary(&in, OP_ADD, c->lo, loop_lead(l, &in, plan, c->lo));
    rest_under_mask(&part, &in, c, c->lo, led.lo);
    Value *led_end = whole_end(&part, &in, &led, led.lo, c->hi);
    stages_led(l, &in, &led, ahead, plan, led_end);
    build_yield(&in, &led_end, 1);
    in = builder_at_end(branch->regions[1], b->span);
    stages_whole(l, &in, c, ahead, plan);
    build_yield(&in, &end, 1);
    return op_result(branch);
}

/* How many iterations each row does first; 0: rows are short, or begin at different places of a line. The first row of the array
 * tells, so that the question stands before all loops. */
static Value *rows_lead(const SpmdLoop *l, Builder *b, const Counting *c, LanePlan plan) {
    const Op *store = plan.leads;
    const IrType *type = store->operands[0]->type;
    Value *zero = build_i64(b, 0), *length = build_binary(b, OP_SUB, c->hi, c->lo);
    Value *pitch = build_binary(b, OP_MUL, build_dim(b, store->operands[0], type->rank - 1), build_i64(b, type->elem->size));
    Value *over = build_binary(b, OP_AND, pitch, build_i64(b, lead_bytes(plan) - 1));
    Value *is_even = build_binary(b, OP_EQ, over, zero);
    Value *is_long = build_binary(b, OP_GE, length, build_i64(b, led_from(l, plan)));
    Value *lead = loop_lead(l, b, plan, c->lo);
    return build_select(b, build_binary(b, OP_AND, is_even, is_long), lead, zero);
}

/* Whole vectors from a multiple of their size on, then what stands before and behind them, in up to two turns under a mask. */
static Value *stages_of_rows(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    Widen rest = widen_of(l, ahead, (Stage){.lanes = plan.native});
    Counting led = *c;
    Value *lead = rows_lead(l, b, c, plan), *zero = build_i64(b, 0), *one = build_i64(b, 1);
    led.lo = build_binary(b, OP_ADD, c->lo, lead);
    Value *end = whole_end(&rest, b, &led, led.lo, c->hi);
    stages_whole(l, b, &led, ahead, plan);
    Value *first = build_select(b, build_binary(b, OP_LT, zero, lead), zero, one);
    Value *last = build_select(b, build_binary(b, OP_LT, end, c->hi), build_i64(b, 2), one);
    Op *ends = build_for(b, first, last, one, (OpLoop){.is_vector = true});
    Builder in = builder_at_end(ends->regions[0], b->span);
    Value *is_first = build_binary(&in, OP_EQ, ends->regions[0]->params[0], zero);
    Value *from = build_select(&in, is_first, c->lo, end);
    Value *count = build_binary(&in, OP_SUB, build_select(&in, is_first, led.lo, c->hi), from);
    body_widen(&rest, in, from, first_lanes(&rest, &in, count));
    return c->hi;
}

/* Nothing of that is asked about less than a vector, which goes straight to its turn under a mask. */
Value *stages_leading(const SpmdLoop *l, Builder *b, const Counting *c, Ahead *ahead, LanePlan plan) {
    if (plan.leads_rows) return stages_of_rows(l, b, c, ahead, plan);
    const IrType *i64 = ir_i64(l->spmd->fn->module);
    Widen rest = widen_of(l, ahead, (Stage){.lanes = plan.native});
    Value *length = build_binary(b, OP_SUB, c->hi, c->lo);
    Value *end = whole_end(&rest, b, c, c->lo, c->hi);
    plan.runs = true;
    Op *some = build_if(b, build_binary(b, OP_GE, length, build_i64(b, plan.native)), &i64, 1);
    Builder in = builder_at_end(some->regions[0], b->span);
    Value *done = stages_long_or_short(l, &in, c, ahead, plan, end);
    build_yield(&in, &done, 1);
    in = builder_at_end(some->regions[1], b->span);
    build_yield(&in, &end, 1);
    end = op_result(some);
    if (plan.masked_tail) {
        rest_under_mask(&rest, b, c, end, c->hi);
        return c->hi;
    }
    Counting left = *c;
    Stage done_so_far = {.next_lanes = plan.native / 4};
    left.lo = end;
    return plan.narrower_tail ? narrower_stage(l, b, &left, ahead, end, done_so_far) : end;
}
