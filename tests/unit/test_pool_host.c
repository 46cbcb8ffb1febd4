/* The pool in a host that forks, takes signals, brings its own threads and memory, and counts its CPUs. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/cpus.h"
#include "tests/unit/pool_helpers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static kc_status add_up(void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) atomic_fetch_add((_Atomic(int64_t) *)context, i);
    return KC_OK;
}

static bool loop_works(void) {
    _Atomic(int64_t) total = 0;
    return kc_parallel_for(3000, 7, add_up, &total, NULL) == KC_OK && total == 3000 * 2999 / 2;
}

/* ---- Beginning and end ------------------------------------------------------------------------- */

static kc_status try_to_stop(void *context, int64_t begin, int64_t end) {
    (void)context, (void)begin, (void)end;
    return kc_pool_shutdown() == KC_RAISED && kc_pool_configure(NULL) == KC_RAISED ? KC_OK : 9;
}

static void a_pool_in_use_stays(void **state) {
    (void)state;
    use_threads(3, 0);
    assert_int_equal(kc_parallel_for(100, 1, try_to_stop, NULL, NULL), KC_OK);
    for (int i = 0; i < 50; i++) {
        assert_true(loop_works());
        assert_int_equal(kc_pool_shutdown(), KC_OK);
    }
    assert_int_equal(kc_pool_threads(), 3);
}

static void *loop_for_a_while(void *argument) {
    int64_t wrong = 0;
    for (int i = 0; i < 3000; i++) wrong += !loop_works();
    *(int64_t *)argument = wrong;
    return NULL;
}

static void stopping_beside_loops_is_safe(void **state) {
    (void)state;
    int64_t wrong[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, loop_for_a_while, &wrong[i]);
    for (int i = 0; i < 300; i++) {
        kc_pool_options options = {.threads = 2 + i % 3};
        if (i % 2 == 0)
            kc_pool_shutdown();
        else
            kc_pool_configure(&options);
        usleep(100);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

/* ---- Forks and signals ------------------------------------------------------------------------- */

static void children_start_afresh(void **state) {
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); /* it does not allow threads in a child */
#endif
    use_threads(3, 0);
    assert_true(loop_works());
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            bool works = loop_works() && kc_pool_threads() == 3;
            pid_t grandchild = fork();
            if (grandchild == 0) _exit(loop_works() ? 0 : 1);
            int status = 1;
            waitpid(grandchild, &status, 0);
            exit(works && status == 0 ? 0 : 1); /* ends the child's own pool */
        }
        int status = 1;
        assert_true(loop_works());
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

static pthread_t main_thread;
static atomic_int signals_here, signals_elsewhere;

static void on_signal(int number) {
    (void)number;
    atomic_fetch_add(
        pthread_equal(pthread_self(), main_thread) ? &signals_here : &signals_elsewhere, 1);
}

static kc_status nap(void *context, int64_t begin, int64_t end) {
    (void)context, (void)begin, (void)end;
    struct timespec left = {0, 200000};
    while (nanosleep(&left, &left) != 0) assert_int_equal(errno, EINTR);
    return KC_OK;
}

static void signals_go_to_the_hosts_threads(void **state) {
    (void)state;
    use_threads(3, 0);
    main_thread = pthread_self();
    struct sigaction action = {.sa_handler = on_signal}, old; /* system calls are interrupted */
    sigaction(SIGALRM, &action, &old);
    struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 10; i++) assert_int_equal(kc_parallel_for(100, 1, nap, NULL, NULL), KC_OK);
    for (int i = 0; i < 1000; i++) assert_true(loop_works());
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &old, NULL);
    start_watchdog(NULL);
    assert_true(signals_here > 10);
    assert_int_equal(signals_elsewhere, 0);
}

/* ---- A host's threads -------------------------------------------------------------------------- */

enum { CALLS = 64, HOST_THREADS = 3 };

typedef struct Executor {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct {
        void (*run)(void *argument);
        void *argument;
    } calls[CALLS];
    int count, refuse;
    bool stop;
    int submitted;
} Executor;

static int executor_submit(void *user, void (*run)(void *argument), void *argument) {
    Executor *executor = user;
    pthread_mutex_lock(&executor->lock);
    bool full = executor->count == CALLS ||
                (executor->refuse > 0 && executor->submitted % executor->refuse == 0);
    executor->submitted++;
    if (!full) {
        executor->calls[executor->count].run = run;
        executor->calls[executor->count++].argument = argument;
        pthread_cond_signal(&executor->changed);
    }
    pthread_mutex_unlock(&executor->lock);
    return full;
}

static void *executor_thread(void *argument) {
    Executor *executor = argument;
    pthread_mutex_lock(&executor->lock);
    for (;;) {
        while (executor->count == 0 && !executor->stop)
            pthread_cond_wait(&executor->changed, &executor->lock);
        if (executor->count == 0) break;
        int last = --executor->count;
        void (*run)(void *argument) = executor->calls[last].run;
        void *of = executor->calls[last].argument;
        pthread_mutex_unlock(&executor->lock);
        run(of);
        pthread_mutex_lock(&executor->lock);
    }
    pthread_mutex_unlock(&executor->lock);
    return NULL;
}

static void run_with_executor(int threads, int refuse) {
    Executor executor = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .refuse = refuse};
    pthread_t ids[HOST_THREADS];
    for (int i = 0; i < threads; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, executor_thread, &executor), 0);
    kc_host host = {.user = &executor, .submit = executor_submit, .threads = HOST_THREADS};
    assert_int_equal(kc_host_set(&host), KC_OK);
    for (int i = 0; i < 300; i++) assert_true(loop_works());
    for (int i = 0; i < 3; i++) assert_int_equal(kc_parallel_for(100, 1, nap, NULL, NULL), KC_OK);
    assert_int_equal(kc_pool_threads(), HOST_THREADS + 1);
    assert_true(executor.submitted > 0);
    pthread_mutex_lock(&executor.lock);
    executor.stop = true;
    pthread_cond_broadcast(&executor.changed);
    pthread_mutex_unlock(&executor.lock);
    assert_int_equal(kc_host_set(NULL), KC_OK);
    for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
}

static void the_host_brings_threads(void **state) {
    (void)state;
    kc_pool_configure(NULL);
    run_with_executor(HOST_THREADS, 0);
    run_with_executor(1, 0);
    run_with_executor(2, 2);
    run_with_executor(0, 1); /* it refuses them all */
}

/* ---- A host's memory --------------------------------------------------------------------------- */

typedef struct Store {
    atomic_int live, asked;
    int fail_at; /* the request that fails; -1: none */
} Store;

static void *store_allocate(void *user, size_t size) {
    Store *store = user;
    if (atomic_fetch_add(&store->asked, 1) == store->fail_at) return NULL;
    atomic_fetch_add(&store->live, 1);
    return malloc(size);
}

static void store_release(void *user, void *memory) {
    atomic_fetch_sub(&((Store *)user)->live, 1);
    free(memory);
}

static kc_status allocate_all(void *context, int64_t begin, int64_t end) {
    (void)context;
    for (int64_t i = begin; i < end; i++) {
        kc_scratch scratch;
        void *memory = kc_alloc(i + 1, 100, 1);
        if (memory == NULL) return KC_RAISED;
        bool scratched = kc_scratch_open(&scratch) != NULL;
        bool given = scratched && kc_arena_alloc(scratch.arena, i, 100000, 0) != NULL;
        kc_scratch_close(&scratch);
        kc_free(memory);
        if (!scratched || (!given && i > 0)) return KC_RAISED;
    }
    return KC_OK;
}

/* Each request for memory fails in turn: a status or a serial loop, and nothing is left behind. */
static void memory_fails_at_every_point(void **state) {
    (void)state;
    bool done = false;
    for (int point = -1; !done; point++) {
        Store store = {.fail_at = point};
        kc_host host = {.user = &store, .allocate = store_allocate, .release = store_release};
        assert_int_equal(kc_host_set(&host), KC_OK);
        use_threads(3, 0);
        kc_status status = kc_parallel_for(8, 1, allocate_all, NULL, NULL);
        if (point < 0) assert_int_equal(status, KC_OK);
        assert_true(loop_works());
        done = point >= store.asked;
        kc_arena *arena = kc_arena_create(100, 1);
        kc_arena_free(arena);
        assert_int_equal(kc_pool_shutdown(), KC_OK);
        assert_int_equal(store.live, 0);
        void *live = kc_alloc(1, 1, 0);
        if (live != NULL) assert_int_equal(kc_host_set(NULL), KC_RAISED);
        kc_free(live);
        assert_int_equal(kc_host_set(NULL), KC_OK);
    }
}

/* ---- CPUs -------------------------------------------------------------------------------------- */

static char tree[] = "/tmp/kc_cgroup_XXXXXX";

static void put(const char *path, const char *text) {
    char whole[256];
    snprintf(whole, sizeof whole, "%s/%s", tree, path);
    for (char *slash = whole + strlen(tree) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int32_t quota_of(const char *groups) {
    char path[256];
    put("groups", groups);
    snprintf(path, sizeof path, "%s/groups", tree);
    return kc_cpu_quota(path, tree);
}

static void quotas_of_control_groups_count(void **state) {
    (void)state;
    assert_non_null(mkdtemp(tree));
    assert_int_equal(quota_of(""), INT32_MAX);
    assert_int_equal(quota_of("0::/a/b\n"), INT32_MAX);
    put("a/b/cpu.max", "max 100000\n");
    assert_int_equal(quota_of("0::/a/b\n"), INT32_MAX);
    put("a/cpu.max", "250000 100000\n"); /* of the group around it, rounded up */
    assert_int_equal(quota_of("0::/a/b\n"), 3);
    put("a/b/cpu.max", "200000 100000\n");
    assert_int_equal(quota_of("0::/a/b\n"), 2);
    put("cpu.max", "50000 100000\n"); /* seen from inside a container */
    assert_int_equal(quota_of("0::/not/here\n"), 1);
    put("cpu/x/cpu.cfs_quota_us", "400000\n");
    put("cpu/x/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota_of("3:memory:/x\n2:cpu,cpuacct:/x\n"), 4);
    assert_int_equal(quota_of("2:cpuset:/x\n"), INT32_MAX);
    put("cpu/x/cpu.cfs_quota_us", "-1\n");
    assert_int_equal(quota_of("2:cpu,cpuacct:/x\n"), INT32_MAX);
    char command[256];
    snprintf(command, sizeof command, "rm -r %s", tree);
    assert_int_equal(system(command), 0);
}

static void threads_are_as_many_as_cpus(void **state) {
    (void)state;
    assert_int_equal(kc_pool_configure(NULL), KC_OK);
    setenv("KC_NUM_THREADS", "1", 1);
    assert_int_equal(kc_pool_threads(), 1);
    assert_true(loop_works());
    assert_int_equal(kc_pool_configure(NULL), KC_OK);
    setenv("KC_NUM_THREADS", "100000", 1);
    assert_in_range(kc_pool_threads(), 1, kc_cpu_usable());
    setenv("KC_NUM_THREADS", "no number", 1);
    assert_in_range(kc_pool_threads(), 1, kc_cpu_usable());
    unsetenv("KC_NUM_THREADS");
    cpu_set_t all, one;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(kc_pool_threads(), 1);
    use_threads(2, 0); /* more threads than CPUs: nobody may spin */
    for (int i = 0; i < 100; i++) assert_true(loop_works());
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_in_use_stays),
        cmocka_unit_test(stopping_beside_loops_is_safe),
        cmocka_unit_test(children_start_afresh),
        cmocka_unit_test(signals_go_to_the_hosts_threads),
        cmocka_unit_test(the_host_brings_threads),
        cmocka_unit_test(memory_fails_at_every_point),
        cmocka_unit_test(quotas_of_control_groups_count),
        cmocka_unit_test(threads_are_as_many_as_cpus),
    };
    return cmocka_run_group_tests_name("pool_host", tests, start_watchdog, end_pool);
}
