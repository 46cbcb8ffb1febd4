/* Small temporaries on the stack. After optimising, memory of kc_alloc or kc_scratch_alloc whose size is a
 * small constant and whose address goes nowhere becomes a stack slot: asking for it and freeing it would
 * cost more than most that is done with so few elements. */
#include "codegen/emit.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

/* Bytes. What lanes of vectors have for themselves is as many times larger. */
enum { LARGEST_PIECE = 1024, LARGEST_FRAME = 4096, LANES_PIECE = 16384, LANES_FRAME = 32768 };

static bool is_call_of(LLVMValueRef value, const char *name) {
    if (LLVMIsACallInst(value) == NULL) return false;
    LLVMValueRef callee = LLVMGetCalledValue(value);
    size_t length;
    return LLVMIsAFunction(callee) != NULL && strcmp(LLVMGetValueName2(callee, &length), name) == 0;
}

static bool is_alloc(LLVMValueRef value) {
    return is_call_of(value, "kc_alloc") || is_call_of(value, "kc_scratch_alloc");
}

static bool is_free(LLVMValueRef value) {
    return is_call_of(value, "kc_free") || is_call_of(value, "kc_scratch_free");
}

/* Bytes; -1 unless they are few and known. */
static int64_t piece_size(LLVMValueRef alloc) {
    int64_t size = 1;
    for (unsigned i = 0; i < 2; i++) {
        LLVMValueRef factor = LLVMGetOperand(alloc, i);
        if (LLVMIsAConstantInt(factor) == NULL) return -1;
        int64_t number = LLVMConstIntGetSExtValue(factor);
        if (number < 0 || number > LANES_PIECE) return -1;
        size *= number;
    }
    return size <= LANES_PIECE ? size : -1;
}

/* The operand of an intrinsic that is the address, of one element or of one for each lane. */
static int vector_access(LLVMValueRef call) {
    static const char *const loads[] = {"llvm.masked.load.", "llvm.masked.gather."};
    static const char *const stores[] = {"llvm.masked.store.", "llvm.masked.scatter."};
    if (LLVMIsACallInst(call) == NULL) return -1;
    LLVMValueRef callee = LLVMGetCalledValue(call);
    size_t length;
    if (LLVMIsAFunction(callee) == NULL) return -1;
    const char *name = LLVMGetValueName2(callee, &length);
    for (unsigned i = 0; i < 2; i++) {
        if (strncmp(name, loads[i], strlen(loads[i])) == 0) return 0;
        if (strncmp(name, stores[i], strlen(stores[i])) == 0) return 1;
    }
    return -1;
}

static bool is_vector(LLVMValueRef value) {
    return LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMVectorTypeKind;
}

/* One lane of a gather without an instruction. */
static bool is_part_of_vector(LLVMValueRef load) {
    LLVMUseRef use = LLVMGetFirstUse(load);
    return use != NULL && LLVMIsAInsertElementInst(LLVMGetUser(use)) != NULL;
}

/* Each access is to several elements: those of lanes. */
static bool has_lanes(LLVMValueRef address) {
    for (LLVMUseRef use = LLVMGetFirstUse(address); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (LLVMIsALoadInst(user) != NULL && !is_vector(user) && !is_part_of_vector(user)) return false;
        if (LLVMIsAStoreInst(user) != NULL && !is_vector(LLVMGetOperand(user, 0))) return false;
        if (LLVMIsAGetElementPtrInst(user) != NULL && !has_lanes(user)) return false;
    }
    return true;
}

static bool has_room(LLVMValueRef alloc, int64_t size, int64_t frame) {
    bool lanes = has_lanes(alloc);
    return size <= (lanes ? LANES_PIECE : LARGEST_PIECE) &&
           frame + size <= (lanes ? LANES_FRAME : LARGEST_FRAME);
}

/* Whether the only uses of the address are accesses, comparisons with NULL, and the free. */
static bool stays_here(LLVMValueRef address) {
    for (LLVMUseRef use = LLVMGetFirstUse(address); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (LLVMIsALoadInst(user) != NULL || is_free(user)) continue;
        if (LLVMIsAMemIntrinsic(user) != NULL) continue;
        int at = vector_access(user);
        if (at >= 0 && LLVMGetOperand(user, (unsigned)at) == address) continue;
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
        if (is_free(user)) LLVMInstructionEraseFromParent(user);
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
            if (!is_alloc(at)) continue;
            int64_t size = piece_size(at);
            if (size < 0 || !has_room(at, size, frame) || !stays_here(at)) continue;
            if (next != NULL && is_free(next)) next = LLVMGetNextInstruction(next);
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
