/* Masks between blocks, for targets without registers for them.
 *
 * There a comparison of vectors leaves all ones or all zeros in lanes as wide as what was compared, and
 * what masks choose wants just that. LLVM selects instructions block by block, though: a vector of bools
 * that leaves its block is packed to bytes at the end of one and unpacked at the beginning of the next, each
 * turn of a loop anew. So after optimising, which would undo it, masks travel between blocks in wide lanes. */
#include "codegen/emit.h"

typedef Vec(LLVMValueRef) ValueRefs;

static bool is_mask(const Emit *e, LLVMValueRef value) {
    LLVMTypeRef type = LLVMTypeOf(value);
    return LLVMGetTypeKind(type) == LLVMVectorTypeKind && LLVMGetElementType(type) == e->i1;
}

static unsigned lane_bits(LLVMTypeRef vector) {
    LLVMTypeRef lane = LLVMGetElementType(vector);
    switch ((int)LLVMGetTypeKind(lane)) {
    case LLVMIntegerTypeKind: return LLVMGetIntTypeWidth(lane);
    case LLVMDoubleTypeKind: return 64;
    case LLVMHalfTypeKind: return 16;
    default: return 32;
    }
}

/* The lanes of the comparison that the mask comes from; 0 where none is near. */
static unsigned compared_bits(const Emit *e, LLVMValueRef mask, int depth) {
    if (!LLVMIsAInstruction(mask) || depth == 0) return 0;
    LLVMOpcode opcode = LLVMGetInstructionOpcode(mask);
    if (opcode == LLVMICmp || opcode == LLVMFCmp) {
        LLVMTypeRef type = LLVMTypeOf(LLVMGetOperand(mask, 0));
        return LLVMGetTypeKind(type) == LLVMVectorTypeKind ? lane_bits(type) : 0;
    }
    for (int i = 0; i < LLVMGetNumOperands(mask); i++) {
        LLVMValueRef operand = LLVMGetOperand(mask, (unsigned)i);
        unsigned bits = is_mask(e, operand) ? compared_bits(e, operand, depth - 1) : 0;
        if (bits != 0) return bits;
    }
    return 0;
}

static LLVMTypeRef wide_type(const Emit *e, LLVMValueRef mask) {
    enum { LOOK_BACK = 6, USUAL_BITS = 32 };
    unsigned bits = compared_bits(e, mask, LOOK_BACK);
    LLVMTypeRef lane = LLVMIntTypeInContext(e->llvm, bits == 0 ? USUAL_BITS : bits);
    return LLVMVectorType(lane, LLVMGetVectorSize(LLVMTypeOf(mask)));
}

/* Behind the phis of a block. */
static void builder_enter(LLVMBuilderRef b, LLVMBasicBlockRef block) {
    LLVMValueRef first = LLVMGetFirstInstruction(block);
    while (LLVMIsAPHINode(first)) first = LLVMGetNextInstruction(first);
    LLVMPositionBuilderBefore(b, first);
}

static LLVMValueRef narrowed(LLVMBuilderRef b, LLVMValueRef wide) {
    return LLVMBuildICmp(b, LLVMIntSLT, wide, LLVMConstNull(LLVMTypeOf(wide)), "");
}

/* ---- Phis ------------------------------------------------------------------------------------ */

static void phi_widen(const Emit *e, LLVMBuilderRef b, LLVMValueRef phi) {
    LLVMTypeRef type = wide_type(e, phi);
    LLVMPositionBuilderBefore(b, phi);
    LLVMValueRef wide = LLVMBuildPhi(b, type, "");
    builder_enter(b, LLVMGetInstructionParent(phi));
    LLVMReplaceAllUsesWith(phi, narrowed(b, wide));
    for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
        LLVMBasicBlockRef from = LLVMGetIncomingBlock(phi, i);
        LLVMPositionBuilderBefore(b, LLVMGetBasicBlockTerminator(from));
        LLVMValueRef in = LLVMBuildSExt(b, LLVMGetIncomingValue(phi, i), type, "");
        LLVMAddIncoming(wide, &in, &from, 1);
    }
    LLVMInstructionEraseFromParent(phi);
}

/* ---- Other values ---------------------------------------------------------------------------- */

static bool leaves_block(LLVMValueRef mask) {
    LLVMBasicBlockRef home = LLVMGetInstructionParent(mask);
    for (LLVMUseRef use = LLVMGetFirstUse(mask); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (!LLVMIsAPHINode(user) && LLVMGetInstructionParent(user) != home) return true;
    }
    return false;
}

/* Where a use that is not in the mask's own block reads it from now on. */
static void use_widen(LLVMBuilderRef b, LLVMValueRef user, LLVMValueRef mask, LLVMValueRef wide) {
    LLVMPositionBuilderBefore(b, user);
    LLVMValueRef here = narrowed(b, wide);
    for (int i = 0; i < LLVMGetNumOperands(user); i++)
        if (LLVMGetOperand(user, (unsigned)i) == mask) LLVMSetOperand(user, (unsigned)i, here);
}

static void value_widen(const Emit *e, LLVMBuilderRef b, LLVMValueRef mask) {
    LLVMBasicBlockRef home = LLVMGetInstructionParent(mask);
    LLVMPositionBuilderBefore(b, LLVMGetNextInstruction(mask));
    LLVMValueRef wide = LLVMBuildSExt(b, mask, wide_type(e, mask), "");
    ValueRefs users = {0};
    for (LLVMUseRef use = LLVMGetFirstUse(mask); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (!LLVMIsAPHINode(user) && LLVMGetInstructionParent(user) != home)
            vec_push(e->scratch, &users, user);
    }
    for (uint32_t i = 0; i < users.len; i++) use_widen(b, users.data[i], mask, wide);
}

/* ---- Functions ------------------------------------------------------------------------------- */

static void masks_collect(const Emit *e, LLVMValueRef fn, ValueRefs *phis, ValueRefs *others) {
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(fn); block != NULL;
         block = LLVMGetNextBasicBlock(block))
        for (LLVMValueRef i = LLVMGetFirstInstruction(block); i != NULL;
             i = LLVMGetNextInstruction(i)) {
            if (!is_mask(e, i)) continue;
            if (LLVMIsAPHINode(i)) vec_push(e->scratch, phis, i);
            else if (leaves_block(i)) vec_push(e->scratch, others, i);
        }
}

void masks_widen(Emit *e) {
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    for (LLVMValueRef fn = LLVMGetFirstFunction(e->mod); fn != NULL; fn = LLVMGetNextFunction(fn)) {
        ValueRefs phis = {0}, others = {0};
        masks_collect(e, fn, &phis, &others);
        for (uint32_t i = 0; i < others.len; i++) value_widen(e, b, others.data[i]);
        for (uint32_t i = 0; i < phis.len; i++) phi_widen(e, b, phis.data[i]);
    }
    LLVMDisposeBuilder(b);
}
