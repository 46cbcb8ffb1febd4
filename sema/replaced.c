/* Which inout parameters get another value: those are passed by reference to their handle. What a callee
 * does to its parameter, the caller does to its argument, so the answer comes when all bodies are known. */
#include "sema/declare.h"
#include "sema/expr.h"

bool gives_owner(FnChecker *f, const Expr *e) {
    e = expr_bare((Expr *)e);
    const ExprInfo *info = expr_info(f->c, e);
    if (!type_owns(expr_type(f, e)) || info->converted) return false;
    if (e->kind == EXPR_TRANSFER) return true;
    if (e->kind == EXPR_COND) {
        return gives_owner(f, e->cond.then) && gives_owner(f, e->cond.otherwise);
    }
    if (info->role == ROLE_BUILTIN) {
        return info->builtin == BUILTIN_M_COPY || info->builtin == BUILTIN_M_TAKE ||
               info->builtin == BUILTIN_M_WAIT;
    }
    return info->role == ROLE_CALL || info->role == ROLE_ALLOC || info->role == ROLE_ARENA_ALLOC;
}

/* ---- Notes ----------------------------------------------------------------------------------- */

static Replacement replacement_of(FnChecker *f, const Expr *place, Span span) {
    const Expr *bare = expr_bare((Expr *)place);
    const ExprInfo *info = expr_info(f->c, bare);
    return (Replacement){
        .fn = f->fn,
        .local = info->role == ROLE_LOCAL ? (Local *)(uintptr_t)info->local : NULL,
        .type = expr_type(f, bare),
        .name = expr_quote(f, bare),
        .span = span,
    };
}

void note_replaced(FnChecker *f, const Expr *place, Span span, const char *how) {
    Replacement r = replacement_of(f, place, span);
    r.how = how;
    if (r.local != NULL) vec_push(f->c->cx->arena, &f->c->program->replacements, r);
}

void note_passed(FnChecker *f, const Expr *place, const FnSymbol *callee, uint32_t param) {
    if (!type_owns(expr_type(f, place)) || callee->is_extern) return;
    Replacement r = replacement_of(f, place, place->span);
    r.callee = callee;
    r.param = param;
    vec_push(f->c->cx->arena, &f->c->program->replacements, r);
}

/* ---- The answer ------------------------------------------------------------------------------ */

static const Local *param_local(const Replacement *r) {
    return r->callee->params.data[r->param].local;
}

static bool mark(const Replacement *r) {
    Local *local = r->local;
    bool is_inout = local && local->is_param && local->convention == CONVENTION_INOUT;
    if (!is_inout || local->is_replaced) return false;
    if (r->callee != NULL && !param_local(r)->is_replaced) return false;
    local->is_replaced = true;
    return true;
}

/* To and fro, so that chains of calls in the order of the file, or against it, need two rounds. */
static void mark_all(Checker *c) {
    Program *program = c->program;
    uint32_t count = program->replacements.len;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < count; i++) {
            changed = mark(&program->replacements.data[i]) || changed;
        }
        for (uint32_t i = count; i-- > 0;) {
            changed = mark(&program->replacements.data[i]) || changed;
        }
    }
}

static bool is_hidden(const Size *size) {
    const SizeSym *sym = size_as_sym(size);
    return sym != NULL && sym->kind == SIZE_HIDDEN;
}

/* The dimension that the place fixes and the callee may change, or the rank. */
static uint32_t unsteady_dim(const Replacement *r) {
    const Type *type = r->type, *to = param_local(r)->type;
    uint32_t dim = 0;
    while (dim < type->rank && (is_hidden(type->dims[dim]) || !is_hidden(to->dims[dim]))) dim++;
    return dim;
}

static void check_size_kept(Checker *c, const Replacement *r) {
    if (r->callee == NULL || !param_local(r)->is_replaced) return;
    if (!type_is_array(r->type) || !type_is_array(param_local(r)->type)) return;
    if (unsteady_dim(r) == r->type->rank) return;
    Context *cx = c->cx;
    const ParamInfo *param = &r->callee->params.data[r->param];
    Diag *d = diag_add(cx, K0246, r->span, "`%s` may give %s another size, but its type fixes it",
                       text_of(cx, r->callee->name), r->name);
    diag_primary_label(cx, d, "%s `%s`", article(type_text(cx, r->type)), type_text(cx, r->type));
    diag_label(cx, d, param->span, "this comes back with any size");
    if (r->local != NULL) {
        diag_label(cx, d, r->local->span, "declare it with `?` for a size that changes");
    }
}

/* C keeps its own pointer to the elements, and would not learn of another one. */
static void report_export(Checker *c, const Replacement *r) {
    Context *cx = c->cx;
    const char *name = text_of(cx, r->local->name), *fn = text_of(cx, r->fn->name);
    const char *how = r->how != NULL ? r->how
                                     : arena_printf(cx->arena, "given another value by `%s`",
                                                    text_of(cx, r->callee->name));
    Diag *d = diag_add(cx, K0384, r->span,
                       "`%s` cannot be %s: `%s` is exported, and C owns the memory behind `%s`", name,
                       how, fn, name);
    diag_primary_label(cx, d, "%s here", how);
    diag_label(cx, d, r->local->span, "C owns the memory behind `%s`", name);
    diag_note(cx, d, "write its elements instead, as in `%s[i] = ...` or `%s.fill(...)`, or return a "
              "new Tensor", name, name);
}

void replaced_settle(Checker *c) {
    mark_all(c);
    for (uint32_t i = 0; i < c->program->replacements.len; i++) {
        const Replacement *r = &c->program->replacements.data[i];
        bool happens = r->callee == NULL || param_local(r)->is_replaced;
        bool is_inout = r->local && r->local->is_param && r->local->convention == CONVENTION_INOUT;
        if (happens && is_inout && r->fn != NULL && r->fn->is_exported) report_export(c, r);
        check_size_kept(c, r);
    }
}
