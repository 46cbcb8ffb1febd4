/* IR types as LLVM types. */
#include "codegen/emit.h"

LLVMTypeRef scalar_type(Emit *e, Scalar scalar) {
    switch (scalar) {
    case SCALAR_BOOL: return e->i1;
    case SCALAR_I8:
    case SCALAR_U8: return e->i8;
    case SCALAR_I16:
    case SCALAR_U16:
    case SCALAR_F16:
    case SCALAR_BF16: return e->i16;
    case SCALAR_I32:
    case SCALAR_U32: return e->i32;
    case SCALAR_I64:
    case SCALAR_U64: return e->i64;
    case SCALAR_F32: return e->f32;
    case SCALAR_F64: return e->f64;
    case SCALAR_COUNT: break;
    }
    UNREACHABLE();
}

LLVMTypeRef type_shaped(LLVMTypeRef scalar, LLVMTypeRef like) {
    bool is_vector = LLVMGetTypeKind(like) == LLVMVectorTypeKind;
    return is_vector ? LLVMVectorType(scalar, LLVMGetVectorSize(like)) : scalar;
}

static LLVMTypeRef type_struct(Emit *e, const IrType *type) {
    if (e->types[type->id] != NULL) return e->types[type->id];
    LLVMTypeRef *fields = arena_array(e->scratch, LLVMTypeRef, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++)
        fields[i] = type_memory(e, type->fields[i].type);
    LLVMTypeRef made = LLVMStructCreateNamed(e->llvm, text_of(e->module->cx, type->name));
    LLVMStructSetBody(made, fields, type->field_count, false);
    return e->types[type->id] = made;
}

LLVMTypeRef type_view(Emit *e, uint32_t rank, bool strided) {
    LLVMTypeRef sizes = LLVMArrayType2(e->i64, rank);
    LLVMTypeRef parts[] = {e->ptr, sizes, sizes};
    return LLVMStructTypeInContext(e->llvm, parts, strided ? 3 : 2, false);
}

/* kc_list of kc/kcrt.h. */
LLVMTypeRef type_list_struct(Emit *e) {
    LLVMTypeRef parts[] = {e->ptr, e->i64, e->i64};
    return LLVMStructTypeInContext(e->llvm, parts, 3, false);
}

LLVMTypeRef type_value(Emit *e, const IrType *type) {
    switch (type->kind) {
    case IR_SCALAR: return scalar_type(e, type->scalar);
    case IR_VEC: return LLVMVectorType(scalar_type(e, type->scalar), type->lanes);
    case IR_STRUCT: return type_struct(e, type);
    case IR_STR: {
        LLVMTypeRef parts[] = {e->ptr, e->i64};
        return LLVMStructTypeInContext(e->llvm, parts, 2, false);
    }
    case IR_BUF:
    case IR_REF: return e->ptr;
    case IR_VIEW: return type_view(e, type->rank, type->strided);
    case IR_LIST: return type_list_struct(e);
    case IR_ARENA: return e->ptr;
    case IR_ARRAY: KC_BUG("a whole array reached code generation");
    case IR_TASK: KC_BUG("a task reached code generation");
    }
    UNREACHABLE();
}

LLVMTypeRef type_memory(Emit *e, const IrType *type) {
    if (type->kind == IR_SCALAR && type->scalar == SCALAR_BOOL) return e->i8;
    if (ir_is_mask(type)) return LLVMVectorType(e->i8, type->lanes);
    return type_value(e, type);
}

LLVMTypeRef type_of_results(Emit *e, const IrFn *fn) {
    uint32_t count = fn->results.len;
    if (count == 0 && !fn->raises) return e->none;
    if (count == 1 && !fn->raises) return type_memory(e, fn->results.data[0]);
    LLVMTypeRef *fields = arena_array(e->scratch, LLVMTypeRef, count + 1), *next = fields;
    if (fn->raises) *next++ = e->i8;
    for (uint32_t i = 0; i < count; i++) *next++ = type_memory(e, fn->results.data[i]);
    return LLVMStructTypeInContext(e->llvm, fields, (unsigned)(next - fields), false);
}
