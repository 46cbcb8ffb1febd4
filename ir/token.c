#include "ir/token.h"

#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* NUL ends the text as well as marking its end: neither can go on. */
static char peek(const KirTokens *t) { return t->source->text[t->at]; }

static Span span_from(const KirTokens *t, uint32_t start) {
    return (Span){t->source->file, start, t->at};
}

void kir_fail(KirTokens *t, Span span, const char *format, ...) {
    if (!t->failed) {
        va_list args;
        va_start(args, format);
        const char *message = arena_vprintf(t->cx->arena, format, args);
        va_end(args);
        diag_add(t->cx, K0601, span, "%s", message);
    }
    t->failed = true;
    t->at = t->source->length;
    t->token = (KirToken){.kind = KIR_END, .span = {t->source->file, t->at, t->at}};
}

const char *kir_shown(const KirTokens *t) {
    Span span = t->token.span;
    if (t->token.kind == KIR_END) return "the end of the text";
    uint32_t length = span.end - span.start;
    return arena_printf(t->cx->arena, "`%.*s%s`", (int)(length > 40 ? 40 : length),
                        t->source->text + span.start, length > 40 ? "..." : "");
}

/* ---- Words, numbers, texts ------------------------------------------------------------------- */

static const char *take_text(KirTokens *t, uint32_t start, uint32_t *length) {
    *length = t->at - start;
    return arena_strndup(t->cx->arena, t->source->text + start, *length);
}

static void scan_word(KirTokens *t) {
    while (is_letter(peek(t)) || is_digit(peek(t))) t->at++;
}

/* A sign belongs to a number at its start and after the e of a decimal exponent. */
static void scan_number(KirTokens *t) {
    const char *text = t->source->text;
    uint32_t start = t->at;
    if (peek(t) == '-') t->at++;
    bool hex = text[t->at] == '0' && text[t->at + 1] == 'x';
    for (;;) {
        char c = peek(t), before = t->at > start ? text[t->at - 1] : ' ';
        bool sign = (c == '+' || c == '-') && (before == 'e' || before == 'E') && !hex;
        if (!is_letter(c) && !is_digit(c) && c != '.' && !sign) return;
        t->at++;
    }
}

static int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The character after a backslash; -1 for none that is known. */
static int scan_escape(KirTokens *t) {
    char c = peek(t);
    if (c == '\0') return -1;
    t->at++;
    if (c == 'n') return '\n';
    if (c == '"' || c == '\\') return c;
    if (c != 'x') return -1;
    int high = hex_value(peek(t));
    if (high < 0) return -1;
    t->at++;
    int low = hex_value(peek(t));
    if (low < 0) return -1;
    t->at++;
    return high * 16 + low;
}

static const char *scan_quoted(KirTokens *t, uint32_t *length) {
    uint32_t start = t->at++;
    StrBuf text = {0};
    while (peek(t) != '"') {
        int c = (unsigned char)peek(t);
        if (c == '\0' || c == '\n') {
            kir_fail(t, span_from(t, start), "this text has no closing `\"` on its line");
            break;
        }
        t->at++;
        if (c == '\\' && (c = scan_escape(t)) < 0) {
            kir_fail(t, span_from(t, t->at - 1), "no such escape in a text; known are `\\n`, "
                                                    "`\\\"`, `\\\\` and `\\xNN`");
            break;
        }
        strbuf_putc(&text, (char)c);
    }
    if (!t->failed) t->at++;
    *length = (uint32_t)text.len;
    const char *kept = arena_strndup(t->cx->arena, strbuf_text(&text), text.len);
    strbuf_free(&text);
    return kept;
}

/* ---- Names ----------------------------------------------------------------------------------- */

static Name scan_name(KirTokens *t) {
    uint32_t start = t->at, length;
    const char *text;
    if (peek(t) == '"') {
        text = scan_quoted(t, &length);
        if (memchr(text, '\0', length) != NULL)
            kir_fail(t, span_from(t, start), "a name cannot hold a NUL");
    } else {
        scan_word(t);
        text = take_text(t, start, &length);
    }
    return length == 0 ? NO_NAME : name_of(t->cx->names, text, length);
}

static uint32_t scan_label_number(KirTokens *t) {
    uint32_t start = t->at, number = 0;
    while (is_digit(peek(t))) {
        if (number > 100000000) {
            kir_fail(t, span_from(t, start), "this number is too large for a label");
            return 0;
        }
        number = number * 10 + (uint32_t)(peek(t) - '0');
        t->at++;
    }
    return number;
}

static void scan_value(KirTokens *t, KirToken *token) {
    uint32_t start = t->at++;
    token->kind = KIR_VALUE;
    if (is_digit(peek(t))) {
        token->number = scan_label_number(t);
        return;
    }
    token->name = scan_name(t);
    if (!t->failed && token->name.id == 0)
        kir_fail(t, span_from(t, start), "a name or a number follows `%%`");
    if (peek(t) != '.' || t->failed) return;
    t->at++;
    if (!is_digit(peek(t)))
        kir_fail(t, span_from(t, start), "a number follows the `.` of a label");
    token->number = scan_label_number(t);
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

/* True when a newline was passed. */
static bool skip_blanks(KirTokens *t) {
    bool newline = t->at == 0;
    for (;;) {
        char c = peek(t);
        if (c == '#') {
            while (t->at < t->source->length && peek(t) != '\n') t->at++;
            continue;
        }
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return newline;
        newline |= c == '\n';
        t->at++;
    }
}

static void scan_token(KirTokens *t, KirToken *token) {
    uint32_t start = t->at;
    char c = peek(t), after = c == '\0' ? '\0' : t->source->text[t->at + 1];
    if (is_letter(c)) {
        token->kind = KIR_WORD;
        scan_word(t);
        token->text = take_text(t, start, &token->length);
    } else if (is_digit(c) || (c == '-' && (is_digit(after) || is_letter(after)))) {
        token->kind = KIR_NUMBER;
        scan_number(t);
        token->text = take_text(t, start, &token->length);
    } else if (c == '"') {
        token->kind = KIR_QUOTED;
        token->text = scan_quoted(t, &token->length);
    } else if (c == '%') {
        scan_value(t, token);
    } else if (c == '@') {
        token->kind = KIR_FN;
        t->at++;
        token->name = scan_name(t);
    } else if (c == '-' && after == '>') {
        *token = (KirToken){.kind = KIR_PUNCT, .punct = '>', .arrow = true,
                            .starts_line = token->starts_line};
        t->at += 2;
    } else if (c != '\0' && strchr("=:,()[]{}|<>", c) != NULL) {
        token->kind = KIR_PUNCT;
        token->punct = c;
        t->at++;
    } else {
        kir_fail(t, (Span){t->source->file, start, start + 1},
                    c < ' ' || c == 0x7f ? "byte 0x%02x has no place in IR text"
                                         : "`%c` has no place in IR text",
                    c);
    }
}

void kir_next(KirTokens *t) {
    t->last_end = t->token.span.end;
    KirToken token = {.starts_line = skip_blanks(t)};
    uint32_t start = t->at;
    if (t->at < t->source->length) scan_token(t, &token);
    if (t->failed) return;
    token.span = span_from(t, start);
    t->token = token;
}

void kir_start(KirTokens *t, Context *cx, const Source *source) {
    *t = (KirTokens){.cx = cx, .source = source};
    kir_next(t);
}
