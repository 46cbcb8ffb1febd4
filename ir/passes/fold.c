/* fold: operations on constants become constants.
 *
 * Requires: nothing; works on both stages.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * The arithmetic is that of ir/eval.h, which the interpreter uses too: there is one meaning of each
 * operation. One walk in order, so that chains fold at once. */
#include "ir/eval.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

static bool operands_known(const Op *op, uint64_t *bits) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!ir_is_scalar(op->operands[i]->type) || !value_is_const(op->operands[i], &bits[i]))
            return false;
    return true;
}

static bool op_fold(const Op *op, uint64_t *result) {
    uint64_t bits[3];
    bool is_scalar_op = op_is_pure(op) && op->result_count == 1 && op->operand_count >= 1 &&
                        op->operand_count <= 3 && ir_is_scalar(op_result(op)->type);
    if (!is_scalar_op || op->kind == OP_EXTRACT || !operands_known(op, bits)) return false;
    Scalar from = op->operands[op->kind == OP_SELECT ? 1 : 0]->type->scalar;
    if (op->kind == OP_CAST) {
        *result = eval_cast(from, op_result(op)->type->scalar, bits[0]);
        return true;
    }
    if (op->kind == OP_BITCAST) {
        *result = bits[0];
        return true;
    }
    return op->kind < OP_CAST && eval_scalar_op(op->kind, from, bits, result);
}

typedef struct Folder {
    Renames renames;
    bool changed;
} Folder;

static void op_visit(void *user, Op *op) {
    Folder *folder = user;
    uint64_t bits;
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = renames_find(&folder->renames, op->operands[i]);
    if (op->kind == OP_CONST || !op_fold(op, &bits)) return;
    Builder b = builder_before(op);
    Value *constant = build_const(&b, op_result(op)->type, bits);
    constant->name = op_result(op)->name;
    renames_add(&folder->renames, op_result(op), constant);
    op_unlink(op);
    folder->changed = true;
}

void fold_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Folder folder = {.renames = {.arena = pass->scratch}};
        region_walk(fn->body, op_visit, &folder);
        renames_apply(&folder.renames, fn->body);
        pass->changed = pass->changed || folder.changed;
    }
}
