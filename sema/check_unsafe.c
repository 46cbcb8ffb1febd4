/* `unsafe:` blocks: what the user answers for, with a comment that says why it is sound. */
#include "sema/declare.h"
#include "sema/expr.h"

/* From the first byte of the line that `offset` is in to the newline at its end. */
static Span line_around(const Source *source, Span span, uint32_t offset) {
    uint32_t start = offset, end = offset;
    while (start > 0 && source->text[start - 1] != '\n') start--;
    while (end < source->length && source->text[end] != '\n') end++;
    return (Span){span.file, start, end};
}

static uint32_t skip_spaces(const Source *source, uint32_t at, uint32_t end) {
    while (at < end && (source->text[at] == ' ' || source->text[at] == '\t')) at++;
    return at;
}

static bool is_comment(const Source *source, Span line) {
    uint32_t at = skip_spaces(source, line.start, line.end);
    return at < line.end && source->text[at] == '#';
}

/* On the line before, on the line itself, or on the first line inside. */
static bool has_reason(Checker *c, const Stmt *s) {
    const Source *source = source_of(&c->cx->sources, s->span);
    if (source == NULL) return true;
    Span line = line_around(source, s->span, s->span.start);
    if (line.start > 0 && is_comment(source, line_around(source, s->span, line.start - 1)))
        return true;
    if (line.end < source->length &&
        is_comment(source, line_around(source, s->span, line.end + 1))) {
        return true;
    }
    uint32_t at = span_head(c, s->span).end;
    while (at < line.end && source->text[at] != '#' && source->text[at] != '"') at++;
    return at < line.end && source->text[at] == '#';
}

void check_unsafe(FnChecker *f, Stmt *s) {
    Context *cx = f->c->cx;
    if (!has_reason(f->c, s)) {
        Diag *d = diag_add(cx, W0392, span_head(f->c, s->span),
                           "this `unsafe:` block does not say why it is sound");
        diag_note(cx, d,
                  "what kc cannot check here is for the reader to check: give the reason in a "
                  "comment on the line before, or on the first line inside");
    }
    f->unsafe_depth++;
    check_block(f, &s->block);
    f->unsafe_depth--;
}

/* ---- C code that keeps its arguments --------------------------------------------------------- */

/* What a window is made of: `t` of `t.slice_mut(0, 4)`. */
static const Expr *looked_into(FnChecker *f, const Expr *e) {
    for (;;) {
        e = expr_bare((Expr *)(uintptr_t)e);
        const ExprInfo *info = expr_info(f->c, e);
        if (info->role == ROLE_BUILTIN && info->arg_count > 0) {
            e = info->args[0];
        } else if (info->role == ROLE_WINDOW) {
            e = e->index.base;
        } else {
            return e;
        }
    }
}

void check_escaping(FnChecker *f, const FnSymbol *fn, uint32_t index, const Expr *arg) {
    const ParamInfo *param = &fn->params.data[index];
    if (!param->is_escaping || f->unsafe_depth > 0) return;
    Context *cx = f->c->cx;
    const char *name = text_of(cx, fn->name), *what = expr_quote(f, looked_into(f, arg));
    Diag *d = diag_add(cx, K0383, arg->span,
                       "`%s` keeps this after the call, which needs `unsafe:` – "
                       "kc cannot keep %s alive for it",
                       name, what);
    diag_label(cx, d, param->span, "`escaping`: C may use it at any time from then on");
    diag_note(cx, d,
              "put the call into an `unsafe:` block, with a comment that says how long %s lives",
              what);
}
