/* The verifier's rules for vectors: lanes, masks, and accesses to several elements. */
#include "ir/verifier.h"

static bool is_index(const Verifier *v, const IrType *type) {
    return type == ir_i64((IrModule *)v->module);
}

/* A vector of indices: 32 or 64 bits. */
static bool is_index_vector(const IrType *type) {
    return type->kind == IR_VEC && (type->scalar == SCALAR_I64 || type->scalar == SCALAR_I32);
}

static bool verify_lane(Verifier *v, const Op *op) {
    const IrType *vec = operand_type(op, 0);
    if (vec->kind != IR_VEC)
        return problem_op(v, op, "works on a vector, not on `%s`", shown_type(v, vec));
    if (!is_index(v, operand_type(op, 1))) return problem_op(v, op, "its lane is no i64");
    if (op->kind == OP_LANE) return true;
    const IrType *scalar = operand_type(op, 2);
    return (ir_is_scalar(scalar) && scalar->scalar == vec->scalar) ||
           problem_op(v, op, "puts a `%s` into a `%s`", shown_type(v, scalar), shown_type(v, vec));
}

static bool verify_shuffle(Verifier *v, const Op *op) {
    const IrType *from = operand_type(op, 0), *to = op->results[0]->type;
    if (from->kind != IR_VEC || operand_type(op, 1) != from)
        return problem_op(v, op, "works on two vectors of one type");
    if (to->kind != IR_VEC || to->scalar != from->scalar || to->lanes != op->attr.lanes.count)
        return problem_op(v, op, "%u lanes do not make a `%s`", op->attr.lanes.count,
                          shown_type(v, to));
    for (uint32_t i = 0; i < op->attr.lanes.count; i++)
        if (op->attr.lanes.at[i] >= 2 * from->lanes)
            return problem_op(v, op, "there is no lane %u", op->attr.lanes.at[i]);
    return true;
}

static bool verify_fold(Verifier *v, const Op *op) {
    const IrType *vec = operand_type(op, 0);
    ReduceKind kind = op->attr.reduce;
    bool bitwise = kind == REDUCE_AND || kind == REDUCE_OR;
    bool fits = vec->kind == IR_VEC && kind != REDUCE_ARGMIN && kind != REDUCE_ARGMAX &&
                (bitwise ? !scalar_is_float(vec->scalar) : vec->scalar != SCALAR_BOOL);
    return fits || problem_op(v, op, "cannot fold a `%s` so", shown_type(v, vec));
}

/* Of the first that is a vector; where there is none, those of the result. */
static uint32_t lanes_of_indices(const Op *gather, uint32_t rank) {
    for (uint32_t i = 1; i <= rank; i++)
        if (operand_type(gather, i)->kind == IR_VEC) return operand_type(gather, i)->lanes;
    return op_result(gather)->type->lanes;
}

/* Neighbours that are loaded as one number, for each of so many lanes. */
static bool is_run(const IrType *view, uint32_t elements, uint32_t lanes) {
    uint32_t bytes = elements / lanes * view->elem->size;
    return elements % lanes == 0 && !view->strided && (bytes == 2 || bytes == 4 || bytes == 8);
}

/* The indices, from operand `first` on, and a mask behind them; some index is a vector if `spread`. */
static bool verify_access(Verifier *v, const Op *op, uint32_t first, const IrType *vec,
                          bool spread) {
    const IrType *view = operand_type(op, 0);
    if (view->kind != IR_VIEW || !ir_is_scalar(view->elem))
        return problem_op(v, op, "works on a view of scalars");
    if (vec->kind != IR_VEC || vec->scalar != view->elem->scalar)
        return problem_op(v, op, "moves a `%s` of a `%s`", shown_type(v, vec), shown_type(v, view));
    uint32_t count = op->operand_count - first, vectors = 0;
    if (count != view->rank && count != view->rank + 1)
        return problem_op(v, op, "wants an index for each dimension, and a mask at most");
    uint32_t lanes = op->kind == OP_GATHER ? lanes_of_indices(op, view->rank) : vec->lanes;
    if (lanes != vec->lanes && !is_run(view, vec->lanes, lanes))
        return problem_op(v, op, "cannot give `%s`", shown_type(v, vec));
    for (uint32_t i = 0; i < view->rank; i++) {
        const IrType *index = operand_type(op, first + i);
        bool is_vector = is_index_vector(index) && index->lanes == lanes;
        if (!is_vector && !is_index(v, index))
            return problem_op(v, op, "has a `%s` for an index", shown_type(v, index));
        vectors += is_vector;
    }
    if (spread != (vectors != 0))
        return problem_op(v, op, spread ? "has no vector for an index"
                                        : "has a vector for an index");
    const IrType *mask = count > view->rank ? operand_type(op, op->operand_count - 1) : NULL;
    return mask == NULL || (ir_is_mask(mask) && mask->lanes == lanes) ||
           problem_op(v, op, "has a `%s` for its mask", shown_type(v, mask));
}

static bool verify_pack(Verifier *v, const Op *op) {
    const IrType *view = operand_type(op, 0);
    if (view->kind == IR_VIEW && (view->rank != 1 || view->strided))
        return problem_op(v, op, "works on one dimension without gaps");
    return verify_access(v, op, 2, operand_type(op, 1), false);
}

/* A vector, and one that says which of its lanes. */
static bool verify_lookup(Verifier *v, const Op *op) {
    const IrType *table = operand_type(op, 0), *which = operand_type(op, 1);
    return (table->kind == IR_VEC && which->kind == IR_VEC && scalar_is_int(which->scalar)) ||
           problem_op(v, op, "works on a vector and a vector of integers");
}

static bool verify_sums(Verifier *v, const Op *op) {
    const IrType *a = operand_type(op, 0);
    Scalar lane = op->kind == OP_DOT ? SCALAR_I16 : SCALAR_U8;
    bool fits = a->kind == IR_VEC && a->scalar == lane && a->lanes > sum_group(op->kind);
    return (fits && operand_type(op, 1) == a) ||
           problem_op(v, op, "works on two vectors of `%s`, of more than %u lanes", lane == SCALAR_I16 ? "i16" : "u8",
                      sum_group(op->kind));
}

static bool verify_packed(Verifier *v, const Op *op) {
    const IrType *vec = operand_type(op, 0), *mask = operand_type(op, 1);
    return (vec->kind == IR_VEC && ir_is_mask(mask) && mask->lanes == vec->lanes) ||
           problem_op(v, op, "works on a vector and a mask of as many lanes");
}

static bool verify_bits(Verifier *v, const Op *op) {
    const IrType *mask = operand_type(op, 0);
    return (ir_is_mask(mask) && mask->lanes <= 64) ||
           problem_op(v, op, "works on a mask of up to 64 lanes");
}

static bool verify_prefetch(Verifier *v, const Op *op) {
    if (op->operand_count == 0) return problem_op(v, op, "works on a view");
    const IrType *view = operand_type(op, 0);
    if (view->kind != IR_VIEW || op->operand_count != view->rank + 1)
        return problem_op(v, op, "wants a view and an index for each dimension");
    for (uint32_t i = 1; i < op->operand_count; i++)
        if (!is_index(v, operand_type(op, i)))
            return problem_op(v, op, "has a `%s` for an index", shown_type(v, operand_type(op, i)));
    return true;
}

static bool verify_lead(Verifier *v, const Op *op) {
    if (!verify_prefetch(v, op)) return false;
    const IrType *elem = operand_type(op, 0)->elem;
    uint32_t bytes = op->attr.index;
    if (!ir_is_scalar(elem)) return problem_op(v, op, "works on a view of numbers");
    return (bytes >= elem->size && (bytes & (bytes - 1)) == 0) ||
           problem_op(v, op, "wants a power of two of at least the bytes of an element");
}

bool verify_vector_op(Verifier *v, const Op *op) {
    const IrType *given = op->result_count == 1 ? op->results[0]->type : NULL;
    switch ((int)op->kind) {
    case OP_SPLAT:
        return (given->kind == IR_VEC && ir_is_scalar(operand_type(op, 0)) &&
                operand_type(op, 0)->scalar == given->scalar) ||
               problem_op(v, op, "cannot give `%s`", shown_type(v, given));
    case OP_LANES:
        return (given->kind == IR_VEC && scalar_is_int(given->scalar)) ||
               problem_op(v, op, "cannot give `%s`", shown_type(v, given));
    case OP_LANE: case OP_WITH_LANE: return verify_lane(v, op);
    case OP_SHUFFLE: return verify_shuffle(v, op);
    case OP_FOLD: return verify_fold(v, op);
    case OP_FIRST: case OP_TALLY:
        return ir_is_mask(operand_type(op, 0)) || problem_op(v, op, "works on a mask");
    case OP_BITS: return verify_bits(v, op);
    case OP_LOOKUP: return verify_lookup(v, op);
    case OP_DOT: case OP_SAD: return verify_sums(v, op);
    case OP_COMPRESS:
    case OP_EXPAND: return verify_packed(v, op);
    case OP_PREFETCH: return verify_prefetch(v, op);
    case OP_LEAD: return verify_lead(v, op);
    case OP_VLOAD: case OP_GATHER: return verify_access(v, op, 1, given, op->kind == OP_GATHER);
    case OP_PACK: return verify_pack(v, op);
    default: return verify_access(v, op, 2, operand_type(op, 1), op->kind == OP_SCATTER);
    }
}
