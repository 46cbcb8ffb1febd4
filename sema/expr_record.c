#include "sema/expr.h"

#include <string.h>

enum { LONGEST_QUOTE = 32 };

const Type *expr_set(FnChecker *f, const Expr *e, ExprRole role, const Type *type) {
    ExprInfo *info = expr_info(f->c, e);
    info->role = role;
    info->type = type;
    return type;
}

const Type *expr_poison(FnChecker *f, const Expr *e) {
    return expr_set(f, e, ROLE_NONE, type_error(f->c->types));
}

const Type *expr_set_const(FnChecker *f, const Expr *e, const Type *type, const Const *constant) {
    ExprInfo *info = expr_info(f->c, e);
    info->role = ROLE_CONST;
    info->type = type;
    info->constant = constant;
    return type;
}

const Type *expr_set_args(FnChecker *f, const Expr *e, ExprRole role, const Type *type,
                          Expr *const *args, uint32_t count) {
    ExprInfo *info = expr_info(f->c, e);
    info->role = role;
    info->type = type;
    info->args = arena_copy(f->c->cx->arena, args, count * sizeof *args);
    info->arg_count = count;
    return type;
}

const Type *expr_set_builtin(FnChecker *f, const Expr *e, Builtin builtin, const Type *type,
                             Expr *const *args, uint32_t count) {
    expr_set_args(f, e, ROLE_BUILTIN, type, args, count);
    expr_info(f->c, e)->builtin = builtin;
    return type;
}

void expr_know(FnChecker *f, const Expr *e, const Const *constant) {
    expr_info(f->c, e)->constant = constant;
}

const Type *expr_type(FnChecker *f, const Expr *e) {
    const ExprInfo *info = expr_info(f->c, e);
    return info->type ? info_type(info) : type_error(f->c->types);
}

const Const *expr_constant(FnChecker *f, const Expr *e) { return expr_info(f->c, e)->constant; }

bool expr_is_checked(FnChecker *f, const Expr *e) { return expr_info(f->c, e)->type != NULL; }

bool expr_known_int(FnChecker *f, const Expr *e, int64_t *value) {
    const Const *constant = expr_constant(f, e);
    if (!constant || constant->kind != CONST_INT) return false;
    if (constant->integer < INT64_MIN || constant->integer > INT64_MAX) return false;
    *value = (int64_t)constant->integer;
    return true;
}

bool exprs_have_error(FnChecker *f, Expr *const *es, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (type_is_error(expr_type(f, es[i]))) return true;
    }
    return false;
}

Expr *expr_bare(Expr *e) {
    while (e->kind == EXPR_PAREN) e = e->operand;
    return e;
}

const char *expr_quote(FnChecker *f, const Expr *e) {
    Span span = e->span;
    if (span_is_none(span) || span.end - span.start > LONGEST_QUOTE) return "this value";
    const Source *source = source_of(&f->c->cx->sources, span);
    const char *text = source->text + span.start;
    int length = (int)(span.end - span.start);
    if (memchr(text, '\n', (size_t)length) || memchr(text, '`', (size_t)length))
        return "this value";
    return arena_printf(f->c->cx->arena, "`%.*s`", length, text);
}

const char *expr_and_type(FnChecker *f, const Expr *e) {
    Context *cx = f->c->cx;
    return arena_printf(cx->arena, "%s is `%s`", expr_quote(f, e), type_text(cx, expr_type(f, e)));
}

void fix_wrap(FnChecker *f, Fix *fix, const Expr *e, const char *before, const char *after) {
    fix_replace(f->c->cx, fix, span_before(e->span), before);
    fix_replace(f->c->cx, fix, span_after(e->span), after);
}

const char *article(const char *word) {
    if (*word == '`') word++;
    if (strchr("aeoAEO", *word)) return "an";
    /* i8, i32, int; f32, f64 and f16 are spoken "eff". */
    if (*word == 'i' || *word == 'I') return "an";
    if (*word == 'f' && word[1] >= '0' && word[1] <= '9') return "an";
    return "a";
}
