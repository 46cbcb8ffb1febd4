/* `**` and `@`: the two operators whose result is not simply elementwise. */
#include "sema/declare.h"
#include "sema/expr.h"

#include <math.h>

/* Powers up to this are products; others go through math.pow. */
enum { MAX_PRODUCT_POWER = 64 };

/* The small whole number that the exponent is known to be, 2.0 included. */
static bool small_power(FnChecker *f, const Expr *e, int64_t *power) {
    const Const *constant = expr_constant(f, e);
    if (!constant || type_element(expr_type(f, e)) != expr_type(f, e)) return false;
    if (constant->kind == CONST_FLOAT) {
        if (constant->real != floor(constant->real) || fabs(constant->real) > MAX_PRODUCT_POWER) {
            return false;
        }
        *power = (int64_t)constant->real;
    } else if (!expr_known_int(f, e, power)) {
        return false;
    }
    return *power >= 0 && *power <= MAX_PRODUCT_POWER;
}

static bool report_negative_power(FnChecker *f, const Expr *e) {
    int64_t power;
    if (!expr_known_int(f, e->binary.rhs, &power) || power >= 0) return false;
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0271, e->span, "an integer to a negative power is a fraction");
    diag_label(cx, d, e->binary.rhs->span, "%lld", (long long)power);
    diag_note(cx, d, "convert the base to a float: `f32(x) ** %lld`", (long long)power);
    return true;
}

static const Type *power_of_literals(FnChecker *f, Expr *e, const Type *elem) {
    const Const *a = expr_constant(f, e->binary.lhs), *b = expr_constant(f, e->binary.rhs);
    if (type_is_integer(elem) && report_negative_power(f, e)) return expr_poison(f, e);
    if (!a || !b) return expr_set(f, e, ROLE_OPERATOR, elem);
    if (type_is_float(elem)) {
        double x = a->kind == CONST_INT ? (double)a->integer : a->real;
        double y = b->kind == CONST_INT ? (double)b->integer : b->real;
        return expr_set_const(f, e, elem, const_float(f->c, pow(x, y), NO_NAME));
    }
    const Const *value = const_binary(f->c, BIN_POW, a, b, elem);
    if (value) return expr_set_const(f, e, elem, value);
    diag_add(f->c->cx, K0240, e->span, "this number is too large for every integer type");
    return expr_poison(f, e);
}

/* A float to a small whole power: products. The exponent becomes an int. */
static const Type *power_as_product(FnChecker *f, Expr *e, int64_t power) {
    Expr *base = e->binary.lhs;
    const Type *type = expr_type(f, base);
    if (type_is_array(type)) type = array_like(f, type, FORM_TENSOR, type->elem);
    expr_info(f->c, e->binary.rhs)->converted = NULL;
    expr_set_const(f, e->binary.rhs, type_int(f->c->types), const_int(f->c, power));
    return expr_set(f, e, ROLE_OPERATOR, type);
}

/* The overload of a function of the library's `math` whose first parameter is `type`. */
const FnSymbol *math_function(Checker *c, const char *name, const Type *type) {
    const ModuleSymbol *math = module_of_library(c, "math");
    if (!math) return NULL;
    Name wanted = name_of_str(c->cx->names, name);
    module_want(c, module_of(math), wanted);
    const Symbol *symbol = scope_find_here(module_scope(c, math), wanted);
    if (!symbol || symbol->kind != SYM_FNS) return NULL;
    for (uint32_t i = 0; i < symbol->fns.len; i++) {
        const FnSymbol *fn = symbol->fns.data[i];
        if (fn->params.len && fn->params.data[0].local->type == type) return fn;
    }
    return NULL;
}

static const Type *power_as_call(FnChecker *f, Expr *e, const Type *elem) {
    Context *cx = f->c->cx;
    Expr *operands[2] = {e->binary.lhs, e->binary.rhs};
    const Type *type = elementwise_type(f, operands, 2, elem, e->binary.op_span);
    if (!type) return expr_poison(f, e);
    const FnSymbol *fn = math_function(f->c, "pow", elem);
    if (!fn) {
        Diag *d = diag_add(cx, K0244, e->binary.op_span, "`**` on `%s` needs a small whole power",
                           type_text(cx, elem));
        diag_note(cx, d, "any other power needs the standard library");
        return expr_poison(f, e);
    }
    expr_set_args(f, e, type_is_array(type) ? ROLE_MAP : ROLE_CALL, type, operands, 2);
    expr_info(f->c, e)->fn = fn;
    return type;
}

const Type *check_power(FnChecker *f, Expr *e) {
    Expr *operands[2] = {e->binary.lhs, e->binary.rhs};
    const Type *base = type_element(expr_type(f, operands[0]));
    bool literals = type_is_literal(base) && type_is_literal(expr_type(f, operands[1]));
    int64_t power;
    if (!literals && type_is_float(base) && small_power(f, operands[1], &power)) {
        return power_as_product(f, e, power);
    }
    const Type *elem = unify_elements(f, operands, 2, "`**`", e->binary.op_span);
    if (!elem) return expr_poison(f, e);
    if (literals) return power_of_literals(f, e, elem);
    if (type_is_float(elem)) return power_as_call(f, e, elem);
    if (report_negative_power(f, e)) return expr_poison(f, e);
    const Type *type = elementwise_type(f, operands, 2, elem, e->binary.op_span);
    if (!type) return expr_poison(f, e);
    const Const *a = expr_constant(f, operands[0]), *b = expr_constant(f, operands[1]);
    const Const *value = a && b ? const_binary(f->c, BIN_POW, a, b, elem) : NULL;
    return value ? expr_set_const(f, e, type, value) : expr_set(f, e, ROLE_OPERATOR, type);
}

/* ---- Matrix product -------------------------------------------------------------------------- */

static bool check_factor(FnChecker *f, const Expr *e, const Expr *factor) {
    Context *cx = f->c->cx;
    const Type *type = expr_type(f, factor);
    if (type_is_array(type) && type->rank <= 2) return true;
    Diag *d = diag_add(cx, K0244, e->binary.op_span, "`@` multiplies vectors and matrices");
    diag_label(cx, d, factor->span, "%s", expr_and_type(f, factor));
    if (!type_is_array(type)) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "multiply element by element");
        fix_replace(cx, fix, e->binary.op_span, "*");
    } else {
        diag_note(cx, d, "index the leading dimensions first: `a[i] @ b`");
    }
    return false;
}

const Type *check_matmul(FnChecker *f, Expr *e) {
    Expr *operands[2] = {e->binary.lhs, e->binary.rhs};
    for (uint32_t i = 0; i < 2; i++) {
        if (!check_factor(f, e, operands[i])) return expr_poison(f, e);
    }
    const Type *elem = unify_elements(f, operands, 2, "`@`", e->binary.op_span);
    if (!elem) return expr_poison(f, e);
    const Type *a = expr_type(f, operands[0]), *b = expr_type(f, operands[1]);
    const Size *inner_a = a->dims[a->rank - 1], *inner_b = b->dims[0];
    if (size_relate(f->c->sizes, inner_a, inner_b) == SIZES_DIFFER) {
        const char *message =
            arena_printf(f->c->cx->arena, "the inner sizes of %s and %s do not agree",
                         expr_quote(f, operands[0]), expr_quote(f, operands[1]));
        report_shapes(f, K0247, e->binary.op_span, message, operands[0], inner_a, operands[1],
                      inner_b);
        return expr_poison(f, e);
    }
    const Size *dims[2];
    uint32_t rank = 0;
    if (a->rank == 2) dims[rank++] = a->dims[0];
    if (b->rank == 2) dims[rank++] = b->dims[1];
    if (rank == 0) return expr_set(f, e, ROLE_OPERATOR, elem);
    return expr_set(f, e, ROLE_OPERATOR, type_array(f->c->types, FORM_TENSOR, elem, dims, rank));
}
