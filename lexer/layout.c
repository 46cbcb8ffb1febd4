/* The layout filter: line ends and indentation to NEWLINE, INDENT and DEDENT, as in Python.
 *
 * Lines are joined inside brackets, so a bracket that is never closed would swallow the rest of the
 * file. The filter therefore watches for line starts that no bracket can hold (`let`, `fn`, `return`
 * ...), closes what is open there, and hands on a stream in which every bracket has its partner. */
#include <string.h>

#include "lexer/steps.h"

/* One block's indentation. */
typedef struct Indent {
    uint32_t column;
    Span span; /* of the blanks before its first line */
} Indent;

typedef struct Open {
    TokenKind kind;
    Span span;
    uint32_t column; /* of the indentation of the logical line that holds it */
} Open;

typedef struct Layout {
    Context *cx;
    Arena *scratch;
    const Source *source;
    const Tokens *raw;
    Tokens *out;
    uint32_t at; /* the raw token being looked at */
    Vec(Indent) indents;
    Vec(Open) open;
    uint32_t dropped_brackets; /* open ones beyond the limit, with everything in them */
    uint32_t line_start;       /* byte offset of the physical line */
    bool line_has_tokens, limit_reported;
    Span first_tab, first_space; /* the first indentation by each */
    bool mix_reported;
    uint32_t errors;
} Layout;

static void push_token(Layout *l, Token token) { vec_push(l->scratch, &l->out->tokens, token); }

static void push_kind(Layout *l, TokenKind kind, Span span) {
    push_token(l, (Token){.kind = kind, .span = span});
}

static Span empty_span(const Layout *l, uint32_t at) { return (Span){l->source->file, at, at}; }

static bool may_report(Layout *l) { return l->errors++ < LIMIT_LEX_ERRORS; }

/* --- Indentation --- */

/* The blanks at the start of the line, and how far they reach. */
static Span measure_line(const Layout *l, uint32_t *column) {
    const char *text = l->source->text;
    uint32_t at = l->line_start, width = 0;
    for (; text[at] == ' ' || text[at] == '\t' || text[at] == '\f'; at++) {
        if (text[at] == ' ') width++;
        if (text[at] == '\t') width = (width / TAB_WIDTH + 1) * TAB_WIDTH;
        if (text[at] == '\f') width = 0;
    }
    *column = width;
    return (Span){l->source->file, l->line_start, at};
}

static void report_mix(Layout *l, Span here, Span before, const char *with, const char *with_before) {
    l->mix_reported = true;
    Diag *d = diag_add(l->cx, K0121, here, "tabs and spaces are mixed in this file's indentation");
    diag_primary_label(l->cx, d, "%s here", with);
    diag_label(l->cx, d, before, "%s here", with_before);
    diag_note(l->cx, d, "indent the whole file with one of them; `kc fmt` uses four spaces");
}

static void check_mix(Layout *l, Span blanks) {
    for (uint32_t at = blanks.start; at < blanks.end && !l->mix_reported; at++) {
        Span here = {blanks.file, at, at + 1};
        char c = l->source->text[at];
        Span *first = c == '\t' ? &l->first_tab : &l->first_space;
        if (span_is_none(*first)) *first = here;
        if (span_is_none(l->first_tab) || span_is_none(l->first_space)) continue;
        if (c == '\t') {
            report_mix(l, here, l->first_space, "a tab", "a space");
        } else {
            report_mix(l, here, l->first_tab, "a space", "a tab");
        }
    }
}

static const char *columns_text(uint32_t columns) { return columns == 1 ? "column" : "columns"; }

static void report_inconsistent(Layout *l, Span blanks, uint32_t column) {
    if (l->mix_reported || !may_report(l)) return;
    const Indent *inner = &vec_last(&l->indents), *outer = inner - 1;
    Diag *d = diag_add(l->cx, K0122, blanks, "this line belongs to no block: it is indented by %u %s",
                       column, columns_text(column));
    diag_label(l->cx, d, inner->span, "the inner block is indented by %u", inner->column);
    if (outer->column > 0) {
        diag_label(l->cx, d, outer->span, "the outer block is indented by %u", outer->column);
    } else {
        diag_note(l->cx, d, "the outer block is not indented");
    }
}

/* Blocks beyond the limit end the file. */
static void stop_at_depth(Layout *l, const Token *token) {
    diag_add(l->cx, K0129, token->span, "more than %d blocks inside each other", LIMIT_INDENTS);
    push_kind(l, TOK_INDENT, empty_span(l, token->span.start));
    push_kind(l, TOK_ERROR, token->span);
    push_kind(l, TOK_NEWLINE, empty_span(l, token->span.end));
    push_kind(l, TOK_DEDENT, empty_span(l, token->span.end));
    l->at = l->raw->tokens.len;
}

/* A line between two levels stays in the inner block, which moves: most often it was meant to. */
static void indent_line(Layout *l, const Token *token) {
    uint32_t column;
    Span blanks = measure_line(l, &column);
    check_mix(l, blanks);
    if (column > vec_last(&l->indents).column) {
        if (l->indents.len > LIMIT_INDENTS) {
            stop_at_depth(l, token);
            return;
        }
        push_kind(l, TOK_INDENT, blanks);
        vec_push(l->scratch, &l->indents, ((Indent){column, blanks}));
    }
    while (column < vec_last(&l->indents).column) {
        if (l->indents.data[l->indents.len - 2].column < column) {
            report_inconsistent(l, blanks, column);
            vec_last(&l->indents).column = column;
        } else {
            (void)vec_pop(&l->indents);
            push_kind(l, TOK_DEDENT, empty_span(l, token->span.start));
        }
    }
}

/* --- Brackets --- */

static TokenKind closer_of(TokenKind opener) {
    return opener == TOK_LPAREN ? TOK_RPAREN : opener == TOK_LBRACKET ? TOK_RBRACKET : TOK_RBRACE;
}

static void report_unclosed(Layout *l, Span other, const char *what) {
    if (!may_report(l)) return;
    const Open *open = &vec_last(&l->open);
    Diag *d = diag_add(l->cx, K0105, open->span, "this `%s` is never closed",
                       token_kind_spelling(open->kind));
    diag_primary_label(l->cx, d, "opened here");
    if (!span_is_none(other)) diag_label(l->cx, d, other, "%s", what);
}

/* Closes what is open beyond `depth` brackets. */
static void close_brackets(Layout *l, uint32_t depth, uint32_t at) {
    while (l->open.len > depth) {
        push_kind(l, closer_of(vec_pop(&l->open).kind), empty_span(l, at));
    }
}

/* An empty span on the line after it would show in messages as the wrong line. */
static uint32_t end_of_last(const Layout *l) {
    return l->out->tokens.len == 0 ? 0 : vec_last(&l->out->tokens).span.end;
}

static void open_bracket(Layout *l, const Token *token) {
    if (l->open.len >= LIMIT_BRACKETS) {
        if (!l->limit_reported) {
            diag_add(l->cx, K0129, token->span, "more than %d brackets inside each other",
                     LIMIT_BRACKETS);
            l->limit_reported = true;
        }
        l->dropped_brackets = 1;
        push_kind(l, TOK_ERROR, token->span);
        return;
    }
    Open open = {token->kind, token->span, vec_last(&l->indents).column};
    vec_push(l->scratch, &l->open, open);
    push_token(l, *token);
}

static void report_closer(Layout *l, const Token *token) {
    if (!may_report(l)) return;
    const char *spelling = token_kind_spelling(token->kind);
    if (l->open.len == 0) {
        Diag *d = diag_add(l->cx, K0106, token->span, "this `%s` closes nothing", spelling);
        Fix *fix = diag_fix(l->cx, d, FIX_AUTOMATIC, "remove it");
        fix_replace(l->cx, fix, token->span, "");
        return;
    }
    const Open *open = &vec_last(&l->open);
    const char *wanted = token_kind_spelling(closer_of(open->kind));
    Diag *d = diag_add(l->cx, K0106, token->span, "`%s` is closed by `%s`, not by `%s`",
                       token_kind_spelling(open->kind), wanted, spelling);
    diag_label(l->cx, d, open->span, "opened here");
    Fix *fix = diag_fix(l->cx, d, FIX_AUTOMATIC, "write `%s`", wanted);
    fix_replace(l->cx, fix, token->span, wanted);
}

static void close_bracket(Layout *l, const Token *token) {
    uint32_t depth = l->open.len;
    while (depth > 0 && closer_of(l->open.data[depth - 1].kind) != token->kind) depth--;
    if (depth > 0) {
        if (depth < l->open.len) report_unclosed(l, token->span, "an outer bracket is closed here");
        close_brackets(l, depth, token->span.start);
        (void)vec_pop(&l->open);
        push_token(l, *token);
        return;
    }
    report_closer(l, token);
    if (l->open.len > 0) push_kind(l, closer_of(vec_pop(&l->open).kind), token->span);
}

/* `{` begins a value (a dictionary of Python) where no operand ended before it; elsewhere it is the
 * brace of a block, and lines inside it are not joined. */
static bool brace_begins_value(const Layout *l) {
    if (l->open.len > 0) return true;
    if (!l->line_has_tokens) return false;
    TokenKind before = vec_last(&l->out->tokens).kind;
    return before == TOK_ASSIGN || before == TOK_RETURN || before == TOK_IN;
}

static bool closes_value_brace(const Layout *l) {
    return l->open.len > 0 && vec_last(&l->open).kind == TOK_LBRACE;
}

/* --- Lines --- */

/* Whether a line that starts so cannot be the continuation of a bracket. */
static bool starts_statement(const Layout *l, const Token *token) {
    if (token_is(token->kind, ALWAYS_STATEMENT)) return true;
    uint32_t column;
    measure_line(l, &column);
    return token_is(token->kind, OFTEN_STATEMENT) && column <= vec_last(&l->open).column;
}

/* The first token of a physical line. */
static void start_line(Layout *l, const Token *token) {
    if (l->open.len > 0) {
        if (!starts_statement(l, token)) return;
        if (l->dropped_brackets == 0) {
            report_unclosed(l, token->span, "a new statement starts here");
        }
        l->dropped_brackets = 0;
        uint32_t end = end_of_last(l);
        close_brackets(l, 0, end);
        push_kind(l, TOK_NEWLINE, empty_span(l, end));
        l->line_has_tokens = false;
    }
    if (!l->line_has_tokens) indent_line(l, token);
}

/* Whether the line ends in a string that was not closed and that holds, most likely, the closing
 * brackets which are missing now. */
static bool string_swallowed_brackets(const Layout *l) {
    const Tokens *out = l->out;
    if (out->tokens.len < 2 || vec_last(&out->tokens).kind != TOK_ERROR) return false;
    Span mark = vec_last(&out->tokens).span, string = out->tokens.data[out->tokens.len - 2].span;
    if (mark.start != mark.end || string.end != mark.start) return false;
    uint32_t closers = 0;
    for (uint32_t at = string.start; at < string.end; at++) {
        char c = l->source->text[at];
        if (c == ')' || c == ']') closers++;
    }
    return closers >= l->open.len;
}

static void end_line(Layout *l, const Token *newline) {
    l->line_start = newline->span.end;
    if (l->open.len > 0 && string_swallowed_brackets(l)) {
        close_brackets(l, 0, newline->span.start);
    }
    if (l->open.len > 0 || !l->line_has_tokens) return;
    push_token(l, *newline);
    l->line_has_tokens = false;
}

/* `x^` gives x away; `a ^ b` has an operand behind it. */
static TokenKind caret_kind(const Layout *l) {
    uint32_t next = l->at + 1;
    while (next < l->raw->tokens.len && l->open.len > 0 &&
           l->raw->tokens.data[next].kind == TOK_NEWLINE) {
        next++;
    }
    bool has_operand =
        next < l->raw->tokens.len && token_is(l->raw->tokens.data[next].kind, STARTS_OPERAND);
    return has_operand ? TOK_CARET : TOK_TRANSFER;
}

static bool is_opener(TokenKind kind) { return kind == TOK_LPAREN || kind == TOK_LBRACKET; }
static bool is_closer(TokenKind kind) { return kind == TOK_RPAREN || kind == TOK_RBRACKET; }

/* Inside brackets beyond the limit nothing is kept. */
static void skip_token(Layout *l, const Token *token) {
    if (is_opener(token->kind)) l->dropped_brackets++;
    if (is_closer(token->kind)) l->dropped_brackets--;
}

static void lay_token(Layout *l, const Token *token) {
    if (l->dropped_brackets > 0) {
        skip_token(l, token);
    } else if (is_opener(token->kind) || (token->kind == TOK_LBRACE && brace_begins_value(l))) {
        open_bracket(l, token);
    } else if (is_closer(token->kind) || (token->kind == TOK_RBRACE && closes_value_brace(l))) {
        close_bracket(l, token);
    } else if (token->kind == TOK_CARET) {
        push_kind(l, caret_kind(l), token->span);
    } else {
        push_token(l, *token);
    }
    l->line_has_tokens = true;
}

static void finish_layout(Layout *l) {
    uint32_t end = end_of_last(l);
    if (l->open.len > 0 && l->dropped_brackets == 0) report_unclosed(l, NO_SPAN, "");
    close_brackets(l, 0, end);
    if (l->line_has_tokens) push_kind(l, TOK_NEWLINE, empty_span(l, end));
    for (uint32_t i = 1; i < l->indents.len; i++) {
        push_kind(l, TOK_DEDENT, empty_span(l, l->source->length));
    }
    push_kind(l, TOK_END, empty_span(l, l->source->length));
}

void layout_filter(Context *cx, Arena *scratch, const Source *source, const Tokens *raw,
                   Tokens *out) {
    Layout l = {.cx = cx, .scratch = scratch, .source = source, .raw = raw, .out = out};
    bool has_mark = source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0;
    l.line_start = has_mark ? 3 : 0;
    vec_push(scratch, &l.indents, ((Indent){0, NO_SPAN}));
    bool at_line_start = true;
    for (l.at = 0; l.at < raw->tokens.len; l.at++) {
        const Token *token = &raw->tokens.data[l.at];
        if (token->kind == TOK_NEWLINE) {
            end_line(&l, token);
            at_line_start = true;
            continue;
        }
        if (at_line_start) start_line(&l, token);
        at_line_start = false;
        if (l.at < raw->tokens.len) lay_token(&l, token);
    }
    finish_layout(&l);
}
