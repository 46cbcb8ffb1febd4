/* Values in memory and in the frame; structs, variables, SELECT. */
#include "ir/interp_machine.h"

#include <string.h>

/* ---- C layout -------------------------------------------------------------------------------- */

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

void value_load(const IrType *type, const void *from, uint64_t *to) {
    if (ir_is_scalar(type))
        *to = scalar_load(type->scalar, from);
    else
        memcpy(to, from, type_bytes(type));
}

void value_store(const IrType *type, void *to, const uint64_t *from) {
    if (ir_is_scalar(type))
        scalar_store(type->scalar, to, *from);
    else
        memcpy(to, from, type_bytes(type));
}

/* ---- Handlers -------------------------------------------------------------------------------- */

static void struct_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    const IrType *type = inst->op->results[0]->type;
    char *to = (char *)(frame + inst->dst);
    for (uint32_t i = 0; i < inst->count; i++)
        value_store(type->fields[i].type, to + ir_field_offset(type, i), frame + inst->slots[i]);
}

static void extract_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    const IrType *type = inst->op->operands[0]->type;
    uint32_t field = inst->op->attr.index;
    const char *from = (const char *)(frame + inst->a) + ir_field_offset(type, field);
    value_load(type->fields[field].type, from, frame + inst->dst);
}

static void insert_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    const IrType *type = inst->op->results[0]->type;
    uint32_t field = inst->op->attr.index;
    memcpy(frame + inst->dst, frame + inst->a, type->size);
    char *to = (char *)(frame + inst->dst) + ir_field_offset(type, field);
    value_store(type->fields[field].type, to, frame + inst->b);
}

/* A new variable holds rubbish that shows: NaN, -1, a wild pointer. */
static void var_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    uint64_t *place = frame + inst->a;
    memset(place, 0xff, type_bytes(inst->op->results[0]->type->elem));
    frame[inst->dst] = (uint64_t)(uintptr_t)place;
}

static void get_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    const void *from = (const void *)(uintptr_t)frame[inst->a];
    value_load(inst->op->results[0]->type, from, frame + inst->dst);
}

static void set_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    void *to = (void *)(uintptr_t)frame[inst->a];
    value_store(inst->op->operands[1]->type, to, frame + inst->b);
}

static void select_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    memcpy(frame + inst->dst, frame + (frame[inst->a] ? inst->b : inst->c),
           8 * (size_t)type_words(inst->op->results[0]->type));
}

InstRun value_run(OpKind kind) {
    switch ((int)kind) {
    case OP_STRUCT: return struct_run;
    case OP_EXTRACT: return extract_run;
    case OP_INSERT: return insert_run;
    case OP_VAR: return var_run;
    case OP_GET: return get_run;
    case OP_SET: return set_run;
    case OP_SELECT: return select_run;
    default: KC_BUG("no values in %s", op_infos[kind].mnemonic);
    }
}
