/* Reductions as loops with an accumulator, in row-major order.
 *
 * The accumulator starts at the identity, so that an empty reduction gives it; the identities of
 * MIN and MAX are the extremes of the type (the infinities of floats). ALL and ANY (AND, OR) run
 * to the end: the bodies are cheap, and a loop without a way out can be vectorised. Where the order of floats is
 * that of lanes (reduce_lanes), these accumulate, and are combined behind the nest. */
#include "ir/analysis/effects.h"
#include "ir/passes/to_loops.h"

static bool is_position(ReduceKind kind) {
    return kind == REDUCE_ARGMIN || kind == REDUCE_ARGMAX;
}

/* Whether `element` displaces `best`: it is smaller (larger), or the first NaN. */
static Value *build_displaces(Builder *b, ReduceKind kind, Value *element, Value *best) {
    Value *better = build_binary(b, kind == REDUCE_ARGMIN ? OP_LT : OP_GT, element, best);
    if (!ir_is_float(element->type)) return better;
    Value *is_nan = build_binary(b, OP_NE, element, element);
    Value *is_first = build_binary(b, OP_EQ, best, best);
    return build_binary(b, OP_OR, better, build_binary(b, OP_AND, is_nan, is_first));
}

/* Row-major position of the indices in an array of these sizes. */
static Value *build_position(Builder *b, Value *const *indices, Value *const *dims,
                             uint32_t rank) {
    Value *position = indices[0];
    for (uint32_t k = 1; k < rank; k++) {
        position = build_binary(b, OP_MUL, position, dims[k]);
        position = build_binary(b, OP_ADD, position, indices[k]);
    }
    return position;
}

typedef struct ReduceNest {
    Value *best;     /* variable: the accumulator */
    ReduceLanes lanes; /* several of them, where the order is that of lanes */
    Value *position; /* variable, ARGMIN and ARGMAX only */
    Value *dims[8], *indices[8];
    uint32_t rank;
} ReduceNest;

static void build_combine(Builder *b, ReduceKind kind, const ReduceNest *nest, Value *element) {
    if (nest->lanes.count != 0) {
        lanes_combine(&nest->lanes, b, nest->indices[nest->rank - 1], element);
        return;
    }
    Value *best = build_get(b, nest->best);
    if (!is_position(kind)) {
        build_set(b, nest->best, build_binary(b, reduce_step(kind), best, element));
        return;
    }
    Value *displaces = build_displaces(b, kind, element, best);
    Value *here = build_position(b, nest->indices, nest->dims, nest->rank);
    Value *before = build_get(b, nest->position);
    build_set(b, nest->best, build_select(b, displaces, element, best));
    build_set(b, nest->position, build_select(b, displaces, here, before));
}

static const IrType *element_type(const Op *reduce) {
    const Op *yield = reduce->regions[0]->last;
    return yield->operands[0]->type;
}

typedef struct WriteScan {
    const ToLoops *t;
    bool writes;
} WriteScan;

static void write_note(void *user, Op *op) {
    WriteScan *scan = user;
    if ((op_effects(scan->t->effects, op) & EFFECT_WRITES) && !set_is_local(op)) scan->writes = true;
}

/* The elements come without a trace; what accumulates them is a variable. */
static bool writes_nothing(const ToLoops *t, Region *body) {
    WriteScan scan = {t, false};
    region_walk(body, write_note, &scan);
    return !scan.writes;
}

void reduce_lower(ToLoops *t, Op *reduce) {
    ReduceKind kind = reduce->attr.reduce;
    Builder b = builder_before(reduce);
    ReduceNest nest = {.rank = reduce->operand_count};
    for (uint32_t k = 0; k < nest.rank; k++)
        nest.dims[k] = renames_find(&t->renames, reduce->operands[k]);
    const IrType *type = element_type(reduce), *i64 = ir_i64(t->fn->module);
    nest.best = build_var(&b, type, NO_NAME);
    build_set(&b, nest.best, build_reduce_start(&b, kind, type));
    if (is_position(kind)) {
        nest.position = build_var(&b, i64, NO_NAME);
        build_set(&b, nest.position, build_i64(&b, 0));
    }
    nest.lanes = lanes_open(&b, kind, type, nest.dims[nest.rank - 1]);
    Builder inside = b;
    nest_open(&inside, nest.dims, nest.rank, 0, 0, nest.indices);
    bool independent = writes_nothing(t, reduce->regions[0]);
    for (uint32_t k = 0; k < nest.rank; k++) {
        OpLoop *loop = &nest.indices[k]->region->parent->attr.loop;
        loop->reduces = fp_frees_order(t->fn->fp);
        loop->independent = independent;
    }
    Value *element;
    cloner_body(&t->cloner, &inside, reduce->regions[0], nest.indices, &element);
    build_combine(&inside, kind, &nest, renames_find(&t->renames, element));
    if (nest.lanes.count != 0) {
        Value *all = lanes_close(&nest.lanes, &b);
        build_set(&b, nest.best, build_binary(&b, reduce_step(kind), build_get(&b, nest.best), all));
    }
    Value *result = build_get(&b, is_position(kind) ? nest.position : nest.best);
    renames_add(&t->renames, op_result(reduce), result);
    op_unlink(reduce);
}
