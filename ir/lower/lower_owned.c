/* Values that own: moved out of a place, returned by a call, made, or copied. */
#include "ir/lower/lower_array.h"

/* ---- Making ---------------------------------------------------------------------------------- */

void lower_alloc_dims(FnLower *f, Expr *const *args, uint32_t count, Span span, Value **dims) {
    for (uint32_t k = 0; k < count; k++) dims[k] = lower_bound(f, args[k]);
    f->b.span = span;
    for (uint32_t k = 0; k < count; k++) {
        int64_t number;
        bool is_fine = value_is_int(dims[k], &number) && number >= 0;
        if (!is_fine) check1(f, CHECK_LENGTH, dims[k]);
    }
}

static Value *lower_alloc(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    Value *dims[MAX_RANK];
    lower_alloc_dims(f, i->args, i->arg_count, e->span, dims);
    return build_alloc(&f->b, ir_type_of(f->p, i->type->elem), dims, i->arg_count, !i->flag);
}

static Value *build_made(FnLower *f, OpKind kind, const IrType *type) {
    return op_result(build_op(&f->b, kind, NULL, 0, &type, 1, 0));
}

static Value *empty_struct(FnLower *f, const IrType *type) {
    Value **fields = arena_array(arena_of(f), Value *, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        fields[i] = empty_value(f, type->fields[i].type);
    }
    return build_struct(&f->b, type, fields);
}

static Value *empty_task(FnLower *f, const IrType *type) {
    Value *parts[2] = {build_bool(&f->b, false)};
    if (type->elem) parts[1] = empty_value(f, type->elem);
    Op *op = build_op(&f->b, OP_SPAWN, parts, 1 + (type->elem != NULL), &type, 1, 0);
    op->attr.flag = type->elem != NULL;
    return op_result(op);
}

Value *empty_value(FnLower *f, const IrType *type) {
    switch (type->kind) {
    case IR_SCALAR: return build_zero(&f->b, type);
    case IR_STRUCT: return empty_struct(f, type);
    case IR_STR: return build_text(&f->b, "", 0);
    case IR_VIEW: return build_made(f, OP_NULLVIEW, type);
    case IR_LIST: return build_made(f, OP_LIST, type);
    case IR_ARENA: return build_unary(&f->b, OP_ARENA, build_i64(&f->b, 0));
    case IR_TASK: return empty_task(f, type);
    case IR_BUF: {
        const IrType *view = ir_view(module_of(f), type->elem, 1, false);
        return build_unary(&f->b, OP_BUF, build_made(f, OP_NULLVIEW, view));
    }
    case IR_VEC: return build_zero(&f->b, type);
    case IR_ARRAY:
    case IR_REF: break;
    }
    KC_BUG("IR type %d has no empty value", (int)type->kind);
}

/* ---- Copying --------------------------------------------------------------------------------- */

/* A copy of what a place holds; of an array that is only looked at, a tensor. */
static Value *copy_place(FnLower *f, Value *ref, const Type *type, bool is_implicit, Span span) {
    f->b.span = span;
    const IrType *owned = ir_type_of(f->p, type);
    Op *op = build_op(&f->b, OP_DUP, &ref, 1, &owned, 1, 0);
    op->attr.flag = is_implicit;
    return op_result(op);
}

/* The place of a module constant. */
static Value *constant_place(FnLower *f, const Expr *e) {
    const GlobalSymbol *global = info(f, e)->global;
    Value *data = lower_global(f, global);
    IrVar var = {global->name, VAR_CONSTANT, type_text(f->p->cx, global->type), global->span};
    Value *ref = build_place(&f->b, data->type, &var);
    build_set(&f->b, ref, data);
    return ref;
}

static Value *implicit_copy(FnLower *f, const Expr *e) {
    bool is_global = info(f, e)->role == ROLE_GLOBAL;
    f->b.span = e->span;
    Value *ref = is_global ? constant_place(f, e) : lower_ref(f, e, false);
    return copy_place(f, ref, info(f, e)->type, true, e->span);
}

/* x.copy(): arrays are computed like any other array expression. */
static Value *lower_copy(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const Expr *of = i->args[0];
    if (!type_is_array(i->type)) {
        return copy_place(f, lower_ref(f, of, false), i->type, false, e->span);
    }
    ArrayNode *node = array_prepare(f, of);
    node->span = e->span;
    f->b.span = e->span;
    return build_move(&f->b, array_materialise(f, node));
}

/* ---- Moving ---------------------------------------------------------------------------------- */

static bool names_place(FnLower *f, const Expr *e) {
    switch ((int)info(f, e)->role) {
    case ROLE_LOCAL:
    case ROLE_FIELD:
    case ROLE_ELEMENT: return true;
    case ROLE_ITEM: return item_place(f, e) != NULL;
    default: return false;
    }
}

/* `x^`, or a place where `return` says as much. */
static Value *move_place(FnLower *f, const Expr *e, Span span) {
    Value *ref = lower_ref(f, e, true);
    f->b.span = span;
    return build_move(&f->b, ref);
}

static Value *lower_transfer(FnLower *f, const Expr *e) {
    const Expr *from = strip_parens(e->operand);
    return names_place(f, from) ? move_place(f, from, e->span) : lower_owned(f, from);
}

/* ---- Results --------------------------------------------------------------------------------- */

static Value *owned_copy(FnLower *f, Value *view, const Type *type) {
    return build_move(&f->b, copy_of(f, view, type));
}

static Value *owned_result(FnLower *f, const Expr *e) {
    ValueVec parts = {0};
    lower_call(f, e, &parts);
    const Type *type = info(f, e)->type;
    return type_owns(type) ? parts.data[0] : owned_copy(f, parts.data[0], type);
}

static void owned_arm(FnLower *f, const void *user, bool then, Value **values) {
    const Expr *e = user;
    values[0] = lower_owned(f, then ? e->cond.then : e->cond.otherwise);
}

static Value *owned_choice(FnLower *f, const Expr *e) {
    const Type *type = info(f, e)->type;
    const IrType *ir = ir_type_of(f->p, type);
    if (type_is_array(type)) ir = ir_tensor(module_of(f), ir_type_of(f->p, type->elem), type->rank);
    Value *cond = lower_value(f, e->cond.cond), *result;
    f->b.span = e->span;
    lower_choice(f, cond, &ir, 1, owned_arm, e, &result);
    return result;
}

static Value *owned_method(FnLower *f, const Expr *e) {
    ValueVec parts = {0};
    switch ((int)info(f, e)->builtin) {
    case BUILTIN_M_COPY: return lower_copy(f, e);
    case BUILTIN_M_TAKE: return lower_take(f, e);
    case BUILTIN_M_WAIT: lower_wait(f, e, &parts); return parts.data[0];
    default: return NULL;
    }
}

static Value *owned_item(FnLower *f, const Expr *e) {
    if (item_place(f, e)) return NULL;
    ValueVec parts = {0};
    lower_item(f, e, true, &parts);
    return parts.data[0];
}

/* What is new wherever it stands, or NULL. */
static Value *lower_new(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    f->b.span = e->span;
    switch ((int)i->role) {
    case ROLE_CALL: return owned_result(f, e);
    case ROLE_ALLOC: return lower_alloc(f, e);
    case ROLE_CONSTRUCT: return lower_construct(f, e);
    case ROLE_LIST: return build_made(f, OP_LIST, ir_type_of(f->p, i->type));
    case ROLE_ARENA: return lower_arena(f, e);
    case ROLE_ARENA_ALLOC: return lower_arena_alloc(f, e);
    case ROLE_SPAWN: return lower_spawn(f, e);
    case ROLE_BUILTIN: return owned_method(f, e);
    case ROLE_ITEM: return owned_item(f, e);
    default: return NULL;
    }
}

Value *lower_owned(FnLower *f, const Expr *e) {
    const Type *type = info(f, e)->type;
    if (type_is_array(type) && !is_in_memory(f, e)) {
        Value *ref = array_materialise(f, array_prepare(f, e));
        f->b.span = e->span;
        return build_move(&f->b, ref);
    }
    bool is_copied = info(f, e)->is_copied;
    e = strip_parens(e);
    if (is_copied || info(f, e)->is_copied) return implicit_copy(f, e);
    if (e->kind == EXPR_TRANSFER) return lower_transfer(f, e);
    if (e->kind == EXPR_COND) return owned_choice(f, e);
    Value *made = lower_new(f, e);
    if (made) return made;
    if (type_owns(type) && names_place(f, e)) return move_place(f, e, e->span);
    Value *view = lower_stored(f, e);
    f->b.span = e->span;
    return owned_copy(f, view, type);
}

/* ---- Waiting --------------------------------------------------------------------------------- */

Waiting wait_with(FnLower *f, Value *value) { return (Waiting){value, f->raises}; }

/* A value that owns and waits while something may raise has to be found by the way out. */
Value *waited(FnLower *f, const Waiting *waiting) {
    Op *def = waiting->value->def;
    if (!ir_type_owns(waiting->value->type) || f->raises == waiting->raises || !def) {
        return waiting->value;
    }
    Builder here = f->b;
    f->b = (Builder){.fn = here.fn, .region = def->parent, .before = def->next, .span = def->span};
    Value *ref = temporary_of(f, waiting->value);
    f->b = here;
    return build_move(&f->b, ref);
}
