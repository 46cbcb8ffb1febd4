/* `x^`: what may be given away. Whether the place still has its value, and what else needs it, is found
 * out on the IR; here is what names and types decide. */
#include "sema/declare.h"
#include "sema/expr.h"

#include <string.h>

/* The source of `e^` without the mark and its parentheses. */
static const Expr *operand_of(const Expr *e) { return expr_bare(e->operand); }

static void suggest_copy(FnChecker *f, Diag *d, FixKind kind, const Expr *place, Span mark) {
    if (!type_copies(expr_type(f, place))) return;
    Fix *fix = suggest_after(f, d, kind, "copy it", "", place, ".copy()");
    fix->edits.data[0].span.end = mark.end; /* in place of the mark */
}

/* ---- Reports --------------------------------------------------------------------------------- */

static void warn_useless(FnChecker *f, const Expr *e, const Type *type, const char *why) {
    Context *cx = f->c->cx;
    const Expr *operand = operand_of(e);
    const char *text = type_text(cx, type);
    Diag *d = diag_add(cx, W0391, (Span){e->span.file, e->operand->span.end, e->span.end},
                       "`^` does nothing here: %s", why);
    diag_label(cx, d, operand->span, "%s `%s`", article(text), text);
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "leave it out");
    fix_replace(cx, fix, (Span){e->span.file, e->operand->span.end, e->span.end}, "");
}

static void report_borrowed(FnChecker *f, const Expr *e, const PlaceRoot *root) {
    Context *cx = f->c->cx;
    const Local *local = root->local;
    const char *name = text_of(cx, local->name);
    Diag *d = diag_add(cx, K0305, e->span, "cannot move %s: this function only borrows %s",
                       expr_quote(f, operand_of(e)),
                       root->is_whole ? "it" : arena_printf(cx->arena, "`%s`", name));
    diag_primary_label(cx, d, "moved here");
    diag_label(cx, d, local->span,
               "borrowed here (parameters are borrowed unless marked `owned` or `inout`)");
    const ParamInfo *param = param_of(f, local);
    if (param != NULL) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "take it over from the caller: `%s`",
                            param_with(f, param, "owned"));
        fix_convention(f, fix, param, "owned");
    }
    suggest_copy(f, d, FIX_SUGGESTED, operand_of(e), e->span);
}

/* `xs[i]^` gives the element away with `xs.take(i)`. */
static void suggest_take(FnChecker *f, Diag *d, const Expr *e) {
    Context *cx = f->c->cx;
    const Expr *element = operand_of(e);
    const Expr *list = element->index.base, *index = element->index.args.data[0].value;
    const char *a = expr_quote(f, list), *b = expr_quote(f, index);
    if (a[0] != '`' || b[0] != '`') return;
    const char *call = arena_printf(cx->arena, "%.*s.take(%.*s)", (int)strlen(a) - 2, a + 1,
                                    (int)strlen(b) - 2, b + 1);
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "`%s` removes and returns the element", call);
    fix_replace(cx, fix, e->span, call);
}

static void report_element(FnChecker *f, const Expr *e, const PlaceRoot *root) {
    Context *cx = f->c->cx;
    const Expr *list = root->element->index.base;
    Diag *d = diag_add(cx, K0306, e->span, "cannot move out of %s: it would leave a hole in %s",
                       expr_quote(f, root->element), expr_quote(f, list));
    diag_primary_label(cx, d, "moved here");
    bool is_element = operand_of(e) == root->element;
    if (is_element) suggest_take(f, d, e);
    suggest_copy(f, d, is_element ? FIX_SUGGESTED : FIX_AUTOMATIC, operand_of(e), e->span);
}

static void report_walked(FnChecker *f, const Expr *e, const PlaceRoot *root) {
    Context *cx = f->c->cx;
    const char *name = text_of(cx, root->local->name);
    Diag *d = diag_add(cx, K0306, e->span,
                       "cannot move out of `%s`: it would leave a hole in what this loop walks over",
                       name);
    diag_primary_label(cx, d, "moved here");
    diag_label(cx, d, root->local->span, "each `%s` is an element, and stays in its place", name);
    suggest_copy(f, d, FIX_AUTOMATIC, operand_of(e), e->span);
}

void report_guarded_field(FnChecker *f, const Expr *place, Span span, const PlaceRoot *root) {
    Context *cx = f->c->cx;
    const StructSymbol *s = expr_type(f, root->guarded)->strukt;
    const Expr *bare = expr_bare((Expr *)place);
    const char *field = bare->kind == EXPR_MEMBER ? text_of(cx, bare->member.name.name) : "";
    Diag *d = diag_add(cx, K0308, span,
                       "cannot move the field `%s` out of %s: %s has a `__del__` that needs the "
                       "whole value",
                       field, expr_quote(f, root->guarded), text_of(cx, s->name));
    diag_primary_label(cx, d, "moved here");
    diag_label(cx, d, s->del->decl->name.span, "`__del__` looks at all fields");
    suggest_copy(f, d, FIX_AUTOMATIC, bare, span);
}

static void report_constant(FnChecker *f, const Expr *e, const PlaceRoot *root) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0311, e->span, "cannot move `%s`: it is a module constant",
                       text_of(cx, root->global->name));
    diag_primary_label(cx, d, "moved here");
    diag_label(cx, d, root->global->span, "every function may look at it");
    suggest_copy(f, d, FIX_AUTOMATIC, operand_of(e), e->span);
}

/* ---- The check ------------------------------------------------------------------------------- */

static bool may_move(FnChecker *f, const Expr *e, const PlaceRoot *root) {
    const Local *local = root->local;
    if (root->global) {
        report_constant(f, e, root);
    } else if (root->element) {
        report_element(f, e, root);
    } else if (root->guarded) {
        report_guarded_field(f, e->operand, e->span, root);
    } else if (local && local->is_counter) {
        report_walked(f, e, root);
    } else if (local && local->is_param && local->convention == CONVENTION_BORROWED) {
        report_borrowed(f, e, root);
    } else {
        return true;
    }
    return false;
}

static const char *useless_words(const Type *type) {
    return type_looks(type) ? "a view owns nothing that could be moved"
                            : "this is a plain value, and plain values are copied";
}

const Type *check_transfer(FnChecker *f, Expr *e) {
    const Type *type = check_value(f, e->operand, NULL);
    if (type_is_error(type)) return expr_poison(f, e);
    PlaceRoot root = place_root(f, e->operand);
    if (!type_owns(type)) {
        warn_useless(f, e, type, useless_words(type));
    } else if (!root_is_named(&root)) {
        warn_useless(f, e, type, "this value is new, and moves by itself");
    } else if (!may_move(f, e, &root)) {
        return expr_set(f, e, ROLE_OPERATOR, type);
    } else if (root.is_whole) {
        note_replaced(f, root.root, e->span, "moved");
    }
    const Const *constant = expr_constant(f, e->operand);
    expr_set(f, e, ROLE_OPERATOR, type);
    if (constant) expr_set_const(f, e, type, constant);
    return type;
}
