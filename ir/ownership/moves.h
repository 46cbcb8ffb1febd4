/* Which places hold no value, and why: forward, over sets of places that may be empty. A place that
 * is not in the set is full on every path. Sets are small, since a place leaves them when it is
 * filled, or when neither it nor anything that depends on it is mentioned any more. */
#ifndef KC_IR_OWNERSHIP_MOVES_H
#define KC_IR_OWNERSHIP_MOVES_H

#include "ir/ownership/loans.h"

typedef struct Missing {
    uint32_t place;
    bool always; /* on every path; otherwise on some */
    Op *cause;   /* the MOVE, WAIT or VAR that left it without a value: the first in the source */
} Missing;

typedef Vec(Missing) MissingVec;

typedef struct Moves {
    const Graph *graph;
    const Liveness *live;
    MissingVec *in;   /* by block, by place ascending */
    bool has_settled; /* events of the graph were changed, so that liveness has to be asked anew */
} Moves;

/* Turns the MUTATE of an ASSIGN into a STORE where its place may be empty: there it makes the
 * memory, and does not use what the place had. */
Moves *moves_analyse(Arena *arena, Graph *g, const Liveness *live);
/* The same again, once it is known who depends on whom: sets are complete only then. */
void moves_complete(Arena *arena, Moves *moves, Graph *g, Liveness *live, const Loans *loans);

/* A walk over one block: dense, so that each question costs O(1). */
typedef struct MovesCursor {
    const Moves *moves;
    Missing *at;  /* by place; `cause` is NULL where it is full */
    IdVec listed; /* every place that has an entry, and perhaps some that have none any more */
    Arena *arena;
} MovesCursor;

MovesCursor *moves_cursor(Arena *arena, const Moves *moves);
void moves_begin(MovesCursor *c, uint32_t block);
void moves_step(MovesCursor *c, const Event *event);
/* The entry that keeps the whole of the place from being used: its own, that of a place it is
 * inside of, or that of one of its fields; NULL: it is complete. */
const Missing *moves_missing(const MovesCursor *c, uint32_t place);

#endif
