/* Reductions: of a whole array, and of a generator. Scans: of an array. */
#include "sema/expr.h"

#include <string.h>

static const Type *report_elements(FnChecker *f, const Expr *at, Builtin builtin, const Type *elem,
                                   const char *takes) {
    Context *cx = f->c->cx;
    const char *name = builtin_name(builtin);
    Diag *d = diag_add(cx, K0273, at->span, "`%s` takes %s, and these are `%s`", name, takes,
                       type_text(cx, elem));
    if (type_is_bool(elem)) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "count each bool as 0 or 1");
        fix_wrap(f, fix, at, builtin_of_method(builtin) == BUILTIN_MEAN ? "f64(" : "int(", ")");
    } else if (builtin_of_method(builtin) == BUILTIN_MEAN && type_is_integer(elem)) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "convert them");
        fix_wrap(f, fix, at, "f64(", ")");
    } else if (type_is_number(elem)) {
        diag_note(cx, d, "compare first: `%s(x > 0)`", name);
    }
    return NULL;
}

const Type *reduction_type(FnChecker *f, const Expr *at, Builtin builtin, const Type *elem) {
    switch ((int)builtin_of_method(builtin)) {
    case BUILTIN_ANY:
    case BUILTIN_ALL:
        return type_is_bool(elem) ? elem : report_elements(f, at, builtin, elem, "bools");
    case BUILTIN_MEAN:
        return type_is_float(elem) ? elem : report_elements(f, at, builtin, elem, "floats");
    case BUILTIN_ARGMIN:
    case BUILTIN_ARGMAX:
        if (!type_is_number(elem)) return report_elements(f, at, builtin, elem, "numbers");
        return type_int(f->c->types);
    default: return type_is_number(elem) ? elem : report_elements(f, at, builtin, elem, "numbers");
    }
}

/* ---- Generators ------------------------------------------------------------------------------ */

static bool check_clauses(FnChecker *f, Expr *generator, Local **locals) {
    bool good = true;
    for (uint32_t i = 0; i < generator->generator.clauses.len; i++) {
        GeneratorClause *clause = &generator->generator.clauses.data[i];
        const Type *type = check_iterable(f, clause->iter);
        good = good && !type_is_error(type);
        f->scope = scope_new(f->c, f->scope);
        locals[i] = local_new(f, clause->target.name, clause->target.span, type, false);
        local_declare(f, locals[i]);
        for (uint32_t j = 0; j < clause->conditions.len; j++) {
            Expr *condition = clause->conditions.data[j];
            check_condition(f, condition, "the condition of a generator");
            good = good && !type_is_error(expr_type(f, condition));
        }
    }
    return good;
}

static const Type *report_element_kind(FnChecker *f, const Expr *element) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0273, element->span, "a generator gives numbers, but %s",
                       expr_and_type(f, element));
    if (type_is_array(expr_type(f, element))) {
        diag_note(
            cx, d,
            "reduce it as well, as in `sum(sum(a[i, j] for j in range(m)) for i in range(n))`");
    }
    return NULL;
}

/* The type of the elements; NULL after reporting. */
static const Type *check_generator(FnChecker *f, Expr *generator, const Type *wanted) {
    Arena *arena = f->c->cx->arena;
    Scope *outer = f->scope;
    Local **locals = arena_array(arena, Local *, generator->generator.clauses.len);
    f->each_depth++;
    bool good = check_clauses(f, generator, locals);
    Expr *element = generator->generator.element;
    const Type *type = check_value(f, element, number_hint(wanted));
    f->each_depth--;
    f->scope = outer;
    if (!good || type_is_error(type)) return NULL;
    if (type->kind != TYPE_SCALAR) return report_element_kind(f, element);
    expr_set(f, generator, ROLE_NONE, type);
    expr_info(f->c, generator)->locals = locals;
    return type;
}

static const Type *reduce_generator(FnChecker *f, Expr *e, Builtin builtin, Expr *generator,
                                    const Type *wanted) {
    bool position = builtin == BUILTIN_ARGMIN || builtin == BUILTIN_ARGMAX;
    const Type *elem = check_generator(f, generator, position ? NULL : wanted);
    if (!elem) return expr_poison(f, e);
    const Type *type = reduction_type(f, generator->generator.element, builtin, elem);
    if (!type) return expr_poison(f, e);
    expr_set_args(f, e, ROLE_REDUCE, type, &generator, 1);
    expr_info(f->c, e)->builtin = builtin;
    return type;
}

/* ---- Arrays ---------------------------------------------------------------------------------- */

static const Type *report_no_array(FnChecker *f, Expr *e, Builtin builtin, const Expr *arg) {
    Context *cx = f->c->cx;
    const char *name = builtin_name(builtin);
    Diag *d =
        diag_add(cx, K0273, arg->span, "`%s` takes an array, or `... for i in range(n)`", name);
    diag_primary_label(cx, d, "%s", expr_and_type(f, arg));
    if (type_is_vector(expr_type(f, arg))) {
        diag_note(cx, d,
                  "the lanes of a SIMD value are combined by `reduce_add`, `reduce_min`, ...");
    } else if (builtin == BUILTIN_MIN || builtin == BUILTIN_MAX) {
        diag_note(cx, d, "or several values: `%s(a, b)`", name);
    }
    return expr_poison(f, e);
}

static bool has_key(FnChecker *f, const Expr *e, const char *key) {
    Name name = name_of_str(f->c->cx->names, key);
    for (uint32_t i = 0; i < e->call.args.len; i++) {
        if (name_eq(e->call.args.data[i].key.name, name)) return true;
    }
    return false;
}

const Type *check_reduction(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted) {
    if (has_key(f, e, "axis")) {
        report_later(f->c, e->span, "reductions along one axis");
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    if (!check_arg_count(f, e, 1, 1, builtin_name(builtin))) return expr_poison(f, e);
    Expr *arg = e->call.args.data[0].value;
    if (arg->kind == EXPR_GENERATOR) return reduce_generator(f, e, builtin, arg, wanted);
    const Type *type = check_value(f, arg, wanted);
    if (type_is_error(type)) return expr_poison(f, e);
    if (type_is_mask(type) && (builtin == BUILTIN_ANY || builtin == BUILTIN_ALL)) {
        Builtin method = builtin == BUILTIN_ANY ? BUILTIN_V_ANY : BUILTIN_V_ALL;
        return expr_set_builtin(f, e, method, type_bool(f->c->types), &arg, 1);
    }
    if (!type_is_array(type)) return report_no_array(f, e, builtin, arg);
    const Type *result = reduction_type(f, arg, builtin, type->elem);
    if (!result) return expr_poison(f, e);
    return expr_set_builtin(f, e, builtin, result, &arg, 1);
}

/* ---- Scans ----------------------------------------------------------------------------------- */

static const Type *report_scan(FnChecker *f, Expr *e, const char *name, const Expr *arg) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0273, arg->span, "`%s` takes an array of one dimension", name);
    if (arg->kind == EXPR_GENERATOR) {
        diag_note(cx, d, "store what the generator gives in an array first");
        return expr_poison(f, e);
    }
    diag_primary_label(cx, d, "%s", expr_and_type(f, arg));
    if (type_is_array(expr_type(f, arg)))
        diag_note(cx, d, "take one row after the other: `for i in range(h): y[i, :] = %s(x[i, :])`", name);
    return expr_poison(f, e);
}

const Type *check_scan(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted) {
    const char *name = builtin_name(builtin);
    if (has_key(f, e, "axis")) {
        check_args_alone(f, &e->call.args);
        return report_scan(f, e, name, e->call.args.data[0].value);
    }
    if (!check_arg_count(f, e, 1, 1, name)) return expr_poison(f, e);
    Expr *arg = e->call.args.data[0].value;
    if (arg->kind == EXPR_GENERATOR) return report_scan(f, e, name, arg);
    const Type *type = check_value(f, arg, wanted);
    if (type_is_error(type)) return expr_poison(f, e);
    if (!type_is_array(type) || type->rank != 1) return report_scan(f, e, name, arg);
    if (!type_is_number(type->elem)) {
        report_elements(f, arg, builtin, type->elem, "numbers");
        return expr_poison(f, e);
    }
    const Type *result = elementwise_type(f, &arg, 1, type->elem, e->call.callee->span);
    return expr_set_builtin(f, e, builtin, result, &arg, 1);
}
