/* kc run: main(), one exported function with arguments, or the `# run:` comments of the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/argument.h"
#include "driver/call.h"
#include "driver/cases.h"
#include "driver/driver.h"
#include "driver/npy.h"
#include "kc/kcrt.h"

/* ---- Arguments --------------------------------------------------------------------------------- */

static bool run_error(const char *format, ...) PRINTF_LIKE(1, 2);
static bool run_error(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("kc run: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return false;
}

static int find_param(const Call *call, const char *name, size_t length) {
    for (uint32_t i = 0; i < call->fn->params.len; i++) {
        const char *param = text_of(call->c->cx, call->fn->params.data[i].local->name);
        if (strlen(param) == length && strncmp(param, name, length) == 0) return (int)i;
    }
    return -1;
}

/* Which parameter a word is for, and its value's text: `name=value`, or the next without a name. */
static int param_of_word(const Call *call, const char *word, uint32_t *next, const char **value) {
    size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    *value = word;
    if (name > 0 && word[name] == '=') {
        *value = word + name + 1;
        int param = find_param(call, word, name);
        if (param < 0)
            run_error("`%s` has no parameter `%.*s`", text_of(call->c->cx, call->fn->name), (int)name, word);
        return param;
    }
    while (*next < call->fn->params.len && call->args[*next].data) (*next)++;
    if (*next < call->fn->params.len) return (int)(*next)++;
    run_error("too many arguments: `%s` takes %u", text_of(call->c->cx, call->fn->name),
              call->fn->params.len);
    return -1;
}

static bool read_arguments(Call *call, const Options *options) {
    uint64_t seed = 1;
    if (option_given(options, OPT_SEED)) seed = strtoull(option_value(options, OPT_SEED), NULL, 0);
    uint32_t next = 0;
    for (uint32_t i = 2; i < options->inputs.len; i++) {
        const char *value, *reason = NULL;
        int param = param_of_word(call, options->inputs.data[i], &next, &value);
        if (param < 0) return false;
        const char *name = text_of(call->c->cx, call->fn->params.data[param].local->name);
        if (call->args[param].data) return run_error("argument `%s` is given twice", name);
        uint32_t rank;
        const IrType *elem = call_param_type(call, (uint32_t)param, &rank);
        if (!argument_read(call->arena, value, elem, rank, &seed, &call->args[param], &reason))
            return run_error("argument `%s`: %s", name, reason);
    }
    for (uint32_t i = 0; i < call->fn->params.len; i++)
        if (!call->args[i].data)
            return run_error("argument `%s` is missing (%s)",
                             text_of(call->c->cx, call->fn->params.data[i].local->name),
                             call->fn->params.data[i].source);
    return true;
}

/* ---- Results ----------------------------------------------------------------------------------- */

static void show(const char *name, const Datum *datum) {
    StrBuf text = {0};
    if (name) strbuf_printf(&text, "%s = ", name);
    datum_show(datum, &text);
    puts(strbuf_text(&text));
    strbuf_free(&text);
}

/* The datum that `result` or a parameter's name means, or NULL after an error. */
static const Datum *datum_named(const Call *call, const char *name, size_t length) {
    if (length == strlen("result") && strncmp(name, "result", length) == 0 && call->result_count > 0)
        return &call->results[0];
    int param = find_param(call, name, length);
    if (param >= 0 && call->args[param].data) return &call->args[param];
    run_error("no argument `%.*s` to show", (int)length, name);
    return NULL;
}

/* Several results are shown as the tuple they are. */
static void show_results(const Call *call) {
    StrBuf text = {0};
    for (uint32_t i = 0; i < call->result_count; i++) {
        strbuf_puts(&text, i > 0 ? ", " : "result = (");
        datum_show(&call->results[i], &text);
    }
    printf("%s)\n", strbuf_text(&text));
    strbuf_free(&text);
}

static bool show_named(const Call *call, const char *name) {
    if (strcmp(name, "result") == 0 && call->result_count > 1) {
        show_results(call);
        return true;
    }
    const Datum *datum = datum_named(call, name, strlen(name));
    if (datum) show(name, datum);
    return datum != NULL;
}

static bool show_asked(const Call *call, const Options *options) {
    const TextVec *prints = &options->values[OPT_PRINT], *saves = &options->values[OPT_SAVE];
    for (uint32_t i = 0; i < prints->len; i++)
        if (!show_named(call, prints->data[i])) return false;
    for (uint32_t i = 0; i < saves->len; i++) {
        const char *equals = strchr(saves->data[i], '=');
        const char *reason = NULL;
        if (!equals) return run_error("--save takes NAME=FILE.npy, not `%s`", saves->data[i]);
        const Datum *datum = datum_named(call, saves->data[i], (size_t)(equals - saves->data[i]));
        if (!datum) return false;
        if (!npy_write(equals + 1, datum, &reason))
            return run_error("cannot write `%s`: %s", equals + 1, reason);
    }
    return true;
}

/* Without --print and --save everything that the call gave or changed is shown. */
static bool show_outcome(const Call *call, const Options *options) {
    if (option_given(options, OPT_PRINT) || option_given(options, OPT_SAVE))
        return show_asked(call, options);
    for (uint32_t i = 0; i < call->result_count; i++) show(NULL, &call->results[i]);
    for (uint32_t i = 0; i < call->fn->params.len; i++)
        if (call_param_is_output(call, i) && call->args[i].data)
            show(text_of(call->c->cx, call->fn->params.data[i].local->name), &call->args[i]);
    return true;
}

/* ---- The command ------------------------------------------------------------------------------- */

static bool call_with_arguments(Compilation *c, Engine *engine, const FnSymbol *fn, const IrFn *ir) {
    Call *call = call_begin(c, fn, ir);
    const char *reason = NULL;
    bool ok = read_arguments(call, c->options);
    if (ok && !call_prepare(call, &reason)) ok = run_error("%s", reason);
    RunStatus status = ok ? call_run(call, engine) : RUN_OK;
    fflush(stdout);
    if (status != RUN_OK)
        fprintf(stderr, "%s%s\n", status == RUN_RAISED ? "error: " : "", engine_message(engine));
    ok = ok && status == RUN_OK && show_outcome(call, c->options);
    call_end(call);
    return ok;
}

static bool find_callee(Compilation *c, const FnSymbol **fn, const IrFn **ir) {
    bool named = c->options->inputs.len > 1;
    const char *name = named ? c->options->inputs.data[1] : "main";
    if (call_find(c, name, fn, ir)) return true;
    if (!named) return run_error("`%s` has no `def main()`; name an exported function to call",
                                 c->options->inputs.data[0]);
    const char *near = call_nearest(c, name);
    return run_error("no exported function `%s`%s%s%s", name, near ? "; did you mean `" : "",
                     near ? near : "", near ? "`?" : "");
}

static bool read_engine(const Options *options, EngineKind *kind) {
    static const char *const engines[] = {"jit", "interp", "oracle", NULL};
    const char *name = option_value(options, OPT_ENGINE);
    int choice = name ? option_choice(options, OPT_ENGINE, name, engines) : 0;
    *kind = choice < 0 ? ENGINE_JIT : (EngineKind)choice;
    return choice >= 0;
}

/* The interpreter takes the IR as lowering gives it, with nothing but the ends of values added, so that it
 * shares no mistake with an optimisation; with -O it runs what the passes of that level made. The oracle
 * needs it before ownership is erased. */
static bool compile_for_run(Compilation *c, EngineKind kind) {
    if (!(compile_read(c) && compile_lex(c) && compile_parse(c) && compile_check(c) &&
          compile_lower(c)))
        return false;
    bool optimise = option_given(c->options, OPT_OPT_LEVEL);
    if (kind == ENGINE_ORACLE || (kind == ENGINE_INTERP && !optimise)) {
        if (!compile_own(c)) return false;
        compile_drop(c);
        if (kind == ENGINE_ORACLE) return true;
        compile_erase(c);
        return compile_promise(c);
    }
    compile_keep_main(c);
    return compile_optimise(c);
}

/* ---- What the threads did -------------------------------------------------------------------- */

enum { TRACE_EVENTS = 1 << 20 };

/* Before the call. The interpreters have one thread, and write a trace of nothing. */
static bool trace_start(const Compilation *c) {
    const char *path = option_value(c->options, OPT_TRACE);
    if (!path || kc_trace_start(TRACE_EVENTS) == KC_OK) return true;
    return run_error("cannot keep a trace: %s", kc_error_text());
}

static bool trace_write(const Compilation *c) {
    const char *path = option_value(c->options, OPT_TRACE);
    if (!path || kc_trace_write(path) == KC_OK) return true;
    return run_error("cannot write `%s`: %s", path, kc_error_text());
}

static int run_compiled(Compilation *c, EngineKind kind) {
    if (option_given(c->options, OPT_CASES)) return cases_run(c, kind);
    const FnSymbol *fn;
    const IrFn *ir;
    if (!find_callee(c, &fn, &ir)) return EXIT_USAGE;
    Engine *engine = engine_create(c, kind, NULL);
    if (!engine) return EXIT_USAGE;
    bool ok = trace_start(c) && call_with_arguments(c, engine, fn, ir);
    ok = trace_write(c) && ok;
    engine_destroy(engine);
    return ok ? EXIT_CLEAN : EXIT_ERRORS;
}

int cmd_run(const Options *options) {
    Compilation c;
    int status;
    EngineKind kind;
    if (!read_engine(options, &kind)) return EXIT_USAGE;
    if (!compile_begin(&c, options, &status)) return status;
    c.input_count = 1;
    if (kind == ENGINE_JIT && !target_is_runnable(&c.target)) {
        usage_error(options, "this machine cannot run code for %s %s", c.target.triple, c.target.march);
        return compile_end(&c, EXIT_USAGE);
    }
    if (compile_for_run(&c, kind)) status = run_compiled(&c, kind);
    return compile_end(&c, status);
}
