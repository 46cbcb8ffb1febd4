/* Methods of arrays that give windows or change elements. Reductions and len are in lower_expr.c and
 * lower_reduce.c, copy in lower_memory.c. */
#include "ir/lower/lower_internal.h"

/* What is left of `view` when its first dimension is cut to [lo, hi). */
static Value *cut_first(FnLower *f, Value *view, const Type *type, Value *lo, Value *hi,
                        bool strided) {
    Value *ranges[3 * MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) {
        bool is_first = i == 0;
        ranges[3 * i] = is_first ? lo : build_i64(&f->b, 0);
        ranges[3 * i + 1] = is_first ? build_binary(&f->b, OP_SUB, hi, lo)
                                     : dim_value(f, view, type, i);
        ranges[3 * i + 2] = build_i64(&f->b, 1);
    }
    return build_slice(&f->b, view, ranges, 0, strided);
}

static Value *lower_slice(FnLower *f, const Expr *e, Value *view, const Type *type) {
    const ExprInfo *i = info(f, e);
    Value *size = dim_value(f, view, type, 0);
    Value *lo = lower_bound(f, i->args[1], size), *hi = lower_bound(f, i->args[2], size);
    f->b.span = e->span;
    check3(f, CHECK_SLICE, lo, hi, size);
    return cut_first(f, view, type, lo, hi, type_is_strided(i->type));
}

static Value *lower_row(FnLower *f, const Expr *e, Value *view, const Type *type) {
    const ExprInfo *i = info(f, e);
    Value *row = lower_index(f, i->args[1], dim_value(f, view, type, 0));
    Value *ranges[3 * MAX_RANK] = {row, build_i64(&f->b, 1), build_i64(&f->b, 1)};
    for (uint32_t d = 1; d < type->rank; d++) {
        ranges[3 * d] = build_i64(&f->b, 0);
        ranges[3 * d + 1] = dim_value(f, view, type, d);
        ranges[3 * d + 2] = build_i64(&f->b, 1);
    }
    f->b.span = e->span;
    return build_slice(&f->b, view, ranges, 1, type_is_strided(i->type));
}

Value *lower_view_method(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    Value *view = lower_view(f, i->args[0]);
    const Type *type = shape_type(f, i->args[0]);
    f->b.span = e->span;
    switch ((int)i->builtin) {
    case BUILTIN_M_VIEW:
    case BUILTIN_M_VIEW_MUT: return view_as(f, view, type_is_strided(i->type));
    case BUILTIN_M_SLICE:
    case BUILTIN_M_SLICE_MUT: return lower_slice(f, e, view, type);
    case BUILTIN_M_ROW:
    case BUILTIN_M_ROW_MUT: return lower_row(f, e, view, type);
    default: break;
    }
    KC_BUG("`%s` gives no view", builtin_name(i->builtin));
}

void lower_split_mut(FnLower *f, const Expr *e, ValueVec *out) {
    const ExprInfo *i = info(f, e);
    Value *view = lower_view(f, i->args[0]);
    const Type *type = shape_type(f, i->args[0]);
    Value *size = dim_value(f, view, type, 0), *zero = build_i64(&f->b, 0);
    Value *at = lower_bound(f, i->args[1], size);
    f->b.span = e->span;
    check3(f, CHECK_SLICE, zero, at, size);
    bool strided = view->type->strided;
    vec_push(arena_of(f), out, cut_first(f, view, type, zero, at, strided));
    vec_push(arena_of(f), out, cut_first(f, view, type, at, size, strided));
}

static void lower_swap(FnLower *f, const Expr *e, Value *view, const Type *type) {
    const ExprInfo *i = info(f, e);
    Value *size = dim_value(f, view, type, 0);
    Value *a = lower_index(f, i->args[1], size), *b = lower_index(f, i->args[2], size);
    f->b.span = e->span;
    Value *a_value = build_load(&f->b, view, &a), *b_value = build_load(&f->b, view, &b);
    build_store(&f->b, view, b_value, &a);
    build_store(&f->b, view, a_value, &b);
}

void lower_void_method(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    KC_CHECK(i->role == ROLE_BUILTIN);
    Value *view = lower_view(f, i->args[0]);
    const Type *type = shape_type(f, i->args[0]);
    if (i->builtin == BUILTIN_M_SWAP) {
        lower_swap(f, e, view, type);
        return;
    }
    ArrayNode *node = array_prepare(f, i->args[1]);
    f->b.span = e->span;
    if (i->builtin != BUILTIN_M_FILL) {
        BinaryOp op = i->builtin == BUILTIN_M_MUL ? BIN_MUL : BIN_ADD;
        ArrayNode *old = array_node_view(f, view, type, e->span);
        node = array_node_update(f, op, old, node, i->args[1], NULL);
    }
    f->b.span = e->span;
    array_assign(f, view, type, node);
}
