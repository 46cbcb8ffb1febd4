/* What moves lanes by numbers or masks that only the run time knows, and hints about memory. */
#include "codegen/emit.h"

static LLVMValueRef emit_bits(FnEmit *f, LLVMValueRef mask) {
    unsigned lanes = LLVMGetVectorSize(LLVMTypeOf(mask));
    LLVMTypeRef bits = LLVMIntTypeInContext(f->e->llvm, lanes);
    return LLVMBuildIntCast2(f->b, LLVMBuildBitCast(f->b, mask, bits, ""), f->e->i64, false, "");
}

static LLVMValueRef emit_compress(FnEmit *f, const Op *op) {
    const IrType *type = op_result(op)->type;
    LLVMValueRef value = value_to_memory(f, type, value_llvm(f, op->operands[0]));
    LLVMValueRef mask = value_llvm(f, op->operands[1]);
    return value_from_memory(f, type, emit_move_lanes(f, value, mask, op->kind == OP_EXPAND));
}

/* To be read, and kept in every cache. */
static void emit_prefetch(FnEmit *f, const Op *op) {
    enum { READ = 0, EVERYWHERE = 3, DATA = 1 };
    LLVMValueRef args[] = {element_anywhere(f, op->operands[0], op->operands + 1),
                           const_i32(f->e, READ), const_i32(f->e, EVERYWHERE),
                           const_i32(f->e, DATA)};
    intrinsic(f, "llvm.prefetch", f->e->ptr, args, 4);
}

/* The bytes that are missing: -address modulo a power of two. */
static void emit_lead(FnEmit *f, const Op *op) {
    uint32_t size = op->operands[0]->type->elem->size;
    LLVMValueRef where = element_pointer(f, op->operands[0], op->operands + 1);
    LLVMValueRef address = LLVMBuildPtrToInt(f->b, where, f->e->i64, "");
    LLVMValueRef low = const_i64(f->e, op->attr.index - 1);
    LLVMValueRef missing = LLVMBuildAnd(f->b, LLVMBuildNeg(f->b, address, ""), low, "");
    value_set(f, op_result(op), LLVMBuildUDiv(f->b, missing, const_i64(f->e, size), ""));
}

void emit_lanes_op(FnEmit *f, const Op *op) {
    if (op->kind == OP_PREFETCH) {
        emit_prefetch(f, op);
        return;
    }
    if (op->kind == OP_LEAD) {
        emit_lead(f, op);
        return;
    }
    LLVMValueRef first = value_llvm(f, op->operands[0]);
    LLVMValueRef made;
    switch ((int)op->kind) {
    case OP_BITS: made = emit_bits(f, first); break;
    case OP_LOOKUP: made = emit_lookup(f, op); break;
    case OP_DOT: case OP_SAD: made = emit_sums(f, op); break;
    default: made = emit_compress(f, op);
    }
    value_set(f, op_result(op), made);
}
