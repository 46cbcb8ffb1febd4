/* Stores past the caches (non-temporal).
 *
 * An ordinary store first fetches the line that it changes, and leaves it in the caches. Where much more is
 * stored than these hold, both are a waste: half as much again goes through memory as must. So a loop that is
 * long enough goes another way: under a mask up to where a vector begins at a multiple of its size, then by such
 * vectors alone. What is updated in place was fetched anyway, and stays out of this. */
#include "ir/passes/spmd.h"

enum {
    LINE_PART = 32,  /* bytes of a store; with less, lines take too many to fill up */
    STREAM_BODY = 24 /* ops; what computes for long does not wait for memory */
};

typedef struct StreamScan {
    const SpmdLoop *l;
    const Op *store;
    Root root; /* of the store */
    bool fits;
} StreamScan;

static void store_note(void *user, Op *op) {
    StreamScan *scan = user;
    if (op->kind == OP_ALLOC || op->kind == OP_CALL) scan->fits = false;
    if (op->kind != OP_STORE) return;
    scan->fits = scan->fits && scan->store == NULL;
    scan->store = op;
}

static void load_note(void *user, Op *op) {
    StreamScan *scan = user;
    if (op->kind != OP_LOAD) return;
    Root root = memory_root(&scan->l->spmd->memory, op->operands[0]);
    if (roots_may_overlap(&root, &scan->root)) scan->fits = false;
}

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

static bool loop_streams(const SpmdLoop *l) {
    int64_t step;
    return l->ops <= STREAM_BODY && !l->has_loop && !l->has_parting && l->reductions.len == 0 &&
           value_is_int(l->loop->operands[2], &step) && step == 1;
}

const Op *streamed_store(const SpmdLoop *l, LanePlan plan) {
    StreamScan scan = {.l = l, .fits = true};
    const Region *body = l->loop->regions[0];
    if (l->spmd->pass->options->stream_bytes == 0 || !plan.may_mask || !loop_streams(l)) return NULL;
    region_walk((Region *)body, store_note, &scan);
    if (!scan.fits || scan.store == NULL || scan.store->parent != body) return NULL;
    const IrType *elem = scan.store->operands[0]->type->elem;
    if (!ir_is_scalar(elem) || plan.native * elem->size < LINE_PART || !starts_in_sight(l, scan.store))
        return NULL;
    scan.root = memory_root(&l->spmd->memory, scan.store->operands[0]);
    region_walk((Region *)body, load_note, &scan);
    return scan.fits ? scan.store : NULL;
}

/* A part of what is split over threads goes the way that the whole goes, unless it is too short for its masked
 * beginning and for a vector. */
Value *stream_is_worth_it(const SpmdLoop *l, Builder *b, const Op *store, Value *length) {
    enum { WHOLE = 3, LEAST_PART = 1024 };
    uint32_t elements = l->spmd->pass->options->stream_bytes / store->operands[0]->type->elem->size;
    Value *enough = build_i64(b, elements);
    if (!loop_is_part(l->loop)) return build_binary(b, OP_GE, length, enough);
    Value *whole = build_binary(b, OP_GE, l->spmd->fn->params.data[WHOLE].value, enough);
    return build_binary(b, OP_AND, whole, build_binary(b, OP_GE, length, build_i64(b, LEAST_PART)));
}

Value *stream_lead(const SpmdLoop *l, Builder *b, LanePlan plan, Value *lo) {
    enum { MOST = 9 };
    const Op *store = plan.streams;
    Value *operands[MOST] = {store->operands[0]};
    uint32_t count = store->operand_count - 1;
    KC_CHECK(count <= MOST);
    for (uint32_t i = 1; i < count; i++) operands[i] = store->operands[i + 1];
    Value *beside = beside_counter(l, operands[count - 1]);
    operands[count - 1] = beside == NULL ? lo : build_binary(b, OP_ADD, lo, beside);
    const IrType *i64 = ir_i64(l->spmd->fn->module);
    Op *lead = build_op(b, OP_LEAD, operands, count, &i64, 1, 0);
    lead->attr.index = plan.native * store->operands[0]->type->elem->size;
    return op_result(lead);
}
