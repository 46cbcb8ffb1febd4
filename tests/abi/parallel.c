/* Parallel loops in hosts: the same bits for any number of threads and any schedule, failures at the caller, several
 * threads of the host at once, a fork. */
#include "parallel.h"
#include "hosts.h"

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

/* Wherever the rows are cut: a row adds up in one order. */
static void sums_of_rows_are_the_same(void) {
    static float m[ROWS * COLUMNS], alone[ROWS], t[ROWS];
    for (int i = 0; i < ROWS * COLUMNS; i++) m[i] = (float)((i * 7919) % 1001 - 500) / (float)(1 + i % 97);
    threads_set(1, 0);
    products(ROWS, COLUMNS, m, x, alone);
    for (uint64_t seed = 1; seed < 20; seed++) {
        threads_set(2, seed);
        products(ROWS, COLUMNS, m, x, t);
        assert(memcmp(t, alone, sizeof t) == 0);
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

static int32_t places[COUNT];
static float chosen[COUNT];

static void pick(int round) {
    (void)round;
    picked(10, COUNT, x, places, chosen);
}

static void checks_fail(void) {
    for (int i = 0; i < COUNT; i++) places[i] = i % 10;
    places[1000] = 77; /* the first by order */
    places[3000] = 99;
    checks_fail_at_the_caller(pick, 77, 17);
    places[1000] = places[3000] = 0;
    pick(0);
    assert(chosen[COUNT - 1] == x[9]);
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
    sums_of_rows_are_the_same();
    hosts_share_the_pool(squares_check);
    checks_fail();
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
