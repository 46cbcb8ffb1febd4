/* kc build: the outputs that --emit names. All are made in memory first, so that a failing build leaves
 * the old files as they were. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver/cases.h"
#include "driver/compile.h"
#include "driver/driver.h"
#include "driver/output.h"
#include "driver/variants.h"
#include "ir/text.h"
#include "parser/ast.h"
#include "support/file.h"

typedef enum Emit {
    EMIT_OBJ, EMIT_HEADER, EMIT_ASM, EMIT_LLVM, EMIT_KIR, EMIT_AST, EMIT_TOKENS, EMIT_MANIFEST,
    EMIT_CASES, EMIT_COUNT
} Emit;

static const char *const emit_names[] = {"obj", "header", "asm", "llvm", "kir", "ast", "tokens",
                                         "manifest", "cases", NULL};
static const char *const emit_extensions[] = {".o",   ".h",      ".s",    ".ll",     ".kir",
                                              ".ast", ".tokens", ".json", ".cases.c"};

typedef struct Build {
    Compilation c;
    bool wanted[EMIT_COUNT];
    uint32_t wanted_count;
    const char *base; /* path whose extension each output replaces; "-" */
    Outputs outputs;
} Build;

/* --emit may be given several times, and takes lists. */
static bool read_emit(Build *b, const Options *options) {
    const TextVec *lists = &options->values[OPT_EMIT];
    for (uint32_t i = 0; i < lists->len; i++) {
        const char *list = lists->data[i];
        while (*list) {
            size_t length = strcspn(list, ",");
            const char *word = arena_strndup(options->arena, list, length);
            int choice = option_choice(options, OPT_EMIT, word, emit_names);
            if (choice < 0) return false;
            b->wanted[choice] = true;
            list += length + (list[length] == ',');
        }
    }
    if (lists->len == 0) b->wanted[EMIT_OBJ] = b->wanted[EMIT_HEADER] = true;
    for (int e = 0; e < EMIT_COUNT; e++) b->wanted_count += b->wanted[e];
    return true;
}

/* The IR of several variants is several programs, and so are the cases' calls of it. */
static bool check_list(const Build *b, const Options *options) {
    bool is_list = b->c.targets.count > 1;
    if (is_list && (b->wanted[EMIT_KIR] || b->wanted[EMIT_CASES])) {
        usage_error(options, "--emit=%s takes one architecture after -march=",
                    b->wanted[EMIT_KIR] ? "kir" : "cases");
        return false;
    }
    return true;
}

static bool read_output_name(Build *b, const Options *options) {
    const char *output = option_value(options, OPT_OUTPUT);
    if (output && strcmp(output, "-") == 0 && b->wanted_count != 1) {
        usage_error(options, "-o - takes one output: name it with --emit=");
        return false;
    }
    if (!output) {
        StrBuf stem = {0};
        path_stem(options->inputs.data[0], &stem);
        output = arena_printf(options->arena, "%s.o", strbuf_text(&stem));
        strbuf_free(&stem);
    }
    b->base = output;
    return true;
}

/* Where output `e` goes: -o itself when it is the only one or the object, beside it otherwise. */
static const char *path_of(const Build *b, Emit e) {
    bool named = option_given(b->c.options, OPT_OUTPUT);
    if (named && (b->wanted_count == 1 || e == EMIT_OBJ)) return b->base;
    return path_with_extension(b->c.options->arena, b->base, emit_extensions[e]);
}

static StrBuf *output_for(Build *b, Emit e) { return output_add(&b->outputs, path_of(b, e)); }

static bool needs_ir(const Build *b) {
    return b->wanted_count > (uint32_t)(b->wanted[EMIT_AST] + b->wanted[EMIT_TOKENS]);
}

static void emit_syntax(Build *b) {
    Compilation *c = &b->c;
    if (b->wanted[EMIT_TOKENS]) {
        StrBuf *out = output_for(b, EMIT_TOKENS);
        for (uint32_t i = 0; i < c->tokens.len; i++) tokens_print(c->cx, c->tokens.data[i], out);
    }
    if (b->wanted[EMIT_AST]) {
        StrBuf *out = output_for(b, EMIT_AST);
        for (uint32_t i = 0; i < c->asts.len; i++) ast_print(c->cx, c->asts.data[i], out);
    }
}

static bool emit_code(Build *b) {
    Compilation *c = &b->c;
    if (b->wanted[EMIT_KIR]) ir_print_module(c->module, output_for(b, EMIT_KIR));
    if (b->wanted[EMIT_CASES] && !cases_emit_c(c, output_for(b, EMIT_CASES))) return false;
    if (c->stopped) return true; /* the rest needs the whole pipeline */
    CodegenOptions codegen = compile_codegen_options(c);
    if (b->wanted[EMIT_HEADER]) header_emit(c->module, &codegen, output_for(b, EMIT_HEADER));
    if (b->wanted[EMIT_MANIFEST])
        manifest_emit(c->module, &codegen, source_hash(c), output_for(b, EMIT_MANIFEST));
    if (b->wanted[EMIT_ASM]) compile_codegen(c, OUTPUT_ASSEMBLY, output_for(b, EMIT_ASM));
    if (b->wanted[EMIT_LLVM]) compile_codegen(c, OUTPUT_LLVM, output_for(b, EMIT_LLVM));
    if (b->wanted[EMIT_OBJ]) compile_codegen(c, OUTPUT_OBJECT, output_for(b, EMIT_OBJ));
    return true;
}

/* One rule for make: the first output depends on every file that was read, and each of those has an
 * empty rule, so that a removed import does not stop the next build. */
static void emit_depfile(Build *b) {
    const Compilation *c = &b->c;
    StrBuf *out = output_add(&b->outputs, path_with_extension(c->options->arena, b->base, ".d"));
    strbuf_printf(out, "%s:", path_of(b, EMIT_OBJ));
    for (uint32_t f = 1; f < c->cx->sources.files.len; f++)
        strbuf_printf(out, " \\\n  %s", c->cx->sources.files.data[f]->path);
    strbuf_putc(out, '\n');
    for (uint32_t f = 2; f < c->cx->sources.files.len; f++)
        strbuf_printf(out, "%s:\n", c->cx->sources.files.data[f]->path);
}

/* Lets another program make `path` under a temporary name, then puts it in place. */
static bool make_with(const char *const *argv, const char *temporary, const char *path) {
    if (program_run(argv) && rename(temporary, path) == 0) return true;
    remove(temporary);
    return false;
}

static bool link_libraries(const Build *b) {
    Arena *arena = b->c.options->arena;
    const char *object = path_of(b, EMIT_OBJ);
    if (option_given(b->c.options, OPT_SHARED)) {
        const char *path = path_with_extension(arena, b->base, ".so");
        const char *temporary = arena_printf(arena, "%s.tmp%ld", path, (long)getpid());
        const char *argv[] = {"cc", "-shared", "-o", temporary, object, NULL};
        if (!make_with(argv, temporary, path)) return false;
    }
    if (option_given(b->c.options, OPT_STATIC_LIB)) {
        const char *path = path_with_extension(arena, b->base, ".a");
        const char *temporary = arena_printf(arena, "%s.tmp%ld", path, (long)getpid());
        const char *argv[] = {"ar", "rcsD", temporary, object, NULL};
        if (!make_with(argv, temporary, path)) return false;
    }
    return true;
}

static bool build_all(Build *b) {
    Compilation *c = &b->c;
    if (!needs_ir(b)) {
        if (!compile_read(c)) return false;
        compile_lex(c);
        compile_parse(c);
        emit_syntax(b);
        return true;
    }
    c->keeps_main = b->wanted[EMIT_CASES];
    if (!(variants_compile(c, compile_to_ir) && variants_agree(c))) return false;
    emit_syntax(b);
    if (!emit_code(b)) return false;
    if (option_given(c->options, OPT_DEPFILE)) emit_depfile(b);
    return !diags_have_errors(c->cx);
}

int cmd_build(const Options *options) {
    Build b = {.outputs = {.arena = options->arena}};
    int status;
    if (!compile_begin(&b.c, options, &status)) return status;
    bool ok = read_emit(&b, options) && check_list(&b, options) && read_output_name(&b, options);
    if ((option_given(options, OPT_SHARED) || option_given(options, OPT_STATIC_LIB)) &&
        ok && !b.wanted[EMIT_OBJ])
        ok = usage_error(options, "--shared and --static-lib need --emit=obj") == EXIT_CLEAN;
    if (!ok) return compile_end(&b.c, EXIT_USAGE);
    status = EXIT_CLEAN;
    if (build_all(&b) && !(outputs_write(&b.outputs) && link_libraries(&b))) status = EXIT_USAGE;
    outputs_free(&b.outputs);
    return compile_end(&b.c, status);
}
