/* Indexing: elements of arrays and items of tuples. Windows are in check_window.c. */
#include "sema/expr.h"

/* ---- Elements -------------------------------------------------------------------------------- */

static bool report_outside(FnChecker *f, const Expr *index, const Type *base, uint32_t axis,
                           const char *text) {
    Context *cx = f->c->cx;
    const Size *size = base->dims[axis];
    Diag *d = diag_add(cx, K0262, index->span, "index %s is outside of the array", text);
    diag_primary_label(cx, d, "dimension %u of %s has the size %s", axis, shape_text(cx, base),
                       size_text(f, size));
    int64_t known;
    if (size_is_const(size, &known) && known > 0) {
        diag_note(cx, d, "indices run from 0 to %lld, or from -%lld to -1 counted from the end",
                  (long long)known - 1, (long long)known);
    } else {
        diag_note(cx, d, "the last index is one less than the size, or `-1` counted from the end");
    }
    label_size(f, d, size);
    return false;
}

bool check_subscript(FnChecker *f, Expr *index, const Type *base, uint32_t axis) {
    Context *cx = f->c->cx;
    check_expr(f, index, type_int(f->c->types));
    if (!convert_index(f, index, "an index")) return false;
    const Size *size = base->dims[axis];
    int64_t value, known;
    if (expr_known_int(f, index, &value)) {
        bool outside = size_is_const(size, &known) && (value >= known || value < -known);
        if (!outside) return true;
        return report_outside(f, index, base, axis,
                              arena_printf(cx->arena, "%lld", (long long)value));
    }
    const Size *at = size_of_expr(f, index);
    const Size *room = size_sub(f->c->sizes, size, at);
    if (!room || !size_is_const(room, &known) || known > 0) return true;
    return report_outside(f, index, base, axis, expr_quote(f, index));
}

static const Type *check_element(FnChecker *f, Expr *e, const Type *base) {
    const ArgVec *args = &e->index.args;
    Expr *indices[MAX_RANK];
    bool good = true;
    for (uint32_t i = 0; i < args->len; i++) {
        indices[i] = args->data[i].value;
        good = check_subscript(f, indices[i], base, i) && good;
    }
    if (!good) return expr_poison(f, e);
    return expr_set_args(f, e, ROLE_ELEMENT, base->elem, indices, args->len);
}

/* ---- Tuples ---------------------------------------------------------------------------------- */

/* `x.shape[0]` of a known size is known. */
static void know_shape_item(FnChecker *f, const Expr *e, uint32_t item) {
    const ExprInfo *info = expr_info(f->c, e->index.base);
    if (info->role != ROLE_BUILTIN || info->builtin != BUILTIN_M_SHAPE) return;
    Expr *array = info->args[0];
    int64_t size;
    if (expr_bare(array)->kind != EXPR_NAME) return;
    if (size_is_const(expr_type(f, array)->dims[item], &size))
        expr_know(f, e, const_int(f->c, size));
}

static const Type *check_item(FnChecker *f, Expr *e, const Type *base) {
    Context *cx = f->c->cx;
    const ArgVec *args = &e->index.args;
    Expr *index = args->data[0].value;
    if (args->len != 1 || index->kind == EXPR_SLICE) {
        diag_add(cx, K0261, e->span, "a tuple is indexed by one number");
        return expr_poison(f, e);
    }
    check_expr(f, index, type_int(f->c->types));
    if (!convert_index(f, index, "an index")) return expr_poison(f, e);
    int64_t at;
    if (!expr_known_int(f, index, &at)) {
        Diag *d = diag_add(cx, K0282, index->span,
                           "the index of a tuple has to be known at compile time");
        diag_note(cx, d, "the items of a tuple may have different types");
        return expr_poison(f, e);
    }
    int64_t count = base->item_count;
    int64_t item = at < 0 ? at + count : at;
    if (item < 0 || item >= count) {
        diag_add(cx, K0262, index->span, "index %lld is outside of a tuple of %lld items",
                 (long long)at, (long long)count);
        return expr_poison(f, e);
    }
    expr_set(f, e, ROLE_ITEM, base->items[item]);
    expr_info(f->c, e)->index = (uint32_t)item;
    know_shape_item(f, e, (uint32_t)item);
    return expr_type(f, e);
}

/* ---- All kinds ------------------------------------------------------------------------------- */

static void check_indices_alone(FnChecker *f, const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) {
        Expr *index = args->data[i].value;
        if (index->kind != EXPR_SLICE) check_expr(f, index, type_int(f->c->types));
    }
}

static const Type *report_not_indexed(FnChecker *f, Expr *e, const Type *base) {
    Context *cx = f->c->cx;
    check_indices_alone(f, &e->index.args);
    Diag *d = diag_add(cx, K0264, e->span, "%s cannot be indexed: it is %s",
                       expr_quote(f, e->index.base), type_kind_words(base));
    diag_primary_label(cx, d, "`%s` has no elements", type_text(cx, base));
    label_declaration(f, d, e->index.base);
    return expr_poison(f, e);
}

static const Type *report_too_many(FnChecker *f, Expr *e, const Type *base) {
    Context *cx = f->c->cx;
    const ArgVec *args = &e->index.args;
    check_indices_alone(f, args);
    Span extra = span_join(args->data[base->rank].value->span, vec_last(args).value->span);
    Diag *d = diag_add(cx, K0261, extra, "%u indices for an array of %u dimension%s", args->len,
                       base->rank, base->rank == 1 ? "" : "s");
    diag_primary_label(cx, d, "more than `%s` has", type_text(cx, base));
    label_declaration(f, d, e->index.base);
    return expr_poison(f, e);
}

static bool has_slice(const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) {
        if (args->data[i].value->kind == EXPR_SLICE) return true;
    }
    return false;
}

static const Type *index_array(FnChecker *f, Expr *e, const Type *base) {
    const ArgVec *args = &e->index.args;
    for (uint32_t i = 0; i < args->len; i++) {
        if (name_eq(args->data[i].key.name, NO_NAME)) continue;
        diag_add(f->c->cx, K0253, args->data[i].key.span, "an index has no name");
        check_indices_alone(f, args);
        return expr_poison(f, e);
    }
    if (args->len > base->rank) return report_too_many(f, e, base);
    if (args->len == base->rank && !has_slice(args)) return check_element(f, e, base);
    return check_window(f, e, base);
}

static const Type *report_type_as_value(FnChecker *f, Expr *e) {
    const Type *type = resolve_type(f, e, false);
    if (type_is_error(type)) return expr_poison(f, e);
    Diag *d = diag_add(f->c->cx, K0250, e->span, "`%s` is a type, not a value",
                       type_text(f->c->cx, type));
    diag_note(f->c->cx, d, "a value of it is made by a call, as in `Tensor[f32](n)`");
    return expr_poison(f, e);
}

const Type *check_index(FnChecker *f, Expr *e) {
    if (expr_names_type(f, e)) return report_type_as_value(f, e);
    const Type *base = check_value(f, e->index.base, NULL);
    if (type_is_error(base)) {
        check_indices_alone(f, &e->index.args);
        return expr_poison(f, e);
    }
    if (type_is_array(base)) return index_array(f, e, base);
    if (type_is_vector(base)) return check_lane(f, e, base);
    if (base->kind == TYPE_LIST) return check_list_index(f, e, base);
    if (base->kind == TYPE_POINTER) return check_pointer_index(f, e);
    if (base->kind == TYPE_TUPLE) return check_item(f, e, base);
    return report_not_indexed(f, e, base);
}
