/* From a place to the variable that it belongs to. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

static void guard_by(FnChecker *f, PlaceRoot *root, const Expr *base) {
    const Type *type = expr_type(f, base);
    if (type->kind == TYPE_STRUCT && type->strukt->del != NULL) root->guarded = base;
}

PlaceRoot place_root(FnChecker *f, const Expr *e) {
    PlaceRoot root = {.is_whole = true};
    for (e = expr_bare((Expr *)e);; e = expr_bare((Expr *)e)) {
        const ExprInfo *info = expr_info(f->c, e);
        root.root = e;
        if (info->role == ROLE_LOCAL) root.local = info->local;
        if (info->role == ROLE_GLOBAL) root.global = info->global;
        const Expr *base = NULL;
        if (info->role == ROLE_FIELD) {
            base = e->member.base;
            guard_by(f, &root, base);
        } else if (info->role == ROLE_ITEM) {
            base = e->index.base;
        } else if (info->role == ROLE_ELEMENT && expr_type(f, e->index.base)->kind == TYPE_LIST) {
            base = e->index.base;
            root.element = e;
        }
        if (base == NULL) return root;
        root.is_whole = false;
        e = base;
    }
}

bool root_is_named(const PlaceRoot *root) { return root->local != NULL || root->global != NULL; }

const ParamInfo *param_of(FnChecker *f, const Local *local) {
    for (uint32_t i = 0; local->is_param && f->fn != NULL && i < f->fn->params.len; i++) {
        if (f->fn->params.data[i].local == local) return &f->fn->params.data[i];
    }
    return NULL;
}

const char *param_with(FnChecker *f, const ParamInfo *param, const char *convention) {
    Span bare = {param->span.file, param->local->span.start, param->span.end};
    if (bare.end < bare.start) bare = param->local->span;
    return arena_printf(f->c->cx->arena, "%s %s", convention, source_line_of(f->c, bare));
}

void fix_convention(FnChecker *f, Fix *fix, const ParamInfo *param, const char *convention) {
    Span before = {param->span.file, param->span.start, param->local->span.start};
    if (before.end < before.start) before.end = before.start;
    fix_replace(f->c->cx, fix, before, arena_printf(f->c->cx->arena, "%s ", convention));
}

Fix *suggest_after(FnChecker *f, Diag *d, FixKind kind, const char *advice, const char *before,
                   const Expr *place, const char *text) {
    Context *cx = f->c->cx;
    const char *quote = expr_quote(f, place);
    int length = (int)strlen(quote);
    Fix *fix = quote[0] == '`' ? diag_fix(cx, d, kind, "%s: `%s%.*s%s`", advice, before, length - 2,
                                          quote + 1, text)
                               : diag_fix(cx, d, kind, "%s with `%s`", advice, text);
    fix_replace(cx, fix, span_after(place->span), text);
    return fix;
}
