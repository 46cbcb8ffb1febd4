/* Whether two windows share a byte. Where one lies wholly before the other, as they nearly always
 * do, that is one comparison. Windows with strides may be interleaved as well, such as blocks or
 * columns of one matrix: a function looks for a stride by which they are apart all along. */
#include "codegen/emit.h"

/* ---- One before the other -------------------------------------------------------------------- */

typedef struct Extent {
    LLVMValueRef base, first, end; /* addresses as numbers: of element 0, the lowest, the end */
    LLVMValueRef is_empty;         /* NULL: `end` is `first` then */
} Extent;

static LLVMValueRef extreme(FnEmit *f, const char *which, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef args[] = {a, b};
    return intrinsic(f, which, f->e->i64, args, 2);
}

static LLVMValueRef last_index(FnEmit *f, const EmitView *view, uint32_t dim) {
    return LLVMBuildSub(f->b, view->dim[dim], const_i64(f->e, 1), "");
}

static void extent_of_strided(FnEmit *f, const EmitView *view, LLVMValueRef size, Extent *extent) {
    LLVMValueRef zero = const_i64(f->e, 0);
    extent->end = LLVMBuildAdd(f->b, extent->first, size, "");
    for (uint32_t i = 0; i < view->rank; i++) {
        LLVMValueRef reach = LLVMBuildMul(f->b, last_index(f, view, i), view->stride[i], "");
        reach = LLVMBuildMul(f->b, reach, size, "");
        extent->first =
            LLVMBuildAdd(f->b, extent->first, extreme(f, "llvm.smin", reach, zero), "");
        extent->end = LLVMBuildAdd(f->b, extent->end, extreme(f, "llvm.smax", reach, zero), "");
        LLVMValueRef none = LLVMBuildICmp(f->b, LLVMIntEQ, view->dim[i], zero, "");
        extent->is_empty = i == 0 ? none : LLVMBuildOr(f->b, extent->is_empty, none, "");
    }
}

static Extent extent_of(FnEmit *f, const Value *value) {
    const EmitView *view = value_view(f, value);
    LLVMValueRef size = const_i64(f->e, value->type->elem->size);
    Extent extent = {.base = LLVMBuildPtrToInt(f->b, view->data, f->e->i64, "")};
    extent.first = extent.base;
    if (view->strided) {
        extent_of_strided(f, view, size, &extent);
        return extent;
    }
    for (uint32_t i = 0; i < view->rank; i++) size = LLVMBuildMul(f->b, view->dim[i], size, "");
    extent.end = LLVMBuildAdd(f->b, extent.first, size, "");
    return extent;
}

static bool are_shaped_alike(FnEmit *f, const Value *a, const Value *b) {
    const EmitView *views[] = {value_view(f, a), value_view(f, b)};
    if (views[0]->rank != views[1]->rank || views[0]->strided || views[1]->strided) return false;
    for (uint32_t i = 0; i < views[0]->rank; i++)
        if (views[0]->dim[i] != views[1]->dim[i]) return false;
    return a->type->elem->size == b->type->elem->size;
}

/* Of equal size, they are apart where they begin that far from each other. */
static LLVMValueRef begin_apart(FnEmit *f, const Extent *a, const Extent *b) {
    LLVMValueRef args[] = {LLVMBuildSub(f->b, a->first, b->first, ""), LLVMConstInt(f->e->i1, 0, false)};
    LLVMValueRef distance = intrinsic(f, "llvm.abs", f->e->i64, args, 2);
    LLVMValueRef size = LLVMBuildSub(f->b, a->end, a->first, "");
    return LLVMBuildICmp(f->b, LLVMIntUGE, distance, size, "");
}

/* The larger start is not before the smaller end: so an empty one shares nothing wherever it is. */
static LLVMValueRef extents_apart(FnEmit *f, const Extent *a, const Extent *b) {
    LLVMValueRef start = extreme(f, "llvm.umax", a->first, b->first);
    LLVMValueRef end = extreme(f, "llvm.umin", a->end, b->end);
    LLVMValueRef apart = LLVMBuildICmp(f->b, LLVMIntUGE, start, end, "");
    if (a->is_empty != NULL) apart = LLVMBuildOr(f->b, apart, a->is_empty, "");
    if (b->is_empty != NULL) apart = LLVMBuildOr(f->b, apart, b->is_empty, "");
    return apart;
}

/* ---- Interleaved ----------------------------------------------------------------------------- */

/* `dims` are pairs (step in bytes, last index), the steps of the second window negated. The
 * windows meet only where some sum of multiples of the steps falls into [first, first + width].
 * For each step s in turn: modulo s the steps that it divides vanish and the others reach from
 * `low` over `reach`; the windows are apart when that misses the interval all around. */
static const char apart_text[] =
    "declare i64 @llvm.abs.i64(i64, i1)\n"
    "declare i64 @llvm.smin.i64(i64, i64)\n"
    "define i1 @kc.apart(ptr %dims, i64 %count, i64 %first, i64 %width) {\n"
    "start:\n"
    "  br label %head\n"
    "head:\n"
    "  %j = phi i64 [ 0, %start ], [ %j1, %next ]\n"
    "  %left = icmp ult i64 %j, %count\n"
    "  br i1 %left, label %body, label %no\n"
    "body:\n"
    "  %at.j = getelementptr [2 x i64], ptr %dims, i64 %j\n"
    "  %step.j = load i64, ptr %at.j\n"
    "  %s = call i64 @llvm.abs.i64(i64 %step.j, i1 false)\n"
    "  %still = icmp eq i64 %s, 0\n"
    "  br i1 %still, label %next, label %inner.head\n"
    "inner.head:\n"
    "  %k = phi i64 [ 0, %body ], [ %k1, %inner ]\n"
    "  %low = phi i64 [ 0, %body ], [ %low1, %inner ]\n"
    "  %reach = phi i64 [ 0, %body ], [ %reach1, %inner ]\n"
    "  %more = icmp ult i64 %k, %count\n"
    "  br i1 %more, label %inner, label %test\n"
    "inner:\n"
    "  %at = getelementptr [2 x i64], ptr %dims, i64 %k\n"
    "  %step = load i64, ptr %at\n"
    "  %at.last = getelementptr i64, ptr %at, i64 1\n"
    "  %last = load i64, ptr %at.last\n"
    "  %rest = srem i64 %step, %s\n"
    "  %vanishes = icmp eq i64 %rest, 0\n"
    "  %whole = mul i64 %step, %last\n"
    "  %span = select i1 %vanishes, i64 0, i64 %whole\n"
    "  %down = call i64 @llvm.smin.i64(i64 %span, i64 0)\n"
    "  %far = call i64 @llvm.abs.i64(i64 %span, i1 false)\n"
    "  %low1 = add i64 %low, %down\n"
    "  %reach1 = add i64 %reach, %far\n"
    "  %k1 = add i64 %k, 1\n"
    "  br label %inner.head\n"
    "test:\n"
    "  %distance = sub i64 %first, %low\n"
    "  %signed = srem i64 %distance, %s\n"
    "  %behind = icmp slt i64 %signed, 0\n"
    "  %around = add i64 %signed, %s\n"
    "  %r = select i1 %behind, i64 %around, i64 %signed\n"
    "  %after = icmp sgt i64 %r, %reach\n"
    "  %end = add i64 %r, %width\n"
    "  %before = icmp slt i64 %end, %s\n"
    "  %apart = and i1 %after, %before\n"
    "  br i1 %apart, label %yes, label %next\n"
    "next:\n"
    "  %j1 = add i64 %j, 1\n"
    "  br label %head\n"
    "yes:\n"
    "  ret i1 true\n"
    "no:\n"
    "  ret i1 false\n"
    "}\n";

static void dims_store(FnEmit *f, const Value *value, bool negated, LLVMValueRef dims,
                       uint32_t first) {
    const EmitView *view = value_view(f, value);
    LLVMValueRef size = const_i64(f->e, value->type->elem->size);
    for (uint32_t i = 0; i < view->rank; i++) {
        LLVMValueRef step = LLVMBuildMul(f->b, view_stride(f, view, i), size, "");
        if (negated) step = LLVMBuildNeg(f->b, step, "");
        LLVMValueRef pair[] = {step, last_index(f, view, i)};
        for (uint32_t k = 0; k < 2; k++) {
            LLVMValueRef at = const_i64(f->e, 2 * (first + i) + k);
            LLVMBuildStore(f->b, pair[k], LLVMBuildGEP2(f->b, f->e->i64, dims, &at, 1, ""));
        }
    }
}

static LLVMValueRef interleaved_apart(FnEmit *f, const Op *op, const Extent *a, const Extent *b) {
    Emit *e = f->e;
    const IrType *types[] = {op->operands[0]->type, op->operands[1]->type};
    int64_t size_a = types[0]->elem->size, size_b = types[1]->elem->size;
    uint32_t count = types[0]->rank + types[1]->rank;
    LLVMValueRef dims = stack_slot(f, LLVMArrayType2(e->i64, 2 * count), "");
    dims_store(f, op->operands[0], false, dims, 0);
    dims_store(f, op->operands[1], true, dims, types[0]->rank);
    LLVMValueRef distance = LLVMBuildSub(f->b, b->base, a->base, "");
    LLVMValueRef args[] = {dims, const_i64(e, count),
                           LLVMBuildAdd(f->b, distance, const_i64(e, 1 - size_a), ""),
                           const_i64(e, size_a + size_b - 2)};
    LLVMValueRef helper = helper_function(e, "kc.apart", apart_text, false);
    return helper_call(f, helper, args, ARRAY_LEN(args));
}

LLVMValueRef emit_apart(FnEmit *f, const Op *op) {
    Extent a = extent_of(f, op->operands[0]), b = extent_of(f, op->operands[1]);
    if (are_shaped_alike(f, op->operands[0], op->operands[1])) return begin_apart(f, &a, &b);
    LLVMValueRef apart = extents_apart(f, &a, &b);
    if (a.is_empty == NULL && b.is_empty == NULL) return apart;
    LLVMBasicBlockRef from[] = {LLVMGetInsertBlock(f->b), NULL};
    LLVMBasicBlockRef look = block_new(f, "interleaved"), known = block_new(f, "known");
    branch_likely(f, apart, known, look);
    block_enter(f, look);
    LLVMValueRef values[] = {LLVMConstInt(f->e->i1, 1, false), interleaved_apart(f, op, &a, &b)};
    from[1] = LLVMGetInsertBlock(f->b);
    branch_to(f, known);
    block_enter(f, known);
    LLVMValueRef phi = LLVMBuildPhi(f->b, f->e->i1, "");
    LLVMAddIncoming(phi, values, from, 2);
    return phi;
}
