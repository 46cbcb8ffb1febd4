/* Result types that follow from the operands, shared by the builder and the verifier. */
#include "ir/value.h"

static const IrType *elem_of(const IrType *type, IrTypeKind kind) {
    return type->kind == kind ? type->elem : NULL;
}

/* What LEND gives of a place: the elements of a tensor or list, dense; a view as it is. */
static const IrType *lent_type(IrModule *m, const IrType *held) {
    if (held == NULL) return NULL;
    if (held->kind == IR_LIST) return ir_view(m, held->elem, 1, false);
    if (held->kind != IR_VIEW) return NULL;
    return held->owned ? ir_view(m, held->elem, held->rank, false) : held;
}

/* What DUP gives: of an array that somebody else owns, a tensor. */
static const IrType *copied_type(IrModule *m, const IrType *held) {
    bool looks = held != NULL && held->kind == IR_VIEW && !held->owned;
    return looks ? ir_tensor(m, held->elem, held->rank) : held;
}

static const IrType *items_type(IrModule *m, const IrType *held) {
    return held != NULL && held->kind == IR_LIST ? ir_view(m, held->elem, 1, false) : NULL;
}

static const IrType *element_taken(const IrType *held) {
    return held != NULL ? elem_of(held, IR_LIST) : NULL;
}

const IrType *op_result_type(IrModule *m, OpKind kind, Value *const *operands, uint32_t count) {
    if (count == 0) return NULL;
    const IrType *first = operands[0]->type;
    switch (kind) {
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_FLOORDIV: case OP_MOD: case OP_FMA:
    case OP_NEG: case OP_ABS: case OP_MIN: case OP_MAX: case OP_SQRT: case OP_FLOOR: case OP_CEIL:
    case OP_TRUNC: case OP_RINT: case OP_COPYSIGN: case OP_AND: case OP_OR: case OP_XOR:
    case OP_NOT: case OP_SHL: case OP_SHR: case OP_POPCOUNT: case OP_CLZ: case OP_CTZ: case OP_SATADD: case OP_SATSUB:
    case OP_INSERT: case OP_SETTLE:
        return first;
    case OP_SELECT: return count == 3 ? operands[1]->type : NULL;
    case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
        return ir_like(m, first, SCALAR_BOOL);
    case OP_LANE: case OP_FOLD: return first->kind == IR_VEC ? ir_scalar(m, first->scalar) : NULL;
    case OP_DOT: case OP_SAD: {
        Scalar sum = kind == OP_DOT ? SCALAR_I32 : SCALAR_I64;
        uint32_t group = sum_group(kind);
        return first->kind == IR_VEC && first->lanes > group ? ir_vec(m, sum, first->lanes / group) : NULL;
    }
    case OP_WITH_LANE: case OP_COMPRESS: case OP_EXPAND: return first;
    case OP_FIRST: case OP_TALLY: return ir_i64(m);
    case OP_BITS: return ir_scalar(m, SCALAR_U64);
    case OP_LOOKUP:
        return count == 2 && operands[1]->type->kind == IR_VEC
                   ? ir_like(m, operands[1]->type, first->scalar)
                   : NULL;
    case OP_DIM: case OP_STRIDE: case OP_LEAD: return ir_i64(m);
    case OP_GET: case OP_MOVE: return elem_of(first, IR_REF);
    case OP_DUP: return copied_type(m, elem_of(first, IR_REF));
    case OP_LEND: return lent_type(m, elem_of(first, IR_REF));
    case OP_ITEMS: return items_type(m, elem_of(first, IR_REF));
    case OP_TAKE: return element_taken(elem_of(first, IR_REF));
    case OP_LANE_ITEM: {
        const IrType *held = elem_of(first, IR_REF);
        return held != NULL && held->kind == IR_VEC ? ir_ref(m, ir_scalar(m, held->scalar)) : NULL;
    }
    case OP_ITEM: return first->kind == IR_VIEW ? ir_ref(m, first->elem) : NULL;
    case OP_APART: case OP_ROOM: return ir_bool(m);
    case OP_ARENA: return ir_arena(m);
    case OP_ARENA_STAT: return ir_i64(m);
    case OP_LOAD: return elem_of(first, IR_VIEW);
    case OP_ELEM: return elem_of(first, IR_ARRAY);
    case OP_BUF: return first->kind == IR_VIEW ? ir_buf(m, first->elem) : NULL;
    case OP_CONST: case OP_TEXT: case OP_CAST: case OP_BITCAST: case OP_STRUCT: case OP_EXTRACT:
    case OP_VAR: case OP_SET: case OP_VIEW: case OP_STRIDED: case OP_SLICE: case OP_STORE:
    case OP_SPLAT: case OP_LANES: case OP_SHUFFLE: case OP_VLOAD: case OP_VSTORE: case OP_GATHER:
    case OP_SCATTER: case OP_PACK: case OP_PREFETCH: case OP_CELLS:
    case OP_ALLOC: case OP_FREE: case OP_NULLVIEW: case OP_MAP: case OP_ASSIGN: case OP_REDUCE: case OP_SCAN:
    case OP_IF: case OP_FOR: case OP_WHILE: case OP_YIELD: case OP_BREAK: case OP_CONTINUE:
    case OP_RETURN: case OP_CALL: case OP_CHECK: case OP_PRINT: case OP_FIELD: case OP_DROP:
    case OP_KEEP: case OP_END: case OP_UNSAFE: case OP_REDUCES: case OP_SPAWN: case OP_WAIT:
    case OP_TASK: case OP_JOIN: case OP_GRAPH:
    case OP_DATA: case OP_LIST: case OP_APPEND: case OP_ALLOC_IN: case OP_RESET: case OP_TRY:
    case OP_RAISE: case OP_FAIL: case OP_CAUGHT: case OP_COUNT:
        return NULL;
    }
    return NULL;
}
