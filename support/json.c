#include "support/json.h"

#include "support/utf8.h"

#include <string.h>

static void put_code(StrBuf *out, uint32_t code) {
    switch (code) {
    case '"': strbuf_puts(out, "\\\""); return;
    case '\\': strbuf_puts(out, "\\\\"); return;
    case '\n': strbuf_puts(out, "\\n"); return;
    case '\r': strbuf_puts(out, "\\r"); return;
    case '\t': strbuf_puts(out, "\\t"); return;
    default: break;
    }
    if (code < 0x20 || code == 0x7F) {
        strbuf_printf(out, "\\u%04x", (unsigned)code);
    } else {
        utf8_put(out, code);
    }
}

void json_string(StrBuf *out, const char *text, size_t length) {
    strbuf_putc(out, '"');
    for (size_t at = 0; at < length;) {
        uint32_t code;
        at += utf8_decode(text + at, length - at, &code, NULL);
        put_code(out, code);
    }
    strbuf_putc(out, '"');
}

void json_str(StrBuf *out, const char *text) {
    if (text == NULL) {
        strbuf_puts(out, "null");
    } else {
        json_string(out, text, strlen(text));
    }
}
