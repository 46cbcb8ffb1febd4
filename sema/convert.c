/* Implicit conversion: what may stand where a type is wanted, and the errors when it may not. */
#include "sema/expr.h"

#include <string.h>

/* Bits of the significand: integers up to 2^bits are exact. */
static unsigned exact_bits(Scalar scalar) {
    if (scalar == SCALAR_F16) return 11;
    if (scalar == SCALAR_BF16) return 8;
    return scalar == SCALAR_F32 ? 24 : 53;
}

bool scalar_widens(Scalar from, Scalar to) {
    if (from == to) return true;
    if (from == SCALAR_BOOL || to == SCALAR_BOOL) return false;
    if (scalar_is_float(to)) {
        if (!scalar_is_float(from)) {
            unsigned value_bits = scalar_bits(from) - (scalar_is_signed(from) ? 1 : 0);
            return to == SCALAR_F64 || value_bits <= exact_bits(to);
        }
        return to == SCALAR_F64 || (to == SCALAR_F32 && from != SCALAR_F64);
    }
    if (scalar_is_float(from)) return false;
    if (scalar_is_signed(from) && scalar_is_unsigned(to)) return false;
    return scalar_bits(from) < scalar_bits(to);
}

/* ---- Reports --------------------------------------------------------------------------------- */

static void suggest_scalar(FnChecker *f, Diag *d, const Expr *e, const Type *from, const Type *to) {
    Context *cx = f->c->cx;
    if (type_is_bool(to)) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "compare with 0");
        fix_wrap(f, fix, e, "(", type_is_float(from) ? " != 0.0)" : " != 0)");
        return;
    }
    bool cuts = type_is_float(from) && type_is_integer(to);
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC,
                        cuts ? "convert it, which cuts the fraction off" : "convert it");
    fix_wrap(f, fix, e, arena_printf(cx->arena, "%s(", type_text(cx, to)), ")");
}

void report_mismatch(FnChecker *f, const Expr *e, const Type *target, const char *what,
                     Span what_span) {
    Context *cx = f->c->cx;
    const Type *from = expr_type(f, e);
    const char *wanted = type_text(cx, target);
    const char *given = from->kind == TYPE_INT_LITERAL ? "a number"
                        : from->kind == TYPE_FLOAT_LITERAL
                            ? "a float"
                            : arena_printf(cx->arena, "`%s`", type_text(cx, from));
    Diag *d = diag_add(cx, K0248, e->span, "%s is `%s`, but %s is %s", what, wanted,
                       expr_quote(f, e), given);
    diag_primary_label(cx, d, "%s `%s` is wanted here", article(wanted), wanted);
    if (!span_is_none(what_span)) diag_label(cx, d, what_span, "because of this");
    bool scalars =
        (from->kind == TYPE_SCALAR || type_is_literal(from)) && target->kind == TYPE_SCALAR;
    if (scalars) {
        suggest_scalar(f, d, e, from, target);
    } else if (type_is_vector(target) && target->elem == from) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "put it into every lane");
        fix_wrap(f, fix, e, arena_printf(cx->arena, "%s(", wanted), ")");
    } else if (type_is_array(target) && type_element(target) == from) {
        diag_note(cx, d,
                  "to set every element of an array, assign to it: `x = 0.0`, or call `fill`");
    } else if (type_is_array(from) && target->kind == TYPE_SCALAR) {
        diag_note(
            cx, d,
            "one element is `x[i]`; `sum`, `min`, `max` and others make one value of an array");
    }
}

static bool form_is_mutable(ArrayForm form) {
    return form == FORM_MUTVIEW || form == FORM_MUTSTRIDED;
}

static bool form_is_strided(ArrayForm form) {
    return form == FORM_STRIDED || form == FORM_MUTSTRIDED;
}

static bool form_lends(ArrayForm from, ArrayForm to) {
    if (from == to) return true;
    if (to == FORM_TENSOR) return false;
    if (form_is_mutable(to) && !form_is_mutable(from)) return false;
    return form_is_strided(to) || !form_is_strided(from);
}

bool array_lends(const Type *from, const Type *to) {
    return from->elem == to->elem && from->rank == to->rank && form_lends(from->form, to->form);
}

static const char *form_spelling(ArrayForm form) {
    static const char *const spellings[] = {[FORM_TENSOR] = "Tensor",
                                            [FORM_VIEW] = "View",
                                            [FORM_MUTVIEW] = "MutView",
                                            [FORM_STRIDED] = "Strided",
                                            [FORM_MUTSTRIDED] = "MutStrided"};
    return spellings[form];
}

static void report_elements(FnChecker *f, const Expr *e, const Type *from, const Type *to,
                            const char *what, Span what_span) {
    Context *cx = f->c->cx;
    const char *wanted = type_text(cx, to->elem), *given = type_text(cx, from->elem);
    Diag *d = diag_add(cx, K0248, e->span, "%s has elements of type `%s`, but %s has `%s`", what,
                       wanted, expr_quote(f, e), given);
    diag_primary_label(cx, d, "`%s`", type_text(cx, from));
    if (!span_is_none(what_span))
        diag_label(cx, d, what_span, "`%s` because of this", type_text(cx, to));
    label_declaration(f, d, e);
    if (to->form == FORM_TENSOR && to->elem->kind == TYPE_SCALAR &&
        from->elem->kind == TYPE_SCALAR) {
        Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "convert every element, into a new array");
        fix_wrap(f, fix, e, arena_printf(cx->arena, "%s(", wanted), ")");
    }
}

static void report_rank(FnChecker *f, const Expr *e, const Type *from, const Type *to,
                        const char *what, Span what_span) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0246, e->span, "%s has %u dimension%s, but %s has %u", what, to->rank,
                       to->rank == 1 ? "" : "s", expr_quote(f, e), from->rank);
    diag_primary_label(cx, d, "shape %s", shape_text(cx, from));
    if (!span_is_none(what_span)) diag_label(cx, d, what_span, "shape %s", shape_text(cx, to));
    label_declaration(f, d, e);
}

static void report_form(FnChecker *f, const Expr *e, const Type *from, const Type *to,
                        const char *what, Span what_span) {
    Context *cx = f->c->cx;
    const char *wanted = form_spelling(to->form), *given = form_spelling(from->form);
    bool needs_mutable = form_is_mutable(to->form) && !form_is_mutable(from->form);
    Diag *d;
    if (needs_mutable && from->form == FORM_TENSOR) {
        d = diag_add(cx, K0277, e->span, "%s is a %s, so %s may be changed", what, wanted,
                     expr_quote(f, e));
        diag_primary_label(cx, d, "a change of this has to show in the source");
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "ask for a window that can be written");
        fix_replace(cx, fix, span_after(e->span), ".view_mut()");
    } else if (needs_mutable) {
        d = diag_add(cx, K0277, e->span, "%s is a %s, but %s can only be read", what, wanted,
                     expr_quote(f, e));
        diag_primary_label(cx, d, "this is a %s", given);
        diag_note(
            cx, d,
            "`view_mut()`, `slice_mut(a, b)` and `row_mut(i)` give windows that can be written");
    } else if (form_is_strided(from->form) && !form_is_strided(to->form)) {
        d = diag_add(cx, K0276, e->span,
                     "%s needs elements that lie side by side, but those of %s may not", what,
                     expr_quote(f, e));
        diag_primary_label(cx, d, "`%s`", type_text(cx, from));
        Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "copy them into a new array");
        fix_replace(cx, fix, span_after(e->span), ".copy()");
        diag_note(cx, d, "or take a `Strided[...]`, which knows the distance between its elements");
    } else {
        d = diag_add(cx, K0276, e->span, "%s is a Tensor, which owns its elements, but %s is a %s",
                     what, expr_quote(f, e), given);
        Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "copy the elements into a new array");
        fix_replace(cx, fix, span_after(e->span), ".copy()");
        diag_note(cx, d, "a parameter of type `View[...]` takes both");
    }
    if (!span_is_none(what_span))
        diag_label(cx, d, what_span, "`%s` because of this", type_text(cx, to));
}

void report_array_mismatch(FnChecker *f, const Expr *e, const Type *target, const char *what,
                           Span what_span) {
    const Type *from = expr_type(f, e);
    if (from->elem != target->elem) {
        report_elements(f, e, from, target, what, what_span);
    } else if (from->rank != target->rank) {
        report_rank(f, e, from, target, what, what_span);
    } else {
        report_form(f, e, from, target, what, what_span);
    }
}

/* ---- Conversion ------------------------------------------------------------------------------ */

/* A `?` by itself, which takes any size. */
static bool is_open(const Size *size) {
    const SizeSym *sym = size_as_sym(size);
    return sym && sym->kind == SIZE_HIDDEN;
}

static bool convert_array(FnChecker *f, Expr *e, const Type *target, const char *what,
                          Span what_span) {
    const Type *from = expr_type(f, e);
    bool same_form = form_lends(from->form, target->form) && from->rank == target->rank;
    bool numbers = from->elem->kind == TYPE_SCALAR && target->elem->kind == TYPE_SCALAR;
    if (f->is_def && same_form && target->form == FORM_TENSOR && numbers &&
        from->elem != target->elem && scalar_widens(from->elem->scalar, target->elem->scalar)) {
        convert_implicitly(f, e, array_like(f, from, FORM_TENSOR, target->elem));
        from = expr_type(f, e);
    }
    if (!array_lends(from, target)) {
        report_array_mismatch(f, e, target, what, what_span);
        return false;
    }
    Context *cx = f->c->cx;
    for (uint32_t i = 0; i < from->rank; i++) {
        if (is_open(target->dims[i])) continue;
        if (size_relate(f->c->sizes, from->dims[i], target->dims[i]) != SIZES_DIFFER) continue;
        Diag *d = diag_add(cx, K0246, e->span, "%s has the shape %s, but %s has %s", what,
                           shape_text(cx, target), expr_quote(f, e), shape_text(cx, from));
        diag_primary_label(cx, d, "dimension %u is %s here, and %s is wanted", i,
                           size_text(f, from->dims[i]), size_text(f, target->dims[i]));
        if (!span_is_none(what_span)) diag_label(cx, d, what_span, "because of this");
        label_declaration(f, d, e);
        label_size(f, d, from->dims[i]);
        label_size(f, d, target->dims[i]);
        return false;
    }
    return true;
}

/* It cannot be converted. */
bool check_part_fits(FnChecker *f, const Expr *value, uint32_t item, const Type *from, const Expr *target) {
    const Type *to = expr_type(f, target);
    Context *cx = f->c->cx;
    bool lends = array_lends(from, to), fits = lends;
    for (uint32_t i = 0; fits && i < from->rank; i++)
        fits = is_open(to->dims[i]) ||
               size_relate(f->c->sizes, from->dims[i], to->dims[i]) != SIZES_DIFFER;
    if (fits) return true;
    const char *format = "%s is `%s`, but item %u of %s is `%s`", *value_text = expr_quote(f, value);
    const char *wanted = type_text(cx, to), *given = type_text(cx, from), *name = expr_quote(f, target);
    Diag *d = lends ? diag_add(cx, K0246, value->span, format, name, wanted, item, value_text, given)
                    : diag_add(cx, K0248, value->span, format, name, wanted, item, value_text, given);
    diag_label(cx, d, target->span, "because of this");
    return false;
}

/* Tuples convert item by item where the items are written out. */
static bool convert_tuple(FnChecker *f, Expr *e, const Type *target, const char *what,
                          Span what_span) {
    Expr *bare = expr_bare(e);
    const Type *from = expr_type(f, e);
    if (from->item_count != target->item_count || bare->kind != EXPR_TUPLE) {
        bool same = from->item_count == target->item_count;
        for (uint32_t i = 0; same && i < from->item_count; i++) {
            const Type *a = from->items[i], *b = target->items[i];
            same = a == b || (type_is_array(a) && type_is_array(b) && array_lends(a, b));
        }
        if (!same) report_mismatch(f, e, target, what, what_span);
        return same;
    }
    bool good = true;
    const Type **items = arena_array(f->c->cx->arena, const Type *, from->item_count);
    for (uint32_t i = 0; i < from->item_count; i++) {
        Expr *item = bare->items.data[i];
        const char *item_what = arena_printf(f->c->cx->arena, "item %u of %s", i, what);
        good = convert_to(f, item, target->items[i], item_what, what_span) && good;
        items[i] = expr_type(f, item);
    }
    const Type *type = type_tuple(f->c->types, items, from->item_count);
    for (Expr *at = e;; at = at->operand) {
        expr_info(f->c, at)->type = type;
        if (at->kind != EXPR_PAREN) return good;
    }
}

/* A constant is the same in all lanes; a def widens lanes. Numbers of the run time say so:
 * `SIMD[f32, 8](x)`. */
static bool convert_vector(FnChecker *f, Expr *e, const Type *target, const char *what,
                           Span what_span) {
    const Type *from = expr_type(f, e), *elem = target->elem;
    if (type_is_literal(from) && type_is_number(elem) && !literal_adapt(f, e, elem)) return false;
    from = expr_type(f, e);
    bool same = from == elem && expr_constant(f, e);
    bool widens = f->is_def && type_is_vector(from) && from->lanes == target->lanes &&
                  scalar_widens(from->elem->scalar, elem->scalar);
    if (same) expr_info(f->c, e)->converted = target;
    else if (widens) convert_implicitly(f, e, target);
    if (same || widens) return true;
    report_mismatch(f, e, target, what, what_span);
    expr_poison(f, e);
    return false;
}

bool convert_to(FnChecker *f, Expr *e, const Type *target, const char *what, Span what_span) {
    const Type *from = expr_type(f, e);
    if (from == target || type_is_error(from) || type_is_error(target)) return true;
    if (type_is_array(from) && type_is_array(target)) {
        return convert_array(f, e, target, what, what_span);
    }
    if (from->kind == TYPE_TUPLE && target->kind == TYPE_TUPLE) {
        return convert_tuple(f, e, target, what, what_span);
    }
    if (type_is_vector(target)) return convert_vector(f, e, target, what, what_span);
    bool number = target->kind == TYPE_SCALAR && type_is_number(target);
    if (type_is_literal(from) && number) return literal_adapt(f, e, target);
    if (from->kind == TYPE_SCALAR && number && f->is_def &&
        scalar_widens(from->scalar, target->scalar)) {
        convert_implicitly(f, e, target);
        return true;
    }
    report_mismatch(f, e, target, what, what_span);
    expr_poison(f, e);
    return false;
}

bool check_assignable(FnChecker *f, Expr *e, const Type *target, const char *what, Span what_span) {
    check_value(f, e, target);
    return convert_to(f, e, target, what, what_span);
}

bool convert_index(FnChecker *f, Expr *e, const char *what) {
    const Type *type = expr_type(f, e);
    Context *cx = f->c->cx;
    if (type_is_error(type)) return false;
    const Type *index = type_int(f->c->types);
    if (type_is_literal(type)) return literal_adapt(f, e, index);
    if (type == index) return true;
    if (type->kind == TYPE_SCALAR && type_is_integer(type)) {
        if (scalar_widens(type->scalar, SCALAR_I64)) {
            expr_info(f->c, e)->converted = index;
            return true;
        }
    }
    const char *name = type_text(cx, type);
    Diag *d = diag_add(cx, K0263, e->span, "%s is an `int`, but %s is `%s`", what, expr_quote(f, e),
                       name);
    if (type->kind == TYPE_SCALAR) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC,
                            type_is_float(type) ? "convert it, which cuts the fraction off"
                                                : "convert it");
        fix_wrap(f, fix, e, "int(", ")");
    } else if (type_is_array(type)) {
        bool picks = strstr(what, "index") != NULL;
        diag_note(cx, d, "%s",
                  picks ? "an array cannot pick elements of another one; write a loop"
                        : "the size of an array is `len(x)`");
    }
    expr_poison(f, e);
    return false;
}
