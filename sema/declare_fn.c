/* Signatures: parameters with their conventions and defaults, sizes in order of first mention,
 * results. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"
#include "sema/generics.h"

/* ---- Parameters ------------------------------------------------------------------------------ */

static bool is_self(Checker *c, const ParamDecl *param) {
    return name_eq(param->name.name, name_of_str(c->cx->names, "self"));
}

static void report_untyped(FnChecker *f, const ParamDecl *param) {
    Context *cx = f->c->cx;
    const FnDecl *decl = f->fn->decl;
    const char *name = text_of(cx, param->name.name);
    if (is_self(f->c, param)) {
        if (f->fn->owner != NULL) return; /* not the first: check_self said so */
        Diag *d = diag_add(cx, K0220, param->span, "`self` belongs to the methods of a struct");
        diag_label(cx, d, decl->name.span, "this function is in no struct");
        return;
    }
    if (decl->kind == FN_DEF) {
        report_later(f->c, param->name.span, "`def` functions whose parameters have no types");
        return;
    }
    Diag *d = diag_add(cx, K0219, param->name.span, "the parameter `%s` has no type", name);
    diag_note(cx, d, "`fn` functions write every type, as in `%s: f32` or `%s: Tensor[f32, n]`",
              name, name);
}

static const Type *param_type(FnChecker *f, const ParamDecl *param, uint32_t index) {
    Checker *c = f->c;
    if (param->type == NULL) {
        if (f->fn->owner && index == 0 && is_self(c, param))
            return type_struct(c->types, f->fn->owner);
        report_untyped(f, param);
        return type_error(c->types);
    }
    if (report_early_call(f, param->type, "a size in a signature")) return type_error(c->types);
    return resolve_type(f, param->type, true);
}

/* `fn f(x: Tensor[f32, n], n: int)`: `n` is known from `x` already. */
static bool report_size_param(FnChecker *f, const ParamDecl *param) {
    Context *cx = f->c->cx;
    const Symbol *before = scope_find_here(f->scope, param->name.name);
    if (before == NULL || before->kind != SYM_SIZE) return false;
    const char *name = text_of(cx, param->name.name);
    Diag *d = diag_add(cx, K0202, param->span, "`%s` is both a size and a parameter", name);
    diag_label(cx, d, before->span, "`%s` is the size that an argument has, from here", name);
    diag_note(cx, d,
              "leave the parameter out: `%s` is an `int` in the whole function, and in C the "
              "first argument",
              name);
    return true;
}

static void check_default(FnChecker *f, const ParamDecl *param, const Type *type) {
    Context *cx = f->c->cx;
    if (type_is_error(type)) return;
    const char *what = arena_printf(cx->arena, "the parameter `%s`", text_of(cx, param->name.name));
    Span what_span = param->type ? param->type->span : param->name.span;
    if (!check_assignable(f, param->initial, type, what, what_span)) return;
    if (type_is_error(expr_type(f, param->initial)) || expr_constant(f, param->initial)) return;
    Diag *d = diag_add(cx, K0234, param->initial->span, "a default value is known at compile time");
    diag_note(cx, d, "give the value at the call, or write a second function that does");
}

/* After all signatures, because a default may speak of any function. */
void check_defaults(Checker *c, FnSymbol *fn, Scope *scope) {
    FnChecker f = fn_checker(c, fn, fn->module, scope);
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const ParamDecl *param = &fn->decl->params.data[i];
        if (param->initial != NULL) check_default(&f, param, fn->params.data[i].local->type);
    }
}

/* Once one parameter has a default, those behind it need one. */
static void check_default_order(FnChecker *f, const ParamDecl *first, const ParamDecl *param) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0234, param->name.span,
                       "the parameter `%s` has no default, but `%s` before it has one",
                       text_of(cx, param->name.name), text_of(cx, first->name.name));
    diag_label(cx, d, first->initial->span, "this default could never be used");
    diag_note(cx, d, "put the parameters with defaults last");
}

/* A `def` may give a plain parameter another value: it is the function's own copy. */
static bool may_change(const FnSymbol *fn, Convention convention, const Type *type) {
    if (convention != CONVENTION_BORROWED) return true;
    return !fn->is_strict && type_is_plain(type);
}

/* Only C code can keep what it is lent. */
static void check_keeping(FnChecker *f, const ParamDecl *param) {
    if (!param->is_escaping || f->fn->is_extern) return;
    Context *cx = f->c->cx;
    const char *name = text_of(cx, param->name.name);
    Diag *d = diag_add(cx, K0383, param->span, "`escaping` is for parameters of an `extern fn`");
    diag_note(cx, d, "a function that keeps `%s` takes it over: `owned %s: ...`", name, name);
}

static void declare_param(FnChecker *f, const ParamDecl *param, uint32_t index) {
    Checker *c = f->c;
    const Type *type = param_type(f, param, index);
    Convention convention =
        param->convention == CONVENTION_DEFAULT ? CONVENTION_BORROWED : param->convention;
    Local *local =
        local_new(f, param->name.name, param->name.span, type, may_change(f->fn, convention, type));
    local->is_param = true;
    local->convention = convention;
    ParamInfo info = {local, convention, param->initial, param->is_escaping,
                      source_line_of(c, param->span), param->span};
    vec_push(c->cx->arena, &f->fn->params, info);
    check_keeping(f, param);
    if (!report_size_param(f, param)) local_declare(f, local);
}

static void declare_params(FnChecker *f, const ParamVec *params) {
    const ParamDecl *with_default = NULL;
    for (uint32_t i = 0; i < params->len; i++) {
        const ParamDecl *param = &params->data[i];
        declare_param(f, param, i);
        if (param->initial != NULL && with_default == NULL) with_default = param;
        if (param->initial == NULL && with_default) check_default_order(f, with_default, param);
    }
}

/* Every method starts with `self`. */
static void check_self(FnChecker *f) {
    const FnDecl *decl = f->fn->decl;
    Context *cx = f->c->cx;
    if (decl->params.len > 0 && is_self(f->c, &decl->params.data[0])) return;
    const char *owner = text_of(cx, f->fn->owner->name);
    Diag *d = diag_add(cx, K0220, decl->name.span, "the method `%s` of `%s` has no `self`",
                       text_of(cx, decl->name.name), owner);
    diag_note(cx, d,
              "a method gets the `%s` it is called on as its first parameter, `self`, or `inout "
              "self` to change it",
              owner);
    if (decl->params.len > 0) {
        Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "add it");
        fix_replace(cx, fix, span_before(decl->params.data[0].span), "self, ");
    }
}

/* ---- Results --------------------------------------------------------------------------------- */

/* Whether every size in it follows from the arguments. */
static bool shape_is_known(const Type *type) {
    for (uint32_t i = 0; i < type->rank; i++) {
        const SizeTerm *terms;
        uint32_t count = size_terms(type->dims[i], &terms);
        for (uint32_t k = 0; k < count; k++) {
            for (uint32_t m = 0; m < terms[k].sym_count; m++) {
                if (terms[k].syms[m]->kind == SIZE_HIDDEN) return false;
            }
        }
    }
    return true;
}

static void declare_result(FnChecker *f, const FnDecl *decl) {
    FnSymbol *fn = f->fn;
    fn->result = type_void(f->c->types);
    if (decl->result == NULL) return;
    fn->result = type_error(f->c->types);
    if (report_early_call(f, decl->result, "a size in a signature")) return;
    fn->result = resolve_type(f, decl->result, false);
    fn->result_is_known_shape = type_is_owned_array(fn->result) && shape_is_known(fn->result);
    if (decl->result_of.name.id != 0) declare_result_of(f, decl);
}

/* ---- The function ---------------------------------------------------------------------------- */

static void check_main(Checker *c, FnSymbol *fn) {
    Context *cx = c->cx;
    const FnDecl *decl = fn->decl;
    bool is_main = fn->module->is_main && fn->owner == NULL && fn->parent == NULL &&
                   decl->kind != FN_EXTERN && strcmp(text_of(cx, fn->name), "main") == 0;
    if (!is_main) return;
    fn->is_main = true;
    if (decl->params.len > 0) {
        Span span = span_join(decl->params.data[0].span, vec_last(&decl->params).span);
        Diag *d = diag_add(cx, K0229, span, "`main` has no parameters");
        diag_note(cx, d,
                  "`kc run` calls any exported function with arguments: `kc run a.k f x=1.5`");
    } else if (decl->result != NULL) {
        Diag *d = diag_add(cx, K0229, decl->result->span, "`main` gives no result");
        diag_note(cx, d, "`main` says what it has to say with `print`");
    }
}

/* Functions of one name differ in the types of their parameters, sizes aside. */
static bool same_param(const Type *a, const Type *b) {
    if (type_is_error(a) || type_is_error(b)) return false;
    if (!type_is_array(a) || !type_is_array(b)) return a == b;
    return a->elem == b->elem && a->rank == b->rank;
}

static bool same_params(const FnSymbol *a, const FnSymbol *b) {
    if (a->params.len != b->params.len) return false;
    for (uint32_t i = 0; i < a->params.len; i++) {
        if (!same_param(a->params.data[i].local->type, b->params.data[i].local->type)) return false;
    }
    return true;
}

/* Overloads are looked up one after the other: a name has few of them. */
bool overload_is_new(Checker *c, const FnSymbolVec *fns, const FnSymbol *fn) {
    Context *cx = c->cx;
    for (uint32_t i = 0; i < fns->len; i++) {
        if (!same_params(fns->data[i], fn)) continue;
        const char *name = text_of(cx, fn->name);
        Diag *d =
            diag_add(cx, K0202, fn->decl->name.span, "the function `%s` is defined already", name);
        diag_label(cx, d, fns->data[i]->decl->name.span, "the first `%s`", name);
        diag_note(cx, d,
                  "functions may share a name when the types of their parameters differ; sizes do "
                  "not count");
        return false;
    }
    return true;
}

static FnSymbol *fn_new(Checker *c, ModuleSymbol *module, const FnDecl *decl,
                        const StructSymbol *owner, FnSymbol *parent) {
    FnSymbol *fn = arena_new(c->cx->arena, FnSymbol);
    fn->decl = decl;
    fn->name = decl->name.name;
    fn->module = module;
    fn->owner = owner;
    fn->parent = parent;
    fn->is_strict = decl->kind != FN_DEF;
    fn->is_extern = decl->kind == FN_EXTERN;
    fn->is_pure = decl->is_pure;
    fn->raises = decl->raises;
    fn->result_of = -1;
    fn->source = source_line_of(c, decl->signature);
    fn->doc = doc_text(c, decl->docstring);
    return fn;
}

/* The symbol that the name of a function of the module stands for, unless something else has it. */
static Symbol *fn_symbol(Scope *scope, const FnDecl *decl) {
    Symbol *symbol = scope_find_here(scope, decl->name.name);
    return symbol != NULL && symbol->kind == SYM_FNS ? symbol : NULL;
}

/* To C they are no type at all, and that has been said. */
static void refuse_tuples(Checker *c, FnSymbol *fn) {
    for (uint32_t i = 0; i < fn->params.len && !fn->is_exported; i++) {
        if (fn->params.data[i].local->type->kind != TYPE_TUPLE) continue;
        report_later(c, fn->params.data[i].span, "parameters that are tuples");
    }
}

static void declare_generic(Checker *c, ModuleSymbol *module, Scope *scope, const FnDecl *decl,
                            bool is_inside) {
    if (is_inside) {
        report_later(c, decl->generics.data[0].name.span, "generic methods and nested functions");
        return;
    }
    Symbol *symbol = fn_symbol(scope, decl);
    GenericFn *generic = generic_declare(c, module, scope, decl);
    if (symbol != NULL) vec_push(c->cx->arena, &symbol->generics, generic);
}

FnSymbol *declare_copy(Checker *c, ModuleSymbol *module, Scope *scope, const FnDecl *decl) {
    FnSymbol *fn = fn_new(c, module, decl, NULL, NULL);
    FnChecker f = fn_checker(c, fn, module, scope_new(c, scope));
    declare_params(&f, &decl->params);
    declare_result(&f, decl);
    decorators_apply(c, fn);
    refuse_tuples(c, fn);
    return fn;
}

FnSymbol *declare_fn(Checker *c, ModuleSymbol *module, Scope *scope, Stmt *stmt,
                     const StructSymbol *owner, FnSymbol *parent) {
    const FnDecl *decl = stmt->fn;
    if (decl->generics.len > 0) {
        declare_generic(c, module, scope, decl, owner != NULL || parent != NULL);
        return NULL;
    }
    FnSymbol *fn = fn_new(c, module, decl, owner, parent);
    FnChecker f = fn_checker(c, fn, module, scope_new(c, scope));
    if (owner != NULL) check_self(&f);
    declare_params(&f, &decl->params);
    declare_result(&f, decl);
    if (fn->is_extern && fn->raises) {
        report_later(c, decl->name.span, "C functions that raise errors");
        fn->raises = false;
    }
    decorators_apply(c, fn);
    refuse_tuples(c, fn);
    check_main(c, fn);
    if (parent != NULL) check_defaults(c, fn, scope);
    if (owner != NULL || parent != NULL) return fn;
    Symbol *symbol = fn_symbol(scope, decl);
    if (symbol == NULL) return NULL;
    bool is_new = overload_is_new(c, &symbol->fns, fn);
    if (is_new) vec_push(c->cx->arena, &symbol->fns, fn);
    if (is_new || symbol->fns.len > 0) vec_push(c->cx->arena, &module->fns, fn);
    return fn;
}
