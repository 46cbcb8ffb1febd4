/* SIMD values from and to memory. What a method touches is checked first: once for a whole range,
 * once for all lanes of a mask or of indices. */
#include "ir/lower/lower_internal.h"

/* x.store(i, v): found, evaluated, opened. */
typedef struct Access {
    const Expr *e;
    const Type *type; /* of the array */
    Value *view;
    Value *at[MAX_RANK]; /* an index for each dimension; of gather and scatter a vector */
    Value *value, *mask; /* or NULL */
    uint32_t lanes;
} Access;

static bool is_written(Builtin method) {
    return method == BUILTIN_M_STORE || method == BUILTIN_M_MASKED_STORE ||
           method == BUILTIN_M_COMPRESS_STORE || method == BUILTIN_M_SCATTER;
}

static Value *index_value(FnLower *f, const Expr *e) {
    Value *value = lower_value(f, e);
    return value->type->kind == IR_VEC
               ? build_cast(&f->b, value, ir_like(module_of(f), value->type, SCALAR_I64))
               : as_i64(f, value);
}

static Access access_open(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    Access a = {.e = e, .type = shape_type(f, i->args[0])};
    bool writes = is_written(i->builtin);
    Path path = path_of(f, i->args[0]);
    uint32_t next = 1;
    for (uint32_t d = 0; d < a.type->rank; d++) a.at[d] = index_value(f, i->args[next++]);
    if (writes) a.value = lower_value(f, i->args[next++]);
    if (next < i->arg_count) a.mask = lower_value(f, i->args[next]);
    Place place = place_open(f, &path, writes);
    a.view = place_view(f, &place, writes, i->args[0]->span);
    a.lanes = a.value ? a.value->type->lanes : i->type->lanes;
    f->b.span = e->span;
    return a;
}

/* ---- Checks ---------------------------------------------------------------------------------- */

static Value *last_size(FnLower *f, const Access *a) {
    return dim_value(f, a->view, a->type, a->type->rank - 1);
}

static void check_leading(FnLower *f, const Access *a) {
    for (uint32_t d = 0; d + 1 < a->type->rank; d++) {
        check2(f, CHECK_INDEX, a->at[d], dim_value(f, a->view, a->type, d));
    }
    f->b.span = a->e->span;
}

/* `count` elements from the index on are there. */
static void check_span(FnLower *f, const Access *a, Value *count) {
    if (!checks_on(f)) return;
    check_leading(f, a);
    Value *first = a->at[a->type->rank - 1];
    check3(f, CHECK_SLICE, first, build_binary(&f->b, OP_ADD, first, count), last_size(f, a));
}

/* The index in each lane that is on is one of the array; the first that is not is shown. */
static void check_each(FnLower *f, const Access *a, Value *indices) {
    if (!checks_on(f)) return;
    Value *size = last_size(f, a), *all = build_splat(&f->b, size, a->lanes);
    Value *zero = build_splat(&f->b, build_i64(&f->b, 0), a->lanes);
    Value *bad = build_binary(&f->b, OP_OR, build_binary(&f->b, OP_LT, indices, zero),
                              build_binary(&f->b, OP_GE, indices, all));
    if (a->mask) bad = build_binary(&f->b, OP_AND, bad, a->mask);
    Op *choice = build_if(&f->b, build_fold(&f->b, REDUCE_OR, bad), NULL, 0);
    Builder outside = f->b;
    f->b = builder_at_end(choice->regions[0], a->e->span);
    Value *index = build_lane(&f->b, indices, build_unary(&f->b, OP_FIRST, bad));
    check2(f, CHECK_INDEX, index, size);
    f->b = outside;
}

/* The elements behind lanes that are on are there. */
static void check_masked(FnLower *f, const Access *a) {
    if (!checks_on(f)) return;
    check_leading(f, a);
    Value *first = build_splat(&f->b, a->at[a->type->rank - 1], a->lanes);
    check_each(f, a, build_binary(&f->b, OP_ADD, first, build_lanes(&f->b, SCALAR_I64, a->lanes)));
}

static void check_access(FnLower *f, const Access *a, Builtin method) {
    switch ((int)method) {
    case BUILTIN_M_LOAD:
    case BUILTIN_M_STORE: check_span(f, a, build_i64(&f->b, a->lanes)); return;
    case BUILTIN_M_COMPRESS_STORE: check_span(f, a, build_unary(&f->b, OP_TALLY, a->mask)); return;
    case BUILTIN_M_GATHER:
    case BUILTIN_M_SCATTER: check_each(f, a, a->at[0]); return;
    default: check_masked(f, a); return;
    }
}

/* The elements side by side as a window of their own, so that everybody can see which they are. */
static void narrow(FnLower *f, Access *a) {
    Value *ranges[3 * MAX_RANK], *one = build_i64(&f->b, 1);
    uint32_t rank = a->type->rank;
    for (uint32_t d = 0; d < rank; d++) {
        ranges[3 * d] = a->at[d];
        ranges[3 * d + 1] = d + 1 < rank ? one : build_i64(&f->b, a->lanes);
        ranges[3 * d + 2] = one;
    }
    a->view = build_slice(&f->b, a->view, ranges, (1u << (rank - 1)) - 1, false);
    a->at[0] = build_i64(&f->b, 0);
}

/* ---- Both ways ------------------------------------------------------------------------------- */

Value *lower_simd_load(FnLower *f, const Expr *e) {
    Access a = access_open(f, e);
    check_access(f, &a, info(f, e)->builtin);
    f->b.span = e->span;
    if (info(f, e)->builtin == BUILTIN_M_LOAD) narrow(f, &a);
    return build_vload(&f->b, a.view, a.at, a.lanes, a.mask);
}

void lower_simd_store(FnLower *f, const Expr *e) {
    Builtin method = info(f, e)->builtin;
    Access a = access_open(f, e);
    check_access(f, &a, method);
    f->b.span = e->span;
    if (method == BUILTIN_M_STORE) narrow(f, &a);
    if (method == BUILTIN_M_COMPRESS_STORE) {
        build_op(&f->b, OP_PACK, (Value *[]){a.view, a.value, a.at[0], a.mask}, 4, NULL, 0, 0);
    } else {
        build_vstore(&f->b, a.view, a.value, a.at, a.mask);
    }
}

/* A hint, wherever it points. */
void lower_prefetch(FnLower *f, const Expr *e) {
    Access a = access_open(f, e);
    Value *operands[1 + MAX_RANK] = {a.view};
    for (uint32_t d = 0; d < a.type->rank; d++) operands[1 + d] = a.at[d];
    build_op(&f->b, OP_PREFETCH, operands, 1 + a.type->rank, NULL, 0, 0);
}
