/* An expression as its author would write it. Parentheses that were written are nodes, so none have to
 * be worked out; the trees that sema or the parser make up are printed without. */
#include "parser/ast.h"

static void put_maybe(const Context *cx, const Expr *expr, StrBuf *out) {
    if (expr != NULL) expr_print(cx, expr, out);
}

static void put_items(const Context *cx, const ExprVec *items, StrBuf *out) {
    for (uint32_t i = 0; i < items->len; i++) {
        if (i > 0) strbuf_puts(out, ", ");
        expr_print(cx, items->data[i], out);
    }
}

static void put_args(const Context *cx, const ArgVec *args, StrBuf *out) {
    for (uint32_t i = 0; i < args->len; i++) {
        if (i > 0) strbuf_puts(out, ", ");
        if (args->data[i].key.name.id != 0) {
            strbuf_printf(out, "%s=", text_of(cx, args->data[i].key.name));
        }
        expr_print(cx, args->data[i].value, out);
    }
}

/* Cut short: a message needs to say which string, not all of it. */
static void put_string(const Expr *expr, StrBuf *out) {
    enum { SHOWN = 40 };
    strbuf_puts(out, expr->string.is_bytes ? "b\"" : "\"");
    for (uint32_t i = 0; i < expr->string.length; i++) {
        unsigned char c = (unsigned char)expr->string.bytes[i];
        if (i >= SHOWN && (c & 0xC0) != 0x80) {
            strbuf_puts(out, "...");
            break;
        }
        strbuf_put_escaped(out, c);
    }
    strbuf_putc(out, '"');
}

static void put_tuple(const Context *cx, const Expr *expr, StrBuf *out) {
    strbuf_putc(out, '(');
    put_items(cx, &expr->items, out);
    strbuf_puts(out, expr->items.len == 1 ? ",)" : ")");
}

static void put_compare(const Context *cx, const Expr *expr, StrBuf *out) {
    for (uint32_t i = 0; i < expr->compare.operands.len; i++) {
        if (i > 0) strbuf_printf(out, " %s ", compare_op_spelling(expr->compare.ops.data[i - 1]));
        expr_print(cx, expr->compare.operands.data[i], out);
    }
}

static void put_generator(const Context *cx, const Expr *expr, StrBuf *out) {
    expr_print(cx, expr->generator.element, out);
    for (uint32_t i = 0; i < expr->generator.clauses.len; i++) {
        const GeneratorClause *clause = &expr->generator.clauses.data[i];
        strbuf_printf(out, " for %s in ", text_of(cx, clause->target.name));
        expr_print(cx, clause->iter, out);
        for (uint32_t j = 0; j < clause->conditions.len; j++) {
            strbuf_puts(out, " if ");
            expr_print(cx, clause->conditions.data[j], out);
        }
    }
}

static void put_slice(const Context *cx, const Expr *expr, StrBuf *out) {
    put_maybe(cx, expr->slice.lo, out);
    strbuf_putc(out, ':');
    put_maybe(cx, expr->slice.hi, out);
    if (expr->slice.step == NULL) return;
    strbuf_putc(out, ':');
    expr_print(cx, expr->slice.step, out);
}

void expr_print(const Context *cx, const Expr *expr, StrBuf *out) {
    switch (expr->kind) {
    case EXPR_ERROR: strbuf_puts(out, "..."); break;
    case EXPR_INT:
        if (expr->integer.too_large) {
            strbuf_puts(out, "(a number beyond 64 bits)");
        } else {
            strbuf_printf(out, "%llu", (unsigned long long)expr->integer.value);
        }
        break;
    case EXPR_FLOAT: strbuf_puts(out, text_of(cx, expr->real.text)); break;
    case EXPR_BOOL: strbuf_puts(out, expr->boolean ? "True" : "False"); break;
    case EXPR_STRING: put_string(expr, out); break;
    case EXPR_NAME: strbuf_puts(out, text_of(cx, expr->name)); break;
    case EXPR_TUPLE: put_tuple(cx, expr, out); break;
    case EXPR_LIST:
        strbuf_putc(out, '[');
        put_items(cx, &expr->items, out);
        strbuf_putc(out, ']');
        break;
    case EXPR_PAREN:
        strbuf_putc(out, '(');
        expr_print(cx, expr->operand, out);
        strbuf_putc(out, ')');
        break;
    case EXPR_UNARY:
        strbuf_puts(out, unary_op_spelling(expr->unary.op));
        if (expr->unary.op == UN_NOT) strbuf_putc(out, ' ');
        expr_print(cx, expr->unary.operand, out);
        break;
    case EXPR_BINARY:
        expr_print(cx, expr->binary.lhs, out);
        strbuf_printf(out, " %s ", binary_op_spelling(expr->binary.op));
        expr_print(cx, expr->binary.rhs, out);
        break;
    case EXPR_COMPARE: put_compare(cx, expr, out); break;
    case EXPR_COND:
        expr_print(cx, expr->cond.then, out);
        strbuf_puts(out, " if ");
        expr_print(cx, expr->cond.cond, out);
        strbuf_puts(out, " else ");
        expr_print(cx, expr->cond.otherwise, out);
        break;
    case EXPR_CALL:
        expr_print(cx, expr->call.callee, out);
        strbuf_putc(out, '(');
        put_args(cx, &expr->call.args, out);
        strbuf_putc(out, ')');
        break;
    case EXPR_INDEX:
        expr_print(cx, expr->index.base, out);
        strbuf_putc(out, '[');
        put_args(cx, &expr->index.args, out);
        strbuf_putc(out, ']');
        break;
    case EXPR_SLICE: put_slice(cx, expr, out); break;
    case EXPR_MEMBER:
        expr_print(cx, expr->member.base, out);
        strbuf_printf(out, ".%s", text_of(cx, expr->member.name.name));
        break;
    case EXPR_TRANSFER:
        expr_print(cx, expr->operand, out);
        strbuf_putc(out, '^');
        break;
    case EXPR_RANGE:
        expr_print(cx, expr->range.lo, out);
        strbuf_puts(out, "..");
        expr_print(cx, expr->range.hi, out);
        break;
    case EXPR_GENERATOR: put_generator(cx, expr, out); break;
    case EXPR_UNKNOWN: strbuf_putc(out, '?'); break;
    case EXPR_SPAWN:
        strbuf_puts(out, "spawn ");
        expr_print(cx, expr->operand, out);
        break;
    case EXPR_KIND_COUNT: UNREACHABLE();
    }
}
