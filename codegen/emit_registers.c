/* Instructions that LLVM has as functions of one register each: vectors are taken apart into registers for them. */
#include "codegen/emit.h"

LLVMValueRef filled_part(FnEmit *f, LLVMValueRef vector, uint32_t first, uint32_t count) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(vector));
    if (lanes == count) return vector;
    if (lanes > count) return vector_part(f, vector, first, count);
    LLVMValueRef at[MAX_LANES];
    for (uint32_t i = 0; i < count; i++) at[i] = const_i32(f->e, (int32_t)(i < lanes ? i : lanes));
    return LLVMBuildShuffleVector(f->b, vector, LLVMConstNull(LLVMTypeOf(vector)), LLVMConstVector(at, count), "");
}

LLVMValueRef vectors_joined(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(a)) * 2;
    LLVMValueRef at[MAX_LANES];
    for (uint32_t i = 0; i < lanes; i++) at[i] = const_i32(f->e, (int32_t)i);
    return LLVMBuildShuffleVector(f->b, a, b, LLVMConstVector(at, lanes), "");
}

unsigned bits_of_lane(LLVMTypeRef vector) {
    LLVMTypeRef lane = LLVMGetElementType(vector);
    if (LLVMGetTypeKind(lane) == LLVMIntegerTypeKind) return LLVMGetIntTypeWidth(lane);
    return LLVMGetTypeKind(lane) == LLVMDoubleTypeKind  ? 64
           : LLVMGetTypeKind(lane) == LLVMFloatTypeKind ? 32
                                                        : 16;
}

LLVMValueRef by_registers(FnEmit *f, LLVMValueRef *args, uint32_t arg_count, uint32_t made, RegisterOp op, void *user) {
    LLVMTypeRef type = LLVMTypeOf(args[0]);
    uint32_t lanes = LLVMGetVectorSize(type), lane_bits = bits_of_lane(type), bits = lanes * lane_bits;
    uint32_t most = f->e->target->vector_bits > 128 ? f->e->target->vector_bits : 128;
    uint32_t width = bits > most ? most : bits < 128 ? 128 : bits, each = width / lane_bits;
    uint32_t count = bits > width ? bits / width : 1;
    LLVMValueRef parts[MAX_LANES], filled[2];
    KC_CHECK(arg_count <= ARRAY_LEN(filled));
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < arg_count; k++) filled[k] = filled_part(f, args[k], i * each, each);
        parts[i] = op(user, f, filled, width);
    }
    for (; count > 1; count /= 2)
        for (uint32_t i = 0; i < count / 2; i++) parts[i] = vectors_joined(f, parts[2 * i], parts[2 * i + 1]);
    return filled_part(f, parts[0], 0, made);
}
