/* kc opt: IR text in, passes, IR text out. The tool that the tests of passes use. */
#include <stdio.h>
#include <string.h>

#include "driver/compile.h"
#include "driver/driver.h"
#include "driver/output.h"
#include "ir/passes/pass.h"
#include "ir/text.h"
#include "ir/verify.h"

static PassObserver observer_of(const Options *options, StrBuf *out) {
    return (PassObserver){
        .print_after = option_value(options, OPT_PRINT_AFTER),
        .stop_after = option_value(options, OPT_STOP_AFTER),
        .print_changed = option_given(options, OPT_PRINT_CHANGED),
        .verify_each = true,
        .time_passes = option_given(options, OPT_TIME_PASSES),
        .out = out,
    };
}

/* Runs the passes of --pass=a,b,c; false after a usage error. */
static bool run_listed(Compilation *c, const PassObserver *observer) {
    const TextVec *lists = &c->options->values[OPT_PASS];
    for (uint32_t i = 0; i < lists->len; i++) {
        const char *list = lists->data[i];
        while (*list) {
            size_t length = strcspn(list, ",");
            const char *name = arena_strndup(c->options->arena, list, length);
            if (!pass_exists(name)) {
                report_unknown_pass(c->options, name);
                return false;
            }
            pass_run_one(c->module, name, &c->ir, observer);
            list += length + (list[length] == ',');
        }
    }
    return true;
}

static bool verify_input(const Compilation *c) {
    StrBuf problems = {0};
    bool valid = ir_verify(c->module, &problems);
    if (!valid)
        diag_add(c->cx, K0602, NO_SPAN, "the IR is not valid:\n%s", strbuf_text(&problems));
    strbuf_free(&problems);
    return valid;
}

static int run_passes(Compilation *c) {
    StrBuf log = {0};
    PassObserver observer = observer_of(c->options, &log);
    int status = run_listed(c, &observer) ? EXIT_CLEAN : EXIT_USAGE;
    if (status == EXIT_CLEAN && option_given(c->options, OPT_PIPELINE))
        passes_run(c->module, &c->ir, &observer);
    fputs(strbuf_text(&log), stderr);
    strbuf_free(&log);
    return status;
}

static bool write_module(const Compilation *c) {
    const char *path = option_value(c->options, OPT_OUTPUT);
    Outputs outputs = {.arena = c->options->arena};
    ir_print_module(c->module, output_add(&outputs, path ? path : "-"));
    bool ok = outputs_write(&outputs);
    outputs_free(&outputs);
    return ok;
}

int cmd_opt(const Options *options) {
    Compilation c;
    int status;
    if (!compile_begin(&c, options, &status)) return status;
    if (options->inputs.len > 1) {
        usage_error(options, "takes one file");
        return compile_end(&c, EXIT_USAGE);
    }
    if (compile_read(&c) && (c.module = ir_read_module(c.cx, c.sources.data[0])) &&
        verify_input(&c) && !option_given(options, OPT_VERIFY)) {
        status = run_passes(&c);
        if (status == EXIT_CLEAN && !write_module(&c)) status = EXIT_USAGE;
    }
    return compile_end(&c, status);
}
