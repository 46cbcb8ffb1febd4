/* kc check: diagnostics only; with --fix the automatic fixes are applied to the files. */
#include <stdio.h>

#include "driver/compile.h"
#include "driver/driver.h"
#include "driver/variants.h"
#include "ir/ownership/noalloc.h"
#include "support/file.h"

static bool fix_file(Context *cx, const Source *source, uint32_t *applied) {
    StrBuf text = {0};
    uint32_t count = diags_apply_fixes(cx, source->file, &text);
    const char *reason = NULL;
    bool ok = count == 0 || file_write(source->path, strbuf_text(&text), text.len, &reason);
    if (!ok) fprintf(stderr, "kc: cannot write `%s`: %s\n", source->path, reason);
    *applied += count;
    strbuf_free(&text);
    return ok;
}

static int apply_fixes(Compilation *c) {
    uint32_t applied = 0;
    for (uint32_t i = 0; i < c->sources.len; i++)
        if (!fix_file(c->cx, c->sources.data[i], &applied)) return EXIT_USAGE;
    fprintf(stderr, "kc: applied %u fix%s\n", applied, applied == 1 ? "" : "es");
    return EXIT_CLEAN;
}

static void promise_note(void *user, Op *op) {
    bool *found = user;
    *found = *found || (op->kind == OP_FOR && (op->attr.loop.is_simd || op->attr.loop.is_lanes));
}

/* Whether `simd for`, `@must_vectorize` and `@fused` can be kept, and calls with SIMD values become vectors, is
 * found out by the passes that do it. */
static bool has_promise(const Compilation *c) {
    bool found = false;
    for (uint32_t i = 0; i < c->module->fns.len; i++) {
        const IrFn *fn = c->module->fns.data[i];
        found = found || fn->must_vectorize || fn->is_fused;
        if (fn->body != NULL) region_walk(fn->body, promise_note, &found);
    }
    return found;
}

/* Most programs do not promise to take no memory. */
static bool keeps_noalloc(Compilation *c) {
    if (!noalloc_is_asked(c->module)) return true;
    compile_drop(c);
    compile_erase(c);
    return compile_promise(c);
}

/* As far as errors are looked for, in all functions, whether somebody calls them or not. */
static bool check_deeply(Compilation *c) {
    if (!has_promise(c)) return compile_own(c) && keeps_noalloc(c);
    compile_keep_all(c);
    return compile_optimise(c);
}

static bool check(Compilation *c) {
    if (!compile_read(c)) return false;
    compile_lex(c);
    compile_parse(c);
    return compile_check(c) && compile_lower(c) && check_deeply(c);
}

int cmd_check(const Options *options) {
    Compilation c;
    int status;
    if (!compile_begin(&c, options, &status)) return status;
    variants_compile(&c, check);
    if (option_given(options, OPT_FIX)) status = apply_fixes(&c);
    return compile_end(&c, status);
}
