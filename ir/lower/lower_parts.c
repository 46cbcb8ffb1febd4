/* Values of several parts, and values for a place that keeps them. */
#include "ir/lower/lower_array.h"

/* ---- One value, to keep ---------------------------------------------------------------------- */

static Value *kept_array(FnLower *f, const Expr *e, const Type *type) {
    const Type *from = shape_type(f, e);
    if (type_is_owned_array(type) && !type_is_array(from)) {
        f->b.span = e->span;
        Value *ref = temporary_place(f, ir_type_of(f->p, type));
        build_assign(&f->b, ref, array_elements(f, type, array_prepare(f, e)));
        return build_move(&f->b, ref);
    }
    Value *view = type_is_owned_array(type) ? lower_owned(f, e)
                                            : lower_view(f, e, type_writes(type));
    f->b.span = e->span;
    check_fits(f, view, from, type);
    return view_as(f, view, type_is_strided(type));
}

Value *lower_kept(FnLower *f, const Expr *e, const Type *type) {
    if (type_is_array(type)) return kept_array(f, e, type);
    if (type_owns(type)) return lower_owned(f, e);
    if (type_looks(type)) return lower_windows(f, e);
    return lower_value(f, e);
}

/* ---- Items of tuples ------------------------------------------------------------------------- */

/* Where the parts of the item begin. */
static uint32_t first_part(const FnLower *f, const Expr *e) {
    const Type *tuple = value_type(f, strip_parens(e->index.base));
    uint32_t first = 0;
    for (uint32_t i = 0; i < info(f, e)->index; i++) first += type_parts(tuple->items[i]);
    return first;
}

/* The variable that an item of a tuple is in, when its base is one. */
static const Slot *item_slot(FnLower *f, const Expr *e) {
    const Expr *base = strip_parens(e->index.base);
    const ExprInfo *i = info(f, base);
    if (i->role != ROLE_LOCAL) return NULL;
    const Slot *slot = local_slot(f, i->local);
    return slot->kind == SLOT_VARS ? slot : NULL;
}

Value *item_place(FnLower *f, const Expr *e) {
    const Slot *slot = item_slot(f, e);
    return slot && type_parts(info(f, e)->type) == 1 ? slot->values[first_part(f, e)] : NULL;
}

/* Those parts of `out` from `first` on that own become temporaries of the statement; of arrays a view
 * stays. */
static void own_parts(FnLower *f, const Type *type, ValueVec *out, uint32_t first) {
    uint32_t next = first;
    for (uint32_t i = first; i < out->len; i++) {
        Value *value = out->data[i];
        const Type *part = type_part(type, i - first);
        if (type_owns(part)) {
            Value *ref = temporary_of(f, value);
            value = type_is_array(part) ? build_lend(&f->b, ref, false) : NULL;
        }
        if (value) out->data[next++] = value;
    }
    out->len = next;
}

/* One part of a tuple variable. */
static Value *part_of_place(FnLower *f, Value *ref, const Type *part, bool own) {
    if (!is_placed(part)) return build_get(&f->b, ref);
    if (type_owns(part) && own) return build_move(&f->b, ref);
    bool is_view = type_is_array(part) && !type_writes(part) && !type_owns(part);
    return is_view || !type_is_array(part) ? build_get(&f->b, ref)
                                           : build_lend(&f->b, ref, type_writes(part));
}

/* The parts `first` to `first + count - 1` of a tuple variable. */
static void add_slot_parts(FnLower *f, const Local *local, uint32_t first, uint32_t count, bool own,
                           ValueVec *out) {
    const Slot *slot = local_slot(f, local);
    KC_CHECK(slot->kind != SLOT_NONE);
    for (uint32_t i = first; i < first + count; i++) {
        Value *value = slot->values[i];
        if (slot->kind == SLOT_VARS) value = part_of_place(f, value, type_part(local->type, i), own);
        vec_push(arena_of(f), out, value);
    }
}

/* An item of a value: what the tuple owns besides it ends with the statement. */
static void add_value_parts(FnLower *f, const Expr *base, uint32_t first, uint32_t count,
                            ValueVec *out) {
    ValueVec parts = {0};
    lower_parts(f, base, true, &parts);
    for (uint32_t i = 0; i < parts.len; i++) {
        bool is_item = i >= first && i < first + count;
        if (is_item) vec_push(arena_of(f), out, parts.data[i]);
        else if (ir_type_owns(parts.data[i]->type)) temporary_of(f, parts.data[i]);
    }
}

void lower_item(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    const Expr *base = strip_parens(e->index.base);
    const ExprInfo *i = info(f, base);
    uint32_t first = first_part(f, e), count = type_parts(info(f, e)->type), begin = out->len;
    f->b.span = e->span;
    if (i->role == ROLE_LOCAL) {
        add_slot_parts(f, i->local, first, count, own, out);
        return;
    }
    add_value_parts(f, base, first, count, out);
    if (!own) own_parts(f, info(f, e)->type, out, begin);
}

/* ---- All parts ------------------------------------------------------------------------------- */

/* Each part waits for those after it. */
static void tuple_parts(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    Vec(Waiting) waiting = {0};
    for (uint32_t k = 0; k < e->items.len; k++) {
        ValueVec parts = {0};
        lower_parts(f, e->items.data[k], own, &parts);
        for (uint32_t i = 0; i < parts.len; i++) {
            vec_push(arena_of(f), &waiting, wait_with(f, parts.data[i]));
        }
    }
    for (uint32_t i = 0; i < waiting.len; i++) {
        vec_push(arena_of(f), out, waited(f, &waiting.data[i]));
    }
}

static void lower_tuple(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    const ExprInfo *i = info(f, e);
    const Type *type = i->type;
    if (e->kind == EXPR_TUPLE) {
        tuple_parts(f, e, own, out);
    } else if (e->kind == EXPR_COND) {
        cond_parts(f, e, true, out);
    } else if (e->kind == EXPR_TRANSFER) {
        lower_parts(f, e->operand, own, out);
    } else if (i->role == ROLE_LOCAL) {
        f->b.span = e->span;
        add_slot_parts(f, i->local, 0, type_parts(type), own, out);
    } else if (i->role == ROLE_ITEM) {
        lower_item(f, e, own, out);
    } else if (i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_SPLIT_MUT) {
        lower_split_mut(f, e, out);
    } else if (i->role == ROLE_BUILTIN && i->builtin == BUILTIN_V_DEINTERLEAVE) {
        lower_halves(f, e, out);
    } else if (i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_WAIT) {
        lower_wait(f, e, out);
    } else {
        KC_CHECK(i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_SHAPE);
        Value *dims[MAX_RANK];
        uint32_t rank = lower_shape(f, i->args[0], dims);
        for (uint32_t k = 0; k < rank; k++) vec_push(arena_of(f), out, dims[k]);
    }
}

static bool is_call(const FnLower *f, const Expr *e) {
    return info(f, e)->role == ROLE_CALL && e->kind != EXPR_BINARY;
}

static void call_parts(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    const Type *type = value_type(f, e);
    uint32_t first = out->len;
    lower_call(f, e, out);
    if (!own) own_parts(f, info(f, e)->type, out, first);
    if (type_is_vector(type)) {
        out->data[first] = to_width(f, out->data[first], ir_type_of(f->p, type));
    } else if (type->kind == TYPE_SCALAR) {
        out->data[first] = build_cast(&f->b, out->data[first], ir_type_of(f->p, type));
    }
}

static void void_parts(FnLower *f, const Expr *e, ValueVec *out) {
    const ExprInfo *i = info(f, e);
    if (i->role == ROLE_RUN_LOOP) lower_run_loop(f, e);
    else if (i->builtin == BUILTIN_PRINT) lower_print(f, e);
    else if (i->builtin == BUILTIN_M_WAIT) lower_wait(f, e, out);
    else lower_void_method(f, e);
}

void lower_parts(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    e = e->kind == EXPR_PAREN && !info(f, e)->converted ? strip_parens(e) : e;
    const Type *type = value_type(f, e);
    if (type_is_array(type)) {
        bool owns = own && type_is_owned_array(type);
        Value *value = owns ? lower_owned(f, e) : lower_view(f, e, own && type_writes(type));
        vec_push(arena_of(f), out, value);
    } else if (is_placed(type)) {
        Value *value = lower_kept(f, e, type);
        if (own) vec_push(arena_of(f), out, value);
        else temporary_of(f, value);
    } else if (is_call(f, e)) {
        call_parts(f, e, own, out);
    } else if (type->kind == TYPE_TUPLE) {
        uint32_t first = out->len;
        lower_tuple(f, e, own, out);
        if (!own && e->kind == EXPR_COND) own_parts(f, type, out, first);
    } else if (type->kind == TYPE_VOID) {
        void_parts(f, e, out);
    } else {
        vec_push(arena_of(f), out, lower_value(f, e));
    }
}

void lower_parts_as(FnLower *f, const Expr *e, const Type *type, ValueVec *out) {
    const Expr *inner = strip_parens(e);
    if (type->kind == TYPE_TUPLE && inner->kind == EXPR_TUPLE) {
        Vec(Waiting) waiting = {0};
        for (uint32_t i = 0; i < type->item_count; i++) {
            ValueVec parts = {0};
            lower_parts_as(f, inner->items.data[i], type->items[i], &parts);
            for (uint32_t k = 0; k < parts.len; k++) {
                vec_push(arena_of(f), &waiting, wait_with(f, parts.data[k]));
            }
        }
        for (uint32_t i = 0; i < waiting.len; i++) {
            vec_push(arena_of(f), out, waited(f, &waiting.data[i]));
        }
    } else if (is_placed(type)) {
        vec_push(arena_of(f), out, lower_kept(f, e, type));
    } else {
        lower_parts(f, e, true, out);
    }
}
