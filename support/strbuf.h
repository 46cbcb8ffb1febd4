/* A text under construction. Owns its memory (malloc); strbuf_free gives it back. */
#ifndef KC_SUPPORT_STRBUF_H
#define KC_SUPPORT_STRBUF_H

#include "support/base.h"

typedef struct StrBuf {
    char *data; /* NUL-terminated once anything was added, NULL before */
    size_t len, cap;
} StrBuf;

void strbuf_add(StrBuf *buf, const char *text, size_t length);
void strbuf_puts(StrBuf *buf, const char *text);
void strbuf_putc(StrBuf *buf, char c);
/* One byte of a string literal, escaped as the language escapes it. */
void strbuf_put_escaped(StrBuf *buf, unsigned char c);
void strbuf_pad(StrBuf *buf, char c, size_t count);
void strbuf_printf(StrBuf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void strbuf_vprintf(StrBuf *buf, const char *format, va_list args);
/* The text so far, never NULL. */
const char *strbuf_text(const StrBuf *buf);
void strbuf_free(StrBuf *buf);

#endif
