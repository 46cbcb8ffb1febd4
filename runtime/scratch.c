#include "runtime/arena.h"
#include "runtime/pool.h"

enum { FIRST_BYTES = 1 << 16 };

/* A slot stays with its thread as long as its arena is open. Outside of all loops and tasks there is no
 * slot, and the arena is one for this opening. */
kc_arena *kc_scratch_open(kc_scratch *scratch) {
    Slot *slot = kc_thread.slot;
    kc_arena *arena = slot != NULL ? slot->scratch : NULL;
    if (arena == NULL) arena = kc_arena_create_uncounted(FIRST_BYTES);
    *scratch = (kc_scratch){.arena = arena};
    if (arena == NULL) return NULL;
    kc_arena_mark(arena, scratch->own);
    if (slot != NULL) {
        slot->scratch = arena;
        slot->uses++;
    }
    return arena;
}

void kc_scratch_close(kc_scratch *scratch) {
    Slot *slot = kc_thread.slot;
    if (scratch->arena == NULL) return;
    if (slot != NULL && slot->scratch == scratch->arena) {
        kc_arena_return_to(scratch->arena, scratch->own);
        kc_slot_leave(slot);
    } else {
        kc_arena_free(scratch->arena);
    }
    scratch->arena = NULL;
}
