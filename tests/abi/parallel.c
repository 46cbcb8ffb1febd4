/* Parallel loops in hosts: the same bits for any number of threads and any schedule, failures at the caller, several
 * threads of the host at once, a fork. */
#include "parallel.h"
#include "hosts.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 5000, ROWS = 37, COLUMNS = 101 };

static float x[COUNT];

static void bits_are_the_same(void) {
    for (int i = 0; i < COUNT; i++) x[i] = (float)((i * 7919) % 1001 - 500) / (float)(1 + i % 97);
    threads_set(1, 0);
    const float alone = total(COUNT, x);
    for (int threads = 1; threads <= 64; threads += threads < 8 ? 1 : 14)
        for (uint64_t seed = 0; seed < 4; seed++) {
            threads_set(threads, seed);
            const float sum = total(COUNT, x);
            assert(memcmp(&sum, &alone, sizeof sum) == 0);
        }
}

static void *squares_check(void *unused) {
    static _Thread_local int64_t y[ROWS * COLUMNS];
    for (int round = 0; round < 20; round++) {
        memset(y, 0, sizeof y);
        squares(ROWS, COLUMNS, y);
        for (int64_t i = 0; i < ROWS * COLUMNS; i++) assert(y[i] == i * i);
    }
    return unused;
}

/* ---- Failures -------------------------------------------------------------------------------- */

static jmp_buf back;
static pthread_t caller;
static int panics;

static void on_panic(const kc_panic_info *info) {
    assert(pthread_equal(caller, pthread_self()));
    assert(info->values[0] == 77 && info->line == 17);
    panics++;
    longjmp(back, 1);
}

static void checks_fail_at_the_caller(void) {
    static int32_t index[COUNT];
    static float y[COUNT];
    caller = pthread_self();
    for (int i = 0; i < COUNT; i++) index[i] = i % 10;
    index[1000] = 77; /* the first by order */
    index[3000] = 99;
    kc_panic_handler before = kc_panic_set_handler(on_panic);
    for (int round = 0; round < 50; round++) {
        threads_set(4, (uint64_t)round);
        if (setjmp(back) == 0) {
            picked(10, COUNT, x, index, y);
            assert(!"a failed check came back");
        }
    }
    assert(panics == 50);
    kc_panic_set_handler(before);
    index[1000] = index[3000] = 0;
    picked(10, COUNT, x, index, y);
    assert(y[COUNT - 1] == x[9]);
}

static void errors_reach_the_caller(void) {
    static double values[COUNT], y[COUNT];
    for (int i = 0; i < COUNT; i++) values[i] = i + 1;
    assert(inverses(COUNT, values, y) == KC_OK && y[3] == 0.25);
    values[700] = 0;
    values[2000] = -1;
    for (int round = 0; round < 50; round++) {
        threads_set(4, (uint64_t)round);
        assert(inverses(COUNT, values, y) == KC_RAISED);
        assert(strstr(kc_error_message(), "parallel.k:21: there is no inverse of 0") != NULL);
    }
}

static void a_fork_starts_afresh(void) {
    threads_set(3, 0);
    squares_check(NULL);
    pid_t child = fork();
    assert(child >= 0);
    if (child == 0) {
        squares_check(NULL);
        _exit(0);
    }
    int status;
    assert(waitpid(child, &status, 0) == child && status == 0);
    squares_check(NULL);
}

int main(void) {
    bits_are_the_same();
    hosts_share_the_pool(squares_check);
    checks_fail_at_the_caller();
    errors_reach_the_caller();
#ifndef __SANITIZE_THREAD__ /* which cannot start threads in a child */
    a_fork_starts_afresh();
#else
    (void)a_fork_starts_afresh;
#endif
    assert(kc_pool_shutdown() == KC_OK);
    assert(total(COUNT, x) > 0);
    return 0;
}
