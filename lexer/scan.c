/* The scanner's actions: words, punctuation, comments, and text that is no token at all. */
#include <string.h>

#include "lexer/steps.h"
#include "support/utf8.h"

Span scan_span(const Scanner *s, uint32_t start, uint32_t end) {
    return (Span){s->source->file, start, end};
}

bool scan_may_report(Scanner *s) { return s->errors++ < LIMIT_LEX_ERRORS; }

static void push_token(Scanner *s, Token token) {
    vec_push(s->scratch, &s->out->tokens, token);
}

void scan_token(Scanner *s, TokenKind kind) {
    push_token(s, (Token){.kind = kind, .span = scan_span(s, s->start, s->pos)});
}

void scan_newline(Scanner *s) {
    uint32_t at = s->start;
    push_token(s, (Token){.kind = TOK_NEWLINE, .span = scan_span(s, at, s->pos)});
}

/* A bare end of the line before, or the start of the file. */
bool scan_starts_line(const Scanner *s) {
    if (s->brackets > 0) return false;
    return s->out->tokens.len == 0 || vec_last(&s->out->tokens).kind == TOK_NEWLINE;
}

void scan_comment(Scanner *s) {
    bool own_line =
        s->out->tokens.len == 0 || vec_last(&s->out->tokens).kind == TOK_NEWLINE;
    Comment comment = {.span = scan_span(s, s->start, s->pos), .own_line = own_line};
    vec_push(s->cx->arena, &s->out->comments, comment);
}

void scan_foreign_comment(Scanner *s, uint32_t start, uint32_t end) {
    if (!scan_may_report(s)) return;
    const char *text = s->source->text + start;
    bool is_block = text[1] == '*';
    Span span = scan_span(s, start, end);
    Diag *d = diag_add(s->cx, K0151, span, "comments start with `#`, not with `%.2s`", text);
    if (is_block && memchr(text, '\n', end - start) != NULL) {
        diag_note(s->cx, d, "put a `#` before each line of the comment");
        return;
    }
    Fix *fix = diag_fix(s->cx, d, FIX_AUTOMATIC, "write `#`");
    fix_replace(s->cx, fix, scan_span(s, start, start + 2), "#");
    bool is_closed = is_block && end - start >= 4 && text[end - start - 1] == '/';
    if (is_closed) fix_replace(s->cx, fix, scan_span(s, end - 2, end), "");
    uint32_t next = end;
    while (next < s->source->length && strchr(" \t\r", s->source->text[next]) != NULL) next++;
    bool ends_line = next >= s->source->length || s->source->text[next] == '\n';
    if (is_block && !ends_line) fix->kind = FIX_SUGGESTED;
}

void scan_backslash(Scanner *s) {
    if (!scan_may_report(s)) return;
    Diag *d = diag_add(s->cx, K0130, scan_span(s, s->start, s->pos), "stray `\\`");
    diag_note(s->cx, d, "a `\\` joins two lines only as the very last character of its line; "
                        "inside brackets lines are joined without one");
}

/* --- Words --- */

typedef struct LookAlike {
    uint32_t code_point;
    const char *name, *ascii;
} LookAlike;

/* Characters that editors and web pages put in the place of plain ones. */
static const LookAlike look_alikes[] = {
    {0x00A0, "a no-break space", " "},      {0x00B2, "a superscript two", "**2"},
    {0x00B3, "a superscript three", "**3"}, {0x00D7, "a multiplication sign", "*"},
    {0x00F7, "a division sign", "/"},       {0x200B, "a zero-width space", ""},
    {0x2010, "a hyphen", "-"},              {0x2013, "an en dash", "-"},
    {0x2014, "an em dash", "-"},            {0x2018, "a curly quote", "'"},
    {0x2019, "a curly quote", "'"},         {0x201C, "a curly quote", "\""},
    {0x201D, "a curly quote", "\""},        {0x2026, "an ellipsis", ".."},
    {0x2190, "an arrow", "="},              {0x2192, "an arrow", "->"},
    {0x2212, "a minus sign", "-"},          {0x2215, "a division slash", "/"},
    {0x2217, "an asterisk operator", "*"},  {0x2260, "a not-equal sign", "!="},
    {0x2264, "a less-or-equal sign", "<="}, {0x2265, "a greater-or-equal sign", ">="},
    {0x3000, "a wide space", " "},          {0xFEFF, "a byte order mark", ""},
    {0xFF08, "a wide parenthesis", "("},    {0xFF09, "a wide parenthesis", ")"},
    {0xFF0C, "a wide comma", ","},          {0xFF1A, "a wide colon", ":"},
};

static const LookAlike *look_alike_find(uint32_t code_point) {
    for (size_t i = 0; i < ARRAY_LEN(look_alikes); i++) {
        if (look_alikes[i].code_point == code_point) return &look_alikes[i];
    }
    return NULL;
}

/* One character that can be part of no token: reported, and kept as an ERROR token, except where it
 * only stands for a blank. */
static void report_character(Scanner *s, uint32_t code_point, uint32_t start, uint32_t end) {
    const LookAlike *like = look_alike_find(code_point);
    bool is_blank = like != NULL && strspn(like->ascii, " ") == strlen(like->ascii);
    Span span = scan_span(s, start, end);
    if (!is_blank) push_token(s, (Token){.kind = TOK_ERROR, .span = span});
    if (!scan_may_report(s)) return;
    if (like != NULL) {
        Diag *d = diag_add(s->cx, K0120, span, "%s (U+%04X) is not part of the language",
                           like->name, code_point);
        Fix *fix = like->ascii[0] == '\0'
                       ? diag_fix(s->cx, d, FIX_AUTOMATIC, "remove it")
                       : diag_fix(s->cx, d, FIX_AUTOMATIC, "write `%s`", like->ascii);
        fix_replace(s->cx, fix, span, like->ascii);
    } else if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) {
        diag_add(s->cx, K0120, span, "a control character (U+%04X) is not part of the language",
                 code_point);
    } else {
        diag_add(s->cx, K0120, span, "`%.*s` (U+%04X) is not part of the language",
                 (int)(end - start), s->source->text + start, code_point);
    }
}

static void push_word(Scanner *s, uint32_t start, uint32_t end) {
    Name name = name_of(s->cx->names, s->source->text + start, end - start);
    Token token = {.kind = TOK_NAME, .span = scan_span(s, start, end), .name = name};
    for (TokenKind kind = TOK_FN; kind <= TOK_FALSE; kind++) {
        if (name_eq(s->keywords[kind], name)) token.kind = kind;
    }
    push_token(s, token);
}

/* Letters, digits, `_`, and any byte above ASCII: cuts them into names and characters that do not
 * belong in one. */
void scan_word(Scanner *s, const char *text, uint32_t length) {
    uint32_t at = 0, word = 0;
    bool in_word = false;
    while (at < length) {
        uint32_t code_point;
        uint32_t size = utf8_decode(text + at, length - at, &code_point, NULL);
        bool belongs = in_word ? char_continues_name(code_point) : char_starts_name(code_point);
        if (belongs && !in_word) word = at;
        if (!belongs && in_word) push_word(s, s->start + word, s->start + at);
        if (!belongs) report_character(s, code_point, s->start + at, s->start + at + size);
        in_word = belongs;
        at += size;
    }
    if (in_word) push_word(s, s->start + word, s->start + length);
}

void scan_unknown(Scanner *s) {
    report_character(s, (unsigned char)s->source->text[s->start], s->start, s->pos);
}

/* --- Punctuation --- */

typedef struct Punct {
    TokenKind kind;
    const char *spelling;
} Punct;

static const Punct puncts[] = {
#define PUNCT(kind, spelling) {TOK_##kind, spelling},
#include "lexer/tokens.def"
};

void scan_punct(Scanner *s, const char *text, uint32_t length) {
    for (size_t i = 0; i < ARRAY_LEN(puncts); i++) {
        const char *spelling = puncts[i].spelling;
        if (strncmp(spelling, text, length) != 0 || spelling[length] != '\0') continue;
        TokenKind kind = puncts[i].kind;
        if (kind == TOK_LPAREN || kind == TOK_LBRACKET) s->brackets++;
        if ((kind == TOK_RPAREN || kind == TOK_RBRACKET) && s->brackets > 0) s->brackets--;
        scan_token(s, kind);
        return;
    }
    KC_BUG("scanner.l cuts `%.*s`, which tokens.def does not list", (int)length, text);
}
