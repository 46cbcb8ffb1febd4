/* print: the items on the stack, as kc_print_item of kc/kcrt.h has them. */
#include "codegen/emit.h"

enum { ITEM_VALUE, ITEM_TEXT, ITEM_ARRAY }; /* kc_item_kind */

static LLVMTypeRef item_type(Emit *e) {
    LLVMTypeRef parts[] = {e->i32, e->i32, e->ptr, e->i64, e->i32, e->ptr, e->ptr};
    return LLVMStructTypeInContext(e->llvm, parts, ARRAY_LEN(parts), false);
}

typedef struct Item {
    int32_t kind, type, rank;
    LLVMValueRef data, length, shape, stride;
} Item;

static LLVMValueRef sizes_on_stack(FnEmit *f, LLVMValueRef *sizes, uint32_t count) {
    LLVMTypeRef type = LLVMArrayType2(f->e->i64, count);
    LLVMValueRef slot = stack_slot(f, type, "");
    for (uint32_t i = 0; i < count; i++) {
        LLVMValueRef at = const_i64(f->e, i);
        LLVMValueRef where = LLVMBuildInBoundsGEP2(f->b, f->e->i64, slot, &at, 1, "");
        LLVMBuildStore(f->b, sizes[i], where);
    }
    return slot;
}

/* A vector is shown as an array of its lanes. */
static Item item_of_vector(FnEmit *f, const Value *value) {
    Emit *e = f->e;
    const IrType *lane = ir_scalar((IrModule *)e->module, value->type->scalar);
    LLVMTypeRef type = type_memory(e, lane);
    LLVMValueRef slot = stack_slot(f, LLVMArrayType2(type, value->type->lanes), "");
    for (uint32_t i = 0; i < value->type->lanes; i++) {
        LLVMValueRef at = const_i64(e, i);
        LLVMValueRef part = LLVMBuildExtractElement(f->b, value_llvm(f, value), at, "");
        LLVMValueRef where = LLVMBuildInBoundsGEP2(f->b, type, slot, &at, 1, "");
        LLVMBuildStore(f->b, value_to_memory(f, lane, part), where);
    }
    LLVMValueRef lanes = const_i64(e, value->type->lanes), one = const_i64(e, 1);
    return (Item){ITEM_ARRAY, (int32_t)value->type->scalar, 1, slot, const_i64(e, 0),
                  sizes_on_stack(f, &lanes, 1), sizes_on_stack(f, &one, 1)};
}

static Item item_of(FnEmit *f, const Value *value) {
    Emit *e = f->e;
    if (value->type->kind == IR_VEC) return item_of_vector(f, value);
    LLVMValueRef null = LLVMConstNull(e->ptr);
    Item item = {ITEM_VALUE, 0, 0, null, const_i64(e, 0), null, null};
    if (value->type->kind == IR_STR) {
        LLVMValueRef both = value_llvm(f, value);
        item.kind = ITEM_TEXT;
        item.data = LLVMBuildExtractValue(f->b, both, 0, "");
        item.length = LLVMBuildExtractValue(f->b, both, 1, "");
    } else if (value->type->kind == IR_VIEW) {
        const EmitView *view = value_view(f, value);
        LLVMValueRef strides[MAX_RANK], sizes[MAX_RANK];
        for (uint32_t i = 0; i < view->rank; i++) {
            sizes[i] = view->dim[i];
            strides[i] = view_stride(f, view, i);
        }
        item = (Item){ITEM_ARRAY,
                      (int32_t)value->type->elem->scalar,
                      (int32_t)view->rank,
                      view->data,
                      const_i64(e, 0),
                      sizes_on_stack(f, sizes, view->rank),
                      sizes_on_stack(f, strides, view->rank)};
    } else {
        item.type = (int32_t)value->type->scalar;
        item.data = stack_slot(f, type_memory(e, value->type), "");
        LLVMBuildStore(f->b, value_to_memory(f, value->type, value_llvm(f, value)), item.data);
    }
    return item;
}

void emit_print(FnEmit *f, const Op *op) {
    Emit *e = f->e;
    LLVMTypeRef type = item_type(e);
    LLVMValueRef items = stack_slot(f, LLVMArrayType2(type, op->operand_count), "items");
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Item item = item_of(f, op->operands[i]);
        LLVMValueRef parts[] = {const_i32(e, item.kind), const_i32(e, item.type), item.data,
                                item.length, const_i32(e, item.rank), item.shape, item.stride};
        LLVMValueRef at = const_i64(e, i);
        LLVMValueRef where = LLVMBuildInBoundsGEP2(f->b, type, items, &at, 1, "");
        for (uint32_t p = 0; p < ARRAY_LEN(parts); p++)
            LLVMBuildStore(f->b, parts[p], LLVMBuildStructGEP2(f->b, type, where, p, ""));
    }
    LLVMValueRef args[] = {items, const_i32(e, (int32_t)op->operand_count)};
    runtime_call(f, RT_PRINT, args);
}
