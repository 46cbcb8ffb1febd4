#include "runtime/memory.h"

#include <string.h>

/* Memory comes in blocks from kc_alloc. Each array takes a header and its size rounded up. What counts
 * as used, and what the arena promises to hold, leaves the headers out: an arena of 64 bytes holds an
 * array of 64 bytes. So blocks are larger than they promise; should very many small arrays need more
 * room for headers than that, another block is fetched, of an arena that does not grow as well. */
typedef struct Block {
    struct Block *next;
    int64_t size, used; /* of `data` */
    char data[];        /* aligned: the header of its first array */
} Block;

struct kc_arena {
    Block *first, *current;
    int64_t used, peak, capacity;
    int64_t step; /* by which it grows; 0: it does not */
};

enum { SPARE = 1 << 20 };

static Block *block_create(int64_t promised) {
    int64_t spare = promised < SPARE ? promised : SPARE + promised / 16;
    int64_t size = promised + spare + ALIGNMENT;
    int64_t lead = round_up(sizeof(Block));
    Block *block = kc_alloc(1, lead + size, 0);
    if (block == NULL) return NULL;
    *block = (Block){.size = size};
    MEMORY_CLOSE((char *)block + lead, size);
    return block;
}

static char *block_start(Block *block) { return (char *)block + round_up(sizeof(Block)); }

/* ---- Beginning and end ------------------------------------------------------------------------- */

kc_arena *kc_arena_create(int64_t bytes, int grows) {
    if (bytes < 0 || bytes > KC_MEMORY_MAX / 2) return NULL;
    int64_t capacity = round_up(bytes);
    kc_arena *arena = kc_alloc(1, sizeof *arena, 0);
    Block *block = block_create(capacity);
    if (arena == NULL || block == NULL) {
        kc_free(arena);
        kc_free(block);
        return NULL;
    }
    int64_t step = !grows ? 0 : capacity > 0 ? capacity : ALIGNMENT;
    *arena = (kc_arena){.first = block, .current = block, .capacity = capacity, .step = step};
    return arena;
}

void kc_arena_free(kc_arena *arena) {
    if (arena == NULL) return;
    for (Block *block = arena->first, *next; block != NULL; block = next) {
        next = block->next;
        MEMORY_OPEN(block_start(block), block->size);
        kc_free(block);
    }
    kc_free(arena);
}

void kc_arena_reset(kc_arena *arena) {
#if defined(KC_DEBUG) || defined(KC_ADDRESS_SANITIZER)
    for (Block *block = arena->first; block != NULL; block = block->next) {
#ifdef KC_DEBUG
        MEMORY_OPEN(block_start(block), block->used);
        memset(block_start(block), 0xDB, (size_t)block->used);
#endif
        MEMORY_CLOSE(block_start(block), block->size);
    }
#endif
    arena->current = arena->first;
    arena->current->used = 0;
    arena->used = 0;
}

/* ---- Allocation -------------------------------------------------------------------------------- */

/* Makes the first block from the current one on that has `size` bytes left the current one. Blocks after
 * it are left over from before the last reset. */
static bool block_find(kc_arena *arena, int64_t size) {
    while (arena->current->size - arena->current->used < size) {
        Block *next = arena->current->next;
        if (next == NULL || next->size < size) {
            int64_t piece = arena->step != 0 ? arena->step : SPARE;
            next = block_create(size > piece ? size : piece);
            if (next == NULL) return false;
            next->next = arena->current->next;
            arena->current->next = next;
        }
        next->used = 0;
        arena->current = next;
    }
    return true;
}

int kc_arena_has_room(const kc_arena *arena, int64_t count, int64_t size) {
    int64_t bytes = memory_size(count, size);
    if (bytes < 0) return 0;
    return arena->step != 0 || round_up(bytes) <= arena->capacity - arena->used;
}

void *kc_arena_alloc(kc_arena *arena, int64_t count, int64_t size, int zeroed) {
    if (!kc_arena_has_room(arena, count, size)) return NULL;
    int64_t bytes = memory_size(count, size), rounded = round_up(bytes);
    int64_t whole = (int64_t)sizeof(Header) + rounded;
    if (!block_find(arena, whole)) return NULL;
    Block *block = arena->current;
    Header *header = (Header *)(void *)(block_start(block) + block->used);
    char *data = (char *)(header + 1);
    MEMORY_OPEN(header, sizeof *header);
    *header = (Header){.size = bytes, .kind = MEMORY_ARENA};
    MEMORY_CLOSE(header, sizeof *header);
    MEMORY_OPEN(data, bytes);
    if (zeroed) memset(data, 0, (size_t)bytes);
    block->used += whole;
    arena->used += rounded;
    if (arena->used > arena->peak) arena->peak = arena->used;
    while (arena->used > arena->capacity)
        arena->capacity += rounded > arena->step ? rounded : arena->step;
    return data;
}

int64_t kc_arena_used(const kc_arena *arena) { return arena->used; }

int64_t kc_arena_peak(const kc_arena *arena) { return arena->peak; }

int64_t kc_arena_capacity(const kc_arena *arena) { return arena->capacity; }
