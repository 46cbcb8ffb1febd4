/* The stretches of a function: ops of one region, from a loop on, without a wall between them. */
#ifndef KC_IR_PASSES_FUSE_WALK_H
#define KC_IR_PASSES_FUSE_WALK_H

#include "ir/passes/fuse.h"

typedef void (*StretchVisitor)(Fuse *f, Stretch *s);

/* Some region has two counted loops. */
bool has_neighbours(const Region *region);
/* Every stretch with two loops or more, outer regions first; the visitor may fuse them. */
void stretches_visit(Fuse *f, Region *region, StretchVisitor visit);

#endif
