/* Structs: made from fields, and structs of views as values. */
#include "ir/lower/lower_internal.h"

/* Fields in order; each waits for those after it. */
Value *lower_construct(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const StructSymbol *strukt = i->type->strukt;
    uint32_t count = strukt->fields.len;
    Value **fields = arena_array(arena_of(f), Value *, count);
    Waiting *waiting = arena_array(arena_of(f), Waiting, count);
    for (uint32_t k = 0; k < count; k++) {
        const FieldInfo *field = &strukt->fields.data[k];
        const Expr *given = k < i->arg_count && i->args[k] ? i->args[k] : field->initial;
        Value *value = given ? lower_kept(f, given, field->type)
                             : empty_value(f, ir_type_of(f->p, field->type));
        waiting[k] = wait_with(f, value);
    }
    f->b.span = e->span;
    for (uint32_t k = 0; k < count; k++) fields[k] = waited(f, &waiting[k]);
    return build_struct(&f->b, ir_type_of(f->p, i->type), fields);
}

/* An `__init__` starts with the fields that have an initial value. */
void lower_initials(FnLower *f) {
    Value *self = f->fn->params.data[f->fn->args.data[0].first].value;
    const StructSymbol *strukt = f->symbol->owner;
    for (uint32_t k = 0; k < strukt->fields.len; k++) {
        const FieldInfo *field = &strukt->fields.data[k];
        if (!field->initial) continue;
        Value *value = lower_kept(f, field->initial, field->type);
        f->b.span = field->span;
        build_set(&f->b, build_field(&f->b, self, k), value);
        end_statement(f, field->span);
    }
}

/* Views are copied, views that are written through lent on, field by field. */
static Value *windows_in(FnLower *f, Value *ref, const Type *type) {
    if (type_is_array(type) && type_writes(type)) return build_lend(&f->b, ref, true);
    if (!type_writes(type)) return build_get(&f->b, ref);
    const StructSymbol *strukt = type->strukt;
    Value **fields = arena_array(arena_of(f), Value *, strukt->fields.len);
    for (uint32_t k = 0; k < strukt->fields.len; k++) {
        fields[k] = windows_in(f, build_field(&f->b, ref, k), strukt->fields.data[k].type);
    }
    return build_struct(&f->b, ir_type_of(f->p, type), fields);
}

Value *lower_windows(FnLower *f, const Expr *e) {
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (e->kind == EXPR_TRANSFER) return lower_windows(f, e->operand);
    if (e->kind == EXPR_COND) {
        ValueVec parts = {0};
        cond_parts(f, e, true, &parts);
        return parts.data[0];
    }
    if (i->role == ROLE_CONSTRUCT) return lower_construct(f, e);
    if (i->role == ROLE_CALL || (i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_WAIT)) {
        ValueVec parts = {0};
        if (i->role == ROLE_CALL) lower_call(f, e, &parts);
        else lower_wait(f, e, &parts);
        return parts.data[0];
    }
    Value *ref = lower_ref(f, e, type_writes(i->type));
    f->b.span = e->span;
    return windows_in(f, ref, i->type);
}
