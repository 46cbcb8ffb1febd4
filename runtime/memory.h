/* Inside libkcrt: what stands before every piece of memory that kernels know, and the words by which
 * AddressSanitizer is told what they may touch. Nothing here owns memory. */
#ifndef KC_RUNTIME_MEMORY_H
#define KC_RUNTIME_MEMORY_H

#include "kc/kcrt.h"

#include <stdbool.h>
#include <stddef.h>

enum { ALIGNMENT = 64 };

typedef enum MemoryKind {
    MEMORY_HEAP = 0x4b63486d,  /* kc_free frees it */
    MEMORY_ARENA = 0x4b634172, /* it ends with its arena */
    MEMORY_SCRATCH = 0x4b635363, /* kc_scratch_free does */
    MEMORY_FREED = 0x4b634664
} MemoryKind;

/* The 64 bytes before the data. The kinds are chosen so that other memory is hardly taken for ours. */
typedef struct Header {
    _Alignas(ALIGNMENT) void *base; /* what malloc gave */
    int64_t size;
    uint32_t kind;
    struct Header *below; /* scratch memory: what was taken before */
    int64_t mark[3];      /* and the arena as it was then */
} Header;

_Static_assert(sizeof(Header) == ALIGNMENT, "the data stays aligned");

/* The size in bytes, or -1 when there is no such size. */
static inline int64_t memory_size(int64_t count, int64_t size) {
    if (count < 0 || size < 0) return -1;
    if (size != 0 && count > KC_MEMORY_MAX / size) return -1;
    return count * size;
}

static inline int64_t round_up(int64_t size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

#if defined(__SANITIZE_ADDRESS__)
#define KC_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KC_ADDRESS_SANITIZER 1
#endif
#endif

#ifdef KC_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#define MEMORY_CLOSE(start, size) ASAN_POISON_MEMORY_REGION(start, size)
#define MEMORY_OPEN(start, size) ASAN_UNPOISON_MEMORY_REGION(start, size)
#else
#define MEMORY_CLOSE(start, size) ((void)(start), (void)(size))
#define MEMORY_OPEN(start, size) ((void)(start), (void)(size))
#endif

#endif
