/* Temporary memory of pieces of work: openings, pieces of memory in any order, and what a failed check leaves. */
#include "tests/unit/pool_helpers.h"

/* A host's memory that counts what is taken, the library's own included. */
typedef struct Store {
    atomic_int taken;
    _Atomic(int64_t) bytes;
} Store;

static void *store_allocate(void *user, size_t size) {
    Store *store = user;
    atomic_fetch_add(&store->taken, 1);
    atomic_fetch_add(&store->bytes, (int64_t)size);
    return malloc(size);
}

static void store_release(void *user, void *memory) {
    (void)user;
    free(memory);
}

static void use_store(Store *store) {
    kc_host host = {.user = store, .allocate = store_allocate, .release = store_release};
    assert_int_equal(kc_host_set(&host), KC_OK);
}

static void end_store(void) {
    assert_int_equal(kc_pool_shutdown(), KC_OK);
    assert_int_equal(kc_host_set(NULL), KC_OK);
}

/* ---- Openings ---------------------------------------------------------------------------------- */

static kc_status use_scratch(void *context, int64_t begin, int64_t end) {
    int depth = *(const int *)context, less = depth - 1;
    for (int64_t i = begin; i < end; i++) {
        kc_scratch scratch;
        if (kc_scratch_open(&scratch) == NULL) return KC_RAISED;
        int64_t count = 1000 + i * 100;
        int64_t *numbers = kc_arena_alloc(scratch.arena, count, 8, 0);
        if (numbers == NULL || (uintptr_t)numbers % 64 != 0) return KC_RAISED;
        for (int64_t k = 0; k < count; k++) numbers[k] = i * depth + k;
        if (depth > 0 && kc_parallel_for(4, 1, use_scratch, &less, NULL) != KC_OK) return KC_RAISED;
        for (int64_t k = 0; k < count; k++)
            if (numbers[k] != i * depth + k) return KC_RAISED;
        kc_scratch_close(&scratch);
    }
    return KC_OK;
}

static void scratch_memory_is_each_threads_own(void **state) {
    (void)state;
    int depth = 2;
    kc_memory_stats before = kc_memory_get_stats();
    for (int32_t threads = 1; threads <= 5; threads += 2) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            use_threads(threads, seed);
            assert_int_equal(kc_parallel_for(20, 1, use_scratch, &depth, NULL), KC_OK);
            assert_int_equal(use_scratch(&depth, 0, 3), KC_OK);
        }
    }
    kc_memory_stats after = kc_memory_get_stats();
    assert_int_equal(after.allocations, before.allocations);
    assert_int_equal(kc_pool_shutdown(), KC_OK);
}

/* ---- Pieces of memory -------------------------------------------------------------------------- */

enum { PIECES = 6 };

static bool holds(const int64_t *numbers, int64_t count, int64_t value) {
    for (int64_t k = 0; k < count; k++)
        if (numbers[k] != value) return false;
    return true;
}

/* Takes pieces, with a loop in between that does the same, and frees them in an order that depends on i. */
static kc_status use_pieces(void *context, int64_t begin, int64_t end) {
    int depth = *(const int *)context, less = depth - 1;
    for (int64_t i = begin; i < end; i++) {
        int64_t *pieces[PIECES], count = 50 + i * 200;
        for (int k = 0; k < PIECES; k++) {
            pieces[k] = kc_scratch_alloc(count, 8, k % 2);
            if (pieces[k] == NULL || (uintptr_t)pieces[k] % 64 != 0) return KC_RAISED;
            if (k % 2 == 1 && !holds(pieces[k], count, 0)) return KC_RAISED;
            for (int64_t j = 0; j < count; j++) pieces[k][j] = i * PIECES + k;
            if (k == 2 && depth > 0 && kc_parallel_for(4, 1, use_pieces, &less, NULL) != KC_OK)
                return KC_RAISED;
        }
        for (int k = 0; k < PIECES; k++) {
            int which = (k * 5 + (int)i) % PIECES;
            if (!holds(pieces[which], count, i * PIECES + which)) return KC_RAISED;
            kc_scratch_free(pieces[which]);
        }
    }
    kc_scratch_free(NULL);
    return KC_OK;
}

static void pieces_are_freed_in_any_order(void **state) {
    (void)state;
    int depth = 2;
    kc_memory_stats before = kc_memory_get_stats();
    for (int32_t threads = 2; threads <= 5; threads++) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            use_threads(threads, seed);
            assert_int_equal(kc_parallel_for(20, 1, use_pieces, &depth, NULL), KC_OK);
        }
    }
    assert_int_equal(kc_memory_get_stats().allocations, before.allocations);
    assert_int_equal(kc_pool_shutdown(), KC_OK);
}

/* When each thread has had the largest, no memory is asked for any more. */
static kc_status use_and_meet(void *context, int64_t begin, int64_t end) {
    (void)end;
    atomic_int *arrived = context;
    void *large = kc_scratch_alloc(100000 + begin, 8, 0), *small = kc_scratch_alloc(10, 8, 0);
    atomic_fetch_add(arrived, 1);
    while (atomic_load(arrived) % 2 != 0) sched_yield(); /* both threads are here */
    kc_scratch_free(large);
    kc_scratch_free(small);
    return large != NULL && small != NULL ? KC_OK : KC_RAISED;
}

static void warm_threads_ask_for_no_memory(void **state) {
    (void)state;
    Store store = {0};
    use_store(&store);
    use_threads(2, 0);
    int warm = 0;
    for (int i = 0; i < 200; i++) {
        atomic_int arrived = 0;
        assert_int_equal(kc_parallel_for(2, 1, use_and_meet, &arrived, NULL), KC_OK);
        if (i == 20) warm = store.taken;
    }
    assert_int_equal(store.taken, warm);
    end_store();
}

static kc_status take_more_and_more(void *context, int64_t begin, int64_t end) {
    (void)context, (void)begin, (void)end;
    int depth = 0; /* so that the slot is used */
    for (int64_t size = 1000; size <= 8 << 20; size += 10000) kc_scratch_free(kc_scratch_alloc(size, 1, 0));
    return use_pieces(&depth, 0, 1);
}

static void rising_sizes_leave_little_behind(void **state) {
    (void)state;
    Store store = {0};
    use_store(&store);
    use_threads(2, 0);
    assert_int_equal(kc_parallel_for(2, 1, take_more_and_more, NULL, NULL), KC_OK);
    assert_in_range(store.bytes, 8 << 20, 2 * (3 * 8 << 20)); /* of two threads at most */
    end_store();
}

static kc_status take_from_the_heap(void *context, int64_t begin, int64_t end) {
    (void)end;
    while (atomic_load((atomic_int *)context) != begin) sched_yield(); /* one after the other */
    int64_t before = kc_memory_get_stats().live_bytes;
    void *memory = kc_scratch_alloc(KC_SCRATCH_MAX + 1, 1, 0);
    if (memory == NULL || kc_memory_get_stats().live_bytes != before + KC_SCRATCH_MAX + 1) return KC_RAISED;
    kc_scratch_free(memory);
    bool right = kc_memory_get_stats().live_bytes == before;
    atomic_fetch_add((atomic_int *)context, 1);
    return right ? KC_OK : KC_RAISED;
}

static void other_memory_is_of_the_heap(void **state) {
    (void)state;
    int64_t before = kc_memory_get_stats().live_bytes;
    void *memory = kc_scratch_alloc(10, 8, 1);
    assert_int_equal(kc_memory_get_stats().live_bytes, before + 80);
    kc_scratch_free(memory);
    assert_int_equal(kc_memory_get_stats().live_bytes, before);
    assert_null(kc_scratch_alloc(-1, 8, 0));
    assert_null(kc_scratch_alloc(INT64_MAX, 8, 0));
    use_threads(2, 0);
    atomic_int turn = 0;
    assert_int_equal(kc_parallel_for(2, 1, take_from_the_heap, &turn, NULL), KC_OK);
}

/* ---- Failed checks ----------------------------------------------------------------------------- */

static kc_status take_and_fail(void *context, int64_t begin, int64_t end) {
    (void)end;
    kc_scratch scratch;
    if (kc_scratch_open(&scratch) == NULL) return KC_RAISED;
    void *memory = kc_scratch_alloc(100000, 8, 0);
    memset(memory, (int)begin, 800000);
    if (begin % 3 == 1) fail_check(begin);
    kc_scratch_free(memory);
    kc_scratch_close(&scratch);
    return *(const kc_status *)context;
}

static void failed_checks_leave_nothing(void **state) {
    (void)state;
    Store store = {0};
    use_store(&store);
    use_threads(3, 0);
    kc_status fine = KC_OK;
    for (int i = 0; i < 300; i++) {
        expect_panics();
        if (setjmp(caught.escape) == 0) {
            kc_parallel_for(6, 1, take_and_fail, &fine, NULL);
            fail();
        }
        assert_panicked_once();
    }
    assert_in_range(store.bytes, 800000, 3 * (3 << 20)); /* not three hundred times as much */
    end_store();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scratch_memory_is_each_threads_own),
        cmocka_unit_test(pieces_are_freed_in_any_order),
        cmocka_unit_test(warm_threads_ask_for_no_memory),
        cmocka_unit_test(rising_sizes_leave_little_behind),
        cmocka_unit_test(other_memory_is_of_the_heap),
        cmocka_unit_test(failed_checks_leave_nothing),
    };
    return cmocka_run_group_tests_name("pool_scratch", tests, start_watchdog, end_pool);
}
