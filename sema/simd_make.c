/* SIMD values made: `SIMD[f32, 8](x)`, `SIMD[f32, 4](a, b, c, d)`, `SIMD[i32, 8].iota()`; and lanes
 * read. */
#include "sema/expr.h"

/* One number for all lanes, or a SIMD value that is converted. */
static const Type *make_of_one(FnChecker *f, Expr *e, const Type *type) {
    Expr *arg = e->call.args.data[0].value;
    const Type *from = check_value(f, arg, type);
    if (type_is_error(from)) return expr_poison(f, e);
    bool same_width = type_is_vector(from) && from->lanes == type->lanes;
    if (from->kind == TYPE_SCALAR || same_width) {
        return expr_set_args(f, e, ROLE_CONVERT, type, &arg, 1);
    }
    if (type_is_vector(from)) return report_widths(f, e->span, arg, from, type);
    Diag *d = diag_add(f->c->cx, K0266, arg->span, "%s cannot be converted to `%s`",
                       type_kind_words(from), type_text(f->c->cx, type));
    diag_primary_label(f->c->cx, d, "%s", expr_and_type(f, arg));
    if (type_is_array(from))
        diag_note(f->c->cx, d, "elements side by side become a SIMD value by `x.load[%u](i)`",
                  type->lanes);
    return expr_poison(f, e);
}

const Type *report_widths(FnChecker *f, Span span, const Expr *e, const Type *from,
                          const Type *to) {
    Diag *d = diag_add(f->c->cx, K0288, span, "%u lanes do not become %u", from->lanes, to->lanes);
    diag_label(f->c->cx, d, e->span, "%s", expr_and_type(f, e));
    diag_note(f->c->cx, d, "`slice`, `join` and `insert` make SIMD values of other widths");
    return type_error(f->c->types);
}

static const Type *make_of_lanes(FnChecker *f, Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    const ArgVec *given = &e->call.args;
    if (given->len != type->lanes) {
        check_args_alone(f, given);
        Diag *d =
            diag_add(cx, K0252, e->span, "`%s` is made of %u numbers, or of one for all lanes",
                     type_text(cx, type), type->lanes);
        diag_primary_label(cx, d, "%u are given", given->len);
        return expr_poison(f, e);
    }
    Expr **args = arena_array(cx->arena, Expr *, given->len);
    bool good = true;
    for (uint32_t i = 0; i < given->len; i++) {
        args[i] = given->data[i].value;
        const char *what = arena_printf(cx->arena, "lane %u", i);
        good = check_assignable(f, args[i], type->elem, what, NO_SPAN) && good;
    }
    if (!good || exprs_have_error(f, args, given->len)) return expr_poison(f, e);
    return expr_set_builtin(f, e, BUILTIN_V_MAKE, type, args, given->len);
}

const Type *check_simd(FnChecker *f, Expr *e, const Type *type) {
    if (!check_arg_count(f, e, 1, type->lanes, type_text(f->c->cx, type))) return expr_poison(f, e);
    return e->call.args.len == 1 ? make_of_one(f, e, type) : make_of_lanes(f, e, type);
}

/* `SIMD[i32, 8].iota()`: start, start + 1, ... */
const Type *check_simd_static(FnChecker *f, Expr *e, const Type *type, Ident name) {
    Context *cx = f->c->cx;
    if (!name_eq(name.name, name_of_str(cx->names, "iota"))) {
        diag_add(cx, K0259, name.span, "`%s` has no `%s`", type_text(cx, type),
                 text_of(cx, name.name));
        check_args_alone(f, &e->call.args);
        return expr_poison(f, e);
    }
    if (!check_arg_count(f, e, 0, 1, "iota")) return expr_poison(f, e);
    if (!type_is_number(type->elem)) {
        diag_add(cx, K0285, e->span, "`iota` counts in numbers, and the lanes of `%s` are bools",
                 type_text(cx, type));
        return expr_poison(f, e);
    }
    Expr *start = e->call.args.len ? e->call.args.data[0].value : NULL;
    if (start && !check_assignable(f, start, type->elem, "the first lane", NO_SPAN))
        return expr_poison(f, e);
    return expr_set_builtin(f, e, BUILTIN_V_IOTA, type, &start, e->call.args.len);
}

/* ---- Lanes ----------------------------------------------------------------------------------- */

static bool check_lane_number(FnChecker *f, Expr *index, uint32_t lanes) {
    Context *cx = f->c->cx;
    int64_t number;
    check_expr(f, index, type_int(f->c->types));
    if (!convert_index(f, index, "the number of a lane")) return false;
    if (!expr_known_int(f, index, &number) || (number >= 0 && number < (int64_t)lanes)) return true;
    Diag *d = diag_add(cx, K0262, index->span, "there is no lane %lld", (long long)number);
    diag_note(cx, d, "lanes run from 0 to %u", lanes - 1);
    return false;
}

const Type *check_lane(FnChecker *f, Expr *e, const Type *base) {
    const ArgVec *args = &e->index.args;
    Expr *index = args->data[0].value;
    if (args->len != 1 || index->kind == EXPR_SLICE) {
        Diag *d =
            diag_add(f->c->cx, K0261, e->span, "a lane of a SIMD value is found by one number");
        diag_note(f->c->cx, d, "several lanes are `v.slice(a, b)`");
        return expr_poison(f, e);
    }
    if (!check_lane_number(f, index, base->lanes)) return expr_poison(f, e);
    return expr_set_args(f, e, ROLE_LANE, base->elem, &index, 1);
}
