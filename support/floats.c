#include "support/floats.h"

#include <string.h>

uint32_t bits_of_f32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

float f32_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

uint64_t bits_of_f64(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

double f64_of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* A 16-bit float format: sign, exponent, and the mantissa in the lowest bits. */
typedef struct Format {
    int mantissa_bits;
    int bias; /* also the largest exponent of a finite number */
} Format;

static const Format binary16 = {10, 15};
static const Format bfloat16 = {7, 127};

/* value / 2^shift, to nearest, ties to even. */
static uint64_t shift_rounded(uint64_t value, int shift) {
    if (shift > 63) return 0;
    uint64_t kept = value >> shift, rest = value & ((UINT64_C(1) << shift) - 1);
    uint64_t half = UINT64_C(1) << (shift - 1);
    return kept + (rest > half || (rest == half && (kept & 1) != 0));
}

/* The mantissa's carry runs into the exponent field on its own: rounding up to the next power of two,
 * from the largest subnormal to the smallest normal, and from the largest number to infinity. */
static uint16_t small_from_f64(Format format, double x) {
    uint64_t bits = bits_of_f64(x);
    uint32_t sign = (uint32_t)(bits >> 63) << 15;
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    uint32_t infinity = (uint32_t)(2 * format.bias + 1) << format.mantissa_bits;
    if (exponent == 1024 && fraction != 0) {
        uint32_t payload = (uint32_t)(fraction >> (52 - format.mantissa_bits));
        return (uint16_t)(sign | infinity | payload | 1u << (format.mantissa_bits - 1));
    }
    if (exponent > format.bias) return (uint16_t)(sign | infinity);
    int drop = 52 - format.mantissa_bits;
    int lowest = 1 - format.bias;
    if (exponent < lowest) {
        /* Subnormal: the hidden bit becomes an ordinary one, further to the right. */
        if (exponent == -1023) return (uint16_t)sign;
        uint64_t whole = fraction | UINT64_C(1) << 52;
        return (uint16_t)(sign | (uint32_t)shift_rounded(whole, drop + (lowest - exponent)));
    }
    uint32_t biased = (uint32_t)(exponent + format.bias) << format.mantissa_bits;
    return (uint16_t)(sign | (biased + (uint32_t)shift_rounded(fraction, drop)));
}

/* 2^exponent, for exponents of normal f64 numbers. */
static double power_of_two(int exponent) {
    return f64_of_bits((uint64_t)(exponent + 1023) << 52);
}

static double f64_from_small(Format format, uint16_t bits) {
    uint64_t sign = (uint64_t)(bits >> 15) << 63;
    uint32_t magnitude = bits & 0x7fffu;
    uint32_t mantissa = magnitude & ((1u << format.mantissa_bits) - 1);
    int field = (int)(magnitude >> format.mantissa_bits);
    if (field == 2 * format.bias + 1) {
        uint64_t payload = (uint64_t)mantissa << (52 - format.mantissa_bits);
        uint64_t quiet = mantissa != 0 ? UINT64_C(1) << 51 : 0;
        return f64_of_bits(sign | UINT64_C(0x7ff) << 52 | payload | quiet);
    }
    uint32_t whole = field == 0 ? mantissa : mantissa | 1u << format.mantissa_bits;
    int exponent = (field == 0 ? 1 : field) - format.bias - format.mantissa_bits;
    double value = (double)whole * power_of_two(exponent);
    return f64_of_bits(sign | bits_of_f64(value));
}

uint16_t f16_from_f64(double x) { return small_from_f64(binary16, x); }

double f64_from_f16(uint16_t bits) { return f64_from_small(binary16, bits); }

uint16_t bf16_from_f64(double x) { return small_from_f64(bfloat16, x); }

double f64_from_bf16(uint16_t bits) { return f64_from_small(bfloat16, bits); }
