/* Source lines with underlines and labels.
 *
 * Each span becomes a mark. A mark within one line is underlined below it; the rightmost label stands
 * beside its underline, the others hang below on bars:
 *
 *     4 |     y = a + b
 *       |     -   ^ - a `Tensor[f32, m]`
 *       |     |   |
 *       |     |   these sizes differ
 *       |     declared here
 *
 * A mark over several lines gets a lane at the left, drawn from its first line to its last. */
#include "support/diag_text.h"

#include <string.h>

typedef struct Mark {
    LineCol start, end; /* columns from 1; `end` is just behind the last byte */
    const char *label;
    bool primary;
    bool tall;     /* covers several lines */
    uint32_t lane; /* of a tall mark */
} Mark;

typedef Vec(Mark) MarkVec;

enum { LANES = 6 };

typedef struct Snippet {
    Painter *painter;
    const Source *source;
    MarkVec marks;
    uint32_t lanes;           /* how many are in use */
    const Mark *open[LANES];  /* the tall mark being drawn in each lane */
    uint32_t line;            /* the line being shown */
    Window window;            /* onto that line */
} Snippet;

static Style mark_style(const Snippet *s, const Mark *mark) {
    return mark->primary ? s->painter->accent : STYLE_FRAME;
}

static char mark_char(const Mark *mark) { return mark->primary ? '^' : '-'; }

static Mark mark_of(const Source *source, Span span, const char *label, bool primary) {
    uint32_t start = span.start < source->length ? span.start : source->length;
    uint32_t end = span.end < source->length ? span.end : source->length;
    /* A newline at the end of a span belongs to the line that it ends. */
    while (end > start + 1 && source->text[end - 1] == '\n') end--;
    if (end <= start) end = start;
    Mark mark = {.start = source_line_col(source, start), .label = label, .primary = primary};
    mark.end = end == start ? mark.start : source_line_col(source, end - 1);
    mark.end.column++;
    mark.tall = mark.start.line != mark.end.line;
    return mark;
}

static uint32_t free_lane(const Snippet *s, uint32_t count, const Mark *wanted) {
    for (uint32_t lane = 0; lane < LANES; lane++) {
        bool taken = false;
        for (uint32_t i = 0; i < count; i++) {
            const Mark *mark = &s->marks.data[i];
            taken |= mark->tall && mark->lane == lane && mark->start.line <= wanted->end.line &&
                     wanted->start.line <= mark->end.line;
        }
        if (!taken) return lane;
    }
    return LANES;
}

/* Gives each tall mark a lane that no other uses on the same lines. Where lanes run out, a mark shrinks
 * to its first line. */
static void assign_lanes(Snippet *s) {
    for (uint32_t i = 0; i < s->marks.len; i++) {
        Mark *mark = &s->marks.data[i];
        if (!mark->tall) continue;
        uint32_t lane = free_lane(s, i, mark);
        if (lane == LANES) {
            uint32_t length;
            source_line(s->source, mark->start.line, &length);
            mark->end = (LineCol){mark->start.line, length + 1};
            mark->tall = false;
            continue;
        }
        mark->lane = lane;
        if (lane >= s->lanes) s->lanes = lane + 1;
    }
}

/* ---- Rows --------------------------------------------------------------------------------------- */

/* A lane takes two columns: its bar and a blank. */
static uint32_t text_column(const Snippet *s) { return 2 * s->lanes; }

static uint32_t column_of(const Snippet *s, uint32_t byte_column) {
    return text_column(s) + window_column(&s->window, byte_column - 1);
}

static void put_lanes(Snippet *s, Row *row) {
    for (uint32_t lane = 0; lane < s->lanes; lane++) {
        const Mark *mark = s->open[lane];
        if (mark != NULL) row_put(s->painter, row, 2 * lane, '|', mark_style(s, mark));
    }
}

static void underline(Snippet *s, Row *row, const Mark *mark) {
    uint32_t from = column_of(s, mark->start.column), to = column_of(s, mark->end.column);
    if (to <= from) to = from + 1;
    row_fill(s->painter, row, from, to, mark_char(mark), mark_style(s, mark));
}

typedef Vec(const Mark *) MarkRefs;

/* The short marks of the current line, rightmost first. */
static MarkRefs short_marks(const Snippet *s) {
    MarkRefs found = {0};
    for (uint32_t i = 0; i < s->marks.len; i++) {
        const Mark *mark = &s->marks.data[i];
        if (mark->tall || mark->start.line != s->line) continue;
        vec_push(s->painter->cx->arena, &found, mark);
        uint32_t at = found.len - 1;
        while (at > 0 && found.data[at - 1]->start.column < mark->start.column) {
            found.data[at] = found.data[at - 1];
            at--;
        }
        found.data[at] = mark;
    }
    return found;
}

static bool has_label(const Mark *mark) { return mark->label != NULL && mark->label[0] != '\0'; }

/* Whether the rightmost mark's label can stand beside its underline: nothing is drawn after it. */
static bool label_fits_beside(const MarkRefs *marks) {
    const Mark *last = marks->data[0];
    if (!has_label(last) || strchr(last->label, '\n') != NULL) return false;
    for (uint32_t i = 1; i < marks->len; i++) {
        if (marks->data[i]->end.column > last->end.column) return false;
        if (marks->data[i]->start.column == last->start.column && has_label(marks->data[i])) {
            return false;
        }
    }
    return true;
}

/* A row of bars for the labels still to come and, unless NULL, the label of `labelled` itself. */
static void paint_hanging_row(Snippet *s, const MarkRefs *marks, uint32_t first,
                              const Mark *labelled) {
    Row row = {0};
    put_lanes(s, &row);
    for (uint32_t i = marks->len; i-- > first;) {
        const Mark *mark = marks->data[i];
        bool above_label = labelled != NULL && mark->start.column >= labelled->start.column;
        if (!has_label(mark) || above_label) continue;
        uint32_t column = column_of(s, mark->start.column);
        row_put(s->painter, &row, column, '|', mark_style(s, mark));
    }
    paint_gutter(s->painter, 0, '|');
    if (labelled == NULL) {
        row_paint(s->painter, &row, NULL, STYLE_PLAIN);
        return;
    }
    /* row_paint puts one blank before a label: it takes the place of the last cell or, at column 0, of
     * the gutter's own blank. */
    uint32_t column = column_of(s, labelled->start.column);
    row_fill(s->painter, &row, row.cells.len, column, ' ', STYLE_PLAIN);
    if (column == 0) {
        s->painter->out->len--;
    } else {
        row.cells.len = column - 1;
    }
    row_paint(s->painter, &row, labelled->label, mark_style(s, labelled));
}

static void paint_short_marks(Snippet *s) {
    MarkRefs marks = short_marks(s);
    if (marks.len == 0) return;
    Row row = {0};
    put_lanes(s, &row);
    for (uint32_t i = 0; i < marks.len; i++) {
        if (!marks.data[i]->primary) underline(s, &row, marks.data[i]);
    }
    for (uint32_t i = 0; i < marks.len; i++) {
        if (marks.data[i]->primary) underline(s, &row, marks.data[i]);
    }
    bool beside = label_fits_beside(&marks);
    paint_gutter(s->painter, 0, '|');
    row_paint(s->painter, &row, beside ? marks.data[0]->label : NULL, mark_style(s, marks.data[0]));
    bool bars_done = false;
    for (uint32_t i = beside ? 1 : 0; i < marks.len; i++) {
        if (!has_label(marks.data[i])) continue;
        if (!bars_done) paint_hanging_row(s, &marks, i, NULL);
        bars_done = true;
        paint_hanging_row(s, &marks, i, marks.data[i]);
    }
}

/* ---- Marks over several lines ------------------------------------------------------------------- */

static bool starts_its_line(const Snippet *s, const Mark *mark) {
    for (uint32_t i = 0; i + 1 < mark->start.column && i < s->window.length; i++) {
        if (s->window.text[i] != ' ' && s->window.text[i] != '\t') return false;
    }
    return true;
}

/* The row that joins a lane to a column: "_______^" at the start, "|______^ label" at the end. */
static void paint_corner(Snippet *s, const Mark *mark, uint32_t byte_column, const char *label) {
    Row row = {0};
    Style style = mark_style(s, mark);
    uint32_t column = column_of(s, byte_column);
    row_fill(s->painter, &row, 2 * mark->lane + 1, column, '_', style);
    put_lanes(s, &row);
    row_put(s->painter, &row, column, mark_char(mark), style);
    paint_gutter(s->painter, 0, '|');
    row_paint(s->painter, &row, label, style);
}

static void paint_tall_starts(Snippet *s) {
    for (uint32_t i = 0; i < s->marks.len; i++) {
        const Mark *mark = &s->marks.data[i];
        if (!mark->tall || mark->start.line != s->line || s->open[mark->lane] == mark) continue;
        paint_corner(s, mark, mark->start.column, NULL);
        s->open[mark->lane] = mark;
    }
}

static void paint_tall_ends(Snippet *s) {
    for (uint32_t i = 0; i < s->marks.len; i++) {
        const Mark *mark = &s->marks.data[i];
        if (!mark->tall || mark->end.line != s->line) continue;
        paint_corner(s, mark, mark->end.column - 1, mark->label);
        s->open[mark->lane] = NULL;
    }
}

/* ---- Lines -------------------------------------------------------------------------------------- */

/* The lanes beside the source line itself; a tall mark that begins with the line's first word opens
 * here, with a slash. */
static void paint_source_line(Snippet *s) {
    Row row = {0};
    put_lanes(s, &row);
    for (uint32_t i = 0; i < s->marks.len; i++) {
        const Mark *mark = &s->marks.data[i];
        if (!mark->tall || mark->start.line != s->line || !starts_its_line(s, mark)) continue;
        row_put(s->painter, &row, 2 * mark->lane, '/', mark_style(s, mark));
        s->open[mark->lane] = mark;
    }
    paint_gutter(s->painter, s->line, '|');
    for (uint32_t column = 0; column < text_column(s); column++) {
        bool set = column < row.cells.len;
        paint_bytes(s->painter, set ? row.styles.data[column] : STYLE_PLAIN,
                    set ? &row.cells.data[column] : " ", 1);
    }
    window_show(&s->window, s->painter->out);
    paint_newline(s->painter);
}

static void choose_window(Snippet *s) {
    uint32_t length, first = UINT32_MAX;
    const char *text = source_line(s->source, s->line, &length);
    for (uint32_t i = 0; i < s->marks.len; i++) {
        const Mark *mark = &s->marks.data[i];
        if (mark->start.line == s->line && mark->start.column - 1 < first) {
            first = mark->start.column - 1;
        }
        if (mark->tall && mark->end.line == s->line && first == UINT32_MAX) {
            first = mark->end.column - 1;
        }
    }
    s->window = window_of(text, length, first == UINT32_MAX ? 0 : first);
}

static void paint_line(Snippet *s, uint32_t line) {
    s->line = line;
    choose_window(s);
    paint_source_line(s);
    paint_short_marks(s);
    paint_tall_starts(s);
    paint_tall_ends(s);
}

/* The next line after `line` on which a mark begins or ends; UINT32_MAX if none. */
static uint32_t next_marked_line(const Snippet *s, uint32_t line) {
    uint32_t next = UINT32_MAX;
    for (uint32_t i = 0; i < s->marks.len; i++) {
        const Mark *mark = &s->marks.data[i];
        if (mark->start.line > line && mark->start.line < next) next = mark->start.line;
        if (mark->end.line > line && mark->end.line < next) next = mark->end.line;
    }
    return next;
}

static void paint_lines(Snippet *s) {
    uint32_t line = 0;
    for (uint32_t next; (next = next_marked_line(s, line)) != UINT32_MAX; line = next) {
        if (line != 0 && next == line + 2) paint_line(s, line + 1);
        if (line != 0 && next > line + 2) {
            paint(s->painter, STYLE_FRAME, "...");
            Row row = {0};
            put_lanes(s, &row);
            strbuf_pad(s->painter->out, ' ', s->painter->gutter);
            row_paint(s->painter, &row, NULL, STYLE_PLAIN);
        }
        paint_line(s, next);
    }
}

static void add_marks_in(Snippet *s, const Diag *diag, uint32_t file) {
    Arena *arena = s->painter->cx->arena;
    if (diag->span.file == file) {
        vec_push(arena, &s->marks, mark_of(s->source, diag->span, diag->label, true));
    }
    for (uint32_t i = 0; i < diag->labels.len; i++) {
        const DiagLabel *label = &diag->labels.data[i];
        if (label->span.file != file) continue;
        vec_push(arena, &s->marks, mark_of(s->source, label->span, label->message, false));
    }
}

static void paint_file(Painter *painter, const Diag *diag, uint32_t file, const char *arrow) {
    Snippet s = {.painter = painter, .source = painter->cx->sources.files.data[file]};
    add_marks_in(&s, diag, file);
    assign_lanes(&s);
    paint_place(painter, arrow, s.source, s.marks.data[0].start);
    paint_gutter(painter, 0, '|');
    paint_newline(painter);
    paint_lines(&s);
}

static bool file_was_shown(const Diag *diag, uint32_t label) {
    uint32_t file = diag->labels.data[label].span.file;
    for (uint32_t i = 0; i < label; i++) {
        if (diag->labels.data[i].span.file == file) return true;
    }
    return file == diag->span.file;
}

void diag_paint_snippets(Painter *painter, const Diag *diag) {
    if (!span_is_none(diag->span)) paint_file(painter, diag, diag->span.file, "-->");
    for (uint32_t i = 0; i < diag->labels.len; i++) {
        uint32_t file = diag->labels.data[i].span.file;
        if (file != 0 && !file_was_shown(diag, i)) paint_file(painter, diag, file, ":::");
    }
}
