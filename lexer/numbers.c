/* Numbers: digits to values, and what is wrong with those that are not quite numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lexer/steps.h"

static void push_integer(Scanner *s, uint64_t value, bool too_large) {
    Token token = {.kind = TOK_INT, .span = scan_span(s, s->start, s->pos)};
    token.integer.value = too_large ? UINT64_MAX : value;
    token.integer.too_large = too_large;
    vec_push(s->scratch, &s->out->tokens, token);
}

/* A `_` stands between two digits, or after the prefix of a base. */
static bool underscores_are_fine(const char *text, uint32_t length, uint32_t first) {
    for (uint32_t i = first; i < length; i++) {
        if (text[i] != '_') continue;
        bool after_digit = i > 0 && text[i - 1] != '_' && strchr(".eE+-", text[i - 1]) == NULL;
        bool before_digit =
            i + 1 < length && text[i + 1] != '_' && strchr(".eE+-", text[i + 1]) == NULL;
        if (first == 2) before_digit = i + 1 < length && text[i + 1] != '_';
        if (first == 2 && i == 2) after_digit = true;
        if (first == 2 && i > 2) after_digit = text[i - 1] != '_';
        if (!after_digit || !before_digit) return false;
    }
    return true;
}

static void report_underscore(Scanner *s) {
    if (!scan_may_report(s)) return;
    diag_add(s->cx, K0125, scan_span(s, s->start, s->pos),
             "in a number, each `_` stands between two digits");
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

static const char *base_name(unsigned base) {
    return base == 2 ? "binary" : base == 8 ? "octal" : "hexadecimal";
}

static void report_digit(Scanner *s, uint32_t at, char digit, unsigned base) {
    if (!scan_may_report(s)) return;
    diag_add(s->cx, K0125, scan_span(s, s->start + at, s->start + at + 1),
             "`%c` is not a digit of a %s number", digit, base_name(base));
}

/* `0777` is octal in C and an error in Python; nobody can tell which was meant. */
static void report_leading_zero(Scanner *s, const char *text, uint32_t length) {
    if (!scan_may_report(s)) return;
    Diag *d = diag_add(s->cx, K0125, scan_span(s, s->start, s->pos),
                       "a number does not start with `0`");
    uint32_t zeros = (uint32_t)strspn(text, "0_");
    Fix *decimal = diag_fix(s->cx, d, FIX_SUGGESTED, "for the decimal number, write `%.*s`",
                            (int)(length - zeros), text + zeros);
    fix_replace(s->cx, decimal, scan_span(s, s->start, s->start + zeros), "");
    if (strcspn(text, "89") >= length) {
        Fix *octal = diag_fix(s->cx, d, FIX_SUGGESTED, "for the octal number, write `0o%.*s`",
                              (int)(length - zeros), text + zeros);
        fix_replace(s->cx, octal, scan_span(s, s->start, s->start + zeros), "0o");
    }
}

static void scan_integer(Scanner *s, const char *text, uint32_t length) {
    unsigned base = 10;
    uint32_t first = 0;
    if (length >= 2 && text[0] == '0' && text[1] > '9' && text[1] != '_') {
        base = strchr("xX", text[1]) ? 16 : strchr("oO", text[1]) ? 8 : 2;
        first = 2;
    }
    uint64_t value = 0;
    bool too_large = false, is_malformed = false;
    uint32_t digits = 0;
    for (uint32_t i = first; i < length; i++) {
        if (text[i] == '_') continue;
        unsigned digit = (unsigned)digit_value(text[i]);
        if (digit >= base) {
            if (!is_malformed) report_digit(s, i, text[i], base);
            is_malformed = true;
            continue;
        }
        digits++;
        if (value > (UINT64_MAX - digit) / base) too_large = true;
        if (!too_large) value = value * base + digit;
    }
    if (digits == 0 && !is_malformed && scan_may_report(s)) {
        diag_add(s->cx, K0125, scan_span(s, s->start, s->pos), "`%.*s` has no digits",
                 (int)length, text);
    } else if (!is_malformed && !underscores_are_fine(text, length, first)) {
        report_underscore(s);
    } else if (base == 10 && length > 1 && text[0] == '0' && value != 0) {
        report_leading_zero(s, text, length);
    }
    push_integer(s, value, too_large);
}

static void scan_real(Scanner *s, const char *text, uint32_t length) {
    if (!underscores_are_fine(text, length, 0)) report_underscore(s);
    char *plain = arena_strndup(s->cx->arena, text, length);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] != '_') plain[kept++] = text[i];
    }
    plain[kept] = '\0';
    double value = strtod(plain, NULL);
    if (isinf(value) && scan_may_report(s)) {
        diag_add(s->cx, K0125, scan_span(s, s->start, s->pos),
                 "this number is beyond the range of `f64`, which ends near 1.8e308");
    }
    Token token = {.kind = TOK_FLOAT, .span = scan_span(s, s->start, s->pos)};
    token.real.value = value;
    token.real.text = name_of(s->cx->names, plain, kept);
    vec_push(s->scratch, &s->out->tokens, token);
}

void scan_number(Scanner *s, const char *text, uint32_t length, bool is_float) {
    if (is_float) {
        scan_real(s, text, length);
    } else {
        scan_integer(s, text, length);
    }
}

/* Types that other languages write behind a number, and what that is here. */
static const char *suffix_type(const char *suffix, uint32_t length) {
    static const struct {
        const char *suffix, *type;
    } rows[] = {
        {"f", "f32"},   {"F", "f32"},   {"f32", "f32"}, {"f64", "f64"},   {"l", "i64"},
        {"L", "i64"},   {"ll", "i64"},  {"LL", "i64"},  {"u", "u32"},     {"U", "u32"},
        {"ul", "u64"},  {"UL", "u64"},  {"ull", "u64"}, {"ULL", "u64"},   {"u8", "u8"},
        {"u16", "u16"}, {"u32", "u32"}, {"u64", "u64"}, {"i8", "i8"},     {"i16", "i16"},
        {"i32", "i32"}, {"i64", "i64"}, {"d", "f64"},   {"usize", "int"}, {"isize", "int"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strlen(rows[i].suffix) == length && strncmp(rows[i].suffix, suffix, length) == 0) {
            return rows[i].type;
        }
    }
    return NULL;
}

/* A number with letters at its end: `1.0f`, `10L`, `12abc`. The number counts, the letters do not. */
void scan_suffixed(Scanner *s, const char *text, uint32_t length) {
    uint32_t end = s->pos;
    uint32_t digits = (uint32_t)strspn(text, "0123456789_.");
    bool is_float = memchr(text, '.', digits) != NULL;
    if (digits < length && (text[digits] == 'e' || text[digits] == 'E')) {
        uint32_t sign = strchr("+-", text[digits + 1]) != NULL && digits + 1 < length ? 1 : 0;
        uint32_t exponent = (uint32_t)strspn(text + digits + 1 + sign, "0123456789_");
        if (exponent > 0 && digits + 1 + sign + exponent < length) {
            digits += 1 + sign + exponent;
            is_float = true;
        }
    }
    bool is_based = digits == 1 && text[0] == '0' && strchr("bBoO", text[1]) != NULL;
    if (is_based) digits = 2 + (uint32_t)strspn(text + 2, "0123456789_");
    const char *suffix = text + digits;
    if (scan_may_report(s)) {
        Span span = scan_span(s, s->start + digits, end);
        const char *type = suffix_type(suffix, length - digits);
        Diag *d = diag_add(s->cx, type != NULL ? K0126 : K0125, span,
                           type != NULL ? "numbers have no suffix: found `%.*s` behind `%.*s`"
                                        : "`%.*s` does not belong behind the number `%.*s`",
                           (int)(length - digits), suffix, (int)digits, text);
        if (type != NULL) {
            diag_note(s->cx, d, "a number takes the type its surroundings ask for; `%s(%.*s)` "
                                "gives it one", type, (int)digits, text);
            Fix *fix = diag_fix(s->cx, d, FIX_AUTOMATIC, "remove the suffix");
            fix_replace(s->cx, fix, span, "");
        }
    }
    uint32_t errors = s->errors;
    s->errors = LIMIT_LEX_ERRORS; /* the rest of the number was reported with the suffix */
    s->pos = s->start + digits;
    scan_number(s, text, digits, is_float);
    s->errors = errors;
    s->pos = end;
    vec_last(&s->out->tokens).span.end = end;
}
