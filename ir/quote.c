/* Names and texts as the text form spells them. */
#include "ir/value.h"

/* Letters, digits (not first), underscores, and whatever is not ASCII. */
static bool is_word(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        if (!letter && (i == 0 || c < '0' || c > '9')) return false;
    }
    return length != 0;
}

void ir_quoted_print(const char *bytes, size_t length, StrBuf *out) {
    strbuf_putc(out, '"');
    for (size_t i = 0; i < length; i++) strbuf_put_escaped(out, (unsigned char)bytes[i]);
    strbuf_putc(out, '"');
}

void ir_name_print(const Context *cx, Name name, StrBuf *out) {
    const char *text = text_of(cx, name);
    size_t length = name_length(cx->names, name);
    if (is_word(text, length))
        strbuf_add(out, text, length);
    else
        ir_quoted_print(text, length, out);
}
