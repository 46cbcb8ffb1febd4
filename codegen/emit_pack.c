/* Lanes that are on, side by side in memory: PACK.
 *
 * LLVM's own intrinsic goes lane by lane where there is no instruction for it, and where there is one, that
 * which writes to memory is slow on some processors. So the lanes are moved to the front of a register,
 * and as many of them stored as there are. AVX-512 has an instruction that moves them; AVX2 permutes eight
 * lanes by a table, one row for each mask. */
#include "codegen/emit.h"

enum { ROW = 8, ROWS = 256 }; /* of the table */

/* Row `mask` names the lanes that are on in it, in order. */
static LLVMValueRef rows(Emit *e) {
    LLVMValueRef made = LLVMGetNamedGlobal(e->mod, ".pack");
    if (made != NULL) return made;
    char bytes[ROWS * ROW] = {0};
    for (uint32_t mask = 0; mask < ROWS; mask++)
        for (uint32_t lane = 0, count = 0; lane < ROW; lane++)
            if (mask >> lane & 1) bytes[mask * ROW + count++] = (char)lane;
    LLVMValueRef content = LLVMConstStringInContext2(e->llvm, bytes, sizeof bytes, true);
    made = LLVMAddGlobal(e->mod, LLVMTypeOf(content), ".pack");
    LLVMSetInitializer(made, content);
    LLVMSetGlobalConstant(made, true);
    LLVMSetLinkage(made, LLVMPrivateLinkage);
    LLVMSetAlignment(made, 64);
    return made;
}

/* How many lanes one step packs; 0: LLVM is to do it. */
static uint32_t step_lanes(const FnEmit *f, LLVMTypeRef vector) {
    const Target *target = f->e->target;
    unsigned bits = bits_of_lane(vector), lanes = LLVMGetVectorSize(vector);
    if (target->arch != ARCH_X86_64 || bits < 32 || lanes * bits < 128) return 0;
    if (target->has_masks) return lanes < 512 / bits ? lanes : 512 / bits;
    return target->vector_bits >= 256 && bits == 32 && lanes % ROW == 0 ? ROW : 0;
}

static LLVMValueRef row_of(FnEmit *f, LLVMValueRef bits) {
    LLVMValueRef index = LLVMBuildZExt(f->b, bits, f->e->i64, "");
    LLVMTypeRef bytes = LLVMVectorType(f->e->i8, ROW);
    LLVMValueRef at = LLVMBuildGEP2(f->b, bytes, rows(f->e), &index, 1, "");
    LLVMValueRef row = LLVMBuildLoad2(f->b, bytes, at, "");
    LLVMSetAlignment(row, ROW);
    return LLVMBuildZExt(f->b, row, LLVMVectorType(f->e->i32, ROW), "");
}

static LLVMValueRef moved_to_front(FnEmit *f, LLVMValueRef value, LLVMValueRef mask,
                                   LLVMValueRef bits) {
    LLVMTypeRef type = LLVMTypeOf(value), words = LLVMVectorType(f->e->i32, ROW);
    if (f->e->target->has_masks) {
        LLVMValueRef args[] = {value, LLVMConstNull(type), mask};
        return intrinsic(f, "llvm.x86.avx512.mask.compress", type, args, 3);
    }
    LLVMValueRef args[] = {LLVMBuildBitCast(f->b, value, words, ""), row_of(f, bits)};
    LLVMValueRef made = intrinsic(f, "llvm.x86.avx2.permd", NULL, args, 2);
    return LLVMBuildBitCast(f->b, made, type, "");
}

/* The lanes before the `count`th. */
static LLVMValueRef lanes_below(FnEmit *f, LLVMValueRef count, uint32_t lanes) {
    LLVMValueRef numbers[MAX_LANES];
    for (uint32_t i = 0; i < lanes; i++) numbers[i] = const_i32(f->e, (int32_t)i);
    LLVMValueRef end = splat(f, LLVMBuildIntCast2(f->b, count, f->e->i32, false, ""), lanes);
    return LLVMBuildICmp(f->b, LLVMIntULT, LLVMConstVector(numbers, lanes), end, "");
}

/* Packs `lanes` lanes; gives how many are on. */
static LLVMValueRef step(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, const PackTarget *to,
                         LLVMValueRef pointer) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(value));
    LLVMTypeRef word = LLVMIntTypeInContext(f->e->llvm, lanes);
    LLVMValueRef bits = LLVMBuildBitCast(f->b, mask, word, "");
    LLVMValueRef count = intrinsic(f, "llvm.ctpop", word, &bits, 1);
    LLVMValueRef args[] = {moved_to_front(f, value, mask, bits), pointer,
                           const_i32(f->e, (int32_t)to->align), lanes_below(f, count, lanes)};
    LLVMTypeRef types[] = {LLVMTypeOf(value), f->e->ptr};
    access_mark(f, overloaded(f, "llvm.masked.store", types, 2, args, 4), to->root);
    return LLVMBuildIntCast2(f->b, count, f->e->i64, false, "");
}

void emit_pack(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, const PackTarget *to) {
    LLVMTypeRef type = LLVMTypeOf(value), elem = LLVMGetElementType(type);
    uint32_t lanes = LLVMGetVectorSize(type), each = step_lanes(f, type);
    LLVMValueRef pointer = to->pointer;
    if (each == 0) {
        LLVMValueRef args[] = {value, pointer, mask};
        LLVMValueRef store = overloaded(f, "llvm.masked.compressstore", &type, 1, args, 3);
        access_mark(f, store, to->root);
        return;
    }
    for (uint32_t from = 0; from < lanes; from += each) {
        LLVMValueRef count = step(f, vector_part(f, value, from, each),
                                  vector_part(f, mask, from, each), to, pointer);
        pointer = LLVMBuildGEP2(f->b, elem, pointer, &count, 1, "");
    }
}
