/* slide: elements that lie between those of two vectors are taken from these.
 *
 * Requires: stage LOOP; works on loops over vectors.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A filter along a row loads vectors that begin an element further on each time, and most of them lie in two lines of the
 * cache, which takes two turns. Where x[i - 4] and x[i] are loaded, what x[i - 3] to x[i - 1] begin with is there already:
 * in each 16 bytes, the end of the one and the beginning of the other, which is one instruction for all of them. So of the
 * nine vectors from i - 4 to i + 4 three are loaded.
 *
 * Legality: all are loaded in one block without masks, and what stands between them neither writes that memory nor may
 * end the program, so that they can be loaded at the first of them. Profitability: the block loads more than it computes. */
#include "ir/analysis/effects.h"
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

enum {
    PART_BITS = 128,     /* what an instruction slides over */
    LEAST_BITS = 256,    /* narrower vectors seldom lie in two lines */
    MOST_LOADS = 16,     /* in a row */
    MOST_REACH = 32,     /* elements between the first and another */
    LEAST_SAVED = 2
};

typedef struct RowLoad {
    Op *op;
    int64_t offset; /* from the first one */
} RowLoad;

typedef struct Row {
    RowLoad loads[MOST_LOADS];
    uint32_t count;
    int64_t part; /* elements in PART_BITS */
    Root root;
} Row;

typedef struct Slide {
    PassContext *pass;
    const unsigned *effects;
    Memory memory;
    Renames renames;
    Vec(Row *) open;
} Slide;

/* ---- Rows ------------------------------------------------------------------------------------- */

static uint32_t last_index(const Op *load) { return load->operands[0]->type->rank; }

static bool is_plain_load(const Op *op) {
    if (op->kind != OP_VLOAD || op->operands[0]->type->strided) return false;
    const IrType *type = op_result(op)->type;
    return op->operand_count == 1 + op->operands[0]->type->rank && type->scalar != SCALAR_BOOL &&
           type->lanes * scalar_bits(type->scalar) % LEAST_BITS == 0;
}

static bool is_in_row(const Row *row, const Op *load, int64_t *offset) {
    const Op *first = row->loads[0].op;
    uint32_t last = last_index(load);
    if (op_result(first)->type != op_result(load)->type || first->operands[0] != load->operands[0]) return false;
    for (uint32_t d = 1; d < last; d++)
        if (!values_equal(first->operands[d], load->operands[d])) return false;
    return affine_difference(load->operands[last], first->operands[last], offset) && *offset >= -MOST_REACH &&
           *offset <= MOST_REACH;
}

static void load_note(Slide *s, Op *load) {
    int64_t offset;
    for (uint32_t i = 0; i < s->open.len; i++) {
        Row *row = s->open.data[i];
        if (row->count == MOST_LOADS || !is_in_row(row, load, &offset)) continue;
        row->loads[row->count++] = (RowLoad){load, offset};
        return;
    }
    Row *row = arena_new(s->pass->scratch, Row);
    row->loads[row->count++] = (RowLoad){load, 0};
    row->part = PART_BITS / scalar_bits(op_result(load)->type->scalar);
    row->root = memory_root(&s->memory, load->operands[0]);
    vec_push(s->pass->scratch, &s->open, row);
}

/* ---- Which of a row are loaded ---------------------------------------------------------------- */

/* How far it begins behind the last multiple of a part, counted from `phase`. */
static int64_t shift_of(const Row *row, int64_t offset, int64_t phase) {
    return ((offset - phase) % row->part + row->part) % row->part;
}

static bool has_offset(const Row *row, int64_t offset) {
    for (uint32_t i = 0; i < row->count; i++)
        if (row->loads[i].offset == offset) return true;
    return false;
}

/* It lies between two that begin with parts. */
static bool lies_between(const Row *row, int64_t offset, int64_t phase) {
    int64_t shift = shift_of(row, offset, phase);
    return shift != 0 && has_offset(row, offset - shift) && has_offset(row, offset - shift + row->part);
}

static uint32_t saved_by(const Row *row, int64_t phase) {
    uint32_t saved = 0;
    for (uint32_t i = 0; i < row->count; i++) saved += lies_between(row, row->loads[i].offset, phase);
    return saved;
}

/* ---- Apply ------------------------------------------------------------------------------------ */

static void replace(Slide *s, Op *load, Value *with) {
    renames_add(&s->renames, op_result(load), with);
    op_unlink(load);
    s->pass->changed = true;
}

static Value *slid(Builder *b, const Row *row, Value *low, Value *high, int64_t shift) {
    uint16_t lanes[MAX_LANES];
    uint32_t count = low->type->lanes, part = (uint32_t)row->part;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i % part + (uint32_t)shift;
        lanes[i] = (uint16_t)(i - i % part + (at < part ? at : count + at - part));
    }
    return build_shuffle(b, low, high, lanes, count);
}

static Value *loaded_at(const Row *row, Value *const *loaded, int64_t offset) {
    for (uint32_t i = 0; i < row->count; i++)
        if (row->loads[i].offset == offset && loaded[i] != NULL) return loaded[i];
    KC_BUG("a vector to slide from is missing");
}

/* Where the first of the row is loaded. */
static Value *load_early(Builder *b, const Row *row, uint32_t which) {
    const Op *first = row->loads[0].op;
    uint32_t last = last_index(first);
    Value *indices[8];
    for (uint32_t d = 0; d < last; d++) indices[d] = first->operands[1 + d];
    Value *ahead = build_i64(b, row->loads[which].offset);
    indices[last - 1] = build_binary(b, OP_ADD, indices[last - 1], ahead);
    return build_vload(b, first->operands[0], indices, op_result(first)->type->lanes, NULL);
}

static void row_apply(Slide *s, const Row *row, int64_t phase) {
    Value *loaded[MOST_LOADS] = {NULL};
    Builder b = builder_before(row->loads[0].op);
    for (uint32_t i = 0; i < row->count; i++)
        if (shift_of(row, row->loads[i].offset, phase) == 0) loaded[i] = load_early(&b, row, i);
    for (uint32_t i = 0; i < row->count; i++) {
        Op *load = row->loads[i].op;
        int64_t offset = row->loads[i].offset, low = offset - shift_of(row, offset, phase);
        b = builder_before(load);
        if (loaded[i] != NULL) replace(s, load, loaded[i]);
        else if (lies_between(row, offset, phase))
            replace(s, load, slid(&b, row, loaded_at(row, loaded, low), loaded_at(row, loaded, low + row->part), offset - low));
    }
}

static void row_close(Slide *s, const Row *row) {
    int64_t best = 0;
    for (int64_t phase = 1; phase < row->part; phase++)
        if (saved_by(row, phase) > saved_by(row, best)) best = phase;
    if (saved_by(row, best) >= LEAST_SAVED) row_apply(s, row, best);
}

/* ---- The walk --------------------------------------------------------------------------------- */

/* Of memory that may be this; NULL: of all. */
static void rows_close(Slide *s, const Root *root) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < s->open.len; i++) {
        Row *row = s->open.data[i];
        if (root == NULL || roots_may_overlap(&row->root, root)) row_close(s, row);
        else s->open.data[left++] = row;
    }
    s->open.len = left;
}

static void op_visit(Slide *s, Op *op) {
    unsigned effects = op_effects(s->effects, op);
    if (is_plain_load(op)) {
        load_note(s, op);
    } else if (op->kind == OP_STORE || op->kind == OP_VSTORE) {
        Root root = memory_root(&s->memory, op->operands[0]);
        rows_close(s, &root);
    } else if (op->region_count > 0 || (effects & ~(unsigned)EFFECT_READS && !set_is_local(op) && op->kind != OP_VAR)) {
        rows_close(s, NULL);
    }
}

static bool is_arithmetic(const Op *op) {
    return op_is_pure(op) && op->result_count == 1 && op_result(op)->type->kind == IR_VEC && op->kind != OP_SPLAT &&
           op->kind != OP_CONST;
}

static bool is_bound_by_loads(const Region *region) {
    uint32_t loads = 0, arithmetic = 0;
    for (const Op *op = region->first; op != NULL; op = op->next) {
        loads += is_plain_load(op);
        arithmetic += is_arithmetic(op);
    }
    return loads > LEAST_SAVED && 2 * loads > arithmetic;
}

static void region_visit(Slide *s, Region *region) {
    bool is_bound = is_bound_by_loads(region);
    for (Op *op = region->first; op != NULL; op = op->next)
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(s, op->regions[i]);
    if (!is_bound) return;
    for (Op *op = region->first; op != NULL; op = op->next) op_visit(s, op);
    rows_close(s, NULL);
}

void slide_run(PassContext *pass, IrModule *module) {
    if (!pass->options->has_word_masks || pass->options->vector_bits < LEAST_BITS) return;
    Slide s = {.pass = pass, .effects = effects_of_module(pass->scratch, module)};
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        s.memory = memory_of(pass->scratch, fn);
        s.renames = (Renames){.arena = pass->scratch};
        region_visit(&s, fn->body);
        renames_apply(&s.renames, fn->body);
    }
}
