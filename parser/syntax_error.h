/* What a syntax error says. The grammar knows which tokens could have stood there; this turns that,
 * and the tokens around the place, into a message in the user's words. */
#ifndef KC_PARSER_SYNTAX_ERROR_H
#define KC_PARSER_SYNTAX_ERROR_H

#include "parser/cursor.h"

/* Which tokens, or what begins with them, could have stood there. */
typedef struct Expected {
    bool name, operand, colon, comma, paren, closer, assign, newline, in, loop, statement, otherwise;
    bool block_end;
} Expected;

/* Reports the token that parser_next gave last as one that cannot stand there. */
void syntax_error(Parser *p, const Expected *expected);

/* "the condition of `if`", "the parameters of `fn`": the part of a header that a `:` follows, by the
 * header's first words; NULL where the line at `first` is no header. */
const char *header_part(const Parser *p, uint32_t first);
/* "`x`", "the end of the line": a token as messages call it. */
const char *token_found(const Parser *p, const Token *token);

#endif
