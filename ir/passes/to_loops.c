/* to-loops: from whole-array operations to loops.
 *
 * Requires: array values come from MAP and SCAN only.
 * Establishes: stage LOOP; MAP, SCAN, ELEM, ASSIGN and REDUCE are gone.
 * Breaks: nothing.
 *
 * Legality: an array value is computed where it is used, unless memory that it reads may change
 * in between or the work would be repeated (array_plan.c); an assignment stores directly into its
 * destination, in a direction in which nothing is overwritten that is still to be read, or else
 * goes through a temporary (loop_nest.c, analysis/overlap.c). Apply: regions in order, inner ones
 * first, so that a body which is copied somewhere holds no array operation any more. */
#include "ir/passes/to_loops.h"

#include "ir/analysis/effects.h"
#include "ir/passes/runs.h"

ArrayInfo *array_of(ToLoops *t, const Value *value) {
    if (value->def == NULL || !op_gives_array(value->def) || value->id >= t->value_len)
        KC_BUG("an array value from elsewhere, in fn %s", text_of(t->pass->cx, t->fn->name));
    return t->arrays[value->id];
}

/* Before anything changes: a record for each array value, with its uses. */
static void array_note(void *user, Op *op) {
    ToLoops *t = user;
    if (op_gives_array(op)) {
        ArrayInfo *array = arena_new(t->pass->scratch, ArrayInfo);
        array->map = op;
        t->arrays[op_result(op)->id] = array;
    }
    if (op->kind == OP_ELEM) array_of(t, op->operands[0])->uses++;
    if (op->kind == OP_ASSIGN) array_of(t, op->operands[1])->uses++;
}

static void elem_lower(ToLoops *t, Op *elem) {
    ArrayInfo *array = array_of(t, elem->operands[0]);
    Value *indices[8];
    for (uint32_t i = 1; i < elem->operand_count; i++)
        indices[i - 1] = renames_find(&t->renames, elem->operands[i]);
    if (array->temporary == NULL) {
        const char *reason = array_needs_memory(t, array, elem);
        if (reason != NULL) array_to_memory(t, array, elem->span, reason);
    }
    Builder b = builder_before(elem);
    renames_add(&t->renames, op_result(elem), element_build(t, &b, array, indices));
    op_unlink(elem);
}

/* DIM of an array is the operand of the op that gives it. */
static void dim_lower(ToLoops *t, Op *dim) {
    if (dim->operands[0]->type->kind != IR_ARRAY) return;
    ArrayInfo *array = array_of(t, dim->operands[0]);
    renames_add(&t->renames, op_result(dim), array->map->operands[dim->attr.index]);
    op_unlink(dim);
}

/* An array that nobody uses is still computed if that may panic or is seen. */
static void map_lower(ToLoops *t, ArrayInfo *array) {
    array_study(t, array);
    if (array->uses == 0 && (array->effects & ~(unsigned)EFFECT_UNSEEN))
        array_to_memory(t, array, array->map->span, "its elements come with checks or effects");
}

static void region_lower(ToLoops *t, Region *region);

static void op_lower(ToLoops *t, Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++) region_lower(t, op->regions[i]);
    if (op_gives_array(op)) map_lower(t, t->arrays[op_result(op)->id]);
    else if (op->kind == OP_ELEM) elem_lower(t, op);
    else if (op->kind == OP_DIM) dim_lower(t, op);
    else if (op->kind == OP_ASSIGN) assign_lower(t, op);
    else if (op->kind == OP_REDUCE) reduce_lower(t, op);
}

/* ---- Temporaries are freed after their last use ---------------------------------------------- */

typedef struct UseScan {
    ToLoops *t;
    Region *region;
    Op *top;         /* the op of the region that is being scanned */
    uint32_t *which; /* by value id: 1 + index of the temporary */
} UseScan;

static void use_note(void *user, Op *op) {
    UseScan *scan = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        uint32_t which = scan->which[op->operands[i]->id];
        if (which != 0) scan->t->temporaries.data[which - 1].last = scan->top;
    }
}

static void scan_op(UseScan *scan, Op *op) {
    scan->top = op;
    use_note(scan, op);
    for (uint32_t i = 0; i < op->region_count; i++)
        region_walk(op->regions[i], use_note, scan);
}

static void free_before(const Temporary *temporary, Op *op) {
    Builder b = builder_before(op);
    build_op(&b, OP_FREE, &temporary->view, 1, NULL, 0, 0);
}

/* Which jumps stay inside: those to a loop, or to a handler, that the region is around. */
typedef struct Inside {
    bool loop, handler;
} Inside;

static bool op_leaves(const Op *op, Inside inside) {
    if (op->kind == OP_BREAK || op->kind == OP_CONTINUE) return !inside.loop;
    if (op->kind == OP_RAISE) return !inside.handler;
    return op->kind == OP_RETURN;
}

static void exits_free(const Temporary *temporary, Region *region, Inside inside);

static void nested_exits_free(const Temporary *temporary, const Op *op, Inside inside) {
    bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
    for (uint32_t i = 0; i < op->region_count; i++) {
        Inside within = inside;
        if (is_loop && i + 1 < op->region_count) within.loop = true;
        if (op->kind == OP_TRY && i == 0) within.handler = true;
        exits_free(temporary, op->regions[i], within);
    }
}

/* Frees before each way out of `region`. */
static void exits_free(const Temporary *temporary, Region *region, Inside inside) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        if (op_leaves(op, inside)) free_before(temporary, op);
        nested_exits_free(temporary, op, inside);
    }
}

static void temporary_free(const Temporary *temporary) {
    Op *last = temporary->last;
    for (const Op *op = temporary->view->def; op != last->next; op = op->next)
        nested_exits_free(temporary, op, (Inside){false, false});
    if (op_ends(last)) {
        free_before(temporary, last);
    } else if (last->next != NULL) {
        free_before(temporary, last->next);
    } else {
        Builder b = builder_at_end(last->parent, last->span);
        build_op(&b, OP_FREE, &temporary->view, 1, NULL, 0, 0);
    }
}

static void temporaries_free(ToLoops *t, Region *region) {
    uint32_t mine = 0;
    UseScan scan = {t, region, NULL, NULL};
    for (uint32_t i = 0; i < t->temporaries.len; i++)
        mine += t->temporaries.data[i].region == region;
    if (mine == 0) return;
    scan.which = arena_array(t->pass->scratch, uint32_t, t->fn->next_value);
    for (uint32_t i = 0; i < t->temporaries.len; i++)
        if (t->temporaries.data[i].region == region)
            scan.which[t->temporaries.data[i].view->id] = i + 1;
    for (Op *op = region->first; op != NULL; op = op->next) scan_op(&scan, op);
    for (uint32_t i = 0; i < t->temporaries.len; i++)
        if (t->temporaries.data[i].region == region) temporary_free(&t->temporaries.data[i]);
}

/* ---- Regions --------------------------------------------------------------------------------- */

static void maps_unlink(Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op_gives_array(op)) op_unlink(op);
    }
}

static void region_lower(ToLoops *t, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        op_lower(t, op);
    }
    maps_unlink(region);
    temporaries_free(t, region);
    bool is_copied = region->parent != NULL && op_is_space(region->parent);
    if (is_copied) renames_apply(&t->renames, region);
}

static bool is_tensor_op(const Op *op) {
    return op_is_space(op) || op->kind == OP_ASSIGN || op->kind == OP_ELEM;
}

static void tensor_note(void *user, Op *op) {
    bool *found = user;
    *found = *found || is_tensor_op(op);
}

bool fn_to_loops(PassContext *pass, const unsigned *effects, IrFn *fn, MemoryNeed *first) {
    bool found = false;
    region_walk(fn->body, tensor_note, &found);
    if (!found) return false;
    ToLoops t = {.pass = pass, .fn = fn, .effects = effects};
    t.memory = memory_of(pass->scratch, fn);
    t.intervals = intervals_of(pass->scratch, fn);
    t.cloner.arena = t.renames.arena = pass->scratch;
    t.value_len = fn->next_value;
    t.op_len = fn->next_op;
    t.arrays = arena_array(pass->scratch, ArrayInfo *, t.value_len);
    t.event_begin = arena_array(pass->scratch, uint32_t, t.op_len);
    t.event_end = arena_array(pass->scratch, uint32_t, t.op_len);
    region_walk(fn->body, array_note, &t);
    events_collect(&t);
    region_lower(&t, fn->body);
    renames_apply(&t.renames, fn->body);
    *first = t.first_need;
    return true;
}

void to_loops_run(PassContext *pass, IrModule *module) {
    const unsigned *effects = effects_of_module(pass->scratch, module);
    MemoryNeed first;
    pass->changed = module->tensor_stage;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body != NULL && fn_to_loops(pass, effects, fn, &first)) pass->changed = true;
    }
    module->tensor_stage = false;
}
