/* The verifier's rules for types, and for ops on scalars and structs. */
#include "ir/value.h"
#include "ir/verifier.h"

/* ---- Types ----------------------------------------------------------------------------------- */

/* What can lie in memory: an element, a field, or what a variable holds. */
static bool is_stored(Verifier *v, const IrType *type) {
    return type != NULL && type->kind != IR_ARRAY && type->kind != IR_REF && verify_type(v, type);
}

static bool is_ranked(const IrType *type) { return type->rank >= 1 && type->rank <= 8; }

/* A type's parts were interned before it, so this comes to an end. */
bool verify_type(Verifier *v, const IrType *type) {
    if (type == NULL || type->id >= v->module->types.len ||
        v->module->types.data[type->id] != type)
        return false;
    switch (type->kind) {
    case IR_SCALAR: case IR_VEC: case IR_STRUCT: case IR_STR: case IR_ARENA: return true;
    case IR_BUF: case IR_LIST: return is_stored(v, type->elem);
    case IR_ARRAY: return v->module->tensor_stage && is_stored(v, type->elem) && is_ranked(type);
    case IR_VIEW:
        return (!type->owned || v->module->owned_stage) && is_stored(v, type->elem) && is_ranked(type);
    case IR_REF: return type->elem->kind != IR_REF && verify_type(v, type->elem);
    case IR_TASK:
        return v->module->owned_stage && (type->elem == NULL || is_stored(v, type->elem));
    }
    return false;
}

/* ---- Classes of operands --------------------------------------------------------------------- */

/* Of scalars, and of vectors' lanes. */
static bool is_int(const IrType *t) { return ir_is_lanewise(t) && scalar_is_int(t->scalar); }

static bool is_float(const IrType *t) { return ir_is_lanewise(t) && scalar_is_float(t->scalar); }

static bool is_number(const IrType *t) { return is_int(t) || is_float(t); }

static bool is_bits(const IrType *t) { return ir_is_lanewise(t) && !is_float(t); }

static bool is_bool(const IrType *t) { return ir_is_scalar(t) && t->scalar == SCALAR_BOOL; }

typedef bool (*TypeTest)(const IrType *type);

/* All operands have one type, and it is of the wanted kind. */
static bool one_type(Verifier *v, const Op *op, TypeTest test, const char *wanted) {
    const IrType *first = operand_type(op, 0);
    for (uint32_t i = 1; i < op->operand_count; i++)
        if (operand_type(op, i) != first)
            return problem_op(v, op, "operands differ in type: `%s` and `%s`",
                              shown_type(v, first), shown_type(v, operand_type(op, i)));
    return test(first) || problem_op(v, op, "works on %s, not on `%s`", wanted,
                                     shown_type(v, first));
}


/* ---- Constants, conversions ------------------------------------------------------------------ */

static bool verify_const(Verifier *v, const Op *op) {
    const IrType *type = op->results[0]->type;
    if (!ir_is_scalar(type))
        return problem_op(v, op, "gives `%s`, which is no scalar", shown_type(v, type));
    unsigned bits = scalar_bits(type->scalar);
    return bits == 64 || op->attr.bits >> bits == 0 ||
           problem_op(v, op, "has bits beyond the %u of its type", bits);
}

static uint32_t type_bits(const IrType *type) {
    return scalar_bits(type->scalar) * (type->kind == IR_VEC ? type->lanes : 1);
}

static bool verify_cast(Verifier *v, const Op *op) {
    const IrType *from = operand_type(op, 0), *to = op->results[0]->type;
    bool casts = op->kind == OP_CAST;
    if (!ir_is_lanewise(from) || !ir_is_lanewise(to) || (casts && from->lanes != to->lanes))
        return problem_op(v, op, "goes from `%s` to `%s`, which are not both scalars",
                          shown_type(v, from), shown_type(v, to));
    if (casts) return true;
    bool masks = ir_is_mask(from) || ir_is_mask(to);
    return (type_bits(from) == type_bits(to) && (!masks || from == to)) ||
           problem_op(v, op, "`%s` and `%s` differ in width", shown_type(v, from),
                      shown_type(v, to));
}

static bool verify_select(Verifier *v, const Op *op) {
    const IrType *cond = operand_type(op, 0), *chosen = operand_type(op, 1);
    bool lanewise = ir_is_mask(cond) && chosen->kind == IR_VEC && chosen->lanes == cond->lanes;
    if (!is_bool(cond) && !lanewise)
        return problem_op(v, op, "its condition has type `%s`", shown_type(v, cond));
    if (operand_type(op, 1) != operand_type(op, 2) || operand_type(op, 1)->kind == IR_REF)
        return problem_op(v, op, "chooses between `%s` and `%s`",
                          shown_type(v, operand_type(op, 1)), shown_type(v, operand_type(op, 2)));
    return true;
}

/* ---- Structs --------------------------------------------------------------------------------- */

static bool verify_struct(Verifier *v, const Op *op) {
    const IrType *type = op->results[0]->type;
    if (type->kind != IR_STRUCT || type->field_count != op->operand_count)
        return problem_op(v, op, "%u values do not make a `%s`", op->operand_count,
                          shown_type(v, type));
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (operand_type(op, i) != type->fields[i].type)
            return problem_op(v, op, "field %u has type `%s`, its value `%s`", i,
                              shown_type(v, type->fields[i].type),
                              shown_type(v, operand_type(op, i)));
    return true;
}

static bool verify_field(Verifier *v, const Op *op) {
    const IrType *type = operand_type(op, 0);
    if (type->kind != IR_STRUCT || op->attr.index >= type->field_count)
        return problem_op(v, op, "`%s` has no field %u", shown_type(v, type), op->attr.index);
    const IrType *field = type->fields[op->attr.index].type;
    const IrType *value = op->kind == OP_INSERT ? operand_type(op, 1) : op->results[0]->type;
    return field == value || problem_op(v, op, "field %u has type `%s`, not `%s`", op->attr.index,
                                        shown_type(v, field), shown_type(v, value));
}

static bool verify_dim(Verifier *v, const Op *op) {
    const IrType *view = operand_type(op, 0);
    return (view->kind == IR_VIEW && op->attr.index < view->rank) ||
           problem_op(v, op, "`%s` has no dimension %u", shown_type(v, view), op->attr.index);
}

/* ---- All ops --------------------------------------------------------------------------------- */

static bool verify_rule(Verifier *v, const Op *op) {
    switch (op->kind) {
    case OP_CONST: return verify_const(v, op);
    case OP_TEXT:
        return op->results[0]->type->kind == IR_STR || problem_op(v, op, "gives no `str`");
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_FLOORDIV: case OP_MOD: case OP_NEG: case OP_ABS:
    case OP_MIN: case OP_MAX:
        return one_type(v, op, is_number, "numbers");
    case OP_DIV: case OP_FMA: case OP_SQRT: case OP_FLOOR: case OP_CEIL: case OP_TRUNC:
    case OP_RINT: case OP_COPYSIGN:
        return one_type(v, op, is_float, "floats");
    case OP_AND: case OP_OR: case OP_XOR: case OP_NOT:
        return one_type(v, op, is_bits, "integers and bool");
    case OP_SHL:
    case OP_SHR:
    case OP_POPCOUNT:
    case OP_CLZ:
    case OP_CTZ:
    case OP_SATADD:
    case OP_SATSUB: return one_type(v, op, is_int, "integers");
    case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
    case OP_SETTLE:
        return one_type(v, op, ir_is_lanewise, "scalars");
    case OP_SELECT: return verify_select(v, op);
    case OP_CAST: case OP_BITCAST: return verify_cast(v, op);
    case OP_SPLAT: case OP_LANES: case OP_LANE: case OP_WITH_LANE: case OP_SHUFFLE: case OP_FOLD:
    case OP_FIRST: case OP_TALLY: case OP_VLOAD: case OP_VSTORE: case OP_GATHER: case OP_SCATTER:
    case OP_PACK:
    case OP_BITS:
    case OP_LOOKUP:
    case OP_DOT:
    case OP_SAD:
    case OP_COMPRESS:
    case OP_EXPAND:
    case OP_PREFETCH: case OP_LEAD: return verify_vector_op(v, op);
    case OP_STRUCT: return verify_struct(v, op);
    case OP_EXTRACT: case OP_INSERT: return verify_field(v, op);
    case OP_DIM: case OP_STRIDE: return verify_dim(v, op);
    case OP_VIEW: case OP_STRIDED: case OP_BUF: case OP_CELLS: case OP_SLICE: case OP_LOAD:
    case OP_STORE: case OP_ALLOC: case OP_FREE: case OP_NULLVIEW: case OP_MAP: case OP_ELEM: case OP_ASSIGN:
    case OP_REDUCE: case OP_SCAN:
        return verify_memory_op(v, op);
    case OP_IF: case OP_FOR: case OP_WHILE: case OP_TRY: case OP_UNSAFE: case OP_TASK: case OP_GRAPH: case OP_YIELD:
    case OP_BREAK: case OP_CONTINUE: case OP_RETURN: case OP_CALL: case OP_CHECK: case OP_PRINT:
        return verify_control_op(v, op);
    case OP_VAR: case OP_GET: case OP_SET: case OP_FIELD: case OP_LANE_ITEM: case OP_ITEM: case OP_LEND: case OP_MOVE:
    case OP_DUP: case OP_DROP: case OP_KEEP: case OP_END: case OP_REDUCES:
    case OP_SPAWN: case OP_WAIT: case OP_JOIN: case OP_DATA: case OP_APART: case OP_LIST: case OP_ITEMS:
    case OP_APPEND: case OP_TAKE: case OP_ARENA: case OP_ROOM: case OP_ALLOC_IN: case OP_RESET:
    case OP_ARENA_STAT: case OP_RAISE: case OP_FAIL: case OP_CAUGHT:
        return verify_place_op(v, op);
    case OP_COUNT: break;
    }
    return problem_op(v, op, "is no op");
}

void verify_op_types(Verifier *v, const Op *op) {
    verify_refs(v, op);
    if (!verify_rule(v, op)) return;
    const IrType *wanted =
        op_result_type(v->fn->module, op->kind, op->operands, op->operand_count);
    if (wanted != NULL && op->result_count == 1 && op->results[0]->type != wanted)
        problem_op(v, op, "gives `%s`, which should be `%s`", shown_type(v, op->results[0]->type),
                   shown_type(v, wanted));
}
