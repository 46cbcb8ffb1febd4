/* The verifier's rules for memory, whole arrays, control and effects. */
#include "ir/verifier.h"
#include "ir/words.h"

static bool is_type(const IrType *type, Scalar scalar) {
    return type->kind == IR_SCALAR && type->scalar == scalar;
}

bool verify_indices(Verifier *v, const Op *op, uint32_t first) {
    for (uint32_t i = first; i < op->operand_count; i++)
        if (!is_type(operand_type(op, i), SCALAR_I64))
            return problem_op(v, op, "operand %u has type `%s`, wants `i64`", i,
                              shown_type(v, operand_type(op, i)));
    return true;
}

/* Exactly `count` operands, the first of the given kind. */
static bool verify_head(Verifier *v, const Op *op, IrTypeKind kind, const char *what) {
    if (op->operand_count == 0) return problem_op(v, op, "has no operands");
    return operand_type(op, 0)->kind == kind ||
           problem_op(v, op, "works on a %s, not on `%s`", what,
                      shown_type(v, operand_type(op, 0)));
}

static bool verify_operand_count(Verifier *v, const Op *op, uint32_t wanted) {
    return op->operand_count == wanted ||
           problem_op(v, op, "has %u operands, wants %u", op->operand_count, wanted);
}

static bool verify_result(Verifier *v, const Op *op, IrTypeKind kind, const IrType *elem,
                          uint32_t rank) {
    const IrType *type = op->results[0]->type;
    return (type->kind == kind && (elem == NULL || type->elem == elem) &&
            (rank == 0 || type->rank == rank)) ||
           problem_op(v, op, "cannot give `%s`", shown_type(v, type));
}

/* ---- Windows --------------------------------------------------------------------------------- */

/* VIEW and STRIDED: `kinds` numbers for each dimension. */
static bool verify_window(Verifier *v, const Op *op, uint32_t kinds) {
    if (!verify_head(v, op, IR_BUF, "buf")) return false;
    const IrType *result = op->results[0]->type;
    if (!verify_result(v, op, IR_VIEW, operand_type(op, 0)->elem, 0)) return false;
    if (result->strided != (op->kind == OP_STRIDED))
        return problem_op(v, op, "cannot give `%s`", shown_type(v, result));
    return verify_operand_count(v, op, 1 + kinds * result->rank) && verify_indices(v, op, 1);
}

static bool verify_slice(Verifier *v, const Op *op) {
    if (!verify_head(v, op, IR_VIEW, "view")) return false;
    const IrType *view = operand_type(op, 0);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < view->rank; i++) kept += !(op->attr.mask >> i & 1);
    if (kept == 0 || op->attr.mask >> view->rank != 0)
        return problem_op(v, op, "cannot drop dimensions 0x%x of `%s`", op->attr.mask,
                          shown_type(v, view));
    return verify_result(v, op, IR_VIEW, view->elem, kept) &&
           verify_operand_count(v, op, 1 + 3 * view->rank) && verify_indices(v, op, 1);
}

/* LOAD and ELEM; STORE with its value between. */
static bool verify_access(Verifier *v, const Op *op, IrTypeKind kind, const char *what) {
    if (!verify_head(v, op, kind, what)) return false;
    uint32_t first = op->kind == OP_STORE ? 2 : 1;
    const IrType *window = operand_type(op, 0);
    if (!verify_operand_count(v, op, first + window->rank) || !verify_indices(v, op, first))
        return false;
    return op->kind != OP_STORE || operand_type(op, 1) == window->elem ||
           problem_op(v, op, "stores a `%s` in a `%s`", shown_type(v, operand_type(op, 1)),
                      shown_type(v, window));
}

static bool verify_alloc(Verifier *v, const Op *op) {
    if (!verify_result(v, op, IR_VIEW, NULL, op->operand_count) ||
        op->results[0]->type->rank != op->operand_count)
        return problem_op(v, op, "has %u sizes", op->operand_count);
    return (!op->results[0]->type->strided || problem_op(v, op, "gives a strided view")) &&
           verify_indices(v, op, 0);
}

static bool verify_free(Verifier *v, const Op *op) {
    const IrType *type = operand_type(op, 0);
    return type->kind == IR_VIEW || type->kind == IR_LIST || type->kind == IR_ARENA ||
           problem_op(v, op, "does not free a `%s`", shown_type(v, type));
}

/* ---- Whole arrays ---------------------------------------------------------------------------- */

static bool verify_region_shape(Verifier *v, const Op *op, uint32_t region, uint32_t params) {
    uint32_t found = op->regions[region]->param_count;
    return found == params || problem_op(v, op, "region %u has %u parameters, wants %u", region,
                                         found, params);
}

static bool reduce_type_fits(ReduceKind kind, const IrType *type) {
    switch (kind) {
    case REDUCE_ADD: case REDUCE_MUL: case REDUCE_MIN: case REDUCE_MAX:
        return ir_is_int(type) || ir_is_float(type);
    case REDUCE_AND: case REDUCE_OR: return ir_is_scalar(type) && !ir_is_float(type);
    case REDUCE_ARGMIN: case REDUCE_ARGMAX: return is_type(type, SCALAR_I64);
    }
    return false;
}

static bool verify_space(Verifier *v, const Op *op) {
    if (op->operand_count < 1 || op->operand_count > 8)
        return problem_op(v, op, "has %u sizes, wants 1 to 8", op->operand_count);
    if (!verify_indices(v, op, 0) || !verify_region_shape(v, op, 0, op->operand_count))
        return false;
    const IrType *type = op->results[0]->type;
    if (op_gives_array(op) && !verify_result(v, op, IR_ARRAY, NULL, op->operand_count)) return false;
    if (op->kind == OP_MAP) return true;
    if (op->kind == OP_SCAN && op->attr.reduce > REDUCE_MAX)
        return problem_op(v, op, "does not combine by `%s`", reduce_words[op->attr.reduce]);
    if (op->kind == OP_SCAN) type = type->elem;
    return reduce_type_fits(op->attr.reduce, type) ||
           problem_op(v, op, "cannot give `%s`", shown_type(v, type));
}

/* A ref, in stage OWNED, is that of a tensor. */
static bool verify_assign(Verifier *v, const Op *op) {
    const IrType *view = operand_type(op, 0), *array = operand_type(op, 1);
    if (view->kind == IR_REF && view->elem->owned) view = view->elem;
    return (view->kind == IR_VIEW && array->kind == IR_ARRAY && view->rank == array->rank &&
            view->elem == array->elem) ||
           problem_op(v, op, "cannot assign `%s` to `%s`", shown_type(v, array),
                      shown_type(v, view));
}

/* Structs lie side by side as so many cells each. */
static bool verify_cells(Verifier *v, const Op *op) {
    const IrType *from = operand_type(op, 0), *to = op->results[0]->type;
    bool fits = from->kind == IR_BUF && from->elem->kind == IR_STRUCT && to->kind == IR_BUF &&
                ir_is_scalar(to->elem) && from->elem->size % to->elem->size == 0;
    return fits || problem_op(v, op, "cannot take `%s` for `%s`", shown_type(v, from), shown_type(v, to));
}

bool verify_memory_op(Verifier *v, const Op *op) {
    OpKind kind = op->kind;
    bool whole = op_is_space(op) || kind == OP_ELEM || kind == OP_ASSIGN;
    if (whole && !v->module->tensor_stage)
        return problem_op(v, op, "does not belong to stage `loop`");
    if (kind == OP_VIEW) return verify_window(v, op, 1);
    if (kind == OP_STRIDED) return verify_window(v, op, 2);
    if (kind == OP_SLICE) return verify_slice(v, op);
    if (kind == OP_LOAD || kind == OP_STORE) return verify_access(v, op, IR_VIEW, "view");
    if (kind == OP_ELEM) return verify_access(v, op, IR_ARRAY, "array");
    if (kind == OP_ALLOC) return verify_alloc(v, op);
    if (kind == OP_NULLVIEW) return verify_result(v, op, IR_VIEW, NULL, 0);
    if (kind == OP_ASSIGN) return verify_assign(v, op);
    if (op_is_space(op)) return verify_space(v, op);
    if (kind == OP_FREE) return verify_free(v, op);
    if (kind == OP_CELLS) return verify_cells(v, op);
    return verify_head(v, op, IR_VIEW, "view"); /* BUF */
}

/* ---- Control and effects --------------------------------------------------------------------- */

/* The type that a YIELD in this region has to give; NULL for any number (ARGMIN, ARGMAX). */
static const IrType *wanted_yield(const Op *around, const Region *region, uint32_t i) {
    if (around->kind == OP_IF) return around->results[i]->type;
    if (op_gives_array(around)) return around->results[0]->type->elem;
    if (around->kind == OP_WHILE) return ir_bool(region->fn->module);
    return around->attr.reduce < REDUCE_ARGMIN ? around->results[0]->type : NULL;
}

static uint32_t wanted_yields(const Op *around, const Region *region) {
    if (around->kind == OP_IF) return around->result_count;
    bool gives =
        op_is_space(around) || (around->kind == OP_WHILE && region == around->regions[0]);
    return gives && (around->result_count == 1 || around->kind == OP_WHILE) ? 1 : 0;
}

static bool verify_yield(Verifier *v, const Op *op) {
    const Op *around = op->parent->parent;
    if (around == NULL) return problem_op(v, op, "stands in a function's body");
    uint32_t wanted = wanted_yields(around, op->parent);
    if (op->operand_count != wanted)
        return problem_op(v, op, "gives %u values, the `%s` around it wants %u", op->operand_count,
                          op_info(around)->mnemonic, wanted);
    for (uint32_t i = 0; i < wanted; i++) {
        const IrType *type = wanted_yield(around, op->parent, i), *found = operand_type(op, i);
        bool fits = type == NULL ? ir_is_int(found) || ir_is_float(found) : found == type;
        if (!fits)
            return problem_op(v, op, "gives `%s` where the `%s` around it wants %s",
                              shown_type(v, found), op_info(around)->mnemonic,
                              type == NULL ? "a number" : shown_type(v, type));
    }
    return true;
}

static bool verify_call(Verifier *v, const Op *op) {
    const IrFn *callee = op->attr.callee;
    if (callee == NULL || callee->id >= v->module->fns.len ||
        v->module->fns.data[callee->id] != callee)
        return problem_op(v, op, "calls no function of the module");
    uint32_t failed = callee->raises; /* a result before the callee's own */
    if (op->operand_count != callee->params.len ||
        op->result_count != failed + callee->results.len)
        return problem_op(v, op, "passes %u values for %u parameters, takes %u of %u results",
                          op->operand_count, callee->params.len, op->result_count,
                          failed + callee->results.len);
    if (failed && !is_type(op->results[0]->type, SCALAR_BOOL))
        return problem_op(v, op, "its first result says whether it failed");
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (operand_type(op, i) != callee->params.data[i].value->type)
            return problem_op(v, op, "argument %u has type `%s`, its parameter `%s`", i,
                              shown_type(v, operand_type(op, i)),
                              shown_type(v, callee->params.data[i].value->type));
    for (uint32_t i = failed; i < op->result_count; i++)
        if (op->results[i]->type != callee->results.data[i - failed])
            return problem_op(v, op, "result %u has type `%s`, the callee gives `%s`", i,
                              shown_type(v, op->results[i]->type),
                              shown_type(v, callee->results.data[i - failed]));
    return true;
}

static bool check_type_fits(CheckKind kind, const IrType *type) {
    switch (kind) {
    case CHECK_DIVISOR: case CHECK_EXPONENT: case CHECK_ADD: case CHECK_SUB: case CHECK_MUL:
        return ir_is_int(type);
    case CHECK_TRUE: return is_type(type, SCALAR_BOOL);
    case CHECK_INDEX: case CHECK_RANGE: case CHECK_SLICE: case CHECK_SIZE: case CHECK_LENGTH:
    case CHECK_NONEMPTY: case CHECK_STEP:
        return is_type(type, SCALAR_I64);
    case CHECK_MEMORY: case CHECK_COUNT: break;
    }
    return false;
}

static bool verify_check(Verifier *v, const Op *op) {
    CheckKind kind = op->attr.check.kind;
    if (kind >= CHECK_MEMORY) return problem_op(v, op, "is of a kind that is never written");
    const CheckInfo *info = &check_infos[kind];
    if ((kind == CHECK_TRUE) != (op->attr.check.message != NULL))
        return problem_op(v, op, "`%s` %s a message", info->mnemonic,
                          kind == CHECK_TRUE ? "wants" : "has");
    if (!verify_operand_count(v, op, info->operands)) return false;
    const IrType *first = operand_type(op, 0);
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!check_type_fits(kind, operand_type(op, i)) || operand_type(op, i) != first)
            return problem_op(v, op, "`%s` does not test a `%s`", info->mnemonic,
                              shown_type(v, operand_type(op, i)));
    return true;
}

static bool verify_print(Verifier *v, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const IrType *type = operand_type(op, i);
        bool view = type->kind == IR_VIEW && ir_is_scalar(type->elem) && !type->owned;
        if (!view && !ir_is_lanewise(type) && type->kind != IR_STR)
            return problem_op(v, op, "cannot print a `%s`", shown_type(v, type));
    }
    return true;
}

static bool verify_if(Verifier *v, const Op *op) {
    if (!is_type(operand_type(op, 0), SCALAR_BOOL))
        return problem_op(v, op, "its condition has type `%s`", shown_type(v, operand_type(op, 0)));
    return verify_region_shape(v, op, 0, 0) && verify_region_shape(v, op, 1, 0);
}

static bool verify_whole(Verifier *v, const Op *op) {
    int64_t step;
    bool counts_up = value_is_int(op->operands[2], &step) && step > 0;
    if (!op->attr.loop.whole || counts_up) return true;
    return problem_op(v, op, "is made of whole steps, which are no constant above 0");
}

static bool verify_runs(Verifier *v, const Op *op) {
    return !op->attr.loop.runs || op->attr.loop.whole ||
           problem_op(v, op, "surely runs, and is not made of whole steps");
}

static bool verify_stream(Verifier *v, const Op *op) {
    if (!op->attr.loop.streams) return true;
    if (!op->attr.loop.is_vector) return problem_op(v, op, "streams, and is no loop over vectors");
    for (const Op *in = op->regions[0]->first; in != NULL; in = in->next)
        if (in->kind == OP_VSTORE && in->operand_count > 2 + in->operands[0]->type->rank)
            return problem_op(v, op, "streams what is stored under a mask");
    return true;
}

/* From lane 0 on, as many as some vector has. */
static bool verify_lane_loop(Verifier *v, const Op *op) {
    int64_t lo, hi, step;
    if (!op->attr.loop.is_lanes) return true;
    bool counts = value_is_int(op->operands[0], &lo) && value_is_int(op->operands[1], &hi) &&
                  value_is_int(op->operands[2], &step) && lo == 0 && step == 1 && hi > 1 && hi <= MAX_LANES;
    return counts || problem_op(v, op, "is no loop over lanes: these are counted from 0 to 2 .. %d", MAX_LANES);
}

/* Edges go forward, between calls of tasks. */
static bool verify_graph(Verifier *v, const Op *op) {
    uint32_t count = 0;
    if (!verify_region_shape(v, op, 0, 0)) return false;
    for (const Op *call = op->regions[0]->first; call != NULL; call = call->next, count++)
        if (call->kind != OP_CALL || !call->attr.callee->is_task)
            return problem_op(v, op, "holds something other than calls of tasks");
    if (op->attr.lanes.count % 2 != 0) return problem_op(v, op, "has half an edge");
    for (uint32_t i = 0; i < op->attr.lanes.count; i += 2)
        if (op->attr.lanes.at[i] >= op->attr.lanes.at[i + 1] || op->attr.lanes.at[i + 1] >= count)
            return problem_op(v, op, "has an edge that does not go forward");
    return true;
}

bool verify_control_op(Verifier *v, const Op *op) {
    OpKind kind = op->kind;
    if (kind == OP_IF) return verify_if(v, op);
    if (kind == OP_FOR && op->operand_count != 3 && !(op->operand_count == 4 && op->attr.loop.is_parallel))
        return problem_op(v, op, "has %u operands, wants 3, or 4 where it is parallel", op->operand_count);
    if (kind == OP_FOR)
        return verify_indices(v, op, 0) && verify_whole(v, op) && verify_runs(v, op) && verify_stream(v, op) &&
               verify_lane_loop(v, op) && verify_region_shape(v, op, 0, 1) && verify_region_shape(v, op, 1, 0);
    if (kind == OP_WHILE)
        return verify_region_shape(v, op, 0, 0) && verify_region_shape(v, op, 1, 0) &&
               verify_region_shape(v, op, 2, 0);
    if (kind == OP_TRY)
        return verify_region_shape(v, op, 0, 0) && verify_region_shape(v, op, 1, 0);
    if (kind == OP_UNSAFE) return verify_region_shape(v, op, 0, 0);
    if (kind == OP_GRAPH) return verify_graph(v, op);
    if (kind == OP_TASK) return verify_region_shape(v, op, 0, 0) && verify_task(v, op);
    if (kind == OP_YIELD) return verify_yield(v, op);
    if (kind == OP_CALL) return verify_call(v, op);
    if (kind == OP_CHECK) return verify_check(v, op);
    if (kind == OP_PRINT) return verify_print(v, op);
    return true; /* BREAK, CONTINUE, RETURN: verify.c */
}
