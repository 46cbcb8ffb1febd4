/* The verifier's rules for stage OWNED, which ir/ownership relies on:
 *
 *  a. A value that owns has one use that takes it over: SET, STORE, APPEND, STRUCT, INSERT, SPAWN,
 *     RETURN, FREE, or a CALL, of a tensor through BUF. Others only look at it: DIM, BUF, and
 *     what fills fresh memory before it gets its place (ASSIGN, LOAD, STORE, SLICE).
 *  b. What a place owns leaves it by MOVE, DUP, TAKE or WAIT, never by GET; its memory is reached by
 *     LEND, the elements of a list too. GET of an arena is its handle, for a CALL that borrows it.
 *  c. Places of an owning or looking type are whole variables, fields of such, or elements.
 *  d. REDUCES stands at the beginning of its loop's body.
 *  e. What owns or looks leaves a region by a place: YIELD gives neither. */
#include "ir/verifier.h"

typedef struct OwnedCheck {
    Verifier *v;
    uint32_t *takes; /* by value id: how many uses take it over */
} OwnedCheck;

/* Whether operand `i` is taken over by the op. */
static bool takes_over(const Op *op, uint32_t i) {
    switch ((int)op->kind) {
    case OP_SET: case OP_APPEND: case OP_STORE: case OP_INSERT: return i == 1;
    case OP_STRUCT: case OP_RETURN: case OP_CALL: case OP_SPAWN: case OP_FREE:
        return true;
    default: return false;
    }
}

static bool only_looks(const Op *op, uint32_t i) {
    switch ((int)op->kind) {
    case OP_DIM: case OP_STRIDE: case OP_BUF: case OP_ASSIGN: case OP_LOAD: case OP_STORE:
    case OP_SLICE: case OP_ITEM: case OP_PRINT: case OP_EXTRACT:
        return i == 0 || op->kind == OP_PRINT;
    default: return false;
    }
}

/* A tensor goes to a call as its buf. */
static const Value *owner_of(const Value *operand) {
    bool buf = operand->def != NULL && operand->def->kind == OP_BUF;
    return buf && operand->def->operands[0]->type->owned ? operand->def->operands[0] : operand;
}

static void count_takes(OwnedCheck *check, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *operand = op->operands[i];
        if (op->kind == OP_CALL) operand = owner_of(operand);
        if (!ir_type_owns(operand->type)) continue;
        if (takes_over(op, i))
            check->takes[operand->id]++;
        else if (!only_looks(op, i))
            problem_op(check->v, op, "does not take a `%s` over",
                       shown_type(check->v, operand->type));
    }
}

static void verify_place_use(OwnedCheck *check, const Op *op) {
    const IrType *got = op->kind == OP_GET ? op->results[0]->type : NULL;
    if (got != NULL && got->kind != IR_ARENA && ir_type_owns(got))
        problem_op(check->v, op, "copies a `%s`, which owns",
                   shown_type(check->v, op->results[0]->type));
    if (op->kind == OP_ITEMS)
        problem_op(check->v, op, "reaches the elements of a list, which LEND does here");
    if (op->kind != OP_REDUCES) return;
    for (const Op *before = op->prev; before != NULL; before = before->prev)
        if (before->kind != OP_REDUCES && !op_is_pure(before)) {
            problem_op(check->v, op, "stands behind the beginning of its loop");
            return;
        }
}

static void verify_yield(OwnedCheck *check, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (ir_type_owns(op->operands[i]->type) || ir_type_looks(op->operands[i]->type))
            problem_op(check->v, op, "gives a `%s`, which needs a place",
                       shown_type(check->v, op->operands[i]->type));
}

static void owned_op(void *user, Op *op) {
    OwnedCheck *check = user;
    if (op->kind == OP_YIELD) verify_yield(check, op);
    else count_takes(check, op);
    verify_place_use(check, op);
}

static void owned_result(void *user, Op *op) {
    const OwnedCheck *check = user;
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Value *result = op->results[i];
        if (ir_type_owns(result->type) && check->takes[result->id] != 1)
            problem_op(check->v, op, "its `%s` is taken over %u times",
                       shown_type(check->v, result->type), check->takes[result->id]);
    }
}

void verify_owned(Verifier *v) {
    OwnedCheck check = {.v = v};
    check.takes = arena_array(v->scratch, uint32_t, v->fn->next_value);
    region_walk(v->fn->body, owned_op, &check);
    region_walk(v->fn->body, owned_result, &check);
}
