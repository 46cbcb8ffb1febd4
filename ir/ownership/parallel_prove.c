#include "ir/ownership/parallel_prove.h"

#include "ir/ownership/parallel_facts.h"

enum { SIDES = 2, FUEL = 300, MOST_BOUNDS = 2 };

struct Prover {
    Indices *x;
    bool is_alone; /* the loop has one iteration at most */
    Facts around;  /* from the loops and asserts around the loop */
    Facts facts;   /* of the pair that is being compared */
    Poly **polys;  /* by index id and side: its polynomial, or NULL: not asked for yet */
    uint32_t poly_count;
    int fuel;
};

/* ---- Polynomials ----------------------------------------------------------------------------- */

static Poly poly_of(Prover *p, const Index *index, uint32_t side);

static Poly make_poly(Prover *p, const Index *index, uint32_t side) {
    Poly a, b, own = poly_var(poly_var_of(index, side));
    switch (index->kind) {
    case INDEX_NUMBER: return poly_const(index->number);
    case INDEX_ADD:
    case INDEX_SUB:
    case INDEX_MUL:
        a = poly_of(p, index->a, side);
        b = poly_of(p, index->b, side);
        if (index->kind == INDEX_MUL) return poly_mul(&a, &b);
        return index->kind == INDEX_ADD ? poly_add(&a, &b) : poly_sub(&a, &b);
    case INDEX_STEP:
        if (index->b->kind == INDEX_NUMBER) return own;
        b = poly_of(p, index->b, side);
        return poly_mul(&b, &own);
    case INDEX_SYMBOL:
    case INDEX_UNKNOWN:
    case INDEX_MIN:
    case INDEX_MAX:
    case INDEX_FLOORDIV:
    case INDEX_MOD:
    case INDEX_EQ:
    case INDEX_NE:
    case INDEX_LT:
    case INDEX_LE:
    case INDEX_AND:
    case INDEX_OR:
    case INDEX_NOT: return own;
    }
    UNREACHABLE();
}

/* As written: facts are applied by who asks. */
static Poly poly_of(Prover *p, const Index *index, uint32_t side) {
    uint32_t at = index->id * SIDES + side;
    if (at >= p->poly_count) {
        uint32_t count = p->x->all.len * 2 * SIDES;
        Poly **grown = arena_array(p->x->arena, Poly *, count);
        for (uint32_t i = 0; i < p->poly_count; i++) grown[i] = p->polys[i];
        p->polys = grown;
        p->poly_count = count;
    }
    if (p->polys[at] == NULL) {
        Poly *made = arena_new(p->x->arena, Poly);
        *made = make_poly(p, index, side);
        p->polys[at] = made;
    }
    return *p->polys[at];
}

static Poly poly_now(Prover *p, const Index *index, uint32_t side) {
    Poly raw = poly_of(p, index, side);
    return facts_apply(&p->facts, &raw);
}

/* ---- Facts ----------------------------------------------------------------------------------- */

/* The newest variable of `poly` that varies. */
static uint32_t newest_varying(const Prover *p, const Poly *poly) {
    uint32_t newest = NO_POLY_VAR;
    for (uint32_t i = 0; i < poly->count; i++)
        for (int v = 0; v < POLY_DEGREE && poly->terms[i].vars[v] != NO_POLY_VAR; v++) {
            uint32_t var = poly->terms[i].vars[v];
            if (var > newest && index_of_poly_var(p->x, var)->varies) newest = var;
        }
    return newest;
}

static bool has_varying(const Prover *p, const Poly *poly) {
    return newest_varying(p, poly) != NO_POLY_VAR;
}

/* What varies is no fact; but `(i + 1) * k - i * k` is none of that, and `min((i + 1) * k, n) - i * k` is at
 * most as much. */
static void assume_poly(Prover *p, Facts *facts, const Poly *poly) {
    uint32_t var = newest_varying(p, poly);
    if (var == NO_POLY_VAR) {
        facts_add(facts, poly);
        return;
    }
    const Index *index = index_of_poly_var(p->x, var);
    Poly factor, rest;
    int64_t by;
    if (index->kind != INDEX_MIN || !poly_split(poly, var, &factor, &rest) ||
        !poly_is_const(&factor, &by) || by < 1)
        return;
    const Index *limits[] = {index->a, index->b};
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        Poly limit = poly_of(p, limits[i], var & 1);
        limit = poly_mul(&factor, &limit);
        limit = poly_add(&limit, &rest);
        assume_poly(p, facts, &limit);
    }
}

static void assume_at_least(Prover *p, Facts *facts, const Index *index, int64_t least) {
    if (index == NULL) return;
    Poly poly = poly_of(p, index, 0);
    poly = poly_plus(&poly, -least);
    assume_poly(p, facts, &poly);
}

static void assume_condition(Prover *p, const Index *condition) {
    if (condition->kind == INDEX_AND) {
        assume_condition(p, condition->a);
        assume_condition(p, condition->b);
    } else if (condition->kind == INDEX_LT || condition->kind == INDEX_LE ||
               condition->kind == INDEX_EQ) {
        const Index *up = index_make(p->x, INDEX_SUB, condition->b, condition->a);
        assume_at_least(p, &p->around, up, condition->kind == INDEX_LT);
        if (condition->kind != INDEX_EQ) return;
        assume_at_least(p, &p->around, index_make(p->x, INDEX_SUB, condition->a, condition->b), 0);
    }
}

static void assume_what_is_around(Prover *p) {
    IndexVec conditions = {0};
    conditions_around(p->x, &conditions);
    for (uint32_t i = 0; i < conditions.len; i++) assume_condition(p, conditions.data[i]);
    /* There is nothing to show unless there are two iterations. */
    const Index *iteration = p->x->iteration;
    int64_t step = iteration->b->kind == INDEX_NUMBER ? iteration->b->number : 1, extent;
    if (iteration->a == NULL) return;
    Poly poly = poly_of(p, iteration->a, 0);
    p->is_alone = poly_is_const(&poly, &extent) && extent <= step;
    if (step < INT64_MAX) assume_at_least(p, &p->around, iteration->a, step + 1);
}

/* Where both accesses are made, the loops around them have iterations and the ranges elements. */
static void assume_steps(Prover *p, const Access *access) {
    for (uint32_t i = 0; i < access->steps.len; i++)
        assume_at_least(p, &p->facts, access->steps.data[i]->a, 1);
}

static void copy_facts(Prover *p) {
    Facts *from = &p->around, *to = &p->facts;
    to->x = from->x;
    to->edits.len = to->never_negative.len = 0;
    for (uint32_t i = 0; i < from->edits.len; i++)
        vec_push(p->x->arena, &to->edits, from->edits.data[i]);
    for (uint32_t i = 0; i < from->never_negative.len; i++)
        vec_push(p->x->arena, &to->never_negative, from->never_negative.data[i]);
}

/* ---- Proofs ---------------------------------------------------------------------------------- */

static bool prove(Prover *p, const Poly *goal);

static bool prove_at_least(Prover *p, const Poly *poly, int64_t least) {
    Poly goal = poly_plus(poly, -least);
    return prove(p, &goal);
}

/* Limits of a variable; any of them may be used. */
static uint32_t lower_limits(Prover *p, uint32_t var, Poly *limits) {
    const Index *index = index_of_poly_var(p->x, var);
    uint32_t side = var & 1;
    if (index->kind == INDEX_MAX) {
        limits[0] = poly_now(p, index->a, side);
        limits[1] = poly_now(p, index->b, side);
        return 2;
    }
    limits[0] = poly_const(0);
    if (index->kind == INDEX_STEP) return 1;
    if (index->kind != INDEX_MOD) return 0;
    Poly divisor = poly_now(p, index->b, side);
    return prove_at_least(p, &divisor, 1);
}

static uint32_t upper_limits(Prover *p, uint32_t var, Poly *limits) {
    const Index *index = index_of_poly_var(p->x, var);
    uint32_t side = var & 1;
    if (index->kind == INDEX_MIN) {
        limits[0] = poly_now(p, index->a, side);
        limits[1] = poly_now(p, index->b, side);
        return 2;
    }
    const Index *end = NULL;
    if (index->kind == INDEX_STEP && index->b->kind == INDEX_NUMBER) end = index->a;
    if (index->kind == INDEX_MOD) end = index->b;
    if (end == NULL) return 0;
    Poly limit = poly_now(p, end, side);
    limits[0] = poly_plus(&limit, -1);
    return index->kind == INDEX_STEP || prove_at_least(p, &limit, 1);
}

/* goal >= 0: takes away what varies, the newest first, by putting in the limit that makes it least. */
static bool prove(Prover *p, const Poly *goal) {
    if (goal->lost || p->fuel-- <= 0) return false;
    uint32_t var = newest_varying(p, goal);
    if (var == NO_POLY_VAR) return facts_show(&p->facts, goal);
    Poly factor, rest, limits[MOST_BOUNDS];
    if (!poly_split(goal, var, &factor, &rest)) return false;
    Poly negative = poly_negate(&factor);
    uint32_t count = 0;
    if (prove(p, &factor))
        count = lower_limits(p, var, limits);
    else if (prove(p, &negative))
        count = upper_limits(p, var, limits);
    for (uint32_t i = 0; i < count; i++) {
        Poly least = poly_mul(&factor, &limits[i]);
        least = poly_add(&least, &rest);
        if (prove(p, &least)) return true;
    }
    return false;
}

/* Both are c * i + r with the same c, and the r lie closer together than two iterations. */
static bool is_stride(Prover *p, const Poly *a, const Poly *b) {
    const Index *iteration = p->x->iteration;
    Poly factor_a, factor_b, rest_a, rest_b;
    if (!poly_split(a, poly_var_of(iteration, 0), &factor_a, &rest_a) ||
        !poly_split(b, poly_var_of(iteration, 1), &factor_b, &rest_b) ||
        !poly_equal(&factor_a, &factor_b) || has_varying(p, &factor_a))
        return false;
    Poly step = poly_const(iteration->b->kind == INDEX_NUMBER ? iteration->b->number : 1);
    Poly stride = poly_mul(&factor_a, &step);
    if (!prove_at_least(p, &stride, 1)) {
        stride = poly_negate(&stride);
        if (!prove_at_least(p, &stride, 1)) return false;
    }
    Poly up = poly_sub(&rest_a, &rest_b), down = poly_sub(&rest_b, &rest_a);
    Poly room_up = poly_sub(&stride, &up), room_down = poly_sub(&stride, &down);
    return prove_at_least(p, &room_up, 1) && prove_at_least(p, &room_down, 1);
}

static bool is_separate(Prover *p, const Poly *a, const Poly *b) {
    Poly up = poly_sub(b, a), down = poly_sub(a, b);
    return prove_at_least(p, &up, 1) || prove_at_least(p, &down, 1);
}

static int64_t gcd(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* How far apart the values of one term are at least. */
static int64_t grain_of(const Prover *p, const PolyTerm *term) {
    const Index *index = index_of_poly_var(p->x, term->vars[0]);
    int64_t grain = term->factor == INT64_MIN ? 1 : term->factor < 0 ? -term->factor : term->factor;
    bool steps = index->kind == INDEX_STEP && index->b->kind == INDEX_NUMBER;
    if (steps && __builtin_mul_overflow(grain, index->b->number, &grain)) return 1;
    return grain;
}

/* All steps are multiples of a number that the distance is no multiple of. */
static bool is_off_grain(const Prover *p, const Poly *a, const Poly *b) {
    Poly distance = poly_sub(a, b);
    int64_t grain = 0, constant = 0;
    if (distance.lost) return false;
    for (uint32_t i = 0; i < distance.count; i++) {
        const PolyTerm *term = &distance.terms[i];
        if (term->vars[0] == NO_POLY_VAR)
            constant = term->factor;
        else
            grain = gcd(grain, grain_of(p, term));
    }
    return grain != 0 && constant % grain != 0;
}

static bool indices_are_apart(Prover *p, const Index *a, const Index *b) {
    Poly left = poly_now(p, a, 0), right = poly_now(p, b, 1);
    p->fuel = FUEL;
    return is_off_grain(p, &left, &right) || is_stride(p, &left, &right) ||
           is_separate(p, &left, &right);
}

bool accesses_are_apart(Prover *p, const Access *a, const Access *b) {
    if (a->root != b->root || p->is_alone) return true;
    copy_facts(p);
    assume_steps(p, a);
    assume_steps(p, b);
    for (uint32_t i = 0; i < a->path.len && i < b->path.len; i++) {
        const PathStep *left = &a->path.data[i], *right = &b->path.data[i];
        if (left->is_field != right->is_field) return false;
        if (left->is_field) {
            if (left->field != right->field) return true;
        } else if (left->at != NULL && right->at != NULL &&
                   indices_are_apart(p, left->at, right->at)) {
            return true;
        }
    }
    return false;
}

Prover *prover_create(Indices *x) {
    Prover *p = arena_new(x->arena, Prover);
    p->x = x;
    p->around.x = x;
    assume_what_is_around(p);
    return p;
}
