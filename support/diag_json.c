/* Diagnostics for programs: one array, one object a line. Lines and columns count from 1, columns and
 * edits in bytes; a diagnostic without a place has `null` for each. */
#include "support/context.h"
#include "support/json.h"

static void put_place(Context *cx, StrBuf *out, Span span) {
    const Source *source = source_of(&cx->sources, span);
    strbuf_puts(out, ",\"file\":");
    json_str(out, source == NULL ? NULL : source->path);
    if (source == NULL) {
        strbuf_puts(out, ",\"line\":null,\"column\":null,\"end_line\":null,\"end_column\":null");
        return;
    }
    LineCol start = source_line_col(source, span.start), end = source_line_col(source, span.end);
    strbuf_printf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u",
                  (unsigned)start.line, (unsigned)start.column, (unsigned)end.line,
                  (unsigned)end.column);
}

static void put_labels(Context *cx, StrBuf *out, const Diag *diag) {
    strbuf_puts(out, ",\"labels\":[");
    for (uint32_t i = 0; i < diag->labels.len; i++) {
        strbuf_puts(out, i == 0 ? "{\"message\":" : ",{\"message\":");
        json_str(out, diag->labels.data[i].message);
        put_place(cx, out, diag->labels.data[i].span);
        strbuf_putc(out, '}');
    }
    strbuf_putc(out, ']');
}

static void put_notes(StrBuf *out, const Diag *diag) {
    strbuf_puts(out, ",\"notes\":[");
    for (uint32_t i = 0; i < diag->notes.len; i++) {
        if (i > 0) strbuf_putc(out, ',');
        json_str(out, diag->notes.data[i]);
    }
    strbuf_putc(out, ']');
}

static void put_edit(Context *cx, StrBuf *out, const FixEdit *edit) {
    const Source *source = source_of(&cx->sources, edit->span);
    strbuf_printf(out, "{\"start\":%u,\"end\":%u,\"text\":", (unsigned)edit->span.start,
                  (unsigned)edit->span.end);
    json_str(out, edit->text);
    strbuf_puts(out, ",\"file\":");
    json_str(out, source == NULL ? NULL : source->path);
    strbuf_putc(out, '}');
}

static void put_fixes(Context *cx, StrBuf *out, const Diag *diag) {
    strbuf_puts(out, ",\"fixes\":[");
    for (uint32_t i = 0; i < diag->fixes.len; i++) {
        const Fix *fix = diag->fixes.data[i];
        strbuf_puts(out, i == 0 ? "{\"message\":" : ",{\"message\":");
        json_str(out, fix->message);
        strbuf_printf(out, ",\"automatic\":%s,\"edits\":[",
                      fix->kind == FIX_AUTOMATIC ? "true" : "false");
        for (uint32_t j = 0; j < fix->edits.len; j++) {
            if (j > 0) strbuf_putc(out, ',');
            put_edit(cx, out, &fix->edits.data[j]);
        }
        strbuf_puts(out, "]}");
    }
    strbuf_putc(out, ']');
}

static void put_diag(Context *cx, StrBuf *out, const Diag *diag) {
    strbuf_printf(out, "{\"code\":\"%s\",\"severity\":\"%s\",\"message\":",
                  diag_code_text(diag->code), severity_text(diag->severity));
    json_str(out, diag->message);
    put_place(cx, out, diag->span);
    strbuf_puts(out, ",\"label\":");
    json_str(out, diag->label);
    put_labels(cx, out, diag);
    put_notes(out, diag);
    put_fixes(cx, out, diag);
    strbuf_putc(out, '}');
}

void diags_render_json(Context *cx, StrBuf *out) {
    diags_sort(cx);
    strbuf_putc(out, '[');
    for (uint32_t i = 0; i < cx->diags.all.len; i++) {
        strbuf_puts(out, i == 0 ? "\n" : ",\n");
        put_diag(cx, out, cx->diags.all.data[i]);
    }
    strbuf_puts(out, "\n]\n");
}
