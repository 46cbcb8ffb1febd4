/* Arithmetic and bit operators, on scalars and elementwise on arrays. */
#include "sema/expr.h"

#include <string.h>

void report_operand(FnChecker *f, const Expr *operand, const char *op, Span op_span,
                    const char *takes) {
    Context *cx = f->c->cx;
    const Type *type = expr_type(f, operand);
    Diag *d = diag_add(cx, K0244, op_span, "%s takes %s", op, takes);
    diag_label(cx, d, operand->span, "%s", expr_and_type(f, operand));
    if (type_is_bool(type_element(type)) && strstr(takes, "numbers")) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "count a bool as 0 or 1");
        fix_wrap(f, fix, operand, "int(", ")");
    } else if (type->kind == TYPE_STR) {
        diag_note(cx, d,
                  "strings are only printed: `print(\"x =\", x)` prints both with a space between");
    } else if (type->kind == TYPE_STRUCT) {
        diag_note(cx, d, "write it for the fields of `%s` one by one", type_text(cx, type));
    } else if (type->kind == TYPE_VOID) {
        diag_note(cx, d, "this call gives nothing");
    } else if (type->kind == TYPE_POINTER) {
        diag_note(cx, d, "pointers are moved by whole elements: `p + i`, `p - i`");
    }
}

/* What an operator takes: one bit for each class of element. */
enum { TAKES_INT = 1, TAKES_FLOAT = 2, TAKES_BOOL = 4 };

static unsigned takes_of(BinaryOp op) {
    switch (op) {
    case BIN_ADD:
    case BIN_SUB:
    case BIN_MUL:
    case BIN_DIV: /* integers get an error of their own */
    case BIN_FLOORDIV:
    case BIN_MOD:
    case BIN_MATMUL:
    case BIN_POW: return TAKES_INT | TAKES_FLOAT;
    case BIN_BIT_OR:
    case BIN_BIT_XOR:
    case BIN_BIT_AND: return TAKES_INT | TAKES_BOOL;
    case BIN_SHL:
    case BIN_SHR: return TAKES_INT;
    case BIN_AND:
    case BIN_OR: return TAKES_BOOL;
    case BINARY_OP_COUNT: break;
    }
    UNREACHABLE();
}

static const char *takes_words(unsigned takes) {
    if (takes == (TAKES_INT | TAKES_FLOAT)) return "numbers";
    if (takes == TAKES_INT) return "integers";
    if (takes == TAKES_BOOL) return "bools";
    return "integers or bools";
}

static unsigned class_of(const Type *type) {
    const Type *elem = type_element(type);
    if (type_is_bool(elem)) return TAKES_BOOL;
    if (type_is_integer(elem)) return TAKES_INT;
    return type_is_float(elem) ? TAKES_FLOAT : 0;
}

static const char *op_quote(FnChecker *f, const char *spelling) {
    return arena_printf(f->c->cx->arena, "`%s`", spelling);
}

/* ---- Unary ----------------------------------------------------------------------------------- */

const Type *check_unary(FnChecker *f, Expr *e, const Type *wanted) {
    UnaryOp op = e->unary.op;
    if (op == UN_NOT) return check_not(f, e);
    Expr *operand = e->unary.operand;
    const Type *type = check_expr(f, operand, wanted);
    if (type_is_error(type)) return expr_poison(f, e);
    unsigned takes = op == UN_BIT_NOT ? TAKES_INT | TAKES_BOOL : TAKES_INT | TAKES_FLOAT;
    if (!(class_of(type) & takes)) {
        Span op_span = {e->span.file, e->span.start, operand->span.start};
        report_operand(f, operand, op_quote(f, unary_op_spelling(op)), op_span, takes_words(takes));
        return expr_poison(f, e);
    }
    if (type_is_array(type)) type = array_like(f, type, FORM_TENSOR, type->elem);
    const Const *constant = type_is_vector(type) ? NULL : expr_constant(f, operand);
    if (constant) constant = const_unary(f->c, op, constant, type);
    if (constant) return expr_set_const(f, e, type, constant);
    return expr_set(f, e, ROLE_OPERATOR, type);
}

/* ---- Binary ---------------------------------------------------------------------------------- */

static const Type *report_integer_division(FnChecker *f, Expr *e) {
    Context *cx = f->c->cx;
    bool literals = type_is_literal(expr_type(f, e->binary.lhs)) &&
                    type_is_literal(expr_type(f, e->binary.rhs));
    Diag *d = diag_add(cx, K0243, e->binary.op_span, "`/` divides floats, and these are integers");
    diag_label(cx, d, e->binary.lhs->span, "%s",
               literals ? "an integer" : expr_and_type(f, e->binary.lhs));
    diag_label(cx, d, e->binary.rhs->span, "%s",
               literals ? "an integer" : expr_and_type(f, e->binary.rhs));
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "divide and round down");
    fix_replace(cx, fix, e->binary.op_span, "//");
    if (literals) {
        diag_note(cx, d, "for a fraction write one of them as a float: `1.0 / 3`");
    } else {
        diag_note(cx, d, "for a fraction convert both: `f32(a) / f32(b)`");
    }
    return expr_poison(f, e);
}

/* `1 / 3` where a float is wanted divides floats. */
static const Type *divide_literals(FnChecker *f, Expr *e, const Type *wanted) {
    const Type *hint = number_hint(wanted);
    if (!hint || !type_is_float(hint)) return report_integer_division(f, e);
    const Type *type = type_float_literal(f->c->types);
    const Const *a = expr_constant(f, e->binary.lhs), *b = expr_constant(f, e->binary.rhs);
    if (!a || !b) return expr_set(f, e, ROLE_OPERATOR, type);
    double quotient = (double)a->integer / (double)b->integer;
    return expr_set_const(f, e, type, const_float(f->c, quotient, NO_NAME));
}

static bool divides_by_zero(FnChecker *f, const Expr *e) {
    BinaryOp op = e->binary.op;
    const Const *divisor = expr_constant(f, e->binary.rhs);
    if ((op != BIN_FLOORDIV && op != BIN_MOD) || !divisor) return false;
    if (divisor->kind != CONST_INT || divisor->integer != 0) return false;
    Diag *d = diag_add(f->c->cx, K0270, e->span, "this divides by zero");
    diag_label(f->c->cx, d, e->binary.rhs->span, "0");
    return true;
}

/* A shift by all bits or more leaves nothing, and one by a negative count means nothing. */
static bool shifts_too_far(FnChecker *f, const Expr *e, const Type *elem) {
    Context *cx = f->c->cx;
    BinaryOp op = e->binary.op;
    int64_t count;
    if ((op != BIN_SHL && op != BIN_SHR) || !expr_known_int(f, e->binary.rhs, &count)) return false;
    if (count < 0) {
        Diag *d = diag_add(cx, K0269, e->binary.rhs->span, "a shift by a negative count");
        diag_note(cx, d, "shift the other way with `%s`", op == BIN_SHL ? ">>" : "<<");
        return true;
    }
    if (elem->kind != TYPE_SCALAR || count < (int64_t)scalar_bits(elem->scalar)) return false;
    Diag *d = diag_add(cx, K0269, e->binary.rhs->span, "a shift by %lld leaves nothing of `%s`",
                       (long long)count, type_text(cx, elem));
    diag_primary_label(cx, d, "it has %u bits", scalar_bits(elem->scalar));
    return true;
}

/* Integer constants among literals that become floats are folded as floats. */
static const Const *as_kind_of(FnChecker *f, const Const *constant, const Type *type) {
    if (constant->kind != CONST_INT || !type_is_float(type)) return constant;
    return const_float(f->c, (double)constant->integer, NO_NAME);
}

static const Type *fold_or_set(FnChecker *f, Expr *e, const Type *type) {
    const Const *a = expr_constant(f, e->binary.lhs), *b = expr_constant(f, e->binary.rhs);
    bool converted =
        expr_info(f->c, e->binary.lhs)->converted || expr_info(f->c, e->binary.rhs)->converted;
    if (!a || !b || converted) return expr_set(f, e, ROLE_OPERATOR, type);
    const Const *value =
        const_binary(f->c, e->binary.op, as_kind_of(f, a, type), as_kind_of(f, b, type), type);
    if (value) return expr_set_const(f, e, type, value);
    if (type->kind == TYPE_INT_LITERAL) {
        diag_add(f->c->cx, K0240, e->span, "this number is too large for every integer type");
        return expr_poison(f, e);
    }
    return expr_set(f, e, ROLE_OPERATOR, type);
}

static const Type *check_arithmetic(FnChecker *f, Expr *e, const Type *wanted) {
    BinaryOp op = e->binary.op;
    Expr *operands[2] = {e->binary.lhs, e->binary.rhs};
    const char *quoted = op_quote(f, binary_op_spelling(op));
    const Type *elem = unify_elements(f, operands, 2, quoted, e->binary.op_span);
    if (!elem) return expr_poison(f, e);
    unsigned takes = takes_of(op);
    if (!(class_of(elem) & takes)) {
        uint32_t wrong = class_of(expr_type(f, operands[0])) & takes ? 1 : 0;
        report_operand(f, operands[wrong], quoted, e->binary.op_span, takes_words(takes));
        return expr_poison(f, e);
    }
    if (op == BIN_DIV && type_is_integer(elem)) {
        return type_is_literal(elem) ? divide_literals(f, e, wanted)
                                     : report_integer_division(f, e);
    }
    if (divides_by_zero(f, e) || shifts_too_far(f, e, elem)) return expr_poison(f, e);
    const Type *type = elementwise_type(f, operands, 2, elem, e->binary.op_span);
    if (!type) return expr_poison(f, e);
    return fold_or_set(f, e, type);
}

/* Whether `e` is made of literals only, so that the other operand's type helps to read it. */
static bool is_bare_literal(const Expr *e, uint32_t depth) {
    if (depth == 0) return false;
    if (e->kind == EXPR_PAREN) return is_bare_literal(e->operand, depth - 1);
    if (e->kind == EXPR_UNARY) return is_bare_literal(e->unary.operand, depth - 1);
    if (e->kind == EXPR_BINARY) {
        return is_bare_literal(e->binary.rhs, depth - 1) &&
               is_bare_literal(e->binary.lhs, depth - 1);
    }
    return e->kind == EXPR_INT || e->kind == EXPR_FLOAT;
}

static const Type *hint_from(FnChecker *f, const Expr *e, const Type *wanted) {
    const Type *type = number_hint(expr_type(f, e));
    return type ? type : wanted;
}

static void check_operands(FnChecker *f, Expr *e, const Type *wanted) {
    Expr *lhs = e->binary.lhs, *rhs = e->binary.rhs;
    if (is_bare_literal(lhs, 4)) {
        check_expr(f, rhs, wanted);
        check_expr(f, lhs, hint_from(f, rhs, wanted));
    } else {
        check_expr(f, lhs, wanted);
        check_expr(f, rhs, hint_from(f, lhs, wanted));
    }
}

const Type *check_binary(FnChecker *f, Expr *e, const Type *wanted) {
    BinaryOp op = e->binary.op;
    if (op == BIN_AND || op == BIN_OR) return check_logic(f, e);
    check_operands(f, e, wanted);
    Expr *operands[2] = {e->binary.lhs, e->binary.rhs};
    if (exprs_have_error(f, operands, 2)) return expr_poison(f, e);
    bool is_step = expr_type(f, e->binary.lhs)->kind == TYPE_POINTER &&
                   type_is_integer(expr_type(f, e->binary.rhs)) && (op == BIN_ADD || op == BIN_SUB);
    if (is_step) return check_pointer_step(f, e);
    unsigned takes = takes_of(op);
    for (uint32_t i = 0; i < 2; i++) {
        if (class_of(expr_type(f, operands[i])) & takes) continue;
        report_operand(f, operands[i], op_quote(f, binary_op_spelling(op)), e->binary.op_span,
                       takes_words(takes));
        return expr_poison(f, e);
    }
    if (op == BIN_POW) return check_power(f, e);
    if (op == BIN_MATMUL) return check_matmul(f, e);
    return check_arithmetic(f, e, wanted);
}
