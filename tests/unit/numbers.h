/* Numbers to try operations on, as bits of any type: awkward ones, and random ones. */
#ifndef KC_TESTS_NUMBERS_H
#define KC_TESTS_NUMBERS_H

#include "ir/eval.h"

#include <string.h>

static inline uint64_t number_random(uint64_t *state) { /* xorshift64*; Vigna 2016 */
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

static const double number_awkward[] = {
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    0.1,
    3.0,
    -7.0,
    1e-7,
    65504.0,
    65519.99,
    65520.0,
    65536.0,
    0x1p-14,
    0x1p-24,
    0x1p-25,
    0x1.8p-25,
    0x1p-126,
    0x1p-149,
    0x1p-1074,
    8388607.5,
    8388608.5,
    0x1p52,
    0x1p53,
    4503599627370495.5,
    2147483647.0,
    2147483648.0,
    -2147483649.0,
    0x1p63,
    -0x1p63,
    0x1p64,
    1e30,
    3.5e38,
    1e300,
    __builtin_inf(),
    -__builtin_inf(),
    __builtin_nan(""),
    127.5,
    255.9,
    -128.9,
    0.49999999999999994,
    0x1.002p0,
    0x1.00401p0,
    0x1.01p0,
    0x1.010001p0,
};

static inline uint64_t number_input(Scalar type, uint32_t i, uint64_t random) {
    if (type == SCALAR_BOOL) return random & 1;
    uint64_t mask = scalar_bits(type) == 64 ? UINT64_MAX : ((uint64_t)1 << scalar_bits(type)) - 1;
    if (scalar_is_float(type)) {
        if (i % 3 == 0)
            return eval_float_of_f64(type, number_awkward[random % ARRAY_LEN(number_awkward)]);
        if (i % 3 == 1)
            return eval_float_of_f64(type, (double)(int64_t)(random % 4001) / 16.0 - 125.0);
        return random & mask;
    }
    if (i % 4 == 0) return (uint64_t)((int64_t)(random % 9) - 4) & mask;
    if (i % 4 == 1) return ((uint64_t)1 << (random % 64)) & mask;
    if (i % 4 == 2) return (((uint64_t)1 << (random % 64)) - 1) & mask;
    /* Halfway between two small floats, and one more. */
    uint64_t high = scalar_bits(type) - 1 - random % 4, low = high - (random & 1024 ? 8 : 11);
    if (i % 8 == 3 && low < 64) return (((uint64_t)1 << high) | ((uint64_t)1 << low) | 1) & mask;
    return random & mask;
}

static inline uint64_t number_read(Scalar type, const void *array, uint32_t i) {
    uint64_t bits = 0;
    memcpy(&bits, (const char *)array + i * scalar_bytes(type), scalar_bytes(type));
    return bits;
}

/* All NaNs are one. */
static inline bool numbers_same(Scalar type, uint64_t a, uint64_t b) {
    if (a == b) return true;
    if (!scalar_is_float(type)) return false;
    double x = eval_float(type, a), y = eval_float(type, b);
    return x != x && y != y;
}

#endif
