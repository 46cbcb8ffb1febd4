#include "support/diag_text.h"

#include <stdio.h>
#include <string.h>

static Style severity_style(Severity severity) {
    switch (severity) {
    case SEVERITY_ERROR: return STYLE_ERROR;
    case SEVERITY_WARNING: return STYLE_WARNING;
    case SEVERITY_NOTE: return STYLE_NOTE;
    }
    UNREACHABLE();
}

static uint32_t span_last_line(const Context *cx, Span span) {
    const Source *source = source_of(&cx->sources, span);
    return source == NULL ? 0 : source_line_col(source, span.end).line;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

static uint32_t gutter_width(const Context *cx, const Diag *diag) {
    uint32_t line = span_last_line(cx, diag->span);
    for (uint32_t i = 0; i < diag->labels.len; i++) {
        line = larger(line, span_last_line(cx, diag->labels.data[i].span));
    }
    for (uint32_t i = 0; i < diag->fixes.len; i++) {
        line = larger(line, diag_fix_last_line(cx, diag->fixes.data[i]));
    }
    uint32_t digits = 1;
    for (; line >= 10; line /= 10) digits++;
    return digits;
}

static void paint_header(Painter *painter, const Diag *diag) {
    char kind[32];
    snprintf(kind, sizeof kind, "%s[%s]", severity_text(diag->severity),
             diag_code_text(diag->code));
    paint(painter, painter->accent, kind);
    paint(painter, STYLE_BOLD, ": ");
    paint(painter, STYLE_BOLD, diag->message);
    strbuf_putc(painter->out, '\n');
}

/* "   = note: ..."; further lines of a note are indented to its first. */
static void paint_note(Painter *painter, const char *note) {
    static const char lead[] = "= note: ";
    strbuf_pad(painter->out, ' ', painter->gutter + 1);
    paint(painter, STYLE_FRAME, "=");
    paint(painter, STYLE_BOLD, " note");
    strbuf_puts(painter->out, ": ");
    for (;;) {
        const char *newline = strchr(note, '\n');
        strbuf_add(painter->out, note, newline == NULL ? strlen(note) : (size_t)(newline - note));
        paint_newline(painter);
        if (newline == NULL) return;
        strbuf_pad(painter->out, ' ', painter->gutter + 1 + strlen(lead));
        note = newline + 1;
    }
}

static void paint_diag(Painter *painter, const Diag *diag) {
    painter->gutter = gutter_width(painter->cx, diag);
    painter->accent = severity_style(diag->severity);
    paint_header(painter, diag);
    diag_paint_snippets(painter, diag);
    if (diag->notes.len + diag->fixes.len > 0 && !span_is_none(diag->span)) {
        paint_gutter(painter, 0, '|');
        paint_newline(painter);
    }
    for (uint32_t i = 0; i < diag->notes.len; i++) paint_note(painter, diag->notes.data[i]);
    for (uint32_t i = 0; i < diag->fixes.len; i++) {
        diag_paint_fix(painter, diag, diag->fixes.data[i]);
    }
}

void diags_render_text(Context *cx, StrBuf *out, bool colour) {
    diags_sort(cx);
    Painter painter = {.cx = cx, .out = out, .colour = colour};
    for (uint32_t i = 0; i < cx->diags.all.len; i++) {
        if (i > 0) strbuf_putc(out, '\n');
        paint_diag(&painter, cx->diags.all.data[i]);
    }
}
