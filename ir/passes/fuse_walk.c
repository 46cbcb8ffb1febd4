/* Where stretches begin and end, and why. */
#include "ir/passes/fuse_walk.h"

static uint32_t loops_in(const Region *region) {
    uint32_t count = 0;
    for (const Op *op = region->first; op != NULL; op = op->next) count += op->kind == OP_FOR;
    return count;
}

bool has_neighbours(const Region *region) {
    if (loops_in(region) > 1) return true;
    for (const Op *op = region->first; op != NULL; op = op->next)
        for (uint32_t i = 0; i < op->region_count; i++)
            if (has_neighbours(op->regions[i])) return true;
    return false;
}

/* Takes ops from `op` on, which is a loop; gives the first that is not taken. */
static Op *stretch_collect(Fuse *f, Stretch *s, Op *op) {
    for (; op != NULL && s->nodes.len < STRETCH_NODES; op = op->next) {
        if (op->kind == OP_FOR && s->loop_count == STRETCH_LOOPS) break;
        Node *node = node_of(f, op);
        if (node->is_wall) break;
        if (op->kind == OP_FOR) s->loops[s->loop_count++] = s->nodes.len;
        vec_push(f->pass->scratch, &s->nodes, node);
    }
    return op;
}

static Op *loop_from(Op *op) {
    while (op != NULL && op->kind != OP_FOR) op = op->next;
    return op;
}

static void region_visit(Fuse *f, Region *region, StretchVisitor visit) {
    for (Op *op = loop_from(region->first); op != NULL;) {
        Stretch *s = arena_new(f->pass->scratch, Stretch);
        Op *end = stretch_collect(f, s, op);
        bool is_stuck = end == op; /* a loop that is a wall itself */
        if (s->loop_count > 1) visit(f, s);
        op = loop_from(is_stuck ? op->next : end);
    }
}

void stretches_visit(Fuse *f, Region *region, StretchVisitor visit) {
    if (loops_in(region) > 1) region_visit(f, region, visit);
    for (Op *op = region->first; op != NULL; op = op->next)
        for (uint32_t i = 0; i < op->region_count; i++)
            stretches_visit(f, op->regions[i], visit);
}

/* ---- Walls ----------------------------------------------------------------------------------- */

typedef struct WallScan {
    const Fuse *f;
    const char *reason;
} WallScan;

static void wall_name(void *user, Op *op) {
    WallScan *scan = user;
    const PassContext *pass = scan->f->pass;
    if (scan->reason != NULL) return;
    if (op->kind == OP_CALL)
        scan->reason = arena_printf(pass->scratch, "nothing moves past the call of `%s`%s",
                                    text_of(pass->cx, op->attr.callee->source_name),
                                    line_text(scan->f, op->span));
    else if (op->kind == OP_RETURN || op->kind == OP_RAISE)
        scan->reason = "a way out of the function stands between them";
}

static const char *wall_reason(const Fuse *f, Op *op) {
    WallScan scan = {f, NULL};
    wall_name(&scan, op);
    for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], wall_name, &scan);
    if (scan.reason != NULL) return scan.reason;
    return arena_printf(f->pass->scratch, "nothing moves past what stands between them%s",
                        line_text(f, op->span));
}

static void region_walls(Fuse *f, Region *region, WallVisitor visit) {
    Op *loop = NULL, *wall = NULL;
    for (Op *op = region->first; op != NULL; op = op->next) {
        bool is_wall = node_of(f, op)->is_wall, is_loop = op->kind == OP_FOR;
        if (is_wall && wall == NULL) wall = op;
        if (!is_loop) continue;
        if (loop != NULL && wall != NULL) visit(f, loop, op, wall_reason(f, wall));
        loop = op;
        wall = is_wall ? op : NULL;
    }
}

void walls_visit(Fuse *f, Region *region, WallVisitor visit) {
    if (loops_in(region) > 1) region_walls(f, region, visit);
    for (Op *op = region->first; op != NULL; op = op->next)
        for (uint32_t i = 0; i < op->region_count; i++) walls_visit(f, op->regions[i], visit);
}
