/* Whole arrays. MAP, REDUCE and SCAN walk their space in row-major order; the elements of an array lie in
 * memory of their own until its frame ends, so that an assignment never sees its own stores. */
#include "ir/eval.h"
#include "ir/interp_machine.h"

#include <stdlib.h>
#include <string.h>

/* The hidden words of such an op. */
enum {
    SPACE_TEMP,     /* MAP and SCAN: the memory of its last run in this frame */
    SPACE_POSITION, /* of the current index */
    SPACE_TOTAL,
    SPACE_BEST,     /* ARGMIN, ARGMAX: the element found so far; SCAN: what is combined so far */
    SPACE_FOUND,    /* ... and whether there is one */
    SPACE_LANES     /* accumulators of a REDUCE that has several */
};

static uint64_t space_total(Machine *m, const Inst *inst, const uint64_t *frame) {
    uint64_t total = 1;
    for (uint32_t i = 0; i < inst->op->operand_count; i++) {
        int64_t dim = (int64_t)frame[inst->slots[i]];
        if (dim < 0) machine_fault(m, inst->op, "an array of negative size");
        if (dim <= 0) return 0;
        if (__builtin_mul_overflow(total, (uint64_t)dim, &total)) total = UINT64_MAX;
    }
    return total;
}

static void start_array(Machine *m, const Inst *inst, uint64_t *frame, uint64_t total) {
    uint64_t *hidden = frame + inst->a, bytes;
    uint32_t size = layout_of(m, inst->op->results[0]->type->elem)->bytes;
    if (__builtin_mul_overflow(total, (uint64_t)size, &bytes)) bytes = UINT64_MAX;
    Temp *temp = (Temp *)(uintptr_t)hidden[SPACE_TEMP];
    if (temp == NULL || inst->flag || temp->bytes < bytes) {
        if (!machine_reserve(m, inst->op, bytes)) return;
        temp = malloc(sizeof *temp + bytes);
        if (temp == NULL) fatal("out of memory: an array takes %llu bytes",
                                (unsigned long long)bytes);
        *temp = (Temp){.next = machine_frame(m)->temps, .bytes = bytes};
        machine_frame(m)->temps = temp;
        hidden[SPACE_TEMP] = (uint64_t)(uintptr_t)temp;
    }
    frame[inst->dst] = (uint64_t)(uintptr_t)temp->data;
    for (uint32_t i = 0; i < inst->op->operand_count; i++)
        frame[inst->dst + 1 + i] = frame[inst->slots[i]];
}

/* ---- Reductions ------------------------------------------------------------------------------ */

static uint64_t extreme(Scalar scalar, bool largest) {
    uint64_t infinity = UINT64_C(0x7ff0000000000000);
    if (scalar_is_float(scalar))
        return eval_cast(SCALAR_F64, scalar, largest ? infinity : infinity | UINT64_C(1) << 63);
    uint64_t ones = eval_truncate(scalar, UINT64_MAX);
    if (!scalar_is_signed(scalar)) return largest ? ones : 0;
    return largest ? ones >> 1 : ones ^ ones >> 1;
}

static uint64_t start_of(ReduceKind kind, Scalar scalar) {
    switch (kind) {
    case REDUCE_ADD: case REDUCE_OR: case REDUCE_ARGMIN: case REDUCE_ARGMAX: return 0;
    case REDUCE_MUL: return eval_cast(SCALAR_U8, scalar, 1);
    case REDUCE_MIN: return extreme(scalar, true);
    case REDUCE_MAX: return extreme(scalar, false);
    case REDUCE_AND: return eval_truncate(scalar, UINT64_MAX);
    }
    UNREACHABLE();
}

static uint64_t eval_pair(OpKind kind, Scalar scalar, uint64_t a, uint64_t b) {
    uint64_t operands[2] = {a, b}, result = 0;
    KC_CHECK(eval_scalar_op(kind, scalar, operands, &result));
    return result;
}

static bool is_nan(Scalar scalar, uint64_t bits) {
    return eval_pair(OP_NE, scalar, bits, bits) != 0;
}

static void combine_position(const Inst *inst, uint64_t *frame) {
    uint64_t *hidden = frame + inst->a, element = frame[inst->c], best = hidden[SPACE_BEST];
    OpKind order = inst->op->attr.reduce == REDUCE_ARGMIN ? OP_LT : OP_GT;
    bool better = !hidden[SPACE_FOUND] || eval_pair(order, inst->scalar, element, best) ||
                  (is_nan(inst->scalar, element) && !is_nan(inst->scalar, best));
    hidden[SPACE_FOUND] = true;
    if (!better) return;
    hidden[SPACE_BEST] = element;
    frame[inst->dst] = hidden[SPACE_POSITION];
}

static uint32_t lanes_of(const Op *op) {
    return reduce_lanes(op->parent->fn->fp, op->attr.reduce, op->results[0]->type);
}

/* The result's word is the accumulator, or the last index says which lane's. */
static void combine(const Inst *inst, uint64_t *frame) {
    ReduceKind kind = inst->op->attr.reduce;
    uint32_t lanes = lanes_of(inst->op);
    if (kind >= REDUCE_ARGMIN) {
        combine_position(inst, frame);
        return;
    }
    uint64_t last = frame[inst->b + inst->op->operand_count - 1];
    uint64_t *to = frame + (lanes == 0 ? inst->dst : inst->a + SPACE_LANES + last % lanes);
    *to = eval_pair(reduce_step(kind), inst->scalar, *to, frame[inst->c]);
}

static void lanes_start(const Op *op, uint64_t *lanes) {
    Scalar scalar = op->results[0]->type->scalar;
    uint64_t start = start_of(op->attr.reduce, scalar), minus_zero = UINT64_C(1) << (scalar_bits(scalar) - 1);
    for (uint32_t i = 0; i < lanes_of(op); i++) lanes[i] = op->attr.reduce == REDUCE_ADD ? minus_zero : start;
}

/* By halves, and with the start. */
static void lanes_finish(const Inst *inst, uint64_t *frame) {
    uint64_t *lanes = frame + inst->a + SPACE_LANES;
    OpKind step = reduce_step(inst->op->attr.reduce);
    for (uint32_t half = lanes_of(inst->op) / 2; half > 0; half /= 2)
        for (uint32_t i = 0; i < half; i++)
            lanes[i] = eval_pair(step, inst->scalar, lanes[i], lanes[i + half]);
    frame[inst->dst] = eval_pair(step, inst->scalar, frame[inst->dst], lanes[0]);
}

static void scan_step(const Inst *inst, uint64_t *frame) {
    uint64_t *hidden = frame + inst->a, element = frame[inst->c];
    bool is_first = hidden[SPACE_POSITION] == 0;
    OpKind step = reduce_step(inst->op->attr.reduce);
    hidden[SPACE_BEST] = is_first ? element : eval_pair(step, inst->scalar, hidden[SPACE_BEST], element);
}

/* ---- Walking --------------------------------------------------------------------------------- */

bool space_start(Machine *m, const Inst *inst, uint64_t *frame) {
    uint64_t *hidden = frame + inst->a, total = space_total(m, inst, frame);
    hidden[SPACE_POSITION] = hidden[SPACE_FOUND] = 0;
    hidden[SPACE_TOTAL] = total;
    for (uint32_t i = 0; i < inst->op->operand_count; i++) frame[inst->b + i] = 0;
    if (op_gives_array(inst->op))
        start_array(m, inst, frame, total);
    else
        frame[inst->dst] = start_of(inst->op->attr.reduce, inst->op->results[0]->type->scalar);
    if (inst->op->kind == OP_REDUCE) lanes_start(inst->op, hidden + SPACE_LANES);
    return total != 0;
}

bool space_next(Machine *m, const Inst *inst, uint64_t *frame) {
    const Op *op = inst->op;
    uint64_t *hidden = frame + inst->a;
    if (op_gives_array(op)) {
        const IrType *elem = op->results[0]->type->elem;
        char *data = (char *)(uintptr_t)frame[inst->dst];
        if (op->kind == OP_SCAN) scan_step(inst, frame);
        value_store(m, elem, data + hidden[SPACE_POSITION] * layout_of(m, elem)->bytes,
                    op->kind == OP_SCAN ? hidden + SPACE_BEST : frame + inst->c);
    } else {
        combine(inst, frame);
    }
    if (++hidden[SPACE_POSITION] == hidden[SPACE_TOTAL]) {
        if (op->kind == OP_REDUCE && lanes_of(op) != 0) lanes_finish(inst, frame);
        return false;
    }
    for (uint32_t i = op->operand_count; i-- > 0;) {
        if (++frame[inst->b + i] < frame[inst->slots[i]]) break;
        frame[inst->b + i] = 0;
    }
    return true;
}

/* ---- Elements -------------------------------------------------------------------------------- */

void elem_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->operands[0]->type;
    const uint64_t *array = frame + inst->a;
    uint64_t position = 0;
    for (uint32_t i = 0; i < type->rank; i++) {
        uint64_t index = frame[inst->slots[1 + i]];
        if (index >= array[1 + i]) {
            machine_fault(m, inst->op, "an index outside of the array");
            return;
        }
        position = position * array[1 + i] + index;
    }
    const char *data = (const char *)(uintptr_t)array[0];
    value_load(m, type->elem, data + position * layout_of(m, type->elem)->bytes,
               frame + inst->dst);
}

/* Copies the elements one after another, the last index fastest. */
static void assign_elements(Machine *m, const Op *op, const IrType *type, const uint64_t *view,
                            const char *from, uint64_t total) {
    uint32_t rank = type->rank, size = layout_of(m, type->elem)->bytes;
    const Block *block = block_of(view[0]);
    uint64_t index[8] = {0}, address = view[1];
    for (uint64_t done = 0; done < total; done++) {
        if (!block_covers(m, op, block, address, size)) return;
        memcpy((void *)(uintptr_t)address, from + done * size, size);
        for (uint32_t i = rank; i-- > 0;) {
            uint64_t step = view[2 + rank + i] * size;
            address += step;
            if (++index[i] < view[2 + i]) break;
            address -= step * view[2 + i];
            index[i] = 0;
        }
    }
}

/* The view that is assigned to. A tensor's place has its words; without a value it gets memory now. */
static uint64_t *assigned_view(Machine *m, const Inst *inst, uint64_t *frame, const IrType *type) {
    if (inst->op->operands[0]->type->kind != IR_REF) return frame + inst->a;
    if (!ref_covers(m, inst->op, frame + inst->a, layout_of(m, type)->bytes)) return NULL;
    uint64_t *view = (uint64_t *)(uintptr_t)frame[inst->a];
    if (!place_is_empty(type, view)) return view;
    const uint64_t *sizes = frame + inst->b + 1;
    uint64_t bytes = layout_of(m, type->elem)->bytes;
    for (uint32_t i = 0; i < type->rank; i++) bytes *= sizes[i]; /* the array is in memory already */
    Block *block = block_create(m, inst->op, bytes, false);
    if (block == NULL) return NULL;
    view_make(view, block, sizes, type->rank);
    return view;
}

void assign_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->operands[0]->type;
    if (type->kind == IR_REF) type = type->elem;
    const uint64_t *view = assigned_view(m, inst, frame, type), *array = frame + inst->b;
    if (view == NULL) return;
    uint64_t total = 1;
    for (uint32_t i = 0; i < type->rank; i++) {
        if (view[2 + i] != array[1 + i]) {
            machine_fault(m, inst->op, "an array is assigned to a view of another size");
            return;
        }
        total *= view[2 + i];
    }
    assign_elements(m, inst->op, type, view, (const char *)(uintptr_t)array[0], total);
}
