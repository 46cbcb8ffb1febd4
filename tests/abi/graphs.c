/* `parallel:` blocks in hosts: the same bits for any number of threads and any schedule, and of several failures the first
 * of the source, with nothing left behind. */
#include "graphs.h"
#include "hosts.h"

#include <string.h>

enum { COUNT = 6000, LONG = 3000, INDICES = 500 };

static float x[COUNT];

static int64_t live_bytes(void) { return kc_memory_get_stats().live_bytes; }

static void bits_are_the_same(void) {
    static float alone[COUNT], y[COUNT];
    threads_set(1, 0);
    const float first = pipeline(COUNT, x, alone);
    for (int threads = 1; threads <= 64; threads += threads < 8 ? 1 : 14)
        for (uint64_t seed = 0; seed < 8; seed++) {
            threads_set(threads, seed);
            memset(y, 0, sizeof y);
            const float sum = pipeline(COUNT, x, y);
            assert(memcmp(&sum, &first, sizeof sum) == 0 && memcmp(y, alone, sizeof y) == 0);
        }
}

static void *pipeline_check(void *unused) {
    static _Thread_local float y[COUNT];
    const float first = pipeline(COUNT, x, y);
    for (int round = 0; round < 20; round++) assert(pipeline(COUNT, x, y) == first);
    return unused;
}

/* ---- Failures -------------------------------------------------------------------------------- */

static void errors_reach_the_caller(void) {
    const int64_t before = live_bytes();
    float sum;
    for (int round = 0; round < 60; round++) {
        threads_set(1 + round % 5, (uint64_t)round / 5);
        assert(ramps(LONG, -1, -1, &sum) == KC_OK);
        assert(ramps(LONG, 2000, -1, &sum) == KC_RAISED);
        assert(strstr(kc_error_message(), "graphs.k:42: here it ends") != NULL);
        assert(ramps(LONG, -1, 2000, &sum) == KC_RAISED);
        assert(ramps(LONG, 1, 2, &sum) == KC_RAISED);
        assert(ramps(LONG, -LONG, LONG + 5, &sum) == KC_RAISED);
        assert(live_bytes() == before);
    }
}

static int32_t places[INDICES], other[INDICES];

static void pick(int round) {
    (void)round;
    picked(COUNT, INDICES, x, places, other);
}

static void checks_fail(void) {
    places[400] = 7000; /* the first by the order of the source */
    other[0] = 9000;
    checks_fail_at_the_caller(pick, 7000, 68);
    places[400] = other[0] = 1;
    const float sum = picked(COUNT, INDICES, x, places, other);
    assert(sum != 0);
}

int main(void) {
    for (int i = 0; i < COUNT; i++) x[i] = (float)((i * 7919) % 1001 - 500) / (float)(1 + i % 97);
    bits_are_the_same();
    hosts_share_the_pool(pipeline_check);
    errors_reach_the_caller();
    checks_fail();
    assert(kc_pool_shutdown() == KC_OK);
    return 0;
}
