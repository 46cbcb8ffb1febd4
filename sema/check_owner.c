/* Lists and arenas: how they are made, and the methods of all that is no array. */
#include <string.h>

#include "sema/expr.h"

/* ---- Making ---------------------------------------------------------------------------------- */

/* `grow=True` among the arguments: its value, which is known. */
static bool check_grow(FnChecker *f, const Arg *arg, bool *grows) {
    Context *cx = f->c->cx;
    const char *key = text_of(cx, arg->key.name);
    if (strcmp(key, "grow") != 0) {
        Diag *d = diag_add(cx, K0253, arg->key.span, "`Arena` has no argument `%s`", key);
        diag_note(cx, d, "an arena that gets more memory when it is full is `Arena(n, grow=True)`");
        return false;
    }
    const Const *constant =
        check_constant(f, arg->value, type_bool(f->c->types), "whether an arena grows");
    if (constant == NULL) return false;
    if (constant->kind != CONST_BOOL) {
        diag_add(cx, K0248, arg->value->span, "`grow` is `True` or `False`");
        return false;
    }
    *grows = constant->integer != 0;
    return true;
}

static const Type *make_arena(FnChecker *f, Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    const ArgVec *args = &e->call.args;
    bool grows = false, good = true;
    Expr *bytes = NULL;
    for (uint32_t i = 0; i < args->len; i++) {
        const Arg *arg = &args->data[i];
        if (!name_eq(arg->key.name, NO_NAME)) {
            good = check_grow(f, arg, &grows) && good;
        } else if (bytes == NULL) {
            bytes = arg->value;
        } else {
            diag_add(cx, K0252, arg->value->span, "an `Arena` takes one number: its size in bytes");
            good = false;
        }
    }
    if (bytes == NULL && good) {
        Diag *d = diag_add(cx, K0252, e->span, "an `Arena` needs its size in bytes");
        diag_note(cx, d, "as in `Arena(1024)`");
        good = false;
    }
    if (bytes != NULL) check_expr(f, bytes, type_int(f->c->types));
    check_args_alone(f, args);
    if (!good || !convert_index(f, bytes, "the size of an arena")) return expr_poison(f, e);
    int64_t size;
    if (expr_known_int(f, bytes, &size) && size < 0) {
        diag_add(cx, K0279, bytes->span, "a size cannot be negative, and this is %lld",
                 (long long)size);
        return expr_poison(f, e);
    }
    expr_set_args(f, e, ROLE_ARENA, type, &bytes, 1);
    expr_info(f->c, e)->flag = grows;
    return type;
}

static const Type *make_list(FnChecker *f, Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    const ArgVec *args = &e->call.args;
    if (args->len == 0) return expr_set(f, e, ROLE_LIST, type);
    check_args_alone(f, args);
    Diag *d = diag_add(cx, K0252, e->span, "a list starts empty, and takes nothing here");
    diag_note(cx, d, "elements are added with `append`");
    return expr_poison(f, e);
}

const Type *check_make(FnChecker *f, Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    if (type->kind == TYPE_ARENA) return make_arena(f, e, type);
    if (type->kind == TYPE_LIST) return make_list(f, e, type);
    check_args_alone(f, &e->call.args);
    if (type_is_error(type)) return expr_poison(f, e);
    Diag *d = diag_add(cx, K0251, e->call.callee->span, "`%s` cannot be called",
                       type_text(cx, type));
    if (type->kind == TYPE_TASK) {
        diag_note(cx, d, "a task is started with `spawn f(x)`");
    } else if (type->kind == TYPE_POINTER) {
        diag_note(cx, d, "a pointer to the elements of a Tensor is `t.ptr()`");
    }
    return expr_poison(f, e);
}

/* ---- Methods --------------------------------------------------------------------------------- */

typedef struct OwnerMethod {
    TypeKind kind;
    Builtin method;
    uint32_t count; /* of arguments */
    bool changes;
} OwnerMethod;

static const OwnerMethod owner_methods[] = {
    {TYPE_LIST, BUILTIN_M_LEN, 0, false},      {TYPE_LIST, BUILTIN_M_APPEND, 1, true},
    {TYPE_LIST, BUILTIN_M_TAKE, 1, true},      {TYPE_LIST, BUILTIN_M_COPY, 0, false},
    {TYPE_ARENA, BUILTIN_M_RESET, 0, true},    {TYPE_ARENA, BUILTIN_M_USED, 0, false},
    {TYPE_ARENA, BUILTIN_M_PEAK, 0, false},    {TYPE_ARENA, BUILTIN_M_CAPACITY, 0, false},
    {TYPE_TASK, BUILTIN_M_WAIT, 0, false},     {TYPE_FAILURE, BUILTIN_M_MESSAGE, 0, false},
};

static const OwnerMethod *owner_method(TypeKind kind, Builtin method) {
    for (size_t i = 0; i < ARRAY_LEN(owner_methods); i++) {
        if (owner_methods[i].kind == kind && owner_methods[i].method == method)
            return &owner_methods[i];
    }
    return NULL;
}

static const Type *call_append(FnChecker *f, Expr *e, Expr *list, Expr *value) {
    const Type *elem = expr_type(f, list)->elem;
    if (!check_assignable(f, value, elem, "the element that is appended", NO_SPAN) ||
        type_is_error(expr_type(f, value))) {
        return expr_poison(f, e);
    }
    take_owned(f, value, "`append` keeps this value");
    check_kept_pointer(f, value, value->span);
    Expr *args[2] = {list, value};
    return expr_set_builtin(f, e, BUILTIN_M_APPEND, type_void(f->c->types), args, 2);
}

static const Type *call_take(FnChecker *f, Expr *e, Expr *list, Expr *index) {
    check_expr(f, index, type_int(f->c->types));
    if (!convert_index(f, index, "an index")) return expr_poison(f, e);
    Expr *args[2] = {list, index};
    const Type *elem = type_with_fresh(f->c->types, expr_type(f, list)->elem, e->span);
    return expr_set_builtin(f, e, BUILTIN_M_TAKE, elem, args, 2);
}

static const Type *owner_result(FnChecker *f, Builtin method, const Type *owner, Span span) {
    Types *types = f->c->types;
    switch ((int)method) {
    case BUILTIN_M_COPY: return owner;
    case BUILTIN_M_RESET: return type_void(types);
    case BUILTIN_M_MESSAGE: return type_str(types);
    case BUILTIN_M_WAIT: return type_with_fresh(types, owner->elem, span);
    default: return type_int(types);
    }
}

const Type *check_owner_method(FnChecker *f, Expr *e, Expr *base, Ident name) {
    Context *cx = f->c->cx;
    const Type *type = expr_type(f, base);
    const OwnerMethod *row = owner_method(type->kind, method_find(f, name.name));
    if (row == NULL) {
        report_no_field(f, type, name);
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    const char *text = builtin_name(row->method);
    if (!check_arg_count(f, e, row->count, row->count, text)) return expr_poison(f, e);
    if (row->method == BUILTIN_M_COPY) return check_copy(f, e, base, name);
    if (row->changes) {
        const char *label = arena_printf(cx->arena, "`%s` changes it", text);
        if (type_is_error(check_place(f, base, label))) {
            check_args_alone(f, &e->call.args);
            return expr_poison(f, e);
        }
    }
    const ArgVec *args = &e->call.args;
    if (row->method == BUILTIN_M_APPEND) return call_append(f, e, base, args->data[0].value);
    if (row->method == BUILTIN_M_TAKE) return call_take(f, e, base, args->data[0].value);
    if (row->method == BUILTIN_M_WAIT) check_wait(f, base);
    return expr_set_builtin(f, e, row->method, owner_result(f, row->method, type, e->span), &base, 1);
}

/* ---- Copies ---------------------------------------------------------------------------------- */

/* Why there is no copy: the field that has none, or `__del__`. */
static void explain_no_copy(FnChecker *f, Diag *d, const StructSymbol *s) {
    Context *cx = f->c->cx;
    if (s->del != NULL) {
        diag_label(cx, d, s->del->decl->name.span,
                   "its `__del__` would run for both values, but there is only one thing to end");
        return;
    }
    for (uint32_t i = 0; i < s->fields.len; i++) {
        const FieldInfo *field = &s->fields.data[i];
        if (type_copies(field->type)) continue;
        diag_label(cx, d, field->span, "`%s` is %s `%s`, which is never copied",
                   text_of(cx, field->name), article(type_text(cx, field->type)),
                   type_text(cx, field->type));
        return;
    }
}

const Type *check_copy(FnChecker *f, Expr *e, Expr *base, Ident name) {
    Context *cx = f->c->cx;
    const Type *type = expr_type(f, base);
    if (!check_arg_count(f, e, 0, 0, "copy")) return expr_poison(f, e);
    if (type_copies(type)) return expr_set_builtin(f, e, BUILTIN_M_COPY, type, &base, 1);
    Diag *d = diag_add(cx, K0259, name.span, "`%s` has no `copy`", type_text(cx, type));
    const Type *inner = type;
    while (inner->kind == TYPE_LIST) inner = inner->elem;
    if (inner->kind == TYPE_STRUCT) explain_no_copy(f, d, inner->strukt);
    if (inner->kind == TYPE_ARENA) diag_note(cx, d, "an arena is never copied");
    return expr_poison(f, e);
}
