/* The inside of the foreign filter: a walk over the laid-out tokens that copies them, and where they
 * show a habit of another language, reports it once and puts the language's own tokens in its place.
 *
 * Each habit is a function that looks at the tokens at the cursor; it returns true when it has dealt
 * with them, that is, reported, given out what was meant, and moved the cursor on. */
#ifndef KC_LEXER_FOREIGN_H
#define KC_LEXER_FOREIGN_H

#include "lexer/steps.h"

typedef struct Foreign {
    Context *cx;
    const Source *source;
    const Tokens *in;
    Tokens *out;
    uint32_t at;          /* the cursor, into `in` */
    uint32_t indents;     /* blocks open in `out` */
    uint32_t brackets;    /* and brackets */
    uint32_t errors;
    uint32_t result_at;   /* where the result type of a function of C's shape goes; 0: nowhere */
    Token result_type;
    bool in_match;        /* a `match` or `switch` was reported: its `case`s belong to it */
    Vec(Fix *) braces;    /* the fix of each open block brace; NULL where it has none */
} Foreign;

/* The token `distance` from the cursor; the first or the last one beyond the ends. */
const Token *foreign_peek(const Foreign *f, int distance);
TokenKind foreign_kind(const Foreign *f, int distance);
/* The kind given out last: NEWLINE before anything was. */
TokenKind foreign_before(const Foreign *f);
/* Whether the cursor stands at the start of a statement. */
bool foreign_at_statement(const Foreign *f);
/* Whether token `distance` follows the one before it without a blank. */
bool foreign_touches(const Foreign *f, int distance);
/* Whether token `distance` is a name with this text. */
bool foreign_is(const Foreign *f, int distance, const char *text);
/* The kind of the last token of the logical line. */
TokenKind foreign_line_end(const Foreign *f);
/* The distance of the bracket that closes the one at `distance`; `distance` itself if none does. */
int foreign_closer(const Foreign *f, int distance);

void foreign_keep(Foreign *f);                             /* gives out the token as it is */
void foreign_give(Foreign *f, TokenKind kind, Span span);  /* gives out another */
void foreign_become(Foreign *f, TokenKind kind);           /* gives out another in its place */
void foreign_skip(Foreign *f, int count);                  /* leaves tokens out */
/* Leaves out the rest of the line and marks it as one that nothing more is to be said about. */
void foreign_swallow_line(Foreign *f);

Diag *foreign_report(Foreign *f, DiagCode code, Span span, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* "write `text`" in the place of `span`; an empty text removes it. */
Fix *foreign_fix(Foreign *f, Diag *d, FixKind kind, Span span, const char *text);
/* From the start of token `from` to the end, or (`_before`) the start of token `to`. */
Span foreign_span(const Foreign *f, int from, int to);
Span foreign_span_before(const Foreign *f, int from, int to);
/* The source text of the tokens `from` to `to`. */
const char *foreign_text(const Foreign *f, int from, int to);

/* Habits that begin with a word: foreign_words.c. */
bool foreign_word(Foreign *f);
bool foreign_import(Foreign *f);
bool foreign_is_null(const Foreign *f, int distance);
/* Whether the cursor's name is being declared or is a member's, so that it means what the user says. */
bool foreign_is_own_name(const Foreign *f);

/* Habits that are shapes of several tokens: foreign_forms.c. */
bool foreign_declaration(Foreign *f);
bool foreign_let(Foreign *f);
bool foreign_angle_brackets(Foreign *f);
bool foreign_c_loop(Foreign *f);
bool foreign_else_if(Foreign *f);
bool foreign_result(Foreign *f);
/* A declaration whose first token at the cursor is another language's word for `let` or `var`. */
bool foreign_variable_word(Foreign *f, const char *keyword, DiagCode code);

/* Habits of punctuation: foreign_puncts.c. */
bool foreign_punct(Foreign *f);

#endif
