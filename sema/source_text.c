/* The user's own text, for headers and messages. */
#include <string.h>

#include "sema/declare.h"

/* Copies a string literal whole: spaces and `#` inside it stay. Returns the position behind it. */
static const char *copy_string(const char *at, const char *end, StrBuf *out) {
    char quote = *at;
    strbuf_putc(out, *at++);
    while (at < end && *at != quote && *at != '\n') {
        if (*at == '\\' && at + 1 < end) strbuf_putc(out, *at++);
        strbuf_putc(out, *at++);
    }
    if (at < end && *at == quote) strbuf_putc(out, *at++);
    return at;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\';
}

/* Whether a space that stood where lines were joined is to go: behind and before brackets. */
static bool hugs(const StrBuf *out, char next) {
    char last = out->len > 0 ? out->data[out->len - 1] : '(';
    return last == '(' || last == '[' || next == ')' || next == ']' || next == ',';
}

const char *source_line_of(Checker *c, Span span) {
    const Source *source = source_of(&c->cx->sources, span);
    if (source == NULL) return "";
    const char *at = source->text + span.start, *end = source->text + span.end;
    StrBuf out = {0};
    while (at < end) {
        if (*at == '#') {
            while (at < end && *at != '\n') at++;
        } else if (*at == '"' || *at == '\'') {
            at = copy_string(at, end, &out);
        } else if (is_blank(*at)) {
            while (at < end && is_blank(*at)) at++;
            if (at < end && *at != '#' && !hugs(&out, *at)) strbuf_putc(&out, ' ');
        } else {
            if (*at == ')' && out.len > 0 && out.data[out.len - 1] == ',') out.len--;
            strbuf_putc(&out, *at++);
        }
    }
    const char *line = arena_strndup(c->cx->arena, strbuf_text(&out), out.len);
    strbuf_free(&out);
    return line;
}

/* The columns by which all lines but the first are indented. */
static size_t common_indent(const char *text) {
    size_t least = SIZE_MAX;
    for (const char *line = strchr(text, '\n'); line != NULL; line = strchr(line, '\n')) {
        line++;
        size_t indent = strspn(line, " \t");
        if (line[indent] != '\n' && line[indent] != '\0' && indent < least) least = indent;
    }
    return least == SIZE_MAX ? 0 : least;
}

const char *doc_text(Checker *c, const Expr *docstring) {
    if (docstring == NULL || docstring->kind != EXPR_STRING) return NULL;
    const char *text =
        arena_strndup(c->cx->arena, docstring->string.bytes, docstring->string.length);
    text += strspn(text, " \t\n\r");
    size_t indent = common_indent(text);
    StrBuf out = {0};
    for (const char *at = text; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        strbuf_add(&out, at, length);
        at += length;
        if (*at == '\0') break;
        strbuf_putc(&out, *at++);
        size_t blank = strspn(at, " \t");
        at += blank < indent ? blank : indent;
    }
    while (out.len > 0 && is_blank(out.data[out.len - 1])) out.len--;
    const char *doc = arena_strndup(c->cx->arena, strbuf_text(&out), out.len);
    strbuf_free(&out);
    return doc;
}

Span span_head(Checker *c, Span span) {
    const Source *source = source_of(&c->cx->sources, span);
    if (source == NULL) return span;
    const char *text = source->text + span.start;
    uint32_t length = 0;
    while (span.start + length < span.end && text[length] != '\n' && text[length] != '#') length++;
    while (length > 1 && (is_blank(text[length - 1]) || text[length - 1] == ':')) length--;
    return (Span){span.file, span.start, span.start + length};
}
