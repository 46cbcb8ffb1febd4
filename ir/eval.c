/* Integers, bits, comparison and conversion. */
#include "ir/eval.h"

uint64_t eval_truncate(Scalar type, uint64_t bits) {
    unsigned width = scalar_bits(type);
    return width == 64 ? bits : bits & (((uint64_t)1 << width) - 1);
}

Int128 eval_int(Scalar type, uint64_t bits) {
    if (!scalar_is_signed(type)) return (Int128)bits;
    unsigned spare = 64 - scalar_bits(type);
    return (int64_t)(bits << spare) >> spare;
}

/* ---- Arithmetic ------------------------------------------------------------------------------ */

static Int128 floor_quotient(Int128 a, Int128 c) {
    if (c == 0) return 0;
    Int128 quotient = a / c, remainder = a % c;
    return remainder != 0 && (remainder < 0) != (c < 0) ? quotient - 1 : quotient;
}

static Int128 floor_remainder(Int128 a, Int128 c) {
    return c == 0 ? 0 : a - floor_quotient(a, c) * c;
}

/* A count outside of the width shifts everything out. */
static Int128 shift_left(Scalar type, Int128 a, Int128 count) {
    if (count < 0 || count >= (Int128)scalar_bits(type)) return 0;
    return (Int128)((uint64_t)a << (unsigned)count);
}

static Int128 shift_right(Scalar type, Int128 a, Int128 count) {
    bool is_out = count < 0 || count >= (Int128)scalar_bits(type);
    if (is_out) return scalar_is_signed(type) && a < 0 ? -1 : 0;
    return a >> (unsigned)count;
}

static Int128 saturated(Scalar type, Int128 number) {
    unsigned digits = scalar_bits(type) - (scalar_is_signed(type) ? 1 : 0);
    Int128 most = ((Int128)1 << digits) - 1, least = scalar_is_signed(type) ? -most - 1 : 0;
    return number > most ? most : number < least ? least : number;
}

static unsigned leading_zeros(Scalar type, uint64_t bits) {
    unsigned width = scalar_bits(type);
    return bits == 0 ? width : (unsigned)__builtin_clzll(bits) - (64 - width);
}

static unsigned trailing_zeros(Scalar type, uint64_t bits) {
    return bits == 0 ? scalar_bits(type) : (unsigned)__builtin_ctzll(bits);
}

static bool eval_int_unary(OpKind kind, Scalar type, uint64_t bits, Int128 *result) {
    Int128 a = eval_int(type, bits);
    switch ((int)kind) {
    case OP_NEG: *result = -a; return true;
    case OP_ABS: *result = a < 0 ? -a : a; return true;
    case OP_NOT: *result = ~a; return true;
    case OP_POPCOUNT: *result = __builtin_popcountll(bits); return true;
    case OP_CLZ: *result = leading_zeros(type, bits); return true;
    case OP_CTZ: *result = trailing_zeros(type, bits); return true;
    default: return false;
    }
}

static bool eval_int_binary(OpKind kind, Scalar type, Int128 a, Int128 c, Int128 *result) {
    switch ((int)kind) {
    case OP_ADD: *result = a + c; return true;
    case OP_SUB: *result = a - c; return true;
    case OP_MUL: *result = (Int128)((uint64_t)a * (uint64_t)c); return true;
    case OP_FLOORDIV: *result = floor_quotient(a, c); return true;
    case OP_MOD: *result = floor_remainder(a, c); return true;
    case OP_MIN: *result = a < c ? a : c; return true;
    case OP_MAX: *result = a > c ? a : c; return true;
    case OP_AND: *result = a & c; return true;
    case OP_OR: *result = a | c; return true;
    case OP_XOR: *result = a ^ c; return true;
    case OP_SHL: *result = shift_left(type, a, c); return true;
    case OP_SHR: *result = shift_right(type, a, c); return true;
    case OP_SATADD: *result = saturated(type, a + c); return true;
    case OP_SATSUB: *result = saturated(type, a - c); return true;
    default: return false;
    }
}

static bool eval_int_op(OpKind kind, Scalar type, const uint64_t *operands, uint64_t *result) {
    Int128 number;
    bool is_unary = op_infos[kind].operands == 1;
    bool known = is_unary ? eval_int_unary(kind, type, operands[0], &number)
                          : eval_int_binary(kind, type, eval_int(type, operands[0]),
                                            eval_int(type, operands[1]), &number);
    if (known) *result = eval_truncate(type, (uint64_t)number);
    return known;
}

/* ---- Comparison ------------------------------------------------------------------------------ */

/* Which of the three orders hold; none of them with a NaN. */
static bool compare_holds(OpKind kind, bool less, bool equal, bool greater) {
    switch ((int)kind) {
    case OP_EQ: return equal;
    case OP_NE: return !equal;
    case OP_LT: return less;
    case OP_LE: return less || equal;
    case OP_GT: return greater;
    case OP_GE: return greater || equal;
    default: UNREACHABLE();
    }
}

static uint64_t eval_compare(OpKind kind, Scalar type, const uint64_t *operands) {
    if (scalar_is_float(type)) {
        double a = eval_float(type, operands[0]), c = eval_float(type, operands[1]);
        return compare_holds(kind, a < c, a == c, a > c);
    }
    Int128 a = eval_int(type, operands[0]), c = eval_int(type, operands[1]);
    return compare_holds(kind, a < c, a == c, a > c);
}

bool eval_scalar_op(OpKind kind, Scalar type, const uint64_t *operands, uint64_t *result) {
    if (kind >= OP_EQ && kind <= OP_GE) {
        *result = eval_compare(kind, type, operands);
        return true;
    }
    if (kind == OP_SELECT) {
        *result = operands[0] ? operands[1] : operands[2];
        return true;
    }
    return scalar_is_float(type) ? eval_float_op(kind, type, operands, result)
                                 : eval_int_op(kind, type, operands, result);
}

/* ---- Conversion ------------------------------------------------------------------------------ */

static double power_of_two(unsigned exponent) {
    double power = 1.0;
    while (exponent-- > 0) power *= 2.0;
    return power;
}

/* Truncates and saturates; NaN gives 0. */
static Int128 int_of_f64(Scalar to, double x) {
    unsigned digits = scalar_bits(to) - (scalar_is_signed(to) ? 1 : 0);
    double beyond = power_of_two(digits);
    Int128 largest = ((Int128)1 << digits) - 1;
    Int128 smallest = scalar_is_signed(to) ? -((Int128)1 << digits) : 0;
    if (x != x) return 0;
    if (x >= beyond) return largest;
    if (x <= (scalar_is_signed(to) ? -beyond : 0.0)) return smallest;
    return (Int128)x;
}

uint64_t eval_cast(Scalar from, Scalar to, uint64_t bits) {
    if (from == to) return bits;
    if (to == SCALAR_BOOL)
        return scalar_is_float(from) ? eval_float(from, bits) != 0.0 : bits != 0;
    if (scalar_is_float(from) && scalar_is_float(to))
        return eval_float_of_f64(to, eval_float(from, bits));
    if (scalar_is_float(to)) return eval_float_of_int(to, eval_int(from, bits));
    Int128 number = scalar_is_float(from) ? int_of_f64(to, eval_float(from, bits))
                                          : eval_int(from, bits);
    return eval_truncate(to, (uint64_t)number);
}
