/* Bodies: blocks, and the statements that are short to check. */
#include "sema/declare.h"
#include "sema/expr.h"
#include "sema/generics.h"

/* ---- Variables ------------------------------------------------------------------------------- */

Local *local_new(FnChecker *f, Name name, Span span, const Type *type, bool is_var) {
    Local *local = arena_new(f->c->cx->arena, Local);
    local->name = name;
    local->span = span;
    local->type = type;
    local->is_var = is_var;
    if (f->fn != NULL) {
        local->id = f->fn->locals.len;
        vec_push(f->c->cx->arena, &f->fn->locals, local);
    }
    return local;
}

/* A size of the signature that has the name of a new variable of the body. */
static bool report_size_again(FnChecker *f, const Local *local) {
    Context *cx = f->c->cx;
    const Symbol *before = scope_find_here(f->scope, local->name);
    if (before == NULL || before->kind != SYM_SIZE) return false;
    const char *name = text_of(cx, local->name);
    Diag *d = diag_add(cx, K0202, local->span, "`%s` is a size of this function already", name);
    diag_label(cx, d, before->span, "the size that an argument has");
    diag_note(cx, d, "`%s` can be used as it is: it is an `int`", name);
    return true;
}

Symbol *local_declare(FnChecker *f, Local *local) {
    if (local->name.id == 0 || report_size_again(f, local)) return NULL;
    const char *what = local->is_param ? "parameter" : "variable";
    Ident name = {local->name, local->span};
    if (!name_is_new(f->c, f->scope, name, what)) {
        /* Which one is meant from here on, nobody knows. */
        Symbol *before = scope_find_here(f->scope, local->name);
        if (before->kind == SYM_LOCAL) symbol_poison(f->c, before);
        return NULL;
    }
    Symbol *symbol = scope_add(f->c, f->scope, SYM_LOCAL, local->name, local->span);
    symbol->local = local;
    return symbol;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

void check_block(FnChecker *f, Block *block) {
    Scope *outer = f->scope;
    f->scope = scope_new(f->c, outer);
    for (uint32_t i = 0; i < block->stmts.len; i++) check_stmt(f, block->stmts.data[i]);
    f->scope = outer;
}

static void fill_scope(FnChecker *f, const FnSymbol *fn) {
    for (uint32_t i = 0; i < fn->sizes.len; i++) {
        const SizeSym *size = fn->sizes.data[i];
        scope_add(f->c, f->scope, SYM_SIZE, size->name, size->span)->size = size;
    }
    for (uint32_t i = 0; i < fn->params.len; i++) {
        Local *local = fn->params.data[i].local;
        if (scope_find_here(f->scope, local->name) != NULL) continue;
        scope_add(f->c, f->scope, SYM_LOCAL, local->name, local->span)->local = local;
    }
}

/* The names of the body stand beside the parameters, so that neither hides the other. */
void check_body_in(Checker *c, FnSymbol *fn, Scope *outer) {
    if (!fn->decl->has_body) return;
    FnChecker f = fn_checker(c, fn, fn->module, scope_new(c, outer));
    fill_scope(&f, fn);
    scan_sizes(&f);
    const StmtVec *stmts = &fn->decl->body.stmts;
    uint32_t errors = c->cx->diags.errors;
    for (uint32_t i = 0; i < stmts->len; i++) check_stmt(&f, stmts->data[i]);
    flow_check(c, fn);
    if (c->cx->diags.errors == errors) initialised_check(c, fn);
    if (!diags_have_errors(c->cx)) settled_check(c, fn);
}

/* Copies of a generic function that is wrong would only say the same again. */
void check_fn_body(Checker *c, FnSymbol *fn) {
    uint32_t errors = c->cx->diags.errors;
    if (fn->generic && fn->generic->is_broken) return;
    check_body_in(c, fn, fn->scope ? fn->scope : module_scope(c, fn->module));
    if (fn->generic && c->cx->diags.errors > errors) fn->generic->is_broken = true;
}

/* ---- if, assert, return ---------------------------------------------------------------------- */

static void check_if(FnChecker *f, Stmt *s) {
    for (uint32_t i = 0; i < s->if_.arms.len; i++) {
        check_condition(f, s->if_.arms.data[i].cond, i == 0 ? "`if`" : "`elif`");
        check_block(f, &s->if_.arms.data[i].body);
    }
    if (s->if_.has_else) check_block(f, &s->if_.otherwise);
}

/* Only the part that is compiled in is checked: the others may not even make sense. */
static void check_parameter_if(FnChecker *f, Stmt *s) {
    uint32_t taken = 0;
    for (; taken < s->if_.arms.len; taken++) {
        Expr *cond = s->if_.arms.data[taken].cond;
        check_condition(f, cond, "`@parameter if`");
        const Const *constant =
            check_constant(f, cond, type_bool(f->c->types), "the condition of `@parameter if`");
        if (constant == NULL) return;
        if (constant->integer != 0) break;
    }
    bool is_else = taken == s->if_.arms.len;
    if (is_else && !s->if_.has_else) return;
    StmtInfo *info = stmt_info(f->c, s);
    info->is_taken = true;
    info->taken = taken;
    check_block(f, is_else ? &s->if_.otherwise : &s->if_.arms.data[taken].body);
}

static void check_assert(FnChecker *f, Stmt *s) {
    check_condition(f, s->assert_.cond, s->assert_.is_debug ? "`debug_assert`" : "`assert`");
    if (s->assert_.message == NULL) return;
    check_assignable(f, s->assert_.message, type_str(f->c->types), "the message", NO_SPAN);
}

/* Where the result type would be written. */
static Span result_place(const FnSymbol *fn) { return span_after(fn->decl->signature); }

static void report_value_for_nothing(FnChecker *f, Stmt *s) {
    Context *cx = f->c->cx;
    const FnSymbol *fn = returning_fn(f);
    const Type *type = check_expr(f, s->expr, NULL);
    if (type_is_error(type) || type->kind == TYPE_VOID) return;
    type = check_value(f, s->expr, NULL);
    if (type_is_error(type)) return;
    const char *name = text_of(cx, fn->name);
    Diag *d = diag_add(cx, K0213, s->expr->span,
                       "`%s` gives no result, but a value is returned here", name);
    diag_primary_label(cx, d, "this is `%s`", type_text(cx, type));
    diag_label(cx, d, fn->decl->signature, "no result type is written here");
    bool has_hidden = type_is_array(type);
    if (fn->is_main || has_hidden) return;
    Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "say what `%s` gives", name);
    fix_replace(cx, fix, result_place(fn), arena_printf(cx->arena, " -> %s", type_text(cx, type)));
}

static void report_no_value(FnChecker *f, const Stmt *s) {
    Context *cx = f->c->cx;
    const FnSymbol *fn = returning_fn(f);
    const char *type = type_text(cx, fn->result);
    Diag *d = diag_add(cx, K0213, s->span, "`%s` gives %s `%s`, but nothing is returned here",
                       text_of(cx, fn->name), article(type), type);
    diag_label(cx, d, fn->decl->result->span, "the result is promised here");
}

/* In the body of a loop, `return` ends the iteration; `continue` of two loops at once there is none. */
static void end_iteration(FnChecker *f, const Stmt *s) {
    stmt_info(f->c, s)->ends_iteration = true;
    if (f->loop_depth == 0) return;
    report_later(f->c, s->span, "`return`s from loops inside the body of `parallelize` or `vectorize`");
}

static void check_return(FnChecker *f, Stmt *s) {
    const FnSymbol *fn = returning_fn(f);
    const Type *result = fn->result;
    if (f->inlining != NULL && f->inlining->is_run) end_iteration(f, s);
    if (type_is_error(result)) {
        if (s->expr != NULL) check_expr(f, s->expr, NULL);
    } else if (result->kind == TYPE_VOID) {
        if (s->expr != NULL) report_value_for_nothing(f, s);
    } else if (s->expr == NULL) {
        report_no_value(f, s);
    } else {
        const char *what =
            arena_printf(f->c->cx->arena, "the result of `%s`", text_of(f->c->cx, fn->name));
        if (!check_assignable(f, s->expr, result, what, fn->decl->result->span)) return;
        take_returned(f, s->expr);
        check_kept_pointer(f, s->expr, s->expr->span);
    }
}

/* ---- Expressions as statements --------------------------------------------------------------- */

/* Whether the statement does nothing at all. */
static bool is_idle(const Expr *e) {
    switch (e->kind) {
    case EXPR_PAREN: return is_idle(e->operand);
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BOOL:
    case EXPR_NAME:
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_UNARY:
    case EXPR_BINARY:
    case EXPR_COMPARE:
    case EXPR_COND:
    case EXPR_INDEX:
    case EXPR_MEMBER: return true;
    case EXPR_ERROR:
    case EXPR_STRING:
    case EXPR_CALL:
    case EXPR_SLICE:
    case EXPR_TRANSFER:
    case EXPR_RANGE:
    case EXPR_GENERATOR:
    case EXPR_UNKNOWN:
    case EXPR_SPAWN:
    case EXPR_KIND_COUNT: return false;
    }
    UNREACHABLE();
}

/* A value at the end of a function that promises one lacks its `return`: flow.c says so. */
static bool is_final(const FnChecker *f, const Stmt *s) {
    const FnSymbol *fn = returning_fn(f);
    const StmtVec *stmts = &fn->decl->body.stmts;
    return fn->result->kind != TYPE_VOID && stmts->len > 0 && vec_last(stmts) == s;
}

static void check_expr_stmt(FnChecker *f, Stmt *s) {
    Context *cx = f->c->cx;
    Expr *e = s->expr;
    if (e->kind == EXPR_STRING) return; /* a comment, as in Python */
    const Type *type = check_expr(f, e, NULL);
    if (type_is_error(type) || !is_idle(e) || is_final(f, s)) return;
    if (type_is_literal(type)) check_value(f, e, NULL);
    Diag *d = diag_add(cx, W0232, e->span, "the value of this expression is not used");
    if (e->kind == EXPR_COMPARE && e->compare.ops.len == 1 && e->compare.ops.data[0] == CMP_EQ) {
        Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "to assign, write `=`");
        fix_replace(cx, fix, e->compare.op_spans.data[0], "=");
    }
}

/* ---- Declarations inside functions ----------------------------------------------------------- */

static void check_local_alias(FnChecker *f, Stmt *s) {
    Ident name = s->alias.name;
    bool is_new = name_is_new(f->c, f->scope, name, "alias");
    Symbol defined = {.kind = SYM_ALIAS, .name = name.name, .span = name.span};
    constant_define(f, &defined, s->alias.type, s->alias.value, false);
    defined.alias.state = ALIAS_DONE;
    if (is_new) *scope_add(f->c, f->scope, SYM_ALIAS, name.name, name.span) = defined;
}

static void report_inner(FnChecker *f, const Stmt *s, Ident name, const char *what,
                         const char *note) {
    Diag *d = diag_add(f->c->cx, K0218, span_is_none(name.span) ? s->span : name.span,
                       "%s stand at the top level of a module, not in a function", what);
    if (note != NULL) diag_note(f->c->cx, d, "%s", note);
    if (name.name.id != 0 && scope_find_here(f->scope, name.name) == NULL) {
        scope_add_poison(f->c, f->scope, name.name, name.span);
    }
}

static void report_inner_import(FnChecker *f, const Stmt *s) {
    const ImportDecl *import = s->import;
    if (import == NULL || import->path.len == 0) return;
    Ident first = import->as.name.id != 0 ? import->as : import->path.data[0];
    for (uint32_t i = 0; import->is_from && i < import->names.len; i++) {
        const ImportedName *name = &import->names.data[i];
        Ident bound = name->as.name.id != 0 ? name->as : name->name;
        if (scope_find_here(f->scope, bound.name) == NULL) {
            scope_add_poison(f->c, f->scope, bound.name, bound.span);
        }
    }
    report_inner(f, s, first, "imports", "the top of the file is the usual place");
}

static void check_loop_exit(FnChecker *f, const Stmt *s) {
    if (f->loop_depth > 0) return;
    const char *word = s->kind == STMT_BREAK ? "break" : "continue";
    Diag *d = diag_add(f->c->cx, K0216, s->span, "`%s` stands outside of every loop", word);
    if (s->kind == STMT_BREAK) diag_note(f->c->cx, d, "to leave a function, write `return`");
}

/* ---- Any statement --------------------------------------------------------------------------- */

void check_stmt(FnChecker *f, Stmt *s) {
    switch (s->kind) {
    case STMT_ERROR: note_broken(f->c, s->span); return;
    case STMT_EXPR: check_expr_stmt(f, s); return;
    case STMT_BINDING: check_binding(f, s); return;
    case STMT_ALIAS: check_local_alias(f, s); return;
    case STMT_ASSIGN: check_assign(f, s); return;
    case STMT_IF:
        if (s->if_.is_parameter) {
            check_parameter_if(f, s);
        } else {
            check_if(f, s);
        }
        return;
    case STMT_WHILE:
    case STMT_FOR: check_loop(f, s); return;
    case STMT_BREAK:
    case STMT_CONTINUE: check_loop_exit(f, s); return;
    case STMT_PASS: return;
    case STMT_RETURN: check_return(f, s); return;
    case STMT_RAISE: check_raise(f, s); return;
    case STMT_TRY: check_try(f, s); return;
    case STMT_ASSERT: check_assert(f, s); return;
    case STMT_UNSAFE: check_unsafe(f, s); return;
    case STMT_PARALLEL: check_graph(f, s); return;
    case STMT_FN: check_nested_fn(f, s); return;
    case STMT_STRUCT: report_inner(f, s, s->strukt->name, "structs", NULL); return;
    case STMT_TRAIT: report_inner(f, s, s->trait->name, "traits", NULL); return;
    case STMT_IMPORT: report_inner_import(f, s); return;
    case STMT_KIND_COUNT: break;
    }
    UNREACHABLE();
}
