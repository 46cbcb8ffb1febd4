/* Fused multiply-add without the instruction and without libm. Rounds to nearest, ties to even. */
#include "kc/kcrt.h"

#include <stdbool.h>
#include <string.h>

__extension__ typedef unsigned __int128 Wide;

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The product of two f32 is exact in f64. Rounding the sum to f64 and then to f32 would round twice;
 * rounding it to odd first makes the second rounding the only one that counts (Boldo and Melquiond,
 * "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008). */
float kc_fma_f32(float x, float y, float z) {
    double product = (double)x * (double)y;
    double addend = (double)z;
    double sum = product + addend;
    if (!(sum - sum == 0.0)) return (float)sum; /* infinite or NaN */
    /* Knuth's two-sum: the part of the exact sum that `sum` lost. */
    double second = sum - product;
    double lost = (product - (sum - second)) + (addend - second);
    uint64_t bits = bits_of(sum);
    if (lost != 0.0 && (bits & 1) == 0) {
        bits = (lost > 0) == (sum > 0) ? bits + 1 : bits - 1;
        sum = of_bits(bits);
    }
    return (float)sum;
}

/* A finite non-zero number: mantissa * 2^exponent. */
typedef struct Parts {
    Wide mantissa;
    int exponent;
    bool negative;
} Parts;

enum { TOP = 125 }; /* the highest bit after alignment: two bits of room above, for the sum */

static int highest_bit(Wide value) {
    uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    return high != 0 ? 127 - __builtin_clzll(high) : 63 - __builtin_clzll(low);
}

static Parts parts_of(double x) {
    uint64_t bits = bits_of(x), fraction = bits & ((UINT64_C(1) << 52) - 1);
    int field = (int)(bits >> 52 & 0x7ff);
    Parts parts = {fraction, (field == 0 ? 1 : field) - 1075, bits >> 63};
    if (field != 0) parts.mantissa |= (Wide)1 << 52;
    return parts;
}

static Parts raised_to_top(Parts parts) {
    int shift = TOP - highest_bit(parts.mantissa);
    parts.mantissa <<= shift;
    parts.exponent -= shift;
    return parts;
}

/* Shifts right; what falls out leaves a mark in the lowest bit. */
static Wide shifted_sticky(Wide value, int shift) {
    if (shift == 0) return value;
    if (shift > 127) return value != 0;
    Wide lost = value & (((Wide)1 << shift) - 1);
    return value >> shift | (lost != 0);
}

static Wide shifted_rounded(Wide value, int shift) {
    if (shift <= 0) return value << -shift;
    if (shift > 127) return 0;
    Wide kept = value >> shift, rest = value & (((Wide)1 << shift) - 1);
    Wide half = (Wide)1 << (shift - 1);
    return kept + (rest > half || (rest == half && (kept & 1) != 0));
}

static double rounded(Parts parts) {
    uint64_t sign = (uint64_t)parts.negative << 63;
    int exponent = parts.exponent + highest_bit(parts.mantissa);
    if (exponent > 1023) return of_bits(sign | UINT64_C(0x7ff) << 52);
    if (exponent < -1022) {
        Wide fraction = shifted_rounded(parts.mantissa, -1074 - parts.exponent);
        return of_bits(sign | (uint64_t)fraction);
    }
    Wide whole = shifted_rounded(parts.mantissa, highest_bit(parts.mantissa) - 52);
    /* Where rounding carried into bit 53, the addition carries into the exponent. */
    uint64_t field = (uint64_t)(exponent + 1022) << 52;
    return of_bits(sign | (field + (uint64_t)whole));
}

double kc_fma_f64(double x, double y, double z) {
    if (!(x - x == 0.0) || !(y - y == 0.0)) return x * y + z;
    if (!(z - z == 0.0)) return z + z;
    if (x == 0.0 || y == 0.0) return x * y + z;
    if (z == 0.0) return x * y;
    Parts a = parts_of(x), b = parts_of(y);
    Parts product = {a.mantissa * b.mantissa, a.exponent + b.exponent, a.negative != b.negative};
    Parts large = raised_to_top(product), small = raised_to_top(parts_of(z));
    if (large.exponent < small.exponent) {
        Parts other = large;
        large = small;
        small = other;
    }
    small.mantissa = shifted_sticky(small.mantissa, large.exponent - small.exponent);
    Parts sum = large;
    if (large.negative == small.negative) {
        sum.mantissa += small.mantissa;
    } else if (large.mantissa >= small.mantissa) {
        sum.mantissa -= small.mantissa;
    } else {
        sum.mantissa = small.mantissa - large.mantissa;
        sum.negative = small.negative;
    }
    if (sum.mantissa == 0) return 0.0;
    return rounded(sum);
}
