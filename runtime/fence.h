/* Inside libkcrt: atomics, fences, and sleeping.
 *
 * A pair of threads that each write one word and read the other's need a full fence on both sides, though one
 * side does that far more often. membarrier(2) would take the fence from that side, but interrupts every other
 * thread of the process for it: in a virtual machine 9 microseconds beside the 2 nanoseconds of a fence. */
#ifndef KC_RUNTIME_FENCE_H
#define KC_RUNTIME_FENCE_H

#include "kc/prefix.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__SANITIZE_THREAD__)
#define KC_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KC_THREAD_SANITIZER 1
#endif
#endif

/* ThreadSanitizer does not know fences: under it, stores that follow a release fence release themselves,
 * and full fences are exchanges of one word that all threads share. */
#ifdef KC_THREAD_SANITIZER
#define AFTER_RELEASE memory_order_release
extern _Atomic(uint32_t) kc_fence_word;
#else
#define AFTER_RELEASE memory_order_relaxed
#endif

static inline void fence_full(void) {
#ifdef KC_THREAD_SANITIZER
    atomic_exchange(&kc_fence_word, 0);
#else
    atomic_thread_fence(memory_order_seq_cst);
#endif
}

static inline void fence_release(void) {
#ifndef KC_THREAD_SANITIZER
    atomic_thread_fence(memory_order_release);
#endif
}

static inline void cpu_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* Sleeps while `*word` is `value`, at most `timeout_ns` (0: any time); may return early. */
void kc_futex_wait(_Atomic(uint32_t) *word, uint32_t value, int64_t timeout_ns);
/* Wakes up to `count` of those who sleep there. The word may be gone by now: only its address counts. */
void kc_futex_wake(_Atomic(uint32_t) *word, int32_t count);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t kc_clock(void);

/* Cheaper: nanoseconds within a factor of two or so. */
static inline int64_t clock_rough(void) {
#if defined(__x86_64__)
    return (int64_t)(__builtin_ia32_rdtsc() / 2);
#else
    return kc_clock();
#endif
}

#endif
