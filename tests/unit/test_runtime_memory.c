/* libkcrt's memory: allocation and its statistics, arenas, lists, errors of threads. Also when memory is
 * short. */
#include "kc/kcrt.h"
#include "tests/unit/unit.h"

#include <pthread.h>
#include <string.h>

/* AddressSanitizer, where the tests are built with it, would stop at a request that is too large. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

/* ---- Allocation ---------------------------------------------------------------------------------- */

static void large_zeroed_memory_is_zero(void **state) {
    (void)state;
    for (int round = 0; round < 3; round++) {
        int64_t count = 3 << 20;
        unsigned char *memory = kc_alloc(count, 1, 1);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        for (int64_t i = 0; i < count; i++)
            if (memory[i] != 0) fail_msg("byte %lld is %d", (long long)i, memory[i]);
        memset(memory, 0xAA, (size_t)count);
        kc_free(memory);
    }
}

static void statistics_add_up(void **state) {
    (void)state;
    kc_memory_stats before = kc_memory_get_stats();
    void *a = kc_alloc(10, 8, 0), *b = kc_alloc(1000, 1000, 0);
    kc_memory_stats during = kc_memory_get_stats();
    assert_int_equal(during.allocations, before.allocations + 2);
    assert_int_equal(during.live_bytes, before.live_bytes + 1000080);
    assert_true(during.peak_bytes >= during.live_bytes);
    assert_null(kc_alloc(-1, 8, 0));
    assert_null(kc_alloc(INT64_MAX / 2, 1, 1));
    kc_free(a);
    kc_free(b);
    kc_free(NULL);
    kc_memory_stats after = kc_memory_get_stats();
    assert_int_equal(after.allocations, before.allocations + 2);
    assert_int_equal(after.frees, before.frees + 2);
    assert_int_equal(after.live_bytes, before.live_bytes);
    assert_true(after.peak_bytes >= before.live_bytes + 1000080);
}

static void *allocate_often(void *user) {
    (void)user;
    for (int i = 0; i < 20000; i++) kc_free(kc_alloc(i % 100, 8, i % 2));
    return NULL;
}

static void threads_share_the_statistics(void **state) {
    (void)state;
    kc_memory_stats before = kc_memory_get_stats();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, allocate_often, NULL), 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    kc_memory_stats after = kc_memory_get_stats();
    assert_int_equal(after.allocations, before.allocations + 80000);
    assert_int_equal(after.frees, before.frees + 80000);
    assert_int_equal(after.live_bytes, before.live_bytes);
}

/* ---- Arenas -------------------------------------------------------------------------------------- */

static void an_arena_gives_what_it_promises(void **state) {
    (void)state;
    kc_memory_stats before = kc_memory_get_stats();
    kc_arena *arena = kc_arena_create(250, 0);
    assert_int_equal(kc_arena_capacity(arena), 256);
    char *all[4];
    for (int i = 0; i < 4; i++) {
        assert_true(kc_arena_has_room(arena, 1, 64));
        all[i] = kc_arena_alloc(arena, 16 - i, 4, i % 2);
        assert_non_null(all[i]);
        assert_int_equal((uintptr_t)all[i] % 64, 0);
        for (int k = 0; k < 4 * (16 - i) && i % 2; k++) assert_int_equal(all[i][k], 0);
        memset(all[i], i + 1, 4 * (size_t)(16 - i));
        kc_free(all[i]);
    }
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4 * (16 - i); k++) assert_int_equal(all[i][k], i + 1);
    assert_int_equal(kc_arena_used(arena), 256);
    assert_false(kc_arena_has_room(arena, 1, 1));
    assert_null(kc_arena_alloc(arena, 1, 1, 0));
    assert_true(kc_arena_has_room(arena, 0, 8));
    for (int i = 0; i < 1000; i++) assert_non_null(kc_arena_alloc(arena, 0, 8, 1));
    kc_arena_reset(arena);
    assert_int_equal(kc_arena_used(arena), 0);
    assert_int_equal(kc_arena_peak(arena), 256);
    char *again = kc_arena_alloc(arena, 250, 1, 1);
    for (int i = 0; i < 250; i++) assert_int_equal(again[i], 0);
    kc_arena_free(arena);
    kc_memory_stats after = kc_memory_get_stats();
    assert_int_equal(after.live_bytes, before.live_bytes);
    assert_int_equal(after.allocations - before.allocations, after.frees - before.frees);
}

static void an_arena_may_grow(void **state) {
    (void)state;
    int64_t before = kc_memory_get_stats().live_bytes;
    kc_arena *arena = kc_arena_create(128, 1);
    for (int round = 0; round < 3; round++) {
        unsigned char *small[100];
        for (int i = 0; i < 100; i++) {
            small[i] = kc_arena_alloc(arena, 64, 1, 0);
            memset(small[i], i, 64);
        }
        unsigned char *large = kc_arena_alloc(arena, 1 << 21, 1, 1);
        memset(large, 200, 1 << 21);
        for (int i = 0; i < 100; i++)
            for (int k = 0; k < 64; k++) assert_int_equal(small[i][k], i);
        assert_int_equal(kc_arena_used(arena), 6400 + (1 << 21));
        assert_true(kc_arena_capacity(arena) >= kc_arena_used(arena));
        kc_arena_reset(arena);
    }
    assert_int_equal(kc_arena_capacity(arena), 6400 + (1 << 21));
    assert_true(kc_arena_has_room(arena, 1 << 30, 1));
    assert_false(kc_arena_has_room(arena, INT64_MAX / 2, 4));
    assert_null(kc_arena_alloc(arena, INT64_MAX / 2, 1, 0));
    assert_null(kc_arena_alloc(arena, -1, 8, 0));
    assert_int_equal(kc_arena_used(arena), 0);
    kc_arena_free(arena);
    assert_int_equal(kc_memory_get_stats().live_bytes, before);
}

/* A reset keeps the memory: no more of it is fetched however often that happens. */
static void a_reset_arena_is_used_again(void **state) {
    (void)state;
    kc_arena *arena = kc_arena_create(0, 1);
    int64_t allocations = 0;
    for (int round = 0; round < 100; round++) {
        for (int i = 1; i < 60; i++) assert_non_null(kc_arena_alloc(arena, 50 * i, 8, 0));
        if (round == 0) allocations = kc_memory_get_stats().allocations;
        kc_arena_reset(arena);
    }
    assert_int_equal(kc_memory_get_stats().allocations, allocations);
    kc_arena_free(arena);
}

static void impossible_arenas_are_null(void **state) {
    (void)state;
    int64_t before = kc_memory_get_stats().live_bytes;
    assert_null(kc_arena_create(-1, 0));
    assert_null(kc_arena_create(INT64_MAX, 0));
    assert_null(kc_arena_create(INT64_MAX / 4, 1));
    kc_arena_free(NULL);
    kc_arena *none = kc_arena_create(0, 0);
    assert_non_null(none);
    assert_null(kc_arena_alloc(none, 1, 1, 0));
    assert_non_null(kc_arena_alloc(none, 0, 1, 0));
    kc_arena_free(none);
    assert_int_equal(kc_memory_get_stats().live_bytes, before);
}

/* ---- Lists --------------------------------------------------------------------------------------- */

static void lists_keep_order(void **state) {
    (void)state;
    int64_t before = kc_memory_get_stats().live_bytes;
    kc_list list = {NULL, 0, 0};
    for (int32_t i = 0; i < 1000; i++) {
        int32_t *item = kc_list_append(&list, sizeof *item);
        assert_non_null(item);
        *item = i;
    }
    assert_int_equal(list.length, 1000);
    assert_true(list.capacity >= 1000);
    for (int32_t i = 0, taken; i < 500; i++) {
        kc_list_take(&list, i, sizeof taken, &taken);
        assert_int_equal(taken, 2 * i);
    }
    assert_int_equal(list.length, 500);
    for (int32_t i = 0; i < 500; i++) assert_int_equal(((int32_t *)list.data)[i], 2 * i + 1);
    int32_t last;
    kc_list_take(&list, 499, sizeof last, &last);
    assert_int_equal(last, 999);
    kc_free(list.data);
    assert_int_equal(kc_memory_get_stats().live_bytes, before);
}

/* Where there is no memory for more the list stays as it was. */
static void a_list_too_long_stays(void **state) {
    (void)state;
    char item = 'x';
    kc_list list = {&item, INT64_MAX / 8, INT64_MAX / 8};
    assert_null(kc_list_append(&list, 16));
    assert_ptr_equal(list.data, &item);
    assert_int_equal(list.length, INT64_MAX / 8);
    list = (kc_list){&item, INT64_MAX, INT64_MAX};
    assert_null(kc_list_append(&list, 1));
    assert_int_equal(list.length, INT64_MAX);
    list = (kc_list){NULL, 0, 0};
    assert_null(kc_list_append(&list, INT64_MAX / 2));
    assert_null(list.data);
}

/* ---- Errors -------------------------------------------------------------------------------------- */

static void *error_of_a_thread(void *user) {
    (void)user;
    assert_string_equal(kc_error_text(), "");
    assert_string_equal(kc_error_message(), "");
    kc_error_set("other", "b.k", 7);
    assert_string_equal(kc_error_message(), "b.k:7: other");
    return NULL;
}

static void each_thread_has_its_error(void **state) {
    (void)state;
    assert_string_equal(kc_error_message(), "");
    assert_int_equal(kc_error_length(), 0);
    kc_error_set("no such row", "a.k", 12);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, error_of_a_thread, NULL), 0);
    pthread_join(thread, NULL);
    assert_string_equal(kc_error_text(), "no such row");
    assert_int_equal(kc_error_length(), 11);
    assert_string_equal(kc_error_message(), "a.k:12: no such row");
    static char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    kc_error_set(longest, "a.k", 1);
    assert_int_equal(kc_error_length(), 1999);
    assert_memory_equal(kc_error_message(), "a.k:1: xxx", 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_zeroed_memory_is_zero),
        cmocka_unit_test(statistics_add_up),
        cmocka_unit_test(threads_share_the_statistics),
        cmocka_unit_test(an_arena_gives_what_it_promises),
        cmocka_unit_test(an_arena_may_grow),
        cmocka_unit_test(a_reset_arena_is_used_again),
        cmocka_unit_test(impossible_arenas_are_null),
        cmocka_unit_test(lists_keep_order),
        cmocka_unit_test(a_list_too_long_stays),
        cmocka_unit_test(each_thread_has_its_error),
    };
    return cmocka_run_group_tests_name("runtime_memory", tests, NULL, NULL);
}
