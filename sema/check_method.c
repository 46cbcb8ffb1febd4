/* Methods of arrays. */
#include "sema/expr.h"

#include <string.h>

Builtin method_find(FnChecker *f, Name name) {
    const char *text = text_of(f->c->cx, name);
#define METHOD(kind, spelling)                                                                     \
    if (strcmp(text, spelling) == 0) return BUILTIN_##kind;
#include "sema/builtins.def"
    return BUILTIN_NONE;
}

/* One call of a method: x.slice(a, b). */
typedef struct MethodCall {
    FnChecker *f;
    Expr *e, *base;
    const Type *type; /* of the array */
    Builtin method;
    Expr *args[3]; /* the array first */
    uint32_t count;
} MethodCall;

static const Type *finish(MethodCall *m, const Type *type) {
    return expr_set_builtin(m->f, m->e, m->method, type, m->args, m->count);
}

static bool is_mutating(Builtin method) {
    return method == BUILTIN_M_VIEW_MUT || method == BUILTIN_M_SLICE_MUT ||
           method == BUILTIN_M_ROW_MUT || method == BUILTIN_M_SPLIT_MUT ||
           method == BUILTIN_M_FILL || method == BUILTIN_M_MUL || method == BUILTIN_M_ADD ||
           method == BUILTIN_M_SWAP;
}

static uint32_t argument_count(Builtin method) {
    switch ((int)method) {
    case BUILTIN_M_RESIZE: return 1;
    case BUILTIN_M_SLICE:
    case BUILTIN_M_SLICE_MUT:
    case BUILTIN_M_SWAP: return 2;
    case BUILTIN_M_ROW:
    case BUILTIN_M_ROW_MUT:
    case BUILTIN_M_SPLIT_MUT:
    case BUILTIN_M_FILL:
    case BUILTIN_M_MUL:
    case BUILTIN_M_ADD: return 1;
    default: return 0;
    }
}

static ArrayForm window_form(const Type *base, bool is_mutable) {
    if (type_is_strided(base)) return is_mutable ? FORM_MUTSTRIDED : FORM_STRIDED;
    return is_mutable ? FORM_MUTVIEW : FORM_VIEW;
}

/* The array's type with another first dimension. */
static const Type *with_first(MethodCall *m, const Size *first, bool is_mutable) {
    const Size *dims[MAX_RANK];
    for (uint32_t i = 0; i < m->type->rank; i++) dims[i] = i ? m->type->dims[i] : first;
    return type_array(m->f->c->types, window_form(m->type, is_mutable), m->type->elem, dims,
                      m->type->rank);
}

static const Type *method_slice(MethodCall *m) {
    const Size *size = check_bounds(m->f, m->args[1], m->args[2], m->type, 0, m->e->span);
    if (!size) return expr_poison(m->f, m->e);
    return finish(m, with_first(m, size, is_mutating(m->method)));
}

static const Type *method_row(MethodCall *m) {
    FnChecker *f = m->f;
    const Type *type = m->type;
    if (type->rank < 2) {
        Diag *d = diag_add(f->c->cx, K0261, m->e->span, "%s has one dimension, so it has no rows",
                           expr_quote(f, m->base));
        diag_note(f->c->cx, d, "one element is `x[i]`, a part of it `x[a:b]`");
        return expr_poison(f, m->e);
    }
    if (!check_subscript(f, m->args[1], type, 0)) return expr_poison(f, m->e);
    return finish(m, type_array(f->c->types, window_form(type, is_mutating(m->method)), type->elem,
                                type->dims + 1, type->rank - 1));
}

static const Type *method_split(MethodCall *m) {
    FnChecker *f = m->f;
    const Size *head = check_bounds(f, NULL, m->args[1], m->type, 0, m->e->span);
    if (!head) return expr_poison(f, m->e);
    const Size *tail = size_difference(f, m->type->dims[0], head, m->e->span);
    const Type *items[2] = {with_first(m, head, true), with_first(m, tail, true)};
    return finish(m, type_tuple(f->c->types, items, 2));
}

static const Type *method_update(MethodCall *m) {
    FnChecker *f = m->f;
    const char *name = builtin_name(m->method);
    check_value(f, m->args[1], m->type);
    const Type *type = expr_type(f, m->args[1]);
    if (type_is_error(type)) return expr_poison(f, m->e);
    bool good;
    if (m->method == BUILTIN_M_FILL) {
        const char *what = arena_printf(f->c->cx->arena, "the value for `%s`", name);
        good = convert_to(f, m->args[1], m->type->elem, what, NO_SPAN);
    } else if (!type_is_number(m->type->elem)) {
        diag_add(f->c->cx, K0285, m->e->span, "`%s` changes arrays of numbers, but %s", name,
                 expr_and_type(f, m->base));
        good = false;
    } else {
        good = check_store(f, m->base, m->args[1]);
    }
    return good ? finish(m, type_void(f->c->types)) : expr_poison(f, m->e);
}

static const Type *method_swap(MethodCall *m) {
    FnChecker *f = m->f;
    if (m->type->rank != 1) {
        Diag *d = diag_add(f->c->cx, K0261, m->e->span,
                           "`swap` exchanges elements of an array of one dimension");
        diag_label(f->c->cx, d, m->base->span, "%s", expr_and_type(f, m->base));
        return expr_poison(f, m->e);
    }
    bool good = check_subscript(f, m->args[1], m->type, 0);
    good = check_subscript(f, m->args[2], m->type, 0) && good;
    return good ? finish(m, type_void(f->c->types)) : expr_poison(f, m->e);
}

const Type *check_shape(FnChecker *f, Expr *e, Expr *base) {
    const Type *type = expr_type(f, base), *items[MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) items[i] = type_int(f->c->types);
    const Type *shape = type_tuple(f->c->types, items, type->rank);
    return expr_set_builtin(f, e, BUILTIN_M_SHAPE, shape, &base, 1);
}

static const Type *method_len(MethodCall *m) {
    int64_t size;
    finish(m, type_int(m->f->c->types));
    if (expr_bare(m->base)->kind == EXPR_NAME && size_is_const(m->type->dims[0], &size)) {
        expr_know(m->f, m->e, const_int(m->f->c, size));
    }
    return expr_type(m->f, m->e);
}

static const Type *method_reduce(MethodCall *m) {
    const Type *type = reduction_type(m->f, m->base, m->method, m->type->elem);
    return type ? finish(m, type) : expr_poison(m->f, m->e);
}

/* Another size is a matter of the owner, and of a type that leaves the size open. */
static const Type *method_resize(MethodCall *m) {
    FnChecker *f = m->f;
    Context *cx = f->c->cx;
    Expr *size = m->args[1];
    check_expr(f, size, type_int(f->c->types));
    bool good = convert_index(f, size, "a size");
    if (!type_is_owned_array(m->type)) {
        Diag *d = diag_add(cx, K0276, m->e->span, "only a Tensor can be resized: it owns its elements");
        diag_label(cx, d, m->base->span, "%s", expr_and_type(f, m->base));
        return expr_poison(f, m->e);
    }
    if (m->type->rank != 1) {
        Diag *d = diag_add(cx, K0261, m->e->span, "`resize` is there for arrays of one dimension");
        diag_label(cx, d, m->base->span, "%s", expr_and_type(f, m->base));
        return expr_poison(f, m->e);
    }
    if (type_is_error(check_place(f, m->base, "`resize` changes it")) || !good) {
        return expr_poison(f, m->e);
    }
    const SizeSym *sym = size_as_sym(m->type->dims[0]);
    if (sym == NULL || sym->kind != SIZE_HIDDEN) {
        Diag *d = diag_add(cx, K0246, m->e->span, "%s cannot be resized: its type fixes the size",
                           expr_quote(f, m->base));
        diag_primary_label(cx, d, "%s", expr_and_type(f, m->base));
        label_declaration(f, d, m->base);
        diag_note(cx, d, "a size that changes is written `?`");
        return expr_poison(f, m->e);
    }
    note_replaced(f, m->base, m->e->span, "resized");
    return finish(m, type_void(f->c->types));
}

static const Type *method_ptr(MethodCall *m) {
    FnChecker *f = m->f;
    if (!type_is_strided(m->type)) return finish(m, type_pointer(f->c->types, m->type->elem));
    Diag *d = diag_add(f->c->cx, K0276, m->e->span,
                       "`ptr` needs elements that lie side by side, but those of %s may not",
                       expr_quote(f, m->base));
    diag_primary_label(f->c->cx, d, "%s", expr_and_type(f, m->base));
    return expr_poison(f, m->e);
}

static const Type *call_method(MethodCall *m) {
    FnChecker *f = m->f;
    switch ((int)m->method) {
    case BUILTIN_M_RESIZE: return method_resize(m);
    case BUILTIN_M_PTR: return method_ptr(m);
    case BUILTIN_M_LEN: return method_len(m);
    case BUILTIN_M_SHAPE: return check_shape(f, m->e, m->base);
    case BUILTIN_M_VIEW:
        return finish(m, array_like(f, m->type, window_form(m->type, false), m->type->elem));
    case BUILTIN_M_VIEW_MUT:
        return finish(m, array_like(f, m->type, window_form(m->type, true), m->type->elem));
    case BUILTIN_M_SLICE:
    case BUILTIN_M_SLICE_MUT: return method_slice(m);
    case BUILTIN_M_ROW:
    case BUILTIN_M_ROW_MUT: return method_row(m);
    case BUILTIN_M_SPLIT_MUT: return method_split(m);
    case BUILTIN_M_COPY: return finish(m, array_like(f, m->type, FORM_TENSOR, m->type->elem));
    case BUILTIN_M_FILL:
    case BUILTIN_M_MUL:
    case BUILTIN_M_ADD: return method_update(m);
    case BUILTIN_M_SWAP: return method_swap(m);
    default: return method_reduce(m);
    }
}

/* Whether arrays have the method: others are those of lists, arenas, tasks and errors. */
static bool is_of_arrays(Builtin method) {
    switch ((int)method) {
    case BUILTIN_NONE:
    case BUILTIN_M_APPEND:
    case BUILTIN_M_TAKE:
    case BUILTIN_M_TENSOR:
    case BUILTIN_M_RESET:
    case BUILTIN_M_USED:
    case BUILTIN_M_PEAK:
    case BUILTIN_M_CAPACITY:
    case BUILTIN_M_WAIT:
    case BUILTIN_M_MESSAGE: return false;
    default: return true;
    }
}

const Type *check_method(FnChecker *f, Expr *e, Expr *base, Ident name) {
    Builtin method = method_find(f, name.name);
    const Type *type = expr_type(f, base);
    if (!is_of_arrays(method)) {
        report_no_field(f, type, name);
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    if (is_simd_access(method)) return check_simd_access(f, e, base, method, NULL);
    uint32_t count = argument_count(method);
    if (!check_arg_count(f, e, count, count, builtin_name(method))) return expr_poison(f, e);
    if (is_mutating(method)) {
        const char *label = arena_printf(f->c->cx->arena, "`%s` changes it", builtin_name(method));
        if (!check_writable(f, base, label)) {
            check_args_alone(f, &e->call.args);
            return expr_poison(f, e);
        }
    }
    MethodCall m = {
        .f = f, .e = e, .base = base, .type = type, .method = method, .count = count + 1};
    m.args[0] = base;
    for (uint32_t i = 0; i < count; i++) m.args[i + 1] = e->call.args.data[i].value;
    return call_method(&m);
}
