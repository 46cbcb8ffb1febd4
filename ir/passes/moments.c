/* moments: squared deviations from a mean are summed in the pass that sums for the mean.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * Only in functions in the mode `fast`, as it changes rounding. For any m and any k,
 *
 *     sum((x - m)**2) = sum((x - k)**2) - 2 * (m - k) * sum(x - k) + n * (m - k)**2
 *
 * so a loop that needs m, the result of an earlier loop, becomes one that does not, and `fuse` makes one
 * pass of both. The pivot k is the first x: near the mean, where the naive k = 0 would lose the digits
 * that a large mean and a small deviation have no room for. */
#include "ir/analysis/memory.h"
#include "ir/passes/runs.h"

/* A loop: `sum` becomes sum + (element - mean)**2, and nothing else happens. */
typedef struct Moment {
    Op *loop;
    Op *deviation; /* the SUB */
    Value *element, *mean, *sum;
    Value *runs;   /* the loop has an iteration */
} Moment;

typedef struct Moments {
    PassContext *pass;
    Memory memory;
    Vec(Op *) loops;
} Moments;

/* ---- The pattern ----------------------------------------------------------------------------- */

static bool is_made_here(const Value *value, const Region *body) {
    return value->region == body || (value->def != NULL && value->def->parent == body);
}

static bool is_get_of(const Value *value, const Value *ref) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == ref;
}

static const Op *square_of(const Value *value) {
    const Op *op = value->def;
    bool is_square = op != NULL && op->kind == OP_MUL && op->operands[0] == op->operands[1];
    return is_square ? op : NULL;
}

/* Loads and pure operations, one GET and one SET; the SET comes last. */
static const Op *only_set(const Region *body) {
    uint32_t gets = 0;
    for (const Op *op = body->first; op != NULL; op = op->next) {
        gets += op->kind == OP_GET;
        if (op->kind == OP_SET) return op->next == NULL && gets == 1 ? op : NULL;
        bool is_plain = op->kind == OP_LOAD || op->kind == OP_GET ||
                        (op_is_pure(op) && op->region_count == 0);
        if (!is_plain) return NULL;
    }
    return NULL;
}

static bool deviation_read(const Region *body, const Op *square, Moment *found) {
    Op *sub = square->operands[0]->def;
    if (sub == NULL || sub->kind != OP_SUB || sub->parent != body) return false;
    bool first = is_made_here(sub->operands[0], body), second = is_made_here(sub->operands[1], body);
    if (first == second) return false;
    found->deviation = sub;
    found->element = sub->operands[first ? 0 : 1];
    found->mean = sub->operands[first ? 1 : 0];
    return true;
}

static bool moment_read(Op *loop, Moment *found) {
    Region *body = loop->regions[0];
    int64_t step;
    const Op *set = only_set(body);
    bool is_counted = value_is_int(loop->operands[2], &step) && step == 1 &&
                      loop->regions[1]->first == NULL;
    if (!is_counted || set == NULL || !ir_is_float(set->operands[1]->type)) return false;
    const Op *add = set->operands[1]->def;
    if (add == NULL || add->kind != OP_ADD || add->parent != body) return false;
    found->loop = loop;
    found->sum = set->operands[0];
    for (uint32_t i = 0; i < 2; i++) {
        const Op *square = square_of(add->operands[i]);
        if (square != NULL && square->parent == body && is_get_of(add->operands[1 - i], found->sum))
            return deviation_read(body, square, found);
    }
    return false;
}

/* Some operand, a few operations away, is what an earlier loop of the region summed up. */
static bool needs_loop(const Moments *m, const Value *value, const Region *region, uint32_t depth) {
    const Op *op = value->def;
    if (op == NULL || depth == 0) return false;
    if (op->kind == OP_GET) {
        const VarFacts *facts = memory_var(&m->memory, op->operands[0]);
        const VarSet *set = facts == NULL ? NULL : facts->first;
        for (; set != NULL; set = set->next) {
            const Op *around = set->set->parent->parent;
            if (around != NULL && around->kind == OP_FOR && around->parent == region) return true;
        }
    }
    for (uint32_t i = 0; op_is_pure(op) && i < op->operand_count; i++)
        if (needs_loop(m, op->operands[i], region, depth - 1)) return true;
    return false;
}

/* ---- The rewrite ----------------------------------------------------------------------------- */

/* The element of the first iteration, or 0 where there is none. */
static Value *pivot_build(Moments *m, Moment *moment) {
    Op *loop = moment->loop;
    Builder b = builder_before(loop);
    const IrType *type = moment->element->type;
    moment->runs = build_binary(&b, OP_LT, loop->operands[0], loop->operands[1]);
    Value *zero = build_zero(&b, type);
    Op *branch = build_if(&b, moment->runs, &type, 1);
    Builder then = builder_at_end(branch->regions[0], b.span);
    Builder otherwise = builder_at_end(branch->regions[1], b.span);
    Region *body = loop->regions[0];
    Value **map = arena_array(m->pass->scratch, Value *, body->fn->next_value);
    uint32_t len = body->fn->next_value;
    map[body->params[0]->id] = loop->operands[0];
    for (const Op *op = body->first; op != moment->deviation; op = op->next)
        op_clone(&then, op, map, len);
    Value *copy = map[moment->element->id];
    build_yield(&then, copy != NULL ? &copy : &moment->element, 1);
    build_yield(&otherwise, &zero, 1);
    return op_result(branch);
}

/* sum += (n * c - 2 * s) * c, with c = mean - pivot; but never below what it was. */
static void correction_build(Builder *b, const Moment *moment, Value *pivot, Value *deviations,
                             Value *before) {
    const Op *loop = moment->loop;
    const IrType *type = moment->element->type;
    Value *c = build_binary(b, OP_SUB, moment->mean, pivot);
    Value *n = build_binary(b, OP_SUB, loop->operands[1], loop->operands[0]);
    Value *nc = build_binary(b, OP_MUL, build_cast(b, n, type), c);
    Value *s = build_binary(b, OP_MUL, build_get(b, deviations), build_float(b, type, 2.0));
    Value *more = build_binary(b, OP_MUL, build_binary(b, OP_SUB, nc, s), c);
    Value *sum = build_binary(b, OP_ADD, build_get(b, moment->sum), more);
    sum = build_binary(b, OP_MAX, sum, before);
    build_set(b, moment->sum, build_select(b, moment->runs, sum, before));
}

static void moment_rewrite(Moments *m, Moment *moment) {
    Op *loop = moment->loop;
    Value *pivot = pivot_build(m, moment);
    Builder b = builder_before(loop);
    Value *deviations = build_var(&b, moment->element->type, NO_NAME);
    build_set(&b, deviations, build_zero(&b, moment->element->type));
    Value *before = build_get(&b, moment->sum);
    op_set_operands(moment->deviation, (Value *[]){moment->element, pivot}, 2);
    Builder inside = builder_at_end(loop->regions[0], loop->span);
    Value *sum = build_get(&inside, deviations);
    sum = build_binary(&inside, OP_ADD, sum, op_result(moment->deviation));
    build_set(&inside, deviations, sum);
    Builder behind = loop->next != NULL ? builder_before(loop->next)
                                        : builder_at_end(loop->parent, loop->span);
    behind.span = loop->span;
    correction_build(&behind, moment, pivot, deviations, before);
    pass_remark(m->pass, loop->parent->fn, loop->span, REMARK_REWRITTEN,
                "squared deviations are summed without the mean, which is put in at the end "
                "(`fast` allows other rounding)");
    m->pass->changed = true;
}

static void loop_collect(void *user, Op *op) {
    Moments *m = user;
    if (op->kind == OP_FOR) vec_push(m->pass->scratch, &m->loops, op);
}

void moments_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL || fn->fp != FP_FAST) continue;
        Moments m = {.pass = pass, .memory = memory_of(pass->scratch, fn)};
        region_walk(fn->body, loop_collect, &m);
        for (uint32_t k = 0; k < m.loops.len; k++) {
            Moment found;
            Op *loop = m.loops.data[k];
            if (!moment_read(loop, &found) || !needs_loop(&m, found.mean, loop->parent, 8)) continue;
            moment_rewrite(&m, &found);
        }
    }
}
