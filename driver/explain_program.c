#include "driver/explain_program.h"

#include <stdio.h>
#include <string.h>

#include "driver/driver.h"
#include "driver/explain_asm.h"
#include "driver/explain_report.h"

static int report_unknown(const Compilation *c, const char *wanted) {
    TextVec names = function_names(c);
    const char *near = nearest_text(wanted, names.data, names.len);
    return usage_error(c->options, "`%s` has no function `%s`%s%s%s", c->options->inputs.data[0], wanted,
                       near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

/* One that is asked for is shown as it is on its own, even if all its callers have it inlined. */
static void keep_wanted(Compilation *c, const char *wanted) {
    for (uint32_t i = 0; wanted != NULL && i < c->module->fns.len; i++) {
        IrFn *fn = c->module->fns.data[i];
        bool is_it = fn->body != NULL && strcmp(text_of(c->cx, fn->source_name), wanted) == 0;
        fn->is_exported = fn->is_exported || is_it;
    }
}

/* The code as it comes out, for what LLVM says on the way, or for its text. */
static void generate(Compilation *c, LoopNotes *notes, StrBuf *assembly) {
    CodegenOptions options = compile_codegen_options(c);
    options.debug_info = true; /* the places; it does not change the code */
    options.notes = notes;
    codegen_emit(c->module, &options, OUTPUT_ASSEMBLY, assembly);
}

static Report report_of(Compilation *c, const char *wanted) {
    bool allocs = option_given(c->options, OPT_ALLOCS), copies = option_given(c->options, OPT_COPIES);
    bool all = !allocs && !copies;
    return (Report){.c = c, .wanted = wanted, .decisions = all, .allocs = allocs || all, .frees = allocs,
                    .copies = copies || all};
}

static void tell(Compilation *c, const Remarks *remarks, const char *wanted) {
    LoopNotes notes = {.arena = c->cx->arena};
    StrBuf assembly = {0};
    Report r = report_of(c, wanted);
    bool shows_code = option_given(c->options, OPT_ASM);
    if (r.decisions) generate(c, &notes, &assembly);
    if (shows_code) {
        explain_asm(c, strbuf_text(&assembly), wanted, &r.out);
    } else {
        report_collect(&r, remarks, &notes);
        if (option_given(c->options, OPT_JSON)) report_json(&r);
        else report_text(&r);
    }
    fputs(strbuf_text(&r.out), stdout);
    strbuf_free(&r.out);
    strbuf_free(&assembly);
}

static int explain(Compilation *c) {
    const Options *options = c->options;
    Remarks remarks = {.arena = c->cx->arena};
    c->remarks = &remarks;
    if (!(compile_read(c) && compile_lex(c) && compile_parse(c) && compile_check(c))) return EXIT_ERRORS;
    const char *wanted = options->inputs.len > 1 ? options->inputs.data[1] : NULL;
    if (wanted != NULL && function_find(c, wanted) == NULL) return report_unknown(c, wanted);
    if (!compile_lower(c)) return EXIT_ERRORS;
    compile_keep_main(c);
    keep_wanted(c, wanted);
    if (!compile_optimise(c)) return EXIT_ERRORS;
    tell(c, &remarks, wanted);
    return EXIT_CLEAN;
}

int explain_program(const Options *options) {
    Compilation c;
    int status;
    if (options->inputs.len > 2) return usage_error(options, "takes a file and one function");
    if (option_given(options, OPT_ASM) &&
        (option_given(options, OPT_JSON) || option_given(options, OPT_ALLOCS) ||
         option_given(options, OPT_COPIES)))
        return usage_error(options, "--asm shows code, and goes with no other report");
    if (!compile_begin(&c, options, &status)) return status;
    c.input_count = 1;
    return compile_end(&c, explain(&c));
}
