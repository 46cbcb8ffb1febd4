/* Memory: loads and stores of any type, variables. */
#include "codegen/emit.h"

/* Structs move scalar by scalar: LLVM's optimiser sees through that, and through whole-struct
 * accesses it does not. */
LLVMValueRef memory_load(FnEmit *f, LLVMTypeRef type, LLVMValueRef address, uint32_t root) {
    LLVMTypeKind kind = LLVMGetTypeKind(type);
    if (kind != LLVMStructTypeKind && kind != LLVMArrayTypeKind) {
        LLVMValueRef load = LLVMBuildLoad2(f->b, type, address, "");
        if (root != ROOT_SLOT) access_mark(f, load, root);
        return load;
    }
    bool is_struct = kind == LLVMStructTypeKind;
    uint32_t count = is_struct ? LLVMCountStructElementTypes(type)
                               : (uint32_t)LLVMGetArrayLength2(type);
    LLVMValueRef whole = LLVMGetPoison(type);
    for (uint32_t i = 0; i < count; i++) {
        LLVMTypeRef part = is_struct ? LLVMStructGetTypeAtIndex(type, i) : LLVMGetElementType(type);
        LLVMValueRef at[] = {const_i32(f->e, 0), const_i32(f->e, (int32_t)i)};
        LLVMValueRef where = LLVMBuildInBoundsGEP2(f->b, type, address, at, 2, "");
        whole = LLVMBuildInsertValue(f->b, whole, memory_load(f, part, where, root), i, "");
    }
    return whole;
}

void memory_store(FnEmit *f, LLVMValueRef value, LLVMValueRef address, uint32_t root) {
    LLVMTypeRef type = LLVMTypeOf(value);
    LLVMTypeKind kind = LLVMGetTypeKind(type);
    if (kind != LLVMStructTypeKind && kind != LLVMArrayTypeKind) {
        LLVMValueRef store = LLVMBuildStore(f->b, value, address);
        if (root != ROOT_SLOT) access_mark(f, store, root);
        return;
    }
    uint32_t count = kind == LLVMStructTypeKind ? LLVMCountStructElementTypes(type)
                                                : (uint32_t)LLVMGetArrayLength2(type);
    for (uint32_t i = 0; i < count; i++) {
        LLVMValueRef at[] = {const_i32(f->e, 0), const_i32(f->e, (int32_t)i)};
        LLVMValueRef where = LLVMBuildInBoundsGEP2(f->b, type, address, at, 2, "");
        memory_store(f, LLVMBuildExtractValue(f->b, value, i, ""), where, root);
    }
}

/* ---- Variables ------------------------------------------------------------------------------- */

/* The iterations of an independent loop share one slot until LLVM has turned it into registers, so
 * accesses to variables are never marked as parallel. */
uint32_t root_of_ref(FnEmit *f, const Value *ref) {
    while (ref->def != NULL && (ref->def->kind == OP_FIELD || ref->def->kind == OP_LANE_ITEM))
        ref = ref->def->operands[0];
    bool is_slot = ref->def != NULL && ref->def->kind == OP_VAR;
    return is_slot ? ROOT_SLOT : f->values[ref->id].root;
}

static void emit_field(FnEmit *f, const Op *op) {
    const Value *ref = op->operands[0];
    LLVMTypeRef type = type_memory(f->e, ref->type->elem);
    LLVMValueRef where =
        LLVMBuildStructGEP2(f->b, type, value_llvm(f, ref), op->attr.index, "");
    value_set(f, op_result(op), where);
}

static void emit_lane_item(FnEmit *f, const Op *op) {
    const Value *ref = op->operands[0];
    LLVMTypeRef lane = type_memory(f->e, op_result(op)->type->elem);
    LLVMValueRef number = LLVMBuildAnd(f->b, value_llvm(f, op->operands[1]),
                                       const_i64(f->e, ref->type->elem->lanes - 1), "");
    value_set(f, op_result(op), LLVMBuildInBoundsGEP2(f->b, lane, value_llvm(f, ref), &number, 1, ""));
}

static void emit_var(FnEmit *f, const Op *op) {
    const IrType *held = op_result(op)->type->elem;
    const char *name = text_of(f->e->module->cx, op->attr.var.name);
    LLVMValueRef slot = stack_slot(f, type_memory(f->e, held), name);
    value_set(f, op_result(op), slot);
    debug_variable(f, op, slot);
}

static void emit_get(FnEmit *f, const Op *op) {
    const Value *ref = op->operands[0];
    const IrType *held = ref->type->elem;
    LLVMValueRef address = value_llvm(f, ref);
    LLVMValueRef value =
        memory_load(f, type_memory(f->e, held), address, root_of_ref(f, ref));
    value_set_packed(f, op_result(op), value_from_memory(f, held, value));
}

static void emit_set(FnEmit *f, const Op *op) {
    const Value *ref = op->operands[0];
    LLVMValueRef value = value_to_memory(f, ref->type->elem, value_packed(f, op->operands[1]));
    memory_store(f, value, value_llvm(f, ref), root_of_ref(f, ref));
}

void emit_memory_op(FnEmit *f, const Op *op) {
    switch ((int)op->kind) {
    case OP_VAR: emit_var(f, op); return;
    case OP_GET: emit_get(f, op); return;
    case OP_SET: emit_set(f, op); return;
    case OP_FIELD: emit_field(f, op); return;
    case OP_LANE_ITEM: emit_lane_item(f, op); return;
    default: UNREACHABLE();
    }
}
