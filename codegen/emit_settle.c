/* Values that have to be there before what follows touches memory.
 *
 * LLVM's scheduler would move them back to where they are used. What it takes for instructions, of which it knows nothing
 * but that they change such a value, stays where it is, and so do loads and stores around it. There are none in fact. Nor does
 * LLVM know then that an index is the one that it was. */
#include "codegen/emit.h"

#include <string.h>

/* A register that can hold the value, as inline assembly names it; NULL: leave it to LLVM. */
static const char *register_kind(const FnEmit *f, LLVMTypeRef type) {
    const Target *target = f->e->target;
    LLVMTypeKind kind = LLVMGetTypeKind(type);
    if (target->arch != ARCH_X86_64) return NULL;
    if (kind == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(type) >= 32) return "=r,0";
    if (kind != LLVMVectorTypeKind) return NULL;
    uint32_t bits = LLVMGetVectorSize(type) * bits_of_lane(type);
    if (bits != 128 && bits != 256 && bits != 512) return NULL;
    if (bits > target->vector_bits) return NULL;
    return target->has_masks ? "=v,0" : "=x,0";
}

LLVMValueRef emit_settled(FnEmit *f, LLVMValueRef value) {
    LLVMTypeRef type = LLVMTypeOf(value);
    const char *kind = register_kind(f, type);
    if (kind == NULL) return value;
    LLVMTypeRef fn = LLVMFunctionType(type, &type, 1, false);
    LLVMValueRef nothing = LLVMGetInlineAsm(fn, "", 0, kind, strlen(kind), true, false, LLVMInlineAsmDialectATT, false);
    return LLVMBuildCall2(f->b, fn, nothing, &value, 1, "");
}
