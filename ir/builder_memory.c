/* Building ops on variables, memory and whole arrays. */
#include "ir/value.h"

static Value *build_memory(Builder *b, OpKind kind, Value *const *operands, uint32_t count,
                           const IrType *type) {
    KC_CHECK(type != NULL);
    return op_result(build_op(b, kind, operands, count, &type, 1, 0));
}

/* `head` first, then `rest`: the shape of most operand lists here. */
static Value **operands_joined(Builder *b, Value *head, Value *const *rest, uint32_t count) {
    Value **all = arena_array(b->fn->module->arena, Value *, count + 1);
    all[0] = head;
    for (uint32_t i = 0; i < count; i++) all[i + 1] = rest[i];
    return all;
}

/* ---- Variables ------------------------------------------------------------------------------- */

Value *build_place(Builder *b, const IrType *held, const IrVar *var) {
    Value *ref = build_memory(b, OP_VAR, NULL, 0, ir_ref(b->fn->module, held));
    ref->def->attr.var = *var;
    ref->name = var->name;
    return ref;
}

Value *build_var(Builder *b, const IrType *held, Name name) {
    IrVar var = {.name = name, .role = name.id == 0 ? VAR_TEMPORARY : VAR_VAR, .declared = b->span};
    return build_place(b, held, &var);
}

Value *build_flag(Builder *b) {
    Value *flag = build_var(b, ir_bool(b->fn->module), NO_NAME);
    build_set(b, flag, build_bool(b, false));
    return flag;
}

Value *build_field(Builder *b, Value *ref, uint32_t field) {
    KC_CHECK(ref->type->kind == IR_REF && ref->type->elem->kind == IR_STRUCT &&
             field < ref->type->elem->field_count);
    Value *place = build_memory(b, OP_FIELD, &ref, 1,
                                ir_ref(b->fn->module, ref->type->elem->fields[field].type));
    place->def->attr.index = field;
    return place;
}

Value *build_lane_item(Builder *b, Value *ref, Value *lane) {
    return build_binary(b, OP_LANE_ITEM, ref, lane);
}

Value *build_item(Builder *b, Value *view, Value *const *indices) {
    KC_CHECK(view->type->kind == IR_VIEW);
    uint32_t rank = view->type->rank;
    return build_memory(b, OP_ITEM, operands_joined(b, view, indices, rank), rank + 1,
                        ir_ref(b->fn->module, view->type->elem));
}

Value *build_get(Builder *b, Value *ref) { return build_unary(b, OP_GET, ref); }

void build_set(Builder *b, Value *ref, Value *value) {
    build_op(b, OP_SET, (Value *[]){ref, value}, 2, NULL, 0, 0);
}

/* ---- Ownership ------------------------------------------------------------------------------- */

Value *build_lend(Builder *b, Value *ref, bool to_write) {
    Value *view = build_unary(b, OP_LEND, ref);
    view->def->attr.flag = to_write;
    return view;
}

Value *build_move(Builder *b, Value *ref) { return build_unary(b, OP_MOVE, ref); }

Value *build_dup(Builder *b, Value *ref, bool is_implicit) {
    Value *copy = build_unary(b, OP_DUP, ref);
    copy->def->attr.flag = is_implicit;
    return copy;
}

/* ---- Windows --------------------------------------------------------------------------------- */

Value *build_view(Builder *b, Value *buf, Value *const *dims, uint32_t rank) {
    KC_CHECK(buf->type->kind == IR_BUF);
    return build_memory(b, OP_VIEW, operands_joined(b, buf, dims, rank), rank + 1,
                        ir_view(b->fn->module, buf->type->elem, rank, false));
}

Value *build_cells(Builder *b, Value *buf, const IrType *cell) {
    KC_CHECK(buf->type->kind == IR_BUF);
    return build_memory(b, OP_CELLS, &buf, 1, ir_buf(b->fn->module, cell));
}

Value *build_strided(Builder *b, Value *buf, Value *const *dims, Value *const *strides,
                     uint32_t rank) {
    KC_CHECK(buf->type->kind == IR_BUF);
    Value **all = arena_array(b->fn->module->arena, Value *, 2 * rank + 1);
    all[0] = buf;
    for (uint32_t i = 0; i < rank; i++) {
        all[1 + i] = dims[i];
        all[1 + rank + i] = strides[i];
    }
    return build_memory(b, OP_STRIDED, all, 2 * rank + 1,
                        ir_view(b->fn->module, buf->type->elem, rank, true));
}

Value *build_dim(Builder *b, Value *view, uint32_t dim) {
    Value *size = build_unary(b, OP_DIM, view);
    size->def->attr.index = dim;
    return size;
}

Value *build_stride(Builder *b, Value *view, uint32_t dim) {
    Value *stride = build_unary(b, OP_STRIDE, view);
    stride->def->attr.index = dim;
    return stride;
}

Value *build_slice(Builder *b, Value *view, Value *const *ranges, uint32_t dropped_mask,
                   bool strided) {
    KC_CHECK(view->type->kind == IR_VIEW);
    uint32_t rank = view->type->rank, kept = 0;
    for (uint32_t i = 0; i < rank; i++) kept += !(dropped_mask >> i & 1);
    Value *slice = build_memory(b, OP_SLICE, operands_joined(b, view, ranges, 3 * rank),
                                3 * rank + 1,
                                ir_view(b->fn->module, view->type->elem, kept, strided));
    slice->def->attr.mask = dropped_mask;
    return slice;
}

/* ---- Elements and allocations ---------------------------------------------------------------- */

Value *build_load(Builder *b, Value *view, Value *const *indices) {
    KC_CHECK(view->type->kind == IR_VIEW);
    uint32_t rank = view->type->rank;
    return build_memory(b, OP_LOAD, operands_joined(b, view, indices, rank), rank + 1,
                        view->type->elem);
}

void build_store(Builder *b, Value *view, Value *value, Value *const *indices) {
    KC_CHECK(view->type->kind == IR_VIEW);
    uint32_t rank = view->type->rank;
    Value **all = arena_array(b->fn->module->arena, Value *, rank + 2);
    all[0] = view;
    all[1] = value;
    for (uint32_t i = 0; i < rank; i++) all[2 + i] = indices[i];
    build_op(b, OP_STORE, all, rank + 2, NULL, 0, 0);
}

Value *build_alloc(Builder *b, const IrType *elem, Value *const *dims, uint32_t rank,
                   bool zeroed) {
    IrModule *m = b->fn->module;
    const IrType *type =
        m->owned_stage ? ir_tensor(m, elem, rank) : ir_view(m, elem, rank, false);
    Value *view = build_memory(b, OP_ALLOC, dims, rank, type);
    view->def->attr.flag = zeroed;
    return view;
}

/* ---- Whole arrays ---------------------------------------------------------------------------- */

static Op *build_space(Builder *b, OpKind kind, const IrType *result, Value *const *dims,
                       uint32_t rank) {
    Op *op = build_op(b, kind, dims, rank, &result, 1, 1);
    for (uint32_t i = 0; i < rank; i++)
        region_param_add(op->regions[0], ir_i64(b->fn->module), NO_NAME);
    return op;
}

Op *build_map(Builder *b, const IrType *elem, Value *const *dims, uint32_t rank) {
    return build_space(b, OP_MAP, ir_array(b->fn->module, elem, rank), dims, rank);
}

Op *build_reduce(Builder *b, ReduceKind kind, const IrType *result, Value *const *dims,
                 uint32_t rank) {
    Op *op = build_space(b, OP_REDUCE, result, dims, rank);
    op->attr.reduce = kind;
    return op;
}

Op *build_scan(Builder *b, ReduceKind kind, const IrType *elem, Value *size) {
    Op *op = build_space(b, OP_SCAN, ir_array(b->fn->module, elem, 1), &size, 1);
    op->attr.reduce = kind;
    return op;
}

Value *build_elem(Builder *b, Value *array, Value *const *indices) {
    KC_CHECK(array->type->kind == IR_ARRAY);
    uint32_t rank = array->type->rank;
    return build_memory(b, OP_ELEM, operands_joined(b, array, indices, rank), rank + 1,
                        array->type->elem);
}

void build_assign(Builder *b, Value *view, Value *array) {
    build_op(b, OP_ASSIGN, (Value *[]){view, array}, 2, NULL, 0, 0);
}
