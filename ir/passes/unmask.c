/* unmask: where the target has no accesses under a mask, vectors that lie within their array are accessed whole.
 *
 *     x = vload a[i], m               x = select m, (vload a[i]), 0
 *     vstore y, b[i], m        =>     vstore (select m, y, (vload b[i])), b[i]
 *
 * Requires: stage LOOP; works on loops over vectors.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * Without such an instruction each lane is an element by itself, behind a branch. An `if` in the source gives masks
 * though all elements are there: what the loop around says of its index, and checks of sizes, is the proof
 * (analysis/range.h).
 *
 * Legality: all lanes are elements of the array. What is stored where the mask is off was there before, so nobody
 * else may store there at the same time. An array that is written belongs to the function alone, but for those that are
 * called for parts of a range: the elements between its own may be another thread's. */
#include "ir/analysis/memory.h"
#include "ir/analysis/range.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

enum { MASKED_BYTES = 4 /* the smallest elements that `has_word_masks` is about */, MAX_RESULTS = 8 };

typedef struct Unmask {
    PassContext *pass;
    Ranges *ranges;
    Renames renames;
    bool is_alone; /* nobody else stores to what the function does */
    bool found;    /* an access that the target has no instruction for */
} Unmask;

/* ---- Which accesses -------------------------------------------------------------------------- */

static uint32_t first_index(const Op *op) { return op->kind == OP_VSTORE ? 2 : 1; }

static const IrType *vector_of(const Op *op) {
    return op->kind == OP_VSTORE ? op->operands[1]->type : op_result(op)->type;
}

/* The same lanes each time: what is off is never stored, and may be somebody else's. */
static bool is_known(const Value *mask) {
    const Op *op = mask->def;
    if (op == NULL || (!op_is_pure(op) && op->kind != OP_LANES)) return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_known(op->operands[i])) return false;
    return true;
}

static bool is_candidate(const Unmask *u, const Op *op) {
    if (op->kind != OP_VLOAD && (op->kind != OP_VSTORE || !u->is_alone)) return false;
    if (op->kind == OP_VSTORE && is_known(op->operands[op->operand_count - 1])) return false;
    const IrType *view = op->operands[0]->type;
    bool is_masked = op->operand_count > first_index(op) + view->rank;
    if (!is_masked || view->strided || view->elem->kind != IR_SCALAR || view->elem->scalar == SCALAR_BOOL) return false;
    return !u->pass->options->has_word_masks || view->elem->size < MASKED_BYTES;
}

static void candidate_note(void *user, Op *op) {
    Unmask *u = user;
    u->found = u->found || is_candidate(u, op);
}

/* All lanes are elements, whether the mask is on or not. */
static bool is_inside(const Unmask *u, const Op *op) {
    const Value *view = op->operands[0];
    for (uint32_t d = 0; d < view->type->rank; d++) {
        const Value *size = view_dim(view, d), *index = op->operands[first_index(op) + d];
        int64_t wide = d + 1 == view->type->rank ? vector_of(op)->lanes : 1;
        if (size == NULL || !ranges_prove_at_least(u->ranges, index, 0) ||
            !ranges_prove_ge(u->ranges, size, index, wide))
            return false;
    }
    return true;
}

/* ---- What becomes of them -------------------------------------------------------------------- */

static void access_unmask(Unmask *u, Op *op) {
    Builder b = builder_before(op);
    Value *const *indices = op->operands + first_index(op);
    Value *view = op->operands[0], *mask = op->operands[op->operand_count - 1];
    const IrType *type = vector_of(op);
    Value *all = build_vload(&b, view, indices, type->lanes, NULL);
    if (op->kind == OP_VLOAD)
        renames_add(&u->renames, op_result(op), build_select(&b, mask, all, build_zero(&b, type)));
    else
        build_vstore(&b, view, build_select(&b, mask, op->operands[1], all), indices, NULL);
    op_unlink(op);
    u->pass->changed = true;
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void region_visit(Unmask *u, Region *region);

/* Visits the branches of an if; of what they give, that is known which is true of both. */
static void if_visit(Unmask *u, Op *op) {
    bool is_size[MAX_RESULTS];
    uint32_t count = op->result_count < MAX_RESULTS ? op->result_count : 0;
    for (uint32_t k = 0; k < count; k++) is_size[k] = op->results[k]->type->kind == IR_SCALAR && ir_is_int(op->results[k]->type);
    for (uint32_t i = 0; i < op->region_count; i++) {
        uint32_t mark = ranges_mark(u->ranges);
        ranges_assume_region(u->ranges, op, i);
        region_visit(u, op->regions[i]);
        const Op *end = op->regions[i]->last;
        for (uint32_t k = 0; k < count && end->kind == OP_YIELD; k++)
            is_size[k] = is_size[k] && ranges_prove_at_least(u->ranges, end->operands[k], 0);
        ranges_forget(u->ranges, mark);
    }
    for (uint32_t k = 0; k < count; k++)
        if (is_size[k]) ranges_assume_at_least(u->ranges, op->results[k], 0);
}

static void loop_visit(Unmask *u, Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++) {
        uint32_t mark = ranges_mark(u->ranges);
        ranges_assume_region(u->ranges, op, i);
        region_visit(u, op->regions[i]);
        ranges_forget(u->ranges, mark);
    }
}

static void region_visit(Unmask *u, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        ranges_assume_past(u->ranges, op);
        if (op->kind == OP_IF) if_visit(u, op);
        else if (op->region_count > 0) loop_visit(u, op);
        else if (is_candidate(u, op) && is_inside(u, op)) access_unmask(u, op);
    }
}

void unmask_run(PassContext *pass, IrModule *module) {
    if (pass->options->has_masks) return;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Unmask u = {.pass = pass, .renames = {.arena = pass->scratch}, .is_alone = !fn->is_range};
        region_walk(fn->body, candidate_note, &u);
        if (!u.found) continue;
        u.ranges = ranges_create(pass->scratch, fn);
        region_visit(&u, fn->body);
        renames_apply(&u.renames, fn->body);
    }
}
