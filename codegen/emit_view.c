/* Views: windows onto memory, kept as pointer, sizes and strides. */
#include "codegen/emit.h"

static bool is_const_int(LLVMValueRef value, uint64_t number) {
    return LLVMIsAConstantInt(value) != NULL && LLVMConstIntGetZExtValue(value) == number;
}

bool is_constant_one(LLVMValueRef number) { return is_const_int(number, 1); }

/* Products of sizes and offsets fit in 64 bits: the elements they count exist in memory. */
static LLVMValueRef index_mul(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    if (is_const_int(b, 1) || is_const_int(a, 0)) return a;
    if (is_const_int(a, 1) || is_const_int(b, 0)) return b;
    return LLVMBuildNSWMul(f->b, a, b, "");
}

static LLVMValueRef index_add(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    if (is_const_int(a, 0)) return b;
    if (is_const_int(b, 0)) return a;
    return LLVMBuildNSWAdd(f->b, a, b, "");
}

LLVMValueRef view_stride(FnEmit *f, const EmitView *view, uint32_t dim) {
    if (view->strided) return view->stride[dim];
    LLVMValueRef stride = const_i64(f->e, 1);
    for (uint32_t i = view->rank; i-- > dim + 1;) stride = index_mul(f, stride, view->dim[i]);
    return stride;
}

/* ---- Packed form ----------------------------------------------------------------------------- */

LLVMValueRef view_pack(FnEmit *f, const EmitView *view) {
    LLVMTypeRef type = type_view(f->e, view->rank, view->strided);
    LLVMTypeRef sizes_type = LLVMStructGetTypeAtIndex(type, 1);
    LLVMValueRef packed = LLVMBuildInsertValue(f->b, LLVMGetPoison(type), view->data, 0, "");
    LLVMValueRef sizes = LLVMGetPoison(sizes_type), strides = sizes;
    for (uint32_t i = 0; i < view->rank; i++) {
        sizes = LLVMBuildInsertValue(f->b, sizes, view->dim[i], i, "");
        if (view->strided) strides = LLVMBuildInsertValue(f->b, strides, view->stride[i], i, "");
    }
    packed = LLVMBuildInsertValue(f->b, packed, sizes, 1, "");
    return view->strided ? LLVMBuildInsertValue(f->b, packed, strides, 2, "") : packed;
}

static EmitView *view_new(FnEmit *f, const IrType *type) {
    EmitView *view = arena_new(f->e->scratch, EmitView);
    view->rank = type->rank;
    view->strided = type->strided;
    return view;
}

const EmitView *view_unpack(FnEmit *f, const IrType *type, LLVMValueRef packed) {
    EmitView *view = view_new(f, type);
    view->data = LLVMBuildExtractValue(f->b, packed, 0, "");
    LLVMValueRef sizes = LLVMBuildExtractValue(f->b, packed, 1, "");
    LLVMValueRef strides = view->strided ? LLVMBuildExtractValue(f->b, packed, 2, "") : NULL;
    for (uint32_t i = 0; i < view->rank; i++) {
        view->dim[i] = LLVMBuildExtractValue(f->b, sizes, i, "");
        if (view->strided) view->stride[i] = LLVMBuildExtractValue(f->b, strides, i, "");
    }
    return view;
}

/* ---- Making ---------------------------------------------------------------------------------- */

static void emit_make(FnEmit *f, const Op *op) {
    EmitView *view = view_new(f, op_result(op)->type);
    view->data = value_llvm(f, op->operands[0]);
    for (uint32_t i = 0; i < view->rank; i++) {
        view->dim[i] = value_llvm(f, op->operands[1 + i]);
        if (view->strided) view->stride[i] = value_llvm(f, op->operands[1 + view->rank + i]);
    }
    value_set_view(f, op_result(op), view, f->values[op->operands[0]->id].root);
}

static void emit_null(FnEmit *f, const Op *op) {
    EmitView *view = view_new(f, op_result(op)->type);
    view->data = LLVMConstNull(f->e->ptr);
    for (uint32_t i = 0; i < view->rank; i++) {
        view->dim[i] = const_i64(f->e, 0);
        view->stride[i] = const_i64(f->e, view->strided);
    }
    value_set_view(f, op_result(op), view, 0);
}

/* A constant of the module: the elements as they lie in memory, or zeros. */
static void emit_data(FnEmit *f, const Op *op) {
    Emit *e = f->e;
    EmitView *view = view_new(f, op_result(op)->type);
    int64_t bytes = op_result(op)->type->elem->size;
    for (uint32_t i = 0; i < view->rank; i++) {
        view->dim[i] = value_llvm(f, op->operands[i]);
        bytes *= LLVMConstIntGetSExtValue(view->dim[i]);
    }
    LLVMValueRef content =
        op->attr.text.bytes != NULL
            ? LLVMConstStringInContext2(e->llvm, op->attr.text.bytes, op->attr.text.length, true)
            : LLVMConstNull(LLVMArrayType2(e->i8, (uint64_t)bytes));
    view->data = LLVMAddGlobal(e->mod, LLVMTypeOf(content), ".data");
    LLVMSetInitializer(view->data, content);
    LLVMSetGlobalConstant(view->data, true);
    LLVMSetLinkage(view->data, LLVMPrivateLinkage);
    LLVMSetUnnamedAddress(view->data, LLVMGlobalUnnamedAddr);
    LLVMSetAlignment(view->data, 64);
    value_set_view(f, op_result(op), view, 0);
}

/* The pointer is not `inbounds`: an empty window may start anywhere. */
static void emit_slice(FnEmit *f, const Op *op) {
    const EmitView *from = value_view(f, op->operands[0]);
    EmitView *view = view_new(f, op_result(op)->type);
    LLVMValueRef offset = const_i64(f->e, 0);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < from->rank; i++) {
        LLVMValueRef first = value_llvm(f, op->operands[1 + 3 * i]);
        LLVMValueRef length = value_llvm(f, op->operands[2 + 3 * i]);
        LLVMValueRef step = value_llvm(f, op->operands[3 + 3 * i]);
        LLVMValueRef stride = view_stride(f, from, i);
        offset = index_add(f, offset, index_mul(f, first, stride));
        if (op->attr.mask >> i & 1) continue;
        view->dim[kept] = length;
        if (view->strided) view->stride[kept] = index_mul(f, stride, step);
        kept++;
    }
    LLVMTypeRef elem = type_memory(f->e, op_result(op)->type->elem);
    view->data = is_const_int(offset, 0)
                     ? from->data
                     : LLVMBuildGEP2(f->b, elem, from->data, &offset, 1, "");
    value_set_view(f, op_result(op), view, f->values[op->operands[0]->id].root);
}

/* ---- Elements -------------------------------------------------------------------------------- */

/* Row-major offsets by Horner's rule, strided ones as a sum of products; of the first `count` indices. */
static LLVMValueRef element_offset(FnEmit *f, const EmitView *view, Value *const *indices, uint32_t count) {
    LLVMValueRef offset = const_i64(f->e, 0);
    for (uint32_t i = 0; i < count; i++) {
        LLVMValueRef index = value_llvm(f, indices[i]);
        if (view->strided) offset = index_add(f, offset, index_mul(f, index, view->stride[i]));
        else offset = index_add(f, i == 0 ? offset : index_mul(f, offset, view->dim[i]), index);
    }
    return offset;
}

static LLVMValueRef element_at(FnEmit *f, LLVMTypeRef elem, LLVMValueRef data, LLVMValueRef offset) {
    return is_const_int(offset, 0) ? data : LLVMBuildInBoundsGEP2(f->b, elem, data, &offset, 1, "");
}

static void count_rows(void *user, Op *op) {
    uint32_t *rows = user;
    *rows += (op->kind == OP_VLOAD || op->kind == OP_VSTORE) && op->operands[0]->type->rank > 1;
}

bool loop_has_many_rows(const Op *loop) {
    enum { MANY = 24 };
    uint32_t rows = 0;
    if (loop->attr.loop.is_vector) region_walk(loop->regions[0], count_rows, &rows);
    return rows >= MANY;
}

/* An element of a row that stays the same in a loop over many. */
static bool is_along_row(const FnEmit *f, const EmitView *view, Value *const *indices) {
    if (view->rank < 2 || view->strided || f->loop == NULL || !f->loop->has_many_rows) return false;
    for (uint32_t i = 0; i + 1 < view->rank; i++)
        if (value_is_made_in(indices[i], f->loop->op)) return false;
    return true;
}

/* Where the row begins, as a number of which nothing is known. LLVM's strength reduction sees through additions, and
 * tries each way in which the parts of many rows' addresses could be put together: that takes longer than all else,
 * and finds that a row has a pointer and all have one index. Of few rows it finds more, as that the next one's pointer
 * is this one's and a number. */
static LLVMValueRef row_pointer(FnEmit *f, LLVMTypeRef elem, const EmitView *view, Value *const *indices) {
    uint32_t last = view->rank - 1;
    LLVMValueRef offset = index_mul(f, element_offset(f, view, indices, last), view->dim[last]);
    LLVMValueRef row = element_at(f, elem, view->data, offset);
    return LLVMIsConstant(offset) ? row : intrinsic(f, "llvm.strip.invariant.group", f->e->ptr, &row, 1);
}

LLVMValueRef element_pointer(FnEmit *f, const Value *view, Value *const *indices) {
    LLVMValueRef along = element_along_loop(f, view, indices);
    if (along != NULL) return along;
    const EmitView *window = value_view(f, view);
    LLVMTypeRef elem = type_memory(f->e, view->type->elem);
    if (!is_along_row(f, window, indices))
        return element_at(f, elem, window->data, element_offset(f, window, indices, window->rank));
    return element_at(f, elem, row_pointer(f, elem, window, indices), value_llvm(f, indices[window->rank - 1]));
}

LLVMValueRef element_anywhere(FnEmit *f, const Value *view, Value *const *indices) {
    const EmitView *window = value_view(f, view);
    LLVMValueRef offset = const_i64(f->e, 0);
    for (uint32_t i = 0; i < window->rank; i++) {
        LLVMValueRef stride = view_stride(f, window, i);
        LLVMValueRef by = LLVMBuildMul(f->b, value_llvm(f, indices[i]), stride, "");
        offset = LLVMBuildAdd(f->b, offset, by, "");
    }
    LLVMTypeRef elem = type_memory(f->e, view->type->elem);
    return LLVMBuildGEP2(f->b, elem, window->data, &offset, 1, "");
}

static void emit_load(FnEmit *f, const Op *op) {
    const Value *view = op->operands[0];
    LLVMValueRef address = element_pointer(f, view, op->operands + 1);
    const IrType *elem = view->type->elem;
    LLVMValueRef value = memory_load(f, type_memory(f->e, elem), address, f->values[view->id].root);
    value_set_packed(f, op_result(op), value_from_memory(f, elem, value));
}

static void emit_item(FnEmit *f, const Op *op) {
    const Value *view = op->operands[0];
    value_set(f, op_result(op), element_pointer(f, view, op->operands + 1));
    f->values[op_result(op)->id].root = f->values[view->id].root;
}

static void emit_store(FnEmit *f, const Op *op) {
    const Value *view = op->operands[0];
    LLVMValueRef value = value_packed(f, op->operands[1]);
    LLVMValueRef address = element_pointer(f, view, op->operands + 2);
    memory_store(f, value_to_memory(f, view->type->elem, value), address, f->values[view->id].root);
}

void emit_view_op(FnEmit *f, const Op *op) {
    switch ((int)op->kind) {
    case OP_VIEW:
    case OP_STRIDED: emit_make(f, op); return;
    case OP_NULLVIEW: emit_null(f, op); return;
    case OP_SLICE: emit_slice(f, op); return;
    case OP_LOAD: emit_load(f, op); return;
    case OP_STORE: emit_store(f, op); return;
    case OP_ITEM: emit_item(f, op); return;
    case OP_DATA: emit_data(f, op); return;
    case OP_BUF:
        value_set(f, op_result(op), value_view(f, op->operands[0])->data);
        f->values[op_result(op)->id].root = f->values[op->operands[0]->id].root;
        return;
    case OP_CELLS:
        value_set(f, op_result(op), value_llvm(f, op->operands[0]));
        f->values[op_result(op)->id].root = f->values[op->operands[0]->id].root;
        return;
    case OP_DIM:
        value_set(f, op_result(op), value_view(f, op->operands[0])->dim[op->attr.index]);
        return;
    case OP_STRIDE:
        value_set(f, op_result(op), view_stride(f, value_view(f, op->operands[0]), op->attr.index));
        return;
    default: UNREACHABLE();
    }
}
