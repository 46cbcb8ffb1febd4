/* Arithmetic on compile-time values, exact and in the type's own format: what the program would
 * compute when it runs. What depends on the machine's libm, or has no value, is left to the run
 * time (NULL). */
#include <math.h>
#include <string.h>

#include "sema/const_round.h"

__extension__ typedef unsigned __int128 UInt128;

static const Int128 most_positive = (Int128)(((UInt128)1 << 127) - 1);

const Const *const_int(Checker *c, Int128 value) {
    Const *constant = arena_new(c->cx->arena, Const);
    constant->kind = CONST_INT;
    constant->integer = value;
    return constant;
}

const Const *const_bool(Checker *c, bool value) {
    Const *constant = arena_new(c->cx->arena, Const);
    constant->kind = CONST_BOOL;
    constant->integer = value;
    return constant;
}

const Const *const_float(Checker *c, double value, Name text) {
    Const *constant = arena_new(c->cx->arena, Const);
    constant->kind = CONST_FLOAT;
    constant->real = value;
    constant->real_text = text;
    return constant;
}

/* An integer in `type`: wrapped if that is a scalar, else as it is. */
static const Const *int_in(Checker *c, Int128 value, const Type *type) {
    return const_int(c, type->kind == TYPE_SCALAR ? int_wrapped(value, type->scalar) : value);
}

/* A float in `type`. There is one NaN, whatever the host's arithmetic makes of its sign. */
static const Const *float_in(Checker *c, double value, const Type *type) {
    if (isnan(value)) return const_float(c, (double)NAN, NO_NAME);
    double rounded = type->kind == TYPE_SCALAR ? float_rounded(value, type->scalar) : value;
    return const_float(c, rounded, NO_NAME);
}

static double real_of(const Const *a) {
    return a->kind == CONST_FLOAT ? a->real : (double)a->integer;
}

/* ---- Unary ----------------------------------------------------------------------------------- */

/* Keeps the spelling, so that `-0.1` is rounded once as well. */
static const Const *float_negated(Checker *c, const Const *a) {
    const char *text = text_of(c->cx, a->real_text);
    Name name = NO_NAME;
    if (text[0] == '-') {
        name = name_of_str(c->cx->names, text + 1);
    } else if (text[0] != '\0') {
        name = name_of_str(c->cx->names, arena_printf(c->cx->arena, "-%s", text));
    }
    return const_float(c, -a->real, name);
}

const Const *const_unary(Checker *c, UnaryOp op, const Const *a, const Type *type) {
    switch (op) {
    case UN_POS: return a;
    case UN_NEG:
        if (a->kind == CONST_FLOAT) return float_negated(c, a);
        return a->kind == CONST_INT ? int_in(c, -a->integer, type) : NULL;
    case UN_BIT_NOT:
        if (a->kind == CONST_BOOL) return const_bool(c, a->integer == 0);
        return a->kind == CONST_INT ? int_in(c, ~a->integer, type) : NULL;
    case UN_NOT: return a->kind == CONST_BOOL ? const_bool(c, a->integer == 0) : NULL;
    case UNARY_OP_COUNT: return NULL;
    }
    UNREACHABLE();
}

/* ---- Integers -------------------------------------------------------------------------------- */

static Int128 floor_div(Int128 a, Int128 b) {
    Int128 quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/* a * 2^count and a / 2^count, with every bit shifted out once `count` reaches the type's width. */
static bool shifted(BinaryOp op, Int128 a, Int128 count, const Type *type, Int128 *out) {
    bool typed = type->kind == TYPE_SCALAR;
    Int128 width = typed ? (Int128)scalar_bits(type->scalar) : 127;
    bool all = count < 0 || count >= width;
    if (op == BIN_SHR) {
        *out = all ? (a < 0 ? -1 : 0) : a >> (int)count;
        return typed || count >= 0;
    }
    if (!typed && (count < 0 || (all && a != 0))) return false;
    if (all) {
        *out = 0;
        return true;
    }
    *out = (Int128)((UInt128)a << (int)count);
    return typed || *out >> (int)count == a;
}

static bool multiplied(Int128 a, Int128 b, bool exact, Int128 *out) {
    if (exact) return !__builtin_mul_overflow(a, b, out);
    *out = (Int128)((UInt128)a * (UInt128)b);
    return true;
}

/* By squaring; wraps unless `exact`. */
static bool power(Int128 base, Int128 exponent, bool exact, Int128 *out) {
    if (exponent < 0) return false;
    *out = 1;
    while (exponent > 0) {
        if (exponent % 2 == 1 && !multiplied(*out, base, exact, out)) return false;
        exponent /= 2;
        if (exponent > 0 && !multiplied(base, base, exact, &base)) return false;
    }
    return true;
}

static bool int_binary(BinaryOp op, Int128 a, Int128 b, const Type *type, Int128 *out) {
    bool exact = type->kind != TYPE_SCALAR;
    switch (op) {
    case BIN_ADD: return !__builtin_add_overflow(a, b, out);
    case BIN_SUB: return !__builtin_sub_overflow(a, b, out);
    case BIN_MUL: return multiplied(a, b, exact, out);
    case BIN_FLOORDIV:
        if (b == 0 || (b == -1 && a == -most_positive - 1)) return false;
        *out = floor_div(a, b);
        return true;
    case BIN_MOD:
        if (b == 0) return false;
        *out = b == -1 ? 0 : a - floor_div(a, b) * b;
        return true;
    case BIN_POW: return power(a, b, exact, out);
    case BIN_SHL:
    case BIN_SHR: return shifted(op, a, b, type, out);
    case BIN_BIT_AND: *out = a & b; return true;
    case BIN_BIT_OR: *out = a | b; return true;
    case BIN_BIT_XOR: *out = a ^ b; return true;
    case BIN_AND:
    case BIN_OR:
    case BIN_DIV:
    case BIN_MATMUL:
    case BINARY_OP_COUNT: return false;
    }
    UNREACHABLE();
}

/* ---- Floats and bools ------------------------------------------------------------------------ */

/* f64 holds sums, products and quotients of the smaller formats well enough that rounding its
 * result again gives what one rounding would: it has more than twice their digits. Reference:
 * Figueroa, "When is double rounding innocuous?", 1995. */
static const Const *float_binary(Checker *c, BinaryOp op, double a, double b, const Type *type) {
    switch (op) {
    case BIN_ADD: return float_in(c, a + b, type);
    case BIN_SUB: return float_in(c, a - b, type);
    case BIN_MUL: return float_in(c, a * b, type);
    case BIN_DIV: return float_in(c, a / b, type);
    case BIN_OR:
    case BIN_AND:
    case BIN_BIT_OR:
    case BIN_BIT_XOR:
    case BIN_BIT_AND:
    case BIN_SHL:
    case BIN_SHR:
    case BIN_FLOORDIV:
    case BIN_MOD:
    case BIN_MATMUL:
    case BIN_POW:
    case BINARY_OP_COUNT: return NULL;
    }
    UNREACHABLE();
}

static const Const *bool_binary(Checker *c, BinaryOp op, bool a, bool b) {
    if (op == BIN_AND || op == BIN_BIT_AND) return const_bool(c, a && b);
    if (op == BIN_OR || op == BIN_BIT_OR) return const_bool(c, a || b);
    return op == BIN_BIT_XOR ? const_bool(c, a != b) : NULL;
}

const Const *const_binary(Checker *c, BinaryOp op, const Const *a, const Const *b,
                          const Type *type) {
    if (a->kind == CONST_STR || b->kind == CONST_STR) return NULL;
    if (a->kind == CONST_BOOL || b->kind == CONST_BOOL) {
        return a->kind == b->kind ? bool_binary(c, op, a->integer != 0, b->integer != 0) : NULL;
    }
    if (a->kind == CONST_FLOAT || b->kind == CONST_FLOAT) {
        return float_binary(c, op, real_of(a), real_of(b), type);
    }
    /* The least Int128 has no negative: no literal gets there. */
    Int128 value;
    if (!int_binary(op, a->integer, b->integer, type, &value)) return NULL;
    if (value < -most_positive) return NULL;
    return int_in(c, value, type);
}

static bool holds(CompareOp op, int order) {
    switch (op) {
    case CMP_EQ: return order == 0;
    case CMP_NE: return order != 0;
    case CMP_LT: return order < 0;
    case CMP_LE: return order <= 0;
    case CMP_GT: return order > 0;
    case CMP_GE: return order >= 0;
    }
    UNREACHABLE();
}

static int text_order(const Const *a, const Const *b) {
    uint32_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter == 0 ? 0 : memcmp(a->bytes, b->bytes, shorter);
    if (order != 0) return order;
    return a->length < b->length ? -1 : a->length > b->length;
}

bool const_compare(CompareOp op, const Const *a, const Const *b) {
    if (a->kind == CONST_STR && b->kind == CONST_STR) return holds(op, text_order(a, b));
    if (a->kind == CONST_FLOAT || b->kind == CONST_FLOAT) {
        double x = real_of(a), y = real_of(b);
        if (isnan(x) || isnan(y)) return op == CMP_NE;
        return holds(op, x < y ? -1 : x > y);
    }
    return holds(op, a->integer < b->integer ? -1 : a->integer > b->integer);
}

/* ---- Conversion ------------------------------------------------------------------------------ */

static const Const *convert_to_float(Checker *c, const Const *a, Scalar scalar) {
    if (a->kind != CONST_FLOAT) return const_float(c, float_of_int(a->integer, scalar), NO_NAME);
    const char *text = text_of(c->cx, a->real_text);
    if (text[0] != '\0') return const_float(c, float_of_text(text, scalar), NO_NAME);
    return const_float(c, float_rounded(a->real, scalar), NO_NAME);
}

const Const *const_convert(Checker *c, const Const *a, const Type *to) {
    if (a->kind == CONST_STR) return a;
    if (to->kind == TYPE_FLOAT_LITERAL) {
        return a->kind == CONST_FLOAT ? a : const_float(c, (double)a->integer, NO_NAME);
    }
    if (to->kind != TYPE_SCALAR) return a;
    if (scalar_is_float(to->scalar)) return convert_to_float(c, a, to->scalar);
    if (to->scalar == SCALAR_BOOL) {
        return const_bool(c, a->kind == CONST_FLOAT ? a->real != 0 : a->integer != 0);
    }
    Int128 value = a->kind == CONST_FLOAT ? int_of_float(a->real, to->scalar)
                                          : int_wrapped(a->integer, to->scalar);
    return const_int(c, value);
}

bool const_fits(const Const *a, Scalar scalar) {
    return a->kind == CONST_INT && scalar_is_int(scalar) &&
           int_wrapped(a->integer, scalar) == a->integer;
}
