/* Functions in functions. One that uses nothing of the function around it is a function like any other.
 * One that captures variables has no code of its own: it is checked where it stands, and once more
 * wherever `parallelize` or `vectorize` runs it, as the statements of a loop. */
#include "sema/declare.h"
#include "sema/expr.h"

/* ---- Captures -------------------------------------------------------------------------------- */

/* Looks for names of variables around a function, in the order of the source. */
typedef struct Search {
    FnChecker *f;
    const FnSymbol *fn;
    Vec(Name) bound; /* names that the function defines itself */
    bool captures;
} Search;

static void bind(Search *search, Name name) {
    if (name.id != 0) vec_push(search->f->c->cx->arena, &search->bound, name);
}

static bool is_bound(const Search *search, Name name) {
    for (uint32_t i = 0; i < search->bound.len; i++) {
        if (name_eq(search->bound.data[i], name)) return true;
    }
    return false;
}

static void search_name(Search *search, Name name) {
    if (search->captures || is_bound(search, name)) return;
    const Symbol *symbol = scope_find(search->f->scope, name);
    search->captures = symbol != NULL && (symbol->kind == SYM_LOCAL || symbol->kind == SYM_SIZE);
}

static void search_stmt(void *data, Stmt *s);

static void search_expr(void *data, Expr *e) {
    Search *search = data;
    if (e->kind == EXPR_NAME) search_name(search, e->name);
    for (uint32_t i = 0; e->kind == EXPR_GENERATOR && i < e->generator.clauses.len; i++) {
        bind(search, e->generator.clauses.data[i].target.name);
    }
    expr_walk(e, &(AstWalk){data, search_expr, search_stmt});
}

static void bind_params(Search *search, const FnDecl *decl) {
    for (uint32_t i = 0; i < decl->params.len; i++) bind(search, decl->params.data[i].name.name);
}

/* `x = 1` in a `def` makes a variable, unless `x` was read before. */
static bool search_assign(Search *search, Stmt *s) {
    Expr *target = expr_bare(s->assign.target);
    if (search->fn->is_strict || s->assign.has_op || target->kind != EXPR_NAME) return false;
    search_expr(search, s->assign.value);
    if (!search->captures) bind(search, target->name);
    return true;
}

static void search_stmt(void *data, Stmt *s) {
    Search *search = data;
    if (s->kind == STMT_FOR) {
        bind(search, s->for_.target.name);
        for (uint32_t i = 0; i < s->for_.reductions.len; i++) {
            search_name(search, s->for_.reductions.data[i].var.name);
        }
    } else if (s->kind == STMT_FN) {
        bind(search, s->fn->name.name);
        bind_params(search, s->fn);
    } else if (s->kind == STMT_TRY) {
        bind(search, s->try_.error.name);
    } else if (s->kind == STMT_ASSIGN && search_assign(search, s)) {
        return;
    }
    stmt_walk(s, &(AstWalk){data, search_expr, search_stmt});
    if (s->kind == STMT_ALIAS) bind(search, s->alias.name.name);
    for (uint32_t i = 0; s->kind == STMT_BINDING && i < s->binding.names.len; i++) {
        bind(search, s->binding.names.data[i].name);
    }
}

static bool finds_captures(FnChecker *f, const FnSymbol *fn) {
    Search search = {.f = f, .fn = fn};
    bind_params(&search, fn->decl);
    for (uint32_t i = 0; i < fn->sizes.len; i++) bind(&search, fn->sizes.data[i]->name);
    const StmtVec *stmts = &fn->decl->body.stmts;
    for (uint32_t i = 0; i < stmts->len && !search.captures; i++) {
        search_stmt(&search, stmts->data[i]);
    }
    return search.captures;
}

/* ---- In place -------------------------------------------------------------------------------- */

static void check_in_place(FnChecker *f, const NestedFn *nested, const Block *body, bool is_run) {
    FnChecker before = *f;
    Inlining inlining = {nested->fn, is_run, f->inlining};
    f->inlining = &inlining;
    f->is_def = !nested->fn->is_strict;
    f->loop_depth = f->each_depth = 0;
    f->caught = NULL;
    f->unsafe_depth = nested->unsafe_depth;
    if (!is_run) f->try_depth = 0;
    for (uint32_t i = 0; i < body->stmts.len; i++) check_stmt(f, body->stmts.data[i]);
    *f = before;
}

void check_run_body(FnChecker *f, const NestedFn *nested, Block *body, Local *counter) {
    Scope *outer = f->scope;
    f->scope = scope_new(f->c, nested->scope);
    local_declare(f, counter);
    check_in_place(f, nested, body, true);
    f->scope = outer;
}

/* Once where it stands, so that all of its errors are found, and found once. */
static void check_captures(FnChecker *f, NestedFn *nested) {
    Scope *outer = f->scope;
    f->scope = scope_new(f->c, outer);
    const FnSymbol *fn = nested->fn;
    for (uint32_t i = 0; i < fn->sizes.len; i++) {
        const SizeSym *size = fn->sizes.data[i];
        scope_add(f->c, f->scope, SYM_SIZE, size->name, size->span)->size = size;
    }
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const Local *param = fn->params.data[i].local;
        Local *local = local_new(f, param->name, param->span, param->type, param->is_var);
        local->is_counter = true;
        local_declare(f, local);
    }
    check_in_place(f, nested, &fn->decl->body, false);
    flow_check(f->c, nested->fn);
    f->scope = outer;
}

/* ---- Declarations ---------------------------------------------------------------------------- */

/* What a function sees that captures nothing: everything but the variables around it. */
static Scope *scope_without_locals(FnChecker *f) {
    Scope *module = module_scope(f->c, f->module);
    Scope *seen = scope_new(f->c, module);
    for (const Scope *scope = f->scope; scope != NULL && scope != module; scope = scope->outer) {
        for (uint32_t i = 0; i < scope->symbols.len; i++) {
            const Symbol *symbol = scope->symbols.data[i];
            bool is_local = symbol->kind == SYM_LOCAL || symbol->kind == SYM_SIZE;
            if (is_local || scope_find_here(seen, symbol->name) != NULL) continue;
            *scope_add(f->c, seen, symbol->kind, symbol->name, symbol->span) = *symbol;
        }
    }
    return seen;
}

const NestedFn *nested_find(Checker *c, const FnSymbol *fn) {
    for (uint32_t i = 0; i < c->program->nested.len; i++) {
        if (c->program->nested.data[i]->fn == fn) return c->program->nested.data[i];
    }
    return NULL;
}

void check_nested_fn(FnChecker *f, Stmt *s) {
    Ident name = s->fn->name;
    FnSymbol *fn = declare_fn(f->c, f->module, scope_without_locals(f), s, NULL, f->fn);
    bool is_new = name_is_new(f->c, f->scope, name, "function");
    if (fn == NULL) {
        if (is_new) scope_add_poison(f->c, f->scope, name.name, name.span);
        return;
    }
    if (is_new) {
        Symbol *symbol = scope_add(f->c, f->scope, SYM_FNS, name.name, name.span);
        vec_push(f->c->cx->arena, &symbol->fns, fn);
    }
    NestedFn *nested = arena_new(f->c->cx->arena, NestedFn);
    *nested = (NestedFn){.fn = fn, .scope = f->scope, .unsafe_depth = f->unsafe_depth};
    vec_push(f->c->cx->arena, &f->c->program->nested, nested);
    fn->captures = finds_captures(f, fn);
    uint32_t errors = f->c->cx->diags.errors;
    if (fn->captures) {
        check_captures(f, nested);
    } else {
        stmt_info(f->c, s)->fn = fn;
        symbol_assign(f->c, fn);
        check_body_in(f->c, fn, scope_without_locals(f));
    }
    nested->is_broken = f->c->cx->diags.errors != errors;
}
