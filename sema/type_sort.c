/* Who owns, who looks, who is plain: the three sorts of types. Those of structs are worked out once, when
 * their fields are known (declare_struct.c). */
#include "sema/checked.h"

static bool some_item(const Type *tuple, bool (*holds)(const Type *)) {
    for (uint32_t i = 0; i < tuple->item_count; i++) {
        if (holds(tuple->items[i])) return true;
    }
    return false;
}

bool type_owns(const Type *type) {
    switch (type->kind) {
    case TYPE_ARRAY: return type->form == FORM_TENSOR;
    case TYPE_LIST:
    case TYPE_ARENA:
    case TYPE_TASK: return true;
    case TYPE_STRUCT: return type->strukt->owns;
    case TYPE_TUPLE: return some_item(type, type_owns);
    case TYPE_ERROR:
    case TYPE_VOID:
    case TYPE_SCALAR:
    case TYPE_VECTOR:
    case TYPE_INT_LITERAL:
    case TYPE_FLOAT_LITERAL:
    case TYPE_STR:
    case TYPE_RANGE:
    case TYPE_POINTER:
    case TYPE_FAILURE: return false;
    }
    UNREACHABLE();
}

bool type_looks(const Type *type) {
    switch (type->kind) {
    case TYPE_ARRAY: return type->form != FORM_TENSOR;
    case TYPE_STRUCT: return type->strukt->looks;
    case TYPE_TUPLE: return some_item(type, type_looks);
    case TYPE_LIST:
    case TYPE_ARENA:
    case TYPE_TASK:
    case TYPE_ERROR:
    case TYPE_VOID:
    case TYPE_SCALAR:
    case TYPE_VECTOR:
    case TYPE_INT_LITERAL:
    case TYPE_FLOAT_LITERAL:
    case TYPE_STR:
    case TYPE_RANGE:
    case TYPE_POINTER:
    case TYPE_FAILURE: return false;
    }
    UNREACHABLE();
}

static bool is_fixed(const Type *type) { return !type_copies(type); }

bool type_copies(const Type *type) {
    switch (type->kind) {
    case TYPE_ARENA:
    case TYPE_TASK: return false;
    case TYPE_LIST: return type_copies(type->elem);
    case TYPE_STRUCT: return type->strukt->copies;
    case TYPE_TUPLE: return !some_item(type, is_fixed);
    case TYPE_ARRAY:
    case TYPE_ERROR:
    case TYPE_VOID:
    case TYPE_SCALAR:
    case TYPE_VECTOR:
    case TYPE_INT_LITERAL:
    case TYPE_FLOAT_LITERAL:
    case TYPE_STR:
    case TYPE_RANGE:
    case TYPE_POINTER:
    case TYPE_FAILURE: return true;
    }
    UNREACHABLE();
}

bool type_is_plain(const Type *type) {
    if (type->kind == TYPE_STRUCT) return !type_owns(type) && !type_looks(type);
    return type->kind == TYPE_SCALAR || type->kind == TYPE_VECTOR || type->kind == TYPE_POINTER;
}
