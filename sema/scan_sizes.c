/* Which variables of a body may get other sizes: those that are resized, assigned what is made elsewhere,
 * or passed to a function that may do so. Asked before the body is checked, by name: a variable that
 * shares its name with such a one only loses what is known of its sizes. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

static void mark(FnChecker *f, const Expr *e) {
    e = expr_bare((Expr *)e);
    if (e->kind == EXPR_TRANSFER) e = expr_bare(e->operand);
    if (e->kind != EXPR_NAME) return;
    Program *program = f->c->program;
    while (program->scans.len <= e->name.id) vec_push(f->c->cx->arena, &program->scans, 0);
    program->scans.data[e->name.id] = program->scan;
}

bool name_varies(const FnChecker *f, Name name) {
    const Program *program = f->c->program;
    return name.id < program->scans.len && program->scans.data[name.id] == program->scan &&
           program->scan != 0;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static bool has_open_size(const Type *type) {
    for (uint32_t i = 0; i < type->rank; i++) {
        const SizeSym *sym = size_as_sym(type->dims[i]);
        if (sym != NULL && sym->kind == SIZE_HIDDEN) return true;
    }
    return false;
}

static bool may_resize(const FnSymbol *fn) {
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const ParamInfo *param = &fn->params.data[i];
        if (param->convention == CONVENTION_INOUT && type_is_owned_array(param->local->type) &&
            has_open_size(param->local->type)) {
            return true;
        }
    }
    return false;
}

/* Methods of structs are not known by name alone. */
static bool callee_may_resize(FnChecker *f, const Expr *callee) {
    Symbol *symbol = expr_symbol(f, callee);
    if (symbol == NULL) {
        return callee->kind == EXPR_MEMBER && method_find(f, callee->member.name.name) == BUILTIN_NONE;
    }
    if (symbol->kind != SYM_FNS) return false;
    for (uint32_t i = 0; i < symbol->fns.len; i++) {
        if (may_resize(symbol->fns.data[i])) return true;
    }
    return false;
}

static void scan_call(FnChecker *f, const Expr *e) {
    const Expr *callee = e->call.callee;
    bool resizes = callee->kind == EXPR_MEMBER &&
                   strcmp(text_of(f->c->cx, callee->member.name.name), "resize") == 0;
    if (resizes) mark(f, callee->member.base);
    if (!callee_may_resize(f, callee)) return;
    for (uint32_t i = 0; i < e->call.args.len; i++) mark(f, e->call.args.data[i].value);
}

/* Whether the value may be an array that is made elsewhere, and not one computed element by element. */
static bool may_own(FnChecker *f, const Expr *e) {
    e = expr_bare((Expr *)e);
    if (e->kind == EXPR_TRANSFER || e->kind == EXPR_TUPLE) return true;
    if (e->kind != EXPR_CALL) return false;
    Symbol *symbol = expr_symbol(f, e->call.callee);
    if (symbol == NULL) return true;
    if (symbol->kind != SYM_FNS) return symbol->kind == SYM_ARRAY || symbol->kind == SYM_ALIAS;
    for (uint32_t i = 0; i < symbol->fns.len; i++) {
        const Type *result = symbol->fns.data[i]->result;
        if (result == NULL || result->kind == TYPE_TUPLE || type_is_array(result)) return true;
    }
    return false;
}

/* ---- Expressions and statements -------------------------------------------------------------- */

static void scan_assign(FnChecker *f, const Stmt *s) {
    const Expr *target = expr_bare(s->assign.target);
    if (s->assign.has_op || !may_own(f, s->assign.value)) return;
    if (target->kind != EXPR_TUPLE) {
        mark(f, target);
        return;
    }
    for (uint32_t i = 0; i < target->items.len; i++) mark(f, target->items.data[i]);
}

static void scan_stmt(void *data, Stmt *s);

static void scan_expr(void *data, Expr *e) {
    if (e->kind == EXPR_CALL) scan_call(data, e);
    expr_walk(e, &(AstWalk){data, scan_expr, scan_stmt});
}

static void scan_stmt(void *data, Stmt *s) {
    if (s->kind == STMT_ASSIGN) scan_assign(data, s);
    stmt_walk(s, &(AstWalk){data, scan_expr, scan_stmt});
}

/* Parameters are declared before the body is looked at. */
static void mark_params(FnChecker *f) {
    for (uint32_t i = 0; i < f->fn->params.len; i++) {
        const ParamInfo *param = &f->fn->params.data[i];
        Local *local = param->local;
        bool changes = param->convention != CONVENTION_BORROWED;
        local->varies = changes && type_is_owned_array(local->type) && has_open_size(local->type) &&
                        name_varies(f, local->name);
    }
}

void scan_sizes(FnChecker *f) {
    if (f->fn->parent != NULL) return; /* looked at with the function around it */
    f->c->program->scan++;
    const StmtVec *stmts = &f->fn->decl->body.stmts;
    for (uint32_t i = 0; i < stmts->len; i++) scan_stmt(f, stmts->data[i]);
    mark_params(f);
}

void leave_sizes_open(FnChecker *f, Local *local, bool is_inferred) {
    const Type *type = local->type;
    if (!type_is_owned_array(type) || !name_varies(f, local->name)) return;
    if (is_inferred) {
        const Size *dims[MAX_RANK];
        for (uint32_t i = 0; i < type->rank; i++) dims[i] = size_fresh(f, local->span);
        local->type = type_array(f->c->types, FORM_TENSOR, type->elem, dims, type->rank);
    }
    local->varies = true;
}
