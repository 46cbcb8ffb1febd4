/* The one element type of an operation's operands. */
#include "sema/expr.h"

/* The first type that both widen to: what def computes mixed operands in. */
static const Type *join_in_def(FnChecker *f, const Type *a, const Type *b) {
    static const Scalar ladder[] = {SCALAR_I16, SCALAR_U16, SCALAR_I32, SCALAR_U32,
                                    SCALAR_I64, SCALAR_F32, SCALAR_F64};
    if (scalar_widens(a->scalar, b->scalar)) return b;
    if (scalar_widens(b->scalar, a->scalar)) return a;
    for (uint32_t i = 0; i < ARRAY_LEN(ladder); i++) {
        if (scalar_widens(a->scalar, ladder[i]) && scalar_widens(b->scalar, ladder[i])) {
            return type_scalar(f->c->types, ladder[i]);
        }
    }
    return NULL;
}

/* Which of two differing operands a fix-it should convert: integers to floats, narrow to wide. */
static bool converts_left(const Type *a, const Type *b) {
    bool a_float = type_is_float(a), b_float = type_is_float(b);
    if (a_float != b_float) return b_float;
    return scalar_bits(a->scalar) <= scalar_bits(b->scalar);
}

static void suggest_conversion(FnChecker *f, Diag *d, const Expr *e, const Type *to) {
    Fix *fix = diag_fix(f->c->cx, d, FIX_AUTOMATIC, "convert %s", expr_quote(f, e));
    fix_convert(f, fix, e, to);
}

static void report_mixed(FnChecker *f, const Expr *a, const Expr *b, const char *op, Span op_span) {
    Context *cx = f->c->cx;
    const Type *ta = type_element(expr_type(f, a)), *tb = type_element(expr_type(f, b));
    const char *na = type_text(cx, ta), *nb = type_text(cx, tb);
    Diag *d = diag_add(cx, K0242, op_span, "%s between %s `%s` and %s `%s`", op, article(na), na,
                       article(nb), nb);
    diag_label(cx, d, a->span, "%s", expr_and_type(f, a));
    diag_label(cx, d, b->span, "%s", expr_and_type(f, b));
    if (ta->kind != TYPE_SCALAR || tb->kind != TYPE_SCALAR) return;
    if (!type_is_number(ta) || !type_is_number(tb)) {
        diag_note(cx, d, "a bool is not a number");
        const Expr *flag = type_is_bool(ta) ? a : b;
        suggest_conversion(f, d, flag, flag == a ? tb : ta);
        return;
    }
    diag_note(cx, d, "numbers of different types do not mix by themselves; say which one is meant");
    if (converts_left(ta, tb)) {
        suggest_conversion(f, d, a, tb);
    } else {
        suggest_conversion(f, d, b, ta);
    }
}

/* `i * 0.5` with an integer i. */
static void report_float_literal(FnChecker *f, const Expr *literal, const Expr *other,
                                 const char *op, Span op_span) {
    Context *cx = f->c->cx;
    const char *name = type_text(cx, type_element(expr_type(f, other)));
    Diag *d =
        diag_add(cx, K0242, op_span, "%s between %s `%s` and a float", op, article(name), name);
    diag_label(cx, d, other->span, "%s", expr_and_type(f, other));
    diag_label(cx, d, literal->span, "%s is a float", expr_quote(f, literal));
    diag_note(cx, d, "numbers of different types do not mix by themselves; say which one is meant");
    suggest_conversion(f, d, other, type_scalar(f->c->types, SCALAR_F64));
}

/* The common type of the operands that are no literals; NULL if there is none. `*first` is the
 * operand that it comes from. */
static bool concrete_type(FnChecker *f, Expr *const *es, uint32_t count, const char *op,
                          Span op_span, const Type **common) {
    uint32_t first = count;
    *common = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const Type *type = type_element(expr_type(f, es[i]));
        if (type_is_literal(type)) continue;
        if (!*common) {
            *common = type;
            first = i;
        } else if (type != *common) {
            bool numbers = type_is_number(type) && type_is_number(*common);
            const Type *joined = f->is_def && numbers ? join_in_def(f, *common, type) : NULL;
            if (!joined) {
                report_mixed(f, es[first], es[i], op, op_span);
                return false;
            }
            *common = joined;
        }
    }
    return true;
}

static const Type *literal_join(FnChecker *f, Expr *const *es, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (type_is_float(expr_type(f, es[i]))) return type_float_literal(f->c->types);
    }
    return type_int_literal(f->c->types);
}

/* def computes `i * 0.5` in f64. */
static bool literals_want_float(FnChecker *f, Expr *const *es, uint32_t count, const Type **common,
                                const char *op, Span op_span) {
    if (!type_is_integer(*common)) return true;
    for (uint32_t i = 0; i < count; i++) {
        const Type *type = expr_type(f, es[i]);
        if (!type_is_literal(type) || !type_is_float(type)) continue;
        if (f->is_def) {
            *common = type_scalar(f->c->types, SCALAR_F64);
            return true;
        }
        uint32_t other = 0;
        while (type_is_literal(expr_type(f, es[other]))) other++;
        report_float_literal(f, es[i], es[other], op, op_span);
        return false;
    }
    return true;
}

const Type *unify_elements(FnChecker *f, Expr *const *es, uint32_t count, const char *op,
                           Span op_span) {
    const Type *common;
    if (!concrete_type(f, es, count, op, op_span, &common)) return NULL;
    if (!common) return literal_join(f, es, count);
    if (!literals_want_float(f, es, count, &common, op, op_span)) return NULL;
    bool good = true;
    for (uint32_t i = 0; i < count; i++) {
        const Type *type = expr_type(f, es[i]);
        if (type_is_literal(type)) {
            if (!type_is_number(common)) {
                uint32_t other = i == 0 ? 1 : 0;
                report_mixed(f, es[other], es[i], op, op_span);
                return NULL;
            }
            good = literal_adapt(f, es[i], common) && good;
        } else if (type_element(type) != common) {
            convert_implicitly(f, es[i], type_with_elem(f->c->types, type, common));
        }
    }
    return good ? common : NULL;
}
