/* What threads of the pool do: find work, run it, wait for it. */
#include "runtime/mode.h"
#include "runtime/pool.h"

#include <sched.h>

/* ---- Finding it -------------------------------------------------------------------------------- */

/* One look at every queue but the own one, from a random one on; on a machine with several memories, at
 * those that are near first. */
static bool steal_from(Slot *slot, uint64_t least, Entry *entry, bool near) {
    uint32_t count = atomic_load_explicit(&kc_pool.slot_count, memory_order_relaxed);
    uint32_t first = (uint32_t)((slot_random(slot) >> 32) * count >> 32);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = first + i < count ? first + i : first + i - count;
        Slot *victim = &kc_pool.slots[index];
        if (victim == slot || (near && victim->node != slot->node)) continue;
        Steal result;
        do result = deque_steal(&victim->deque, least, entry);
        while (result == STEAL_LOST);
        if (result == STEAL_GOT) return true;
    }
    return false;
}

static bool steal_any(Slot *slot, uint64_t least, Entry *entry) {
    kc_work_dither(slot);
    if (kc_pool.node_count > 1 && steal_from(slot, least, entry, true)) return true;
    return steal_from(slot, least, entry, false);
}

static bool work_is_visible(void) {
    uint32_t count = atomic_load_explicit(&kc_pool.slot_count, memory_order_relaxed);
    for (uint32_t i = 0; i < count; i++)
        if (deque_has_work(&kc_pool.slots[i].deque)) return true;
    return false;
}

void kc_work_dither(Slot *slot) {
    if (kc_pool.seed == 0) return;
    uint64_t chance = slot_random(slot) >> 40;
    if (chance % 4 == 0) sched_yield();
    if (chance % 64 == 1) {
        _Atomic(uint32_t) word;
        atomic_init(&word, 0);
        kc_futex_wait(&word, 0, 20000);
    }
}

/* ---- Waking ------------------------------------------------------------------------------------ */

static void submit_session(void) {
    for (uint32_t i = 0;; i = (i + 1) % kc_pool.worker_count) {
        Slot *slot = &kc_pool.slots[i];
        if (atomic_exchange(&slot->active, 1) != 0) continue;
        atomic_fetch_add(&kc_pool.sessions, 1);
        if (kc_host_current.submit(kc_host_current.user, kc_work_session, slot) == 0) return;
        atomic_fetch_sub(&kc_pool.sessions, 1);
        atomic_store(&slot->active, 0);
        atomic_fetch_add(&kc_pool.parking.counts, ONE_ASLEEP - ONE_SEARCHING);
        return;
    }
}

/* After a claim. */
static void wake_one(void) {
    if (kc_host_current.submit != NULL) {
        submit_session();
        return;
    }
    parking_give_permit(&kc_pool.parking);
    kc_futex_wake(&kc_pool.parking.permits, 1);
}

bool kc_work_offer(Slot *slot, const Entry *entry) {
    if (!deque_push(&slot->deque, entry)) return false;
    if (parking_notice(&kc_pool.parking)) wake_one();
    return true;
}

/* ---- Running it -------------------------------------------------------------------------------- */

static void entry_run(Slot *slot, const Entry *entry) {
    uint32_t caller = slot->caller, depth = slot->depth;
    slot->caller = (uint32_t)(entry->tag >> 32) - 1;
    slot->depth = (uint32_t)entry->tag;
    if (slot->mode != entry->job->mode) {
        slot->mode = entry->job->mode;
        mode_set(slot->mode);
    }
    entry->job->run(slot, entry->job, entry);
    slot->caller = caller;
    slot->depth = depth;
}

/* Spins for a while; the clock is read now and then. */
typedef struct Patience {
    int64_t since;
    uint32_t rounds;
} Patience;

enum { ROUNDS_PER_LOOK = 8, PAUSES = 4 };

static bool patience_ends(Patience *patience) {
    for (int i = 0; i < PAUSES; i++) cpu_pause();
    if (patience->rounds++ % ROUNDS_PER_LOOK != 0) return false;
    if (kc_pool.spin_ns <= 0) return true;
    int64_t now = kc_clock();
    if (patience->since == 0) patience->since = now;
    return now - patience->since >= kc_pool.spin_ns;
}

void kc_work_finish(_Atomic(uint32_t) *done) {
    if (atomic_exchange_explicit(done, FINISHED, memory_order_acq_rel) == AWAITED)
        kc_futex_wake(done, 1);
}

/* While what it waits for runs elsewhere, more work that it may do can appear. Nobody wakes it for that, so
 * it looks from time to time. */
enum { FIRST_NAP_NS = 50000, LONGEST_NAP_NS = 1000000 };

void kc_work_join(Slot *slot, _Atomic(uint32_t) *done, uint64_t least) {
    Patience patience = {0};
    int64_t nap = FIRST_NAP_NS;
    while (atomic_load_explicit(done, memory_order_acquire) != FINISHED) {
        Entry entry;
        if (deque_pop(&slot->deque, least, NULL, &entry) || steal_any(slot, least, &entry)) {
            entry_run(slot, &entry);
            patience = (Patience){0};
            nap = FIRST_NAP_NS;
            continue;
        }
        if (!patience_ends(&patience)) continue;
        uint32_t pending = PENDING;
        atomic_compare_exchange_strong(done, &pending, AWAITED);
        if (pending != FINISHED) kc_futex_wait(done, AWAITED, nap);
        nap = nap < LONGEST_NAP_NS / 2 ? 2 * nap : LONGEST_NAP_NS;
    }
}

/* ---- Workers ----------------------------------------------------------------------------------- */

static bool search(Slot *slot, Entry *entry) {
    Patience patience = {0};
    if (kc_pool.node_count > 1) slot->node = kc_cpu_node();
    do {
        if (steal_any(slot, 0, entry)) return true;
        if (atomic_load_explicit(&kc_pool.stopping, memory_order_relaxed)) return false;
    } while (!patience_ends(&patience));
    return false;
}

static void wake_if_more(void) {
    if (work_is_visible() && parking_claim(&kc_pool.parking)) wake_one();
}

/* Begins and ends as one that searches. After some work it looks once more before it counts as searching again:
 * that word is everybody's. */
static void work_until_idle(Slot *slot) {
    Entry entry;
    while (search(slot, &entry)) {
        if (parking_end_search(&kc_pool.parking)) wake_if_more();
        do entry_run(slot, &entry);
        while (deque_pop(&slot->deque, 0, NULL, &entry) || steal_any(slot, 0, &entry));
        parking_begin_search(&kc_pool.parking);
    }
}

void *kc_work_thread(void *argument) {
    Slot *slot = argument;
    kc_thread.slot = slot;
    slot->mode = mode_get();
    Parking *parking = &kc_pool.parking;
    for (;;) {
        work_until_idle(slot);
        if (atomic_load(&kc_pool.stopping)) return NULL;
        parking_lie_down(parking);
        wake_if_more();
        while (!parking_take_permit(parking)) kc_futex_wait(&parking->permits, 0, 0);
    }
}

/* The slot may be in use again as soon as it is not active. */
void kc_work_session(void *argument) {
    Slot *slot = argument;
    Thread outer = kc_thread;
    uint32_t mode = mode_get();
    kc_thread = (Thread){.slot = slot};
    slot->mode = mode;
    work_until_idle(slot);
    mode_set(mode);
    kc_thread = outer;
    atomic_store(&slot->active, 0);
    parking_lie_down(&kc_pool.parking);
    if (!atomic_load(&kc_pool.stopping)) wake_if_more();
    if (atomic_fetch_sub(&kc_pool.sessions, 1) == 1) kc_futex_wake(&kc_pool.sessions, 1);
}
