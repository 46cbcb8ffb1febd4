/* jam: several iterations of an outer loop are done at a time, side by side in the loops inside of it.
 *
 * Requires: stage LOOP; checks that hold are gone (PROVED), since a check keeps iterations in order.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * `for i: for j: y[i, j] = a[i - 1, j] + a[i, j] + a[i + 1, j]` loads three elements for each that it stores, and two of
 * these again in the next row. With two rows at a time they are four for two; what is loaded for one is in a register
 * for the other, which `elements` sees to. Likewise `for p: for j: c[j] += a[p] * b[p, j]` loads and stores c[j] once for
 * several p. What is left over runs in the loops as they were. Rows that are summed up share nothing, but their sums are
 * combined at once (`vectors_fold` of spmd).
 *
 * It looks at innermost loops that are to become vectors, whose elements lie side by side, and at the two loops next to
 * each around it that may be done so. It comes before `elements`, so that what it leaves is cleaned up with the rest. */
#include "ir/passes/jam.h"

#include "ir/passes/runs.h"

/* ---- Which loops ------------------------------------------------------------------------------ */

typedef struct LoopScan {
    Arena *arena;
    Vec(Op *) innermost;
} LoopScan;

static bool region_scan(LoopScan *scan, Region *region) {
    bool has_loop = false;
    for (Op *op = region->first; op != NULL; op = op->next) {
        bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE, has_inner = false;
        for (uint32_t i = 0; i < op->region_count; i++) has_inner |= region_scan(scan, op->regions[i]);
        if (op->kind == OP_FOR && !has_inner) vec_push(scan->arena, &scan->innermost, op);
        has_loop = has_loop || is_loop || has_inner;
    }
    return has_loop;
}

/* An access is side by side, or to the same element in all iterations. */
static bool reads_rows(const JamNest *nest) {
    const Value *index = loop_index(nest->inner);
    for (uint32_t i = 0; i < nest->accesses.len; i++) {
        const JamAccess *access = &nest->accesses.data[i];
        if (!access->is_exact) return false;
        for (uint32_t d = 0; d < access->element.rank; d++) {
            int64_t factor = affine_factor(&access->element.index[d], index);
            if (factor != 0 && (factor != 1 || d + 1 < access->element.rank)) return false;
        }
    }
    return true;
}

static bool varies(const JamAccess *access, const Op *inner) {
    const Element *element = &access->element;
    return affine_factor(&element->index[element->rank - 1], loop_index(inner)) != 0;
}

/* The loop's own index goes along rows as well: its iterations may be the better lanes. */
static bool goes_along_rows(const JamNest *nest, const Op *loop) {
    for (uint32_t i = 0; i < nest->accesses.len; i++) {
        const JamAccess *access = &nest->accesses.data[i];
        const Affine *last = &access->element.index[access->element.rank - 1];
        if (varies(access, nest->inner) && affine_factor(last, loop_index(loop)) != 0) return true;
    }
    return false;
}

static bool becomes_vectors(const Op *loop) {
    const OpLoop *attr = &loop->attr.loop;
    int64_t step;
    bool is_open = attr->is_simd || attr->independent || attr->reduces;
    return is_open && loop_is_plain(loop) && value_is_int(loop->operands[2], &step) && step == 1;
}

static const Op *loop_around(const Op *op) {
    Op *outer = op->parent->parent;
    return outer != NULL && outer->kind == OP_FOR && op->parent == outer->regions[0] ? outer : NULL;
}

/* The user has chosen a loop around it for lanes. */
static bool is_within_lanes(const Op *op) {
    for (op = op->parent->parent; op != NULL; op = op->parent->parent)
        if (op->kind == OP_FOR && (op->attr.loop.is_simd || op->attr.loop.is_lanes)) return true;
    return false;
}

static void nest_find(JamNest *nest) {
    const Op *loop = loop_around(nest->inner);
    for (; loop != NULL && nest->loop_count < JAM_LOOPS; loop = loop_around(loop)) {
        if (goes_along_rows(nest, loop)) return;
        if (is_jammable(nest->jam, (Op *)loop, nest->inner)) nest->loops[nest->loop_count++] = (Op *)loop;
    }
}

/* ---- The record ------------------------------------------------------------------------------- */

static const char *reason(const JamNest *nest, const JamPlan *plan) {
    Arena *arena = nest->jam->pass->scratch;
    const char *also = "";
    if (plan->joins) return ": what their innermost loops sum up is combined at once";
    if (plan->copies[1] > 1 && plan->copies[0] > 1)
        also = arena_printf(arena, ", and %u of the loop inside", plan->copies[0]);
    return arena_printf(arena, "%s: %u.%u loads and stores for each of the innermost loop's, instead of %u.%u", also,
                        plan->after / 10, plan->after % 10, plan->before / 10, plan->before % 10);
}

static void record(const JamNest *nest, const JamPlan *plan) {
    uint32_t outer = plan->copies[1] > 1 ? 1 : 0;
    const Op *loop = nest->loops[outer];
    pass_remark(nest->jam->pass, loop->parent->fn, loop->span, REMARK_JAMMED, "%u iterations at a time%s",
                plan->copies[outer], reason(nest, plan));
}

/* ---- The pass --------------------------------------------------------------------------------- */

static void inner_visit(Jam *jam, Op *inner, bool *is_done) {
    JamNest nest = {.jam = jam, .inner = inner};
    JamPlan plan;
    if (!becomes_vectors(inner) || loop_around(inner) == NULL || is_within_lanes(inner)) return;
    nest.accesses = jam_accesses(jam, inner);
    if (nest.accesses.len == 0 || !reads_rows(&nest)) return;
    nest_find(&nest);
    for (uint32_t i = 0; i < nest.loop_count; i++)
        if (is_done[nest.loops[i]->id]) nest.loop_count = i;
    if (nest.loop_count == 0 || !jam_plan(&nest, &plan)) return;
    record(&nest, &plan);
    for (uint32_t i = 0; i < nest.loop_count; i++) {
        if (plan.copies[i] == 1) continue;
        is_done[nest.loops[i]->id] = true;
        jam_apply(jam, nest.loops[i], plan.copies[i]);
    }
    jam->pass->changed = true;
}

void jam_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        LoopScan scan = {.arena = pass->scratch};
        if (fn->body == NULL || !region_scan(&scan, fn->body)) continue;
        Jam jam = {pass, memory_of(pass->scratch, fn), intervals_of(pass->scratch, fn)};
        bool *is_done = arena_array(pass->scratch, bool, fn->next_op);
        for (uint32_t k = 0; k < scan.innermost.len; k++) inner_visit(&jam, scan.innermost.data[k], is_done);
    }
}
