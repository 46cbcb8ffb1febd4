/* What ownership knows of each point of a function, for those who walk over it: which places hold a
 * value, and which of these values are needed later. Three analyses joined: moves.h, liveness.h,
 * loans.h.
 *
 *     Flow *flow = flow_analyse(arena, fn);
 *     FlowCursor *c = flow_cursor(flow);
 *     for each block: flow_begin(c, block); for each event: { ask; flow_step(c); }
 *     at the end of a block: ask about its edges
 *
 * All memory is the caller's arena; the graph and the answers stay valid until the function
 * changes. */
#ifndef KC_IR_OWNERSHIP_FLOW_H
#define KC_IR_OWNERSHIP_FLOW_H

#include "ir/ownership/loans.h"
#include "ir/ownership/moves.h"

typedef struct Flow {
    Graph *graph;
    Liveness *live;
    Moves *moves;
    Loans *loans;
} Flow;

Flow *flow_analyse(Arena *arena, IrFn *fn);

typedef struct FlowCursor FlowCursor;

FlowCursor *flow_cursor(Flow *flow);
/* To the beginning of a block. */
void flow_begin(FlowCursor *c, uint32_t block);
/* Over the next event. */
void flow_step(FlowCursor *c);

/* What the place holds now, before the next event. FULL: all of it, on every path; EMPTY: none of
 * it, not even a field; PART: some fields are surely full and others surely empty, ask for those;
 * MAYBE: paths differ.
 */
typedef enum PlaceState { PLACE_FULL, PLACE_EMPTY, PLACE_PART, PLACE_MAYBE } PlaceState;
PlaceState flow_state(FlowCursor *c, uint32_t place);
/* Whether the value in the place, now, is needed later: it is used before the place gets another
 * one, or something that is used later looks into it, lives in it or works on it. */
bool flow_needs(FlowCursor *c, uint32_t place);
/* The same for one edge, the cursor being at the end of the block that it leaves. The state at the
 * end of that block is the state on all of its edges. */
bool flow_edge_needs(FlowCursor *c, uint32_t edge, uint32_t place);
/* Places (roots) that were needed, or got a value, and perhaps are not needed any more: since the
 * last call of this function in this block or its beginning (where it has all that is needed at the
 * beginning of the block). Each at most once. */
typedef Vec(uint32_t) PlaceVec;
void flow_touched(FlowCursor *c, PlaceVec *out);

#endif
