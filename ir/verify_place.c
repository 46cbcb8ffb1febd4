/* The verifier's rules for places and for what lives in them: variables, ownership, lists, arenas,
 * tasks, errors. */
#include "ir/verifier.h"

static bool is_ref(const IrType *type) { return type->kind == IR_REF; }

/* The first operand is a ref to a type of that kind. */
static bool holds_kind(Verifier *v, const Op *op, IrTypeKind kind, const char *what) {
    if (op->operand_count == 0) return problem_op(v, op, "has no operands");
    const IrType *type = operand_type(op, 0);
    return (is_ref(type) && type->elem->kind == kind) ||
           problem_op(v, op, "works on a %s, not on `%s`", what, shown_type(v, type));
}

static bool gives(Verifier *v, const Op *op, bool fits) {
    return fits || problem_op(v, op, "cannot give `%s`", shown_type(v, op->results[0]->type));
}

/* ---- Refs ------------------------------------------------------------------------------------ */

/* Whether operand `i` of such an op is a place rather than a value. */
static bool takes_ref(const Verifier *v, OpKind kind, uint32_t i) {
    switch ((int)kind) {
    case OP_CALL: case OP_SPAWN: return true;
    case OP_ASSIGN: return v->module->owned_stage && i == 0;
    case OP_GET: case OP_SET: case OP_FIELD: case OP_LANE_ITEM: case OP_LEND: case OP_MOVE: case OP_DUP: case OP_DROP:
    case OP_KEEP: case OP_REDUCES: case OP_WAIT: case OP_TASK: case OP_JOIN: case OP_ITEMS: case OP_APPEND: case OP_TAKE:
    case OP_ROOM: case OP_ALLOC_IN: case OP_RESET: case OP_ARENA_STAT:
        return i == 0;
    default: return false;
    }
}

void verify_refs(Verifier *v, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (is_ref(operand_type(op, i)) && !takes_ref(v, op->kind, i))
            problem_op(v, op, "uses a ref as a value");
    if (op->kind == OP_VAR || op->kind == OP_FIELD || op->kind == OP_LANE_ITEM || op->kind == OP_ITEM)
        return;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (is_ref(op->results[i]->type)) problem_op(v, op, "gives a ref");
}

static bool verify_field_place(Verifier *v, const Op *op) {
    if (!holds_kind(v, op, IR_STRUCT, "ref of a struct")) return false;
    const IrType *held = operand_type(op, 0)->elem, *result = op->results[0]->type;
    if (op->attr.index >= held->field_count)
        return problem_op(v, op, "`%s` has no field %u", shown_type(v, held), op->attr.index);
    return gives(v, op, is_ref(result) && result->elem == held->fields[op->attr.index].type);
}

static bool verify_lane_item(Verifier *v, const Op *op) {
    if (!holds_kind(v, op, IR_VEC, "ref of a vector")) return false;
    if (operand_type(op, 0)->elem->scalar == SCALAR_BOOL)
        return problem_op(v, op, "a mask has no places for its lanes");
    return verify_indices(v, op, 1);
}

static bool verify_item(Verifier *v, const Op *op) {
    const IrType *view = op->operand_count == 0 ? NULL : operand_type(op, 0);
    if (view == NULL || view->kind != IR_VIEW || op->operand_count != 1 + view->rank)
        return problem_op(v, op, "wants a view and an index for each of its dimensions");
    return verify_indices(v, op, 1);
}

static bool verify_variable(Verifier *v, const Op *op) {
    const IrType *ref = op->kind == OP_VAR ? op->results[0]->type : operand_type(op, 0);
    if (!is_ref(ref)) return problem_op(v, op, "works on a ref, not on `%s`", shown_type(v, ref));
    return op->kind != OP_SET || operand_type(op, 1) == ref->elem ||
           problem_op(v, op, "sets a `%s` to a `%s`", shown_type(v, ref->elem),
                      shown_type(v, operand_type(op, 1)));
}

/* ---- Ownership ------------------------------------------------------------------------------- */

static bool is_whole(const IrType *type) { return ir_type_owns(type) || ir_type_looks(type); }

static bool verify_ownership(Verifier *v, const Op *op) {
    if (!is_ref(operand_type(op, 0)))
        return problem_op(v, op, "works on a ref, not on `%s`", shown_type(v, operand_type(op, 0)));
    const IrType *held = operand_type(op, 0)->elem;
    bool is_array = op->kind == OP_DUP && held->kind == IR_VIEW && !held->strided;
    bool owner = op->kind == OP_DUP || op->kind == OP_DROP;
    bool fits = is_array || (owner ? ir_type_owns(held) : is_whole(held));
    return fits || problem_op(v, op, "a place of type `%s` is plain", shown_type(v, held));
}

static bool verify_lend(Verifier *v, const Op *op) {
    const IrType *ref = operand_type(op, 0);
    return (is_ref(ref) && (ref->elem->kind == IR_VIEW || ref->elem->kind == IR_LIST)) ||
           problem_op(v, op, "has no elements to lend in `%s`", shown_type(v, ref));
}

static bool verify_reduces(Verifier *v, const Op *op) {
    const Op *around = op->parent->parent;
    if (!is_ref(operand_type(op, 0)))
        return problem_op(v, op, "works on a ref, not on `%s`", shown_type(v, operand_type(op, 0)));
    return (around != NULL && (around->kind == OP_FOR || around->kind == OP_WHILE)) ||
           problem_op(v, op, "stands in no loop's body");
}

static bool is_bool(const IrType *type) { return ir_is_scalar(type) && type->scalar == SCALAR_BOOL; }

static bool verify_spawn(Verifier *v, const Op *op) {
    const IrType *task = op->results[0]->type;
    if (task->kind != IR_TASK) return gives(v, op, false);
    if (op->operand_count == 0 || !is_bool(operand_type(op, 0)))
        return problem_op(v, op, "does not say whether its call failed");
    bool fits = op->attr.flag == (task->elem != NULL) &&
                (!op->attr.flag || (op->operand_count > 1 && operand_type(op, 1) == task->elem));
    return fits || problem_op(v, op, "its second operand is not what `%s` gives",
                              shown_type(v, task));
}

static bool verify_wait(Verifier *v, const Op *op) {
    if (!holds_kind(v, op, IR_TASK, "ref of a task")) return false;
    const IrType *given = operand_type(op, 0)->elem->elem;
    bool fits = op->result_count == 1u + (given != NULL) &&
                is_bool(op->results[0]->type) &&
                (given == NULL || op->results[1]->type == given);
    return fits || problem_op(v, op, "gives other results than its task");
}

bool verify_task(Verifier *v, const Op *op) {
    const IrType *type = op->operand_count == 1 ? operand_type(op, 0) : NULL;
    const Op *var = type != NULL ? op->operands[0]->def : NULL;
    bool is_var = var != NULL && var->kind == OP_VAR && is_bool(type->elem);
    return is_var || problem_op(v, op, "wants a variable of type `bool`, which says whether it failed");
}

/* ---- Lists and arenas ------------------------------------------------------------------------ */

static bool verify_list(Verifier *v, const Op *op) {
    if (op->kind == OP_LIST) return gives(v, op, op->results[0]->type->kind == IR_LIST);
    if (!holds_kind(v, op, IR_LIST, "ref of a list")) return false;
    if (op->kind == OP_TAKE) return verify_indices(v, op, 1);
    const IrType *elem = operand_type(op, 0)->elem->elem;
    return op->kind != OP_APPEND || operand_type(op, 1) == elem ||
           problem_op(v, op, "appends a `%s` to a list of `%s`", shown_type(v, operand_type(op, 1)),
                      shown_type(v, elem));
}

/* ROOM and ALLOC_IN: an array of `type`, with a size for each of its dimensions. */
static bool verify_room(Verifier *v, const Op *op, const IrType *type) {
    if (!holds_kind(v, op, IR_ARENA, "ref of an arena")) return false;
    if (type->kind != IR_VIEW || type->strided || type->rank + 1 != op->operand_count)
        return problem_op(v, op, "%u sizes do not make a `%s`", op->operand_count - 1,
                          shown_type(v, type));
    return verify_indices(v, op, 1);
}

static bool verify_arena(Verifier *v, const Op *op) {
    switch ((int)op->kind) {
    case OP_ARENA: return verify_indices(v, op, 0);
    case OP_ALLOC_IN: return verify_room(v, op, op->results[0]->type);
    case OP_ROOM:
        return verify_type(v, op->attr.type) ? verify_room(v, op, op->attr.type)
                                             : problem_op(v, op, "its type is not well formed");
    case OP_ARENA_STAT:
        if (op->attr.index > 2) return problem_op(v, op, "has no number %u", op->attr.index);
        return holds_kind(v, op, IR_ARENA, "ref of an arena");
    default: return holds_kind(v, op, IR_ARENA, "ref of an arena"); /* RESET */
    }
}

/* ---- Constants and errors -------------------------------------------------------------------- */

/* DATA: as many bytes as its constant sizes say, or none at all. */
static bool verify_data(Verifier *v, const Op *op) {
    const IrType *type = op->results[0]->type;
    if (type->kind != IR_VIEW || type->strided || type->rank != op->operand_count)
        return problem_op(v, op, "%u sizes do not make a `%s`", op->operand_count,
                          shown_type(v, type));
    if (ir_type_owns(type->elem) || ir_type_looks(type->elem)) return gives(v, op, false);
    uint64_t bytes = type->elem->size;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        int64_t size;
        if (!value_is_int(op->operands[i], &size) || size < 0 || size > INT32_MAX)
            return problem_op(v, op, "its sizes are not constant");
        if (__builtin_mul_overflow(bytes, (uint64_t)size, &bytes)) bytes = UINT64_MAX;
    }
    return op->attr.text.bytes == NULL || op->attr.text.length == bytes ||
           problem_op(v, op, "has %u bytes for %llu", op->attr.text.length,
                      (unsigned long long)bytes);
}

static bool verify_apart(Verifier *v, const Op *op) {
    return (operand_type(op, 0)->kind == IR_VIEW && operand_type(op, 1)->kind == IR_VIEW) ||
           problem_op(v, op, "compares views, not `%s` and `%s`",
                      shown_type(v, operand_type(op, 0)), shown_type(v, operand_type(op, 1)));
}

/* Where a RAISE goes: into a handler, or out of a function that may. */
static bool verify_raise(Verifier *v, const Op *op) {
    for (const Region *region = op->parent; region->parent != NULL;
         region = region->parent->parent) {
        const Op *around = region->parent;
        if (around->kind == OP_TRY && region == around->regions[0]) return true;
        if (op_is_space(around))
            return problem_op(v, op, "stands within a %s", op_info(around)->mnemonic);
    }
    return v->fn->raises || problem_op(v, op, "leaves a function that does not raise");
}

static bool verify_error(Verifier *v, const Op *op) {
    if (op->kind == OP_RAISE) return verify_raise(v, op);
    const IrType *type = op->kind == OP_FAIL ? operand_type(op, 0) : op->results[0]->type;
    return type->kind == IR_STR ||
           problem_op(v, op, "has a `%s` for its message", shown_type(v, type));
}

/* ---- All of them ----------------------------------------------------------------------------- */

bool verify_place_op(Verifier *v, const Op *op) {
    if ((op_info(op)->flags & OP_FLAG_OWNED) && !v->module->owned_stage)
        return problem_op(v, op, "belongs to stage `owned` only");
    switch ((int)op->kind) {
    case OP_VAR: case OP_GET: case OP_SET: return verify_variable(v, op);
    case OP_FIELD: return verify_field_place(v, op);
    case OP_LANE_ITEM: return verify_lane_item(v, op);
    case OP_ITEM: return verify_item(v, op);
    case OP_LEND: return verify_lend(v, op);
    case OP_MOVE: case OP_DUP: case OP_DROP: case OP_KEEP: return verify_ownership(v, op);
    case OP_REDUCES: return verify_reduces(v, op);
    case OP_SPAWN: return verify_spawn(v, op);
    case OP_WAIT: return verify_wait(v, op);
    case OP_JOIN: return verify_task(v, op);
    case OP_LIST: case OP_ITEMS: case OP_APPEND: case OP_TAKE: return verify_list(v, op);
    case OP_ARENA: case OP_ROOM: case OP_ALLOC_IN: case OP_RESET: case OP_ARENA_STAT:
        return verify_arena(v, op);
    case OP_DATA: return verify_data(v, op);
    case OP_APART: return verify_apart(v, op);
    case OP_RAISE: case OP_FAIL: case OP_CAUGHT: return verify_error(v, op);
    default: return true; /* END */
    }
}
