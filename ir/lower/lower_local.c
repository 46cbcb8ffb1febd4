/* Variables: which are SSA values, and which are places.
 *
 * What owns or looks is a place (VAR). Scalars, plain structs and texts are places only when they may be
 * assigned. */
#include "ir/lower/lower_internal.h"

Slot *local_slot(FnLower *f, const Local *local) {
    KC_CHECK(local->id < f->symbol->locals.len);
    return &f->slots[local->id];
}

/* ---- Places ---------------------------------------------------------------------------------- */

static const ParamInfo *param_of(const FnLower *f, const Local *local) {
    for (uint32_t i = 0; local->is_param && i < f->symbol->params.len; i++) {
        if (f->symbol->params.data[i].local == local) return &f->symbol->params.data[i];
    }
    return NULL;
}

static VarRole local_role(const Local *local, const ParamInfo *param) {
    if (!param) return local->is_var ? VAR_VAR : VAR_LET;
    switch (param->convention) {
    case CONVENTION_INOUT: return VAR_INOUT;
    case CONVENTION_OWNED: return VAR_OWNED;
    case CONVENTION_DEFAULT:
    case CONVENTION_BORROWED: break;
    }
    return VAR_BORROWED;
}

Value *local_place(FnLower *f, const Local *local, const IrType *held, const Type *part) {
    const ParamInfo *param = param_of(f, local);
    IrVar var = {.name = local->name, .role = local_role(local, param),
                 .type = type_text(f->p->cx, part),
                 .declared = param ? param->span : local->span};
    Span span = f->b.span;
    f->b.span = local->span;
    Value *ref = build_place(&f->b, held, &var);
    f->b.span = span;
    return ref;
}

Value *temporary_place(FnLower *f, const IrType *held) {
    IrVar var = {.role = VAR_TEMPORARY, .declared = f->b.span};
    f->temporaries++;
    return build_place(&f->b, held, &var);
}

Value *temporary_of(FnLower *f, Value *value) {
    Value *ref = temporary_place(f, value->type);
    build_set(&f->b, ref, value);
    return ref;
}

/* ---- Binding --------------------------------------------------------------------------------- */

static bool part_is_place(const Local *local, const Type *part) {
    return is_placed(part) || local->is_var || local->is_assigned;
}

static void name_value(Value *value, Name name) {
    if (value->name.id == 0) value->name = name;
}

/* The slot, with room for all parts. */
static Slot *open_slot(FnLower *f, const Local *local, SlotKind kind) {
    Slot *slot = local_slot(f, local);
    slot->kind = kind;
    slot->count = type_parts(local->type);
    slot->values = arena_array(arena_of(f), Value *, slot->count);
    return slot;
}

static SlotKind slot_kind(const Local *local) {
    for (uint32_t i = 0; i < type_parts(local->type); i++) {
        if (part_is_place(local, type_part(local->type, i))) return SLOT_VARS;
    }
    return SLOT_VALUES;
}

void local_bind(FnLower *f, const Local *local, Value *const *values) {
    Slot *slot = open_slot(f, local, slot_kind(local));
    for (uint32_t i = 0; i < slot->count; i++) {
        slot->values[i] = values[i];
        if (slot->kind == SLOT_VARS) {
            slot->values[i] = local_place(f, local, values[i]->type, type_part(local->type, i));
            build_set(&f->b, slot->values[i], values[i]);
        } else if (slot->count == 1) {
            name_value(values[i], local->name);
        }
    }
}

void local_bind_place(FnLower *f, const Local *local, Value *ref) {
    Slot *slot = open_slot(f, local, SLOT_VARS);
    KC_CHECK(slot->count == 1);
    slot->values[0] = ref;
}

/* ---- Without a value ------------------------------------------------------------------------- */

static bool has_zero(const Type *type) {
    if (type->kind != TYPE_STRUCT) return type->kind == TYPE_SCALAR;
    for (uint32_t i = 0; i < type->strukt->fields.len; i++) {
        if (!has_zero(type->strukt->fields.data[i].type)) return false;
    }
    return true;
}

/* Plain variables begin as zeros, though nobody may read that. */
void local_declare_empty(FnLower *f, const Local *local) {
    Slot *slot = open_slot(f, local, SLOT_VARS);
    for (uint32_t i = 0; i < slot->count; i++) {
        const Type *part = type_part(local->type, i);
        const IrType *held = ir_type_of(f->p, part);
        slot->values[i] = local_place(f, local, held, part);
        if (is_placed(part) || !has_zero(part)) continue;
        build_set(&f->b, slot->values[i], build_zero(&f->b, held));
    }
}

/* ---- Reading --------------------------------------------------------------------------------- */

void local_read(FnLower *f, const Local *local, Value **values) {
    const Slot *slot = local_slot(f, local);
    if (slot->kind == SLOT_NONE && local->constant) {
        values[0] = lower_const(f, local->constant, local->type);
        return;
    }
    KC_CHECK(slot->kind != SLOT_NONE);
    for (uint32_t i = 0; i < slot->count; i++) {
        bool is_place = slot->kind == SLOT_VARS;
        values[i] = is_place ? build_get(&f->b, slot->values[i]) : slot->values[i];
    }
}
