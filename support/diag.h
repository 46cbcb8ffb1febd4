/* Diagnostics are data: a code, a place, labels on further places, notes, and fix-its that are
 * edits. Rendering (diag_render.c: text with source lines, or JSON) comes last and knows nothing of
 * compilers.
 *
 *     Diag *d = diag_add(cx, K0201, span, "no name `%s` in this function", text);
 *     diag_label(cx, d, other, "a `%s` is defined here", near);
 *     Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "write `%s`", near);
 *     fix_replace(cx, fix, span, near);
 *
 * Messages use the user's words and spellings: names in back-quotes, lower case, no full stop, first
 * what was seen, then (in a note or fix-it) what to do. All memory is the context's. */
#ifndef KC_SUPPORT_DIAG_H
#define KC_SUPPORT_DIAG_H

#include "support/source.h"
#include "support/strbuf.h"

typedef struct Context Context;

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE } Severity;

typedef enum DiagCode {
#define DIAG(code, severity, title) code,
#include "support/diag.def"
#undef DIAG
    DIAG_CODE_COUNT
} DiagCode;

typedef struct DiagLabel {
    Span span;
    const char *message;
} DiagLabel;

typedef struct FixEdit {
    Span span; /* replaced; empty to insert */
    const char *text;
} FixEdit;

typedef enum FixKind {
    FIX_AUTOMATIC, /* safe to apply without asking: the result compiles, or errs elsewhere */
    FIX_SUGGESTED  /* a plausible edit that may change the meaning */
} FixKind;

typedef struct Fix {
    FixKind kind;
    const char *message;
    Vec(FixEdit) edits; /* disjoint */
} Fix;

typedef struct Diag {
    DiagCode code;
    Severity severity;
    Span span;
    const char *message;
    const char *label; /* text under the primary span, or NULL */
    Vec(DiagLabel) labels;
    Vec(const char *) notes;
    Vec(Fix *) fixes;
} Diag;

typedef struct Diags {
    Vec(Diag *) all;
    uint32_t errors; /* how many have SEVERITY_ERROR */
} Diags;

/* Adds a diagnostic with the code's own severity. Never NULL. */
Diag *diag_add(Context *cx, DiagCode code, Span span, const char *format, ...) PRINTF_LIKE(4, 5);
/* The text beside the primary span's underline. */
void diag_primary_label(Context *cx, Diag *diag, const char *format, ...) PRINTF_LIKE(3, 4);
void diag_label(Context *cx, Diag *diag, Span span, const char *format, ...) PRINTF_LIKE(4, 5);
void diag_note(Context *cx, Diag *diag, const char *format, ...) PRINTF_LIKE(3, 4);
Fix *diag_fix(Context *cx, Diag *diag, FixKind kind, const char *format, ...) PRINTF_LIKE(4, 5);
void fix_replace(Context *cx, Fix *fix, Span span, const char *text);

const char *diag_code_text(DiagCode code);   /* "K0201" */
const char *diag_code_title(DiagCode code);  /* "unknown name" */
const char *severity_text(Severity severity); /* "error" */
bool diag_code_find(const char *text, DiagCode *code);
bool diags_have_errors(const Context *cx);
/* By file and place, stable; errors about the same place keep the order of discovery. */
void diags_sort(Context *cx);

/* Renderers. Both sort first. */
void diags_render_text(Context *cx, StrBuf *out, bool colour);
void diags_render_json(Context *cx, StrBuf *out);

/* Applies the edits of automatic fixes in `file`, skipping those that overlap an earlier one.
 * Returns how many fixes were applied; `out` gets the new text. */
uint32_t diags_apply_fixes(Context *cx, uint32_t file, StrBuf *out);

#endif
