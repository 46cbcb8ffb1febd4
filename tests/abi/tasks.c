/* Tasks in hosts: the same bits for any number of threads and any schedule, errors and failed checks at the caller with
 * nothing left behind, several threads of the host at once. */
#include "tasks.h"
#include "hosts.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>

enum { COUNT = 4000, LONG = 3000 };

static float x[COUNT], y[COUNT];

static int64_t live_bytes(void) { return kc_memory_get_stats().live_bytes; }

static void bits_are_the_same(void) {
    threads_set(1, 0);
    const float first = halves(COUNT, x, y), second = summed(COUNT, x, 6);
    for (int threads = 1; threads <= 64; threads += threads < 8 ? 1 : 14)
        for (uint64_t seed = 0; seed < 6; seed++) {
            threads_set(threads, seed);
            const float a = halves(COUNT, x, y), b = summed(COUNT, x, 6);
            assert(memcmp(&a, &first, sizeof a) == 0 && memcmp(&b, &second, sizeof b) == 0);
        }
}

static void *summed_check(void *unused) {
    const float alone = summed(COUNT, x, 0);
    for (int round = 0; round < 20; round++) {
        const float sum = summed(COUNT, x, 5);
        assert(sum - alone < 1 && alone - sum < 1);
    }
    return unused;
}

/* ---- Failures -------------------------------------------------------------------------------- */

static void errors_reach_the_caller(void) {
    const int64_t before = live_bytes();
    float sum;
    for (int round = 0; round < 60; round++) {
        threads_set(1 + round % 5, (uint64_t)round / 5);
        assert(ramps(LONG, -1, -1, &sum) == KC_OK && sum == 3.0f * (LONG / 2) * (LONG - 1));
        assert(ramps(LONG, 2000, -1, &sum) == KC_RAISED);
        assert(strstr(kc_error_message(), "tasks.k:30: here it ends") != NULL);
        assert(ramps(LONG, -1, 2000, &sum) == KC_RAISED);
        assert(ramps(LONG, 1, 2, &sum) == KC_RAISED);
        assert(ramps(LONG, -LONG, LONG + 5, &sum) == KC_RAISED); /* the caller's own */
        assert(live_bytes() == before);
    }
}

static jmp_buf back;
static pthread_t caller;
static int panics;

static void on_panic(const kc_panic_info *info) {
    assert(pthread_equal(caller, pthread_self()));
    assert(info->values[0] == 5000 && info->line == 44);
    panics++;
    longjmp(back, 1);
}

static void checks_fail_at_the_caller(void) {
    static int32_t index[COUNT];
    caller = pthread_self();
    for (int i = 0; i < COUNT; i++) index[i] = i % 10;
    index[1000] = 5000;
    kc_panic_handler before = kc_panic_set_handler(on_panic);
    for (int round = 0; round < 50; round++) {
        threads_set(1 + round % 5, (uint64_t)round / 5);
        if (setjmp(back) == 0) {
            if (round % 2 == 0) picked(COUNT, COUNT, x, index);
            else checked(COUNT, COUNT, x, index);
            assert(!"a failed check came back");
        }
    }
    assert(panics == 50);
    kc_panic_set_handler(before);
    index[1000] = 0;
    const float sum = picked(COUNT, COUNT, x, index);
    assert(sum != 0);
}

int main(void) {
    for (int i = 0; i < COUNT; i++) {
        x[i] = (float)((i * 7919) % 1001 - 500) / (float)(1 + i % 97);
        y[i] = (float)((i * 31) % 77);
    }
    bits_are_the_same();
    hosts_share_the_pool(summed_check);
    errors_reach_the_caller();
    checks_fail_at_the_caller();
    assert(kc_pool_shutdown() == KC_OK);
    assert(summed(COUNT, x, 3) != 0);
    return 0;
}
