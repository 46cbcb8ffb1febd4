/* The size names of a callee, bound to the sizes of its arguments. The same name twice means
 * equal: what differs for certain is reported with both shapes; the rest is checked at the call. */
#include "sema/expr.h"

/* What is known of the callee's size symbols at one call. */
typedef struct Binding {
    FnChecker *f;
    const Expr *call;
    const CallMatch *match;
    Vec(const SizeSym *) syms;
    Vec(const Size *) sizes;
    Vec(uint32_t) params; /* which parameter bound each */
} Binding;

static uint32_t find_sym(const Binding *b, const SizeSym *sym) {
    for (uint32_t i = 0; i < b->syms.len; i++) {
        if (b->syms.data[i] == sym) return i;
    }
    return UINT32_MAX;
}

static void bind(Binding *b, const SizeSym *sym, const Size *size, uint32_t param) {
    Arena *arena = b->f->c->cx->arena;
    vec_push(arena, &b->syms, sym);
    vec_push(arena, &b->sizes, size);
    vec_push(arena, &b->params, param);
}

/* An int parameter that the signature uses as a size. */
static void bind_int_param(Binding *b, uint32_t i) {
    const ParamInfo *param = &b->match->fn->params.data[i];
    const Expr *arg = b->match->args[i] ? b->match->args[i] : param->initial;
    if (param->local->size && arg) bind(b, param->local->size, size_of_expr(b->f, arg), i);
}

static const Type *param_array(const Binding *b, uint32_t i, const Type **given) {
    const Type *type = b->match->fn->params.data[i].local->type;
    if (!type_is_array(type) || !b->match->args[i]) return NULL;
    *given = expr_type(b->f, b->match->args[i]);
    return type_is_array(*given) && (*given)->rank == type->rank ? type : NULL;
}

static void bind_names(Binding *b, uint32_t i) {
    const Type *given, *type = param_array(b, i, &given);
    if (!type) return;
    for (uint32_t d = 0; d < type->rank; d++) {
        const SizeSym *sym = size_as_sym(type->dims[d]);
        if (sym && sym->kind != SIZE_HIDDEN && find_sym(b, sym) == UINT32_MAX) {
            bind(b, sym, given->dims[d], i);
        }
    }
}

/* ---- Reports --------------------------------------------------------------------------------- */

static void label_argument(Binding *b, Diag *d, uint32_t i) {
    Context *cx = b->f->c->cx;
    const Expr *arg = b->match->args[i];
    if (!arg) return;
    const Type *type = expr_type(b->f, arg);
    if (type_is_array(type)) {
        diag_label(cx, d, arg->span, "shape %s", shape_text(cx, type));
    } else {
        diag_label(cx, d, arg->span, "`%s` is given here",
                   text_of(cx, b->match->fn->params.data[i].local->name));
    }
    label_declaration(b->f, d, arg);
}

/* A size name that two arguments bind differently. */
static void report_name(Binding *b, const SizeSym *sym, uint32_t at, uint32_t param,
                        const Size *size) {
    FnChecker *f = b->f;
    Context *cx = f->c->cx;
    const FnSymbol *fn = b->match->fn;
    uint32_t first = b->params.data[at];
    const Expr *arg = b->match->args[param];
    const char *name = text_of(cx, sym->name);
    Diag *d = diag_add(cx, K0256, arg->span, "size `%s` of `%s` is %s in `%s`, but %s in `%s`",
                       name, called_name(f, fn), size_text(f, b->sizes.data[at]),
                       text_of(cx, fn->params.data[first].local->name), size_text(f, size),
                       text_of(cx, fn->params.data[param].local->name));
    diag_primary_label(cx, d, "shape %s", shape_text(cx, expr_type(f, arg)));
    label_argument(b, d, first);
    label_declaration(f, d, arg);
    diag_label(cx, d, fn->params.data[first].span, "`%s` is bound here", name);
    if (first != param)
        diag_label(cx, d, fn->params.data[param].span, "and has to be the same here");
    label_size(f, d, b->sizes.data[at]);
    label_size(f, d, size);
}

/* A size that the signature fixes: `Tensor[f32, 4]`, `Tensor[f32, 2*n]`. */
static void report_fixed(Binding *b, uint32_t param, uint32_t dim, const Size *wanted) {
    FnChecker *f = b->f;
    Context *cx = f->c->cx;
    const ParamInfo *info = &b->match->fn->params.data[param];
    const Expr *arg = b->match->args[param];
    const Type *given = expr_type(f, arg);
    Diag *d =
        diag_add(cx, K0256, arg->span, "argument `%s` of `%s` has the shape %s, but %s has %s",
                 text_of(cx, info->local->name), called_name(f, b->match->fn),
                 shape_text(cx, info->local->type), expr_quote(f, arg), shape_text(cx, given));
    diag_primary_label(cx, d, "dimension %u is %s, and %s is wanted", dim,
                       size_text(f, given->dims[dim]), size_text(f, wanted));
    diag_label(cx, d, info->span, "because of this");
    label_declaration(f, d, arg);
    label_size(f, d, given->dims[dim]);
    label_size(f, d, wanted);
}

/* Whether every symbol of `size` is bound. */
static bool is_bound(const Binding *b, const Size *size) {
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < terms[i].sym_count; j++) {
            if (find_sym(b, terms[i].syms[j]) == UINT32_MAX) return false;
        }
    }
    return true;
}

static const Size *substituted(const Binding *b, const Size *size) {
    return size_substitute(b->f->c->sizes, size, b->syms.data, b->sizes.data, b->syms.len);
}

static bool check_param(Binding *b, uint32_t i) {
    const Type *given, *type = param_array(b, i, &given);
    if (!type) return true;
    for (uint32_t d = 0; d < type->rank; d++) {
        if (!is_bound(b, type->dims[d])) continue;
        const Size *wanted = substituted(b, type->dims[d]);
        if (!wanted || size_relate(b->f->c->sizes, given->dims[d], wanted) != SIZES_DIFFER)
            continue;
        const SizeSym *sym = size_as_sym(type->dims[d]);
        if (sym) {
            report_name(b, sym, find_sym(b, sym), i, given->dims[d]);
        } else {
            report_fixed(b, i, d, wanted);
        }
        return false;
    }
    return true;
}

/* ---- The result ------------------------------------------------------------------------------ */

/* What the signature leaves open (`?`) is a new unknown size for each call. */
static void free_open_sizes(Binding *b, const Type *type) {
    if (type->kind == TYPE_TUPLE) {
        for (uint32_t i = 0; i < type->item_count; i++) free_open_sizes(b, type->items[i]);
    }
    if (!type_is_array(type)) return;
    for (uint32_t d = 0; d < type->rank; d++) {
        const SizeTerm *terms;
        uint32_t count = size_terms(type->dims[d], &terms);
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < terms[i].sym_count; j++) {
                const SizeSym *sym = terms[i].syms[j];
                if (find_sym(b, sym) != UINT32_MAX) continue;
                bind(b, sym, size_fresh(b->f, b->call->span), 0);
            }
        }
    }
}

const Type *call_bind_sizes(FnChecker *f, const Expr *call, const CallMatch *match) {
    Binding b = {.f = f, .call = call, .match = match};
    for (uint32_t i = 0; i < match->fn->params.len; i++) bind_int_param(&b, i);
    for (uint32_t i = 0; i < match->fn->params.len; i++) bind_names(&b, i);
    for (uint32_t i = 0; i < match->fn->params.len; i++) {
        if (!check_param(&b, i)) return NULL;
    }
    const Type *result = match->fn->result ? match->fn->result : type_void(f->c->types);
    free_open_sizes(&b, result);
    return type_with_sizes(f->c->types, result, b.syms.data, b.sizes.data, b.syms.len);
}
