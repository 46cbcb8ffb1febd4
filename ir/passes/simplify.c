/* simplify: what is plainly equal to something simpler becomes that.
 *
 * Requires: nothing; works on both stages.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * Identities hold bit for bit for every value of the type, NaNs, infinities and signed zeros
 * included, so that no floating-point mode matters. One walk in order: an op sees operands that
 * are simple already. */
#include "ir/passes/simplify.h"

#include "ir/passes/runs.h"
#include "ir/passes/values.h"

typedef struct Simplifier {
    Renames renames;
    bool changed;
} Simplifier;

static void op_simplify(void *user, Op *op) {
    Simplifier *s = user;
    if (op->parent == NULL) return; /* fell away with the branch that left before it */
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = renames_find(&s->renames, op->operands[i]);
    if (op->kind == OP_IF) {
        s->changed = simplify_if(&s->renames, op) || s->changed;
        return;
    }
    if (op->kind == OP_FOR || op->kind == OP_WHILE) {
        s->changed = simplify_loop(op) || s->changed;
        return;
    }
    if (op->result_count != 1 || !op_is_pure(op)) return;
    Value *value = simplify_scalar(op);
    if (value == NULL) value = simplify_cast(op);
    if (value == NULL) value = simplify_struct(op);
    if (value == NULL) value = simplify_view(op);
    if (value == NULL || value == op_result(op)) return;
    if (value->name.id == 0) value->name = op_result(op)->name;
    renames_add(&s->renames, op_result(op), value);
    op_unlink(op);
    s->changed = true;
}

void simplify_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Simplifier s = {.renames = {.arena = pass->scratch}};
        s.changed = structs_split(pass->scratch, fn, false);
        s.changed = variables_forward(pass->scratch, fn) || s.changed;
        region_walk(fn->body, op_simplify, &s);
        renames_apply(&s.renames, fn->body);
        pass->changed = pass->changed || s.changed;
    }
}
