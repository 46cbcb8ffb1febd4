/* Slips that the grammar reads as what was meant; each is answered here. */
#include <string.h>

#include "parser/build.h"
#include "parser/syntax_error.h"

/* --- Blocks --- */

/* The place behind the last token before `offset`, where something is missing. */
static Span place_before(const Parser *p, uint32_t offset, uint32_t *index) {
    *index = parser_index(p, offset);
    if (*index > 0) --*index;
    return span_after(p->tokens->tokens.data[*index].span);
}

void colon_missing(Parser *p, Span newline) {
    uint32_t last;
    Span place = place_before(p, newline.start, &last);
    const char *part = header_part(p, parser_line_start(p, last));
    Diag *d = parser_report(p, K0102, place, "expected `:` after %s, found the end of the line",
                            part != NULL ? part : "the header of the block");
    if (d == NULL) return;
    fix_replace(p->cx, diag_fix(p->cx, d, FIX_AUTOMATIC, "add `:`"), place, ":");
}

Block block_missing(Parser *p, Span colon) {
    uint32_t index = parser_index(p, colon.start);
    uint32_t first = parser_line_start(p, index);
    Span header = span_join(p->tokens->tokens.data[first].span, colon);
    Diag *d = parser_report(p, K0103, header, "expected an indented block after this line");
    if (d != NULL) diag_note(p->cx, d, "a block that does nothing is written `pass`");
    return (Block){.span = colon};
}

void indent_unexpected(Parser *p, const StmtVec *before, Span indent) {
    p->after_error = false;
    if (before->len > 0 && vec_last(before)->kind == STMT_ERROR) return;
    Diag *d = parser_report(p, K0104, indent, "this line is indented more than the one before it");
    if (d == NULL) return;
    diag_note(p->cx, d, "a block begins after a line that ends with `:`");
}

void branch_alone(Parser *p, Span keyword, const char *spelling, const char *beginning) {
    if (p->after_error) return;
    Diag *d = parser_report(p, K0111, keyword, "this `%s` belongs to no `%s`", spelling, beginning);
    if (d == NULL) return;
    diag_note(p->cx, d, "it follows the block of its `%s`, with the same indentation", beginning);
}

Stmt *try_alone(Parser *p, Span keyword) {
    Diag *d = parser_report(p, K0117, keyword, "this `try` has no `except`");
    if (d != NULL) {
        diag_note(p->cx, d, "what to do with an error stands in an `except e:` block after it");
    }
    return stmt_new(p->ids, STMT_ERROR, keyword);
}

void try_else(Parser *p, Span keyword) {
    Diag *d = parser_report(p, K0173, keyword, "there is no `else` after `except`");
    if (d == NULL) return;
    diag_note(p->cx, d, "what runs only when nothing fails stands at the end of the `try` block");
}

void except_again(Parser *p, Span keyword) {
    Diag *d = parser_report(p, K0173, keyword, "this `try` has an `except` already");
    if (d == NULL) return;
    diag_note(p->cx, d, "there is one type of error, `Error`: one block handles them all");
}

static bool ends_in(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

Ident except_of(Parser *p, Ident name, Ident bound) {
    const char *type = text_of(p->cx, name.name);
    if (strcmp(type, "Error") == 0) return bound;
    bool is_type = ends_in(type, "Error") || ends_in(type, "Exception") || strcmp(type, "Exception") == 0;
    if (bound.name.id == 0 && !is_type) return name;
    Diag *d = parser_report(p, K0173, name.span, "there is one type of error, `Error`");
    if (d != NULL) fix_replace(p->cx, diag_fix(p->cx, d, FIX_AUTOMATIC, "write `Error`"), name.span, "Error");
    return bound;
}

/* --- Expressions --- */

Expr *compare_for_assign(Parser *p, Span span, Expr *lhs, Span assign, Expr *rhs) {
    Diag *d = parser_report(p, K0107, assign, "`=` assigns; a condition compares with `==`");
    if (d != NULL) {
        fix_replace(p->cx, diag_fix(p->cx, d, FIX_AUTOMATIC, "write `==`"), assign, "==");
    }
    return expr_compare(p, span, CMP_EQ, assign, lhs, rhs);
}

Expr *comprehension(Parser *p, Span span) {
    Diag *d = parser_report(p, K0174, span, "there are no list comprehensions");
    if (d != NULL) {
        diag_note(p->cx, d, "whole arrays are computed at once, as in `y = 2.0 * x`; a reduction "
                            "takes a generator, as in `sum(x[i] for i in range(n))`");
    }
    return expr_new(p->ids, EXPR_ERROR, span);
}

void nesting_too_deep(Parser *p, Span place) {
    Diag *d = parser_report(p, K0129, place, "this expression is nested too deeply");
    if (d == NULL) return;
    diag_note(p->cx, d, "an expression may have %d levels; give a part of it a name with `let`",
              EXPR_DEPTH_LIMIT);
}

/* `[i32]` and `[i32; 4]` are how others write an array. */
Expr *type_checked(Parser *p, Expr *type) {
    if (type->kind != EXPR_LIST) return type;
    StrBuf meant = {0};
    strbuf_puts(&meant, "Tensor[");
    for (uint32_t i = 0; i < type->items.len; i++) {
        if (i > 0) strbuf_puts(&meant, ", ");
        expr_print(p->cx, type->items.data[i], &meant);
    }
    if (type->items.len == 0) strbuf_puts(&meant, "f32");
    strbuf_puts(&meant, type->items.len < 2 ? ", ?]" : "]");
    Diag *d = parser_report(p, K0167, type->span, "this array type is written `%s`",
                            strbuf_text(&meant));
    if (d != NULL) {
        diag_note(p->cx, d, "a size is a name, a number, or `?` if only the run knows it");
        Fix *fix = diag_fix(p->cx, d, FIX_SUGGESTED, "write `%s`", strbuf_text(&meant));
        fix_replace(p->cx, fix, type->span, arena_printf(p->arena, "%s", strbuf_text(&meant)));
    }
    strbuf_free(&meant);
    return expr_new(p->ids, EXPR_ERROR, type->span);
}

/* --- Lists of names --- */

ImportDecl *imports_several(Parser *p, Span span, ImportDecl *first) {
    Diag *d = parser_report(p, K0114, span, "an `import` names one module");
    if (d != NULL) diag_note(p->cx, d, "write one `import` on each line");
    return first;
}

void import_star(Parser *p, Span star, const IdentVec *path) {
    const char *module = text_of(p->cx, vec_last(path).name);
    Diag *d = parser_report(p, K0114, star, "names are imported one by one");
    if (d == NULL) return;
    diag_note(p->cx, d, "write `from %s import a, b`, or `import %s` and then `%s.a`", module, module,
              module);
}

Ident loop_names_several(Parser *p, Ident first, Span span) {
    Diag *d = parser_report(p, K0113, span, "a loop has one variable");
    if (d != NULL) {
        diag_note(p->cx, d, "count with `for i in range(n)` and index with `i`");
    }
    return first;
}

/* --- Parameters --- */

ParamDecl param_type_first(Parser *p, Span span, Ident type, Ident name, Expr *initial) {
    const char *type_text = text_of(p->cx, type.name), *name_text = text_of(p->cx, name.name);
    if (own_type_of(type_text) != NULL) type_text = own_type_of(type_text);
    Span both = span_join(type.span, name.span);
    Diag *d = parser_report(p, K0153, both, "a parameter's type follows its name: `%s: %s`",
                            name_text, type_text);
    if (d != NULL) {
        Fix *fix = diag_fix(p->cx, d, FIX_AUTOMATIC, "write `%s: %s`", name_text, type_text);
        fix_replace(p->cx, fix, both, arena_printf(p->arena, "%s: %s", name_text, type_text));
    }
    Expr *type_expr = expr_new(p->ids, EXPR_NAME, type.span);
    type_expr->name = name_of_str(p->cx->names, type_text);
    return param_new(p, span, NULL, name, NULL, type_expr, initial);
}

ParamDecl param_variadic(Parser *p, Span span, const char *stars, Ident name) {
    Diag *d = parser_report(p, K0168, span, "a function has a fixed number of parameters: `%s%s` is "
                                            "not one", stars, text_of(p->cx, name.name));
    if (d != NULL) diag_note(p->cx, d, "any number of values of one type is a `Tensor[f32, n]`");
    return param_new(p, span, NULL, name, NULL, expr_new(p->ids, EXPR_ERROR, span), NULL);
}
