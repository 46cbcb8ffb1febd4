#include "ir/analysis/cost.h"

enum {
    SCALAR_UNITS = 4,   /* of an operation on one element at a time */
    GUESSED_TRIPS = 16, /* of a loop of unknown length */
    UNKNOWN_CALL = 64,  /* operations in C code, or behind recursion */
    CALL_DEPTH = 8
};

/* More is not told apart. */
#define MUCH (INT64_C(1) << 40)

typedef struct Coster {
    Builder *b;
    const Op *loop;
    bool *is_open; /* by id of the function: its body is being looked at */
    uint32_t depth;
    bool guesses; /* something is only known at run time, and nothing is built to work it out */
} Coster;

/* So many units, and what is only known at run time; NULL: nothing. */
typedef struct Cost {
    int64_t fixed;
    Value *more;
} Cost;

static Cost cost_add(Coster *c, Cost a, Cost b) {
    Value *more = a.more == NULL   ? b.more
                  : b.more == NULL ? a.more
                                   : build_binary(c->b, OP_ADD, a.more, b.more);
    return (Cost){a.fixed + b.fixed, more};
}

static Value *cost_value(Coster *c, Cost cost) {
    Value *fixed = build_i64(c->b, cost.fixed);
    return cost.more == NULL ? fixed : build_binary(c->b, OP_ADD, cost.more, fixed);
}

/* ---- Single operations ----------------------------------------------------------------------- */

/* In plain operations. */
static int64_t op_weight(const Op *op) {
    switch ((int)op->kind) {
    case OP_CONST: case OP_TEXT: case OP_VIEW: case OP_STRIDED: case OP_BUF: case OP_CELLS: case OP_DIM:
    case OP_STRIDE: case OP_SLICE: case OP_VAR: case OP_GET: case OP_SET: case OP_FIELD: case OP_ITEM:
    case OP_STRUCT: case OP_EXTRACT: case OP_INSERT: case OP_YIELD: case OP_NULLVIEW: case OP_DATA:
    case OP_REDUCES: case OP_LEND: case OP_MOVE: case OP_DROP: case OP_KEEP: case OP_END:
        return 0;
    case OP_DIV: case OP_SQRT: return 4;
    case OP_FLOORDIV: case OP_MOD: return 8;
    case OP_GATHER: case OP_SCATTER: case OP_PACK: return 8;
    case OP_ALLOC: case OP_ALLOC_IN: case OP_FREE: case OP_ARENA: case OP_APPEND: case OP_TAKE: return 64;
    case OP_PRINT: return 1024;
    default: return 1;
    }
}

/* Loops, and what is too irregular for vectors to be counted on. */
static void irregular_note(void *user, Op *op) {
    bool *found = user;
    bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE || op_is_space(op);
    if (is_loop || op->kind == OP_CALL || op_weight(op) >= 64) *found = true;
}

static bool is_regular(const Region *body) {
    bool found = false;
    region_walk((Region *)body, irregular_note, &found);
    return !found;
}

/* ---- Loops ----------------------------------------------------------------------------------- */

/* In a function that is called, a value is not one of the loop's function. */
static bool is_before_loop(const Coster *c, const Value *value) {
    return c->depth == 0 && !value_is_made_in(value, c->loop);
}

static Cost region_cost(Coster *c, const Region *region, int64_t unit);

static int64_t product(int64_t a, int64_t b) { return b > 0 && a > MUCH / b ? MUCH : a * b; }

/* Constant trips, or a value for them. */
static Cost repeated(Coster *c, Cost body, int64_t trips, Value *times) {
    if (times == NULL && body.more == NULL) return (Cost){product(body.fixed, trips), NULL};
    if (times == NULL) times = build_i64(c->b, trips);
    return (Cost){0, build_binary(c->b, OP_MUL, cost_value(c, body), times)};
}

static Cost guessed(Coster *c, Cost body) {
    c->guesses = true;
    return repeated(c, body, GUESSED_TRIPS, NULL);
}

static Cost for_cost(Coster *c, const Op *op, Cost body) {
    int64_t lo, hi, step;
    bool has_step = value_is_int(op->operands[2], &step) && step != 0;
    if (has_step && value_is_int(op->operands[0], &lo) && value_is_int(op->operands[1], &hi)) {
        int64_t trips = step > 0 ? (hi - lo + step - 1) / step : (lo - hi - step - 1) / -step;
        return repeated(c, body, trips > 0 ? trips : 0, NULL);
    }
    bool is_known = has_step && (step == 1 || step == -1) && is_before_loop(c, op->operands[0]) &&
                    is_before_loop(c, op->operands[1]);
    if (!is_known) return guessed(c, body);
    Value *from = op->operands[step > 0 ? 0 : 1], *to = op->operands[step > 0 ? 1 : 0];
    Value *trips = build_binary(c->b, OP_SUB, to, from);
    return repeated(c, body, 0, build_binary(c->b, OP_MAX, trips, build_i64(c->b, 0)));
}

static Cost space_cost(Coster *c, const Op *op, Cost body) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        int64_t size;
        if (value_is_int(op->operands[i], &size)) body = repeated(c, body, size, NULL);
        else if (is_before_loop(c, op->operands[i])) body = repeated(c, body, 0, op->operands[i]);
        else body = guessed(c, body);
    }
    return body;
}

static Cost body_cost(Coster *c, const Region *body) {
    return region_cost(c, body, is_regular(body) ? 1 : SCALAR_UNITS);
}

/* ---- All ops --------------------------------------------------------------------------------- */

static Cost call_cost(Coster *c, const IrFn *callee, int64_t unit) {
    bool is_seen = callee->body != NULL && !c->is_open[callee->id] && c->depth < CALL_DEPTH;
    if (!is_seen) {
        c->guesses = true;
        return (Cost){UNKNOWN_CALL * unit, NULL};
    }
    c->is_open[callee->id] = true;
    c->depth++;
    Cost cost = region_cost(c, callee->body, unit);
    c->depth--;
    c->is_open[callee->id] = false;
    return cost;
}

static Cost op_cost(Coster *c, const Op *op, int64_t unit) {
    switch ((int)op->kind) {
    case OP_CALL: return call_cost(c, op->attr.callee, unit);
    case OP_FOR: return for_cost(c, op, body_cost(c, op->regions[0]));
    case OP_MAP:
    case OP_SCAN:
    case OP_REDUCE: return space_cost(c, op, body_cost(c, op->regions[0]));
    case OP_WHILE: {
        Cost turn = cost_add(c, region_cost(c, op->regions[0], SCALAR_UNITS),
                             region_cost(c, op->regions[1], SCALAR_UNITS));
        return guessed(c, turn);
    }
    default: {
        Cost cost = {op_weight(op) * unit, NULL};
        for (uint32_t i = 0; i < op->region_count; i++)
            cost = cost_add(c, cost, region_cost(c, op->regions[i], unit));
        return cost;
    }
    }
}

static Cost region_cost(Coster *c, const Region *region, int64_t unit) {
    Cost sum = {0, NULL};
    for (const Op *op = region->first; op != NULL; op = op->next)
        sum = cost_add(c, sum, op_cost(c, op, unit));
    return sum;
}

Value *cost_of_iteration(Builder *b, Arena *scratch, const Op *loop) {
    Coster c = {.b = b, .loop = loop};
    c.is_open = arena_array(scratch, bool, b->fn->module->fns.len);
    Cost cost = body_cost(&c, loop->regions[0]);
    if (cost.more == NULL) return build_i64(b, cost.fixed > 1 ? cost.fixed : 1);
    return build_binary(b, OP_MAX, cost_value(&c, cost), build_i64(b, 1));
}

bool cost_of_fn(Arena *scratch, const IrFn *fn, int64_t *cost) {
    Coster c = {.depth = 1};
    c.is_open = arena_array(scratch, bool, fn->module->fns.len);
    c.is_open[fn->id] = true;
    *cost = region_cost(&c, fn->body, is_regular(fn->body) ? 1 : SCALAR_UNITS).fixed;
    return !c.guesses;
}
