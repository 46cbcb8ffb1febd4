/* Values on their way: constants, what the function holds so far, stack slots, blocks. */
#include "codegen/emit.h"

#include <string.h>

/* ---- Constants ------------------------------------------------------------------------------- */

LLVMValueRef const_i64(Emit *e, int64_t value) {
    return LLVMConstInt(e->i64, (unsigned long long)value, true);
}

LLVMValueRef const_i32(Emit *e, int32_t value) {
    return LLVMConstInt(e->i32, (unsigned long long)(long long)value, true);
}

LLVMValueRef llvm_int(LLVMTypeRef type, int64_t value) {
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind)
        return LLVMConstInt(type, (unsigned long long)value, true);
    LLVMValueRef lanes[MAX_LANES];
    unsigned count = LLVMGetVectorSize(type);
    for (unsigned i = 0; i < count; i++) lanes[i] = llvm_int(LLVMGetElementType(type), value);
    return LLVMConstVector(lanes, count);
}

LLVMValueRef const_text(Emit *e, const char *bytes, size_t length) {
    LLVMValueRef text = LLVMConstStringInContext2(e->llvm, bytes, length, false);
    LLVMValueRef global = LLVMAddGlobal(e->mod, LLVMTypeOf(text), ".text");
    LLVMSetInitializer(global, text);
    LLVMSetGlobalConstant(global, true);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    LLVMSetAlignment(global, 1);
    return global;
}

/* ---- What the function holds ----------------------------------------------------------------- */

LLVMValueRef value_llvm(FnEmit *f, const Value *value) {
    LLVMValueRef llvm = f->values[value->id].llvm;
    if (llvm == NULL) KC_BUG("value %u has not been emitted", value->id);
    return llvm;
}

const EmitView *value_view(FnEmit *f, const Value *value) {
    const EmitView *view = f->values[value->id].view;
    if (view == NULL) KC_BUG("view %u has not been emitted", value->id);
    return view;
}

void value_set(FnEmit *f, const Value *value, LLVMValueRef llvm) {
    f->values[value->id].llvm = llvm;
    if (!name_eq(value->name, NO_NAME)) debug_value(f, value);
}

void value_set_view(FnEmit *f, const Value *value, const EmitView *view, uint32_t root) {
    f->values[value->id].view = view;
    f->values[value->id].root = root;
    if (!name_eq(value->name, NO_NAME)) debug_view(f, value, view);
}

LLVMValueRef value_packed(FnEmit *f, const Value *value) {
    if (value->type->kind == IR_VIEW) return view_pack(f, value_view(f, value));
    return value_llvm(f, value);
}

void value_set_packed(FnEmit *f, const Value *value, LLVMValueRef packed) {
    if (value->type->kind == IR_VIEW)
        value_set_view(f, value, view_unpack(f, value->type, packed), 0);
    else value_set(f, value, packed);
}

LLVMValueRef value_to_memory(FnEmit *f, const IrType *type, LLVMValueRef value) {
    bool is_bool = ir_is_lanewise(type) && type->scalar == SCALAR_BOOL;
    return is_bool ? LLVMBuildZExt(f->b, value, type_memory(f->e, type), "") : value;
}

/* Any byte but zero is true: a host may hand over a bool that C would not have made. */
LLVMValueRef value_from_memory(FnEmit *f, const IrType *type, LLVMValueRef value) {
    bool is_bool = ir_is_lanewise(type) && type->scalar == SCALAR_BOOL;
    if (!is_bool) return value;
    return LLVMBuildICmp(f->b, LLVMIntNE, value, LLVMConstNull(LLVMTypeOf(value)), "");
}

/* ---- LLVM's own functions and attributes ----------------------------------------------------- */

LLVMValueRef intrinsic(FnEmit *f, const char *name, LLVMTypeRef overload, LLVMValueRef *args,
                       uint32_t count) {
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    if (id == 0) KC_BUG("LLVM has no %s", name);
    uint32_t overloads = overload != NULL;
    LLVMValueRef fn = LLVMGetIntrinsicDeclaration(f->e->mod, id, &overload, overloads);
    LLVMTypeRef type = LLVMIntrinsicGetType(f->e->llvm, id, &overload, overloads);
    return LLVMBuildCall2(f->b, type, fn, args, count, "");
}

LLVMAttributeRef attribute(Emit *e, const char *name, uint64_t value) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    if (kind == 0) KC_BUG("LLVM has no attribute %s", name);
    return LLVMCreateEnumAttribute(e->llvm, kind, value);
}

void attribute_add(Emit *e, LLVMValueRef fn, LLVMAttributeIndex index, const char *name,
                   uint64_t value) {
    LLVMAddAttributeAtIndex(fn, index, attribute(e, name, value));
}

void string_attribute(Emit *e, LLVMValueRef fn, const char *name, const char *value) {
    LLVMAttributeRef made = LLVMCreateStringAttribute(e->llvm, name, (unsigned)strlen(name), value,
                                                      (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, made);
}

/* ---- Slots and blocks ------------------------------------------------------------------------ */

LLVMValueRef stack_slot(FnEmit *f, LLVMTypeRef type, const char *name) {
    return LLVMBuildAlloca(f->entry, type, name);
}

LLVMBasicBlockRef block_new(FnEmit *f, const char *name) {
    return LLVMAppendBasicBlockInContext(f->e->llvm, f->out->fn, name);
}

void block_enter(FnEmit *f, LLVMBasicBlockRef block) {
    LLVMPositionBuilderAtEnd(f->b, block);
    f->closed = false;
}

void branch_to(FnEmit *f, LLVMBasicBlockRef block) {
    if (!f->closed) LLVMBuildBr(f->b, block);
    f->closed = true;
}
