/* Expressions: the one entry, and the kinds that need no file of their own. */
#include "sema/expr.h"

/* Far above what the parser lets through, far below what the host stack holds. */
enum { MAX_DEPTH = 3000 };

static const Type *check_paren(FnChecker *f, Expr *e, const Type *wanted) {
    const Type *type = check_expr(f, e->operand, wanted);
    const Const *constant = expr_constant(f, e->operand);
    expr_set(f, e, ROLE_OPERATOR, type);
    if (constant) expr_set_const(f, e, type, constant);
    return type;
}

static const Type *check_tuple(FnChecker *f, Expr *e, const Type *wanted) {
    uint32_t count = e->items.len;
    const Type **items = arena_array(f->c->cx->arena, const Type *, count);
    bool fits = wanted && wanted->kind == TYPE_TUPLE && wanted->item_count == count;
    for (uint32_t i = 0; i < count; i++) {
        items[i] = check_value(f, e->items.data[i], fits ? wanted->items[i] : NULL);
    }
    if (exprs_have_error(f, e->items.data, count)) return expr_poison(f, e);
    return expr_set(f, e, ROLE_OPERATOR, type_tuple(f->c->types, items, count));
}

static const Type *check_range(FnChecker *f, Expr *e) {
    Expr *args[3] = {e->range.lo, e->range.hi, NULL};
    bool good = true;
    for (uint32_t i = 0; i < 2; i++) {
        check_expr(f, args[i], type_int(f->c->types));
        good = convert_index(f, args[i], "the end of a range") && good;
    }
    if (!good) return expr_poison(f, e);
    return expr_set_args(f, e, ROLE_RANGE, type_range(f->c->types), args, 3);
}

static const Type *report_stray(FnChecker *f, Expr *e, const char *message, const char *note) {
    Diag *d = diag_add(f->c->cx, K0250, e->span, "%s", message);
    diag_note(f->c->cx, d, "%s", note);
    return expr_poison(f, e);
}

static const Type *check_stray_generator(FnChecker *f, Expr *e) {
    return report_stray(f, e, "`... for ... in ...` stands alone here",
                        "it belongs in a reduction: `sum(x[i] * y[i] for i in range(n))`");
}

static const Type *check_kind(FnChecker *f, Expr *e, const Type *wanted) {
    Checker *c = f->c;
    switch (e->kind) {
    case EXPR_ERROR: return expr_poison(f, e);
    case EXPR_INT: return check_int(f, e);
    case EXPR_FLOAT: return check_real(f, e);
    case EXPR_BOOL: return expr_set_const(f, e, type_bool(c->types), const_bool(c, e->boolean));
    case EXPR_STRING: return check_string(f, e);
    case EXPR_NAME: return check_name(f, e);
    case EXPR_TUPLE: return check_tuple(f, e, wanted);
    case EXPR_LIST: return check_list(f, e);
    case EXPR_PAREN: return check_paren(f, e, wanted);
    case EXPR_UNARY: return check_unary(f, e, wanted);
    case EXPR_BINARY: return check_binary(f, e, wanted);
    case EXPR_COMPARE: return check_compare(f, e);
    case EXPR_COND: return check_cond(f, e, wanted);
    case EXPR_CALL: return check_call(f, e, wanted);
    case EXPR_INDEX: return check_index(f, e);
    case EXPR_SLICE:
        return report_stray(f, e, "`a:b` stands outside of square brackets",
                            "a slice is an index: `x[a:b]`; a range to loop over is `a..b`");
    case EXPR_MEMBER: return check_member(f, e);
    case EXPR_TRANSFER: return check_transfer(f, e);
    case EXPR_RANGE: return check_range(f, e);
    case EXPR_GENERATOR: return check_stray_generator(f, e);
    case EXPR_UNKNOWN:
        return report_stray(f, e, "`?` is not a value",
                            "`?` stands for a size in a type: `Tensor[f32, ?]`");
    case EXPR_SPAWN: return check_spawn(f, e);
    case EXPR_KIND_COUNT: break;
    }
    UNREACHABLE();
}

const Type *check_expr(FnChecker *f, Expr *e, const Type *wanted) {
    if (expr_is_checked(f, e)) return expr_type(f, e);
    if (f->depth >= MAX_DEPTH) {
        Diag *d = diag_add(f->c->cx, K0129, e->span, "this expression is nested too deeply");
        diag_note(f->c->cx, d, "name a part of it with `let`");
        return expr_poison(f, e);
    }
    f->depth++;
    check_kind(f, e, wanted);
    f->depth--;
    return expr_type(f, e);
}

static const Type *report_void(FnChecker *f, Expr *e) {
    diag_add(f->c->cx, K0267, e->span, "%s gives nothing that could be used here",
             expr_quote(f, e));
    return expr_poison(f, e);
}

static const Type *report_range(FnChecker *f, Expr *e) {
    Diag *d = diag_add(f->c->cx, K0274, e->span, "a range is only there to loop over");
    diag_note(f->c->cx, d, "write `for i in %s`", e->kind == EXPR_RANGE ? "a..b" : "range(n)");
    return expr_poison(f, e);
}

const Type *check_value(FnChecker *f, Expr *e, const Type *wanted) {
    const Type *type = check_expr(f, e, wanted);
    switch (type->kind) {
    case TYPE_VOID: return report_void(f, e);
    case TYPE_RANGE: return report_range(f, e);
    case TYPE_INT_LITERAL:
    case TYPE_FLOAT_LITERAL:
        if (!literal_default(f, e, wanted)) return expr_poison(f, e);
        return expr_type(f, e);
    case TYPE_ERROR:
    case TYPE_SCALAR:
    case TYPE_VECTOR:
    case TYPE_STR:
    case TYPE_TUPLE:
    case TYPE_STRUCT:
    case TYPE_ARRAY:
    case TYPE_LIST:
    case TYPE_ARENA:
    case TYPE_TASK:
    case TYPE_POINTER:
    case TYPE_FAILURE: return type;
    }
    UNREACHABLE();
}

const Const *check_constant(FnChecker *f, Expr *e, const Type *wanted, const char *what) {
    const Type *type = check_value(f, e, wanted);
    if (type_is_error(type)) return NULL;
    const Const *constant = expr_constant(f, e);
    if (constant) return constant;
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0282, e->span, "%s has to be known at compile time", what);
    diag_primary_label(cx, d, "known only when the program runs");
    label_declaration(f, d, e);
    diag_note(cx, d,
              "constants are literals, `alias`es, `let`s of constants, and arithmetic of them");
    return NULL;
}

/* One row of an array of several dimensions, one element of others. */
static const Type *item_of_array(FnChecker *f, const Type *array) {
    if (array->rank == 1) return array->elem;
    ArrayForm form = type_is_strided(array) ? FORM_STRIDED : FORM_VIEW;
    return type_array(f->c->types, form, array->elem, array->dims + 1, array->rank - 1);
}

const Type *check_iterable(FnChecker *f, Expr *e) {
    const Type *type = check_expr(f, e, NULL);
    if (type_is_error(type)) return type;
    if (type->kind == TYPE_RANGE) return type_int(f->c->types);
    if (type_is_array(type)) return item_of_array(f, type);
    if (type->kind == TYPE_LIST) return type_with_fresh(f->c->types, type->elem, e->span);
    Context *cx = f->c->cx;
    const char *name = type->kind == TYPE_INT_LITERAL ? "int" : type_text(cx, type);
    Diag *d = diag_add(cx, K0281, e->span, "%s `%s` is nothing to loop over", article(name), name);
    if (type_is_integer(type)) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "count from 0 with `range`");
        fix_wrap(f, fix, e, "range(", ")");
    } else {
        diag_note(cx, d, "loops run over `range(n)`, `a..b`, arrays and lists");
    }
    expr_poison(f, e);
    return type_error(f->c->types);
}
