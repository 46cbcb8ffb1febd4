#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/fence.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef KC_THREAD_SANITIZER
_Atomic(uint32_t) kc_fence_word;
#endif

void kc_futex_wait(_Atomic(uint32_t) *word, uint32_t value, int64_t timeout_ns) {
    struct timespec time = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    int error = errno;
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout_ns > 0 ? &time : NULL, NULL, 0);
    errno = error;
}

void kc_futex_wake(_Atomic(uint32_t) *word, int32_t count) {
    int error = errno;
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
    errno = error;
}

int64_t kc_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
