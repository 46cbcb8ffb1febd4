/* Loops that declare reductions, in the mode `reproducible`: a lane for each of REPRODUCIBLE_LANES neighbouring
 * iterations, so that the order of operations is the same whatever computes them.
 *
 *     for i in lo..hi step d {       lanes = identity, ..
 *         reduces add %s             for i in lo..hi step d {
 *         s = s + x                      %own = lane (i - lo) / d of lanes
 *     }                                  own = own + x
 *                                    }
 *                                    s = s + fold(lanes)
 *
 * spmd makes vectors of such a loop; without it, lanes are memory. */
#include "ir/ownership/ownership.h"
#include "ir/ownership/reductions.h"

/* Which lane an iteration has: how many came before it. */
static Value *iteration_number(Builder *b, const Op *loop) {
    Value *number = loop->regions[0]->params[0];
    int64_t lo, step;
    if (!value_is_int(loop->operands[0], &lo) || lo != 0)
        number = build_binary(b, OP_SUB, number, loop->operands[0]);
    if (!value_is_int(loop->operands[2], &step) || step != 1)
        number = build_binary(b, OP_FLOORDIV, number, loop->operands[2]);
    return number;
}

typedef struct Replacing {
    const Value *ref;
    Value *with;
} Replacing;

static void operand_replace(void *user, Op *op) {
    const Replacing *replacing = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (op->operands[i] == replacing->ref) op->operands[i] = replacing->with;
}

static void lanes_clear(Builder *b, Value *lanes, ReduceKind kind) {
    const IrType *vector = lanes->type->elem;
    Value *none = build_reduce_identity(b, kind, ir_scalar(b->fn->module, vector->scalar));
    build_set(b, lanes, build_splat(b, none, vector->lanes));
}

static void lanes_combine(Builder *b, Value *ref, Value *lanes, ReduceKind kind) {
    Value *all = build_fold(b, kind, build_get(b, lanes));
    build_set(b, ref, build_binary(b, reduce_step(kind), build_get(b, ref), all));
}

static Builder builder_behind(Op *op, Span span) {
    Builder b = op->next != NULL ? builder_before(op->next) : builder_at_end(op->parent, span);
    b.span = span;
    return b;
}

static void reduction_split(Op *reduces, uint32_t count) {
    Op *loop = reduces->parent->parent;
    Value *ref = reduces->operands[0];
    ReduceKind kind = reduces->attr.reduce;
    Builder before = builder_before(loop), inside = builder_before(reduces);
    IrModule *m = before.fn->module;
    Value *lanes = build_var(&before, ir_vec(m, ref->type->elem->scalar, count), NO_NAME);
    lanes_clear(&before, lanes, kind);
    Replacing replacing = {ref, build_lane_item(&inside, lanes, iteration_number(&inside, loop))};
    op_unlink(reduces);
    region_walk(loop->regions[0], operand_replace, &replacing);
    if (loop->regions[1]->first != NULL) { /* `else` sees the sum; afterwards there is nothing to add */
        Builder done = builder_before(loop->regions[1]->first);
        lanes_combine(&done, ref, lanes, kind);
        lanes_clear(&done, lanes, kind);
    }
    Builder behind = builder_behind(loop, reduces->span);
    lanes_combine(&behind, ref, lanes, kind);
}

static void op_split(void *user, Op *op) {
    const IrFn *fn = user;
    if (op->kind != OP_REDUCES || op->parent->parent->kind != OP_FOR) return;
    uint32_t count = reduce_lanes(fn->fp, op->attr.reduce, op->operands[0]->type->elem);
    if (count != 0) reduction_split(op, count);
}

void reductions_split(IrModule *module) {
    Arena *arena = arena_create();
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        loops_divide(arena, fn);
        region_walk(fn->body, op_split, fn);
    }
    arena_destroy(arena);
}
