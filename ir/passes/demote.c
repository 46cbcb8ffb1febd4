/* demote: integers of innermost loops are computed in 16 bits where these hold all of them.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * Pixels and samples are bytes and shorts, but sums and products of them are written in `int` or i32, so that nothing
 * runs over: `u8((i32(a[i]) + i32(b[i])) // 2)`. As lanes of vectors these would be two to eight times as wide as they
 * must be. An expression moves as a whole: every value in it, by the intervals of what it is made of, is in the range
 * of u16, or every one in that of i16. What uses it gets it widened.
 *
 * Legality: no value of the expression can be outside the narrow type, so nothing wraps there that did not before, and
 * divisors are constants. Profitability: the expression starts from numbers that are narrow in memory, has some
 * arithmetic, and is no index, which has to be wide anyway. Where a wide result is wanted in the end, it is more than that:
 * to widen the result takes longer than to widen one number or two. */
#include "ir/analysis/interval.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

#include <string.h>

enum { NARROW_BITS = 16, MOST_DEPTH = 16 };

/* Where a wide result is wanted, it is widened in two steps rather than the numbers that it starts from at once. To widen
 * a number takes as long as two operations. */
enum { START = 2, WIDENING = 3 };

typedef struct Demotion {
    PassContext *pass;
    IrModule *m;
    Intervals intervals;
    Scalar to;
    uint32_t ops, starts; /* of the expression under study: arithmetic, and narrow numbers that were widened */
    Value **made;         /* by value id: the narrow form, of the expression under study */
    uint32_t made_len;
    bool *is_index, *is_part; /* by value id: an access has it for an index; it is within an expression that moved */
    bool *is_narrowed;        /* by value id: it becomes a number of at most 16 bits */
} Demotion;

/* ---- Legality -------------------------------------------------------------------------------- */

static bool is_wide(const IrType *type) {
    return type->kind == IR_SCALAR && ir_is_int(type) && scalar_bits(type->scalar) > NARROW_BITS;
}

static bool has_constant_divisor(const Op *op) {
    int64_t by;
    return value_is_int(op->operands[1], &by) && by > 0;
}

static bool is_arithmetic(const Op *op) {
    switch ((int)op->kind) {
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_MIN: case OP_MAX: case OP_AND: case OP_OR: case OP_XOR:
    case OP_ABS: case OP_NEG: case OP_SELECT: return true;
    case OP_FLOORDIV: case OP_MOD: return has_constant_divisor(op);
    case OP_SHL: case OP_SHR: {
        int64_t count;
        return value_is_int(op->operands[1], &count) && count >= 0 && count < NARROW_BITS;
    }
    default: return false;
    }
}

static bool is_start(const Value *value) {
    const Op *def = value->def;
    if (def == NULL || def->kind != OP_CAST) return false;
    const IrType *from = def->operands[0]->type;
    return from->kind == IR_SCALAR && ir_is_int(from) && scalar_bits(from->scalar) <= NARROW_BITS;
}

static bool fits(Demotion *d, const Value *value) {
    Interval range = interval_of(&d->intervals, value), type = interval_of_type(d->to);
    return range.lo >= type.lo && range.hi <= type.hi;
}

/* The choice of a SELECT is no number. */
static uint32_t first_number(const Op *op) { return op->kind == OP_SELECT ? 1 : 0; }

static bool can_move(Demotion *d, const Value *value, int depth) {
    int64_t number;
    if (depth == 0 || !is_wide(value->type) || !fits(d, value)) return false;
    if (value_is_int(value, &number)) return true;
    if (is_start(value)) {
        d->starts++;
        return true;
    }
    if (value->def == NULL || !is_arithmetic(value->def)) return false;
    d->ops++;
    for (uint32_t i = first_number(value->def); i < value->def->operand_count; i++)
        if (!can_move(d, value->def->operands[i], depth - 1)) return false;
    return true;
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static Value *moved(Demotion *d, Builder *b, Value *value) {
    const IrType *type = ir_scalar(d->m, d->to);
    int64_t number;
    if (value_is_int(value, &number)) return build_int(b, type, number);
    if (d->made[value->id] != NULL) return d->made[value->id];
    Op *def = value->def;
    Builder here = builder_before(def);
    here.span = def->span;
    Value *operands[3];
    if (is_start(value)) return d->made[value->id] = build_cast(&here, def->operands[0], type);
    for (uint32_t i = 0; i < def->operand_count; i++)
        operands[i] = i < first_number(def) ? def->operands[i] : moved(d, &here, def->operands[i]);
    Op *copy = build_op(&here, def->kind, operands, def->operand_count, &type, 1, 0);
    copy->inlined_from = def->inlined_from;
    d->is_part[value->id] = true;
    return d->made[value->id] = op_result(copy);
}

static bool is_comparison(const Op *op) { return op->kind >= OP_EQ && op->kind <= OP_GE; }

/* Of a comparison both sides move, of anything else the op itself. */
static bool all_move(Demotion *d, const Op *op) {
    d->ops = d->starts = 0;
    bool moves = is_comparison(op) ? can_move(d, op->operands[0], MOST_DEPTH) && can_move(d, op->operands[1], MOST_DEPTH)
                                   : can_move(d, op_result(op), MOST_DEPTH);
    return moves && d->ops > 0 && d->starts > 0;
}

static bool is_worth_it(const Demotion *d, const Op *op) {
    bool stays_narrow = is_comparison(op) || d->is_narrowed[op_result(op)->id];
    return stays_narrow || d->ops + START * d->starts > START * WIDENING;
}

static void op_move(Demotion *d, Op *op, Renames *renames) {
    memset(d->made, 0, d->made_len * sizeof *d->made);
    Builder b = builder_before(op);
    b.span = op->span;
    d->pass->changed = true;
    if (is_comparison(op)) {
        Value *sides[] = {moved(d, &b, op->operands[0]), moved(d, &b, op->operands[1])};
        op_set_operands(op, sides, 2);
        return;
    }
    Value *result = op_result(op), *wide = build_cast(&b, moved(d, &b, result), result->type);
    wide->name = result->name;
    renames_add(renames, result, wide);
}

static void op_visit(Demotion *d, Op *op, Renames *renames) {
    static const Scalar narrow[] = {SCALAR_U16, SCALAR_I16};
    if (op->result_count != 1 || (!is_comparison(op) && !is_arithmetic(op))) return;
    if (d->is_index[op_result(op)->id] || d->is_part[op_result(op)->id]) return;
    for (uint32_t i = 0; i < ARRAY_LEN(narrow); i++) {
        d->to = narrow[i];
        if (!all_move(d, op) || !is_worth_it(d, op)) continue;
        op_move(d, op, renames);
        return;
    }
}

/* ---- The walk -------------------------------------------------------------------------------- */

typedef struct Bodies {
    Demotion *d;
    OpVec ops;
    bool has_loop;
} Bodies;

static bool is_loop(const Op *op) { return op->kind == OP_FOR || op->kind == OP_WHILE; }

static void inner_note(void *user, Op *op) {
    Bodies *bodies = user;
    if (is_loop(op)) bodies->has_loop = true;
}

static void op_note(void *user, Op *op) {
    Bodies *bodies = user;
    vec_push(bodies->d->pass->scratch, &bodies->ops, op);
}

static void loop_note(void *user, Op *op) {
    Bodies *bodies = user;
    bodies->has_loop = false;
    if (op->kind != OP_FOR) return;
    region_walk(op->regions[0], inner_note, bodies);
    if (!bodies->has_loop) region_walk(op->regions[0], op_note, bodies);
}

static void use_note(void *user, Op *op) {
    Demotion *d = user;
    const IrType *type = op->kind == OP_CAST ? op_result(op)->type : NULL;
    if (type != NULL && type->kind == IR_SCALAR && scalar_bits(type->scalar) <= NARROW_BITS)
        d->is_narrowed[op->operands[0]->id] = true;
    bool accesses = op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_ITEM || op->kind == OP_SLICE;
    for (uint32_t i = op->kind == OP_STORE ? 2 : 1; accesses && i < op->operand_count; i++) {
        const Value *index = op->operands[i];
        d->is_index[index->id] = true;
        if (index->def != NULL && index->def->kind == OP_CAST) d->is_index[index->def->operands[0]->id] = true;
    }
}

/* Users come before what they use, so that an expression moves as a whole. */
static void fn_visit(PassContext *pass, IrFn *fn) {
    uint32_t len = fn->next_value;
    Demotion d = {.pass = pass, .m = fn->module, .intervals = intervals_of(pass->scratch, fn), .made_len = len};
    d.made = arena_array(pass->scratch, Value *, len);
    d.is_index = arena_array(pass->scratch, bool, len);
    d.is_part = arena_array(pass->scratch, bool, len);
    d.is_narrowed = arena_array(pass->scratch, bool, len);
    Bodies bodies = {.d = &d};
    Renames renames = {.arena = pass->scratch};
    region_walk(fn->body, use_note, &d);
    region_walk(fn->body, loop_note, &bodies);
    for (uint32_t i = bodies.ops.len; i > 0; i--) op_visit(&d, bodies.ops.data[i - 1], &renames);
    renames_apply(&renames, fn->body);
}

void demote_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) fn_visit(pass, module->fns.data[i]);
}
