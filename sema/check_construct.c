/* Calls of types: conversions `f32(x)`, structs `P(1.0, y=2.0)`. Arrays are in check_alloc.c. */
#include "sema/expr.h"

/* ---- Conversions ----------------------------------------------------------------------------- */

/* A literal in `T(...)` becomes a T at once where it fits, so that `f32(0.1)` is rounded once;
 * others are converted as at run time. */
static bool adapt_in_conversion(FnChecker *f, Expr *arg, const Type *to) {
    const Const *constant = expr_constant(f, arg);
    bool fits = constant && type_is_number(to) &&
                (scalar_is_float(to->scalar) ||
                 (constant->kind == CONST_INT && const_fits(constant, to->scalar)));
    if (fits) return literal_adapt(f, arg, to);
    if (constant && constant->kind == CONST_INT && !const_fits(constant, SCALAR_I64)) {
        return literal_adapt(f, arg, type_scalar(f->c->types, SCALAR_U64));
    }
    return literal_default(f, arg, NULL);
}

static const Type *report_conversion(FnChecker *f, Expr *e, const Expr *arg, const Type *to) {
    Context *cx = f->c->cx;
    const Type *from = expr_type(f, arg);
    Diag *d = diag_add(cx, K0266, arg->span, "%s cannot be converted to `%s`",
                       type_kind_words(from), type_text(cx, to));
    diag_primary_label(cx, d, "%s", expr_and_type(f, arg));
    if (from->kind == TYPE_STR) diag_note(cx, d, "numbers are not read from text");
    return expr_poison(f, e);
}

const Type *check_convert(FnChecker *f, Expr *e, const Type *to) {
    Context *cx = f->c->cx;
    if (!check_arg_count(f, e, 1, 1, type_text(cx, to))) return expr_poison(f, e);
    Expr *arg = e->call.args.data[0].value;
    const Type *from = check_expr(f, arg, to);
    if (type_is_error(from)) return expr_poison(f, e);
    if (type_is_literal(from)) {
        if (!adapt_in_conversion(f, arg, to)) return expr_poison(f, e);
        from = expr_type(f, arg);
    }
    if (from->kind == TYPE_VOID || from->kind == TYPE_RANGE) {
        check_value(f, arg, NULL);
        return expr_poison(f, e);
    }
    if (type_element(from)->kind != TYPE_SCALAR) return report_conversion(f, e, arg, to);
    const Type *type = type_with_elem(f->c->types, from, to);
    const Const *constant = type_is_vector(from) ? NULL : expr_constant(f, arg);
    if (constant) constant = const_convert(f->c, constant, to);
    if (constant) return expr_set_const(f, e, type, constant);
    return expr_set_args(f, e, ROLE_CONVERT, type, &arg, 1);
}

/* ---- Structs --------------------------------------------------------------------------------- */

static const char *field_name(FnChecker *f, const StructSymbol *s, uint32_t i) {
    return text_of(f->c->cx, s->fields.data[i].name);
}

static uint32_t find_field(const StructSymbol *s, Name name) {
    for (uint32_t i = 0; i < s->fields.len; i++) {
        if (name_eq(s->fields.data[i].name, name)) return i;
    }
    return UINT32_MAX;
}

static void label_struct(FnChecker *f, Diag *d, const StructSymbol *s) {
    diag_label(f->c->cx, d, s->decl->name.span, "`%s` is declared here",
               text_of(f->c->cx, s->name));
}

static void report_no_such_field(FnChecker *f, const StructSymbol *s, Ident key) {
    Context *cx = f->c->cx;
    const char *text = text_of(cx, key.name);
    Diag *d = diag_add(cx, K0260, key.span, "`%s` has no field `%s`", text_of(cx, s->name), text);
    Vec(const char *) names = {0};
    for (uint32_t i = 0; i < s->fields.len; i++) vec_push(cx->arena, &names, field_name(f, s, i));
    const char *near = nearest_text(text, names.data, names.len);
    if (near) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
        fix_replace(cx, fix, key.span, near);
    }
    label_struct(f, d, s);
}

/* The field that argument `i` is for, or UINT32_MAX after reporting. */
static uint32_t field_of_argument(FnChecker *f, const StructSymbol *s, const Arg *arg,
                                  uint32_t *next) {
    Context *cx = f->c->cx;
    if (!name_eq(arg->key.name, NO_NAME)) {
        uint32_t at = find_field(s, arg->key.name);
        if (at == UINT32_MAX) report_no_such_field(f, s, arg->key);
        return at;
    }
    if (*next < s->fields.len) return (*next)++;
    Diag *d =
        diag_add(cx, K0260, arg->value->span, "`%s` has %u field%s, and more values are given",
                 text_of(cx, s->name), s->fields.len, s->fields.len == 1 ? "" : "s");
    label_struct(f, d, s);
    return UINT32_MAX;
}

static bool take_fields(FnChecker *f, Expr *e, const StructSymbol *s, Expr **values) {
    Context *cx = f->c->cx;
    const ArgVec *args = &e->call.args;
    uint32_t next = 0;
    bool good = true;
    for (uint32_t i = 0; i < args->len; i++) {
        const Arg *arg = &args->data[i];
        uint32_t at = field_of_argument(f, s, arg, &next);
        if (at == UINT32_MAX) return false;
        if (values[at]) {
            Diag *d = diag_add(cx, K0260, arg->value->span, "field `%s` is given twice",
                               field_name(f, s, at));
            diag_label(cx, d, values[at]->span, "given here already");
            return false;
        }
        values[at] = arg->value;
        if (!s->fields.data[at].type) return false;
        const char *what = arena_printf(cx->arena, "field `%s` of `%s`", field_name(f, s, at),
                                        text_of(cx, s->name));
        good = check_assignable(f, arg->value, s->fields.data[at].type, what,
                                s->fields.data[at].span) &&
               good;
        good = good && !type_is_error(expr_type(f, arg->value));
        if (good) take_owned(f, arg->value, arena_printf(cx->arena, "%s keeps this", what));
        if (good) check_kept_pointer(f, arg->value, arg->value->span);
    }
    return good;
}

static bool all_fields_given(FnChecker *f, Expr *e, const StructSymbol *s, Expr *const *values) {
    Context *cx = f->c->cx;
    StrBuf missing = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->fields.len; i++) {
        if (values[i] || s->fields.data[i].initial) continue;
        strbuf_printf(&missing, "%s`%s`", count++ ? ", " : "", field_name(f, s, i));
    }
    if (count) {
        Diag *d = diag_add(cx, K0260, e->span, "no value for field%s %s of `%s`",
                           count == 1 ? "" : "s", strbuf_text(&missing), text_of(cx, s->name));
        label_struct(f, d, s);
    }
    strbuf_free(&missing);
    return count == 0;
}

/* A struct with `__init__` is made by calling it. */
static const Type *construct_by_init(FnChecker *f, Expr *e, const StructSymbol *s) {
    FnSymbolVec inits = {0};
    for (uint32_t i = 0; i < s->methods.len; i++) {
        FnSymbol *method = s->methods.data[i];
        if (name_eq(method->name, s->init->name)) vec_push(f->c->cx->arena, &inits, method);
    }
    return call_functions(f, e, &inits, NULL, NULL);
}

const Type *check_construct(FnChecker *f, Expr *e, const Type *type) {
    const StructSymbol *s = type->strukt;
    if (s->init != NULL) return construct_by_init(f, e, s);
    uint32_t count = s->fields.len;
    Expr **values = arena_array(f->c->cx->arena, Expr *, count ? count : 1);
    bool good = take_fields(f, e, s, values);
    check_args_alone(f, &e->call.args);
    if (!good || !all_fields_given(f, e, s, values)) return expr_poison(f, e);
    return expr_set_args(f, e, ROLE_CONSTRUCT, type, values, count);
}
