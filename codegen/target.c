/* Targets: from what the user wrote after --target= and -march= to a Target. */
#include "codegen/target.h"

#include "codegen/levels.h"

#include <string.h>

enum { NOTHING = 0, FMA = 1, ROUND = 2, HALF = 4, GATHER = 8 };

const TargetRow target_rows[] = {
#define TARGET(arch, name, cpu, features, needs, bits, facts, summary)                             \
    {ARCH_##arch, name, cpu, features, needs, NULL, summary, bits, (facts) & FMA,                  \
     (facts) & ROUND, (facts) & HALF, (facts) & GATHER},
#include "codegen/targets.def"
#undef TARGET
};
const uint32_t target_row_count = ARRAY_LEN(target_rows);

const TargetRow target_cpus[] = {
#define CPU(arch, name, bits, facts, asks)                                                         \
    {ARCH_##arch, name, name, "", NULL, asks, "", bits, (facts) & FMA, (facts) & ROUND,            \
     (facts) & HALF, (facts) & GATHER},
#include "codegen/cpus.def"
#undef CPU
};
const uint32_t target_cpu_count = ARRAY_LEN(target_cpus);

typedef struct ArchNames {
    TargetArch arch;
    const char *name, *llvm;
} ArchNames;

/* The first part of a triple, and what people write for it. */
static const ArchNames arch_names[] = {
    {ARCH_X86_64, "x86_64", "x86_64"},   {ARCH_X86_64, "x86-64", "x86_64"},
    {ARCH_X86_64, "amd64", "x86_64"},    {ARCH_AARCH64, "aarch64", "aarch64"},
    {ARCH_AARCH64, "arm64", "aarch64"},  {ARCH_RISCV64, "riscv64", "riscv64"},
};

const char *target_arch_name(TargetArch arch) {
    switch (arch) {
    case ARCH_X86_64: return "x86-64";
    case ARCH_AARCH64: return "aarch64";
    case ARCH_RISCV64: return "riscv64";
    }
    UNREACHABLE();
}

static const ArchNames *arch_find(const char *text, size_t length) {
    for (size_t i = 0; i < ARRAY_LEN(arch_names); i++) {
        const char *name = arch_names[i].name;
        if (strlen(name) == length && memcmp(name, text, length) == 0) return &arch_names[i];
    }
    return NULL;
}

static void report_triple(Context *cx, const char *triple, size_t arch_length) {
    Diag *d = diag_add(cx, K0501, NO_SPAN, "no target `%s`", triple);
    const char *names[ARRAY_LEN(arch_names)];
    for (size_t i = 0; i < ARRAY_LEN(arch_names); i++) names[i] = arch_names[i].name;
    const char *arch = arena_strndup(cx->arena, triple, arch_length);
    const char *near = nearest_text(arch, names, ARRAY_LEN(names));
    if (near != NULL) diag_note(cx, d, "did you mean `%s`?", near);
    diag_note(cx, d, "kc compiles for x86_64-linux-gnu, aarch64-linux-gnu and riscv64-linux-gnu");
}

/* Objects follow the ELF ABIs of Linux; the last parts of a triple may say that, or nothing. */
static bool triple_rest_is_ours(const char *rest) {
    static const char *const foreign[] = {"windows", "win32", "mingw", "cygwin", "darwin", "macos",
                                          "ios",     "wasm",  "apple", "uefi",   "msvc",   "gnux32",
                                          "ilp32",   "coff",  "macho"};
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        if (strstr(rest, foreign[i]) != NULL) return false;
    return true;
}

static const char *triple_resolve(Context *cx, const char *triple, TargetArch *arch) {
    size_t length = strcspn(triple, "-");
    const ArchNames *names = arch_find(triple, length);
    if (names == NULL && strncmp(triple, "x86-64", 6) == 0 && (triple[6] == '-' || !triple[6]))
        names = arch_find(triple, length = 6);
    if (names == NULL || !triple_rest_is_ours(triple + length)) {
        report_triple(cx, triple, length);
        return NULL;
    }
    *arch = names->arch;
    const char *rest = strstr(triple + length, "linux-musl") ? "linux-musl" : "linux-gnu";
    return arena_printf(cx->arena, "%s-unknown-%s", names->llvm, rest);
}

static const TargetRow *row_find(const TargetRow *rows, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    return NULL;
}

static const TargetRow *baseline_of(TargetArch arch) {
    for (uint32_t i = 0; i < target_row_count; i++)
        if (target_rows[i].arch == arch) return &target_rows[i];
    UNREACHABLE();
}

static void report_march(Context *cx, const char *march, TargetArch arch) {
    const char *wanted = target_arch_name(arch);
    Diag *d = diag_add(cx, K0501, NO_SPAN, "no architecture `%s` for %s", march, wanted);
    const char **names = arena_array(cx->arena, const char *, target_row_count + target_cpu_count);
    uint32_t count = 0;
    StrBuf list = {0};
    for (uint32_t i = 0; i < target_row_count; i++) {
        if (target_rows[i].arch != arch) continue;
        names[count++] = target_rows[i].name;
        strbuf_printf(&list, "%s%s", list.len ? ", " : "", target_rows[i].name);
    }
    for (uint32_t i = 0; i < target_cpu_count; i++)
        if (target_cpus[i].arch == arch) names[count++] = target_cpus[i].name;
    const char *near = nearest_text(march, names, count);
    if (near != NULL) diag_note(cx, d, "did you mean `%s`?", near);
    diag_note(cx, d, "for %s there are %s, native, and the names of processors", wanted,
              strbuf_text(&list));
    strbuf_free(&list);
}

/* A name of another architecture is understood, and said to be one. */
static bool report_other_arch(Context *cx, const char *march, TargetArch arch) {
    const TargetRow *row = row_find(target_rows, target_row_count, march);
    if (row == NULL) row = row_find(target_cpus, target_cpu_count, march);
    if (row == NULL) return false;
    const char *theirs = target_arch_name(row->arch);
    Diag *d = diag_add(cx, K0501, NO_SPAN, "`%s` is an architecture of %s, and the target is %s",
                       march, theirs, target_arch_name(arch));
    diag_note(cx, d, "add `--target=%s-linux-gnu`", row->arch == ARCH_X86_64 ? "x86_64" : theirs);
    return true;
}

/* The largest tables that are looked up in registers: `can` are the processor's features. */
static void lookups_fill(Target *target, const char *can) {
    enum { BYTES, SHORTS, WORDS, DOUBLES, PART = 16, EIGHT_WORDS = 32, ARM_PART = 64 };
    unsigned all = 2 * target->vector_bits / 8, *most = target->lookup_bytes;
    memset(most, 0, sizeof target->lookup_bytes);
    if (target->arch == ARCH_AARCH64 && target->vector_bits == 128)
        most[BYTES] = most[SHORTS] = most[WORDS] = ARM_PART;
    if (target->arch != ARCH_X86_64) return;
    bool permutes = features_have(can, "avx512bw") && features_have(can, "avx512vl");
    bool has_words = features_have(can, "avx2") && target->vector_bits == 256;
    if (permutes) most[SHORTS] = most[WORDS] = most[DOUBLES] = all;
    else if (has_words) most[WORDS] = EIGHT_WORDS;
    if (permutes && features_have(can, "avx512vbmi")) most[BYTES] = all;
    else if (permutes || has_words || (features_have(can, "ssse3") && target->vector_bits == 128)) most[BYTES] = PART;
}

static void instructions_fill(Target *target, const char *can) {
    lookups_fill(target, can);
    target->has_byte_moves = features_have(can, "avx512vbmi2") && features_have(can, "avx512vl");
    target->has_range = features_have(can, "avx512dq") && features_have(can, "avx512vl");
}

static void target_fill(Target *target, const TargetRow *row) {
    target->cpu = row->cpu;
    target->features = row->features;
    target->needs = row->needs;
    target->asks = row->asks;
    target->vector_bits = row->vector_bits;
    target->has_fma = row->has_fma;
    target->has_round = row->has_round;
    target->has_half = row->has_half;
    target->has_gathers = row->has_gathers;
    target->has_masks = row->vector_bits == 512 ||
                        (row->needs != NULL && features_have(row->needs, "avx512vl"));
    instructions_fill(target, row->needs != NULL ? row->needs : row->asks != NULL ? row->asks : "");
}

/* The processor this runs on: LLVM names it, and its features decide (a virtual machine may hide
 * some that the name promises). */
static bool target_fill_native(Context *cx, Target *target) {
    HostCpu host;
    host_cpu(cx->arena, &host);
    if (host.arch != target->arch) {
        Diag *d = diag_add(cx, K0501, NO_SPAN, "`native` is this machine, which is %s, not %s",
                           target_arch_name(host.arch), target_arch_name(target->arch));
        diag_note(cx, d, "leave `--target` away, or name an architecture of %s",
                  target_arch_name(target->arch));
        return false;
    }
    target_fill(target, baseline_of(target->arch));
    target->cpu = host.name;
    target->features = host.features;
    target->needs = "";
    if (target->arch != ARCH_X86_64) return true;
    target->has_fma = features_have(host.features, "fma");
    target->has_half = features_have(host.features, "f16c");
    target->has_round = features_have(host.features, "sse4.1");
    target->has_masks = features_have(host.features, "avx512vl");
    const TargetRow *row = row_find(target_cpus, target_cpu_count, host.name);
    target->has_gathers = row != NULL && row->has_gathers && features_have(host.features, "avx2");
    target->vector_bits = features_have(host.features, "avx512vl") ? 512
                          : features_have(host.features, "avx")    ? 256
                                                                   : 128;
    instructions_fill(target, host.features);
    return true;
}

void target_ask(Target *target) {
    target->tune = target->cpu;
    target->cpu = baseline_of(target->arch)->cpu;
    target->features = target->needs = target->asks;
}

void target_to_baseline(Target *target) {
    target_fill(target, baseline_of(target->arch));
    target->suffix = "";
}

static bool target_find(Context *cx, const char *triple, const char *march, Target *target) {
    *target = (Target){.suffix = ""};
    if (triple == NULL) triple = host_triple(cx->arena);
    target->triple = triple_resolve(cx, triple, &target->arch);
    if (target->triple == NULL) return false;
    if (march == NULL) march = baseline_of(target->arch)->name;
    target->march = arena_strndup(cx->arena, march, strlen(march));
    if (strcmp(march, "native") == 0) return target_fill_native(cx, target);
    for (int pass = 0; pass < 2; pass++) {
        const TargetRow *row = pass == 0 ? row_find(target_rows, target_row_count, march)
                                         : row_find(target_cpus, target_cpu_count, march);
        if (row == NULL || row->arch != target->arch) continue;
        target_fill(target, row);
        return true;
    }
    if (!report_other_arch(cx, march, target->arch)) report_march(cx, march, target->arch);
    return false;
}

/* What emit_gather.c loads one by one, LLVM must not make an instruction again. */
static void gathers_avoid(Context *cx, Target *target) {
    if (target->arch != ARCH_X86_64 || target->has_gathers || !target->has_masks) return;
    target->features = arena_printf(cx->arena, "%s%s+prefer-no-gather", target->features,
                                    target->features[0] == '\0' ? "" : ",");
}

bool target_resolve(Context *cx, const char *triple, const char *march, Target *target) {
    if (!target_find(cx, triple, march, target)) return false;
    gathers_avoid(cx, target);
    return true;
}
