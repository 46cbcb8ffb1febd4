/* This machine, as LLVM sees it, and LLVM's target machines. */
#include "codegen/target.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <string.h>

static const char *taken(Arena *arena, char *message) {
    const char *copy = arena_strndup(arena, message, strlen(message));
    LLVMDisposeMessage(message);
    return copy;
}

const char *host_triple(Arena *arena) { return taken(arena, LLVMGetDefaultTargetTriple()); }

void host_cpu(Arena *arena, HostCpu *host) {
    const char *triple = host_triple(arena);
    host->arch = strncmp(triple, "aarch64", 7) == 0   ? ARCH_AARCH64
                 : strncmp(triple, "riscv64", 7) == 0 ? ARCH_RISCV64
                                                      : ARCH_X86_64;
    host->name = taken(arena, LLVMGetHostCPUName());
    host->features = taken(arena, LLVMGetHostCPUFeatures());
}

bool features_have(const char *features, const char *name) {
    size_t length = strlen(name);
    for (const char *at = features; *at != '\0';) {
        size_t item = strcspn(at, ",");
        if (item == length + 1 && at[0] == '+' && memcmp(at + 1, name, length) == 0) return true;
        at += item + (at[item] == ',');
    }
    return false;
}

static bool features_include(const char *features, const char *needs, Arena *arena) {
    for (const char *at = needs; *at != '\0';) {
        size_t item = strcspn(at, ",");
        if (!features_have(features, arena_strndup(arena, at + 1, item - 1))) return false;
        at += item + (at[item] == ',');
    }
    return true;
}

bool target_is_runnable(const Target *target) {
    Arena *scratch = arena_create();
    HostCpu host;
    host_cpu(scratch, &host);
    bool runs = target->arch == host.arch &&
                (target->needs == NULL ? strcmp(target->cpu, host.name) == 0
                                       : features_include(host.features, target->needs, scratch));
    arena_destroy(scratch);
    return runs;
}

void target_initialize(TargetArch arch) {
    switch (arch) {
    case ARCH_X86_64:
        LLVMInitializeX86TargetInfo();
        LLVMInitializeX86Target();
        LLVMInitializeX86TargetMC();
        LLVMInitializeX86AsmPrinter();
        LLVMInitializeX86AsmParser();
        return;
    case ARCH_AARCH64:
        LLVMInitializeAArch64TargetInfo();
        LLVMInitializeAArch64Target();
        LLVMInitializeAArch64TargetMC();
        LLVMInitializeAArch64AsmPrinter();
        LLVMInitializeAArch64AsmParser();
        return;
    case ARCH_RISCV64:
        LLVMInitializeRISCVTargetInfo();
        LLVMInitializeRISCVTarget();
        LLVMInitializeRISCVTargetMC();
        LLVMInitializeRISCVAsmPrinter();
        LLVMInitializeRISCVAsmParser();
        return;
    }
    UNREACHABLE();
}

void target_host_initialize(void) {
    Arena *scratch = arena_create();
    HostCpu host;
    host_cpu(scratch, &host);
    target_initialize(host.arch);
    arena_destroy(scratch);
}

static LLVMCodeGenOptLevel codegen_level(int opt_level) {
    return opt_level <= 0   ? LLVMCodeGenLevelNone
           : opt_level == 1 ? LLVMCodeGenLevelLess
           : opt_level == 2 ? LLVMCodeGenLevelDefault
                            : LLVMCodeGenLevelAggressive;
}

LLVMTargetMachineRef target_machine(const Target *target, int opt_level) {
    LLVMTargetRef llvm;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(target->triple, &llvm, &message))
        fatal("this LLVM cannot compile for %s: %s", target->triple, message);
    LLVMTargetMachineOptionsRef options = LLVMCreateTargetMachineOptions();
    LLVMTargetMachineOptionsSetCPU(options, target->cpu);
    LLVMTargetMachineOptionsSetFeatures(options, target->features);
    if (target->arch == ARCH_RISCV64) LLVMTargetMachineOptionsSetABI(options, "lp64d");
    LLVMTargetMachineOptionsSetCodeGenOptLevel(options, codegen_level(opt_level));
    LLVMTargetMachineOptionsSetRelocMode(options, LLVMRelocPIC);
    LLVMTargetMachineRef machine =
        LLVMCreateTargetMachineWithOptions(llvm, target->triple, options);
    LLVMDisposeTargetMachineOptions(options);
    if (machine == NULL) KC_BUG("no target machine for %s", target->triple);
    return machine;
}

static void row_print(StrBuf *out, const TargetRow *row, bool runs, bool runnable_only) {
    if (runnable_only) {
        if (runs) strbuf_printf(out, "%s\n", row->name);
        return;
    }
    char width[16] = "-";
    if (row->vector_bits != 0) snprintf(width, sizeof width, "%u", row->vector_bits);
    strbuf_printf(out, "  %-12s %5s  %-4s  %s\n", row->name, width, runs ? "yes" : "no",
                  row->summary);
}

void targets_print(StrBuf *out, bool runnable_only) {
    Arena *scratch = arena_create();
    HostCpu host;
    host_cpu(scratch, &host);
    for (uint32_t i = 0; i < target_row_count; i++) {
        const TargetRow *row = &target_rows[i];
        if (!runnable_only && (i == 0 || row->arch != target_rows[i - 1].arch)) {
            const char *arch = target_arch_name(row->arch);
            strbuf_printf(out, "%s%s  (--target=%s-linux-gnu)\n", i == 0 ? "" : "\n", arch,
                          row->arch == ARCH_X86_64 ? "x86_64" : arch);
            strbuf_printf(out, "  %-12s %5s  %-4s\n", "-march=", "bits", "runs");
        }
        bool runs = row->arch == host.arch && features_include(host.features, row->needs, scratch);
        row_print(out, row, runs, runnable_only);
    }
    if (!runnable_only) {
        strbuf_printf(out, "\n  native        this machine: %s\n", host.name);
        strbuf_puts(out, "  x86-64-v2,avx2,avx512  one object that chooses when it runs\n");
        strbuf_puts(
            out, "  names of processors, as LLVM spells them: haswell, znver4, neoverse-v1 ...\n");
    }
    arena_destroy(scratch);
}
