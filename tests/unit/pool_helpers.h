/* For tests of libkcrt's pool: how it is set up, and a watchdog, since a pool that is wrong hangs. */
#ifndef KC_TESTS_POOL_HELPERS_H
#define KC_TESTS_POOL_HELPERS_H

#include "kc/kcrt.h"
#include "tests/unit/unit.h"

#include <sched.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 100 };

static inline void use_threads(int32_t threads, uint64_t seed) {
    kc_pool_options options = {.threads = threads, .seed = seed};
    assert_int_equal(kc_pool_configure(&options), KC_OK);
}

static inline int start_watchdog(void **state) {
    (void)state;
    alarm(PATIENCE_SECONDS);
    return 0;
}

static inline int end_pool(void **state) {
    (void)state;
    kc_pool_configure(NULL);
    return 0;
}

static inline uint64_t random_next(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Failed checks of this thread come back here. */
typedef struct Caught {
    jmp_buf escape;
    char text[256];
    int count;
    bool same_thread;
    void *thread; /* an address that only this thread has */
} Caught;

extern _Thread_local char thread_mark;
_Thread_local char thread_mark;
static Caught caught;

static void catch_panic(const kc_panic_info *info) {
    kc_panic_format(info, caught.text, sizeof caught.text);
    caught.count++;
    caught.same_thread = caught.thread == &thread_mark;
    longjmp(caught.escape, 1);
}

static inline void expect_panics(void) {
    caught.count = 0;
    caught.thread = &thread_mark;
    kc_panic_set_handler(catch_panic);
}

static inline void assert_panicked_once(void) {
    assert_int_equal(caught.count, 1);
    assert_true(caught.same_thread);
    kc_panic_set_handler(NULL);
}

static inline void fail_check(int64_t value) {
    kc_panic_info info = {.message = "out of range",
                          .function = "f",
                          .file = "f.k",
                          .line = 3,
                          .value_count = 1,
                          .value_names = {"index"},
                          .values = {value}};
    kc_panic(&info);
}

#endif
