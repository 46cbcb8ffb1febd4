/* What a `def` converts by itself: noted while bodies are checked, told when all have been. An index that
 * becomes an `int` is none of it: that costs nothing worth a word, and `fn` does it as well. */
#include <stdlib.h>

#include "sema/declare.h"
#include "sema/expr.h"

void convert_implicitly(FnChecker *f, Expr *e, const Type *to) {
    expr_info(f->c, e)->converted = to;
    Name fn = f->fn != NULL ? f->fn->name : NO_NAME;
    vec_push(f->c->cx->arena, &f->c->program->conversions,
             ((ConversionSite){fn, e, f->loop_depth > 0}));
}

void fix_convert(FnChecker *f, Fix *fix, const Expr *e, const Type *to) {
    Context *cx = f->c->cx;
    const char *name = type_text(cx, to);
    bool is_wrapped = expr_bare((Expr *)(uintptr_t)e) != e;
    if (is_wrapped) fix_replace(cx, fix, span_before(e->span), name);
    else fix_wrap(f, fix, e, arena_printf(cx->arena, "%s(", name), ")");
}

static void tell(FnChecker *f, const Expr *e, const Type *from, const Type *to) {
    Context *cx = f->c->cx;
    const char *what = expr_quote(f, e), *of = type_text(cx, from), *into = type_text(cx, to);
    bool is_denied = f->c->options->deny_implicit_conversion;
    Diag *d = is_denied
                  ? diag_add(cx, K0397, e->span,
                             "implicit conversion of %s from `%s` to `%s` is denied by "
                             "--deny=implicit-conversion", what, of, into)
                  : diag_add(cx, N0396, e->span, "converted %s from `%s` to `%s` here; write `%s(...)` to "
                             "silence this note", what, of, into, into);
    diag_primary_label(cx, d, type_is_array(expr_type(f, e)) ? "every element is converted" : "converted here");
    if (is_denied) fix_convert(f, diag_fix(cx, d, FIX_AUTOMATIC, "convert it: `%s(...)`", into), e, to);
}

static int compare_sites(const void *left, const void *right) {
    Span a = ((const ConversionSite *)left)->e->span, b = ((const ConversionSite *)right)->e->span;
    if (a.file != b.file) return a.file < b.file ? -1 : 1;
    if (a.start != b.start) return a.start < b.start ? -1 : 1;
    return a.end < b.end ? -1 : a.end > b.end;
}

/* What is known at compile time is converted at compile time. */
static bool happens(Checker *c, const Expr *e) {
    const ExprInfo *info = expr_info(c, e);
    return info->converted != NULL && info->constant == NULL && !type_is_error(info->type) &&
           type_element(info->type) != type_element(info->converted) && !span_is_none(e->span);
}

/* Bodies of `@parameter for` stand several times in the program, and once in the source. */
void conversions_settle(Checker *c) {
    FnChecker f = {.c = c};
    ConversionSite *sites = c->program->conversions.data;
    uint32_t count = c->program->conversions.len;
    if (count == 0) return;
    qsort(sites, count, sizeof *sites, compare_sites);
    const Expr *before = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const Expr *e = sites[i].e;
        bool is_told = before != NULL && compare_sites(&sites[i], &(ConversionSite){.e = before}) == 0;
        if (is_told || !happens(c, e)) continue;
        const ExprInfo *info = expr_info(c, e);
        const Type *from = type_element(info->type), *to = type_element(info->converted);
        Conversion conversion = {.fn = sites[i].fn,
                                 .span = e->span,
                                 .from = from,
                                 .to = to,
                                 .is_array = type_is_array(info->type),
                                 .in_loop = sites[i].in_loop};
        vec_push(c->cx->arena, &c->out->conversions, conversion);
        tell(&f, e, from, to);
        before = e;
    }
}
