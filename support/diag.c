#include "support/context.h"

#include <string.h>

typedef struct DiagRow {
    const char *code, *title;
    Severity severity;
} DiagRow;

static const DiagRow rows[] = {
#define DIAG(code, severity, title) [code] = {#code, title, SEVERITY_##severity},
#include "support/diag.def"
#undef DIAG
};

const char *diag_code_text(DiagCode code) { return rows[code].code; }

const char *diag_code_title(DiagCode code) { return rows[code].title; }

const char *severity_text(Severity severity) {
    switch (severity) {
    case SEVERITY_ERROR: return "error";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_NOTE: return "note";
    }
    UNREACHABLE();
}

bool diag_code_find(const char *text, DiagCode *code) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].code, text) == 0) {
            *code = (DiagCode)i;
            return true;
        }
    }
    return false;
}

Diag *diag_add(Context *cx, DiagCode code, Span span, const char *format, ...) {
    Diag *diag = arena_new(cx->arena, Diag);
    diag->code = code;
    diag->severity = rows[code].severity;
    diag->span = span;
    va_list args;
    va_start(args, format);
    diag->message = arena_vprintf(cx->arena, format, args);
    va_end(args);
    vec_push(cx->arena, &cx->diags.all, diag);
    if (diag->severity == SEVERITY_ERROR) cx->diags.errors++;
    return diag;
}

void diag_primary_label(Context *cx, Diag *diag, const char *format, ...) {
    va_list args;
    va_start(args, format);
    diag->label = arena_vprintf(cx->arena, format, args);
    va_end(args);
}

void diag_label(Context *cx, Diag *diag, Span span, const char *format, ...) {
    va_list args;
    va_start(args, format);
    DiagLabel label = {span, arena_vprintf(cx->arena, format, args)};
    va_end(args);
    vec_push(cx->arena, &diag->labels, label);
}

void diag_note(Context *cx, Diag *diag, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *note = arena_vprintf(cx->arena, format, args);
    va_end(args);
    vec_push(cx->arena, &diag->notes, note);
}

Fix *diag_fix(Context *cx, Diag *diag, FixKind kind, const char *format, ...) {
    Fix *fix = arena_new(cx->arena, Fix);
    fix->kind = kind;
    va_list args;
    va_start(args, format);
    fix->message = arena_vprintf(cx->arena, format, args);
    va_end(args);
    vec_push(cx->arena, &diag->fixes, fix);
    return fix;
}

void fix_replace(Context *cx, Fix *fix, Span span, const char *text) {
    FixEdit edit = {span, arena_strndup(cx->arena, text, strlen(text))};
    vec_push(cx->arena, &fix->edits, edit);
}

bool diags_have_errors(const Context *cx) { return cx->diags.errors != 0; }

static bool span_before_other(Span a, Span b) {
    if (a.file != b.file) return a.file < b.file;
    return a.start < b.start;
}

/* A bottom-up merge sort: stable, and sorted input (the usual case) costs one comparison each. */
void diags_sort(Context *cx) {
    uint32_t count = cx->diags.all.len;
    if (count < 2) return;
    Diag **from = cx->diags.all.data, **to = arena_array(cx->arena, Diag *, count);
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t low = 0; low < count; low += 2 * width) {
            uint32_t middle = low + width < count ? low + width : count;
            uint32_t high = middle + width < count ? middle + width : count;
            uint32_t left = low, right = middle;
            for (uint32_t at = low; at < high; at++) {
                bool take_right = left == middle ||
                                  (right < high &&
                                   span_before_other(from[right]->span, from[left]->span));
                to[at] = take_right ? from[right++] : from[left++];
            }
        }
        Diag **spare = from;
        from = to;
        to = spare;
    }
    if (from != cx->diags.all.data) memcpy(cx->diags.all.data, from, count * sizeof *from);
}
