/* Literals, and how they meet their context: `0.5 * x` is an f32 product when x is f32, and
 * `let a: u8 = 300` is an error that knows what a u8 holds. */
#include "sema/expr.h"

#include <math.h>

const Type *check_int(FnChecker *f, Expr *e) {
    if (e->integer.too_large) {
        Diag *d =
            diag_add(f->c->cx, K0240, e->span, "this number is too large for every integer type");
        diag_note(f->c->cx, d, "the largest, `u64`, ends at 18446744073709551615");
        return expr_poison(f, e);
    }
    return expr_set_const(f, e, type_int_literal(f->c->types),
                          const_int(f->c, (Int128)e->integer.value));
}

const Type *check_real(FnChecker *f, Expr *e) {
    return expr_set_const(f, e, type_float_literal(f->c->types),
                          const_float(f->c, e->real.value, e->real.text));
}

const Type *check_string(FnChecker *f, Expr *e) {
    if (e->string.is_bytes) {
        report_later(f->c, e->span, "byte strings");
        return expr_poison(f, e);
    }
    Const *constant = arena_new(f->c->cx->arena, Const);
    constant->kind = CONST_STR;
    constant->bytes = e->string.bytes;
    constant->length = e->string.length;
    return expr_set_const(f, e, type_str(f->c->types), constant);
}

const Type *check_list(FnChecker *f, Expr *e) {
    Context *cx = f->c->cx;
    for (uint32_t i = 0; i < e->items.len; i++) check_value(f, e->items.data[i], NULL);
    Diag *d = diag_add(cx, K0275, e->span, "a list in square brackets is not a value");
    diag_note(cx, d, "make an array with `Tensor[f32](%u)` and fill it, or write a tuple: `(a, b)`",
              e->items.len);
    return expr_poison(f, e);
}

const Type *number_hint(const Type *wanted) {
    if (!wanted) return NULL;
    const Type *elem = type_element(wanted);
    return elem->kind == TYPE_SCALAR && type_is_number(elem) ? elem : NULL;
}

/* ---- What does not fit ----------------------------------------------------------------------- */

static const char *const float_limits[SCALAR_COUNT] = {
    [SCALAR_F16] = "65504",
    [SCALAR_BF16] = "3.3895e38",
    [SCALAR_F32] = "3.4028e38",
    [SCALAR_F64] = "1.7977e308",
};

static const char *range_text(FnChecker *f, Scalar scalar) {
    Arena *arena = f->c->cx->arena;
    unsigned bits = scalar_bits(scalar);
    if (scalar_is_float(scalar)) {
        return arena_printf(arena, "-%s to %s", float_limits[scalar], float_limits[scalar]);
    }
    uint64_t top = UINT64_MAX >> (64 - bits);
    if (scalar_is_unsigned(scalar))
        return arena_printf(arena, "0 to %llu", (unsigned long long)top);
    long long high = (long long)(top >> 1);
    return arena_printf(arena, "%lld to %lld", -high - 1, high);
}

static bool report_range_of(FnChecker *f, Expr *e, const Const *constant, Scalar scalar) {
    Context *cx = f->c->cx;
    StrBuf value = {0};
    if (constant->kind == CONST_INT) {
        const_print(constant, &value);
    } else {
        strbuf_puts(&value, expr_quote(f, e));
    }
    const char *name = type_text(cx, type_scalar(f->c->types, scalar));
    Diag *d = diag_add(cx, K0240, e->span, "%s does not fit `%s`", strbuf_text(&value), name);
    diag_primary_label(cx, d, "%s `%s` holds %s", article(name), name, range_text(f, scalar));
    strbuf_free(&value);
    expr_poison(f, e);
    return false;
}

static bool report_fraction(FnChecker *f, Expr *e, const Const *constant, const Type *target) {
    Context *cx = f->c->cx;
    const char *name = type_text(cx, target);
    Diag *d = diag_add(cx, K0241, e->span, "%s is a float, but %s `%s` is wanted", expr_quote(f, e),
                       article(name), name);
    double value = constant ? constant->real : 0.5;
    if (constant && value == floor(value) && fabs(value) < 1e15) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "write it as an integer");
        fix_replace(cx, fix, e->span, arena_printf(cx->arena, "%.0f", value));
    } else {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "convert it, which cuts the fraction off");
        fix_wrap(f, fix, e, arena_printf(cx->arena, "%s(", name), ")");
    }
    expr_poison(f, e);
    return false;
}

/* ---- Meeting the context --------------------------------------------------------------------- */

static bool adapt_constant(FnChecker *f, Expr *e, const Const *constant, const Type *target) {
    Scalar scalar = target->scalar;
    if (constant->kind == CONST_FLOAT && !scalar_is_float(scalar)) {
        return report_fraction(f, e, constant, target);
    }
    if (scalar_is_int(scalar) && !const_fits(constant, scalar)) {
        return report_range_of(f, e, constant, scalar);
    }
    const Const *converted = const_convert(f->c, constant, target);
    bool was_finite = constant->kind == CONST_INT || isfinite(constant->real);
    if (scalar_is_float(scalar) && was_finite && !isfinite(converted->real)) {
        return report_range_of(f, e, constant, scalar);
    }
    expr_set_const(f, e, target, converted);
    return true;
}

static bool adapt_args(FnChecker *f, Expr *e, const Type *target) {
    const ExprInfo *info = expr_info(f->c, e);
    Expr **args = info->args;
    uint32_t count = info->arg_count;
    for (uint32_t i = 0; i < count; i++) {
        if (type_is_literal(expr_type(f, args[i])) && !literal_adapt(f, args[i], target)) {
            return false;
        }
    }
    return true;
}

static bool adapt_both(FnChecker *f, Expr *a, Expr *b, const Type *target) {
    bool first = !type_is_literal(expr_type(f, a)) || literal_adapt(f, a, target);
    return (!type_is_literal(expr_type(f, b)) || literal_adapt(f, b, target)) && first;
}

/* An expression of literal type is a constant, or a choice between such. */
static bool adapt_parts(FnChecker *f, Expr *e, const Type *target) {
    if (e->kind == EXPR_PAREN) return literal_adapt(f, e->operand, target);
    if (e->kind == EXPR_UNARY) return literal_adapt(f, e->unary.operand, target);
    if (e->kind == EXPR_BINARY) return adapt_both(f, e->binary.lhs, e->binary.rhs, target);
    if (e->kind == EXPR_COND) return adapt_both(f, e->cond.then, e->cond.otherwise, target);
    return adapt_args(f, e, target);
}

bool literal_adapt(FnChecker *f, Expr *e, const Type *target) {
    const Const *constant = expr_constant(f, e);
    if (constant) return adapt_constant(f, e, constant, target);
    if (type_is_float(expr_type(f, e)) && !type_is_float(target)) {
        return report_fraction(f, e, NULL, target);
    }
    if (!adapt_parts(f, e, target)) {
        expr_poison(f, e);
        return false;
    }
    expr_info(f->c, e)->type = target;
    return true;
}

bool literal_default(FnChecker *f, Expr *e, const Type *wanted) {
    Types *types = f->c->types;
    const Type *hint = number_hint(wanted);
    if (hint) return literal_adapt(f, e, hint);
    if (type_is_float(expr_type(f, e))) return literal_adapt(f, e, type_scalar(types, SCALAR_F64));
    const Const *constant = expr_constant(f, e);
    if (constant && constant->kind == CONST_INT && !const_fits(constant, SCALAR_I64) &&
        const_fits(constant, SCALAR_U64)) {
        Context *cx = f->c->cx;
        Diag *d = diag_add(cx, K0240, e->span, "%s does not fit `int`", expr_quote(f, e));
        diag_primary_label(cx, d, "an `int` holds %s", range_text(f, SCALAR_I64));
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "make it a `u64`");
        fix_wrap(f, fix, e, "u64(", ")");
        expr_poison(f, e);
        return false;
    }
    return literal_adapt(f, e, type_int(types));
}
