#include "support/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `extra` more bytes and the terminating NUL. */
static void reserve(StrBuf *buf, size_t extra) {
    if (extra > SIZE_MAX / 2 - buf->len - 1) fatal("out of memory");
    size_t needed = buf->len + extra + 1;
    if (needed <= buf->cap) return;
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap < needed) cap *= 2;
    char *data = realloc(buf->data, cap);
    if (data == NULL) fatal("out of memory");
    buf->data = data;
    buf->cap = cap;
}

void strbuf_add(StrBuf *buf, const char *text, size_t length) {
    reserve(buf, length);
    if (length != 0) memcpy(buf->data + buf->len, text, length);
    buf->len += length;
    buf->data[buf->len] = '\0';
}

void strbuf_puts(StrBuf *buf, const char *text) { strbuf_add(buf, text, strlen(text)); }

void strbuf_putc(StrBuf *buf, char c) { strbuf_add(buf, &c, 1); }

void strbuf_put_escaped(StrBuf *buf, unsigned char c) {
    if (c == '"' || c == '\\') {
        strbuf_printf(buf, "\\%c", c);
    } else if (c == '\n') {
        strbuf_puts(buf, "\\n");
    } else if (c < 0x20 || c == 0x7F) {
        strbuf_printf(buf, "\\x%02x", c);
    } else {
        strbuf_putc(buf, (char)c);
    }
}

void strbuf_pad(StrBuf *buf, char c, size_t count) {
    reserve(buf, count);
    memset(buf->data + buf->len, c, count);
    buf->len += count;
    buf->data[buf->len] = '\0';
}

void strbuf_vprintf(StrBuf *buf, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0) KC_BUG("bad format `%s`", format);
    reserve(buf, (size_t)length);
    vsnprintf(buf->data + buf->len, (size_t)length + 1, format, again);
    buf->len += (size_t)length;
    va_end(again);
}

void strbuf_printf(StrBuf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    strbuf_vprintf(buf, format, args);
    va_end(args);
}

const char *strbuf_text(const StrBuf *buf) { return buf->data == NULL ? "" : buf->data; }

void strbuf_free(StrBuf *buf) {
    free(buf->data);
    *buf = (StrBuf){0};
}
