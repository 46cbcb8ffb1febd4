/* Stores under a mask that is known already, where the target has no instruction for them that is fast: lanes that
 * follow each other are stored as numbers of up to 8 bytes. LLVM would store each by itself. */
#include "codegen/emit.h"

enum { MOST_BITS = 64, BYTE = 8 };

static bool is_on(LLVMValueRef mask, unsigned lane) { return !LLVMIsNull(LLVMGetAggregateElement(mask, lane)); }

static bool all_on(LLVMValueRef mask, unsigned from, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (!is_on(mask, from + i)) return false;
    return true;
}

static void piece_store(FnEmit *f, const LaneAccess *a, LLVMValueRef pointer, LLVMValueRef value, unsigned from, unsigned lanes) {
    LLVMTypeRef type = LLVMTypeOf(value);
    unsigned bits = lanes * bits_of_lane(type), count = LLVMGetVectorSize(type) / lanes;
    LLVMTypeRef piece = LLVMIntTypeInContext(f->e->llvm, bits);
    LLVMValueRef pieces = LLVMBuildBitCast(f->b, value, LLVMVectorType(piece, count), "");
    LLVMValueRef one = LLVMBuildExtractElement(f->b, pieces, const_i32(f->e, (int32_t)(from / lanes)), "");
    LLVMValueRef offset = const_i64(f->e, (int64_t)(from * bits_of_lane(type) / BYTE));
    LLVMValueRef store = LLVMBuildStore(f->b, one, LLVMBuildGEP2(f->b, f->e->i8, pointer, &offset, 1, ""));
    LLVMSetAlignment(store, a->view->type->elem->align);
    access_mark(f, store, a->root);
}

bool emit_pieces(FnEmit *f, const LaneAccess *a, LLVMValueRef value) {
    LLVMTypeRef type = LLVMTypeOf(value);
    unsigned lanes = LLVMGetVectorSize(type), most = MOST_BITS / bits_of_lane(type);
    if (f->e->target->has_masks || a->mask == NULL || !LLVMIsConstant(a->mask)) return false;
    LLVMValueRef pointer = element_pointer(f, a->view, a->indices);
    for (unsigned from = 0, count; from < lanes; from += count) {
        count = 1;
        if (!is_on(a->mask, from)) continue;
        while (2 * count <= most && from % (2 * count) == 0 && lanes % (2 * count) == 0 && all_on(a->mask, from, 2 * count)) count *= 2;
        piece_store(f, a, pointer, value, from, count);
    }
    return true;
}
