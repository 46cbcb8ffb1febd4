/* Places: what is assigned, passed as inout, or looked into by a window that writes. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

/* ---- Reports --------------------------------------------------------------------------------- */

/* The keyword before a name that `let` declared, or NO_SPAN. */
static Span let_keyword(FnChecker *f, const Local *local) {
    const Source *source = source_of(&f->c->cx->sources, local->span);
    if (!source) return NO_SPAN;
    uint32_t at = local->span.start;
    while (at > 0 && source->text[at - 1] == ' ') at--;
    if (at < 3 || source->text[at - 1] != 't' || source->text[at - 2] != 'e' ||
        source->text[at - 3] != 'l') {
        return NO_SPAN;
    }
    return (Span){local->span.file, at - 3, at};
}

static void report_let(FnChecker *f, const Expr *e, const Local *local, const char *label) {
    Context *cx = f->c->cx;
    const char *name = text_of(cx, local->name);
    Span keyword = let_keyword(f, local);
    if (span_is_none(keyword)) {
        Diag *d = diag_add(cx, K0321, e->span, "`%s` cannot be changed", name);
        diag_primary_label(cx, d, "%s", label);
        diag_label(cx, d, local->span, "it gets its value here");
        bool is_element = local->is_counter && type_owns(local->type);
        diag_note(cx, d, is_element ? "loop over the indices, `for i in 0..xs.len()`, and change `xs[i]`"
                                    : "copy it into a `var` first");
        return;
    }
    Diag *d =
        diag_add(cx, K0321, e->span, "`%s` is declared with `let`, so it cannot be changed", name);
    diag_primary_label(cx, d, "%s", label);
    diag_label(cx, d, local->span, "declared with `let` here");
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "declare it with `var`: `var %s`", name);
    fix_replace(cx, fix, keyword, "var");
}

static void suggest_inout(FnChecker *f, Diag *d, const Local *local) {
    const ParamInfo *param = param_of(f, local);
    if (param == NULL) return;
    Fix *fix = diag_fix(f->c->cx, d, FIX_AUTOMATIC, "let the caller see the change: `%s`",
                        param_with(f, param, "inout"));
    fix_convention(f, fix, param, "inout");
}

static void report_borrowed(FnChecker *f, const Expr *e, const Local *local, const char *label) {
    Context *cx = f->c->cx;
    const char *name = text_of(cx, local->name);
    Diag *d =
        diag_add(cx, K0322, e->span, "cannot change `%s`: this function only borrows it", name);
    diag_primary_label(cx, d, "%s", label);
    diag_label(cx, d, local->span,
               "borrowed here (parameters are borrowed unless marked `owned` or `inout`)");
    suggest_inout(f, d, local);
}

/* The View in the declaration of a parameter becomes a MutView. */
static void suggest_mutview(FnChecker *f, Diag *d, const Expr *base) {
    Context *cx = f->c->cx;
    const ExprInfo *info = expr_info(f->c, base);
    if (info->role != ROLE_LOCAL || !info->local->is_param || !f->fn) return;
    const FnDecl *decl = f->fn->decl;
    for (uint32_t i = 0; i < decl->params.len && i < f->fn->params.len; i++) {
        const Expr *type = decl->params.data[i].type;
        if (f->fn->params.data[i].local != info->local || !type || type->kind != EXPR_INDEX)
            continue;
        bool strided = type_is_strided(info->local->type);
        const char *form = strided ? "MutStrided" : "MutView";
        Span rest = {type->span.file, type->index.base->span.end, type->span.end};
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "take a window that can be written: `%s: %s%s`",
                            text_of(cx, info->local->name), form, source_line_of(f->c, rest));
        fix_replace(cx, fix, type->index.base->span, form);
    }
}

static void report_read_only(FnChecker *f, const Expr *e, const Expr *base, const char *label) {
    Context *cx = f->c->cx;
    const char *form = type_is_strided(expr_type(f, base)) ? "Strided" : "View";
    Diag *d = diag_add(cx, K0323, e->span, "cannot write through %s: a %s is read-only",
                       expr_quote(f, base), form);
    diag_primary_label(cx, d, "%s", label);
    label_declaration(f, d, base);
    suggest_mutview(f, d, expr_bare((Expr *)base));
}

/* "`scale` changes this argument (`inout t`)" without what stands in parentheses. */
static const char *label_head(FnChecker *f, const char *label) {
    const char *end = strstr(label, " (");
    return end ? arena_strndup(f->c->cx->arena, label, (size_t)(end - label)) : label;
}

static const Type *report_no_place(FnChecker *f, Expr *e, const char *label) {
    Context *cx = f->c->cx;
    const ExprInfo *info = expr_info(f->c, e);
    Diag *d;
    if (info->role == ROLE_GLOBAL) {
        d = diag_add(cx, K0321, e->span, "%s is a module constant, so it cannot be changed",
                     expr_quote(f, e));
        diag_label(cx, d, info->global->span, "declared with `let` here");
        diag_note(cx, d, "copy it into a variable of the function: `var w = %s.copy()`",
                  text_of(cx, info->global->name));
    } else if (info->role == ROLE_SIZE || (info->role == ROLE_CONST && e->kind == EXPR_NAME)) {
        d = diag_add(cx, K0321, e->span, "%s is a constant, so it cannot be changed",
                     expr_quote(f, e));
    } else {
        bool says_who = label[0] == '`';
        d = diag_add(cx, K0324, e->span,
                     says_who ? "%s, but it is a temporary value that nobody could see change"
                              : "%s is a temporary value that nobody could see change",
                     says_who ? label_head(f, label) : expr_quote(f, e));
        diag_fix(cx, d, FIX_SUGGESTED, "store it in a `var` first");
    }
    diag_primary_label(cx, d, "%s", label);
    return expr_poison(f, e);
}

/* ---- Places ---------------------------------------------------------------------------------- */

static Symbol *local_symbol(FnChecker *f, const Expr *e) {
    Symbol *symbol = e->kind == EXPR_NAME ? scope_find(f->scope, e->name) : NULL;
    return symbol && symbol->kind == SYM_LOCAL ? symbol : NULL;
}

/* Whether the variable may change; `at` is what the message is about. */
static bool local_changes(FnChecker *f, const Expr *at, const Expr *name, const char *label) {
    Symbol *symbol = local_symbol(f, name);
    if (!symbol) return true;
    Local *local = symbol->local;
    if (local->is_var) return true;
    if (local->is_param) {
        report_borrowed(f, at, local, label);
    } else {
        report_let(f, at, local, label);
    }
    local->is_var = true; /* said once: the same fix mends what else changes it */
    return false;
}

static bool is_read_only(const Type *type) {
    return type->form == FORM_VIEW || type->form == FORM_STRIDED;
}

/* Whether what `e` stands for may change: its root is a variable, or a window that writes is on the
 * way. `at` is the whole expression, for messages. */
static bool root_changes(FnChecker *f, Expr *at, Expr *e, const char *label) {
    e = expr_bare(e);
    const ExprInfo *info = expr_info(f->c, e);
    const Type *type = expr_type(f, e);
    if (type_is_error(type)) return false;
    switch (info->role) {
    case ROLE_LOCAL: return local_changes(f, at, e, label);
    case ROLE_FIELD: return root_changes(f, at, e->member.base, label);
    case ROLE_LANE: return root_changes(f, at, e->index.base, label);
    case ROLE_ELEMENT:
    case ROLE_WINDOW: {
        Expr *base = expr_bare(e->index.base);
        const Type *array = expr_type(f, base);
        if (array->kind == TYPE_POINTER) return true;
        if (!type_is_array(array)) return root_changes(f, at, base, label);
        if (type_is_mutable_window(array)) return true;
        if (expr_info(f->c, base)->role == ROLE_WINDOW) return root_changes(f, at, base, label);
        if (is_read_only(array)) {
            report_read_only(f, at, base, label);
            return false;
        }
        return root_changes(f, at, base, label);
    }
    case ROLE_NONE:
    case ROLE_OPERATOR:
    case ROLE_CONST:
    case ROLE_SIZE:
    case ROLE_ITEM:
    case ROLE_RANGE:
    case ROLE_CALL:
    case ROLE_MAP:
    case ROLE_CONVERT:
    case ROLE_CONSTRUCT:
    case ROLE_ALLOC:
    case ROLE_BUILTIN:
    case ROLE_GLOBAL:
    case ROLE_LIST:
    case ROLE_ARENA:
    case ROLE_ARENA_ALLOC:
    case ROLE_FAILURE:
    case ROLE_SPAWN:
    case ROLE_RUN_LOOP:
    case ROLE_REDUCE: break;
    }
    report_no_place(f, e, label);
    return false;
}

/* The variable whose own value changes with the place, elements of arrays apart. */
static void mark_assigned(FnChecker *f, Expr *e) {
    e = expr_bare(e);
    for (;;) {
        ExprRole role = expr_info(f->c, e)->role;
        if (role != ROLE_LANE && (role != ROLE_FIELD || e->kind != EXPR_MEMBER)) break;
        e = expr_bare(role == ROLE_LANE ? e->index.base : e->member.base);
    }
    Symbol *symbol = local_symbol(f, e);
    if (symbol) symbol->local->is_assigned = true;
}

/* A window as a place writes what it looks into. */
static void make_writable(FnChecker *f, Expr *e) {
    for (Expr *at = e;; at = at->operand) {
        ExprInfo *info = expr_info(f->c, at);
        if (type_is_array(info->type) && is_read_only(info->type) &&
            expr_info(f->c, expr_bare(at))->role == ROLE_WINDOW) {
            const Type *type = info->type;
            ArrayForm form = type_is_strided(type) ? FORM_MUTSTRIDED : FORM_MUTVIEW;
            expr_info(f->c, at)->type = array_like(f, type, form, type->elem);
        }
        if (at->kind != EXPR_PAREN) return;
    }
}

const Type *check_place(FnChecker *f, Expr *e, const char *to_do) {
    const Type *type = check_expr(f, e, NULL);
    if (type_is_error(type)) return type;
    if (!root_changes(f, e, e, to_do)) return expr_poison(f, e);
    mark_assigned(f, e);
    make_writable(f, e);
    return expr_type(f, e);
}

bool check_writable(FnChecker *f, Expr *e, const char *label) {
    const Type *type = expr_type(f, e);
    if (type_is_error(type)) return false;
    if (type_is_mutable_window(type)) return true;
    Expr *bare = expr_bare(e);
    ExprRole role = expr_info(f->c, bare)->role;
    if (is_read_only(type) && role != ROLE_WINDOW) {
        report_read_only(f, e, bare, label);
        return false;
    }
    bool temporary = role == ROLE_CALL || role == ROLE_ALLOC || role == ROLE_OPERATOR ||
                     role == ROLE_MAP || role == ROLE_BUILTIN || role == ROLE_CONVERT ||
                     role == ROLE_ARENA_ALLOC;
    return temporary || root_changes(f, e, e, label);
}
