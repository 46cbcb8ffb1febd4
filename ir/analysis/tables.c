#include "ir/analysis/tables.h"

#include "ir/analysis/effects.h"

enum {
    MOST_STEPS = 16, /* as many as code generation makes */
    LOADED_BY_ONE = 2 /* instructions for an element that is loaded by itself and put into a vector */
};

Value *table_index(const Value *index) {
    while (index->def != NULL && index->def->kind == OP_CAST) {
        const IrType *from = index->def->operands[0]->type;
        bool widens = scalar_is_int(from->scalar) && scalar_bits(from->scalar) <= scalar_bits(index->type->scalar);
        if (!widens) break;
        index = index->def->operands[0];
    }
    return (Value *)index;
}

/* Of a register of elements: lookups, the choices between them, the bits that choose, and what lies beside an element
 * where indices are wider. */
static uint32_t lookup_cost(uint32_t steps, bool is_wide) {
    uint32_t bits = 0;
    while ((1u << bits) < steps) bits++;
    return steps + (steps - 1) + bits + is_wide;
}

static uint32_t gather_cost(const IrOptions *options, uint32_t elem_size, uint32_t cell) {
    uint32_t lanes = options->vector_bits / 8 / cell;
    return options->has_gathers && elem_size >= 4 ? lanes : LOADED_BY_ONE * lanes;
}

static bool table_plan(const IrOptions *options, const Value *view, const Value *index, Scalar scalar, Table *table) {
    const IrType *type = view->type;
    int64_t count;
    if (type->kind != IR_VIEW || type->rank != 1 || type->strided || !ir_is_scalar(type->elem)) return false;
    const Value *size = view_dim(view, 0);
    if (size == NULL || !value_is_int(size, &count) || count < 2 || count > MAX_LANES) return false;
    uint32_t bytes = scalar_bytes(scalar), wide = scalar_bytes(table_index(index)->type->scalar);
    uint32_t part = options->lookup_bytes[__builtin_ctz(bytes)], lanes = 2;
    if (scalar == SCALAR_BOOL || part == 0) return false;
    while (lanes < count) lanes *= 2;
    uint32_t steps = (lanes * bytes + part - 1) / part, cell = bytes > wide ? bytes : wide;
    *table = (Table){view, (uint32_t)count, scalar, steps};
    return steps <= MOST_STEPS && lookup_cost(steps, cell > bytes) < gather_cost(options, type->elem->size, cell);
}

bool table_fits(const IrOptions *options, const Value *view, const Value *index, Table *table) {
    return ir_is_scalar(view->type->elem) && table_plan(options, view, index, view->type->elem->scalar, table);
}

bool table_fits_packed(const IrOptions *options, const Value *view, const Value *index, Table *table) {
    return ir_is_int(view->type->elem) && view->type->elem->size > 1 &&
           table_plan(options, view, index, SCALAR_U8, table);
}

/* ---- What a loop writes ---------------------------------------------------------------------- */

typedef struct WriteScan {
    const Memory *memory;
    const unsigned *effects;
    Root table;
    bool stays;
} WriteScan;

static bool may_be_table(const WriteScan *scan, const Value *window) {
    Root root = memory_root(scan->memory, window);
    return roots_may_overlap(&root, &scan->table);
}

/* A function writes what it is given to write; in things that hold memory, anything. */
static bool call_may_write(const WriteScan *scan, const Op *call) {
    const IrFn *callee = call->attr.callee;
    if (callee->body == NULL) return true;
    for (uint32_t i = 0; i < call->operand_count; i++) {
        const Value *operand = call->operands[i];
        const IrParam *param = &callee->params.data[i];
        bool is_window = operand->type->kind == IR_VIEW || operand->type->kind == IR_BUF;
        if (is_window ? (param->is_written || param->is_owned) && may_be_table(scan, operand) : type_reaches_memory(operand->type))
            return true;
    }
    return false;
}

static void write_note(void *user, Op *op) {
    WriteScan *scan = user;
    if (!scan->stays || set_is_local(op) || !(op_effects(scan->effects, op) & EFFECT_WRITES)) return;
    if (op->kind == OP_CALL) scan->stays = !call_may_write(scan, op);
    else scan->stays = op->operand_count > 0 && op->operands[0]->type->kind == IR_VIEW && !may_be_table(scan, op->operands[0]);
}

bool table_stays(const Memory *memory, const unsigned *effects, const Value *view, Op *loop) {
    WriteScan scan = {memory, effects, memory_root(memory, view), true};
    if (value_is_made_in(view, loop)) return false;
    if (scan.table.kind != ROOT_PARAM && scan.table.kind != ROOT_ALLOC) return false;
    for (uint32_t i = 0; i < loop->region_count; i++) region_walk(loop->regions[i], write_note, &scan);
    return scan.stays;
}
