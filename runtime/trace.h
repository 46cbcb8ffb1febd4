/* Inside libkcrt: telling the host's hook what was run when. Without a hook it costs one load. */
#ifndef KC_RUNTIME_TRACE_H
#define KC_RUNTIME_TRACE_H

#include "runtime/pool.h"

typedef struct TraceMark {
    int64_t start_ns; /* 0: nobody wants to know */
    int64_t begin;
} TraceMark;

extern KC_HIDDEN _Atomic(kc_trace_hook) kc_trace_current;

KC_HIDDEN void kc_trace_report(const Slot *slot, const char *name, const TraceMark *mark,
                               int64_t end);
/* The body over all iterations, as one piece. */
KC_HIDDEN kc_status kc_trace_serial(const char *name, int64_t n, kc_range_body body, void *context);

static inline bool trace_wanted(void) {
    return atomic_load_explicit(&kc_trace_current, memory_order_acquire) != NULL;
}

static inline TraceMark trace_begin(int64_t begin) {
    return (TraceMark){trace_wanted() ? kc_clock() : 0, begin};
}

static inline void trace_end(const Slot *slot, const char *name, const TraceMark *mark,
                             int64_t end) {
    if (mark->start_ns != 0) kc_trace_report(slot, name, mark, end);
}

#endif
