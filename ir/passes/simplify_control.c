/* Ifs: one way is known, or both are cheap enough to do. Loops that always end by themselves, or never begin. */
#include "ir/passes/simplify.h"

/* Both branches together, in operations, for a select instead: what a mispredicted branch costs
 * is about four times that, and loops with selects can use SIMD. */
enum { SELECT_LIMIT = 8 };
/* What a division, remainder or root counts. */
enum { DEAR = 4 };

static void results_rename(Renames *renames, const Op *op, Value *const *values) {
    for (uint32_t i = 0; i < op->result_count; i++)
        renames_add(renames, op->results[i], values[i]);
}

static void branch_take(Renames *renames, Op *op, Region *branch) {
    const Op *last = branch->last;
    if (last != NULL && last->kind == OP_YIELD) results_rename(renames, op, last->operands);
    op_become(op, branch);
}

static uint32_t op_cost(const Op *op) {
    bool is_dear = op->kind == OP_DIV || op->kind == OP_FLOORDIV || op->kind == OP_MOD ||
                   op->kind == OP_SQRT;
    return is_dear ? DEAR : op->kind == OP_CONST ? 0 : 1;
}

/* The cost of doing the branch unasked; more than the limit when that is not allowed. */
static uint32_t branch_cost(const Region *branch) {
    uint32_t cost = 0;
    for (const Op *op = branch->first; op != NULL && cost <= SELECT_LIMIT; op = op->next) {
        if (op->kind == OP_YIELD) return cost;
        bool is_free_of_effects = op_is_pure(op) || op->kind == OP_GET;
        cost += is_free_of_effects ? op_cost(op) : SELECT_LIMIT + 1;
    }
    return SELECT_LIMIT + 1;
}

static void branch_hoist(Op *op, Region *branch) {
    while (branch->first != branch->last) {
        Op *inner = branch->first;
        op_unlink(inner);
        op_insert_before(inner, op);
    }
}

static void branches_select(Renames *renames, Op *op) {
    const Op *then = op->regions[0]->last, *otherwise = op->regions[1]->last;
    branch_hoist(op, op->regions[0]);
    branch_hoist(op, op->regions[1]);
    Builder b = builder_before(op);
    for (uint32_t i = 0; i < op->result_count; i++) {
        Value *x = renames_find(renames, then->operands[i]);
        Value *y = renames_find(renames, otherwise->operands[i]);
        Value *chosen = x == y ? x : build_select(&b, op->operands[0], x, y);
        renames_add(renames, op->results[i], chosen);
    }
    op_unlink(op);
}

/* Arrays are never computed for nothing; vectors neither: who made a branch around them meant it. */
static bool has_costly_result(const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        IrTypeKind kind = op->results[i]->type->kind;
        if (kind == IR_ARRAY || kind == IR_VEC) return true;
    }
    return false;
}

bool simplify_if(Renames *renames, Op *op) {
    uint64_t known;
    if (value_is_const(op->operands[0], &known)) {
        branch_take(renames, op, op->regions[known ? 0 : 1]);
        return true;
    }
    if (op->result_count == 0 || has_costly_result(op)) return false;
    uint32_t cost = branch_cost(op->regions[0]) + branch_cost(op->regions[1]);
    if (cost > SELECT_LIMIT) return false;
    branches_select(renames, op);
    return true;
}

/* ---- Loops ----------------------------------------------------------------------------------- */

/* A BREAK of the loop that the region belongs to. */
static bool breaks_in(const Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next) {
        bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
        if (op->kind == OP_BREAK) return true;
        for (uint32_t i = is_loop ? op->region_count - 1 : 0; i < op->region_count; i++)
            if (breaks_in(op->regions[i])) return true;
    }
    return false;
}

static bool ends_by_itself(const Op *op) {
    for (uint32_t i = 0; i + 1 < op->region_count; i++)
        if (breaks_in(op->regions[i])) return false;
    return true;
}

static void done_move_behind(Op *op, Region *done) {
    while (done->last != NULL) {
        Op *last = done->last;
        op_unlink(last);
        if (op->next != NULL) op_insert_before(last, op->next);
        else op_append(op->parent, last);
    }
}

bool simplify_loop(Op *op) {
    Region *done = op->regions[op->region_count - 1];
    bool never_begins = op->kind == OP_FOR && op->operands[0] == op->operands[1];
    bool moves = done->first != NULL && !op_ends(done->last) && (never_begins || ends_by_itself(op));
    if (moves) done_move_behind(op, done);
    if (!never_begins || done->first != NULL) return moves;
    op_unlink(op);
    return true;
}
