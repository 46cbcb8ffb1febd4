/* Generic functions: `fn f[T: Float, W: int](x: SIMD[T, W])`. Each choice of parameters makes a
 * function of its own from a copy of the declaration, whose names stand for that type or number. The
 * choice follows from the arguments, or stands in square brackets at the call.
 *
 * A generic function is checked where it is defined, with types that stand for its bounds; what is
 * wrong with it is said there and once. */
#include "sema/generics.h"

#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

enum { MAX_GENERICS = 16, MAX_MAKING = 64, USUAL_WIDTH = 8 };

/* ---- Bounds ---------------------------------------------------------------------------------- */

static const struct BoundName {
    const char *name;
    Bound bound;
} bound_names[] = {
    {"Float", BOUND_FLOAT},
    {"Integer", BOUND_INTEGER},
    {"Number", BOUND_NUMBER},
    {"Type", BOUND_TYPE},
};

static Bound report_bound(FnChecker *f, Span span, const char *name) {
    Diag *d = diag_add(f->c->cx, K0257, span, "`%s` needs a bound", name);
    diag_note(f->c->cx, d,
              "types are `Float`, `Integer`, `Number` or `Type`, and numbers `int`: `[T: Float, W: "
              "int]`");
    return BOUND_NONE;
}

static Bound bound_of(FnChecker *f, const GenericParam *param) {
    Context *cx = f->c->cx;
    const char *name = text_of(cx, param->name.name);
    Expr *written = param->bound;
    if (!written) return report_bound(f, param->name.span, name);
    const Symbol *symbol = expr_symbol(f, written);
    if (symbol && symbol->kind == SYM_SCALAR && symbol->scalar == SCALAR_I64) return BOUND_INT;
    for (size_t i = 0; !symbol && written->kind == EXPR_NAME && i < ARRAY_LEN(bound_names); i++) {
        if (strcmp(text_of(cx, written->name), bound_names[i].name) == 0)
            return bound_names[i].bound;
    }
    if (!symbol || symbol->kind != SYM_TRAIT) return report_bound(f, written->span, name);
    report_later(f->c, written->span, "traits");
    return BOUND_NONE;
}

static bool suits(Bound bound, const Type *type) {
    switch (bound) {
    case BOUND_FLOAT: return type->kind == TYPE_SCALAR && type_is_float(type);
    case BOUND_INTEGER: return type->kind == TYPE_SCALAR && type_is_integer(type);
    case BOUND_NUMBER: return type->kind == TYPE_SCALAR && type_is_number(type);
    case BOUND_TYPE: return true;
    case BOUND_INT:
    case BOUND_NONE: return false;
    }
    UNREACHABLE();
}

static const char *bound_text(Bound bound) {
    for (size_t i = 0; i < ARRAY_LEN(bound_names); i++)
        if (bound_names[i].bound == bound) return bound_names[i].name;
    return "int";
}

/* ---- Declaration ----------------------------------------------------------------------------- */

static bool is_exported(Checker *c, const FnDecl *decl) {
    Name name = name_of_str(c->cx->names, "export");
    for (uint32_t i = 0; i < decl->decorators.len; i++)
        if (name_eq(decl->decorators.data[i].name.name, name)) return true;
    return false;
}

GenericFn *generic_declare(Checker *c, ModuleSymbol *module, Scope *scope, const FnDecl *decl) {
    Context *cx = c->cx;
    GenericFn *generic = arena_new(cx->arena, GenericFn);
    *generic = (GenericFn){.decl = decl, .module = module, .scope = scope};
    FnChecker f = fn_checker(c, NULL, module, scope);
    generic->is_broken = decl->generics.len > MAX_GENERICS;
    for (uint32_t i = 0; i < decl->generics.len && !generic->is_broken; i++) {
        Bound bound = bound_of(&f, &decl->generics.data[i]);
        vec_push(cx->arena, &generic->bounds, bound);
        generic->is_broken = bound == BOUND_NONE;
    }
    if (!generic->is_broken && is_exported(c, decl)) {
        Diag *d = diag_add(cx, K0257, decl->name.span, "a generic function cannot be exported");
        diag_note(cx, d,
                  "C has no generic functions: export one that calls it with types of its own");
        generic->is_broken = true;
    }
    return generic;
}

/* ---- Copies ---------------------------------------------------------------------------------- */

static void bind_names(Checker *c, Scope *scope, const FnDecl *decl, const Choice *choices) {
    for (uint32_t i = 0; i < decl->generics.len; i++) {
        Ident name = decl->generics.data[i].name;
        Symbol *symbol = scope_add(c, scope, SYM_ALIAS, name.name, name.span);
        symbol->alias.state = ALIAS_DONE;
        symbol->alias.type = choices[i].type ? choices[i].type : type_int(c->types);
        if (!choices[i].type) symbol->alias.constant = const_int(c, choices[i].number);
    }
}

/* `module.f.f32.8` */
static void name_copy(Checker *c, FnSymbol *fn, const Choice *choices, uint32_t count) {
    Context *cx = c->cx;
    StrBuf text = {0};
    strbuf_printf(&text, "%s.%s", text_of(cx, fn->module->name), text_of(cx, fn->name));
    for (uint32_t i = 0; i < count; i++) {
        strbuf_putc(&text, '.');
        if (!choices[i].type)
            strbuf_printf(&text, "%lld", (long long)choices[i].number);
        else if (choices[i].type->kind == TYPE_SCALAR)
            strbuf_puts(&text, scalar_spelling(choices[i].type->scalar));
        else
            strbuf_puts(&text, "other");
    }
    fn->symbol = name_unique(c, strbuf_text(&text), ".", fn->decl->name.span, fn);
    strbuf_free(&text);
}

static bool same_choices(const Choice *a, const Choice *b, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (a[i].type != b[i].type || a[i].number != b[i].number) return false;
    return true;
}

static FnSymbol *copy_make(Checker *c, GenericFn *generic, const Choice *choices, uint32_t depth) {
    Arena *arena = c->cx->arena;
    uint32_t count = generic->decl->generics.len;
    FnDecl *decl = fn_clone(c->ids, generic->decl);
    Scope *scope = scope_new(c, generic->scope);
    bind_names(c, scope, generic->decl, choices);
    decl->generics = (GenericVec){0};
    FnSymbol *fn = declare_copy(c, generic->module, scope, decl);
    fn->scope = scope;
    fn->generic = generic;
    fn->depth = depth;
    GenericCopy copy = {arena_copy(arena, choices, count * sizeof *choices), fn};
    vec_push(arena, &generic->copies, copy);
    name_copy(c, fn, choices, count);
    check_defaults(c, fn, scope);
    vec_push(arena, &generic->module->fns, fn);
    vec_push(arena, &c->program->bodies, fn);
    return fn;
}

/* NULL after reporting that copies would make copies for ever. */
static FnSymbol *copy_of(FnChecker *f, const Expr *e, GenericFn *generic, const Choice *choices) {
    for (uint32_t i = 0; i < generic->copies.len; i++) {
        const GenericCopy *copy = &generic->copies.data[i];
        if (same_choices(copy->choices, choices, generic->decl->generics.len)) return copy->fn;
    }
    uint32_t depth = f->fn ? f->fn->depth + 1 : 1;
    if (depth <= MAX_MAKING) return copy_make(f->c, generic, choices, depth);
    Diag *d = diag_add(f->c->cx, K0257, e->span, "`%s` needs ever new copies of itself",
                       text_of(f->c->cx, generic->decl->name.name));
    diag_note(
        f->c->cx, d,
        "each choice of its parameters is compiled on its own; `@parameter if` can end the chain");
    generic->is_broken = true;
    return NULL;
}

/* ---- At the definition ----------------------------------------------------------------------- */

/* Two of them where integers and floats differ. */
void generic_check(Checker *c, GenericFn *generic) {
    bool differs = false;
    for (int round = 0; round < (differs ? 2 : 1) && !generic->is_broken; round++) {
        Choice choices[MAX_GENERICS];
        for (uint32_t i = 0; i < generic->bounds.len; i++) {
            Bound bound = generic->bounds.data[i];
            bool is_int = bound == BOUND_INTEGER || (bound == BOUND_NUMBER && round == 0);
            const Type *type = type_scalar(c->types, is_int ? SCALAR_I32 : SCALAR_F32);
            differs = differs || bound == BOUND_NUMBER;
            choices[i] = bound == BOUND_INT ? (Choice){NULL, USUAL_WIDTH} : (Choice){type, 0};
        }
        c->is_trying = true;
        copy_make(c, generic, choices, 0);
        c->is_trying = false;
    }
}

/* ---- What the arguments say ------------------------------------------------------------------ */

typedef struct Inference {
    FnChecker *f;
    GenericFn *generic;
    Choice choices[MAX_GENERICS];
    bool known[MAX_GENERICS];
} Inference;

static uint32_t param_named(const Inference *in, const Expr *e) {
    const GenericVec *params = &in->generic->decl->generics;
    if (e->kind != EXPR_NAME) return UINT32_MAX;
    for (uint32_t i = 0; i < params->len; i++)
        if (name_eq(params->data[i].name.name, e->name)) return i;
    return UINT32_MAX;
}

static void learn_number(Inference *in, const Expr *written, int64_t number) {
    uint32_t i = param_named(in, written);
    if (i == UINT32_MAX || in->known[i] || in->generic->bounds.data[i] != BOUND_INT) return;
    in->choices[i] = (Choice){NULL, number};
    in->known[i] = true;
}

static void learn_type(Inference *in, const Expr *written, const Type *type);

static void learn_parts(Inference *in, const ArgVec *parts, const Type *type) {
    if (parts->len == 0) return;
    if (type->elem) learn_type(in, parts->data[0].value, type->elem);
    if (type_is_vector(type) && parts->len == 2)
        learn_number(in, parts->data[1].value, type->lanes);
    for (uint32_t d = 0; type_is_array(type) && d < type->rank && d + 1 < parts->len; d++) {
        int64_t size;
        if (size_is_const(type->dims[d], &size)) learn_number(in, parts->data[d + 1].value, size);
    }
}

static void learn_type(Inference *in, const Expr *written, const Type *type) {
    while (written->kind == EXPR_PAREN) written = written->operand;
    if (written->kind == EXPR_INDEX) {
        learn_parts(in, &written->index.args, type);
        return;
    }
    uint32_t i = param_named(in, written);
    if (i == UINT32_MAX || in->known[i] || in->generic->bounds.data[i] == BOUND_INT) return;
    if (type_is_literal(type) || type_is_error(type)) return;
    in->choices[i] = (Choice){type, 0};
    in->known[i] = true;
}

/* Numbers without a type become the usual one, where nothing else says more. */
static void learn_literal(Inference *in, const Expr *written, const Type *type) {
    uint32_t i = param_named(in, written);
    if (i == UINT32_MAX || in->known[i] || !type_is_literal(type)) return;
    bool is_float = type_is_float(type) || in->generic->bounds.data[i] == BOUND_FLOAT;
    Types *types = in->f->c->types;
    in->choices[i] = (Choice){is_float ? type_scalar(types, SCALAR_F64) : type_int(types), 0};
    in->known[i] = true;
}

static void learn_from_arguments(Inference *in, const Expr *call) {
    const FnDecl *decl = in->generic->decl;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < call->call.args.len; i++) {
            const Arg *arg = &call->call.args.data[i];
            uint32_t at = i;
            for (uint32_t k = 0; arg->key.name.id != 0 && k < decl->params.len; k++)
                if (name_eq(decl->params.data[k].name.name, arg->key.name)) at = k;
            if (at >= decl->params.len || !decl->params.data[at].type) continue;
            const Type *type = expr_type(in->f, arg->value);
            if (round == 0)
                learn_type(in, decl->params.data[at].type, type);
            else
                learn_literal(in, decl->params.data[at].type, type);
        }
    }
}

/* `f[f32, 8](x)`; false after reporting. */
static bool learn_from_brackets(Inference *in, const ArgVec *written) {
    FnChecker *f = in->f;
    const GenericVec *params = &in->generic->decl->generics;
    for (uint32_t i = 0; i < written->len; i++) {
        Expr *value = written->data[i].value;
        uint32_t at = i;
        for (uint32_t k = 0; written->data[i].key.name.id != 0 && k < params->len; k++)
            if (name_eq(params->data[k].name.name, written->data[i].key.name)) at = k;
        if (at >= params->len) {
            diag_add(f->c->cx, K0257, value->span, "`%s` has %u parameter%s in square brackets",
                     text_of(f->c->cx, in->generic->decl->name.name), params->len,
                     params->len == 1 ? "" : "s");
            return false;
        }
        if (in->generic->bounds.data[at] == BOUND_INT) {
            const Const *number =
                check_constant(f, value, type_int(f->c->types), "a parameter in square brackets");
            if (!number || !convert_index(f, value, "this parameter")) return false;
            in->choices[at] = (Choice){NULL, (int64_t)number->integer};
        } else {
            in->choices[at] = (Choice){resolve_type(f, value, false), 0};
            if (type_is_error(in->choices[at].type)) return false;
        }
        in->known[at] = true;
    }
    return true;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static bool report_unknown(Inference *in, const Expr *call, uint32_t i) {
    Context *cx = in->f->c->cx;
    const FnDecl *decl = in->generic->decl;
    const char *fn = text_of(cx, decl->name.name),
               *name = text_of(cx, decl->generics.data[i].name.name);
    Diag *d = diag_add(cx, K0257, call->span, "`%s` of `%s` does not follow from the arguments",
                       name, fn);
    diag_label(cx, d, decl->generics.data[i].name.span, "declared here");
    diag_note(cx, d, "say it in square brackets: `%s[...](...)`", fn);
    return false;
}

static bool report_unsuited(Inference *in, const Expr *call, uint32_t i) {
    Context *cx = in->f->c->cx;
    const FnDecl *decl = in->generic->decl;
    Diag *d = diag_add(cx, K0258, call->span, "`%s` of `%s` cannot be `%s`",
                       text_of(cx, decl->generics.data[i].name.name), text_of(cx, decl->name.name),
                       type_text(cx, in->choices[i].type));
    diag_label(cx, d, decl->generics.data[i].name.span, "it is bound by `%s`",
               bound_text(in->generic->bounds.data[i]));
    return false;
}

/* Whether every parameter is known and keeps its bound. With `report`, the first that is not is an
 * error. */
static bool is_complete(Inference *in, const Expr *call, bool report) {
    for (uint32_t i = 0; i < in->generic->bounds.len; i++) {
        if (!in->known[i]) return report && report_unknown(in, call, i);
        Bound bound = in->generic->bounds.data[i];
        if (bound != BOUND_INT && !suits(bound, in->choices[i].type))
            return report && report_unsuited(in, call, i);
    }
    return true;
}

static bool args_have_error(FnChecker *f, const Expr *e) {
    for (uint32_t i = 0; i < e->call.args.len; i++)
        if (type_is_error(expr_type(f, e->call.args.data[i].value))) return true;
    return false;
}

const Type *call_generic(FnChecker *f, Expr *e, const Symbol *symbol, const ArgVec *in_brackets,
                         const Type *wanted) {
    FnSymbolVec candidates = {0};
    uint32_t plain = in_brackets ? 0 : symbol->fns.len;
    bool alone = plain + symbol->generics.len == 1;
    check_args_alone(f, &e->call.args);
    if (args_have_error(f, e)) return expr_poison(f, e);
    for (uint32_t i = 0; i < plain; i++)
        vec_push(f->c->cx->arena, &candidates, symbol->fns.data[i]);
    for (uint32_t i = 0; i < symbol->generics.len; i++) {
        Inference in = {.f = f, .generic = symbol->generics.data[i]};
        if (in.generic->is_broken) return expr_poison(f, e);
        if (in_brackets && !learn_from_brackets(&in, in_brackets)) return expr_poison(f, e);
        learn_from_arguments(&in, e);
        if (!is_complete(&in, e, alone)) continue;
        FnSymbol *copy = copy_of(f, e, in.generic, in.choices);
        if (copy) vec_push(f->c->cx->arena, &candidates, copy);
    }
    if (candidates.len > 0) return call_functions(f, e, &candidates, NULL, wanted);
    if (!alone) {
        diag_add(f->c->cx, K0254, e->span, "no `%s` takes these arguments",
                 text_of(f->c->cx, symbol->name));
    }
    return expr_poison(f, e);
}
