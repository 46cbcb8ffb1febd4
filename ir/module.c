/* Modules and functions: creation, parameters, look-up. */
#include "ir/value.h"

IrModule *ir_module_create(Context *cx, Name name) {
    IrModule *m = arena_new(cx->arena, IrModule);
    m->cx = cx;
    m->arena = cx->arena;
    m->name = name;
    m->tensor_stage = true;
    return m;
}

IrFn *ir_fn_create(IrModule *module, Name name, Span span) {
    IrFn *fn = arena_new(module->arena, IrFn);
    fn->id = module->fns.len;
    fn->module = module;
    fn->name = fn->source_name = name;
    fn->span = span;
    fn->result_of = -1;
    fn->body = region_create(fn, NULL);
    vec_push(module->arena, &module->fns, fn);
    return fn;
}

IrFn *ir_fn_find(const IrModule *module, Name name) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (name_eq(module->fns.data[i]->name, name)) return module->fns.data[i];
    return NULL;
}

IrParam *ir_param_add(IrFn *fn, ParamKind kind, Name name, const IrType *type) {
    IrParam param = {.kind = kind, .name = name, .span = fn->span};
    param.value = value_create(fn, type, name);
    param.value->index = fn->params.len;
    vec_push(fn->module->arena, &fn->params, param);
    return &vec_last(&fn->params);
}

Region *region_create(IrFn *fn, Op *parent) {
    Region *region = arena_new(fn->module->arena, Region);
    region->fn = fn;
    region->parent = parent;
    return region;
}

Value *value_create(IrFn *fn, const IrType *type, Name name) {
    Value *value = arena_new(fn->module->arena, Value);
    value->id = fn->next_value++;
    value->type = type;
    value->name = name;
    return value;
}

Value *region_param_add(Region *region, const IrType *type, Name name) {
    Value *value = value_create(region->fn, type, name);
    value->region = region;
    value->index = region->param_count;
    uint32_t count = region->param_count++;
    if ((count & (count - 1)) == 0) { /* full: the room doubles at each power of two */
        Arena *arena = region->fn->module->arena;
        Value **params = arena_array(arena, Value *, count == 0 ? 1 : 2 * (size_t)count);
        for (uint32_t i = 0; i < count; i++) params[i] = region->params[i];
        region->params = params;
    }
    region->params[count] = value;
    return value;
}

uint32_t gather_run(const Op *gather) {
    uint32_t i = 1;
    while (gather->operands[i]->type->kind != IR_VEC) i++;
    return op_result(gather)->type->lanes / gather->operands[i]->type->lanes;
}

uint32_t sum_group(OpKind kind) { return kind == OP_DOT ? 2 : 8; }

bool value_is_const(const Value *value, uint64_t *bits) {
    if (value->def == NULL || value->def->kind != OP_CONST) return false;
    *bits = value->def->attr.bits;
    return true;
}

bool value_is_int(const Value *value, int64_t *number) {
    uint64_t bits;
    if (!ir_is_int(value->type) || !value_is_const(value, &bits)) return false;
    unsigned spare = 64 - scalar_bits(value->type->scalar);
    *number = scalar_is_signed(value->type->scalar) ? (int64_t)(bits << spare) >> spare
                                                    : (int64_t)bits;
    return true;
}
