/* Inside libkcrt: which workers sleep, and who wakes them.
 *
 * One word counts the workers that look for work ("searching") and those that sleep. Who adds work wakes
 * one sleeper if nobody is searching, and counts it as searching from then on: so at most one is being
 * woken at a time. A searcher that finds work, and was the last one, looks whether there is more, and if
 * so wakes the next. No wake-up is lost: work is added before the word is read, and a worker changes
 * the word before it looks for work the last time, with a fence between on each side; one of the two sees
 * the other.
 * The order of memory comes from these fences alone.
 *
 * tests/model compiles this file over atomics of its own. */
#ifndef KC_RUNTIME_PARKING_H
#define KC_RUNTIME_PARKING_H

#include "runtime/fence.h"

typedef struct Parking {
    _Alignas(64) _Atomic(uint32_t) counts;
    _Alignas(64) _Atomic(uint32_t) permits; /* to wake up: a semaphore */
} Parking;

#define ONE_SEARCHING UINT32_C(1)
#define ONE_ASLEEP UINT32_C(0x10000)

static inline uint32_t searching_in(uint32_t counts) { return counts & 0xffff; }
static inline uint32_t asleep_in(uint32_t counts) { return counts >> 16; }

/* Whether the word as it was just read asks for a wake-up. */
static inline bool parking_wants(uint32_t counts) {
    return asleep_in(counts) > 0 && searching_in(counts) == 0;
}

/* After adding work: true if the caller has to wake one worker, which is counted as searching now. */
static inline bool parking_claim(Parking *parking) {
    uint32_t counts = atomic_load_explicit(&parking->counts, memory_order_relaxed);
    while (parking_wants(counts)) {
        if (atomic_compare_exchange_strong_explicit(&parking->counts, &counts,
                                                    counts - ONE_ASLEEP + ONE_SEARCHING,
                                                    memory_order_relaxed, memory_order_relaxed))
            return true;
    }
    return false;
}

/* The same, with the fence between the work and the look at the word. */
static inline bool parking_notice(Parking *parking) {
    fence_full();
    return parking_wants(atomic_load_explicit(&parking->counts, memory_order_relaxed)) &&
           parking_claim(parking);
}

static inline void parking_begin_search(Parking *parking) {
    atomic_fetch_add_explicit(&parking->counts, ONE_SEARCHING, memory_order_relaxed);
}

/* The searcher has found work. True: nobody is left to see more of it, so look, after the fence that this
 * has passed, and wake one (parking_claim) if there is any. */
static inline bool parking_end_search(Parking *parking) {
    uint32_t before =
        atomic_fetch_sub_explicit(&parking->counts, ONE_SEARCHING, memory_order_relaxed);
    if (searching_in(before) > 1 || asleep_in(before) == 0) return false;
    fence_full();
    return true;
}

/* The searcher gives up. It has to look for work once more after this, then sleep for a permit. */
static inline void parking_lie_down(Parking *parking) {
    atomic_fetch_add_explicit(&parking->counts, ONE_ASLEEP - ONE_SEARCHING, memory_order_relaxed);
    fence_full();
}

static inline bool parking_take_permit(Parking *parking) {
    uint32_t permits = atomic_load_explicit(&parking->permits, memory_order_relaxed);
    while (permits > 0) {
        if (atomic_compare_exchange_strong_explicit(&parking->permits, &permits, permits - 1,
                                                    memory_order_relaxed, memory_order_relaxed))
            return true;
    }
    return false;
}

static inline void parking_give_permit(Parking *parking) {
    atomic_fetch_add_explicit(&parking->permits, 1, memory_order_relaxed);
}

#endif
