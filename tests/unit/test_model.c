/* Every interleaving, up to a bound, of the queue of work and of the protocol of sleeping and waking; and that
 * the search finds what is wrong when one memory order or fence is weakened, or a step left out. */
#include "tests/model/engine.h"
#include "tests/unit/unit.h"

#include <sys/resource.h>

struct Job {
    uint64_t payload;
};

#define DEQUE_SIZE 2
#include "runtime/deque.h"
#include "runtime/parking.h"

/* ---- The queue --------------------------------------------------------------------------------- */

enum { JOBS = 4 };

static Deque deque;
static Parking parking;
static Job jobs[JOBS];
static int taken[JOBS];

static void begin(void) {
    memset(&deque, 0, sizeof deque);
    memset(&parking, 0, sizeof parking);
    memset(jobs, 0, sizeof jobs);
    memset(taken, 0, sizeof taken);
}

static void take(const Entry *entry) {
    int64_t number = entry->job - jobs;
    model_expect(entry->begin == number && entry->end == number + 10 &&
                     entry->tag == (uint64_t)number + 20,
                 "an entry is made of several");
    model_expect(model_read_plain(&entry->job->payload) == (uint64_t)number + 30,
                 "the job is not as it was offered");
    model_expect(++taken[number] == 1, "an entry is taken twice");
}

static bool push(int number) {
    Job *job = &jobs[number];
    model_write_plain(&job->payload, (uint64_t)number + 30);
    Entry entry = {job, number, number + 10, (uint64_t)number + 20};
    return deque_push(&deque, &entry);
}

static void push_or_take(int number) {
    if (!push(number)) taken[number]++;
}

static void pop(void) {
    Entry entry;
    if (deque_pop(&deque, 0, NULL, &entry)) take(&entry);
}

static void steal(int thread) {
    (void)thread;
    Entry entry;
    if (deque_steal(&deque, 0, &entry) == STEAL_GOT) take(&entry);
}

static void steal_twice(int thread) {
    steal(thread);
    steal(thread);
}

static void push_pop(int thread) {
    (void)thread;
    push_or_take(0);
    push_or_take(1);
    pop();
    pop();
}

/* The third finds the ring full, or a cell that was used before. */
static void push_around(int thread) {
    (void)thread;
    push_or_take(0);
    push_or_take(1);
    push_or_take(2);
    pop();
    push_or_take(3);
    pop();
}

static void push_pop_push(int thread) {
    (void)thread;
    push_or_take(0);
    pop();
    push_or_take(1);
    push_or_take(2);
    pop();
}

/* Nothing is lost: what was pushed was taken, or is still there. */
static void end_of_queue(void) {
    int64_t left = (int64_t)model_last(&deque.bottom, 8) - (int64_t)model_last(&deque.top, 8);
    int total = 0;
    for (int i = 0; i < JOBS; i++) total += taken[i] + (model_last(&jobs[i].payload, 8) == 0);
    model_expect(total + left == JOBS, "an entry is lost");
}

/* ---- Sleeping and waking ----------------------------------------------------------------------- */

/* The steps of work.c, with a worker that does not look at all again. */
static bool visible(void) { return deque_has_work(&deque); }

static void wake_one(void) {
    parking_give_permit(&parking);
    model_futex_wake(&parking.permits);
}

static bool no_last_look, no_chain; /* what is left out, in variants that must fail */

static void work(int thread) {
    (void)thread;
    for (;;) {
        Entry entry;
        Steal result = deque_steal(&deque, 0, &entry);
        if (result != STEAL_NOTHING) {
            bool look = parking_end_search(&parking) && !no_chain;
            if (look && visible() && parking_claim(&parking)) wake_one();
            if (result == STEAL_GOT) take(&entry);
            return; /* busy for a long time */
        }
        parking_lie_down(&parking);
        if (!no_last_look && visible() && parking_claim(&parking)) wake_one();
        while (!parking_take_permit(&parking)) model_futex_wait(&parking.permits, 0);
    }
}

static void offer(int number) {
    push(number);
    if (parking_notice(&parking)) wake_one();
}

static void offer_one(int thread) {
    (void)thread;
    offer(0);
}

static void offer_two(int thread) {
    (void)thread;
    offer(0);
    offer(1);
}

static void begin_with_workers(uint32_t count) {
    begin();
    uint32_t counts = count * ONE_SEARCHING;
    memcpy(&parking.counts, &counts, sizeof counts);
}

static void begin_one_worker(void) { begin_with_workers(1); }

static void begin_two_workers(void) { begin_with_workers(2); }

/* As many workers as entries: none may sleep while there is work. */
static void end_of_parking(void) {
    int64_t left = (int64_t)model_last(&deque.bottom, 8) - (int64_t)model_last(&deque.top, 8);
    for (int i = 0; i < model.thread_count; i++)
        model_expect(left == 0 || model.threads[i].asleep_on == NULL, "a wake-up is lost");
}

/* ---- The cases --------------------------------------------------------------------------------- */

static const ModelCase cases[] = {
    {"push, pop, steal", 2, 3, {push_pop, steal_twice}, begin, end_of_queue},
    {"push, pop, two thieves", 3, 3, {push_pop, steal, steal}, begin, end_of_queue},
    {"a cell is used again", 2, 3, {push_around, steal_twice}, begin, end_of_queue},
    {"emptied and filled", 2, 3, {push_pop_push, steal_twice}, begin, end_of_queue},
    {"emptied and filled, two thieves", 3, 2, {push_pop_push, steal, steal}, begin, end_of_queue},
    {"one worker", 2, 3, {offer_one, work}, begin_one_worker, end_of_parking},
    {"two workers", 3, 3, {offer_two, work, work}, begin_two_workers, end_of_parking},
};
enum { CASES = sizeof cases / sizeof *cases };

static const char *check_all(int weakened) {
    for (int i = 0; i < CASES; i++) {
        const char *wrong = model_check(&cases[i], weakened);
        if (getenv("KC_MODEL_VERBOSE") != NULL)
            printf("%-32s %3d %9ld %s\n", cases[i].name, weakened, model.executions,
                   wrong != NULL ? wrong : "");
        if (wrong != NULL) return wrong;
    }
    return NULL;
}

static void nothing_is_wrong(void **state) {
    (void)state;
    const char *wrong = check_all(-1);
    if (wrong != NULL) fail_msg("%s", wrong);
}

/* Orders of the published algorithm that these cases do not need. What the exchanges of `top` have to be is in
 * one order, which all read-modify-writes of a location are. A load in push and steal is followed by a fence
 * here, or keeps a later store from being seen too early, which a model without stores ahead of time has not. */
static const char *const unneeded[] = {
    "int64_t top = atomic_load_explicit(&deque->top, memory_order_acquire);",
    "int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_acquire);",
    "atomic_compare_exchange_strong_explicit(&deque->top,",
};

/* The text of a line of the source. */
static void read_line(const Site *site, char *text, int size) {
    FILE *file = fopen(site->file, "r");
    assert_non_null(file);
    for (int i = 0; i < site->line; i++) assert_non_null(fgets(text, size, file));
    fclose(file);
}

static bool is_unneeded(const Site *site) {
    char text[256];
    read_line(site, text, sizeof text);
    for (size_t i = 0; i < sizeof unneeded / sizeof *unneeded; i++)
        if (strstr(text, unneeded[i]) != NULL) return true;
    return false;
}

static void each_order_and_fence_is_needed(void **state) {
    (void)state;
    check_all(-1);
    int problems = 0;
    for (int i = 0; i < model.site_count; i++) {
        bool unneeded_here = is_unneeded(&model.sites[i]);
        bool found = check_all(i) != NULL;
        if (found != unneeded_here) continue;
        printf("%s:%d: %s\n", model.sites[i].file, model.sites[i].line,
               found ? "is needed after all" : "nobody misses this order");
        problems++;
    }
    assert_int_equal(problems, 0);
}

static void steps_left_out_are_missed(void **state) {
    (void)state;
    no_last_look = true;
    assert_string_equal(check_all(-1), "a wake-up is lost");
    no_last_look = false;
    no_chain = true;
    assert_string_equal(check_all(-1), "a wake-up is lost");
    no_chain = false;
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
/* They do not follow stacks that are switched by hand. */
static void nothing_to_check(void **state) {
    (void)state, (void)nothing_is_wrong, (void)each_order_and_fence_is_needed;
    (void)steps_left_out_are_missed;
    skip();
}
#endif

int main(void) {
    setrlimit(RLIMIT_CPU, &(struct rlimit){200, 200}); /* seconds; beside other programs it takes longer */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_to_check)};
#else
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wrong),
        cmocka_unit_test(each_order_and_fence_is_needed),
        cmocka_unit_test(steps_left_out_are_missed),
    };
#endif
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
