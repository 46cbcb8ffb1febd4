/* Habits that begin with a word. The words are ordinary names here, so each habit first looks whether
 * the word stands where another language would have it. */
#include <string.h>

#include "lexer/foreign.h"

bool foreign_is_own_name(const Foreign *f) {
    TokenKind before = foreign_before(f), next = foreign_kind(f, 1);
    bool declared = before == TOK_FN || before == TOK_DEF || before == TOK_STRUCT ||
                    before == TOK_TRAIT || before == TOK_LET || before == TOK_VAR ||
                    before == TOK_ALIAS || before == TOK_IMPORT || before == TOK_AS ||
                    before == TOK_FOR || before == TOK_DOT || before == TOK_AT;
    return declared || next == TOK_ASSIGN;
}

static bool begins_value(TokenKind kind) {
    return kind == TOK_NAME || kind == TOK_INT || kind == TOK_FLOAT || kind == TOK_STRING ||
           kind == TOK_BYTES || kind == TOK_TRUE || kind == TOK_FALSE;
}

/* Replaces the word by another token. */
static bool translate(Foreign *f, DiagCode code, TokenKind meant, const char *message) {
    const Token *token = foreign_peek(f, 0);
    Diag *d = foreign_report(f, code, token->span, "%s", message);
    foreign_fix(f, d, FIX_AUTOMATIC, token->span, token_kind_spelling(meant));
    foreign_become(f, meant);
    return true;
}

/* Leaves the word out. */
static bool leave_out(Foreign *f, DiagCode code, const char *message, const char *note) {
    Diag *d = foreign_report(f, code, foreign_peek(f, 0)->span, "%s", message);
    if (note != NULL) diag_note(f->cx, d, "%s", note);
    foreign_fix(f, d, FIX_AUTOMATIC, foreign_span_before(f, 0, 1), "");
    foreign_skip(f, 1);
    return true;
}

/* --- Declarations and functions --- */

static bool word_class(Foreign *f) {
    if (!foreign_at_statement(f) || foreign_kind(f, 1) != TOK_NAME) return false;
    return translate(f, K0148, TOK_STRUCT, "there are no classes: a `struct` has fields and methods");
}

static bool begins_declaration(const Foreign *f, int distance) {
    switch ((int)foreign_kind(f, distance)) {
    case TOK_FN: case TOK_DEF: case TOK_STRUCT: case TOK_TRAIT: case TOK_EXTERN: case TOK_LET:
    case TOK_VAR: case TOK_ALIAS: return true;
    default: break;
    }
    return foreign_kind(f, distance + 1) == TOK_NAME &&
           (foreign_is(f, distance, "function") || foreign_is(f, distance, "func") ||
            foreign_is(f, distance, "class") || foreign_is(f, distance, "const"));
}

static bool word_modifier(Foreign *f) {
    if (!foreign_at_statement(f) || !begins_declaration(f, 1)) return foreign_variable_word(f, "let", K0155);
    const char *word = text_of(f->cx, foreign_peek(f, 0)->name);
    bool is_inline = strcmp(word, "inline") == 0, is_export = strcmp(word, "export") == 0;
    char *message = arena_printf(f->cx->arena, "there is no modifier `%s`", word);
    if (!is_inline && !is_export) {
        return leave_out(f, K0170, message, "names that start with `_` are private, all others public");
    }
    Diag *d = foreign_report(f, K0170, foreign_peek(f, 0)->span, "%s", message);
    foreign_fix(f, d, FIX_AUTOMATIC, foreign_peek(f, 0)->span, is_inline ? "@inline" : "@export");
    foreign_skip(f, 1);
    return true;
}

static bool word_async(Foreign *f) {
    TokenKind next = foreign_kind(f, 1);
    bool is_habit = foreign_at_statement(f) &&
                    (next == TOK_FN || next == TOK_DEF || next == TOK_FOR || foreign_is(f, 1, "with"));
    if (!is_habit) return false;
    return leave_out(f, K0147, "functions are never `async`",
                     "`parallel for` splits a loop over threads, and `spawn f(x)` starts a task");
}

static bool word_await(Foreign *f) {
    if (foreign_is_own_name(f) || foreign_kind(f, 1) != TOK_NAME) return false;
    return leave_out(f, K0147, "there is no `await`",
                     "`let h = spawn f(x)` starts a task, and `h.wait()` gives its result");
}

static bool word_function(Foreign *f) {
    TokenKind after = foreign_kind(f, 2);
    bool is_habit = foreign_at_statement(f) && foreign_kind(f, 1) == TOK_NAME &&
                    (after == TOK_LPAREN || after == TOK_LBRACKET || after == TOK_LT);
    return is_habit && translate(f, K0154, TOK_FN, "a function begins with `fn`");
}

static bool word_constant(Foreign *f) { return foreign_variable_word(f, "let", K0155); }
static bool word_variable(Foreign *f) { return foreign_variable_word(f, "var", K0155); }

static bool word_new(Foreign *f) {
    bool is_habit = !token_is(foreign_before(f), ENDS_OPERAND) && !foreign_is_own_name(f) &&
                    foreign_kind(f, 1) == TOK_NAME;
    return is_habit && leave_out(f, K0170, "there is no `new`: calling the type makes a value", NULL);
}

/* --- Expressions --- */

/* From `lambda` to the end of its body: the next comma or closing bracket around it, or the line's end. */
static bool word_lambda(Foreign *f) {
    TokenKind next = foreign_kind(f, 1);
    if (foreign_is_own_name(f) || (next != TOK_NAME && next != TOK_COLON)) return false;
    int at = 1, depth = 0;
    bool in_body = false;
    for (;; at++) {
        TokenKind kind = foreign_kind(f, at);
        if (kind == TOK_NEWLINE || kind == TOK_END) break;
        if (kind == TOK_LPAREN || kind == TOK_LBRACKET) depth++;
        if (kind == TOK_RPAREN || kind == TOK_RBRACKET) depth--;
        if (depth < 0 || (depth == 0 && in_body && kind == TOK_COMMA)) break;
        if (depth == 0 && kind == TOK_COLON) in_body = true;
    }
    Span whole = foreign_span(f, 0, at - 1);
    Diag *d = foreign_report(f, K0156, whole, "there is no `lambda`");
    diag_note(f->cx, d, "write a function inside this one, with a name, and pass the name: "
                        "`fn f(x: f32) -> f32: return ...`");
    foreign_give(f, TOK_ERROR, whole);
    foreign_skip(f, at);
    return true;
}

bool foreign_is_null(const Foreign *f, int distance) {
    static const char *const words[] = {"None", "null", "nil", "nullptr", "NULL"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (foreign_is(f, distance, words[i])) return true;
    }
    return false;
}

/* `None: f32`, as a parameter or a declaration. */
static bool is_annotated(const Foreign *f) {
    TokenKind before = foreign_before(f);
    return foreign_kind(f, 1) == TOK_COLON &&
           (before == TOK_LPAREN || before == TOK_COMMA || foreign_at_statement(f));
}

static bool word_null(Foreign *f) {
    if (foreign_is_own_name(f) || is_annotated(f)) return false;
    Span span = foreign_peek(f, 0)->span;
    const char *word = text_of(f->cx, foreign_peek(f, 0)->name);
    if (foreign_before(f) == TOK_RETURN && foreign_kind(f, 1) == TOK_NEWLINE) {
        Diag *d = foreign_report(f, K0149, span, "there is no `%s`: a function that gives nothing "
                                                 "says `return`", word);
        span.start = foreign_peek(f, -1)->span.end;
        foreign_fix(f, d, FIX_AUTOMATIC, span, "");
        foreign_skip(f, 1);
        return true;
    }
    Diag *d = foreign_report(f, K0149, span, "there is no `%s`: every variable has a value of its type",
                             word);
    diag_note(f->cx, d, "keep a `bool` beside a value that may be missing, or declare it later, where "
                        "its value is known");
    foreign_become(f, TOK_ERROR);
    return true;
}

static bool word_true(Foreign *f) {
    return !foreign_is_own_name(f) && !is_annotated(f) &&
           translate(f, K0150, TOK_TRUE, "`true` is written `True`");
}

static bool word_false(Foreign *f) {
    return !foreign_is_own_name(f) && !is_annotated(f) &&
           translate(f, K0150, TOK_FALSE, "`false` is written `False`");
}

/* `x is y`, `x is not y`. */
static bool word_is(Foreign *f) {
    if (!token_is(foreign_before(f), ENDS_OPERAND)) return false;
    bool is_not = foreign_kind(f, 1) == TOK_NOT;
    int rhs = is_not ? 2 : 1;
    if (!token_is(foreign_kind(f, rhs), STARTS_OPERAND)) return false;
    TokenKind meant = is_not ? TOK_NE : TOK_EQ;
    Span span = foreign_span(f, 0, rhs - 1);
    if (!foreign_is_null(f, rhs)) { /* the null is reported by itself */
        Diag *d = foreign_report(f, K0163, span, "values are compared with `%s`",
                                 token_kind_spelling(meant));
        foreign_fix(f, d, FIX_AUTOMATIC, span, token_kind_spelling(meant));
    }
    foreign_give(f, meant, span);
    foreign_skip(f, rhs);
    return true;
}

static bool word_reflection(Foreign *f) {
    if (foreign_is_own_name(f) || foreign_kind(f, 1) != TOK_LPAREN) return false;
    const char *word = text_of(f->cx, foreign_peek(f, 0)->name);
    Diag *d = foreign_report(f, K0160, foreign_peek(f, 0)->span,
                             "there is no `%s`: names are known when the program is compiled", word);
    diag_note(f->cx, d, "write the member itself: `x.name`");
    foreign_become(f, TOK_ERROR);
    return true;
}

static bool word_autotune(Foreign *f) {
    if (foreign_is_own_name(f) || foreign_kind(f, 1) != TOK_LPAREN) return false;
    Diag *d = foreign_report(f, K0161, foreign_peek(f, 0)->span, "there is no `autotune`");
    diag_note(f->cx, d, "write the value, as in `alias TILE = 32`; `simdwidthof[f32]()` is the width "
                        "of the target");
    foreign_become(f, TOK_ERROR);
    return true;
}

/* --- Statements --- */

static bool word_else_if(Foreign *f) {
    if (!foreign_at_statement(f) || foreign_kind(f, 1) == TOK_ASSIGN) return false;
    char *message = arena_printf(f->cx->arena, "`%s` is written `elif`",
                                 text_of(f->cx, foreign_peek(f, 0)->name));
    return translate(f, K0152, TOK_ELIF, message);
}

typedef struct PythonStatement {
    const char *word, *note;
} PythonStatement;

static const PythonStatement python_statements[] = {
    {"del", "a value is freed after its last use"},
    {"global", "a module has constants only; pass what a function changes as `inout`"},
    {"nonlocal", "an inner function uses the variables around it as they are"},
    {"yield", "write into an array that the caller passes as `inout`"},
    {"with", "a value is freed after its last use, and files are the caller's"},
};

static bool word_python_statement(Foreign *f) {
    if (!foreign_at_statement(f) || !begins_value(foreign_kind(f, 1))) return false;
    const char *word = text_of(f->cx, foreign_peek(f, 0)->name);
    Diag *d = foreign_report(f, K0157, foreign_peek(f, 0)->span, "there is no `%s` statement", word);
    for (size_t i = 0; i < ARRAY_LEN(python_statements); i++) {
        if (strcmp(python_statements[i].word, word) == 0) {
            diag_note(f->cx, d, "%s", python_statements[i].note);
        }
    }
    foreign_swallow_line(f);
    return true;
}

static bool ends_header(TokenKind kind) { return kind == TOK_COLON || kind == TOK_LBRACE; }

static bool word_match(Foreign *f) {
    TokenKind next = foreign_kind(f, 1);
    bool is_habit = foreign_at_statement(f) && (begins_value(next) || next == TOK_LPAREN) &&
                    ends_header(foreign_line_end(f));
    if (!is_habit) return false;
    const char *word = text_of(f->cx, foreign_peek(f, 0)->name);
    Diag *d = foreign_report(f, K0158, foreign_peek(f, 0)->span, "there is no `%s`", word);
    diag_note(f->cx, d, "write the cases as `if`, `elif` and `else`");
    f->in_match = true;
    foreign_swallow_line(f);
    return true;
}

/* The cases of a `match` that was reported. */
static bool word_case(Foreign *f) {
    bool is_case = f->in_match && foreign_at_statement(f) && foreign_kind(f, 1) != TOK_ASSIGN;
    if (!is_case) return false;
    foreign_swallow_line(f);
    return true;
}

static bool word_throw(Foreign *f) {
    if (!foreign_at_statement(f) || foreign_kind(f, 1) != TOK_NAME) return false;
    Span word = foreign_peek(f, 0)->span;
    Diag *d = foreign_report(f, K0173, word, "an error is raised with `raise`");
    foreign_fix(f, d, FIX_AUTOMATIC, word, "raise");
    foreign_swallow_line(f);
    return true;
}

static bool word_catch(Foreign *f) {
    if (!foreign_at_statement(f) || !ends_header(foreign_line_end(f))) return false;
    Diag *d = foreign_report(f, K0173, foreign_peek(f, 0)->span, "errors are handled with `except`");
    diag_note(f->cx, d, "write `except e:`");
    foreign_become(f, TOK_EXCEPT);
    if (foreign_kind(f, 0) == TOK_LPAREN && foreign_closer(f, 0) > 0) {
        foreign_skip(f, foreign_closer(f, 0) + 1);
    }
    return true;
}

static bool word_finally(Foreign *f) {
    if (!foreign_at_statement(f) || !ends_header(foreign_line_end(f))) return false;
    Diag *d = foreign_report(f, K0173, foreign_peek(f, 0)->span, "there is no `finally`");
    diag_note(f->cx, d, "values are freed by themselves on every way out of a function");
    foreign_swallow_line(f);
    return true;
}

/* --- Imports --- */

static bool is_python_package(const Foreign *f, int distance) {
    static const char *const packages[] = {"numpy", "torch", "tensorflow", "jax", "scipy", "pandas",
                                           "matplotlib", "numba", "cupy", "triton", "typing",
                                           "ctypes"};
    for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
        if (foreign_is(f, distance, packages[i])) return true;
    }
    return false;
}

/* The names that the import would have brought are declared with an error for a value, so that their
 * uses are not reported again: `let np = <error>`. */
static void give_poisoned_names(Foreign *f) {
    int end = 1, first = 1;
    while (foreign_kind(f, end) != TOK_NEWLINE && foreign_kind(f, end) != TOK_END) {
        TokenKind kind = foreign_kind(f, end);
        if (kind == TOK_IMPORT || kind == TOK_LPAREN) first = end + 1;
        end++;
    }
    foreign_give(f, TOK_LET, foreign_peek(f, 0)->span);
    bool any = false;
    for (int i = first; i < end; i++) {
        bool is_last = foreign_kind(f, i + 1) == TOK_COMMA || foreign_kind(f, i + 1) == TOK_NEWLINE ||
                       foreign_kind(f, i + 1) == TOK_RPAREN;
        if (foreign_kind(f, i) != TOK_NAME || !is_last) continue;
        if (any) foreign_give(f, TOK_COMMA, foreign_peek(f, i)->span);
        vec_push(f->cx->arena, &f->out->tokens, *foreign_peek(f, i));
        any = true;
    }
    foreign_give(f, TOK_ASSIGN, foreign_peek(f, 0)->span);
    foreign_give(f, TOK_ERROR, foreign_peek(f, 0)->span);
    foreign_skip(f, end);
}

bool foreign_import(Foreign *f) {
    if (!foreign_at_statement(f) || !is_python_package(f, 1)) return false;
    const Token *package = foreign_peek(f, 1);
    Diag *d = foreign_report(f, K0159, package->span, "`%s` is a package of Python, and kernels run "
                                                      "without Python", text_of(f->cx, package->name));
    diag_note(f->cx, d, "arrays are part of the language: `Tensor[f32, n]`, whole-array expressions, "
                        "`sum`, `max`, ...; `exp`, `sqrt` and their kin are in the module `math`");
    give_poisoned_names(f);
    return true;
}

/* --- The table, sorted for the search --- */

static const struct {
    const char *word;
    bool (*habit)(Foreign *f);
} habits[] = {
    {"NULL", word_null}, {"None", word_null}, {"async", word_async}, {"auto", word_variable},
    {"autotune", word_autotune}, {"await", word_await}, {"case", word_case}, {"catch", word_catch},
    {"class", word_class}, {"const", word_constant}, {"constexpr", word_constant},
    {"default", word_case}, {"del", word_python_statement}, {"delattr", word_reflection},
    {"elseif", word_else_if}, {"elsif", word_else_if}, {"export", word_modifier},
    {"false", word_false}, {"final", word_modifier}, {"finally", word_finally},
    {"fun", word_function}, {"func", word_function}, {"function", word_function},
    {"getattr", word_reflection}, {"global", word_python_statement}, {"hasattr", word_reflection},
    {"inline", word_modifier}, {"is", word_is}, {"lambda", word_lambda}, {"match", word_match},
    {"mut", word_variable}, {"new", word_new}, {"nil", word_null},
    {"nonlocal", word_python_statement}, {"null", word_null}, {"nullptr", word_null},
    {"private", word_modifier}, {"protected", word_modifier}, {"pub", word_modifier},
    {"public", word_modifier}, {"setattr", word_reflection}, {"static", word_modifier},
    {"switch", word_match}, {"throw", word_throw}, {"true", word_true}, {"val", word_constant},
    {"virtual", word_modifier}, {"with", word_python_statement}, {"yield", word_python_statement},
};

bool foreign_word(Foreign *f) {
    const char *word = text_of(f->cx, foreign_peek(f, 0)->name);
    size_t low = 0, high = ARRAY_LEN(habits);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(word, habits[middle].word);
        if (order == 0) return habits[middle].habit(f);
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}
