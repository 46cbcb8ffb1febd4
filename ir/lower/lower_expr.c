/* Expressions that are scalars, structs, texts or tuples. */
#include "ir/lower/lower_internal.h"

/* ---- Choices --------------------------------------------------------------------------------- */

void lower_choice(FnLower *f, Value *cond, const IrType *const *types, uint32_t count, ArmFn arm,
                  const void *user, Value **values) {
    Op *op = build_if(&f->b, cond, types, count);
    Builder outside = f->b;
    for (int side = 0; side < 2; side++) {
        f->b = builder_at_end(op->regions[side], outside.span);
        cleanup_open(f, CLEANUP_STATEMENT);
        arm(f, user, side == 0, values);
        cleanup_close(f);
        build_yield(&f->b, values, count);
    }
    f->b = outside;
    for (uint32_t i = 0; i < count; i++) values[i] = op->results[i];
}

static bool cheap_within(const FnLower *f, const Expr *e, int *budget);

static bool cheap_binary(const FnLower *f, const Expr *e, int *budget) {
    bool may_trap = f->p->options->checks == CHECKS_ALL && type_is_integer(info(f, e)->type);
    switch (e->binary.op) {
    case BIN_ADD:
    case BIN_SUB:
    case BIN_MUL:
        if (may_trap) return false;
        break;
    case BIN_OR:
    case BIN_AND:
    case BIN_BIT_OR:
    case BIN_BIT_XOR:
    case BIN_BIT_AND:
    case BIN_SHL:
    case BIN_SHR: break;
    case BIN_DIV:
    case BIN_FLOORDIV:
    case BIN_MOD:
    case BIN_MATMUL:
    case BIN_POW:
    case BINARY_OP_COUNT: return false;
    }
    return cheap_within(f, e->binary.lhs, budget) && cheap_within(f, e->binary.rhs, budget);
}

static bool cheap_operator(const FnLower *f, const Expr *e, int *budget) {
    if (e->kind == EXPR_BINARY) return cheap_binary(f, e, budget);
    if (e->kind == EXPR_UNARY) {
        bool negates = e->unary.op == UN_NEG && f->p->options->checks == CHECKS_ALL;
        return !negates && cheap_within(f, e->unary.operand, budget);
    }
    if (e->kind != EXPR_COMPARE) return false;
    for (uint32_t i = 0; i < e->compare.operands.len; i++) {
        if (!cheap_within(f, e->compare.operands.data[i], budget)) return false;
    }
    return true;
}

static bool cheap_within(const FnLower *f, const Expr *e, int *budget) {
    if (--*budget < 0) return false;
    if (e->kind == EXPR_PAREN) return cheap_within(f, e->operand, budget);
    const ExprInfo *i = info(f, e);
    if (type_is_array(i->type)) return false;
    if (i->constant) return true;
    if (i->role == ROLE_LOCAL || i->role == ROLE_SIZE) return true;
    if (i->role == ROLE_FIELD) return cheap_within(f, e->member.base, budget);
    if (i->role == ROLE_CONVERT) return cheap_within(f, i->args[0], budget);
    return i->role == ROLE_OPERATOR && cheap_operator(f, e, budget);
}

bool is_cheap(const FnLower *f, const Expr *e) {
    int budget = 8;
    return cheap_within(f, e, &budget);
}

/* `a and b`, `a or b`: the arm that needs `b` computes it, the other one knows the answer. */
static void logic_arm(FnLower *f, const void *user, bool then, Value **values) {
    const Expr *e = user;
    bool is_and = e->binary.op == BIN_AND;
    values[0] = then == is_and ? lower_value(f, e->binary.rhs) : build_bool(&f->b, !is_and);
}

static Value *lower_logic(FnLower *f, const Expr *e) {
    Value *lhs = lower_value(f, e->binary.lhs), *result;
    if (is_cheap(f, e->binary.rhs)) {
        Value *rhs = lower_value(f, e->binary.rhs);
        return apply_binary(f, e->binary.op, lhs, rhs, e->span);
    }
    const IrType *type = ir_bool(module_of(f));
    f->b.span = e->span;
    lower_choice(f, lhs, &type, 1, logic_arm, e, &result);
    return result;
}

static void cond_arm(FnLower *f, const void *user, bool then, Value **values) {
    const Expr *e = user;
    ValueVec parts = {0};
    lower_parts(f, then ? e->cond.then : e->cond.otherwise, true, &parts);
    for (uint32_t i = 0; i < parts.len; i++) values[i] = parts.data[i];
}

/* All parts of `a if c else b`; its owned arrays are the caller's. */
static void cond_parts(FnLower *f, const Expr *e, ValueVec *out) {
    const Type *type = info(f, e)->type;
    uint32_t count = type_parts(type);
    const IrType **types = arena_array(arena_of(f), const IrType *, count);
    Value **values = arena_array(arena_of(f), Value *, count);
    for (uint32_t i = 0; i < count; i++) types[i] = ir_type_of(f->p, type_part(type, i));
    Value *cond = lower_value(f, e->cond.cond);
    f->b.span = e->span;
    lower_choice(f, cond, types, count, cond_arm, e, values);
    for (uint32_t i = 0; i < count; i++) vec_push(arena_of(f), out, values[i]);
}

static Value *lower_cond(FnLower *f, const Expr *e) {
    if (is_cheap(f, e->cond.then) && is_cheap(f, e->cond.otherwise)) {
        Value *cond = lower_value(f, e->cond.cond);
        Value *then = lower_value(f, e->cond.then);
        Value *otherwise = lower_value(f, e->cond.otherwise);
        f->b.span = e->span;
        return build_select(&f->b, cond, then, otherwise);
    }
    ValueVec parts = {0};
    cond_parts(f, e, &parts);
    return parts.data[0];
}

/* ---- Comparison chains ----------------------------------------------------------------------- */

typedef struct Chain {
    const Expr *e;
    uint32_t next; /* the operand to compare with */
    Value *left;
} Chain;

static Value *lower_chain(FnLower *f, const Chain *chain);

static void chain_arm(FnLower *f, const void *user, bool then, Value **values) {
    values[0] = then ? lower_chain(f, user) : build_bool(&f->b, false);
}

/* The comparisons from operand `next` on; each operand is evaluated once, and only when all before
 * hold. */
static Value *lower_chain(FnLower *f, const Chain *chain) {
    const Expr *e = chain->e;
    Value *right = lower_value(f, e->compare.operands.data[chain->next]);
    f->b.span = e->span;
    Value *holds = apply_compare(f, e->compare.ops.data[chain->next - 1], chain->left, right);
    Chain rest = {e, chain->next + 1, right};
    if (rest.next == e->compare.operands.len) return holds;
    bool cheap = true;
    for (uint32_t i = rest.next; i < e->compare.operands.len; i++) {
        cheap = cheap && is_cheap(f, e->compare.operands.data[i]);
    }
    if (cheap) return build_binary(&f->b, OP_AND, holds, lower_chain(f, &rest));
    const IrType *type = ir_bool(module_of(f));
    Value *result;
    lower_choice(f, holds, &type, 1, chain_arm, &rest, &result);
    return result;
}

static Value *lower_compare(FnLower *f, const Expr *e) {
    Chain chain = {e, 1, lower_value(f, e->compare.operands.data[0])};
    return lower_chain(f, &chain);
}

/* ---- Values ---------------------------------------------------------------------------------- */

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
        if (e->binary.op == BIN_MATMUL) {
            return array_element(f, array_prepare(f, e), NULL);
        }
        return lower_applied(f, e);
    case EXPR_COMPARE: return lower_compare(f, e);
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

static Value *lower_construct(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const StructSymbol *strukt = i->type->strukt;
    uint32_t count = strukt->fields.len;
    Value **fields = arena_array(arena_of(f), Value *, count);
    for (uint32_t k = 0; k < count; k++) {
        const FieldInfo *field = &strukt->fields.data[k];
        const Expr *value = k < i->arg_count && i->args[k] ? i->args[k] : field->initial;
        fields[k] = value ? lower_value(f, value)
                          : build_zero(&f->b, ir_type_of(f->p, field->type));
    }
    f->b.span = e->span;
    return build_struct(&f->b, ir_type_of(f->p, i->type), fields);
}

static Value *lower_builtin(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    if (i->builtin == BUILTIN_LEN || i->builtin == BUILTIN_M_LEN) {
        Value *dims[MAX_RANK];
        lower_shape(f, i->args[0], dims);
        return dims[0];
    }
    return is_reduction(f, e) ? lower_reduction(f, e) : lower_applied(f, e);
}

/* Item `index` of a tuple: the parts of the items before it are skipped. */
void lower_item(FnLower *f, const Expr *e, ValueVec *out) {
    const Expr *base = strip_parens(e->index.base);
    const Type *tuple = value_type(f, base);
    uint32_t first = 0, index = info(f, e)->index;
    for (uint32_t i = 0; i < index; i++) first += type_parts(tuple->items[i]);
    ValueVec parts = {0};
    lower_parts(f, base, false, &parts);
    for (uint32_t i = 0; i < type_parts(tuple->items[index]); i++) {
        vec_push(arena_of(f), out, parts.data[first + i]);
    }
}

static Value *one_part(FnLower *f, const Expr *e) {
    ValueVec parts = {0};
    lower_parts(f, e, false, &parts);
    KC_CHECK(parts.len == 1);
    return parts.data[0];
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
    case ROLE_FIELD: {
        Value *base = lower_value(f, e->member.base);
        f->b.span = e->span;
        return build_extract(&f->b, base, i->index);
    }
    case ROLE_ELEMENT: return lower_element(f, e);
    case ROLE_CONVERT: return lower_applied(f, e);
    case ROLE_CONSTRUCT: return lower_construct(f, e);
    case ROLE_BUILTIN: return lower_builtin(f, e);
    case ROLE_REDUCE: return lower_generator(f, e);
    case ROLE_CALL:
        if (e->kind == EXPR_BINARY) return lower_applied(f, e);
        return one_part(f, e);
    case ROLE_ITEM: {
        ValueVec parts = {0};
        lower_item(f, e, &parts);
        return parts.data[0];
    }
    case ROLE_NONE:
    case ROLE_CONST:
    case ROLE_WINDOW:
    case ROLE_RANGE:
    case ROLE_MAP:
    case ROLE_ALLOC: break;
    }
    KC_BUG("%s of role %d is not a value", expr_kind_name(e->kind), (int)i->role);
}

static Value *lower_constant(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    f->b.span = e->span;
    bool adapts = type_is_literal(i->type) && i->converted;
    return lower_const(f, i->constant, adapts ? i->converted : i->type);
}

Value *lower_value(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const Type *type = info_type(i);
    if (type_is_array(type)) return lower_view(f, e);
    Value *value;
    if (i->constant) {
        value = lower_constant(f, e);
    } else if (e->kind == EXPR_PAREN) {
        value = lower_value(f, e->operand);
    } else {
        value = lower_by_role(f, e);
    }
    f->b.span = e->span;
    return type->kind == TYPE_SCALAR ? build_cast(&f->b, value, ir_type_of(f->p, type)) : value;
}

/* ---- Several parts --------------------------------------------------------------------------- */

static void add_local_parts(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    const Local *local = info(f, e)->local;
    uint32_t count = type_parts(local->type);
    Value **values = arena_array(arena_of(f), Value *, count);
    local_read(f, local, values);
    for (uint32_t i = 0; i < count; i++) {
        const Type *part = type_part(local->type, i);
        bool copies = own && type_is_owned_array(part);
        vec_push(arena_of(f), out, copies ? copy_of(f, values[i], part) : values[i]);
    }
}

/* Those parts of `out` from `first` on that are owned arrays become temporaries of the statement. */
static void own_parts(FnLower *f, const Type *type, ValueVec *out, uint32_t first) {
    for (uint32_t i = first; i < out->len; i++) {
        if (type_is_owned_array(type_part(type, i - first))) own_temporary(f, out->data[i]);
    }
}

static void lower_tuple(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    const ExprInfo *i = info(f, e);
    uint32_t first = out->len;
    if (e->kind == EXPR_TUPLE) {
        for (uint32_t k = 0; k < e->items.len; k++) lower_parts(f, e->items.data[k], own, out);
    } else if (e->kind == EXPR_COND) {
        cond_parts(f, e, out);
        if (!own) own_parts(f, i->type, out, first);
    } else if (e->kind == EXPR_TRANSFER) {
        lower_parts(f, e->operand, own, out);
    } else if (i->role == ROLE_LOCAL) {
        add_local_parts(f, e, own, out);
    } else if (i->role == ROLE_ITEM) {
        lower_item(f, e, out);
    } else if (i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_SPLIT_MUT) {
        lower_split_mut(f, e, out);
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

void lower_parts(FnLower *f, const Expr *e, bool own, ValueVec *out) {
    e = e->kind == EXPR_PAREN && !info(f, e)->converted ? strip_parens(e) : e;
    const Type *type = value_type(f, e);
    if (type_is_array(type)) {
        bool owns = own && type_is_owned_array(type);
        vec_push(arena_of(f), out, owns ? lower_owned(f, e) : lower_view(f, e));
    } else if (is_call(f, e)) {
        uint32_t first = out->len;
        lower_call(f, e, out);
        if (!own) own_parts(f, info(f, e)->type, out, first);
        if (type->kind == TYPE_SCALAR) {
            out->data[first] = build_cast(&f->b, out->data[first], ir_type_of(f->p, type));
        }
    } else if (type->kind == TYPE_TUPLE) {
        lower_tuple(f, e, own, out);
    } else if (type->kind == TYPE_VOID) {
        if (info(f, e)->builtin == BUILTIN_PRINT) lower_print(f, e);
        else lower_void_method(f, e);
    } else {
        vec_push(arena_of(f), out, lower_value(f, e));
    }
}

/* A place with sizes of its own gets an array whose sizes may only be known now. */
static void check_shape(FnLower *f, Value *view, const Type *from, const Type *to) {
    for (uint32_t i = 0; i < to->rank; i++) {
        if (size_has_hidden(to->dims[i])) continue;
        Value *expected = size_value(f, to->dims[i]), *dim = dim_value(f, view, from, i);
        if (expected && !sizes_agree(f, from->dims[i], dim, to->dims[i], expected)) {
            check2(f, CHECK_SIZE, dim, expected);
        }
    }
}

static Value *lower_array_as(FnLower *f, const Expr *e, const Type *type) {
    bool owns = type_is_owned_array(type);
    const Type *from = shape_type(f, e);
    if (owns && !type_is_array(from)) return array_materialise_as(f, array_prepare(f, e), type);
    Value *view = owns ? lower_owned(f, e) : lower_view(f, e);
    f->b.span = e->span;
    check_shape(f, view, from, type);
    return view_as(f, view, type_is_strided(type));
}

void lower_parts_as(FnLower *f, const Expr *e, const Type *type, ValueVec *out) {
    const Expr *inner = strip_parens(e);
    if (type->kind == TYPE_TUPLE && inner->kind == EXPR_TUPLE) {
        for (uint32_t i = 0; i < type->item_count; i++) {
            lower_parts_as(f, inner->items.data[i], type->items[i], out);
        }
    } else if (type_is_array(type)) {
        vec_push(arena_of(f), out, lower_array_as(f, e, type));
    } else {
        lower_parts(f, e, true, out);
    }
}
