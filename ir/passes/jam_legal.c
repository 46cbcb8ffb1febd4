/* Whether iterations of a loop may be done side by side in the loops inside of it.
 *
 * In order, all of an iteration comes before the next one. Side by side, what the next one does in the first iteration of
 * an inner loop comes before what this one does in the second. So what two iterations both access, one of them writing,
 * they access in the same iteration of the innermost loop, which stands in the loop itself; or there is nothing of that
 * kind. Then the innermost loop's iterations share as little as before, too.
 *
 * Threads may not have a say in which iterations are done so, where sums would tell (`cuts_would_show`).
 *
 * Variables from outside are not set; nothing leaves, fails, prints or calls; the loops inside run equally often in all
 * iterations, and are not chosen by an `if`. */
#include "ir/analysis/meet.h"
#include "ir/passes/jam.h"

enum { MOST_ACCESSES = 64, MOST_COPIES = 8 };

/* ---- What is accessed ------------------------------------------------------------------------- */

typedef struct AccessScan {
    Jam *jam;
    JamAccessVec accesses;
} AccessScan;

static const Op *next_loop(const Op *op) {
    while (op->kind != OP_FOR && op->kind != OP_WHILE) op = op->parent->parent;
    return op;
}

static void access_note(void *user, Op *op) {
    AccessScan *scan = user;
    if (op->kind != OP_LOAD && op->kind != OP_STORE) return;
    JamAccess access = {.op = op, .loop = next_loop(op->parent->parent), .writes = op->kind == OP_STORE,
                        .root = memory_root(&scan->jam->memory, op->operands[0])};
    access.is_exact = element_accessed(&scan->jam->memory, op, &access.element);
    vec_push(scan->jam->pass->scratch, &scan->accesses, access);
}

JamAccessVec jam_accesses(Jam *jam, Op *loop) {
    AccessScan scan = {.jam = jam};
    region_walk(loop->regions[0], access_note, &scan);
    return scan.accesses;
}

/* ---- What else is done ------------------------------------------------------------------------ */

typedef struct Body {
    const Op *loop;
    bool is_plain;
} Body;

static bool is_private(const Op *op, const Op *loop) {
    const Value *var = ref_base(op->operands[0]);
    return var->def != NULL && var->def->kind == OP_VAR && value_is_made_in(var, loop);
}

static bool reads_variable(const Op *op) {
    const Value *var = ref_base(op->operands[0]);
    return var->def != NULL && var->def->kind == OP_VAR;
}

static bool fits_around(const Op *op, const Op *around) {
    if (!loop_is_plain(op)) return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (value_is_made_in(op->operands[i], around)) return false;
    for (; op != around; op = op->parent->parent)
        if (op->kind != OP_FOR) return false;
    return true;
}

static void op_note(void *user, Op *op) {
    Body *body = user;
    switch ((int)op->kind) {
    case OP_LOAD: case OP_STORE: case OP_VAR: case OP_IF: case OP_YIELD: return;
    case OP_GET: body->is_plain = body->is_plain && reads_variable(op); return;
    case OP_SET: body->is_plain = body->is_plain && is_private(op, body->loop); return;
    case OP_FOR: body->is_plain = body->is_plain && fits_around(op, body->loop); return;
    default: body->is_plain = body->is_plain && op_is_pure(op);
    }
}

static bool is_moderate(Jam *jam, const Value *value) {
    Interval interval = interval_of(&jam->intervals, value);
    return interval.lo >= -((Int128)1 << 60) && interval.hi <= (Int128)1 << 60;
}

static bool is_candidate(Jam *jam, const Op *loop) {
    int64_t step;
    return !loop->attr.loop.is_simd && fits_around(loop, loop) && value_is_int(loop->operands[2], &step) && step == 1 &&
           is_moderate(jam, loop->operands[0]) && is_moderate(jam, loop->operands[1]);
}

/* ---- Where iterations meet -------------------------------------------------------------------- */

typedef struct Pairing {
    Jam *jam;
    const Op *loop, *inner;
    Meet across, within; /* of iterations of the one, and of the other */
} Pairing;

/* The element that the same access is to `ahead` iterations of the loop later, in values of this one. False: values that
 * the loop makes go into the index. */
static bool element_ahead(const Pairing *p, const JamAccess *access, int64_t ahead, Element *element) {
    *element = access->element;
    for (uint32_t d = 0; d < element->rank; d++) {
        Affine *index = &element->index[d];
        for (uint32_t i = 0; i < index->count; i++) {
            const Value *value = index->terms[i].value;
            bool is_index = value == loop_index(p->loop) || value == loop_index(p->inner);
            if (!is_index && value_is_made_in(value, p->loop)) return false;
        }
        Affine further = affine_const(ahead);
        if (!affine_add(index, &further, affine_factor(index, loop_index(p->loop)))) return false;
    }
    return true;
}

/* Whichever iterations are done together, those of the innermost loop that meet are the same. */
static bool meets_in_step(const Pairing *p, const JamAccess *a, const JamAccess *b) {
    Element here, later;
    if (a->loop != p->inner || b->loop != p->inner || p->inner->parent->parent != p->loop) return false;
    for (int64_t ahead = 1 - MOST_COPIES; ahead < MOST_COPIES; ahead++) {
        if (ahead == 0) continue;
        if (!element_ahead(p, a, 0, &here) || !element_ahead(p, b, ahead, &later)) return false;
        Meeting meeting = elements_meet(&p->within, &here, &later);
        if (!meeting.is_never && !(meeting.is_known && meeting.distance == 0)) return false;
    }
    return true;
}

static bool pair_fits(const Pairing *p, const JamAccess *a, const JamAccess *b) {
    if ((!a->writes && !b->writes) || !roots_may_overlap(&a->root, &b->root)) return true;
    if (!a->is_exact || !b->is_exact || !bases_equal(a->element.base, b->element.base)) return false;
    Meeting meeting = elements_meet(&p->across, &a->element, &b->element);
    return meeting.is_never || (meeting.is_known && meeting.distance == 0) || meets_in_step(p, a, b);
}

static bool accesses_fit(Jam *jam, Op *loop, const Op *inner) {
    Pairing p = {jam, loop, inner, meet_of(&jam->intervals, loop, loop), meet_of(&jam->intervals, inner, inner)};
    JamAccessVec accesses = jam_accesses(jam, loop);
    if (accesses.len > MOST_ACCESSES) return false;
    for (uint32_t i = 0; i < accesses.len; i++)
        for (uint32_t k = i; k < accesses.len; k++)
            if (!pair_fits(&p, &accesses.data[i], &accesses.data[k])) return false;
    return true;
}

/* ---- Sums ------------------------------------------------------------------------------------- */

typedef struct SumScan {
    const Op *inner;
    bool found;
} SumScan;

static void sum_note(void *user, Op *op) {
    SumScan *scan = user;
    if (op->kind != OP_SET) return;
    const Value *var = ref_base(op->operands[0]);
    const Op *step = op->operands[1]->def;
    bool rounds = step == NULL || (step->kind != OP_MIN && step->kind != OP_MAX);
    scan->found = scan->found || (rounds && !value_is_made_in(var, scan->inner) && ir_is_float(var->type->elem));
}

/* Floats are added up in the order that suits the loop. */
static bool sums_freely(const Op *inner) {
    SumScan scan = {.inner = inner};
    if (!inner->attr.loop.reduces && inner->parent->fn->fp != FP_FAST) return false;
    region_walk(inner->regions[0], sum_note, &scan);
    return scan.found;
}

/* Side by side, sums may round otherwise than in iterations that are left over. Which ones these are must not be up to the
 * threads. */
static bool cuts_would_show(const Op *loop, const Op *inner) { return loop_is_part(loop) && sums_freely(inner); }

/* ----------------------------------------------------------------------------------------------- */

bool is_jammable(Jam *jam, Op *loop, const Op *inner) {
    Body body = {loop, true};
    if (!is_candidate(jam, loop) || cuts_would_show(loop, inner)) return false;
    region_walk(loop->regions[0], op_note, &body);
    return body.is_plain && (loop->attr.loop.independent || accesses_fit(jam, loop, inner));
}
