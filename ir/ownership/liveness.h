/* What is used later: for places (each field by itself) and for values that look or own. Backward
 * from each use to where the value comes from, one name after another, so the cost is that of the
 * answer: no name costs anything in a block where it is not alive. */
#ifndef KC_IR_OWNERSHIP_LIVENESS_H
#define KC_IR_OWNERSHIP_LIVENESS_H

#include "ir/ownership/graph.h"

/* A name is a place, or a value: the number of places plus the value's id. */
typedef uint32_t LiveName;
typedef Vec(uint32_t) IdVec;

/* Where a name is mentioned, in order of blocks and events. */
typedef struct Mention {
    uint32_t block, event;
    bool kills; /* gets another value; otherwise uses the one it has */
} Mention;

typedef struct Liveness {
    const Graph *graph;
    uint32_t name_count;
    uint32_t
        *first; /* by name: its mentions are mentions[first[n]] to mentions[first[n + 1] - 1] */
    Mention *mentions;
    IdVec *in, *out; /* by block: names that are used later, ascending */
    IdVec *known_in; /* by block: variables that are mentioned later at all, even to get a new
                        value; or that something looks into later */
} Liveness;

Liveness *liveness_analyse(Arena *arena, const Graph *g);
/* Once that is known: in which blocks something alive looks into a variable, by place. */
void liveness_know_lent(Arena *arena, Liveness *live, const IdVec *lent);
static inline LiveName live_value(const Liveness *l, const Value *value) {
    return l->graph->places.len + value->id;
}
/* Whether `name` is used after event number `event` of the block (-1: after its beginning), before
 * it gets another value. Who uses a field uses the places around it, and who uses a place all its
 * fields. */
bool live_after(const Liveness *l, LiveName name, uint32_t block, int64_t event);
/* At the beginning of a block. */
bool live_in(const Liveness *l, LiveName name, uint32_t block);
bool ids_have(const IdVec *ids, uint32_t id);

#endif
