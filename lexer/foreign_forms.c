/* Habits that are shapes of several tokens: types before names, angle brackets, C's `for`. */
#include <string.h>

#include "lexer/foreign.h"

/* --- Declarations with the type first --- */

/* Types of C and what they are here; the language's own types stand for themselves. */
static const struct {
    const char *foreign, *own;
} type_names[] = {
    {"bool", "bool"},      {"char", "i8"},        {"double", "f64"},     {"f16", "f16"},
    {"f32", "f32"},        {"f64", "f64"},        {"float", "f32"},      {"i16", "i16"},
    {"i32", "i32"},        {"i64", "i64"},        {"i8", "i8"},          {"int", "int"},
    {"int16_t", "i16"},    {"int32_t", "i32"},    {"int64_t", "i64"},    {"int8_t", "i8"},
    {"long", "i64"},       {"short", "i16"},      {"size_t", "int"},     {"u16", "u16"},
    {"u32", "u32"},        {"u64", "u64"},        {"u8", "u8"},          {"uint16_t", "u16"},
    {"uint32_t", "u32"},   {"uint64_t", "u64"},   {"uint8_t", "u8"},     {"unsigned", "u32"},
};

const char *own_type_of(const char *text) {
    for (size_t i = 0; i < ARRAY_LEN(type_names); i++) {
        if (strcmp(text, type_names[i].foreign) == 0) return type_names[i].own;
    }
    return NULL;
}

static const char *own_type(const Foreign *f, int distance) {
    const Token *token = foreign_peek(f, distance);
    return token->kind == TOK_NAME ? own_type_of(text_of(f->cx, token->name)) : NULL;
}

/* The type as a token in the place of C's. */
static Token own_type_token(const Foreign *f, int distance) {
    Token type = {.kind = TOK_NAME, .span = foreign_peek(f, distance)->span};
    type.name = name_of_str(f->cx->names, own_type(f, distance));
    return type;
}

/* The last token of the type that starts at `from`, if a name follows it there: `int x`,
 * `Tensor[f32, n] x`. 0 otherwise. */
static int type_before_name(const Foreign *f, int from) {
    if (foreign_kind(f, from) != TOK_NAME) return -1;
    int last = from;
    if (foreign_kind(f, from + 1) == TOK_LBRACKET) last = foreign_closer(f, from + 1);
    bool is_type = last >= from && foreign_kind(f, last + 1) == TOK_NAME;
    return is_type ? last : -1;
}

static bool ends_declaration(TokenKind kind) {
    return kind == TOK_ASSIGN || kind == TOK_NEWLINE || kind == TOK_SEMICOLON;
}

/* Gives out `keyword name: type` for the type at `first..last` and the name behind it. */
static void give_declaration(Foreign *f, TokenKind keyword, int first, int last) {
    Span at = foreign_peek(f, 0)->span;
    foreign_give(f, keyword, at);
    vec_push(f->cx->arena, &f->out->tokens, *foreign_peek(f, last + 1));
    foreign_give(f, TOK_COLON, at);
    if (first == last && own_type(f, first) != NULL) {
        vec_push(f->cx->arena, &f->out->tokens, own_type_token(f, first));
    } else {
        for (int i = first; i <= last; i++) {
            vec_push(f->cx->arena, &f->out->tokens, *foreign_peek(f, i));
        }
    }
    foreign_skip(f, last + 2);
}

static const char *declaration_text(const Foreign *f, const char *keyword, int first, int last) {
    const char *own = first == last ? own_type(f, first) : NULL;
    return arena_printf(f->cx->arena, "%s %s: %s", keyword, foreign_text(f, last + 1, last + 1),
                        own != NULL ? own : foreign_text(f, first, last));
}

static bool type_first(Foreign *f, int last) {
    const char *text = declaration_text(f, "var", 0, last);
    Diag *d = foreign_report(f, K0153, foreign_span(f, 0, last + 1),
                             "a declaration begins with `var` or `let`, and the type follows the name");
    foreign_fix(f, d, FIX_AUTOMATIC, foreign_span(f, 0, last + 1), text);
    give_declaration(f, TOK_VAR, 0, last);
    return true;
}

/* `float f(float x) {` */
static bool c_function(Foreign *f, int last) {
    TokenKind end = foreign_line_end(f);
    if (foreign_kind(f, last + 2) != TOK_LPAREN || (end != TOK_LBRACE && end != TOK_COLON)) return false;
    const char *name = foreign_text(f, last + 1, last + 1);
    bool is_void = foreign_is(f, 0, "void");
    const char *own = own_type(f, 0);
    Diag *d = foreign_report(f, K0154, foreign_span(f, 0, last + 1), "a function begins with `fn`");
    if (is_void) {
        diag_note(f->cx, d, "write `fn %s(...):`", name);
    } else {
        diag_note(f->cx, d, "the result's type follows the parameters: `fn %s(...) -> %s:`", name,
                  own != NULL ? own : foreign_text(f, 0, last));
    }
    int closer = foreign_closer(f, last + 2);
    if (!is_void && last == 0 && closer > last + 2) {
        f->result_at = f->at + (uint32_t)closer + 1;
        f->result_type = own != NULL ? own_type_token(f, 0) : *foreign_peek(f, 0);
    }
    foreign_give(f, TOK_FN, foreign_peek(f, 0)->span);
    foreign_skip(f, last + 1);
    return true;
}

/* `x: f32 = 1.0` declares in Python. */
static bool annotated(Foreign *f) {
    TokenKind after = foreign_kind(f, 2);
    if (foreign_kind(f, 1) != TOK_COLON || after == TOK_NEWLINE || after == TOK_INDENT) return false;
    Span name = foreign_peek(f, 0)->span;
    const char *text = foreign_text(f, 0, 0);
    bool is_walrus = after == TOK_ASSIGN && foreign_touches(f, 2);
    if (is_walrus) {
        Diag *d = foreign_report(f, K0165, foreign_span(f, 0, 2), "a variable is declared with `var` "
                                                                  "or `let`");
        const char *fixed = arena_printf(f->cx->arena, "var %s =", text);
        foreign_fix(f, d, FIX_AUTOMATIC, foreign_span(f, 0, 2), fixed);
        foreign_give(f, TOK_VAR, name);
        foreign_keep(f);
        foreign_skip(f, 1);
        return true;
    }
    if (!token_is(after, STARTS_OPERAND)) return false;
    Diag *d = foreign_report(f, K0175, name, "the declaration of `%s` lacks `var`", text);
    int at = 2;
    while (foreign_kind(f, at) != TOK_ASSIGN && foreign_kind(f, at) != TOK_NEWLINE) at++;
    if (foreign_kind(f, at) == TOK_ASSIGN) {
        diag_note(f->cx, d, "a value that stays is declared with `let`");
    }
    const char *fixed = arena_printf(f->cx->arena, "var %s", text);
    foreign_fix(f, d, FIX_AUTOMATIC, name, fixed);
    foreign_give(f, TOK_VAR, name);
    foreign_keep(f);
    return true;
}

bool foreign_declaration(Foreign *f) {
    int last = type_before_name(f, 0);
    if (last >= 0) {
        TokenKind after = foreign_kind(f, last + 2);
        bool is_known = own_type(f, 0) != NULL || last > 0;
        if (after == TOK_ASSIGN || (is_known && ends_declaration(after))) return type_first(f, last);
        return c_function(f, last);
    }
    return annotated(f);
}

/* `const x = 1`, `auto x = 1`, `const int x = 1`. */
bool foreign_variable_word(Foreign *f, const char *keyword, DiagCode code) {
    if (!foreign_at_statement(f)) return false;
    TokenKind kind = strcmp(keyword, "let") == 0 ? TOK_LET : TOK_VAR;
    const char *word = foreign_text(f, 0, 0);
    bool is_plain = foreign_kind(f, 1) == TOK_NAME && (foreign_kind(f, 2) == TOK_ASSIGN ||
                                                       foreign_kind(f, 2) == TOK_COLON);
    int last = type_before_name(f, 1);
    bool is_typed = last >= 1 && ends_declaration(foreign_kind(f, last + 2));
    if (!is_plain && !is_typed) return false;
    Diag *d = foreign_report(f, code, foreign_peek(f, 0)->span, "there is no `%s`: %s", word,
                             kind == TOK_LET ? "a value that stays is declared with `let`"
                                             : "a variable is declared with `var`");
    if (is_plain) {
        foreign_fix(f, d, FIX_AUTOMATIC, foreign_peek(f, 0)->span, keyword);
        foreign_become(f, kind);
        return true;
    }
    const char *text = declaration_text(f, keyword, 1, last);
    foreign_fix(f, d, FIX_AUTOMATIC, foreign_span(f, 0, last + 1), text);
    give_declaration(f, kind, 1, last);
    return true;
}

/* `let mut x` */
bool foreign_let(Foreign *f) {
    if (!foreign_is(f, 1, "mut") || foreign_kind(f, 2) != TOK_NAME) return false;
    Diag *d = foreign_report(f, K0155, foreign_span(f, 0, 1), "`let mut` is written `var`");
    foreign_fix(f, d, FIX_AUTOMATIC, foreign_span(f, 0, 1), "var");
    foreign_give(f, TOK_VAR, foreign_span(f, 0, 1));
    foreign_skip(f, 2);
    return true;
}

/* --- Angle brackets --- */

static bool takes_arguments(const Foreign *f) {
    static const char *const types[] = {"Tensor", "View", "MutView", "Strided", "MutStrided", "SIMD",
                                        "List", "CPtr", "Vec", "Vector", "Array", "vector", "array"};
    TokenKind before = foreign_before(f);
    if (before == TOK_FN || before == TOK_DEF || before == TOK_STRUCT || before == TOK_TRAIT) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (foreign_is(f, 0, types[i])) return true;
    }
    return false;
}

static int closed_by(TokenKind kind) { return kind == TOK_GT ? 1 : kind == TOK_SHR ? 2 : 0; }

/* The `>` that closes the `<` at distance 1, if everything between can stand in type arguments. */
static int angle_end(const Foreign *f) {
    enum { LOOK_AHEAD = 64 };
    int depth = 0;
    for (int i = 1; i < LOOK_AHEAD; i++) {
        TokenKind kind = foreign_kind(f, i);
        if (kind == TOK_LT) depth++;
        depth -= closed_by(kind);
        if (depth <= 0) return depth == 0 ? i : 0;
        bool fits = kind == TOK_LT || closed_by(kind) > 0 || kind == TOK_NAME || kind == TOK_INT ||
                    kind == TOK_COMMA || kind == TOK_QUESTION || kind == TOK_DOT ||
                    kind == TOK_STAR || kind == TOK_PLUS || kind == TOK_MINUS || kind == TOK_COLON;
        if (!fits) return 0;
    }
    return 0;
}

static void give_square(Foreign *f, Fix *fix, TokenKind kind) {
    Span span = foreign_peek(f, 0)->span;
    if (kind == TOK_LT) {
        fix_replace(f->cx, fix, span, "[");
        foreign_become(f, TOK_LBRACKET);
    } else if (closed_by(kind) > 0) {
        fix_replace(f->cx, fix, span, closed_by(kind) == 1 ? "]" : "]]");
        for (int i = 1; i < closed_by(kind); i++) foreign_give(f, TOK_RBRACKET, span);
        foreign_become(f, TOK_RBRACKET);
    } else {
        foreign_keep(f);
    }
}

bool foreign_angle_brackets(Foreign *f) {
    if (foreign_kind(f, 1) != TOK_LT || !foreign_touches(f, 1) || !takes_arguments(f)) return false;
    int end = angle_end(f);
    if (end == 0) return false;
    Diag *d = foreign_report(f, K0146, foreign_span(f, 1, end), "the arguments of a type stand in `[` "
                                                                "and `]`");
    Fix *fix = diag_fix(f->cx, d, FIX_AUTOMATIC, "write `[` and `]`");
    foreign_keep(f);
    for (int i = 1; i <= end; i++) give_square(f, fix, foreign_kind(f, 0));
    return true;
}

/* --- Headers --- */

/* `for (int i = 0; i < n; i++)` */
bool foreign_c_loop(Foreign *f) {
    if (foreign_kind(f, 1) != TOK_LPAREN) return false;
    int end = foreign_closer(f, 1), at = 1;
    while (at < end && foreign_kind(f, at) != TOK_SEMICOLON) at++;
    if (at >= end) return false;
    int name = at;
    while (name > 2 && foreign_kind(f, name) != TOK_ASSIGN) name--;
    bool has_name = name > 2 && foreign_kind(f, name - 1) == TOK_NAME;
    const char *variable = has_name ? foreign_text(f, name - 1, name - 1) : "i";
    Diag *d = foreign_report(f, K0166, foreign_span(f, 0, end), "a `for` goes over a range");
    diag_note(f->cx, d, "write `for %s in range(n):`; it counts from 0 to n - 1", variable);
    foreign_swallow_line(f);
    return true;
}

bool foreign_else_if(Foreign *f) {
    if (!foreign_at_statement(f) || foreign_kind(f, 1) != TOK_IF) return false;
    Span both = foreign_span(f, 0, 1);
    Diag *d = foreign_report(f, K0152, both, "`else if` is written `elif`");
    foreign_fix(f, d, FIX_AUTOMATIC, both, "elif");
    foreign_give(f, TOK_ELIF, both);
    foreign_skip(f, 2);
    return true;
}

/* `-> None`, `-> void`, `-> ()` */
bool foreign_result(Foreign *f) {
    bool is_unit = foreign_kind(f, 1) == TOK_LPAREN && foreign_kind(f, 2) == TOK_RPAREN;
    bool is_void = foreign_is_null(f, 1) || foreign_is(f, 1, "void") || foreign_is(f, 1, "Void");
    if (!is_unit && !is_void) return false;
    int last = is_unit ? 2 : 1;
    Span whole = foreign_span(f, 0, last);
    Diag *d = foreign_report(f, K0169, whole, "a function that gives nothing has no result type");
    if (f->at > 0) whole.start = foreign_peek(f, -1)->span.end;
    foreign_fix(f, d, FIX_AUTOMATIC, whole, "");
    foreign_skip(f, last + 1);
    return true;
}
