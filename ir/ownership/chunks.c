/* Parallel loops that declare reductions become loops over chunks, each with accumulators of its own, so that
 * iterations share nothing that is written.
 *
 *     for parallel i in lo..hi {      parts = one for each chunk
 *         reduces add %s              for parallel c in 0..chunks {
 *         s = s + x                       own = 0
 *     }                                   for i in the iterations of c { reduces add %own; own = own + x }
 *                                         parts[c] = own
 *                                     }
 *                                     for c in 0..chunks { s = s + parts[c] }
 *
 * How long a chunk is follows from the length of the loop and what an iteration costs, and never from
 * threads or vectors; what chunks give is combined in their order. So a result has the same bits for any
 * number of threads. Of an array, each chunk has a copy of its own, so chunks have at least as many
 * iterations as it has elements. */
#include "ir/analysis/grain.h"
#include "ir/failure.h"
#include "ir/ownership/reductions.h"

enum { MOST_CHUNKS = 256, MOST_DIMS = 8 };

typedef struct Reduction {
    Value *ref;          /* the accumulator: of a scalar, or of a view */
    ReduceKind kind;
    Value *parts;        /* what chunk c gives is element c, or begins there */
    Value *own;          /* the elements of one chunk's own */
    Value *dims[MOST_DIMS];
    uint32_t rank;       /* of the view; 0: a scalar */
} Reduction;

typedef struct Chunks {
    Arena *arena;
    Op *loop;
    Vec(Reduction) reductions;
    Value *failed;       /* the flag that an iteration failed, or NULL */
    Value *trips, *grain; /* iterations: of the loop, and worth a task */
    Value *size;         /* of a chunk */
    Value **map;         /* by value id: what stands for it in the copy of the body */
    uint32_t map_len;
} Chunks;

/* ---- What the loop declares ------------------------------------------------------------------ */

static const IrType *element_type(const Reduction *r) {
    const IrType *held = r->ref->type->elem;
    return r->rank == 0 ? held : held->elem;
}

/* The accumulator's elements. */
static Value *elements_of(const Reduction *r, Builder *b, bool to_write) {
    return r->ref->type->elem->owned ? build_lend(b, r->ref, to_write) : build_get(b, r->ref);
}

static bool reductions_find(Chunks *c) {
    for (Op *op = c->loop->regions[0]->first; op != NULL && op->kind == OP_REDUCES; op = op->next) {
        const IrType *held = op->operands[0]->type->elem;
        uint32_t rank = held->kind == IR_VIEW ? held->rank : 0;
        if (rank == MOST_DIMS) return false; /* there is no array of one dimension more */
        Reduction r = {.ref = op->operands[0], .kind = op->attr.reduce, .rank = rank};
        vec_push(c->arena, &c->reductions, r);
    }
    return true;
}

/* They are declared anew in the chunks. */
static void declarations_drop(const Op *loop) {
    for (Op *op = loop->regions[0]->first, *next; op != NULL && op->kind == OP_REDUCES; op = next) {
        next = op->next;
        op_unlink(op);
    }
}

/* ---- How it is divided ----------------------------------------------------------------------- */

static Value *ceil_div(Builder *b, Value *a, Value *by) {
    Value *less = build_binary(b, OP_SUB, by, build_i64(b, 1));
    return build_binary(b, OP_FLOORDIV, build_binary(b, OP_ADD, a, less), by);
}

static Value *element_count(Builder *b, const Reduction *r) {
    Value *count = build_i64(b, 1);
    for (uint32_t i = 0; i < r->rank; i++) count = build_binary(b, OP_MUL, count, r->dims[i]);
    return count;
}

static void divide(Chunks *c, Builder *b) {
    c->trips = loop_trips(b, c->loop);
    c->grain = loop_grain(b, c->arena, c->loop);
    Value *least = ceil_div(b, c->trips, build_i64(b, MOST_CHUNKS));
    c->size = build_binary(b, OP_MAX, c->grain, least);
    for (uint32_t i = 0; i < c->reductions.len; i++) {
        Reduction *r = &c->reductions.data[i];
        if (r->rank == 0) continue;
        Value *view = elements_of(r, b, false);
        for (uint32_t k = 0; k < r->rank; k++) r->dims[k] = build_dim(b, view, k);
        c->size = build_binary(b, OP_MAX, c->size, element_count(b, r));
    }
}

static void parts_make(Chunks *c, Builder *b, Value *chunks) {
    for (uint32_t i = 0; i < c->reductions.len; i++) {
        Reduction *r = &c->reductions.data[i];
        Value *dims[MOST_DIMS + 1] = {r->rank == 0 ? build_i64(b, MOST_CHUNKS) : chunks};
        for (uint32_t k = 0; k < r->rank; k++) dims[1 + k] = r->dims[k];
        r->parts = build_alloc(b, element_type(r), dims, 1 + r->rank, false);
    }
}

/* ---- One chunk ------------------------------------------------------------------------------- */

/* Calls `make` for each element of an array of these sizes, within loops. */
typedef void (*ElementMake)(const Reduction *r, Builder *b, Value *const *indices, Value *user);

static void each_element(const Reduction *r, Builder *b, Value *user, ElementMake make) {
    Builder inner = *b;
    inner.span = NO_SPAN;
    Value *indices[MOST_DIMS];
    for (uint32_t k = 0; k < r->rank; k++) {
        Op *nest = build_for(&inner, build_i64(&inner, 0), r->dims[k], build_i64(&inner, 1),
                             (OpLoop){.independent = true});
        indices[k] = nest->regions[0]->params[0];
        inner = builder_at_end(nest->regions[0], NO_SPAN);
    }
    make(r, &inner, indices, user);
}

static void element_start(const Reduction *r, Builder *b, Value *const *indices, Value *own) {
    build_store(b, own, build_reduce_start(b, r->kind, element_type(r)), indices);
}

/* What one chunk accumulates in. */
typedef struct Own {
    Value *ref;
    Value *memory; /* of an array */
} Own;

/* All of it, as a view. */
static Value *window_on(const Reduction *r, Builder *b, Value *memory) {
    Value *ranges[3 * MOST_DIMS];
    for (uint32_t k = 0; k < r->rank; k++) {
        ranges[3 * k] = build_i64(b, 0);
        ranges[3 * k + 1] = r->dims[k];
        ranges[3 * k + 2] = build_i64(b, 1);
    }
    return build_slice(b, memory, ranges, 0, r->ref->type->elem->strided);
}

static Own own_make(const Reduction *r, Builder *b) {
    Own own = {build_var(b, r->ref->type->elem, r->ref->name), NULL};
    if (r->rank == 0) {
        build_set(b, own.ref, build_reduce_start(b, r->kind, element_type(r)));
        return own;
    }
    own.memory = build_alloc(b, element_type(r), r->dims, r->rank, false);
    each_element(r, b, own.memory, element_start);
    bool owns = r->ref->type->elem->owned;
    build_set(b, own.ref, owns ? own.memory : window_on(r, b, own.memory));
    return own;
}

static void element_keep(const Reduction *r, Builder *b, Value *const *indices, Value *chunk) {
    Value *place[MOST_DIMS + 1] = {chunk};
    for (uint32_t k = 0; k < r->rank; k++) place[1 + k] = indices[k];
    build_store(b, r->parts, build_load(b, r->own, indices), place);
}

static void own_keep(Reduction *r, Builder *b, const Own *own, Value *chunk) {
    if (r->rank == 0) {
        build_store(b, r->parts, build_get(b, own->ref), &chunk);
        return;
    }
    bool owns = r->ref->type->elem->owned;
    r->own = owns ? build_lend(b, own->ref, false) : build_get(b, own->ref);
    each_element(r, b, chunk, element_keep);
    Value *end = owns ? own->ref : own->memory;
    build_op(b, owns ? OP_DROP : OP_FREE, &end, 1, NULL, 0, 0);
}

static void reduction_declare(Builder *b, const Reduction *r, Value *own) {
    Op *op = build_op(b, OP_REDUCES, &own, 1, NULL, 0, 0);
    op->attr.reduce = r->kind;
}

static bool has_arrays(const Chunks *c) {
    for (uint32_t i = 0; i < c->reductions.len; i++)
        if (c->reductions.data[i].rank > 0) return true;
    return false;
}

/* The bounds say in the loop's own that no index is outside of these: proofs look for that. */
static void chunk_run(Chunks *c, Builder *b, Value *chunk, const Own *own) {
    Value *lo = c->loop->operands[0], *hi = c->loop->operands[1], *step = c->loop->operands[2];
    bool by_1 = loop_rises_by_1(c->loop);
    Value *base = by_1 ? lo : build_i64(b, 0), *most = by_1 ? hi : c->trips;
    Value *from = build_binary(b, OP_ADD, base, build_binary(b, OP_MUL, chunk, c->size));
    Value *to = build_binary(b, OP_MIN, build_binary(b, OP_ADD, from, c->size), most);
    from = build_binary(b, OP_MAX, from, base);
    OpLoop attr = c->loop->attr.loop;
    attr.is_parallel = false;
    attr.independent = !has_arrays(c); /* the elements of an array are met again and again */
    Op *made = build_for(b, from, to, build_i64(b, 1), attr);
    Builder body = builder_at_end(made->regions[0], b->span);
    Value *number = made->regions[0]->params[0];
    if (!by_1) number = build_binary(&body, OP_ADD, lo, build_binary(&body, OP_MUL, number, step));
    const Value *index = c->loop->regions[0]->params[0];
    number->name = index->name;
    c->map[index->id] = number;
    for (uint32_t i = 0; i < c->reductions.len; i++) reduction_declare(&body, &c->reductions.data[i], own[i].ref);
    region_clone_into(&body, c->loop->regions[0], c->map, c->map_len, NULL);
}

/* A chunk has a flag of its own; one in which an iteration failed ends the loop over chunks. */
static Value *failure_make(Chunks *c, Builder *b) {
    if (c->failed == NULL) return NULL;
    Value *own = build_flag(b);
    c->map[c->failed->id] = own;
    return own;
}

static void failure_pass_on(const Chunks *c, Builder *b, Value *own) {
    if (own == NULL) return;
    Op *branch = build_if(b, build_get(b, own), NULL, 0);
    Builder then = builder_at_end(branch->regions[0], b->span);
    failure_build(&then, c->failed);
}

static void chunk_body(Chunks *c, Builder *b, Value *chunk) {
    Own *own = arena_array(c->arena, Own, c->reductions.len);
    for (uint32_t i = 0; i < c->reductions.len; i++) {
        own[i] = own_make(&c->reductions.data[i], b);
        c->map[c->reductions.data[i].ref->id] = own[i].ref;
    }
    Value *failed = failure_make(c, b);
    chunk_run(c, b, chunk, own);
    for (uint32_t i = 0; i < c->reductions.len; i++) own_keep(&c->reductions.data[i], b, &own[i], chunk);
    failure_pass_on(c, b, failed);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static void element_combine(const Reduction *r, Builder *b, Value *const *indices, Value *chunk) {
    Value *place[MOST_DIMS + 1] = {chunk}, *whole = elements_of(r, b, true);
    for (uint32_t k = 0; k < r->rank; k++) place[1 + k] = indices[k];
    Value *sum = build_binary(b, reduce_step(r->kind), build_load(b, whole, indices),
                              build_load(b, r->parts, place));
    build_store(b, whole, sum, indices);
}

static void chunk_combine(const Reduction *r, Builder *b, Value *chunk) {
    if (r->rank > 0) {
        each_element(r, b, chunk, element_combine);
        return;
    }
    Value *part = build_load(b, r->parts, &chunk);
    build_set(b, r->ref, build_binary(b, reduce_step(r->kind), build_get(b, r->ref), part));
}

/* It has no place in the source, and so is not spoken of. */
static Builder loop_over_chunks(Builder *b, Value *chunks, OpLoop attr, Value **chunk) {
    Builder unseen = *b;
    unseen.span = NO_SPAN;
    Op *loop = build_for(&unseen, build_i64(b, 0), chunks, build_i64(b, 1), attr);
    *chunk = loop->regions[0]->params[0];
    return builder_at_end(loop->regions[0], b->span);
}

/* After a failure accumulators stay as they were. */
static void chunks_combine(Chunks *c, Builder b, Value *chunks) {
    if (c->failed != NULL)
        b = builder_at_end(build_if(&b, build_get(&b, c->failed), NULL, 0)->regions[1], b.span);
    Value *chunk;
    Builder inner = loop_over_chunks(&b, chunks, (OpLoop){0}, &chunk);
    for (uint32_t i = 0; i < c->reductions.len; i++) chunk_combine(&c->reductions.data[i], &inner, chunk);
}

static void loop_divide(Chunks *c) {
    IrFn *fn = c->loop->parent->fn;
    c->map_len = fn->next_value;
    c->map = arena_array(c->arena, Value *, c->map_len);
    Builder b = builder_before(c->loop);
    Op *failure = loop_failure(c->loop);
    if (failure != NULL) c->failed = failure_flag(failure);
    divide(c, &b);
    Value *chunks = ceil_div(&b, c->trips, c->size), *chunk;
    parts_make(c, &b, chunks);
    OpLoop parallel = {.is_parallel = true, .independent = true};
    Value *one = build_i64(&b, 1);
    Builder inner = loop_over_chunks(&b, chunks, parallel, &chunk);
    loop_set_grain(inner.region->parent, one);
    chunk_body(c, &inner, chunk);
    chunks_combine(c, b, chunks);
    for (uint32_t i = 0; i < c->reductions.len; i++)
        build_op(&b, OP_FREE, &c->reductions.data[i].parts, 1, NULL, 0, 0);
    op_unlink(c->loop);
}

static bool declares_reduction(const Op *op) {
    const Op *first = op->kind == OP_FOR ? op->regions[0]->first : NULL;
    return first != NULL && first->kind == OP_REDUCES;
}

/* Loops inside come first: they are copied as they are then. */
static void region_divide(Arena *arena, Region *region, bool in_lanes) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        bool lanes = in_lanes || (op->kind == OP_FOR && op->attr.loop.is_simd);
        for (uint32_t i = 0; i < op->region_count; i++) region_divide(arena, op->regions[i], lanes);
        if (!declares_reduction(op) || !op->attr.loop.is_parallel) continue;
        Chunks c = {.arena = arena, .loop = op};
        if (reductions_find(&c) && !in_lanes) {
            declarations_drop(op);
            loop_divide(&c);
        } else {
            loop_keep_whole(op);
        }
    }
}

void loops_divide(Arena *arena, IrFn *fn) { region_divide(arena, fn->body, false); }
