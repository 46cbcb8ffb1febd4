/* Places: which have a value, what that owns, and when it was last looked at and changed. */
#include "ir/interp_oracle.h"

#include <string.h>

/* ---- Spots ----------------------------------------------------------------------------------- */

Spot spot_of(const IrType *ref, const uint64_t *words) {
    Spot spot = {.address = words[0], .block = block_of(words[1]), .type = ref->elem};
    if (spot.block != NULL)
        spot.window = window_of(words[2]);
    else
        spot.shadow = (Shadow *)(uintptr_t)words[2];
    return spot;
}

const char *spot_text(Machine *m, const Spot *spot) {
    if (spot->shadow == NULL) return spot->block != NULL ? "an element" : "an argument";
    Name name = spot->shadow->var->attr.var.name;
    if (name.id == 0) return "a value without a name";
    return arena_printf(m->module->arena, spot->type == spot->shadow->type ? "`%s`" : "a field of `%s`",
                        text_of(m->module->cx, name));
}

/* ---- Shadows --------------------------------------------------------------------------------- */

static Shadow *shadow_find(Machine *m, uint64_t base) {
    Shadow *shadow = machine_frame(m)->shadows;
    while (shadow != NULL && shadow->base != base) shadow = shadow->next;
    return shadow;
}

static Shadow *shadow_add(Machine *m, const Op *var, uint64_t base) {
    Shadow *shadow = arena_new(m->arena, Shadow);
    *shadow = (Shadow){.base = base, .type = var->results[0]->type->elem, .var = var};
    uint32_t bytes = layout_of(m, shadow->type)->bytes;
    shadow->has = arena_array(m->arena, uint8_t, bytes);
    shadow->looked = arena_array(m->arena, uint32_t, bytes);
    shadow->changed = arena_array(m->arena, uint32_t, bytes);
    shadow->next = machine_frame(m)->shadows;
    machine_frame(m)->shadows = shadow;
    return shadow;
}

/* Of what the variable held before, in the last iteration, nothing is left. */
void shadow_start(Machine *m, const Op *var, uint64_t *ref) {
    Shadow *shadow = shadow_find(m, ref[0]);
    if (shadow == NULL) shadow = shadow_add(m, var, ref[0]);
    memset(shadow->has, 0, layout_of(m, shadow->type)->bytes);
    ref[2] = (uint64_t)(uintptr_t)shadow;
}

static bool has_value(Machine *m, const uint8_t *has, const IrType *type) {
    if (type->kind != IR_STRUCT || type->field_count == 0) return has[0];
    for (uint32_t i = 0; i < type->field_count; i++)
        if (!has_value(m, has + layout_of(m, type)->offsets[i], type->fields[i].type)) return false;
    return true;
}

bool spot_has_value(Machine *m, const Spot *spot) {
    if (spot->shadow == NULL) return true;
    return has_value(m, spot->shadow->has + (spot->address - spot->shadow->base), spot->type);
}

void spot_mark(Machine *m, const Spot *spot, bool has) {
    if (spot->shadow == NULL) return;
    memset(spot->shadow->has + (spot->address - spot->shadow->base), has,
           layout_of(m, spot->type)->bytes);
}

static void spot_stamp(Machine *m, const Spot *spot, bool is_change) {
    if (spot->shadow == NULL) return;
    uint64_t offset = spot->address - spot->shadow->base;
    uint32_t *stamps = (is_change ? spot->shadow->changed : spot->shadow->looked) + offset;
    for (uint32_t i = 0; i < layout_of(m, spot->type)->bytes; i++) stamps[i] = m->oracle->stamp;
}

/* ---- What a value owns ----------------------------------------------------------------------- */

static void arena_blocks_visit(Machine *m, const MachineArena *arena, BlockVisit visit,
                               void *user) {
    for (Block *block = m->blocks; block != NULL; block = block->next)
        if (block->arena == arena) visit(user, block);
}

/* The elements first: the visit may free what they lie in. */
static void list_visit(Machine *m, const IrType *elem, const uint64_t *list, BlockVisit visit,
                       void *user) {
    Block *block = block_of(list[0]);
    if (block == NULL) return;
    bool has_owners = !block->is_freed && ir_type_owns(elem);
    for (uint64_t i = 0; has_owners && i < list[2]; i++)
        blocks_visit(m, elem, (const char *)(uintptr_t)list[1] + i * layout_of(m, elem)->bytes,
                     visit, user);
    visit(user, block);
}

void blocks_visit(Machine *m, const IrType *type, const void *place, BlockVisit visit,
                  void *user) {
    const uint64_t *words = place;
    if (!ir_type_owns(type) || place_is_empty(type, place)) return;
    switch ((int)type->kind) {
    case IR_VIEW:
        if (words[0] != 0) visit(user, block_of(words[0]));
        return;
    case IR_LIST: list_visit(m, type->elem, words, visit, user); return;
    case IR_ARENA:
        arena_blocks_visit(m, (const MachineArena *)(uintptr_t)words[0], visit, user);
        return;
    case IR_STRUCT:
        for (uint32_t i = 0; i < type->field_count; i++)
            blocks_visit(m, type->fields[i].type,
                         (const char *)place + layout_of(m, type)->offsets[i], visit, user);
        return;
    default: return;
    }
}

typedef struct Visit {
    Machine *m;
    const Op *op;
    const char *how;
    bool is_write;
    const Block *gone; /* found: one that is no more */
} Visit;

static void visit_touch(void *user, Block *block) {
    const Visit *v = user;
    Extent extent = extent_of_bytes(block, block->base, block->bytes);
    memory_touch(v->m, v->op, &extent, NULL, v->is_write);
}

void value_touch(Machine *m, const Op *op, const Spot *spot, bool is_write) {
    Visit visit = {.m = m, .op = op, .is_write = is_write};
    blocks_visit(m, spot->type, (const void *)(uintptr_t)spot->address, visit_touch, &visit);
}

static void visit_end(void *user, Block *block) {
    const Visit *v = user;
    block_windows_end(v->op, block, v->how);
}

void value_windows_end(Machine *m, const Op *op, const Spot *spot, const char *how) {
    Visit visit = {.m = m, .op = op, .how = how};
    if (op_is_unsafe(op)) return;
    blocks_visit(m, spot->type, (const void *)(uintptr_t)spot->address, visit_end, &visit);
}

static void visit_forget(void *user, Block *block) {
    const Visit *v = user;
    if (block->arena == NULL && !block->is_freed && block->is_owned) block_release(v->m, block);
}

static void arenas_forget(Machine *m, const IrType *type, const void *place) {
    if (type->kind == IR_ARENA && !place_is_empty(type, place)) {
        MachineArena *arena = (MachineArena *)*(const uintptr_t *)place;
        arena_forget(m, arena);
        arena->is_freed = true;
    }
    for (uint32_t i = 0; i < type->field_count; i++)
        if (type->fields_own)
            arenas_forget(m, type->fields[i].type,
                          (const char *)place + layout_of(m, type)->offsets[i]);
}

void value_forget(Machine *m, const IrType *type, void *place) {
    Visit visit = {.m = m};
    blocks_visit(m, type, place, visit_forget, &visit);
    arenas_forget(m, type, place);
    place_clear(m, type, place);
}

/* Before drops were put in, what a function leaves in its variables ends with it. Those that stand for
 * the caller's memory hold views, which own nothing. */
void frame_shadows_end(Machine *m) {
    for (Shadow *shadow = machine_frame(m)->shadows; shadow != NULL; shadow = shadow->next)
        if (!m->oracle->has_drops && ir_type_owns(shadow->type))
            value_forget(m, shadow->type, (void *)(uintptr_t)shadow->base);
}

/* ---- Uses ------------------------------------------------------------------------------------ */

static void visit_gone(void *user, Block *block) {
    Visit *v = user;
    if (block->is_freed) v->gone = block;
}

/* An arena's own arrays may be gone: it was reset. */
static bool is_gone(Machine *m, const Spot *spot) {
    Visit visit = {.m = m};
    if (spot->type->kind == IR_ARENA) return false;
    if (spot->type->kind == IR_STRUCT) {
        for (uint32_t i = 0; i < spot->type->field_count; i++) {
            Spot field = *spot;
            field.type = spot->type->fields[i].type;
            field.address += layout_of(m, spot->type)->offsets[i];
            if (is_gone(m, &field)) return true;
        }
        return false;
    }
    blocks_visit(m, spot->type, (const void *)(uintptr_t)spot->address, visit_gone, &visit);
    return visit.gone != NULL;
}

bool spot_use(Machine *m, const Op *op, const Spot *spot) {
    if (spot->block != NULL && !window_use(m, op, spot->window)) return false;
    if (!spot_has_value(m, spot)) {
        oracle_fail(m, op, NULL, "%s has no value here", spot_text(m, spot));
        return false;
    }
    bool sized = ref_covers(m, op, (const uint64_t[]){spot->address, (uint64_t)(uintptr_t)spot->block},
                            layout_of(m, spot->type)->bytes);
    if (!sized || !ir_type_owns(spot->type) || !is_gone(m, spot)) return sized;
    oracle_fail(m, op, NULL, "the memory of %s is gone", spot_text(m, spot));
    return false;
}

static void spot_touch(Machine *m, const Op *op, const Spot *spot, bool is_write) {
    spot_stamp(m, spot, is_write);
    if (spot->block == NULL) return;
    Extent extent =
        extent_of_bytes(spot->block, spot->address, layout_of(m, spot->type)->bytes);
    memory_touch(m, op, &extent, spot->window, is_write);
}

void spot_look(Machine *m, const Op *op, const Spot *spot) { spot_touch(m, op, spot, false); }

void spot_change(Machine *m, const Op *op, const Spot *spot) { spot_touch(m, op, spot, true); }
