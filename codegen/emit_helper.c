/* Helper functions written as LLVM text: longer sequences read better there than as builder calls.
 * Each is parsed and linked into the module when it is first needed. */
#include "codegen/emit.h"

#include <llvm-c/IRReader.h>
#include <llvm-c/Linker.h>
#include <string.h>

void text_link(Emit *e, const char *name, const char *text) {
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), name);
    LLVMModuleRef parsed;
    char *message = NULL;
    if (LLVMParseIRInContext(e->llvm, buffer, &parsed, &message)) KC_BUG("%s: %s", name, message);
    LLVMSetDataLayout(parsed, LLVMGetDataLayoutStr(e->mod));
    LLVMSetTarget(parsed, LLVMGetTarget(e->mod));
    if (LLVMLinkModules2(e->mod, parsed)) KC_BUG("cannot link %s", name);
}

LLVMValueRef helper_function(Emit *e, const char *name, const char *text, bool is_inline) {
    LLVMValueRef fn = LLVMGetNamedFunction(e->mod, name);
    if (fn != NULL) return fn;
    text_link(e, name, text);
    fn = LLVMGetNamedFunction(e->mod, name);
    LLVMSetLinkage(fn, LLVMInternalLinkage);
    fn_attributes_add(e, fn);
    attribute_add(e, fn, LLVMAttributeFunctionIndex, is_inline ? "alwaysinline" : "noinline", 0);
    return fn;
}

LLVMValueRef helper_call(FnEmit *f, LLVMValueRef helper, LLVMValueRef *args, uint32_t count) {
    return LLVMBuildCall2(f->b, LLVMGlobalGetValueType(helper), helper, args, count, "");
}
