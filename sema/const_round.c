#include "sema/const_round.h"

#include <fenv.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/floats.h"

Int128 int_wrapped(Int128 value, Scalar scalar) {
    unsigned bits = scalar_bits(scalar);
    uint64_t low = (uint64_t)value;
    if (bits < 64) low &= (UINT64_C(1) << bits) - 1;
    bool negative = scalar_is_signed(scalar) && (low >> (bits - 1) & 1) != 0;
    return negative ? (Int128)low - ((Int128)1 << bits) : (Int128)low;
}

Int128 int_of_float(double value, Scalar scalar) {
    if (isnan(value)) return 0;
    unsigned bits = scalar_bits(scalar) - (scalar_is_signed(scalar) ? 1 : 0);
    Int128 beyond = (Int128)1 << bits;
    Int128 lowest = scalar_is_signed(scalar) ? -beyond : 0;
    double whole = trunc(value);
    if (whole >= (double)beyond) return beyond - 1;
    return whole <= (double)lowest ? lowest : (Int128)whole;
}

double float_rounded(double value, Scalar scalar) {
    switch (scalar) {
    case SCALAR_F16: return f64_from_f16(f16_from_f64(value));
    case SCALAR_BF16: return f64_from_bf16(bf16_from_f64(value));
    case SCALAR_F32: return (double)(float)value;
    case SCALAR_F64:
    case SCALAR_BOOL:
    case SCALAR_I8:
    case SCALAR_I16:
    case SCALAR_I32:
    case SCALAR_I64:
    case SCALAR_U8:
    case SCALAR_U16:
    case SCALAR_U32:
    case SCALAR_U64:
    case SCALAR_COUNT: return value;
    }
    UNREACHABLE();
}

/* Rounding twice can differ from rounding once, unless the first step rounds to odd: of the two
 * neighbours of an inexact value it takes the one whose last bit is set, so that no false tie
 * arises. Reference: Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", 2008. */
double float_of_int(Int128 value, Scalar scalar) {
    if (scalar == SCALAR_F64) return (double)value;
    if (scalar == SCALAR_F32) return (double)(float)value;
    Int128 magnitude = value < 0 ? -value : value;
    int shift = 0;
    while (magnitude >> 53 != 0) {
        magnitude = magnitude >> 1 | (magnitude & 1);
        shift++;
    }
    double exact = ldexp((double)magnitude, shift);
    return float_rounded(value < 0 ? -exact : exact, scalar);
}

double float_of_text(const char *text, Scalar scalar) {
    if (scalar == SCALAR_F64) return strtod(text, NULL);
    if (scalar == SCALAR_F32) return (double)strtof(text, NULL);
    int mode = fegetround();
    fesetround(FE_DOWNWARD);
    double below = strtod(text, NULL);
    fesetround(FE_UPWARD);
    double above = strtod(text, NULL);
    fesetround(mode);
    return float_rounded((bits_of_f64(below) & 1) != 0 ? below : above, scalar);
}

static void print_int(Int128 value, StrBuf *out) {
    char digits[48];
    int at = sizeof digits;
    bool negative = value < 0;
    do {
        int digit = (int)(value % 10);
        digits[--at] = (char)('0' + (digit < 0 ? -digit : digit));
        value /= 10;
    } while (value != 0);
    if (negative) digits[--at] = '-';
    strbuf_add(out, digits + at, sizeof digits - (size_t)at);
}

/* The shortest decimal number that reads back as `value`. */
static void print_float(double value, StrBuf *out) {
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    strbuf_puts(out, text);
    bool is_whole = true;
    for (const char *p = text; *p != '\0'; p++) is_whole &= *p == '-' || (*p >= '0' && *p <= '9');
    if (is_whole) strbuf_puts(out, ".0");
}

void const_print(const Const *a, StrBuf *out) {
    switch (a->kind) {
    case CONST_INT: print_int(a->integer, out); return;
    case CONST_FLOAT: print_float(a->real, out); return;
    case CONST_BOOL: strbuf_puts(out, a->integer != 0 ? "True" : "False"); return;
    case CONST_STR: strbuf_printf(out, "\"%.*s\"", (int)a->length, a->bytes); return;
    }
    UNREACHABLE();
}
