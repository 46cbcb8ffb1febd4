#include "support/source.h"

#include <string.h>

void sources_init(Sources *sources, Arena *arena) {
    *sources = (Sources){.arena = arena};
    vec_push(arena, &sources->files, NULL);
}

static void find_line_starts(Arena *arena, Source *source) {
    vec_push(arena, &source->line_starts, 0);
    const char *end = source->text + source->length;
    for (const char *at = source->text; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL) break;
        at = newline + 1;
        vec_push(arena, &source->line_starts, (uint32_t)(at - source->text));
    }
}

Source *sources_add(Sources *sources, const char *path, const char *text, uint32_t length) {
    Source *source = arena_new(sources->arena, Source);
    source->file = sources->files.len;
    source->path = arena_strndup(sources->arena, path, strlen(path));
    source->text = arena_strndup(sources->arena, text, length);
    source->length = length;
    find_line_starts(sources->arena, source);
    vec_push(sources->arena, &sources->files, source);
    return source;
}

const Source *source_of(const Sources *sources, Span span) {
    KC_CHECK(span.file < sources->files.len);
    return sources->files.data[span.file];
}

LineCol source_line_col(const Source *source, uint32_t offset) {
    uint32_t low = 0, high = source->line_starts.len; /* the line is in [low, high) */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts.data[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (LineCol){low + 1, offset - source->line_starts.data[low] + 1};
}

const char *source_line(const Source *source, uint32_t line, uint32_t *length) {
    if (line == 0 || line > source->line_starts.len) {
        *length = 0;
        return "";
    }
    uint32_t start = source->line_starts.data[line - 1];
    uint32_t end = line < source->line_starts.len ? source->line_starts.data[line] - 1
                                                  : source->length;
    if (end > start && source->text[end - 1] == '\r') end--;
    *length = end - start;
    return source->text + start;
}

Span span_join(Span a, Span b) {
    if (span_is_none(a)) return b;
    if (span_is_none(b) || a.file != b.file) return a;
    return (Span){a.file, a.start < b.start ? a.start : b.start, a.end > b.end ? a.end : b.end};
}

Span span_before(Span span) { return (Span){span.file, span.start, span.start}; }

Span span_after(Span span) { return (Span){span.file, span.end, span.end}; }
