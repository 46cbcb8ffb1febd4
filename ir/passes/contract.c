#include "ir/passes/contract.h"

#include "ir/passes/runs.h"

#define F(kind) (1u << FACT_##kind)

const PassInfo pass_infos[PASS_COUNT] = {
#define PASS(kind, name, function, requires, establishes, breaks, description)                     \
    [PASS_##kind] = {name, function, requires, establishes, breaks, description},
#include "ir/passes/passes.def"
#undef PASS
};

static const char *const fact_descriptions[FACT_COUNT] = {
#define FACT(kind, description) [FACT_##kind] = description,
#include "ir/passes/passes.def"
#undef FACT
};

static const PassStep pipeline[] = {
#define STEP(kind, level, group) {PASS_##kind, level, group},
#include "ir/passes/passes.def"
#undef STEP
};

static const PassOrder orders[] = {
#define BEFORE(a, b, why) {PASS_##a, PASS_##b, why},
#include "ir/passes/passes.def"
#undef BEFORE
};

/* Code generation takes nothing else. */
static const uint32_t facts_at_end = F(ERASED) | F(LOOPS) | F(OUTLINED);

enum { HIGHEST_LEVEL = 3 };

const PassStep *pass_steps(uint32_t *count) {
    *count = ARRAY_LEN(pipeline);
    return pipeline;
}

const PassOrder *pass_orders(uint32_t *count) {
    *count = ARRAY_LEN(orders);
    return orders;
}

static void facts_missing(uint32_t missing, const char *who, int level, StrBuf *problems) {
    for (uint32_t fact = 0; fact < FACT_COUNT; fact++) {
        if (!(missing & (1u << fact))) continue;
        strbuf_printf(problems, "-O%d: %s requires what no step before it establishes: %s\n", level,
                      who, fact_descriptions[fact]);
    }
}

static bool facts_check(const PassStep *steps, uint32_t count, int level, StrBuf *problems) {
    uint32_t facts = 0;
    bool good = true;
    for (uint32_t i = 0; i < count; i++) {
        if (steps[i].level > level) continue;
        const PassInfo *info = &pass_infos[steps[i].pass];
        uint32_t missing = info->requires & ~facts;
        facts_missing(missing, info->name, level, problems);
        good = good && missing == 0;
        facts = (facts & ~info->breaks) | info->establishes;
    }
    uint32_t missing = facts_at_end & ~facts;
    facts_missing(missing, "the end", level, problems);
    return good && missing == 0;
}

static bool step_runs(const PassStep *step, PassId pass, int level) {
    return step->level <= level && step->pass == pass;
}

static bool order_check(const PassStep *steps, uint32_t count, int level, const PassOrder *order,
                        StrBuf *problems) {
    uint32_t before = 0, after = 0;
    while (before < count && !step_runs(&steps[before], order->before, level)) before++;
    while (after < count && !step_runs(&steps[after], order->after, level)) after++;
    if (before == count || after == count || before < after) return true;
    strbuf_printf(problems, "-O%d: %s must come before %s: %s\n", level,
                  pass_infos[order->before].name, pass_infos[order->after].name, order->why);
    return false;
}

bool pass_steps_check(const PassStep *steps, uint32_t count, StrBuf *problems) {
    bool good = true;
    for (int level = 0; level <= HIGHEST_LEVEL; level++) {
        good = facts_check(steps, count, level, problems) && good;
        for (uint32_t i = 0; i < ARRAY_LEN(orders); i++)
            good = order_check(steps, count, level, &orders[i], problems) && good;
    }
    return good;
}
