#include "ir/idmap.h"

static uint32_t slot_of(const IdMap *map, uint64_t key) {
    uint32_t slot = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (map->cap - 1);
    while (map->keys[slot] != 0 && map->keys[slot] != key + 1) slot = (slot + 1) & (map->cap - 1);
    return slot;
}

static void grow(IdMap *map) {
    IdMap old = *map;
    map->cap = old.cap == 0 ? 16 : old.cap * 2;
    map->keys = arena_array(map->arena, uint64_t, map->cap);
    map->values = arena_array(map->arena, uintptr_t, map->cap);
    for (uint32_t i = 0; i < old.cap; i++) {
        if (old.keys[i] == 0) continue;
        uint32_t slot = slot_of(map, old.keys[i] - 1);
        map->keys[slot] = old.keys[i];
        map->values[slot] = old.values[i];
    }
}

uintptr_t *idmap_at(IdMap *map, uint64_t key) {
    if (map->len * 4 >= map->cap * 3) grow(map);
    uint32_t slot = slot_of(map, key);
    if (map->keys[slot] == 0) {
        map->keys[slot] = key + 1;
        map->len++;
    }
    return &map->values[slot];
}
