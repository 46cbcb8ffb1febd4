/* Arrays in memory: looked at through views, or owned. What has to be computed is given memory here, and
 * only here. */
#include "ir/lower/lower_internal.h"

bool is_in_memory(const FnLower *f, const Expr *e) {
    for (;; e = e->operand) {
        const ExprInfo *i = info(f, e);
        if (i->converted && type_element(i->converted) != type_element(i->type)) return false;
        if (e->kind != EXPR_PAREN) return !is_elementwise(f, e);
    }
}

Value *null_view(FnLower *f, const IrType *type) {
    return op_result(build_op(&f->b, OP_NULLVIEW, NULL, 0, &type, 1, 0));
}

Value *copy_of(FnLower *f, Value *view, const Type *type) {
    return array_materialise(f, array_node_view(f, view, type, f->b.span));
}

/* ---- Owned arrays ---------------------------------------------------------------------------- */

void lower_alloc_dims(FnLower *f, const Expr *e, Value **dims) {
    const ExprInfo *i = info(f, e);
    for (uint32_t k = 0; k < i->arg_count; k++) dims[k] = as_i64(f, lower_value(f, i->args[k]));
    f->b.span = e->span;
    for (uint32_t k = 0; k < i->arg_count; k++) {
        int64_t number;
        bool is_fine = value_is_int(dims[k], &number) && number >= 0;
        if (!is_fine) check1(f, CHECK_LENGTH, dims[k]);
    }
}

static Value *lower_alloc(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    Value *dims[MAX_RANK];
    lower_alloc_dims(f, e, dims);
    return build_alloc(&f->b, ir_type_of(f->p, i->type->elem), dims, i->arg_count, !i->flag);
}

/* `x^`: the variable that owned the array is left without one. */
static Value *lower_transfer(FnLower *f, const Expr *e) {
    const Expr *from = strip_parens(e->operand);
    const ExprInfo *i = info(f, from);
    if (i->role != ROLE_LOCAL) return lower_owned(f, from);
    const Slot *slot = local_slot(f, i->local);
    f->b.span = e->span;
    if (slot->kind != SLOT_VARS) return copy_of(f, slot->values[0], i->local->type);
    Value *view = build_get(&f->b, slot->values[0]);
    build_set(&f->b, slot->values[0], null_view(f, view->type));
    return view;
}

static Value *owned_result(FnLower *f, const Expr *e) {
    ValueVec parts = {0};
    lower_call(f, e, &parts);
    const Type *type = info(f, e)->type;
    return type_is_owned_array(type) ? parts.data[0] : copy_of(f, parts.data[0], type);
}

static void owned_arm(FnLower *f, const void *user, bool then, Value **values) {
    const Expr *e = user;
    values[0] = lower_owned(f, then ? e->cond.then : e->cond.otherwise);
}

static Value *owned_choice(FnLower *f, const Expr *e) {
    const Type *type = info(f, e)->type;
    const IrType *view = ir_view(module_of(f), ir_type_of(f->p, type->elem), type->rank, false);
    Value *cond = lower_value(f, e->cond.cond), *result;
    f->b.span = e->span;
    lower_choice(f, cond, &view, 1, owned_arm, e, &result);
    return result;
}

Value *lower_owned(FnLower *f, const Expr *e) {
    if (!is_in_memory(f, e)) return array_materialise(f, array_prepare(f, e));
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (e->kind == EXPR_TRANSFER) return lower_transfer(f, e);
    if (e->kind == EXPR_COND) return owned_choice(f, e);
    if (i->role == ROLE_CALL) return owned_result(f, e);
    if (i->role == ROLE_ALLOC) return lower_alloc(f, e);
    if (i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_COPY) {
        ArrayNode *node = array_prepare(f, i->args[0]);
        return array_materialise(f, node);
    }
    Value *view = lower_stored(f, e);
    f->b.span = e->span;
    return copy_of(f, view, i->type);
}

/* ---- Views ----------------------------------------------------------------------------------- */

/* Whether `e` looks into memory that lives longer than the expression. */
static bool is_rooted(const FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (i->role == ROLE_LOCAL) return true;
    if (i->role == ROLE_WINDOW || i->role == ROLE_ITEM) return is_rooted(f, e->index.base);
    return i->role == ROLE_BUILTIN && i->builtin >= BUILTIN_M_VIEW &&
           i->builtin <= BUILTIN_M_SPLIT_MUT && is_rooted(f, i->args[0]);
}

/* One side of a choice: the view, and the memory behind it when that was made here. */
static void view_arm(FnLower *f, const void *user, bool then, Value **values) {
    const Expr *e = user, *arm = then ? e->cond.then : e->cond.otherwise;
    const Type *type = info(f, e)->type;
    const IrType *dense = ir_view(module_of(f), ir_type_of(f->p, type->elem), type->rank, false);
    bool borrows = is_in_memory(f, arm) && is_rooted(f, arm);
    Value *view = borrows ? lower_view(f, arm) : lower_owned(f, arm);
    values[0] = view_as(f, view, type_is_strided(type));
    values[1] = borrows ? null_view(f, dense) : view;
}

static Value *view_choice(FnLower *f, const Expr *e) {
    const Type *type = info(f, e)->type;
    const IrType *types[] = {
        ir_type_of(f->p, type),
        ir_view(module_of(f), ir_type_of(f->p, type->elem), type->rank, false)};
    Value *cond = lower_value(f, e->cond.cond), *results[2];
    f->b.span = e->span;
    lower_choice(f, cond, types, 2, view_arm, e, results);
    own_temporary(f, results[1]);
    return results[0];
}

static Value *stored_temporary(FnLower *f, const Expr *e) {
    Value *view = lower_owned(f, e);
    own_temporary(f, view);
    return view;
}

Value *lower_stored(FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    Value *view;
    switch (i->role) {
    case ROLE_LOCAL:
        f->b.span = e->span;
        local_read(f, i->local, &view);
        return view;
    case ROLE_WINDOW: return lower_window(f, e);
    case ROLE_ITEM: {
        ValueVec parts = {0};
        lower_item(f, e, &parts);
        return parts.data[0];
    }
    case ROLE_CALL: {
        if (type_is_owned_array(i->type)) return stored_temporary(f, e);
        ValueVec parts = {0};
        lower_call(f, e, &parts);
        return parts.data[0];
    }
    case ROLE_ALLOC: return stored_temporary(f, e);
    case ROLE_BUILTIN:
        return i->builtin == BUILTIN_M_COPY ? stored_temporary(f, e) : lower_view_method(f, e);
    case ROLE_OPERATOR:
        return e->kind == EXPR_COND ? view_choice(f, e) : stored_temporary(f, e);
    case ROLE_NONE:
    case ROLE_CONST:
    case ROLE_SIZE:
    case ROLE_FIELD:
    case ROLE_ELEMENT:
    case ROLE_RANGE:
    case ROLE_MAP:
    case ROLE_CONVERT:
    case ROLE_CONSTRUCT:
    case ROLE_REDUCE: break;
    }
    KC_BUG("%s of role %d is no array in memory", expr_kind_name(e->kind), (int)i->role);
}

Value *lower_view(FnLower *f, const Expr *e) {
    Value *view;
    if (is_in_memory(f, e)) {
        view = lower_stored(f, e);
    } else {
        view = array_materialise(f, array_prepare(f, e));
        own_temporary(f, view);
    }
    f->b.span = e->span;
    return view_as(f, view, type_is_strided(value_type(f, e)));
}

uint32_t lower_shape(FnLower *f, const Expr *e, Value **dims) {
    ArrayNode *node = array_prepare(f, e);
    for (uint32_t i = 0; i < node->rank; i++) dims[i] = node->dims[i];
    return node->rank;
}
