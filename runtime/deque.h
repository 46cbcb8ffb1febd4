/* Inside libkcrt: a queue of work. Its owner adds and takes at the bottom, any thread steals at the top.
 *
 * The algorithm is Chase and Lev's (SPAA 2005) with the memory orders that Lê, Pop, Cohen and Zappa
 * Nardelli proved for C11 ("Correct and efficient work-stealing for weak memory models", PPoPP 2013). The
 * ring has a fixed size: who finds it full runs the work at once. That needs no memory, and resizing is
 * the part of the published code that is known to be wrong.
 *
 * An entry is several words. They are read before the thief knows that it gets it; when it does not, the
 * words may be of different entries, and are not looked at.
 *
 * tests/model compiles this file over atomics of its own, and explores how threads can interleave. */
#ifndef KC_RUNTIME_DEQUE_H
#define KC_RUNTIME_DEQUE_H

#include "runtime/fence.h"

#include <stddef.h>

typedef struct Job Job;

typedef struct Entry {
    Job *job;
    int64_t begin, end;
    uint64_t tag; /* who may run it: see entry_fits */
} Entry;

#ifndef DEQUE_SIZE
#define DEQUE_SIZE 256 /* a power of two */
#endif

typedef struct Cell {
    _Atomic(Job *) job;
    _Atomic(int64_t) begin, end;
    _Atomic(uint64_t) tag;
} Cell;

typedef struct Deque {
    _Alignas(64) _Atomic(int64_t) top;
    _Alignas(64) _Atomic(int64_t) bottom;
    _Alignas(64) Cell cells[DEQUE_SIZE];
} Deque;

/* A tag is the caller from outside under whom the work was made, and how deeply nested it is. A thread
 * that waits for work of some depth runs only what belongs to the same caller and is at least as deep: so
 * no other caller's work delays it, and its stack is as deep as the nesting. LEAST 0 fits everything. */
static inline uint64_t entry_tag(uint32_t caller, uint32_t depth) {
    return (uint64_t)(caller + 1) << 32 | depth;
}

static inline bool entry_fits(uint64_t tag, uint64_t least) {
    return least == 0 || (tag >= least && tag >> 32 == least >> 32);
}

static inline Entry cell_read(const Cell *cell) {
    return (Entry){
        .job = atomic_load_explicit(&cell->job, memory_order_relaxed),
        .begin = atomic_load_explicit(&cell->begin, memory_order_relaxed),
        .end = atomic_load_explicit(&cell->end, memory_order_relaxed),
        .tag = atomic_load_explicit(&cell->tag, memory_order_relaxed),
    };
}

/* The owner. False: it is full. */
static inline bool deque_push(Deque *deque, const Entry *entry) {
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    int64_t top = atomic_load_explicit(&deque->top, memory_order_acquire);
    if (bottom - top >= DEQUE_SIZE) return false;
    Cell *cell = &deque->cells[bottom & (DEQUE_SIZE - 1)];
    atomic_store_explicit(&cell->job, entry->job, memory_order_relaxed);
    atomic_store_explicit(&cell->begin, entry->begin, memory_order_relaxed);
    atomic_store_explicit(&cell->end, entry->end, memory_order_relaxed);
    atomic_store_explicit(&cell->tag, entry->tag, memory_order_relaxed);
    fence_release();
    atomic_store_explicit(&deque->bottom, bottom + 1, AFTER_RELEASE);
    return true;
}

/* The owner: the newest entry, if it fits and is of that job (NULL: of any). */
static inline bool deque_pop(Deque *deque, uint64_t least, const Job *job, Entry *entry) {
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed) - 1;
    if (bottom < atomic_load_explicit(&deque->top, memory_order_relaxed)) return false;
    const Cell *cell = &deque->cells[bottom & (DEQUE_SIZE - 1)];
    if (job != NULL && atomic_load_explicit(&cell->job, memory_order_relaxed) != job) return false;
    if (!entry_fits(atomic_load_explicit(&cell->tag, memory_order_relaxed), least)) return false;
    atomic_store_explicit(&deque->bottom, bottom, AFTER_RELEASE);
    fence_full();
    int64_t top = atomic_load_explicit(&deque->top, memory_order_relaxed);
    bool found = top <= bottom;
    if (found) *entry = cell_read(cell);
    if (top < bottom) return true;
    /* The last one: a thief may be after it. */
    if (found) {
        found = atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1,
                                                        memory_order_seq_cst, memory_order_relaxed);
    }
    atomic_store_explicit(&deque->bottom, bottom + 1, AFTER_RELEASE);
    return found;
}

/* The owner: whether nobody could steal anything. May be wrong for a moment. */
static inline bool deque_is_empty(const Deque *deque) {
    return atomic_load_explicit(&deque->bottom, memory_order_relaxed) <=
           atomic_load_explicit(&deque->top, memory_order_relaxed);
}

/* Anybody, after a fence: whether there is something. */
static inline bool deque_has_work(const Deque *deque) { return !deque_is_empty(deque); }

typedef enum Steal { STEAL_NOTHING, STEAL_LOST, STEAL_GOT } Steal;

/* Anybody: the oldest entry, if it fits. LOST: somebody else was faster, and there may be more. */
static inline Steal deque_steal(Deque *deque, uint64_t least, Entry *entry) {
    int64_t top = atomic_load_explicit(&deque->top, memory_order_acquire);
    Cell *cell = &deque->cells[top & (DEQUE_SIZE - 1)];
    if (deque_is_empty(deque) ||
        !entry_fits(atomic_load_explicit(&cell->tag, memory_order_relaxed), least))
        return STEAL_NOTHING; /* not worth a fence */
    fence_full();
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_acquire);
    if (top >= bottom) return STEAL_NOTHING;
    *entry = cell_read(cell);
    if (!entry_fits(entry->tag, least)) return STEAL_NOTHING;
    return atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1, memory_order_seq_cst,
                                                   memory_order_relaxed)
               ? STEAL_GOT
               : STEAL_LOST;
}

#endif
