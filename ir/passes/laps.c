/* laps: a loop over a counter that starts again now and then becomes a loop for each lap, in which it only counts.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 *     for i in range(n):            at = 0
 *         a[i] = b[j]               while at < n:
 *         j += 3                        for i in range(at, at + quiet):       -- as many as stay below m
 *         if j >= m:                        a[i] = b[j]
 *             j -= m                        j += 3
 *                                       for i in range(at + quiet, at + quiet + 1):  -- and the one that does not
 *                                           the body as it was
 *
 * As long as the condition that makes it start again does not hold, the counter changes by the same in each iteration.
 * How long that is, one division tells. So there is a loop without the condition: `counters` computes the index from the
 * loop's, and it may become vectors. A remainder, `j = (j + 3) % m`, is such a condition as well; so is one of the loop's
 * own index, `b[i % m]`, which needs no other iterations between laps (laps_index.c). Where a lap is short, the loop of the
 * source goes on for a while, so that the division costs nothing worth mentioning.
 *
 * Legality: the counter is an i64 that is read before it is set, and nothing leaves the loop. Iterations keep their order,
 * so the rest of the body may do anything. Which iterations are quiet is computed from the counter's content at the
 * beginning of the lap; where that might wrap, none are. Profitability: the counter chooses an element. */
#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"
#include "ir/passes/choices.h"
#include "ir/passes/cloner.h"
#include "ir/passes/laps.h"
#include "ir/passes/runs.h"

enum { MOST_OPS = 80 }; /* of a body that is copied */

typedef struct Laps {
    PassContext *pass;
    Memory memory;
    Intervals intervals;
    Op *loop;
    const Value *var;
    uint32_t ops;
    bool is_plain, is_read_late, chooses;
    bool was_set; /* while the body is walked */
} Laps;

/* A number, or a value that is the same in all iterations. */
typedef struct Amount {
    int64_t known;
    Value *value; /* NULL: `known` */
} Amount;

/* What makes the counter start again: a comparison of counter + offset with a bound, or a remainder by it. Quiet
 * iterations are those in which the comparison gives `holds`, or the remainder what is divided. */
typedef struct Turn {
    Op *op;
    uint32_t moving; /* which operand is the counter's */
    Amount offset;
    bool holds;
    Amount step;     /* of the counter then; a value is taken to be positive */
} Turn;

static Value *amount_build(Builder *b, Amount amount) {
    return amount.value != NULL ? amount.value : build_i64(b, amount.known);
}

/* ---- The loop -------------------------------------------------------------------------------- */

static const Value *resolve(void *user, const Value *value) {
    const Laps *laps = user;
    bool is_read = value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == laps->var;
    return is_read ? laps->var : value;
}

static bool is_of_counter(const Laps *laps, const Value *value) {
    if (value->type->kind != IR_SCALAR || value->type->scalar != SCALAR_I64) return false;
    Affine form = affine_of(value, resolve, (void *)laps);
    return affine_factor(&form, laps->var) != 0;
}

static void op_note(void *user, Op *op) {
    Laps *laps = user;
    bool leaves = op->kind == OP_BREAK || op->kind == OP_CONTINUE || op->kind == OP_RETURN || op->kind == OP_RAISE;
    laps->ops++;
    if (leaves || op->kind == OP_FOR || op->kind == OP_WHILE || op->kind == OP_TRY) laps->is_plain = false;
    if (op->kind == OP_GET && op->operands[0] == laps->var) laps->is_read_late |= laps->was_set;
    if (op->kind == OP_SET && op->operands[0] == laps->var) laps->was_set = true;
    if (op->kind != OP_LOAD && op->kind != OP_STORE) return;
    for (uint32_t i = op->kind == OP_LOAD ? 1 : 2; i < op->operand_count; i++)
        laps->chooses = laps->chooses || is_of_counter(laps, op->operands[i]);
}

/* From any index to the last is a number. */
static bool is_moderate(Laps *laps, const Op *loop) {
    Interval lo = interval_of(&laps->intervals, loop->operands[0]), hi = interval_of(&laps->intervals, loop->operands[1]);
    return hi.hi - lo.lo <= interval_of_type(SCALAR_I64).hi;
}

static bool is_candidate(Laps *laps, const Op *loop) {
    int64_t step;
    return loop_is_plain(loop) && !loop->attr.loop.is_simd && value_is_int(loop->operands[2], &step) && step == 1 &&
           is_moderate(laps, loop);
}

/* How much more than the counter it is. False: not a number, nor one value. */
static bool amount_of(const Laps *laps, const Value *value, const Op *loop, Amount *amount) {
    Affine form = affine_of(value, resolve, (void *)laps), self = affine_symbol(laps->var);
    *amount = (Amount){0, NULL};
    if (!affine_add(&form, &self, -1)) return false;
    if (affine_is_const(&form, &amount->known)) return true;
    const Value *term = form.terms[0].value;
    if (form.count != 1 || form.constant != 0 || form.terms[0].factor != 1 || term == laps->var) return false;
    amount->value = (Value *)term;
    return term->type->scalar == SCALAR_I64 && !value_is_made_in(term, loop);
}

/* `set` is the first one in the text of its variable. */
static bool is_counter(Laps *laps, const Op *set) {
    const VarFacts *facts = memory_var(&laps->memory, set->operands[0]);
    const IrType *held = set->operands[1]->type;
    if (facts == NULL || facts->escapes || value_is_made_in(set->operands[0], laps->loop)) return false;
    if (held->kind != IR_SCALAR || held->scalar != SCALAR_I64) return false;
    laps->var = set->operands[0];
    laps->ops = 0;
    laps->is_plain = true;
    laps->is_read_late = laps->chooses = laps->was_set = false;
    region_walk(laps->loop->regions[0], op_note, laps);
    return laps->is_plain && !laps->is_read_late && laps->chooses && laps->ops <= MOST_OPS;
}

/* ---- Quiet iterations ------------------------------------------------------------------------ */

/* A copy of the loop in which the condition is known, and what follows from that. */
static Op *settled_copy(const Laps *laps, const Turn *turn) {
    Op *loop = laps->loop;
    Builder b = builder_before(loop);
    Op *copy = loop_copy(laps->pass->scratch, &b, loop, loop->operands[0], loop->operands[1]);
    Op *condition = op_twin(copy->regions[0]->first, turn->op);
    Builder before = builder_before(condition);
    Renames renames = {.arena = laps->pass->scratch};
    bool divides = condition->kind == OP_MOD;
    renames_add(&renames, op_result(condition),
                divides ? condition->operands[0] : build_bool(&before, turn->holds));
    op_unlink(condition);
    choices_settle(&renames, copy->regions[0]);
    return copy;
}

typedef struct SetScan {
    const Value *var;
    const Region *body;
    Op *last;
    bool is_nested;
} SetScan;

static void set_note(void *user, Op *op) {
    SetScan *scan = user;
    if (op->kind != OP_SET || op->operands[0] != scan->var) return;
    scan->last = op;
    scan->is_nested = scan->is_nested || op->parent != scan->body;
}

/* By how much the counter changes in each iteration of the copy. */
static bool step_find(const Laps *laps, const Op *copy, Turn *turn) {
    SetScan scan = {.var = laps->var, .body = copy->regions[0]};
    region_walk(copy->regions[0], set_note, &scan);
    return scan.last != NULL && !scan.is_nested && amount_of(laps, scan.last->operands[1], copy, &turn->step) &&
           (turn->step.known != 0 || turn->step.value != NULL);
}

/* Nobody sees what the counter is set to within an iteration. */
static void sets_reduce(const Laps *laps, Op *copy) {
    SetScan scan = {.var = laps->var, .body = copy->regions[0]};
    region_walk(copy->regions[0], set_note, &scan);
    for (Op *op = copy->regions[0]->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op->kind == OP_SET && op->operands[0] == laps->var && op != scan.last) op_unlink(op);
    }
}

/* ---- How many there are ---------------------------------------------------------------------- */

/* Of quiet iterations, the counter being the first operand. */
static OpKind relation_of(const Turn *turn) {
    static const OpKind swapped[][2] = {{OP_LT, OP_GT}, {OP_LE, OP_GE}, {OP_GT, OP_LT}, {OP_GE, OP_LE}};
    static const OpKind opposite[][2] = {{OP_LT, OP_GE}, {OP_LE, OP_GT}, {OP_GT, OP_LE},
                                         {OP_GE, OP_LT}, {OP_EQ, OP_NE}, {OP_NE, OP_EQ}};
    OpKind kind = turn->op->kind;
    for (uint32_t i = 0; turn->moving == 1 && i < ARRAY_LEN(swapped); i++)
        if (swapped[i][0] == turn->op->kind) kind = swapped[i][1];
    for (uint32_t i = 0; !turn->holds && i < ARRAY_LEN(opposite); i++)
        if (opposite[i][0] == kind) return opposite[i][1];
    return kind;
}

static bool goes_up(const Turn *turn) { return turn->step.known >= 0; }

/* The counter moves to where the condition changes, and cannot miss it. */
static bool comes_to_an_end(const Turn *turn) {
    OpKind kind = relation_of(turn);
    if (turn->op->kind == OP_MOD) return true;
    if (kind == OP_NE) return turn->step.known == 1 || turn->step.known == -1;
    return goes_up(turn) ? kind == OP_LT || kind == OP_LE : kind == OP_GT || kind == OP_GE;
}

static Value *both(Builder *b, Value *x, Value *y) { return build_binary(b, OP_AND, x, y); }

/* The first number that is none of a quiet iteration, on the side that the counter moves to. */
static Value *end_build(Builder *b, const Turn *turn) {
    if (turn->op->kind == OP_MOD) return goes_up(turn) ? turn->op->operands[1] : build_i64(b, -1);
    OpKind kind = relation_of(turn);
    Value *bound = turn->op->operands[1 - turn->moving];
    if (kind != OP_LE && kind != OP_GE) return bound;
    return build_binary(b, OP_ADD, bound, build_i64(b, kind == OP_LE ? 1 : -1));
}

/* What is divided is what the remainder would be. */
static Value *is_remainder(Builder *b, const Turn *turn, Value *number) {
    if (goes_up(turn)) return build_binary(b, OP_GE, number, build_i64(b, 0));
    return build_binary(b, OP_LT, number, turn->op->operands[1]);
}

/* From the counter's content on. */
static Value *count_build(Builder *b, const Laps *laps, const Turn *turn) {
    Value *held = build_get(b, (Value *)laps->var);
    Value *number = build_binary(b, OP_ADD, held, amount_build(b, turn->offset)), *end = end_build(b, turn);
    Value *low = goes_up(turn) ? number : end, *high = goes_up(turn) ? end : number;
    Value *fits = both(b, number_fits(b, low, high), build_binary(b, OP_LT, low, high));
    if (turn->op->kind == OP_MOD) fits = both(b, fits, is_remainder(b, turn, number));
    Value *by = goes_up(turn) ? amount_build(b, turn->step) : build_i64(b, -turn->step.known);
    if (turn->step.value != NULL) fits = both(b, fits, build_binary(b, OP_GT, by, build_i64(b, 0)));
    Value *one = build_i64(b, 1), *way = build_binary(b, OP_SUB, build_binary(b, OP_SUB, high, low), one);
    return build_select(b, fits, build_binary(b, OP_ADD, build_binary(b, OP_FLOORDIV, way, by), one),
                        build_i64(b, 0));
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static bool turn_try(const Laps *laps, Turn turn) {
    Op *quiet = settled_copy(laps, &turn);
    if (!step_find(laps, quiet, &turn) || !comes_to_an_end(&turn)) {
        op_unlink(quiet);
        return false;
    }
    sets_reduce(laps, quiet);
    Lap lap = lap_open(laps->loop);
    lap_close(&lap, quiet, count_build(&lap.b, laps, &turn), 1);
    laps->loop->attr.loop.is_vector = true; /* it is what is left over */
    return true;
}

/* One operand is the counter and a number, and the other is the same in all iterations. */
static bool turn_of(const Laps *laps, Op *op, Turn *turn) {
    bool compares = op->kind >= OP_EQ && op->kind <= OP_GE;
    if (!compares && op->kind != OP_MOD) return false;
    for (uint32_t i = 0; i < (compares ? 2u : 1u); i++) {
        if (!is_of_counter(laps, op->operands[i]) || value_is_made_in(op->operands[1 - i], laps->loop)) continue;
        *turn = (Turn){.op = op, .moving = i};
        return amount_of(laps, op->operands[i], laps->loop, &turn->offset);
    }
    return false;
}

static bool turn_find(const Laps *laps) {
    Turn turn;
    for (Op *op = laps->loop->regions[0]->first; op != NULL; op = op->next) {
        if (!turn_of(laps, op, &turn)) continue;
        if (turn_try(laps, turn)) return true;
        turn.holds = true;
        if (op->kind != OP_MOD && turn_try(laps, turn)) return true;
    }
    return false;
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void loop_visit(Laps *laps, Op *loop) {
    laps->loop = loop;
    if (!is_candidate(laps, loop) || loop_divides(laps->pass, loop)) return;
    for (Op *op = loop->regions[0]->first; op != NULL; op = op->next) {
        if (op->kind != OP_SET || !is_counter(laps, op) || !turn_find(laps)) continue;
        laps->pass->changed = true;
        if (laps->var->name.id != 0)
            pass_remark(laps->pass, loop->parent->fn, op->span, REMARK_REWRITTEN,
                        "`%s` starts again now and then: in the iterations between, it only counts",
                        text_of(laps->pass->cx, laps->var->name));
        return;
    }
}

static void region_visit(Laps *laps, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(laps, op->regions[i]);
        loop_visit(laps, op);
    }
}

void laps_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL || fn->is_fused) continue; /* which counts the loops of the source */
        Laps laps = {.pass = pass, .memory = memory_of(pass->scratch, fn), .intervals = intervals_of(pass->scratch, fn)};
        region_visit(&laps, fn->body);
    }
}
