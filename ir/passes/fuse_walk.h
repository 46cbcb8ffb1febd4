/* The stretches of a function: ops of one region, from a loop on, without a wall between them. */
#ifndef KC_IR_PASSES_FUSE_WALK_H
#define KC_IR_PASSES_FUSE_WALK_H

#include "ir/passes/fuse.h"

typedef void (*StretchVisitor)(Fuse *f, Stretch *s);

/* Some region has two counted loops. */
bool has_neighbours(const Region *region);
/* Every stretch with two loops or more, outer regions first; the visitor may fuse them. */
void stretches_visit(Fuse *f, Region *region, StretchVisitor visit);

/* Each two neighbouring loops with a wall between them, or that are one; `reason` says what it is. */
typedef void (*WallVisitor)(Fuse *f, const Op *first, const Op *second, const char *reason);
void walls_visit(Fuse *f, Region *region, WallVisitor visit);

#endif
