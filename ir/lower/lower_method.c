/* Methods that change their array, and give nothing. Arguments come first; then the array is lent. */
#include "ir/lower/lower_array.h"

static void lower_swap(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const Type *type = shape_type(f, i->args[0]);
    Path path = path_of(f, i->args[0]);
    Value *a = lower_bound(f, i->args[1]), *b = lower_bound(f, i->args[2]);
    Place place = place_open(f, &path, true);
    Value *view = place_view(f, &place, true, i->args[0]->span);
    Value *size = dim_value(f, view, type, 0);
    a = index_at(f, i->args[1], a, size);
    b = index_at(f, i->args[2], b, size);
    f->b.span = e->span;
    Value *a_value = build_load(&f->b, view, &a), *b_value = build_load(&f->b, view, &b);
    build_store(&f->b, view, b_value, &a);
    build_store(&f->b, view, a_value, &b);
}

/* fill, mul, add: as assignments to all elements. */
static void lower_update(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const Type *type = shape_type(f, i->args[0]);
    Path path = path_of(f, i->args[0]);
    ArrayNode *node = array_prepare(f, i->args[1]);
    bool is_fill = i->builtin == BUILTIN_M_FILL;
    Place place = place_open(f, &path, is_fill);
    Value *view = place_view(f, &place, is_fill, i->args[0]->span);
    f->b.span = e->span;
    if (!is_fill) {
        BinaryOp op = i->builtin == BUILTIN_M_MUL ? BIN_MUL : BIN_ADD;
        ArrayNode *old = array_node_view(f, view, type, e->span);
        node = array_node_update(f, op, old, node, i->args[1], NULL);
    }
    f->b.span = e->span;
    array_assign(f, view, type, node);
}

static Value *first_part_of(FnLower *f, Value *view, Value *count) {
    Value *range[] = {build_i64(&f->b, 0), count, build_i64(&f->b, 1)};
    return build_slice(&f->b, view, range, 0, false);
}

/* A new array with what fits of the old one, and zeros after that. */
static void lower_resize(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const IrType *elem = ir_type_of(f->p, info(f, i->args[0])->type->elem);
    Path path = path_of(f, i->args[0]);
    Value *size;
    lower_alloc_dims(f, &i->args[1], 1, e->span, &size);
    Value *made = temporary_of(f, build_alloc(&f->b, elem, &size, 1, true));
    Place place = place_open(f, &path, true);
    Value *ref = place_as_ref(f, &place);
    f->b.span = e->span;
    Value *old = build_lend(&f->b, ref, false), *dim = build_dim(&f->b, old, 0);
    Value *kept = build_binary(&f->b, OP_MIN, dim, size);
    Value *from = first_part_of(f, old, kept);
    Op *map = build_map(&f->b, elem, &kept, 1);
    Builder outside = f->b;
    f->b = builder_at_end(map->regions[0], e->span);
    Value *value = build_load(&f->b, from, &map->regions[0]->params[0]);
    build_yield(&f->b, &value, 1);
    f->b = outside;
    build_assign(&f->b, first_part_of(f, build_lend(&f->b, made, true), kept), op_result(map));
    build_set(&f->b, ref, build_move(&f->b, made));
}

void lower_void_method(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    KC_CHECK(i->role == ROLE_BUILTIN);
    switch ((int)i->builtin) {
    case BUILTIN_M_STORE:
    case BUILTIN_M_MASKED_STORE:
    case BUILTIN_M_COMPRESS_STORE:
    case BUILTIN_M_SCATTER: lower_simd_store(f, e); return;
    case BUILTIN_M_PREFETCH: lower_prefetch(f, e); return;
    case BUILTIN_M_SWAP: lower_swap(f, e); return;
    case BUILTIN_M_RESIZE: lower_resize(f, e); return;
    case BUILTIN_M_APPEND: lower_append(f, e); return;
    case BUILTIN_M_RESET: lower_reset(f, e); return;
    default: lower_update(f, e); return;
    }
}
