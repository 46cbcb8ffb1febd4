/* abreast: plain loops whose iterations may be the lanes of vectors say so.
 *
 * Requires: stage LOOP; checks that hold are gone (PROVED).
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * `independent` asks this of the source; here counters are computed, elements stay in registers, and windows
 * are seen through. Two accesses to one memory, of which one writes, either never meet in two different
 * iterations, and the loop is `independent`; or they meet a known number of iterations apart. Lanes do each
 * op of the body for all iterations at once, then the next: so such a loop runs as it would in order (it is
 * `in_step`) if of two accesses that meet, that of the earlier iteration stands first in the body. Ops are
 * put into an order in which that is so, if there is one. If not, `a[i] = a[i - 16] + b[i]`, those that meet far enough
 * apart may stay as they are: up to so many lanes do not reach that far (`lanes_most`).
 *
 * Lanes of which one leaves the loop do nothing (spmd_exit.c), so that what is done on a way out does not count, but for
 * the elements that it accesses: nobody's claim that the iterations are `independent` may be wrong for those.
 *
 * `a[i] = a[n - 1 - i] + b[i]` meets itself in the middle: what the first half reads is written by the second, and the
 * other way round. So it is cut there, and in each half iterations share nothing.
 *
 * `a[i] = a[i - m] + b[i]` shares nothing among m iterations that follow each other: so it goes in blocks, if m is large
 * enough when it runs.
 *
 * Legality: the other ops are pure, or access elements, variables, branch, or check. A loop that is cut runs in the order
 * that it had, whatever the number. */
#include "ir/passes/abreast.h"

#include "ir/analysis/meet.h"
#include "ir/analysis/range.h"
#include "ir/passes/cloner.h"
#include "ir/passes/loop_exits.h"
#include "ir/passes/runs.h"

/* More accesses than that are compared with each other by nobody. */
enum { MOST_ACCESSES = 64, MOST_OPS = 256, MOST_CUT_OPS = 80 };

typedef struct Abreast {
    PassContext *pass;
    IrFn *fn;
    Memory memory;
    Intervals intervals;
    Ranges *ranges;
} Abreast;

typedef struct LoopStudy {
    Abreast *a;
    Op *loop;
    Meet meet;
    LoopAccessVec accesses;
    uint32_t ops;
    bool has_inner; /* a loop inside */
    bool is_plain;
    bool is_carried;         /* iterations share an element */
    bool is_crossed;         /* ... where their numbers add up to `sum` */
    Affine sum;
    bool is_followed;        /* ... `distance` iterations apart, which is known when it runs */
    Affine distance;
    BeforeVec before;
} LoopStudy;

/* ---- What the loop does ---------------------------------------------------------------------- */

static uint32_t node_of(const LoopStudy *s, const Op *op) {
    const Region *body = s->loop->regions[0];
    while (op->parent != body) op = op->parent->parent;
    uint32_t node = 0;
    for (const Op *o = body->first; o != op; o = o->next) node++;
    return node;
}

static void access_add(LoopStudy *s, Op *op) {
    const Memory *memory = &s->a->memory;
    LoopAccess access = {.op = op, .root = memory_root(memory, op->operands[0]), .writes = op->kind == OP_STORE,
                         .node = node_of(s, op)};
    access.is_exact = element_accessed(memory, op, &access.element);
    vec_push(s->a->pass->scratch, &s->accesses, access);
}

static bool is_variable(const Op *op) {
    const Op *def = ref_base(op->operands[0])->def;
    return def != NULL && def->kind == OP_VAR;
}

static void op_note(void *user, Op *op) {
    LoopStudy *s = user;
    s->ops++;
    bool is_access = op->kind == OP_LOAD || op->kind == OP_STORE;
    if (!is_access && in_exit(s->loop, op)) return;
    switch ((int)op->kind) {
    case OP_LOAD: case OP_STORE: access_add(s, op); return;
    case OP_GET: case OP_SET: s->is_plain = s->is_plain && is_variable(op); return;
    case OP_FOR: case OP_WHILE: s->has_inner = true; return;
    case OP_IF: case OP_YIELD: case OP_VAR: case OP_CHECK: case OP_CONTINUE: case OP_BREAK: return;
    default: s->is_plain = s->is_plain && op_is_pure(op);
    }
}

/* ---- Where accesses meet --------------------------------------------------------------------- */

/* The form, where the index makes it least (or, for -1, most). False: not known to be what the index is then. */
static bool form_end(const LoopStudy *s, const Affine *form, int64_t sign, Affine *end) {
    const Op *loop = s->loop;
    const Value *index = loop->regions[0]->params[0];
    int64_t factor = affine_factor(form, index);
    bool at_first = (factor > 0) == (s->meet.step > 0) ? sign > 0 : sign < 0;
    Affine symbol = affine_symbol(index), limit = affine_of(loop->operands[at_first ? 0 : 1], NULL, NULL);
    if (!at_first) limit.constant -= s->meet.step > 0 ? 1 : -1;
    *end = *form;
    if (!affine_add_exact(end, &symbol, -factor) || !affine_add_exact(end, &limit, factor)) return false;
    for (uint32_t i = 0; i < end->count; i++)
        if (value_is_made_in(end->terms[i].value, loop)) return false;
    return ranges_prove_fits(s->a->ranges, end);
}

/* They come close to each other, and are closest in one iteration: the first or the last. */
static bool come_close(const LoopStudy *s, const Affine *low, const Affine *high) {
    const Value *index = s->loop->regions[0]->params[0];
    int64_t a = affine_factor(low, index), b = affine_factor(high, index);
    return (a > 0 && b < 0) || (a < 0 && b > 0);
}

/* One stays below the other, in all iterations; or both are at one element in the same iteration, and in no other. */
static bool stays_below(const LoopStudy *s, const Affine *low, const Affine *high) {
    Affine least, most, gap, apart = affine_const(come_close(s, low, high) ? 0 : 1);
    return form_end(s, low, 1, &least) && form_end(s, low, -1, &most) && form_end(s, high, -1, &gap) &&
           form_end(s, high, 1, &gap) && affine_add_exact(&gap, &most, -1) &&
           affine_add_exact(&gap, &apart, -1) && ranges_prove(s->a->ranges, &gap);
}

static bool elements_are_apart(const LoopStudy *s, const Element *a, const Element *b) {
    for (uint32_t d = 0; d < a->rank; d++)
        if (stays_below(s, &a->index[d], &b->index[d]) || stays_below(s, &b->index[d], &a->index[d]))
            return true;
    return false;
}

/* Vectors of elements that lie side by side are read and written when their op has its turn; those of other
 * strides together with their neighbours, perhaps earlier or later. */
static bool is_side_by_side(const LoopStudy *s, const LoopAccess *access) {
    const Element *element = &access->element;
    const Value *index = s->loop->regions[0]->params[0];
    int64_t factor = affine_factor(&element->index[element->rank - 1], index);
    return factor == 0 || ((factor == 1 || factor == -1) && (s->meet.step == 1 || s->meet.step == -1));
}

static bool carried_add(LoopStudy *s, const LoopAccess *a, const LoopAccess *b, int64_t distance) {
    const LoopAccess *first = distance < 0 ? b : a, *second = distance < 0 ? a : b;
    s->is_carried = s->is_carried || distance != 0;
    if (distance != 0 && !(is_side_by_side(s, a) && is_side_by_side(s, b))) return false;
    if (first->node == second->node && distance >= 0) return true;
    Before before = {first->node, second->node, distance < 0 ? 0 - (uint64_t)distance : (uint64_t)distance, first->writes};
    vec_push(s->a->pass->scratch, &s->before, before);
    return true;
}

/* All that do so cross at one place. */
static bool crossing_note(LoopStudy *s, const LoopAccess *a, const LoopAccess *b) {
    Affine sum;
    if (!accesses_cross(s->loop, &a->element, &b->element, &sum)) return false;
    if (s->is_crossed && !affine_equal(&s->sum, &sum)) return false;
    s->is_crossed = true;
    s->sum = sum;
    return true;
}

/* All that do so follow each other at one distance. */
static bool following_note(LoopStudy *s, const LoopAccess *a, const LoopAccess *b) {
    Affine distance;
    if (a->writes == b->writes) return false;
    const LoopAccess *store = a->writes ? a : b, *load = a->writes ? b : a;
    if (!accesses_follow(s->loop, &store->element, &load->element, &distance)) return false;
    if (s->is_followed && !affine_equal(&s->distance, &distance)) return false;
    s->is_followed = true;
    s->distance = distance;
    return true;
}

/* `a` stands before `b` in the body, or is the same. False: nothing is known of how they meet. */
static bool pair_note(LoopStudy *s, const LoopAccess *a, const LoopAccess *b) {
    if ((!a->writes && !b->writes) || !roots_may_overlap(&a->root, &b->root)) return true;
    if (!a->is_exact || !b->is_exact || !bases_equal(a->element.base, b->element.base)) return false;
    Meeting meeting = elements_meet(&s->meet, &a->element, &b->element);
    if (meeting.is_never) return true;
    if (!meeting.is_known)
        return elements_are_apart(s, &a->element, &b->element) || crossing_note(s, a, b) || following_note(s, a, b);
    if (a->op == b->op) return meeting.distance == 0;
    return carried_add(s, a, b, meeting.distance);
}

static bool pairs_note(LoopStudy *s) {
    for (uint32_t i = 0; i < s->accesses.len; i++)
        for (uint32_t k = i; k < s->accesses.len; k++)
            if (!pair_note(s, &s->accesses.data[i], &s->accesses.data[k])) return false;
    return true;
}

/* ---- The walk -------------------------------------------------------------------------------- */

static bool is_candidate(const Op *loop) {
    const OpLoop *attr = &loop->attr.loop;
    int64_t step;
    return loop->kind == OP_FOR && !attr->is_simd && !attr->is_parallel && !attr->independent &&
           !attr->is_vector && value_is_int(loop->operands[2], &step) && step != 0;
}

/* False: nothing is known of how its iterations get on with each other. */
static bool loop_study(Abreast *a, Op *loop, LoopStudy *s) {
    *s = (LoopStudy){.a = a, .loop = loop, .meet = meet_of(&a->intervals, loop, loop), .is_plain = true};
    region_walk(loop->regions[0], op_note, s);
    return s->is_plain && s->accesses.len <= MOST_ACCESSES && s->ops <= MOST_OPS && pairs_note(s);
}

/* Over these iterations. */
static bool is_independent(Abreast *a, Op *loop, Value *lo, Value *hi) {
    Value *first = loop->operands[0], *last = loop->operands[1];
    LoopStudy s;
    loop_set_range(loop, lo, hi);
    bool is_so = loop_study(a, loop, &s) && !s.is_carried && !s.is_crossed && !s.is_followed;
    loop_set_range(loop, first, last);
    return is_so;
}

/* If both halves are independent, that is what the loop becomes. */
static void cut_try(const LoopStudy *s) {
    Abreast *a = s->a;
    Op *loop = s->loop, *before = loop->prev;
    uint32_t mark = ranges_mark(a->ranges);
    if (s->has_inner || s->ops > MOST_CUT_OPS || !loop_may_be_cut(loop)) return;
    Halves halves = halves_build(loop, &s->sum);
    Op *made = before == NULL ? loop->parent->first : before->next;
    for (const Op *op = made; op != loop; op = op->next) ranges_assume_op(a->ranges, op);
    if (is_independent(a, loop, loop->operands[0], halves.end) &&
        is_independent(a, loop, halves.begin, loop->operands[1])) {
        loop->attr.loop.independent = true;
        loop_cut(a->pass, loop, halves);
        a->pass->changed = true;
        return;
    }
    ranges_forget(a->ranges, mark);
    while (loop->prev != before) op_unlink(loop->prev);
}

/* It is a size, or less: numbers of iterations do not wrap. */
static bool ends_at_size(Abreast *a, const Op *loop) {
    Affine room = affine_const((int64_t)SIZE_LIMIT), end = ranges_form(a->ranges, loop->operands[1]);
    return affine_add_exact(&room, &end, -1) && ranges_prove(a->ranges, &room);
}

/* What else its iterations share has no order in blocks. */
static void block_try(const LoopStudy *s) {
    Abreast *a = s->a;
    Op *loop = s->loop;
    if (s->has_inner || s->is_carried || s->ops > MOST_CUT_OPS || !loop_may_be_cut(loop) || !ends_at_size(a, loop)) return;
    loop_block(a->pass, loop, &s->distance);
    a->pass->changed = true;
}

static void loop_visit(Abreast *a, Op *loop) {
    LoopStudy s;
    if (!loop_study(a, loop, &s)) return;
    if (s.is_crossed || s.is_followed) {
        if (!s.is_followed) cut_try(&s);
        else if (!s.is_crossed) block_try(&s);
        return;
    }
    if (!s.is_carried) {
        loop->attr.loop.independent = true;
    } else {
        if (s.has_inner || !body_order_for_lanes(a->pass, loop->regions[0], &s.before, &loop->attr.loop.lanes_most)) return;
        loop->attr.loop.in_step = true;
    }
    a->pass->changed = true;
}

static void region_visit(Abreast *a, Region *region);

static void inner_visit(Abreast *a, Op *op, uint32_t which) {
    uint32_t mark = ranges_mark(a->ranges);
    ranges_assume_region(a->ranges, op, which);
    region_visit(a, op->regions[which]);
    ranges_forget(a->ranges, mark);
}

static void region_visit(Abreast *a, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        ranges_assume_past(a->ranges, op);
        if (is_candidate(op)) loop_visit(a, op);
        for (uint32_t i = 0; i < op->region_count; i++) inner_visit(a, op, i);
    }
}

void abreast_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Abreast a = {.pass = pass, .fn = fn, .memory = memory_of(pass->scratch, fn)};
        a.intervals = intervals_of(pass->scratch, fn);
        a.ranges = ranges_create(pass->scratch, fn);
        region_visit(&a, fn->body);
    }
}
