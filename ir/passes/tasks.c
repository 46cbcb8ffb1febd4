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
#include "ir/passes/tasks.h"

#include "ir/passes/runs.h"

/* The call that the region is about: the last one; those before it are arguments. */
static void call_note(void *user, Op *op) {
    const Op **call = user;
    if (op->kind == OP_CALL) *call = op;
}

Name task_callee_name(const Op *task) {
    const Op *call = NULL;
    region_walk(task->regions[0], call_note, &call);
    return call != NULL ? call->attr.callee->source_name : task->parent->fn->source_name;
}

/* It is spelled as the function that it calls: traces speak of that. */
static IrFn *task_create(IrFn *from, Arena *scratch, const Op *task, uint32_t *made) {
    IrFn *fn = ir_fn_create(from->module, fn_name_new(from, scratch, "task", made), task->span);
    fn->source_name = task_callee_name(task);
    fn->is_task = true;
    fn->fp = from->fp;
    fn->is_def = from->is_def;
    fn->is_noalloc = from->is_noalloc;
    return fn;
}

void task_outline(PassContext *pass, IrFn *from, Op *task, const TaskPlace *place, uint32_t *made) {
    IrFn *fn = task_create(from, pass->scratch, task, made);
    Capture c = capture_start(pass->scratch, task, fn);
    c.among = place->among;
    c.outside = builder_before(place->setup);
    c.passes_sizes = true;
    capture_place(&c, task->operands[0]);
    capture_uses(&c);
    region_clone_into(&c.inside, task->regions[0], c.map, c.map_len, NULL);
    build_return(&c.inside, NULL, 0);
    capture_end(&c);
    Builder b = place->call;
    b.span = task->span;
    build_call(&b, fn, c.args.data, c.args.len);
    op_unlink(task);
    pass->changed = true;
}

static void region_visit(PassContext *pass, IrFn *fn, Region *region, uint32_t *made) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->region_count; i++) {
            bool is_block = op->kind == OP_FOR && op->attr.loop.is_graph;
            if (!is_block) region_visit(pass, fn, op->regions[i], made);
        }
        if (op->kind == OP_FOR && op->attr.loop.is_graph) {
            graph_outline(pass, fn, op, made);
        } else if (op->kind == OP_TASK) {
            TaskPlace place = {.among = op, .setup = op, .call = builder_before(op)};
            task_outline(pass, fn, op, &place, made);
        }
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
