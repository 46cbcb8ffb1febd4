/* What a widened loop looks like, in numbers, for its remark. The questions are those that widening asks
 * (access_reach, diverges), so that the record cannot differ from the code. */
#include "ir/passes/spmd.h"

typedef struct FactScan {
    const SpmdLoop *l;
    VectorFacts facts;
    bool has_element;
    uint32_t bytes; /* of a lane, as planned */
} FactScan;

/* Floats say more about a loop than the numbers that count it. */
static void element_note(FactScan *scan, const IrType *type) {
    if (type->kind != IR_SCALAR || type->size != scan->bytes) return;
    if (scan->has_element && (!ir_is_float(type) || scalar_is_float(scan->facts.element))) return;
    scan->has_element = true;
    scan->facts.element = type->scalar;
}

/* Steps are loads and shuffles only where all lanes are on, or masks are cheap. */
static bool is_stepped(const FactScan *scan, const Op *op) {
    const SpmdLoop *l = scan->l;
    if (scan->facts.lanes > MAX_LANES / 2) return false;
    return (op->kind == OP_LOAD && l->spmd->pass->options->has_masks) ||
           !parts_between(l->spmd, op->parent, l->loop->regions[0]);
}

static void access_note(FactScan *scan, const Op *op) {
    VectorFacts *facts = &scan->facts;
    bool is_load = op->kind == OP_LOAD;
    int64_t step;
    if (!ir_is_scalar(op->operands[0]->type->elem) || is_at_cursor(scan->l, op)) return;
    Reach reach = access_reach(scan->l->spmd, op, &step);
    if (reach == REACH_STEPS && !is_stepped(scan, op)) reach = REACH_SPREAD;
    if (reach != REACH_ONE) element_note(scan, op->operands[0]->type->elem);
    switch (reach) {
    case REACH_ONE: facts->broadcast += is_load; facts->scatters += !is_load; return;
    case REACH_OWN: return; /* in registers, or nearly */
    case REACH_SIDE_BY_SIDE: facts->side_by_side++; return;
    case REACH_BACKWARD: facts->backward++; return;
    case REACH_STEPS: facts->strided++; return;
    case REACH_APART: facts->apart++; return;
    case REACH_SPREAD: break;
    }
    if (!is_load) facts->scatters++;
    else if (is_looked_up(scan->l, op)) facts->lookups++;
    else facts->gathers++;
}

static bool is_place_of_lanes(const Spmd *s, const Op *op) {
    const Value *base = ref_base(op->operands[0]);
    bool is_var = base->def != NULL && base->def->kind == OP_VAR;
    return !is_var && !is_uniform(s, op->operands[0]);
}

static bool call_varies(const Spmd *s, const Op *op) {
    bool varies = false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        varies = varies || !is_uniform(s, op->operands[i]);
    for (uint32_t i = 0; i < op->result_count; i++)
        varies = varies || !is_uniform(s, op->results[i]);
    return varies;
}

static void call_note(FactScan *scan, const Op *op) {
    const SpmdLoop *l = scan->l;
    if (!call_varies(l->spmd, op)) return;
    bool masked = parts_between(l->spmd, op->parent, l->loop->regions[0]);
    if (variant_of(l->spmd, op, scan->facts.lanes, masked)->fn != NULL) scan->facts.variants++;
    else scan->facts.lane_ops++;
}

typedef struct LaneCallScan {
    const SpmdLoop *l;
    const Op *found;
} LaneCallScan;

static void lane_call_note(void *user, Op *op) {
    LaneCallScan *scan = user;
    Spmd *s = scan->l->spmd;
    if (op->kind != OP_CALL || !call_varies(s, op) || in_exit(scan->l->loop, op)) return;
    const char *reason = variant_refusal(s, op);
    if (reason == NULL) return;
    if (scan->found == NULL) scan->found = op;
    pass_record(s->pass, s->fn, &(Remark){.kind = REMARK_LANE_CALLS, .span = op->span, .text = reason,
                                          .callee = op->attr.callee->source_name});
}

const Op *lane_calls_record(const SpmdLoop *l) {
    LaneCallScan scan = {.l = l};
    region_walk(l->loop->regions[0], lane_call_note, &scan);
    return scan.found;
}

static void op_note(void *user, Op *op) {
    FactScan *scan = user;
    const Spmd *s = scan->l->spmd;
    switch ((int)op->kind) {
    case OP_LOAD: case OP_STORE: access_note(scan, op); return;
    case OP_GET: case OP_SET: scan->facts.lane_ops += is_place_of_lanes(s, op); return;
    case OP_CALL: call_note(scan, op); return;
    case OP_IF: case OP_FOR: case OP_WHILE:
        scan->facts.masks += s->diverges[op->id] && !if_exits(scan->l->loop, op); /* whose question is the exit's */
        return;
    case OP_CHECK: scan->facts.checks++; return;
    case OP_ALLOC: scan->facts.private_arrays++; return; /* all that are left in a loop over vectors are */
    default: return;
    }
}

/* Where no access decides it, values do. */
static void value_note(void *user, Op *op) {
    FactScan *scan = user;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (!is_uniform(scan->l->spmd, op->results[i]) && ir_is_float(op->results[i]->type))
            element_note(scan, op->results[i]->type);
}

static void role_note(VectorFacts *facts, Role role) {
    facts->reductions++;
    switch (role) {
    case ROLE_BEST: facts->best++; return;
    case ROLE_PLACE: facts->places++; return;
    case ROLE_SCAN: facts->scans++; return;
    case ROLE_LAST: case ROLE_LATEST: facts->latest++; return;
    case ROLE_CURSOR: facts->cursors++; return;
    case ROLE_COUNTER: facts->counters++; return;
    case ROLE_SUM: case ROLE_LANES: case ROLE_GROUPS: return;
    }
}

VectorFacts vector_facts(const SpmdLoop *l, LanePlan plan) {
    uint32_t bytes = l->bytes == 0 ? 4 : l->bytes;
    FactScan scan = {.l = l, .bytes = bytes};
    scan.facts = (VectorFacts){.lanes = plan.lanes,
                               .registers = (plan.lanes + plan.register_lanes - 1) / plan.register_lanes,
                               .register_bits = plan.register_lanes * bytes * 8,
                               .element = SCALAR_I32,
                               .tail = plan.masked_tail     ? TAIL_MASKED
                                       : plan.narrower_tail ? TAIL_NARROWER
                                                            : TAIL_SINGLE,
                               .fixed_lanes = lanes_asked(l) != 0,
                               .led_from = (uint32_t)led_from(l, plan),
                               .lead_bytes = plan.leads == NULL ? 0 : lead_bytes(plan),
                               .leads_rows = plan.leads_rows,
                               .stream_bytes = plan.streams ? l->spmd->pass->options->stream_bytes : 0,
                               .far_bytes = plan.far.bytes,
                               .far_lanes = plan.far.lanes,
                               .far_parts = plan.far.parts,
                               .exits = l->exits};
    region_walk(l->loop->regions[0], op_note, &scan);
    region_walk(l->loop->regions[0], value_note, &scan);
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        role_note(&scan.facts, l->reductions.data[i].role);
        element_note(&scan, l->reductions.data[i].var->type->elem);
    }
    return scan.facts;
}

const char *facts_advice(const VectorFacts *facts) {
    if (facts->lane_ops > 0) return "mark the functions that it calls `@inline`";
    if (facts->gathers + facts->scatters + facts->apart > 0)
        return "where neighbouring iterations reach neighbouring elements, a plain load or store does: let the loop's "
               "index be the last index of the array";
    return NULL;
}
