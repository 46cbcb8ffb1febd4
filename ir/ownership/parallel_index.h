/* The indices of a parallel loop as expressions over what is the same for all iterations.
 *
 * An Index is built once for each value that is used as an index, a bound or a condition. Its leaves are
 * numbers, symbols (integers that no iteration changes: parameters, sizes), steps (how far a loop has got
 * from its beginning) and unknowns. From here two readers take it: the proof makes polynomials of it, and
 * the search for a witness computes it for small numbers. All memory is the arena's. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_INDEX_H
#define KC_IR_OWNERSHIP_PARALLEL_INDEX_H

#include "ir/idmap.h"
#include "ir/ir.h"

typedef enum IndexKind {
    INDEX_NUMBER,
    INDEX_SYMBOL,
    INDEX_STEP,    /* 0, step, 2 * step, ... below `extent` */
    INDEX_UNKNOWN, /* may be anything, in each iteration anew */
    INDEX_ADD,
    INDEX_SUB,
    INDEX_MUL,
    INDEX_MIN,
    INDEX_MAX,
    INDEX_FLOORDIV,
    INDEX_MOD,
    /* conditions: 0 or 1 */
    INDEX_EQ,
    INDEX_NE,
    INDEX_LT,
    INDEX_LE,
    INDEX_AND,
    INDEX_OR,
    INDEX_NOT
} IndexKind;

typedef struct Index Index;
struct Index {
    IndexKind kind;
    uint32_t id;        /* dense, from 1; operands have smaller ones */
    bool varies;        /* is not the same for all iterations of the parallel loop */
    bool is_steady;     /* is the same wherever in one iteration it is computed */
    bool is_size;       /* SYMBOL: never negative */
    int64_t number;     /* NUMBER */
    const Value *value; /* SYMBOL, UNKNOWN, FLOORDIV, MOD: where it comes from, for messages */
    const Index *a, *b; /* operands; NOT: a; STEP: a is the extent, b the step */
};

typedef Vec(const Op *) ConstOpVec;

typedef struct Indices {
    Arena *arena;
    IrFn *fn;
    const Op *loop;         /* the parallel one */
    const Index *iteration; /* its STEP */
    const Index **of_value; /* by value id; NULL: not asked for yet */
    Vec(uint32_t) asked;    /* which of these are not NULL */
    IdMap shared;           /* nodes of this loop that need to be there once */
    Vec(Index *) all;       /* by id; [0] is NULL */
    ConstOpVec *sets;            /* by value id of a variable: the SETs of it and its fields */
    uint32_t *changes;      /* by value id: how many ops may change that variable */
    uint32_t *changed_in;   /* by value id: the last loop, by number, that changes it */
    uint32_t loop_number;
    ConstOpVec asserts;   /* of the function, in order */
    uint32_t *order; /* by op id: its place in the function */
    uint32_t op_count;
} Indices;

/* For several loops of one function. */
Indices *indices_create(Arena *arena, IrFn *fn);
/* Begins with a loop: a FOR. */
void indices_enter(Indices *x, const Op *loop);

const Index *index_of(Indices *x, const Value *value);
const Index *index_number(Indices *x, int64_t number);
const Index *index_make(Indices *x, IndexKind kind, const Index *a, const Index *b);
const Index *index_step(Indices *x, const Index *extent, const Index *step);
/* A step through a range of elements: one node for each extent and number, so that equal ranges compare
 * equal; the ranges of one access have different numbers. */
const Index *index_range(Indices *x, const Index *extent, uint32_t number);
const Index *index_unknown(Indices *x, const Value *value);
const Index *index_size(Indices *x, const Value *view, uint32_t dim);

bool op_is_within(const Op *op, const Op *loop);
bool value_is_inside(const Value *value, const Op *loop);
/* The variable behind a ref through its FIELDs: the result of a VAR, or a parameter. NULL: an element. */
const Value *ref_root(const Value *ref);
/* The SET that gives a variable its only value, in the same region as the VAR; otherwise NULL. */
const Op *var_only_set(const Indices *x, const Value *root);
/* The ref that `op` gives another value through operand `index`, or NULL: SET, MOVE, APPEND, an inout
 * argument... Writing elements is no such change. */
const Value *op_changed_ref(const Op *op, uint32_t index);

#endif
