/* Types of sema in terms of the IR. */
#include "ir/lower/lower_internal.h"

const Expr *strip_parens(const Expr *e) {
    while (e->kind == EXPR_PAREN) e = e->operand;
    return e;
}

/* ---- What sort of type ----------------------------------------------------------------------- */

bool is_placed(const Type *type) {
    return type->kind != TYPE_TUPLE && (type_owns(type) || type_looks(type));
}

bool type_writes(const Type *type) {
    if (type->kind != TYPE_STRUCT) return type_is_array(type) && type_is_mutable_window(type);
    if (!type_looks(type)) return false;
    for (uint32_t i = 0; i < type->strukt->fields.len; i++) {
        if (type_writes(type->strukt->fields.data[i].type)) return true;
    }
    return false;
}

/* ---- Types of the IR ------------------------------------------------------------------------- */

static const IrType *struct_type(Lowering *p, const StructSymbol *strukt) {
    uint32_t count = strukt->fields.len;
    IrField *fields = arena_array(p->arena, IrField, count ? count : 1);
    for (uint32_t i = 0; i < count; i++) {
        fields[i].name = strukt->fields.data[i].name;
        fields[i].type = ir_type_of(p, strukt->fields.data[i].type);
    }
    return ir_struct(p->module, strukt->symbol, fields, count);
}

static const IrType *array_type(Lowering *p, const Type *type) {
    const IrType *elem = ir_type_of(p, type->elem);
    return type_is_owned_array(type)
               ? ir_tensor(p->module, elem, type->rank)
               : ir_view(p->module, elem, type->rank, type_is_strided(type));
}

/* What a task gives in several parts, as one value. */
static const IrType *tuple_struct(Lowering *p, const Type *tuple) {
    uint32_t count = type_parts(tuple);
    IrField *fields = arena_array(p->arena, IrField, count);
    for (uint32_t i = 0; i < count; i++) {
        fields[i].name = name_of_str(p->cx->names, arena_printf(p->arena, "item%u", (unsigned)i));
        fields[i].type = ir_type_of(p, type_part(tuple, i));
    }
    const char *text = arena_printf(p->arena, "tuple.%u", (unsigned)tuple->id);
    return ir_struct(p->module, name_of_str(p->cx->names, text), fields, count);
}

static const IrType *task_type(Lowering *p, const Type *type) {
    const Type *given = type->elem;
    if (given->kind == TYPE_VOID) return ir_task(p->module, NULL);
    bool is_tuple = given->kind == TYPE_TUPLE;
    return ir_task(p->module, is_tuple ? tuple_struct(p, given) : ir_type_of(p, given));
}

const IrType *ir_type_of(Lowering *p, const Type *type) {
    switch (type->kind) {
    case TYPE_SCALAR: return ir_scalar(p->module, type->scalar);
    case TYPE_VECTOR: return ir_vec(p->module, type->elem->scalar, type->lanes);
    case TYPE_STR:
    case TYPE_FAILURE: return ir_str(p->module);
    case TYPE_STRUCT: return struct_type(p, type->strukt);
    case TYPE_ARRAY: return array_type(p, type);
    case TYPE_LIST: return ir_list(p->module, ir_type_of(p, type->elem));
    case TYPE_ARENA: return ir_arena(p->module);
    case TYPE_TASK: return task_type(p, type);
    case TYPE_POINTER: return ir_buf(p->module, ir_type_of(p, type->elem));
    case TYPE_INT_LITERAL: return ir_i64(p->module);
    case TYPE_FLOAT_LITERAL: return ir_scalar(p->module, SCALAR_F64);
    case TYPE_ERROR:
    case TYPE_VOID:
    case TYPE_RANGE:
    case TYPE_TUPLE: break;
    }
    KC_BUG("a type of kind %d has no values", (int)type->kind);
}

uint32_t type_parts(const Type *type) {
    if (type->kind == TYPE_VOID) return 0;
    if (type->kind != TYPE_TUPLE) return 1;
    uint32_t count = 0;
    for (uint32_t i = 0; i < type->item_count; i++) count += type_parts(type->items[i]);
    return count;
}

const Type *type_part(const Type *type, uint32_t part) {
    if (type->kind != TYPE_TUPLE) return type;
    for (uint32_t i = 0; i < type->item_count; i++) {
        uint32_t parts = type_parts(type->items[i]);
        if (part < parts) return type_part(type->items[i], part);
        part -= parts;
    }
    UNREACHABLE();
}

Value *as_i64(FnLower *f, Value *value) {
    return build_cast(&f->b, value, ir_i64(module_of(f)));
}
