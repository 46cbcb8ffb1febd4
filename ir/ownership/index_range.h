/* Which elements of a place a window covers: for each dimension a range [start, end) whose ends are
 * polynomials in values of the function (`i * b`, `k + 1`), so that rows `i` and `i + 1`, [0, k)
 * and [k, n), or blocks of `b` elements are seen to be disjoint.
 *
 * Polynomials equal as forms are equal as numbers mod 2^64; ends of ranges lie within the sizes of
 * an array (a check stands before each slice), so their differences do not wrap. Frames are
 * immutable, in the caller's arena. */
#ifndef KC_IR_OWNERSHIP_INDEX_RANGE_H
#define KC_IR_OWNERSHIP_INDEX_RANGE_H

#include "ir/ir.h"
#include "ir/ownership/poly.h"

enum { RANGE_DIMS = 8, FRAME_FIELDS = 4 };

/* Who is who in the polynomials: variable number v is the value with id v - 1. */
typedef struct IndexValues {
    Arena *arena;
    const Value **values; /* by id; NULL: not met yet */
} IndexValues;

IndexValues index_values(Arena *arena, const IrFn *fn);
/* Looks through sums, products, negation and widening casts. */
Poly index_poly(IndexValues *in, const Value *value);

/* A polynomial without room to spare. */
typedef struct IndexPoly {
    uint32_t count;
    PolyTerm terms[];
} IndexPoly;

typedef struct FrameDim {
    const IndexPoly *start, *end; /* NULL: unknown */
    uint32_t view_dim; /* the window's dimension of this index is this dimension of the place... */
    int64_t view_step; /* ...in steps of so many; 0: unknown */
} FrameDim;

typedef struct Frame {
    uint32_t rank;        /* of the place's elements */
    uint32_t view_rank;   /* of the window */
    uint32_t field_count; /* then, of an element: this field, and of that this one... */
    uint32_t fields[FRAME_FIELDS];
    FrameDim dims[]; /* `rank` of them */
} Frame;

/* All elements of an array of this rank. */
const Frame *frame_whole(IndexValues *in, uint32_t rank);
/* The same elements for a window that covers some part of them, nobody knows which: what a call gives. */
const Frame *frame_blur(IndexValues *in, const Frame *frame);
/* The part that a SLICE, ITEM, LOAD or STORE of a window with this frame (or FIELD of an ITEM)
 * selects. */
const Frame *frame_narrow(IndexValues *in, const Frame *frame, const Op *op);
/* The two parts of one place surely have no element in common. */
bool frames_disjoint(IndexValues *in, const Frame *a, const Frame *b);
/* They surely are one and the same element. */
bool frames_same(const Frame *a, const Frame *b);
/* Whether it depends on a value that is defined inside of the region. */
bool frame_depends_on(IndexValues *in, const Frame *frame, const Region *region);

#endif
