/* Names used as values. */
#include "sema/expr.h"

static const Type *report_not_a_value(FnChecker *f, Expr *e, const char *kind, const char *note) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0250, e->span, "%s is %s, not a value", expr_quote(f, e), kind);
    diag_note(cx, d, "%s", note);
    return expr_poison(f, e);
}

static const Type *check_local(FnChecker *f, Expr *e, Local *local) {
    if (!local->type) return expr_poison(f, e);
    const Type *type = local->type;
    if (local->varies) type = type_with_fresh(f->c->types, type, e->span);
    expr_set(f, e, ROLE_LOCAL, type);
    ExprInfo *info = expr_info(f->c, e);
    info->local = local;
    info->constant = local->is_var ? NULL : local->constant;
    return type;
}

static const Type *check_alias(FnChecker *f, Expr *e, Symbol *symbol) {
    alias_evaluate(f->c, symbol);
    const Type *type = symbol->alias.type;
    if (!type || type_is_error(type)) return expr_poison(f, e);
    if (symbol->alias.global) {
        expr_set(f, e, ROLE_GLOBAL, type);
        expr_info(f->c, e)->global = symbol->alias.global;
        return type;
    }
    if (!symbol->alias.constant) {
        return report_not_a_value(f, e, "a type",
                                  "a value of it is made by a call, as in `f32(x)`");
    }
    return expr_set_const(f, e, type, symbol->alias.constant);
}

static const Type *check_size_name(FnChecker *f, Expr *e, const SizeSym *size) {
    const Type *type = expr_set(f, e, ROLE_SIZE, type_int(f->c->types));
    expr_info(f->c, e)->size = size;
    return type;
}

const Type *check_symbol(FnChecker *f, Expr *e, Symbol *symbol) {
    switch (symbol->kind) {
    case SYM_LOCAL: return check_local(f, e, symbol->local);
    case SYM_SIZE: return check_size_name(f, e, symbol->size);
    case SYM_ALIAS: return check_alias(f, e, symbol);
    case SYM_FNS:
    case SYM_BUILTIN:
    case SYM_RUN_LOOP:
        return report_not_a_value(f, e, "a function",
                                  "call it with parentheses; functions are not "
                                  "stored in variables");
    case SYM_STRUCT:
    case SYM_SCALAR:
        return report_not_a_value(f, e, "a type",
                                  "a value of it is made by a call, as in `f32(x)`");
    case SYM_KIND:
        return report_not_a_value(f, e, "a type",
                                  "a value of it is made by a call, as in `List[f32]()`");
    case SYM_ARRAY:
        return report_not_a_value(f, e, "a type", "an array is made with `Tensor[f32](n)`");
    case SYM_TRAIT: return report_not_a_value(f, e, "a trait", "traits only describe types");
    case SYM_MODULE:
        return report_not_a_value(f, e, "a module", "write `module.name` for what is in it");
    case SYM_LATER: report_later(f->c, e->span, symbol->feature); return expr_poison(f, e);
    }
    UNREACHABLE();
}

const Type *check_name(FnChecker *f, Expr *e) {
    Symbol *symbol = scope_find(f->scope, e->name);
    if (symbol) return check_symbol(f, e, symbol);
    report_unknown_name(f, e->name, e->span);
    return expr_poison(f, e);
}

ModuleSymbol *expr_module(FnChecker *f, const Expr *e) {
    Symbol *symbol = expr_symbol(f, e);
    return symbol && symbol->kind == SYM_MODULE ? symbol->module : NULL;
}

Symbol *expr_symbol(FnChecker *f, const Expr *e) {
    if (e->kind == EXPR_NAME) return scope_find(f->scope, e->name);
    if (e->kind != EXPR_MEMBER) return NULL;
    ModuleSymbol *module = expr_module(f, e->member.base);
    return module ? scope_find_here(module_scope(f->c, module), e->member.name.name) : NULL;
}
