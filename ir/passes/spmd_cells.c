/* Fields of elements, `ps[i].x`, with neighbouring i, and what is laid out so by hand, `c[2 * i + 1]`: whole
 * structs are read or written at once.
 *
 * cells.c has made fields cells of an array of numbers. W structs of F cells are F vectors side by side in
 * memory: these are loaded, the same ones for all fields (cse finds that), and each field is shuffled out of
 * them. Stores wait until all fields of the struct are there, or all that are stored: what lies between is left alone, since
 * it may be somebody else's, so these vectors are stored under a mask, or in pieces. A field that is alone is a scatter. Where an
 * array of numbers is only used like structs, the same goes for loads: cells that nobody reads need not be there, unless
 * it has whole rows of them. */
#include "ir/passes/spmd.h"

/* A field is picked out of so many vectors at most; beyond, most of what is loaded is waste. */
enum { MOST_CELLS = 8, FOUR = 4 };

/* An access to cell `at` of the `each` of a struct, number `index` in the last dimension. */
typedef struct Cell {
    uint32_t each, at;
    const Value *index;
} Cell;

static uint32_t last_operand(const Op *op) { return op->operand_count - 1; }

/* A struct of the source. */
static bool field_of(const Op *op, Cell *cell) {
    const Op *view = op->operands[0]->def;
    const Op *cells = view != NULL && view->kind == OP_VIEW ? view->operands[0]->def : NULL;
    if (cells == NULL || cells->kind != OP_CELLS) return false;
    const Op *index = op->operands[last_operand(op)]->def;
    int64_t at = 0, each;
    cell->each = cells->operands[0]->type->elem->size / op->operands[0]->type->elem->size;
    if (index != NULL && index->kind == OP_ADD && value_is_int(index->operands[1], &at))
        index = index->operands[0]->def;
    bool scaled = index != NULL && index->kind == OP_MUL && value_is_int(index->operands[1], &each) &&
                  each == cell->each && at >= 0 && at < each;
    if (!scaled || each > MOST_CELLS) return false;
    cell->at = (uint32_t)at;
    cell->index = index->operands[0];
    return true;
}

/* Products with the same numbers are one index, whether or not they are one value. */
static const Value *scaled_by(const Value *index, int64_t each) {
    int64_t by;
    bool scales = index->def != NULL && index->def->kind == OP_MUL && value_is_int(index->def->operands[1], &by);
    return scales && by == each ? index->def->operands[0] : index;
}

/* Numbers used like one: an index that grows by `each`, and less than that behind it. */
static bool number_of(const Spmd *s, const Op *op, Cell *cell) {
    const Value *index = op->operands[last_operand(op)];
    int64_t at = 0;
    if (op->operands[0]->type->kind != IR_VIEW || op->operands[0]->type->strided) return false;
    if (index->def != NULL && index->def->kind == OP_ADD && value_is_int(index->def->operands[1], &at))
        index = index->def->operands[0];
    Form form = form_of(s, index);
    bool fits = form.shape == SHAPE_LINEAR && form.stride > 1 && form.stride <= MOST_CELLS &&
                at >= 0 && at < form.stride;
    if (!fits) return false;
    *cell = (Cell){(uint32_t)form.stride, (uint32_t)at, scaled_by(index, form.stride)};
    return true;
}

static bool cell_of(const Spmd *s, const Op *op, Cell *cell) {
    return field_of(op, cell) || number_of(s, op, cell);
}

/* ---- Stores of all fields -------------------------------------------------------------------- */

/* The stores that together fill a struct, or some cells of it, by cell, and the last of them in the text. */
typedef struct Filling {
    const Op *op;
    Cell cell;
    const Op *stores[MOST_CELLS];
    uint32_t count, filled; /* how many, and a bit for each */
    const Op *last;
} Filling;

static uint32_t first_index(const Op *op) { return op->kind == OP_STORE ? 2 : 1; }

static bool same_struct(const Spmd *s, const Filling *f, const Op *op, Cell *cell) {
    if (op->operands[0] != f->op->operands[0] || !cell_of(s, op, cell)) return false;
    if (cell->index != f->cell.index) return false;
    for (uint32_t i = first_index(op), k = first_index(f->op); k < last_operand(f->op); i++, k++)
        if (op->operands[i] != f->op->operands[k]) return false;
    return true;
}

/* Stores may wait for what comes behind this op. */
static bool passes(const Spmd *s, const Filling *f, const Op *op) {
    Cell cell;
    if (op->kind == OP_STORE) return same_struct(s, f, op, &cell);
    if (op_is_pure(op) || op->kind == OP_VAR) return true;
    if (op->kind == OP_GET || op->kind == OP_SET) {
        const Value *base = ref_base(op->operands[0]);
        return base->def != NULL && base->def->kind == OP_VAR;
    }
    if (op->kind != OP_LOAD) return false;
    if (same_struct(s, f, op, &cell)) return true; /* of a cell that is not stored yet: asked below */
    Root here = memory_root(&s->memory, op->operands[0]);
    Root there = memory_root(&s->memory, f->op->operands[0]);
    return !roots_may_overlap(&here, &there);
}

static bool is_filled(const Filling *f, uint32_t from, uint32_t count) {
    uint32_t cells = ((1u << count) - 1) << from;
    return (f->filled & cells) == cells;
}

/* By how many numbers of up to 8 bytes what is filled of a struct can be stored. */
static uint32_t piece_count(const Filling *f) {
    uint32_t most = (uint32_t)sizeof(uint64_t) / f->op->operands[0]->type->elem->size, each = f->cell.each, count = 0;
    for (uint32_t at = 0, cells; at < each; at += cells) {
        cells = 1;
        if (!is_filled(f, at, 1)) continue;
        count++;
        while (2 * cells <= most && each % (2 * cells) == 0 && at % (2 * cells) == 0 && is_filled(f, at, 2 * cells)) cells *= 2;
    }
    return count;
}

/* Stores together take less than each by itself. */
static bool is_worth_it(const Spmd *s, const Filling *f) {
    if (f->count < 2 || f->count == f->cell.each) return f->count > 1;
    return s->pass->options->has_masks || piece_count(f) < f->count;
}

/* False unless cells are stored, each once, with nothing in between that looks. */
static bool filling_find(const Spmd *s, Filling *f) {
    const Op *op = f->op;
    Cell cell;
    while (op->prev != NULL && passes(s, f, op->prev)) op = op->prev;
    for (; op != NULL && f->count < f->cell.each && passes(s, f, op); op = op->next) {
        bool access = op->kind == OP_STORE || op->kind == OP_LOAD;
        if (!access || !same_struct(s, f, op, &cell)) continue;
        if (is_filled(f, cell.at, 1)) return false;
        if (op->kind == OP_LOAD) continue;
        f->stores[cell.at] = f->last = op;
        f->filled |= 1u << cell.at;
        f->count++;
    }
    return is_worth_it(s, f) && f->stores[f->cell.at] == f->op;
}

/* What comes behind may not be reached, or only by some lanes. */
static bool may_end(const Op *op) {
    return op->kind == OP_CHECK || op->kind == OP_CALL || op->region_count != 0;
}

/* All cells are loaded with nothing in between that could keep one from being loaded, so all are there. */
static bool block_is_read(const Spmd *s, const Op *op) {
    Filling f = {.op = op};
    uint32_t found = 0;
    const Op *at = op;
    Cell cell;
    if (!cell_of(s, op, &f.cell)) return false;
    while (at->prev != NULL && !may_end(at->prev)) at = at->prev;
    for (; at != NULL && !may_end(at); at = at->next)
        if (at->kind == OP_LOAD && same_struct(s, &f, at, &cell)) found |= 1u << cell.at;
    return found == (1u << f.cell.each) - 1;
}

/* The array is one of whole rows, and the index that of a row, and so far into it. */
static bool has_rows(const Spmd *s, const Op *op) {
    const Value *view = op->operands[0], *index = op->operands[last_operand(op)];
    const Value *size = view_dim(view, view->type->rank - 1);
    int64_t at, each;
    Cell cell;
    if (size == NULL || !number_of(s, op, &cell)) return false;
    if (index->def != NULL && index->def->kind == OP_ADD && value_is_int(index->def->operands[1], &at))
        index = index->def->operands[0];
    each = cell.each;
    return scaled_by(index, each) != index && scaled_by(size, each) != size;
}

/* Of a struct they are anyway. */
static bool may_load_block(const Spmd *s, const Op *op) {
    Cell cell;
    return field_of(op, &cell) || has_rows(s, op) || block_is_read(s, op);
}

bool cells_side_by_side(const Spmd *s, const Op *op) {
    Filling f = {.op = op};
    if (!cell_of(s, op, &f.cell) || form_of(s, op->operands[last_operand(op)]).stride != f.cell.each)
        return false;
    return op->kind == OP_LOAD ? may_load_block(s, op) : filling_find(s, &f);
}

/* ---- Widening -------------------------------------------------------------------------------- */

static Value *moved(Widen *w, Value *index, int64_t by) {
    return by == 0 ? index : build_binary(&w->b, OP_ADD, index, build_i64(&w->b, by));
}

bool widen_load_cells(Widen *w, const Op *op, Value **indices, uint32_t count) {
    Cell cell;
    if (!steps_are_loaded(w) || !cell_of(w->s, op, &cell)) return false;
    if (!may_load_block(w->s, op)) return false;
    Value *view = scalar_in(w, op->operands[0]);
    indices[count - 1] = moved(w, indices[count - 1], -(int64_t)cell.at);
    Value *field = field_of_few(w, view, indices, count, cell.each, cell.at);
    if (field == NULL) field = field_loaded(w, view, indices, count, cell.each, cell.at);
    widen_set(w, op_result(op), NULL, field);
    return true;
}

/* Vector k of structs of four cells, of which two pairs were woven before, for the half of the lanes that it is in. */
static Value *woven_four(Widen *w, Value *const *fields, uint32_t k) {
    uint16_t pair[MAX_LANES], four[MAX_LANES];
    for (uint32_t i = 0; i < w->lanes; i++) {
        pair[i] = (uint16_t)(i % 2 * w->lanes + k / 2 * (w->lanes / 2) + i / 2);
        four[i] = (uint16_t)(i / 2 % 2 * w->lanes + k % 2 * (w->lanes / 2) + i / FOUR * 2 + i % 2);
    }
    Value *low = build_shuffle(&w->b, fields[0], fields[1], pair, w->lanes);
    Value *high = build_shuffle(&w->b, fields[2], fields[3], pair, w->lanes);
    return build_shuffle(&w->b, low, high, four, w->lanes);
}

/* Vector k of the structs: lane j is cell (k * W + j) of them all. */
static Value *woven(Widen *w, Value *const *fields, uint32_t each, uint32_t k) {
    Value *whole = fields[0];
    if (each == FOUR && w->lanes >= FOUR) return woven_four(w, fields, k);
    for (uint32_t f = 1; f < each; f++) {
        uint16_t pick[MAX_LANES];
        for (uint32_t j = 0; j < w->lanes; j++) {
            uint32_t cell = k * w->lanes + j, keep = f == 1 ? cell / each : j;
            pick[j] = (uint16_t)(cell % each == f ? w->lanes + cell / each : keep);
        }
        whole = build_shuffle(&w->b, whole, fields[f], pick, w->lanes);
    }
    return whole;
}

/* Lanes of vector k of cells that are stored; NULL: all are. */
static Value *filled_mask(Widen *w, const Filling *f, uint32_t k) {
    Value *mask = NULL;
    if (f->count == f->cell.each) return NULL;
    for (uint32_t at = 0; at < f->cell.each; at++) {
        if (!is_filled(f, at, 1)) continue;
        Value *here = steps_mask(w, w->lanes, k, f->cell.each, at);
        mask = mask == NULL ? here : build_binary(&w->b, OP_OR, mask, here);
    }
    return mask;
}

bool widen_store_cells(Widen *w, const Op *op) {
    Filling f = {.op = op};
    bool steps = cells_side_by_side(w->s, op) && cell_of(w->s, op, &f.cell);
    if (w->mask != NULL || w->lanes > MAX_LANES / 2 || !steps) return false;
    filling_find(w->s, &f);
    if (op != f.last) return true;
    Value *fields[MOST_CELLS], *indices[8], *view = scalar_in(w, op->operands[0]);
    for (uint32_t i = 0; i < f.cell.each; i++)
        fields[i] = vector_in(w, (is_filled(&f, i, 1) ? f.stores[i] : op)->operands[1]);
    uint32_t rank = op->operand_count - 2;
    for (uint32_t i = 0; i < rank; i++) indices[i] = scalar_in(w, op->operands[2 + i]);
    Value *first = moved(w, indices[rank - 1], -(int64_t)f.cell.at);
    for (uint32_t k = 0; k < f.cell.each; k++) {
        indices[rank - 1] = moved(w, first, (int64_t)k * w->lanes);
        build_vstore(&w->b, view, woven(w, fields, f.cell.each, k), indices, filled_mask(w, &f, k));
    }
    return true;
}
