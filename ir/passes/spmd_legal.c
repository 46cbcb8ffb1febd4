/* Legality: whether a loop may be widened. Its iterations share nothing that is written, which its
 * attribute says; left to ask is whether each op in it has a form for several lanes, and whether what it
 * sets outside are accumulators. The first thing that stands against it is kept, in the user's words. */
#include "ir/passes/spmd.h"
#include "ir/words.h"

void refuse(SpmdLoop *l, const Op *op, const char *reason) {
    if (l->reason != NULL) return;
    l->reason = reason;
    l->where = op->span;
    l->against = op;
}

/* ---- What an op needs ------------------------------------------------------------------------ */

static bool varies(const SpmdLoop *l, const Value *value) {
    return form_of(l->spmd, value).shape != SHAPE_UNIFORM;
}

static bool any_operand_varies(const SpmdLoop *l, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (varies(l, op->operands[i])) return true;
    return false;
}

/* What the mode `reproducible` made of an accumulator (ir/ownership/lanes.c). */
static bool is_lanes_of_sum(const SpmdLoop *l, const Op *op) {
    return op->kind == OP_VAR && op->attr.var.name.id == 0 && l->spmd->fn->fp == FP_REPRODUCIBLE;
}

/* What differs from lane to lane is a scalar. */
static void check_results(SpmdLoop *l, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        const IrType *type = op->results[i]->type;
        if (op->kind == OP_VAR) type = type->elem;
        if (!varies(l, op->results[i]) || ir_is_scalar(type)) continue;
        if (type->kind == IR_REF || op->kind == OP_ALLOC) continue; /* judged by their uses */
        refuse(l, op,
               type->kind == IR_VIEW     ? "a window begins at another place in each iteration"
               : type->kind == IR_STRUCT ? "a struct with other values in each iteration is kept whole"
               : type->kind == IR_VEC && is_lanes_of_sum(l, op)
                                         ? "the inner loop's sum has lanes of its own in the mode `reproducible`"
               : type->kind == IR_VEC    ? "a SIMD value differs from iteration to iteration"
                                         : "a value of this type cannot differ between iterations");
    }
}

/* A SIMD value is the same for all iterations, and so is what is done with it. */
static void check_vectors(SpmdLoop *l, const Op *op) {
    bool meets = op_is_vector_access(op->kind) || op->kind == OP_PREFETCH;
    if (takes_own_lane(l, op)) return;
    for (uint32_t i = 0; i < op->operand_count; i++)
        meets = meets || op->operands[i]->type->kind == IR_VEC;
    if (meets && any_operand_varies(l, op))
        refuse(l, op, "a SIMD value meets what differs from iteration to iteration");
}

bool is_looked_up(const SpmdLoop *l, const Op *op) {
    Table table;
    return op->kind == OP_LOAD && table_fits(l->spmd->pass->options, op->operands[0], op->operands[1], &table) &&
           table_stays(&l->spmd->memory, l->spmd->effects, op->operands[0], l->loop);
}

static uint32_t registers_moved(Reach reach, int64_t step) {
    if (reach == REACH_STEPS) return (uint32_t)step;
    return reach == REACH_SIDE_BY_SIDE || reach == REACH_BACKWARD ? 1 : 0;
}

static void check_access(SpmdLoop *l, const Op *op) {
    const IrType *elem = op->operands[0]->type->elem;
    int64_t step;
    if (!ir_is_scalar(elem)) {
        if (any_operand_varies(l, op)) refuse(l, op, "a whole struct is read or written in an array");
        return;
    }
    Reach reach = access_reach(l->spmd, op, &step);
    if (reach == REACH_SPREAD && !is_at_cursor(l, op) && !is_looked_up(l, op)) l->spread++;
    if (reach == REACH_APART) l->apart++;
    l->moved += registers_moved(reach, step);
    if (elem->size < 4) l->narrow = true;
    if (reach != REACH_ONE && elem->size > l->bytes) l->bytes = elem->size;
}

static void check_place(SpmdLoop *l, const Op *op) {
    Value *base = (Value *)ref_base(op->operands[0]);
    bool is_var = base->def != NULL && base->def->kind == OP_VAR;
    bool in_struct = op->operands[0]->def != NULL && op->operands[0]->def->kind == OP_FIELD;
    if (is_var && in_struct && varies(l, base))
        refuse(l, op, "a struct with other values in each iteration is kept whole");
    const Op *def = op->operands[0]->def;
    bool in_vector = is_var && def != NULL && def->kind == OP_LANE_ITEM && !is_from_around(l, base);
    if (in_vector && (varies(l, base) || varies(l, def->operands[1])))
        refuse(l, op, "a SIMD value differs from iteration to iteration");
    if (!is_var && op->kind == OP_SET && !varies(l, op->operands[0]))
        refuse(l, op, "each iteration writes the same place");
    if (!is_var && !ir_is_scalar(op->operands[0]->type->elem) && varies(l, op->operands[0]))
        refuse(l, op, "a whole struct is read or written in an array");
    if (!is_var && varies(l, op->operands[0])) l->spread++;
}

static void check_call(SpmdLoop *l, const Op *op) {
    unsigned effects = op_effects(l->spmd->effects, op);
    if (effects & EFFECT_PRINTS) refuse(l, op, "it calls a function that prints, or may");
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *arg = op->operands[i];
        if (varies(l, arg) && !ir_is_scalar(arg->type))
            refuse(l, op, "it passes something other than numbers that differs between iterations");
        if (arg->type->kind == IR_REF && ref_base(arg)->def != NULL &&
            ref_base(arg)->def->kind == OP_VAR)
            refuse(l, op, "it passes a variable that the function may change");
    }
    if (l->reason != NULL || variant_refusal(l->spmd, op) != NULL) l->spread++;
}

static void check_loop(SpmdLoop *l, const Op *op) {
    l->has_loop = true;
    if (l->spmd->diverges[op->id]) l->has_divergent_loop = true;
    if (op->kind == OP_FOR && varies(l, op->operands[2]))
        refuse(l, op, "the step of a loop differs between iterations");
}

static bool is_wide_integer(const SpmdLoop *l, const Value *value) {
    return value->type->kind == IR_SCALAR && value->type->scalar == SCALAR_I64 &&
           form_of(l->spmd, value).shape == SHAPE_VARYING;
}

static void op_check(void *user, Op *op) {
    SpmdLoop *l = user;
    if (in_exit(l->loop, op)) return;
    l->ops++;
    for (uint32_t i = 0; i < op->operand_count && op->kind != OP_STORE; i++)
        if (is_wide_integer(l, op->operands[i])) l->wide_integers = true;
    check_results(l, op);
    check_vectors(l, op);
    switch ((int)op->kind) {
    case OP_LOAD: case OP_STORE: check_access(l, op); return;
    case OP_VLOAD: case OP_VSTORE: case OP_GATHER: case OP_SCATTER: case OP_PACK:
        if (any_operand_varies(l, op) || op->result_count == 0)
            refuse(l, op, "it works on SIMD values already");
        return;
    case OP_GET: case OP_SET: check_place(l, op); return;
    case OP_CALL: check_call(l, op); return;
    case OP_IF: l->has_parting |= l->spmd->diverges[op->id]; return;
    case OP_CHECK: l->checks += any_operand_varies(l, op); return;
    case OP_FOR: case OP_WHILE: check_loop(l, op); return;
    case OP_TRY: refuse(l, op, "each iteration handles errors, and its handler looks at them or leaves a loop inside"); return;
    case OP_RAISE: case OP_FAIL: case OP_CAUGHT: refuse(l, op, "an error may be raised"); return;
    case OP_PRINT: refuse(l, op, "it prints"); return;
    case OP_GRAPH:
    case OP_JOIN: refuse(l, op, "it waits for a task"); return;
    case OP_ALLOC:
        if (!may_be_private(l, op))
            refuse(l, op, "the array that each iteration makes is large, or passed on as a whole");
        return;
    case OP_FREE:
        if (!is_private(l->spmd, op->operands[0])) refuse(l, op, "memory is ended in each iteration");
        return;
    case OP_ALLOC_IN: case OP_RESET: case OP_ARENA:
        refuse(l, op, "memory is made or ended in each iteration");
        return;
    case OP_LIST: case OP_ITEMS: case OP_APPEND: case OP_TAKE:
        if (op->kind != OP_ITEMS || any_operand_varies(l, op)) refuse(l, op, "it changes a list");
        return;
    default: return;
    }
}

/* ---- Variables from outside ------------------------------------------------------------------ */

typedef bool (*Recogniser)(const SpmdLoop *l, Value *var, Reduction *found);

/* What an iteration may do with a variable from outside. The first that fits counts: a counter is a sum as well. */
static const Recogniser recognisers[] = {finds_count, finds_groups, finds_sum,  finds_lanes, finds_best,
                                         finds_place, finds_cursor, finds_scan, finds_latest};

static void reduction_note(SpmdLoop *l, const Op *set) {
    Value *var = (Value *)ref_base(set->operands[0]);
    if (var->def == NULL || var->def->kind != OP_VAR || !is_from_around(l, var)) return;
    for (uint32_t i = 0; i < l->reductions.len; i++)
        if (outer_var(&l->reductions.data[i]) == var) return;
    Reduction reduction = {.var = var};
    bool found = false;
    for (uint32_t i = 0; i < ARRAY_LEN(recognisers) && !found; i++) found = recognisers[i](l, var, &reduction);
    if (!found) {
        const IrType *held = var->type->elem;
        bool is_float = ir_is_lanewise(held) && scalar_is_float(held->scalar);
        refuse(l, set, is_float ? "a number carries over from one iteration to the next, and float "
                                  "arithmetic may not be put in another order"
                                : "a value carries over from one iteration to the next");
    }
    reduction.is_total = found && is_total(l, &reduction);
    vec_push(l->spmd->pass->scratch, &l->reductions, reduction);
}

static void outer_note(void *user, Op *op) {
    SpmdLoop *l = user;
    if (op->kind == OP_SET && l->reason == NULL && !in_exit(l->loop, op)) reduction_note(l, op);
}

static void width_note(void *user, Op *op) {
    SpmdLoop *l = user;
    if (in_exit(l->loop, op) || op->result_count != 1 || !varies(l, op_result(op)) || op->kind == OP_CAST) return;
    const IrType *type = op_result(op)->type;
    bool is_index = type->kind == IR_SCALAR && type->scalar == SCALAR_I64;
    if (op_is_pure(op) && ir_is_scalar(type) && !is_index && op->operand_count > 0) l->work++;
    if (!ir_is_float(type)) return;
    if (type->size > l->bytes) l->bytes = type->size;
    *(type->size > 4 ? &l->doubles : &l->singles) += 1;
}

/* A polynomial in f64 amid work in f32 takes two registers a value; the rest would leave half of each idle. */
static void width_settle(SpmdLoop *l) {
    if (l->bytes == 8 && l->singles > l->doubles) l->bytes = 4;
}

void legality_find(SpmdLoop *l) {
    shapes_find(l->spmd, l->loop);
    exits_check(l);
    if (l->loop->regions[1]->first != NULL && l->exits == 0)
        refuse(l, l->loop, "`else` of a loop runs after its last iteration");
    region_walk(l->loop->regions[0], op_check, l);
    region_walk(l->loop->regions[0], width_note, l);
    width_settle(l);
    region_walk(l->loop->regions[0], outer_note, l);
    uint32_t most = l->loop->attr.loop.lanes_most;
    if (most != 0 && lanes_asked(l) > most)
        refuse(l, l->loop, "a sum in the mode `reproducible` takes more iterations at a time than get on with each other");
}
