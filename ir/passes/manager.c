/* The pass manager: runs the steps, checks the IR between them, prints and times on request. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ir/passes/contract.h"
#include "ir/text.h"
#include "ir/verify.h"

typedef struct PassTime {
    PassId pass;
    uint32_t runs;
    double seconds;
} PassTime;

typedef struct Manager {
    IrModule *module;
    const IrOptions *options;
    const PassObserver *observer;
    PassTime times[PASS_COUNT];
} Manager;

static PassId pass_find(const char *name) {
    for (PassId id = 0; id < PASS_COUNT; id++)
        if (strcmp(pass_infos[id].name, name) == 0) return id;
    return PASS_COUNT;
}

bool pass_exists(const char *name) {
    return pass_find(name) != PASS_COUNT;
}

static const char *const names_in_order[] = {
#define PASS(kind, name, function, requires, establishes, breaks, description) name,
#include "ir/passes/passes.def"
#undef PASS
};

uint32_t pass_names(const char *const **names) {
    *names = names_in_order;
    return ARRAY_LEN(names_in_order);
}

static void pipeline_check(void) {
    StrBuf problems = {0};
    uint32_t count;
    const PassStep *steps = pass_steps(&count);
    if (!pass_steps_check(steps, count, &problems))
        KC_BUG("the pass table is out of order:\n%s", strbuf_text(&problems));
    strbuf_free(&problems);
}

static void module_verify(const Manager *manager, const char *after) {
    if (!manager->observer->verify_each) return;
    StrBuf problems = {0};
    if (!ir_verify(manager->module, &problems))
        KC_BUG("pass %s broke the IR:\n%s", after, strbuf_text(&problems));
    strbuf_free(&problems);
}

static void module_print(const Manager *manager, const char *after, bool changed) {
    const PassObserver *observer = manager->observer;
    const char *wanted = observer->print_after;
    bool named = wanted != NULL && (strcmp(wanted, "all") == 0 || strcmp(wanted, after) == 0);
    if (observer->out == NULL || !(named || (observer->print_changed && changed))) return;
    strbuf_printf(observer->out, "# after %s%s\n", after, changed ? "" : " (no change)");
    ir_print_module(manager->module, observer->out);
}

static double seconds_now(void) {
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) return 0.0;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One pass, with everything the observer wants around it; true when it changed something. */
static bool step_run(Manager *manager, PassId id) {
    const PassInfo *info = &pass_infos[id];
    PassContext pass = {manager->module->cx, manager->options, arena_create(), false, info->name,
                        manager->observer->remarks};
    double start = seconds_now();
    info->run(&pass, manager->module);
    manager->times[id].seconds += seconds_now() - start;
    manager->times[id].runs++;
    arena_destroy(pass.scratch);
    module_verify(manager, info->name);
    module_print(manager, info->name, pass.changed);
    return pass.changed;
}

static int time_compare(const void *a, const void *b) {
    const PassTime *x = a, *y = b;
    if (x->seconds != y->seconds) return x->seconds < y->seconds ? 1 : -1;
    return x->pass < y->pass ? -1 : x->pass > y->pass;
}

static void times_print(Manager *manager) {
    StrBuf *out = manager->observer->out;
    if (!manager->observer->time_passes || out == NULL) return;
    double total = 0.0;
    for (PassId id = 0; id < PASS_COUNT; id++) {
        manager->times[id].pass = id;
        total += manager->times[id].seconds;
    }
    qsort(manager->times, PASS_COUNT, sizeof manager->times[0], time_compare);
    strbuf_puts(out, "      ms      %  runs  pass\n");
    for (uint32_t i = 0; i < PASS_COUNT; i++) {
        const PassTime *t = &manager->times[i];
        if (t->runs == 0) continue;
        strbuf_printf(out, "%8.3f  %5.1f  %4u  %s\n", t->seconds * 1e3,
                      total > 0.0 ? 100.0 * t->seconds / total : 0.0, (unsigned)t->runs,
                      pass_infos[t->pass].name);
    }
    strbuf_printf(out, "%8.3f  100.0        total\n", total * 1e3);
}

static bool stops_after(const Manager *manager, PassId id) {
    const char *last = manager->observer->stop_after;
    return last != NULL && strcmp(last, pass_infos[id].name) == 0;
}

/* Steps [first, end) are one group, or a single step. False when --stop-after named one of them, or
 * the program turned out to be wrong. */
static bool group_run(Manager *manager, const PassStep *first, const PassStep *end) {
    uint32_t rounds = first->group == 0 ? 1 : PASS_GROUP_LIMIT;
    for (uint32_t round = 0; round < rounds; round++) {
        bool changed = false;
        for (const PassStep *step = first; step < end; step++) {
            if (step->level > manager->options->opt_level) continue;
            changed = step_run(manager, step->pass) || changed;
            if (stops_after(manager, step->pass)) return false;
            if (diags_have_errors(manager->module->cx)) return false;
        }
        if (!changed) break;
    }
    return true;
}

static bool pipeline_run(Manager *manager) {
    uint32_t count;
    const PassStep *steps = pass_steps(&count), *end = steps + count;
    for (const PassStep *first = steps, *next; first < end; first = next) {
        next = first + 1;
        while (first->group != 0 && next < end && next->group == first->group) next++;
        if (!group_run(manager, first, next)) return false;
    }
    return true;
}

bool passes_run(IrModule *module, const IrOptions *options, const PassObserver *observer) {
    pipeline_check();
    Manager manager = {.module = module, .options = options, .observer = observer};
    module_verify(&manager, "(input)");
    bool whole = pipeline_run(&manager);
    times_print(&manager);
    return whole;
}

void pass_run_one(IrModule *module, const char *name, const IrOptions *options,
                  const PassObserver *observer) {
    PassId id = pass_find(name);
    if (id == PASS_COUNT) KC_BUG("there is no pass `%s`", name);
    Manager manager = {.module = module, .options = options, .observer = observer};
    module_verify(&manager, "(input)");
    step_run(&manager, id);
    times_print(&manager);
}
