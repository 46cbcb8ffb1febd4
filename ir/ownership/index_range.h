/* Which elements of a place a window covers: for each dimension a range [start, end) whose ends are
 * polynomials in values of the function (`i * b`, `k + 1`), so that rows `i` and `i + 1`, [0, k) and
 * [k, n), or blocks of `b` elements are seen to be disjoint.
 *
 * Polynomials equal as forms are equal as numbers mod 2^64; ends of ranges lie within the sizes of an array
 * (a check stands before each slice), so their differences do not wrap. Immutable, in the caller's arena. */
#ifndef KC_IR_OWNERSHIP_INDEX_RANGE_H
#define KC_IR_OWNERSHIP_INDEX_RANGE_H

#include "ir/ir.h"

enum { POLY_DEGREE = 4, POLY_TERMS = 12, RANGE_DIMS = 8, FRAME_FIELDS = 4 };

typedef struct PolyTerm {
    int64_t factor; /* never 0 */
    uint32_t degree;
    const Value *values[POLY_DEGREE]; /* by id, ascending */
} PolyTerm;

typedef struct Poly {
    uint32_t count;
    PolyTerm terms[]; /* in one order for all polynomials; the constant, if any, first */
} Poly;

/* NULL stands for "unknown" in arguments and results: it is contagious. */
const Poly *poly_const(Arena *arena, int64_t number);
/* Looks through sums, products, negation, shifts by constants and widening casts. Never NULL. */
const Poly *poly_of(Arena *arena, const Value *value);
const Poly *poly_add(Arena *arena, const Poly *a, const Poly *b, int64_t factor); /* a + factor * b */
const Poly *poly_mul(Arena *arena, const Poly *a, const Poly *b);
bool poly_is_const(const Poly *p, int64_t *number);
/* Surely at least 0: no term is negative, and all values in it are sizes or indices of loops from 0 up. */
bool poly_is_natural(const Poly *p);
/* Whether a value in it is defined inside of `region`. */
bool poly_depends_on(const Poly *p, const Region *region);

typedef struct DimRange {
    const Poly *start, *end; /* NULL: unknown */
} DimRange;

typedef struct Frame {
    uint32_t rank; /* of the place's elements */
    DimRange dims[RANGE_DIMS];
    uint32_t view_rank; /* of the window, whose dimension d... */
    struct {
        uint32_t dim;   /* ...is this one of the place */
        int64_t step;   /* 0: unknown */
    } view[RANGE_DIMS];
    uint32_t field_count; /* then, of an element: this field, and of that this one... */
    uint32_t fields[FRAME_FIELDS];
} Frame;

/* All elements of an array of this rank. */
const Frame *frame_whole(Arena *arena, uint32_t rank);
/* The part that a SLICE, ITEM, LOAD or STORE of a window with this frame (or FIELD of an ITEM) selects. */
const Frame *frame_narrow(Arena *arena, const Frame *frame, const Op *op);
/* The two parts of one place surely have no element in common. */
bool frames_disjoint(Arena *arena, const Frame *a, const Frame *b);
/* They surely are one and the same element. */
bool frames_same(Arena *arena, const Frame *a, const Frame *b);
bool frame_depends_on(const Frame *frame, const Region *region);

#endif
