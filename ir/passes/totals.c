/* totals: what a loop sums up of vectors stays in lanes until the loop has ended.
 *
 *     for i:                              lanes = 0
 *         v = ...                   =>    for i:
 *         s += sum of v's lanes               v = ...
 *                                             lanes += v
 *                                         s += sum of lanes
 *
 * Requires: stage LOOP; works on loops around those that spmd made.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * To combine lanes takes a chain of shuffles, which is longer than a short row. A nest of loops gives its sum to the loop around,
 * from the innermost one outwards.
 *
 * Legality: the sum is of integers, whose order does not matter; all that the loop does with the variable is to add to it; and
 * nobody looks at it on a way out that does not come by behind the loop. */
#include "ir/analysis/memory.h"
#include "ir/passes/runs.h"

typedef struct Totals {
    PassContext *pass;
    Memory memory;
    uint32_t *uses; /* by value id */
} Totals;

/* set %var, add(get %var, cast(fold add %lanes)), perhaps without the cast */
typedef struct Total {
    Op *loop, *set;
    const Op *fold;
    Value *var;
} Total;

/* ---- Which ones ------------------------------------------------------------------------------ */

typedef struct Sets {
    const Value *var;
    bool found;
} Sets;

static void set_note(void *user, Op *op) {
    Sets *sets = user;
    if (op->kind == OP_SET && op->operands[0] == sets->var) sets->found = true;
}

/* Whether the variable may be set between the two, or they stand in different regions. */
static bool may_change(Op *from, const Op *to, const Value *var) {
    Sets sets = {.var = var};
    for (Op *op = from->next; op != to && !sets.found; op = op->next) {
        if (op == NULL) return true;
        set_note(&sets, op);
        for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], set_note, &sets);
    }
    return sets.found;
}

static bool is_get(const Totals *t, const Value *value, const Op *set) {
    Op *get = value->def;
    if (get == NULL || get->kind != OP_GET || get->operands[0] != set->operands[0]) return false;
    return t->uses[value->id] == 1 && !may_change(get, set, set->operands[0]);
}

/* What `set` adds to its variable, or NULL. */
static const Value *amount_of(const Totals *t, const Op *set) {
    const Op *op = set->operands[1]->def;
    if (op == NULL || op->kind != OP_ADD || t->uses[set->operands[1]->id] != 1) return NULL;
    for (uint32_t i = 0; i < 2; i++)
        if (is_get(t, op->operands[i], set)) return op->operands[1 - i];
    return NULL;
}

typedef struct Use {
    const Totals *t;
    const Value *var;
    uint32_t gets, sets;
    bool is_other;
} Use;

static void use_note(void *user, Op *op) {
    Use *use = user;
    if (op->kind == OP_RAISE || op->kind == OP_RETURN) use->is_other = true;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (op->operands[i] != use->var) continue;
        if (op->kind == OP_GET) use->gets++;
        else if (op->kind == OP_SET && amount_of(use->t, op) != NULL) use->sets++;
        else use->is_other = true;
    }
}

/* Each read is one of an addition's, and there are as many of these. */
static bool only_adds(const Totals *t, const Total *total) {
    Use use = {.t = t, .var = total->var};
    for (uint32_t i = 0; i < total->loop->region_count; i++) region_walk(total->loop->regions[i], use_note, &use);
    return !use.is_other && use.gets == use.sets;
}

static bool is_fold(const Op *op) {
    if (op == NULL || op->kind != OP_FOLD || op->attr.reduce != REDUCE_ADD || !ir_is_int(op_result(op)->type)) return false;
    return op->operands[0]->def == NULL || op->operands[0]->def->kind != OP_SPLAT; /* nothing to combine */
}

static bool total_find(const Totals *t, Op *loop, Op *set, Total *total) {
    if (set->kind != OP_SET) return false;
    *total = (Total){.loop = loop, .set = set, .var = set->operands[0]};
    const IrType *held = total->var->type->elem;
    const VarFacts *facts = memory_var(&t->memory, total->var);
    if (facts == NULL || facts->escapes || value_is_made_in(total->var, loop) || !ir_is_int(held)) return false;
    const Value *amount = amount_of(t, set);
    const Op *cast = amount != NULL && amount->def != NULL && amount->def->kind == OP_CAST ? amount->def : NULL;
    total->fold = cast != NULL ? cast->operands[0]->def : amount != NULL ? amount->def : NULL;
    if (!is_fold(total->fold)) return false;
    /* Bits that a sum loses in the end it may lose at any time. */
    if (scalar_bits(op_result(total->fold)->type->scalar) < scalar_bits(held->scalar)) return false;
    return only_adds(t, total);
}

/* ---- Making it ------------------------------------------------------------------------------- */

static void total_make(Totals *t, const Total *total) {
    Value *vector = total->fold->operands[0];
    Builder before = builder_before(total->loop), within = builder_before(total->set), behind = before;
    Value *lanes = build_var(&before, vector->type, total->var->name);
    build_set(&before, lanes, build_zero(&before, vector->type));
    build_set(&within, lanes, build_binary(&within, OP_ADD, build_get(&within, lanes), vector));
    behind.before = total->loop->next;
    Value *all = build_fold(&behind, REDUCE_ADD, build_get(&behind, lanes));
    all = build_cast(&behind, all, total->var->type->elem);
    build_set(&behind, total->var, build_binary(&behind, OP_ADD, build_get(&behind, total->var), all));
    Op *add = total->set->operands[1]->def, *get = add->operands[0]->def;
    if (get == NULL || get->kind != OP_GET) get = add->operands[1]->def;
    op_unlink(total->set);
    op_unlink(add);
    op_unlink(get);
    t->pass->changed = true;
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void facts_find(Totals *t, const IrFn *fn) {
    t->memory = memory_of(t->pass->scratch, fn);
    t->uses = ir_count_uses(t->pass->scratch, fn);
}

static void loop_visit(Totals *t, Op *loop) {
    Total total;
    for (Op *op = loop->regions[loop->kind == OP_FOR ? 0 : 1]->first, *next; op != NULL; op = next) {
        next = op->next;
        if (!total_find(t, loop, op, &total)) continue;
        total_make(t, &total);
        facts_find(t, loop->parent->fn);
    }
}

static bool gives_totals(const Op *op) {
    const OpLoop *attr = &op->attr.loop;
    return op->kind == OP_WHILE || (op->kind == OP_FOR && !attr->is_parallel && !attr->is_lanes && !attr->is_graph);
}

/* Inner loops first: what they leave behind them is seen by those around. */
static void region_visit(Totals *t, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(t, op->regions[i]);
        if (gives_totals(op)) loop_visit(t, op);
    }
}

void totals_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Totals t = {.pass = pass};
        facts_find(&t, fn);
        region_visit(&t, fn->body);
    }
}
