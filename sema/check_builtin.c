/* Functions that the compiler knows, other than arithmetic and reductions. */
#include "sema/expr.h"

#include <string.h>

static const Type *check_print(FnChecker *f, Expr *e) {
    Context *cx = f->c->cx;
    const ArgVec *args = &e->call.args;
    Expr **values = arena_array(cx->arena, Expr *, args->len ? args->len : 1);
    bool good = true;
    for (uint32_t i = 0; i < args->len; i++) {
        Ident key = args->data[i].key;
        values[i] = args->data[i].value;
        const Type *type = check_value(f, values[i], NULL);
        if (!name_eq(key.name, NO_NAME)) {
            Diag *d = diag_add(cx, K0253, key.span, "`print` has no argument `%s`",
                               text_of(cx, key.name));
            diag_note(cx, d, "it writes its values with a space between them and ends the line");
            good = false;
        } else if (type->kind == TYPE_STRUCT || type->kind == TYPE_TUPLE) {
            Diag *d = diag_add(cx, K0285, values[i]->span, "`print` cannot show %s",
                               type_kind_words(type));
            diag_primary_label(cx, d, "%s", expr_and_type(f, values[i]));
            diag_note(cx, d, "print its %s one by one",
                      type->kind == TYPE_STRUCT ? "fields" : "items");
            good = false;
        }
        good = good && !type_is_error(type);
    }
    if (!good) return expr_poison(f, e);
    return expr_set_builtin(f, e, BUILTIN_PRINT, type_void(f->c->types), values, args->len);
}

/* A size that the type knows, where leaving out the array's evaluation loses nothing. */
static void know_size(FnChecker *f, const Expr *e, Expr *array, const Size *size) {
    int64_t value;
    if (expr_bare(array)->kind == EXPR_NAME && size_is_const(size, &value)) {
        expr_know(f, e, const_int(f->c, value));
    }
}

static const Type *check_len(FnChecker *f, Expr *e) {
    Context *cx = f->c->cx;
    if (!check_arg_count(f, e, 1, 1, "len")) return expr_poison(f, e);
    Expr *array = e->call.args.data[0].value;
    const Type *type = check_value(f, array, NULL);
    if (type_is_error(type)) return expr_poison(f, e);
    if (type->kind == TYPE_LIST) {
        return expr_set_builtin(f, e, BUILTIN_LEN, type_int(f->c->types), &array, 1);
    }
    if (type_is_vector(type)) {
        expr_set_builtin(f, e, BUILTIN_LEN, type_int(f->c->types), &array, 1);
        expr_know(f, e, const_int(f->c, type->lanes));
        return expr_type(f, e);
    }
    if (!type_is_array(type)) {
        Diag *d = diag_add(cx, K0285, array->span, "`len` is the size of an array or a list");
        diag_primary_label(cx, d, "%s", expr_and_type(f, array));
        return expr_poison(f, e);
    }
    expr_set_builtin(f, e, BUILTIN_LEN, type_int(f->c->types), &array, 1);
    know_size(f, e, array, type->dims[0]);
    return expr_type(f, e);
}

static bool check_step(FnChecker *f, Expr *step) {
    int64_t value;
    if (!expr_known_int(f, step, &value) || value != 0) return true;
    diag_add(f->c->cx, K0265, step->span, "a step of 0 goes nowhere");
    return false;
}

static const Type *check_range_call(FnChecker *f, Expr *e) {
    if (!check_arg_count(f, e, 1, 3, "range")) return expr_poison(f, e);
    const ArgVec *args = &e->call.args;
    bool good = true;
    for (uint32_t i = 0; i < args->len; i++) {
        Expr *arg = args->data[i].value;
        check_expr(f, arg, type_int(f->c->types));
        if (type_is_array(expr_type(f, arg))) {
            Diag *d = diag_add(f->c->cx, K0263, arg->span, "a bound of `range` is an `int`, but %s",
                               expr_and_type(f, arg));
            Fix *fix = diag_fix(f->c->cx, d, FIX_AUTOMATIC, "count its elements");
            fix_wrap(f, fix, arg, "len(", ")");
            good = false;
        } else {
            good = convert_index(f, arg, "a bound of `range`") && good;
        }
    }
    if (!good) return expr_poison(f, e);
    Expr *parts[3] = {NULL, NULL, NULL};
    if (args->len == 1) {
        parts[1] = args->data[0].value;
    } else {
        for (uint32_t i = 0; i < args->len; i++) parts[i] = args->data[i].value;
    }
    if (parts[2] && !check_step(f, parts[2])) return expr_poison(f, e);
    return expr_set_args(f, e, ROLE_RANGE, type_range(f->c->types), parts, 3);
}

/* ---- Builtins of a type ---------------------------------------------------------------------- */

static const Type *report_type_missing(FnChecker *f, Expr *e, const char *name,
                                       const char *example) {
    Context *cx = f->c->cx;
    Diag *d =
        diag_add(cx, K0285, e->call.callee->span, "`%s` needs a type in square brackets", name);
    diag_note(cx, d, "as in `%s`", example);
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

/* The one scalar type in the brackets; NULL after reporting. */
static const Type *bracket_type(FnChecker *f, Expr *e, const ArgVec *types, const char *name) {
    Context *cx = f->c->cx;
    if (types->len != 1) {
        diag_add(cx, K0285, e->call.callee->span, "`%s` needs one type in square brackets, not %u",
                 name, types->len);
        return NULL;
    }
    const Type *type = resolve_type(f, types->data[0].value, false);
    if (type_is_error(type)) return NULL;
    if (type->kind == TYPE_SCALAR) return type;
    diag_add(cx, K0285, types->data[0].value->span, "`%s` needs a number type, and this is `%s`",
             name, type_text(cx, type));
    return NULL;
}

/* A literal takes the float type, or the unsigned one, that has as many bits. */
static const Type *literal_of_width(FnChecker *f, const Type *literal, Scalar to) {
    static const Scalar candidates[] = {SCALAR_F16, SCALAR_F32, SCALAR_F64, SCALAR_U8,
                                        SCALAR_U16, SCALAR_U32, SCALAR_U64};
    for (uint32_t i = 0; i < ARRAY_LEN(candidates); i++) {
        Scalar scalar = candidates[i];
        if (scalar_bits(scalar) == scalar_bits(to) &&
            scalar_is_float(scalar) == type_is_float(literal)) {
            return type_scalar(f->c->types, scalar);
        }
    }
    return NULL;
}

static const Type *check_bitcast(FnChecker *f, Expr *e, const Type *to) {
    Context *cx = f->c->cx;
    if (!check_arg_count(f, e, 1, 1, "bitcast")) return expr_poison(f, e);
    Expr *arg = e->call.args.data[0].value;
    const Type *from = check_expr(f, arg, NULL);
    from =
        check_value(f, arg, type_is_literal(from) ? literal_of_width(f, from, to->scalar) : NULL);
    if (type_is_error(from)) return expr_poison(f, e);
    const Type *elem = type_element(from);
    if (elem->kind != TYPE_SCALAR || scalar_bits(elem->scalar) != scalar_bits(to->scalar)) {
        Diag *d = diag_add(cx, K0266, arg->span, "the bits of `%s` are not those of `%s`",
                           type_text(cx, from), type_text(cx, to));
        diag_primary_label(cx, d, "%s", expr_and_type(f, arg));
        if (elem->kind == TYPE_SCALAR) {
            diag_note(cx, d, "`%s` has %u bits, `%s` has %u", type_text(cx, elem),
                      scalar_bits(elem->scalar), type_text(cx, to), scalar_bits(to->scalar));
        }
        return expr_poison(f, e);
    }
    const Type *type = type_with_elem(f->c->types, from, to);
    return expr_set_builtin(f, e, BUILTIN_BITCAST, type, &arg, 1);
}

static const Type *check_simdwidth(FnChecker *f, Expr *e, const Type *of) {
    if (!check_arg_count(f, e, 0, 0, "simdwidthof")) return expr_poison(f, e);
    unsigned width = simd_bits(f->c) / (8 * scalar_bytes(of->scalar));
    return expr_set_const(f, e, type_int(f->c->types), const_int(f->c, width));
}

const Type *check_builtin_of(FnChecker *f, Expr *e, Builtin builtin, const ArgVec *types) {
    const char *name = builtin_name(builtin);
    if (builtin == BUILTIN_BITCAST || builtin == BUILTIN_SIMDWIDTHOF) {
        const Type *type = bracket_type(f, e, types, name);
        if (type)
            return builtin == BUILTIN_BITCAST ? check_bitcast(f, e, type)
                                              : check_simdwidth(f, e, type);
    } else {
        diag_add(f->c->cx, K0285, e->call.callee->span, "`%s` takes nothing in square brackets",
                 name);
    }
    check_args_alone(f, &e->call.args);
    return expr_poison(f, e);
}

const Type *check_builtin(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted) {
    switch ((int)builtin) {
    case BUILTIN_PRINT: return check_print(f, e);
    case BUILTIN_LEN: return check_len(f, e);
    case BUILTIN_RANGE: return check_range_call(f, e);
    case BUILTIN_SUM:
    case BUILTIN_PROD:
    case BUILTIN_MEAN:
    case BUILTIN_ANY:
    case BUILTIN_ALL:
    case BUILTIN_ARGMIN:
    case BUILTIN_ARGMAX: return check_reduction(f, e, builtin, wanted);
    case BUILTIN_CUMSUM:
    case BUILTIN_CUMPROD:
    case BUILTIN_CUMMAX:
    case BUILTIN_CUMMIN: return check_scan(f, e, builtin, wanted);
    case BUILTIN_MIN:
    case BUILTIN_MAX:
        if (e->call.args.len == 1) return check_reduction(f, e, builtin, wanted);
        return check_math(f, e, builtin, wanted);
    case BUILTIN_BITCAST: return report_type_missing(f, e, "bitcast", "bitcast[u32](x)");
    case BUILTIN_SIMDWIDTHOF: return report_type_missing(f, e, "simdwidthof", "simdwidthof[f32]()");
    default: return check_math(f, e, builtin, wanted);
    }
}
