/* Strings: prefixes, quotes and escapes to bytes. */
#include <string.h>

#include "lexer/steps.h"
#include "support/utf8.h"

/* A string being decoded. */
typedef struct Decoder {
    Scanner *s;
    const char *text; /* of the source */
    uint32_t at, end; /* what is left of the contents */
    bool is_bytes;
    StrBuf out;
} Decoder;

static void put_byte(Decoder *d, unsigned byte) { strbuf_putc(&d->out, (char)byte); }

static void report_escape(Decoder *d, uint32_t start, const char *why) {
    if (!scan_may_report(d->s)) return;
    Diag *diag = diag_add(d->s->cx, K0124, scan_span(d->s, start, d->at), "%s", why);
    diag_note(d->s->cx, diag, "the escapes are `\\n \\t \\r \\0 \\\\ \\' \\\" \\a \\b \\f \\v "
                              "\\xHH \\uHHHH \\UHHHHHHHH`; a `\\` itself is `\\\\`");
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* `\xHH`, `\uHHHH`, `\UHHHHHHHH`; the letter was read. */
static void decode_hex(Decoder *d, uint32_t start, char letter) {
    uint32_t wanted = letter == 'x' ? 2 : letter == 'u' ? 4 : 8, value = 0, count = 0;
    while (count < wanted && d->at < d->end && hex_value(d->text[d->at]) >= 0) {
        value = value << 4 | (uint32_t)hex_value(d->text[d->at++]);
        count++;
    }
    if (count < wanted) {
        report_escape(d, start, letter == 'x'   ? "`\\x` needs two hexadecimal digits"
                                : letter == 'u' ? "`\\u` needs four hexadecimal digits"
                                                : "`\\U` needs eight hexadecimal digits");
    } else if (letter != 'x' && d->is_bytes) {
        report_escape(d, start, "a byte string holds bytes, not characters: write `\\xHH`");
    } else if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        report_escape(d, start, "there is no character with this number");
    } else if (d->is_bytes) {
        put_byte(d, value);
    } else {
        utf8_put(&d->out, value);
    }
}

/* The `\` was read. */
static void decode_escape(Decoder *d) {
    uint32_t start = d->at - 1;
    if (d->at >= d->end) return; /* the string is not closed, which is reported by itself */
    char letter = d->text[d->at++];
    static const char letters[] = "ntr0\\'\"abfv";
    static const char values[] = "\n\t\r\0\\'\"\a\b\f\v";
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);
    bool is_digit_next = d->at < d->end && d->text[d->at] >= '0' && d->text[d->at] <= '9';
    if (letter == '0' && is_digit_next) {
        report_escape(d, start, "octal escapes are written in hexadecimal, as `\\xHH`");
    } else if (found != NULL) {
        put_byte(d, (unsigned char)values[found - letters]);
    } else if (letter == 'x' || letter == 'u' || letter == 'U') {
        decode_hex(d, start, letter);
    } else if (letter == '\r' && d->at < d->end && d->text[d->at] == '\n') {
        d->at++;
    } else if (letter != '\n') {
        while (d->at < d->end && ((unsigned char)d->text[d->at] & 0xC0) == 0x80) d->at++;
        char *why = arena_printf(d->s->cx->arena, "unknown escape `%.*s`", (int)(d->at - start),
                                 d->text + start);
        report_escape(d, start, why);
    }
}

/* A character beyond ASCII in a byte string: whose bytes would those be? */
static void report_wide_byte(Decoder *d, uint32_t start) {
    if (!scan_may_report(d->s)) return;
    Diag *diag = diag_add(d->s->cx, K0124, scan_span(d->s, start, d->at),
                          "`%.*s` is not an ASCII character, and this is a byte string",
                          (int)(d->at - start), d->text + start);
    diag_note(d->s->cx, diag, "write its bytes as `\\xHH`, or leave out the `b`");
}

static void decode_contents(Decoder *d) {
    while (d->at < d->end) {
        uint32_t start = d->at;
        unsigned char c = (unsigned char)d->text[d->at++];
        if (c == '\\') {
            decode_escape(d);
        } else if (c == '\r' && d->at < d->end && d->text[d->at] == '\n') {
            continue; /* a line end inside a string is one byte, whatever the file uses */
        } else if (c >= 0x80 && d->is_bytes) {
            while (d->at < d->end && ((unsigned char)d->text[d->at] & 0xC0) == 0x80) d->at++;
            report_wide_byte(d, start);
        } else {
            put_byte(d, c);
        }
    }
}

static void report_unclosed(Scanner *s, uint32_t start, uint32_t quote, uint32_t quotes) {
    if (!scan_may_report(s)) return;
    const char *text = s->source->text;
    Diag *d = diag_add(s->cx, K0123, scan_span(s, start, quote + quotes),
                       quotes == 3 ? "this string is never closed"
                                   : "this string is not closed on its line");
    diag_primary_label(s->cx, d, "opened here");
    if (quotes == 3) {
        diag_note(s->cx, d, "it would end with `%.3s`", text + quote);
        return;
    }
    Fix *fix = diag_fix(s->cx, d, FIX_SUGGESTED, "close it with `%c`", text[quote]);
    char closing[2] = {text[quote], '\0'};
    uint32_t end = s->pos;
    while (end > quote + 1 && strchr(" \t)]:,", text[end - 1]) != NULL) end--;
    fix_replace(s->cx, fix, scan_span(s, end, end), arena_strndup(s->cx->arena, closing, 1));
    diag_note(s->cx, d, "a string over several lines stands in triple quotes: `\"\"\"`");
}

static void report_prefix(Scanner *s, uint32_t start, uint32_t quote) {
    if (!scan_may_report(s)) return;
    const char *text = s->source->text + start;
    Span prefix = scan_span(s, start, quote);
    bool formats = strpbrk(text, "fF") != NULL && strpbrk(text, "fF") < text + (quote - start);
    Diag *d = diag_add(s->cx, K0171, prefix, "there are no `%.*s\"...\"` strings",
                       (int)(quote - start), text);
    if (formats) {
        diag_note(s->cx, d, "`print` takes several values: `print(\"x =\", x)`");
    } else {
        diag_note(s->cx, d, "write a `\\` inside a string as `\\\\`");
    }
    Fix *fix = diag_fix(s->cx, d, FIX_SUGGESTED, "remove the prefix");
    fix_replace(s->cx, fix, prefix, "");
}

/* The string from `start`, its prefix included, to `end`. */
void scan_string(Scanner *s, uint32_t start, uint32_t end, bool is_closed) {
    const char *text = s->source->text;
    uint32_t quote = start;
    while (text[quote] != '"' && text[quote] != '\'') quote++;
    bool is_triple = end - quote >= 3 && text[quote + 1] == text[quote] &&
                     text[quote + 2] == text[quote];
    uint32_t quotes = is_triple ? 3 : 1;
    bool is_bytes = quote == start + 1 && (text[start] == 'b' || text[start] == 'B');
    bool is_foreign = quote > start && !is_bytes;
    if (is_foreign) report_prefix(s, start, quote);
    if (!is_closed) report_unclosed(s, start, quote, quotes);
    Decoder d = {.s = s, .text = text, .at = quote + quotes, .is_bytes = is_bytes};
    d.end = is_closed ? end - quotes : end;
    if (d.end < d.at) d.end = d.at;
    if (!is_foreign) decode_contents(&d);
    Token token = {.kind = is_bytes ? TOK_BYTES : TOK_STRING, .span = scan_span(s, start, end)};
    token.string.bytes = arena_copy(s->cx->arena, strbuf_text(&d.out), d.out.len + 1);
    token.string.length = (uint32_t)d.out.len;
    strbuf_free(&d.out);
    vec_push(s->scratch, &s->out->tokens, token);
    if (!is_closed) {
        Token mark = {.kind = TOK_ERROR, .span = scan_span(s, end, end)};
        vec_push(s->scratch, &s->out->tokens, mark);
    }
}
