/* Small temporaries on the stack. After optimising, memory of kc_alloc whose size is a small
 * constant and whose address goes nowhere becomes a stack slot: asking for it and freeing it would
 * cost more than most that is done with so few elements. */
#include "codegen/emit.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

enum { LARGEST_PIECE = 1024, LARGEST_FRAME = 4096 };

static bool is_call_of(LLVMValueRef value, const char *name) {
    if (LLVMIsACallInst(value) == NULL) return false;
    LLVMValueRef callee = LLVMGetCalledValue(value);
    size_t length;
    return LLVMIsAFunction(callee) != NULL && strcmp(LLVMGetValueName2(callee, &length), name) == 0;
}

/* Bytes; -1 unless they are few and known. */
static int64_t piece_size(LLVMValueRef alloc) {
    int64_t size = 1;
    for (unsigned i = 0; i < 2; i++) {
        LLVMValueRef factor = LLVMGetOperand(alloc, i);
        if (LLVMIsAConstantInt(factor) == NULL) return -1;
        int64_t number = LLVMConstIntGetSExtValue(factor);
        if (number < 0 || number > LARGEST_PIECE) return -1;
        size *= number;
    }
    return size <= LARGEST_PIECE ? size : -1;
}

/* Whether the only uses of the address are accesses, comparisons with NULL, and kc_free. */
static bool stays_here(LLVMValueRef address) {
    for (LLVMUseRef use = LLVMGetFirstUse(address); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (LLVMIsALoadInst(user) != NULL || is_call_of(user, "kc_free")) continue;
        if (LLVMIsAMemIntrinsic(user) != NULL) continue;
        if (LLVMIsAStoreInst(user) != NULL && LLVMGetOperand(user, 0) != address) continue;
        if (LLVMIsAGetElementPtrInst(user) != NULL && stays_here(user)) continue;
        if (LLVMIsAICmpInst(user) != NULL && LLVMIsNull(LLVMGetOperand(user, 1))) continue;
        return false;
    }
    return true;
}

static void frees_remove(LLVMValueRef address) {
    LLVMUseRef next;
    for (LLVMUseRef use = LLVMGetFirstUse(address); use != NULL; use = next) {
        next = LLVMGetNextUse(use);
        LLVMValueRef user = LLVMGetUser(use);
        if (is_call_of(user, "kc_free")) LLVMInstructionEraseFromParent(user);
        else if (LLVMIsAGetElementPtrInst(user) != NULL) frees_remove(user);
    }
}

/* A call marked `tail` promises not to look at the caller's slots, of which this becomes one. */
static void tails_remove(LLVMValueRef address) {
    for (LLVMUseRef use = LLVMGetFirstUse(address); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (LLVMIsACallInst(user) != NULL) LLVMSetTailCall(user, false);
        else if (LLVMIsAGetElementPtrInst(user) != NULL) tails_remove(user);
    }
}

static void to_stack(Emit *e, LLVMBuilderRef b, LLVMValueRef alloc, int64_t size) {
    LLVMValueRef fn = LLVMGetBasicBlockParent(LLVMGetInstructionParent(alloc));
    LLVMPositionBuilderBefore(b, LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(fn)));
    LLVMSetCurrentDebugLocation2(b, NULL);
    LLVMTypeRef type = LLVMArrayType2(e->i8, (uint64_t)size);
    LLVMValueRef slot = LLVMBuildAlloca(b, type, "");
    LLVMSetAlignment(slot, 64);
    if (!LLVMIsNull(LLVMGetOperand(alloc, 2))) {
        LLVMPositionBuilderBefore(b, alloc);
        LLVMSetCurrentDebugLocation2(b, LLVMInstructionGetDebugLoc(alloc));
        LLVMBuildMemSet(b, slot, LLVMConstNull(e->i8), const_i64(e, size), 64);
    }
    frees_remove(alloc);
    tails_remove(alloc);
    LLVMReplaceAllUsesWith(alloc, slot);
    LLVMInstructionEraseFromParent(alloc);
}

static bool replace_in(Emit *e, LLVMBuilderRef b, LLVMValueRef fn) {
    int64_t frame = 0;
    LLVMValueRef next;
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(fn); block != NULL;
         block = LLVMGetNextBasicBlock(block))
        for (LLVMValueRef at = LLVMGetFirstInstruction(block); at != NULL; at = next) {
            next = LLVMGetNextInstruction(at);
            if (!is_call_of(at, "kc_alloc")) continue;
            int64_t size = piece_size(at);
            if (size < 0 || frame + size > LARGEST_FRAME || !stays_here(at)) continue;
            if (next != NULL && is_call_of(next, "kc_free")) next = LLVMGetNextInstruction(next);
            frame += size > 0 ? size : 1;
            to_stack(e, b, at, size);
        }
    return frame > 0;
}

bool allocations_to_stack(Emit *e) {
    bool changed = false;
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    for (LLVMValueRef fn = LLVMGetFirstFunction(e->mod); fn != NULL; fn = LLVMGetNextFunction(fn))
        if (LLVMCountBasicBlocks(fn) > 0) changed |= replace_in(e, b, fn);
    LLVMDisposeBuilder(b);
    return changed;
}
