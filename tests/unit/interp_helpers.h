/* What the tests of the interpreter share: a run of a module's function `f`, and its outcome. */
#ifndef KC_TESTS_INTERP_HELPERS_H
#define KC_TESTS_INTERP_HELPERS_H

#include "ir/interp.h"
#include "tests/unit/ir_helpers.h"

typedef struct Run {
    Context *cx;
    InterpStatus status;
    InterpPanic panic;
    int64_t results[32];
    StrBuf printed;
    uint64_t step_limit;
} Run;

static inline void on_print(void *user, const InterpItem *items, uint32_t count) {
    StrBuf *out = user;
    for (uint32_t i = 0; i < count; i++) {
        const InterpItem *item = &items[i];
        if (item->kind == ITEM_SCALAR) strbuf_printf(out, "%lld ", (long long)item->bits);
        if (item->kind == ITEM_TEXT) strbuf_printf(out, "%.*s ", (int)item->length, item->text);
        if (item->kind == ITEM_ARRAY)
            for (int64_t k = 0; k < item->shape[0]; k++)
                strbuf_printf(out, "[%g]", ((const double *)item->data)[k * item->stride[0]]);
    }
    strbuf_putc(out, '\n');
}

/* The one function outside: adds 1000 to its i32 and doubles what its ref holds. */
static inline bool on_call(void *user, const IrFn *fn, void *const *args, void *result) {
    (void)user;
    if (fn->params.len != 2) return false;
    int32_t number;
    double *held;
    memcpy(&number, args[0], sizeof number);
    memcpy(&held, args[1], sizeof held);
    number += 1000;
    *held *= 2;
    memcpy(result, &number, sizeof number);
    return true;
}

/* Reads and verifies the module, and runs its function `f`. */
static inline void run_text(Run *run, const char *text, const InterpArg *args) {
    run->cx = context_create();
    IrModule *m = module_read(run->cx, text);
    module_check(m);
    InterpHost host = {.user = &run->printed, .print = on_print, .call = on_call};
    run->status = ir_interpret(fn_named(m, "f"), args, run->results, &host, run->step_limit,
                               &run->panic);
}

static inline void run_end(Run *run) {
    context_destroy(run->cx);
    strbuf_free(&run->printed);
}

static inline int64_t run_i64(const char *text, const InterpArg *args) {
    Run run = {0};
    run_text(&run, text, args);
    if (run.status != INTERP_OK) fail_msg("%s\n%s", text, run.panic.message);
    run_end(&run);
    return run.results[0];
}

static inline void run_stops(const char *text, const InterpArg *args, InterpStatus status,
                             const char *message) {
    Run run = {.step_limit = 1000000};
    run_text(&run, text, args);
    assert_int_equal(run.status, status);
    if (status != INTERP_LIMIT && strcmp(run.panic.message, message) != 0)
        fail_msg("%s\nstops with: %s", text, run.panic.message);
    run_end(&run);
}

#define FN(params, results, ops) "module m tensor\nfn @f(" params ") " results " {\n" ops "\n}\n"
#define NUMBERS                                                                                    \
    "%0 = const 0 : i64\n%1 = const 1 : i64\n%2 = const 2 : i64\n%3 = const 3 : i64\n"

#endif
