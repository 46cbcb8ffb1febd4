/* The watch: what each op asks of the places and windows that it is given, and what it does to them. */
#include "ir/interp_oracle.h"

/* ---- Memory ---------------------------------------------------------------------------------- */

/* The window of the view at operand `i`. */
static Window *operand_window(const Inst *inst, const uint64_t *frame, uint32_t i) {
    const IrType *type = inst->op->operands[i]->type;
    return window_of(frame[inst->slots[i] + (type->kind == IR_BUF ? 2 : view_tag(type))]);
}

static void element_touch(Machine *m, const Inst *inst, const uint64_t *frame, bool is_write) {
    const IrType *type = inst->op->operands[0]->type;
    const Window *window = operand_window(inst, frame, 0);
    if (!window_use(m, inst->op, window)) return;
    uint64_t address = element_address(m, inst, frame, is_write ? 2 : 1);
    Extent extent =
        extent_of_bytes(block_of(frame[inst->a]), address, layout_of(m, type->elem)->bytes);
    memory_touch(m, inst->op, &extent, window, is_write);
}

/* All elements of the view at operand `i`. */
static void view_touch(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t i,
                       bool is_write) {
    const Window *window = operand_window(inst, frame, i);
    if (!window_use(m, inst->op, window)) return;
    Extent extent = extent_of_view(m, inst->op->operands[i]->type, frame + inst->slots[i]);
    memory_touch(m, inst->op, &extent, window, is_write);
}

static void print_touch(Machine *m, const Inst *inst, const uint64_t *frame) {
    for (uint32_t i = 0; i < inst->count; i++)
        if (inst->op->operands[i]->type->kind == IR_VIEW) view_touch(m, inst, frame, i, false);
}

/* A tensor's elements change, and it gets memory if it has none. */
static void assign_touch(Machine *m, const Inst *inst, const uint64_t *frame) {
    if (inst->op->operands[0]->type->kind != IR_REF) {
        view_touch(m, inst, frame, 0, true);
        return;
    }
    Spot spot = spot_of(inst->op->operands[0]->type, frame + inst->a);
    if (spot_has_value(m, &spot) && !spot_use(m, inst->op, &spot)) return;
    spot_change(m, inst->op, &spot);
    value_windows_end(m, inst->op, &spot, "was changed");
    spot_mark(m, &spot, true);
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* What is got may be copied on. */
static void windows_use(Machine *m, const Op *op, const IrType *type, const uint64_t *words) {
    WindowSet set = windows_in(m, type, words);
    for (uint32_t i = 0; i < set.count; i++) window_use(m, op, set.windows[i]);
}

/* Whether some part of the place has a value that owns. */
static bool holds_something(Machine *m, const Spot *spot) {
    const IrType *type = spot->type;
    const void *place = (const void *)(uintptr_t)spot->address;
    if (!ir_type_owns(type)) return false;
    if (type->kind != IR_STRUCT) return spot_has_value(m, spot) && !place_is_empty(type, place);
    for (uint32_t i = 0; i < type->field_count; i++) {
        Spot field = *spot;
        field.type = type->fields[i].type;
        field.address += layout_of(m, type)->offsets[i];
        if (holds_something(m, &field)) return true;
    }
    /* Of an element, which has no shadow, nothing tells whether its `__del__` has run. */
    bool is_known = spot->shadow != NULL && spot_has_value(m, spot);
    return type->del != NULL && !type->fields_own && is_known;
}

static void set_watch(Machine *m, const Inst *inst, const uint64_t *frame, const Spot *spot) {
    const Op *op = inst->op;
    if (spot->block != NULL && !window_use(m, op, spot->window)) return;
    if (holds_something(m, spot)) {
        if (m->oracle->has_drops) {
            oracle_fail(m, op, NULL, "the value of %s is lost", spot_text(m, spot));
            return;
        }
        value_windows_end(m, op, spot, "was given another value");
        value_forget(m, spot->type, (void *)(uintptr_t)spot->address);
    }
    spot_change(m, op, spot);
    spot_mark(m, spot, true);
    windows_keep(m, op, spot->type, frame + inst->b);
}

/* A view in a place is used as well, unless what is lent is only asked for its sizes and elements: then
 * those who touch elements see to it. */
static bool lent_use(Machine *m, const Inst *inst, const Spot *spot) {
    const Op *op = inst->op;
    if (!spot_use(m, op, spot)) return false;
    if (spot->type->kind != IR_VIEW || spot->type->owned) return true;
    if (op->kind == OP_LEND && !inst->flag) return true;
    const uint64_t *view = (const uint64_t *)(uintptr_t)spot->address;
    return window_use(m, op, window_of(view[view_tag(spot->type)]));
}

static void leave_watch(Machine *m, const Op *op, const Spot *spot, const char *how) {
    if (!spot_use(m, op, spot)) return;
    if (spot->type->kind == IR_TASK) oracle_join(m, op, spot);
    value_windows_end(m, op, spot, how);
    spot_change(m, op, spot);
    spot_mark(m, spot, false);
}

static void place_watch(Machine *m, const Inst *inst, const uint64_t *frame) {
    const Op *op = inst->op;
    Spot spot = spot_of(op->operands[0]->type, frame + inst->a);
    switch ((int)op->kind) {
    case OP_SET: set_watch(m, inst, frame, &spot); return;
    case OP_GET: case OP_ROOM: case OP_ARENA_STAT: case OP_ALLOC_IN:
        if (!spot_use(m, op, &spot)) return;
        spot_look(m, op, &spot);
        if (inst->flag)
            windows_use(m, op, spot.type, (const uint64_t *)(uintptr_t)spot.address);
        return;
    case OP_LEND: case OP_ITEMS: case OP_KEEP:
        if (lent_use(m, inst, &spot)) spot_look(m, op, &spot);
        return;
    case OP_DUP:
        if (!spot_use(m, op, &spot)) return;
        spot_look(m, op, &spot);
        value_touch(m, op, &spot, false);
        return;
    case OP_MOVE: case OP_WAIT: leave_watch(m, op, &spot, "was moved"); return;
    case OP_DROP: leave_watch(m, op, &spot, "has ended"); return;
    case OP_APPEND: case OP_TAKE:
        if (!spot_use(m, op, &spot)) return;
        spot_change(m, op, &spot);
        value_windows_end(m, op, &spot, "was changed");
        return;
    case OP_RESET:
        if (spot_use(m, op, &spot)) spot_change(m, op, &spot);
        return;
    default: UNREACHABLE();
    }
}

/* ---- New windows ----------------------------------------------------------------------------- */

/* LEND makes a window into the place, below the one that is there, if it holds a view. What only its
 * elements are used of right away needs none of its own. */
static void lend_tag(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->results[0]->type;
    const IrType *held = inst->op->operands[0]->type->elem;
    uint64_t *view = frame + inst->dst;
    bool below = held->kind == IR_VIEW && !held->owned;
    const Window *parent = below ? window_of(view[view_tag(type)]) : NULL;
    view[view_tag(type)] = (uint64_t)(uintptr_t)parent;
    if (!inst->flag) return;
    Extent extent = extent_of_view(m, type, view);
    bool is_mutable = inst->op->kind == OP_LEND && inst->op->attr.flag;
    const Window *window = window_add(m, inst->op, parent, &extent, is_mutable);
    view[view_tag(type)] = (uint64_t)(uintptr_t)window;
}

/* A view of a view, or of an argument. Memory that was just allocated has no window. */
static void view_tag_below(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->results[0]->type, *from = inst->op->operands[0]->type;
    uint64_t *view = frame + inst->dst;
    if (type->owned || from->owned) {
        view[view_tag(type)] = 0;
        return;
    }
    const Window *parent = operand_window(inst, frame, 0);
    Extent extent = extent_of_view(m, type, view);
    bool is_mutable = parent == NULL || parent->is_mutable;
    const Window *window = window_add(m, inst->op, parent, &extent, is_mutable);
    view[view_tag(type)] = (uint64_t)(uintptr_t)window;
}

/* A ref to an element is a window of that element, if it is given away. */
static void item_tag(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *elem = inst->op->results[0]->type->elem;
    uint64_t *ref = frame + inst->dst;
    if (!inst->flag) return;
    Extent extent = extent_of_bytes(block_of(ref[1]), ref[0], layout_of(m, elem)->bytes);
    ref[2] = (uint64_t)(uintptr_t)window_add(m, inst->op, window_of(ref[2]), &extent, true);
}

/* ---- All ops --------------------------------------------------------------------------------- */

static void watch_before(Machine *m, const Inst *inst, const uint64_t *frame) {
    switch ((int)inst->op->kind) {
    case OP_LOAD: element_touch(m, inst, frame, false); return;
    case OP_STORE: element_touch(m, inst, frame, true); return;
    case OP_VLOAD: case OP_GATHER: view_touch(m, inst, frame, 0, false); return;
    case OP_VSTORE: case OP_SCATTER: case OP_PACK: view_touch(m, inst, frame, 0, true); return;
    case OP_ASSIGN: assign_touch(m, inst, frame); return;
    case OP_PRINT: print_touch(m, inst, frame); return;
    case OP_SLICE: case OP_BUF: case OP_ITEM:
        window_use(m, inst->op, operand_window(inst, frame, 0));
        return;
    case OP_SET: case OP_GET: case OP_ROOM: case OP_ARENA_STAT: case OP_ALLOC_IN: case OP_LEND:
    case OP_ITEMS: case OP_KEEP: case OP_DUP: case OP_MOVE: case OP_WAIT: case OP_DROP:
    case OP_APPEND: case OP_TAKE: case OP_RESET:
        place_watch(m, inst, frame);
        return;
    default: return;
    }
}

static void watch_after(Machine *m, const Inst *inst, uint64_t *frame) {
    switch ((int)inst->op->kind) {
    case OP_VAR: shadow_start(m, inst->op, frame + inst->dst); return;
    case OP_LEND: case OP_ITEMS: lend_tag(m, inst, frame); return;
    case OP_SLICE: case OP_VIEW: case OP_STRIDED: view_tag_below(m, inst, frame); return;
    case OP_ITEM: item_tag(m, inst, frame); return;
    case OP_SPAWN: oracle_spawn(m, inst, frame); return;
    default: return;
    }
}

/* What the variable held in the last iteration, before its memory is overwritten. */
static void var_before(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->results[0]->type->elem;
    bool ran = frame[inst->dst] != 0;
    if (ran && !m->oracle->has_drops && ir_type_owns(type)) value_forget(m, type, frame + inst->a);
}

void oracle_run(Machine *m, const Inst *inst, uint64_t *frame) {
    m->oracle->stamp++;
    if (inst->op->kind == OP_VAR) var_before(m, inst, frame);
    watch_before(m, inst, frame);
    if (inst->inner != NULL && m->status == INTERP_OK) inst->inner(m, inst, frame);
    if (m->status == INTERP_OK) watch_after(m, inst, frame);
}

/* The operands' places: `slots` of variables, that are refs. */
void oracle_scope_run(Machine *m, const Inst *inst, uint64_t *frame) {
    for (uint32_t i = 0; i < inst->count; i++) {
        const Shadow *shadow = (const Shadow *)(uintptr_t)frame[inst->slots[i] + 2];
        if (shadow != NULL && ir_type_owns(shadow->type))
            value_forget(m, shadow->type, (void *)(uintptr_t)shadow->base);
    }
}
