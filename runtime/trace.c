#include "runtime/trace.h"

#include <inttypes.h>
#include <stdio.h>

_Atomic(kc_trace_hook) kc_trace_current;

/* What belongs to the hook, and the events that kc_trace_start keeps: as many as there is room for. */
static struct {
    void *user;
    kc_trace_event *events;
    int64_t capacity;
    _Atomic(int64_t) count;
} trace;

void kc_trace_set_hook(kc_trace_hook hook, void *user) {
    trace.user = user;
    atomic_store_explicit(&kc_trace_current, hook, memory_order_release);
}

void kc_trace_report(const Slot *slot, const char *name, const TraceMark *mark, int64_t end) {
    kc_trace_hook hook = atomic_load_explicit(&kc_trace_current, memory_order_acquire);
    if (hook == NULL) return;
    kc_trace_event event = {
        .name = name != NULL ? name : "loop",
        .worker = slot != NULL ? (int32_t)slot->index : (int32_t)kc_pool.worker_count,
        .begin = mark->begin,
        .end = end,
        .start_ns = mark->start_ns,
        .end_ns = kc_clock(),
    };
    hook(trace.user, &event);
}

kc_status kc_trace_serial(const char *name, int64_t n, kc_range_body body, void *context) {
    TraceMark mark = trace_begin(0);
    kc_status status = body(context, 0, n);
    trace_end(kc_thread.slot, name, &mark, n);
    return status;
}

/* ---- A recorder -------------------------------------------------------------------------------- */

static void keep(void *user, const kc_trace_event *event) {
    (void)user;
    int64_t place = atomic_fetch_add_explicit(&trace.count, 1, memory_order_relaxed);
    if (place < trace.capacity) trace.events[place] = *event;
}

static kc_status refuse(const char *why) {
    kc_error_set(why, NULL, 0);
    return KC_RAISED;
}

kc_status kc_trace_start(int64_t capacity) {
    if (capacity < 1 || capacity > KC_MEMORY_MAX / (int64_t)sizeof *trace.events)
        return refuse("a trace needs room for one event at least");
    kc_trace_event *events = kc_host_alloc(capacity * (int64_t)sizeof *events);
    if (events == NULL) return refuse("no memory for a trace");
    kc_host_free(trace.events);
    trace.events = events;
    trace.capacity = capacity;
    atomic_store(&trace.count, 0);
    kc_trace_set_hook(keep, NULL);
    return KC_OK;
}

static void write_text(FILE *file, const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < 0x20)
            fprintf(file, "\\u%04x", c);
        else
            fputc(c, file);
    }
}

/* Chrome counts in microseconds. */
static void write_event(FILE *file, const kc_trace_event *event) {
    fputs("{\"ph\": \"X\", \"pid\": 1, \"name\": \"", file);
    write_text(file, event->name);
    int64_t ns = event->end_ns - event->start_ns;
    fprintf(file,
            "\", \"tid\": %" PRId32 ", \"ts\": %" PRId64 ".%03" PRId64 ", \"dur\": %" PRId64
            ".%03" PRId64 ", \"args\": {\"begin\": %" PRId64 ", \"end\": %" PRId64 "}}",
            event->worker, event->start_ns / 1000, event->start_ns % 1000, ns / 1000, ns % 1000,
            event->begin, event->end);
}

kc_status kc_trace_write(const char *path) {
    kc_trace_set_hook(NULL, NULL);
    if (trace.events == NULL) return refuse("no trace was started");
    FILE *file = fopen(path, "we");
    if (file == NULL) return refuse("the file of the trace cannot be written");
    int64_t count = atomic_load(&trace.count);
    if (count > trace.capacity) count = trace.capacity;
    fputs("{\"traceEvents\": [\n", file);
    for (int64_t i = 0; i < count; i++) {
        if (i > 0) fputs(",\n", file);
        write_event(file, &trace.events[i]);
    }
    fputs("\n]}\n", file);
    int failed = ferror(file);
    failed |= fclose(file);
    kc_host_free(trace.events);
    trace.events = NULL;
    return failed ? refuse("the file of the trace cannot be written") : KC_OK;
}
