/* The queue of work under real threads: an owner that adds and takes, and thieves. tests/model explores the
 * same source exhaustively, at a small size. */
#include "runtime/deque.h"
#include "tests/unit/pool_helpers.h"

#include <pthread.h>

enum { THIEVES = 3, ENTRIES = 200000 };

static Deque deque;
static atomic_bool ended;
static atomic_uchar taken[ENTRIES];
static atomic_int torn;

static void take(const Entry *entry) {
    if (entry->end != ~entry->begin || entry->tag != (uint64_t)entry->begin + (UINT64_C(1) << 32))
        atomic_fetch_add(&torn, 1);
    else
        atomic_fetch_add(&taken[entry->begin], 1);
}

static void *steal_until_end(void *argument) {
    (void)argument;
    Entry entry;
    while (!atomic_load(&ended)) {
        Steal result = deque_steal(&deque, 0, &entry);
        if (result == STEAL_GOT) take(&entry);
        if (result == STEAL_NOTHING) sched_yield();
    }
    return NULL;
}

static void own(void) {
    uint64_t seed = 77;
    Entry entry;
    for (int64_t next = 0; next < ENTRIES;) {
        int64_t burst = (int64_t)(random_next(&seed) % 40);
        for (; burst > 0 && next < ENTRIES; burst--, next++) {
            entry = (Entry){NULL, next, ~next, (uint64_t)next + (UINT64_C(1) << 32)};
            if (!deque_push(&deque, &entry)) take(&entry);
        }
        for (burst = (int64_t)(random_next(&seed) % 40); burst > 0; burst--)
            if (deque_pop(&deque, 0, NULL, &entry)) take(&entry);
    }
    while (deque_pop(&deque, 0, NULL, &entry)) take(&entry);
}

static void every_entry_is_taken_once(void **state) {
    (void)state;
    pthread_t thieves[THIEVES];
    for (int i = 0; i < THIEVES; i++)
        assert_int_equal(pthread_create(&thieves[i], NULL, steal_until_end, NULL), 0);
    own();
    atomic_store(&ended, true);
    for (int i = 0; i < THIEVES; i++) pthread_join(thieves[i], NULL);
    assert_int_equal(torn, 0);
    for (int i = 0; i < ENTRIES; i++) assert_int_equal(taken[i], 1);
}

static void only_what_fits_is_taken(void **state) {
    (void)state;
    Job *a = (Job *)&ended, *b = (Job *)&torn;
    Entry outer = {a, 1, 2, entry_tag(3, 1)}, inner = {b, 3, 4, entry_tag(3, 2)}, entry;
    assert_true(deque_push(&deque, &outer));
    assert_true(deque_push(&deque, &inner));
    assert_false(deque_pop(&deque, entry_tag(3, 3), NULL, &entry));
    assert_false(deque_pop(&deque, entry_tag(2, 1), NULL, &entry));
    assert_false(deque_pop(&deque, 0, a, &entry));
    assert_int_equal(deque_steal(&deque, entry_tag(3, 2), &entry), STEAL_NOTHING);
    assert_true(deque_pop(&deque, entry_tag(3, 2), b, &entry));
    assert_int_equal(entry.begin, 3);
    assert_int_equal(deque_steal(&deque, entry_tag(3, 1), &entry), STEAL_GOT);
    assert_int_equal(entry.begin, 1);
    for (int64_t i = 0; i < DEQUE_SIZE; i++) assert_true(deque_push(&deque, &outer));
    assert_false(deque_push(&deque, &outer));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_taken_once),
        cmocka_unit_test(only_what_fits_is_taken),
    };
    return cmocka_run_group_tests_name("pool_deque", tests, start_watchdog, NULL);
}
