/* Whether two windows share a byte: one comparison of addresses where one lies wholly before the
 * other, as they nearly always do. */
#include "codegen/emit.h"

typedef struct Extent {
    LLVMValueRef first, end; /* addresses as numbers */
    LLVMValueRef is_empty;   /* NULL: `end` is `first` then */
} Extent;

static Extent extent_of(FnEmit *f, const Value *value) {
    Emit *e = f->e;
    const EmitView *view = value_view(f, value);
    LLVMValueRef size = const_i64(e, value->type->elem->size), zero = const_i64(e, 0);
    Extent extent = {.first = LLVMBuildPtrToInt(f->b, view->data, e->i64, "")};
    if (!view->strided) {
        LLVMValueRef bytes = size;
        for (uint32_t i = 0; i < view->rank; i++)
            bytes = LLVMBuildMul(f->b, view->dim[i], bytes, "");
        extent.end = LLVMBuildAdd(f->b, extent.first, bytes, "");
        return extent;
    }
    extent.end = LLVMBuildAdd(f->b, extent.first, size, "");
    for (uint32_t i = 0; i < view->rank; i++) {
        LLVMValueRef steps = LLVMBuildSub(f->b, view->dim[i], const_i64(e, 1), "");
        LLVMValueRef reach = LLVMBuildMul(f->b, steps, view->stride[i], "");
        reach = LLVMBuildMul(f->b, reach, size, "");
        LLVMValueRef down[] = {reach, zero};
        extent.first = LLVMBuildAdd(f->b, extent.first,
                                    intrinsic(f, "llvm.smin", e->i64, down, 2), "");
        extent.end =
            LLVMBuildAdd(f->b, extent.end, intrinsic(f, "llvm.smax", e->i64, down, 2), "");
        LLVMValueRef none = LLVMBuildICmp(f->b, LLVMIntEQ, view->dim[i], zero, "");
        extent.is_empty = extent.is_empty == NULL ? none
                                                  : LLVMBuildOr(f->b, extent.is_empty, none, "");
    }
    return extent;
}

/* The larger start is not before the smaller end: so an empty one shares nothing wherever it is. */
LLVMValueRef emit_apart(FnEmit *f, const Op *op) {
    Extent a = extent_of(f, op->operands[0]), b = extent_of(f, op->operands[1]);
    LLVMValueRef firsts[] = {a.first, b.first}, ends[] = {a.end, b.end};
    LLVMValueRef start = intrinsic(f, "llvm.umax", f->e->i64, firsts, 2);
    LLVMValueRef end = intrinsic(f, "llvm.umin", f->e->i64, ends, 2);
    LLVMValueRef apart = LLVMBuildICmp(f->b, LLVMIntUGE, start, end, "");
    if (a.is_empty != NULL) apart = LLVMBuildOr(f->b, apart, a.is_empty, "");
    if (b.is_empty != NULL) apart = LLVMBuildOr(f->b, apart, b.is_empty, "");
    return apart;
}
