/* Calls: what is called, and on to the file that knows it. */
#include "sema/expr.h"
#include "sema/generics.h"

void check_args_alone(FnChecker *f, const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) {
        Expr *e = args->data[i].value;
        if (e->kind != EXPR_GENERATOR && e->kind != EXPR_SLICE) check_expr(f, e, NULL);
    }
}

bool check_arg_count(FnChecker *f, const Expr *call, uint32_t low, uint32_t high,
                     const char *name) {
    Context *cx = f->c->cx;
    const ArgVec *args = &call->call.args;
    for (uint32_t i = 0; i < args->len; i++) {
        Ident key = args->data[i].key;
        if (name_eq(key.name, NO_NAME)) continue;
        diag_add(cx, K0253, key.span, "`%s` has no argument `%s`", name, text_of(cx, key.name));
        check_args_alone(f, args);
        return false;
    }
    if (args->len >= low && args->len <= high) return true;
    const char *wanted =
        low == high          ? arena_printf(cx->arena, "%u argument%s", low, low == 1 ? "" : "s")
        : high == UINT32_MAX ? arena_printf(cx->arena, "at least %u arguments", low)
                             : arena_printf(cx->arena, "%u to %u arguments", low, high);
    diag_add(cx, K0252, call->span, "`%s` takes %s, and %u %s given", name,
             low == 0 && high == 0 ? "no arguments" : wanted, args->len,
             args->len == 1 ? "is" : "are");
    check_args_alone(f, args);
    return false;
}

static const Type *report_not_callable(FnChecker *f, Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    Expr *callee = e->call.callee;
    check_args_alone(f, &e->call.args);
    if (type_is_error(type)) return expr_poison(f, e);
    Diag *d = diag_add(cx, K0251, callee->span, "%s cannot be called: it is %s",
                       expr_quote(f, callee), type_kind_words(type));
    label_declaration(f, d, callee);
    if (type_is_array(type)) diag_note(cx, d, "elements are read with square brackets: `x[i]`");
    return expr_poison(f, e);
}

static const Type *call_type(FnChecker *f, Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    switch (type->kind) {
    case TYPE_SCALAR: return check_convert(f, e, type);
    case TYPE_VECTOR: return check_simd(f, e, type);
    case TYPE_STRUCT: return check_construct(f, e, type);
    case TYPE_ARRAY: return check_alloc(f, e, e->call.callee, false);
    case TYPE_LIST:
    case TYPE_ARENA:
    case TYPE_TASK:
    case TYPE_POINTER: return check_make(f, e, type);
    case TYPE_FAILURE: return check_failure(f, e);
    case TYPE_ERROR: break;
    case TYPE_VOID:
    case TYPE_INT_LITERAL:
    case TYPE_FLOAT_LITERAL:
    case TYPE_STR:
    case TYPE_RANGE:
    case TYPE_TUPLE:
        diag_add(cx, K0251, e->call.callee->span, "`%s` cannot be called", type_text(cx, type));
        break;
    }
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

static const Type *call_alias(FnChecker *f, Expr *e, Symbol *symbol) {
    alias_evaluate(f->c, symbol);
    const Type *type = symbol->alias.type;
    if (!type) type = type_error(f->c->types);
    bool is_value = symbol->alias.constant || symbol->alias.global;
    return is_value ? report_not_callable(f, e, type) : call_type(f, e, type);
}

static const Type *call_later(FnChecker *f, Expr *e, Span span, const char *feature) {
    report_later(f->c, span, feature);
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

static const Type *call_symbol(FnChecker *f, Expr *e, Symbol *symbol, const Type *wanted) {
    Types *types = f->c->types;
    switch (symbol->kind) {
    case SYM_FNS:
        if (symbol->generics.len) return call_generic(f, e, symbol, NULL, wanted);
        return call_functions(f, e, &symbol->fns, NULL, wanted);
    case SYM_STRUCT: return check_construct(f, e, type_struct(types, symbol->strukt));
    case SYM_ALIAS: return call_alias(f, e, symbol);
    case SYM_SCALAR: return check_convert(f, e, type_scalar(types, symbol->scalar));
    case SYM_ARRAY: return check_alloc(f, e, e->call.callee, false);
    case SYM_KIND: return call_type(f, e, resolve_kind(f, e->call.callee, symbol->type_kind));
    case SYM_BUILTIN: return check_builtin(f, e, symbol->builtin, wanted);
    case SYM_RUN_LOOP: return check_run_loop(f, e, symbol->is_simd);
    case SYM_LATER: return call_later(f, e, e->call.callee->span, symbol->feature);
    case SYM_LOCAL:
    case SYM_SIZE: return report_not_callable(f, e, check_value(f, e->call.callee, NULL));
    case SYM_MODULE:
    case SYM_TRAIT: return report_not_callable(f, e, check_symbol(f, e->call.callee, symbol));
    }
    UNREACHABLE();
}

/* `Tensor[f32].uninit(n)`, `a.tensor[f32].uninit(n)` */
static bool is_uninit(FnChecker *f, const Expr *callee) {
    return callee->member.base->kind == EXPR_INDEX &&
           name_eq(callee->member.name.name, name_of_str(f->c->cx->names, "uninit"));
}

static bool allocates_in_arena(FnChecker *f, const Expr *method) {
    return method->kind == EXPR_INDEX && names_arena_tensor(f, method);
}

/* `a.tensor[f32](n)`: `method` is `a.tensor[f32]`. */
static const Type *call_arena(FnChecker *f, Expr *e, Expr *method, bool uninit) {
    Expr *arena = method->kind == EXPR_INDEX ? method->index.base->member.base : method->member.base;
    check_value(f, arena, NULL);
    return check_arena_alloc(f, e, method, uninit);
}

static const Type *call_member_of_module(FnChecker *f, Expr *e, const ModuleSymbol *module,
                                         const Type *wanted) {
    Expr *callee = e->call.callee;
    Symbol *symbol = expr_symbol(f, callee);
    if (symbol && text_of(f->c->cx, symbol->name)[0] != '_')
        return call_symbol(f, e, symbol, wanted);
    if (symbol) {
        check_member(f, callee);
    } else {
        report_no_member(f, module, callee->member.name);
    }
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

/* `x.__del__()` */
static const Type *report_special_call(FnChecker *f, Expr *e, Ident name) {
    const char *text = text_of(f->c->cx, name.name);
    Diag *d = diag_add(f->c->cx, K0259, name.span, "`%s` is called by the language alone", text);
    diag_note(f->c->cx, d, "`__init__` runs when a value is made, `__del__` after its last use");
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

static const Type *call_struct_method(FnChecker *f, Expr *e, Expr *base, const StructSymbol *s,
                                      const Type *wanted) {
    Ident name = e->call.callee->member.name;
    FnSymbolVec found = {0};
    for (uint32_t i = 0; i < s->methods.len; i++) {
        if (name_eq(s->methods.data[i]->name, name.name)) {
            vec_push(f->c->cx->arena, &found, s->methods.data[i]);
        }
    }
    if (found.len && is_special_name(text_of(f->c->cx, name.name))) {
        return report_special_call(f, e, name);
    }
    if (found.len) return call_functions(f, e, &found, base, wanted);
    for (uint32_t i = 0; i < s->fields.len; i++) {
        if (!name_eq(s->fields.data[i].name, name.name)) continue;
        return report_not_callable(f, e, check_member(f, e->call.callee));
    }
    if (method_find(f, name.name) == BUILTIN_M_COPY) return check_copy(f, e, base, name);
    report_no_field(f, type_struct(f->c->types, s), name);
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

/* `SIMD[i32, 8]`, or an alias of it. */
static bool names_simd(FnChecker *f, Expr *e) {
    const Symbol *symbol = expr_symbol(f, e->kind == EXPR_INDEX ? e->index.base : e);
    if (!symbol || !expr_names_type(f, e)) return false;
    if (symbol->kind == SYM_KIND) return symbol->type_kind == TYPE_VECTOR;
    return symbol->kind == SYM_ALIAS && type_is_vector(symbol->alias.type);
}

static const Type *call_member(FnChecker *f, Expr *e, const Type *wanted) {
    Expr *callee = e->call.callee, *base = callee->member.base;
    const ModuleSymbol *module = expr_module(f, base);
    if (module) return call_member_of_module(f, e, module, wanted);
    if (expr_names_type(f, callee)) return call_type(f, e, resolve_type(f, callee, false));
    if (names_simd(f, base)) {
        const Type *type = resolve_type(f, base, false);
        if (!type_is_error(type)) return check_simd_static(f, e, type, callee->member.name);
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    if (is_uninit(f, callee) && expr_names_type(f, base)) return check_alloc(f, e, base, true);
    if (is_uninit(f, callee) && allocates_in_arena(f, base)) return call_arena(f, e, base, true);
    const Type *type = check_value(f, base, NULL);
    if (type->kind == TYPE_STRUCT) return call_struct_method(f, e, base, type->strukt, wanted);
    if (type_is_vector(type)) return check_simd_method(f, e, base, callee->member.name, NULL);
    if (type_is_array(type)) return check_method(f, e, base, callee->member.name);
    if (type->kind == TYPE_ARENA && names_arena_tensor(f, callee)) {
        return call_arena(f, e, callee, false);
    }
    if (!type_is_error(type)) return check_owner_method(f, e, base, callee->member.name);
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

/* `v.cast[f64]()`, `x.load[8](i)` */
static const Type *call_bracket_method(FnChecker *f, Expr *e) {
    Expr *callee = e->call.callee, *base = callee->index.base->member.base;
    const ArgVec *in_brackets = &callee->index.args;
    Ident name = callee->index.base->member.name;
    const Type *type = check_value(f, base, NULL);
    if (type_is_vector(type)) return check_simd_method(f, e, base, name, in_brackets);
    if (type_is_error(type)) {
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    Builtin method = method_find(f, name.name);
    if (type_is_array(type) && is_simd_access(method)) {
        return check_simd_access(f, e, base, method, in_brackets);
    }
    return report_not_callable(f, e, check_value(f, callee, NULL));
}

/* `f[T](x)`, `bitcast[u32](x)`, `Tensor[f32](n)` */
static const Type *call_indexed(FnChecker *f, Expr *e) {
    Expr *callee = e->call.callee;
    Symbol *symbol = expr_symbol(f, callee->index.base);
    if (symbol) {
        switch (symbol->kind) {
        case SYM_BUILTIN: return check_builtin_of(f, e, symbol->builtin, &callee->index.args);
        case SYM_RUN_LOOP: return check_run_loop(f, e, symbol->is_simd);
        case SYM_LATER: return call_later(f, e, callee->span, symbol->feature);
        case SYM_FNS:
            if (symbol->generics.len) return call_generic(f, e, symbol, &callee->index.args, NULL);
            return call_later(f, e, callee->span, "generics");
        case SYM_STRUCT: return call_later(f, e, callee->span, "generics");
        case SYM_ALIAS: /* what stands in the brackets may be types, which only a sound name can tell */
            alias_evaluate(f->c, symbol);
            if (!type_is_error(symbol->alias.type)) break;
            check_args_alone(f, &e->call.args);
            return expr_poison(f, e);
        case SYM_KIND: return call_type(f, e, resolve_kind(f, callee, symbol->type_kind));
        case SYM_ARRAY:
        case SYM_SCALAR:
        case SYM_TRAIT:
        case SYM_MODULE:
        case SYM_LOCAL:
        case SYM_SIZE: break;
        }
    }
    if (expr_names_type(f, callee)) return check_alloc(f, e, callee, false);
    if (callee->index.base->kind == EXPR_MEMBER && !names_arena_tensor(f, callee)) {
        return call_bracket_method(f, e);
    }
    if (allocates_in_arena(f, callee)) return call_arena(f, e, callee, false);
    return report_not_callable(f, e, check_value(f, callee, NULL));
}

const Type *check_call(FnChecker *f, Expr *e, const Type *wanted) {
    Expr *callee = e->call.callee;
    if (callee->kind == EXPR_NAME) {
        Symbol *symbol = scope_find(f->scope, callee->name);
        if (symbol) return call_symbol(f, e, symbol, wanted);
        report_unknown_name(f, callee->name, callee->span);
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    if (callee->kind == EXPR_MEMBER) return call_member(f, e, wanted);
    if (callee->kind == EXPR_INDEX) return call_indexed(f, e);
    return report_not_callable(f, e, check_value(f, callee, NULL));
}
