/* Writing JSON text. There is no reader and no tree: commas and braces are the caller's. */
#ifndef KC_SUPPORT_JSON_H
#define KC_SUPPORT_JSON_H

#include "support/strbuf.h"

/* A quoted string. Bytes that are not UTF-8 become U+FFFD, so that the output is always valid. */
void json_string(StrBuf *out, const char *text, size_t length);
/* The same for NUL-terminated text; NULL gives `null`. */
void json_str(StrBuf *out, const char *text);

#endif
