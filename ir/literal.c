#include "ir/literal.h"
#include "support/floats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double float_value(Scalar scalar, uint64_t bits) {
    if (scalar == SCALAR_F16) return f64_from_f16((uint16_t)bits);
    if (scalar == SCALAR_BF16) return f64_from_bf16((uint16_t)bits);
    return scalar == SCALAR_F32 ? f32_of_bits((uint32_t)bits) : f64_of_bits(bits);
}

bool literal_is_nan(Scalar scalar, uint64_t bits) {
    return scalar_is_float(scalar) && isnan(float_value(scalar, bits));
}

/* f32 is read by strtof, so that it is rounded once. */
static uint64_t float_read(Scalar scalar, const char *text, char **end) {
    if (scalar == SCALAR_F32) return bits_of_f32(strtof(text, end));
    double value = strtod(text, end);
    return scalar == SCALAR_F16    ? f16_from_f64(value)
           : scalar == SCALAR_BF16 ? bf16_from_f64(value)
                                   : bits_of_f64(value);
}

static void float_print(Scalar scalar, uint64_t bits, StrBuf *out) {
    double value = float_value(scalar, bits);
    if (isnan(value)) {
        strbuf_printf(out, "nan(0x%llx)", (unsigned long long)bits);
        return;
    }
    char text[40], *end;
    if (fabs(value) < 1e15 && value == floor(value)) {
        strbuf_printf(out, "%.1f", value);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (float_read(scalar, text, &end) == bits) break;
    }
    strbuf_puts(out, text);
    if (strpbrk(text, ".ein") == NULL) strbuf_puts(out, ".0");
}

void literal_print(Scalar scalar, uint64_t bits, StrBuf *out) {
    unsigned spare = 64 - scalar_bits(scalar);
    switch (scalar_class(scalar)) {
    case CLASS_BOOL: strbuf_puts(out, bits & 1 ? "true" : "false"); return;
    case CLASS_SIGNED:
        strbuf_printf(out, "%lld", (long long)((int64_t)(bits << spare) >> spare));
        return;
    case CLASS_UNSIGNED: strbuf_printf(out, "%llu", (unsigned long long)bits); return;
    case CLASS_FLOAT: float_print(scalar, bits, out); return;
    }
}

static bool signed_read(Scalar scalar, const char *text, uint64_t *bits) {
    char *end;
    long long value = strtoll(text, &end, 0);
    unsigned width = scalar_bits(scalar);
    int64_t highest = (int64_t)(UINT64_MAX >> (65 - width));
    *bits = (uint64_t)value & (UINT64_MAX >> (64 - width));
    return *end == '\0' && errno == 0 && value <= highest && value >= -highest - 1;
}

static bool unsigned_read(Scalar scalar, const char *text, uint64_t *bits) {
    char *end;
    *bits = strtoull(text, &end, 0);
    return text[0] != '-' && *end == '\0' && errno == 0 &&
           *bits <= UINT64_MAX >> (64 - scalar_bits(scalar));
}

bool literal_read(Scalar scalar, const char *text, uint64_t *bits) {
    char *end;
    errno = 0;
    if (scalar == SCALAR_BOOL) {
        *bits = strcmp(text, "true") == 0;
        return *bits || strcmp(text, "false") == 0;
    }
    if (scalar_is_float(scalar)) {
        *bits = float_read(scalar, text, &end);
        return *end == '\0' && !literal_is_nan(scalar, *bits);
    }
    const char *first = text[0] == '-' ? text + 1 : text;
    if (first[0] < '0' || first[0] > '9') return false;
    return scalar_is_signed(scalar) ? signed_read(scalar, text, bits)
                                    : unsigned_read(scalar, text, bits);
}
