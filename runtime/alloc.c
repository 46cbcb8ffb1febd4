#include "kc/kcrt.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

void *kc_alloc(int64_t count, int64_t size, int zeroed) {
    if (count < 0 || size < 0) return NULL;
    if (size != 0 && count > (PTRDIFF_MAX - ALIGNMENT) / size) return NULL;
    size_t bytes = (size_t)count * (size_t)size;
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded == 0) rounded = ALIGNMENT;
    void *memory = aligned_alloc(ALIGNMENT, rounded);
    if (memory != NULL && zeroed) memset(memory, 0, rounded);
    return memory;
}

void kc_free(void *memory) { free(memory); }
