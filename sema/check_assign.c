/* Assignment: to variables, elements, fields and tuples of these, with and without an operator;
 * and the variables that a `def` makes by assigning to them. */
#include "sema/declare.h"
#include "sema/expr.h"

/* ---- Reports --------------------------------------------------------------------------------- */

/* `x = 1` in a `fn`, where no `x` is declared. Whatever depends on it stays silent. */
static void report_undeclared(FnChecker *f, const Stmt *s, const Expr *target) {
    Context *cx = f->c->cx;
    const char *name = text_of(cx, target->name);
    Diag *d = diag_add(cx, K0207, target->span, "there is no variable `%s` to assign to", name);
    if (s->assign.has_op) {
        diag_note(cx, d,
                  "`%s=` changes a variable that has a value already: declare it before with `var "
                  "%s = ...`",
                  binary_op_spelling(s->assign.op), name);
    } else if (s->assign.target == target) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "declare it with `var`");
        fix_replace(cx, fix, span_before(s->span), "var ");
    } else {
        diag_note(cx, d, "declare it before with `var %s = ...`", name);
    }
    const char *near = scope_nearest(f->c, f->scope, target->name);
    const Symbol *symbol = near != NULL ? scope_find(f->scope, name_of_str(cx->names, near)) : NULL;
    if (symbol == NULL || symbol->kind != SYM_LOCAL || !symbol->local->is_var) return;
    diag_label(cx, d, symbol->span, "`%s` is a variable, from here", near);
    Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "did you mean `%s`?", near);
    fix_replace(cx, fix, target->span, near);
}

static void report_counter(FnChecker *f, const Expr *target, const Local *local) {
    Context *cx = f->c->cx;
    const char *name = text_of(cx, local->name);
    Diag *d = diag_add(cx, K0210, target->span, "the loop variable `%s` cannot be assigned", name);
    diag_label(cx, d, local->span, "each iteration gives `%s` its value", name);
    diag_note(cx, d,
              "a loop that steps in its own way is written with `while`; a changing copy is made "
              "with `var k = %s`",
              name);
}

/* Something that is no variable. */
static void report_no_variable(FnChecker *f, const Expr *target, const Symbol *symbol) {
    Context *cx = f->c->cx;
    const char *name = text_of(cx, target->name);
    Diag *d = diag_add(cx, K0209, target->span, "`%s` is %s, and cannot be assigned", name,
                       symbol_words(symbol));
    if (!span_is_none(symbol->span)) diag_label(cx, d, symbol->span, "`%s` is defined here", name);
    if (symbol->kind == SYM_SIZE) {
        diag_note(cx, d,
                  "the argument decides what `%s` is; a changing copy is made with `var k = %s`",
                  name, name);
    } else if (symbol->kind == SYM_ALIAS) {
        diag_note(cx, d, "constants are known when the program is compiled");
    } else {
        diag_note(cx, d, "choose another name: `var my_%s = ...`", name);
    }
}

static void report_no_target(FnChecker *f, const Expr *target) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0209, target->span, "%s cannot be assigned to", expr_quote(f, target));
    if (target->kind == EXPR_CALL) {
        diag_note(cx, d,
                  "the result of a call is a value; elements are assigned with square brackets: "
                  "`x[i] = ...`");
    } else {
        diag_note(cx, d, "variables, elements `x[i]`, slices `x[a:b]` and fields `p.x` can be");
    }
}

/* ---- Operators ------------------------------------------------------------------------------- */

/* `x += e` is checked as `x + e`, which then has to fit `x`. The sum is an expression of its own
 * that nobody lowers; what it found out about `e` stays with `e`. */
static Expr *operation_of(FnChecker *f, const Stmt *s) {
    Expr *e = expr_new(f->c->ids, EXPR_BINARY, s->span);
    e->binary.op = s->assign.op;
    e->binary.op_span = s->assign.op_span;
    e->binary.op_span.end--; /* without the `=` */
    e->binary.lhs = s->assign.target;
    e->binary.rhs = s->assign.value;
    e->depth = s->assign.value->depth;
    return e;
}

static bool fix_touches(const Fix *fix, Span span) {
    for (uint32_t i = 0; i < fix->edits.len; i++) {
        Span edit = fix->edits.data[i].span;
        if (edit.file == span.file && edit.start >= span.start && edit.end <= span.end) return true;
    }
    return false;
}

/* A target cannot be converted, only the value can: fix-its of `x + e` that change `x` do not
 * hold. */
static void mend_fixes(FnChecker *f, const Stmt *s, uint32_t first, const Type *type) {
    Context *cx = f->c->cx;
    const Expr *value = s->assign.value;
    const Type *to = type_element(type), *from = type_element(expr_type(f, value));
    bool converts = to->kind == TYPE_SCALAR && from->kind == TYPE_SCALAR && to != from;
    for (uint32_t i = first; i < cx->diags.all.len; i++) {
        Diag *d = cx->diags.all.data[i];
        if (d->fixes.len == 0 || !fix_touches(d->fixes.data[0], s->assign.target->span)) continue;
        d->fixes.len = 0;
        if (!converts) continue;
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "convert %s", expr_quote(f, value));
        fix_wrap(f, fix, value, arena_printf(cx->arena, "%s(", type_text(cx, to)), ")");
    }
}

static void check_augmented(FnChecker *f, Stmt *s, const Type *type) {
    Expr *target = s->assign.target;
    if (type_is_error(type)) {
        check_expr(f, s->assign.value, NULL);
        return;
    }
    uint32_t reports = f->c->cx->diags.all.len;
    Expr *operation = operation_of(f, s);
    const Type *result = check_expr(f, operation, type);
    mend_fixes(f, s, reports, type);
    if (type_is_error(result)) return;
    bool fits = type_is_array(type)
                    ? check_store(f, target, operation)
                    : convert_to(f, operation, type, expr_quote(f, target), target->span);
    const ExprInfo *info = expr_info(f->c, operation);
    if (fits && (info->role == ROLE_CALL || info->role == ROLE_MAP)) {
        stmt_info(f->c, s)->fn = (FnSymbol *)(uintptr_t)info->fn;
    }
}

/* ---- One target ------------------------------------------------------------------------------ */

/* Whether assigning to `name` makes a variable: in a `def`, unless one is in sight. */
static bool makes_variable(const FnChecker *f, const Symbol *symbol) {
    if (!f->is_def) return false;
    if (symbol == NULL) return true;
    if (symbol->kind == SYM_LOCAL || symbol->kind == SYM_SIZE) return false;
    return symbol->kind != SYM_ALIAS || symbol->alias.type == NULL ||
           !type_is_error(symbol->alias.type);
}

/* The type of a target that exists; NULL for a name that this assignment defines. */
static const Type *target_type(FnChecker *f, Stmt *s, Expr *target) {
    Expr *bare = expr_bare(target);
    if (bare->kind == EXPR_INDEX || bare->kind == EXPR_MEMBER) {
        return check_place(f, target, "assigned here");
    }
    if (bare->kind == EXPR_ERROR) return expr_poison(f, target);
    if (bare->kind != EXPR_NAME) {
        report_no_target(f, bare);
        return expr_poison(f, target);
    }
    Symbol *symbol = scope_find(f->scope, bare->name);
    if (makes_variable(f, symbol) && !s->assign.has_op) return NULL;
    if (symbol == NULL) {
        report_undeclared(f, s, bare);
        scope_add_poison(f->c, f->scope, bare->name, bare->span);
        return expr_poison(f, target);
    }
    if (symbol->kind == SYM_ALIAS) alias_evaluate(f->c, symbol);
    if (symbol->kind == SYM_ALIAS && type_is_error(symbol->alias.type))
        return expr_poison(f, target);
    if (symbol->kind != SYM_LOCAL) {
        report_no_variable(f, bare, symbol);
        return expr_poison(f, target);
    }
    if (symbol->local->is_counter) {
        report_counter(f, bare, symbol->local);
        return expr_poison(f, target);
    }
    /* Writing through a window leaves the name as it is. */
    if (type_is_mutable_window(symbol->local->type)) return check_expr(f, target, NULL);
    return check_place(f, target, "assigned here");
}

/* The variable that a `def` makes by this assignment. */
static Local *define_local(FnChecker *f, Expr *target, const Type *type) {
    Expr *bare = expr_bare(target);
    Local *local = local_new(f, bare->name, bare->span, type, true);
    leave_sizes_open(f, local, true);
    local_declare(f, local);
    check_expr(f, target, NULL);
    return local;
}

static bool can_rebind(const Type *type) {
    return type->form == FORM_VIEW || type->form == FORM_STRIDED;
}

/* The place gets the value itself, and what it had before is freed. */
static void replace(FnChecker *f, Stmt *s) {
    Expr *target = s->assign.target;
    const char *label =
        arena_printf(f->c->cx->arena, "%s would be a second owner", expr_quote(f, target));
    take_owned(f, s->assign.value, label);
    const ExprInfo *info = expr_info(f->c, expr_bare(target));
    if (info->role == ROLE_LOCAL) note_task_kept(f, s->assign.value, f->fn->locals.data[info->local->id]);
    note_replaced(f, target, s->span, "given another value");
    stmt_info(f->c, s)->replaces = true;
}

static bool has_open_size(const Type *type) {
    for (uint32_t i = 0; i < type->rank; i++) {
        const SizeSym *sym = size_as_sym(type->dims[i]);
        if (sym != NULL && sym->kind == SIZE_HIDDEN) return true;
    }
    return false;
}

/* Whether `target = value` gives an owning place another array, rather than write its elements: what is
 * moved does, what is new does where the size may change, and what a name owns does where there may be
 * no elements yet. */
static bool gets_array(FnChecker *f, const Expr *target, Expr *value, const Type *type) {
    const Type *from = expr_type(f, value);
    if (!type_is_owned_array(type) || !type_is_owned_array(from) || from->rank != type->rank) {
        return false;
    }
    if (from->elem != type->elem) return false;
    if (expr_bare(value)->kind == EXPR_TRANSFER) return true;
    if (gives_owner(f, value)) return has_open_size(type);
    PlaceRoot from_root = place_root(f, value), to_root = place_root(f, target);
    if (!root_is_named(&from_root)) return false;
    return !to_root.is_whole || (to_root.local != NULL && to_root.local->is_empty);
}

/* Whether `target = value` lets a window that writes look elsewhere from now on, rather than write the
 * elements that it looks at: a variable or a field does, where the value is such a window itself. */
static bool gets_window(FnChecker *f, Expr *target, const Expr *value, const Type *type) {
    const Type *from = expr_type(f, value);
    const Expr *bare = expr_bare(target);
    if (bare->kind != EXPR_NAME && bare->kind != EXPR_MEMBER) return false;
    const ExprInfo *info = expr_info(f->c, bare);
    bool is_param = info->role == ROLE_LOCAL && info->local->is_param;
    return !is_param && type_is_mutable_window(type) && type_is_array(from) &&
           type_is_mutable_window(from);
}

static void assign_array(FnChecker *f, Stmt *s, const Type *type) {
    Expr *target = s->assign.target, *value = s->assign.value;
    check_expr(f, value, type);
    if (gets_window(f, target, value, type)) {
        if (convert_to(f, value, type, expr_quote(f, target), target->span))
            stmt_info(f->c, s)->replaces = true;
        return;
    }
    if (!gets_array(f, target, value, type)) {
        check_store(f, target, value);
    } else if (convert_to(f, value, type, expr_quote(f, target), target->span)) {
        replace(f, s);
    }
}

static void check_single(FnChecker *f, Stmt *s) {
    Expr *target = s->assign.target, *value = s->assign.value;
    const Type *type = target_type(f, s, target);
    if (type == NULL) {
        const Type *found = check_value(f, value, NULL);
        const char *label =
            arena_printf(f->c->cx->arena, "%s would be a second owner", expr_quote(f, target));
        take_owned(f, value, label);
        Local *local = define_local(f, target, found);
        note_task_kept(f, value, local);
        vec_push(f->c->cx->arena, &stmt_info(f->c, s)->locals, local);
    } else if (s->assign.has_op) {
        check_augmented(f, s, type);
    } else if (type_is_error(type)) {
        check_expr(f, value, NULL);
    } else if (type_is_array(type) && !can_rebind(type)) {
        assign_array(f, s, type);
    } else if (check_assignable(f, value, type, expr_quote(f, target), target->span)) {
        check_kept_pointer(f, value, target->span);
        if (type_owns(type)) replace(f, s);
        else stmt_info(f->c, s)->replaces = type_is_array(type);
    }
}

/* ---- Tuples ---------------------------------------------------------------------------------- */

static void check_items(FnChecker *f, Stmt *s, const Type *const *targets,
                        const Type *const *found) {
    const ExprVec *items = &s->assign.target->items;
    Expr *value = expr_bare(s->assign.value);
    for (uint32_t i = 0; i < items->len; i++) {
        Local *local = NULL;
        if (targets[i] == NULL) {
            local = define_local(f, items->data[i], found[i]);
        } else if (!type_is_error(targets[i]) && !type_is_error(found[i]) &&
                   targets[i] != found[i]) {
            bool has_items = value->kind == EXPR_TUPLE && value->items.len == items->len;
            Expr *item = has_items ? value->items.data[i] : value;
            if (has_items) {
                convert_to(f, item, targets[i], expr_quote(f, items->data[i]),
                           items->data[i]->span);
            } else if (type_is_array(targets[i]) && type_is_array(found[i])) {
                check_part_fits(f, value, i, found[i], items->data[i]);
            } else {
                report_mismatch(f, value, targets[i], expr_quote(f, items->data[i]),
                                items->data[i]->span);
            }
        }
        vec_push(f->c->cx->arena, &stmt_info(f->c, s)->locals, local);
    }
}

static void check_tuple_assign(FnChecker *f, Stmt *s) {
    Context *cx = f->c->cx;
    Expr *target = s->assign.target, *value = s->assign.value;
    uint32_t count = target->items.len;
    if (s->assign.has_op) {
        Diag *d = diag_add(cx, K0233, s->assign.op_span, "`%s=` changes one variable, not several",
                           binary_op_spelling(s->assign.op));
        diag_note(cx, d, "write one assignment for each");
        return;
    }
    const Type **targets = arena_array(cx->arena, const Type *, count);
    for (uint32_t i = 0; i < count; i++) targets[i] = target_type(f, s, target->items.data[i]);
    Expr *bare = expr_bare(value);
    for (uint32_t i = 0; bare->kind == EXPR_TUPLE && i < bare->items.len && i < count; i++) {
        bool is_known = targets[i] != NULL && !type_is_error(targets[i]);
        check_value(f, bare->items.data[i], is_known ? targets[i] : NULL);
    }
    const Type *type = check_value(f, value, NULL);
    const Type **found = arena_array(cx->arena, const Type *, count);
    take_apart(f, value, type, count, "on the left of `=`", found);
    check_items(f, s, targets, found);
    if (!type_is_error(type)) expr_set(f, target, ROLE_OPERATOR, type);
}

void check_assign(FnChecker *f, Stmt *s) {
    if (s->assign.target->kind == EXPR_TUPLE) {
        check_tuple_assign(f, s);
    } else {
        check_single(f, s);
    }
}
