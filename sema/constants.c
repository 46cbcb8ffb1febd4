/* `alias`, and `let` of a module: values and types known at compile time, worked out when first
 * used. */
#include "sema/declare.h"
#include "sema/expr.h"

/* Constants that wait for one another, so that no chain of them exhausts the stack. */
enum { MOST_WAITING = 100 };

static const Type *settled(FnChecker *f, const Type *type, bool is_let) {
    if (!is_let || !type_is_literal(type)) return type;
    return type_is_float(type) ? type_scalar(f->c->types, SCALAR_F64) : type_int(f->c->types);
}

/* Without a type, an alias keeps the freedom of a literal: `alias C = 0.5` suits every float. */
static void define_free(FnChecker *f, Symbol *symbol, Expr *value, bool is_let, const char *what) {
    bool is_bare_list = expr_bare(value)->kind == EXPR_LIST;
    if (is_let && !is_bare_list && global_define(f, symbol, NULL, value)) return;
    const Type *type = is_let ? check_value(f, value, NULL) : check_expr(f, value, NULL);
    if (type_is_error(type)) return;
    const Const *constant = expr_constant(f, value);
    if (constant == NULL) constant = check_constant(f, value, NULL, what);
    if (constant == NULL) return;
    symbol->alias.type = settled(f, type, is_let);
    symbol->alias.constant = constant;
}

static void define_typed(FnChecker *f, Symbol *symbol, Expr *type_expr, Expr *value, bool is_let,
                         const char *what) {
    const Type *type = resolve_type(f, type_expr, false);
    symbol->alias.type = type;
    if (type_is_error(type)) {
        check_expr(f, value, NULL);
        return;
    }
    symbol->alias.type = type_error(f->c->types);
    if (is_let && global_define(f, symbol, type, value)) return;
    if (!check_assignable(f, value, type, what, type_expr->span)) return;
    const Const *constant = check_constant(f, value, type, what);
    if (constant == NULL) return;
    symbol->alias.type = type;
    symbol->alias.constant = const_convert(f->c, constant, type);
}

/* `f32`, `Tensor[f32, 4]`, `(f32, f32)` */
static bool names_type(FnChecker *f, const Expr *e) {
    if (e->kind == EXPR_PAREN) return names_type(f, e->operand);
    if (e->kind != EXPR_TUPLE) return expr_names_type(f, e);
    for (uint32_t i = 0; i < e->items.len; i++) {
        if (!names_type(f, e->items.data[i])) return false;
    }
    return e->items.len > 0;
}

void constant_define(FnChecker *f, Symbol *symbol, Expr *type, Expr *value, bool is_let) {
    Context *cx = f->c->cx;
    symbol->alias.type = type_error(f->c->types);
    if (value == NULL || value->kind == EXPR_ERROR) return;
    const char *what = arena_printf(cx->arena, "the constant `%s`", text_of(cx, symbol->name));
    if (report_early_call(f, value, what)) return;
    if (type != NULL) {
        define_typed(f, symbol, type, value, is_let && f->fn == NULL, what);
    } else if (!is_let && names_type(f, value)) {
        symbol->alias.type = resolve_type(f, value, false);
    } else {
        define_free(f, symbol, value, is_let, what);
    }
}

/* ---- Calls before signatures ----------------------------------------------------------------- */

static const Expr *early_call_in_args(FnChecker *f, const ArgVec *args);

/* A call of a function of a module, among what sizes and constants are made of. */
static const Expr *early_call(FnChecker *f, const Expr *e) {
    const Expr *found = NULL;
    switch (e->kind) {
    case EXPR_CALL:
        if (e->call.callee->kind == EXPR_NAME) {
            const Symbol *symbol = scope_find(f->scope, e->call.callee->name);
            if (symbol != NULL && symbol->kind == SYM_FNS && symbol->fns.len == 0) return e;
        }
        return early_call_in_args(f, &e->call.args);
    case EXPR_INDEX: return early_call_in_args(f, &e->index.args);
    case EXPR_PAREN:
    case EXPR_TRANSFER: return early_call(f, e->operand);
    case EXPR_UNARY: return early_call(f, e->unary.operand);
    case EXPR_BINARY:
        found = early_call(f, e->binary.lhs);
        return found != NULL ? found : early_call(f, e->binary.rhs);
    case EXPR_COND:
        found = early_call(f, e->cond.then);
        if (found == NULL) found = early_call(f, e->cond.cond);
        return found != NULL ? found : early_call(f, e->cond.otherwise);
    case EXPR_TUPLE:
    case EXPR_LIST:
        for (uint32_t i = 0; i < e->items.len && found == NULL; i++) {
            found = early_call(f, e->items.data[i]);
        }
        return found;
    case EXPR_COMPARE:
        for (uint32_t i = 0; i < e->compare.operands.len && found == NULL; i++) {
            found = early_call(f, e->compare.operands.data[i]);
        }
        return found;
    case EXPR_MEMBER: return early_call(f, e->member.base);
    case EXPR_ERROR:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BOOL:
    case EXPR_STRING:
    case EXPR_NAME:
    case EXPR_SLICE:
    case EXPR_RANGE:
    case EXPR_GENERATOR:
    case EXPR_UNKNOWN:
    case EXPR_SPAWN:
    case EXPR_KIND_COUNT: return NULL;
    }
    UNREACHABLE();
}

static const Expr *early_call_in_args(FnChecker *f, const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) {
        const Expr *found = early_call(f, args->data[i].value);
        if (found != NULL) return found;
    }
    return NULL;
}

bool report_early_call(FnChecker *f, const Expr *e, const char *what) {
    const Expr *call = f->c->program->is_declaring ? early_call(f, e) : NULL;
    if (call == NULL) return false;
    Diag *d = diag_add(f->c->cx, K0282, call->span, "%s has to be known at compile time", what);
    diag_primary_label(f->c->cx, d, "a function gives its result when the program runs");
    return true;
}

/* ---- On first use ---------------------------------------------------------------------------- */

static void report_running(Checker *c, Symbol *symbol) {
    Context *cx = c->cx;
    const char *name = text_of(cx, symbol->name);
    uint32_t first = c->program->running.len - 1;
    Symbol *const *running = c->program->running.data;
    while (first > 0 && running[first] != symbol) first--;
    Diag *d = diag_add(cx, K0228, symbol->span, "the constant `%s` is defined by itself", name);
    for (uint32_t i = first; i < c->program->running.len; i++) {
        bool is_last = i + 1 == c->program->running.len;
        const char *next = is_last ? name : text_of(cx, running[i + 1]->name);
        if (i == first) {
            diag_primary_label(cx, d, "`%s` needs the value of `%s`", name, next);
        } else {
            diag_label(cx, d, running[i]->span, "`%s` needs the value of `%s`",
                       text_of(cx, running[i]->name), next);
        }
    }
    symbol->alias.state = ALIAS_DONE;
    symbol->alias.type = type_error(c->types);
}

static void report_chain(Checker *c, Symbol *symbol) {
    Context *cx = c->cx;
    Diag *d = diag_add(cx, K0228, symbol->span, "more than %d constants wait for one another here",
                       MOST_WAITING);
    diag_note(cx, d, "put constants before those that use them");
    symbol->alias.state = ALIAS_DONE;
    symbol->alias.type = type_error(c->types);
}

void alias_evaluate(Checker *c, Symbol *symbol) {
    if (symbol->alias.state == ALIAS_DONE) return;
    if (symbol->alias.state == ALIAS_RUNNING) {
        report_running(c, symbol);
        return;
    }
    if (c->program->running.len >= MOST_WAITING) {
        report_chain(c, symbol);
        return;
    }
    symbol->alias.state = ALIAS_RUNNING;
    vec_push(c->cx->arena, &c->program->running, symbol);
    FnChecker f = fn_checker(c, NULL, symbol->alias.module, module_scope(c, symbol->alias.module));
    const Stmt *stmt = symbol->alias.stmt;
    if (stmt->kind == STMT_ALIAS) {
        constant_define(&f, symbol, stmt->alias.type, stmt->alias.value, false);
    } else {
        constant_define(&f, symbol, stmt->binding.type, stmt->binding.value, true);
    }
    c->program->running.len--;
    symbol->alias.state = ALIAS_DONE;
}
