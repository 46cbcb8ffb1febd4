/* Temporary memory of the pieces of work that a thread runs. They nest, so what they take is a stack of
 * headers in the arena of the thread's slot. A header that is freed below others waits until those are. */
#include "runtime/scratch.h"
#include "runtime/arena.h"
#include "runtime/memory.h"

#include <string.h>

enum { FIRST_BYTES = 1 << 16 };

static Header *header_of(void *memory) { return (Header *)memory - 1; }

/* ---- The stack --------------------------------------------------------------------------------- */

/* A slot stays with its thread as long as it has something there. */
static void *push(Slot *slot, int64_t count, int64_t size, bool zeroed) {
    if (slot->scratch == NULL) slot->scratch = kc_arena_create_uncounted(FIRST_BYTES);
    if (slot->scratch == NULL) return NULL;
    int64_t mark[3];
    kc_arena_mark(slot->scratch, mark);
    void *memory = kc_arena_alloc(slot->scratch, count, size, zeroed);
    if (memory == NULL) return NULL;
    Header *header = header_of(memory);
    MEMORY_OPEN(header, sizeof *header);
    header->kind = MEMORY_SCRATCH;
    header->below = slot->scratch_top;
    memcpy(header->mark, mark, sizeof mark);
    MEMORY_CLOSE(header, sizeof *header);
    slot->scratch_top = header;
    slot->uses++;
    return memory;
}

static void pop(Slot *slot) {
    Header *header = slot->scratch_top;
    int64_t mark[3];
    MEMORY_OPEN(header, sizeof *header);
    memcpy(mark, header->mark, sizeof mark);
    slot->scratch_top = header->below;
    kc_arena_return_to(slot->scratch, mark);
}

static bool top_is_freed(const Slot *slot) {
    Header *header = slot->scratch_top;
    if (header == NULL) return false;
    MEMORY_OPEN(header, sizeof *header);
    bool freed = header->kind == MEMORY_FREED;
    MEMORY_CLOSE(header, sizeof *header);
    return freed;
}

void kc_scratch_return_to(Slot *slot, const Header *top) {
    while (slot->scratch_top != top) pop(slot);
}

/* ---- Pieces of memory -------------------------------------------------------------------------- */

void *kc_scratch_alloc(int64_t count, int64_t size, int zeroed) {
    Slot *slot = kc_thread.slot;
    if (slot == NULL || memory_size(count, size) > KC_SCRATCH_MAX) return kc_alloc(count, size, zeroed);
    return push(slot, count, size, zeroed != 0);
}

void kc_scratch_free(void *memory) {
    if (memory == NULL) return;
    Header *header = header_of(memory);
    MEMORY_OPEN(header, sizeof *header);
    if (header->kind != MEMORY_SCRATCH) {
        kc_free(memory);
        return;
    }
    header->kind = MEMORY_FREED;
    MEMORY_CLOSE(header, (int64_t)sizeof *header + header->size);
    Slot *slot = kc_thread.slot;
    while (top_is_freed(slot)) pop(slot);
    kc_slot_leave(slot);
}

/* ---- Openings ---------------------------------------------------------------------------------- */

/* An opening is a header without memory. Outside of all loops and tasks there is no slot, and the arena is one
 * for this opening. */
kc_arena *kc_scratch_open(kc_scratch *scratch) {
    Slot *slot = kc_thread.slot;
    *scratch = (kc_scratch){0};
    if (slot == NULL) return scratch->arena = kc_arena_create_uncounted(FIRST_BYTES);
    scratch->own = push(slot, 0, 0, false);
    if (scratch->own != NULL) scratch->arena = slot->scratch;
    return scratch->arena;
}

void kc_scratch_close(kc_scratch *scratch) {
    if (scratch->own != NULL) {
        kc_scratch_return_to(kc_thread.slot, header_of(scratch->own));
        kc_scratch_free(scratch->own);
    } else {
        kc_arena_free(scratch->arena);
    }
    *scratch = (kc_scratch){0};
}
