/* pairs: two gathers of neighbouring elements become one of both.
 *
 * Requires: stage LOOP; works on loops over vectors.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A gather costs as much as its elements are many, and an element and the next are one larger number. Two
 * gathers are a pair if they are of one array, under one mask, and their indices differ by 1 in the last
 * dimension and in nothing else. Legality: the second moves up to the first, with all that it is computed
 * from; so nothing in between may write memory, or end in another way than by a check. Checks in between
 * may be why the second is in range, and move along: a pair cannot be made where one of them needs what the
 * first gather gives, unless the index is in range whatever they say. */
#include "ir/analysis/effects.h"
#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

enum { MAX_TERMS = 8, LARGEST_RUN = 8 /* bytes */ };

typedef struct Pairs {
    PassContext *pass;
    const unsigned *effects;
    Intervals intervals;
    Renames renames;
    OpVec open; /* gathers since memory was written last, alone so far */
} Pairs;

/* ---- Which two ------------------------------------------------------------------------------- */

/* Lanes of integers that wrap: a number, and values that are added. */
typedef struct Sum {
    int64_t constant;
    uint32_t count;
    const Value *terms[MAX_TERMS];
} Sum;

static void sum_add(Sum *sum, const Value *value) {
    const Op *def = value->def;
    int64_t number;
    if (def != NULL && def->kind == OP_SPLAT && value_is_int(def->operands[0], &number)) {
        sum->constant += number;
    } else if (def != NULL && def->kind == OP_ADD && sum->count < MAX_TERMS) {
        sum_add(sum, def->operands[0]);
        sum_add(sum, def->operands[1]);
    } else {
        if (sum->count < MAX_TERMS) sum->terms[sum->count] = value;
        sum->count++;
    }
}

static bool term_remove(Sum *sum, const Value *term) {
    for (uint32_t i = 0; i < sum->count; i++) {
        if (sum->terms[i] != term) continue;
        sum->terms[i] = sum->terms[--sum->count];
        return true;
    }
    return false;
}

/* `second` is that much more than `first`, or 0. */
static int64_t distance(const Value *first, const Value *second) {
    Sum a = {0}, b = {0};
    sum_add(&a, first);
    sum_add(&b, second);
    if (a.count > MAX_TERMS || a.count != b.count) return 0;
    for (uint32_t i = 0; i < b.count; i++)
        if (!term_remove(&a, b.terms[i])) return 0;
    return b.constant - a.constant;
}

static bool is_single(const Op *op) {
    const IrType *view = op->kind == OP_GATHER ? op->operands[0]->type : NULL;
    return view != NULL && !view->strided && 2 * view->elem->size <= LARGEST_RUN &&
           2 * op_result(op)->type->lanes <= MAX_LANES && gather_run(op) == 1;
}

/* 1 if `second` takes what lies behind what `first` takes, -1 if it lies before it, otherwise 0. */
static int neighbour_of(const Op *first, const Op *second) {
    uint32_t last = first->operands[0]->type->rank;
    if (first->operand_count != second->operand_count || op_result(first)->type != op_result(second)->type)
        return 0;
    for (uint32_t i = 0; i < first->operand_count; i++)
        if (i != last && first->operands[i] != second->operands[i]) return 0;
    const Value *a = first->operands[last], *b = second->operands[last];
    if (a->type != b->type || a->type->kind != IR_VEC) return 0;
    int64_t far = distance(a, b);
    return far == 1 || far == -1 ? (int)far : 0;
}

/* ---- What moves ------------------------------------------------------------------------------ */

static bool is_quiet(const Pairs *p, const Op *op) {
    unsigned loud = EFFECT_WRITES | EFFECT_PRINTS | EFFECT_ENDLESS | EFFECT_LOOPS;
    bool leaves = op_ends(op) && op->kind != OP_YIELD;
    return !leaves && (op->kind == OP_CHECK || op->kind == OP_IF || op_is_pure(op) || op->kind == OP_YIELD ||
                       (op_info(op)->flags & OP_FLAG_READS)) &&
           !(op_effects(p->effects, op) & loud);
}

typedef struct Scan {
    const Pairs *pairs;
    bool quiet, checks;
} Scan;

static void op_scan(void *user, Op *op) {
    Scan *scan = user;
    if (!is_quiet(scan->pairs, op)) scan->quiet = false;
    if (op_effects(scan->pairs->effects, op) & EFFECT_PANICS) scan->checks = true;
}

/* Of the op and all that is inside. */
static Scan scan_of(const Pairs *p, Op *op) {
    Scan scan = {p, true, false};
    op_scan(&scan, op);
    for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], op_scan, &scan);
    return scan;
}

/* Nothing that gathers on both sides of it could tell apart. */
static bool is_passed(const Pairs *p, Op *op) {
    return set_is_local(op) || op->kind == OP_VAR || scan_of(p, op).quiet;
}

static bool holds(const OpVec *ops, const Op *op) {
    for (uint32_t i = 0; i < ops->len; i++)
        if (ops->data[i] == op) return true;
    return false;
}

typedef struct Needing {
    Pairs *pairs;
    const Op *from;
    OpVec *needed;
} Needing;

/* The ops behind `from` that give what `op` uses. */
static void operands_need(void *user, Op *op) {
    const Needing *n = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Op *def = op->operands[i]->def;
        if (def == NULL || def->parent != n->from->parent || holds(n->needed, def)) continue;
        for (const Op *at = def; at != NULL; at = at->prev)
            if (at == n->from) vec_push(n->pairs->pass->scratch, n->needed, def);
    }
}

static void op_needs(const Needing *n, Op *op) {
    operands_need((void *)n, op);
    for (uint32_t i = 0; i < op->region_count; i++)
        region_walk(op->regions[i], operands_need, (void *)n);
}

static Value *size_of(const Value *view, uint32_t dim) {
    const Op *def = view->def;
    return def != NULL && def->kind == OP_VIEW ? def->operands[1 + dim] : NULL;
}

/* Whatever was checked. */
static bool is_in_range(Pairs *p, const Op *gather) {
    for (uint32_t i = 0; i < gather->operands[0]->type->rank; i++) {
        const Value *size = size_of(gather->operands[0], i);
        if (size == NULL) return false;
        Interval index = interval_of(&p->intervals, gather->operands[1 + i]);
        if (index.lo < 0 || index.hi >= interval_of(&p->intervals, size).lo) return false;
    }
    return true;
}

/* What must move before `first` so that `second` can be there, the last first; false: it cannot. */
static bool moves_find(Pairs *p, Op *first, Op *second, OpVec *needed) {
    Needing n = {p, first, needed};
    bool checks = !is_in_range(p, second), sets = false;
    for (Op *op = first->next; op != second; op = op->next) sets = sets || set_is_local(op);
    op_needs(&n, second);
    for (Op *op = second->prev; op != first; op = op->prev) {
        if (!holds(needed, op) && !(checks && scan_of(p, op).checks)) continue;
        bool may_move = op->kind != OP_VAR && !set_is_local(op) && !(sets && op->kind == OP_GET);
        if (!may_move) return false;
        if (!holds(needed, op)) vec_push(p->pass->scratch, needed, op);
        op_needs(&n, op);
    }
    return !holds(needed, first);
}

/* ---- Making one of two ----------------------------------------------------------------------- */

static Value *every_second(Builder *b, Value *both, uint32_t from) {
    uint16_t lanes[MAX_LANES];
    uint32_t count = both->type->lanes / 2;
    for (uint32_t i = 0; i < count; i++) lanes[i] = (uint16_t)(2 * i + from);
    return build_shuffle(b, both, both, lanes, count);
}

static void pair_make(Pairs *p, Op *first, Op *second, int side, const OpVec *needed) {
    for (Op *op = first->next, *next; op != second; op = next) {
        next = op->next;
        if (!holds(needed, op)) continue;
        op_unlink(op);
        op_insert_before(op, first);
    }
    const Op *low = side > 0 ? first : second;
    uint32_t rank = low->operands[0]->type->rank, lanes = op_result(low)->type->lanes;
    Value *mask = low->operand_count > 1 + rank ? low->operands[1 + rank] : NULL;
    Builder b = builder_before(first);
    Value *both = build_vload(&b, low->operands[0], low->operands + 1, 2 * lanes, mask);
    renames_add(&p->renames, op_result(first), every_second(&b, both, side > 0 ? 0 : 1));
    renames_add(&p->renames, op_result(second), every_second(&b, both, side > 0 ? 1 : 0));
    pass_remark(p->pass, first->parent->fn, second->span, REMARK_PAIRED,
                "its neighbour is read as well, by one gather for both");
    op_unlink(first);
    op_unlink(second);
    p->pass->changed = true;
}

/* ---- The walk -------------------------------------------------------------------------------- */

static bool pair_found(Pairs *p, Op *op) {
    for (uint32_t i = p->open.len; i-- > 0;) {
        OpVec needed = {0};
        Op *first = p->open.data[i];
        int side = neighbour_of(first, op);
        if (side == 0 || !moves_find(p, first, op, &needed)) continue;
        pair_make(p, first, op, side, &needed);
        p->open.data[i] = p->open.data[--p->open.len];
        return true;
    }
    return false;
}

static void region_pair(Pairs *p, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next)
        for (uint32_t i = 0; i < op->region_count; i++) region_pair(p, op->regions[i]);
    p->open.len = 0;
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        if (!is_passed(p, op)) p->open.len = 0;
        else if (is_single(op) && !pair_found(p, op)) vec_push(p->pass->scratch, &p->open, op);
    }
}

void pairs_run(PassContext *pass, IrModule *module) {
    const unsigned *effects = effects_of_module(pass->scratch, module);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Pairs p = {.pass = pass, .effects = effects, .intervals = intervals_of(pass->scratch, fn)};
        p.renames.arena = pass->scratch;
        region_pair(&p, fn->body);
        renames_apply(&p.renames, fn->body);
    }
}
