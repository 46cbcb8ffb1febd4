#include "runtime/failure.h"

#include "runtime/scratch.h"

kc_status kc_outcome_deliver(const Outcome *outcome) {
    if (outcome->panicked) kc_panic(&outcome->why.panic);
    if (outcome->status != KC_OK) {
        const ErrorRecord *error = &outcome->why.error;
        kc_error_set(error->text, error->file, error->line);
    }
    return outcome->status;
}

static void failure_keep(Failure *failure, int64_t place, const Outcome *outcome) {
    while (atomic_flag_test_and_set_explicit(&failure->lock, memory_order_acquire)) cpu_pause();
    if (place < atomic_load_explicit(&failure->first, memory_order_relaxed)) {
        atomic_store_explicit(&failure->first, place, memory_order_relaxed);
        failure->outcome = *outcome;
    }
    atomic_flag_clear_explicit(&failure->lock, memory_order_release);
}

void kc_failure_raised(Failure *failure, int64_t place, kc_status status) {
    Outcome outcome;
    outcome_raised(&outcome, status);
    failure_keep(failure, place, &outcome);
}

void kc_failure_panicked(Failure *failure, int64_t place, const kc_panic_info *info) {
    Outcome outcome;
    outcome_panicked(&outcome, info);
    failure_keep(failure, place, &outcome);
}

/* The tasks that the failed piece has out keep their storage in its stack: they end before it does. What it
 * has not given back of its slot is given back here. */
void kc_task_panic(const kc_panic_info *info) {
    Slot *slot = kc_thread.slot;
    Frame *frame = kc_thread.frame;
    if (slot == NULL) return;
    kc_panic_info copy = *info;
    kc_task_join_all(slot, frame != NULL ? frame->spawned : NULL);
    if (frame == NULL) {
        if (kc_thread.slot != NULL) {
            slot->uses = 1;
            kc_slot_leave(slot);
        }
        return;
    }
    kc_scratch_return_to(slot, frame->scratch);
    slot->uses = frame->uses;
    frame->panic = copy;
    longjmp(frame->jump, 1);
}
