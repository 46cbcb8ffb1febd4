/* Windows: `x[a:b]`, `m[i]` of a matrix, `m[:, j]`. Their sizes are worked out as polynomials,
 * so that `x[0:n-2]` and `x[2:n]` are known to have one shape. */
#include "sema/expr.h"

/* The place that an end of a slice stands for: negative constants count from the end. NULL after
 * reporting. */
static const Size *check_end(FnChecker *f, Expr *e, const Size *size) {
    check_expr(f, e, type_int(f->c->types));
    if (!convert_index(f, e, "the end of a slice")) return NULL;
    int64_t value;
    if (expr_known_int(f, e, &value)) {
        const Size *at = size_int(f, value);
        return value < 0 ? size_sum(f, size, at, e->span) : at;
    }
    return size_of_expr(f, e);
}

/* Whether `a` is less than `b` for certain. */
static bool surely_less(FnChecker *f, const Size *a, const Size *b) {
    const Size *difference = size_sub(f->c->sizes, b, a);
    int64_t value;
    return difference && size_is_const(difference, &value) && value > 0;
}

static const Size *report_slice(FnChecker *f, Span span, const Type *base, uint32_t axis,
                                const char *message) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0262, span, "%s", message);
    diag_primary_label(cx, d, "dimension %u of %s has the size %s", axis, shape_text(cx, base),
                       size_text(f, base->dims[axis]));
    label_size(f, d, base->dims[axis]);
    return NULL;
}

const Size *check_bounds(FnChecker *f, Expr *lo, Expr *hi, const Type *base, uint32_t axis,
                         Span span) {
    const Size *size = base->dims[axis], *zero = size_int(f, 0);
    const Size *from = lo ? check_end(f, lo, size) : zero;
    const Size *to = hi ? check_end(f, hi, size) : size;
    if (!from || !to) return NULL;
    if (surely_less(f, from, zero)) {
        return report_slice(f, lo->span, base, axis, "this slice begins before the array");
    }
    if (surely_less(f, size, to)) {
        return report_slice(f, hi->span, base, axis, "this slice ends behind the array");
    }
    if (surely_less(f, to, from)) {
        return report_slice(f, span, base, axis, "this slice ends before it begins");
    }
    return size_difference(f, to, from, span);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

/* How many elements `lo:hi:step` has, for constants; unknown otherwise. */
static const Size *stepped_size(FnChecker *f, const Size *distance, int64_t step, Span span) {
    int64_t length;
    if (!size_is_const(distance, &length) || length < 0) return size_fresh(f, span);
    return size_int(f, length / step + (length % step != 0));
}

/* `lo:hi:-step` runs down from lo (the last element) to above hi. */
static const Size *backward_size(FnChecker *f, Expr *slice, const Size *size, int64_t step) {
    Span span = slice->span;
    const Size *from = slice->slice.lo ? check_end(f, slice->slice.lo, size)
                                       : size_difference(f, size, size_int(f, 1), span);
    const Size *to = slice->slice.hi ? check_end(f, slice->slice.hi, size) : size_int(f, -1);
    if (!from || !to) return NULL;
    const Size *distance = size_difference(f, from, to, span);
    return step == 1 ? distance : stepped_size(f, distance, step, span);
}

static const Size *sliced_size(FnChecker *f, Expr *slice, const Type *base, uint32_t axis) {
    Expr *lo = slice->slice.lo, *hi = slice->slice.hi, *by = slice->slice.step;
    if (!by) return check_bounds(f, lo, hi, base, axis, slice->span);
    check_expr(f, by, type_int(f->c->types));
    if (!convert_index(f, by, "the step of a slice")) return NULL;
    int64_t step;
    bool known = expr_known_int(f, by, &step);
    if (known && step == 0) {
        diag_add(f->c->cx, K0265, by->span, "a step of 0 goes nowhere");
        return NULL;
    }
    if (known && step < 0 && step > INT64_MIN) {
        return backward_size(f, slice, base->dims[axis], -step);
    }
    const Size *distance = check_bounds(f, lo, hi, base, axis, slice->span);
    if (!distance || (known && step == 1)) return distance;
    return known ? stepped_size(f, distance, step, slice->span) : size_fresh(f, slice->span);
}

/* ---- The window ------------------------------------------------------------------------------ */

/* Where the elements stay side by side: single indices, then at most one slice without a step, then
 * whole dimensions. */
static bool is_whole(const Expr *arg) {
    return !arg->slice.lo && !arg->slice.hi && !arg->slice.step;
}

static bool steps_by_one(FnChecker *f, const Expr *arg) {
    int64_t step;
    return !arg->slice.step || (expr_known_int(f, arg->slice.step, &step) && step == 1);
}

static bool is_dense_window(FnChecker *f, const ArgVec *args) {
    bool started = false;
    for (uint32_t i = 0; i < args->len; i++) {
        const Expr *arg = args->data[i].value;
        if (arg->kind == EXPR_SLICE) {
            if (!steps_by_one(f, arg) || (started && !is_whole(arg))) return false;
            started = true;
        } else if (started) {
            return false;
        }
    }
    return true;
}

const Type *check_window(FnChecker *f, Expr *e, const Type *base) {
    const ArgVec *args = &e->index.args;
    Expr *values[MAX_RANK];
    const Size *dims[MAX_RANK];
    uint32_t rank = 0;
    bool good = true;
    for (uint32_t i = 0; i < base->rank; i++) {
        Expr *arg = i < args->len ? args->data[i].value : NULL;
        if (!arg) {
            dims[rank++] = base->dims[i];
        } else if (arg->kind == EXPR_SLICE) {
            const Size *size = sliced_size(f, arg, base, i);
            good = good && size;
            dims[rank++] = size;
            expr_set(f, arg, ROLE_NONE, type_range(f->c->types));
        } else {
            good = check_subscript(f, arg, base, i) && good;
        }
        if (arg) values[i] = arg;
    }
    if (!good) return expr_poison(f, e);
    bool dense = !type_is_strided(base) && is_dense_window(f, args);
    const Type *type =
        type_array(f->c->types, dense ? FORM_VIEW : FORM_STRIDED, base->elem, dims, rank);
    return expr_set_args(f, e, ROLE_WINDOW, type, values, args->len);
}
