/* Which calls of a `parallel:` block have to wait for which: inside the pass `tasks`.
 *
 * Two calls that touch one place or one piece of memory keep their order if one of them changes it; so do calls
 * that print, or that are unknown. Memory is told apart by where it comes from, and windows onto the same memory by
 * where they begin and end. */
#ifndef KC_IR_PASSES_GRAPH_ACCESS_H
#define KC_IR_PASSES_GRAPH_ACCESS_H

#include "ir/analysis/memory.h"

typedef enum TouchKind { TOUCH_PLACE, TOUCH_MEMORY, TOUCH_ARENA, TOUCH_WORLD } TouchKind;

typedef struct Touch {
    TouchKind kind;
    bool writes;
    const Value *ref;  /* PLACE */
    Root root;         /* MEMORY */
    const Value *view; /* MEMORY: the window; NULL: nobody knows which */
} Touch;

typedef struct PartAccess {
    const Op *task;
    Vec(Touch) touches;
    bool raises;   /* its variable may say that it failed */
} PartAccess;

/* Of a TASK; `effects` by function id. */
PartAccess part_access_of(Arena *arena, const Memory *memory, const unsigned *effects, const Op *task);
/* Whether `later` waits for `before`. */
bool part_waits(const Memory *memory, const PartAccess *before, const PartAccess *later);

#endif
