/* The lanes of a reduction whose order all targets share. They are one vector, which spmd finds again and keeps in
 * registers. Inside of a `simd for` that would have to be a vector of vectors; there they are a small array, made
 * by each iteration for itself. */
#include "ir/passes/to_loops.h"

/* No more lanes than elements: the others would leave everything as it is. */
static uint32_t lanes_needed(uint32_t lanes, const Value *dim) {
    int64_t size;
    if (!value_is_int(dim, &size)) return lanes;
    while (lanes > 2 && size <= lanes / 2) lanes /= 2;
    return lanes;
}

static bool is_in_simd_loop(const Region *region) {
    for (const Op *op = region->parent; op != NULL; op = op->parent->parent)
        if (op->kind == OP_FOR && op->attr.loop.is_simd) return true;
    return false;
}

/* A loop over the first `count` lanes; gives the place inside. */
static Builder lanes_walk(Builder *b, uint32_t count, Value **index) {
    Op *loop = build_for(b, build_i64(b, 0), build_i64(b, count), build_i64(b, 1), (OpLoop){0});
    *index = loop->regions[0]->params[0];
    return builder_at_end(loop->regions[0], b->span);
}

ReduceLanes lanes_open(Builder *b, ReduceKind kind, const IrType *type, const Value *dim) {
    IrModule *m = b->fn->module;
    uint32_t count = lanes_needed(reduce_lanes(b->fn->fp, kind, type), dim);
    ReduceLanes lanes = {.count = count, .kind = kind, .type = type};
    if (count == 0) return lanes;
    Value *identity = build_reduce_identity(b, kind, type), *index;
    if (!is_in_simd_loop(b->region)) {
        lanes.var = build_var(b, ir_vec(m, type->scalar, count), NO_NAME);
        build_set(b, lanes.var, build_splat(b, identity, count));
        return lanes;
    }
    lanes.memory = build_alloc(b, type, (Value *[]){build_i64(b, count)}, 1, false);
    Builder in = lanes_walk(b, count, &index);
    build_store(&in, lanes.memory, identity, &index);
    return lanes;
}

void lanes_combine(const ReduceLanes *lanes, Builder *b, Value *number, Value *element) {
    OpKind step = reduce_step(lanes->kind);
    if (lanes->var != NULL) {
        Value *lane = build_lane_item(b, lanes->var, number);
        build_set(b, lane, build_binary(b, step, build_get(b, lane), element));
        return;
    }
    Value *index = build_binary(b, OP_AND, number, build_i64(b, lanes->count - 1));
    Value *before = build_load(b, lanes->memory, &index);
    build_store(b, lanes->memory, build_binary(b, step, before, element), &index);
}

static void half_combine(const ReduceLanes *lanes, Builder *b, uint32_t half) {
    Value *low;
    Builder in = lanes_walk(b, half, &low);
    Value *high = build_binary(&in, OP_ADD, low, build_i64(&in, half));
    Value *a = build_load(&in, lanes->memory, &low), *c = build_load(&in, lanes->memory, &high);
    build_store(&in, lanes->memory, build_binary(&in, reduce_step(lanes->kind), a, c), &low);
}

Value *lanes_close(const ReduceLanes *lanes, Builder *b) {
    if (lanes->var != NULL) return build_fold(b, lanes->kind, build_get(b, lanes->var));
    for (uint32_t half = lanes->count / 2; half > 0; half /= 2) half_combine(lanes, b, half);
    Value *zero = build_i64(b, 0), *all = build_load(b, lanes->memory, &zero);
    build_op(b, OP_FREE, &lanes->memory, 1, NULL, 0, 0);
    return all;
}
