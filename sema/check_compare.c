/* Comparison, conditions, and what is made of bools. */
#include "sema/expr.h"

#include <string.h>

/* ---- Comparison ------------------------------------------------------------------------------ */

static bool is_order(CompareOp op) { return op != CMP_EQ && op != CMP_NE; }

static bool comparable(const Type *type, bool order) {
    const Type *elem = type_element(type);
    return type_is_number(elem) || (!order && type_is_bool(elem));
}

static bool check_comparable(FnChecker *f, const Expr *e, const Expr *operand, uint32_t at) {
    uint32_t op = at == 0 ? 0 : at - 1;
    bool order = false;
    for (uint32_t i = 0; i < e->compare.ops.len; i++) {
        if ((i == at || i + 1 == at) && is_order(e->compare.ops.data[i])) order = true, op = i;
    }
    const Type *type = expr_type(f, operand);
    if (comparable(type, order)) return true;
    const char *quoted =
        arena_printf(f->c->cx->arena, "`%s`", compare_op_spelling(e->compare.ops.data[op]));
    report_operand(f, operand, quoted, e->compare.op_spans.data[op],
                   order ? "numbers" : "numbers or bools");
    return false;
}

/* All operands are known: so is the answer. */
static const Const *fold_compare(FnChecker *f, const Expr *e) {
    bool result = true;
    for (uint32_t i = 0; i < e->compare.ops.len; i++) {
        const Const *a = expr_constant(f, e->compare.operands.data[i]);
        const Const *b = expr_constant(f, e->compare.operands.data[i + 1]);
        if (!a || !b || a->kind != b->kind) return NULL;
        result = result && const_compare(e->compare.ops.data[i], a, b);
    }
    return const_bool(f->c, result);
}

static bool compare_literals(FnChecker *f, const Type *elem, Expr *const *operands,
                             uint32_t count) {
    bool good = true;
    const Type *type =
        type_is_float(elem) ? type_scalar(f->c->types, SCALAR_F64) : type_int(f->c->types);
    for (uint32_t i = 0; i < count; i++) good = literal_adapt(f, operands[i], type) && good;
    return good;
}

const Type *check_compare(FnChecker *f, Expr *e) {
    Expr **operands = e->compare.operands.data;
    uint32_t count = e->compare.operands.len;
    const Type *hint = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const Type *type = check_expr(f, operands[i], hint);
        if (!hint) hint = number_hint(type);
    }
    if (exprs_have_error(f, operands, count)) return expr_poison(f, e);
    for (uint32_t i = 0; i < count; i++) {
        if (!check_comparable(f, e, operands[i], i)) return expr_poison(f, e);
    }
    Span op_span = e->compare.op_spans.data[0];
    const char *op =
        arena_printf(f->c->cx->arena, "`%s`", compare_op_spelling(e->compare.ops.data[0]));
    const Type *elem = unify_elements(f, operands, count, op, op_span);
    if (!elem) return expr_poison(f, e);
    if (type_is_literal(elem) && !compare_literals(f, elem, operands, count))
        return expr_poison(f, e);
    const Type *type = elementwise_type(f, operands, count, type_bool(f->c->types), op_span);
    if (!type) return expr_poison(f, e);
    const Const *constant = type_is_bool(type) ? fold_compare(f, e) : NULL;
    if (constant) return expr_set_const(f, e, type, constant);
    return expr_set(f, e, ROLE_OPERATOR, type);
}

/* ---- Conditions ------------------------------------------------------------------------------ */

/* Whether `e` stands as an operand without parentheses. */
static bool is_tight(const Expr *e) {
    return e->kind == EXPR_NAME || e->kind == EXPR_CALL || e->kind == EXPR_INDEX ||
           e->kind == EXPR_MEMBER || e->kind == EXPR_PAREN || e->kind == EXPR_INT;
}

static void report_number_condition(FnChecker *f, Diag *d, const Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    diag_primary_label(cx, d, "%s", expr_and_type(f, e));
    const char *test = type_is_float(type) ? " != 0.0" : " != 0";
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "compare with 0");
    bool tight = is_tight(e);
    fix_wrap(f, fix, e, tight ? "" : "(", tight ? test : arena_printf(cx->arena, ")%s", test));
}

/* `of`: "`and`", "the condition of `if`". */
static void report_condition(FnChecker *f, const Expr *e, const char *of) {
    Context *cx = f->c->cx;
    const Type *type = expr_type(f, e);
    if (type_is_literal(type)) type = type_int(f->c->types);
    Diag *d =
        diag_add(cx, K0245, e->span, "%s needs a bool, but this is `%s`", of, type_text(cx, type));
    if (type->kind == TYPE_SCALAR) {
        report_number_condition(f, d, e, type);
    } else if (type != type_element(type) && type_is_bool(type_element(type))) {
        diag_primary_label(
            cx, d, type_is_vector(type) ? "one bool for each lane" : "one bool for each element");
        Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "ask whether all of them hold, or `any`");
        fix_wrap(f, fix, e, "all(", ")");
    } else if (type_is_array(type)) {
        diag_note(cx, d, "whether an array has elements is `x.len() != 0`");
    }
}

void check_condition(FnChecker *f, Expr *e, const char *of) {
    const Type *type = check_expr(f, e, type_bool(f->c->types));
    if (type_is_error(type) || type_is_bool(type)) return;
    report_condition(f, e, of);
    expr_poison(f, e);
}

/* Elementwise `and` of masks is `&`. */
static bool report_mask_logic(FnChecker *f, const Expr *e, const char *bitwise,
                              const Expr *operand) {
    Context *cx = f->c->cx;
    const Type *type = expr_type(f, operand);
    if (type == type_element(type) || !type_is_bool(type_element(type))) return false;
    const char *word = binary_op_spelling(e->binary.op);
    Diag *d = diag_add(cx, K0245, e->binary.op_span, "`%s` combines two bools, not %s", word,
                       type_is_vector(type) ? "SIMD masks" : "arrays of them");
    diag_label(cx, d, operand->span, "%s", expr_and_type(f, operand));
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC,
                        type_is_vector(type) ? "combine them lane by lane"
                                             : "combine them element by element");
    if (!is_tight(e->binary.lhs)) fix_wrap(f, fix, e->binary.lhs, "(", ")");
    fix_replace(cx, fix, e->binary.op_span, bitwise);
    if (!is_tight(e->binary.rhs)) fix_wrap(f, fix, e->binary.rhs, "(", ")");
    return true;
}

const Type *check_logic(FnChecker *f, Expr *e) {
    bool is_and = e->binary.op == BIN_AND;
    Expr *operands[2] = {e->binary.lhs, e->binary.rhs};
    const Type *type = type_bool(f->c->types);
    for (uint32_t i = 0; i < 2; i++) check_expr(f, operands[i], type);
    if (exprs_have_error(f, operands, 2)) return expr_poison(f, e);
    for (uint32_t i = 0; i < 2; i++) {
        if (type_is_bool(expr_type(f, operands[i]))) continue;
        if (!report_mask_logic(f, e, is_and ? "&" : "|", operands[i])) {
            report_condition(f, operands[i], is_and ? "`and`" : "`or`");
        }
        return expr_poison(f, e);
    }
    const Const *a = expr_constant(f, operands[0]), *b = expr_constant(f, operands[1]);
    if (!a || !b) return expr_set(f, e, ROLE_OPERATOR, type);
    bool left = a->integer != 0, right = b->integer != 0;
    return expr_set_const(f, e, type, const_bool(f->c, is_and ? left && right : left || right));
}

static void report_not(FnChecker *f, const Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    const Expr *operand = e->unary.operand;
    if (type_is_literal(type)) type = type_int(f->c->types);
    Diag *d =
        diag_add(cx, K0245, e->span, "`not` needs a bool, but this is `%s`", type_text(cx, type));
    Span op_span = {e->span.file, e->span.start, operand->span.start};
    if (type->kind == TYPE_SCALAR) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "compare with 0");
        fix_replace(cx, fix, op_span, "");
        bool tight = is_tight(operand);
        const char *test = type_is_float(type) ? " == 0.0" : " == 0";
        fix_wrap(f, fix, operand, tight ? "" : "(",
                 tight ? test : arena_printf(cx->arena, ")%s", test));
    } else if (type != type_element(type) && type_is_bool(type_element(type))) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC,
                            type_is_vector(type) ? "negate it lane by lane"
                                                 : "negate it element by element");
        fix_replace(cx, fix, op_span, "~");
    }
}

const Type *check_not(FnChecker *f, Expr *e) {
    Expr *operand = e->unary.operand;
    const Type *type = check_expr(f, operand, type_bool(f->c->types));
    if (type_is_error(type)) return expr_poison(f, e);
    if (!type_is_bool(type)) {
        report_not(f, e, type);
        return expr_poison(f, e);
    }
    const Const *constant = expr_constant(f, operand);
    if (constant) return expr_set_const(f, e, type, const_bool(f->c, constant->integer == 0));
    return expr_set(f, e, ROLE_OPERATOR, type);
}

/* ---- a if c else b --------------------------------------------------------------------------- */

static const Type *report_arms(FnChecker *f, Expr *e) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0248, e->span, "the two sides of `if ... else` have different types");
    diag_label(cx, d, e->cond.then->span, "%s", expr_and_type(f, e->cond.then));
    diag_label(cx, d, e->cond.otherwise->span, "%s", expr_and_type(f, e->cond.otherwise));
    return expr_poison(f, e);
}

static const Type *choose_array(FnChecker *f, Expr *e, const Type *a, const Type *b) {
    if (a == b) return a;
    if (!type_is_array(a) || !type_is_array(b) || a->elem != b->elem || a->rank != b->rank ||
        a->form != b->form) {
        return NULL;
    }
    const Size *dims[MAX_RANK];
    for (uint32_t i = 0; i < a->rank; i++) {
        bool same = a->dims[i] == b->dims[i];
        dims[i] = same ? a->dims[i] : size_fresh(f, e->span);
    }
    return type_array(f->c->types, a->form, a->elem, dims, a->rank);
}

static const Const *fold_cond(FnChecker *f, const Expr *e) {
    const Const *cond = expr_constant(f, e->cond.cond);
    const Const *a = expr_constant(f, e->cond.then), *b = expr_constant(f, e->cond.otherwise);
    if (!cond || !a || !b || a->kind != b->kind) return NULL;
    return cond->integer ? a : b;
}

const Type *check_cond(FnChecker *f, Expr *e, const Type *wanted) {
    Expr *arms[2] = {e->cond.then, e->cond.otherwise};
    check_condition(f, e->cond.cond, "the condition of `if`");
    check_expr(f, arms[0], wanted);
    check_expr(f, arms[1], wanted);
    Expr *all[3] = {e->cond.cond, arms[0], arms[1]};
    if (exprs_have_error(f, all, 3)) return expr_poison(f, e);
    const Type *a = expr_type(f, arms[0]), *b = expr_type(f, arms[1]);
    const Type *type;
    bool scalars = (a->kind == TYPE_SCALAR || type_is_literal(a)) &&
                   (b->kind == TYPE_SCALAR || type_is_literal(b));
    if (scalars) {
        type = unify_elements(f, arms, 2, "`if ... else`", e->span);
        if (!type) return expr_poison(f, e);
    } else if (type_is_vector(a) || type_is_vector(b)) {
        const Type *vector = type_is_vector(a) ? a : b;
        bool good = convert_to(f, arms[0], vector, "this side of `if ... else`", NO_SPAN);
        if (!convert_to(f, arms[1], vector, "this side of `if ... else`", NO_SPAN) || !good)
            return expr_poison(f, e);
        type = vector;
    } else {
        type = choose_array(f, e, a, b);
        if (!type) return report_arms(f, e);
    }
    const Const *constant = type_is_vector(type) ? NULL : fold_cond(f, e);
    if (constant) return expr_set_const(f, e, type, constant);
    return expr_set(f, e, ROLE_OPERATOR, type);
}
