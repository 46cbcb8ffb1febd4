/* Tasks that run beside their function: a variable that gets a task from SPAWN becomes one for what the task
 * gives and one that says whether it failed, each SPAWN with its call becomes the region of a TASK, and each
 * WAIT a JOIN. Tasks that come from elsewhere, or go there, stay values: they have run when they are there. */
#include "ir/ownership/ownership.h"

typedef struct TaskVar {
    Op *var;
    Vec(Op *) uses;
    bool starts;    /* it gets a task from SPAWN */
    bool is_passed; /* as a place */
    Value *failed, *given; /* what stands for it; `given` is NULL where the task gives nothing */
} TaskVar;

typedef struct Tasks {
    Arena *arena;
    IrFn *fn;
    TaskVar **vars; /* by value id of the ref */
    Vec(TaskVar *) all;
    Value **with;   /* by value id: what stands for it now */
    uint32_t len;
} Tasks;

/* ---- Which variables ------------------------------------------------------------------------- */

/* The call of a SPAWN, where the variable gets the task at once. */
static Op *call_of_set(const Op *set) {
    Op *spawn = set->operands[1]->def;
    if (spawn == NULL || spawn->kind != OP_SPAWN || spawn->parent != set->parent) return NULL;
    return spawn_call(spawn);
}

static void use_note(void *user, Op *op) {
    Tasks *t = user;
    bool is_var = op->kind == OP_VAR && op_result(op)->type->elem->kind == IR_TASK;
    if (is_var) {
        TaskVar *var = arena_new(t->arena, TaskVar);
        var->var = op;
        t->vars[op_result(op)->id] = var;
        vec_push(t->arena, &t->all, var);
    }
    for (uint32_t i = 0; i < op->operand_count; i++) {
        TaskVar *var = t->vars[op->operands[i]->id];
        if (var == NULL) continue;
        vec_push(t->arena, &var->uses, op);
        bool is_known = op->kind == OP_SET || op->kind == OP_WAIT || op->kind == OP_MOVE ||
                        op->kind == OP_DROP || op->kind == OP_KEEP;
        var->is_passed |= !is_known;
        var->starts |= op->kind == OP_SET && call_of_set(op) != NULL;
    }
}

/* ---- Starting -------------------------------------------------------------------------------- */

static void build_given(Builder *b, const TaskVar *var, Value *failed, Value *given) {
    if (var->given != NULL) build_set(b, var->given, given);
    build_set(b, var->failed, failed);
}

/* What would be read if the task never came to its end: it failed. */
static Op *task_before(Op *op, const TaskVar *var, Span span) {
    Builder b = builder_before(op);
    b.span = span;
    build_set(&b, var->failed, build_bool(&b, true));
    Value *failed = var->failed;
    return build_op(&b, OP_TASK, &failed, 1, NULL, 0, 1);
}

/* The call, and what is made of its results, moves into the region. */
static void spawn_start(const TaskVar *var, Op *set, Op *call) {
    Op *spawn = set->operands[1]->def;
    Op *task = task_before(call, var, spawn->span);
    for (Op *op = call, *next; op != spawn; op = next) {
        next = op->next;
        op_unlink(op);
        op_append(task->regions[0], op);
    }
    Builder inside = builder_at_end(task->regions[0], spawn->span);
    build_given(&inside, var, spawn->operands[0], spawn->attr.flag ? spawn->operands[1] : NULL);
    op_unlink(set);
    op_unlink(spawn);
}

/* A task that comes from elsewhere has run: this one gives what it gave. */
static void value_start(const TaskVar *var, Op *set) {
    const IrType *type = set->operands[1]->type;
    Builder b = builder_before(set);
    Value *ref = build_var(&b, type, NO_NAME);
    build_set(&b, ref, set->operands[1]);
    const IrType *types[] = {ir_bool(b.fn->module), type->elem};
    Op *wait = build_op(&b, OP_WAIT, &ref, 1, types, 1 + (type->elem != NULL), 0);
    Op *task = task_before(set, var, NO_SPAN);
    Builder inside = builder_at_end(task->regions[0], set->span);
    build_given(&inside, var, wait->results[0], type->elem != NULL ? wait->results[1] : NULL);
    op_unlink(set);
}

/* ---- Ending ---------------------------------------------------------------------------------- */

static void build_join(Builder *b, const TaskVar *var, bool forgets) {
    Value *failed = var->failed;
    build_op(b, OP_JOIN, &failed, 1, NULL, 0, 0)->attr.flag = forgets;
}

static Value *build_taken(Builder *b, const TaskVar *var) {
    if (var->given == NULL) return NULL;
    return ir_type_owns(var->given->type->elem) ? build_move(b, var->given) : build_get(b, var->given);
}

static void wait_end(Tasks *t, const TaskVar *var, Op *wait) {
    Builder b = builder_before(wait);
    build_join(&b, var, false);
    t->with[wait->results[0]->id] = build_get(&b, var->failed);
    if (var->given != NULL) t->with[wait->results[1]->id] = build_taken(&b, var);
    op_unlink(wait);
}

/* On the way out after another failure. What failed gave nothing that could end. */
static void drop_end(const TaskVar *var, Op *drop) {
    Builder b = builder_before(drop);
    build_join(&b, var, true);
    if (var->given != NULL && ir_type_owns(var->given->type->elem)) {
        Op *choice = build_if(&b, build_get(&b, var->failed), NULL, 0);
        Builder done = builder_at_end(choice->regions[1], drop->span);
        Value *given = var->given;
        build_op(&done, OP_DROP, &given, 1, NULL, 0, 0);
    }
    op_unlink(drop);
}

/* It goes elsewhere: as a task that has run. */
static void move_end(Tasks *t, const TaskVar *var, Op *move) {
    Builder b = builder_before(move);
    build_join(&b, var, false);
    Value *parts[2] = {build_bool(&b, false), build_taken(&b, var)};
    const IrType *type = op_result(move)->type;
    Op *spawn = build_op(&b, OP_SPAWN, parts, 1 + (var->given != NULL), &type, 1, 0);
    spawn->attr.flag = var->given != NULL;
    t->with[op_result(move)->id] = op_result(spawn);
    op_unlink(move);
}

/* ---- Functions ------------------------------------------------------------------------------- */

static void use_erase(Tasks *t, const TaskVar *var, Op *op) {
    Op *call = op->kind == OP_SET ? call_of_set(op) : NULL;
    if (call != NULL) spawn_start(var, op, call);
    else if (op->kind == OP_SET) value_start(var, op);
    else if (op->kind == OP_WAIT) wait_end(t, var, op);
    else if (op->kind == OP_DROP) drop_end(var, op);
    else if (op->kind == OP_MOVE) move_end(t, var, op);
    else op_unlink(op);
}

/* `let h = spawn f(x)` declares `h` behind the call. */
static Op *declaration(const TaskVar *var) {
    for (uint32_t i = 0; i < var->uses.len; i++) {
        Op *set = var->uses.data[i], *call = set->kind == OP_SET ? call_of_set(set) : NULL;
        for (const Op *op = call; op != NULL; op = op->next)
            if (op == var->var) return call;
    }
    return var->var;
}

static void var_erase(Tasks *t, TaskVar *var) {
    if (!var->starts || var->is_passed) return;
    const IrType *given = op_result(var->var)->type->elem->elem;
    Builder b = builder_before(declaration(var));
    var->failed = build_var(&b, ir_bool(t->fn->module), NO_NAME);
    if (given != NULL) var->given = build_var(&b, given, NO_NAME);
    for (uint32_t i = 0; i < var->uses.len; i++) use_erase(t, var, var->uses.data[i]);
    op_unlink(var->var);
}

static void fn_start_tasks(Arena *arena, IrFn *fn) {
    Tasks t = {.arena = arena, .fn = fn, .len = fn->next_value};
    t.vars = arena_array(arena, TaskVar *, t.len);
    t.with = arena_array(arena, Value *, t.len);
    region_walk(fn->body, use_note, &t);
    if (t.all.len == 0) return;
    for (uint32_t i = 0; i < t.all.len; i++) var_erase(&t, t.all.data[i]);
    ir_replace_uses(fn, t.with, t.len);
}

void tasks_start(IrModule *module) {
    Arena *arena = arena_create();
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) fn_start_tasks(arena, module->fns.data[i]);
    arena_destroy(arena);
}
