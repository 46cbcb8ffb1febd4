/* Numbers as text: the fewest digits that read back as the same number of the same format.
 *
 * For 1, 2, 3, ... digits, the number is rounded to so many and read back; the first that comes back
 * unchanged is the answer. At a power of two the gap below is half the gap above, so the rounded digits
 * can fall out below while the next digits up still read back: those are tried as well. Reading and
 * writing go through digits without a decimal point, so that the host's locale does not matter.
 * Slower than Ryu (Adams, PLDI 2018), but short, and printing is not what kernels are for. */
#include "kc/kcrt.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 17 };

/* 0.d1d2d3... times 10^point. */
typedef struct Decimal {
    char digits[MOST_DIGITS + 1];
    int count, point;
} Decimal;

/* A 16-bit format: value() gives the number that its bits mean, as f64, which holds it exactly. */
typedef struct Small {
    int mantissa_bits, bias;
} Small;

static const Small small_f16 = {10, 15};
static const Small small_bf16 = {7, 127};

static double double_of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* For magnitudes, all-ones exponents included: those count on as if they were finite, which puts the
 * end of the largest number's interval where it belongs. */
static double small_value(Small format, uint32_t magnitude) {
    uint32_t field = magnitude >> format.mantissa_bits;
    uint32_t mantissa = magnitude & ((1u << format.mantissa_bits) - 1);
    if (field != 0) mantissa |= 1u << format.mantissa_bits;
    int exponent = (field == 0 ? 1 : (int)field) - format.bias - format.mantissa_bits;
    return (double)mantissa * double_of_bits((uint64_t)(exponent + 1023) << 52);
}

/* Whether a decimal read as `y` lies in the interval that rounds to `magnitude`, ties to even. */
static bool small_reads_as(Small format, double y, uint32_t magnitude) {
    double here = small_value(format, magnitude);
    double low = (small_value(format, magnitude - 1) + here) / 2;
    double high = (here + small_value(format, magnitude + 1)) / 2;
    if (y > low && y < high) return true;
    return magnitude % 2 == 0 && (y == low || y == high);
}

/* A finite number above zero, in one of the float formats. */
typedef struct Positive {
    kc_type type;
    double value;       /* exact */
    uint32_t magnitude; /* the bits, for the 16-bit formats */
} Positive;

static bool reads_back(const Decimal *decimal, const Positive *x) {
    char text[MOST_DIGITS + 16];
    snprintf(text, sizeof text, "%.*se%d", decimal->count, decimal->digits,
             decimal->point - decimal->count);
    if (x->type == KC_F64) return strtod(text, NULL) == x->value;
    if (x->type == KC_F32) return (double)strtof(text, NULL) == x->value;
    Small format = x->type == KC_F16 ? small_f16 : small_bf16;
    return small_reads_as(format, strtod(text, NULL), x->magnitude);
}

/* `x` rounded to `count` digits. */
static Decimal round_to(double x, int count) {
    char text[48];
    snprintf(text, sizeof text, "%.*e", count - 1, x);
    Decimal decimal = {.count = count};
    int at = 0;
    const char *in = text;
    for (; *in != 'e'; in++) {
        if (*in >= '0' && *in <= '9') decimal.digits[at++] = *in; /* the point may be a comma */
    }
    decimal.point = (int)strtol(in + 1, NULL, 10) + 1;
    return decimal;
}

/* The next decimal up with the same number of digits. */
static Decimal next_up(Decimal decimal) {
    int at = decimal.count - 1;
    while (at >= 0 && decimal.digits[at] == '9') decimal.digits[at--] = '0';
    if (at >= 0) {
        decimal.digits[at]++;
    } else {
        decimal.digits[0] = '1';
        decimal.point++;
    }
    return decimal;
}

static Decimal shortest(const Positive *x) {
    for (int count = 1; count < MOST_DIGITS; count++) {
        Decimal decimal = round_to(x->value, count);
        if (reads_back(&decimal, x)) return decimal;
        decimal = next_up(decimal);
        if (reads_back(&decimal, x)) return decimal;
    }
    return round_to(x->value, MOST_DIGITS);
}

/* Python's repr: an exponent below 1e-4 and from 1e16 on, otherwise a point with a digit on each side. */
static size_t put_decimal(Decimal decimal, char *out) {
    while (decimal.count > 1 && decimal.digits[decimal.count - 1] == '0') decimal.count--;
    size_t n = 0;
    if (decimal.point < -3 || decimal.point > 16) {
        out[n++] = decimal.digits[0];
        if (decimal.count > 1) out[n++] = '.';
        for (int i = 1; i < decimal.count; i++) out[n++] = decimal.digits[i];
        int exponent = decimal.point - 1;
        return n + (size_t)sprintf(out + n, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    }
    for (int i = decimal.point < 0 ? decimal.point : 0; i < decimal.count || i < decimal.point; i++) {
        if (i == decimal.point || (n == 0 && decimal.point <= 0)) {
            if (n == 0) out[n++] = '0';
            out[n++] = '.';
        }
        out[n++] = i >= 0 && i < decimal.count ? decimal.digits[i] : '0';
    }
    if (decimal.count <= decimal.point) {
        out[n++] = '.';
        out[n++] = '0';
    }
    out[n] = '\0';
    return n;
}

static size_t put_text(const char *text, char *out) {
    size_t length = strlen(text);
    memcpy(out, text, length + 1);
    return length;
}

/* `magnitude` is used by the 16-bit formats only. */
static size_t put_float(kc_type type, double value, uint32_t magnitude, char *out) {
    if (value != value) return put_text("nan", out);
    if (value == 0) return put_text(1.0 / value < 0 ? "-0.0" : "0.0", out);
    size_t n = 0;
    if (value < 0) {
        out[n++] = '-';
        value = -value;
    }
    if (value > 1.7976931348623157e308) return n + put_text("inf", out + n);
    Positive x = {type, value, magnitude};
    return n + put_decimal(shortest(&x), out + n);
}

static size_t put_small(kc_type type, uint16_t bits, char *out) {
    Small format = type == KC_F16 ? small_f16 : small_bf16;
    uint32_t magnitude = bits & 0x7fffu;
    uint32_t infinity = (uint32_t)(2 * format.bias + 1) << format.mantissa_bits;
    bool negative = bits >> 15;
    if (magnitude > infinity) return put_text("nan", out);
    if (magnitude == infinity) return put_text(negative ? "-inf" : "inf", out);
    double value = small_value(format, magnitude);
    return put_float(type, negative ? -value : value, magnitude, out);
}

static uint64_t unsigned_at(const void *value, size_t size) {
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (size) {
    case sizeof u8: return memcpy(&u8, value, sizeof u8), u8;
    case sizeof u16: return memcpy(&u16, value, sizeof u16), u16;
    case sizeof u32: return memcpy(&u32, value, sizeof u32), u32;
    default: return memcpy(&u64, value, sizeof u64), u64;
    }
}

static size_t put_unsigned(const void *value, size_t size, char *out) {
    return (size_t)sprintf(out, "%" PRIu64, unsigned_at(value, size));
}

static size_t put_signed(const void *value, size_t size, char *out) {
    uint64_t bits = unsigned_at(value, size), sign = UINT64_C(1) << (8 * size - 1);
    if ((bits & sign) == 0) return (size_t)sprintf(out, "%" PRIu64, bits);
    uint64_t magnitude = (sign - 1 - (bits & (sign - 1))) + 1;
    return (size_t)sprintf(out, "-%" PRIu64, magnitude);
}

size_t kc_format_value(kc_type type, const void *value, char *buffer) {
    float f32;
    double f64;
    uint16_t bits;
    switch (type) {
    case KC_BOOL: return put_text(*(const uint8_t *)value != 0 ? "True" : "False", buffer);
    case KC_I8: return put_signed(value, 1, buffer);
    case KC_I16: return put_signed(value, 2, buffer);
    case KC_I32: return put_signed(value, 4, buffer);
    case KC_I64: return put_signed(value, 8, buffer);
    case KC_U8: return put_unsigned(value, 1, buffer);
    case KC_U16: return put_unsigned(value, 2, buffer);
    case KC_U32: return put_unsigned(value, 4, buffer);
    case KC_U64: return put_unsigned(value, 8, buffer);
    case KC_F16: case KC_BF16:
        memcpy(&bits, value, sizeof bits);
        return put_small(type, bits, buffer);
    case KC_F32:
        memcpy(&f32, value, sizeof f32);
        return put_float(type, (double)f32, 0, buffer);
    case KC_F64:
        memcpy(&f64, value, sizeof f64);
        return put_float(type, f64, 0, buffer);
    }
    return put_text("?", buffer);
}
