/* Building ops on vectors. */
#include "ir/value.h"

static Value *build_vector(Builder *b, OpKind kind, Value *const *operands, uint32_t count,
                           const IrType *type) {
    KC_CHECK(type != NULL);
    return op_result(build_op(b, kind, operands, count, &type, 1, 0));
}

Value *build_splat(Builder *b, Value *scalar, uint32_t lanes) {
    if (lanes == 1) return scalar;
    KC_CHECK(ir_is_scalar(scalar->type));
    return build_vector(b, OP_SPLAT, &scalar, 1,
                        ir_vec(b->fn->module, scalar->type->scalar, lanes));
}

Value *build_lanes(Builder *b, Scalar scalar, uint32_t lanes) {
    KC_CHECK(scalar_is_int(scalar) && lanes > 1);
    return build_vector(b, OP_LANES, NULL, 0, ir_vec(b->fn->module, scalar, lanes));
}

Value *build_lane(Builder *b, Value *vector, Value *lane) {
    return build_binary(b, OP_LANE, vector, lane);
}

Value *build_with_lane(Builder *b, Value *vector, Value *lane, Value *scalar) {
    return build_vector(b, OP_WITH_LANE, (Value *[]){vector, lane, scalar}, 3, vector->type);
}

Value *build_shuffle(Builder *b, Value *a, Value *c, const uint16_t *lanes, uint32_t count) {
    IrModule *m = b->fn->module;
    KC_CHECK(a->type == c->type && a->type->kind == IR_VEC && count > 1);
    Value *made = build_vector(b, OP_SHUFFLE, (Value *[]){a, c}, 2,
                               ir_vec(m, a->type->scalar, count));
    made->def->attr.lanes.at = arena_copy(m->arena, lanes, count * sizeof *lanes);
    made->def->attr.lanes.count = count;
    return made;
}

Value *build_fold(Builder *b, ReduceKind kind, Value *vector) {
    Value *folded = build_unary(b, OP_FOLD, vector);
    folded->def->attr.reduce = kind;
    return folded;
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static bool has_vector(Value *const *indices, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (indices[i]->type->kind == IR_VEC) return true;
    return false;
}

/* view, the vector to store if there is one, indices, the mask if there is one. */
static uint32_t operands_list(Value **all, Value *view, Value *vector, Value *const *indices,
                              Value *mask) {
    uint32_t count = 0;
    all[count++] = view;
    if (vector != NULL) all[count++] = vector;
    for (uint32_t i = 0; i < view->type->rank; i++) all[count++] = indices[i];
    if (mask != NULL) all[count++] = mask;
    return count;
}

Value *build_vload(Builder *b, Value *view, Value *const *indices, uint32_t lanes, Value *mask) {
    Value *all[11];
    const IrType *elem = view->type->elem;
    OpKind kind = has_vector(indices, view->type->rank) ? OP_GATHER : OP_VLOAD;
    uint32_t count = operands_list(all, view, NULL, indices, mask);
    return build_vector(b, kind, all, count, ir_vec(b->fn->module, elem->scalar, lanes));
}

void build_vstore(Builder *b, Value *view, Value *vector, Value *const *indices, Value *mask) {
    Value *all[11];
    OpKind kind = has_vector(indices, view->type->rank) ? OP_SCATTER : OP_VSTORE;
    uint32_t count = operands_list(all, view, vector, indices, mask);
    build_op(b, kind, all, count, NULL, 0, 0);
}
