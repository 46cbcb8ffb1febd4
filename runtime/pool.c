/* The beginning and end of the pool. It starts at the first loop that needs it, and ends when the host says
 * so, when the library is unloaded, or with the process. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/pool.h"
#include "runtime/scratch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

Pool kc_pool;

/* What only start and end need; the lock guards it. */
static struct {
    pthread_mutex_t lock;
    kc_pool_options options;
    pthread_t *threads;
    uint32_t started; /* of them; with a host's executor, what it may run */
    bool registered;  /* for forks and for the end of the library */
} control = {.lock = PTHREAD_MUTEX_INITIALIZER};

enum { SPIN_NS = 20000 };

/* ---- Ending ------------------------------------------------------------------------------------ */

static void free_slots(void) {
    for (uint32_t i = 0; kc_pool.slots != NULL && i < kc_pool.worker_count + GUESTS; i++)
        kc_scratch_free_all(&kc_pool.slots[i]);
    kc_host_free(kc_pool.slots);
    kc_host_free(control.threads);
    kc_pool.slots = NULL;
    control.threads = NULL;
}

static void end_workers(void) {
    atomic_store(&kc_pool.stopping, 1);
    for (uint32_t i = 0; i < kc_pool.worker_count; i++) parking_give_permit(&kc_pool.parking);
    kc_futex_wake(&kc_pool.parking.permits, MAX_WORKERS);
    for (uint32_t i = 0; control.threads != NULL && i < control.started; i++)
        pthread_join(control.threads[i], NULL);
    uint32_t sessions;
    while ((sessions = atomic_load(&kc_pool.sessions)) != 0)
        kc_futex_wait(&kc_pool.sessions, sessions, 0);
    free_slots();
}

/* False: it is in use. A thread that takes a slot from now on sees that the pool has stopped. */
static bool pool_stop(void) {
    if (kc_thread.slot != NULL) return false;
    uint32_t state = atomic_exchange(&kc_pool.state, POOL_STOPPED);
    if (state != POOL_RUNNING) return true;
    if (kc_slot_any_guest()) {
        atomic_store(&kc_pool.state, state);
        return false;
    }
    end_workers();
    return true;
}

static kc_status stop_and(void (*change)(const void *value), const void *value) {
    pthread_mutex_lock(&control.lock);
    bool stopped = pool_stop();
    if (stopped && change != NULL) change(value);
    pthread_mutex_unlock(&control.lock);
    if (stopped) return KC_OK;
    kc_error_set("the pool is in use", NULL, 0);
    return KC_RAISED;
}

kc_status kc_pool_shutdown(void) { return stop_and(NULL, NULL); }

static void change_options(const void *value) {
    control.options = value != NULL ? *(const kc_pool_options *)value : (kc_pool_options){0};
}

kc_status kc_pool_configure(const kc_pool_options *options) {
    return stop_and(change_options, options);
}

static void change_host(const void *value) {
    kc_host_current = value != NULL ? *(const kc_host *)value : (kc_host){0};
}

kc_status kc_host_set(const kc_host *host) {
    kc_memory_stats stats = kc_memory_get_stats();
    if (stats.allocations == stats.frees) return stop_and(change_host, host);
    kc_error_set("memory of the old host is in use", NULL, 0);
    return KC_RAISED;
}

/* ---- Forks, and the end of the library --------------------------------------------------------- */

static void before_fork(void) { pthread_mutex_lock(&control.lock); }

static void after_fork(void) { pthread_mutex_unlock(&control.lock); }

/* The child has none of the threads. What they had is freed when it starts its own. */
static void in_child(void) {
    pthread_mutex_init(&control.lock, NULL);
    atomic_store(&kc_pool.state, POOL_STOPPED);
    atomic_store(&kc_pool.sessions, 0);
    kc_slot_forget_guests();
}

static void at_end(void) { kc_pool_shutdown(); }

/* Instead of a constructor and a destructor. In a shared library both belong to that library: it takes them
 * along when it is unloaded, and the workers end before their code is gone. */
static void register_once(void) {
    if (control.registered) return;
    control.registered = true;
    pthread_atfork(before_fork, after_fork, in_child);
    atexit(at_end);
}

/* ---- Starting ---------------------------------------------------------------------------------- */

static uint32_t workers_wanted(void) {
    int32_t threads = control.options.threads;
    if (kc_host_current.submit != NULL) {
        int32_t calls = kc_host_current.threads;
        threads = threads > 0 && threads - 1 < calls ? threads : calls + 1;
    } else if (threads <= 0) {
        threads = kc_cpu_limit();
    }
    if (threads > MAX_WORKERS) threads = MAX_WORKERS;
    return threads > 1 ? (uint32_t)threads - 1 : 0;
}

static void prepare(uint32_t workers) {
    kc_pool.node_count = kc_cpu_nodes("/sys");
    kc_pool.seed = control.options.seed;
    int32_t spin = control.options.spin_us;
    kc_pool.spin_ns = spin > 0 ? (int64_t)spin * 1000 : spin < 0 ? 0 : SPIN_NS;
    if (workers + 1 > (uint32_t)kc_cpu_usable()) kc_pool.spin_ns = 0;
    atomic_store(&kc_pool.slot_count, workers);
    atomic_store(&kc_pool.stopping, 0);
    atomic_store(&kc_pool.parking.permits, 0);
    uint64_t seed = kc_pool.seed;
    for (uint32_t i = 0; i < workers + GUESTS; i++) {
        Slot *slot = &kc_pool.slots[i];
        slot->index = slot->caller = i;
        slot->uses = i < workers;
        seed += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
        slot->random = (seed ^ seed >> 31) * UINT64_C(0xbf58476d1ce4e5b9) | 1;
    }
}

/* Faults stay deliverable, so that the host's handlers for them work in workers too. */
static void block_signals(sigset_t *old) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
    sigset_t all;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_SETMASK, &all, old);
}

/* Each begins as one that searches. Fewer threads than wanted are fine: slots that stay without one are
 * empty queues, and the place of guests does not move. */
static uint32_t start_threads(uint32_t wanted) {
    uint32_t started = 0;
    sigset_t old;
    block_signals(&old);
    atomic_store(&kc_pool.parking.counts, wanted * ONE_SEARCHING);
    while (started < wanted && pthread_create(&control.threads[started], NULL, kc_work_thread,
                                              &kc_pool.slots[started]) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    atomic_fetch_sub(&kc_pool.parking.counts, (wanted - started) * ONE_SEARCHING);
    return started;
}

static bool get_memory(uint32_t workers) {
    kc_pool.slots = kc_host_alloc((int64_t)sizeof(Slot) * (workers + GUESTS));
    if (kc_host_current.submit == NULL)
        control.threads = kc_host_alloc((int64_t)sizeof(pthread_t) * workers);
    return kc_pool.slots != NULL && (kc_host_current.submit != NULL || control.threads != NULL);
}

/* The state it is in from now on: POOL_SERIAL where nobody could help. */
static uint32_t pool_start(void) {
    free_slots(); /* of before a fork */
    uint32_t workers = workers_wanted();
    if (workers == 0) return POOL_SERIAL;
    kc_pool.worker_count = workers;
    if (!get_memory(workers)) {
        free_slots();
        return POOL_SERIAL;
    }
    register_once();
    prepare(workers);
    if (kc_host_current.submit != NULL) {
        control.started = workers;
        atomic_store(&kc_pool.parking.counts, workers * ONE_ASLEEP);
        return POOL_RUNNING;
    }
    control.started = start_threads(workers);
    if (control.started > 0) return POOL_RUNNING;
    free_slots();
    return POOL_SERIAL;
}

bool kc_pool_start(void) {
    pthread_mutex_lock(&control.lock);
    uint32_t state = atomic_load(&kc_pool.state);
    if (state == POOL_STOPPED) {
        state = pool_start();
        atomic_store(&kc_pool.state, state);
    }
    pthread_mutex_unlock(&control.lock);
    return state == POOL_RUNNING;
}

int32_t kc_pool_threads(void) {
    pthread_mutex_lock(&control.lock);
    uint32_t state = atomic_load(&kc_pool.state);
    uint32_t workers = state == POOL_STOPPED  ? workers_wanted()
                       : state == POOL_SERIAL ? 0
                                              : control.started;
    pthread_mutex_unlock(&control.lock);
    return (int32_t)workers + 1;
}
