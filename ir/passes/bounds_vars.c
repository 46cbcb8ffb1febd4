/* Variables that only grow in a while loop: `while i < n: ... i += 1` never has an i below the
 * first.
 *
 * The sum must not wrap. That holds where the loop's condition bounds the variable (v < limit) in
 * the same iteration, the loop adds once at most, and limit - 1 + step is still a number of the
 * type. */
#include "ir/passes/bounds.h"

typedef struct SetScan {
    const Value *ref;
    const Op *set;
    uint32_t count;
} SetScan;

static void set_count(void *user, Op *op) {
    SetScan *scan = user;
    if (op->kind != OP_SET || op->operands[0] != scan->ref) return;
    scan->set = op;
    scan->count++;
}

/* The only SET of the variable in the loop, done once at most in an iteration. */
static const Op *only_set(const Op *loop, const Value *ref) {
    SetScan scan = {ref, NULL, 0};
    for (uint32_t i = 0; i < loop->region_count; i++)
        region_walk(loop->regions[i], set_count, &scan);
    if (scan.count != 1) return NULL;
    const Region *region = scan.set->parent;
    while (region->parent != loop && region->parent->kind == OP_IF) region = region->parent->parent;
    return region == loop->regions[1] ? scan.set : NULL;
}

static bool is_get_in(const Value *value, const Value *ref, const Op *loop) {
    const Op *get = value->def;
    if (get == NULL || get->kind != OP_GET || get->operands[0] != ref) return false;
    for (const Region *region = get->parent; region->parent != NULL;
         region = region->parent->parent)
        if (region->parent == loop) return true;
    return false;
}

/* The most by which `value` exceeds what the variable held in this iteration; -1 when it may be
 * less, or cannot be told. */
static int64_t step_of(const Value *value, const Value *ref, const Op *loop, uint32_t depth) {
    const Op *op = value->def;
    int64_t step;
    if (op == NULL || depth == 0) return -1;
    if (is_get_in(value, ref, loop)) return 0;
    if (op->kind == OP_ADD)
        for (uint32_t i = 0; i < 2; i++)
            if (value_is_int(op->operands[1 - i], &step) && step > 0 &&
                is_get_in(op->operands[i], ref, loop))
                return step;
    bool is_select = op->kind == OP_SELECT;
    if (!is_select && op->kind != OP_IF) return -1;
    step = 0;
    for (uint32_t i = 0; i < 2; i++) {
        const Op *yield = is_select ? NULL : op->regions[i]->last;
        if (!is_select && (yield == NULL || yield->kind != OP_YIELD)) return -1;
        const Value *way = is_select ? op->operands[1 + i] : yield->operands[value->index];
        int64_t least = step_of(way, ref, loop, depth - 1);
        if (least < 0) return -1;
        if (least > step) step = least;
    }
    return step;
}

/* What the condition says the variable is below of, or NULL. */
static const Value *limit_in(const Value *condition, const Value *ref, const Op *loop,
                             uint32_t depth) {
    const Op *op = condition->def;
    if (op == NULL || depth == 0) return NULL;
    if (op->kind == OP_AND) {
        const Value *limit = limit_in(op->operands[0], ref, loop, depth - 1);
        return limit != NULL ? limit : limit_in(op->operands[1], ref, loop, depth - 1);
    }
    if (op->kind == OP_LT && is_get_in(op->operands[0], ref, loop)) return op->operands[1];
    if (op->kind == OP_GT && is_get_in(op->operands[1], ref, loop)) return op->operands[0];
    return NULL;
}

/* The cheap questions first: few variables stand in the condition. */
static bool only_grows(Bounds *b, const Op *loop, const Op *set) {
    enum { CONDITION_DEPTH = 8 };
    const Value *ref = set->operands[0];
    const Op *yield = loop->regions[0]->last;
    int64_t step = step_of(set->operands[1], ref, loop, CONDITION_DEPTH);
    if (step < 0 || yield == NULL || yield->kind != OP_YIELD) return false;
    const Value *limit = limit_in(yield->operands[0], ref, loop, CONDITION_DEPTH);
    if (limit == NULL || only_set(loop, ref) != set) return false;
    Interval type = interval_of_type(limit->type->scalar);
    return ranges_interval(b->ranges, limit).hi - 1 + step <= type.hi;
}

typedef struct FloorScan {
    Bounds *b;
    const Op *loop;
} FloorScan;

static void floor_find(void *user, Op *op) {
    FloorScan *scan = user;
    if (op->kind != OP_SET) return;
    const Value *ref = op->operands[0];
    const Value *before = varstate_content(&scan->b->vars, ref);
    bool is_known = before != NULL && ir_is_int(before->type) && before->type->scalar != SCALAR_U64;
    if (is_known && only_grows(scan->b, scan->loop, op)) scan->b->floors[ref->id] = before;
}

void while_floors_find(Bounds *b, const Op *loop) {
    FloorScan scan = {b, loop};
    region_walk(loop->regions[1], floor_find, &scan);
}
