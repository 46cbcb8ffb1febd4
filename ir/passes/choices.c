#include "ir/passes/choices.h"

#include "ir/passes/simplify.h"

static bool region_choose(Renames *renames, Region *region) {
    bool changed = false;
    for (Op *op = region->first, *next; op != NULL; op = next) {
        uint64_t known;
        for (uint32_t i = 0; i < op->region_count; i++) changed |= region_choose(renames, op->regions[i]);
        next = op->next;
        if (op->kind == OP_IF && value_is_const(op->operands[0], &known)) changed |= simplify_if(renames, op);
        bool combines = op->kind == OP_SELECT || op->kind == OP_AND || op->kind == OP_OR || op->kind == OP_NOT;
        Value *better = combines ? simplify_scalar(op) : NULL;
        if (better == NULL) continue;
        renames_add(renames, op_result(op), better);
        op_unlink(op);
        changed = true;
    }
    return changed;
}

void choices_settle(Renames *renames, Region *body) {
    do renames_apply(renames, body);
    while (region_choose(renames, body));
    renames_apply(renames, body);
}
