/* Arrays in memory: looked at through views of places. What has to be computed is given memory in
 * lower_array.c. */
#include "ir/lower/lower_array.h"

bool is_in_memory(const FnLower *f, const Expr *e) {
    for (;; e = e->operand) {
        const ExprInfo *i = info(f, e);
        if (i->converted && type_element(i->converted) != type_element(i->type)) return false;
        if (e->kind != EXPR_PAREN) return !is_elementwise(f, e);
    }
}

Value *copy_of(FnLower *f, Value *view, const Type *type) {
    return array_materialise(f, array_node_view(f, view, type, f->b.span));
}

/* ---- Choices --------------------------------------------------------------------------------- */

/* Whether a view of `e` looks into a variable, so that it is good after the statement. */
static bool is_rooted(const FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    switch ((int)i->role) {
    case ROLE_LOCAL:
    case ROLE_GLOBAL: return true;
    case ROLE_FIELD: return is_rooted(f, e->member.base);
    case ROLE_WINDOW:
    case ROLE_ELEMENT:
    case ROLE_ITEM: return is_rooted(f, e->index.base);
    case ROLE_BUILTIN: return is_view_method(f, e) && is_rooted(f, i->args[0]);
    case ROLE_CALL: return type_looks(i->type);
    default: return false;
    }
}

static bool borrows(const FnLower *f, const Expr *arm) {
    return is_in_memory(f, arm) && is_rooted(f, arm);
}

/* One side of a choice: the view, and the memory behind it when that is made here. */
typedef struct ViewChoice {
    const Expr *e;
    Value *memory; /* of the side that is made here, or NULL */
} ViewChoice;

static void view_arm(FnLower *f, const void *user, bool then, Value **values) {
    const ViewChoice *choice = user;
    const Expr *arm = then ? choice->e->cond.then : choice->e->cond.otherwise;
    const Type *type = info(f, choice->e)->type;
    if (borrows(f, arm)) {
        values[0] = lower_view(f, arm, type_writes(type));
        if (choice->memory) {
            Value *none = empty_value(f, choice->memory->type->elem);
            build_set(&f->b, choice->memory, none);
        }
    } else {
        Value *owner = lower_owned(f, arm);
        build_set(&f->b, choice->memory, owner);
        values[0] = build_lend(&f->b, choice->memory, false);
    }
    values[0] = view_as(f, values[0], type_is_strided(type));
}

static Value *view_choice(FnLower *f, const Expr *e) {
    const Type *type = info(f, e)->type;
    const IrType *elem = ir_type_of(f->p, type->elem);
    const IrType *view = ir_view(module_of(f), elem, type->rank, type_is_strided(type));
    ViewChoice choice = {.e = e};
    Value *cond = lower_value(f, e->cond.cond), *result;
    f->b.span = e->span;
    bool makes = !borrows(f, e->cond.then) || !borrows(f, e->cond.otherwise);
    if (makes) choice.memory = temporary_place(f, ir_tensor(module_of(f), elem, type->rank));
    lower_choice(f, cond, &view, 1, view_arm, &choice, &result);
    return result;
}

/* ---- Views ----------------------------------------------------------------------------------- */

Value *lower_given_view(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    if (e->kind == EXPR_COND) return view_choice(f, e);
    if (e->kind == EXPR_TRANSFER) return lower_view(f, e->operand, type_writes(i->type));
    ValueVec parts = {0};
    if (i->role == ROLE_CALL) lower_call(f, e, &parts);
    else if (i->role == ROLE_ITEM) lower_item(f, e, true, &parts);
    else if (i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_WAIT) lower_wait(f, e, &parts);
    else KC_BUG("%s of role %d is no array in memory", expr_kind_name(e->kind), (int)i->role);
    return parts.data[0];
}

static Value *stored_view(FnLower *f, const Expr *e, bool to_write) {
    const Expr *inner = strip_parens(e);
    if (inner->kind == EXPR_COND) return view_choice(f, inner);
    Path path = path_of_stored(f, e);
    Place place = place_open(f, &path, to_write);
    return place_view(f, &place, to_write, inner->span);
}

Value *lower_stored(FnLower *f, const Expr *e) { return stored_view(f, strip_parens(e), false); }

Value *lower_view(FnLower *f, const Expr *e, bool to_write) {
    Value *view;
    if (is_in_memory(f, e)) {
        view = stored_view(f, e, to_write);
    } else {
        Value *ref = array_materialise(f, array_prepare(f, e));
        f->b.span = e->span;
        view = build_lend(&f->b, ref, to_write);
    }
    f->b.span = e->span;
    return view_as(f, view, type_is_strided(value_type(f, e)));
}

/* The sizes of a variable, where its type says them, need no look at it. */
uint32_t lower_shape(FnLower *f, const Expr *e, Value **dims) {
    const Type *type = shape_type(f, e);
    bool is_name = info(f, strip_parens(e))->role == ROLE_LOCAL;
    if (is_name && type_dims(f, type, dims)) return type->rank;
    ArrayNode *node = array_prepare(f, e);
    for (uint32_t i = 0; i < node->rank; i++) dims[i] = node->dims[i];
    return node->rank;
}
