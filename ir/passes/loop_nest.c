/* Loop nests for assignments, and the choice between storing directly and through a temporary. */
#include "ir/analysis/effects.h"
#include "ir/analysis/overlap.h"
#include "ir/passes/to_loops.h"

/* ---- Building -------------------------------------------------------------------------------- */

void nest_open(Builder *b, Value *const *dims, uint32_t rank, uint32_t downward,
               uint32_t independent, Value **indices) {
    Value *zero = build_i64(b, 0), *one = build_i64(b, 1), *minus = NULL;
    Value *last[8];
    if (downward != 0) minus = build_i64(b, -1);
    for (uint32_t k = 0; k < rank; k++)
        if (downward & (1u << k)) last[k] = build_binary(b, OP_SUB, dims[k], one);
    for (uint32_t k = 0; k < rank; k++) {
        bool down = downward & (1u << k);
        OpLoop loop = {.independent = (independent & (1u << k)) != 0};
        Op *nest = down ? build_for(b, last[k], minus, minus, loop)
                        : build_for(b, zero, dims[k], one, loop);
        indices[k] = nest->regions[0]->params[0];
        *b = builder_at_end(nest->regions[0], b->span);
    }
}

Value *element_build(ToLoops *t, Builder *b, const ArrayInfo *array, Value *const *indices) {
    if (array->temporary != NULL) return build_load(b, array->temporary, indices);
    Value *element;
    cloner_body(&t->cloner, b, array->map->regions[0], indices, &element);
    return renames_find(&t->renames, element);
}

static void dims_of(const ToLoops *t, const ArrayInfo *array, Value **dims) {
    for (uint32_t k = 0; k < array->map->operand_count; k++)
        dims[k] = renames_find(&t->renames, array->map->operands[k]);
}

static const IrType *elem_type(const ArrayInfo *array) {
    return op_result(array->map)->type->elem;
}

/* for i in dim: acc = acc op element; view[i] = acc */
static void store_scan(ToLoops *t, Builder b, const ArrayInfo *array, Value *view) {
    ReduceKind kind = array->map->attr.reduce;
    Value *dim, *index, *element;
    dims_of(t, array, &dim);
    Value *so_far = build_var(&b, elem_type(array), NO_NAME);
    build_set(&b, so_far, build_reduce_identity(&b, kind, elem_type(array)));
    nest_open(&b, &dim, 1, 0, 0, &index);
    index->region->parent->attr.loop.reduces = fp_frees_order(t->fn->fp);
    cloner_body(&t->cloner, &b, array->map->regions[0], &index, &element);
    element = renames_find(&t->renames, element);
    build_set(&b, so_far, build_binary(&b, reduce_step(kind), build_get(&b, so_far), element));
    build_store(&b, view, build_get(&b, so_far), &index);
}

/* for i.. in dims: view[i..] = array[i..] */
static void store_nest(ToLoops *t, Builder b, const ArrayInfo *array, Value *view,
                       uint32_t downward, uint32_t independent) {
    Value *dims[8], *indices[8];
    if (array->map->kind == OP_SCAN && array->temporary == NULL) {
        store_scan(t, b, array, view);
        return;
    }
    dims_of(t, array, dims);
    nest_open(&b, dims, array->map->operand_count, downward, independent, indices);
    Value *element = element_build(t, &b, array, indices);
    build_store(&b, view, element, indices);
}

static Value *temporary_make(ToLoops *t, Builder *b, const ArrayInfo *array) {
    Value *dims[8];
    dims_of(t, array, dims);
    Value *view = build_alloc(b, elem_type(array), dims, array->map->operand_count, false);
    Temporary temporary = {b->region, view, NULL};
    vec_push(t->pass->scratch, &t->temporaries, temporary);
    return view;
}

static uint32_t all_independent(const ArrayInfo *array) {
    bool shares = array->effects & (EFFECT_WRITES | EFFECT_PRINTS);
    return shares ? 0 : UINT32_MAX;
}

/* The first in the text is the first that is found: regions are taken in order. */
static void need_note(ToLoops *t, MemoryNeed need) {
    if (t->first_need.what == NULL) t->first_need = need;
    pass_remark(t->pass, t->fn, need.span, REMARK_THROUGH_MEMORY, "%s", need.reason);
}

void array_to_memory(ToLoops *t, ArrayInfo *array, Span span, const char *reason) {
    Builder b = builder_before(array->map);
    b.span = array->map->span;
    Value *view = temporary_make(t, &b, array);
    store_nest(t, builder_before(array->map), array, view, 0, all_independent(array));
    array->temporary = view;
    need_note(t, (MemoryNeed){span, "this array", reason});
}

/* ---- Storing in place: legality and plan ----------------------------------------------------- */

typedef struct StorePlan {
    bool direct;
    uint32_t downward, upward; /* loops that must run in this direction */
    uint32_t carries;          /* loops whose iterations depend on each other */
    const char *reason;        /* why not, or why in this way */
} StorePlan;

/* A load that meets the element stored `distance` iterations later is safe when that iteration
 * does come later: the outermost loop with a distance decides. */
static void plan_shift(StorePlan *plan, const Overlap *overlap, uint32_t rank) {
    for (uint32_t k = 0; k < rank; k++) {
        if (overlap->distance[k] == 0) continue;
        plan->carries |= 1u << k;
        if (overlap->distance[k] > 0) plan->upward |= 1u << k;
        else plan->downward |= 1u << k;
        break;
    }
    if (plan->reason == NULL) plan->reason = overlap->reason;
    if (!(plan->upward & plan->downward)) return;
    plan->direct = false;
    plan->reason = "elements before and after the one written are read";
}

static void plan_overlap(StorePlan *plan, const Overlap *overlap, uint32_t rank) {
    if (overlap->kind == OVERLAP_SHIFTED) plan_shift(plan, overlap, rank);
    if (overlap->kind != OVERLAP_UNKNOWN) return;
    plan->direct = false;
    plan->reason = overlap->reason;
}

/* Structs, lists and elements of lists: all or nothing. */
static void plan_place(ToLoops *t, StorePlan *plan, const NestStore *store, const Value *operand) {
    Root read = reached_root(t, operand), written = memory_root(&t->memory, store->view);
    if (!roots_may_overlap(&read, &written)) return;
    plan->direct = false;
    plan->reason = "what it reads may lie in the memory that is written";
}

static void plan_operands(ToLoops *t, StorePlan *plan, const NestStore *store, const Op *read) {
    for (uint32_t i = 0; i < read->operand_count && plan->direct; i++) {
        const Value *operand = read->operands[i];
        if (!reaches_memory(operand)) continue;
        if (operand->type->kind != IR_VIEW && operand->type->kind != IR_BUF) {
            plan_place(t, plan, store, operand);
            continue;
        }
        Overlap overlap = overlap_of_view(t->pass->scratch, &t->memory, store, operand);
        plan_overlap(plan, &overlap, store->rank);
    }
}

static StorePlan store_plan(ToLoops *t, const ArrayInfo *array, const Value *view) {
    const Region *body = array->map->regions[0];
    NestStore store = {view, body->params, array->map->operands, body->param_count, &t->intervals};
    StorePlan plan = {.direct = true};
    for (uint32_t i = 0; i < array->reads.len && plan.direct; i++) {
        const Op *read = array->reads.data[i];
        if (read->kind != OP_LOAD) {
            plan_operands(t, &plan, &store, read);
            continue;
        }
        Overlap overlap = overlap_of_load(t->pass->scratch, &t->memory, &store, read);
        plan_overlap(&plan, &overlap, store.rank);
    }
    return plan;
}

/* ---- Assignments ----------------------------------------------------------------------------- */

/* dst = array, by way of a temporary: every element is computed before any is stored. */
static void assign_through_memory(ToLoops *t, Op *assign, ArrayInfo *array, const char *reason) {
    Builder b = builder_before(assign);
    ArrayInfo stored = *array;
    stored.temporary = temporary_make(t, &b, array);
    store_nest(t, b, array, stored.temporary, 0, all_independent(array));
    store_nest(t, builder_before(assign), &stored, assign->operands[0], 0, UINT32_MAX);
    need_note(t, (MemoryNeed){assign->span, "the right-hand side", reason});
}

static void assign_direct(ToLoops *t, Op *assign, const ArrayInfo *array, const StorePlan *plan) {
    store_nest(t, builder_before(assign), array, assign->operands[0], plan->downward,
               all_independent(array) & ~plan->carries);
    if (plan->reason != NULL)
        pass_remark(t->pass, t->fn, assign->span, REMARK_IN_PLACE, "%s: %s",
                    plan->downward ? "from the end" : "in order", plan->reason);
}

void assign_lower(ToLoops *t, Op *assign) {
    ArrayInfo *array = array_of(t, assign->operands[1]);
    assign->operands[0] = renames_find(&t->renames, assign->operands[0]);
    if (array->temporary == NULL) {
        const char *reason = array_needs_memory(t, array, assign);
        if (reason != NULL) array_to_memory(t, array, assign->span, reason);
    }
    StorePlan plan = {.direct = true};
    if (array->temporary == NULL) plan = store_plan(t, array, assign->operands[0]);
    if (array->map->kind == OP_SCAN && plan.downward != 0) plan.direct = false;
    if (plan.direct) assign_direct(t, assign, array, &plan);
    else assign_through_memory(t, assign, array, plan.reason);
    op_unlink(assign);
}
