/* Sums of neighbouring lanes. x86 has had instructions for both since SSE2 (pmaddwd and psadbw); elsewhere neighbours
 * are the halves of lanes that are twice as wide. */
#include "codegen/emit.h"

/* ---- Elsewhere ------------------------------------------------------------------------------- */

typedef struct Halves {
    LLVMValueRef low, high;
} Halves;

/* The lanes of `vector` two by two, each as a lane of the double width. */
static Halves halves_of(FnEmit *f, LLVMValueRef vector, bool is_signed) {
    LLVMTypeRef type = LLVMTypeOf(vector);
    unsigned bits = LLVMGetIntTypeWidth(LLVMGetElementType(type));
    LLVMTypeRef twice = LLVMVectorType(LLVMIntTypeInContext(f->e->llvm, 2 * bits), LLVMGetVectorSize(type) / 2);
    LLVMValueRef pairs = LLVMBuildBitCast(f->b, vector, twice, ""), by = llvm_int(twice, bits);
    LLVMValueRef low = LLVMBuildShl(f->b, pairs, by, "");
    if (is_signed)
        return (Halves){LLVMBuildAShr(f->b, low, by, ""), LLVMBuildAShr(f->b, pairs, by, "")};
    return (Halves){LLVMBuildLShr(f->b, low, by, ""), LLVMBuildLShr(f->b, pairs, by, "")};
}

static LLVMValueRef products_added(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    Halves of_a = halves_of(f, a, true), of_b = halves_of(f, b, true);
    LLVMValueRef low = LLVMBuildMul(f->b, of_a.low, of_b.low, "");
    return LLVMBuildAdd(f->b, low, LLVMBuildMul(f->b, of_a.high, of_b.high, ""), "");
}

static LLVMValueRef differences_added(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef args[] = {a, b};
    LLVMValueRef high = intrinsic(f, "llvm.umax", LLVMTypeOf(a), args, 2);
    LLVMValueRef sums = LLVMBuildSub(f->b, high, intrinsic(f, "llvm.umin", LLVMTypeOf(a), args, 2), "");
    for (int step = 0; step < 3; step++) {
        Halves halves = halves_of(f, sums, false);
        sums = LLVMBuildAdd(f->b, halves.low, halves.high, "");
    }
    return sums;
}

/* ---- x86 ------------------------------------------------------------------------------------- */

static const char *instruction(OpKind kind, uint32_t bits) {
    bool multiplies = kind == OP_DOT;
    if (bits == 512) return multiplies ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx512.psad.bw.512";
    if (bits == 256) return multiplies ? "llvm.x86.avx2.pmadd.wd" : "llvm.x86.avx2.psad.bw";
    return multiplies ? "llvm.x86.sse2.pmadd.wd" : "llvm.x86.sse2.psad.bw";
}

static LLVMValueRef register_summed(void *user, FnEmit *f, LLVMValueRef *args, uint32_t bits) {
    const Op *op = user;
    return overloaded(f, instruction(op->kind, bits), NULL, 0, args, 2);
}

LLVMValueRef emit_sums(FnEmit *f, const Op *op) {
    LLVMValueRef args[] = {value_llvm(f, op->operands[0]), value_llvm(f, op->operands[1])};
    if (f->e->target->arch == ARCH_X86_64)
        return by_registers(f, args, 2, op_result(op)->type->lanes, register_summed, (void *)op);
    return op->kind == OP_DOT ? products_added(f, args[0], args[1]) : differences_added(f, args[0], args[1]);
}
