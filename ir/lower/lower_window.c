/* Windows: the steps of a path that give a view of a part, and the indices of all steps. */
#include "ir/lower/lower_internal.h"

/* ---- Indices --------------------------------------------------------------------------------- */

/* Whether `e` is a literal that counts from the end. */
static bool is_from_end(const FnLower *f, const Expr *e) {
    const Const *constant = info(f, e)->constant;
    return constant && constant->kind == CONST_INT && constant->integer < 0;
}

Value *lower_bound(FnLower *f, const Expr *e) { return as_i64(f, lower_value(f, e)); }

Value *bound_at(FnLower *f, const Expr *e, Value *value, Value *size) {
    return is_from_end(f, e) ? build_binary(&f->b, OP_ADD, size, value) : value;
}

Value *index_at(FnLower *f, const Expr *e, Value *value, Value *size) {
    f->b.span = e->span;
    Value *index = bound_at(f, e, value, size);
    check2(f, CHECK_INDEX, index, size);
    return index;
}

/* A step that is not known must be positive. */
static Value *lower_step(FnLower *f, const Expr *e) {
    Value *step = lower_bound(f, e);
    int64_t number;
    if (value_is_int(step, &number)) return step;
    f->b.span = e->span;
    check1(f, CHECK_STEP, build_binary(&f->b, OP_MAX, step, build_i64(&f->b, 0)));
    return step;
}

/* Three for each argument. */
static Value **window_bounds(FnLower *f, const ArgVec *args) {
    Value **bounds = arena_array(arena_of(f), Value *, 3 * MAX_RANK);
    for (uint32_t i = 0; i < args->len; i++) {
        const Expr *arg = args->data[i].value;
        Value **at = &bounds[3 * i];
        if (arg->kind != EXPR_SLICE) {
            at[0] = lower_bound(f, arg);
            continue;
        }
        if (arg->slice.lo) at[0] = lower_bound(f, arg->slice.lo);
        if (arg->slice.hi) at[1] = lower_bound(f, arg->slice.hi);
        if (arg->slice.step) at[2] = lower_step(f, arg->slice.step);
    }
    return bounds;
}

Value **step_bounds(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    if (i->role == ROLE_FIELD) return NULL;
    if (i->role == ROLE_WINDOW) return window_bounds(f, &e->index.args);
    uint32_t first = i->role == ROLE_BUILTIN; /* the array itself */
    Value **bounds = arena_array(arena_of(f), Value *, i->arg_count + 1);
    for (uint32_t k = first; k < i->arg_count; k++) bounds[k - first] = lower_bound(f, i->args[k]);
    return bounds;
}

/* ---- x[a:b, c] ------------------------------------------------------------------------------- */

/* ceil(distance / step) for step > 0. */
static Value *count_steps(FnLower *f, Value *distance, Value *step) {
    Value *one = build_i64(&f->b, 1);
    Value *rounded = build_binary(&f->b, OP_ADD, distance, build_binary(&f->b, OP_SUB, step, one));
    return build_binary(&f->b, OP_FLOORDIV, rounded, step);
}

/* lo:hi:step with step < 0 runs down from lo to above hi. */
static void open_backward(FnLower *f, const Expr *slice, Value *const *bounds, Value *size,
                          Value **range) {
    Value *one = build_i64(&f->b, 1);
    Value *lo = bounds[0] ? bound_at(f, slice->slice.lo, bounds[0], size)
                          : build_binary(&f->b, OP_SUB, size, one);
    Value *hi = bounds[1] ? bound_at(f, slice->slice.hi, bounds[1], size) : build_i64(&f->b, -1);
    f->b.span = slice->span;
    check3(f, CHECK_SLICE, build_binary(&f->b, OP_ADD, hi, one),
           build_binary(&f->b, OP_ADD, lo, one), size);
    range[0] = lo;
    range[1] = count_steps(f, build_binary(&f->b, OP_SUB, lo, hi),
                           build_unary(&f->b, OP_NEG, bounds[2]));
    range[2] = bounds[2];
}

static void open_forward(FnLower *f, const Expr *slice, Value *const *bounds, Value *step,
                         Value *size, Value **range) {
    Value *lo = bounds[0] ? bound_at(f, slice->slice.lo, bounds[0], size) : build_i64(&f->b, 0);
    Value *hi = bounds[1] ? bound_at(f, slice->slice.hi, bounds[1], size) : size;
    f->b.span = slice->span;
    bool is_whole = !bounds[0] && !bounds[1];
    if (!is_whole) check3(f, CHECK_SLICE, lo, hi, size);
    Value *distance = is_whole ? size : build_binary(&f->b, OP_SUB, hi, lo);
    range[0] = lo;
    range[1] = step ? count_steps(f, distance, step) : distance;
    range[2] = step ? step : build_i64(&f->b, 1);
}

static void open_range(FnLower *f, const Expr *slice, Value *const *bounds, Value *size,
                       Value **range) {
    Value *step = bounds[2];
    int64_t number;
    bool is_known = step && value_is_int(step, &number);
    if (is_known && number < 0) {
        open_backward(f, slice, bounds, size, range);
    } else {
        open_forward(f, slice, bounds, is_known && number == 1 ? NULL : step, size, range);
    }
}

static Value *index_window(FnLower *f, const Step *step, Value *view) {
    const Expr *e = step->expr;
    const Type *type = shape_type(f, e->index.base);
    bool is_list = type->kind == TYPE_LIST;
    Value *ranges[3 * MAX_RANK];
    uint32_t dropped = 0;
    for (uint32_t d = 0; d < (is_list ? 1 : type->rank); d++) {
        Value *size = is_list ? build_dim(&f->b, view, 0) : dim_value(f, view, type, d);
        Value **range = &ranges[3 * d];
        const Expr *arg = d < e->index.args.len ? e->index.args.data[d].value : NULL;
        if (arg && arg->kind == EXPR_SLICE) {
            open_range(f, arg, &step->bounds[3 * d], size, range);
            continue;
        }
        range[0] = arg ? index_at(f, arg, step->bounds[3 * d], size) : build_i64(&f->b, 0);
        range[1] = arg ? build_i64(&f->b, 1) : size;
        range[2] = build_i64(&f->b, 1);
        if (arg) dropped |= 1u << d;
    }
    f->b.span = e->span;
    return build_slice(&f->b, view, ranges, dropped, type_is_strided(info(f, e)->type));
}

/* ---- x.slice(a, b), x.row(i), x.split_mut(k) ------------------------------------------------- */

bool is_view_method(const FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    return i->role == ROLE_BUILTIN && i->builtin >= BUILTIN_M_VIEW &&
           i->builtin <= BUILTIN_M_ROW_MUT;
}

/* What is left of `view` when its first dimension is cut to [lo, hi). */
static Value *cut_first(FnLower *f, Value *view, const Type *type, Value *lo, Value *hi,
                        bool strided) {
    Value *ranges[3 * MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) {
        bool is_first = i == 0;
        ranges[3 * i] = is_first ? lo : build_i64(&f->b, 0);
        ranges[3 * i + 1] = is_first ? build_binary(&f->b, OP_SUB, hi, lo)
                                     : dim_value(f, view, type, i);
        ranges[3 * i + 2] = build_i64(&f->b, 1);
    }
    return build_slice(&f->b, view, ranges, 0, strided);
}

static Value *slice_window(FnLower *f, const Step *step, Value *view, const Type *type) {
    const ExprInfo *i = info(f, step->expr);
    Value *size = dim_value(f, view, type, 0);
    Value *lo = bound_at(f, i->args[1], step->bounds[0], size);
    Value *hi = bound_at(f, i->args[2], step->bounds[1], size);
    f->b.span = step->expr->span;
    check3(f, CHECK_SLICE, lo, hi, size);
    return cut_first(f, view, type, lo, hi, type_is_strided(i->type));
}

static Value *row_window(FnLower *f, const Step *step, Value *view, const Type *type) {
    const ExprInfo *i = info(f, step->expr);
    Value *row = index_at(f, i->args[1], step->bounds[0], dim_value(f, view, type, 0));
    Value *ranges[3 * MAX_RANK] = {row, build_i64(&f->b, 1), build_i64(&f->b, 1)};
    for (uint32_t d = 1; d < type->rank; d++) {
        ranges[3 * d] = build_i64(&f->b, 0);
        ranges[3 * d + 1] = dim_value(f, view, type, d);
        ranges[3 * d + 2] = build_i64(&f->b, 1);
    }
    f->b.span = step->expr->span;
    return build_slice(&f->b, view, ranges, 1, type_is_strided(i->type));
}

Value *step_window(FnLower *f, const Step *step, Value *view) {
    const ExprInfo *i = info(f, step->expr);
    f->b.span = step->expr->span;
    if (i->role == ROLE_WINDOW) return index_window(f, step, view);
    const Type *type = shape_type(f, i->args[0]);
    switch ((int)i->builtin) {
    case BUILTIN_M_VIEW:
    case BUILTIN_M_VIEW_MUT: return view_as(f, view, type_is_strided(i->type));
    case BUILTIN_M_SLICE:
    case BUILTIN_M_SLICE_MUT: return slice_window(f, step, view, type);
    case BUILTIN_M_ROW:
    case BUILTIN_M_ROW_MUT: return row_window(f, step, view, type);
    default: break;
    }
    KC_BUG("`%s` gives no view", builtin_name(i->builtin));
}

void lower_split_mut(FnLower *f, const Expr *e, ValueVec *out) {
    const ExprInfo *i = info(f, e);
    const Type *type = shape_type(f, i->args[0]);
    Path path = path_of(f, i->args[0]);
    Value *bound = lower_bound(f, i->args[1]);
    Place place = place_open(f, &path, true);
    Value *view = place_view(f, &place, true, e->span);
    Value *size = dim_value(f, view, type, 0), *zero = build_i64(&f->b, 0);
    Value *at = bound_at(f, i->args[1], bound, size);
    f->b.span = e->span;
    check3(f, CHECK_SLICE, zero, at, size);
    bool strided = view->type->strided;
    vec_push(arena_of(f), out, cut_first(f, view, type, zero, at, strided));
    vec_push(arena_of(f), out, cut_first(f, view, type, at, size, strided));
}
