/* Elements, windows, and the places that are assigned. */
#include "ir/lower/lower_internal.h"

/* Whether `e` is a literal that counts from the end. */
static bool is_from_end(const FnLower *f, const Expr *e) {
    const Const *constant = info(f, e)->constant;
    return constant && constant->kind == CONST_INT && constant->integer < 0;
}

Value *lower_bound(FnLower *f, const Expr *e, Value *size) {
    Value *value = as_i64(f, lower_value(f, e));
    if (!is_from_end(f, e)) return value;
    return build_binary(&f->b, OP_ADD, size, value);
}

Value *lower_index(FnLower *f, const Expr *e, Value *size) {
    Value *index = lower_bound(f, e, size);
    f->b.span = e->span;
    check2(f, CHECK_INDEX, index, size);
    return index;
}

/* ---- Elements -------------------------------------------------------------------------------- */

/* An element of an expression that is not in memory is computed on its own. */
static Value *lower_computed_element(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    ArrayNode *node = array_prepare(f, e->index.base);
    Value *indices[MAX_RANK];
    for (uint32_t k = 0; k < i->arg_count; k++) {
        indices[k] = lower_index(f, i->args[k], node->dims[k]);
    }
    return array_element(f, node, indices);
}

static void lower_indices(FnLower *f, const Expr *e, Value *view, Value **indices) {
    const ExprInfo *i = info(f, e);
    const Type *type = shape_type(f, e->index.base);
    for (uint32_t k = 0; k < i->arg_count; k++) {
        indices[k] = lower_index(f, i->args[k], dim_value(f, view, type, k));
    }
}

Value *lower_element(FnLower *f, const Expr *e) {
    if (!is_in_memory(f, e->index.base)) return lower_computed_element(f, e);
    Value *view = lower_view(f, e->index.base);
    Value *indices[MAX_RANK];
    lower_indices(f, e, view, indices);
    f->b.span = e->span;
    return build_load(&f->b, view, indices);
}

/* ---- Windows --------------------------------------------------------------------------------- */

/* ceil(distance / step) for step > 0. */
static Value *count_steps(FnLower *f, Value *distance, Value *step) {
    Value *one = build_i64(&f->b, 1);
    Value *rounded = build_binary(&f->b, OP_ADD, distance, build_binary(&f->b, OP_SUB, step, one));
    return build_binary(&f->b, OP_FLOORDIV, rounded, step);
}

/* lo:hi:step with step < 0 runs down from lo to above hi. */
static void lower_backward(FnLower *f, const Expr *slice, Value *step, Value *size, Value **range) {
    Value *one = build_i64(&f->b, 1);
    Value *lo = slice->slice.lo ? lower_bound(f, slice->slice.lo, size)
                                : build_binary(&f->b, OP_SUB, size, one);
    Value *hi = slice->slice.hi ? lower_bound(f, slice->slice.hi, size) : build_i64(&f->b, -1);
    f->b.span = slice->span;
    check3(f, CHECK_SLICE, build_binary(&f->b, OP_ADD, hi, one),
           build_binary(&f->b, OP_ADD, lo, one), size);
    range[0] = lo;
    range[1] = count_steps(f, build_binary(&f->b, OP_SUB, lo, hi),
                           build_unary(&f->b, OP_NEG, step));
    range[2] = step;
}

static void lower_forward(FnLower *f, const Expr *slice, Value *step, Value *size, Value **range) {
    Value *lo = slice->slice.lo ? lower_bound(f, slice->slice.lo, size) : build_i64(&f->b, 0);
    Value *hi = slice->slice.hi ? lower_bound(f, slice->slice.hi, size) : size;
    f->b.span = slice->span;
    if (slice->slice.lo || slice->slice.hi) check3(f, CHECK_SLICE, lo, hi, size);
    bool is_whole = !slice->slice.lo && !slice->slice.hi;
    Value *distance = is_whole ? size : build_binary(&f->b, OP_SUB, hi, lo);
    range[0] = lo;
    range[1] = step ? count_steps(f, distance, step) : distance;
    range[2] = step ? step : build_i64(&f->b, 1);
}

/* A step that is not known must be positive. */
static Value *lower_step(FnLower *f, const Expr *e) {
    Value *step = as_i64(f, lower_value(f, e));
    int64_t number;
    if (value_is_int(step, &number)) return step;
    f->b.span = e->span;
    check1(f, CHECK_STEP, build_binary(&f->b, OP_MAX, step, build_i64(&f->b, 0)));
    return step;
}

static void lower_range(FnLower *f, const Expr *slice, Value *size, Value **range) {
    Value *step = slice->slice.step ? lower_step(f, slice->slice.step) : NULL;
    int64_t number;
    bool is_known = step && value_is_int(step, &number);
    if (is_known && number < 0) {
        lower_backward(f, slice, step, size, range);
    } else {
        lower_forward(f, slice, is_known && number == 1 ? NULL : step, size, range);
    }
}

Value *lower_window(FnLower *f, const Expr *e) {
    const Expr *base = e->index.base;
    Value *view = lower_view(f, base);
    const Type *type = shape_type(f, base);
    Value *ranges[3 * MAX_RANK];
    uint32_t dropped = 0;
    for (uint32_t d = 0; d < type->rank; d++) {
        Value *size = dim_value(f, view, type, d);
        Value **range = &ranges[3 * d];
        const Expr *arg = d < e->index.args.len ? e->index.args.data[d].value : NULL;
        if (arg && arg->kind == EXPR_SLICE) {
            lower_range(f, arg, size, range);
            continue;
        }
        range[0] = arg ? lower_index(f, arg, size) : build_i64(&f->b, 0);
        range[1] = arg ? build_i64(&f->b, 1) : size;
        range[2] = build_i64(&f->b, 1);
        if (arg) dropped |= 1u << d;
    }
    f->b.span = e->span;
    return build_slice(&f->b, view, ranges, dropped, type_is_strided(info(f, e)->type));
}

/* ---- Places ---------------------------------------------------------------------------------- */

Place lower_place(FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    Place place = {.span = e->span};
    if (i->role == ROLE_LOCAL) {
        const Slot *slot = local_slot(f, i->local);
        KC_CHECK(slot->kind == SLOT_VARS && slot->count == 1);
        place.ref = slot->values[0];
    } else if (i->role == ROLE_FIELD) {
        place = lower_place(f, e->member.base);
        vec_push(arena_of(f), &place.path, i->index);
    } else {
        KC_CHECK(i->role == ROLE_ELEMENT);
        place.view = lower_view(f, e->index.base);
        lower_indices(f, e, place.view, place.indices);
    }
    return place;
}

/* The whole variable or element that the place is in. */
static Value *place_root(FnLower *f, const Place *place) {
    return place->ref ? build_get(&f->b, place->ref)
                      : build_load(&f->b, place->view, place->indices);
}

Value *place_get(FnLower *f, const Place *place) {
    Value *value = place_root(f, place);
    for (uint32_t i = 0; i < place->path.len; i++) {
        value = build_extract(&f->b, value, place->path.data[i]);
    }
    return value;
}

/* `whole` with the field at path[depth..] replaced. */
static Value *with_field(FnLower *f, const Place *place, uint32_t depth, Value *whole,
                         Value *value) {
    if (depth == place->path.len) return value;
    uint32_t field = place->path.data[depth];
    Value *inner = value;
    if (depth + 1 < place->path.len) {
        inner = with_field(f, place, depth + 1, build_extract(&f->b, whole, field), value);
    }
    return build_insert(&f->b, whole, field, inner);
}

void place_set(FnLower *f, const Place *place, Value *value) {
    Value *whole = place->path.len ? place_root(f, place) : NULL;
    Value *changed = with_field(f, place, 0, whole, value);
    if (place->ref) {
        build_set(&f->b, place->ref, changed);
    } else {
        build_store(&f->b, place->view, changed, place->indices);
    }
}
