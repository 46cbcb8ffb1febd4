/* Source to tokens, in three steps that know nothing of each other: the flex scanner (scanner.l) cuts
 * the text, the layout filter (layout.c) turns line starts into NEWLINE, INDENT and DEDENT and tells
 * `x^` from `a ^ b`, and the foreign filter (foreign.c) answers habits of other languages with a
 * diagnostic and the token that was meant.
 *
 * Errors are reported to the context and the stream goes on; it always ends in NEWLINE, the DEDENTs
 * that are due, and END. */
#ifndef KC_LEXER_LEXER_H
#define KC_LEXER_LEXER_H

#include "support/context.h"

typedef enum TokenKind {
#define TOKEN(kind, spelling) TOK_##kind,
#define KEYWORD(kind, spelling) TOK_##kind,
#define PUNCT(kind, spelling) TOK_##kind,
#include "lexer/tokens.def"
    TOK_COUNT
} TokenKind;

typedef struct Token {
    TokenKind kind;
    Span span;
    union {
        Name name;            /* NAME */
        struct {
            uint64_t value;   /* INT; all ones when too_large */
            bool too_large;   /* does not fit 64 bits */
        } integer;
        struct {
            double value;     /* FLOAT, correctly rounded to f64 */
            Name text;        /* as spelled, without underscores: an f32 is rounded once, from this */
        } real;
        struct {
            const char *bytes; /* STRING, BYTES: escapes resolved, NUL-terminated */
            uint32_t length;
        } string;
    };
} Token;

/* A comment, for the formatter. */
typedef struct Comment {
    Span span;     /* from # to the end of the line, exclusive */
    bool own_line; /* nothing but spaces before it */
} Comment;

typedef struct Tokens {
    Vec(Token) tokens;
    Vec(Comment) comments;
} Tokens;

/* All three steps. Memory is the context's. */
Tokens *lex(Context *cx, const Source *source);

const char *token_kind_name(TokenKind kind);     /* "PLUS_ASSIGN" */
const char *token_kind_spelling(TokenKind kind); /* "+=" */
/* The language's type for one of C's: "f32" for "float"; its own types stand for themselves. NULL for
 * other texts. */
const char *own_type_of(const char *text);
/* One token a line: kind, place, text. What --emit=tokens prints. */
void tokens_print(const Context *cx, const Tokens *tokens, StrBuf *out);

#endif
