/* Arguments to parameters: by position, by key, by default; and whether each type fits. */
#include "sema/expr.h"

bool fn_is_init(const FnSymbol *fn) {
    return fn->owner != NULL && fn->owner->init != NULL && name_eq(fn->name, fn->owner->init->name);
}

const char *called_name(const FnChecker *f, const FnSymbol *fn) {
    return text_of(f->c->cx, fn_is_init(fn) ? fn->owner->name : fn->name);
}

/* A match being made; `report` is false while overloads are tried. */
typedef struct Matching {
    FnChecker *f;
    const Expr *call;
    FnSymbol *fn;
    CallMatch *match;
    uint32_t first; /* parameters before this one are given by the receiver */
    bool report;
} Matching;

static const char *param_name(const Matching *m, uint32_t i) {
    return text_of(m->f->c->cx, m->fn->params.data[i].local->name);
}

static const char *fn_name(const Matching *m) { return called_name(m->f, m->fn); }

/* Records why the function does not fit; gives the diagnostic to add to when it is to be
 * reported. */
static Diag *mismatch(Matching *m, DiagCode code, Span span, const char *why) {
    m->match->why = why;
    if (!m->report) return NULL;
    Context *cx = m->f->c->cx;
    Diag *d = diag_add(cx, code, span, "%s", why);
    if (!span_is_none(m->fn->decl->signature)) {
        diag_label(cx, d, m->fn->decl->signature, "`%s` is declared here", fn_name(m));
    }
    return d;
}

static uint32_t param_find(const Matching *m, Name name) {
    for (uint32_t i = m->first; i < m->fn->params.len; i++) {
        if (name_eq(m->fn->params.data[i].local->name, name)) return i;
    }
    return UINT32_MAX;
}

static const char *count_words(const Matching *m, uint32_t count) {
    if (count == 0) return "no arguments";
    return arena_printf(m->f->c->cx->arena, "%u argument%s", count, count == 1 ? "" : "s");
}

static bool too_many(Matching *m, const Expr *extra) {
    uint32_t takes = m->fn->params.len - m->first, given = m->call->call.args.len;
    mismatch(m, K0252, extra->span,
             arena_printf(m->f->c->cx->arena, "`%s` takes %s, and %u %s given", fn_name(m),
                          count_words(m, takes), given, given == 1 ? "is" : "are"));
    return false;
}

static bool unknown_key(Matching *m, Ident key) {
    Context *cx = m->f->c->cx;
    const char *text = text_of(cx, key.name);
    Diag *d = mismatch(m, K0253, key.span,
                       arena_printf(cx->arena, "`%s` has no parameter `%s`", fn_name(m), text));
    if (!d) return false;
    Vec(const char *) names = {0};
    for (uint32_t i = m->first; i < m->fn->params.len; i++) {
        vec_push(cx->arena, &names, param_name(m, i));
    }
    const char *near = nearest_text(text, names.data, names.len);
    if (near) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
        fix_replace(cx, fix, key.span, near);
    }
    return false;
}

static bool given_twice(Matching *m, Ident key, const Expr *before) {
    Context *cx = m->f->c->cx;
    Diag *d = mismatch(m, K0253, key.span,
                       arena_printf(cx->arena, "argument `%s` of `%s` is given twice",
                                    text_of(cx, key.name), fn_name(m)));
    if (d) diag_label(cx, d, before->span, "given here already");
    return false;
}

/* Parameters that nothing was given for. */
static bool all_given(Matching *m) {
    Context *cx = m->f->c->cx;
    StrBuf missing = {0};
    uint32_t count = 0;
    for (uint32_t i = m->first; i < m->fn->params.len; i++) {
        if (m->match->args[i] || m->fn->params.data[i].initial) continue;
        strbuf_printf(&missing, "%s`%s`", count++ ? ", " : "", param_name(m, i));
    }
    if (count) {
        Span at = {m->call->span.file, m->call->call.callee->span.end, m->call->span.end};
        mismatch(m, K0252, at,
                 arena_printf(cx->arena, "`%s` is called without its argument%s %s", fn_name(m),
                              count == 1 ? "" : "s", strbuf_text(&missing)));
    }
    strbuf_free(&missing);
    return count == 0;
}

static bool distribute(Matching *m) {
    const ArgVec *args = &m->call->call.args;
    uint32_t next = m->first;
    for (uint32_t i = 0; i < args->len; i++) {
        Ident key = args->data[i].key;
        Expr *value = args->data[i].value;
        uint32_t at = next;
        if (name_eq(key.name, NO_NAME)) {
            if (next >= m->fn->params.len) return too_many(m, value);
            next++;
        } else {
            at = param_find(m, key.name);
            if (at == UINT32_MAX) return unknown_key(m, key);
            if (m->match->args[at]) return given_twice(m, key, m->match->args[at]);
        }
        m->match->args[at] = value;
    }
    return all_given(m);
}

/* ---- The match ------------------------------------------------------------------------------- */

bool call_match(FnChecker *f, const Expr *call, Expr *receiver, FnSymbol *fn, bool report,
                CallMatch *match) {
    uint32_t count = fn->params.len;
    *match = (CallMatch){.fn = fn, .args = arena_array(f->c->cx->arena, Expr *, count ? count : 1)};
    bool has_self = receiver != NULL || fn_is_init(fn);
    Matching m = {f, call, fn, match, has_self ? 1 : 0, report};
    if (receiver && count == 0) {
        mismatch(&m, K0252, call->span,
                 arena_printf(f->c->cx->arena, "`%s` has no `self`, so it is not called on a value",
                              fn_name(&m)));
        return false;
    }
    if (receiver) match->args[0] = receiver;
    return distribute(&m);
}
