/* Source files and places in them.
 *
 * A Span is a pair of byte offsets into one file. Lines and columns are worked out only when somebody
 * reads a message. */
#ifndef KC_SUPPORT_SOURCE_H
#define KC_SUPPORT_SOURCE_H

#include "support/vec.h"

typedef struct Span {
    uint32_t file;       /* index into Sources; 0 is "nowhere" */
    uint32_t start, end; /* byte offsets, end exclusive */
} Span;

#define NO_SPAN ((Span){0, 0, 0})

typedef struct Source {
    uint32_t file;    /* its index */
    const char *path; /* as the user wrote it */
    const char *text; /* NUL-terminated after `length` bytes; may hold NULs before */
    uint32_t length;
    Vec(uint32_t) line_starts; /* byte offset of each line's first byte */
} Source;

typedef struct Sources {
    Arena *arena;
    Vec(Source *) files; /* files.data[0] is NULL: "nowhere" */
} Sources;

/* A place for people: both count from 1, the column in bytes. */
typedef struct LineCol {
    uint32_t line, column;
} LineCol;

void sources_init(Sources *sources, Arena *arena);
/* Takes a copy of `text`. */
Source *sources_add(Sources *sources, const char *path, const char *text, uint32_t length);
/* NULL for "nowhere". */
const Source *source_of(const Sources *sources, Span span);
LineCol source_line_col(const Source *source, uint32_t offset);
/* The text of line `line` (from 1) without its newline. */
const char *source_line(const Source *source, uint32_t line, uint32_t *length);

static inline bool span_is_none(Span span) { return span.file == 0; }
/* From the start of `a` to the end of `b`; either may be NO_SPAN. */
Span span_join(Span a, Span b);
/* The empty span at the start, or at the end, of `span`: where a fix-it inserts. */
Span span_before(Span span);
Span span_after(Span span);

#endif
