/* Lanes that move, masks, and accesses to several elements: interpreted and compiled. */
#include "tests/unit/vector_helpers.h"

/* ---- Lanes ----------------------------------------------------------------------------------- */

static void build_splatted(VectorKernel *k) {
    vector_out(k, build_splat(&k->b, build_load(&k->b, k->in[0], &k->zero), k->c->lanes));
}

static void build_counted(VectorKernel *k) {
    vector_out(k, build_lanes(&k->b, k->c->to, k->c->lanes));
}

/* A lane's number may be anything: it counts modulo the width. */
static void build_lane_read(VectorKernel *k) {
    Value *at = build_load(&k->b, k->indices, &k->zero);
    vector_out(k, build_lane(&k->b, vector_in(k, 0, k->c->lanes), at));
}

static void build_lane_written(VectorKernel *k) {
    Value *at = build_load(&k->b, k->indices, &k->zero);
    Value *scalar = build_load(&k->b, k->in[1], &k->zero);
    vector_out(k, build_with_lane(&k->b, vector_in(k, 0, k->c->lanes), at, scalar));
}

/* To half, as many, and twice as many lanes. */
static void build_shuffled(VectorKernel *k) {
    uint32_t lanes = k->c->lanes, made = lanes / 2 * (1u << k->c->extra);
    uint16_t from[128];
    if (made < 2) made = 2;
    for (uint32_t i = 0; i < made; i++) from[i] = (uint16_t)((i * 7 + 3) % (2 * lanes));
    vector_out(k, build_shuffle(&k->b, vector_in(k, 0, lanes), vector_in(k, 1, lanes), from, made));
}

static void build_folded(VectorKernel *k) {
    vector_out(k, build_fold(&k->b, (ReduceKind)k->c->extra, vector_in(k, 0, k->c->lanes)));
}

static void build_summed(VectorKernel *k) {
    uint32_t lanes = k->c->lanes;
    vector_out(k, build_binary(&k->b, k->c->kind, vector_in(k, 0, lanes), vector_in(k, 1, lanes)));
}

static void build_packed(VectorKernel *k) {
    uint32_t lanes = k->c->lanes;
    vector_out(k, build_binary(&k->b, k->c->kind, vector_in(k, 0, lanes), vector_mask(k, lanes)));
}

static void build_mask_number(VectorKernel *k) {
    vector_number(k, build_unary(&k->b, k->c->kind, vector_mask(k, k->c->lanes)));
}

/* None and all. */
static void build_mask_ends(VectorKernel *k) {
    Value *mask = build_splat(&k->b, build_bool(&k->b, k->c->extra == 1), k->c->lanes);
    vector_number(k, build_unary(&k->b, k->c->kind, mask));
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static Value *maybe_mask(VectorKernel *k) {
    return k->c->extra & 1 ? vector_mask(k, k->c->lanes) : NULL;
}

static void build_moved(VectorKernel *k) {
    Value *mask = maybe_mask(k), *three = build_i64(&k->b, 3), *five = build_i64(&k->b, 5);
    Value *value = build_vload(&k->b, k->in[0], &three, k->c->lanes, mask);
    build_vstore(&k->b, k->out, value, &five, mask);
}

static Value *some_indices(VectorKernel *k) {
    Value *wide = build_vload(&k->b, k->indices, &k->zero, k->c->lanes, NULL);
    const IrType *narrow = ir_vec(k->m, SCALAR_I32, k->c->lanes);
    return k->c->extra & 2 ? build_cast(&k->b, wide, narrow) : wide;
}

static void build_gathered(VectorKernel *k) {
    Value *at = some_indices(k);
    Value *value = build_vload(&k->b, k->in[0], &at, k->c->lanes, maybe_mask(k));
    build_vstore(&k->b, k->out, value, &k->zero, NULL);
}

static void build_scattered(VectorKernel *k) {
    Value *at = some_indices(k);
    build_vstore(&k->b, k->out, vector_in(k, 0, k->c->lanes), &at, maybe_mask(k));
}

/* Rows and columns: an index of each kind. */
static void build_plane(VectorKernel *k) {
    Value *dims[] = {build_i64(&k->b, 12), build_i64(&k->b, 16)};
    Value *from = build_view(&k->b, build_unary(&k->b, OP_BUF, k->in[0]), dims, 2);
    Value *to = build_view(&k->b, build_unary(&k->b, OP_BUF, k->out), dims, 2);
    const IrType *many = ir_vec(k->m, SCALAR_I64, k->c->lanes);
    Value *eleven = build_splat(&k->b, build_i64(&k->b, 12), k->c->lanes);
    Value *rows = build_binary(&k->b, OP_MOD, some_indices(k), build_cast(&k->b, eleven, many));
    Value *by_row[] = {rows, build_i64(&k->b, 3)};
    Value *mask = maybe_mask(k);
    Value *value = build_vload(&k->b, from, by_row, k->c->lanes, mask);
    build_vstore(&k->b, to, value, by_row, mask);
}

/* Every third element: side by side in a view that has gaps. */
static void build_apart(VectorKernel *k) {
    Value *range[] = {build_i64(&k->b, 1), build_i64(&k->b, VECTOR_COUNT / 3), build_i64(&k->b, 3)};
    Value *from = build_slice(&k->b, k->in[0], range, 0, true);
    Value *to = build_slice(&k->b, k->out, range, 0, true);
    Value *mask = maybe_mask(k);
    build_vstore(&k->b, to, build_vload(&k->b, from, &k->zero, k->c->lanes, mask), &k->zero, mask);
}

static void build_pack(VectorKernel *k) {
    Value *at = build_i64(&k->b, 9);
    Value *operands[] = {k->out, vector_in(k, 0, k->c->lanes), at, vector_mask(k, k->c->lanes)};
    build_op(&k->b, OP_PACK, operands, 4, NULL, 0, 0);
}

static void build_hint(VectorKernel *k) {
    Value *far = build_i64(&k->b, INT64_MAX);
    build_op(&k->b, OP_PREFETCH, (Value *[]){k->in[0], far}, 2, NULL, 0, 0);
    build_op(&k->b, OP_PREFETCH, (Value *[]){k->in[0], k->zero}, 2, NULL, 0, 0);
    vector_out(k, vector_in(k, 0, k->c->lanes));
}

/* A variable, a struct and an if that hold vectors. */
static void build_held(VectorKernel *k) {
    const IrType *type = ir_vec(k->m, k->c->from, k->c->lanes);
    Value *var = build_var(&k->b, type, NO_NAME), *inside = vector_in(k, 1, k->c->lanes);
    build_set(&k->b, var, vector_in(k, 0, k->c->lanes));
    Op *choice = build_if(&k->b, build_load(&k->b, k->mask, &k->zero), NULL, 0);
    Builder then = builder_at_end(choice->regions[0], NO_SPAN);
    build_set(&then, var, inside);
    IrField fields[] = {{name_of_str(k->m->cx->names, "flag"), ir_bool(k->m)},
                        {name_of_str(k->m->cx->names, "lanes"), type}};
    const char *name =
        arena_printf(k->m->arena, "Held%s%u", scalar_spelling(k->c->from), k->c->lanes);
    const IrType *holder = ir_struct(k->m, name_of_str(k->m->cx->names, name), fields, 2);
    Value *parts[] = {build_bool(&k->b, true), build_get(&k->b, var)};
    vector_out(k, build_extract(&k->b, build_struct(&k->b, holder, parts), 1));
}

/* ---- All of them ----------------------------------------------------------------------------- */

typedef void (*Build)(VectorKernel *k);

static void add(VectorSuite *s, Build build, OpKind kind, Scalar type, uint32_t lanes,
                uint32_t extra) {
    vector_case_add(s, (VectorCase){build, kind, type, type, lanes, extra, NULL});
}

static void add_folds(VectorSuite *s, Scalar t, uint32_t lanes) {
    static const ReduceKind kinds[] = {REDUCE_ADD, REDUCE_MUL, REDUCE_MIN,
                                       REDUCE_MAX, REDUCE_AND, REDUCE_OR};
    for (uint32_t i = 0; i < ARRAY_LEN(kinds); i++) {
        bool bitwise = i >= 4;
        if (bitwise ? scalar_is_float(t) : t == SCALAR_BOOL) continue;
        add(s, build_folded, OP_FOLD, t, lanes, kinds[i]);
    }
}

static void add_accesses(VectorSuite *s, Scalar t, uint32_t lanes) {
    for (uint32_t extra = 0; extra < 4; extra++) {
        add(s, build_gathered, OP_GATHER, t, lanes, extra);
        add(s, build_scattered, OP_SCATTER, t, lanes, extra);
    }
    for (uint32_t masked = 0; masked < 2; masked++) {
        add(s, build_moved, OP_VLOAD, t, lanes, masked);
        add(s, build_apart, OP_VSTORE, t, lanes, masked);
        add(s, build_plane, OP_SLICE, t, lanes, masked);
    }
    add(s, build_pack, OP_PACK, t, lanes, 0);
    add(s, build_hint, OP_PREFETCH, t, lanes, 0);
    add(s, build_held, OP_VAR, t, lanes, 0);
}

static void add_lanes(VectorSuite *s, Scalar t, uint32_t lanes) {
    add(s, build_splatted, OP_SPLAT, t, lanes, 0);
    if (scalar_is_int(t)) add(s, build_counted, OP_LANES, t, lanes, 0);
    add(s, build_lane_read, OP_LANE, t, lanes, 0);
    add(s, build_lane_written, OP_WITH_LANE, t, lanes, 0);
    for (uint32_t size = 0; size < 3; size++) add(s, build_shuffled, OP_SHUFFLE, t, lanes, size);
    add(s, build_packed, OP_COMPRESS, t, lanes, 0);
    add(s, build_packed, OP_EXPAND, t, lanes, 0);
}

static void add_sums(VectorSuite *s, uint32_t lanes) {
    if (lanes > sum_group(OP_DOT))
        vector_case_add(s, (VectorCase){build_summed, OP_DOT, SCALAR_I16, SCALAR_I32, lanes, 0, NULL});
    if (lanes > sum_group(OP_SAD))
        vector_case_add(s, (VectorCase){build_summed, OP_SAD, SCALAR_U8, SCALAR_I64, lanes, 0, NULL});
}

static void cases_add(VectorSuite *s) {
    static const OpKind numbers[] = {OP_FIRST, OP_TALLY, OP_BITS};
    for (uint32_t lanes = 2; lanes <= 64; lanes *= 2) {
        for (uint32_t i = 0; i < ARRAY_LEN(numbers); i++) {
            add(s, build_mask_number, numbers[i], SCALAR_BOOL, lanes, 2);
            for (uint32_t all = 0; all < 2; all++)
                add(s, build_mask_ends, numbers[i], SCALAR_BOOL, lanes, all);
        }
        add_sums(s, lanes);
        for (Scalar t = SCALAR_BOOL; t < SCALAR_COUNT; t++) {
            bool meets = ((uint32_t)t + (uint32_t)__builtin_ctz(lanes)) % 2 == 0; /* half of them */
            add_folds(s, t, lanes);
            if (meets)
                add_lanes(s, t, lanes);
            else
                add_accesses(s, t, lanes);
        }
    }
}

static int setup(void **state) { return vector_suite_setup(state, cases_add); }

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(vector_tests)};
    return cmocka_run_group_tests_name("vector_lanes", tests, setup,
                                       vector_suite_teardown);
}
