/* Where values end: what the files of the pass share.
 *
 * A variable's value ends at the END of the statement after which nothing needs it, or on the edge to a
 * path that does not need it; a SET over a value that is needed until then ends the old one. So at any
 * point a variable that holds a value is one that is needed, and no flag has to say so at run time: that
 * is the invariant, and the beginning of each block may rely on it. A struct ends as a whole, but for
 * fields that were moved; its fields are only told apart where a field was moved on one of two paths.
 * Scratch memory is the arena of the flow. */
#ifndef KC_IR_OWNERSHIP_DROPS_H
#define KC_IR_OWNERSHIP_DROPS_H

#include "ir/ownership/flow.h"

/* Structs whose fields get new values one by one: until the last of these the others stay. */
typedef struct Refills {
    const Graph *graph;
    uint32_t count, words;
    uint32_t *slot; /* by place: 1 + its bit, for variables of which a field is stored somewhere */
    uint64_t *in;   /* by block, `words` each: a field is stored later, before the whole is */
    uint64_t *out;
} Refills;

Refills refills_find(Arena *arena, const Graph *g);
bool refills_after(const Refills *r, uint32_t root, uint32_t block, uint32_t event);
bool refills_in(const Refills *r, uint32_t root, uint32_t block);

/* Ends all that the place, reached by `ref`, holds according to the cursor, fields from the last to the
 * first. */
void place_drop(FlowCursor *at, const Graph *g, Builder *b, Value *ref, uint32_t place);
/* The fields alone, as in the `__del__` of the type. */
void fields_drop(FlowCursor *at, const Graph *g, Builder *b, Value *ref, uint32_t place);
/* The ref of a place: FIELDs on its variable, built as needed. */
Value *place_ref(const Graph *g, Builder *b, uint32_t place);

#endif
