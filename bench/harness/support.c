/* What the harness needs beside the kernels: comparing results, and streams through memory that show how
 * fast this machine can move bytes at all. */
#include <stdint.h>
#include <time.h>

#ifndef __clang__ /* good enough for comparing results; what is timed is compiled by clang */
#define __builtin_nontemporal_store(value, place) (*(place) = (value))
#endif

/* ---- Results ------------------------------------------------------------------------------------ */

/* How many of n elements differ by more than `tolerance` (relative, absolute below 1); `first` is the index
 * of the first that does. NaN equals NaN. */
#define DIFFERING(name, type)                                                                            \
    int64_t differing_##name(int64_t n, const type *a, const type *b, double tolerance, int64_t *first) { \
        int64_t found = 0;                                                                               \
        for (int64_t i = n - 1; i >= 0; i--) {                                                           \
            double x = (double)a[i], y = (double)b[i];                                                   \
            double low = x < y ? x : y, high = x < y ? y : x;                                            \
            double size = high > -low ? high : -low;                                                     \
            if (x == y || (x != x && y != y)) continue;                                                  \
            if (high - low <= tolerance * (size > 1 ? size : 1)) continue;                               \
            found++;                                                                                     \
            *first = i;                                                                                  \
        }                                                                                                \
        return found;                                                                                    \
    }

DIFFERING(i8, int8_t)
DIFFERING(u8, uint8_t)
DIFFERING(i16, int16_t)
DIFFERING(u16, uint16_t)
DIFFERING(i32, int32_t)
DIFFERING(u32, uint32_t)
DIFFERING(i64, int64_t)
DIFFERING(f32, float)
DIFFERING(f64, double)

/* ---- Streams ------------------------------------------------------------------------------------ */

typedef float Lanes __attribute__((vector_size(64)));

static void copy(int64_t n, Lanes *to, const Lanes *x, const Lanes *y) {
    (void)y;
    for (int64_t i = 0; i < n; i++) to[i] = x[i];
    __asm__ volatile("" ::: "memory"); /* else this is a call of memcpy */
}

static void copy_past_cache(int64_t n, Lanes *to, const Lanes *x, const Lanes *y) {
    (void)y;
    for (int64_t i = 0; i < n; i++) __builtin_nontemporal_store(x[i], &to[i]);
}

static void triad(int64_t n, Lanes *to, const Lanes *x, const Lanes *y) {
    for (int64_t i = 0; i < n; i++) to[i] = x[i] + 0.5f * y[i];
}

static void triad_past_cache(int64_t n, Lanes *to, const Lanes *x, const Lanes *y) {
    for (int64_t i = 0; i < n; i++) __builtin_nontemporal_store(x[i] + 0.5f * y[i], &to[i]);
}

static void update(int64_t n, Lanes *to, const Lanes *x, const Lanes *y) {
    (void)y;
    for (int64_t i = 0; i < n; i++) to[i] += 0.5f * x[i];
}

static void read_only(int64_t n, Lanes *to, const Lanes *x, const Lanes *y) {
    Lanes a = {0}, b = {0}, c = {0}, d = {0};
    (void)y;
    for (int64_t i = 0; i + 4 <= n; i += 4) a += x[i], b += x[i + 1], c += x[i + 2], d += x[i + 3];
    to[0] = a + b + c + d;
}

/* Seconds that `calls` passes take; the streams are numbered as STREAMS in memory.py names them. n counts
 * floats, and the arrays are aligned to 64 bytes. */
double stream_seconds(int stream, int64_t calls, int64_t n, float *to, const float *x, const float *y) {
    static void (*const streams[])(int64_t, Lanes *, const Lanes *, const Lanes *) = {
        copy, copy_past_cache, triad, triad_past_cache, update, read_only,
    };
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int64_t i = 0; i < calls; i++) {
        streams[stream](n / 16, (Lanes *)to, (const Lanes *)x, (const Lanes *)y);
        __asm__ volatile("" ::: "memory");
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
}
