#include "runtime/failure.h"
#include "runtime/mode.h"
#include "runtime/pool.h"
#include "runtime/trace.h"

/* A loop as its caller made it. Its chunks are numbered; a range of them is an entry of a queue. */
typedef struct Loop {
    Job job;
    int64_t n, grain;
    kc_range_body body; /* one of these */
    kc_chunk_body chunk_body;
    void *context;
    const char *name;
    Failure failure;
    _Alignas(64) _Atomic(int64_t) left; /* chunks that have not been run, as far as was reported */
} Loop;

/* What a thread has of it. It is outside of the function that a failed check comes back to. */
typedef struct Range {
    int64_t begin, end;
    int64_t taken; /* chunks that this thread has run, or will */
    int64_t batch; /* how many it runs in one call of the body */
    int64_t calls;
    int64_t since; /* when the last timed call of the body ended */
} Range;

/* ---- Splitting --------------------------------------------------------------------------------- */

/* The later half goes where others can take it. In tests of schedules any part may go, and either. */
static void range_split(Slot *slot, Loop *loop, Range *range) {
    int64_t size = range->end - range->begin, middle = range->begin + size / 2;
    Entry entry = {
        .job = &loop->job, .end = range->end, .tag = entry_tag(slot->caller, slot->depth)};
    bool give_first = false;
    if (kc_pool.seed != 0) {
        middle = range->begin + 1 + (int64_t)(slot_random(slot) % (uint64_t)(size - 1));
        give_first = slot_random(slot) >> 63 != 0;
    }
    entry.begin = middle;
    if (give_first) {
        entry.begin = range->begin;
        entry.end = middle;
    }
    if (!kc_work_offer(slot, &entry)) return;
    range->taken -= entry.end - entry.begin;
    if (give_first)
        range->begin = middle;
    else
        range->end = middle;
}

/* Whether somebody may be waiting for work: what was offered is gone. */
static bool wants_split(Slot *slot, const Range *range) {
    if (range->end - range->begin < 2) return false;
    if (kc_pool.seed != 0 && slot_random(slot) >> 62 == 0) return true;
    return deque_is_empty(&slot->deque);
}

/* An entry of this loop that nobody has taken. Those of a loop lie on those of the loops around it. */
static bool range_take_back(Slot *slot, Loop *loop, Range *range) {
    Entry entry;
    if (!deque_pop(&slot->deque, 0, &loop->job, &entry)) return false;
    range->begin = entry.begin;
    range->end = entry.end;
    range->taken += entry.end - entry.begin;
    return true;
}

/* ---- Running ----------------------------------------------------------------------------------- */

/* A body of a few instructions is called for many chunks at a time: twice as many as the last time, while
 * that takes little time, since nobody gets work from this thread meanwhile. */
enum { SINGLE_CALLS = 16, SHORT_NS = 1000, LONG_NS = 4000 };

static void adapt_batch(Range *range, int64_t count) {
    int64_t now = clock_rough(), ns = now - range->since;
    if (ns < SHORT_NS && count == range->batch)
        range->batch *= 2;
    else if (ns > LONG_NS && range->batch > 1)
        range->batch /= 2;
    range->since = now;
}

/* The iteration with which a chunk begins; n behind the last. */
static int64_t chunk_begin(const Loop *loop, int64_t chunk) {
    return chunk <= loop->n / loop->grain ? chunk * loop->grain : loop->n;
}

static kc_status run_chunks(const Loop *loop, int64_t first, int64_t count) {
    int64_t begin = first * loop->grain, end = chunk_begin(loop, first + count);
    if (loop->chunk_body != NULL) return loop->chunk_body(loop->context, first, begin, end);
    return loop->body(loop->context, begin, end);
}

static void run_batch(Loop *loop, Range *range) {
    int64_t left = range->end - range->begin, count = left < range->batch ? left : range->batch;
    bool timed = range->calls++ >= SINGLE_CALLS && loop->chunk_body == NULL;
    if (timed && range->since == 0) range->since = clock_rough();
    kc_status status = run_chunks(loop, range->begin, count);
    if (status != KC_OK) kc_failure_raised(&loop->failure, range->begin, status);
    if (timed) adapt_batch(range, count);
    range->begin += count;
}

static void run_range(Slot *slot, Loop *loop, Range *range) {
    TraceMark mark = trace_begin(chunk_begin(loop, range->begin));
    while (range->begin < range->end) {
        if (failure_precedes(&loop->failure, range->begin)) {
            range->begin = range->end;
            break;
        }
        if (wants_split(slot, range)) range_split(slot, loop, range);
        run_batch(loop, range);
        if (kc_pool.seed != 0) kc_work_dither(slot);
    }
    trace_end(slot, loop->name, &mark, chunk_begin(loop, range->end));
}

/* All that it can get of the loop without stealing. */
static void run_ranges(Slot *slot, Loop *loop, Range *range) {
    Frame frame;
    frame_enter(&frame, slot);
    if (setjmp(frame.jump) != 0) {
        kc_failure_panicked(&loop->failure, range->begin, &frame.panic);
        range->begin = range->end;
    }
    do run_range(slot, loop, range);
    while (range_take_back(slot, loop, range));
    frame_leave(&frame);
}

/* For others than the caller. */
static void run_entry(Slot *slot, Job *job, const Entry *entry) {
    Loop *loop = (Loop *)job;
    Range range = {
        .begin = entry->begin, .end = entry->end, .batch = 1, .taken = entry->end - entry->begin};
    run_ranges(slot, loop, &range);
    if (atomic_fetch_sub_explicit(&loop->left, range.taken, memory_order_acq_rel) == range.taken)
        kc_work_finish(&job->done);
}

/* ---- The caller -------------------------------------------------------------------------------- */

static void run_as_caller(Slot *slot, Loop *loop, int64_t chunks) {
    Range range = {.end = chunks, .taken = chunks, .batch = 1};
    slot->depth++;
    run_ranges(slot, loop, &range);
    if (range.taken != chunks &&
        atomic_fetch_sub_explicit(&loop->left, range.taken, memory_order_acq_rel) != range.taken)
        kc_work_join(slot, &loop->job.done, entry_tag(slot->caller, slot->depth));
    slot->depth--;
}

static kc_status run_loop(Slot *slot, Loop *loop) {
    int64_t chunks = loop->n / loop->grain + (loop->n % loop->grain > 0);
    loop->job = (Job){.run = run_entry, .mode = slot->mode};
    atomic_init(&loop->left, chunks);
    failure_init(&loop->failure);
    run_as_caller(slot, loop, chunks);
    kc_slot_leave(slot);
    return kc_outcome_deliver(&loop->failure.outcome);
}

kc_status kc_parallel_for(int64_t n, int64_t grain, kc_range_body body, void *context,
                          const char *name) {
    if (n <= 0) return KC_OK;
    if (grain < 1) grain = 1;
    Slot *slot = n <= grain ? NULL : kc_slot_enter();
    if (slot == NULL) return kc_trace_serial(name, n, body, context);
    Loop loop = {.n = n, .grain = grain, .body = body, .context = context, .name = name};
    return run_loop(slot, &loop);
}

static kc_status run_chunks_serially(const Loop *loop) {
    kc_status status = KC_OK;
    for (int64_t k = 0, begin = 0; begin < loop->n && status == KC_OK; k++) {
        status = run_chunks(loop, k, 1);
        if (loop->n - begin <= loop->grain) break;
        begin += loop->grain;
    }
    return status;
}

kc_status kc_parallel_chunks(int64_t n, int64_t grain, kc_chunk_body body, void *context,
                             const char *name) {
    if (n <= 0) return KC_OK;
    int64_t size = kc_chunk_size(n, grain);
    Loop loop = {.n = n, .grain = size, .chunk_body = body, .context = context, .name = name};
    Slot *slot = n <= size ? NULL : kc_slot_enter();
    if (slot == NULL) return run_chunks_serially(&loop);
    return run_loop(slot, &loop);
}
