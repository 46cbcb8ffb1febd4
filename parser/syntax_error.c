/* Syntax errors in words. Each slip that is common enough has a recogniser, which looks at the token
 * that cannot stand there, the one before it, and what the grammar expected; the first that knows the
 * slip reports it. What none knows is told plainly: expected this, found that. */
#include "parser/syntax_error.h"

#include <string.h>

/* The place of the error: the token, its neighbours, and the first token of its line. */
typedef struct Place {
    Parser *p;
    const Expected *expected;
    const Token *token, *before, *next, *first;
    uint32_t first_index;
} Place;

/* --- Words for tokens and places --- */

static const char *text_at(const Parser *p, Span span) {
    return arena_strndup(p->arena, p->source->text + span.start, span.end - span.start);
}

const char *token_found(const Parser *p, const Token *token) {
    switch ((int)token->kind) {
    case TOK_END: return "the end of the file";
    case TOK_NEWLINE: return "the end of the line";
    case TOK_INDENT: return "an indented line";
    case TOK_DEDENT: return "the end of the block";
    case TOK_STRING: return "a string";
    case TOK_BYTES: return "a byte string";
    case TOK_NAME: return arena_printf(p->arena, "`%s`", text_of(p->cx, token->name));
    case TOK_INT: case TOK_FLOAT: return arena_printf(p->arena, "`%s`", text_at(p, token->span));
    default: return arena_printf(p->arena, "`%s`", token_kind_spelling(token->kind));
    }
}

const char *header_part(const Parser *p, uint32_t first) {
    const Token *token = &p->tokens->tokens.data[first];
    if (token->kind == TOK_AT && first + 2 < p->tokens->tokens.len) token += 2;
    switch ((int)token->kind) {
    case TOK_IF: return "the condition of `if`";
    case TOK_ELIF: return "the condition of `elif`";
    case TOK_WHILE: return "the condition of `while`";
    case TOK_ELSE: return "`else`";
    case TOK_TRY: return "`try`";
    case TOK_EXCEPT: return "`except`";
    case TOK_UNSAFE: return "`unsafe`";
    case TOK_FOR: case TOK_SIMD_LOOP: return "the header of the loop";
    case TOK_PARALLEL:
        return token[1].kind == TOK_FOR || token[1].kind == TOK_SIMD_LOOP ? "the header of the loop"
                                                                          : "`parallel`";
    case TOK_FN: case TOK_DEF: return "the header of the function";
    case TOK_STRUCT: return "the name of the struct";
    case TOK_TRAIT: return "the name of the trait";
    default: return NULL;
    }
}

static bool is_keyword(TokenKind kind) { return kind >= TOK_FN && kind <= TOK_FALSE; }

static bool begins_operand(TokenKind kind) {
    return kind == TOK_NAME || kind == TOK_INT || kind == TOK_FLOAT || kind == TOK_STRING ||
           kind == TOK_BYTES || kind == TOK_TRUE || kind == TOK_FALSE || kind == TOK_LPAREN ||
           kind == TOK_LBRACKET;
}

static bool ends_operand(TokenKind kind) {
    return kind == TOK_NAME || kind == TOK_INT || kind == TOK_FLOAT || kind == TOK_STRING ||
           kind == TOK_BYTES || kind == TOK_TRUE || kind == TOK_FALSE || kind == TOK_RPAREN ||
           kind == TOK_RBRACKET || kind == TOK_TRANSFER;
}

static bool begins_small_statement(TokenKind kind) {
    return kind == TOK_LET || kind == TOK_VAR || kind == TOK_RETURN || kind == TOK_BREAK ||
           kind == TOK_CONTINUE || kind == TOK_PASS || kind == TOK_RAISE || kind == TOK_ASSERT ||
           kind == TOK_DEBUG_ASSERT;
}

/* A fix that inserts `text` behind the token before the place, and a blank if two words would meet. */
static void fix_insert(const Place *at, Diag *d, FixKind kind, const char *text) {
    Parser *p = at->p;
    Span place = span_after(at->before->span);
    fix_replace(p->cx, diag_fix(p->cx, d, kind, "add `%s`", text), place, text);
}

/* --- Slips --- */

static bool keyword_as_name(const Place *at) {
    if (!is_keyword(at->token->kind) || !at->expected->name) return false;
    TokenKind before = at->before->kind, next = at->next->kind;
    bool names_something = before == TOK_LET || before == TOK_VAR || before == TOK_FN ||
                           before == TOK_DEF || before == TOK_STRUCT || before == TOK_DOT ||
                           before == TOK_FOR || before == TOK_ALIAS || before == TOK_TRAIT ||
                           before == TOK_AS;
    bool looks_named = next == TOK_ASSIGN || next == TOK_DOT || next == TOK_COMMA ||
                       next == TOK_RPAREN || next == TOK_COLON || next == TOK_RBRACKET ||
                       (next == TOK_NEWLINE && !begins_small_statement(at->token->kind));
    if (!names_something && !looks_named) return false;
    const char *spelling = token_kind_spelling(at->token->kind);
    Diag *d = parser_report(at->p, K0108, at->token->span,
                            "`%s` is a keyword and cannot be a name", spelling);
    if (d == NULL) return true;
    const char *other = arena_printf(at->p->arena, "%s_", spelling);
    Fix *fix = diag_fix(at->p->cx, d, FIX_SUGGESTED, "choose another name, such as `%s`", other);
    fix_replace(at->p->cx, fix, at->token->span, other);
    return true;
}

/* `if x return 1`, `while x y += 1`: everything for a header is there but its colon. */
static bool colon_forgotten(const Place *at) {
    if (!at->expected->colon || at->expected->closer || !ends_operand(at->before->kind)) return false;
    const char *part = header_part(at->p, at->first_index);
    bool goes_on = begins_operand(at->token->kind) || begins_small_statement(at->token->kind);
    const Token *last = &at->p->tokens->tokens.data[parser_line_end(at->p, at->first_index) - 1];
    if (part == NULL || !goes_on || last->kind == TOK_COLON || at->first->kind == TOK_FN || at->first->kind == TOK_DEF) return false;
    Diag *d = parser_report(at->p, K0102, span_after(at->before->span),
                            "expected `:` after %s, found %s", part, token_found(at->p, at->token));
    if (d != NULL) fix_insert(at, d, FIX_SUGGESTED, ":");
    return true;
}

static bool comma_forgotten(const Place *at) {
    bool in_list = at->expected->comma && at->expected->closer;
    if (!in_list || !ends_operand(at->before->kind) || !begins_operand(at->token->kind)) return false;
    Diag *d = parser_report(at->p, K0109, span_join(at->before->span, at->token->span),
                            "expected `,` between %s and %s", token_found(at->p, at->before),
                            token_found(at->p, at->token));
    if (d != NULL) fix_insert(at, d, FIX_SUGGESTED, ",");
    return true;
}

/* `a in b`, `a not in b`. */
static bool membership(const Place *at) {
    bool is_in = at->token->kind == TOK_IN && ends_operand(at->before->kind);
    bool is_not_in = at->token->kind == TOK_NOT && at->next->kind == TOK_IN;
    if (!is_in && !is_not_in) return false;
    Span span = is_not_in ? span_join(at->token->span, at->next->span) : at->token->span;
    Diag *d = parser_report(at->p, K0163, span, "`%s` is no operator", is_not_in ? "not in" : "in");
    if (d != NULL) {
        diag_note(at->p->cx, d, "compare with each value: `x == a or x == b`; whether an array holds "
                                "it is `any(a == x)`");
    }
    return true;
}

/* A second `=` in a statement, or one inside an expression. */
static bool assignment_inside(const Place *at) {
    if (at->token->kind != TOK_ASSIGN) return false;
    bool is_loop = at->first->kind == TOK_FOR || at->first->kind == TOK_SIMD_LOOP ||
                   at->first->kind == TOK_PARALLEL;
    if (is_loop || !ends_operand(at->before->kind)) return false;
    bool is_second = false;
    int depth = 0;
    for (const Token *token = at->first; token < at->token; token++) {
        if (token->kind == TOK_LPAREN || token->kind == TOK_LBRACKET) depth++;
        if (token->kind == TOK_RPAREN || token->kind == TOK_RBRACKET) depth--;
        if (token->kind == TOK_ASSIGN && depth == 0) is_second = true;
    }
    if (is_second && depth == 0) {
        Diag *d = parser_report(at->p, K0118, at->token->span, "one statement makes one assignment");
        if (d != NULL) diag_note(at->p->cx, d, "write the second one on a line of its own");
        return true;
    }
    Diag *d = parser_report(at->p, K0107, at->token->span,
                            "`=` assigns, and an expression cannot do that");
    if (d == NULL) return true;
    Fix *fix = diag_fix(at->p->cx, d, FIX_SUGGESTED, "to compare, write `==`");
    fix_replace(at->p->cx, fix, at->token->span, "==");
    return true;
}

/* `for i range(n)`, `for i = 0..n`, `for (i in r)`. */
static bool loop_header(const Place *at) {
    Parser *p = at->p;
    if (at->expected->in) {
        Diag *d = parser_report(p, K0101, at->token->span,
                                "expected `in` after the loop's variable, found %s",
                                token_found(p, at->token));
        if (d == NULL) return true;
        diag_note(p->cx, d, "a loop is written `for i in range(n):` or `for i in a..b:`");
        if (at->token->kind != TOK_ASSIGN) return true;
        fix_replace(p->cx, diag_fix(p->cx, d, FIX_SUGGESTED, "write `in`"), at->token->span, "in");
        return true;
    }
    bool in_parens = at->token->kind == TOK_LPAREN && at->before->kind == TOK_FOR;
    if (!in_parens) return false;
    Diag *d = parser_report(p, K0101, at->token->span, "the header of a loop has no parentheses");
    if (d != NULL) diag_note(p->cx, d, "write `for i in range(n):`");
    return true;
}

static bool function_header(const Place *at) {
    Parser *p = at->p;
    bool is_fn = at->first->kind == TOK_FN || at->first->kind == TOK_DEF ||
                 at->first->kind == TOK_EXTERN;
    if (!is_fn) return false;
    if (at->token->kind == TOK_LPAREN && (at->before->kind == TOK_FN || at->before->kind == TOK_DEF)) {
        Diag *d = parser_report(p, K0101, at->before->span, "this function has no name");
        if (d != NULL) diag_note(p->cx, d, "write `fn name(...):`");
        return true;
    }
    TokenKind before_name = parser_token(p, -2)->kind;
    bool lacks_list = at->expected->paren && at->before->kind == TOK_NAME &&
                      (before_name == TOK_FN || before_name == TOK_DEF) &&
                      (at->token->kind == TOK_COLON || at->token->kind == TOK_ARROW ||
                       at->token->kind == TOK_NEWLINE || at->token->kind == TOK_RAISES);
    if (lacks_list) {
        Diag *d = parser_report(p, K0101, span_after(at->before->span),
                                "expected `(` and the parameters after the function's name, found %s",
                                token_found(p, at->token));
        if (d != NULL) fix_insert(at, d, FIX_AUTOMATIC, "()");
        return true;
    }
    bool is_extern_body = at->first->kind == TOK_EXTERN && at->token->kind == TOK_COLON;
    if (!is_extern_body) return false;
    Diag *d = parser_report(p, K0101, at->token->span, "an `extern fn` has no body: C has it");
    if (d != NULL) diag_note(p->cx, d, "leave out the `:`, and `extern` if the body is to be here");
    return true;
}

/* `f(*xs)`, `f(**options)`. */
static bool spread(const Place *at) {
    bool is_stars = at->token->kind == TOK_STAR || at->token->kind == TOK_STARSTAR;
    bool is_argument = at->before->kind == TOK_LPAREN || at->before->kind == TOK_COMMA;
    if (!is_stars || !is_argument || !at->expected->operand) return false;
    Diag *d = parser_report(at->p, K0168, at->token->span, "a call names each of its arguments");
    if (d != NULL) diag_note(at->p->cx, d, "`*` before an argument does not spread it out");
    return true;
}

/* `x = a if c`, without what else. */
static bool else_forgotten(const Place *at) {
    if (!at->expected->otherwise || at->token->kind == TOK_ELSE) return false;
    if (!ends_operand(at->before->kind)) return false;
    Diag *d = parser_report(at->p, K0110, span_after(at->before->span),
                            "expected `else` and the other value, found %s",
                            token_found(at->p, at->token));
    if (d != NULL) diag_note(at->p->cx, d, "a choice is written `a if c else b`");
    return true;
}

/* `sum(e for i in r, x)` */
static bool generator_not_alone(const Place *at) {
    if (!at->expected->loop || !at->expected->closer || at->token->kind != TOK_COMMA) return false;
    Diag *d = parser_report(at->p, K0101, at->token->span,
                            "a generator is the only argument of its call, but another one follows");
    if (d != NULL) {
        diag_note(at->p->cx, d, "give the reduction a name first: `let s = sum(... for i in r)`");
    }
    return true;
}

static bool decorator_alone(const Place *at) {
    bool at_end = at->token->kind == TOK_END || at->token->kind == TOK_DEDENT ||
                  at->token->kind == TOK_INDENT;
    if (!at_end || at->before->kind != TOK_NEWLINE) return false;
    Span place = parser_token(at->p, -2)->span;
    Diag *d = parser_report(at->p, K0115, place, "expected a function after this decorator, found %s",
                            token_found(at->p, at->token));
    if (d != NULL) diag_note(at->p->cx, d, "a decorator stands on the line before its function");
    return true;
}

/* `print "x"`, as in Python 2. */
static bool call_without_parens(const Place *at) {
    bool is_call = at->before == at->first && at->before->kind == TOK_NAME &&
                   begins_operand(at->token->kind) && at->token->kind != TOK_LPAREN;
    if (!is_call) return false;
    const char *name = text_of(at->p->cx, at->before->name);
    Diag *d = parser_report(at->p, K0101, at->token->span, "expected the end of the line after `%s`, "
                            "found %s", name, token_found(at->p, at->token));
    if (d != NULL) diag_note(at->p->cx, d, "a call has parentheses: `%s(...)`", name);
    return true;
}

/* --- The plain message --- */

static const char *expected_text(const Place *at) {
    const Expected *e = at->expected;
    if (e->statement && e->operand) return "a statement";
    if (e->operand) return "an expression";
    if (e->name) return "a name";
    if (e->in) return "`in`";
    if (e->loop) return "`for`";
    if (e->comma && e->closer) return "`,` or the closing bracket";
    if (e->closer) return "the closing bracket";
    if (e->colon) return "`:`";
    if (e->assign && !e->newline) return "`=`";
    if (e->newline) return "the end of the line";
    if (e->paren) return "`(`";
    return NULL;
}

static void report_plainly(const Place *at) {
    Parser *p = at->p;
    const char *expected = expected_text(at), *found = token_found(p, at->token);
    bool ends_line = at->token->kind == TOK_NEWLINE || at->token->kind == TOK_END;
    bool starts_line = at->token == at->first;
    Span span = ends_line ? span_after(at->before->span) : at->token->span;
    DiagCode code = at->expected->operand && !at->expected->statement ? K0110 : K0101;
    if (expected == NULL) {
        parser_report(p, code, span, "%s cannot stand here", found);
    } else if (starts_line || at->before->kind == TOK_NEWLINE) {
        parser_report(p, code, span, "expected %s, found %s", expected, found);
    } else {
        parser_report(p, code, span, "expected %s after %s, found %s", expected,
                      token_found(p, at->before), found);
    }
}

static bool (*const slips[])(const Place *at) = {
    decorator_alone, keyword_as_name, membership,      colon_forgotten, loop_header, function_header,
    spread,          comma_forgotten, assignment_inside, else_forgotten, call_without_parens,
    generator_not_alone,
};

void syntax_error(Parser *p, const Expected *expected) {
    Place at = {.p = p, .expected = expected, .token = parser_token(p, 0)};
    at.before = parser_token(p, -1);
    at.next = parser_token(p, 1);
    at.first_index = parser_line_start(p, parser_index(p, at.token->span.start));
    at.first = &p->tokens->tokens.data[at.first_index];
    bool is_known = false;
    for (size_t i = 0; i < ARRAY_LEN(slips) && !is_known; i++) is_known = slips[i](&at);
    if (!is_known) report_plainly(&at);
    parser_unread(p);
}
