/* A table from 64-bit keys to words, by open addressing. Its memory is an arena's; a zeroed IdMap
 * with the arena set is empty and ready. */
#ifndef KC_IR_IDMAP_H
#define KC_IR_IDMAP_H

#include "support/arena.h"

typedef struct IdMap {
    Arena *arena;
    uint64_t *keys; /* key + 1; 0 is free */
    uintptr_t *values;
    uint32_t len, cap; /* cap is a power of two */
} IdMap;

/* The word for `key`, 0 when it is new. Stays in place until the next call. */
uintptr_t *idmap_at(IdMap *map, uint64_t key);

#endif
