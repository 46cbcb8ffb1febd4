/* tasks: what may run beside its function becomes a function of its own.
 *
 * Requires: ERASED.
 * Establishes: TASKS: no TASK is left.
 * Breaks: nothing.
 *
 * `task %failed { ... }` becomes a call f.task1(%failed, ...) of a function marked `task`, which is what runs
 * when it is called; whoever makes code of the call may start it and go on, until the JOIN of %failed. The
 * values that the region uses become arguments (outline_capture.c), variables that it sets are passed as they
 * are. So to every pass behind this one a task is a call that changes what it is given, and a JOIN is an op
 * that may change anything: nothing that the task touches moves in between, and what the source has there
 * is ownership's to judge. */
#include "ir/passes/outline.h"

#include "ir/passes/runs.h"

/* The call that the region is about: the last one, before what is made of its results. */
static const Op *call_in(const Region *body) {
    for (const Op *op = body->first; op != NULL; op = op->next)
        if (op->kind == OP_CALL) return op;
    return NULL;
}

/* It is spelled as the function that it calls: traces speak of that. */
static IrFn *task_create(IrFn *from, Arena *scratch, const Op *task, uint32_t *made) {
    IrFn *fn = ir_fn_create(from->module, fn_name_new(from, scratch, "task", made), task->span);
    const Op *call = call_in(task->regions[0]);
    fn->source_name = call != NULL ? call->attr.callee->source_name : from->source_name;
    fn->is_task = true;
    fn->fp = from->fp;
    fn->is_def = from->is_def;
    fn->is_noalloc = from->is_noalloc;
    return fn;
}

static void task_outline(PassContext *pass, IrFn *from, Op *task, uint32_t *made) {
    IrFn *fn = task_create(from, pass->scratch, task, made);
    Value *failed = task->operands[0];
    Capture c = capture_start(pass->scratch, task, fn);
    c.passes_sizes = true;
    capture_place(&c, failed);
    capture_uses(&c);
    region_clone_into(&c.inside, task->regions[0], c.map, c.map_len, NULL);
    build_return(&c.inside, NULL, 0);
    capture_end(&c);
    Builder b = builder_before(task);
    build_call(&b, fn, c.args.data, c.args.len);
    op_unlink(task);
    pass->changed = true;
}

static void region_visit(PassContext *pass, IrFn *fn, Region *region, uint32_t *made) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(pass, fn, op->regions[i], made);
        if (op->kind == OP_TASK) task_outline(pass, fn, op, made);
    }
}

void tasks_run(PassContext *pass, IrModule *module) {
    uint32_t count = module->fns.len; /* new functions come last, and have no tasks in them */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t made = 0;
        IrFn *fn = module->fns.data[i];
        if (fn->body != NULL) region_visit(pass, fn, fn->body, &made);
    }
}
