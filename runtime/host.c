#include "runtime/pool.h"

#include <stdlib.h>
#include <string.h>

kc_host kc_host_current;

void *kc_memory_get(size_t size, bool zeroed) {
    if (kc_host_current.allocate == NULL) return zeroed ? calloc(1, size) : malloc(size);
    void *memory = kc_host_current.allocate(kc_host_current.user, size);
    if (memory != NULL && zeroed) memset(memory, 0, size);
    return memory;
}

void kc_memory_give_back(void *memory) {
    if (kc_host_current.release == NULL) {
        free(memory);
    } else if (memory != NULL) {
        kc_host_current.release(kc_host_current.user, memory);
    }
}

/* What was given stands before the memory. */
void *kc_host_alloc(int64_t size) {
    enum { ALIGN = 64 };
    char *base = kc_memory_get((size_t)size + 2 * ALIGN, true);
    if (base == NULL) return NULL;
    char *memory = base + ALIGN + -(uintptr_t)base % ALIGN;
    memcpy(memory - sizeof base, &base, sizeof base);
    return memory;
}

void kc_host_free(void *memory) {
    if (memory == NULL) return;
    char *base;
    memcpy(&base, (char *)memory - sizeof base, sizeof base);
    kc_memory_give_back(base);
}
