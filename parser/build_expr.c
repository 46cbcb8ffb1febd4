/* Expressions: from the grammar's actions to nodes. Each notes the depth of its tree, and a tree
 * beyond the limit becomes an ERROR leaf, so that no later walk can run out of stack. */
#include <string.h>

#include "parser/build.h"

Ident ident_of(Parser *p, const char *text, Span span) {
    return (Ident){name_of_str(p->cx->names, text), span};
}

/* Notes that `expr` stands above `child`, which may be NULL. */
static void stand_above(Expr *expr, const Expr *child) {
    if (child != NULL && child->depth >= expr->depth) expr->depth = child->depth + 1;
}

/* Every node with children ends here. */
static Expr *finish(Parser *p, Expr *expr) {
    if (expr->depth <= EXPR_DEPTH_LIMIT) return expr;
    nesting_too_deep(p, expr->span);
    return expr_new(p->ids, EXPR_ERROR, expr->span);
}

static void stand_above_args(Expr *expr, const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) stand_above(expr, args->data[i].value);
}

/* --- Leaves --- */

Expr *expr_name(Parser *p, const Token *token) {
    Expr *expr = expr_new(p->ids, EXPR_NAME, token->span);
    expr->name = token->name;
    return expr;
}

Expr *expr_int(Parser *p, const Token *token) {
    Expr *expr = expr_new(p->ids, EXPR_INT, token->span);
    expr->integer.value = token->integer.value;
    expr->integer.too_large = token->integer.too_large;
    return expr;
}

Expr *expr_float(Parser *p, const Token *token) {
    Expr *expr = expr_new(p->ids, EXPR_FLOAT, token->span);
    expr->real.value = token->real.value;
    expr->real.text = token->real.text;
    return expr;
}

Expr *expr_bool(Parser *p, Span span, bool value) {
    Expr *expr = expr_new(p->ids, EXPR_BOOL, span);
    expr->boolean = value;
    return expr;
}

static void report_mixed_strings(Parser *p, const Token *first, const Token *other) {
    Diag *d = parser_report(p, K0131, other->span, "a text and a byte string cannot be joined");
    if (d == NULL) return;
    diag_label(p->cx, d, first->span, "this is a %s",
               first->kind == TOK_BYTES ? "byte string" : "text");
}

/* Strings side by side are one string. */
Expr *expr_string(Parser *p, Span span, const TokenVec *tokens) {
    const Token *first = &tokens->data[0];
    size_t length = 0;
    for (uint32_t i = 0; i < tokens->len; i++) length += tokens->data[i].string.length;
    char *bytes = arena_alloc(p->arena, length + 1);
    uint32_t at = 0;
    for (uint32_t i = 0; i < tokens->len; i++) {
        const Token *token = &tokens->data[i];
        if (token->kind != first->kind) report_mixed_strings(p, first, token);
        memcpy(bytes + at, token->string.bytes, token->string.length);
        at += token->string.length;
    }
    Expr *expr = expr_new(p->ids, EXPR_STRING, span);
    expr->string.bytes = bytes;
    expr->string.length = at;
    expr->string.is_bytes = first->kind == TOK_BYTES;
    return expr;
}

/* --- Groups --- */

/* A list with an item that could not be read is not worth looking at. */
static bool is_poisoned(ExprKind kind, const ExprVec *items) {
    for (uint32_t i = 0; i < items->len && kind == EXPR_LIST; i++) {
        if (items->data[i]->kind == EXPR_ERROR) return true;
    }
    return false;
}

Expr *expr_of_vec(Parser *p, ExprKind kind, Span span, const ExprVec *items) {
    if (is_poisoned(kind, items)) return expr_new(p->ids, EXPR_ERROR, span);
    Expr *expr = expr_new(p->ids, kind, span);
    expr->items = *items;
    for (uint32_t i = 0; i < items->len; i++) stand_above(expr, items->data[i]);
    return finish(p, expr);
}

Expr *expr_of_items(Parser *p, Span span, const ExprVec *items, bool has_comma) {
    if (items->len == 1 && !has_comma) return items->data[0];
    return expr_of_vec(p, EXPR_TUPLE, span, items);
}

Expr *expr_tuple(Parser *p, Span span, Expr *first, const ExprVec *others) {
    ExprVec items = {0};
    vec_push(p->arena, &items, first);
    for (uint32_t i = 0; i < others->len; i++) vec_push(p->arena, &items, others->data[i]);
    return expr_of_vec(p, EXPR_TUPLE, span, &items);
}

Expr *expr_wrap(Parser *p, ExprKind kind, Span span, Expr *operand) {
    Expr *expr = expr_new(p->ids, kind, span);
    expr->operand = operand;
    stand_above(expr, operand);
    return finish(p, expr);
}

/* --- Operators --- */

Expr *expr_unary(Parser *p, Span span, UnaryOp op, Expr *operand) {
    Expr *expr = expr_new(p->ids, EXPR_UNARY, span);
    expr->unary.op = op;
    expr->unary.operand = operand;
    stand_above(expr, operand);
    return finish(p, expr);
}

Expr *expr_binary(Parser *p, Span span, BinaryOp op, Span op_span, Expr *lhs, Expr *rhs) {
    Expr *expr = expr_new(p->ids, EXPR_BINARY, span);
    expr->binary.op = op;
    expr->binary.op_span = op_span;
    expr->binary.lhs = lhs;
    expr->binary.rhs = rhs;
    stand_above(expr, lhs);
    stand_above(expr, rhs);
    return finish(p, expr);
}

/* `a < b < c` is one node with three operands. */
Expr *expr_compare(Parser *p, Span span, CompareOp op, Span op_span, Expr *lhs, Expr *rhs) {
    Expr *expr = lhs;
    if (lhs->kind != EXPR_COMPARE) {
        expr = expr_new(p->ids, EXPR_COMPARE, span);
        vec_push(p->arena, &expr->compare.operands, lhs);
        stand_above(expr, lhs);
    }
    expr->span = span;
    vec_push(p->arena, &expr->compare.ops, op);
    vec_push(p->arena, &expr->compare.op_spans, op_span);
    vec_push(p->arena, &expr->compare.operands, rhs);
    stand_above(expr, rhs);
    return finish(p, expr);
}

Expr *expr_cond(Parser *p, Span span, Expr *then, Expr *cond, Expr *otherwise) {
    Expr *expr = expr_new(p->ids, EXPR_COND, span);
    expr->cond.then = then;
    expr->cond.cond = cond;
    expr->cond.otherwise = otherwise;
    stand_above(expr, then);
    stand_above(expr, cond);
    stand_above(expr, otherwise);
    return finish(p, expr);
}

Expr *expr_range(Parser *p, Span span, Expr *lo, Expr *hi) {
    Expr *expr = expr_new(p->ids, EXPR_RANGE, span);
    expr->range.lo = lo;
    expr->range.hi = hi;
    stand_above(expr, lo);
    stand_above(expr, hi);
    return finish(p, expr);
}

/* --- What follows an operand --- */

Expr *expr_member(Parser *p, Span span, Expr *base, Ident name) {
    Expr *expr = expr_new(p->ids, EXPR_MEMBER, span);
    expr->member.base = base;
    expr->member.name = name;
    stand_above(expr, base);
    return finish(p, expr);
}

Expr *expr_call(Parser *p, Span span, Expr *callee, const ArgVec *args) {
    Expr *expr = expr_new(p->ids, EXPR_CALL, span);
    expr->call.callee = callee;
    expr->call.args = *args;
    stand_above(expr, callee);
    stand_above_args(expr, args);
    return finish(p, expr);
}

Expr *expr_index(Parser *p, Span span, Expr *base, const ArgVec *args) {
    Expr *expr = expr_new(p->ids, EXPR_INDEX, span);
    expr->index.base = base;
    expr->index.args = *args;
    stand_above(expr, base);
    stand_above_args(expr, args);
    return finish(p, expr);
}

Expr *expr_slice(Parser *p, Span span, Expr *lo, Expr *hi, Expr *step) {
    Expr *expr = expr_new(p->ids, EXPR_SLICE, span);
    expr->slice.lo = lo;
    expr->slice.hi = hi;
    expr->slice.step = step;
    stand_above(expr, lo);
    stand_above(expr, hi);
    stand_above(expr, step);
    return finish(p, expr);
}

/* `e for i in r if c` as the one argument of a call. */
ArgVec args_generator(Parser *p, Span span, Expr *element, const GeneratorClauseVec *clauses) {
    Expr *expr = expr_new(p->ids, EXPR_GENERATOR, span);
    expr->generator.element = element;
    expr->generator.clauses = *clauses;
    stand_above(expr, element);
    for (uint32_t i = 0; i < clauses->len; i++) {
        stand_above(expr, clauses->data[i].iter);
        const ExprVec *conditions = &clauses->data[i].conditions;
        for (uint32_t j = 0; j < conditions->len; j++) stand_above(expr, conditions->data[j]);
    }
    ArgVec args = {0};
    Arg arg = {NO_IDENT, finish(p, expr)};
    vec_push(p->arena, &args, arg);
    return args;
}
