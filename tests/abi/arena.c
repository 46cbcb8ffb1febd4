/* Memory of kernels: what they take from an arena, allocate, give away, and leave behind (nothing). */
#include "arena.h"
#include "kc/kcrt.h"

#include <assert.h>

static void arenas(void) {
    kc_arena *arena = kc_arena_create(256, 0);
    assert(arena != NULL);
    float x[] = {3, 6, 9, 0};
    smooth(4, arena, x);
    assert(x[0] == 3 && x[1] == 6 && x[2] == 5 && x[3] == 0);
    assert(kc_arena_used(arena) == 64);
    kc_arena_reset(arena);
    assert(kc_arena_used(arena) == 0 && kc_arena_peak(arena) == 64);
    kc_arena_free(arena);
    arena = kc_arena_create(448, 0);
    assert(batches(arena, 1000) == 499500.0f);
    assert(kc_arena_peak(arena) == 448);
    kc_arena_free(arena);
}

int main(void) {
    kc_memory_stats before = kc_memory_get_stats();
    arenas();
    assert(squares_below(1000) == 32 && squares_below(0) == 0);
    const float x[] = {1.5f, 2.5f};
    for (int keep = 0; keep < 2; keep++) {
        kc_array_f32_1 result = both(2, x, keep);
        assert(result.shape[0] == (keep ? 2 : 3) && result.data[0] == 1.5f);
        kc_free(result.data);
    }
    kc_memory_stats after = kc_memory_get_stats();
    assert(after.live_bytes == before.live_bytes);
    assert(after.allocations - before.allocations == after.frees - before.frees);
    return 0;
}
