/* Inside libkcrt: what went wrong in a piece of work, on its way from the thread that ran it to the one that
 * waits for it. Of several failures the first in the program's order counts. */
#ifndef KC_RUNTIME_FAILURE_H
#define KC_RUNTIME_FAILURE_H

#include "runtime/hidden.h"

#include "kc/kcrt.h"

#include <stdatomic.h>
#include <stdbool.h>

/* An error as kc_error_set was given it. */
typedef struct ErrorRecord {
    const char *text, *file;
    int32_t line;
} ErrorRecord;
KC_HIDDEN ErrorRecord kc_error_get(void);

/* One failure: a status with this thread's error, or a failed check. */
typedef struct Outcome {
    kc_status status; /* 0: it went well */
    bool panicked;
    union {
        ErrorRecord error;
        kc_panic_info panic;
    } why;
} Outcome;

static inline void outcome_raised(Outcome *outcome, kc_status status) {
    outcome->status = status;
    outcome->panicked = false;
    outcome->why.error = kc_error_get();
}

static inline void outcome_panicked(Outcome *outcome, const kc_panic_info *info) {
    outcome->status = KC_RAISED;
    outcome->panicked = true;
    outcome->why.panic = *info;
}

/* Makes it the calling thread's: its error, or a call of kc_panic. */
KC_HIDDEN kc_status kc_outcome_deliver(const Outcome *outcome);

typedef struct Failure {
    _Atomic(int64_t) first; /* where it happened; INT64_MAX: nowhere */
    atomic_flag lock;
    Outcome outcome;
} Failure;

static inline void failure_init(Failure *failure) {
    atomic_init(&failure->first, INT64_MAX);
    atomic_flag_clear(&failure->lock);
    failure->outcome.status = KC_OK;
    failure->outcome.panicked = false;
}

/* Whether work at `place` is pointless by now. */
static inline bool failure_precedes(Failure *failure, int64_t place) {
    return place > atomic_load_explicit(&failure->first, memory_order_relaxed);
}

KC_HIDDEN void kc_failure_raised(Failure *failure, int64_t place, kc_status status);
KC_HIDDEN void kc_failure_panicked(Failure *failure, int64_t place, const kc_panic_info *info);

#endif
