/* The lexer's three steps in a row, names of token kinds, and the printed form of a stream. */
#include "lexer/steps.h"
#include "support/utf8.h"

static Span span_at(const Source *source, uint32_t start, uint32_t end) {
    return (Span){source->file, start, end};
}

static void report_encoding(Context *cx, const Source *source, uint32_t at) {
    unsigned byte = (unsigned char)source->text[at];
    Diag *d = diag_add(cx, K0002, span_at(source, at, at + 1), "byte 0x%02X is not valid UTF-8 here",
                       byte);
    diag_note(cx, d, "kc reads UTF-8; save the file in that encoding");
}

static bool check_line(Context *cx, const Source *source, uint32_t start, uint32_t end) {
    if (end - start <= LIMIT_LINE) return true;
    Diag *d = diag_add(cx, K0128, span_at(source, start, start), "this line has %u bytes",
                       end - start);
    diag_note(cx, d, "a line may have up to %d bytes", LIMIT_LINE);
    return false;
}

bool check_bytes(Context *cx, const Source *source) {
    uint32_t line_start = 0, at = 0;
    while (at < source->length) {
        char c = source->text[at];
        if (c == '\0') {
            diag_add(cx, K0127, span_at(source, at, at + 1), "a source file holds text, not NUL bytes");
            return false;
        }
        if (c == '\n') {
            if (!check_line(cx, source, line_start, at)) return false;
            line_start = at + 1;
        }
        uint32_t code_point;
        bool is_good;
        uint32_t size =
            utf8_decode(source->text + at, source->length - at, &code_point, &is_good);
        if (!is_good) {
            report_encoding(cx, source, at);
            return false;
        }
        at += size;
    }
    return check_line(cx, source, line_start, at);
}

Tokens *lex(Context *cx, const Source *source) {
    Tokens *out = arena_new(cx->arena, Tokens);
    if (!check_bytes(cx, source)) {
        Span end = span_at(source, source->length, source->length);
        vec_push(cx->arena, &out->tokens, ((Token){.kind = TOK_END, .span = end}));
        return out;
    }
    Arena *scratch = arena_create();
    Tokens raw = {0}, laid = {0};
    scan_source(cx, scratch, source, &raw);
    layout_filter(cx, scratch, source, &raw, &laid);
    foreign_filter(cx, source, &laid, out);
    arena_destroy(scratch);
    out->comments.data = raw.comments.data;
    out->comments.len = raw.comments.len;
    out->comments.cap = raw.comments.cap;
    return out;
}

static const struct {
    const char *name, *spelling;
} kinds[] = {
#define TOKEN(kind, spelling) {#kind, spelling},
#define KEYWORD(kind, spelling) {#kind, spelling},
#define PUNCT(kind, spelling) {#kind, spelling},
#include "lexer/tokens.def"
};

const char *token_kind_name(TokenKind kind) { return kinds[kind].name; }
const char *token_kind_spelling(TokenKind kind) { return kinds[kind].spelling; }

static const unsigned char token_traits[TOK_COUNT] = {
    [TOK_NAME] = STARTS_OPERAND | ENDS_OPERAND,
    [TOK_INT] = STARTS_OPERAND | ENDS_OPERAND,
    [TOK_FLOAT] = STARTS_OPERAND | ENDS_OPERAND,
    [TOK_STRING] = STARTS_OPERAND | ENDS_OPERAND,
    [TOK_BYTES] = STARTS_OPERAND | ENDS_OPERAND,
    [TOK_ERROR] = STARTS_OPERAND | ENDS_OPERAND,
    [TOK_TRUE] = STARTS_OPERAND | ENDS_OPERAND,
    [TOK_FALSE] = STARTS_OPERAND | ENDS_OPERAND,
    [TOK_LPAREN] = STARTS_OPERAND,
    [TOK_LBRACKET] = STARTS_OPERAND,
    [TOK_MINUS] = STARTS_OPERAND,
    [TOK_PLUS] = STARTS_OPERAND,
    [TOK_TILDE] = STARTS_OPERAND,
    [TOK_SPAWN] = STARTS_OPERAND,
    [TOK_BANG] = STARTS_OPERAND,
    [TOK_PLUSPLUS] = STARTS_OPERAND,
    [TOK_MINUSMINUS] = STARTS_OPERAND,
    [TOK_RPAREN] = ENDS_OPERAND,
    [TOK_RBRACKET] = ENDS_OPERAND,
    [TOK_TRANSFER] = ENDS_OPERAND,
    [TOK_QUESTION] = ENDS_OPERAND,
    [TOK_FN] = ALWAYS_STATEMENT,
    [TOK_DEF] = ALWAYS_STATEMENT,
    [TOK_STRUCT] = ALWAYS_STATEMENT,
    [TOK_TRAIT] = ALWAYS_STATEMENT,
    [TOK_EXTERN] = ALWAYS_STATEMENT,
    [TOK_IMPORT] = ALWAYS_STATEMENT,
    [TOK_FROM] = ALWAYS_STATEMENT,
    [TOK_LET] = ALWAYS_STATEMENT,
    [TOK_VAR] = ALWAYS_STATEMENT,
    [TOK_ALIAS] = ALWAYS_STATEMENT,
    [TOK_WHILE] = ALWAYS_STATEMENT,
    [TOK_BREAK] = ALWAYS_STATEMENT,
    [TOK_CONTINUE] = ALWAYS_STATEMENT,
    [TOK_RETURN] = ALWAYS_STATEMENT,
    [TOK_PASS] = ALWAYS_STATEMENT,
    [TOK_RAISE] = ALWAYS_STATEMENT,
    [TOK_TRY] = ALWAYS_STATEMENT,
    [TOK_EXCEPT] = ALWAYS_STATEMENT,
    [TOK_ASSERT] = ALWAYS_STATEMENT,
    [TOK_DEBUG_ASSERT] = ALWAYS_STATEMENT,
    [TOK_UNSAFE] = ALWAYS_STATEMENT,
    [TOK_IF] = OFTEN_STATEMENT,
    [TOK_ELIF] = OFTEN_STATEMENT,
    [TOK_FOR] = OFTEN_STATEMENT,
    [TOK_SIMD_LOOP] = OFTEN_STATEMENT,
    [TOK_PARALLEL] = OFTEN_STATEMENT,
};

bool token_is(TokenKind kind, TokenTraits traits) { return (token_traits[kind] & traits) != 0; }

static void print_string(const char *bytes, uint32_t length, StrBuf *out) {
    strbuf_putc(out, '"');
    for (uint32_t i = 0; i < length; i++) strbuf_put_escaped(out, (unsigned char)bytes[i]);
    strbuf_putc(out, '"');
}

static void print_token(const Context *cx, const Token *token, StrBuf *out) {
    const Source *source = source_of(&cx->sources, token->span);
    LineCol place = source_line_col(source, token->span.start);
    strbuf_printf(out, "%u:%u %s", place.line, place.column, token_kind_name(token->kind));
    if (token->kind == TOK_NAME) {
        strbuf_printf(out, " %s", text_of(cx, token->name));
    } else if (token->kind == TOK_INT && token->integer.too_large) {
        strbuf_puts(out, " too large");
    } else if (token->kind == TOK_INT) {
        strbuf_printf(out, " %llu", (unsigned long long)token->integer.value);
    } else if (token->kind == TOK_FLOAT) {
        strbuf_printf(out, " %s", text_of(cx, token->real.text));
    } else if (token->kind == TOK_STRING || token->kind == TOK_BYTES) {
        strbuf_putc(out, ' ');
        print_string(token->string.bytes, token->string.length, out);
    }
    strbuf_putc(out, '\n');
}

void tokens_print(const Context *cx, const Tokens *tokens, StrBuf *out) {
    for (uint32_t i = 0; i < tokens->tokens.len; i++) {
        print_token(cx, &tokens->tokens.data[i], out);
    }
}
