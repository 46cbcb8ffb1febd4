#include "bench/scheduling/cases.h"
#include "kc/kcrt.h"

typedef struct Call {
    Body body;
    void *context;
} Call;

static kc_status call_body(void *context, int64_t begin, int64_t end) {
    const Call *call = context;
    call->body(call->context, begin, end);
    return KC_OK;
}

static void run_loop(int64_t n, int64_t grain, int even, Body body, void *context) {
    (void)even;
    Call call = {body, context};
    kc_parallel_for(n, grain, call_body, &call, NULL);
}

static kc_status nothing(void *context) {
    (void)context;
    return KC_OK;
}

/* Storage is the caller's, who uses it again. The others bound what is under way by themselves: libgomp, for
 * one, runs a task at once when 64 for each thread wait. */
static void run_tasks(int64_t count) {
    enum { RING = 256 };
    static kc_task ring[RING];
    for (int64_t i = 0; i < count; i++) {
        kc_task *task = &ring[i % RING];
        if (i >= RING) kc_task_wait(task);
        task->body = nothing;
        task->name = NULL;
        kc_task_spawn(task);
    }
    for (int64_t i = count > RING ? count - RING : 0; i < count; i++) kc_task_wait(&ring[i % RING]);
}

typedef struct Fib {
    int n;
    int64_t result;
} Fib;

static kc_status fib(void *context) {
    Fib *call = context;
    if (call->n < 2) {
        call->result = call->n;
        return KC_OK;
    }
    Fib a = {call->n - 1, 0}, b = {call->n - 2, 0};
    kc_task task;
    task.body = fib;
    task.context = &a;
    task.name = NULL;
    kc_task_spawn(&task);
    fib(&b);
    kc_task_wait(&task);
    call->result = a.result + b.result;
    return KC_OK;
}

static int64_t run_fib(int n) {
    Fib call = {n, 0};
    fib(&call);
    return call.result;
}
