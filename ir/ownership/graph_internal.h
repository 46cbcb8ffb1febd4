/* Between the files that build a graph: places, and the events of one op. */
#ifndef KC_IR_OWNERSHIP_GRAPH_INTERNAL_H
#define KC_IR_OWNERSHIP_GRAPH_INTERNAL_H

#include "ir/ownership/graph.h"

/* ---- places.c -------------------------------------------------------------------------------- */

/* All variables and parameters of type ref, with their fields; place_of of refs. Needs no blocks.
 */
void places_collect(Graph *g);

/* The place that a ref is, when it is a variable or a field of one, rather than an element. */
uint32_t place_of_ref(const Graph *g, const Value *ref);

/* ---- events.c -------------------------------------------------------------------------------- */

/* Adds the events of one op, in order, to the block. */
void events_add(Graph *g, uint32_t block, Op *op);
void event_push(Graph *g, uint32_t block, EventKind kind, uint32_t place, Op *op, Value *window);

#endif
