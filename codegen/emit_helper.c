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

static bool is_vector(LLVMValueRef value) {
    return LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind;
}

LLVMValueRef lane_by_lane(FnEmit *f, LLVMValueRef *args, uint32_t count, LaneCall call,
                          const void *user) {
    enum { MAX_ARGS = 3 };
    KC_CHECK(count <= MAX_ARGS);
    unsigned lanes = LLVMGetVectorSize(LLVMTypeOf(args[0]));
    f->e->took_lanes_apart = true;
    LLVMValueRef whole = NULL;
    for (unsigned lane = 0; lane < lanes; lane++) {
        LLVMValueRef at = const_i32(f->e, (int32_t)lane), scalars[MAX_ARGS];
        for (uint32_t i = 0; i < count; i++)
            scalars[i] = LLVMBuildExtractElement(f->b, args[i], at, "");
        LLVMValueRef given = call(f, user, scalars);
        if (whole == NULL) whole = LLVMGetPoison(LLVMVectorType(LLVMTypeOf(given), lanes));
        whole = LLVMBuildInsertElement(f->b, whole, given, at, "");
    }
    return whole;
}

typedef struct Helper {
    LLVMValueRef fn;
    uint32_t count;
} Helper;

static LLVMValueRef call_scalar(FnEmit *f, const void *user, LLVMValueRef *args) {
    const Helper *helper = user;
    return LLVMBuildCall2(f->b, LLVMGlobalGetValueType(helper->fn), helper->fn, args, helper->count,
                          "");
}

LLVMValueRef helper_call(FnEmit *f, LLVMValueRef helper, LLVMValueRef *args, uint32_t count) {
    Helper call = {helper, count};
    return is_vector(args[0]) ? lane_by_lane(f, args, count, call_scalar, &call)
                              : call_scalar(f, &call, args);
}
