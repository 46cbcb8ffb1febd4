#include "ir/ownership/poly.h"

#include <string.h>

static int vars_compare(const PolyTerm *a, const PolyTerm *b) {
    for (int i = 0; i < POLY_DEGREE; i++)
        if (a->vars[i] != b->vars[i]) return a->vars[i] < b->vars[i] ? -1 : 1;
    return 0;
}

/* p += term, kept in order. */
static void add_term(Poly *p, const PolyTerm *term) {
    if (p->lost || term->factor == 0) return;
    uint32_t at = 0;
    while (at < p->count && vars_compare(&p->terms[at], term) > 0) at++;
    if (at < p->count && vars_compare(&p->terms[at], term) == 0) {
        p->lost = __builtin_add_overflow(p->terms[at].factor, term->factor, &p->terms[at].factor);
        if (p->terms[at].factor != 0) return;
        memmove(&p->terms[at], &p->terms[at + 1], (p->count - at - 1) * sizeof *p->terms);
        p->count--;
        return;
    }
    if (p->count == POLY_TERMS) {
        p->lost = true;
        return;
    }
    memmove(&p->terms[at + 1], &p->terms[at], (p->count - at) * sizeof *p->terms);
    p->terms[at] = *term;
    p->count++;
}

/* p += a * b; marks p as lost when the degree is too high. */
static void add_product(Poly *p, const PolyTerm *a, const PolyTerm *b) {
    PolyTerm product = {0};
    p->lost |= __builtin_mul_overflow(a->factor, b->factor, &product.factor);
    uint32_t i = 0, j = 0, count = 0;
    while (!p->lost) {
        uint32_t left = i < POLY_DEGREE ? a->vars[i] : NO_POLY_VAR;
        uint32_t right = j < POLY_DEGREE ? b->vars[j] : NO_POLY_VAR;
        if (left == NO_POLY_VAR && right == NO_POLY_VAR) break;
        if (count == POLY_DEGREE) {
            p->lost = true;
            return;
        }
        bool take_left = left >= right;
        product.vars[count++] = take_left ? left : right;
        i += take_left;
        j += !take_left;
    }
    add_term(p, &product);
}

Poly poly_const(int64_t number) {
    Poly p = {0};
    add_term(&p, &(PolyTerm){.factor = number});
    return p;
}

Poly poly_var(uint32_t var) {
    Poly p = {0};
    add_term(&p, &(PolyTerm){.factor = 1, .vars = {var}});
    return p;
}

Poly poly_add(const Poly *a, const Poly *b) {
    Poly sum = *a;
    sum.lost |= b->lost;
    for (uint32_t i = 0; i < b->count; i++) add_term(&sum, &b->terms[i]);
    return sum;
}

Poly poly_mul(const Poly *a, const Poly *b) {
    Poly product = {.lost = a->lost || b->lost};
    for (uint32_t i = 0; i < a->count && !product.lost; i++)
        for (uint32_t j = 0; j < b->count && !product.lost; j++)
            add_product(&product, &a->terms[i], &b->terms[j]);
    return product;
}

Poly poly_negate(const Poly *a) {
    Poly minus = poly_const(-1);
    return poly_mul(a, &minus);
}

Poly poly_sub(const Poly *a, const Poly *b) {
    Poly negative = poly_negate(b);
    return poly_add(a, &negative);
}

Poly poly_plus(const Poly *a, int64_t number) {
    Poly c = poly_const(number);
    return poly_add(a, &c);
}

/* How often `var` occurs in a term; `others` is the term without it. */
static uint32_t power_of(const PolyTerm *term, uint32_t var, PolyTerm *others) {
    uint32_t power = 0, count = 0;
    *others = (PolyTerm){.factor = term->factor};
    for (int i = 0; i < POLY_DEGREE; i++) {
        if (term->vars[i] == var)
            power++;
        else
            others->vars[count++] = term->vars[i];
    }
    return power;
}

Poly poly_substitute(const Poly *p, uint32_t var, const Poly *with) {
    Poly result = {.lost = p->lost || with->lost};
    for (uint32_t i = 0; i < p->count && !result.lost; i++) {
        Poly product = {0};
        PolyTerm others;
        uint32_t power = power_of(&p->terms[i], var, &others);
        add_term(&product, &others);
        for (uint32_t k = 0; k < power; k++) product = poly_mul(&product, with);
        result = poly_add(&result, &product);
    }
    return result;
}

bool poly_is_const(const Poly *p, int64_t *number) {
    if (p->lost || p->count > 1 || (p->count == 1 && p->terms[0].vars[0] != NO_POLY_VAR))
        return false;
    *number = p->count == 1 ? p->terms[0].factor : 0;
    return true;
}

bool poly_equal(const Poly *a, const Poly *b) {
    Poly difference = poly_sub(a, b);
    return !difference.lost && difference.count == 0;
}

bool poly_has(const Poly *p, uint32_t var) {
    PolyTerm others;
    for (uint32_t i = 0; i < p->count; i++)
        if (power_of(&p->terms[i], var, &others) > 0) return true;
    return false;
}

bool poly_split(const Poly *p, uint32_t var, Poly *factor, Poly *rest) {
    *factor = *rest = (Poly){.lost = p->lost};
    for (uint32_t i = 0; i < p->count; i++) {
        PolyTerm others;
        uint32_t power = power_of(&p->terms[i], var, &others);
        if (power > 1) return false;
        add_term(power == 1 ? factor : rest, &others);
    }
    return !p->lost;
}

uint32_t poly_newest_var(const Poly *p) { return p->count > 0 ? p->terms[0].vars[0] : NO_POLY_VAR; }

bool poly_is_never_negative(const Poly *p, bool (*at_least_zero)(const void *user, uint32_t var),
                            const void *user) {
    if (p->lost) return false;
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->terms[i].factor < 0) return false;
        for (int v = 0; v < POLY_DEGREE && p->terms[i].vars[v] != NO_POLY_VAR; v++)
            if (!at_least_zero(user, p->terms[i].vars[v])) return false;
    }
    return true;
}
