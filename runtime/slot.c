#include "runtime/mode.h"
#include "runtime/pool.h"
#include "runtime/scratch.h"

_Thread_local Thread kc_thread;

/* Which slots threads of the host have taken. They are here and not in the slots, since slots end with the
 * pool: taking one comes first, then a look whether there is a pool. */
static struct { _Alignas(64) _Atomic(uint32_t) taken; } guests[GUESTS];

static void count_slots(uint32_t least) {
    uint32_t count = atomic_load_explicit(&kc_pool.slot_count, memory_order_relaxed);
    while (count < least && !atomic_compare_exchange_weak(&kc_pool.slot_count, &count, least)) {}
}

static bool take(uint32_t guest) {
    return atomic_load_explicit(&guests[guest].taken, memory_order_relaxed) == 0 &&
           atomic_exchange(&guests[guest].taken, 1) == 0;
}

static Slot *slot_of_guest(uint32_t guest) {
    Slot *slot = &kc_pool.slots[kc_pool.worker_count + guest];
    count_slots(slot->index + 1);
    slot->caller = slot->index;
    slot->depth = 0;
    slot->uses = 1;
    slot->mode = mode_get();
    if (kc_pool.node_count > 1) slot->node = kc_cpu_node();
    kc_thread.slot = slot;
    kc_thread.guest = guest;
    return slot;
}

static Slot *enter_as_guest(void) {
    for (uint32_t i = 0; i < GUESTS; i++) {
        uint32_t guest = (kc_thread.guest + i) % GUESTS;
        if (atomic_load_explicit(&kc_pool.state, memory_order_acquire) != POOL_RUNNING &&
            !kc_pool_start())
            return NULL;
        if (!take(guest)) continue;
        if (atomic_load(&kc_pool.state) == POOL_RUNNING) return slot_of_guest(guest);
        atomic_store(&guests[guest].taken, 0); /* it was just shut down */
    }
    return NULL;
}

Slot *kc_slot_enter(void) {
    Slot *slot = kc_thread.slot;
    if (slot == NULL) return enter_as_guest();
    slot->uses++;
    return slot;
}

void kc_slot_leave(Slot *slot) {
    if (--slot->uses > 0) return;
    kc_scratch_return_to(slot, NULL);
    kc_thread.slot = NULL;
    atomic_store_explicit(&guests[kc_thread.guest].taken, 0, memory_order_release);
}

bool kc_slot_any_guest(void) {
    for (uint32_t i = 0; i < GUESTS; i++)
        if (atomic_load(&guests[i].taken) != 0) return true;
    return false;
}

void kc_slot_forget_guests(void) {
    for (uint32_t i = 0; i < GUESTS; i++) atomic_store(&guests[i].taken, 0);
    kc_thread = (Thread){0};
}
