#include "runtime/failure.h"
#include "runtime/pool.h"
#include "runtime/trace.h"

/* What a kc_task keeps in `own`. Tasks that a thread has out are a list, for failed checks: see
 * kc_task_panic. A task without a function in its job has not begun, and runs when it is waited for. */
typedef struct __attribute__((may_alias)) TaskState {
    Job job;
    uint64_t tag;
    kc_task *older, *newer; /* than this one */
    Outcome outcome;
} TaskState;

_Static_assert(sizeof(TaskState) <= sizeof(((kc_task *)0)->own), "kc_task has room for it");

static TaskState *state_of(kc_task *task) { return (TaskState *)(void *)task->own; }

/* ---- Running ----------------------------------------------------------------------------------- */

static void run_body(Slot *slot, kc_task *task) {
    TaskState *state = state_of(task);
    TraceMark mark = trace_begin(0);
    Frame frame;
    frame_enter(&frame, slot);
    if (setjmp(frame.jump) == 0) {
        kc_status status = task->body(task->context);
        state->outcome.status = status;
        if (status != KC_OK) outcome_raised(&state->outcome, status);
    } else {
        outcome_panicked(&state->outcome, &frame.panic);
    }
    frame_leave(&frame);
    trace_end(slot, task->name != NULL ? task->name : "task", &mark, 1);
}

static void run_entry(Slot *slot, Job *job, const Entry *entry) {
    run_body(slot, (kc_task *)(intptr_t)entry->begin);
    kc_work_finish(&job->done);
}

/* On the thread that spawned it. */
static void run_here(Slot *slot, kc_task *task) {
    slot->depth++;
    run_body(slot, task);
    slot->depth--;
}

/* ---- Spawning and waiting ---------------------------------------------------------------------- */

static void list_add(Slot *slot, kc_task *task, TaskState *state) {
    state->newer = NULL;
    state->older = slot->spawned;
    if (slot->spawned != NULL) state_of(slot->spawned)->newer = task;
    slot->spawned = task;
}

static void list_remove(Slot *slot, TaskState *state) {
    if (state->older != NULL) state_of(state->older)->newer = state->newer;
    if (state->newer != NULL)
        state_of(state->newer)->older = state->older;
    else
        slot->spawned = state->older;
}

void kc_task_spawn(kc_task *task) {
    TaskState *state = state_of(task);
    Slot *slot = kc_slot_enter();
    state->job.run = NULL;
    if (slot == NULL) return;
    state->job.run = run_entry;
    state->job.mode = slot->mode;
    atomic_init(&state->job.done, PENDING);
    state->tag = entry_tag(slot->caller, slot->depth + 1);
    state->outcome.panicked = false;
    list_add(slot, task, state);
    Entry entry = {&state->job, (int64_t)(intptr_t)task, 0, state->tag};
    if (kc_work_offer(slot, &entry)) return;
    run_here(slot, task);
    atomic_store_explicit(&state->job.done, FINISHED, memory_order_relaxed);
}

/* After this nothing of the pool looks at it. */
static void finish(kc_task *task, TaskState *state) {
    Slot *slot = kc_thread.slot;
    Entry entry;
    if (atomic_load_explicit(&state->job.done, memory_order_acquire) != FINISHED) {
        if (deque_pop(&slot->deque, 0, &state->job, &entry))
            run_here(slot, task);
        else
            kc_work_join(slot, &state->job.done, state->tag);
    }
    list_remove(slot, state);
    kc_slot_leave(slot);
}

kc_status kc_task_wait(kc_task *task) {
    TaskState *state = state_of(task);
    if (state->job.run == NULL) return task->body(task->context);
    finish(task, state);
    return state->outcome.status == KC_OK ? KC_OK : kc_outcome_deliver(&state->outcome);
}

/* The body may run on this thread, which has an error already. */
void kc_task_join(kc_task *task) {
    TaskState *state = state_of(task);
    ErrorRecord error = kc_error_get();
    if (state->job.run == NULL)
        task->body(task->context);
    else
        finish(task, state);
    kc_error_set(error.text, error.file, error.line);
}

void kc_task_join_all(Slot *slot, const kc_task *last) {
    while (slot->spawned != last) kc_task_join(slot->spawned);
}
