/* Inside libkcrt: the arenas of slots, for temporary memory of parallel bodies. */
#ifndef KC_RUNTIME_SCRATCH_H
#define KC_RUNTIME_SCRATCH_H

#include "runtime/pool.h"

/* What a failed check left open ends with the work of its thread. */
static inline void kc_scratch_clear(Slot *slot) {
    if (slot->scratch != NULL) kc_arena_reset(slot->scratch);
}

static inline void kc_scratch_free(Slot *slot) { kc_arena_free(slot->scratch); }

#endif
