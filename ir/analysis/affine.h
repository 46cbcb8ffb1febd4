/* Affine forms: an integer value as constant + sum of factor * value, over values that are not
 * sums themselves.
 *
 * Two forms that are equal stand for equal values, always: i64 arithmetic wraps, and so does the
 * algebra of forms. Conclusions about *order* ("less than") need more, namely that the form does
 * not leave the range of i64; range.h adds that. Forms are values, copied freely; nothing is
 * allocated. */
#ifndef KC_IR_ANALYSIS_AFFINE_H
#define KC_IR_ANALYSIS_AFFINE_H

#include "ir/ir.h"

/* More symbols than this do not occur in index arithmetic that people write. */
enum { AFFINE_TERMS = 8 };

typedef struct AffineTerm {
    const Value *value;
    int64_t factor; /* never 0 */
} AffineTerm;

typedef struct Affine {
    int64_t constant;
    uint32_t count;
    AffineTerm terms[AFFINE_TERMS]; /* by value id, ascending */
} Affine;

/* Which value stands for `value`: itself, or an equal one that is known better (the content of a
 * variable, the size behind a DIM). `user` is the resolver's own. */
typedef const Value *(*AffineResolve)(void *user, const Value *value);

Affine affine_const(int64_t constant);
Affine affine_symbol(const Value *value);
/* Looks through ADD, SUB, NEG, MUL and SHL by constants, widening casts, and DIM of a view whose
 * sizes are visible. Always succeeds: what it cannot look through is a symbol, standing for its
 * number. `resolve` may be NULL. */
Affine affine_of(const Value *value, AffineResolve resolve, void *user);

/* sum += factor * form. False when there is no room, or a factor leaves i64; `sum` is then
 * unusable. */
bool affine_add(Affine *sum, const Affine *form, int64_t factor);
/* The same over the integers: also false when the constant would wrap. */
bool affine_add_exact(Affine *sum, const Affine *form, int64_t factor);
bool affine_is_const(const Affine *form, int64_t *constant);
bool affine_equal(const Affine *a, const Affine *b);
/* The factor of `value`, 0 where it does not occur. */
int64_t affine_factor(const Affine *form, const Value *value);

/* a - b is this constant, whatever the symbols are (mod 2^64). */
bool affine_difference(const Value *a, const Value *b, int64_t *difference);
/* The same number, provably. */
bool values_equal(const Value *a, const Value *b);

#endif
