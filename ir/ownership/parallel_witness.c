#include "ir/ownership/parallel_witness.h"

#include <string.h>

enum {
    MOST_ITERATIONS = 6, /* of the parallel loop that are compared */
    MOST_STEPS = 65,     /* of each loop inside */
    MOST_ELEMENTS = 256, /* of one access in one iteration */
    MOST_SYMBOLS = 4,    /* that get numbers of their own */
    FUEL = 400000        /* nodes computed */
};

/* One element, by the positions of the path: numbers, or ANY_ELEMENT. */
typedef struct Element {
    const int64_t *at;
} Element;

typedef Vec(Element) ElementVec;

typedef struct Search {
    Indices *x;
    IndexVec symbols;    /* what the loop and the accesses depend on */
    bool *is_seen;       /* by id of an index */
    int64_t *numbers;    /* by id: of symbols and steps */
    IndexVec conditions; /* hold around the loop */
    int64_t iteration;   /* the step of the parallel loop */
    int fuel;
} Search;

/* ---- Computing ------------------------------------------------------------------------------- */

static bool compute(Search *s, const Index *index, int64_t *number);

static int64_t floor_divide(int64_t a, int64_t b) {
    int64_t quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static bool compute_two(Search *s, const Index *index, int64_t *number) {
    int64_t a, b;
    if (!compute(s, index->a, &a) || !compute(s, index->b, &b)) return false;
    switch (index->kind) {
    case INDEX_ADD: return !__builtin_add_overflow(a, b, number);
    case INDEX_SUB: return !__builtin_sub_overflow(a, b, number);
    case INDEX_MUL: return !__builtin_mul_overflow(a, b, number);
    case INDEX_MIN: *number = a < b ? a : b; return true;
    case INDEX_MAX: *number = a > b ? a : b; return true;
    case INDEX_FLOORDIV:
    case INDEX_MOD:
        if (b == 0 || b == -1) return false;
        *number = floor_divide(a, b);
        if (index->kind == INDEX_MOD) *number = a - *number * b;
        return true;
    case INDEX_EQ: *number = a == b; return true;
    case INDEX_NE: *number = a != b; return true;
    case INDEX_LT: *number = a < b; return true;
    case INDEX_LE: *number = a <= b; return true;
    case INDEX_NUMBER:
    case INDEX_SYMBOL:
    case INDEX_STEP:
    case INDEX_UNKNOWN:
    case INDEX_AND:
    case INDEX_OR:
    case INDEX_NOT: break;
    }
    UNREACHABLE();
}

/* One side may be enough. */
static bool compute_logic(Search *s, const Index *index, int64_t *number) {
    int64_t decides = index->kind == INDEX_OR, a = 0, b = 0;
    bool knows_a = compute(s, index->a, &a), knows_b = compute(s, index->b, &b);
    *number = decides;
    if ((knows_a && a == decides) || (knows_b && b == decides)) return true;
    *number = !decides;
    return knows_a && knows_b;
}

static bool compute(Search *s, const Index *index, int64_t *number) {
    if (s->fuel-- <= 0) return false;
    switch (index->kind) {
    case INDEX_NUMBER: *number = index->number; return true;
    case INDEX_SYMBOL:
    case INDEX_STEP: *number = s->numbers[index->id]; return true;
    case INDEX_UNKNOWN: return false;
    case INDEX_AND:
    case INDEX_OR: return compute_logic(s, index, number);
    case INDEX_NOT:
        if (!compute(s, index->a, number)) return false;
        *number = !*number;
        return true;
    case INDEX_ADD:
    case INDEX_SUB:
    case INDEX_MUL:
    case INDEX_MIN:
    case INDEX_MAX:
    case INDEX_FLOORDIV:
    case INDEX_MOD:
    case INDEX_EQ:
    case INDEX_NE:
    case INDEX_LT:
    case INDEX_LE: return compute_two(s, index, number);
    }
    UNREACHABLE();
}

/* ---- Symbols --------------------------------------------------------------------------------- */

static void find_symbols(Search *s, const Index *index) {
    if (index == NULL || s->is_seen[index->id]) return;
    s->is_seen[index->id] = true;
    if (index->kind == INDEX_SYMBOL) vec_push(s->x->arena, &s->symbols, index);
    find_symbols(s, index->a);
    find_symbols(s, index->b);
}

static void find_symbols_of(Search *s, const Access *access) {
    for (uint32_t i = 0; i < access->path.len; i++) find_symbols(s, access->path.data[i].at);
    for (uint32_t i = 0; i < access->steps.len; i++) find_symbols(s, access->steps.data[i]);
}

static void find_symbols_of_guards(Search *s, const Access *access) {
    for (uint32_t i = 0; i < access->guards.len; i++)
        find_symbols(s, access->guards.data[i].condition);
}

static bool conditions_hold(Search *s) {
    for (uint32_t i = 0; i < s->conditions.len; i++) {
        int64_t holds;
        if (compute(s, s->conditions.data[i], &holds) && !holds) return false;
    }
    for (uint32_t i = 0; i < s->symbols.len; i++) {
        const Index *symbol = s->symbols.data[i];
        if (symbol->is_size && s->numbers[symbol->id] < 0) return false;
    }
    return true;
}

/* ---- Elements -------------------------------------------------------------------------------- */

static bool guards_hold(Search *s, const Access *access) {
    for (uint32_t i = 0; i < access->guards.len; i++) {
        int64_t holds;
        const Guard *guard = &access->guards.data[i];
        if (compute(s, guard->condition, &holds) && (holds != 0) != guard->holds) return false;
    }
    return true;
}

/* False when an index is negative: then there is no such element. */
static bool add_element(Search *s, const Access *access, ElementVec *out) {
    int64_t *at = arena_array(s->x->arena, int64_t, access->path.len);
    for (uint32_t i = 0; i < access->path.len; i++) {
        const PathStep *step = &access->path.data[i];
        at[i] = ANY_ELEMENT;
        if (step->is_field || step->at == NULL) continue;
        if (!compute(s, step->at, &at[i])) return true;
        if (at[i] < 0) return false;
    }
    Element element = {at};
    vec_push(s->x->arena, out, element);
    return true;
}

/* All elements of the access in one iteration, as far as they can be told. A range that begins before its
 * array has none. */
static bool elements_of(Search *s, const Access *access, uint32_t depth, ElementVec *out) {
    if (out->len >= MOST_ELEMENTS) return true;
    if (depth == access->steps.len) return !guards_hold(s, access) || add_element(s, access, out);
    const Index *step = access->steps.data[depth];
    int64_t extent, by;
    if (step->a == NULL || !compute(s, step->a, &extent)) extent = 2;
    if (!compute(s, step->b, &by) || by < 1) return true;
    for (int64_t k = 0, count = 0; k < extent && count < MOST_STEPS; k += by, count++) {
        s->numbers[step->id] = k;
        if (!elements_of(s, access, depth + 1, out) && depth >= access->loop_count) return false;
    }
    return true;
}

static bool meet(const Access *a, const Element *left, const Access *b, const Element *right,
                 Search *s, Witness *out) {
    uint32_t shared = a->path.len < b->path.len ? a->path.len : b->path.len;
    for (uint32_t i = 0; i < shared; i++) {
        int64_t l = left->at[i], r = right->at[i];
        if (a->path.data[i].field != b->path.data[i].field) return false;
        if (l != ANY_ELEMENT && r != ANY_ELEMENT && l != r) return false;
    }
    out->element.len = 0;
    const Element *longer = a->path.len >= b->path.len ? left : right;
    uint32_t len = a->path.len >= b->path.len ? a->path.len : b->path.len;
    for (uint32_t i = 0; i < len; i++) {
        int64_t at = longer->at[i];
        if (i < shared && at == ANY_ELEMENT) at = left->at[i] == at ? right->at[i] : left->at[i];
        vec_push(s->x->arena, &out->element, at);
    }
    return true;
}

/* ---- The search ------------------------------------------------------------------------------ */

/* The values that the index has in the first iterations. */
static uint32_t steps_of_loop(Search *s, int64_t *steps) {
    const Index *iteration = s->x->iteration;
    int64_t extent, by;
    uint32_t count = 0;
    if (iteration->a == NULL || !compute(s, iteration->a, &extent)) extent = MOST_STEPS;
    if (!compute(s, iteration->b, &by) || by < 1) return 0;
    for (int64_t k = 0; k < extent && count < MOST_ITERATIONS; k += by) steps[count++] = k;
    return count;
}

/* What `early` touches in one iteration, against what `late` does in a later one. */
static bool compare(Search *s, const Access *early, const Access *late, const int64_t *steps,
                    uint32_t count, Witness *out) {
    ElementVec before[MOST_ITERATIONS] = {0}, after[MOST_ITERATIONS] = {0};
    for (uint32_t i = 0; i < count; i++) {
        s->numbers[s->x->iteration->id] = steps[i];
        elements_of(s, early, 0, &before[i]);
        elements_of(s, late, 0, &after[i]);
    }
    for (uint32_t j = 1; j < count; j++)
        for (uint32_t i = 0; i < j; i++)
            for (uint32_t l = 0; l < before[i].len; l++)
                for (uint32_t r = 0; r < after[j].len; r++) {
                    if (!meet(early, &before[i].data[l], late, &after[j].data[r], s, out)) continue;
                    out->early = early;
                    out->late = late;
                    out->first = steps[i];
                    out->second = steps[j];
                    return true;
                }
    return false;
}

/* The index itself, instead of how far the loop has got. */
static int64_t index_at(Search *s, int64_t step) {
    int64_t number = step;
    s->numbers[s->x->iteration->id] = step;
    const Index *at = index_of(s->x, s->x->loop->regions[0]->params[0]);
    return compute(s, at, &number) ? number : step;
}

static void keep_numbers(Search *s, const Access *a, const Access *b, Witness *out) {
    uint32_t count = s->symbols.len;
    memset(s->is_seen, 0, s->x->all.len * sizeof *s->is_seen);
    s->symbols.len = 0;
    s->is_seen[s->x->iteration->id] = true;
    find_symbols_of(s, a);
    find_symbols_of(s, b);
    KC_CHECK(s->symbols.len <= count);
    for (uint32_t i = 0; i < s->symbols.len; i++) {
        WitnessNumber number = {s->symbols.data[i], s->numbers[s->symbols.data[i]->id]};
        vec_push(s->x->arena, &out->numbers, number);
    }
}

/* With the numbers chosen: one of the two writes; a read of what an earlier iteration writes is shown
 * rather than the other way round. */
static bool try_numbers(Search *s, const Access *a, const Access *b, Witness *out) {
    int64_t steps[MOST_ITERATIONS];
    if (!conditions_hold(s)) return false;
    uint32_t count = steps_of_loop(s, steps);
    if (count < 2) return false;
    const Access *early = a->is_write ? a : b, *late = a->is_write ? b : a;
    if (!compare(s, early, late, steps, count, out) &&
        (a == b || !compare(s, late, early, steps, count, out)))
        return false;
    out->first = index_at(s, out->first);
    out->second = index_at(s, out->second);
    keep_numbers(s, a, b, out);
    return true;
}

static const int64_t choices[] = {2, 3, 4, 5, 8, 1, 0, -1};

/* The first symbols get all combinations of the choices; `rest` is the number of the others. */
static bool try_symbols(Search *s, uint32_t from, const Access *a, const Access *b, Witness *out) {
    if (s->fuel <= 0) return false;
    if (from == s->symbols.len || from == MOST_SYMBOLS) return try_numbers(s, a, b, out);
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        s->numbers[s->symbols.data[from]->id] = choices[i];
        if (try_symbols(s, from + 1, a, b, out)) return true;
    }
    return false;
}

/* First all symbols alike, which is easiest to read. */
static bool try_alike(Search *s, const Access *a, const Access *b, Witness *out) {
    for (size_t c = 0; c < ARRAY_LEN(choices); c++) {
        for (uint32_t i = 0; i < s->symbols.len; i++)
            s->numbers[s->symbols.data[i]->id] = choices[c];
        if (try_numbers(s, a, b, out)) return true;
    }
    for (uint32_t i = 0; i < s->symbols.len; i++) s->numbers[s->symbols.data[i]->id] = 3;
    return false;
}

bool witness_find(Indices *x, const Access *a, const Access *b, Witness *out) {
    Search s = {.x = x, .fuel = FUEL};
    *out = (Witness){0};
    conditions_around(x, &s.conditions);
    index_of(x, x->loop->regions[0]->params[0]);
    s.is_seen = arena_array(x->arena, bool, x->all.len);
    s.numbers = arena_array(x->arena, int64_t, x->all.len);
    find_symbols_of(&s, a);
    find_symbols_of(&s, b);
    find_symbols(&s, index_of(x, x->loop->regions[0]->params[0]));
    find_symbols_of_guards(&s, a);
    find_symbols_of_guards(&s, b);
    for (uint32_t i = 0; i < s.conditions.len; i++) find_symbols(&s, s.conditions.data[i]);
    if (try_alike(&s, a, b, out)) return true;
    return s.symbols.len > 1 && try_symbols(&s, 0, a, b, out);
}
