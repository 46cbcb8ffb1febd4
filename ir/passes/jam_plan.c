/* How many iterations at a time: as many as make accesses to memory fewer than the arithmetic that goes with them, as far
 * as registers reach. Where that gains nothing, four if the innermost loop sums up: then their sums are combined at once.
 *
 * Elements are numbered: accesses to the same array whose indices differ by constants are in one class, and in each the
 * constants tell which element it is in each copy. Of all copies, an element is loaded once, and stored once. From the
 * first access to the last it is in a register; those that are too many, and what is the same for the whole innermost
 * loop, are loaded again (and stored before that, if they were not loaded just so). */
#include <string.h>

#include "ir/passes/jam.h"

enum {
    MOST_COPIES = 16,     /* of the body, in a tile */
    MOST_OPS = 400,       /* in all loops that come of it; */
    MOST_OPS_KEPT = 640,  /* where there are many registers to keep what is shared in */
    MANY_REGISTERS = 32,
    MOST_ACCESSES = 40,
    FEW_TURNS = 8,        /* of the innermost loop: not worth it */
    MOST_WORK = 8,        /* in the innermost loop, beside which folds are worth looking at */
    SPARE_REGISTERS = 3,  /* for what is under way */
    UNIT = 100,           /* an access; arithmetic takes half as long */
    STEP_GAIN = 5, LEAST_GAIN = 15 /* percent: over a smaller tile, and over none */
};

/* An element, or several that differ between copies. */
typedef struct Class {
    const Element *element; /* of the first access to it */
    bool varies;            /* with the innermost loop */
} Class;

typedef struct Place {
    uint32_t of_class;
    int64_t constant[8];    /* less those of the class */
} Place;

typedef struct Tally {
    Place place;
    uint32_t first, last;
    bool loads, stores;
} Tally;

typedef struct Planner {
    const JamNest *nest;
    Class classes[MOST_ACCESSES];
    uint32_t class_count;
    Place places[MOST_ACCESSES]; /* by access, of the first copy */
    Tally tally[MOST_ACCESSES * MOST_COPIES];
    uint32_t tally_count;
    uint32_t work, sums;         /* arithmetic; variables from outside that the innermost loop sets */
    uint32_t ops[JAM_LOOPS];     /* in the body of each loop */
} Planner;

/* ---- Classes ---------------------------------------------------------------------------------- */

static bool place_in(const Element *element, const Element *other, Place *place) {
    if (!bases_equal(element->base, other->base)) return false;
    for (uint32_t d = 0; d < element->rank; d++) {
        Affine gap = other->index[d];
        if (!affine_add(&gap, &element->index[d], -1) || !affine_is_const(&gap, &place->constant[d])) return false;
    }
    return true;
}

static bool element_varies(const Element *element, const Op *inner) {
    for (uint32_t d = 0; d < element->rank; d++)
        for (uint32_t i = 0; i < element->index[d].count; i++)
            if (value_is_made_in(element->index[d].terms[i].value, inner)) return true;
    return false;
}

static Place place_of(Planner *p, const JamAccess *access) {
    Place place = {0};
    for (uint32_t c = 0; c < p->class_count; c++) {
        place.of_class = c;
        if (place_in(p->classes[c].element, &access->element, &place)) return place;
    }
    place = (Place){.of_class = p->class_count};
    p->classes[p->class_count++] = (Class){&access->element, element_varies(&access->element, p->nest->inner)};
    return place;
}

/* ---- The body --------------------------------------------------------------------------------- */

static void count_note(void *user, Op *op) {
    uint32_t *count = user;
    (void)op;
    ++*count;
}

static bool is_arithmetic(const Op *op) {
    if (!op_is_pure(op) || op->result_count != 1 || op->kind == OP_CONST) return false;
    const IrType *type = op_result(op)->type;
    return type->kind == IR_SCALAR && type->scalar != SCALAR_I64;
}

static void work_note(void *user, Op *op) {
    Planner *p = user;
    enum { LONG = 8 };
    bool takes_long = op->kind == OP_DIV || op->kind == OP_SQRT || op->kind == OP_FLOORDIV || op->kind == OP_MOD;
    if (is_arithmetic(op)) p->work += takes_long ? LONG : 1;
    if (op->kind == OP_SET && !value_is_made_in(ref_base(op->operands[0]), p->nest->inner)) p->sums++;
}

/* ---- A tile ----------------------------------------------------------------------------------- */

static Tally *tally_of(Planner *p, const Place *place, uint32_t at) {
    for (uint32_t i = 0; i < p->tally_count; i++)
        if (memcmp(&p->tally[i].place, place, sizeof *place) == 0) return &p->tally[i];
    p->tally[p->tally_count] = (Tally){.place = *place, .first = at};
    return &p->tally[p->tally_count++];
}

static void access_tally(Planner *p, uint32_t which, const uint32_t *copy, uint32_t at) {
    const JamAccess *access = &p->nest->accesses.data[which];
    Place place = p->places[which];
    for (uint32_t d = 0; d < access->element.rank; d++)
        for (uint32_t i = 0; i < p->nest->loop_count; i++)
            place.constant[d] += affine_factor(&access->element.index[d], loop_index(p->nest->loops[i])) * copy[i];
    Tally *tally = tally_of(p, &place, at);
    tally->last = at;
    tally->loads = tally->loads || (!access->writes && !tally->stores);
    tally->stores = tally->stores || access->writes;
}

/* In the order of the copies: of the outer loop, and in each those of the inner. */
static void tile_tally(Planner *p, const uint32_t *copies) {
    uint32_t at = 0, copy[JAM_LOOPS];
    p->tally_count = 0;
    for (copy[1] = 0; copy[1] < copies[1]; copy[1]++)
        for (copy[0] = 0; copy[0] < copies[0]; copy[0]++)
            for (uint32_t i = 0; i < p->nest->accesses.len; i++) access_tally(p, i, copy, at++);
}

static bool tally_varies(const Planner *p, uint32_t which) {
    return p->classes[p->tally[which].place.of_class].varies;
}

/* The most that are between their first and last access at a time. */
static uint32_t most_alive(const Planner *p) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < p->tally_count; i++) {
        uint32_t alive = 0, at = p->tally[i].first;
        for (uint32_t k = 0; k < p->tally_count; k++) {
            const Tally *other = &p->tally[k];
            if (tally_varies(p, k) && other->first <= at && other->last > at) alive++;
        }
        if (alive > most) most = alive;
    }
    return most;
}

static uint32_t above(uint32_t value, uint32_t limit) { return value > limit ? value - limit : 0; }

/* The row of the one is that of the other, `ahead` iterations of the inner of the loops later. */
static bool is_row_of(const Planner *p, const Place *place, const Place *other, int64_t ahead) {
    const Element *element = p->classes[place->of_class].element;
    if (place->of_class != other->of_class) return false;
    for (uint32_t d = 0; d + 1 < element->rank; d++) {
        int64_t factor = affine_factor(&element->index[d], loop_index(p->nest->loops[0]));
        if (place->constant[d] != other->constant[d] + factor * ahead) return false;
    }
    return true;
}

/* Nobody was in this row before, neither in this tile nor in the one before: it comes from further away. */
static bool is_far(const Planner *p, uint32_t which, uint32_t copies) {
    const Place *place = &p->tally[which].place;
    for (uint32_t i = 0; i < p->tally_count; i++)
        if ((i < which && is_row_of(p, place, &p->tally[i].place, 0)) ||
            is_row_of(p, place, &p->tally[i].place, -(int64_t)copies))
            return false;
    return true;
}

/* Accesses of all copies to what differs between iterations of the innermost loop. */
static uint32_t tile_accesses(const Planner *p) {
    uint32_t accesses = 0;
    for (uint32_t i = 0; i < p->tally_count; i++)
        if (tally_varies(p, i)) accesses += (uint32_t)p->tally[i].loads + (uint32_t)p->tally[i].stores;
    return accesses;
}

static uint32_t far_rows(const Planner *p, uint32_t copies) {
    uint32_t rows = 0;
    for (uint32_t i = 0; i < p->tally_count; i++) rows += tally_varies(p, i) && is_far(p, i, copies);
    return rows;
}

/* Accesses for want of registers. */
static uint32_t tile_spills(const Planner *p, uint32_t count) {
    uint32_t registers = p->nest->jam->pass->options->vector_registers, same = 0;
    for (uint32_t i = 0; i < p->tally_count; i++) same += !tally_varies(p, i);
    uint32_t held = most_alive(p) + p->sums * count + SPARE_REGISTERS;
    return 2 * above(held, registers) + above(same, above(registers, held));
}

/* ---- The best --------------------------------------------------------------------------------- */

typedef struct Best {
    uint32_t copies[JAM_LOOPS];
    uint32_t accesses, cost; /* for each, in hundredths */
} Best;

static Best tile_cost(Planner *p, const uint32_t *copies) {
    uint32_t count = copies[0] * copies[1];
    tile_tally(p, copies);
    uint32_t accesses = tile_accesses(p), all = accesses + far_rows(p, copies[0]) + tile_spills(p, count);
    Best tile = {{copies[0], copies[1]}, UNIT * accesses / count, UNIT * all / count};
    if (tile.cost < UNIT / 2 * p->work) tile.cost = UNIT / 2 * p->work;
    return tile;
}

static bool gains(const Best *tile, const Best *over, uint32_t percent) {
    return (uint64_t)tile->cost * 100 < (uint64_t)over->cost * (100 - percent);
}

static bool runs_below(const Op *loop, uint32_t turns) {
    int64_t lo, hi;
    return value_is_int(loop->operands[0], &lo) && value_is_int(loop->operands[1], &hi) && hi - lo < turns;
}

/* Each loop is there twice: for whole tiles, and for what is left over. */
static bool is_allowed(const Planner *p, const uint32_t *copies) {
    const JamNest *nest = p->nest;
    uint32_t ops = p->ops[copies[1] > 1 ? 1 : 0];
    for (uint32_t i = 0; i < nest->loop_count; i++) {
        if (copies[i] > 1) ops *= copies[i] + 1;
        if (copies[i] > 1 && runs_below(nest->loops[i], copies[i])) return false;
    }
    bool keeps = nest->jam->pass->options->vector_registers >= MANY_REGISTERS;
    return copies[0] * copies[1] <= MOST_COPIES && ops <= (keeps ? MOST_OPS_KEPT : MOST_OPS);
}

static Best best_tile(Planner *p, const Best *none) {
    enum { MOST = 4 };
    Best best = *none;
    uint32_t copies[JAM_LOOPS], limit = p->nest->loop_count > 1 ? MOST : 1;
    for (copies[1] = 1; copies[1] <= limit; copies[1] *= 2)
        for (copies[0] = 1; copies[0] <= MOST; copies[0] *= 2) {
            if (!is_allowed(p, copies)) continue;
            Best tile = tile_cost(p, copies);
            if (gains(&tile, &best, STEP_GAIN)) best = tile;
        }
    return best;
}

/* ---- Sums ------------------------------------------------------------------------------------- */

static const uint32_t rows_joined[JAM_LOOPS] = {4, 1};

/* Behind a loop over vectors, lanes of accumulators are combined, which takes as long as a good many elements; of several
 * rows that is done at once. */
static bool joins_folds(Planner *p) {
    const JamNest *nest = p->nest;
    if (p->sums == 0 || p->work > MOST_WORK || nest->loops[0] != nest->inner->parent->parent) return false;
    tile_tally(p, rows_joined);
    return is_allowed(p, rows_joined) && tile_spills(p, rows_joined[0]) == 0;
}

bool jam_plan(const JamNest *nest, JamPlan *plan) {
    if (nest->accesses.len > MOST_ACCESSES || runs_below(nest->inner, FEW_TURNS)) return false;
    Planner *p = arena_new(nest->jam->pass->scratch, Planner);
    p->nest = nest;
    for (uint32_t i = 0; i < nest->accesses.len; i++) p->places[i] = place_of(p, &nest->accesses.data[i]);
    region_walk(nest->inner->regions[0], work_note, p);
    for (uint32_t i = 0; i < nest->loop_count; i++) region_walk(nest->loops[i]->regions[0], count_note, &p->ops[i]);
    Best none = tile_cost(p, (uint32_t[]){1, 1}), best = best_tile(p, &none);
    bool is_gain = gains(&best, &none, LEAST_GAIN), joins = !is_gain && joins_folds(p);
    if (joins) best = tile_cost(p, rows_joined);
    *plan = (JamPlan){{best.copies[0], best.copies[1]}, none.accesses / 10, best.accesses / 10, joins};
    return is_gain || joins;
}
