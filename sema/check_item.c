/* Indexing of lists and of C pointers. */
#include "sema/expr.h"

static bool one_index(FnChecker *f, Expr *e, const char *what) {
    const ArgVec *args = &e->index.args;
    if (args->len == 1 && name_eq(args->data[0].key.name, NO_NAME)) return true;
    diag_add(f->c->cx, K0261, e->span, "%s is indexed by one number", what);
    for (uint32_t i = 0; i < args->len; i++) {
        Expr *index = args->data[i].value;
        if (index->kind != EXPR_SLICE) check_expr(f, index, type_int(f->c->types));
    }
    return false;
}

/* The element is a place; what it owns stays in the list. */
static const Type *check_list_element(FnChecker *f, Expr *e, const Type *base, Expr *index) {
    check_expr(f, index, type_int(f->c->types));
    if (!convert_index(f, index, "an index")) return expr_poison(f, e);
    const Type *elem = type_with_fresh(f->c->types, base->elem, e->span);
    return expr_set_args(f, e, ROLE_ELEMENT, elem, &index, 1);
}

/* `xs[a:b]` looks into the list: elements side by side. */
static const Type *check_list_slice(FnChecker *f, Expr *e, const Type *base) {
    Context *cx = f->c->cx;
    if (!type_is_plain(base->elem)) {
        Diag *d = diag_add(cx, K0264, e->span, "only a list of plain elements has slices");
        diag_primary_label(cx, d, "%s", expr_and_type(f, e->index.base));
        diag_note(cx, d, "loop over the indices: `for i in a..b`, and use `xs[i]`");
        return expr_poison(f, e);
    }
    const Size *length = size_fresh(f, e->index.base->span);
    const Type *array = type_array(f->c->types, FORM_VIEW, base->elem, &length, 1);
    return check_window(f, e, array);
}

const Type *check_list_index(FnChecker *f, Expr *e, const Type *base) {
    if (!one_index(f, e, "a list")) return expr_poison(f, e);
    Expr *index = e->index.args.data[0].value;
    if (index->kind == EXPR_SLICE) return check_list_slice(f, e, base);
    return check_list_element(f, e, base, index);
}

/* Whether a raw pointer may be looked through, or moved, here. */
static bool may_use_pointer(FnChecker *f, const Expr *e) {
    if (f->unsafe_depth > 0) return true;
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0383, e->span, "using a raw pointer needs `unsafe:`");
    diag_primary_label(cx, d, "nobody knows what is there");
    diag_note(cx, d, "inside `unsafe:` you promise that it is inside of the memory, which lives");
    return false;
}

const Type *check_pointer_step(FnChecker *f, Expr *e) {
    const Type *type = expr_type(f, e->binary.lhs);
    if (!convert_index(f, e->binary.rhs, "a number of elements")) return expr_poison(f, e);
    if (!may_use_pointer(f, e)) return expr_poison(f, e);
    return expr_set(f, e, ROLE_OPERATOR, type);
}

const Type *check_pointer_index(FnChecker *f, Expr *e) {
    if (!one_index(f, e, "a pointer")) return expr_poison(f, e);
    Expr *index = e->index.args.data[0].value;
    if (index->kind == EXPR_SLICE) {
        diag_add(f->c->cx, K0264, e->span, "a raw pointer has no slices: it does not know a size");
        return expr_poison(f, e);
    }
    check_expr(f, index, type_int(f->c->types));
    if (!convert_index(f, index, "an index")) return expr_poison(f, e);
    if (!may_use_pointer(f, e)) return expr_poison(f, e);
    return expr_set_args(f, e, ROLE_ELEMENT, expr_type(f, e->index.base)->elem, &index, 1);
}
