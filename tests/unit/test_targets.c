/* Targets: what --target and -march resolve to, what is refused and how, and that LLVM knows every
 * name of targets.def and cpus.def. */
#include "codegen/codegen.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct TargetName {
    const char *triple, *name;
} TargetName;

#define ARCH_X86_64_TRIPLE "x86_64-linux-gnu"
#define ARCH_AARCH64_TRIPLE "aarch64-linux-gnu"
#define ARCH_RISCV64_TRIPLE "riscv64-linux-gnu"

static const TargetName names[] = {
#define TARGET(arch, name, cpu, features, needs, bits, facts, summary) {ARCH_##arch##_TRIPLE, name},
#include "codegen/targets.def"
#undef TARGET
#define CPU(arch, name, bits, facts, asks) {ARCH_##arch##_TRIPLE, name},
#include "codegen/cpus.def"
#undef CPU
};

static int setup(void **state) {
    *state = context_create();
    return 0;
}

static int teardown(void **state) {
    context_destroy(*state);
    return 0;
}

static void every_name_resolves(void **state) {
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        Target target;
        assert_true(target_resolve(*state, names[i].triple, names[i].name, &target));
        assert_string_equal(target.march, names[i].name);
        assert_true(target.vector_bits % 128 == 0 && target.vector_bits <= 512);
    }
    assert_false(diags_have_errors(*state));
}

/* An empty module, alone and as one of two variants where that is possible. */
static void compile_nothing(Context *cx, const IrModule *module, const TargetName *name) {
    Target target;
    if (!target_resolve(cx, name->triple, name->name, &target)) return;
    CodegenOptions options = {.target = &target};
    StrBuf out = {0};
    codegen_emit(module, &options, OUTPUT_LLVM, &out);
    TargetList both;
    if (target.asks != NULL) {
        const char *list = arena_printf(cx->arena, "x86-64,%s", name->name);
        assert_true(targets_resolve(cx, name->triple, list, &both));
        Variant variants[] = {{module, &both.all[0]}, {module, &both.all[1]}};
        options = (CodegenOptions){.target = &both.all[0], .variants = variants, .variant_count = 2};
        codegen_emit(module, &options, OUTPUT_OBJECT, &out);
    }
    strbuf_free(&out);
}

/* LLVM complains of a processor it does not know on standard error, and nowhere else. */
static void llvm_knows_every_name(void **state) {
    Context *cx = *state;
    char path[] = "/tmp/kc-targets-XXXXXX";
    int capture = mkstemp(path), kept = dup(STDERR_FILENO);
    assert_true(capture >= 0 && kept >= 0);
    IrModule *module = ir_module_create(cx, name_of_str(cx->names, "empty"));
    fflush(stderr);
    dup2(capture, STDERR_FILENO);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) compile_nothing(cx, module, &names[i]);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    char said[256] = "";
    ssize_t length = pread(capture, said, sizeof said - 1, 0);
    close(capture);
    unlink(path);
    assert_true(length >= 0);
    assert_string_equal(said, "");
}

static void defaults_are_baselines(void **state) {
    Target target;
    assert_true(target_resolve(*state, "x86_64-linux-gnu", NULL, &target));
    assert_string_equal(target.march, "x86-64");
    assert_string_equal(target.cpu, "x86-64");
    assert_false(target.has_fma);
    assert_true(target_resolve(*state, "aarch64", NULL, &target));
    assert_string_equal(target.march, "neon");
    assert_string_equal(target.triple, "aarch64-unknown-linux-gnu");
    assert_true(target.has_fma);
    assert_true(target_resolve(*state, "riscv64-linux-musl", NULL, &target));
    assert_string_equal(target.march, "rv64gc");
    assert_string_equal(target.triple, "riscv64-unknown-linux-musl");
    assert_true(target_resolve(*state, NULL, NULL, &target));
    assert_true(target_is_runnable(&target));
}

static void features_follow_the_name(void **state) {
    Target target;
    assert_true(target_resolve(*state, "x86_64", "avx2", &target));
    assert_true(target.has_fma && target.has_round && target.has_half);
    assert_int_equal(target.vector_bits, 256);
    assert_true(target_resolve(*state, "x86_64", "avx512", &target));
    assert_int_equal(target.vector_bits, 512);
    assert_true(target_resolve(*state, "x86_64", "sse4.2", &target));
    assert_true(target.has_round && !target.has_fma && !target.has_half);
    assert_true(target_resolve(*state, "aarch64", "sve", &target));
    assert_int_equal(target.vector_bits, 0);
}

static void this_machine_runs_native(void **state) {
    Target target;
    assert_true(target_resolve(*state, NULL, "native", &target));
    assert_true(target_is_runnable(&target));
    assert_true(target.cpu[0] != '\0');
}

/* The rendered text of the diagnostics of one resolution that fails. */
static void refused(const char *triple, const char *march, const char *const *parts) {
    Context *cx = context_create();
    Target target;
    assert_false(target_resolve(cx, triple, march, &target));
    assert_int_equal(cx->diags.errors, 1);
    StrBuf text = {0};
    diags_render_text(cx, &text, false);
    for (; *parts != NULL; parts++)
        if (strstr(strbuf_text(&text), *parts) == NULL)
            fail_msg("`%s` is not in:\n%s", *parts, strbuf_text(&text));
    strbuf_free(&text);
    context_destroy(cx);
}

static void mistakes_are_explained(void **state) {
    (void)state;
    refused("x86_64", "avx22", (const char *[]){"K0501", "`avx22`", "`avx2`", NULL});
    refused("x86_64", "hasswell", (const char *[]){"`haswell`", NULL});
    refused("x86_64", "neon", (const char *[]){"aarch64", "--target=aarch64-linux-gnu", NULL});
    refused("x86_63-linux-gnu", NULL, (const char *[]){"no target", "`x86_64`", NULL});
    refused("x86_64-pc-windows-msvc", NULL, (const char *[]){"no target", NULL});
    refused("", NULL, (const char *[]){"no target", NULL});
    refused("x86_64", "", (const char *[]){"K0501", NULL});
}

/* The least demanding comes first, whatever the order of the list. */
static void lists_are_sorted(void **state) {
    Context *cx = *state;
    TargetList list;
    assert_true(targets_resolve(cx, "x86_64", "avx512,x86-64,avx2", &list));
    assert_int_equal(list.count, 3);
    assert_string_equal(list.all[0].suffix, "__x86_64");
    assert_string_equal(list.all[1].suffix, "__avx2");
    assert_string_equal(list.all[2].march, "avx512");
    assert_true(targets_resolve(cx, "x86_64", "avx512,x86-64-v4,sse4.2", &list));
    assert_string_equal(list.all[0].suffix, "__sse4_2");
    assert_string_equal(list.all[2].march, "x86-64-v4"); /* of equals, the later one */
    assert_true(targets_resolve(cx, "x86_64", "avx2", &list));
    assert_int_equal(list.count, 1);
    assert_string_equal(list.all[0].suffix, "");
    assert_false(diags_have_errors(cx));
    assert_false(targets_resolve(cx, "x86_64", "avx2,native", &list));
    assert_false(targets_resolve(cx, "x86_64", "avx2,,avx512", &list));
    assert_int_equal(cx->diags.errors, 2);
}

static void table_lists_all(void **state) {
    (void)state;
    StrBuf out = {0};
    targets_print(&out, false);
    assert_non_null(strstr(out.data, "avx512"));
    assert_non_null(strstr(out.data, "rvv"));
    StrBuf runnable = {0};
    targets_print(&runnable, true);
    assert_true(runnable.len < out.len && runnable.len > 0);
    strbuf_free(&out);
    strbuf_free(&runnable);
}

/* ---- Objects --------------------------------------------------------------------------------- */

static void object_of_empty_module(Context *cx, StrBuf *out) {
    IrModule *module = ir_module_create(cx, name_of_str(cx->names, "empty"));
    Target target;
    assert_true(target_resolve(cx, NULL, NULL, &target));
    CodegenOptions options = {.target = &target, .opt_level = 3};
    codegen_emit(module, &options, OUTPUT_OBJECT, out);
}

static void info_reads_back(void **state) {
    StrBuf object = {0}, text = {0};
    object_of_empty_module(*state, &object);
    const char *reason = NULL;
    assert_true(object_info_print(object.data, object.len, "e.o", false, &text, &reason));
    assert_non_null(strstr(text.data, "e.o: made by kc"));
    assert_non_null(strstr(text.data, "nothing"));
    strbuf_free(&object);
    strbuf_free(&text);
}

/* Every cut and every overwritten byte is read without harm. */
static void broken_objects_are_survived(void **state) {
    StrBuf object = {0};
    object_of_empty_module(*state, &object);
    const char *reason = NULL;
    char *copy = malloc(object.len);
    for (size_t i = 0; i < object.len; i++) {
        StrBuf text = {0};
        memcpy(copy, object.data, i);
        (void)object_info_print(copy, i, "e.o", true, &text, &reason);
        memcpy(copy, object.data, object.len);
        copy[i] = (char)0xff;
        (void)object_info_print(copy, object.len, "e.o", false, &text, &reason);
        strbuf_free(&text);
    }
    free(copy);
    strbuf_free(&object);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_resolves),     cmocka_unit_test(llvm_knows_every_name),
        cmocka_unit_test(defaults_are_baselines),  cmocka_unit_test(features_follow_the_name),
        cmocka_unit_test(this_machine_runs_native), cmocka_unit_test(mistakes_are_explained),
        cmocka_unit_test_setup_teardown(lists_are_sorted, setup, teardown),
        cmocka_unit_test(table_lists_all),         cmocka_unit_test(info_reads_back),
        cmocka_unit_test(broken_objects_are_survived),
    };
    return cmocka_run_group_tests_name("targets", tests, setup, teardown);
}
