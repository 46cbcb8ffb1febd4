/* Tasks in hosts: the same bits for any number of threads and any schedule, errors and failed checks at the caller with
 * nothing left behind, several threads of the host at once. */
#include "tasks.h"
#include "hosts.h"

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

static int32_t places[COUNT];

static void pick(int round) {
    if (round % 2 == 0) picked(COUNT, COUNT, x, places);
    else checked(COUNT, COUNT, x, places);
}

static void checks_fail(void) {
    for (int i = 0; i < COUNT; i++) places[i] = i % 10;
    places[1000] = 5000;
    checks_fail_at_the_caller(pick, 5000, 44);
    places[1000] = 0;
    const float sum = picked(COUNT, COUNT, x, places);
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
    checks_fail();
    assert(kc_pool_shutdown() == KC_OK);
    assert(summed(COUNT, x, 3) != 0);
    return 0;
}
