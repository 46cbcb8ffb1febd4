/* Vectors in the interpreter: a word for each lane, an operation after another. */
#include "ir/eval.h"
#include "ir/interp_machine.h"

#include <string.h>

static const IrType *type_of(const Inst *inst, uint32_t operand) {
    return inst->op->operands[operand]->type;
}

/* ---- Lane by lane ---------------------------------------------------------------------------- */

/* A lane of an operand that may be a scalar, the same for all (the bool of a SELECT). */
static uint64_t lane_of(const Inst *inst, const uint64_t *frame, uint32_t operand, uint32_t lane) {
    uint32_t step = type_of(inst, operand)->kind == IR_VEC ? lane : 0;
    return frame[inst->slots[operand] + step];
}

static void lanewise_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = type_of(inst, inst->op->kind == OP_SELECT ? 1 : 0);
    (void)m;
    for (uint32_t lane = 0; lane < type->lanes; lane++) {
        uint64_t operands[3];
        for (uint32_t i = 0; i < inst->count; i++) operands[i] = lane_of(inst, frame, i, lane);
        KC_CHECK(eval_scalar_op(inst->op->kind, type->scalar, operands, &frame[inst->dst + lane]));
    }
}

static void cast_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *from = type_of(inst, 0), *to = inst->op->results[0]->type;
    (void)m;
    for (uint32_t i = 0; i < to->lanes; i++)
        frame[inst->dst + i] = eval_cast(from->scalar, to->scalar, frame[inst->a + i]);
}

/* ---- Making and taking apart ----------------------------------------------------------------- */

static void splat_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    for (uint32_t i = 0; i < inst->op->results[0]->type->lanes; i++)
        frame[inst->dst + i] = frame[inst->a];
}

static void lanes_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->results[0]->type;
    (void)m;
    for (uint32_t i = 0; i < type->lanes; i++)
        frame[inst->dst + i] = eval_truncate(type->scalar, i);
}

static void lane_run(Machine *m, const Inst *inst, uint64_t *frame) {
    (void)m;
    frame[inst->dst] = frame[inst->a + frame[inst->b] % type_of(inst, 0)->lanes];
}

static void with_lane_run(Machine *m, const Inst *inst, uint64_t *frame) {
    uint32_t lanes = type_of(inst, 0)->lanes;
    (void)m;
    memcpy(frame + inst->dst, frame + inst->a, 8 * (size_t)lanes);
    frame[inst->dst + frame[inst->b] % lanes] = frame[inst->c];
}

static void shuffle_run(Machine *m, const Inst *inst, uint64_t *frame) {
    uint32_t lanes = type_of(inst, 0)->lanes;
    (void)m;
    for (uint32_t i = 0; i < inst->op->attr.lanes.count; i++) {
        uint32_t at = inst->op->attr.lanes.at[i];
        frame[inst->dst + i] = frame[at < lanes ? inst->a + at : inst->b + at - lanes];
    }
}

/* Lanes as they lie in memory. */
static void bitcast_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *from = type_of(inst, 0), *to = inst->op->results[0]->type;
    uint32_t count = from->kind == IR_VEC ? from->lanes : 1;
    uint32_t made = to->kind == IR_VEC ? to->lanes : 1;
    unsigned char bytes[8 * MAX_LANES];
    (void)m;
    for (uint32_t i = 0; i < count; i++)
        scalar_store(from->scalar, bytes + i * scalar_bytes(from->scalar), frame[inst->a + i]);
    for (uint32_t i = 0; i < made; i++)
        frame[inst->dst + i] = scalar_load(to->scalar, bytes + i * scalar_bytes(to->scalar));
}

static void lookup_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *which = type_of(inst, 1);
    uint32_t lanes = type_of(inst, 0)->lanes;
    (void)m;
    for (uint32_t i = 0; i < which->lanes; i++)
        frame[inst->dst + i] = frame[inst->a + frame[inst->b + i] % lanes];
}

static void compress_run(Machine *m, const Inst *inst, uint64_t *frame) {
    uint32_t lanes = type_of(inst, 0)->lanes, place = 0;
    bool expands = inst->op->kind == OP_EXPAND;
    (void)m;
    for (uint32_t i = 0; i < lanes; i++) frame[inst->dst + i] = 0;
    for (uint32_t i = 0; i < lanes; i++) {
        if (!frame[inst->b + i]) continue;
        frame[inst->dst + (expands ? i : place)] = frame[inst->a + (expands ? place : i)];
        place++;
    }
}

static void fold_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = type_of(inst, 0);
    uint64_t lanes[MAX_LANES];
    (void)m;
    memcpy(lanes, frame + inst->a, 8 * (size_t)type->lanes);
    for (uint32_t half = type->lanes / 2; half != 0; half /= 2)
        for (uint32_t i = 0; i < half; i++) {
            uint64_t pair[2] = {lanes[i], lanes[i + half]};
            KC_CHECK(eval_scalar_op(reduce_step(inst->op->attr.reduce), type->scalar, pair, &lanes[i]));
        }
    frame[inst->dst] = lanes[0];
}

static void sums_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *to = inst->op->results[0]->type;
    Scalar lane = type_of(inst, 0)->scalar;
    uint32_t group = sum_group(inst->op->kind);
    (void)m;
    for (uint32_t i = 0; i < to->lanes; i++) {
        int64_t sum = 0;
        for (uint32_t k = i * group; k < (i + 1) * group; k++) {
            int64_t a = (int64_t)eval_int(lane, frame[inst->a + k]), b = (int64_t)eval_int(lane, frame[inst->b + k]);
            sum += inst->op->kind == OP_DOT ? a * b : a > b ? a - b : b - a;
        }
        frame[inst->dst + i] = eval_truncate(to->scalar, (uint64_t)sum);
    }
}

static void mask_run(Machine *m, const Inst *inst, uint64_t *frame) {
    uint32_t lanes = type_of(inst, 0)->lanes, first = lanes, count = 0;
    (void)m;
    for (uint32_t i = 0; i < lanes; i++) {
        if (!frame[inst->a + i]) continue;
        if (first == lanes) first = i;
        count++;
    }
    frame[inst->dst] = inst->op->kind == OP_FIRST ? first : count;
}

static void bits_run(Machine *m, const Inst *inst, uint64_t *frame) {
    uint64_t bits = 0;
    (void)m;
    for (uint32_t i = 0; i < type_of(inst, 0)->lanes; i++) bits |= frame[inst->a + i] << i;
    frame[inst->dst] = bits;
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Where the lane's element is: its own indices, and for accesses side by side `further` elements on. */
static uint64_t lane_address(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t first,
                             uint32_t lane, uint64_t further) {
    const IrType *view = type_of(inst, 0);
    const uint64_t *words = frame + inst->a;
    uint64_t offset = further * words[2 + 2 * view->rank - 1];
    for (uint32_t i = 0; i < view->rank; i++) {
        uint64_t bits = lane_of(inst, frame, first + i, lane);
        uint64_t index = (uint64_t)eval_int(type_of(inst, first + i)->scalar, bits);
        offset += index * words[2 + view->rank + i];
    }
    return words[1] + offset * layout_of(m, view->elem)->bytes;
}

static bool lane_is_on(const Inst *inst, const uint64_t *frame, uint32_t first, uint32_t lane) {
    bool masked = inst->count > first + type_of(inst, 0)->rank;
    return !masked || frame[inst->slots[inst->count - 1] + lane];
}

static void load_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->results[0]->type, *elem = type_of(inst, 0)->elem;
    bool spread = inst->op->kind == OP_GATHER;
    uint32_t run = spread ? gather_run(inst->op) : 1;
    for (uint32_t i = 0; i < type->lanes; i++) {
        frame[inst->dst + i] = 0;
        if (!lane_is_on(inst, frame, 1, i / run)) continue;
        uint64_t address = lane_address(m, inst, frame, 1, i / run, spread ? i % run : i);
        if (!block_covers(m, inst->op, block_of(frame[inst->a]), address, elem->size)) return;
        frame[inst->dst + i] = scalar_load(elem->scalar, (const void *)(uintptr_t)address);
    }
}

static void store_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *elem = type_of(inst, 0)->elem;
    const Block *block = block_of(frame[inst->a]);
    uint32_t place = 0;
    for (uint32_t i = 0; i < type_of(inst, 1)->lanes; i++) {
        bool on = lane_is_on(inst, frame, 2, i);
        uint32_t further = inst->op->kind == OP_PACK ? place : inst->op->kind == OP_VSTORE ? i : 0;
        if (!on) continue;
        place++;
        uint64_t address = lane_address(m, inst, frame, 2, i, further);
        if (!block_covers(m, inst->op, block, address, elem->size)) return;
        if (block->is_constant) {
            machine_fault(m, inst->op, "a store to a constant");
            return;
        }
        scalar_store(elem->scalar, (void *)(uintptr_t)address, frame[inst->b + i]);
    }
}

InstRun vector_run(OpKind kind) {
    switch ((int)kind) {
    case OP_CAST: return cast_run;
    case OP_SPLAT: return splat_run;
    case OP_LANES: return lanes_run;
    case OP_LANE: return lane_run;
    case OP_WITH_LANE: return with_lane_run;
    case OP_SHUFFLE: return shuffle_run;
    case OP_FOLD: return fold_run;
    case OP_FIRST: case OP_TALLY: return mask_run;
    case OP_BITS: return bits_run;
    case OP_BITCAST: return bitcast_run;
    case OP_LOOKUP: return lookup_run;
    case OP_DOT: case OP_SAD: return sums_run;
    case OP_COMPRESS:
    case OP_EXPAND: return compress_run;
    case OP_VLOAD: case OP_GATHER: return load_run;
    case OP_VSTORE: case OP_SCATTER: case OP_PACK: return store_run;
    default: return lanewise_run;
    }
}
