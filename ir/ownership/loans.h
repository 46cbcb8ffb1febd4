/* Who depends on which place: each window (a view, a struct of views), task, and value that lives
 * in an arena has a set of loans, found by flow. Windows in SSA form have one set; places have one
 * at each point.
 *
 *   LOAN_LOOK    the window looks into the place: it must not be changed (is_mutable: not be
 *                touched)
 *   LOAN_TASK    a task works on the place
 *   LOAN_LIVES   the value lives in the place, an arena
 *   LOAN_CALLER  the window looks into memory that the caller lent by parameter `place` (index in
 *                IrFn.args), or into a constant of the module (NO_PLACE)
 *
 * Access *through* a window asks nothing: what it depends on was checked where that was touched. A
 * window on a window inherits its loans, so that residents of an arena are protected under views as
 * well. */
#ifndef KC_IR_OWNERSHIP_LOANS_H
#define KC_IR_OWNERSHIP_LOANS_H

#include "ir/ownership/index_range.h"
#include "ir/ownership/liveness.h"

typedef enum LoanKind { LOAN_LOOK, LOAN_TASK, LOAN_LIVES, LOAN_CALLER } LoanKind;

typedef struct Loan {
    uint32_t id;
    LoanKind kind;
    bool is_mutable;
    uint32_t place;
    const Frame *frame; /* which part of the place's elements; NULL: all, or unknown */
    Op *op;             /* where it was made: LEND, CALL, ALLOC_IN, SPAWN */
    uint32_t from;      /* the loan that it was made from by a CALL, SLICE...; NO_LOAN */
} Loan;

enum { NO_LOAN = UINT32_MAX, NO_LOANS = 0 };

/* Loan ids, ascending, interned: equal sets have equal numbers, and NO_LOANS is the empty one. */
typedef struct LoanSet {
    uint32_t count;
    const uint32_t *ids;
} LoanSet;

/* What a place holds at some point. */
typedef struct Held {
    uint32_t place, set;
} Held;

typedef Vec(Held) HeldVec;

typedef struct Loans {
    Arena *arena;
    Graph *graph;
    const Liveness *live;
    IndexValues values;
    Vec(Loan *) all;
    Vec(LoanSet) sets;
    IdVec *made;      /* by op id: loans made there */
    uint32_t *set_of; /* by value id */
    HeldVec *in;      /* by block: what places hold at its beginning; only those that are alive,
                         and what the caller lends to be changed */
    uint32_t *table;  /* sets by their hash */
    uint32_t table_size;
    const Frame *whole[RANGE_DIMS + 1];
} Loans;

Loans *loans_analyse(Arena *arena, Graph *g, const Liveness *live);

/* A walk over one block. */
typedef struct LoanCursor {
    Loans *loans;
    uint32_t block, event; /* the next event */
    uint32_t *set_at;      /* by place */
    IdVec listed;          /* places that have, or had, a set */
    IdVec *holders;        /* by root: names that hold, or held, a loan on (a field of) it */
    IdVec lent;            /* roots with holders */
    uint32_t *seen, stamp; /* by name */
} LoanCursor;

LoanCursor *loans_cursor(Arena *arena, Loans *loans);
void loans_begin(LoanCursor *c, uint32_t block);
void loans_step(LoanCursor *c);
/* What the place holds, its fields included. */
uint32_t loans_of_place(LoanCursor *c, uint32_t place);
/* What a name holds now. */
uint32_t loans_of_name(const LoanCursor *c, LiveName name);
/* The variable of a VAR that is field or all of a window, otherwise a value... */
static inline bool name_is_place(const Loans *l, LiveName name) {
    return name < l->graph->places.len;
}

/* Calls `visit` for each loan on `place`, on what it is part of, or on part of it, that is held by
 * a name still used after event `after` of the block. Later calls in the block ask about later
 * events. */
typedef bool (*LoanVisitor)(void *user, LiveName holder, const Loan *loan); /* false: enough */
void loans_on(LoanCursor *c, uint32_t place, int64_t after, LoanVisitor visit, void *user);
/* ...or used on the far side of the edge, at the end of the block. */
void loans_on_edge(LoanCursor *c, uint32_t edge, uint32_t place, LoanVisitor visit, void *user);
bool places_overlap(const Graph *g, uint32_t a, uint32_t b);

#endif
