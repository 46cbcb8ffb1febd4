#include "support/diag_text.h"

#include "support/utf8.h"

enum { SHOWN_BYTES = 200, BEFORE_BYTES = 60, TAB_COLUMNS = 4, DOTS_COLUMNS = 3 };

static bool is_tail(char c) { return ((uint8_t)c & 0xC0) == 0x80; }

Window window_of(const char *text, uint32_t length, uint32_t first) {
    Window window = {text, length, 0, length};
    if (length <= SHOWN_BYTES) return window;
    if (first > length) first = length;
    if (first > BEFORE_BYTES + SHOWN_BYTES / 4) window.from = first - BEFORE_BYTES;
    if (length - window.from > SHOWN_BYTES) window.to = window.from + SHOWN_BYTES;
    /* Not within a character; three steps at most, whatever the bytes are. */
    for (int i = 0; i < 3 && window.from < length && is_tail(text[window.from]); i++) window.from++;
    for (int i = 0; i < 3 && window.to < length && is_tail(text[window.to]); i++) window.to++;
    return window;
}

/* How a code point appears: control characters as their pictures (U+2400), and those that reorder text
 * as a replacement mark, so that a message cannot be made to look like something else. */
static uint32_t visible(uint32_t code) {
    if (code < 0x20) return 0x2400 + code;
    if (code == 0x7F) return 0x2421;
    bool c1_control = code >= 0x80 && code < 0xA0;
    bool reorders = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return c1_control || reorders || code == 0x200E || code == 0x200F ? UTF8_BAD : code;
}

static uint32_t columns_at(const Window *window, uint32_t at, uint32_t column, uint32_t *bytes,
                           uint32_t *code) {
    *bytes = utf8_decode(window->text + at, window->length - at, code, NULL);
    if (*code == '\t') return TAB_COLUMNS - column % TAB_COLUMNS;
    *code = visible(*code);
    return utf8_columns(*code);
}

uint32_t window_column(const Window *window, uint32_t offset) {
    uint32_t end = offset < window->to ? offset : window->to;
    uint32_t column = 0, bytes, code;
    for (uint32_t at = window->from; at < end; at += bytes) {
        column += columns_at(window, at, column, &bytes, &code);
    }
    return column + (window->from > 0 ? DOTS_COLUMNS : 0);
}

void window_show(const Window *window, StrBuf *out) {
    if (window->from > 0) strbuf_puts(out, "...");
    uint32_t column = 0, bytes, code;
    for (uint32_t at = window->from; at < window->to; at += bytes) {
        uint32_t columns = columns_at(window, at, column, &bytes, &code);
        if (code == '\t') {
            strbuf_pad(out, ' ', columns);
        } else {
            utf8_put(out, code);
        }
        column += columns;
    }
    if (window->to < window->length) strbuf_puts(out, "...");
}
