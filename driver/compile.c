#include "driver/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ir/lower/lower.h"
#include "ir/passes/pass.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "parser/parser.h"
#include "runtime/cpus.h"
#include "support/file.h"

/* Offsets in spans have 32 bits, and no kernel has this many characters. */
enum { MAX_SOURCE_BYTES = 1 << 28 };

/* ---- The steps --------------------------------------------------------------------------------- */

bool compile_to_ir(Compilation *c) {
    if (!(compile_read(c) && compile_lex(c) && compile_parse(c) && compile_check(c) && compile_lower(c))) return false;
    if (c->keeps_main) compile_keep_main(c);
    return compile_optimise(c);
}

bool compile_read(Compilation *c) {
    for (uint32_t i = 0; i < c->input_count; i++) {
        const char *path = c->options->inputs.data[i];
        const char *reason = NULL;
        StrBuf text = {0};
        if (!file_read(path, &text, &reason))
            diag_add(c->cx, K0001, NO_SPAN, "cannot read `%s`: %s", path, reason);
        else if (text.len > MAX_SOURCE_BYTES)
            diag_add(c->cx, K0003, NO_SPAN, "`%s` is larger than a source file may be", path);
        else
            vec_push(c->cx->arena, &c->sources,
                     sources_add(&c->cx->sources, path, strbuf_text(&text), (uint32_t)text.len));
        strbuf_free(&text);
    }
    return !diags_have_errors(c->cx);
}

bool compile_lex(Compilation *c) {
    for (uint32_t i = 0; i < c->sources.len; i++)
        vec_push(c->cx->arena, &c->tokens, lex(c->cx, c->sources.data[i]));
    return true;
}

bool compile_parse(Compilation *c) {
    for (uint32_t i = 0; i < c->sources.len; i++)
        vec_push(c->cx->arena, &c->asts,
                 parse(c->cx, &c->ids, c->sources.data[i], c->tokens.data[i]));
    return true;
}

static bool is_denied(const Compilation *c, const char *what) {
    const TextVec *given = &c->options->values[OPT_DENY];
    for (uint32_t i = 0; i < given->len; i++)
        if (strcmp(given->data[i], what) == 0) return true;
    return false;
}

bool compile_check(Compilation *c) {
    SemaOptions sema = {
        .include_dirs = c->options->values[OPT_INCLUDE].data,
        .include_count = c->options->values[OPT_INCLUDE].len,
        .stdlib_dir = c->data_dir ? arena_printf(c->cx->arena, "%s/stdlib", c->data_dir) : NULL,
        .vector_bits = c->target.vector_bits,
        .deny_implicit_conversion = is_denied(c, "implicit-conversion"),
        .may_split = option_given(c->options, OPT_NO_SIMD_SPLIT),
    };
    c->checked = check_program(c->cx, &c->ids, c->asts.data, c->asts.len, &sema);
    return !diags_have_errors(c->cx);
}

bool compile_lower(Compilation *c) {
    c->module = lower_program(c->cx, c->checked, &c->ir);
    StrBuf problems = {0};
    if (!ir_verify(c->module, &problems)) KC_BUG("lowering: %s", strbuf_text(&problems));
    strbuf_free(&problems);
    return true;
}

bool compile_own(Compilation *c) {
    pass_run_one(c->module, "ownership", &c->ir, &(PassObserver){0});
    return !diags_have_errors(c->cx);
}

void compile_drop(Compilation *c) {
    pass_run_one(c->module, "drops", &c->ir, &(PassObserver){0});
}

void compile_erase(Compilation *c) {
    pass_run_one(c->module, "erase", &c->ir, &(PassObserver){0});
}

bool compile_promise(Compilation *c) {
    pass_run_one(c->module, "noalloc", &c->ir, &(PassObserver){0});
    return !diags_have_errors(c->cx);
}

bool compile_optimise(Compilation *c) {
    const char *stop_after = option_value(c->options, OPT_STOP_AFTER);
    const char *print_after = option_value(c->options, OPT_PRINT_AFTER);
    StrBuf out = {0};
    if (print_after && strcmp(print_after, "lower") == 0) {
        ir_print_module(c->module, &out);
        print_after = NULL;
    }
    if (stop_after && strcmp(stop_after, "lower") == 0) {
        c->stopped = true;
    } else {
        PassObserver observer = {
            .print_after = print_after,
            .stop_after = stop_after,
            .print_changed = option_given(c->options, OPT_PRINT_CHANGED),
            .verify_each = option_given(c->options, OPT_VERIFY_EACH),
            .time_passes = option_given(c->options, OPT_TIME_PASSES),
            .out = &out,
            .remarks = c->remarks,
        };
        c->stopped = !passes_run(c->module, &c->ir, &observer);
    }
    if (c->traces_later) {
        c->trace = out;
    } else {
        fputs(strbuf_text(&out), stderr);
        strbuf_free(&out);
    }
    return !diags_have_errors(c->cx);
}

void compile_keep_main(Compilation *c) {
    for (uint32_t i = 0; i < c->module->fns.len; i++)
        if (c->module->fns.data[i]->is_main) c->module->fns.data[i]->is_exported = true;
}

void compile_keep_all(Compilation *c) {
    for (uint32_t i = 0; i < c->module->fns.len; i++) {
        IrFn *fn = c->module->fns.data[i];
        fn->is_exported = fn->is_exported || fn->body != NULL;
    }
}

CodegenOptions compile_codegen_options(Compilation *c) {
    CodegenOptions options = {
        .target = &c->target,
        .opt_level = c->ir.opt_level,
        .threads = c->threads,
        .debug_info = option_given(c->options, OPT_DEBUG),
        .runtime_prefix = option_value(c->options, OPT_RUNTIME_PREFIX),
    };
    if (c->others.len == 0) return options;
    Variant *variants = arena_array(c->cx->arena, Variant, c->others.len + 1);
    variants[0] = (Variant){c->module, &c->target};
    for (uint32_t i = 0; i < c->others.len; i++)
        variants[i + 1] = (Variant){c->others.data[i]->module, &c->others.data[i]->target};
    options.variants = variants;
    options.variant_count = c->others.len + 1;
    return options;
}

void compile_codegen(Compilation *c, CodegenOutput output, StrBuf *out) {
    CodegenOptions options = compile_codegen_options(c);
    codegen_emit(c->module, &options, output, out);
}

/* ---- Beginning and end ------------------------------------------------------------------------- */

static bool read_level(Compilation *c) {
    c->ir.opt_level = 3;
    const char *level = option_value(c->options, OPT_OPT_LEVEL);
    if (!level) return true;
    static const char *const levels[] = {"0", "1", "2", "3", NULL};
    c->ir.opt_level = option_choice(c->options, OPT_OPT_LEVEL, level, levels);
    return c->ir.opt_level >= 0;
}

static bool read_fp(Compilation *c) {
    const char *mode = option_value(c->options, OPT_FP);
    if (!mode) return true;
    static const char *const modes[] = {"contract", "strict", "reproducible", "fast", NULL};
    int choice = option_choice(c->options, OPT_FP, mode, modes);
    c->ir.fp = (FpMode)choice;
    return choice >= 0;
}

static bool read_checks(Compilation *c) {
    c->ir.checks = CHECKS_BOUNDS;
    const char *set = option_value(c->options, OPT_CHECKS);
    if (!set) return true;
    static const char *const sets[] = {"none", "bounds", "all", NULL};
    int choice = option_choice(c->options, OPT_CHECKS, set, sets);
    c->ir.checks = (Checks)choice;
    return choice >= 0;
}

static bool read_deny(Compilation *c) {
    const TextVec *given = &c->options->values[OPT_DENY];
    static const char *const choices[] = {"implicit-copy", "implicit-conversion", NULL};
    for (uint32_t i = 0; i < given->len; i++)
        if (option_choice(c->options, OPT_DENY, given->data[i], choices) < 0) return false;
    c->ir.deny_implicit_copy = is_denied(c, "implicit-copy");
    return true;
}

/* It begins names in C. */
static bool read_prefix(Compilation *c) {
    const char *prefix = option_value(c->options, OPT_RUNTIME_PREFIX);
    if (!prefix) return true;
    bool good = *prefix != '\0' && !(*prefix >= '0' && *prefix <= '9');
    for (const char *at = prefix; *at != '\0'; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_';
        good = good && (is_letter || (*at >= '0' && *at <= '9'));
    }
    if (!good) usage_error(c->options, "`%s` cannot begin a name in C", prefix);
    return good;
}

static bool read_color(Compilation *c) {
    const char *when = option_value(c->options, OPT_COLOR);
    static const char *const choices[] = {"auto", "always", "never", NULL};
    return !when || option_choice(c->options, OPT_COLOR, when, choices) >= 0;
}

/* One, where it is told how long each pass took: threads would wait for each other's memory. */
static bool read_threads(Compilation *c) {
    const char *given = option_value(c->options, OPT_JOBS);
    c->threads = option_given(c->options, OPT_TIME_PASSES) ? 1 : (uint32_t)kc_cpu_limit();
    if (given == NULL) return true;
    char *end;
    long number = strtol(given, &end, 10);
    if (*end != '\0' || number < 1 || number > INT16_MAX) {
        usage_error(c->options, "-j takes a number of threads, not `%s`", given);
        return false;
    }
    c->threads = (uint32_t)number;
    return true;
}

/* The names that --stop-after and --print-after take: those of the passes, and `lower`. */
static const char *nearest_pass(const char *name) {
    const char *const *names;
    uint32_t count = pass_names(&names);
    const char *near = nearest_text(name, names, count);
    return near ? near : nearest_text(name, (const char *const[]){"lower", "all"}, 2);
}

void report_unknown_pass(const Options *options, const char *name) {
    const char *near = nearest_pass(name);
    usage_error(options, "no pass `%s`%s%s%s", name, near ? "; did you mean `" : "",
                near ? near : "", near ? "`?" : "");
}

static bool read_pass_name(Compilation *c, OptionId id) {
    const char *name = option_value(c->options, id);
    if (!name || pass_exists(name) || strcmp(name, "lower") == 0) return true;
    if (id == OPT_PRINT_AFTER && strcmp(name, "all") == 0) return true;
    report_unknown_pass(c->options, name);
    return false;
}

/* A list is for an object with several variants. What runs here needs one; the other commands have
 * one to show. */
static bool read_targets(Compilation *c) {
    const char *command = c->options->command;
    if (c->targets.count == 1 || strcmp(command, "build") == 0 || strcmp(command, "check") == 0)
        return true;
    if (strcmp(command, "run") != 0) {
        usage_error(c->options, "takes one architecture after -march=");
        return false;
    }
    uint32_t best = 0;
    for (uint32_t i = 0; i < c->targets.count; i++)
        if (target_is_runnable(&c->targets.all[i])) best = i;
    c->targets.all[0] = c->targets.all[best];
    c->targets.all[0].suffix = "";
    c->targets.count = 1;
    return true;
}

/* As much as the last cache that a core shares with a few others holds, on most processors: what is stored first
 * is no longer there when the last has been. */
enum { STREAM_BYTES = 32 << 20 };

void compile_set_target(Compilation *c, const Target *target) {
    c->target = *target;
    c->ir.has_fma = target->has_fma;
    c->ir.vector_bits = target->vector_bits;
    c->ir.vector_registers = target->arch == ARCH_X86_64 && !target->has_masks ? 16 : 32;
    c->ir.has_masks = target->has_masks;
    c->ir.has_byte_moves = target->has_byte_moves;
    c->ir.has_gathers = target->has_gathers;
    memcpy(c->ir.lookup_bytes, target->lookup_bytes, sizeof c->ir.lookup_bytes);
    c->ir.has_word_masks = target->arch == ARCH_X86_64 && target->vector_bits >= 256;
    c->ir.stream_bytes = c->ir.has_word_masks ? STREAM_BYTES : 0;
}

static void print_target(const Compilation *c, const Target *target) {
    const char *fp = option_value(c->options, OPT_FP);
    fprintf(stderr, "kc: target %s, %s (%s), %u-bit vectors, -O%d, fp %s\n", target->triple,
            target->march, target->cpu, target->vector_bits, c->ir.opt_level,
            fp ? fp : "contract");
}

bool compile_begin(Compilation *c, const Options *options, int *status) {
    *c = (Compilation){.options = options, .cx = context_create()};
    c->ids = (AstIds){.arena = c->cx->arena, .exprs = 1, .stmts = 1};
    c->data_dir = find_data_dir(c->cx->arena);
    c->input_count = options->inputs.len;
    *status = EXIT_USAGE;
    bool ok = read_level(c) && read_fp(c) && read_checks(c) && read_deny(c) && read_prefix(c) && read_color(c) &&
              read_threads(c) &&
              read_pass_name(c, OPT_PRINT_AFTER) && read_pass_name(c, OPT_STOP_AFTER);
    if (ok && options->inputs.len == 0) {
        usage_error(options, "no input file");
        ok = false;
    }
    if (ok)
        ok = targets_resolve(c->cx, option_value(options, OPT_TARGET),
                             option_value(options, OPT_MARCH), &c->targets) &&
             read_targets(c);
    if (!ok) {
        compile_end(c, EXIT_USAGE);
        return false;
    }
    compile_set_target(c, &c->targets.all[0]);
    if (option_given(options, OPT_VERBOSE))
        for (uint32_t i = 0; i < c->targets.count; i++) print_target(c, &c->targets.all[i]);
    *status = EXIT_CLEAN;
    return true;
}

static bool wants_colour(const Options *options) {
    const char *when = option_value(options, OPT_COLOR);
    if (when && strcmp(when, "always") == 0) return true;
    if (when && strcmp(when, "never") == 0) return false;
    const char *no_color = getenv("NO_COLOR");
    return isatty(STDERR_FILENO) && !(no_color && *no_color);
}

static void print_summary(const Context *cx) {
    uint32_t warnings = 0;
    for (uint32_t i = 0; i < cx->diags.all.len; i++)
        warnings += cx->diags.all.data[i]->severity == SEVERITY_WARNING;
    uint32_t errors = cx->diags.errors;
    if (errors + warnings == 0) return;
    fputc('\n', stderr);
    if (errors) fprintf(stderr, "%u error%s", errors, errors == 1 ? "" : "s");
    if (warnings)
        fprintf(stderr, "%s%u warning%s", errors ? ", " : "", warnings, warnings == 1 ? "" : "s");
    fputc('\n', stderr);
}

int compile_end(Compilation *c, int status) {
    StrBuf out = {0};
    if (c->told) {
        /* the command printed them with its own results */
    } else if (option_given(c->options, OPT_JSON)) {
        diags_render_json(c->cx, &out);
        fputs(strbuf_text(&out), stdout);
    } else if (c->cx->diags.all.len > 0) {
        diags_render_text(c->cx, &out, wants_colour(c->options));
        fputs(strbuf_text(&out), stderr);
        print_summary(c->cx);
    }
    strbuf_free(&out);
    if (status == EXIT_CLEAN && diags_have_errors(c->cx)) status = EXIT_ERRORS;
    for (uint32_t i = 0; i < c->others.len; i++) context_destroy(c->others.data[i]->cx);
    context_destroy(c->cx);
    return status;
}

/* ---- Where the library is ---------------------------------------------------------------------- */

static const char *folder_with_stdlib(Arena *arena, const char *folder) {
    const char *probe = arena_printf(arena, "%s/stdlib/math.k", folder);
    return file_exists(probe) ? folder : NULL;
}

const char *find_data_dir(Arena *arena) {
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return NULL;
    program[length] = '\0';
    StrBuf folder = {0};
    path_folder(program, &folder);
    const char *beside = arena_printf(arena, "%s", strbuf_text(&folder));
    const char *shared = arena_printf(arena, "%s/../share/kc", strbuf_text(&folder));
    strbuf_free(&folder);
    const char *found = folder_with_stdlib(arena, beside);
    return found ? found : folder_with_stdlib(arena, shared);
}
