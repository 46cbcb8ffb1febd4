/* The tokens of the text form. Texts point into the context's arena. After a mistake the tokens are
 * at their end, so that every loop of the reader stops: one message, and no cascade. */
#ifndef KC_IR_TOKEN_H
#define KC_IR_TOKEN_H

#include "support/context.h"

typedef enum KirKind {
    KIR_END,
    KIR_WORD,   /* letters, digits, underscores, or bytes outside ASCII */
    KIR_QUOTED, /* "text": escapes resolved */
    KIR_NUMBER, /* also -inf */
    KIR_VALUE,  /* %3, %x, %x.1 */
    KIR_FN,     /* @name */
    KIR_PUNCT,  /* one character, or -> (as '>' with `arrow` set) */
} KirKind;

typedef struct KirToken {
    KirKind kind;
    Span span;
    bool starts_line;
    const char *text; /* WORD, QUOTED, NUMBER: NUL-terminated */
    uint32_t length;
    Name name;       /* VALUE, FN */
    uint32_t number; /* VALUE: the 3 of %3, the 1 of %x.1 */
    char punct;      /* PUNCT: '>' for "->" */
    bool arrow;
} KirToken;

typedef struct KirTokens {
    Context *cx;
    const Source *source;
    uint32_t at;
    KirToken token; /* the current one */
    uint32_t last_end; /* where the one before it ended */
    bool failed;
} KirTokens;

/* Stands on the first token. */
void kir_start(KirTokens *t, Context *cx, const Source *source);
void kir_next(KirTokens *t);
/* Reports K0601 (the first time only) and moves to the end. */
void kir_fail(KirTokens *t, Span span, const char *format, ...) PRINTF_LIKE(3, 4);
/* "found `%x`": the current token as a message shows it. */
const char *kir_shown(const KirTokens *t);

#endif
