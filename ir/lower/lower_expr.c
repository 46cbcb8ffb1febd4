/* Expressions that are scalars, plain structs, texts or pointers. */
#include "ir/lower/lower_array.h"

static Value *lower_applied(FnLower *f, const Expr *e) {
    Operands operands;
    operands_of(f, e, &operands);
    Value **values = arena_array(arena_of(f), Value *, operands.count);
    for (uint32_t i = 0; i < operands.count; i++) values[i] = lower_value(f, operands.items[i]);
    return apply(f, e, info(f, e)->type, values, operands.count);
}

static Value *lower_operator(FnLower *f, const Expr *e) {
    switch (e->kind) {
    case EXPR_BINARY:
        if (e->binary.op == BIN_AND || e->binary.op == BIN_OR) return lower_logic(f, e);
        if (info(f, e)->type->kind == TYPE_POINTER) return lower_pointer_step(f, e);
        if (e->binary.op == BIN_MATMUL) {
            return array_element(f, array_prepare(f, e), NULL);
        }
        return lower_applied(f, e);
    case EXPR_COMPARE:
        return type_is_vector(info(f, e)->type) ? lower_applied(f, e) : lower_compare(f, e);
    case EXPR_UNARY: return lower_applied(f, e);
    case EXPR_COND: return lower_cond(f, e);
    case EXPR_TRANSFER: return lower_value(f, e->operand);
    case EXPR_ERROR:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BOOL:
    case EXPR_STRING:
    case EXPR_NAME:
    case EXPR_TUPLE:
    case EXPR_LIST:
    case EXPR_PAREN:
    case EXPR_CALL:
    case EXPR_INDEX:
    case EXPR_SLICE:
    case EXPR_MEMBER:
    case EXPR_RANGE:
    case EXPR_GENERATOR:
    case EXPR_UNKNOWN:
    case EXPR_SPAWN:
    case EXPR_KIND_COUNT: break;
    }
    KC_BUG("%s is not an operator", expr_kind_name(e->kind));
}

/* The size of the first dimension: `len` never conflicts with anything, so nothing but that is read. */
static Value *lower_len(FnLower *f, const Expr *of) {
    if (type_is_array(value_type(f, of))) {
        Value *dims[MAX_RANK];
        lower_shape(f, of, dims);
        return dims[0];
    }
    Path path = path_of(f, of);
    Place place = place_open(f, &path, false);
    return build_dim(&f->b, place_view(f, &place, false, of->span), 0);
}

static Value *one_part(FnLower *f, const Expr *e) {
    ValueVec parts = {0};
    lower_parts(f, e, false, &parts);
    KC_CHECK(parts.len == 1);
    return parts.data[0];
}

static Value *lower_builtin(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    switch ((int)i->builtin) {
    case BUILTIN_LEN:
    case BUILTIN_M_LEN: return lower_len(f, i->args[0]);
    case BUILTIN_M_PTR: return lower_ptr(f, e);
    case BUILTIN_M_COPY: return lower_value(f, i->args[0]);
    case BUILTIN_M_TAKE: return lower_take(f, e);
    case BUILTIN_M_USED:
    case BUILTIN_M_PEAK:
    case BUILTIN_M_CAPACITY: return lower_arena_stat(f, e);
    case BUILTIN_M_MESSAGE: return lower_value(f, i->args[0]);
    case BUILTIN_M_WAIT: {
        ValueVec parts = {0};
        lower_wait(f, e, &parts);
        return parts.data[0];
    }
    case BUILTIN_M_LOAD:
    case BUILTIN_M_MASKED_LOAD:
    case BUILTIN_M_GATHER: return lower_simd_load(f, e);
    default: break;
    }
    if (i->builtin >= BUILTIN_V_CAST) return lower_simd(f, e);
    return is_reduction(f, e) ? lower_reduction(f, e) : lower_applied(f, e);
}

static Value *lower_field(FnLower *f, const Expr *e) {
    Path path = path_of(f, e);
    Place place = place_open(f, &path, false);
    return place_get(f, &place);
}

static Value *lower_by_role(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    switch (i->role) {
    case ROLE_OPERATOR: return lower_operator(f, e);
    case ROLE_LOCAL: {
        Value *value;
        f->b.span = e->span;
        local_read(f, i->local, &value);
        return value;
    }
    case ROLE_SIZE: {
        f->b.span = e->span;
        Value *value = size_value(f, size_of_sym(f->p->checked->sizes, i->size));
        KC_CHECK(value);
        return value;
    }
    case ROLE_FIELD: return lower_field(f, e);
    case ROLE_ELEMENT: return lower_element(f, e);
    case ROLE_LANE: return lower_lane(f, e);
    case ROLE_CONVERT:
    case ROLE_MAP: return lower_applied(f, e); /* a map here is one of lanes */
    case ROLE_CONSTRUCT: return lower_construct(f, e);
    case ROLE_BUILTIN: return lower_builtin(f, e);
    case ROLE_REDUCE: return lower_generator(f, e);
    case ROLE_FAILURE: return lower_value(f, i->args[0]);
    case ROLE_CALL:
        if (e->kind == EXPR_BINARY) return lower_applied(f, e);
        return one_part(f, e);
    case ROLE_ITEM: {
        ValueVec parts = {0};
        lower_item(f, e, false, &parts);
        return parts.data[0];
    }
    case ROLE_NONE:
    case ROLE_CONST:
    case ROLE_WINDOW:
    case ROLE_RANGE:
    case ROLE_ALLOC:
    case ROLE_GLOBAL:
    case ROLE_LIST:
    case ROLE_ARENA:
    case ROLE_ARENA_ALLOC:
    case ROLE_SPAWN:
    case ROLE_RUN_LOOP: break;
    }
    KC_BUG("%s of role %d is not a value", expr_kind_name(e->kind), (int)i->role);
}

static Value *lower_constant(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    f->b.span = e->span;
    bool adapts = type_is_literal(i->type) && i->converted;
    adapts = adapts && !type_is_vector(i->converted);
    return lower_const(f, i->constant, adapts ? i->converted : i->type);
}

Value *lower_value(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const Type *type = info_type(i);
    KC_CHECK(!is_placed(type));
    Value *value;
    if (i->constant) {
        value = lower_constant(f, e);
    } else if (e->kind == EXPR_PAREN) {
        value = lower_value(f, e->operand);
    } else {
        value = lower_by_role(f, e);
    }
    f->b.span = e->span;
    if (type_is_vector(type)) return to_width(f, value, ir_type_of(f->p, type));
    return type->kind == TYPE_SCALAR ? build_cast(&f->b, value, ir_type_of(f->p, type)) : value;
}
