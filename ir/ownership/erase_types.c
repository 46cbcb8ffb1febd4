#include "ir/ownership/erase.h"

typedef struct TypeEraser {
    IrModule *module;
    TypeErasure what;
    const IrType **known; /* by id of the old type */
    uint32_t len;
} TypeEraser;

static const IrType *type_erased(TypeEraser *e, const IrType *type);

static const IrType *view_erased(TypeEraser *e, const IrType *type) {
    const IrType *elem = type_erased(e, type->elem);
    if (type->owned && e->what == ERASE_TASKS) return ir_tensor(e->module, elem, type->rank);
    return ir_view(e->module, elem, type->rank, type->strided);
}

static const IrType *task_erased(TypeEraser *e, const IrType *type) {
    if (e->what != ERASE_TASKS) return type;
    return type->elem == NULL ? ir_bool(e->module) : type_erased(e, type->elem);
}

static const IrType *type_rebuilt(TypeEraser *e, const IrType *type) {
    switch (type->kind) {
    case IR_SCALAR:
    case IR_VEC:
    case IR_STRUCT:
    case IR_STR:
    case IR_ARENA: return type;
    case IR_BUF: return ir_buf(e->module, type_erased(e, type->elem));
    case IR_VIEW: return view_erased(e, type);
    case IR_ARRAY: return ir_array(e->module, type_erased(e, type->elem), type->rank);
    case IR_REF: return ir_ref(e->module, type_erased(e, type->elem));
    case IR_LIST: return ir_list(e->module, type_erased(e, type->elem));
    case IR_TASK: return task_erased(e, type);
    }
    UNREACHABLE();
}

static const IrType *type_erased(TypeEraser *e, const IrType *type) {
    if (type->id >= e->len) return type; /* new: erased already */
    if (e->known[type->id] == NULL) e->known[type->id] = type_rebuilt(e, type);
    return e->known[type->id];
}

/* ---- What has types -------------------------------------------------------------------------- */

/* The layout as C has it; a field that was a task may have another size now. */
static void struct_lay_out(IrType *type) {
    uint32_t size = 0, align = 1;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const IrType *field = type->fields[i].type;
        size = (size + field->align - 1) / field->align * field->align + field->size;
        if (field->align > align) align = field->align;
    }
    type->align = align;
    type->size = (size + align - 1) / align * align;
}

static void struct_erase(TypeEraser *e, IrType *type) {
    IrField *fields = (IrField *)(uintptr_t)type->fields;
    for (uint32_t i = 0; i < type->field_count; i++)
        fields[i].type = type_erased(e, fields[i].type);
    if (e->what == ERASE_TENSORS) type->del = NULL;
    else struct_lay_out(type);
}

static void op_erase(void *user, Op *op) {
    TypeEraser *e = user;
    for (uint32_t i = 0; i < op->result_count; i++)
        op->results[i]->type = type_erased(e, op->results[i]->type);
    if (op_info(op)->attr == ATTR_TYPE) op->attr.type = type_erased(e, op->attr.type);
}

static void fn_erase(TypeEraser *e, IrFn *fn) {
    for (uint32_t i = 0; i < fn->params.len; i++) {
        IrParam *param = &fn->params.data[i];
        param->value->type = type_erased(e, param->value->type);
        /* A task is what it gives. */
        bool is_number = param->kind == PARAM_STRUCT && ir_is_scalar(param->value->type);
        if (is_number) param->kind = PARAM_SCALAR;
    }
    for (uint32_t i = 0; i < fn->args.len; i++)
        if (fn->args.data[i].type != NULL)
            fn->args.data[i].type = type_erased(e, fn->args.data[i].type);
    for (uint32_t i = 0; i < fn->results.len; i++)
        fn->results.data[i] = type_erased(e, fn->results.data[i]);
    if (fn->body != NULL) region_walk(fn->body, op_erase, e);
}

void types_erase(Arena *arena, IrModule *module, TypeErasure what) {
    TypeEraser e = {module, what, NULL, module->types.len};
    e.known = arena_array(arena, const IrType *, e.len);
    for (uint32_t i = 0; i < e.len; i++)
        if (module->types.data[i]->kind == IR_STRUCT)
            struct_erase(&e, (IrType *)(uintptr_t)module->types.data[i]);
    for (uint32_t i = 0; i < module->fns.len; i++) fn_erase(&e, module->fns.data[i]);
}
