/* The parser's way through the tokens: words that are keywords in one place only, and the rule that
 * one logical line gets one message. */
#include "parser/cursor.h"

#include <stdlib.h>

static const Token *token_at(const Parser *p, uint32_t index) {
    KC_CHECK(index < p->tokens->tokens.len);
    return &p->tokens->tokens.data[index];
}

const Token *parser_next(Parser *p) {
    if (p->at_newline) {
        p->at_newline = false;
        return &p->newline;
    }
    if (p->at >= p->tokens->tokens.len || p->errors > LIMIT_SYNTAX_ERRORS) return NULL;
    return token_at(p, p->at++);
}

const Token *parser_token(const Parser *p, int distance) {
    int64_t index = (int64_t)p->at - 1 + distance;
    if (index < 0) index = 0;
    if (index >= p->tokens->tokens.len) index = p->tokens->tokens.len - 1;
    return token_at(p, (uint32_t)index);
}

/* The order of Parser.words. */
enum { WORD_READ, WORD_MUT, WORD_ESCAPING, WORD_OF, WORD_PURE, WORD_GRAIN, WORD_COUNT };
static const char *const words[WORD_COUNT] = {"read", "mut", "escaping", "of", "pure", "grain"};

static void intern_words(Parser *p) {
    for (int i = 0; i < WORD_COUNT; i++) p->words[i] = name_of_str(p->cx->names, words[i]);
}

static bool is_convention(TokenKind kind) {
    return kind == TOK_BORROWED || kind == TOK_INOUT || kind == TOK_OWNED;
}

bool parser_is_word(const Parser *p) {
    Name name = parser_token(p, 0)->name;
    TokenKind next = parser_token(p, 1)->kind;
    int word = 0;
    while (word < WORD_COUNT && !name_eq(p->words[word], name)) word++;
    switch (word) {
    case WORD_READ: case WORD_MUT: case WORD_ESCAPING:
        return next == TOK_NAME || is_convention(next);
    case WORD_OF: return next == TOK_NAME;
    case WORD_PURE: return next == TOK_FN || next == TOK_DEF;
    case WORD_GRAIN: {
        TokenKind before = p->at > 1 ? parser_token(p, -1)->kind : TOK_NEWLINE;
        return next == TOK_LPAREN && (before == TOK_NAME || before == TOK_INT ||
                                      before == TOK_RPAREN || before == TOK_RBRACKET);
    }
    default: return false;
    }
}

uint32_t parser_index(const Parser *p, uint32_t offset) {
    uint32_t low = 0, high = p->tokens->tokens.len - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (token_at(p, middle)->span.start < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t parser_line_start(const Parser *p, uint32_t index) {
    while (index > 0) {
        TokenKind before = token_at(p, index - 1)->kind;
        if (before == TOK_NEWLINE || before == TOK_INDENT || before == TOK_DEDENT) break;
        index--;
    }
    return index;
}

uint32_t parser_line_end(const Parser *p, uint32_t index) {
    while (index + 1 < p->tokens->tokens.len && token_at(p, index)->kind != TOK_NEWLINE) index++;
    return index;
}

void parser_unread(Parser *p) {
    TokenKind kind = parser_token(p, 0)->kind;
    if (kind != TOK_DEDENT && kind != TOK_INDENT && kind != TOK_END) return;
    p->at--;
    p->at_newline = true;
    p->newline = (Token){.kind = TOK_NEWLINE, .span = span_before(token_at(p, p->at)->span)};
}

/* The lexer leaves ERROR tokens where it has said all there is to say. */
static bool has_error_token(const Parser *p, uint32_t first, uint32_t last) {
    for (uint32_t i = first; i <= last; i++) {
        if (token_at(p, i)->kind == TOK_ERROR) return true;
    }
    return false;
}

static bool has_report_between(const Parser *p, uint32_t start, uint32_t end) {
    for (uint32_t i = p->reported.len; i > 0; i--) {
        uint32_t at = p->reported.data[i - 1];
        if (at >= start && at <= end) return true;
    }
    return false;
}

Diag *parser_report(Parser *p, DiagCode code, Span span, const char *format, ...) {
    if (p->errors > LIMIT_SYNTAX_ERRORS) return NULL;
    uint32_t index = parser_index(p, span.start);
    if (index > 0 && token_at(p, index)->span.start > span.start) index--;
    if (index > 0 && token_at(p, index)->kind == TOK_NEWLINE) index--;
    uint32_t first = parser_line_start(p, index), last = parser_line_end(p, index);
    uint32_t start = token_at(p, first)->span.start, end = token_at(p, last)->span.end;
    if (has_error_token(p, first, last) || has_report_between(p, start, end)) return NULL;
    if (p->errors++ >= LIMIT_SYNTAX_ERRORS) return NULL;
    vec_push(p->arena, &p->reported, span.start);
    va_list args;
    va_start(args, format);
    char *message = arena_vprintf(p->arena, format, args);
    va_end(args);
    return diag_add(p->cx, code, span, "%s", message);
}

int grammar_parse(Parser *p);

Ast *parse(Context *cx, AstIds *ids, const Source *source, const Tokens *tokens) {
    Parser p = {.cx = cx, .arena = cx->arena, .ids = ids, .source = source, .tokens = tokens};
    intern_words(&p);
    for (uint32_t i = 0; i < cx->diags.all.len; i++) {
        const Diag *diag = cx->diags.all.data[i];
        if (diag->span.file == source->file) vec_push(p.arena, &p.reported, diag->span.start);
    }
    p.ast = arena_new(cx->arena, Ast);
    p.ast->file = source->file;
    if (ids->exprs == 0) ids->exprs = 1;
    if (ids->stmts == 0) ids->stmts = 1;
    grammar_parse(&p);
    return p.ast;
}
