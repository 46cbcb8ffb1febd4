/* Inside libkcrt: the arenas of slots, for temporary memory of pieces of work. */
#ifndef KC_RUNTIME_SCRATCH_H
#define KC_RUNTIME_SCRATCH_H

#include "runtime/pool.h"

/* Forgets what was taken after `top`, which a failed check left open. */
KC_HIDDEN void kc_scratch_return_to(Slot *slot, const struct Header *top);

static inline void kc_scratch_free_all(Slot *slot) { kc_arena_free(slot->scratch); }

#endif
