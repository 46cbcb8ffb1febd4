#include "ir/passes/leave.h"

/* ---- Legality -------------------------------------------------------------------------------- */

typedef struct LeaveCount {
    const Leave *leave;
    uint32_t count;
} LeaveCount;

static void leave_note(void *user, Op *op) {
    LeaveCount *count = user;
    count->count += count->leave->leaves(count->leave->owner, op);
}

uint32_t leaves_below(const Leave *leave, Region *region) {
    LeaveCount count = {leave, 0};
    region_walk(region, leave_note, &count);
    return count.count;
}

static bool is_opaque(const Op *op, uint32_t region) {
    if (op->result_count != 0) return true;
    if (op->kind == OP_FOR) return region == 1;
    return op->kind == OP_WHILE && region != 1;
}

bool leaves_are_simple(const Leave *leave, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        for (uint32_t i = 0; i < op->region_count; i++) {
            if (is_opaque(op, i) && leaves_below(leave, op->regions[i]) != 0) return false;
            if (!leaves_are_simple(leave, op->regions[i])) return false;
        }
    }
    return true;
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static void leave_record(const Leave *leave, Op *op, bool in_loop) {
    Builder b = builder_before(op);
    for (uint32_t i = 0; i < op->operand_count; i++) build_set(&b, leave->results[i], op->operands[i]);
    build_set(&b, leave->flag, build_bool(&b, true));
    if (in_loop) build_break(&b);
    op_unlink(op);
}

/* Moves everything after `op` to the end of `region`, which falls through. */
static void rest_move(Op *op, Region *region) {
    if (region->last != NULL && op_ends(region->last)) op_unlink(region->last);
    for (Op *rest = op->next, *next; rest != NULL; rest = next) {
        next = rest->next;
        op_unlink(rest);
        op_append(region, rest);
    }
}

static void rest_drop(Op *op) {
    while (op->next != NULL) op_unlink(op->next);
}

/* An IF, or a TRY with its handler. */
static bool is_fork(const Op *op) { return op->kind == OP_IF || op->kind == OP_TRY; }

/* No way through the region comes to its end. */
static bool never_ends(const Region *region) {
    const Op *last = region->last;
    if (last == NULL) return false;
    if (op_ends(last) && last->kind != OP_YIELD) return true;
    return is_fork(last) && never_ends(last->regions[0]) && never_ends(last->regions[1]);
}

static void region_restructure(const Leave *leave, Region *region, bool in_loop);

/* What follows `op`, which may have left, runs only if it has not. In a loop that means to leave the loop
 * as well. */
static void rest_guard(const Leave *leave, Op *op, bool in_loop) {
    if (op->next == NULL && !in_loop) return;
    Builder b = op->next != NULL ? builder_before(op->next) : builder_at_end(op->parent, op->span);
    b.span = op->span;
    Op *guard = build_if(&b, build_get(&b, leave->flag), NULL, 0);
    if (in_loop) {
        Builder inside = builder_at_end(guard->regions[0], op->span);
        build_break(&inside);
        return;
    }
    rest_move(guard, guard->regions[1]);
    region_restructure(leave, guard->regions[1], false);
}

/* Outside of loops: the rest moves into the branch that does not leave; but not into a TRY, whose handler would
 * take its errors. */
static void fork_restructure(const Leave *leave, Op *op) {
    Region *then = op->regions[0], *otherwise = op->regions[1];
    bool then_leaves = never_ends(then);
    bool else_leaves = never_ends(otherwise) && (then_leaves || op->kind == OP_IF);
    if (then_leaves && else_leaves) rest_drop(op);
    else if (then_leaves) rest_move(op, otherwise);
    else if (else_leaves) rest_move(op, then);
    region_restructure(leave, then, false);
    region_restructure(leave, otherwise, false);
    if (!then_leaves && !else_leaves) rest_guard(leave, op, false);
}

/* A region of a loop needs no care for what follows a way out in it: the BREAK skips that. */
static void loop_restructure(const Leave *leave, Op *op, bool in_loop) {
    for (uint32_t i = 0; i < op->region_count; i++) region_restructure(leave, op->regions[i], true);
    bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
    if (is_loop) rest_guard(leave, op, in_loop);
}

static bool has_leaves(const Leave *leave, const Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++)
        if (leaves_below(leave, op->regions[i]) != 0) return true;
    return false;
}

static void region_restructure(const Leave *leave, Region *region, bool in_loop) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        if (leave->leaves(leave->owner, op)) {
            leave_record(leave, op, in_loop);
            return;
        }
        if (!has_leaves(leave, op)) continue;
        if (is_fork(op) && !in_loop) fork_restructure(leave, op);
        else loop_restructure(leave, op, in_loop);
        if (!in_loop) return; /* the rest has moved, and was restructured there */
    }
}

void leaves_restructure(const Leave *leave, Region *region) { region_restructure(leave, region, false); }
