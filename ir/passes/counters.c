/* counters: a variable that every iteration changes in the same way is computed from the loop's index.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * `j += 2` at the end of each iteration makes j what it was before the loop, and 2 for each iteration that
 * was; `sign = -sign` makes it one of two values, by turns. So the iterations no longer wait for each other,
 * and an index that is such a variable is one that can be proved to be inside its array.
 *
 * Legality: the variable is an i64, or flips; the loop sets it once, in each iteration (by ifs whose ways
 * agree on the step), and ends by itself alone: behind it the variable holds what as many iterations
 * make of it. Inner loops come first, so that what they leave behind may be a step of the loop around. */
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

typedef struct Counter {
    PassContext *pass;
    const Memory *memory;
    Op *loop;
    int64_t stride;    /* of the loop's index */
    const Op *set;
    const Value *var;
    bool flips;
    Affine step;       /* else what each iteration adds */
} Counter;

/* ---- Legality: the loop ---------------------------------------------------------------------- */

/* The loop that a BREAK or CONTINUE belongs to. */
static const Op *target_of(const Op *jump) {
    const Region *region = jump->parent;
    for (; region->parent != NULL; region = region->parent->parent) {
        const Op *around = region->parent;
        bool is_loop = around->kind == OP_FOR || around->kind == OP_WHILE;
        if (is_loop && region != around->regions[around->region_count - 1]) break;
    }
    return region->parent;
}

typedef struct Leaves {
    const Op *loop;
    bool found;
} Leaves;

static void leave_note(void *user, Op *op) {
    Leaves *leaves = user;
    bool is_jump = op->kind == OP_BREAK || op->kind == OP_CONTINUE;
    if (op->kind == OP_RAISE || (is_jump && target_of(op) == leaves->loop)) leaves->found = true;
}

static bool ends_by_itself(const Op *loop) {
    Leaves leaves = {.loop = loop};
    region_walk(loop->regions[0], leave_note, &leaves);
    return !leaves.found && loop->regions[1]->first == NULL;
}

/* ---- Legality: the variable ------------------------------------------------------------------ */

static bool is_in(const Op *op, const Op *loop) {
    for (; op != NULL; op = op->parent->parent)
        if (op == loop) return true;
    return false;
}

static bool is_set_once(const Counter *c, const VarFacts *facts) {
    uint32_t sets = 0;
    for (const VarSet *s = facts->first; s != NULL; s = s->next) sets += is_in(s->set, c->loop);
    return sets == 1;
}

static bool is_read(const Counter *c, const Value *value) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == c->var;
}

static const Value *resolve(void *user, const Value *value) {
    const Counter *c = user;
    return is_read(c, value) ? c->var : value;
}

static bool step_find(Counter *c, const Value *value, Affine *step);

static bool steps_agree(Counter *c, const Value *a, const Value *b, Affine *step) {
    Affine other;
    return step_find(c, a, step) && step_find(c, b, &other) && affine_equal(step, &other);
}

static const Op *yield_of(const Op *op, uint32_t which) {
    const Op *last = op->regions[which]->last;
    return last != NULL && last->kind == OP_YIELD ? last : NULL;
}

/* value = variable + step, the step being the same in all iterations. */
static bool step_find(Counter *c, const Value *value, Affine *step) {
    const Op *def = value->def;
    if (def != NULL && def->kind == OP_IF && value_is_made_in(value, c->loop)) {
        const Op *then = yield_of(def, 0), *otherwise = yield_of(def, 1);
        return then != NULL && otherwise != NULL &&
               steps_agree(c, then->operands[value->index], otherwise->operands[value->index], step);
    }
    if (def != NULL && def->kind == OP_SELECT)
        return steps_agree(c, def->operands[1], def->operands[2], step);
    Affine self = affine_symbol(c->var);
    *step = affine_of(value, resolve, c);
    if (!affine_add(step, &self, -1)) return false;
    for (uint32_t i = 0; i < step->count; i++)
        if (step->terms[i].value == c->var || value_is_made_in(step->terms[i].value, c->loop)) return false;
    return true;
}

/* An op that, done twice, leaves what was there. */
static bool flips(const Counter *c, const Value *value) {
    const Op *def = value->def;
    if (def == NULL) return false;
    if (def->kind == OP_NEG || def->kind == OP_NOT) return is_read(c, def->operands[0]);
    bool is_int = ir_is_int(value->type);
    if (def->kind == OP_SUB && is_int)
        return is_read(c, def->operands[1]) && !value_is_made_in(def->operands[0], c->loop);
    return def->kind == OP_XOR && is_read(c, def->operands[0]) && !value_is_made_in(def->operands[1], c->loop);
}

/* Steps are divided among the numbers that the index leaves out. */
static bool step_divides(const Counter *c) {
    if (c->stride == 1 || c->stride == -1) return true;
    if (c->step.constant % c->stride != 0) return false;
    for (uint32_t i = 0; i < c->step.count; i++)
        if (c->step.terms[i].factor % c->stride != 0) return false;
    return true;
}

static bool counter_find(Counter *c, const Op *set) {
    c->set = set;
    c->var = set->operands[0];
    const VarFacts *facts = memory_var(c->memory, c->var);
    if (facts == NULL || facts->escapes || value_is_made_in(c->var, c->loop) || !is_set_once(c, facts))
        return false;
    const Value *value = set->operands[1];
    c->flips = flips(c, value) && (c->stride == 1 || c->stride == -1);
    if (c->flips) return true;
    return value->type->kind == IR_SCALAR && value->type->scalar == SCALAR_I64 &&
           step_find(c, value, &c->step) && step_divides(c);
}

/* ---- Apply ----------------------------------------------------------------------------------- */

/* A part of the step, for an index that grows by one. */
static Value *part_build(Builder *b, const Counter *c, int64_t part) {
    bool is_unit = c->stride == 1 || c->stride == -1; /* then it may be any number, and wraps */
    return build_i64(b, is_unit ? (int64_t)((uint64_t)part * (uint64_t)c->stride) : part / c->stride);
}

static Value *step_build(Builder *b, const Counter *c) {
    Value *sum = part_build(b, c, c->step.constant);
    for (uint32_t i = 0; i < c->step.count; i++) {
        const AffineTerm *term = &c->step.terms[i];
        Value *number = build_cast(b, (Value *)term->value, ir_i64(b->fn->module)); /* forms look through widening */
        Value *part = build_binary(b, OP_MUL, number, part_build(b, c, term->factor));
        sum = build_binary(b, OP_ADD, sum, part);
    }
    return sum;
}

/* The op that sets it, done to what it held first. */
static Value *flip_build(Builder *b, const Counter *c, Value *first) {
    const Op *def = c->set->operands[1]->def;
    Value *operands[2];
    for (uint32_t i = 0; i < def->operand_count; i++)
        operands[i] = is_read(c, def->operands[i]) ? first : def->operands[i];
    return def->operand_count == 1 ? build_unary(b, def->kind, first)
                                   : build_binary(b, def->kind, operands[0], operands[1]);
}

/* What the variable holds when the index is so far from the first; `by` is the step or the other value. */
static Value *content_build(Builder *b, const Counter *c, Value *first, Value *by, Value *gone) {
    if (!c->flips) return build_binary(b, OP_ADD, first, build_binary(b, OP_MUL, gone, by));
    Value *odd = build_binary(b, OP_AND, gone, build_i64(b, 1));
    return build_select(b, build_binary(b, OP_EQ, odd, build_i64(b, 0)), first, by);
}

/* How far the index has gone when the loop is over. */
static Value *end_build(Builder *b, const Counter *c) {
    Value *lo = c->loop->operands[0], *hi = c->loop->operands[1];
    Value *runs = build_binary(b, c->stride > 0 ? OP_LT : OP_GT, lo, hi);
    Value *way = build_binary(b, OP_SUB, hi, lo);
    if (c->stride != 1 && c->stride != -1) { /* to the first index that is not reached */
        Value *size = build_i64(b, c->stride);
        Value *up = build_binary(b, OP_ADD, way, build_i64(b, c->stride > 0 ? c->stride - 1 : c->stride + 1));
        way = build_binary(b, OP_MUL, build_binary(b, OP_FLOORDIV, up, size), size);
    }
    return build_select(b, runs, way, build_i64(b, 0));
}

typedef struct Reads {
    const Value *var;
    Value *now;
    Renames *renames;
} Reads;

static void read_rename(void *user, Op *op) {
    Reads *reads = user;
    if (op->kind != OP_GET || op->operands[0] != reads->var) return;
    renames_add(reads->renames, op_result(op), reads->now);
    op_unlink(op);
}

/* Before the SET the variable holds `now`, behind it what is set. */
static void reads_replace(const Counter *c, Value *now) {
    Renames renames = {.arena = c->pass->scratch};
    Reads reads = {c->var, now, &renames};
    Region *body = c->loop->regions[0];
    for (Op *op = body->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op == c->set) reads.now = c->set->operands[1];
        for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], read_rename, &reads);
        read_rename(&reads, op);
    }
    renames_apply(&renames, body);
}

static void counter_replace(const Counter *c) {
    Builder before = builder_before(c->loop), top = builder_before(c->loop->regions[0]->first);
    Value *first = build_get(&before, (Value *)c->var);
    Value *by = c->flips ? flip_build(&before, c, first) : step_build(&before, c);
    Value *gone = build_binary(&top, OP_SUB, c->loop->regions[0]->params[0], c->loop->operands[0]);
    reads_replace(c, content_build(&top, c, first, by, gone));
    build_set(&before, (Value *)c->var, content_build(&before, c, first, by, end_build(&before, c)));
    op_unlink((Op *)c->set);
    c->pass->changed = true;
    if (c->var->name.id == 0) return;
    const char *name = text_of(c->pass->cx, c->var->name);
    pass_remark(c->pass, before.fn, c->set->span, REMARK_REWRITTEN,
                c->flips ? "`%s` has two values by turns, told by the loop's index"
                         : "`%s` is computed from the loop's index, as it changes by the same in each iteration",
                name);
}

/* ---- The walk -------------------------------------------------------------------------------- */

static bool loop_visit(PassContext *pass, Op *loop) {
    Memory memory = memory_of(pass->scratch, loop->parent->fn);
    Counter c = {.pass = pass, .memory = &memory, .loop = loop};
    value_is_int(loop->operands[2], &c.stride);
    for (Op *op = loop->regions[0]->first; op != NULL; op = op->next) {
        if (op->kind != OP_SET || !counter_find(&c, op)) continue;
        counter_replace(&c);
        return true;
    }
    return false;
}

static void region_visit(PassContext *pass, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        int64_t stride;
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(pass, op->regions[i]);
        if (op->kind != OP_FOR || !value_is_int(op->operands[2], &stride) || stride == 0) continue;
        while (ends_by_itself(op) && loop_visit(pass, op)) {}
    }
}

void counters_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) region_visit(pass, module->fns.data[i]->body);
}
