/* A small model checker for the lock-free parts of libkcrt. It stands in for <stdatomic.h> and
 * runtime/fence.h: a test includes this, then runtime/deque.h and runtime/parking.h, which are compiled
 * over it unchanged, and explores how threads that call them can interleave.
 *
 * What is explored: all executions with at most `surprises` surprises, which are switches away from a thread
 * that could go on, and loads that do not give the newest value. Memory is as C11 has it, without values out of thin air: a
 * location is the list of the values that were stored; a thread has a view, the oldest value of each
 * location that it may still read; release stores carry the view along, acquire loads join it, fences do
 * so for the loads before and stores after them, and full fences pass a view on to each other. Stores
 * to one location happen in the order of the schedule, and seq_cst operations that are not fences
 * count as acquire and release: the former leaves out a few executions, the latter adds some.
 *
 * Each place in the source where an order or a fence is asked for can be weakened, one at a time: a check
 * that does not see the difference is worth nothing. */
#ifndef KC_TESTS_MODEL_ENGINE_H
#define KC_TESTS_MODEL_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum {
    MODEL_THREADS = 4,
    MODEL_LOCATIONS = 48,
    MODEL_VALUES = 40,
    MODEL_CHOICES = 4000,
    MODEL_SITES = 64,
    MODEL_STACK = 1 << 16
};

typedef struct View {
    unsigned char seen[MODEL_LOCATIONS]; /* index of the oldest value that may be read */
} View;

typedef struct Value {
    uint64_t bits;
    View view; /* what a reader that acquires gets to know */
} Value;

typedef struct Location {
    const void *address;
    int count;
    Value values[MODEL_VALUES];
} Location;

typedef struct ModelThread {
    ucontext_t context;
    char *stack;
    void (*body)(int thread);
    View now, to_acquire, released;
    const void *asleep_on; /* a futex */
    bool done;
} ModelThread;

/* A place in the source: line, and file by its first letter. */
typedef struct Site {
    const char *file;
    int line;
    int order;
} Site;

typedef struct Model {
    ModelThread threads[MODEL_THREADS];
    int thread_count, current, surprises;
    ucontext_t main;
    Location locations[MODEL_LOCATIONS];
    int location_count;
    View full_fence;
    int choices[MODEL_CHOICES], limits[MODEL_CHOICES], depth, known;
    const char *wrong; /* what this execution broke */
    bool over;         /* it was left early */
    Site sites[MODEL_SITES];
    int site_count, weakened; /* index of a site; -1: none */
    long executions;
    bool running;
} Model;

static Model model;

/* ---- Choices ----------------------------------------------------------------------------------- */

static int model_choose(int count) {
    if (count <= 1) return 0;
    if (model.depth == MODEL_CHOICES) abort();
    if (model.depth == model.known) {
        model.choices[model.known] = 0;
        model.limits[model.known++] = count;
    }
    return model.choices[model.depth++];
}

static bool model_next(void) {
    while (model.known > 0) {
        if (++model.choices[model.known - 1] < model.limits[model.known - 1]) return true;
        model.known--;
    }
    return false;
}

static void model_switch_to(int thread) {
    int from = model.current;
    model.current = thread;
    if (from != thread) swapcontext(&model.threads[from].context, &model.threads[thread].context);
}

static bool model_can_run(int thread) {
    return !model.threads[thread].done && model.threads[thread].asleep_on == NULL;
}

static void model_leave(void) { setcontext(&model.main); }

/* Before each operation on memory: who comes next. */
static void model_yield(void) {
    int others[MODEL_THREADS], count = 0;
    bool stays = model_can_run(model.current);
    for (int i = 0; i < model.thread_count; i++)
        if (i != model.current && model_can_run(i)) others[count++] = i;
    if (!stays && count == 0) model_leave();
    if (stays && (model.surprises == 0 || count == 0)) return;
    int choice = model_choose(count + stays);
    if (stays && choice == 0) return;
    if (stays) model.surprises--;
    model_switch_to(others[choice - stays]);
}

static void model_expect(bool holds, const char *what) {
    if (holds || model.wrong != NULL) return;
    model.wrong = what;
    if (!model.running) return;
    model.over = true;
    model_leave();
}

/* ---- Memory ------------------------------------------------------------------------------------ */

static void view_join(View *view, const View *other) {
    for (int i = 0; i < model.location_count; i++)
        if (view->seen[i] < other->seen[i]) view->seen[i] = other->seen[i];
}

static uint64_t model_bits(const void *address, size_t size) {
    uint64_t bits = 0;
    memcpy(&bits, address, size);
    return bits;
}

static int model_location(const void *address, size_t size) {
    for (int i = 0; i < model.location_count; i++)
        if (model.locations[i].address == address) return i;
    if (model.location_count == MODEL_LOCATIONS) abort();
    Location *location = &model.locations[model.location_count];
    location->address = address;
    location->count = 1;
    location->values[0] = (Value){.bits = model_bits(address, size)};
    return model.location_count++;
}

/* The order that this place asks for, unless it is the one that is weakened. */
static int model_order(const char *file, int line, int order) {
    if (order == memory_order_relaxed) return order;
    int i = 0;
    while (i < model.site_count && (model.sites[i].line != line || model.sites[i].file != file))
        i++;
    if (i == model.site_count) {
        if (i == MODEL_SITES) abort();
        model.sites[model.site_count++] = (Site){file, line, order};
    }
    return i == model.weakened ? memory_order_relaxed : order;
}

static bool model_acquires(int order) {
    return order == memory_order_acquire || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

static bool model_releases(int order) {
    return order == memory_order_release || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

static void model_read(int at, int index, int order) {
    ModelThread *self = &model.threads[model.current];
    const Value *value = &model.locations[at].values[index];
    self->now.seen[at] = (unsigned char)index;
    view_join(model_acquires(order) ? &self->now : &self->to_acquire, &value->view);
}

static void model_append(int at, uint64_t bits, int order, const View *carried) {
    ModelThread *self = &model.threads[model.current];
    Location *location = &model.locations[at];
    if (location->count == MODEL_VALUES) abort();
    Value *value = &location->values[location->count];
    self->now.seen[at] = (unsigned char)location->count++;
    value->bits = bits;
    value->view = model_releases(order) ? self->now : self->released;
    if (carried != NULL) view_join(&value->view, carried);
    if (value->view.seen[at] < self->now.seen[at]) value->view.seen[at] = self->now.seen[at];
}

static uint64_t model_load(const void *address, size_t size, int order) {
    model_yield();
    int at = model_location(address, size);
    const Location *location = &model.locations[at];
    int oldest = model.threads[model.current].now.seen[at];
    int age = model.surprises > 0 ? model_choose(location->count - oldest) : 0;
    int index = location->count - 1 - age;
    model.surprises -= age > 0;
    model_read(at, index, order);
    return location->values[index].bits;
}

static void model_store(const void *address, size_t size, uint64_t bits, int order) {
    model_yield();
    model_append(model_location(address, size), bits, order, NULL);
}

static uint64_t model_mask(size_t size) {
    return size < sizeof(uint64_t) ? (UINT64_C(1) << 8 * size) - 1 : ~UINT64_C(0);
}

static uint64_t model_add(const void *address, size_t size, uint64_t amount, int order) {
    model_yield();
    int at = model_location(address, size), last = model.locations[at].count - 1;
    model_read(at, last, order);
    Value old = model.locations[at].values[last];
    model_append(at, (old.bits + amount) & model_mask(size), order, &old.view);
    return old.bits;
}

/* A failing exchange is a load of the last value: weaker ones would fail for no reason, which the callers
 * here take as another try. */
static bool model_exchange(const void *address, size_t size, uint64_t *expected, uint64_t bits,
                           int order) {
    model_yield();
    int at = model_location(address, size), last = model.locations[at].count - 1;
    Value old = model.locations[at].values[last];
    bool equal = old.bits == *expected;
    model_read(at, last, equal ? order : memory_order_relaxed);
    if (equal) model_append(at, bits, order, &old.view);
    *expected = old.bits;
    return equal;
}

static void model_fence_of(ModelThread *thread) {
    view_join(&thread->now, &thread->to_acquire);
    view_join(&thread->now, &model.full_fence);
    model.full_fence = thread->now;
    thread->released = thread->now;
}

static void model_release(int order) {
    if (order != memory_order_relaxed)
        model.threads[model.current].released = model.threads[model.current].now;
}

static void model_full(int order) {
    model_yield();
    if (order != memory_order_relaxed) model_fence_of(&model.threads[model.current]);
}

/* Memory that is not atomic: only the last value may be in view. */
static void model_write_plain(const void *address, uint64_t bits) {
    model_append(model_location(address, sizeof bits), bits, memory_order_relaxed, NULL);
}

static uint64_t model_read_plain(const void *address) {
    int at = model_location(address, sizeof(uint64_t));
    const Location *location = &model.locations[at];
    model_expect(model.threads[model.current].now.seen[at] == location->count - 1,
                 "memory is read before it is known to be written");
    return location->values[location->count - 1].bits;
}

/* The kernel looks at the last value. */
static void model_futex_wait(const void *address, uint64_t bits) {
    model_yield();
    int at = model_location(address, sizeof(uint32_t));
    if (model.locations[at].values[model.locations[at].count - 1].bits != bits) return;
    model.threads[model.current].asleep_on = address;
    model_yield();
}

static void model_futex_wake(const void *address) {
    model_yield();
    for (int i = 0; i < model.thread_count; i++) {
        if (model.threads[i].asleep_on != address) continue;
        model.threads[i].asleep_on = NULL;
        return;
    }
}

/* ---- Running ----------------------------------------------------------------------------------- */

static void model_thread_main(void) {
    model.threads[model.current].body(model.current);
    model.threads[model.current].done = true;
    model_yield();
}

typedef struct ModelCase {
    const char *name;
    int thread_count, surprises;
    void (*bodies[MODEL_THREADS])(int thread);
    void (*begin)(void); /* sets memory up, directly */
    void (*end)(void);   /* looks at what is left, through model_last */
} ModelCase;

static uint64_t model_last(const void *address, size_t size) {
    const Location *location = &model.locations[model_location(address, size)];
    return location->values[location->count - 1].bits;
}

__attribute__((noinline)) static void model_run(const ModelCase *test) {
    model.location_count = 0;
    model.depth = 0;
    model.over = false;
    model.full_fence = (View){{0}};
    model.thread_count = test->thread_count;
    model.surprises = test->surprises;
    test->begin();
    for (int i = 0; i < test->thread_count; i++) {
        ModelThread *thread = &model.threads[i];
        char *stack = thread->stack != NULL ? thread->stack : malloc(MODEL_STACK);
        *thread = (ModelThread){.stack = stack, .body = test->bodies[i]};
        getcontext(&thread->context);
        thread->context.uc_stack.ss_sp = stack;
        thread->context.uc_stack.ss_size = MODEL_STACK;
        thread->context.uc_link = &model.main;
        makecontext(&thread->context, model_thread_main, 0);
    }
    volatile bool started = false;
    getcontext(&model.main);
    if (!started) {
        started = true;
        model.running = true;
        model.current = model_choose(test->thread_count);
        setcontext(&model.threads[model.current].context);
    }
    model.running = false;
    model.executions++;
    if (!model.over) test->end();
}

/* Explores until something is wrong; NULL: nothing is. */
static const char *model_check(const ModelCase *test, int weakened) {
    model.weakened = weakened;
    model.known = 0;
    model.executions = 0;
    model.wrong = NULL;
    do model_run(test);
    while (model.wrong == NULL && model_next());
    return model.wrong;
}

/* ---- Instead of the headers -------------------------------------------------------------------- */

#define KC_RUNTIME_FENCE_H
#define AFTER_RELEASE memory_order_relaxed

#define MODEL_ORDER(order) model_order(__FILE__, __LINE__, order)
#define MODEL_TYPE(p) __typeof__(*(p) + 0)

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub_explicit
#undef atomic_compare_exchange_strong_explicit
#define atomic_load_explicit(p, order)                                                             \
    ((MODEL_TYPE(p))model_load((p), sizeof *(p), MODEL_ORDER(order)))
#define atomic_store_explicit(p, bits, order)                                                      \
    model_store((p), sizeof *(p), (uint64_t)(bits), MODEL_ORDER(order))
#define atomic_fetch_add_explicit(p, amount, order)                                                \
    model_add((p), sizeof *(p), (uint64_t)(amount), MODEL_ORDER(order))
#define atomic_fetch_sub_explicit(p, amount, order)                                                \
    ((MODEL_TYPE(p))model_add((p), sizeof *(p), -(uint64_t)(amount), MODEL_ORDER(order)))
#define atomic_compare_exchange_strong_explicit(p, expected, bits, order, failing)                 \
    (__extension__({                                                                               \
        uint64_t model_old = (uint64_t) * (expected);                                              \
        bool model_equal =                                                                         \
            model_exchange((p), sizeof *(p), &model_old, (uint64_t)(bits), MODEL_ORDER(order));    \
        *(expected) = (MODEL_TYPE(p))model_old;                                                    \
        model_equal;                                                                               \
    }))
#define fence_release() model_release(MODEL_ORDER(memory_order_release))
#define fence_full() model_full(MODEL_ORDER(memory_order_seq_cst))

#endif
