/* Lists and arenas. The words of a list: block, address, length, capacity; all zeros: it is empty. */
#include "ir/interp_machine.h"
#include "kc/kcrt.h"

#include <string.h>

/* ---- Lists ----------------------------------------------------------------------------------- */

static void list_new_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    memset(frame + inst->dst, 0, 8 * LIST_WORDS);
}

/* The list behind the first operand, with its memory; NULL after a fault. */
static uint64_t *list_of(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t size) {
    if (!ref_covers(m, inst->op, frame + inst->a, 8 * LIST_WORDS)) return NULL;
    uint64_t *list = (uint64_t *)(uintptr_t)frame[inst->a];
    if (list[0] == 0 || block_covers(m, inst->op, block_of(list[0]), list[1], list[3] * size))
        return list;
    return NULL;
}

/* Always to new memory: a view of the old elements has lost them. */
static bool list_grow(Machine *m, const Op *op, uint64_t *list, uint32_t size) {
    uint64_t capacity = list[3] < 4 ? 4 : 2 * list[3];
    Block *block = block_create(m, op, capacity * size, false);
    if (block == NULL) return false;
    if (list[0] != 0) {
        memcpy((void *)(uintptr_t)block->base, (const void *)(uintptr_t)list[1], list[2] * size);
        block_free(m, op, block_of(list[0]), list[1]);
    }
    list[0] = (uint64_t)(uintptr_t)block;
    list[1] = block->base;
    list[3] = capacity;
    return m->status == INTERP_OK;
}

static void append_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *elem = inst->op->operands[1]->type;
    uint32_t size = layout_of(m, elem)->bytes;
    uint64_t *list = list_of(m, inst, frame, size);
    if (list == NULL || (list[2] == list[3] && !list_grow(m, inst->op, list, size))) return;
    value_store(m, elem, (char *)(uintptr_t)list[1] + list[2]++ * size, frame + inst->b);
}

static void take_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *elem = inst->op->results[0]->type;
    uint32_t size = layout_of(m, elem)->bytes;
    uint64_t *list = list_of(m, inst, frame, size), i = frame[inst->b];
    if (list == NULL) return;
    if (i >= list[2]) {
        machine_fault(m, inst->op, "an index outside of the list");
        return;
    }
    char *item = (char *)(uintptr_t)list[1] + i * size;
    value_load(m, elem, item, frame + inst->dst);
    list[2]--;
    memmove(item, item + size, (list[2] - i) * size);
}

/* ---- Arenas ---------------------------------------------------------------------------------- */

enum { ALIGNMENT = 64 };

static int64_t round_up(int64_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static void arena_run(Machine *m, const Inst *inst, uint64_t *frame) {
    int64_t bytes = (int64_t)frame[inst->a];
    if (bytes < 0 || bytes > KC_MEMORY_MAX / 2) {
        const CheckInfo *info = &check_infos[CHECK_MEMORY];
        machine_panic_value(m, inst->op, info->message, info->names[0], bytes);
        return;
    }
    int64_t capacity = round_up(bytes), step = capacity > 0 ? capacity : ALIGNMENT;
    MachineArena *arena = arena_new(m->arena, MachineArena);
    *arena = (MachineArena){.next = m->arenas, .op = inst->op, .capacity = capacity,
                            .step = inst->op->attr.flag ? step : 0};
    m->arenas = arena;
    frame[inst->dst] = (uint64_t)(uintptr_t)arena;
}

/* The arena behind the first operand; NULL after a fault. */
static MachineArena *arena_of(Machine *m, const Inst *inst, const uint64_t *frame) {
    if (!ref_covers(m, inst->op, frame + inst->a, 8)) return NULL;
    uint64_t word = *(const uint64_t *)(uintptr_t)frame[inst->a];
    MachineArena *arena = (MachineArena *)(uintptr_t)word;
    if (word != UINT64_MAX && !arena->is_freed) return arena;
    machine_fault(m, inst->op, word == UINT64_MAX ? "an arena that has no value"
                                                  : "an arena that was freed");
    return NULL;
}

static bool has_room(const MachineArena *arena, uint64_t bytes) {
    if (bytes > INT64_MAX / 4) return false;
    return arena->step != 0 || round_up((int64_t)bytes) <= arena->capacity - arena->used;
}

static void room_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const MachineArena *arena = arena_of(m, inst, frame);
    if (arena == NULL) return;
    for (uint32_t i = 1; i < inst->count; i++)
        if ((int64_t)frame[inst->slots[i]] < 0) {
            frame[inst->dst] = false;
            return;
        }
    frame[inst->dst] = has_room(arena, array_bytes(m, inst, frame, 1, inst->op->attr.type->elem));
}

static void arena_count(MachineArena *arena, int64_t rounded) {
    arena->used += rounded;
    if (arena->used > arena->peak) arena->peak = arena->used;
    while (arena->used > arena->capacity)
        arena->capacity += rounded > arena->step ? rounded : arena->step;
}

static void alloc_in_run(Machine *m, const Inst *inst, uint64_t *frame) {
    MachineArena *arena = arena_of(m, inst, frame);
    if (arena == NULL) return;
    uint64_t bytes = array_bytes(m, inst, frame, 1, inst->op->results[0]->type->elem), sizes[8];
    if (m->status != INTERP_OK) return;
    if (!has_room(arena, bytes)) {
        const CheckInfo *info = &check_infos[CHECK_MEMORY];
        machine_panic_value(m, inst->op, info->message, info->names[0],
                            bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes);
        return;
    }
    Block *block = block_create(m, inst->op, bytes, inst->op->attr.flag);
    if (block == NULL) return;
    block->arena = arena;
    arena_count(arena, round_up((int64_t)bytes));
    for (uint32_t i = 1; i < inst->count; i++) sizes[i - 1] = frame[inst->slots[i]];
    view_make(frame + inst->dst, block, sizes, inst->count - 1);
}

void arena_forget(Machine *m, MachineArena *arena) {
    for (Block *block = m->blocks; block != NULL; block = block->next)
        if (block->arena == arena && !block->is_freed) block_release(m, block);
    arena->used = 0;
}

void arena_end(Machine *m, const Op *op, MachineArena *arena) {
    if (arena == NULL) return;
    if ((uintptr_t)arena == UINTPTR_MAX || arena->is_freed) {
        machine_fault(m, op, "an arena is freed a second time");
        return;
    }
    arena_forget(m, arena);
    arena->is_freed = true;
}

static void reset_run(Machine *m, const Inst *inst, uint64_t *frame) {
    MachineArena *arena = arena_of(m, inst, frame);
    if (arena != NULL) arena_forget(m, arena);
}

static void stat_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const MachineArena *arena = arena_of(m, inst, frame);
    if (arena == NULL) return;
    int64_t stats[] = {arena->used, arena->peak, arena->capacity};
    frame[inst->dst] = (uint64_t)stats[inst->op->attr.index];
}

InstRun list_run(OpKind kind) {
    switch ((int)kind) {
    case OP_LIST: return list_new_run;
    case OP_APPEND: return append_run;
    case OP_TAKE: return take_run;
    case OP_ARENA: return arena_run;
    case OP_ROOM: return room_run;
    case OP_ALLOC_IN: return alloc_in_run;
    case OP_RESET: return reset_run;
    case OP_ARENA_STAT: return stat_run;
    default: KC_BUG("no list in %s", op_infos[kind].mnemonic);
    }
}
