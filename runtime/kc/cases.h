/* Support for the programs that `kc build --emit=cases` writes: they run the `# run:` comments of a kernel
 * file on a machine that kc itself is not on, and need GNU C, libkcrt and this header. */
#ifndef KC_CASES_H
#define KC_CASES_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kc/kcrt.h"

static jmp_buf kc_case_escape;
static char kc_case_panic[512];
static char kc_case_printed[1 << 16];
static int kc_case_failures;

/* A value of type T out of bytes of any alignment. */
#define KC_LOAD(T, bytes)                                                                          \
    (__extension__({                                                                               \
        T kc_value;                                                                                \
        memcpy(&kc_value, (bytes), sizeof kc_value);                                               \
        kc_value;                                                                                  \
    }))

/* A copy that the callee may free. */
static inline void *kc_case_give(const void *bytes, size_t size) {
    void *memory = kc_alloc((int64_t)size, 1, 0);
    return memory ? memcpy(memory, bytes, size) : NULL;
}

/* Pieces of memory that nobody has freed. */
static inline int64_t kc_case_live(void) {
    kc_memory_stats stats = kc_memory_get_stats();
    return stats.allocations - stats.frees;
}

static inline void kc_case_on_panic(const kc_panic_info *info) {
    kc_panic_format(info, kc_case_panic, sizeof kc_case_panic);
    longjmp(kc_case_escape, 1);
}

static inline void kc_case_fail(int line, const char *text, const char *what) {
    printf("FAIL line %d:%s\n  %s\n", line, text, what);
    kc_case_failures++;
}

/* Floats on the line of all floats in order, so that neighbours are one apart. */
static inline bool kc_case_near(kc_type type, const void *a, const void *b, uint64_t ulps) {
    unsigned bits = type == KC_F64 ? 64 : type == KC_F32 ? 32 : 16;
    unsigned exponent = type == KC_F64 ? 11 : type == KC_F16 ? 5 : 8;
    uint64_t x = 0, y = 0, sign = UINT64_C(1) << (bits - 1);
    uint64_t infinity = ((UINT64_C(1) << exponent) - 1) << (bits - 1 - exponent);
    memcpy(&x, a, bits / 8);
    memcpy(&y, b, bits / 8);
    bool x_nan = (x & ~sign) > infinity, y_nan = (y & ~sign) > infinity;
    if (x_nan || y_nan) return x_nan && y_nan;
    if (x == y) return true;
    if (ulps == 0) return false;
    int64_t p = x & sign ? -(int64_t)(x & ~sign) : (int64_t)x;
    int64_t q = y & sign ? -(int64_t)(y & ~sign) : (int64_t)y;
    return (p > q ? (uint64_t)p - (uint64_t)q : (uint64_t)q - (uint64_t)p) <= ulps;
}

/* Compares one scalar field of `count` elements that lie `step` bytes apart. */
static inline bool kc_case_same(kc_type type, const void *a, const void *b, int64_t count,
                                size_t step, size_t offset, uint64_t ulps) {
    static const unsigned char sizes[] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8};
    for (int64_t i = 0; i < count; i++) {
        const char *x = (const char *)a + (size_t)i * step + offset;
        const char *y = (const char *)b + (size_t)i * step + offset;
        if (type >= KC_F16 ? !kc_case_near(type, x, y, ulps) : memcmp(x, y, sizes[type]) != 0)
            return false;
    }
    return true;
}

/* Standard output goes to a file while a case that prints runs. */
static inline int kc_case_capture(FILE *file) {
    fflush(stdout);
    int saved = dup(1);
    dup2(fileno(file), 1);
    return saved;
}

static inline void kc_case_release(FILE *file, int saved) {
    fflush(stdout);
    dup2(saved, 1);
    close(saved);
    rewind(file);
    size_t length = fread(kc_case_printed, 1, sizeof kc_case_printed - 1, file);
    kc_case_printed[length] = '\0';
    fclose(file);
}

#endif
