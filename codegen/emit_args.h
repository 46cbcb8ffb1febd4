/* Calls that libkcrt makes for a kernel: the arguments lie in a struct on the caller's stack, and a function of
 * the form that libkcrt knows takes them out again. */
#ifndef KC_CODEGEN_EMIT_ARGS_H
#define KC_CODEGEN_EMIT_ARGS_H

#include "codegen/emit.h"

/* The struct: the function's parameters in order. */
typedef struct ArgBlock {
    LLVMTypeRef type;
    LLVMTypeRef *fields;
    uint32_t count;
} ArgBlock;

ArgBlock arg_block_of(Emit *e, const IrFn *fn);
/* The arguments of the call, on the stack. */
LLVMValueRef arg_block_fill(FnEmit *f, const ArgBlock *block, const Op *call);
LLVMValueRef arg_block_load(LLVMBuilderRef b, const ArgBlock *block, LLVMValueRef from, uint32_t i);

/* The kc_status `function.entry` with these parameters, which has to get its body; NULL: it is there. */
LLVMBuilderRef entry_start(Emit *e, const IrFn *fn, LLVMTypeRef *params, uint32_t count, LLVMValueRef *entry);
/* A call of the function, within its entry. */
LLVMValueRef entry_call(Emit *e, LLVMBuilderRef b, const IrFn *fn, LLVMValueRef *args);

/* What traces call it: a name and a line. */
LLVMValueRef trace_name(FnEmit *f, const IrFn *fn);

/* kc_status entry(void *context) of a function that is a task: emit_task.c. Whether it failed is in the variable that
 * it is told. */
LLVMValueRef task_entry(Emit *e, const IrFn *fn);

#endif
