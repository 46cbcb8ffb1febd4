/* Tasks that are spawned and waited for, graphs of tasks, and traces. */
#include "tests/unit/pool_helpers.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

/* ---- Spawn and wait ---------------------------------------------------------------------------- */

typedef struct Fib {
    int n;
    int64_t result;
} Fib;

static kc_status fib(void *context) {
    Fib *call = context;
    call->result = call->n;
    if (call->n < 2) return KC_OK;
    Fib a = {call->n - 1, 0}, b = {call->n - 2, 0};
    kc_task task = {.body = fib, .context = &a};
    kc_task_spawn(&task);
    fib(&b);
    kc_status status = kc_task_wait(&task);
    call->result = a.result + b.result;
    return status;
}

static void tasks_give_their_results(void **state) {
    (void)state;
    for (int32_t threads = 1; threads <= 5; threads += 2) {
        for (uint64_t seed = 0; seed < 2; seed++) {
            use_threads(threads, seed);
            Fib call = {seed == 0 ? 20 : 11, 0};
            assert_int_equal(fib(&call), KC_OK);
            assert_int_equal(call.result, seed == 0 ? 6765 : 89);
        }
    }
}

static kc_status add_one(void *context) {
    atomic_fetch_add((atomic_int *)context, 1);
    return KC_OK;
}

/* More than a queue holds, waited for in several orders. */
static void tasks_are_waited_for_in_any_order(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    static kc_task tasks[COUNT];
    for (int stride = 1; stride < 5; stride++) { /* prime to 5, so each is waited for once */
        use_threads(3, (uint64_t)(stride % 2));
        atomic_int total = 0;
        for (int i = 0; i < COUNT; i++) {
            tasks[i] = (kc_task){.body = add_one, .context = &total};
            kc_task_spawn(&tasks[i]);
        }
        for (int i = 0; i < COUNT; i++) kc_task_wait(&tasks[i * stride % 5 + i - i % 5]);
        assert_int_equal(total, COUNT);
    }
}

static kc_status fail_by_context(void *context) {
    int number = *(const int *)context;
    if (number >= 1000) fail_check(number);
    kc_error_set("a task failed", "task.k", number);
    return number;
}

static void each_task_has_its_failure(void **state) {
    (void)state;
    for (int32_t threads = 1; threads <= 3; threads++) {
        use_threads(threads, 0);
        int numbers[] = {3, 4};
        kc_task tasks[] = {{.body = fail_by_context, .context = &numbers[0]},
                           {.body = fail_by_context, .context = &numbers[1]}};
        for (int i = 0; i < 2; i++) kc_task_spawn(&tasks[i]);
        assert_int_equal(kc_task_wait(&tasks[1]), 4);
        assert_string_equal(kc_error_message(), "task.k:4: a task failed");
        assert_int_equal(kc_task_wait(&tasks[0]), 3);
        assert_string_equal(kc_error_message(), "task.k:3: a task failed");
    }
}

static void forgotten_tasks_leave_the_error_alone(void **state) {
    (void)state;
    for (int32_t threads = 1; threads <= 3; threads++) {
        use_threads(threads, 0);
        int number = 3;
        kc_task task = {.body = fail_by_context, .context = &number};
        kc_task_spawn(&task);
        kc_error_set("the first", "task.k", 1);
        kc_task_join(&task);
        assert_string_equal(kc_error_message(), "task.k:1: the first");
    }
}

static void wait_for_failed_check(void) {
    static int number = 1234;
    static kc_task task;
    task = (kc_task){.body = fail_by_context, .context = &number};
    expect_panics();
    if (setjmp(caught.escape) == 0) {
        kc_task_spawn(&task);
        usleep(1000);
        assert_int_equal(caught.count, 0);
        kc_task_wait(&task);
        fail();
    }
    assert_panicked_once();
}

static void a_failed_check_comes_at_the_wait(void **state) {
    (void)state;
    for (int32_t threads = 1; threads <= 3; threads++) {
        use_threads(threads, 0);
        wait_for_failed_check();
    }
}

static atomic_int slow_ends;

static kc_status end_slowly(void *context) {
    (void)context;
    usleep(2000);
    atomic_fetch_add(&slow_ends, 1);
    return KC_OK;
}

/* Its task lies in the stack that the failed check leaves. */
static kc_status spawn_and_fail(void *context, int64_t begin, int64_t end) {
    (void)context;
    for (int64_t i = begin; i < end; i++) {
        kc_task task = {.body = end_slowly};
        kc_task_spawn(&task);
        kc_scratch scratch;
        kc_scratch_open(&scratch);
        if (i == 3) fail_check(i);
        kc_scratch_close(&scratch);
        kc_task_wait(&task);
    }
    return KC_OK;
}

static void failed_checks_wait_for_spawned_tasks(void **state) {
    (void)state;
    use_threads(3, 0);
    expect_panics();
    slow_ends = 0;
    if (setjmp(caught.escape) == 0) {
        kc_parallel_for(4, 1, spawn_and_fail, NULL, NULL);
        fail();
    }
    assert_int_equal(slow_ends, 4);
    kc_panic_set_handler(NULL);
    assert_int_equal(kc_pool_shutdown(), KC_OK); /* nothing is in use any more */
}

/* ---- Graphs ------------------------------------------------------------------------------------ */

enum { NODES = 60, EDGES = 400 };

/* A random graph, whose nodes note in which order they ran. */
typedef struct Plan {
    kc_graph graph;
    kc_node nodes[NODES];
    int32_t successors[EDGES];
    atomic_int clock;
    int ran_at[NODES];
    int failing; /* from this node on every third fails; NODES: none */
} Plan;

static kc_status plan_step(Plan *plan, int node) {
    plan->ran_at[node] = atomic_fetch_add(&plan->clock, 1) + 1;
    if (node < plan->failing || (node - plan->failing) % 3 != 0) return KC_OK;
    kc_error_set("a node failed", "graph.k", node);
    return 10 + node;
}

/* A function for each node, as compiled code has it. */
#define NODE_FUNCTION(n)                                                                           \
    static kc_status node_##n(void *plan) { return plan_step(plan, n); }
#define TEN(M, t) M(t##0) M(t##1) M(t##2) M(t##3) M(t##4) M(t##5) M(t##6) M(t##7) M(t##8) M(t##9)
#define NODES_OF(M) TEN(M, ) TEN(M, 1) TEN(M, 2) TEN(M, 3) TEN(M, 4) TEN(M, 5)
NODES_OF(NODE_FUNCTION)
#define NODE_NAME(n) node_##n,
static kc_status (*const node_functions[])(void *) = {NODES_OF(NODE_NAME)};

static void plan_make(Plan *plan, uint64_t seed) {
    int32_t edges = 0;
    *plan = (Plan){.failing = NODES};
    plan->graph = (kc_graph){NODES, plan->nodes, plan->successors};
    for (int32_t i = 0; i < NODES; i++) {
        kc_node *node = &plan->nodes[i];
        node->body = node_functions[i];
        node->first_successor = edges;
        for (int32_t j = i + 1; j < NODES && edges < EDGES; j++) {
            if (random_next(&seed) % 8 != 0) continue;
            plan->successors[edges++] = j;
            plan->nodes[j].predecessors++;
            node->successor_count++;
        }
    }
}

static void plan_check_order(const Plan *plan) {
    for (int32_t i = 0; i < NODES; i++) {
        const kc_node *node = &plan->nodes[i];
        for (int32_t k = 0; k < node->successor_count; k++) {
            int32_t next = plan->successors[node->first_successor + k];
            if (plan->ran_at[next] != 0) assert_true(plan->ran_at[i] < plan->ran_at[next]);
        }
    }
}

/* Another graph and number of threads each time; every third time a random schedule. */
static void round_prepare(Plan *plan, int32_t round) {
    use_threads(1 + round % 4, (uint64_t)(round % 3 == 0 ? round : 0));
    plan_make(plan, (uint64_t)round + 1);
}

static void graphs_run_in_order(void **state) {
    (void)state;
    static Plan plan;
    int32_t storage[NODES];
    for (int32_t round = 0; round < 60; round++) {
        round_prepare(&plan, round);
        assert_int_equal(kc_graph_run(&plan.graph, &plan, storage), KC_OK);
        assert_int_equal(plan.clock, NODES);
        plan_check_order(&plan);
    }
}

static void the_first_failing_node_counts(void **state) {
    (void)state;
    static Plan plan;
    int32_t storage[NODES];
    for (int32_t round = 0; round < 60; round++) {
        round_prepare(&plan, round);
        plan.failing = round % NODES;
        assert_int_equal(kc_graph_run(&plan.graph, &plan, storage), 10 + round % NODES);
        char text[64];
        snprintf(text, sizeof text, "graph.k:%d: a node failed", round % NODES);
        assert_string_equal(kc_error_message(), text);
        plan_check_order(&plan);
        for (int32_t i = 0; i < plan.failing; i++) assert_int_not_equal(plan.ran_at[i], 0);
    }
}

static kc_status node_that_fails(void *context) {
    (void)context;
    fail_check(8);
    return KC_OK;
}

static void run_panicking_graph(const Plan *plan) {
    int32_t storage[NODES];
    expect_panics();
    if (setjmp(caught.escape) == 0) {
        kc_graph_run(&plan->graph, (void *)plan, storage);
        fail();
    }
    assert_panicked_once();
}

static void failed_checks_of_nodes_reach_the_caller(void **state) {
    (void)state;
    static Plan plan;
    for (int32_t threads = 1; threads < 4; threads++) {
        use_threads(threads, 0);
        plan_make(&plan, 4);
        plan.nodes[30].body = node_that_fails;
        run_panicking_graph(&plan);
    }
}

/* ---- Traces ------------------------------------------------------------------------------------ */

static kc_status sleep_a_little(void *context, int64_t begin, int64_t end) {
    (void)context, (void)begin, (void)end;
    usleep(300);
    return KC_OK;
}

typedef struct Meeting {
    pthread_t caller;
    _Atomic(bool) met;
} Meeting;

/* The first iteration ends when another thread has run one: so both have something to tell. */
static kc_status meet_another(void *context, int64_t begin, int64_t end) {
    (void)end;
    Meeting *meeting = context;
    if (!pthread_equal(pthread_self(), meeting->caller)) meeting->met = true;
    while (begin == 0 && !meeting->met) sched_yield();
    return KC_OK;
}

static void traces_tell_what_ran(void **state) {
    (void)state;
    char path[] = "/tmp/kc_trace_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    use_threads(2, 0);
    assert_int_equal(kc_trace_start(100), KC_OK);
    Meeting meeting = {pthread_self(), false};
    kc_parallel_for(20, 1, meet_another, &meeting, "a \"loop\"");
    kc_parallel_for(1, 1, sleep_a_little, NULL, NULL);
    assert_int_equal(kc_trace_write(path), KC_OK);
    static char text[20000];
    ssize_t length = read(file, text, sizeof text - 1);
    assert_true(length > 0);
    close(file);
    unlink(path);
    assert_non_null(strstr(text, "{\"traceEvents\": [\n{\"ph\": \"X\""));
    assert_non_null(strstr(text, "\"name\": \"a \\\"loop\\\"\", \"tid\": 0"));
    assert_non_null(strstr(text, "\"name\": \"a \\\"loop\\\"\", \"tid\": 1"));
    assert_non_null(strstr(text, "\"name\": \"loop\""));
    int64_t total = 0, begin, end;
    for (const char *at = text; (at = strstr(at, "\"args\"")) != NULL; at++) {
        assert_int_equal(sscanf(at, "\"args\": {\"begin\": %ld, \"end\": %ld", &begin, &end), 2);
        total += end - begin;
    }
    assert_int_equal(total, 21);
    assert_int_equal(kc_trace_write(path), KC_RAISED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_give_their_results),
        cmocka_unit_test(tasks_are_waited_for_in_any_order),
        cmocka_unit_test(each_task_has_its_failure),
        cmocka_unit_test(forgotten_tasks_leave_the_error_alone),
        cmocka_unit_test(a_failed_check_comes_at_the_wait),
        cmocka_unit_test(failed_checks_wait_for_spawned_tasks),
        cmocka_unit_test(graphs_run_in_order),
        cmocka_unit_test(the_first_failing_node_counts),
        cmocka_unit_test(failed_checks_of_nodes_reach_the_caller),
        cmocka_unit_test(traces_tell_what_ran),
    };
    return cmocka_run_group_tests_name("pool_tasks", tests, start_watchdog, end_pool);
}
