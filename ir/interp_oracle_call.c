/* Calls, returns and tasks, as the oracle sees them. */
#include "ir/interp_oracle.h"

#include <string.h>

/* ---- Arguments ------------------------------------------------------------------------------- */

/* What an argument gives the callee to look at. */
typedef struct Lent {
    Spot spot;         /* of a ref */
    WindowSet windows; /* of the others, or of the struct behind it */
    bool is_ref, is_written;
} Lent;

/* Also through a struct of mutable views. */
static bool param_is_written(const IrFn *fn, uint32_t param) {
    for (uint32_t i = 0; i < fn->args.len; i++) {
        const IrArg *arg = &fn->args.data[i];
        if (arg->first <= param && param < arg->first + arg->count)
            return arg->is_mutable || arg->convention == ARG_INOUT;
    }
    return fn->params.data[param].is_written;
}

static WindowSet windows_behind(Machine *m, const Spot *spot) {
    return windows_in(m, spot->type, (const uint64_t *)(uintptr_t)spot->address);
}

static Lent lent_of(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t i) {
    const IrType *type = inst->op->operands[i]->type;
    const uint64_t *words = frame + inst->slots[i];
    Lent lent = {.is_written = param_is_written(inst->op->attr.callee, i)};
    lent.is_ref = type->kind == IR_REF;
    if (lent.is_ref) {
        lent.spot = spot_of(type, words);
        lent.windows = windows_behind(m, &lent.spot);
    } else if (type->kind == IR_BUF && words[2] != 0) {
        lent.windows = (WindowSet){1, {window_of(words[2])}};
    } else {
        lent.windows = windows_in(m, type, words);
    }
    return lent;
}

typedef struct Search {
    const Block *block;
    bool found;
} Search;

static void visit_block(void *user, Block *block) {
    Search *search = user;
    search->found |= block == search->block;
}

static bool owns_block(Machine *m, const Spot *spot, const Block *block) {
    Search search = {.block = block};
    blocks_visit(m, spot->type, (const void *)(uintptr_t)spot->address, visit_block, &search);
    return search.found;
}

static bool windows_overlap(const WindowSet *a, const WindowSet *b) {
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t k = 0; k < b->count; k++)
            if (extents_overlap(&a->windows[i]->extent, &b->windows[k]->extent)) return true;
    return false;
}

static bool looks_into(Machine *m, const WindowSet *windows, const Spot *spot) {
    for (uint32_t i = 0; i < windows->count; i++) {
        const Block *block = windows->windows[i]->extent.block;
        if (block != NULL && owns_block(m, spot, block)) return true;
    }
    return false;
}

static bool lent_overlap(Machine *m, const Lent *a, const Lent *b) {
    if (windows_overlap(&a->windows, &b->windows)) return true;
    if (b->is_ref && looks_into(m, &a->windows, &b->spot)) return true;
    if (a->is_ref && looks_into(m, &b->windows, &a->spot)) return true;
    if (!a->is_ref || !b->is_ref) return false;
    uint64_t a_end = a->spot.address + layout_of(m, a->spot.type)->bytes;
    uint64_t b_end = b->spot.address + layout_of(m, b->spot.type)->bytes;
    return a->spot.address < b_end && b->spot.address < a_end;
}

/* `__init__` gets a place to fill, and leaves it empty when it fails. */
static bool is_filled(const Machine *m, const IrFn *fn, uint32_t param) {
    return param == 0 && strcmp(text_of(m->module->cx, fn->source_name), "__init__") == 0;
}

static void arg_use(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t i) {
    const IrType *type = inst->op->operands[i]->type;
    const IrFn *callee = inst->op->attr.callee;
    const uint64_t *words = frame + inst->slots[i];
    if (type->kind == IR_BUF) window_keep(m, inst->op, window_of(words[2]));
    windows_keep(m, inst->op, type, words);
    if (type->kind != IR_REF || is_filled(m, callee, i)) return;
    Spot spot = spot_of(type, words);
    if (!spot_use(m, inst->op, &spot)) return;
    bool is_written = param_is_written(callee, i);
    if (is_written)
        spot_change(m, inst->op, &spot);
    else
        spot_look(m, inst->op, &spot);
    value_touch(m, inst->op, &spot, is_written);
    WindowSet windows = windows_behind(m, &spot);
    for (uint32_t k = 0; k < windows.count; k++) window_keep(m, inst->op, windows.windows[k]);
}

/* A function outside is taken to use all that it gets. */
static void extern_touch(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t i) {
    Lent lent = lent_of(m, inst, frame, i);
    for (uint32_t k = 0; k < lent.windows.count; k++)
        memory_touch(m, inst->op, &lent.windows.windows[k]->extent, lent.windows.windows[k],
                     lent.is_written);
}

static void args_overlap(Machine *m, const Inst *inst, const uint64_t *frame) {
    const Op *op = inst->op;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Lent changed = lent_of(m, inst, frame, i);
        for (uint32_t k = 0; changed.is_written && k < op->operand_count; k++) {
            Lent other = lent_of(m, inst, frame, k);
            if (k != i && lent_overlap(m, &changed, &other))
                oracle_fail(m, op, NULL, "arguments %u and %u overlap, and one is changed", i, k);
        }
    }
}

void oracle_call(Machine *m, const Inst *inst, const uint64_t *frame) {
    const Op *op = inst->op;
    m->oracle->stamp++;
    args_overlap(m, inst, frame);
    for (uint32_t i = 0; i < op->operand_count && m->status == INTERP_OK; i++)
        arg_use(m, inst, frame, i);
    for (uint32_t i = 0; i < op->operand_count && op->attr.callee->body == NULL; i++)
        extern_touch(m, inst, frame, i);
}

/* ---- Returns --------------------------------------------------------------------------------- */

/* Tasks join by themselves where an error leaves, and nowhere else. */
static void tasks_left(Machine *m, const Inst *inst) {
    for (const Shadow *shadow = machine_frame(m)->shadows; shadow != NULL; shadow = shadow->next)
        if (shadow->type->kind == IR_TASK && shadow->has[0])
            oracle_fail(m, inst->op, shadow->var, "a task is not waited for, which started");
}

void oracle_leave(Machine *m, const Inst *inst, const uint64_t *frame) {
    const Code *code = machine_frame(m)->code;
    for (uint32_t i = 0; i < code->fn->params.len; i++) {
        const IrType *type = code->fn->params.data[i].value->type;
        bool is_void = inst->kind == INST_RAISE && is_filled(m, code->fn, i);
        if (type->kind != IR_REF || is_void) continue;
        Spot spot = spot_of(type, frame + code->slots[code->fn->params.data[i].value->id]);
        if (!spot_has_value(m, &spot))
            oracle_fail(m, inst->op, NULL, "%s, of the caller, has no value on return",
                        spot_text(m, &spot));
    }
    if (inst->kind == INST_RETURN) {
        tasks_left(m, inst);
        for (uint32_t i = 0; i < inst->count; i++) {
            const IrType *type = inst->op->operands[i]->type;
            if (type->kind == IR_VIEW && !type->owned)
                window_use(m, inst->op, window_of(frame[inst->slots[i] + view_tag(type)]));
        }
    }
    frame_shadows_end(m);
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

/* What a task holds of one operand. */
typedef struct Held {
    Window *window;
    Spot spot; /* with an address: a place */
} Held;

typedef struct TaskHold {
    uint32_t count, stamp;
    Held items[];
} TaskHold;

void oracle_spawn(Machine *m, const Inst *inst, uint64_t *frame) {
    TaskHold *hold = arena_alloc(m->arena, sizeof *hold + inst->count * sizeof *hold->items);
    hold->count = 0;
    hold->stamp = m->oracle->stamp;
    for (uint32_t i = 1 + inst->op->attr.flag; i < inst->count; i++) {
        const IrType *type = inst->op->operands[i]->type;
        const uint64_t *words = frame + inst->slots[i];
        Held held = {0};
        if (type->kind == IR_REF)
            held.spot = spot_of(type, words);
        else if (type->kind == IR_VIEW || type->kind == IR_BUF)
            held.window = window_of(words[type->kind == IR_BUF ? 2 : view_tag(type)]);
        hold->items[hold->count++] = held;
    }
    frame[inst->dst] = (uint64_t)(uintptr_t)hold;
}

static void place_is_as_it_was(Machine *m, const Op *op, const Spot *spot, uint32_t since) {
    if (spot->shadow == NULL) return;
    const uint32_t *changed = spot->shadow->changed + (spot->address - spot->shadow->base);
    for (uint32_t i = 0; i < layout_of(m, spot->type)->bytes; i++)
        if (changed[i] > since) {
            oracle_fail(m, op, NULL, "%s was changed while a task held it", spot_text(m, spot));
            return;
        }
}

void oracle_join(Machine *m, const Op *op, const Spot *task) {
    const TaskHold *hold = *(TaskHold *const *)(uintptr_t)task->address;
    for (uint32_t i = 0; hold != NULL && i < hold->count; i++) {
        window_use(m, op, hold->items[i].window);
        if (hold->items[i].spot.address != 0)
            place_is_as_it_was(m, op, &hold->items[i].spot, hold->stamp);
    }
}
