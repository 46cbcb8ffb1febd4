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

/* `count` lanes from `first` on, and zeros where there are not as many. */
static LLVMValueRef filled_part(FnEmit *f, LLVMValueRef vector, uint32_t first, uint32_t count) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(vector));
    if (lanes == count) return vector;
    if (lanes > count) return vector_part(f, vector, first, count);
    LLVMValueRef at[MAX_LANES];
    for (uint32_t i = 0; i < count; i++) at[i] = const_i32(f->e, (int32_t)(i < lanes ? i : lanes));
    return LLVMBuildShuffleVector(f->b, vector, LLVMConstNull(LLVMTypeOf(vector)), LLVMConstVector(at, count), "");
}

static LLVMValueRef joined(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(a)) * 2;
    LLVMValueRef at[MAX_LANES];
    for (uint32_t i = 0; i < lanes; i++) at[i] = const_i32(f->e, (int32_t)i);
    return LLVMBuildShuffleVector(f->b, a, b, LLVMConstVector(at, lanes), "");
}

/* The sums of a register's worth at a time, joined by pairs. */
static LLVMValueRef sums_by_registers(FnEmit *f, const Op *op, LLVMValueRef a, LLVMValueRef b) {
    const IrType *type = op->operands[0]->type;
    uint32_t lane_bits = scalar_bits(type->scalar), bits = type->lanes * lane_bits;
    uint32_t most = f->e->target->vector_bits > 128 ? f->e->target->vector_bits : 128;
    uint32_t width = bits > most ? most : bits < 128 ? 128 : bits, lanes = width / lane_bits;
    LLVMValueRef parts[MAX_LANES];
    uint32_t count = bits > width ? bits / width : 1;
    for (uint32_t i = 0; i < count; i++) {
        LLVMValueRef args[] = {filled_part(f, a, i * lanes, lanes), filled_part(f, b, i * lanes, lanes)};
        parts[i] = overloaded(f, instruction(op->kind, width), NULL, 0, args, 2);
    }
    for (; count > 1; count /= 2)
        for (uint32_t i = 0; i < count / 2; i++) parts[i] = joined(f, parts[2 * i], parts[2 * i + 1]);
    return filled_part(f, parts[0], 0, op_result(op)->type->lanes);
}

LLVMValueRef emit_sums(FnEmit *f, const Op *op) {
    LLVMValueRef a = value_llvm(f, op->operands[0]), b = value_llvm(f, op->operands[1]);
    if (f->e->target->arch == ARCH_X86_64) return sums_by_registers(f, op, a, b);
    return op->kind == OP_DOT ? products_added(f, a, b) : differences_added(f, a, b);
}
