/* Inside codegen: which of LLVM's passes run. */
#ifndef KC_CODEGEN_PIPELINE_H
#define KC_CODEGEN_PIPELINE_H

#include "codegen/emit.h"

/* A function that has its vectors, and no loop of which LLVM could still make some. */
bool fn_is_done(const IrFn *fn);
/* All functions that belong into this module are, and the options ask for speed. */
bool module_is_done(const Emit *e);
/* What moves along with a loop is emitted in steps (emit_steps.c), where addresses can hold an index and the loops will stay
 * as they are. LLVM's strength reduction, which takes a sixth of its time and finds hardly more, is left out then. */
bool makes_steps(const Emit *e);
/* Before all else, any number of times: strength reduction is not for the code generator to run, and the scheduler looks for
 * each access at no more than 200 before it, since straight code of many accesses would take the square of their number. */
void llvm_options_set(void);
/* After all other passes: strength reduction, or only the block ahead of each loop that the code generator hoists into. */
void loops_finish(Emit *e, LLVMTargetMachineRef machine);
/* Runs the passes of the level that the options name. */
void pipeline_run(Emit *e, LLVMTargetMachineRef machine);
/* Runs those that `passes` names, as LLVM's `opt` understands it. */
void llvm_passes_run(Emit *e, LLVMTargetMachineRef machine, const char *passes);

#endif
