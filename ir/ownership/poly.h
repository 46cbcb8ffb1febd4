/* Polynomials with integer coefficients, small ones: the indices of parallel loops, `i * k + j`. Their
 * variables are numbers that the user hands out, from 1.
 *
 * Values, copied freely; nothing is allocated. What does not fit (too many terms, too high a degree, a
 * coefficient beyond 64 bits) makes the result `lost`, and with it everything computed from it; of such a
 * polynomial nothing can be proved. */
#ifndef KC_IR_OWNERSHIP_POLY_H
#define KC_IR_OWNERSHIP_POLY_H

#include "support/base.h"

enum { POLY_TERMS = 16, POLY_DEGREE = 4, NO_POLY_VAR = 0 };

typedef struct PolyTerm {
    int64_t factor;             /* never 0 */
    uint32_t vars[POLY_DEGREE]; /* descending, NO_POLY_VAR at the end: 3*x*x*y */
} PolyTerm;

typedef struct Poly {
    bool lost;
    uint32_t count;
    PolyTerm terms[POLY_TERMS]; /* by vars, descending: the constant is last */
} Poly;

Poly poly_const(int64_t number);
Poly poly_var(uint32_t var);
Poly poly_add(const Poly *a, const Poly *b);
Poly poly_sub(const Poly *a, const Poly *b);
Poly poly_mul(const Poly *a, const Poly *b);
Poly poly_plus(const Poly *a, int64_t number);
Poly poly_negate(const Poly *a);
/* `var` stands for `with` from now on; `with` may contain `var`. */
Poly poly_substitute(const Poly *p, uint32_t var, const Poly *with);

bool poly_is_const(const Poly *p, int64_t *number);
bool poly_equal(const Poly *a, const Poly *b); /* false when one is lost */
bool poly_has(const Poly *p, uint32_t var);
/* p = factor * var + rest, with neither containing `var`. False when p is not of that form. */
bool poly_split(const Poly *p, uint32_t var, Poly *factor, Poly *rest);
/* The largest number of a variable in p; NO_POLY_VAR for constants. */
uint32_t poly_newest_var(const Poly *p);
/* No factor is below 0, and all variables satisfy `at_least_zero`: so p is never negative. */
bool poly_is_never_negative(const Poly *p, bool (*at_least_zero)(const void *user, uint32_t var),
                            const void *user);

#endif
