/* little-tasks: a task that is less work than it takes to start one is a plain call.
 *
 * Requires: TASKS, and stage LOOP, where the work of a function can be counted.
 * Establishes: nothing.
 * Breaks: nothing.
 *
 * Legality: running in order is what a task means. One that may raise keeps its start and its JOIN, which
 * brings its error. Plan: the work is the same for all arguments, and costs less than TASK_COST (analysis/
 * grain.h). All tasks of one variable are plain calls, or none is, as their JOIN goes with them. */
#include "ir/analysis/cost.h"
#include "ir/analysis/grain.h"
#include "ir/passes/runs.h"

typedef struct Little {
    PassContext *pass;
    bool *stays;    /* by function id: it runs as a task */
    bool *starts;   /* by value id of the function under way: a variable one of whose tasks stays */
    bool changed;
} Little;

/* ---- Which functions ------------------------------------------------------------------------- */

static void failure_note(void *user, Op *op) {
    bool *fails = user;
    uint64_t failed;
    bool is_told = op->kind == OP_SET && op->operands[0] == op->parent->fn->params.data[0].value;
    if (is_told && !(value_is_const(op->operands[1], &failed) && failed == 0)) *fails = true;
}

static bool is_little(Arena *scratch, const IrFn *fn) {
    int64_t cost;
    bool fails = false;
    region_walk(fn->body, failure_note, &fails);
    return !fails && cost_of_fn(scratch, fn, &cost) && cost < TASK_COST;
}

static bool starts_task(const Op *op) { return op->kind == OP_CALL && op->attr.callee->is_task; }

static bool in_graph(const Op *call) {
    return call->parent->parent != NULL && call->parent->parent->kind == OP_GRAPH;
}

/* The calls of a block are all plain, or none is. */
static void graph_note(void *user, Op *op) {
    Little *l = user;
    bool stays = false;
    if (op->kind != OP_GRAPH) return;
    for (const Op *call = op->regions[0]->first; call != NULL; call = call->next)
        stays |= l->stays[call->attr.callee->id];
    for (const Op *call = op->regions[0]->first; call != NULL; call = call->next)
        l->stays[call->attr.callee->id] = stays;
}

static void graph_drop(void *user, Op *op) {
    const Little *l = user;
    if (op->kind != OP_GRAPH || op->regions[0]->first == NULL) return;
    if (l->stays[op->regions[0]->first->attr.callee->id]) return;
    for (Op *call = op->regions[0]->first, *next; call != NULL; call = next) {
        next = call->next;
        op_unlink(call);
        op_insert_before(call, op);
    }
    op_unlink(op);
}

static void variable_note(void *user, Op *op) {
    Little *l = user;
    if (starts_task(op) && l->stays[op->attr.callee->id]) l->starts[op->operands[0]->id] = true;
}

static void neighbour_note(void *user, Op *op) {
    Little *l = user;
    if (!starts_task(op) || !l->starts[op->operands[0]->id] || l->stays[op->attr.callee->id]) return;
    l->stays[op->attr.callee->id] = l->changed = true;
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static void op_tell(void *user, Op *op) {
    Little *l = user;
    if (!starts_task(op) || span_is_none(op->span)) return;
    IrFn *fn = op->parent->fn;
    const char *name = text_of(l->pass->cx, op->attr.callee->source_name);
    if (l->stays[op->attr.callee->id] && !in_graph(op))
        pass_remark(l->pass, fn, op->span, REMARK_TASK, "`%s` runs beside what follows", name);
    else if (!l->stays[op->attr.callee->id])
        pass_remark(l->pass, fn, op->span, REMARK_TASK_IN_LINE,
                    "`%s` is less work than it takes to start a task", name);
}

static void join_drop(void *user, Op *op) {
    Little *l = user;
    if (op->kind == OP_JOIN && !l->starts[op->operands[0]->id]) op_unlink(op);
}

static void fn_visit(Little *l, IrFn *fn, void (*visit)(void *user, Op *op)) {
    if (fn->body == NULL) return;
    l->starts = arena_array(l->pass->scratch, bool, fn->next_value);
    region_walk(fn->body, variable_note, l);
    region_walk(fn->body, visit, l);
}

void little_tasks_run(PassContext *pass, IrModule *module) {
    Little l = {.pass = pass, .stays = arena_array(pass->scratch, bool, module->fns.len)};
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        count += fn->is_task;
        l.stays[i] = fn->is_task && !is_little(pass->scratch, fn);
    }
    if (count == 0) return;
    for (uint32_t i = 0; i < module->fns.len; i++) fn_visit(&l, module->fns.data[i], graph_note);
    do {
        l.changed = false;
        for (uint32_t i = 0; i < module->fns.len; i++) fn_visit(&l, module->fns.data[i], neighbour_note);
    } while (l.changed);
    for (uint32_t i = 0; i < module->fns.len; i++) fn_visit(&l, module->fns.data[i], op_tell);
    for (uint32_t i = 0; i < module->fns.len; i++) fn_visit(&l, module->fns.data[i], graph_drop);
    for (uint32_t i = 0; i < module->fns.len; i++) fn_visit(&l, module->fns.data[i], join_drop);
    for (uint32_t i = 0; i < module->fns.len; i++) module->fns.data[i]->is_task = l.stays[i];
    pass->changed = true;
}
