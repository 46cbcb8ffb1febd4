/* Random nests of parallel loops, chunks and tasks beside the same nests run serially: the result, or the first
 * failure in the order of the program, has to be the same. KC_NESTS=100000 runs so many (`make stress`). */
#include "tests/unit/pool_helpers.h"

#include <stdio.h>

/* Everything about a nest follows from its seed. */
typedef struct Nest {
    uint64_t seed;
    int depth;
    bool serial, failing;
    uint64_t hash; /* of what ran, in the order of the program */
} Nest;

static kc_status nest_run(Nest *nest);

static uint64_t mix(uint64_t seed, uint64_t number) {
    seed = (seed ^ number) * UINT64_C(0x9e3779b97f4a7c15);
    seed ^= seed >> 29;
    seed *= UINT64_C(0xbf58476d1ce4e5b9);
    return seed ^ seed >> 32;
}

static Nest nest_child(const Nest *nest, int64_t i) {
    Nest child = *nest;
    child.seed = mix(nest->seed, (uint64_t)i + 1);
    child.depth--;
    return child;
}

static uint64_t combine(uint64_t hash, uint64_t next) { return mix(hash, next + 7); }

static uint64_t combine_all(const uint64_t *hashes, int64_t count) {
    uint64_t hash = 0;
    for (int64_t i = 0; i < count; i++) hash = combine(hash, hashes[i]);
    return hash;
}

/* ---- What a nest is made of -------------------------------------------------------------------- */

/* One in a thousand fails, in nests that do. */
static kc_status leaf(Nest *nest) {
    uint64_t number = mix(nest->seed, 99);
    nest->hash = number;
    if (!nest->failing || number % 1000 != 0) return KC_OK;
    kc_error_set("a leaf", "nest.k", (int32_t)(number >> 40));
    return 1 + (kc_status)(number >> 20 & 0xffff);
}

typedef struct Loop {
    const Nest *nest;
    uint64_t *hashes; /* by iteration, or by chunk */
} Loop;

static kc_status run_range(void *context, int64_t begin, int64_t end) {
    const Loop *loop = context;
    for (int64_t i = begin; i < end; i++) {
        Nest child = nest_child(loop->nest, i);
        kc_status status = nest_run(&child);
        if (status != KC_OK) return status;
        loop->hashes[i] = child.hash;
    }
    return KC_OK;
}

static kc_status run_chunk(void *context, int64_t chunk, int64_t begin, int64_t end) {
    const Loop *loop = context;
    uint64_t own[512]; /* each chunk by itself, so that what it gives depends on its boundaries */
    Loop part = {loop->nest, own - begin};
    kc_status status = run_range(&part, begin, end);
    if (status == KC_OK) loop->hashes[chunk] = combine_all(own, end - begin);
    return status;
}

static int64_t nest_width(const Nest *nest) {
    return (int64_t)(mix(nest->seed, 1) % (nest->depth == 1 ? 200 : nest->depth == 2 ? 16 : 5));
}

static kc_status run_loop(Nest *nest) {
    int64_t n = nest_width(nest), grain = 1 + (int64_t)(mix(nest->seed, 2) % 9);
    uint64_t *hashes = kc_scratch_alloc(n, 8, 0);
    if (hashes == NULL) return KC_RAISED;
    Loop loop = {nest, hashes};
    kc_status status = nest->serial ? run_range(&loop, 0, n)
                                    : kc_parallel_for(n, grain, run_range, &loop, NULL);
    if (status == KC_OK) nest->hash = combine_all(hashes, n);
    kc_scratch_free(hashes);
    return status;
}

static kc_status run_chunks(Nest *nest) {
    int64_t n = nest_width(nest), grain = 1 + (int64_t)(mix(nest->seed, 2) % 9);
    int64_t size = kc_chunk_size(n, grain), count = kc_chunk_count(n, grain);
    uint64_t hashes[512];
    Loop loop = {nest, hashes};
    kc_status status = KC_OK;
    for (int64_t k = 0; nest->serial && k < count && status == KC_OK; k++)
        status = run_chunk(&loop, k, k * size, (k + 1) * size < n ? (k + 1) * size : n);
    if (!nest->serial) status = kc_parallel_chunks(n, grain, run_chunk, &loop, NULL);
    if (status == KC_OK) nest->hash = combine_all(hashes, count);
    return status;
}

static kc_status run_nest(void *context) { return nest_run(context); }

static int32_t error_line(void) {
    int32_t line = -1;
    return sscanf(kc_error_message(), "nest.k:%d:", &line) == 1 ? line : -1;
}

/* The task comes first in the program. */
static kc_status run_task(Nest *nest) {
    Nest first = nest_child(nest, 0), second = nest_child(nest, 1);
    kc_task task = {.body = run_nest, .context = &first};
    kc_status status = KC_OK, late;
    if (nest->serial) status = nest_run(&first);
    else kc_task_spawn(&task);
    if (status == KC_OK) {
        late = nest_run(&second);
        int32_t line = late == KC_OK ? 0 : error_line();
        if (!nest->serial) status = kc_task_wait(&task);
        if (status == KC_OK && late != KC_OK) {
            kc_error_set("a leaf", "nest.k", line);
            status = late;
        }
    }
    nest->hash = combine(first.hash, second.hash);
    return status;
}

static kc_status nest_run(Nest *nest) {
    if (nest->depth == 0) return leaf(nest);
    switch (mix(nest->seed, 3) % 8) {
    case 0: return run_task(nest);
    case 1: case 2: return run_chunks(nest);
    default: return run_loop(nest);
    }
}

/* ---- Many of them ------------------------------------------------------------------------------ */

/* A loop waits for a thief that the system has put aside: beside programs that keep all processors busy, each nest may
 * take some of its time slices, a hundredth of a second and more. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { NESTS = 150 };
#else
enum { NESTS = 500 };
#endif

static int64_t nest_count(void) {
    const char *text = getenv("KC_NESTS");
    return text != NULL ? atoll(text) : NESTS;
}

static void check_nest(uint64_t seed, int depth, bool failing) {
    Nest alone = {seed, depth, true, failing, 0}, together = {seed, depth, false, failing, 0};
    kc_status expected = nest_run(&alone);
    char message[64];
    snprintf(message, sizeof message, "%s", kc_error_message());
    kc_error_set("", NULL, 0);
    kc_status status = nest_run(&together);
    bool right = status == expected && (status == KC_OK ? together.hash == alone.hash
                                                        : strcmp(message, kc_error_message()) == 0);
    if (!right)
        fail_msg("nest %llx of depth %d: %d, not %d", (unsigned long long)seed, depth, (int)status,
                 (int)expected);
}

/* Threads and schedules change now and then; schedules are random in every third round. */
static void nests_give_what_serial_ones_do(void **state) {
    (void)state;
    enum { ROUND = 100 };
    int64_t count = nest_count();
    if (getenv("KC_NESTS") != NULL) alarm(0); /* no watchdog */
    for (int64_t i = 0; i < count; i++) {
        uint64_t seed = mix(1, (uint64_t)i);
        if (i % ROUND == 0)
            use_threads(1 + (int32_t)(seed % 7), i / ROUND % 3 == 2 ? seed | 1 : 0);
        check_nest(seed, 1 + (int)(i % 6), i % 4 == 3);
    }
    assert_int_equal(kc_pool_shutdown(), KC_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nests_give_what_serial_ones_do),
    };
    return cmocka_run_group_tests_name("pool_nests", tests, start_watchdog, end_pool);
}
