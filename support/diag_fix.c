/* Fix-its: shown as the lines they would give, and applied. */
#include "support/diag_text.h"

#include <string.h>

enum { SHOWN_LINES = 8 };

typedef struct Change {
    uint32_t start, end; /* bytes of the new text that an edit wrote */
    bool inserted;       /* it replaced nothing */
} Change;

/* A run of lines that some edits touch, before and after. */
typedef struct Hunk {
    const Source *source;
    uint32_t first, last; /* old lines */
    StrBuf text;          /* the new lines, each with its newline but the last */
    Vec(Change) changes;
    bool only_deletes;
} Hunk;

typedef Vec(FixEdit) EditVec;

static void insert_sorted(Arena *arena, EditVec *edits, FixEdit edit) {
    vec_push(arena, edits, edit);
    uint32_t at = edits->len - 1;
    while (at > 0 && edits->data[at - 1].span.start > edit.span.start) {
        edits->data[at] = edits->data[at - 1];
        at--;
    }
    edits->data[at] = edit;
}

static EditVec sorted_edits(Context *cx, const Fix *fix, uint32_t file) {
    EditVec sorted = {0};
    for (uint32_t i = 0; i < fix->edits.len; i++) {
        if (fix->edits.data[i].span.file == file) {
            insert_sorted(cx->arena, &sorted, fix->edits.data[i]);
        }
    }
    return sorted;
}

static uint32_t line_of(const Source *source, uint32_t offset) {
    return source_line_col(source, offset).line;
}

static uint32_t line_end(const Source *source, uint32_t line) {
    uint32_t length;
    const char *text = source_line(source, line, &length);
    return (uint32_t)(text - source->text) + length;
}

/* The last old line that an edit touches. One that replaces whole lines ends where the next begins, but
 * leaves that one alone. */
static uint32_t last_line_of(const Source *source, Span span) {
    LineCol start = source_line_col(source, span.start), end = source_line_col(source, span.end);
    bool whole_lines = end.line > start.line && start.column == 1 && end.column == 1;
    return whole_lines ? end.line - 1 : end.line;
}

/* Takes the edits from `*at` on that share lines with one another, and applies them. */
static Hunk next_hunk(Context *cx, const Source *source, const EditVec *edits, uint32_t *at) {
    const Span *span = &edits->data[*at].span;
    Hunk hunk = {.source = source, .only_deletes = true};
    hunk.first = line_of(source, span->start);
    hunk.last = last_line_of(source, *span);
    uint32_t done = source->line_starts.data[hunk.first - 1];
    for (; *at < edits->len; ++*at) {
        const FixEdit *edit = &edits->data[*at];
        if (line_of(source, edit->span.start) > hunk.last) break;
        uint32_t last = last_line_of(source, edit->span);
        if (last > hunk.last) hunk.last = last;
        strbuf_add(&hunk.text, source->text + done, edit->span.start - done);
        uint32_t start = (uint32_t)hunk.text.len;
        strbuf_puts(&hunk.text, edit->text);
        Change change = {start, (uint32_t)hunk.text.len, edit->span.start == edit->span.end};
        vec_push(cx->arena, &hunk.changes, change);
        if (change.end > change.start) hunk.only_deletes = false;
        done = edit->span.end;
    }
    uint32_t end = line_end(source, hunk.last);
    if (end > done) strbuf_add(&hunk.text, source->text + done, end - done);
    if (done > end && hunk.text.len > 0 && hunk.text.data[hunk.text.len - 1] == '\n') hunk.text.len--;
    return hunk;
}

static void paint_plain_line(Painter *painter, uint32_t line, char bar, const Window *window) {
    paint_gutter(painter, line, bar);
    StrBuf text = {0};
    window_show(window, &text);
    Style style = bar == '+' ? STYLE_ADDED : bar == '-' ? STYLE_REMOVED : STYLE_PLAIN;
    paint(painter, style, strbuf_text(&text));
    strbuf_free(&text);
    paint_newline(painter);
}

/* What the edits wrote into the new line at [start, end): nothing, part of it, or all of it. */
static char bar_of_line(const Hunk *hunk, uint32_t start, uint32_t end) {
    char bar = '|';
    for (uint32_t i = 0; i < hunk->changes.len; i++) {
        const Change *change = &hunk->changes.data[i];
        if (change->inserted && change->start <= start && change->end > end) return '+';
        bool touches = change->start <= end && change->end >= start;
        bool only_at_start = change->end == start && change->start < start;
        if (touches && !only_at_start) bar = '~';
    }
    return bar;
}

/* Below a changed line: `~` under what was replaced, `+` under what was inserted. */
static void paint_markers(Painter *painter, const Hunk *hunk, uint32_t start, uint32_t end,
                          const Window *window) {
    Row row = {0};
    for (uint32_t i = 0; i < hunk->changes.len; i++) {
        const Change *change = &hunk->changes.data[i];
        uint32_t from = change->start < start ? start : change->start;
        uint32_t to = change->end > end ? end : change->end;
        if (from >= to) continue;
        row_fill(painter, &row, window_column(window, from - start),
                 window_column(window, to - start), change->inserted ? '+' : '~', STYLE_ADDED);
    }
    if (row.cells.len == 0) return;
    paint_gutter(painter, 0, '|');
    row_paint(painter, &row, NULL, STYLE_PLAIN);
}

static uint32_t first_change_in(const Hunk *hunk, uint32_t start, uint32_t end) {
    for (uint32_t i = 0; i < hunk->changes.len; i++) {
        const Change *change = &hunk->changes.data[i];
        if (change->end >= start && change->start <= end) {
            return change->start > start ? change->start - start : 0;
        }
    }
    return 0;
}

static void paint_new_lines(Painter *painter, const Hunk *hunk) {
    const char *text = strbuf_text(&hunk->text);
    uint32_t length = (uint32_t)hunk->text.len, start = 0;
    for (uint32_t i = 0;; i++) {
        if (i == SHOWN_LINES) {
            paint(painter, STYLE_FRAME, "...\n");
            return;
        }
        const char *newline = memchr(text + start, '\n', length - start);
        uint32_t end = newline == NULL ? length : (uint32_t)(newline - text);
        uint32_t focus = first_change_in(hunk, start, end);
        Window window = window_of(text + start, end - start, focus);
        char bar = hunk->only_deletes ? '+' : bar_of_line(hunk, start, end);
        paint_plain_line(painter, hunk->first + i, bar, &window);
        if (bar == '~') paint_markers(painter, hunk, start, end, &window);
        if (newline == NULL) return;
        start = end + 1;
    }
}

static void paint_old_lines(Painter *painter, const Hunk *hunk) {
    for (uint32_t line = hunk->first; line <= hunk->last; line++) {
        if (line - hunk->first == SHOWN_LINES) return;
        uint32_t length;
        const char *text = source_line(hunk->source, line, &length);
        Window window = window_of(text, length, first_change_in(hunk, 0, length));
        paint_plain_line(painter, line, '-', &window);
    }
}

static void paint_hunk(Painter *painter, const Hunk *hunk) {
    if (!hunk->only_deletes) {
        paint_new_lines(painter, hunk);
        return;
    }
    /* Whole lines removed leave one empty rest, which is not worth a row. */
    paint_old_lines(painter, hunk);
    if (hunk->text.len > 0) paint_new_lines(painter, hunk);
}

static void paint_fix_in(Painter *painter, const Diag *diag, const Fix *fix, uint32_t file) {
    const Source *source = painter->cx->sources.files.data[file];
    EditVec edits = sorted_edits(painter->cx, fix, file);
    if (file != diag->span.file) {
        paint_place(painter, "-->", source, source_line_col(source, edits.data[0].span.start));
    }
    paint_gutter(painter, 0, '|');
    paint_newline(painter);
    uint32_t shown_to = 0;
    for (uint32_t at = 0; at < edits.len;) {
        Hunk hunk = next_hunk(painter->cx, source, &edits, &at);
        if (shown_to != 0 && hunk.first > shown_to + 1) paint(painter, STYLE_FRAME, "...\n");
        paint_hunk(painter, &hunk);
        shown_to = hunk.last;
        strbuf_free(&hunk.text);
    }
}

static bool file_was_shown(const Fix *fix, uint32_t edit) {
    for (uint32_t i = 0; i < edit; i++) {
        if (fix->edits.data[i].span.file == fix->edits.data[edit].span.file) return true;
    }
    return false;
}

void diag_paint_fix(Painter *painter, const Diag *diag, const Fix *fix) {
    paint(painter, STYLE_HELP, "help");
    strbuf_printf(painter->out, ": %s\n", fix->message);
    for (uint32_t i = 0; i < fix->edits.len; i++) {
        Span span = fix->edits.data[i].span;
        if (!span_is_none(span) && !file_was_shown(fix, i)) {
            paint_fix_in(painter, diag, fix, span.file);
        }
    }
}

uint32_t diag_fix_last_line(const Context *cx, const Fix *fix) {
    uint32_t last = 0;
    for (uint32_t i = 0; i < fix->edits.len; i++) {
        const Source *source = source_of(&cx->sources, fix->edits.data[i].span);
        if (source == NULL) continue;
        uint32_t line = line_of(source, fix->edits.data[i].span.end);
        for (const char *at = fix->edits.data[i].text; (at = strchr(at, '\n')) != NULL; at++) line++;
        if (line > last) last = line;
    }
    return last;
}

/* ---- Applying ----------------------------------------------------------------------------------- */

/* Insertions at one and the same place overlap too: nothing says which comes first. */
static bool overlaps(Span a, Span b) {
    return a.start < b.end ? b.start < a.end || a.start == b.start : a.start == b.start;
}

static bool clashes(const EditVec *accepted, const Fix *fix) {
    for (uint32_t i = 0; i < fix->edits.len; i++) {
        Span span = fix->edits.data[i].span;
        for (uint32_t j = accepted->len; j-- > 0;) {
            if (overlaps(accepted->data[j].span, span)) return true;
        }
    }
    return false;
}

/* The first automatic fix of a diagnostic that lies in `file` alone; the others are alternatives. */
static const Fix *automatic_fix(const Diag *diag, const Source *source) {
    for (uint32_t i = 0; i < diag->fixes.len; i++) {
        const Fix *fix = diag->fixes.data[i];
        bool fits = fix->kind == FIX_AUTOMATIC && fix->edits.len > 0;
        for (uint32_t j = 0; fits && j < fix->edits.len; j++) {
            Span span = fix->edits.data[j].span;
            fits = span.file == source->file && span.end <= source->length &&
                   span.start <= span.end;
        }
        if (fits) return fix;
    }
    return NULL;
}

uint32_t diags_apply_fixes(Context *cx, uint32_t file, StrBuf *out) {
    diags_sort(cx);
    const Source *source = cx->sources.files.data[file];
    EditVec accepted = {0};
    uint32_t applied = 0;
    for (uint32_t i = 0; i < cx->diags.all.len; i++) {
        const Fix *fix = automatic_fix(cx->diags.all.data[i], source);
        if (fix == NULL || clashes(&accepted, fix)) continue;
        for (uint32_t j = 0; j < fix->edits.len; j++) {
            insert_sorted(cx->arena, &accepted, fix->edits.data[j]);
        }
        applied++;
    }
    uint32_t done = 0;
    for (uint32_t i = 0; i < accepted.len; i++) {
        const FixEdit *edit = &accepted.data[i];
        strbuf_add(out, source->text + done, edit->span.start - done);
        strbuf_puts(out, edit->text);
        done = edit->span.end;
    }
    strbuf_add(out, source->text + done, source->length - done);
    return applied;
}
