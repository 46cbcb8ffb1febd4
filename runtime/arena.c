#include "runtime/arena.h"
#include "runtime/memory.h"

#include <string.h>

/* Memory comes in blocks from kc_alloc. Each array takes a header and its size rounded up. What counts
 * as used, and what the arena promises to hold, leaves the headers out: an arena of 64 bytes holds an
 * array of 64 bytes. So blocks are larger than they promise; should very many small arrays need more
 * room for headers than that, another block is fetched, of an arena that does not grow as well. */
typedef struct Block {
    Piece piece; /* that it lies in */
    struct Block *next;
    int64_t size, used; /* of `data` */
    char data[];        /* aligned: the header of its first array */
} Block;

struct kc_arena {
    Block *first, *current;
    int64_t used, peak, capacity;
    int64_t step; /* by which it grows; 0: it does not */
    bool counted;
    Piece piece; /* that it lies in */
};

enum { SPARE = 1 << 20 };

static Block *block_create(int64_t promised, bool counted) {
    int64_t spare = promised < SPARE ? promised : SPARE + promised / 16;
    int64_t size = promised + spare + ALIGNMENT;
    int64_t lead = round_up(sizeof(Block));
    Piece piece = kc_piece_get(lead + size, counted);
    if (piece.memory == NULL) return NULL;
    Block *block = piece.memory;
    *block = (Block){.piece = piece, .size = size};
    MEMORY_CLOSE((char *)block + lead, size);
    return block;
}

static char *block_start(Block *block) { return (char *)block + round_up(sizeof(Block)); }

/* ---- Beginning and end ------------------------------------------------------------------------- */

static void block_free(Block *block) {
    Piece piece = block->piece;
    MEMORY_OPEN(block_start(block), block->size);
    kc_piece_free(&piece);
}

static kc_arena *arena_create(int64_t bytes, bool grows, bool counted) {
    if (bytes < 0 || bytes > KC_MEMORY_MAX / 2) return NULL;
    int64_t capacity = round_up(bytes);
    Piece piece = kc_piece_get(sizeof(kc_arena), counted);
    if (piece.memory == NULL) return NULL;
    Block *block = block_create(capacity, counted);
    if (block == NULL) {
        kc_piece_free(&piece);
        return NULL;
    }
    int64_t step = !grows ? 0 : capacity > 0 ? capacity : ALIGNMENT;
    kc_arena *arena = piece.memory;
    *arena = (kc_arena){.first = block,
                        .current = block,
                        .capacity = capacity,
                        .step = step,
                        .counted = counted,
                        .piece = piece};
    return arena;
}

kc_arena *kc_arena_create(int64_t bytes, int grows) {
    return arena_create(bytes, grows != 0, true);
}

kc_arena *kc_arena_create_uncounted(int64_t bytes) { return arena_create(bytes, true, false); }

void kc_arena_free(kc_arena *arena) {
    if (arena == NULL) return;
    for (Block *block = arena->first, *next; block != NULL; block = next) {
        next = block->next;
        block_free(block);
    }
    Piece piece = arena->piece;
    kc_piece_free(&piece);
}

#if defined(KC_DEBUG) || defined(KC_ADDRESS_SANITIZER)
/* What the block gave out from `from` on may not be used any more. */
static void block_close(Block *block, int64_t from) {
#ifdef KC_DEBUG
    MEMORY_OPEN(block_start(block) + from, block->used - from);
    memset(block_start(block) + from, 0xDB, (size_t)(block->used - from));
#endif
    MEMORY_CLOSE(block_start(block) + from, block->size - from);
}
#endif

static void arena_return(kc_arena *arena, Block *block, int64_t block_used, int64_t used) {
#if defined(KC_DEBUG) || defined(KC_ADDRESS_SANITIZER)
    for (Block *each = block; each != NULL; each = each->next)
        block_close(each, each == block ? block_used : 0);
#endif
    arena->current = block;
    block->used = block_used;
    arena->used = used;
}

void kc_arena_reset(kc_arena *arena) { arena_return(arena, arena->first, 0, 0); }

void kc_arena_mark(const kc_arena *arena, int64_t mark[3]) {
    mark[0] = (int64_t)(intptr_t)arena->current;
    mark[1] = arena->current->used;
    mark[2] = arena->used;
}

void kc_arena_return_to(kc_arena *arena, const int64_t mark[3]) {
    arena_return(arena, (Block *)(intptr_t)mark[0], mark[1], mark[2]);
}

/* ---- Allocation -------------------------------------------------------------------------------- */

/* Of a block with room for `size` bytes. Threads keep their scratch arenas for good, whose blocks therefore
 * double: sizes that rise by and by leave less behind than twice the largest. */
static int64_t next_block_size(const kc_arena *arena, int64_t size) {
    int64_t block = arena->step != 0 ? arena->step : SPARE;
    if (arena->counted) return size > block ? size : block;
    while (block < size) block *= 2;
    return block;
}

/* Makes the first block from the current one on that has `size` bytes left the current one. Blocks after
 * it are left over from before the last reset. */
static bool block_find(kc_arena *arena, int64_t size) {
    while (arena->current->size - arena->current->used < size) {
        Block *next = arena->current->next;
        if (next == NULL || next->size < size) {
            next = block_create(next_block_size(arena, size), arena->counted);
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
