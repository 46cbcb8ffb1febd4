#include "driver/cases.h"

#include <stdio.h>
#include <string.h>

#include "driver/case_parse.h"
#include "kc/kcrt.h"

typedef struct CaseRun {
    Compilation *c;
    Engine *engine;
    StrBuf printed;
    const Case *one;
    uint32_t passed, failed;
} CaseRun;

static void fail(CaseRun *run, const char *expected, const char *actual) {
    printf("FAIL line %u:%s\n  expected %s\n  actual   %s\n", run->one->line, run->one->text,
           expected, actual);
    run->failed++;
}

static void fail_values(CaseRun *run, const Datum *expected, const Datum *actual) {
    StrBuf a = {0}, b = {0};
    datum_print(expected, &a);
    datum_print(actual, &b);
    fail(run, strbuf_text(&a), strbuf_text(&b));
    strbuf_free(&a);
    strbuf_free(&b);
}

/* True when every output is as expected; reports the first that is not. */
static bool compare_outputs(CaseRun *run, Call *call) {
    DatumVec outputs = case_outputs(call);
    uint64_t ulps = run->one->outcome == CASE_NEAR ? CASE_NEAR_ULPS : 0;
    for (uint32_t i = 0; i < outputs.len; i++) {
        Datum expected;
        const char *reason = NULL;
        if (!case_expected(call, run->one, &outputs, i, &expected, &reason)) {
            fail(run, reason, "");
            return false;
        }
        bool equal = datum_equal(&expected, outputs.data[i], ulps);
        if (!equal) fail_values(run, &expected, outputs.data[i]);
        datum_free(&expected);
        if (!equal) return false;
    }
    return true;
}

static bool check_outcome(CaseRun *run, Call *call, RunStatus status) {
    const Case *one = run->one;
    const char *message = status == RUN_OK      ? "it ran to its end"
                          : status == RUN_LIMIT ? "too many steps"
                                                : engine_message(run->engine);
    RunStatus wanted = one->outcome == CASE_PANICS   ? RUN_PANIC
                       : one->outcome == CASE_RAISES ? RUN_RAISED
                                                     : RUN_OK;
    if (status != wanted || (wanted != RUN_OK && !strstr(message, one->message))) {
        fail(run, wanted == RUN_OK ? "no panic" : one->message, message);
        return false;
    }
    if (wanted != RUN_OK) return true;
    if (one->outcome != CASE_PRINTS) return compare_outputs(run, call);
    if (strcmp(strbuf_text(&run->printed), one->message) == 0) return true;
    fail(run, one->message, strbuf_text(&run->printed));
    return false;
}

/* Whether the call left as much memory as it found; reports it otherwise. */
static bool check_memory(CaseRun *run, const kc_memory_stats *before) {
    kc_memory_stats after = kc_memory_get_stats();
    int64_t left = after.live_bytes - before->live_bytes;
    int64_t pieces = (after.allocations - after.frees) - (before->allocations - before->frees);
    if (left == 0 && pieces == 0) return true;
    fail(run, "all memory is freed",
         arena_printf(run->c->cx->arena, "%lld bytes in %lld pieces are left", (long long)left,
                      (long long)pieces));
    return false;
}

static void run_case(CaseRun *run) {
    const char *reason = NULL;
    kc_memory_stats before = kc_memory_get_stats();
    Call *call = case_begin(run->c, run->one, &reason);
    if (!call) {
        fail(run, "a call", reason);
        return;
    }
    strbuf_free(&run->printed);
    RunStatus status = call_run(call, run->engine);
    bool ok = check_outcome(run, call, status);
    call_end(call);
    if (ok && (status == RUN_OK || status == RUN_RAISED)) ok = check_memory(run, &before);
    run->passed += ok;
}

int cases_run(Compilation *c, EngineKind kind) {
    CaseVec cases = cases_parse(c->cx, c->sources.data[0]);
    CaseRun run = {.c = c};
    if (diags_have_errors(c->cx)) return EXIT_ERRORS;
    run.engine = engine_create(c, kind, &run.printed);
    if (!run.engine) return EXIT_USAGE;
    for (uint32_t i = 0; i < cases.len; i++) {
        run.one = cases.data[i];
        run_case(&run);
    }
    engine_destroy(run.engine);
    strbuf_free(&run.printed);
    printf("%u ok, %u failed\n", run.passed, run.failed);
    return run.failed ? EXIT_ERRORS : EXIT_CLEAN;
}
