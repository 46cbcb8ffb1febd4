/* Elementwise functions of numbers: min and max of several values, abs, where, sqrt, fma, ... */
#include "sema/expr.h"

#include <math.h>

typedef enum Takes { TAKES_NUMBERS, TAKES_FLOATS, TAKES_INTEGERS } Takes;

typedef struct MathRow {
    Builtin builtin;
    uint32_t low, high; /* how many arguments; one alone is reduced, see check_reduce.c */
    Takes takes;
} MathRow;

static const MathRow math_rows[] = {
    {BUILTIN_MIN, 1, UINT32_MAX, TAKES_NUMBERS}, {BUILTIN_MAX, 1, UINT32_MAX, TAKES_NUMBERS},
    {BUILTIN_ABS, 1, 1, TAKES_NUMBERS},          {BUILTIN_ROUND, 1, 1, TAKES_FLOATS},
    {BUILTIN_SQRT, 1, 1, TAKES_FLOATS},          {BUILTIN_FLOOR, 1, 1, TAKES_FLOATS},
    {BUILTIN_CEIL, 1, 1, TAKES_FLOATS},          {BUILTIN_TRUNC, 1, 1, TAKES_FLOATS},
    {BUILTIN_FMA, 3, 3, TAKES_FLOATS},           {BUILTIN_COPYSIGN, 2, 2, TAKES_FLOATS},
    {BUILTIN_POPCOUNT, 1, 1, TAKES_INTEGERS},    {BUILTIN_CLZ, 1, 1, TAKES_INTEGERS},
    {BUILTIN_CTZ, 1, 1, TAKES_INTEGERS},
};

static const MathRow *math_row(Builtin builtin) {
    for (uint32_t i = 0; i < ARRAY_LEN(math_rows); i++) {
        if (math_rows[i].builtin == builtin) return &math_rows[i];
    }
    KC_BUG("builtin %d is no function of numbers", (int)builtin);
}

static bool suits(Takes takes, const Type *type) {
    const Type *elem = type_element(type);
    if (!type_is_number(elem)) return false;
    if (takes == TAKES_NUMBERS) return true;
    if (type_is_literal(elem) && type_is_integer(elem)) return true;
    return takes == TAKES_FLOATS ? type_is_float(elem) : type_is_integer(elem);
}

static const char *takes_words(Takes takes) {
    static const char *const words[] = {"numbers", "floats", "integers"};
    return words[takes];
}

static void report_argument(FnChecker *f, const Expr *arg, const char *name, Takes takes) {
    Context *cx = f->c->cx;
    const Type *elem = type_element(expr_type(f, arg));
    Diag *d = diag_add(cx, K0285, arg->span, "`%s` takes %s, but %s", name, takes_words(takes),
                       expr_and_type(f, arg));
    if (elem->kind != TYPE_SCALAR || !type_is_number(elem)) return;
    Fix *fix =
        diag_fix(cx, d, FIX_AUTOMATIC,
                 takes == TAKES_FLOATS ? "convert it" : "convert it, which cuts the fraction off");
    fix_wrap(f, fix, arg, takes == TAKES_FLOATS ? "f64(" : "int(", ")");
}

/* ---- Constants ------------------------------------------------------------------------------- */

static double real_of(const Const *c) {
    return c->kind == CONST_INT ? (double)c->integer : c->real;
}

static const Const *fold_extreme(FnChecker *f, Expr *const *args, uint32_t count, bool is_min,
                                 bool as_float) {
    const Const *best = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const Const *c = expr_constant(f, args[i]);
        if (!c) return NULL;
        if (as_float && c->kind == CONST_INT) c = const_float(f->c, (double)c->integer, NO_NAME);
        if (c->kind == CONST_FLOAT && isnan(c->real)) return c;
        if (!best || const_compare(is_min ? CMP_LT : CMP_GT, c, best)) best = c;
    }
    return best;
}

static const Const *fold_rounding(FnChecker *f, Builtin builtin, double x) {
    switch ((int)builtin) {
    case BUILTIN_SQRT: return const_float(f->c, sqrt(x), NO_NAME);
    case BUILTIN_FLOOR: return const_float(f->c, floor(x), NO_NAME);
    case BUILTIN_CEIL: return const_float(f->c, ceil(x), NO_NAME);
    case BUILTIN_TRUNC: return const_float(f->c, trunc(x), NO_NAME);
    case BUILTIN_ROUND: return const_float(f->c, nearbyint(x), NO_NAME);
    default: return NULL;
    }
}

/* The value, where all arguments are known and it is not worth a run. Square roots computed in
 * f64 and rounded to f32 are correctly rounded (Figueroa, "When is double rounding innocuous?",
 * 1995). */
static const Const *fold_math(FnChecker *f, Builtin builtin, Expr *const *args, uint32_t count,
                              const Type *type) {
    const Const *first = expr_constant(f, args[0]);
    if (type_is_array(type) || type_is_vector(type) || !first) return NULL;
    bool is_float = type_is_float(type);
    if (builtin == BUILTIN_MIN || builtin == BUILTIN_MAX) {
        return fold_extreme(f, args, count, builtin == BUILTIN_MIN, is_float);
    }
    const Const *value = NULL;
    if (builtin == BUILTIN_ABS) {
        bool negative = is_float ? signbit(real_of(first)) : first->integer < 0;
        value = negative ? const_unary(f->c, UN_NEG, first, type) : first;
    } else if (is_float) {
        value = fold_rounding(f, builtin, real_of(first));
    }
    return value && !type_is_literal(type) ? const_convert(f->c, value, type) : value;
}

/* ---- where ----------------------------------------------------------------------------------- */

/* Choosing among literals for each element of a mask: they become numbers at once. */
static const Type *settle_arms(FnChecker *f, Expr *const *arms, const Type *elem,
                               const Type *wanted) {
    const Type *hint = number_hint(wanted);
    const Type *target = hint                  ? hint
                         : type_is_float(elem) ? type_scalar(f->c->types, SCALAR_F64)
                                               : type_int(f->c->types);
    bool good = literal_adapt(f, arms[0], target);
    return literal_adapt(f, arms[1], target) && good ? target : NULL;
}

/* Both of its names. */
static const Type *check_where(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted) {
    Context *cx = f->c->cx;
    const char *name = builtin_name(builtin);
    if (!check_arg_count(f, e, 3, 3, name)) return expr_poison(f, e);
    Expr *args[3];
    for (uint32_t i = 0; i < 3; i++) {
        args[i] = e->call.args.data[i].value;
        check_expr(f, args[i], i ? wanted : NULL);
    }
    if (exprs_have_error(f, args, 3)) return expr_poison(f, e);
    const Type *mask = expr_type(f, args[0]);
    if (!type_is_bool(type_element(mask))) {
        Diag *d = diag_add(cx, K0285, args[0]->span, "`%s` chooses by bools, but %s", name,
                           expr_and_type(f, args[0]));
        diag_note(cx, d, "as in `%s(x > 0.0, x, 0.0)`", name);
        return expr_poison(f, e);
    }
    for (uint32_t i = 1; i < 3; i++) {
        const Type *type = type_element(expr_type(f, args[i]));
        if (type->kind == TYPE_SCALAR || type_is_literal(type)) continue;
        diag_add(cx, K0285, args[i]->span, "`%s` chooses among numbers or bools, but %s", name,
                 expr_and_type(f, args[i]));
        return expr_poison(f, e);
    }
    const char *quoted = arena_printf(cx->arena, "`%s`", name);
    const Type *elem = unify_elements(f, args + 1, 2, quoted, e->call.callee->span);
    if (elem && type_is_literal(elem) && (type_is_array(mask) || type_is_vector(mask)))
        elem = settle_arms(f, args + 1, elem, wanted);
    if (!elem) return expr_poison(f, e);
    const Type *type = elementwise_type(f, args, 3, elem, e->call.callee->span);
    if (!type) return expr_poison(f, e);
    return expr_set_builtin(f, e, BUILTIN_WHERE, type, args, 3);
}

/* ---- The others ------------------------------------------------------------------------------ */

/* Literals alone: a float function gives an f64 unless something else is wanted. */
static const Type *settle_literals(FnChecker *f, const MathRow *row, Expr *const *args,
                                   uint32_t count, const Type *wanted) {
    const Type *hint = number_hint(wanted);
    bool use = hint && (row->takes == TAKES_INTEGERS ? type_is_integer(hint) : type_is_float(hint));
    const Type *target = use                            ? hint
                         : row->takes == TAKES_INTEGERS ? type_int(f->c->types)
                                                        : type_scalar(f->c->types, SCALAR_F64);
    bool good = true;
    for (uint32_t i = 0; i < count; i++) good = literal_adapt(f, args[i], target) && good;
    return good ? target : NULL;
}

static const Type *check_row(FnChecker *f, Expr *e, const MathRow *row, const Type *wanted) {
    const char *name = builtin_name(row->builtin);
    uint32_t count = e->call.args.len;
    Expr **args = arena_array(f->c->cx->arena, Expr *, count);
    const Type *hint = wanted;
    for (uint32_t i = 0; i < count; i++) {
        args[i] = e->call.args.data[i].value;
        const Type *type = check_expr(f, args[i], hint);
        if (number_hint(type)) hint = number_hint(type);
    }
    if (exprs_have_error(f, args, count)) return expr_poison(f, e);
    for (uint32_t i = 0; i < count; i++) {
        if (suits(row->takes, expr_type(f, args[i]))) continue;
        report_argument(f, args[i], name, row->takes);
        return expr_poison(f, e);
    }
    const char *quoted = arena_printf(f->c->cx->arena, "`%s`", name);
    const Type *elem = unify_elements(f, args, count, quoted, e->call.callee->span);
    if (elem && type_is_literal(elem) && row->takes != TAKES_NUMBERS) {
        elem = settle_literals(f, row, args, count, wanted);
    }
    if (!elem) return expr_poison(f, e);
    const Type *type = elementwise_type(f, args, count, elem, e->call.callee->span);
    if (!type) return expr_poison(f, e);
    const Const *constant = fold_math(f, row->builtin, args, count, type);
    if (constant) return expr_set_const(f, e, type, constant);
    return expr_set_builtin(f, e, row->builtin, type, args, count);
}

const Type *check_math(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted) {
    if (builtin == BUILTIN_WHERE || builtin == BUILTIN_SELECT)
        return check_where(f, e, builtin, wanted);
    const MathRow *row = math_row(builtin);
    if (!check_arg_count(f, e, row->low, row->high, builtin_name(builtin)))
        return expr_poison(f, e);
    return check_row(f, e, row, wanted);
}
