/* Parallel loops: each iteration once, chunks that depend on n and grain only, the failures of a serial
 * loop, nesting, and many callers; in ordinary and in random schedules. */
#include "tests/unit/pool_helpers.h"

#include <fenv.h>
#include <pthread.h>

/* ---- Iterations -------------------------------------------------------------------------------- */

typedef struct Count {
    int64_t n, grain;
    unsigned char *seen;
    atomic_bool wrong;
} Count;

static kc_status count_range(void *context, int64_t begin, int64_t end) {
    Count *count = context;
    if (begin >= end || begin % count->grain != 0 || (end % count->grain != 0 && end != count->n))
        count->wrong = true;
    for (int64_t i = begin; i < end; i++) count->seen[i]++;
    return KC_OK;
}

static void check_iterations(int64_t n, int64_t grain) {
    Count count = {.n = n, .grain = grain, .seen = calloc((size_t)n + 1, 1)};
    assert_int_equal(kc_parallel_for(n, grain, count_range, &count, "count"), KC_OK);
    assert_false(count.wrong);
    for (int64_t i = 0; i < n; i++) assert_int_equal(count.seen[i], 1);
    free(count.seen);
}

static void each_iteration_runs_once(void **state) {
    (void)state;
    for (int32_t threads = 1; threads <= 9; threads += 2) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            use_threads(threads, seed);
            for (int64_t n = 0; n < 70; n += n < 8 ? 1 : 13) check_iterations(n, 1 + n % 5);
            check_iterations(seed == 0 ? 100000 : 1000, 1);
            check_iterations(12345, 64);
        }
    }
}

static kc_status refuse_to_run(void *context, int64_t begin, int64_t end) {
    (void)context, (void)begin, (void)end;
    return 7;
}

static void no_iterations_are_no_call(void **state) {
    (void)state;
    assert_int_equal(kc_parallel_for(0, 1, refuse_to_run, NULL, NULL), KC_OK);
    assert_int_equal(kc_parallel_for(-5, 1, refuse_to_run, NULL, NULL), KC_OK);
    assert_int_equal(kc_parallel_chunks(0, 1, NULL, NULL, NULL), KC_OK);
    assert_int_equal(kc_parallel_for(1, -3, refuse_to_run, NULL, NULL), 7);
}

static kc_status count_huge(void *context, int64_t begin, int64_t end) {
    atomic_fetch_add((_Atomic(int64_t) *)context, end - begin);
    return KC_OK;
}

static void huge_loops_do_not_overflow(void **state) {
    (void)state;
    use_threads(3, 0);
    _Atomic(int64_t) total = 0;
    assert_int_equal(kc_parallel_for(INT64_MAX, INT64_MAX / 3, count_huge, &total, NULL), KC_OK);
    assert_int_equal(total, INT64_MAX);
    total = 0;
    assert_int_equal(kc_parallel_for(INT64_MAX, INT64_MAX - 1, count_huge, &total, NULL), KC_OK);
    assert_int_equal(total, INT64_MAX);
}

/* ---- Chunks ------------------------------------------------------------------------------------ */

typedef struct Sums {
    const float *values;
    float partial[KC_CHUNKS_MAX];
    int64_t begin[KC_CHUNKS_MAX];
} Sums;

static kc_status sum_chunk(void *context, int64_t chunk, int64_t begin, int64_t end) {
    Sums *sums = context;
    float sum = 0;
    for (int64_t i = begin; i < end; i++) sum += sums->values[i];
    sums->partial[chunk] = sum;
    sums->begin[chunk] = begin;
    return KC_OK;
}

static float sum_of(const float *values, int64_t n, int64_t grain) {
    static Sums sums;
    sums.values = values;
    assert_int_equal(kc_parallel_chunks(n, grain, sum_chunk, &sums, "sum"), KC_OK);
    float sum = 0;
    for (int64_t k = 0; k < kc_chunk_count(n, grain); k++) {
        assert_int_equal(sums.begin[k], k * kc_chunk_size(n, grain));
        sum += sums.partial[k];
    }
    return sum;
}

static void sums_have_the_same_bits(void **state) {
    (void)state;
    enum { N = 20000 };
    static float values[N];
    uint64_t random = 5;
    for (int i = 0; i < N; i++) values[i] = (float)random_next(&random) * 1e-12f;
    for (int64_t grain = 1; grain < N; grain = grain * 3 + 1) {
        use_threads(1, 0);
        float expected = sum_of(values, N, grain);
        for (int32_t threads = 2; threads < 10; threads += 3) {
            use_threads(threads, (uint64_t)(threads * 7));
            float sum = sum_of(values, N, grain);
            assert_memory_equal(&sum, &expected, sizeof sum);
        }
    }
}

static void chunks_are_bounded(void **state) {
    (void)state;
    assert_int_equal(kc_chunk_count(0, 1), 0);
    assert_int_equal(kc_chunk_count(5, 0), 5);
    assert_int_equal(kc_chunk_count(1024, 1), 1024);
    assert_int_equal(kc_chunk_count(1025, 1), 513);
    assert_int_equal(kc_chunk_size(INT64_MAX, 1), INT64_MAX / 1024 + 1);
    assert_in_range(kc_chunk_count(INT64_MAX, 1), 1, 1024);
}

/* ---- Failures ---------------------------------------------------------------------------------- */

typedef struct Failing {
    const int64_t *at; /* iterations that fail, ended by -1 */
    int64_t count[64];
    bool panics;
} Failing;

static kc_status fail_some(void *context, int64_t begin, int64_t end) {
    static const char *const texts[] = {"even", "odd"};
    Failing *failing = context;
    for (int64_t i = begin; i < end; i++) {
        for (const int64_t *at = failing->at; *at >= 0; at++) {
            if (*at != i) continue;
            if (failing->panics) fail_check(i);
            kc_error_set(texts[i % 2], "loop.k", (int32_t)i);
            return (kc_status)(100 + i);
        }
    }
    return KC_OK;
}

static void the_first_failure_counts(void **state) {
    (void)state;
    const int64_t at[] = {900, 41, 42, 777, 999, -1};
    for (int32_t threads = 1; threads <= 5; threads += 2) {
        for (uint64_t seed = 0; seed < 20; seed++) {
            use_threads(threads, seed);
            Failing failing = {.at = at};
            assert_int_equal(kc_parallel_for(1000, 1, fail_some, &failing, NULL), 141);
            assert_string_equal(kc_error_message(), "loop.k:41: odd");
            assert_int_equal(kc_parallel_for(41, 1, fail_some, &failing, NULL), KC_OK);
        }
    }
}

static atomic_int ran_late;

static kc_status fail_at_once(void *context, int64_t begin, int64_t end) {
    (void)context, (void)end;
    if (begin == 0) return 5;
    atomic_fetch_add(&ran_late, 1);
    usleep(100);
    return KC_OK;
}

static void a_failure_ends_the_loop_soon(void **state) {
    (void)state;
    use_threads(2, 0);
    ran_late = 0;
    assert_int_equal(kc_parallel_for(100000, 1, fail_at_once, NULL, NULL), 5);
    assert_in_range(ran_late, 0, 1000);
}

/* The loop ends in one failed check, on this thread. */
static void assert_panics(int64_t n, kc_range_body body, void *context, const char *text) {
    expect_panics();
    if (setjmp(caught.escape) == 0) {
        kc_parallel_for(n, 1, body, context, NULL);
        fail();
    }
    assert_panicked_once();
    assert_string_equal(caught.text, text);
}

static void failed_checks_reach_the_caller_once(void **state) {
    (void)state;
    const int64_t at[] = {700, 33, 34, 999, -1};
    for (int32_t threads = 1; threads <= 5; threads += 2) {
        for (uint64_t seed = 0; seed < 20; seed++) {
            use_threads(threads, seed);
            Failing failing = {.at = at, .panics = true};
            assert_panics(1000, fail_some, &failing, "f.k:3: in f: out of range (index 33)");
            check_iterations(1000, 1);
        }
    }
}

static kc_status nest_failing(void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
        kc_status status = kc_parallel_for(50 + i, 1, fail_some, context, NULL);
        if (status != KC_OK) return status;
    }
    return KC_OK;
}

static void failures_pass_through_nested_loops(void **state) {
    (void)state;
    const int64_t at[] = {55, 60, -1};
    for (uint64_t seed = 0; seed < 20; seed++) {
        use_threads(4, seed);
        Failing failing = {.at = at};
        assert_int_equal(kc_parallel_for(30, 1, nest_failing, &failing, NULL), 155);
        failing.panics = true;
        assert_panics(30, nest_failing, &failing, "f.k:3: in f: out of range (index 55)");
    }
}

/* ---- Nesting and callers ----------------------------------------------------------------------- */

/* A random tree of loops; the sum of its leaves is known. */
typedef struct Tree {
    uint64_t seed;
    int depth;
    _Atomic(int64_t) *leaves;
} Tree;

static int64_t tree_width(uint64_t seed) { return 1 + (int64_t)(seed >> 20) % 4; }

static uint64_t tree_child(uint64_t seed, int64_t i) {
    seed = (seed + (uint64_t)i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    return seed ^ seed >> 29;
}

static int64_t tree_leaves(uint64_t seed, int depth) {
    if (depth == 0) return 1;
    int64_t total = 0;
    for (int64_t i = 0; i < tree_width(seed); i++)
        total += tree_leaves(tree_child(seed, i), depth - 1);
    return total;
}

static kc_status tree_loop(void *context, int64_t begin, int64_t end) {
    const Tree *tree = context;
    for (int64_t i = begin; i < end; i++) {
        Tree child = {tree_child(tree->seed, i), tree->depth - 1, tree->leaves};
        if (child.depth == 0) {
            atomic_fetch_add_explicit(tree->leaves, 1, memory_order_relaxed);
            continue;
        }
        kc_status status = kc_parallel_for(tree_width(child.seed), 1, tree_loop, &child, NULL);
        if (status != KC_OK) return status;
    }
    return KC_OK;
}

static bool tree_is_right(uint64_t seed, int depth) {
    _Atomic(int64_t) leaves = 0;
    Tree tree = {seed, depth, &leaves};
    kc_parallel_for(tree_width(seed), 1, tree_loop, &tree, NULL);
    return leaves == tree_leaves(seed, depth);
}

static void *call_loops(void *argument) {
    uint64_t seed = (uint64_t)(uintptr_t)argument;
    bool right = true;
    for (int i = 0; i < 20; i++) right &= tree_is_right(tree_child(seed, i), 1 + i % 4);
    return right ? argument : NULL;
}

/* More threads than there are slots for them, too. */
static void callers_come_and_go(void **state) {
    (void)state;
    enum { CALLERS = 80 };
    for (uint64_t round = 0; round < 4; round++) {
        use_threads(3, round == 3 ? 7 : 0);
        pthread_t threads[CALLERS];
        for (uintptr_t i = 0; i < CALLERS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, call_loops, (void *)(i + 1)), 0);
        for (uintptr_t i = 0; i < CALLERS; i++) {
            void *result;
            assert_int_equal(pthread_join(threads[i], &result), 0);
            assert_ptr_equal(result, i + 1);
        }
    }
}

/* ---- What threads inherit ---------------------------------------------------------------------- */

static kc_status check_rounding(void *context, int64_t begin, int64_t end) {
    (void)begin, (void)end;
    usleep(10);
    volatile double one = 1, tiny = 1e-30;
    return one + tiny > 1 && fegetround() == *(const int *)context ? KC_OK : KC_RAISED;
}

static void rounding_is_the_callers(void **state) {
    (void)state;
    use_threads(3, 0);
    int mode = FE_UPWARD;
    fesetround(mode);
    assert_int_equal(kc_parallel_for(300, 1, check_rounding, &mode, NULL), KC_OK);
    assert_int_equal(fegetround(), FE_UPWARD);
    fesetround(FE_TONEAREST);
    assert_int_not_equal(kc_parallel_for(300, 1, check_rounding, &mode, NULL), KC_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_iteration_runs_once),
        cmocka_unit_test(no_iterations_are_no_call),
        cmocka_unit_test(huge_loops_do_not_overflow),
        cmocka_unit_test(sums_have_the_same_bits),
        cmocka_unit_test(chunks_are_bounded),
        cmocka_unit_test(the_first_failure_counts),
        cmocka_unit_test(a_failure_ends_the_loop_soon),
        cmocka_unit_test(failed_checks_reach_the_caller_once),
        cmocka_unit_test(failures_pass_through_nested_loops),
        cmocka_unit_test(callers_come_and_go),
        cmocka_unit_test(rounding_is_the_callers),
    };
    return cmocka_run_group_tests_name("pool_loops", tests, start_watchdog, end_pool);
}
