/* Floats. f32 is computed in f32 and f64 in f64; the small ones in f32, where one more rounding
 * does no harm (Figueroa, "When is double rounding innocuous?", 1995). */
#include "ir/eval.h"

#include <math.h>

#include "support/floats.h"

double eval_float(Scalar type, uint64_t bits) {
    if (type == SCALAR_F16) return f64_from_f16((uint16_t)bits);
    if (type == SCALAR_BF16) return f64_from_bf16((uint16_t)bits);
    return type == SCALAR_F32 ? (double)f32_of_bits((uint32_t)bits) : f64_of_bits(bits);
}

/* The quiet NaN without payload. */
static uint64_t canonical_nan(Scalar type) {
    if (type == SCALAR_F16) return 0x7E00;
    if (type == SCALAR_BF16) return 0x7FC0;
    return type == SCALAR_F32 ? 0x7FC00000 : 0x7FF8000000000000;
}

uint64_t eval_float_of_f64(Scalar to, double number) {
    if (number != number) return canonical_nan(to);
    if (to == SCALAR_F16) return f16_from_f64(number);
    if (to == SCALAR_BF16) return bf16_from_f64(number);
    return to == SCALAR_F32 ? bits_of_f32((float)number) : bits_of_f64(number);
}

/* An integer of more digits than f64 has must not be rounded twice on its way to a small float: the
 * digits that f64 would drop are gathered into one that it keeps (rounding to odd). */
static Int128 gather_low_digits(Int128 number) {
    Int128 limit = (Int128)1 << 53;
    if (number > -limit && number < limit) return number;
    Int128 low = number & 0x7FF;
    return low == 0 ? number : ((number & ~(Int128)0x7FF) | 0x800);
}

uint64_t eval_float_of_int(Scalar to, Int128 number) {
    if (to == SCALAR_F32) return bits_of_f32((float)number);
    if (to == SCALAR_F64) return bits_of_f64((double)number);
    return eval_float_of_f64(to, (double)gather_low_digits(number));
}

/* ---- Operations ------------------------------------------------------------------------------ */

/* A NaN gives NaN; -0 is less than +0. */
static double minimum(double a, double c) {
    if (a != a || c != c) return a + c;
    if (a == c) return signbit(a) ? a : c;
    return a < c ? a : c;
}

static double maximum(double a, double c) {
    if (a != a || c != c) return a + c;
    if (a == c) return signbit(a) ? c : a;
    return a > c ? a : c;
}

/* Python's: the divisor's sign, which a zero gets as well. The remainder is exact; adding the
 * divisor rounds, in the type's own arithmetic. */
static double remainder_of(double a, double c, bool in_f32) {
    double r = fmod(a, c);
    if (r == 0.0) return copysign(0.0, c);
    if ((r < 0.0) == (c < 0.0)) return r;
    return in_f32 ? (double)((float)r + (float)c) : r + c;
}

/* Python's again (its float_divmod): x // y is the whole number q for which x = q*y + x % y,
 * rounded. It is not floor(x / y), which a quotient that was rounded up to an integer would lift:
 * 1.0 // 0.1 is 9. */
static double finish_quotient(double quotient, double rounded) {
    if (quotient == 0.0) return copysign(0.0, rounded);
    double whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1.0 : whole;
}

static double quotient_f64(double a, double c) {
    if (c == 0.0) return a / c;
    double r = fmod(a, c), quotient = (a - r) / c;
    if (r != 0.0 && (r < 0.0) != (c < 0.0)) quotient -= 1.0;
    return finish_quotient(quotient, a / c);
}

static double quotient_f32(float a, float c) {
    if (c == 0.0f) return (double)(a / c);
    float r = fmodf(a, c), quotient = (a - r) / c;
    if (r != 0.0f && (r < 0.0f) != (c < 0.0f)) quotient -= 1.0f;
    return finish_quotient((double)quotient, (double)(a / c));
}

/* To nearest, ties to even, whatever the host's rounding mode is. */
static double round_to_even(double a) {
    double near = floor(a), rest = a - near;
    if (rest > 0.5 || (rest == 0.5 && fmod(near, 2.0) != 0.0)) near += 1.0;
    return copysign(near, a);
}

/* Operations that give what they give in f64 for every format: they are exact. */
static bool eval_exact(OpKind kind, double a, double c, double *result) {
    switch ((int)kind) {
    case OP_MIN: *result = minimum(a, c); return true;
    case OP_MAX: *result = maximum(a, c); return true;
    case OP_FLOOR: *result = floor(a); return true;
    case OP_CEIL: *result = ceil(a); return true;
    case OP_TRUNC: *result = trunc(a); return true;
    case OP_RINT: *result = round_to_even(a); return true;
    default: return false;
    }
}

static bool eval_f64(OpKind kind, double a, double c, double *result) {
    switch ((int)kind) {
    case OP_ADD: *result = a + c; return true;
    case OP_SUB: *result = a - c; return true;
    case OP_MUL: *result = a * c; return true;
    case OP_DIV: *result = a / c; return true;
    case OP_FLOORDIV: *result = quotient_f64(a, c); return true;
    case OP_MOD: *result = remainder_of(a, c, false); return true;
    case OP_SQRT: *result = sqrt(a); return true;
    default: return eval_exact(kind, a, c, result);
    }
}

static bool eval_f32(OpKind kind, float a, float c, double *result) {
    switch ((int)kind) {
    case OP_ADD: *result = (double)(a + c); return true;
    case OP_SUB: *result = (double)(a - c); return true;
    case OP_MUL: *result = (double)(a * c); return true;
    case OP_DIV: *result = (double)(a / c); return true;
    case OP_FLOORDIV: *result = quotient_f32(a, c); return true;
    case OP_MOD: *result = remainder_of((double)a, (double)c, true); return true;
    case OP_SQRT: *result = (double)sqrtf(a); return true;
    default: return eval_exact(kind, (double)a, (double)c, result);
    }
}

/* The product of two small floats is exact in f64. The sum is rounded to odd there (the error of a
 * rounded sum is exact: Knuth's TwoSum), so that rounding it again is the only rounding that
 * counts. */
static double small_fma(double a, double b, double c) {
    double product = a * b, sum = product + c;
    if (!isfinite(sum)) return sum;
    double c_part = sum - product, p_part = sum - c_part;
    double error = (product - p_part) + (c - c_part);
    uint64_t bits = bits_of_f64(sum);
    if (error == 0.0 || (bits & 1)) return sum;
    return f64_of_bits(signbit(error) == signbit(sum) ? bits + 1 : bits - 1);
}

static uint64_t eval_fma(Scalar type, const uint64_t *operands) {
    double a = eval_float(type, operands[0]), b = eval_float(type, operands[1]);
    double c = eval_float(type, operands[2]);
    if (type == SCALAR_F64) return eval_float_of_f64(type, fma(a, b, c));
    if (type == SCALAR_F32)
        return eval_float_of_f64(type, (double)fmaf((float)a, (float)b, (float)c));
    return eval_float_of_f64(type, small_fma(a, b, c));
}

/* Operations on the sign touch no other bit, of a NaN either. */
static bool eval_sign(OpKind kind, Scalar type, const uint64_t *operands, uint64_t *result) {
    uint64_t sign = (uint64_t)1 << (scalar_bits(type) - 1);
    switch ((int)kind) {
    case OP_NEG: *result = operands[0] ^ sign; return true;
    case OP_ABS: *result = operands[0] & ~sign; return true;
    case OP_COPYSIGN: *result = (operands[0] & ~sign) | (operands[1] & sign); return true;
    default: return false;
    }
}

bool eval_float_op(OpKind kind, Scalar type, const uint64_t *operands, uint64_t *result) {
    if (eval_sign(kind, type, operands, result)) return true;
    if (kind == OP_FMA) {
        *result = eval_fma(type, operands);
        return true;
    }
    bool is_binary = op_infos[kind].operands == 2;
    double a = eval_float(type, operands[0]), c = is_binary ? eval_float(type, operands[1]) : 0.0;
    double number;
    bool known = type == SCALAR_F64 ? eval_f64(kind, a, c, &number)
                                    : eval_f32(kind, (float)a, (float)c, &number);
    if (known) *result = eval_float_of_f64(type, number);
    return known;
}
