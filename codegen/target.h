/* Inside codegen: the tables behind targets.def and cpus.def, what this machine is, and LLVM's
 * target machine for a Target. All rows are constants. */
#ifndef KC_CODEGEN_TARGET_H
#define KC_CODEGEN_TARGET_H

#include "codegen/codegen.h"

#include <llvm-c/TargetMachine.h>

typedef struct TargetRow {
    TargetArch arch;
    const char *name, *cpu, *features;
    const char *needs; /* NULL: only the same processor is known to run it */
    const char *asks;  /* of a processor: what an object can ask for, or NULL */
    const char *summary;
    unsigned vector_bits;
    bool has_fma, has_round, has_half, has_gathers;
} TargetRow;

extern const TargetRow target_rows[], target_cpus[];
extern const uint32_t target_row_count, target_cpu_count;

const char *target_arch_name(TargetArch arch); /* "x86-64" */

/* Makes a processor, of which `asks` is known, one of several targets: code is tuned for it, and uses
 * no more than the object can ask for. */
void target_ask(Target *target);
/* Any processor of the same architecture; the name stays. */
void target_to_baseline(Target *target);

typedef struct HostCpu {
    TargetArch arch;
    const char *name, *features; /* as LLVM reports them; in the arena */
} HostCpu;

void host_cpu(Arena *arena, HostCpu *host);
const char *host_triple(Arena *arena);
/* Whether LLVM's feature list "+a,-b,+c" turns `name` on. */
bool features_have(const char *features, const char *name);

/* Makes LLVM know this machine's architecture. */
void target_host_initialize(void);
/* Makes LLVM know an architecture; not for several threads at once, unlike what follows. */
void target_initialize(TargetArch arch);
/* LLVM's machine for the target at an -O level; the caller disposes it. */
LLVMTargetMachineRef target_machine(const Target *target, int opt_level);

#endif
