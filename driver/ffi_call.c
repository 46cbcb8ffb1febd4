/* Calls through libffi: the C ABI of this machine, worked out from an IrFn. */
#include "driver/ffi_call.h"

#include <ffi.h>
#include <string.h>

/* ---- Types ------------------------------------------------------------------------------------- */

static ffi_type *ffi_type_of_scalar(Scalar scalar) {
    switch (scalar) {
    case SCALAR_BOOL:
    case SCALAR_U8: return &ffi_type_uint8;
    case SCALAR_I8: return &ffi_type_sint8;
    case SCALAR_I16: return &ffi_type_sint16;
    case SCALAR_U16:
    case SCALAR_F16:
    case SCALAR_BF16: return &ffi_type_uint16;
    case SCALAR_I32: return &ffi_type_sint32;
    case SCALAR_U32: return &ffi_type_uint32;
    case SCALAR_I64: return &ffi_type_sint64;
    case SCALAR_U64: return &ffi_type_uint64;
    case SCALAR_F32: return &ffi_type_float;
    case SCALAR_F64: return &ffi_type_double;
    case SCALAR_COUNT: break;
    }
    UNREACHABLE();
}

static ffi_type *ffi_struct(Arena *arena, ffi_type **elements) {
    ffi_type *type = arena_new(arena, ffi_type);
    type->type = FFI_TYPE_STRUCT;
    type->elements = elements;
    return type;
}

/* {pointer, count numbers}: a strided window (shape and stride), or a returned array (shape). */
static ffi_type *ffi_window(Arena *arena, uint32_t numbers) {
    ffi_type **elements = arena_array(arena, ffi_type *, numbers + 2);
    elements[0] = &ffi_type_pointer;
    for (uint32_t i = 0; i < numbers; i++) elements[i + 1] = &ffi_type_sint64;
    return ffi_struct(arena, elements);
}

static ffi_type *ffi_type_of(Arena *arena, const IrType *type, bool is_result) {
    switch (type->kind) {
    case IR_SCALAR: return ffi_type_of_scalar(type->scalar);
    case IR_BUF:
    case IR_ARENA:
    case IR_REF: return &ffi_type_pointer;
    case IR_VIEW: return ffi_window(arena, type->rank * (is_result && !type->strided ? 1 : 2));
    case IR_STRUCT: {
        ffi_type **elements = arena_array(arena, ffi_type *, type->field_count + 1);
        for (uint32_t i = 0; i < type->field_count; i++)
            elements[i] = ffi_type_of(arena, type->fields[i].type, is_result);
        return ffi_struct(arena, elements);
    }
    case IR_STR:
    case IR_LIST:
    case IR_VEC:
    case IR_ARRAY:
    case IR_TASK: break;
    }
    KC_BUG("a type that does not cross the C ABI");
}

static ffi_type *ffi_result_type(Arena *arena, const IrFn *fn) {
    if (fn->raises) return &ffi_type_sint32;
    if (fn->results.len == 0) return &ffi_type_void;
    if (fn->results.len == 1) return ffi_type_of(arena, fn->results.data[0], true);
    ffi_type **elements = arena_array(arena, ffi_type *, fn->results.len + 1);
    for (uint32_t i = 0; i < fn->results.len; i++)
        elements[i] = ffi_type_of(arena, fn->results.data[i], true);
    return ffi_struct(arena, elements);
}

/* ---- Results ----------------------------------------------------------------------------------- */

static void result_size(const IrType *type, size_t *size, size_t *align) {
    if (type->kind == IR_VIEW) {
        *size = sizeof(void *) + sizeof(int64_t) * type->rank * (type->strided ? 2 : 1);
        *align = sizeof(void *);
    } else {
        *size = type->size;
        *align = type->align;
    }
}

size_t result_layout(const IrFn *fn, size_t *offsets) {
    size_t end = 0, widest = 1;
    for (uint32_t i = 0; i < fn->results.len; i++) {
        size_t size, align;
        result_size(fn->results.data[i], &size, &align);
        end = (end + align - 1) / align * align;
        offsets[i] = end;
        end += size;
        if (align > widest) widest = align;
    }
    return (end + widest - 1) / widest * widest;
}

/* ---- The call ---------------------------------------------------------------------------------- */

void ffi_call_fn(Arena *scratch, const IrFn *fn, void *address, void *const *values, void *result) {
    uint32_t outs = fn->raises ? fn->results.len : 0, count = fn->params.len + outs;
    ffi_type **types = arena_array(scratch, ffi_type *, count);
    for (uint32_t i = 0; i < fn->params.len; i++)
        types[i] = ffi_type_of(scratch, fn->params.data[i].value->type, false);
    for (uint32_t i = fn->params.len; i < count; i++) types[i] = &ffi_type_pointer;
    ffi_cif cif;
    ffi_type *result_type = ffi_result_type(scratch, fn);
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, count, result_type, types) != FFI_OK)
        KC_BUG("libffi refuses the signature of `%s`", text_of(fn->module->cx, fn->name));
    size_t room = result_type->size < sizeof(ffi_arg) ? sizeof(ffi_arg) : result_type->size;
    void *raw = arena_alloc(scratch, room);
    ffi_call(&cif, FFI_FN(address), raw, (void **)values);
    size_t *offsets = arena_array(scratch, size_t, fn->results.len);
    if (fn->raises) memcpy(result, raw, sizeof(int32_t));
    else if (fn->results.len > 0) memcpy(result, raw, result_layout(fn, offsets));
}
