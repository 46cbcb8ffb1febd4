/* What hosts of parallel kernels have in common. */
#ifndef TESTS_ABI_HOSTS_H
#define TESTS_ABI_HOSTS_H

#include "kc/kcrt.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <stddef.h>

/* So many threads from now on, in the order of stealing that the seed says (0: as it comes). */
static inline void threads_set(int threads, uint64_t seed) {
    const kc_pool_options options = {.threads = threads, .seed = seed};
    assert(kc_pool_configure(&options) == KC_OK);
}

/* Four threads of the host at once, on a pool of three. */
static inline void hosts_share_the_pool(void *(*host)(void *unused)) {
    pthread_t hosts[4];
    threads_set(3, 0);
    for (int i = 0; i < 4; i++) assert(pthread_create(&hosts[i], NULL, host, NULL) == 0);
    for (int i = 0; i < 4; i++) assert(pthread_join(hosts[i], NULL) == 0);
}

/* A check that fails wherever a kernel's work is done: where it comes to, and what it says. */
static jmp_buf failed_back;
static pthread_t failed_caller;
static kc_panic_info failed_info;

static inline void on_failed_check(const kc_panic_info *info) {
    assert(pthread_equal(failed_caller, pthread_self()));
    failed_info = *info;
    longjmp(failed_back, 1);
}

/* The call fails each time, on the thread that makes it, with this value at this line: of several that would, the first. */
static inline void checks_fail_at_the_caller(void (*call)(int round), int64_t value, int32_t line) {
    kc_panic_handler before = kc_panic_set_handler(on_failed_check);
    failed_caller = pthread_self();
    for (int round = 0; round < 50; round++) {
        threads_set(1 + round % 5, (uint64_t)round / 5);
        if (setjmp(failed_back) == 0) {
            call(round);
            assert(!"a failed check came back");
        }
        assert(failed_info.values[0] == value && failed_info.line == line);
        failed_info = (kc_panic_info){0};
    }
    kc_panic_set_handler(before);
}

#endif
