/* Habits of punctuation: braces, semicolons, `&&`, `++` and their kin. */
#include "lexer/foreign.h"

/* --- Braces --- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* What goes with a brace: the whole line, if it is alone there; else the blanks behind it at the start
 * of a line, and those before it elsewhere. */
static Span with_blanks(const Foreign *f, Span brace) {
    const char *text = f->source->text;
    Span before = brace, behind = brace;
    while (before.start > 0 && is_blank(text[before.start - 1])) before.start--;
    while (is_blank(text[behind.end])) behind.end++;
    bool starts_line = before.start == 0 || text[before.start - 1] == '\n';
    if (!starts_line) return before;
    if (text[behind.end] != '\n') return behind;
    return (Span){brace.file, before.start, behind.end + 1};
}

static bool open_dictionary(Foreign *f) {
    int closer = 0, depth = 0;
    do {
        if (foreign_kind(f, closer) == TOK_LBRACE) depth++;
        if (foreign_kind(f, closer) == TOK_RBRACE) depth--;
        closer++;
    } while (depth > 0 && foreign_kind(f, closer) != TOK_NEWLINE && foreign_kind(f, closer) != TOK_END);
    Span span = foreign_span(f, 0, closer - 1);
    Diag *d = foreign_report(f, K0141, span, "there are no dictionaries and no sets");
    diag_note(f->cx, d, "values with names are the fields of a `struct`; numbered values are the "
                        "elements of a `Tensor`");
    foreign_give(f, TOK_ERROR, span);
    foreign_skip(f, closer);
    return true;
}

/* A brace after `=` or inside brackets was laid out as a value. */
static bool is_value(const Foreign *f) {
    TokenKind before = foreign_before(f);
    return !token_is(before, ENDS_OPERAND) && before != TOK_COLON && before != TOK_ELSE &&
           before != TOK_TRY && before != TOK_UNSAFE && before != TOK_PARALLEL &&
           before != TOK_RAISES && !foreign_at_statement(f);
}

static bool open_brace(Foreign *f) {
    if (is_value(f)) return open_dictionary(f);
    bool own_line = foreign_before(f) == TOK_NEWLINE && f->out->tokens.len > 1;
    if (own_line) (void)vec_pop(&f->out->tokens);
    Span brace = foreign_peek(f, 0)->span, replaced = brace;
    if (f->at > 0) replaced.start = foreign_peek(f, own_line ? -2 : -1)->span.end;
    bool has_colon = foreign_before(f) == TOK_COLON;
    Diag *d = foreign_report(f, K0140, brace, "blocks are indented, not put in braces");
    Fix *fix = diag_fix(f->cx, d, FIX_AUTOMATIC, "write `:` and leave out the `}`");
    bool is_empty = foreign_kind(f, 1) == TOK_RBRACE;
    bool needs_blank = foreign_kind(f, 1) != TOK_NEWLINE && foreign_touches(f, 1);
    const char *text = is_empty ? ": pass" : has_colon ? "" : needs_blank ? ": " : ":";
    fix_replace(f->cx, fix, replaced, text);
    vec_push(f->cx->arena, &f->braces, fix);
    if (!has_colon) foreign_give(f, TOK_COLON, brace);
    foreign_skip(f, 1);
    if (foreign_kind(f, 0) == TOK_RBRACE) foreign_give(f, TOK_PASS, foreign_peek(f, 0)->span);
    return true;
}

static bool close_brace(Foreign *f) {
    Span brace = foreign_peek(f, 0)->span;
    bool starts_line = foreign_at_statement(f);
    if (f->braces.len == 0) {
        Diag *d = foreign_report(f, K0140, brace, "blocks are indented, not put in braces");
        foreign_fix(f, d, FIX_AUTOMATIC, with_blanks(f, brace), "");
    } else {
        Fix *fix = vec_pop(&f->braces);
        if (fix != NULL) fix_replace(f->cx, fix, with_blanks(f, brace), "");
    }
    foreign_skip(f, 1);
    if (foreign_kind(f, 0) == TOK_SEMICOLON) foreign_skip(f, 1);
    if (starts_line && foreign_kind(f, 0) == TOK_NEWLINE) foreign_skip(f, 1);
    if (!starts_line && foreign_kind(f, 0) != TOK_NEWLINE) foreign_give(f, TOK_NEWLINE, brace);
    return true;
}

/* Inside brackets: Rust's `[i32; 4]`, which the parser answers, and lists that use `;` for `,`. */
static bool semicolon_in_brackets(Foreign *f) {
    Span span = foreign_peek(f, 0)->span;
    bool is_array = foreign_kind(f, -1) == TOK_NAME && foreign_kind(f, -2) == TOK_LBRACKET;
    if (!is_array) {
        Diag *d = foreign_report(f, K0142, span, "items are separated by `,`, not by `;`");
        foreign_fix(f, d, FIX_AUTOMATIC, span, ",");
    }
    foreign_become(f, TOK_COMMA);
    return true;
}

static bool semicolon(Foreign *f) {
    if (f->brackets > 0) return semicolon_in_brackets(f);
    Span span = foreign_peek(f, 0)->span;
    bool ends_line = foreign_kind(f, 1) == TOK_NEWLINE || foreign_kind(f, 1) == TOK_RBRACE;
    if (ends_line) {
        Diag *d = foreign_report(f, K0142, span, "a statement ends with its line; `;` is not needed");
        foreign_fix(f, d, FIX_AUTOMATIC, span, "");
        foreign_skip(f, 1);
        if (foreign_at_statement(f) && foreign_kind(f, 0) == TOK_NEWLINE) foreign_skip(f, 1);
        return true;
    }
    Diag *d = foreign_report(f, K0142, span, "each statement stands on its own line");
    diag_note(f->cx, d, "begin a new line in the place of `;`");
    foreign_become(f, TOK_NEWLINE);
    return true;
}

/* --- Operators --- */

/* `a&&b` needs blanks around the word that takes the operator's place. */
static const char *spaced(const Foreign *f, const char *word) {
    Span span = foreign_peek(f, 0)->span;
    return arena_printf(f->cx->arena, "%s%s%s", foreign_touches(f, 0) && span.start > 0 ? " " : "",
                        word, foreign_touches(f, 1) ? " " : "");
}

static bool logical(Foreign *f, TokenKind kind) {
    const Token *token = foreign_peek(f, 0);
    const char *word = token_kind_spelling(kind);
    Diag *d = foreign_report(f, K0143, token->span, "`%s` is written `%s`",
                             token_kind_spelling(token->kind), word);
    foreign_fix(f, d, FIX_AUTOMATIC, token->span, spaced(f, word));
    foreign_become(f, kind);
    return true;
}

/* `!` binds tighter than `not`: they differ where a comparison or a sum follows the operand. */
static bool negation(Foreign *f) {
    Span span = foreign_peek(f, 0)->span;
    bool is_macro = foreign_before(f) == TOK_NAME && foreign_touches(f, 0) &&
                    (foreign_kind(f, 1) == TOK_LPAREN || foreign_kind(f, 1) == TOK_LBRACKET);
    if (is_macro) {
        Diag *d = foreign_report(f, K0144, span, "there are no macros: a call has no `!`");
        foreign_fix(f, d, FIX_AUTOMATIC, span, "");
        foreign_skip(f, 1);
        return true;
    }
    int after = 2;
    if (foreign_kind(f, 1) == TOK_LPAREN) after = foreign_closer(f, 1) + 1;
    TokenKind next = foreign_kind(f, after);
    bool same_meaning = next == TOK_AND || next == TOK_OR || next == TOK_AMPAMP ||
                        next == TOK_PIPEPIPE || next == TOK_COLON || next == TOK_RPAREN ||
                        next == TOK_NEWLINE || next == TOK_COMMA || next == TOK_LBRACE;
    Diag *d = foreign_report(f, K0144, span, "`!` is written `not`");
    Fix *fix = foreign_fix(f, d, same_meaning ? FIX_AUTOMATIC : FIX_SUGGESTED, span,
                           foreign_touches(f, 1) ? "not " : "not");
    if (!same_meaning) diag_note(f->cx, d, "`not a == b` is `not (a == b)`");
    (void)fix;
    foreign_become(f, TOK_NOT);
    return true;
}

/* Replaces `i++`, and `++i`, as a statement by `i += 1`. The operand was given out or follows. */
static void step_statement(Foreign *f, const Token *operator, Span whole, const char *operand) {
    bool adds = operator->kind == TOK_PLUSPLUS;
    Diag *d = foreign_report(f, K0145, operator->span, "`%s` is written `%s 1`",
                             token_kind_spelling(operator->kind), adds ? "+=" : "-=");
    const char *text = arena_printf(f->cx->arena, "%s %s 1", operand, adds ? "+=" : "-=");
    foreign_fix(f, d, FIX_AUTOMATIC, whole, text);
}

static void give_step(Foreign *f, const Token *operator) {
    bool adds = operator->kind == TOK_PLUSPLUS;
    foreign_give(f, adds ? TOK_PLUS_ASSIGN : TOK_MINUS_ASSIGN, operator->span);
    Token one = {.kind = TOK_INT, .span = operator->span};
    one.integer.value = 1;
    vec_push(f->cx->arena, &f->out->tokens, one);
}

/* The distance of the last token of the operand that starts at `from`: a name, its members and
 * subscripts. */
static int operand_end(const Foreign *f, int from) {
    int at = from;
    for (;;) {
        if (foreign_kind(f, at + 1) == TOK_DOT && foreign_kind(f, at + 2) == TOK_NAME) {
            at += 2;
        } else if (foreign_kind(f, at + 1) == TOK_LBRACKET && foreign_closer(f, at + 1) > at + 1) {
            at = foreign_closer(f, at + 1);
        } else {
            return at;
        }
    }
}

static bool ends_statement(TokenKind kind) {
    return kind == TOK_NEWLINE || kind == TOK_SEMICOLON || kind == TOK_RBRACE;
}

static int statement_start(const Foreign *f) {
    int first = -1;
    while (f->at + (uint32_t)first > 0) {
        TokenKind before = foreign_kind(f, first - 1);
        if (before == TOK_NEWLINE || before == TOK_INDENT || before == TOK_DEDENT ||
            before == TOK_SEMICOLON || before == TOK_COLON || before == TOK_LBRACE) {
            break;
        }
        first--;
    }
    return first;
}

static bool step_up(Foreign *f) {
    const Token *operator = foreign_peek(f, 0);
    TokenKind before = foreign_before(f), next = foreign_kind(f, 1);
    int first = token_is(before, ENDS_OPERAND) && ends_statement(next) ? statement_start(f) : 0;
    if (first < 0 && foreign_kind(f, first) == TOK_NAME && operand_end(f, first) == -1) {
        step_statement(f, operator, foreign_span(f, first, 0), foreign_text(f, first, -1));
        give_step(f, operator);
        foreign_skip(f, 1);
        return true;
    }
    if (foreign_at_statement(f) && next == TOK_NAME && ends_statement(foreign_kind(f, operand_end(f, 1) + 1))) {
        int last = operand_end(f, 1);
        step_statement(f, operator, foreign_span(f, 0, last), foreign_text(f, 1, last));
        foreign_skip(f, 1);
        for (int i = 0; i < last; i++) foreign_keep(f);
        give_step(f, operator);
        return true;
    }
    bool is_postfix = token_is(before, ENDS_OPERAND) && !token_is(next, STARTS_OPERAND);
    bool is_prefix = !token_is(before, ENDS_OPERAND) && next == TOK_NAME && foreign_touches(f, 1) &&
                     before != TOK_MINUS && before != TOK_PLUS;
    if (is_postfix || is_prefix) {
        const char *spelling = token_kind_spelling(operator->kind);
        Diag *d = foreign_report(f, K0145, operator->span, "there is no `%s` inside expressions",
                                 spelling);
        diag_note(f->cx, d, "change the variable in a statement of its own: `i %c= 1`", spelling[0]);
        foreign_skip(f, 1);
        return true;
    }
    /* `a--b` is `a - -b`, as in Python. */
    TokenKind half = operator->kind == TOK_PLUSPLUS ? TOK_PLUS : TOK_MINUS;
    Span span = operator->span;
    foreign_give(f, half, (Span){span.file, span.start, span.start + 1});
    foreign_give(f, half, (Span){span.file, span.start + 1, span.end});
    foreign_skip(f, 1);
    return true;
}

/* Two tokens that touch, such as the `==` and `=` of `===`, and the one that was meant. */
static bool pair(Foreign *f, TokenKind meant, DiagCode code) {
    Span both = foreign_span(f, 0, 1);
    Diag *d = foreign_report(f, code, both, "`%s` is written `%s`", foreign_text(f, 0, 1),
                             token_kind_spelling(meant));
    foreign_fix(f, d, FIX_AUTOMATIC, both, token_kind_spelling(meant));
    foreign_give(f, meant, both);
    foreign_skip(f, 2);
    return true;
}

static bool range_with_end(Foreign *f) {
    Span both = foreign_span(f, 0, 1);
    Diag *d = foreign_report(f, K0176, both, "a range leaves out its end: there is no `..=`");
    diag_note(f->cx, d, "`a..b + 1` includes `b`");
    foreign_give(f, TOK_DOTDOT, both);
    foreign_skip(f, 2);
    return true;
}

static bool ellipsis(Foreign *f) {
    Span span = foreign_span(f, 0, 1);
    bool is_body = (foreign_at_statement(f) || foreign_before(f) == TOK_COLON) &&
                   foreign_kind(f, 2) == TOK_NEWLINE;
    Diag *d = foreign_report(f, K0172, span,
                             is_body ? "a block that does nothing is written `pass`"
                                     : "there is no `...`");
    if (is_body) {
        foreign_fix(f, d, FIX_AUTOMATIC, span, "pass");
    } else {
        diag_note(f->cx, d, "an index names each dimension: write a `:` for each whole one");
    }
    foreign_give(f, is_body ? TOK_PASS : TOK_ERROR, span);
    foreign_skip(f, 2);
    return true;
}

static bool walrus(Foreign *f) {
    Diag *d = foreign_report(f, K0165, foreign_span(f, 0, 1), "there is no assignment inside "
                                                              "expressions");
    diag_note(f->cx, d, "declare the variable in a line before: `let x = ...`");
    foreign_swallow_line(f);
    return true;
}

/* `c ? a : b`; a `?` that is a size follows a `[` or a `,`. */
static bool ternary(Foreign *f) {
    if (!token_is(foreign_before(f), ENDS_OPERAND)) return false;
    enum { LOOK_AHEAD = 64 };
    int at = 1;
    while (at < LOOK_AHEAD && foreign_kind(f, at) != TOK_COLON && foreign_kind(f, at) != TOK_NEWLINE) {
        at++;
    }
    if (foreign_kind(f, at) != TOK_COLON || !token_is(foreign_kind(f, 1), STARTS_OPERAND)) return false;
    Diag *d = foreign_report(f, K0162, foreign_peek(f, 0)->span,
                             "a choice between two values is written `a if c else b`");
    diag_note(f->cx, d, "the condition stands in the middle");
    foreign_swallow_line(f);
    return true;
}

bool foreign_punct(Foreign *f) {
    TokenKind next = foreign_kind(f, 1);
    bool touches = foreign_touches(f, 1);
    switch ((int)foreign_kind(f, 0)) {
    case TOK_LBRACE: return open_brace(f);
    case TOK_RBRACE: return close_brace(f);
    case TOK_SEMICOLON: return semicolon(f);
    case TOK_AMPAMP: return logical(f, TOK_AND);
    case TOK_PIPEPIPE: return logical(f, TOK_OR);
    case TOK_BANG: return negation(f);
    case TOK_PLUSPLUS: case TOK_MINUSMINUS: return step_up(f);
    case TOK_EQ: return touches && next == TOK_ASSIGN && pair(f, TOK_EQ, K0164);
    case TOK_NE: return touches && next == TOK_ASSIGN && pair(f, TOK_NE, K0164);
    case TOK_LT: return touches && next == TOK_GT && pair(f, TOK_NE, K0164);
    case TOK_COLON: return touches && next == TOK_ASSIGN && walrus(f);
    case TOK_DOTDOT:
        if (touches && next == TOK_ASSIGN) return range_with_end(f);
        return touches && next == TOK_DOT && ellipsis(f);
    case TOK_QUESTION: return ternary(f);
    default: return false;
    }
}
