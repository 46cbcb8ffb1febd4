/* Inside codegen: which of LLVM's passes run. */
#ifndef KC_CODEGEN_PIPELINE_H
#define KC_CODEGEN_PIPELINE_H

#include "codegen/emit.h"

/* A function that has its vectors, and no loop of which LLVM could still make some. */
bool fn_is_done(const IrFn *fn);
/* Runs the passes of the level that the options name. */
void pipeline_run(Emit *e, LLVMTargetMachineRef machine);
/* Runs those that `passes` names, as LLVM's `opt` understands it. */
void llvm_passes_run(Emit *e, LLVMTargetMachineRef machine, const char *passes);

#endif
