/* ownership: who owns what, who looks into it, and that nothing is used after its end.
 *
 * Requires: fresh IR, so that what is reported depends neither on -O nor on the target.
 * Establishes: CHECKED, unless it reports errors; the pipeline then ends.
 * Breaks: nothing.
 *
 * independent: plain loops whose iterations provably share no element that is written are marked, on the
 * same IR as those that say so, for spmd. Requires CHECKED, establishes nothing.
 *
 * drops: each value that is owned gets its end, on every path, and reductions that have lanes get those: in
 * between is where the oracle of ownership runs programs. Requires CHECKED, establishes DROPPED.
 * erase: stage OWNED becomes stage TENSOR. Requires DROPPED, establishes ERASED.
 *
 * IR that has left stage OWNED already keeps all three by construction. */
#include "ir/ownership/ownership.h"

#include "ir/ownership/noalloc.h"
#include "ir/ownership/parallel.h"
#include "ir/passes/memory_remarks.h"
#include "ir/passes/runs.h"
#include "ir/passes/values.h"

void ownership_run(PassContext *pass, IrModule *module) {
    if (!module->owned_stage) return;
    OwnershipOptions options = {.deny_implicit_copy = pass->options->deny_implicit_copy};
    bool keeps_rules = ownership_check(module, &options);
    noalloc_check(module, source_takes_memory, module);
    noalloc_mark(module);
    pass->changed = keeps_rules;
}

void independent_run(PassContext *pass, IrModule *module) {
    if (!module->owned_stage || pass->options->vector_bits == 0) return;
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL)
            parallel_mark_independent(pass->scratch, module->fns.data[i]);
    pass->changed = true;
}

void drops_run(PassContext *pass, IrModule *module) {
    if (!module->owned_stage) return;
    drops_insert(module);
    reductions_split(module);
    pass->changed = true;
}

/* Tasks that are given on have run when they are there. */
static void spawn_note(void *user, Op *op) {
    PassContext *pass = user;
    const Op *before = op->kind == OP_SPAWN ? op->prev : NULL;
    while (before != NULL && before->kind != OP_CALL && before->kind != OP_JOIN) before = before->prev;
    if (before == NULL || span_is_none(op->span)) return;
    if (before->kind == OP_JOIN)
        pass_remark(pass, op->parent->fn, op->span, REMARK_TASK_IN_LINE,
                    "what follows waits for the task, which is given on here");
    else
        pass_remark(pass, op->parent->fn, op->span, REMARK_TASK_IN_LINE,
                    "the task of `%s` gets no name here that it is waited for by",
                    text_of(pass->cx, before->attr.callee->source_name));
}

static void tasks_note(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) region_walk(module->fns.data[i]->body, spawn_note, pass);
}

void erase_run(PassContext *pass, IrModule *module) {
    if (!module->owned_stage) return;
    tasks_start(module);
    tasks_note(pass, module);
    ownership_erase(module);
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) vars_to_values(pass->scratch, module->fns.data[i]);
    if (pass->remarks != NULL) copies_note(pass, module);
    pass->changed = true;
}
