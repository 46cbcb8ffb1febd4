/* The steps inside the lexer, each of which can be tested on its own.
 *
 * The scanner's stream has one NEWLINE for each end of a physical line, and comments and blanks are
 * gone; an empty ERROR follows a string that is not closed. The layout filter leaves one NEWLINE for each logical line, adds INDENT and DEDENT, closes
 * and drops brackets until they balance. The foreign filter gives a stream of the language's own
 * tokens. What tokens point to is the context's, and so are the last step's tokens. */
#ifndef KC_LEXER_STEPS_H
#define KC_LEXER_STEPS_H

#include "lexer/lexer.h"

enum {
    LIMIT_LINE = 1 << 20,   /* bytes in one line */
    LIMIT_BRACKETS = 256,   /* brackets inside each other */
    LIMIT_INDENTS = 100,    /* blocks inside each other */
    LIMIT_LEX_ERRORS = 40,  /* what one file may report of each step before it falls silent */
    TAB_WIDTH = 8           /* only to go on after tabs and spaces were mixed */
};

/* What the rules of scanner.l share. */
typedef struct Scanner {
    Context *cx;
    Arena *scratch; /* of the tokens: they are copied by the next step */
    const Source *source;
    Tokens *out;
    uint32_t start, pos;    /* of the text just matched */
    uint32_t string_start;  /* of the triple-quoted string being read */
    char quote;             /* and its quote character */
    uint32_t comment_start; /* of the foreign comment being read */
    uint32_t brackets;      /* how many are open: `//` starts no comment inside them */
    uint32_t errors;
    Name keywords[TOK_COUNT]; /* the interned spelling of each keyword, NO_NAME for other kinds */
} Scanner;

/* Step 0: bytes that no step can work with. False when something was reported. */
bool check_bytes(Context *cx, const Source *source);
/* Step 1: the raw tokens, which live in `scratch`, and the comments. */
void scan_source(Context *cx, Arena *scratch, const Source *source, Tokens *out);
/* Step 2. The tokens live in `scratch`. */
void layout_filter(Context *cx, Arena *scratch, const Source *source, const Tokens *raw,
                   Tokens *out);
/* Step 3. */
void foreign_filter(Context *cx, const Source *source, const Tokens *laid, Tokens *out);

/* The scanner's actions. `scan_*` push a token for the text from `start` to `pos`. */
void scan_token(Scanner *s, TokenKind kind);
void scan_newline(Scanner *s);
void scan_word(Scanner *s, const char *text, uint32_t length);
void scan_punct(Scanner *s, const char *text, uint32_t length);
void scan_number(Scanner *s, const char *text, uint32_t length, bool is_float);
void scan_suffixed(Scanner *s, const char *text, uint32_t length);
void scan_string(Scanner *s, uint32_t start, uint32_t end, bool is_closed);
void scan_comment(Scanner *s);
void scan_foreign_comment(Scanner *s, uint32_t start, uint32_t end);
bool scan_starts_line(const Scanner *s);
void scan_backslash(Scanner *s);
void scan_unknown(Scanner *s);
Span scan_span(const Scanner *s, uint32_t start, uint32_t end);
/* Whether the scanner may report once more. */
bool scan_may_report(Scanner *s);

/* Characters. */
bool char_starts_name(uint32_t code_point);
bool char_continues_name(uint32_t code_point);

/* One range of the identifier tables. */
typedef struct CharRange {
    uint32_t first, last;
} CharRange;
extern const CharRange xid_start_ranges[], xid_continue_ranges[];
extern const uint32_t xid_start_count, xid_continue_count;

/* What a token can be part of. */
typedef enum TokenTraits {
    STARTS_OPERAND = 1 << 0,
    ENDS_OPERAND = 1 << 1,
    ALWAYS_STATEMENT = 1 << 2, /* no expression and no parameter list holds it */
    OFTEN_STATEMENT = 1 << 3   /* begins statements, but generators and operators too */
} TokenTraits;
bool token_is(TokenKind kind, TokenTraits traits);

#endif
