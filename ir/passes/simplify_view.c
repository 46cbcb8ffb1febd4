/* Sizes and strides of views that are made in sight, and windows of windows. */
#include "ir/analysis/memory.h"
#include "ir/passes/simplify.h"

static Value *dim_known(const Op *op) {
    return view_dim(op->operands[0], op->attr.index);
}

static Value *stride_known(Op *op) {
    const Op *made = op->operands[0]->def;
    uint32_t rank = op->operands[0]->type->rank, dim = op->attr.index;
    if (made != NULL && made->kind == OP_STRIDED) return made->operands[1 + rank + dim];
    if (op->operands[0]->type->strided) return NULL;
    Builder b = builder_before(op);
    if (dim + 1 == rank) return build_i64(&b, 1);
    if (dim + 2 != rank) return NULL;
    Value *size = view_dim(op->operands[0], dim + 1);
    return size != NULL ? size : build_dim(&b, op->operands[0], dim + 1);
}

static Value *buf_known(const Op *op) {
    const Op *made = op->operands[0]->def;
    bool starts_there = made != NULL && (made->kind == OP_VIEW || made->kind == OP_STRIDED);
    return starts_there ? made->operands[0] : NULL;
}

/* `size` is the size of dimension `dim` of `view`. */
static bool dim_is(const Value *view, uint32_t dim, const Value *size) {
    const Value *known = view_dim(view, dim);
    if (known != NULL) return value_behind_dim(known) == value_behind_dim(size);
    const Op *asked = size->def;
    return asked != NULL && asked->kind == OP_DIM && asked->operands[0] == view &&
           asked->attr.index == dim;
}

/* view(buf(v), sizes of v) = v: what passing an array to an inlined function leaves. */
static Value *view_again(Op *op) {
    const Op *buf = op->operands[0]->def;
    if (buf == NULL || buf->kind != OP_BUF) return NULL;
    Value *view = buf->operands[0];
    if (view->type != op_result(op)->type) return NULL;
    for (uint32_t d = 0; d < view->type->rank; d++)
        if (!dim_is(view, d, op->operands[1 + d])) return NULL;
    return view;
}

/* Memory that was allocated here is shared with nothing else; two allocations are two. */
static const Value *memory_behind(const Value *view) {
    while (view->def != NULL && (view->def->kind == OP_SLICE || view->def->kind == OP_VIEW ||
                                 view->def->kind == OP_BUF || view->def->kind == OP_STRIDED))
        view = view->def->operands[0];
    return view;
}

static Value *apart_known(Op *op) {
    const Value *a = memory_behind(op->operands[0]), *c = memory_behind(op->operands[1]);
    bool a_is_new = a->def != NULL && a->def->kind == OP_ALLOC;
    bool c_is_new = c->def != NULL && c->def->kind == OP_ALLOC;
    bool in_sight = (a_is_new || a->def == NULL) && (c_is_new || c->def == NULL);
    if (a == c || !in_sight || !(a_is_new || c_is_new)) return NULL;
    Builder b = builder_before(op);
    return build_bool(&b, true);
}

static bool is_number(const Value *value, int64_t wanted) {
    int64_t number;
    return value_is_int(value, &number) && number == wanted;
}

/* x[:] = x */
static bool slice_is_whole(const Op *op) {
    const Value *view = op->operands[0];
    if (op->attr.mask != 0 || view->type != op_result(op)->type) return false;
    for (uint32_t d = 0; d < view->type->rank; d++) {
        Value *const *range = op->operands + 1 + 3 * d;
        if (!is_number(range[0], 0) || !is_number(range[2], 1) || !dim_is(view, d, range[1]))
            return false;
    }
    return true;
}

static Value *scaled(Builder *b, Value *value, Value *factor) {
    return is_number(factor, 1) ? value : build_binary(b, OP_MUL, value, factor);
}

static Value *shifted(Builder *b, Value *value, Value *offset) {
    return is_number(value, 0) ? offset : build_binary(b, OP_ADD, value, offset);
}

/* One window of what the inner slice is a window of. */
static Value *slice_of_slice(Op *outer, const Op *inner) {
    uint32_t rank = inner->operands[0]->type->rank, kept = 0, mask = inner->attr.mask;
    Value *ranges[24];
    Builder b = builder_before(outer);
    for (uint32_t d = 0; d < rank; d++) {
        Value *const *first = inner->operands + 1 + 3 * d;
        for (uint32_t i = 0; i < 3; i++) ranges[3 * d + i] = first[i];
        if (inner->attr.mask & (1u << d)) continue;
        Value *const *second = outer->operands + 1 + 3 * kept;
        if (outer->attr.mask & (1u << kept)) mask |= 1u << d;
        kept++;
        ranges[3 * d] = shifted(&b, scaled(&b, second[0], first[2]), first[0]);
        ranges[3 * d + 1] = second[1];
        ranges[3 * d + 2] = is_number(second[2], 1) ? first[2] : scaled(&b, first[2], second[2]);
    }
    return build_slice(&b, inner->operands[0], ranges, mask, op_result(outer)->type->strided);
}

Value *simplify_view(Op *op) {
    if (op->kind == OP_DIM) return dim_known(op);
    if (op->kind == OP_STRIDE) return stride_known(op);
    if (op->kind == OP_BUF) return buf_known(op);
    if (op->kind == OP_VIEW) return view_again(op);
    if (op->kind == OP_APART) return apart_known(op);
    if (op->kind != OP_SLICE) return NULL;
    if (slice_is_whole(op)) return op->operands[0];
    const Op *inner = op->operands[0]->def;
    return inner != NULL && inner->kind == OP_SLICE ? slice_of_slice(op, inner) : NULL;
}
