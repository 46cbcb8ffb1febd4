#include "ir/passes/loop_exits.h"

#include "ir/failure.h"

Op *jump_target(const Region *region) {
    for (const Region *r = region;; r = r->parent->parent) {
        Op *op = r->parent;
        if (op == NULL) KC_BUG("a jump outside of any loop");
        if (is_loop(op) && r != op->regions[op->region_count - 1]) return op;
    }
}

bool is_exit(const Op *loop, const Op *op) {
    if (op->kind == OP_RETURN) return true;
    if (op->kind == OP_RAISE) return try_around(op->parent) == try_around(loop->parent);
    return op->kind == OP_BREAK && jump_target(op->parent) == loop;
}

bool region_exits(const Op *loop, const Region *region) {
    return region->last != NULL && is_exit(loop, region->last);
}

bool in_exit(const Op *loop, const Op *op) {
    for (const Region *r = op->parent; r != loop->regions[0]; r = r->parent->parent)
        if (region_exits(loop, r)) return true;
    return false;
}

bool if_exits(const Op *loop, const Op *op) {
    return op->kind == OP_IF && (region_exits(loop, op->regions[0]) || region_exits(loop, op->regions[1]));
}
