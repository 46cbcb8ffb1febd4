/* Places.
 *
 * A Path is what an expression such as `p.ts[i].x` says, with its indices evaluated; opening it gives the
 * variable, element or value itself. Opening lends what is on the way (LEND), so it is done as late as the
 * source allows: `t[next(t)]` finds the index first, and a call looks at its places when it starts. */
#include "ir/lower/lower_array.h"

/* ---- Paths ----------------------------------------------------------------------------------- */

/* What `e` is a part of, when that is in memory itself; NULL where the path begins. */
static const Expr *step_base(const FnLower *f, const Expr *e) {
    const Expr *base = NULL;
    switch (info(f, e)->role) {
    case ROLE_FIELD: return e->member.base;
    case ROLE_ELEMENT:
    case ROLE_WINDOW: base = e->index.base; break;
    case ROLE_BUILTIN:
        if (!is_view_method(f, e)) return NULL;
        base = info(f, e)->args[0];
        break;
    case ROLE_NONE:
    case ROLE_OPERATOR:
    case ROLE_CONST:
    case ROLE_LOCAL:
    case ROLE_SIZE:
    case ROLE_LANE:
    case ROLE_ITEM:
    case ROLE_RANGE:
    case ROLE_CALL:
    case ROLE_MAP:
    case ROLE_CONVERT:
    case ROLE_CONSTRUCT:
    case ROLE_ALLOC:
    case ROLE_REDUCE:
    case ROLE_GLOBAL:
    case ROLE_LIST:
    case ROLE_ARENA:
    case ROLE_ARENA_ALLOC:
    case ROLE_FAILURE:
    case ROLE_SPAWN:
    case ROLE_RUN_LOOP: return NULL;
    }
    return base;
}

static void root_at_local(FnLower *f, const Local *local, Path *path) {
    const Slot *slot = local_slot(f, local);
    if (slot->kind == SLOT_VARS && slot->count == 1) path->ref = slot->values[0];
    else local_read(f, local, &path->value);
}

/* What names no variable is in a temporary, if it is in a place at all. */
static void root_at_value(FnLower *f, const Expr *e, Path *path) {
    const Type *type = info(f, e)->type;
    bool is_choice = type_is_array(type) && e->kind == EXPR_COND;
    if (type_owns(type) && !is_choice) {
        Value *value = lower_owned(f, e);
        f->b.span = e->span;
        path->ref = temporary_of(f, value);
    } else if (type_is_array(type)) {
        path->value = lower_given_view(f, e);
    } else if (type_looks(type)) {
        Value *value = lower_windows(f, e);
        f->b.span = e->span;
        path->ref = temporary_of(f, value);
    } else {
        path->value = lower_value(f, e);
    }
}

static Path root_of(FnLower *f, const Expr *e) {
    Path path = {.root = e};
    const ExprInfo *i = info(f, e);
    f->b.span = e->span;
    if (i->role == ROLE_LOCAL && !i->constant) {
        root_at_local(f, i->local, &path);
    } else if (i->role == ROLE_GLOBAL) {
        path.value = lower_global(f, i->global);
    } else if (i->role == ROLE_ITEM && item_place(f, e)) {
        path.ref = item_place(f, e);
    } else {
        root_at_value(f, e, &path);
    }
    return path;
}

Path path_of(FnLower *f, const Expr *e) {
    if (!type_is_array(info(f, e)->type) || is_in_memory(f, e)) return path_of_stored(f, e);
    return (Path){.root = e, .ref = array_materialise(f, array_prepare(f, e))};
}

Path path_of_stored(FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const Expr *base = step_base(f, e);
    if (!base) return root_of(f, e);
    Path path = path_of(f, base);
    Step step = {e, step_bounds(f, e)};
    vec_push(arena_of(f), &path.steps, step);
    if (is_view_method(f, e)) {
        path.has_method = true;
        path.writes = path.writes || type_writes(info(f, e)->type);
    }
    return path;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* The type of what is behind a path's root: before conversions. */
static const Type *root_type(const FnLower *f, const Path *path) { return info(f, path->root)->type; }

/* `self` of an `__init__` gets its fields one by one. */
static bool is_new_self(const FnLower *f, const Value *ref) {
    return f->is_init && ref == f->fn->params.data[f->fn->args.data[0].first].value;
}

static void open_field(FnLower *f, Place *place, const Expr *e) {
    uint32_t field = info(f, e)->index;
    f->b.span = e->span;
    if (place->ref && (is_placed(place->type) || is_new_self(f, place->ref))) {
        place->ref = build_field(&f->b, place->ref, field);
    } else if (place->value) {
        place->value = build_extract(&f->b, place->value, field);
    } else {
        vec_push(arena_of(f), &place->path, field);
    }
}

/* The size of dimension `d` of what a place holds. */
static Value *size_along(FnLower *f, Value *view, const Type *type, uint32_t d) {
    return type_is_array(type) ? dim_value(f, view, type, d) : build_dim(&f->b, view, d);
}

/* `p[i]`: wherever that is. */
static void open_pointed(FnLower *f, Place *place, const Step *step) {
    f->b.span = step->expr->span;
    Value *pointer = place->value ? place->value : build_get(&f->b, place->ref);
    *place = (Place){.view = pointer_view(f, pointer), .indices = {step->bounds[0]}};
}

static void open_element(FnLower *f, Place *place, const Step *step, bool to_write) {
    const Expr *e = step->expr;
    if (place->type->kind == TYPE_POINTER) {
        open_pointed(f, place, step);
        return;
    }
    const ExprInfo *i = info(f, e);
    const Type *type = place->type;
    Value *view = place_view(f, place, to_write, place->span);
    Place element = {0};
    for (uint32_t k = 0; k < i->arg_count; k++) {
        Value *size = size_along(f, view, type, k);
        element.indices[k] = index_at(f, i->args[k], step->bounds[k], size);
    }
    f->b.span = e->span;
    if (is_placed(i->type)) element.ref = build_item(&f->b, view, element.indices);
    else element.view = view;
    *place = element;
}

static void open_window(FnLower *f, Place *place, const Step *step, bool to_write) {
    Value *view = place_view(f, place, to_write, step->expr->span);
    *place = (Place){.value = step_window(f, step, view)};
}

Place place_open(FnLower *f, const Path *path, bool to_write) {
    Place place = {.ref = path->ref, .value = path->value, .type = root_type(f, path),
                   .span = path->root->span};
    for (uint32_t i = 0; i < path->steps.len; i++) {
        const Step *step = &path->steps.data[i];
        const ExprInfo *info_ = info(f, step->expr);
        if (info_->role == ROLE_FIELD) open_field(f, &place, step->expr);
        else if (info_->role == ROLE_ELEMENT) open_element(f, &place, step, to_write || path->writes);
        else open_window(f, &place, step, to_write || path->writes);
        place.type = info_->type;
        place.span = step->expr->span;
    }
    return place;
}

/* ---- Using an opened place ------------------------------------------------------------------- */

Value *place_view(FnLower *f, const Place *place, bool to_write, Span span) {
    if (place->value) return place->value;
    KC_CHECK(place->ref && place->path.len == 0);
    f->b.span = span;
    bool owns = ir_type_owns(place->ref->type->elem);
    bool is_copied = !owns && !type_owns(place->type) && !type_writes(place->type);
    return is_copied ? build_get(&f->b, place->ref) : build_lend(&f->b, place->ref, to_write);
}

Value *ref_to_write(FnLower *f, Value *ref) {
    Op *def = ref->def;
    if (!def || (def->kind != OP_FIELD && def->kind != OP_ITEM)) return ref;
    bool is_item = def->kind == OP_ITEM;
    Value *base = is_item ? view_to_write(f, def->operands[0]) : ref_to_write(f, def->operands[0]);
    if (base == def->operands[0]) return ref;
    return is_item ? build_item(&f->b, base, def->operands + 1)
                   : build_field(&f->b, base, def->attr.index);
}

Value *view_to_write(FnLower *f, Value *view) {
    Op *def = view->def;
    if (def && def->kind == OP_LEND && !def->attr.flag) {
        return build_lend(&f->b, ref_to_write(f, def->operands[0]), true);
    }
    if (!def || def->kind != OP_SLICE) return view;
    Value *base = view_to_write(f, def->operands[0]);
    if (base == def->operands[0]) return view;
    return build_slice(&f->b, base, def->operands + 1, def->attr.mask, view->type->strided);
}

Value *place_as_ref(FnLower *f, const Place *place) {
    f->b.span = place->span;
    if (place->value) return temporary_of(f, place->value);
    Value *ref = place->ref ? place->ref : build_item(&f->b, place->view, place->indices);
    for (uint32_t i = 0; i < place->path.len; i++) {
        ref = build_field(&f->b, ref, place->path.data[i]);
    }
    return ref;
}

/* The whole variable or element that the place is in. */
static Value *place_root(FnLower *f, const Place *place) {
    if (place->value) return place->value;
    return place->ref ? build_get(&f->b, place->ref)
                      : build_load(&f->b, place->view, place->indices);
}

Value *place_get(FnLower *f, const Place *place) {
    f->b.span = place->span;
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
        return;
    }
    Value *view = view_to_write(f, place->view);
    build_store(&f->b, view, changed, place->indices);
}

/* ---- All at once ----------------------------------------------------------------------------- */

Value *lower_ref(FnLower *f, const Expr *e, bool to_write) {
    Path path = path_of(f, e);
    Place place = place_open(f, &path, to_write);
    return place_as_ref(f, &place);
}

/* An element of an expression that is not in memory is computed on its own. */
static Value *computed_element(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    ArrayNode *node = array_prepare(f, e->index.base);
    Value *indices[MAX_RANK];
    for (uint32_t k = 0; k < i->arg_count; k++) {
        indices[k] = index_at(f, i->args[k], lower_bound(f, i->args[k]), node->dims[k]);
    }
    return array_element(f, node, indices);
}

Value *lower_element(FnLower *f, const Expr *e) {
    const Expr *base = e->index.base;
    if (type_is_array(info(f, base)->type) && !is_in_memory(f, base)) return computed_element(f, e);
    Path path = path_of(f, e);
    Place place = place_open(f, &path, false);
    return place_get(f, &place);
}
