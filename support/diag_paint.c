#include "support/diag_text.h"

#include <string.h>

static const char *escape_of(Style style) {
    switch (style) {
    case STYLE_PLAIN: return "";
    case STYLE_BOLD: return "\033[1m";
    case STYLE_ERROR: return "\033[1;31m";
    case STYLE_WARNING: return "\033[1;33m";
    case STYLE_NOTE: return "\033[1;32m";
    case STYLE_HELP: return "\033[1;36m";
    case STYLE_FRAME: return "\033[1;34m";
    case STYLE_ADDED: return "\033[32m";
    case STYLE_REMOVED: return "\033[31m";
    }
    UNREACHABLE();
}

void paint_bytes(Painter *painter, Style style, const char *text, size_t length) {
    bool escaped = painter->colour && style != STYLE_PLAIN && length != 0;
    if (escaped) strbuf_puts(painter->out, escape_of(style));
    strbuf_add(painter->out, text, length);
    if (escaped) strbuf_puts(painter->out, "\033[0m");
}

void paint(Painter *painter, Style style, const char *text) {
    paint_bytes(painter, style, text, strlen(text));
}

void paint_gutter(Painter *painter, uint32_t line, char bar) {
    Style style = bar == '+' || bar == '~' ? STYLE_ADDED : bar == '-' ? STYLE_REMOVED : STYLE_FRAME;
    StrBuf number = {0};
    if (line != 0) strbuf_printf(&number, "%*u ", (int)painter->gutter, (unsigned)line);
    if (line == 0) strbuf_pad(&number, ' ', painter->gutter + 1);
    paint_bytes(painter, STYLE_FRAME, number.data, number.len);
    strbuf_free(&number);
    paint_bytes(painter, style, &bar, 1);
    strbuf_putc(painter->out, ' ');
}

void paint_place(Painter *painter, const char *arrow, const Source *source, LineCol place) {
    strbuf_pad(painter->out, ' ', painter->gutter);
    paint(painter, STYLE_FRAME, arrow);
    strbuf_printf(painter->out, " %s:%u:%u\n", source->path, (unsigned)place.line,
                  (unsigned)place.column);
}

void paint_newline(Painter *painter) {
    StrBuf *out = painter->out;
    while (out->len > 0 && out->data[out->len - 1] == ' ') out->len--;
    strbuf_putc(out, '\n');
}

void row_put(Painter *painter, Row *row, uint32_t column, char c, Style style) {
    while (row->cells.len <= column) {
        vec_push(painter->cx->arena, &row->cells, ' ');
        vec_push(painter->cx->arena, &row->styles, STYLE_PLAIN);
    }
    row->cells.data[column] = c;
    row->styles.data[column] = style;
}

void row_fill(Painter *painter, Row *row, uint32_t from, uint32_t to, char c, Style style) {
    for (uint32_t column = from; column < to; column++) row_put(painter, row, column, c, style);
}

void row_paint(Painter *painter, const Row *row, const char *label, Style label_style) {
    for (uint32_t at = 0; at < row->cells.len;) {
        uint32_t end = at + 1;
        while (end < row->cells.len && row->styles.data[end] == row->styles.data[at]) end++;
        paint_bytes(painter, row->styles.data[at], row->cells.data + at, end - at);
        at = end;
    }
    if (label != NULL && label[0] != '\0') {
        strbuf_putc(painter->out, ' ');
        paint(painter, label_style, label);
    }
    paint_newline(painter);
}
