/* `parallel:`: each statement of the block becomes a TASK, in order, in a loop of one iteration that a call that
 * fails leaves by BREAK. So to ownership the block is what it means; the pass `tasks` makes a GRAPH of it.
 *
 * Variables of the block stand before its calls, since several may use them. What the calls use lives to the
 * end of the block, so that no call ends what another may still look at.
 *
 * When a call fails, calls behind it may have run. What they gave ends with the block's variables, which are empty to
 * begin with. But a call that uses what some call takes over, or gives a value to a variable that cannot be empty,
 * waits for all before it that may fail. */
#include "ir/failure.h"
#include "ir/lower/lower_spawn.h"

/* A variable that owns or looks, and that the block uses. */
typedef struct Used {
    Value *ref;
    bool is_own;       /* it is the block's */
    uint32_t part;     /* the first call that uses it; of the block's own the one that gives it its value */
    uint32_t moved;    /* the first call that takes its value over; UINT32_MAX: none does */
} Used;

/* Of a call that may fail. */
typedef struct Handler {
    Op *leave; /* its BREAK */
    uint32_t part;
} Handler;

typedef struct GraphLower {
    FnLower *f;
    Op *loop;
    Op *first;             /* of the block, behind its variables */
    uint32_t part;         /* the call under way, counted from 0 */
    Value *failed;         /* some call has; NULL: none can */
    Vec(Handler) handlers;
    Vec(Used) used;
} GraphLower;

/* ---- Variables of the block ------------------------------------------------------------------ */

/* Values of a call are seen by others through variables, which stand at the beginning of the block. */
static void local_place_first(GraphLower *g, const Local *local) {
    FnLower *f = g->f;
    Slot *slot = local_slot(f, local);
    Builder before = builder_before(g->first);
    before.span = local->span;
    for (uint32_t i = 0; i < slot->count; i++) {
        Value *value = slot->values[i];
        if (slot->kind == SLOT_VARS) {
            op_unlink(value->def);
            op_insert_before(value->def, g->first);
        } else {
            slot->values[i] = build_var(&before, value->type, local->name);
            build_set(&f->b, slot->values[i], value);
        }
    }
    slot->kind = SLOT_VARS;
}

static void locals_place_first(GraphLower *g, const Stmt *s) {
    if (s->kind != STMT_BINDING && s->kind != STMT_ASSIGN) return;
    const LocalVec *locals = &stmt_info_of(g->f->p->checked, s)->locals;
    for (uint32_t i = 0; i < locals->len; i++)
        if (locals->data[i] != NULL) local_place_first(g, locals->data[i]);
}

/* ---- One call -------------------------------------------------------------------------------- */

/* What was lowered so far moves into a TRY, whose handler leaves the block. */
static void part_catch(GraphLower *g, Op *task) {
    FnLower *f = g->f;
    Op *made = try_from(task->regions[0]->first, task->span);
    if (g->failed == NULL) {
        Builder before = builder_before(g->loop);
        g->failed = build_flag(&before);
    }
    Builder handler = builder_at_end(made->regions[1], task->span);
    failure_build(&handler, g->failed);
    vec_push(arena_of(f), &g->handlers, ((Handler){made->regions[1]->last, g->part}));
    f->b = builder_at_end(made->regions[0], task->span);
}

static void part_lower(GraphLower *g, const Stmt *s) {
    FnLower *f = g->f;
    f->b.span = s->span;
    Value *failed = build_var(&f->b, ir_bool(f->fn->module), NO_NAME);
    if (g->first == NULL) g->first = failed->def;
    build_set(&f->b, failed, build_bool(&f->b, true));
    Op *task = build_op(&f->b, OP_TASK, &failed, 1, NULL, 0, 1);
    Builder outside = f->b;
    f->b = builder_at_end(task->regions[0], s->span);
    uint32_t raises = f->raises, sizes = f->sizes.len;
    lower_part(f, s);
    locals_place_first(g, s);
    if (f->raises != raises) part_catch(g, task);
    build_set(&f->b, failed, build_bool(&f->b, false));
    f->sizes.len = sizes;
    f->b = outside;
}

/* ---- What stays to the end ------------------------------------------------------------------- */

static Used *used_find(GraphLower *g, const Value *ref) {
    for (uint32_t i = 0; i < g->used.len; i++)
        if (g->used.data[i].ref == ref) return &g->used.data[i];
    return NULL;
}

static void place_note(void *user, Op *op) {
    GraphLower *g = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *ref = op->operands[i];
        bool is_place = ref->type->kind == IR_REF && ref->def != NULL && ref->def->kind == OP_VAR &&
                        (ir_type_owns(ref->type->elem) || ir_type_looks(ref->type->elem));
        bool is_own = is_place && ref->def->parent == g->loop->regions[0];
        if (!is_place || (!is_own && value_is_made_in(ref, g->loop))) continue;
        if (used_find(g, ref) == NULL) {
            Used used = {ref, is_own, g->part, UINT32_MAX};
            vec_push(arena_of(g->f), &g->used, used);
        }
        Used *used = used_find(g, ref);
        if (op->kind == OP_MOVE && used->moved > g->part) used->moved = g->part;
    }
}

static void places_find(GraphLower *g) {
    g->part = 0;
    for (Op *op = g->loop->regions[0]->first; op != NULL; op = op->next)
        if (op->kind == OP_TASK) {
            region_walk(op->regions[0], place_note, g);
            g->part++;
        }
}

/* It has a value that owns nothing, and ends without a trace. */
static bool can_be_empty(const IrType *type) {
    if (type->kind == IR_ARENA || type->kind == IR_TASK || (type->kind == IR_STRUCT && type->del != NULL)) return false;
    for (uint32_t i = 0; type->kind == IR_STRUCT && i < type->field_count; i++)
        if (!can_be_empty(type->fields[i].type)) return false;
    return true;
}

/* It has a value before the first call: wherever the block is left. */
static bool is_filled(const GraphLower *g, const Used *used) {
    if (used->is_own) return ir_type_owns(used->ref->type->elem) && can_be_empty(used->ref->type->elem);
    for (const Op *op = used->ref->def->next; op != NULL && op != g->loop; op = op->next)
        if (op->kind == OP_SET && op->operands[0] == used->ref) return true;
    return false;
}

/* At the end. */
static void places_keep(GraphLower *g, Builder *b) {
    for (uint32_t i = 0; i < g->used.len; i++)
        if (g->used.data[i].moved == UINT32_MAX) build_op(b, OP_KEEP, &g->used.data[i].ref, 1, NULL, 0, 0);
}

/* Where a call has failed. */
static void places_keep_then(GraphLower *g, const Handler *handler) {
    Builder b = builder_before(handler->leave);
    for (uint32_t i = 0; i < g->used.len; i++) {
        const Used *used = &g->used.data[i];
        bool is_there = is_filled(g, used) && (!used->is_own || used->part != handler->part);
        Value *ref = used->ref;
        if (is_there && used->moved > handler->part) build_op(&b, OP_KEEP, &ref, 1, NULL, 0, 0);
    }
}

/* ---- After a failure ------------------------------------------------------------------------- */

static void places_empty(GraphLower *g) {
    FnLower *f = g->f;
    Builder here = f->b;
    for (uint32_t i = 0; i < g->used.len; i++) {
        const Used *used = &g->used.data[i];
        if (!used->is_own || !is_filled(g, used)) continue;
        f->b = builder_before(used->ref->def->next);
        build_set(&f->b, used->ref, empty_value(f, used->ref->type->elem));
    }
    f->b = here;
}

typedef struct Taking {
    GraphLower *g;
    Op *task;
} Taking;

static void take_note(void *user, Op *op) {
    const Taking *t = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *ref = op->operands[i];
        while (ref->def != NULL && ref->def->kind == OP_FIELD) ref = ref->def->operands[0];
        if (ref->type->kind != IR_REF || value_is_made_in(ref, t->task)) continue;
        const Used *used = used_find(t->g, ref);
        bool gives = op->kind == OP_SET && i == 0 && ir_type_owns(ref->type->elem);
        bool is_known = used == NULL ? ref->def == NULL : used->moved == UINT32_MAX && is_filled(t->g, used);
        if ((used != NULL && used->moved != UINT32_MAX) || (gives && !is_known)) t->task->attr.flag = true;
    }
}

static void tasks_judge(GraphLower *g) {
    for (Op *op = g->loop->regions[0]->first; op != NULL; op = op->next) {
        Taking taking = {g, op};
        if (op->kind == OP_TASK) region_walk(op->regions[0], take_note, &taking);
    }
}

void lower_graph(FnLower *f, const Stmt *s) {
    GraphLower g = {.f = f};
    g.loop = build_for(&f->b, build_i64(&f->b, 0), build_i64(&f->b, 1), build_i64(&f->b, 1),
                       (OpLoop){.is_graph = true});
    Builder outside = f->b;
    f->b = builder_at_end(g.loop->regions[0], s->span);
    for (uint32_t i = 0; i < s->block.stmts.len; i++) {
        if (s->block.stmts.data[i]->kind == STMT_PASS) continue;
        part_lower(&g, s->block.stmts.data[i]);
        g.part++;
    }
    places_find(&g);
    tasks_judge(&g);
    places_keep(&g, &f->b);
    for (uint32_t i = 0; i < g.handlers.len; i++) places_keep_then(&g, &g.handlers.data[i]);
    end_statement(f, s->span);
    if (g.failed != NULL) places_empty(&g);
    f->b = outside;
    if (g.failed != NULL) raise_if(f, build_get(&f->b, g.failed));
}
