#include "runtime/memory.h"
#include "runtime/pool.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Statistics -------------------------------------------------------------------------------- */

/* Of the process: kernels of all threads share it. */
static struct {
    _Atomic(int64_t) allocations, frees, live, peak;
} stats;

static void count_allocation(int64_t size) {
    atomic_fetch_add_explicit(&stats.allocations, 1, memory_order_relaxed);
    int64_t live = size + atomic_fetch_add_explicit(&stats.live, size, memory_order_relaxed);
    int64_t peak = atomic_load_explicit(&stats.peak, memory_order_relaxed);
    while (live > peak && !atomic_compare_exchange_weak_explicit(
                              &stats.peak, &peak, live, memory_order_relaxed, memory_order_relaxed)) {
    }
}

static void count_free(int64_t size) {
    atomic_fetch_add_explicit(&stats.frees, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&stats.live, size, memory_order_relaxed);
}

kc_memory_stats kc_memory_get_stats(void) {
    return (kc_memory_stats){
        .allocations = atomic_load_explicit(&stats.allocations, memory_order_relaxed),
        .frees = atomic_load_explicit(&stats.frees, memory_order_relaxed),
        .live_bytes = atomic_load_explicit(&stats.live, memory_order_relaxed),
        .peak_bytes = atomic_load_explicit(&stats.peak, memory_order_relaxed),
    };
}

/* ---- Allocation -------------------------------------------------------------------------------- */

/* calloc knows which pages are fresh and zero already: those are not touched. */
void *kc_alloc(int64_t count, int64_t size, int zeroed) {
    int64_t bytes = memory_size(count, size);
    if (bytes < 0) return NULL;
    size_t whole = sizeof(Header) + (size_t)bytes + ALIGNMENT - 1;
    char *base = kc_memory_get(whole, zeroed != 0);
    if (base == NULL) return NULL;
    char *data = base + sizeof(Header);
    data += -(uintptr_t)data % ALIGNMENT;
    Header *header = (Header *)(void *)data - 1;
    *header = (Header){.base = base, .size = bytes, .kind = MEMORY_HEAP};
    MEMORY_CLOSE(header, sizeof *header);
    count_allocation(bytes);
    return data;
}

#ifdef KC_DEBUG
static void stop_unless(bool holds, const char *message) {
    if (holds) return;
    fprintf(stderr, "kc_free: %s\n", message);
    abort();
}
#endif

void kc_free(void *memory) {
    if (memory == NULL) return;
    Header *header = (Header *)memory - 1;
    MEMORY_OPEN(header, sizeof *header);
#ifdef KC_DEBUG
    stop_unless(header->kind != MEMORY_FREED, "this memory has been freed before");
    stop_unless(header->kind == MEMORY_HEAP || header->kind == MEMORY_ARENA,
                "this memory is not of kc_alloc");
#endif
    if (header->kind == MEMORY_ARENA) {
        MEMORY_CLOSE(header, sizeof *header);
        return;
    }
    header->kind = MEMORY_FREED;
    count_free(header->size);
    kc_memory_give_back(header->base);
}
