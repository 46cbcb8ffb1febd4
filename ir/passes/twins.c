/* twins: what a `while` loop counts in the same way for every iteration around it is counted twice.
 *
 *     while k < limit and ...:            while k2 < limit and ...:
 *         k += 1                    =>        k += 1
 *     count[i] = k                            k2 += 1
 *                                         count[i] = k
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * When iterations around the loop become lanes, k differs between those that have left it, but not between
 * those that are still in it. The twin is read in the loop only, so that it is one number for all lanes
 * (spmd_shape.c), a condition on it one comparison, and an index that is computed from it the same for all.
 *
 * Legality: both hold the same at any time, whatever the loop does. Worth it: the variable begins with what is the
 * same in all iterations around, changes by it once in each turn, and is read in the loop and behind it. */
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

typedef struct Twins {
    PassContext *pass;
    Memory memory;
    Op *around;  /* the loop whose iterations may become lanes */
} Twins;

typedef struct Candidate {
    Op *loop, *set;
    Value *var, *first; /* `first`: what it holds before the loop */
    Op *step;           /* the op that gives what is set */
} Candidate;

/* ---- Which variables ------------------------------------------------------------------------- */

static bool is_alike(const Twins *t, const Value *value) {
    bool is_number = value->def != NULL && value->def->kind == OP_CONST;
    return is_number || !value_is_made_in(value, t->around);
}

static bool is_get(const Value *value, const Value *var) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == var;
}

/* One operand is the variable, the other the same in all iterations. */
static bool is_step(const Twins *t, const Op *op, const Value *var) {
    if (op == NULL || (op->kind != OP_ADD && op->kind != OP_SUB && op->kind != OP_MUL)) return false;
    const Value *a = op->operands[0], *b = op->operands[1];
    return (is_get(a, var) && is_alike(t, b)) || (is_get(b, var) && is_alike(t, a));
}

/* The last that the variable was set to on the way to the loop, in its own region. */
static Value *content_before(const Twins *t, const Op *loop, const Value *var) {
    const Op *last = NULL;
    const VarFacts *facts = memory_var(&t->memory, var);
    for (const Op *op = loop->prev; op != NULL && last == NULL; op = op->prev)
        for (const VarSet *s = facts->first; s != NULL; s = s->next)
            for (const Op *at = s->set; at != NULL; at = at->parent->parent)
                if (at == op) last = op;
    return last != NULL && last->kind == OP_SET ? last->operands[1] : NULL;
}

static bool is_set_once(const Twins *t, const Candidate *c) {
    uint32_t sets = 0;
    for (const VarSet *s = memory_var(&t->memory, c->var)->first; s != NULL; s = s->next)
        for (const Op *at = s->set; at != NULL; at = at->parent->parent) sets += at == c->loop;
    return sets == 1;
}

typedef struct Reads {
    const Candidate *c;
    bool within, behind;
} Reads;

static void read_note(void *user, Op *op) {
    Reads *reads = user;
    if (op->kind == OP_GET && op->operands[0] == reads->c->var && !value_is_made_in(op_result(op), reads->c->loop))
        reads->behind = true;
    bool is_within = op != reads->c->step && op->parent != NULL;
    for (uint32_t i = 0; i < op->operand_count && is_within; i++)
        if (is_get(op->operands[i], reads->c->var) && value_is_made_in(op->operands[i], reads->c->loop))
            reads->within = true;
}

static bool candidate_find(const Twins *t, Op *loop, Op *set, Candidate *c) {
    *c = (Candidate){.loop = loop, .set = set};
    if (set->kind != OP_SET) return false;
    c->var = set->operands[0];
    c->step = set->operands[1]->def;
    const VarFacts *facts = memory_var(&t->memory, c->var);
    if (facts == NULL || facts->escapes || !value_is_made_in(c->var, t->around)) return false;
    if (!is_step(t, c->step, c->var) || !is_set_once(t, c)) return false;
    c->first = content_before(t, loop, c->var);
    if (c->first == NULL || !is_alike(t, c->first)) return false;
    Reads reads = {.c = c};
    region_walk(t->around->regions[0], read_note, &reads);
    return reads.within && reads.behind;
}

/* ---- Making it ------------------------------------------------------------------------------- */

typedef struct Reader {
    const Candidate *c;
    Value *twin;
    Renames *renames;
} Reader;

static void read_twin(void *user, Op *op) {
    const Reader *reader = user;
    if (op->kind != OP_GET || op->operands[0] != reader->c->var) return;
    Builder b = builder_before(op);
    renames_add(reader->renames, op_result(op), build_get(&b, reader->twin));
}

static void twin_make(const Twins *t, const Candidate *c) {
    Builder before = builder_before(c->loop), behind = builder_before(c->set);
    Renames renames = {.arena = t->pass->scratch};
    Op *step = c->step;
    Value *a = step->operands[0], *b = step->operands[1];
    Value *twin = build_var(&before, c->var->type->elem, c->var->name);
    build_set(&before, twin, c->first);
    Reader reader = {c, twin, &renames};
    for (uint32_t i = 0; i < c->loop->region_count; i++) region_walk(c->loop->regions[i], read_twin, &reader);
    build_set(&behind, twin, build_binary(&behind, step->kind, a, b));
    for (uint32_t i = 0; i < c->loop->region_count; i++) renames_apply(&renames, c->loop->regions[i]);
    step->operands[0] = a;
    step->operands[1] = b;
    t->pass->changed = true;
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void loop_visit(Twins *t, Op *loop) {
    Candidate c;
    t->memory = memory_of(t->pass->scratch, loop->parent->fn);
    for (Op *op = loop->regions[1]->first, *next; op != NULL; op = next) {
        next = op->next;
        if (!candidate_find(t, loop, op, &c)) continue;
        twin_make(t, &c);
        t->memory = memory_of(t->pass->scratch, loop->parent->fn);
    }
}

/* `around` may be NULL: lanes come from nowhere. */
static void region_visit(PassContext *pass, Region *region, Op *around) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        const OpLoop *attr = &op->attr.loop;
        bool gives_lanes = op->kind == OP_FOR && (attr->is_simd || attr->independent || attr->in_step);
        for (uint32_t i = 0; i < op->region_count; i++)
            region_visit(pass, op->regions[i], gives_lanes ? op : around);
        Twins t = {.pass = pass, .around = around};
        if (op->kind == OP_WHILE && around != NULL) loop_visit(&t, op);
    }
}

void twins_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) region_visit(pass, module->fns.data[i]->body, NULL);
}
