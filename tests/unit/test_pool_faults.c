/* The pool where the system has no threads to give: pthread_create fails from the nth call on. */
#include <pthread.h>

static int threads_left;

static int scarce_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *),
                         void *argument) {
    return threads_left-- > 0 ? pthread_create(thread, how, run, argument) : 11;
}

#define pthread_create scarce_create
#include "runtime/pool.c"
#include "tests/unit/pool_helpers.h"

static kc_status add_up(void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) atomic_fetch_add((_Atomic(int64_t) *)context, i);
    return KC_OK;
}

static kc_status node(void *context) { return add_up(context, 5, 6); }

static void there_are_fewer_threads(void **state) {
    (void)state;
    for (int threads = 0; threads <= 6; threads++) {
        use_threads(6, 0);
        threads_left = threads;
        _Atomic(int64_t) total = 0;
        for (int i = 0; i < 50; i++)
            assert_int_equal(kc_parallel_for(1000, 1, add_up, &total, NULL), KC_OK);
        assert_int_equal(total, 50 * 1000 * 999 / 2);
        assert_int_equal(kc_pool_threads(), threads < 5 ? threads + 1 : 6);
        kc_task task = {.body = node, .context = &total};
        kc_task_spawn(&task);
        assert_int_equal(kc_task_wait(&task), KC_OK);
        const kc_node nodes[] = {{.body = node, .successor_count = 1},
                                 {.body = node, .predecessors = 1}};
        const int32_t successors[] = {1};
        int32_t storage[2];
        assert_int_equal(kc_graph_run(&(kc_graph){2, nodes, successors}, &total, storage), KC_OK);
        assert_int_equal(total, 50 * 1000 * 999 / 2 + 15);
        assert_int_equal(kc_pool_shutdown(), KC_OK);
        assert_null(kc_pool.slots);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_fewer_threads),
    };
    return cmocka_run_group_tests_name("pool_faults", tests, start_watchdog, end_pool);
}
