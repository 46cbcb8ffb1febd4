/* Blocks, and the ops on views. The words of a view: block, address, sizes, strides. */
#include "ir/interp_machine.h"

#include <stdlib.h>
#include <string.h>

/* More than any test needs; what a machine has beyond that is not ours to take. */
static const uint64_t max_live_bytes = UINT64_C(4) << 30;

/* ---- Blocks ---------------------------------------------------------------------------------- */

Block *block_add(Machine *m, uint64_t base, uint64_t bytes, bool is_owned) {
    Block *block = arena_new(m->arena, Block);
    *block = (Block){.next = m->blocks, .base = base, .bytes = bytes, .is_owned = is_owned};
    m->blocks = block;
    return block;
}

bool block_covers(Machine *m, const Op *op, const Block *block, uint64_t address, uint64_t size) {
    if (block == NULL) {
        machine_fault(m, op, "access to an array that has no memory");
        return false;
    }
    if (block == NO_BLOCK) {
        machine_fault(m, op, "access through a variable that has no value");
        return false;
    }
    if (block->is_freed) {
        machine_fault(m, op, block->arena != NULL ? "access to memory of an arena that was reset"
                                                  : "access to memory that was freed");
        return false;
    }
    uint64_t offset = address - block->base;
    if (offset <= block->bytes && size <= block->bytes - offset) return true;
    machine_fault(m, op, "access outside of the allocation");
    return false;
}

bool machine_reserve(Machine *m, const Op *op, uint64_t bytes) {
    if (bytes <= max_live_bytes - m->live_bytes) {
        m->live_bytes += bytes;
        return true;
    }
    const CheckInfo *info = &check_infos[CHECK_MEMORY];
    machine_panic_value(m, op, info->message, info->names[0],
                        bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes);
    return false;
}

/* Live ones first: an address may be that of an older one as well. */
Block *block_find(const Machine *m, uint64_t address) {
    Block *freed = NULL;
    for (Block *block = m->blocks; block != NULL; block = block->next) {
        if (address - block->base >= block->bytes) continue;
        if (!block->is_freed) return block;
        freed = block;
    }
    return freed;
}

static void *memory_take(Machine *m, uint64_t bytes) {
    size_t room = (bytes / 64 + 1) * 64;
    void *memory = m->host->alloc != NULL ? m->host->alloc((int64_t)room)
                                          : aligned_alloc(64, room);
    if (memory == NULL) fatal("out of memory: the program asks for %llu bytes",
                              (unsigned long long)bytes);
    return memory;
}

Block *block_create(Machine *m, const Op *op, uint64_t bytes, bool zeroed) {
    if (!machine_reserve(m, op, bytes)) return NULL;
    void *memory = memory_take(m, bytes);
    memset(memory, zeroed ? 0 : 0xff, (bytes / 64 + 1) * 64);
    Block *block = block_add(m, (uint64_t)(uintptr_t)memory, bytes, true);
    block->op = op;
    return block;
}

void block_release(Machine *m, Block *block) {
    if (m->host->release != NULL)
        m->host->release((void *)(uintptr_t)block->base);
    else
        free((void *)(uintptr_t)block->base);
    block->is_freed = true;
    m->live_bytes -= block->bytes;
}

void block_free(Machine *m, const Op *op, Block *block, uint64_t address) {
    if (block == NULL) return;
    if (block == NO_BLOCK)
        machine_fault(m, op, "what is freed has no value");
    else if (block->arena != NULL)
        return;
    else if (block->is_freed)
        machine_fault(m, op, "memory is freed a second time");
    else if (!block->is_owned || address != block->base)
        machine_fault(m, op, "what is freed did not come from an allocation");
    else
        block_release(m, block);
}

/* ---- Views ----------------------------------------------------------------------------------- */

/* Row-major strides for the sizes of a view's words. */
static void set_dense_strides(uint64_t *view, uint32_t rank) {
    uint64_t stride = 1;
    for (uint32_t i = rank; i-- > 0;) {
        view[2 + rank + i] = stride;
        stride *= view[2 + i];
    }
}

void view_make(uint64_t *view, Block *block, const uint64_t *sizes, uint32_t rank) {
    view[0] = (uint64_t)(uintptr_t)block;
    view[1] = block->base;
    for (uint32_t i = 0; i < rank; i++) view[2 + i] = sizes[i];
    set_dense_strides(view, rank);
    view[2 + 2 * rank] = 0;
}

static void view_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    uint64_t *view = frame + inst->dst;
    uint32_t rank = inst->op->results[0]->type->rank;
    view[0] = frame[inst->a];
    view[1] = frame[inst->a + 1];
    for (uint32_t i = 1; i < inst->count; i++) view[1 + i] = frame[inst->slots[i]];
    if (inst->op->kind == OP_VIEW) set_dense_strides(view, rank);
    view[2 + 2 * rank] = frame[inst->a + 2];
}

/* The first two words of a view are its buf's. */
static void buf_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    frame[inst->dst + 2] = frame[inst->a + view_tag(inst->op->operands[0]->type)];
    frame[inst->dst] = frame[inst->a];
    frame[inst->dst + 1] = frame[inst->a + 1];
}

static void dim_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    const IrType *type = inst->op->operands[0]->type;
    uint32_t skip = type->kind == IR_ARRAY ? 1 : inst->op->kind == OP_STRIDE ? 2 + type->rank : 2;
    frame[inst->dst] = frame[inst->a + skip + inst->op->attr.index];
}

/* Here memory begins an element behind a multiple, so that there is always something to do before one. */
static void lead_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    const Op *op = inst->op;
    uint64_t each = op->attr.index / op->operands[0]->type->elem->size;
    uint64_t last = frame[inst->slots[inst->count - 1]];
    frame[inst->dst] = each - 1 - last % each;
}

/* A slice whose type says dense has to be dense, unless it has no elements. */
static void check_dense(Machine *m, const Op *op, uint64_t *view) {
    uint32_t rank = op->results[0]->type->rank;
    uint64_t stride = 1;
    bool dense = true, empty = false;
    for (uint32_t i = rank; i-- > 0;) {
        dense &= view[2 + i] == 1 || view[2 + rank + i] == stride;
        empty |= view[2 + i] == 0;
        stride *= view[2 + i];
    }
    if (!dense && !empty) machine_fault(m, op, "a slice that is not dense has a dense type");
    set_dense_strides(view, rank);
}

static void slice_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const Op *op = inst->op;
    const uint64_t *from = frame + inst->a;
    uint64_t *to = frame + inst->dst;
    uint32_t rank = op->operands[0]->type->rank, kept = op->results[0]->type->rank, k = 0;
    uint64_t offset = 0;
    for (uint32_t i = 0; i < rank; i++) {
        const uint32_t *range = inst->slots + 1 + 3 * i;
        uint64_t stride = from[2 + rank + i];
        offset += frame[range[0]] * stride;
        if (op->attr.mask >> i & 1) continue;
        to[2 + k] = frame[range[1]];
        to[2 + kept + k] = stride * frame[range[2]];
        k++;
    }
    to[2 + 2 * kept] = from[2 + 2 * rank];
    to[0] = from[0];
    to[1] = from[1] + offset * layout_of(m, op->results[0]->type->elem)->bytes;
    if (!op->results[0]->type->strided) check_dense(m, op, to);
}

/* The bytes from the lowest to the highest that a view reaches; false when it has no elements. */
static bool view_extent(Machine *m, const IrType *type, const uint64_t *view, uint64_t *low,
                        uint64_t *high) {
    uint64_t size = layout_of(m, type->elem)->bytes;
    *low = view[1];
    *high = view[1] + size;
    for (uint32_t i = 0; i < type->rank; i++) {
        if (view[2 + i] == 0) return false;
        int64_t reach = (int64_t)((view[2 + i] - 1) * view[2 + type->rank + i] * size);
        *(reach < 0 ? low : high) += (uint64_t)reach;
    }
    return true;
}

/* The steps of a view in bytes, and the last index of each dimension. */
typedef struct Steps {
    int64_t step[16], last[16];
    uint32_t count;
} Steps;

static void steps_add(Machine *m, const IrType *type, const uint64_t *view, int64_t sign, Steps *s) {
    int64_t size = layout_of(m, type->elem)->bytes;
    for (uint32_t i = 0; i < type->rank; i++, s->count++) {
        s->step[s->count] = sign * (int64_t)view[2 + type->rank + i] * size;
        s->last[s->count] = (int64_t)view[2 + i] - 1;
    }
}

/* Two windows meet only where some sum of multiples of the steps (those of the second negated) falls into
 * [first, first + width]. Modulo `by` the steps that it divides vanish; the others reach some way. */
static bool apart_modulo(const Steps *s, int64_t by, int64_t first, int64_t width) {
    int64_t low = 0, reach = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        int64_t span = s->step[i] % by == 0 ? 0 : s->step[i] * s->last[i];
        low += span < 0 ? span : 0;
        reach += span < 0 ? -span : span;
    }
    int64_t ahead = (first - low) % by;
    if (ahead < 0) ahead += by;
    return ahead > reach && ahead + width < by;
}

/* One before the other, or interleaved in a way that some stride shows. */
static void apart_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *a = inst->op->operands[0]->type, *b = inst->op->operands[1]->type;
    const uint64_t *at_a = frame + inst->a, *at_b = frame + inst->b;
    uint64_t low[2], high[2];
    bool both = view_extent(m, a, at_a, &low[0], &high[0]) &&
                view_extent(m, b, at_b, &low[1], &high[1]);
    bool apart = !both || high[0] <= low[1] || high[1] <= low[0];
    int64_t size_a = layout_of(m, a->elem)->bytes, size_b = layout_of(m, b->elem)->bytes;
    Steps steps = {.count = 0};
    steps_add(m, a, at_a, 1, &steps);
    steps_add(m, b, at_b, -1, &steps);
    for (uint32_t i = 0; i < steps.count && !apart && (a->strided || b->strided); i++) {
        int64_t by = steps.step[i] < 0 ? -steps.step[i] : steps.step[i];
        apart = by != 0 && apart_modulo(&steps, by, (int64_t)(at_b[1] - at_a[1]) + 1 - size_a,
                                        size_a + size_b - 2);
    }
    frame[inst->dst] = apart;
}

/* ---- Elements -------------------------------------------------------------------------------- */

uint64_t element_address(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t first) {
    const IrType *type = inst->op->operands[0]->type;
    const uint64_t *view = frame + inst->a;
    uint64_t offset = 0;
    for (uint32_t i = 0; i < type->rank; i++)
        offset += frame[inst->slots[first + i]] * view[2 + type->rank + i];
    return view[1] + offset * layout_of(m, type->elem)->bytes;
}

static void load_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *elem = inst->op->results[0]->type;
    uint64_t address = element_address(m, inst, frame, 1);
    uint32_t bytes = layout_of(m, elem)->bytes;
    if (block_covers(m, inst->op, block_of(frame[inst->a]), address, bytes))
        value_load(m, elem, (const void *)(uintptr_t)address, frame + inst->dst);
}

static void store_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *elem = inst->op->operands[1]->type;
    uint64_t address = element_address(m, inst, frame, 2);
    const Block *block = block_of(frame[inst->a]);
    if (!block_covers(m, inst->op, block, address, layout_of(m, elem)->bytes)) return;
    if (block->is_constant)
        machine_fault(m, inst->op, "a store to a constant");
    else
        value_store(m, elem, (void *)(uintptr_t)address, frame + inst->b);
}

/* ---- Allocations ----------------------------------------------------------------------------- */

uint64_t array_bytes(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t first,
                     const IrType *elem) {
    uint64_t bytes = layout_of(m, elem)->bytes;
    for (uint32_t i = first; i < inst->count; i++) {
        int64_t dim = (int64_t)frame[inst->slots[i]];
        if (dim < 0) machine_fault(m, inst->op, "an array of negative size");
        if (dim == 0) return 0;
        if (__builtin_mul_overflow(bytes, (uint64_t)dim, &bytes)) return UINT64_MAX;
    }
    return bytes;
}

static void alloc_run(Machine *m, const Inst *inst, uint64_t *frame) {
    uint64_t bytes = array_bytes(m, inst, frame, 0, inst->op->results[0]->type->elem), sizes[8];
    if (m->status != INTERP_OK) return;
    Block *block = block_create(m, inst->op, bytes, inst->op->attr.flag);
    if (block == NULL) return;
    for (uint32_t i = 0; i < inst->count; i++) sizes[i] = frame[inst->slots[i]];
    view_make(frame + inst->dst, block, sizes, inst->count);
}

/* Views and lists both start with block and address. */
static void free_run(Machine *m, const Inst *inst, uint64_t *frame) {
    if (inst->op->operands[0]->type->kind == IR_ARENA)
        arena_end(m, inst->op, (MachineArena *)(uintptr_t)frame[inst->a]);
    else
        block_free(m, inst->op, block_of(frame[inst->a]), frame[inst->a + 1]);
}

static void data_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    uint64_t sizes[8];
    for (uint32_t i = 0; i < inst->count; i++) sizes[i] = frame[inst->slots[i]];
    view_make(frame + inst->dst, inst->constant, sizes, inst->count);
}

static void nullview_run(Machine *m, const Inst *inst, uint64_t *frame) {
    memset(frame + inst->dst, 0, 8 * (size_t)layout_of(m, inst->op->results[0]->type)->words);
}

InstRun memory_run(OpKind kind) {
    switch ((int)kind) {
    case OP_VIEW: case OP_STRIDED: return view_run;
    case OP_BUF: return buf_run;
    case OP_DIM: case OP_STRIDE: return dim_run;
    case OP_SLICE: return slice_run;
    case OP_LOAD: return load_run;
    case OP_STORE: return store_run;
    case OP_ALLOC: return alloc_run;
    case OP_FREE: return free_run;
    case OP_DATA: return data_run;
    case OP_APART: return apart_run;
    case OP_LEAD: return lead_run;
    case OP_NULLVIEW: return nullview_run;
    default: KC_BUG("no memory in %s", op_infos[kind].mnemonic);
    }
}
