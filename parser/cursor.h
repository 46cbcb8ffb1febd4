/* The parser's state, and its way through the tokens. */
#ifndef KC_PARSER_CURSOR_H
#define KC_PARSER_CURSOR_H

#include "parser/parser.h"

typedef Vec(Token) TokenVec;

typedef struct Parser {
    Context *cx;
    Arena *arena;
    AstIds *ids;
    const Source *source;
    const Tokens *tokens;
    uint32_t at;    /* index of the token that parser_next gives next */
    bool at_newline; /* a NEWLINE that is not in the stream comes before it: see parser_unread */
    Token newline;  /* that one */
    Ast *ast;
    FnDeclVec bodyless;      /* functions without a body, outside of traits so far */
    Vec(uint32_t) reported;  /* where the lexer reported something in this file, sorted */
    uint32_t errors;         /* reported here */
    bool after_error;        /* the statement before this one could not be read */
    Name words[6];           /* the interned spellings of cursor.c's table */
} Parser;

enum { LIMIT_SYNTAX_ERRORS = 40 };

/* The next token, or NULL behind the last one. */
const Token *parser_next(Parser *p);
/* Whether the NAME just given stands where it acts as a keyword. */
bool parser_is_word(const Parser *p);
/* The token just given, or one before (-1) or behind (+1) it: END and a NEWLINE beyond the ends. */
const Token *parser_token(const Parser *p, int distance);
/* The index of the token that starts at or behind `offset`. */
uint32_t parser_index(const Parser *p, uint32_t offset);
/* The first token of the logical line that holds token `index`; the NEWLINE that ends it. */
uint32_t parser_line_start(const Parser *p, uint32_t index);
uint32_t parser_line_end(const Parser *p, uint32_t index);
/* After an error at the token just given, which ends a block or the file: lets a NEWLINE come before
 * it once more, so that the error takes only its own line. */
void parser_unread(Parser *p);
/* A diagnostic, unless something was already reported about the same logical line: one slip, one
 * message. NULL then. */
Diag *parser_report(Parser *p, DiagCode code, Span span, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
