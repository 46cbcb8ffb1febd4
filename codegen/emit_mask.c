/* Masks between and within blocks, for targets without registers for them.
 *
 * There a comparison of vectors leaves all ones or all zeros in lanes as wide as what was compared, and
 * what masks choose wants just that. LLVM selects instructions block by block, though: a vector of bools
 * that leaves its block is packed to bytes at the end of one and unpacked at the beginning of the next, each
 * turn of a loop anew. So after optimising, which would undo it, masks travel between blocks in wide lanes, and
 * are combined in these on their way. So are those of several registers where they choose: LLVM would pack what is combined
 * within a block as well. Whether any lane of several registers is on, one register is asked that they
 * become first. */
#include "codegen/emit.h"

typedef Vec(LLVMValueRef) ValueRefs;

typedef struct Masks {
    Emit *e;
    LLVMBuilderRef b;
    ValueRefs phis, wides; /* masks between blocks, and what stands for them: all ones or zeros in each lane */
} Masks;

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

/* ---- In wide lanes --------------------------------------------------------------------------- */

static bool is_op(LLVMValueRef value, LLVMOpcode opcode) {
    return LLVMIsAInstruction(value) && LLVMGetInstructionOpcode(value) == opcode;
}

static bool is_null(LLVMValueRef value) { return LLVMIsConstant(value) && LLVMIsNull(value); }

/* What `narrowed` was made of, if that is one of the wide phis; NULL otherwise. */
static LLVMValueRef wide_behind(const Masks *m, LLVMValueRef mask) {
    if (!is_op(mask, LLVMICmp) || LLVMGetICmpPredicate(mask) != LLVMIntSLT) return NULL;
    if (!is_null(LLVMGetOperand(mask, 1))) return NULL;
    for (uint32_t i = 0; i < m->wides.len; i++)
        if (m->wides.data[i] == LLVMGetOperand(mask, 0)) return m->wides.data[i];
    return NULL;
}

/* a and then b: where a is off, nobody looks at b, which may be anything. */
static bool is_and_then(const Masks *m, LLVMValueRef value) {
    return is_op(value, LLVMSelect) && is_mask(m->e, value) && is_mask(m->e, LLVMGetOperand(value, 0)) &&
           is_null(LLVMGetOperand(value, 2));
}

static bool is_logic(const Masks *m, LLVMValueRef value) {
    return is_op(value, LLVMAnd) || is_op(value, LLVMOr) || is_op(value, LLVMXor) || is_and_then(m, value);
}

/* The mask in lanes of `type`, made where the builder stands. What is in the same block is combined in wide
 * lanes as well. */
static LLVMValueRef wide_of(const Masks *m, LLVMValueRef mask, LLVMTypeRef type, int depth) {
    LLVMValueRef wide = wide_behind(m, mask);
    if (wide != NULL && LLVMTypeOf(wide) == type) return wide;
    bool is_here = LLVMIsAInstruction(mask) && LLVMGetInstructionParent(mask) == LLVMGetInsertBlock(m->b);
    if (!is_here || depth == 0 || !is_logic(m, mask)) return LLVMBuildSExt(m->b, mask, type, "");
    LLVMValueRef first = wide_of(m, LLVMGetOperand(mask, 0), type, depth - 1);
    LLVMValueRef second = wide_of(m, LLVMGetOperand(mask, 1), type, depth - 1);
    if (is_and_then(m, mask)) return LLVMBuildAnd(m->b, first, LLVMBuildFreeze(m->b, second, ""), "");
    return LLVMBuildBinOp(m->b, LLVMGetInstructionOpcode(mask), first, second, "");
}

enum { LOGIC_DEPTH = 5, LEAST_BITS = 128 /* of a register */ };

/* ---- Phis ------------------------------------------------------------------------------------ */

static void phi_replace(Masks *m, LLVMValueRef phi) {
    LLVMPositionBuilderBefore(m->b, phi);
    LLVMValueRef wide = LLVMBuildPhi(m->b, wide_type(m->e, phi), "");
    vec_push(m->e->scratch, &m->wides, wide);
    builder_enter(m->b, LLVMGetInstructionParent(phi));
    LLVMReplaceAllUsesWith(phi, narrowed(m->b, wide));
}

static void phi_fill(const Masks *m, LLVMValueRef phi, LLVMValueRef wide) {
    for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
        LLVMBasicBlockRef from = LLVMGetIncomingBlock(phi, i);
        LLVMPositionBuilderBefore(m->b, LLVMGetBasicBlockTerminator(from));
        LLVMValueRef in = wide_of(m, LLVMGetIncomingValue(phi, i), LLVMTypeOf(wide), LOGIC_DEPTH);
        LLVMAddIncoming(wide, &in, &from, 1);
    }
    LLVMInstructionEraseFromParent(phi);
}

static bool is_one_by(LLVMValueRef user, LLVMTypeRef wide) { return is_op(user, LLVMZExt) && LLVMTypeOf(user) == wide; }

/* 1 in lanes that are on: counted by what is subtracted. */
static void ones_replace(const Masks *m, LLVMValueRef wide) {
    ValueRefs ones = {0};
    for (LLVMUseRef use = LLVMGetFirstUse(wide); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef narrow = LLVMGetUser(use);
        if (wide_behind(m, narrow) == NULL) continue;
        for (LLVMUseRef it = LLVMGetFirstUse(narrow); it != NULL; it = LLVMGetNextUse(it)) {
            LLVMValueRef user = LLVMGetUser(it);
            if (is_one_by(user, LLVMTypeOf(wide))) vec_push(m->e->scratch, &ones, user);
        }
    }
    for (uint32_t i = 0; i < ones.len; i++) {
        LLVMPositionBuilderBefore(m->b, ones.data[i]);
        LLVMReplaceAllUsesWith(ones.data[i], LLVMBuildNeg(m->b, wide, ""));
        LLVMInstructionEraseFromParent(ones.data[i]);
    }
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

static void value_widen(const Masks *m, LLVMValueRef mask) {
    LLVMBuilderRef b = m->b;
    LLVMBasicBlockRef home = LLVMGetInstructionParent(mask);
    LLVMPositionBuilderBefore(b, LLVMGetNextInstruction(mask));
    LLVMValueRef wide = LLVMBuildSExt(b, mask, wide_type(m->e, mask), "");
    ValueRefs users = {0};
    for (LLVMUseRef use = LLVMGetFirstUse(mask); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (!LLVMIsAPHINode(user) && LLVMGetInstructionParent(user) != home)
            vec_push(m->e->scratch, &users, user);
    }
    for (uint32_t i = 0; i < users.len; i++) use_widen(b, users.data[i], mask, wide);
}

/* ---- Choices --------------------------------------------------------------------------------- */

static unsigned register_bits(const Emit *e) {
    return e->target->vector_bits < LEAST_BITS ? LEAST_BITS : e->target->vector_bits;
}

static bool chooses_by(LLVMValueRef user, LLVMValueRef mask, LLVMTypeRef wide) {
    return is_op(user, LLVMSelect) && LLVMGetOperand(user, 0) == mask &&
           LLVMGetTypeKind(LLVMTypeOf(user)) == LLVMVectorTypeKind &&
           lane_bits(LLVMTypeOf(user)) == LLVMGetIntTypeWidth(LLVMGetElementType(wide));
}

/* A select gets the mask as it is in wide lanes; 1 in lanes that are on is what is subtracted. */
static void choice_replace(const Masks *m, LLVMValueRef user, LLVMValueRef wide, LLVMValueRef choice) {
    if (is_op(user, LLVMSelect)) {
        LLVMSetOperand(user, 0, choice);
        return;
    }
    LLVMPositionBuilderBefore(m->b, user);
    LLVMReplaceAllUsesWith(user, LLVMBuildNeg(m->b, wide, ""));
    LLVMInstructionEraseFromParent(user);
}

/* Lanes of several registers are chosen, and counted, in the width in which they were compared. */
static void choices_widen(const Masks *m, LLVMValueRef mask) {
    ValueRefs users = {0};
    LLVMTypeRef type = wide_type(m->e, mask);
    if (LLVMGetVectorSize(type) * lane_bits(type) <= register_bits(m->e)) return;
    for (LLVMUseRef use = LLVMGetFirstUse(mask); use != NULL; use = LLVMGetNextUse(use)) {
        LLVMValueRef user = LLVMGetUser(use);
        if (chooses_by(user, mask, type) || is_one_by(user, type)) vec_push(m->e->scratch, &users, user);
    }
    if (users.len == 0) return;
    LLVMPositionBuilderBefore(m->b, LLVMGetNextInstruction(mask));
    LLVMValueRef wide = wide_of(m, mask, type, LOGIC_DEPTH), choice = narrowed(m->b, wide);
    for (uint32_t i = 0; i < users.len; i++) choice_replace(m, users.data[i], wide, choice);
}

/* ---- Questions ------------------------------------------------------------------------------- */

/* Whether any lane is on, or all are: bits are compared with 0, or with -1. */
static bool is_question(const Emit *e, LLVMValueRef value) {
    if (!is_op(value, LLVMICmp)) return false;
    LLVMValueRef bits = LLVMGetOperand(value, 0), number = LLVMGetOperand(value, 1);
    if (!is_op(bits, LLVMBitCast) || !is_mask(e, LLVMGetOperand(bits, 0))) return false;
    LLVMIntPredicate asks = LLVMGetICmpPredicate(value);
    bool is_end = is_null(number) || number == LLVMConstAllOnes(LLVMTypeOf(number));
    return is_end && (asks == LLVMIntNE || asks == LLVMIntEQ);
}

static LLVMValueRef half_of(const Masks *m, LLVMValueRef vector, unsigned from, unsigned lanes) {
    LLVMValueRef numbers[MAX_LANES];
    for (unsigned i = 0; i < lanes; i++) numbers[i] = const_i32(m->e, (int32_t)(from + i));
    return LLVMBuildShuffleVector(m->b, vector, LLVMGetPoison(LLVMTypeOf(vector)), LLVMConstVector(numbers, lanes), "");
}

static void question_narrow(const Masks *m, LLVMValueRef question) {
    LLVMValueRef mask = LLVMGetOperand(LLVMGetOperand(question, 0), 0);
    LLVMTypeRef type = wide_type(m->e, mask);
    unsigned lanes = LLVMGetVectorSize(type), bits = LLVMGetIntTypeWidth(LLVMGetElementType(type));
    unsigned most = register_bits(m->e);
    bool asks_any = is_null(LLVMGetOperand(question, 1));
    if (lanes * bits <= most) return;
    LLVMPositionBuilderBefore(m->b, question);
    LLVMValueRef wide = wide_of(m, mask, type, LOGIC_DEPTH);
    for (; lanes * bits > most; lanes /= 2) {
        LLVMValueRef low = half_of(m, wide, 0, lanes / 2), high = half_of(m, wide, lanes / 2, lanes / 2);
        wide = LLVMBuildBinOp(m->b, asks_any ? LLVMOr : LLVMAnd, low, high, "");
    }
    LLVMTypeRef word = LLVMIntTypeInContext(m->e->llvm, lanes);
    LLVMValueRef answer = LLVMBuildBitCast(m->b, narrowed(m->b, wide), word, "");
    LLVMValueRef number = asks_any ? LLVMConstNull(word) : LLVMConstAllOnes(word);
    LLVMIntPredicate asks = LLVMGetICmpPredicate(question);
    LLVMReplaceAllUsesWith(question, LLVMBuildICmp(m->b, asks, answer, number, ""));
    LLVMInstructionEraseFromParent(question);
}

/* ---- Functions ------------------------------------------------------------------------------- */

static void masks_collect(Masks *m, LLVMValueRef fn, ValueRefs *others, ValueRefs *combined, ValueRefs *questions) {
    Arena *scratch = m->e->scratch;
    for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(fn); block != NULL;
         block = LLVMGetNextBasicBlock(block))
        for (LLVMValueRef i = LLVMGetFirstInstruction(block); i != NULL;
             i = LLVMGetNextInstruction(i)) {
            if (is_question(m->e, i)) vec_push(scratch, questions, i);
            if (!is_mask(m->e, i)) continue;
            if (LLVMIsAPHINode(i)) vec_push(scratch, &m->phis, i);
            else if (leaves_block(i)) vec_push(scratch, others, i);
            if (is_logic(m, i)) vec_push(scratch, combined, i);
        }
}

static void fn_visit(Masks *m, LLVMValueRef fn) {
    ValueRefs others = {0}, combined = {0}, questions = {0};
    m->phis.len = m->wides.len = 0;
    masks_collect(m, fn, &others, &combined, &questions);
    for (uint32_t i = 0; i < others.len; i++) value_widen(m, others.data[i]);
    for (uint32_t i = 0; i < m->phis.len; i++) phi_replace(m, m->phis.data[i]);
    for (uint32_t i = 0; i < combined.len; i++) choices_widen(m, combined.data[i]);
    for (uint32_t i = 0; i < questions.len; i++) question_narrow(m, questions.data[i]);
    for (uint32_t i = 0; i < m->phis.len; i++) phi_fill(m, m->phis.data[i], m->wides.data[i]);
    for (uint32_t i = 0; i < m->wides.len; i++) ones_replace(m, m->wides.data[i]);
}

void masks_widen(Emit *e) {
    Masks m = {.e = e, .b = LLVMCreateBuilderInContext(e->llvm)};
    for (LLVMValueRef fn = LLVMGetFirstFunction(e->mod); fn != NULL; fn = LLVMGetNextFunction(fn))
        fn_visit(&m, fn);
    LLVMDisposeBuilder(m.b);
}
