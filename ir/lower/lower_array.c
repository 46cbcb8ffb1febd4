/* Whole-array expressions.
 *
 * An elementwise tree becomes one MAP. What is not elementwise in it (memory, scalars, calls that give
 * arrays) is a leaf, evaluated once, before; then the region computes one element from elements of the
 * leaves. A matrix product is a sum inside the region. Shapes follow NumPy: aligned at the last dimension, and
 * a dimension that is 1 by its type stands still. */
#include "ir/lower/lower_array.h"

/* ---- Nodes ----------------------------------------------------------------------------------- */

static ArrayNode *node_new(FnLower *f, ArrayNodeKind kind, const Expr *e, Span span,
                           const Type *elem) {
    ArrayNode *node = arena_new(arena_of(f), ArrayNode);
    node->kind = kind;
    node->expr = e;
    node->span = span;
    node->elem = elem;
    return node;
}

static void node_set_args(FnLower *f, ArrayNode *node, ArrayNode *const *args, uint32_t count) {
    node->args = arena_copy(arena_of(f), args, count * sizeof *args);
    node->arg_count = count;
    for (uint32_t i = 0; i < count; i++) node->is_costly = node->is_costly || args[i]->is_costly;
}

ArrayNode *array_node_view(FnLower *f, Value *view, const Type *type, Span span) {
    ArrayNode *node = node_new(f, NODE_VIEW, NULL, span, type->elem);
    node->value = view;
    node->rank = type->rank;
    dim_values(f, view, type, node->dims);
    for (uint32_t i = 0; i < type->rank; i++) node->sizes[i] = type->dims[i];
    return node;
}

ArrayNode *array_node_value(FnLower *f, Value *value, const Type *type, Span span) {
    ArrayNode *node = node_new(f, NODE_VALUE, NULL, span, type);
    node->value = value;
    return node;
}

static bool is_one(const Size *size) {
    int64_t number;
    return size_is_const(size, &number) && number == 1;
}

/* The memory that `node` computes, for use more than once. */
static ArrayNode *node_in_memory(FnLower *f, ArrayNode *node) {
    ArrayNode *memory = node_new(f, NODE_VIEW, NULL, node->span, node->elem);
    memory->rank = node->rank;
    for (uint32_t i = 0; i < node->rank; i++) {
        memory->dims[i] = node->dims[i];
        memory->sizes[i] = node->sizes[i];
    }
    Value *ref = array_materialise(f, node);
    memory->value = build_lend(&f->b, ref, false);
    return memory;
}

/* ---- Shapes ---------------------------------------------------------------------------------- */

/* Joins one argument's shape to the node's: the last dimensions meet. */
static void join_shape(FnLower *f, ArrayNode *node, const ArrayNode *arg) {
    for (uint32_t i = 0; i < arg->rank; i++) {
        uint32_t d = node->rank - arg->rank + i;
        if (!node->sizes[d] || (is_one(node->sizes[d]) && !is_one(arg->sizes[i]))) {
            node->sizes[d] = arg->sizes[i];
            node->dims[d] = arg->dims[i];
        } else if (!is_one(arg->sizes[i]) && !sizes_agree(f, arg->sizes[i], arg->dims[i],
                                                           node->sizes[d], node->dims[d])) {
            check2(f, CHECK_SIZE, arg->dims[i], node->dims[d]);
        }
    }
}

/* Whether an element of `node` is used at several places of the iteration space. */
static bool is_repeated(const ArrayNode *node, uint32_t rank, const Size *const *sizes) {
    if (node->rank == 0) return false;
    if (node->rank < rank) return true;
    for (uint32_t i = 0; i < rank; i++) {
        if (is_one(node->sizes[i]) && !is_one(sizes[i])) return true;
    }
    return false;
}

static void join_shapes(FnLower *f, ArrayNode *node) {
    for (uint32_t i = 0; i < node->arg_count; i++) {
        if (node->args[i]->rank > node->rank) node->rank = node->args[i]->rank;
    }
    f->b.span = node->span;
    for (uint32_t i = 0; i < node->arg_count; i++) join_shape(f, node, node->args[i]);
    for (uint32_t i = 0; i < node->arg_count; i++) {
        ArrayNode *arg = node->args[i];
        if (arg->is_costly && is_repeated(arg, node->rank, node->sizes)) {
            node->args[i] = node_in_memory(f, arg);
        }
    }
}

/* ---- Preparing ------------------------------------------------------------------------------- */

bool is_elementwise(const FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (!type_is_array(i->type)) return false;
    if (i->role == ROLE_MAP || i->role == ROLE_CONVERT) return true;
    if (i->role == ROLE_BUILTIN) {
        return i->builtin < BUILTIN_M_LEN; /* no method gives an elementwise value */
    }
    bool is_operator = e->kind == EXPR_BINARY || e->kind == EXPR_UNARY || e->kind == EXPR_COMPARE;
    return is_operator && (i->role == ROLE_OPERATOR || i->role == ROLE_CALL);
}

ArrayNode *array_node_product(FnLower *f, ArrayNode *a, ArrayNode *b, const Type *elem, Span span) {
    bool is_dot = a->rank == 1 && b->rank == 1;
    if (a->kind != NODE_VIEW && !is_dot) a = node_in_memory(f, a);
    if (b->kind != NODE_VIEW && !is_dot) b = node_in_memory(f, b);
    ArrayNode *args[] = {a, b};
    ArrayNode *node = node_new(f, NODE_PRODUCT, NULL, span, elem);
    node_set_args(f, node, args, 2);
    node->is_costly = true;
    uint32_t outer = a->rank - 1, inner = b->rank == 2 ? 0 : b->rank - 1;
    f->b.span = span;
    if (!sizes_agree(f, b->sizes[inner], b->dims[inner], a->sizes[outer], a->dims[outer])) {
        check2(f, CHECK_SIZE, b->dims[inner], a->dims[outer]);
    }
    if (a->rank == 2) {
        node->dims[node->rank] = a->dims[0];
        node->sizes[node->rank++] = a->sizes[0];
    }
    if (b->rank == 2) {
        node->dims[node->rank] = b->dims[1];
        node->sizes[node->rank++] = b->sizes[1];
    }
    return node;
}

static ArrayNode *prepare_product(FnLower *f, const Expr *e) {
    ArrayNode *a = array_prepare(f, e->binary.lhs);
    ArrayNode *b = array_prepare(f, e->binary.rhs);
    return array_node_product(f, a, b, type_element(info(f, e)->type), e->span);
}

/* A scan knows its elements only as a whole: each needs the one before. */
static ArrayNode *prepare_scan(FnLower *f, const Expr *e) {
    ArrayNode *of = array_prepare(f, info(f, e)->args[0]);
    ArrayNode *node = node_new(f, NODE_ARRAY, e, e->span, of->elem);
    node->rank = 1;
    node->dims[0] = of->dims[0];
    node->sizes[0] = of->sizes[0];
    node->value = lower_scan(f, e, of);
    return node;
}

static ArrayNode *prepare_applied(FnLower *f, const Expr *e) {
    Operands operands;
    operands_of(f, e, &operands);
    ArrayNode **args = arena_array(arena_of(f), ArrayNode *, operands.count);
    for (uint32_t i = 0; i < operands.count; i++) args[i] = array_prepare(f, operands.items[i]);
    const ExprInfo *i = info(f, e);
    ArrayNode *node = node_new(f, NODE_APPLY, e, e->span, type_element(i->type));
    node_set_args(f, node, args, operands.count);
    node->is_costly = node->is_costly || i->role == ROLE_MAP || i->role == ROLE_CALL;
    join_shapes(f, node);
    return node;
}

static ArrayNode *prepare_unconverted(FnLower *f, const Expr *e) {
    if (e->kind == EXPR_PAREN) return array_prepare(f, e->operand);
    const Type *type = info(f, e)->type;
    bool is_product = e->kind == EXPR_BINARY && e->binary.op == BIN_MATMUL;
    if (is_product && info(f, e)->role == ROLE_OPERATOR) return prepare_product(f, e);
    if (!type_is_array(type)) return array_node_value(f, lower_value(f, e), value_type(f, e), e->span);
    const ExprInfo *i = info(f, e);
    if (i->role == ROLE_BUILTIN && is_scan(i->builtin)) return prepare_scan(f, e);
    if (is_elementwise(f, e)) return prepare_applied(f, e);
    return array_node_view(f, lower_stored(f, e), type, e->span);
}

ArrayNode *array_prepare(FnLower *f, const Expr *e) {
    ArrayNode *node = prepare_unconverted(f, e);
    const Type *elem = type_element(value_type(f, e));
    if (node->elem == elem || elem->kind != TYPE_SCALAR) return node;
    ArrayNode *cast = node_new(f, NODE_CAST, e, e->span, elem);
    node_set_args(f, cast, &node, 1);
    join_shapes(f, cast);
    return cast;
}

ArrayNode *array_node_update(FnLower *f, BinaryOp op, ArrayNode *target, ArrayNode *value,
                             const Expr *value_expr, const FnSymbol *power) {
    ArrayNode *node = node_new(f, NODE_UPDATE, value_expr, target->span, target->elem);
    ArrayNode *args[] = {target, value};
    node->op = op;
    node->power = power;
    node_set_args(f, node, args, 2);
    join_shapes(f, node);
    return node;
}

/* ---- Elements -------------------------------------------------------------------------------- */

/* One element of a product: the sum over the common dimension. */
static Value *product_element(FnLower *f, const ArrayNode *node, Value *const *indices) {
    const ArrayNode *a = node->args[0], *b = node->args[1];
    const IrType *type = ir_type_of(f->p, node->elem);
    f->b.span = node->span;
    Op *sum = build_reduce(&f->b, REDUCE_ADD, type, &a->dims[a->rank - 1], 1);
    Builder outside = f->b;
    f->b = builder_at_end(sum->regions[0], node->span);
    Value *p = sum->regions[0]->params[0];
    Value *a_at[2] = {p, NULL}, *b_at[2] = {p, NULL};
    if (a->rank == 2) {
        a_at[0] = indices[0];
        a_at[1] = p;
    }
    if (b->rank == 2) b_at[1] = indices[node->rank - 1];
    Value *x = array_element(f, a, a_at), *y = array_element(f, b, b_at);
    Value *xy = apply_binary(f, BIN_MUL, x, y, node->span);
    build_yield(&f->b, &xy, 1);
    f->b = outside;
    return op_result(sum);
}

Value *array_element_broadcast(FnLower *f, const ArrayNode *node, Value *const *indices,
                               uint32_t rank, const Size *const *sizes) {
    Value *at[MAX_RANK];
    for (uint32_t i = 0; i < node->rank; i++) {
        uint32_t d = rank - node->rank + i;
        bool stands = is_one(node->sizes[i]) && !is_one(sizes[d]);
        at[i] = stands ? build_i64(&f->b, 0) : indices[d];
    }
    return array_element(f, node, at);
}

static Value *applied_element(FnLower *f, const ArrayNode *node, Value *const *indices) {
    Value **values = arena_array(arena_of(f), Value *, node->arg_count);
    for (uint32_t i = 0; i < node->arg_count; i++) {
        values[i] = array_element_broadcast(f, node->args[i], indices, node->rank, node->sizes);
    }
    f->b.span = node->span;
    switch (node->kind) {
    case NODE_APPLY: return apply(f, node->expr, node->elem, values, node->arg_count);
    case NODE_UPDATE:
        return apply_update(f, node->op, values[0], values[1], node->expr, node->power);
    case NODE_CAST: return build_cast(&f->b, values[0], ir_type_of(f->p, node->elem));
    case NODE_VALUE:
    case NODE_VIEW:
    case NODE_ARRAY:
    case NODE_PRODUCT: break;
    }
    UNREACHABLE();
}

Value *array_element(FnLower *f, const ArrayNode *node, Value *const *indices) {
    switch (node->kind) {
    case NODE_VALUE: return node->value;
    case NODE_VIEW:
        f->b.span = node->span;
        return build_load(&f->b, node->value, indices);
    case NODE_ARRAY:
        f->b.span = node->span;
        return build_elem(&f->b, node->value, indices);
    case NODE_PRODUCT: return product_element(f, node, indices);
    case NODE_APPLY:
    case NODE_UPDATE:
    case NODE_CAST: return applied_element(f, node, indices);
    }
    UNREACHABLE();
}

/* ---- Into memory ----------------------------------------------------------------------------- */

static bool is_whole(const ArrayNode *node, const IrType *elem, uint32_t rank, const Size *const *sizes) {
    return node->kind == NODE_ARRAY && node->value->type->elem == elem && !is_repeated(node, rank, sizes);
}

/* A MAP over `dims` that gives the node's elements, where it is no array value of that shape already. */
static Value *build_elements(FnLower *f, const IrType *elem, uint32_t rank, Value *const *dims,
                             const Size *const *sizes, const ArrayNode *node) {
    if (is_whole(node, elem, rank, sizes)) return node->value;
    Op *map = build_map(&f->b, elem, dims, rank);
    Builder outside = f->b;
    f->b = builder_at_end(map->regions[0], outside.span);
    Value *value = array_element_broadcast(f, node, map->regions[0]->params, rank, sizes);
    f->b.span = outside.span;
    if (elem->kind == IR_SCALAR) value = build_cast(&f->b, value, elem);
    build_yield(&f->b, &value, 1);
    f->b = outside;
    return op_result(map);
}

/* The node's shape has to fit one of these sizes. */
static ArrayNode *fit_shape(FnLower *f, ArrayNode *node, const Type *type, Value *const *dims) {
    Span span = f->b.span;
    for (uint32_t i = 0; i < node->rank; i++) {
        uint32_t d = type->rank - node->rank + i;
        bool stands = is_one(node->sizes[i]) && !is_one(type->dims[d]);
        if (!stands && !sizes_agree(f, node->sizes[i], node->dims[i], type->dims[d], dims[d])) {
            check2(f, CHECK_SIZE, node->dims[i], dims[d]);
        }
    }
    if (node->is_costly && is_repeated(node, type->rank, type->dims)) node = node_in_memory(f, node);
    f->b.span = span;
    return node;
}

void array_assign_to(FnLower *f, Value *view, const Type *view_type, Value *target,
                     ArrayNode *node) {
    Value *dims[MAX_RANK];
    dim_values(f, view, view_type, dims);
    node = fit_shape(f, node, view_type, dims);
    const IrType *elem = view->type->elem;
    Value *elements = build_elements(f, elem, view->type->rank, dims, view_type->dims, node);
    build_assign(&f->b, target ? ref_to_write(f, target) : view_to_write(f, view),
                 elements);
}

void array_assign(FnLower *f, Value *view, const Type *view_type, ArrayNode *node) {
    array_assign_to(f, view, view_type, NULL, node);
}

Value *array_elements(FnLower *f, const Type *type, ArrayNode *node) {
    Value *dims[MAX_RANK];
    const Size *const *sizes = type->dims;
    if (type_dims(f, type, dims)) {
        node = fit_shape(f, node, type, dims);
    } else {
        KC_CHECK(node->rank == type->rank);
        for (uint32_t i = 0; i < node->rank; i++) dims[i] = node->dims[i];
        sizes = node->sizes;
    }
    return build_elements(f, ir_type_of(f->p, type->elem), type->rank, dims, sizes, node);
}

Value *array_materialise(FnLower *f, ArrayNode *node) {
    f->b.span = node->span;
    const IrType *elem = ir_type_of(f->p, node->elem);
    Value *ref = temporary_place(f, ir_tensor(module_of(f), elem, node->rank));
    Value *elements = build_elements(f, elem, node->rank, node->dims, node->sizes, node);
    build_assign(&f->b, ref, elements);
    return ref;
}
