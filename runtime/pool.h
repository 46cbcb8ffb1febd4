/* Inside libkcrt: the threads that run loops and tasks, and the places where they keep their work.
 *
 * A slot is a queue of work with what belongs to the thread that uses it now. Workers have one each; a
 * thread of the host borrows one while it is in a loop or has tasks out, so that threads may come and
 * go. All slots live from the start of the pool to its end. A job is what entries of queues refer to: a
 * loop, a task or a graph, in the memory of its caller. */
#ifndef KC_RUNTIME_POOL_H
#define KC_RUNTIME_POOL_H

#include "runtime/cpus.h"
#include "runtime/deque.h"
#include "runtime/hidden.h"
#include "runtime/parking.h"

#include "kc/kcrt.h"

#include <setjmp.h>

typedef struct Slot Slot;

/* Where a failed check goes: back to the piece of work that it ends. */
typedef struct Frame Frame;
struct Frame {
    jmp_buf jump;
    kc_panic_info panic;
    Frame *outer;
    kc_task *spawned; /* tasks that were out when the piece began */
    const struct Header *scratch;
    int32_t uses;     /* of the slot */
};

struct Slot {
    Deque deque;
    uint64_t random;
    uint32_t index;   /* workers first, then the host's threads */
    uint32_t caller;  /* index of the slot that the present work belongs to */
    uint32_t depth;   /* of the present work */
    uint32_t mode;    /* of floating-point arithmetic: mode.h */
    uint32_t node;    /* of memory */
    int32_t uses;     /* loops and tasks for which a host's thread keeps the slot */
    kc_task *spawned; /* those that the present thread waits for some time, the newest first */
    kc_arena *scratch;
    struct Header *scratch_top; /* the last piece of memory or opening there (scratch.c) */
    _Atomic(uint32_t) active; /* a host's executor runs it */
};

/* What a thread is doing for us. */
typedef struct Thread {
    Slot *slot;     /* NULL: nothing */
    Frame *frame;   /* NULL: a failed check is the host's */
    uint32_t guest; /* which slot it had last */
} Thread;
extern KC_HIDDEN _Thread_local Thread kc_thread;

/* `done` is a futex: PENDING, or FINISHED, or AWAITED by somebody who sleeps. */
enum { PENDING, FINISHED, AWAITED };
struct Job {
    void (*run)(Slot *slot, Job *job, const Entry *entry);
    uint32_t mode;
    _Atomic(uint32_t) done;
};

enum { MAX_WORKERS = 1024, GUESTS = 64 };
enum { POOL_STOPPED, POOL_RUNNING, POOL_SERIAL };

typedef struct Pool {
    _Atomic(uint32_t) state;
    _Atomic(uint32_t) stopping;
    Parking parking;
    Slot *slots;
    uint32_t worker_count, node_count;
    _Atomic(uint32_t) slot_count; /* workers, and slots that the host's threads ever used */
    int64_t spin_ns;
    uint64_t seed;              /* not 0: random schedules */
    _Atomic(uint32_t) sessions; /* calls that the host's executor has not ended */
} Pool;
extern KC_HIDDEN Pool kc_pool;

/* ---- Slots (slot.c) */

/* The slot of the calling thread, for a loop or task; NULL: do it serially. Each call needs a leave. */
KC_HIDDEN Slot *kc_slot_enter(void);
KC_HIDDEN void kc_slot_leave(Slot *slot);
/* Whether a thread of the host has a slot. */
KC_HIDDEN bool kc_slot_any_guest(void);
KC_HIDDEN void kc_slot_forget_guests(void);

/* ---- The pool (pool.c) */

/* Starts it if need be; false: it is to run serially. */
KC_HIDDEN bool kc_pool_start(void);

/* ---- Work (work.c) */

/* Offers the entry to others; false: no room. */
KC_HIDDEN bool kc_work_offer(Slot *slot, const Entry *entry);
/* Helps until the word is FINISHED, with work that fits `least`. */
KC_HIDDEN void kc_work_join(Slot *slot, _Atomic(uint32_t) *done, uint64_t least);
KC_HIDDEN void kc_work_finish(_Atomic(uint32_t) *done);
/* The life of a worker: of our own, and of a call by the host's executor. */
KC_HIDDEN void *kc_work_thread(void *slot);
KC_HIDDEN void kc_work_session(void *slot);
/* In tests of schedules: a pause now and then. */
KC_HIDDEN void kc_work_dither(Slot *slot);

static inline uint64_t slot_random(Slot *slot) { /* xorshift64 */
    slot->random ^= slot->random << 13;
    slot->random ^= slot->random >> 7;
    slot->random ^= slot->random << 17;
    return slot->random;
}

/* Around a piece of work. The caller of setjmp goes on with what is to follow a failed check. */
static inline void frame_enter(Frame *frame, Slot *slot) {
    frame->outer = kc_thread.frame;
    frame->spawned = slot->spawned;
    frame->scratch = slot->scratch_top;
    frame->uses = slot->uses;
    kc_thread.frame = frame;
}

static inline void frame_leave(const Frame *frame) { kc_thread.frame = frame->outer; }

/* ---- Tasks (task.c) */

/* Waits for tasks that are out, down to `last`. */
KC_HIDDEN void kc_task_join_all(Slot *slot, const kc_task *last);

/* ---- The host (host.c) */

extern KC_HIDDEN kc_host kc_host_current;
/* malloc, calloc and free, or the host's. */
KC_HIDDEN void *kc_memory_get(size_t size, bool zeroed);
KC_HIDDEN void kc_memory_give_back(void *memory);
/* Aligned to 64 bytes and zeroed; not counted among the kernels' memory. */
KC_HIDDEN void *kc_host_alloc(int64_t size);
KC_HIDDEN void kc_host_free(void *memory);

#endif
