/* Bindings and assignments. The value comes first, then the place. */
#include "ir/lower/lower_array.h"

/* ---- Bindings -------------------------------------------------------------------------------- */

/* Binds names to the parts of a value, in order; parts without a name are dropped. */
static void bind_names(FnLower *f, const LocalVec *locals, const Type *type, Value *const *parts) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < locals->len; i++) {
        const Local *local = locals->data[i];
        const Type *item = locals->len == 1 ? type : type->items[i];
        if (local) local_bind(f, local, &parts[next]);
        next += type_parts(item);
    }
}

/* `let y = x * 2.0`, `let y = x.copy()`: the elements are computed into the variable's own memory. */
static bool bind_computed(FnLower *f, const Local *local, const Expr *value, Span span) {
    const Type *type = local->type;
    if (!type_is_owned_array(type)) return false;
    const ExprInfo *i = info(f, strip_parens(value));
    bool in_memory = is_in_memory(f, value);
    bool copies = in_memory && i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_COPY;
    if (in_memory && !copies) return false;
    ArrayNode *node = array_prepare(f, copies ? i->args[0] : value);
    f->b.span = span;
    Value *ref = local_place(f, local, ir_type_of(f->p, type), type);
    build_assign(&f->b, ref, array_elements(f, type, node));
    local_bind_place(f, local, ref);
    return true;
}

static void bind_one(FnLower *f, const Local *local, const Expr *value, Span span) {
    if (local_bind_out(f, local, strip_parens(value))) return;
    if (bind_computed(f, local, value, span)) return;
    ValueVec parts = {0};
    lower_parts_as(f, value, local->type, &parts);
    f->b.span = span;
    local_bind(f, local, parts.data);
}

void lower_binding(FnLower *f, const Stmt *s) {
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    const Expr *value = s->binding.value;
    if (!value) {
        for (uint32_t i = 0; i < locals->len; i++) local_declare_empty(f, locals->data[i]);
        return;
    }
    if (locals->len == 1) {
        bind_one(f, locals->data[0], value, s->span);
        return;
    }
    const Expr *inner = strip_parens(value);
    ValueVec parts = {0};
    lower_parts(f, inner, true, &parts);
    f->b.span = s->span;
    bind_names(f, locals, value_type(f, inner), parts.data);
}

/* ---- Arrays ---------------------------------------------------------------------------------- */

static void replace(FnLower *f, const Stmt *s, const Expr *target) {
    Value *value = lower_kept(f, s->assign.value, info(f, target)->type);
    Value *ref = lower_ref(f, target, true);
    f->b.span = s->span;
    build_set(&f->b, ref, value);
}

/* The variable that owns the array in a place, or NULL where the memory belongs to somebody else. */
static Value *owner_in(const Place *place) {
    bool owns = place->ref && place->ref->type->elem->kind == IR_VIEW && place->ref->type->elem->owned;
    return owns ? place->ref : NULL;
}

/* A whole variable whose type says its sizes: its memory is looked at last, or made where there is none. */
static void assign_whole(FnLower *f, const Stmt *s, const Expr *target, const Path *path,
                         ArrayNode *node) {
    f->b.span = s->span;
    Value *elements = array_elements(f, shape_type(f, target), node);
    Place place = place_open(f, path, true);
    Value *owner = owner_in(&place);
    Value *into = owner ? owner : place_view(f, &place, true, target->span);
    f->b.span = s->span;
    build_assign(&f->b, into, elements);
}

static void assign_elements(FnLower *f, const Stmt *s, const Expr *target) {
    ArrayNode *node = array_prepare(f, s->assign.value);
    const Type *type = shape_type(f, target);
    Path path = path_of(f, target);
    Value *dims[MAX_RANK];
    if (path.steps.len == 0 && type_dims(f, type, dims)) {
        assign_whole(f, s, target, &path, node);
        return;
    }
    bool reads_nothing = node->kind == NODE_VALUE;
    Place place = place_open(f, &path, reads_nothing);
    Value *owner = owner_in(&place);
    Value *view = place_view(f, &place, reads_nothing && !owner, target->span);
    f->b.span = s->span;
    array_assign_to(f, view, type, owner, node);
}

static void assign_array(FnLower *f, const Stmt *s, const Expr *target) {
    if (stmt_info_of(f->p->checked, s)->replaces) replace(f, s, target);
    else assign_elements(f, s, target);
}

static void update_array(FnLower *f, const Stmt *s, const Expr *target) {
    const Type *type = shape_type(f, target);
    Path path = path_of(f, target);
    ArrayNode *node = array_prepare(f, s->assign.value);
    Place place = place_open(f, &path, false);
    Value *view = place_view(f, &place, false, target->span);
    ArrayNode *old = array_node_view(f, view, type, target->span);
    if (s->assign.op == BIN_MATMUL) {
        node = array_node_product(f, old, node, type->elem, s->span);
    } else {
        const FnSymbol *power = stmt_info_of(f->p->checked, s)->fn;
        node = array_node_update(f, s->assign.op, old, node, s->assign.value, power);
    }
    f->b.span = s->span;
    array_assign_to(f, view, type, owner_in(&place), node);
}

/* ---- Scalars --------------------------------------------------------------------------------- */

static void update_scalar(FnLower *f, const Stmt *s, const Expr *target) {
    Path path = path_of(f, target);
    Place place = place_open(f, &path, false);
    Value *old = place_get(f, &place);
    Value *value = lower_value(f, s->assign.value);
    f->b.span = s->span;
    const FnSymbol *power = stmt_info_of(f->p->checked, s)->fn;
    Value *changed = apply_update(f, s->assign.op, old, value, s->assign.value, power);
    f->b.span = target->span;
    place_set(f, &place, changed);
}

static void assign_plain(FnLower *f, const Expr *target, Value *value, Span span) {
    Path path = path_of(f, target);
    Place place = place_open(f, &path, true);
    f->b.span = span;
    place_set(f, &place, value);
}

/* ---- Several --------------------------------------------------------------------------------- */

/* One target of a tuple assignment gets one part. */
static void assign_part(FnLower *f, const Expr *target, Value *part, const Type *type, Span span) {
    target = strip_parens(target);
    if (info(f, target)->role == ROLE_LANE) {
        set_lane(f, target, part, span);
        return;
    }
    if (!is_placed(type)) {
        assign_plain(f, target, part, span);
        return;
    }
    Path path = path_of(f, target);
    Place place = place_open(f, &path, true);
    f->b.span = span;
    if (place.ref && place.ref->type->elem == part->type) {
        if (type_is_array(type)) check_fits(f, part, type, info(f, target)->type);
        build_set(&f->b, place.ref, part);
        return;
    }
    bool owns = ir_type_owns(part->type);
    Value *from = owns ? build_lend(&f->b, temporary_of(f, part), false) : part;
    ArrayNode *node = array_node_view(f, from, type, target->span);
    Value *view = place_view(f, &place, true, target->span);
    f->b.span = span;
    array_assign(f, view, shape_type(f, target), node);
}

/* `a, b = b, a`: all values first, then the targets from left to right. */
static void assign_tuple(FnLower *f, const Stmt *s, const Expr *target) {
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    ValueVec parts = {0};
    lower_parts(f, s->assign.value, true, &parts);
    const Type *type = value_type(f, s->assign.value);
    uint32_t next = 0;
    f->b.span = s->span;
    for (uint32_t i = 0; i < target->items.len; i++) {
        const Local *local = i < locals->len ? locals->data[i] : NULL;
        if (local) {
            local_bind(f, local, &parts.data[next]);
        } else {
            assign_part(f, target->items.data[i], parts.data[next], type->items[i], s->span);
        }
        next += type_parts(type->items[i]);
    }
}

void lower_assign(FnLower *f, const Stmt *s) {
    const Expr *target = strip_parens(s->assign.target);
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    const Type *type = info(f, target)->type;
    if (target->kind == EXPR_TUPLE) {
        assign_tuple(f, s, target);
    } else if (locals->len == 1 && locals->data[0]) {
        bind_one(f, locals->data[0], s->assign.value, s->span);
    } else if (info(f, target)->role == ROLE_LANE) {
        lower_lane_assign(f, s, target);
    } else if (type_is_array(type)) {
        if (s->assign.has_op) update_array(f, s, target);
        else assign_array(f, s, target);
    } else if (is_placed(type)) {
        replace(f, s, target);
    } else if (s->assign.has_op) {
        update_scalar(f, s, target);
    } else {
        assign_plain(f, target, lower_value(f, s->assign.value), s->span);
    }
}
