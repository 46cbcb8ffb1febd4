/* UTF-8, one code point at a time, and how wide each is on a terminal.
 *
 * Nothing here trusts its input: a byte that begins no well-formed sequence (overlong forms, surrogates
 * and values above U+10FFFF included) reads as U+FFFD and takes one byte. */
#ifndef KC_SUPPORT_UTF8_H
#define KC_SUPPORT_UTF8_H

#include "support/strbuf.h"

enum { UTF8_BAD = 0xFFFD };

/* Reads the code point at the start of `text`, which has `length` > 0 bytes; returns how many bytes it
 * takes. `*good` (may be NULL) says whether they were well-formed. */
uint32_t utf8_decode(const char *text, size_t length, uint32_t *code, bool *good);
/* Appends a code point. */
void utf8_put(StrBuf *out, uint32_t code);
/* Terminal columns: 0 for combining marks, 2 for East Asian wide and emoji, 1 otherwise. */
uint32_t utf8_columns(uint32_t code);

#endif
