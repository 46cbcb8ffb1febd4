/* Inside libkcrt: what the scratch arenas of threads need of an arena. */
#ifndef KC_RUNTIME_ARENA_H
#define KC_RUNTIME_ARENA_H

#include "runtime/hidden.h"

#include "kc/kcrt.h"

#include <stdbool.h>

/* An arena that grows, and is not counted among the kernels' memory. */
KC_HIDDEN kc_arena *kc_arena_create_uncounted(int64_t bytes);

/* How far the arena is used, and back to there. */
KC_HIDDEN void kc_arena_mark(const kc_arena *arena, int64_t mark[3]);
KC_HIDDEN void kc_arena_return_to(kc_arena *arena, const int64_t mark[3]);

/* A large piece of memory: from 4 MiB on it begins at a multiple of 2 MiB, and Linux is asked for huge
 * pages. Builds with KC_DEBUG put a page behind it that nobody may touch. */
typedef struct Piece {
    void *memory, *base;
    int64_t size;
    bool counted;
} Piece;
KC_HIDDEN Piece kc_piece_get(int64_t size, bool counted); /* memory NULL: there is none */
KC_HIDDEN void kc_piece_free(const Piece *piece);

#endif
