#include "ir/analysis/range.h"

#include <string.h>

/* One query may try this many combinations, each of at most PROOF_DEPTH facts, and of each symbol
 * the FACT_LIMIT newest: loops nest and checks repeat, but what decides is near. */
enum { PROOF_BUDGET = 200, PROOF_DEPTH = 6, FACT_LIMIT = 12 };

typedef struct Mention {
    uint32_t fact; /* index */
    uint32_t next; /* older mention of the symbol: index + 1, 0: none */
    uint32_t symbol;
} Mention;

typedef struct Fact {
    Affine form; /* >= 0 */
    uint32_t first_mention;
} Fact;

struct Ranges {
    Arena *arena;
    Intervals intervals;
    Vec(Fact) facts;
    Vec(Mention) mentions;
    uint32_t len;           /* ids below this have an entry in the tables */
    uint32_t *newest;       /* by value id: its newest mention, index + 1 */
    const Value **alias;    /* by value id: the same number, or NULL */
    uint32_t budget;        /* of the current query */
};

Ranges *ranges_create(Arena *arena, const IrFn *fn) {
    Ranges *r = arena_new(arena, Ranges);
    r->arena = arena;
    r->intervals = intervals_of(arena, fn);
    r->len = fn->next_value;
    r->newest = arena_array(arena, uint32_t, r->len);
    r->alias = arena_array(arena, const Value *, r->len);
    return r;
}

Interval ranges_interval(Ranges *r, const Value *value) {
    return interval_of(&r->intervals, value);
}

/* ---- The stack ------------------------------------------------------------------------------- */

uint32_t ranges_mark(const Ranges *r) {
    return r->facts.len;
}

void ranges_forget(Ranges *r, uint32_t mark) {
    while (r->facts.len > mark) {
        Fact fact = vec_pop(&r->facts);
        while (r->mentions.len > fact.first_mention) {
            Mention mention = vec_pop(&r->mentions);
            r->newest[mention.symbol] = mention.next;
        }
    }
}

/* Values that passes have made since. */
static void symbols_grow(Ranges *r, uint32_t id) {
    if (id < r->len) return;
    uint32_t len = 2 * id;
    uint32_t *newest = arena_array(r->arena, uint32_t, len);
    const Value **alias = arena_array(r->arena, const Value *, len);
    memcpy(newest, r->newest, r->len * sizeof *newest);
    memcpy(alias, r->alias, r->len * sizeof *alias);
    r->newest = newest;
    r->alias = alias;
    r->len = len;
}

void ranges_assume_form(Ranges *r, const Affine *form) {
    Interval interval;
    if (form->count == 0) return;
    if (interval_of_form(&r->intervals, form, &interval) && interval.lo >= 0) return;
    Fact fact = {*form, r->mentions.len};
    for (uint32_t i = 0; i < form->count; i++) {
        uint32_t symbol = form->terms[i].value->id;
        symbols_grow(r, symbol);
        Mention mention = {r->facts.len, r->newest[symbol], symbol};
        vec_push(r->arena, &r->mentions, mention);
        r->newest[symbol] = r->mentions.len;
    }
    vec_push(r->arena, &r->facts, fact);
}

/* ---- Proofs ---------------------------------------------------------------------------------- */

static bool prove(Ranges *r, const Affine *form, uint32_t depth);

static int64_t gcd_of(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* m * form = form' + k * fact with k, m > 0, and form' without the symbol. It remains to prove
 * that form' is more than -m: then so is m * form, and form, an integer, more than -1. */
static bool prove_with(Ranges *r, const Affine *form, const Affine *fact, const Value *symbol,
                       uint32_t depth) {
    int64_t wanted = affine_factor(form, symbol), offered = affine_factor(fact, symbol);
    if (offered == 0 || (wanted < 0) != (offered < 0)) return false;
    if (wanted == INT64_MIN || offered == INT64_MIN) return false;
    int64_t gcd = gcd_of(wanted, offered);
    int64_t k = (wanted < 0 ? -wanted : wanted) / gcd, m = (offered < 0 ? -offered : offered) / gcd;
    Affine rest = affine_const(0);
    Affine slack = affine_const(m - 1);
    if (!affine_add_exact(&rest, form, m) || !affine_add_exact(&rest, fact, -k) ||
        !affine_add_exact(&rest, &slack, 1))
        return false;
    return prove(r, &rest, depth - 1);
}

static bool prove_by_symbol(Ranges *r, const Affine *form, const Value *symbol, uint32_t depth) {
    if (symbol->id >= r->len) return false;
    uint32_t at = r->newest[symbol->id];
    for (uint32_t i = 0; at != 0 && i < FACT_LIMIT; i++) {
        Mention mention = r->mentions.data[at - 1];
        Affine fact = r->facts.data[mention.fact].form;
        if (prove_with(r, form, &fact, symbol, depth)) return true;
        at = mention.next;
    }
    return false;
}

static const Value *value_resolve(void *user, const Value *value);

/* The form of a value, where intervals alone show that it does not wrap. */
static Affine plain_form(Ranges *r, const Value *value) {
    Interval interval, type = interval_of_type(SCALAR_I64);
    Affine form = affine_of(value, value_resolve, r);
    bool fits = interval_of_form(&r->intervals, &form, &interval) && interval.lo >= type.lo &&
                interval.hi <= type.hi;
    return fits ? form : affine_symbol(value_resolve(r, value));
}

/* The symbol is one of two values. The form is not negative if it is so for both; of a MIN that
 * counts against the form, and of a MAX that counts for it, one suffices. */
static bool prove_choice(Ranges *r, const Affine *form, const Value *symbol, uint32_t depth) {
    const Op *op = symbol->def;
    bool chooses =
        op != NULL && (op->kind == OP_MIN || op->kind == OP_MAX || op->kind == OP_SELECT);
    if (!chooses || symbol->type->scalar == SCALAR_U64) return false;
    int64_t factor = affine_factor(form, symbol);
    bool one_suffices = op->kind == (factor < 0 ? OP_MIN : OP_MAX);
    for (uint32_t i = op->operand_count - 2; i < op->operand_count; i++) {
        Affine choice = plain_form(r, op->operands[i]), self = affine_symbol(symbol), rest = *form;
        bool holds = factor != INT64_MIN && affine_add_exact(&rest, &self, -factor) &&
                     affine_add_exact(&rest, &choice, factor) && prove(r, &rest, depth - 1);
        if (holds == one_suffices) return holds;
    }
    return !one_suffices;
}

/* The newest symbols first: an inner index is bounded by outer ones, not the other way round. */
static bool prove(Ranges *r, const Affine *form, uint32_t depth) {
    Interval interval;
    if (interval_of_form(&r->intervals, form, &interval) && interval.lo >= 0) return true;
    if (depth == 0 || r->budget == 0) return false;
    r->budget--;
    for (uint32_t i = form->count; i-- > 0;)
        if (prove_by_symbol(r, form, form->terms[i].value, depth) ||
            prove_choice(r, form, form->terms[i].value, depth))
            return true;
    return false;
}

bool ranges_prove(Ranges *r, const Affine *form) {
    r->budget = PROOF_BUDGET;
    return prove(r, form, PROOF_DEPTH);
}

bool ranges_prove_fits(Ranges *r, const Affine *form) {
    Interval interval, type = interval_of_type(SCALAR_I64);
    if (interval_of_form(&r->intervals, form, &interval) && interval.lo >= type.lo &&
        interval.hi <= type.hi)
        return true;
    /* Facts prove less: half of the range, so that the constants of proofs have room as well. */
    Affine above = affine_const(INT64_MAX / 2), below = affine_const(INT64_MAX / 2);
    if (!affine_add_exact(&above, form, -1) || !affine_add_exact(&below, form, 1)) return false;
    return ranges_prove(r, &above) && ranges_prove(r, &below);
}

/* ---- Forms ----------------------------------------------------------------------------------- */

/* An alias, or what a narrowing cast leaves as it is. */
static const Value *value_resolve(void *user, const Value *value) {
    Ranges *r = user;
    for (uint32_t i = 0; i < PROOF_DEPTH; i++) {
        if (value->id < r->len && r->alias[value->id] != NULL) {
            value = r->alias[value->id];
            continue;
        }
        const Op *op = value->def;
        if (op == NULL || op->kind != OP_CAST || !ir_is_int(value->type) ||
            !ir_is_int(op->operands[0]->type))
            return value;
        Interval number = ranges_interval(r, op->operands[0]);
        Interval type = interval_of_type(value->type->scalar);
        bool keeps = number.lo >= type.lo && number.hi <= type.hi;
        if (!keeps || scalar_bits(op->operands[0]->type->scalar) < scalar_bits(value->type->scalar))
            return value;
        value = op->operands[0];
    }
    return value;
}

Affine ranges_form(Ranges *r, const Value *value) {
    Affine form = affine_of(value, value_resolve, r);
    if (ranges_prove_fits(r, &form)) return form;
    return affine_symbol(value_resolve(r, value));
}

/* a - b - offset, over the integers. */
static bool difference_form(Ranges *r, const Value *a, const Value *b, int64_t offset,
                            Affine *form) {
    Affine right = ranges_form(r, b), constant = affine_const(offset);
    *form = ranges_form(r, a);
    return affine_add_exact(form, &right, -1) && affine_add_exact(form, &constant, -1);
}

bool ranges_prove_ge(Ranges *r, const Value *a, const Value *b, int64_t offset) {
    Affine form;
    return difference_form(r, a, b, offset, &form) && ranges_prove(r, &form);
}

bool ranges_prove_at_least(Ranges *r, const Value *a, int64_t least) {
    Affine form = ranges_form(r, a), constant = affine_const(least);
    return affine_add_exact(&form, &constant, -1) && ranges_prove(r, &form);
}

bool ranges_prove_equal(Ranges *r, const Value *a, const Value *b) {
    Affine difference = affine_of(a, value_resolve, r), right = affine_of(b, value_resolve, r);
    int64_t number;
    if (affine_add(&difference, &right, -1) && affine_is_const(&difference, &number) && number == 0)
        return true;
    return ranges_prove_ge(r, a, b, 0) && ranges_prove_ge(r, b, a, 0);
}

/* ---- Assumptions ----------------------------------------------------------------------------- */

void ranges_assume_ge(Ranges *r, const Value *a, const Value *b, int64_t offset) {
    Affine form;
    if (difference_form(r, a, b, offset, &form)) ranges_assume_form(r, &form);
}

void ranges_assume_at_least(Ranges *r, const Value *a, int64_t least) {
    Affine form = ranges_form(r, a), constant = affine_const(least);
    if (affine_add_exact(&form, &constant, -1)) ranges_assume_form(r, &form);
}

void ranges_alias(Ranges *r, const Value *value, const Value *other) {
    if (value->id < r->len && value != other) r->alias[value->id] = other;
}
