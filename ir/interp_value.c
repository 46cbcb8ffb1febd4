/* Values in memory and in the frame; structs, variables, SELECT. */
#include "ir/interp_machine.h"

#include <string.h>

/* ---- Memory and words ------------------------------------------------------------------------ */

uint64_t scalar_load(Scalar scalar, const void *from) {
    uint8_t b8;
    uint16_t b16;
    uint32_t b32;
    uint64_t b64;
    switch (scalar_bits(scalar)) {
    case 1: memcpy(&b8, from, 1); return b8 & 1;
    case 8: memcpy(&b8, from, 1); return b8;
    case 16: memcpy(&b16, from, 2); return b16;
    case 32: memcpy(&b32, from, 4); return b32;
    default: memcpy(&b64, from, 8); return b64;
    }
}

void scalar_store(Scalar scalar, void *to, uint64_t bits) {
    uint8_t b8 = (uint8_t)bits;
    uint16_t b16 = (uint16_t)bits;
    uint32_t b32 = (uint32_t)bits;
    switch (scalar_bytes(scalar)) {
    case 1: memcpy(to, &b8, 1); return;
    case 2: memcpy(to, &b16, 2); return;
    case 4: memcpy(to, &b32, 4); return;
    default: memcpy(to, &bits, 8); return;
    }
}

void value_load(Machine *m, const IrType *type, const void *from, uint64_t *to) {
    if (ir_is_scalar(type)) {
        *to = scalar_load(type->scalar, from);
    } else if (type->kind == IR_VEC) {
        for (uint32_t i = 0; i < type->lanes; i++)
            to[i] = scalar_load(type->scalar, (const char *)from + i * scalar_bytes(type->scalar));
    } else if (type->kind == IR_BUF) {
        memcpy(to + 1, from, 8);
        to[0] = (uint64_t)(uintptr_t)block_find(m, to[1]);
        to[2] = 0;
    } else {
        memcpy(to, from, layout_of(m, type)->bytes);
    }
}

void value_store(Machine *m, const IrType *type, void *to, const uint64_t *from) {
    if (ir_is_scalar(type))
        scalar_store(type->scalar, to, *from);
    else if (type->kind == IR_VEC)
        for (uint32_t i = 0; i < type->lanes; i++)
            scalar_store(type->scalar, (char *)to + i * scalar_bytes(type->scalar), from[i]);
    else
        memcpy(to, type->kind == IR_BUF ? from + 1 : from, layout_of(m, type)->bytes);
}

/* ---- Structs --------------------------------------------------------------------------------- */

static void struct_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->results[0]->type;
    const Layout *layout = layout_of(m, type);
    char *to = (char *)(frame + inst->dst);
    for (uint32_t i = 0; i < inst->count; i++)
        value_store(m, type->fields[i].type, to + layout->offsets[i], frame + inst->slots[i]);
}

static void extract_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->operands[0]->type;
    uint32_t field = inst->op->attr.index;
    const char *from = (const char *)(frame + inst->a) + layout_of(m, type)->offsets[field];
    value_load(m, type->fields[field].type, from, frame + inst->dst);
}

static void insert_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->results[0]->type;
    const Layout *layout = layout_of(m, type);
    uint32_t field = inst->op->attr.index;
    memcpy(frame + inst->dst, frame + inst->a, layout->bytes);
    char *to = (char *)(frame + inst->dst) + layout->offsets[field];
    value_store(m, type->fields[field].type, to, frame + inst->b);
}

/* ---- Places ---------------------------------------------------------------------------------- */

bool ref_covers(Machine *m, const Op *op, const uint64_t *ref, uint32_t bytes) {
    return ref[1] == 0 || block_covers(m, op, block_of(ref[1]), ref[0], bytes);
}

/* A new variable holds rubbish that shows: NaN, -1, no memory. */
static void var_run(Machine *m, const Inst *inst, uint64_t *frame) {
    uint64_t *place = frame + inst->a;
    place_clear(m, inst->op->results[0]->type->elem, place);
    frame[inst->dst] = (uint64_t)(uintptr_t)place;
    frame[inst->dst + 1] = frame[inst->dst + 2] = 0;
}

static void get_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->results[0]->type;
    const uint64_t *ref = frame + inst->a;
    if (ref_covers(m, inst->op, ref, layout_of(m, type)->bytes))
        value_load(m, type, (const void *)(uintptr_t)ref[0], frame + inst->dst);
}

static void set_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->operands[1]->type;
    const uint64_t *ref = frame + inst->a;
    if (ref_covers(m, inst->op, ref, layout_of(m, type)->bytes))
        value_store(m, type, (void *)(uintptr_t)ref[0], frame + inst->b);
}

static void field_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->operands[0]->type->elem;
    frame[inst->dst] = frame[inst->a] + layout_of(m, type)->offsets[inst->op->attr.index];
    frame[inst->dst + 1] = frame[inst->a + 1];
    frame[inst->dst + 2] = frame[inst->a + 2];
}

static void lane_item_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *vector = inst->op->operands[0]->type->elem;
    (void)m;
    frame[inst->dst] = frame[inst->a] + frame[inst->b] % vector->lanes * scalar_bytes(vector->scalar);
    frame[inst->dst + 1] = frame[inst->a + 1];
    frame[inst->dst + 2] = frame[inst->a + 2];
}

/* Out of bounds it shows where the element is used. */
static void item_run(Machine *m, const Inst *inst, uint64_t *frame) {
    uint64_t address = element_address(m, inst, frame, 1), block = frame[inst->a];
    frame[inst->dst] = address;
    frame[inst->dst + 1] = block == 0 ? (uint64_t)(uintptr_t)NO_BLOCK : block;
    frame[inst->dst + 2] = frame[inst->a + view_tag(inst->op->operands[0]->type)];
}

/* ---- Choice ---------------------------------------------------------------------------------- */

static void select_run(Machine *m, const Inst *inst, uint64_t *frame) {
    memcpy(frame + inst->dst, frame + (frame[inst->a] ? inst->b : inst->c),
           8 * (size_t)layout_of(m, inst->op->results[0]->type)->words);
}

InstRun value_run(OpKind kind) {
    switch ((int)kind) {
    case OP_STRUCT: return struct_run;
    case OP_EXTRACT: return extract_run;
    case OP_INSERT: return insert_run;
    case OP_VAR: return var_run;
    case OP_GET: return get_run;
    case OP_SET: return set_run;
    case OP_FIELD: return field_run;
    case OP_LANE_ITEM: return lane_item_run;
    case OP_ITEM: return item_run;
    case OP_SELECT: return select_run;
    default: KC_BUG("no values in %s", op_infos[kind].mnemonic);
    }
}
