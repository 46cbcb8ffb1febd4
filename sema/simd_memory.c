/* Methods of arrays that move SIMD values: load, store, gather, scatter, and hints. */
#include "sema/expr.h"

/* x.load[8](i): the array, an index for each dimension, then what the method takes besides. */
typedef struct Access {
    FnChecker *f;
    Expr *e;
    Builtin method;
    const Type *array;
    Expr **args;
    uint32_t count, indices; /* args[1] to args[indices] */
} Access;

static const Type *finish(Access *a, const Type *type) {
    warn_split(a->f, type, a->e->span);
    return expr_set_builtin(a->f, a->e, a->method, type, a->args, a->count);
}

static const Type *poison(Access *a) { return expr_poison(a->f, a->e); }

static const Type *mask_of(Access *a, uint32_t lanes) {
    return type_vector(a->f->c->types, type_bool(a->f->c->types), lanes);
}

static const Type *refuse(Access *a, const Expr *arg, const char *takes) {
    diag_add(a->f->c->cx, K0285, arg->span, "`%s` takes %s, but %s", builtin_name(a->method), takes,
             expr_and_type(a->f, arg));
    return poison(a);
}

/* A SIMD value of the array's elements; NULL after reporting. */
static const Type *value_of(Access *a, uint32_t at) {
    const Type *type = check_value(a->f, a->args[at], NULL);
    if (type_is_error(type)) return NULL;
    if (type_is_vector(type) && type->elem == a->array->elem) return type;
    const char *takes = arena_printf(a->f->c->cx->arena, "a SIMD value of `%s`",
                                     type_text(a->f->c->cx, a->array->elem));
    refuse(a, a->args[at], takes);
    return NULL;
}

/* The mask of a method that has no value to tell its width; NULL after reporting. */
static const Type *mask_at(Access *a, uint32_t at) {
    const Type *type = check_value(a->f, a->args[at], NULL);
    if (type_is_error(type)) return NULL;
    if (type_is_mask(type)) return type;
    refuse(a, a->args[at], "a mask, which comparisons of SIMD values give");
    return NULL;
}

static bool mask_fits(Access *a, uint32_t at, uint32_t lanes) {
    return at >= a->count ||
           check_assignable(a->f, a->args[at], mask_of(a, lanes), "the mask", NO_SPAN);
}

static bool check_indices(Access *a) {
    bool good = true;
    for (uint32_t i = 1; i <= a->indices; i++) {
        check_expr(a->f, a->args[i], type_int(a->f->c->types));
        good = convert_index(a->f, a->args[i], "an index") && good;
    }
    return good;
}

/* ---- The methods ----------------------------------------------------------------------------- */

static const Type *method_load(Access *a, const ArgVec *in_brackets) {
    if (!in_brackets || in_brackets->len != 1) {
        Diag *d = diag_add(a->f->c->cx, K0285, a->e->span,
                           "`load` needs the number of lanes in square brackets");
        diag_note(a->f->c->cx, d, "as in `x.load[8](i)`");
        return poison(a);
    }
    uint32_t lanes = resolve_lanes(a->f, in_brackets->data[0].value);
    if (!check_indices(a) || lanes == 0) return poison(a);
    return finish(a, type_vector(a->f->c->types, a->array->elem, lanes));
}

static const Type *method_masked_load(Access *a) {
    const Type *mask = mask_at(a, a->indices + 1);
    if (!check_indices(a) || !mask) return poison(a);
    return finish(a, type_vector(a->f->c->types, a->array->elem, mask->lanes));
}

/* store, masked_store, compress_store */
static const Type *method_store(Access *a) {
    const Type *value = value_of(a, a->indices + 1);
    bool good = check_indices(a) && value && mask_fits(a, a->indices + 2, value->lanes);
    return good ? finish(a, type_void(a->f->c->types)) : poison(a);
}

static const Type *index_vector(Access *a) {
    const Type *type = check_value(a->f, a->args[1], NULL);
    if (type_is_error(type)) return NULL;
    bool fits = type_is_vector(type) && type_is_integer(type->elem) &&
                scalar_widens(type->elem->scalar, SCALAR_I64);
    if (!fits) refuse(a, a->args[1], "a SIMD value of indices");
    return fits ? type : NULL;
}

static const Type *method_gather(Access *a) {
    const Type *indices = index_vector(a);
    if (!indices || !mask_fits(a, 2, indices->lanes)) return poison(a);
    return finish(a, type_vector(a->f->c->types, a->array->elem, indices->lanes));
}

static const Type *method_scatter(Access *a) {
    const Type *indices = index_vector(a), *value = value_of(a, 2);
    if (!indices || !value || !mask_fits(a, 3, indices->lanes)) return poison(a);
    if (value->lanes == indices->lanes) return finish(a, type_void(a->f->c->types));
    return report_widths(a->f, a->e->span, a->args[2], value, indices), poison(a);
}

/* ---- All of them ----------------------------------------------------------------------------- */

bool is_simd_access(Builtin method) {
    return method >= BUILTIN_M_LOAD && method <= BUILTIN_M_PREFETCH;
}

static bool writes(Builtin method) {
    return method == BUILTIN_M_STORE || method == BUILTIN_M_MASKED_STORE ||
           method == BUILTIN_M_COMPRESS_STORE || method == BUILTIN_M_SCATTER;
}

/* How many arguments stand behind the indices. */
static void rest_count(Builtin method, uint32_t *low, uint32_t *high) {
    bool spread = method == BUILTIN_M_GATHER || method == BUILTIN_M_SCATTER;
    *low = method == BUILTIN_M_LOAD || method == BUILTIN_M_PREFETCH || method == BUILTIN_M_GATHER
               ? 0
           : method == BUILTIN_M_MASKED_STORE || method == BUILTIN_M_COMPRESS_STORE ? 2
                                                                                    : 1;
    *high = *low + spread;
}

/* Nothing is gathered that does not say so. */
static bool lies_side_by_side(Access *a, Expr *base) {
    Context *cx = a->f->c->cx;
    const char *name = builtin_name(a->method);
    bool spread = a->method == BUILTIN_M_GATHER || a->method == BUILTIN_M_SCATTER;
    if (a->array->elem->kind != TYPE_SCALAR) {
        diag_add(cx, K0285, base->span, "`%s` moves numbers or bools, but %s", name,
                 expr_and_type(a->f, base));
        return false;
    }
    bool one = spread || a->method == BUILTIN_M_COMPRESS_STORE;
    if (one && a->array->rank != 1) {
        Diag *d =
            diag_add(cx, K0261, base->span, "`%s` is there for arrays of one dimension", name);
        diag_primary_label(cx, d, "%s", expr_and_type(a->f, base));
        return false;
    }
    if (spread || a->method == BUILTIN_M_PREFETCH || !type_is_strided(a->array)) return true;
    Diag *d = diag_add(cx, K0276, base->span,
                       "`%s` needs elements that lie side by side, but those of %s may not", name,
                       expr_quote(a->f, base));
    diag_primary_label(cx, d, "%s", expr_and_type(a->f, base));
    diag_note(cx, d, "`gather` and `scatter` move elements that lie anywhere");
    return false;
}

static const Type *by_method(Access *a, const ArgVec *in_brackets) {
    switch ((int)a->method) {
    case BUILTIN_M_LOAD: return method_load(a, in_brackets);
    case BUILTIN_M_MASKED_LOAD: return method_masked_load(a);
    case BUILTIN_M_GATHER: return method_gather(a);
    case BUILTIN_M_SCATTER: return method_scatter(a);
    case BUILTIN_M_PREFETCH:
        return check_indices(a) ? finish(a, type_void(a->f->c->types)) : poison(a);
    default: return method_store(a);
    }
}

const Type *check_simd_access(FnChecker *f, Expr *e, Expr *base, Builtin method,
                              const ArgVec *in_brackets) {
    const ArgVec *given = &e->call.args;
    Access a = {.f = f, .e = e, .method = method, .array = expr_type(f, base)};
    const char *name = builtin_name(method);
    uint32_t low, high;
    if (!lies_side_by_side(&a, base)) return check_args_alone(f, given), poison(&a);
    rest_count(method, &low, &high);
    a.indices = a.array->rank;
    if (!check_arg_count(f, e, a.indices + low, a.indices + high, name)) return poison(&a);
    if (in_brackets && method != BUILTIN_M_LOAD) {
        diag_add(f->c->cx, K0285, e->call.callee->span, "`%s` takes nothing in square brackets",
                 name);
        return poison(&a);
    }
    a.args = arena_array(f->c->cx->arena, Expr *, 1 + given->len);
    a.args[a.count++] = base;
    for (uint32_t i = 0; i < given->len; i++) a.args[a.count++] = given->data[i].value;
    const char *label = arena_printf(f->c->cx->arena, "`%s` changes it", name);
    if (writes(method) && !check_writable(f, base, label))
        return check_args_alone(f, given), poison(&a);
    return by_method(&a, in_brackets);
}
