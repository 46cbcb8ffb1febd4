/* What the parts of the text renderer share: a painter that knows colours and the gutter of line
 * numbers, and a window onto one source line. Private to support/diag_*.c.
 *
 * A window shows at most some 200 bytes of a line, so that a line of ten megabytes costs a message no
 * more than a short one. Tabs become spaces, control characters become visible, and wide characters
 * count double, so that underlines stand where they should. */
#ifndef KC_SUPPORT_DIAG_TEXT_H
#define KC_SUPPORT_DIAG_TEXT_H

#include "support/context.h"

typedef enum Style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_ERROR,
    STYLE_WARNING,
    STYLE_NOTE,
    STYLE_HELP,
    STYLE_FRAME, /* line numbers, bars, further labels */
    STYLE_ADDED,
    STYLE_REMOVED
} Style;

typedef struct Painter {
    Context *cx;
    StrBuf *out;
    bool colour;
    uint32_t gutter; /* digits of the largest line number shown */
    Style accent;    /* of the primary span: follows the severity */
} Painter;

void paint(Painter *painter, Style style, const char *text);
void paint_bytes(Painter *painter, Style style, const char *text, size_t length);
/* The start of a row: the line number (0 for none) and a bar, one of `|`, `~`, `+`, `-`. */
void paint_gutter(Painter *painter, uint32_t line, char bar);
/* "  --> path:line:column", or with ":::" for a file other than the primary one. */
void paint_place(Painter *painter, const char *arrow, const Source *source, LineCol place);
/* Ends the row: trailing blanks go. */
void paint_newline(Painter *painter);

typedef struct Window {
    const char *text; /* the whole line */
    uint32_t length;
    uint32_t from, to; /* the bytes shown */
} Window;

/* Chooses what to show of a line so that byte `first` is visible. */
Window window_of(const char *text, uint32_t length, uint32_t first);
/* The display column, from 0, at which byte `offset` of the line stands; offsets outside the window
 * count as its edges. */
uint32_t window_column(const Window *window, uint32_t offset);
void window_show(const Window *window, StrBuf *out);

/* A row of underlines and bars: one ASCII character and style a column, then perhaps a label. */
typedef struct Row {
    Vec(char) cells;
    Vec(Style) styles;
} Row;

void row_put(Painter *painter, Row *row, uint32_t column, char c, Style style);
void row_fill(Painter *painter, Row *row, uint32_t from, uint32_t to, char c, Style style);
void row_paint(Painter *painter, const Row *row, const char *label, Style label_style);

/* The source lines with their underlines and labels. */
void diag_paint_snippets(Painter *painter, const Diag *diag);
/* "help: ..." and the lines as they would be after the edits. */
void diag_paint_fix(Painter *painter, const Diag *diag, const Fix *fix);
/* The greatest line number that the fix shows, so that the gutter fits. */
uint32_t diag_fix_last_line(const Context *cx, const Fix *fix);

#endif
