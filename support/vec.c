#include "support/vec.h"

#include <string.h>

void *vec_grow(Arena *arena, void *data, uint32_t len, uint32_t *cap, size_t item_size) {
    if (*cap > UINT32_MAX / 2) fatal("out of memory");
    *cap = *cap == 0 ? 8 : *cap * 2;
    void *grown = arena_alloc_array(arena, *cap, item_size);
    if (len != 0) memcpy(grown, data, len * item_size);
    return grown;
}
