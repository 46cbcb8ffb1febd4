/* The foreign filter's walk, and the tools that its habits share. */
#include "lexer/foreign.h"

#include <string.h>

/* --- Looking --- */

const Token *foreign_peek(const Foreign *f, int distance) {
    int64_t index = (int64_t)f->at + distance;
    if (index < 0) index = 0;
    if (index >= f->in->tokens.len) index = f->in->tokens.len - 1;
    return &f->in->tokens.data[index];
}

TokenKind foreign_kind(const Foreign *f, int distance) { return foreign_peek(f, distance)->kind; }

TokenKind foreign_before(const Foreign *f) {
    return f->out->tokens.len == 0 ? TOK_NEWLINE : vec_last(&f->out->tokens).kind;
}

bool foreign_at_statement(const Foreign *f) {
    TokenKind before = foreign_before(f);
    return before == TOK_NEWLINE || before == TOK_INDENT || before == TOK_DEDENT;
}

bool foreign_touches(const Foreign *f, int distance) {
    return foreign_peek(f, distance - 1)->span.end == foreign_peek(f, distance)->span.start;
}

bool foreign_is(const Foreign *f, int distance, const char *text) {
    const Token *token = foreign_peek(f, distance);
    return token->kind == TOK_NAME && strcmp(text_of(f->cx, token->name), text) == 0;
}

TokenKind foreign_line_end(const Foreign *f) {
    int distance = 0;
    while (foreign_kind(f, distance + 1) != TOK_NEWLINE && foreign_kind(f, distance) != TOK_END) {
        distance++;
    }
    return foreign_kind(f, distance);
}

int foreign_closer(const Foreign *f, int distance) {
    int depth = 0;
    for (int i = distance;; i++) {
        TokenKind kind = foreign_kind(f, i);
        if (kind == TOK_LPAREN || kind == TOK_LBRACKET) depth++;
        if (kind == TOK_RPAREN || kind == TOK_RBRACKET) depth--;
        if (kind == TOK_NEWLINE || kind == TOK_END) return distance;
        if (depth == 0) return i;
    }
}

Span foreign_span(const Foreign *f, int from, int to) {
    return span_join(foreign_peek(f, from)->span, foreign_peek(f, to)->span);
}

Span foreign_span_before(const Foreign *f, int from, int to) {
    return span_join(foreign_peek(f, from)->span, span_before(foreign_peek(f, to)->span));
}

const char *foreign_text(const Foreign *f, int from, int to) {
    Span span = foreign_span(f, from, to);
    return arena_strndup(f->cx->arena, f->source->text + span.start, span.end - span.start);
}

/* --- Giving out --- */

static void give(Foreign *f, Token token) {
    if (token.kind == TOK_INDENT) f->indents++;
    if (token.kind == TOK_DEDENT) f->indents--;
    if (token.kind == TOK_LPAREN || token.kind == TOK_LBRACKET) f->brackets++;
    if (token.kind == TOK_NEWLINE) f->brackets = 0;
    if ((token.kind == TOK_RPAREN || token.kind == TOK_RBRACKET) && f->brackets > 0) f->brackets--;
    vec_push(f->cx->arena, &f->out->tokens, token);
}

void foreign_keep(Foreign *f) {
    give(f, *foreign_peek(f, 0));
    f->at++;
}

void foreign_give(Foreign *f, TokenKind kind, Span span) {
    give(f, (Token){.kind = kind, .span = span});
}

void foreign_become(Foreign *f, TokenKind kind) {
    foreign_give(f, kind, foreign_peek(f, 0)->span);
    f->at++;
}

void foreign_skip(Foreign *f, int count) { f->at += (uint32_t)count; }

void foreign_swallow_line(Foreign *f) {
    Span place = span_before(foreign_peek(f, 0)->span);
    foreign_give(f, TOK_ERROR, place);
    foreign_give(f, TOK_ERROR, place);
    while (foreign_kind(f, 0) != TOK_NEWLINE && foreign_kind(f, 0) != TOK_END) {
        if (foreign_kind(f, 0) == TOK_LBRACE) vec_push(f->cx->arena, &f->braces, NULL);
        if (foreign_kind(f, 0) == TOK_RBRACE && f->braces.len > 0) (void)vec_pop(&f->braces);
        f->at++;
    }
}

/* --- Reporting --- */

Diag *foreign_report(Foreign *f, DiagCode code, Span span, const char *format, ...) {
    f->errors++;
    va_list args;
    va_start(args, format);
    char *message = arena_vprintf(f->cx->arena, format, args);
    va_end(args);
    return diag_add(f->cx, code, span, "%s", message);
}

Fix *foreign_fix(Foreign *f, Diag *d, FixKind kind, Span span, const char *text) {
    uint32_t start = 0, end = (uint32_t)strlen(text);
    while (text[start] == ' ') start++;
    while (end > start && text[end - 1] == ' ') end--;
    Fix *fix = end == start
                   ? diag_fix(f->cx, d, kind, "remove it")
                   : diag_fix(f->cx, d, kind, "write `%.*s`", (int)(end - start), text + start);
    fix_replace(f->cx, fix, span, text);
    return fix;
}

/* --- The walk --- */

static bool deal_with(Foreign *f) {
    if (f->result_at > 0 && f->at == f->result_at) {
        foreign_give(f, TOK_ARROW, f->result_type.span);
        give(f, f->result_type);
        f->result_at = 0;
    }
    TokenKind kind = foreign_kind(f, 0);
    if (kind == TOK_NAME) {
        return foreign_angle_brackets(f) || foreign_word(f) ||
               (foreign_at_statement(f) && foreign_declaration(f));
    }
    if (kind == TOK_IMPORT || kind == TOK_FROM) return foreign_import(f);
    if (kind == TOK_LET) return foreign_let(f);
    if (kind == TOK_FOR) return foreign_c_loop(f);
    if (kind == TOK_ELSE) return foreign_else_if(f);
    if (kind == TOK_ARROW) return foreign_result(f);
    return foreign_punct(f);
}

/* A file in another language altogether ends early. */
static void stop(Foreign *f) {
    Span end = span_before(foreign_peek(f, 0)->span);
    foreign_give(f, TOK_ERROR, end);
    foreign_give(f, TOK_NEWLINE, end);
    while (f->indents > 0) foreign_give(f, TOK_DEDENT, end);
    foreign_give(f, TOK_END, end);
}

void foreign_filter(Context *cx, const Source *source, const Tokens *laid, Tokens *out) {
    Foreign f = {.cx = cx, .source = source, .in = laid, .out = out};
    out->tokens.data = arena_array(cx->arena, Token, laid->tokens.len);
    out->tokens.cap = laid->tokens.len;
    while (f.at < laid->tokens.len) {
        if (f.errors > LIMIT_LEX_ERRORS) {
            stop(&f);
            return;
        }
        if (!deal_with(&f)) foreign_keep(&f);
    }
}
