/* cells: in loops, accesses through windows, to fields and to short rows are accesses to the array itself.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * How an access meets memory from one iteration to the next shows in its last index, so that index should
 * be one into the whole array. `x.row(i)[k]` becomes `x[i, k]`. A field of an element, `ps[i].y`, becomes a
 * cell of the array seen as one of numbers: structs lie side by side, so it is cell 2 * i + 1 if a struct
 * holds two of that size. So does an element of a short row, `rgb[i, 2]` of an array of n times 3. Checks have been
 * made before, and stay what they are. */
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"
#include "ir/passes/windows.h"

/* An array of structs, or of short rows, seen as one of numbers. */
typedef struct Cells {
    const Value *view;
    const IrType *cell;
    Value *made;
} Cells;

typedef struct Opening {
    PassContext *pass;
    IrFn *fn;
    Renames renames;
    Vec(Cells) cells;
} Opening;

static void access_replace(Opening *e, Op *op, Value *view, Value *const *indices) {
    Builder b = builder_before(op);
    b.span = op->span;
    e->pass->changed = true;
    if (op->result_count == 0) {
        build_store(&b, view, op->operands[1], indices);
    } else {
        Value *loaded = build_load(&b, view, indices);
        loaded->name = op_result(op)->name;
        renames_add(&e->renames, op_result(op), loaded);
    }
    op_unlink(op);
}

/* ---- Windows --------------------------------------------------------------------------------- */

static const Op *window_of(const Value *view) {
    return view->def != NULL && view->def->kind == OP_SLICE ? view->def : NULL;
}

/* The array behind the slices, with its indices. */
static Value *array_behind(Builder *b, Value *view, Value **indices) {
    for (const Op *slice = window_of(view); slice != NULL; slice = window_of(view)) {
        indices_through(b, slice, indices);
        view = slice->operands[0];
    }
    return view;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

/* Right behind the array, so that it is known wherever the array is. Numbers are what rows consist of, whose length
 * is the last dimension. */
static Value *cells_make(Value *view, const IrType *cell) {
    Builder b = builder_before(view->def);
    b.before = view->def->next;
    Value *dims[8], *buf = build_unary(&b, OP_BUF, view);
    uint32_t rank = view->type->rank;
    bool is_rows = cell == view->type->elem;
    for (uint32_t i = 0; i < rank; i++) dims[i] = build_dim(&b, view, i);
    Value *each = is_rows ? dims[--rank] : build_i64(&b, view->type->elem->size / cell->size);
    dims[rank - 1] = build_binary(&b, OP_MUL, dims[rank - 1], each);
    return build_view(&b, is_rows ? buf : build_cells(&b, buf, cell), dims, rank);
}

static Value *cells_of(Opening *e, Value *view, const IrType *cell) {
    for (uint32_t i = 0; i < e->cells.len; i++)
        if (e->cells.data[i].view == view && e->cells.data[i].cell == cell)
            return e->cells.data[i].made;
    Cells cells = {view, cell, cells_make(view, cell)};
    vec_push(e->pass->scratch, &e->cells, cells);
    return cells.made;
}

/* The ITEM that the field is in, and how many bytes further on; NULL: it is in no dense array. */
static const Op *item_of(const Value *ref, uint32_t *offset) {
    *offset = 0;
    for (; ref->def != NULL && ref->def->kind == OP_FIELD; ref = ref->def->operands[0])
        *offset += ir_field_offset(ref->def->operands[0]->type->elem, ref->def->attr.index);
    const Op *item = ref->def;
    bool in_array = item != NULL && item->kind == OP_ITEM && item->operands[0]->def != NULL &&
                    (!item->operands[0]->type->strided || window_of(item->operands[0]) != NULL);
    return in_array ? item : NULL;
}

static void field_open(Opening *e, Op *op) {
    const IrType *cell = op->operands[0]->type->elem;
    uint32_t offset;
    const Op *item = item_of(op->operands[0], &offset);
    if (item == NULL || !ir_is_scalar(cell)) return;
    Value *indices[8];
    uint32_t rank = item->operand_count - 1;
    Builder b = builder_before(op);
    for (uint32_t i = 0; i < rank; i++) indices[i] = item->operands[1 + i];
    Value *array = array_behind(&b, item->operands[0], indices);
    if (array->type->strided || array->def == NULL) return;
    if (array->type->elem->kind == IR_STRUCT) {
        Value **last = &indices[array->type->rank - 1];
        uint32_t each = array->type->elem->size / cell->size, at = offset / cell->size;
        *last = build_binary(&b, OP_MUL, *last, build_i64(&b, each));
        if (at != 0) *last = build_binary(&b, OP_ADD, *last, build_i64(&b, at));
        array = cells_of(e, array, cell);
    }
    access_replace(e, op, array, indices);
}

/* ---- Short rows ------------------------------------------------------------------------------ */

enum { SHORT_ROW = 8 };

/* The last dimension of a dense array that is there for all of the function; 0: it is no small constant. */
static int64_t row_length(const Value *view) {
    const Op *def = view->def;
    uint32_t rank = view->type->rank;
    int64_t length;
    if (def == NULL || view->type->strided || rank < 2 || !ir_is_scalar(view->type->elem)) return 0;
    bool is_alloc = def->kind == OP_ALLOC && def->parent->parent == NULL;
    if (def->kind != OP_VIEW && !is_alloc) return 0;
    const Value *last = def->operands[def->operand_count - 1];
    return value_is_int(last, &length) && length > 1 && length <= SHORT_ROW ? length : 0;
}

/* view[.., i, j] as rows[.., length * i + j]. */
static Value *row_open(Opening *e, Builder *b, Value *view, Value **indices) {
    uint32_t rank = view->type->rank;
    int64_t length = row_length(view), at;
    if (length == 0) return view;
    Value *start = build_binary(b, OP_MUL, indices[rank - 2], build_i64(b, length));
    bool is_first = value_is_int(indices[rank - 1], &at) && at == 0;
    indices[rank - 2] = is_first ? start : build_binary(b, OP_ADD, start, indices[rank - 1]);
    return cells_of(e, view, view->type->elem);
}

/* ---- Accesses -------------------------------------------------------------------------------- */

static void access_open(Opening *e, Op *op) {
    uint32_t first = op->kind == OP_STORE ? 2 : 1;
    Value *indices[8];
    Builder b = builder_before(op);
    for (uint32_t i = first; i < op->operand_count; i++) indices[i - first] = op->operands[i];
    Value *array = array_behind(&b, op->operands[0], indices);
    array = row_open(e, &b, array, indices);
    if (array != op->operands[0]) access_replace(e, op, array, indices);
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void op_open(void *user, Op *op) {
    Opening *e = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = renames_find(&e->renames, op->operands[i]);
    if (op->kind == OP_LOAD || op->kind == OP_STORE) access_open(e, op);
    else if (op->kind == OP_GET || op->kind == OP_SET) field_open(e, op);
}

static void loop_open(void *user, Op *op) {
    if (op->kind == OP_FOR) region_walk(op->regions[0], op_open, user);
}

/* Places and windows that were only there for the accesses: the last one first. */
static void unused_drop(Region *region, uint32_t *uses) {
    for (Op *op = region->last, *before; op != NULL; op = before) {
        before = op->prev;
        for (uint32_t i = 0; i < op->region_count; i++) unused_drop(op->regions[i], uses);
        bool is_address = op->kind == OP_SLICE || op->kind == OP_ITEM || op->kind == OP_FIELD;
        if (!is_address || uses[op_result(op)->id] != 0) continue;
        for (uint32_t i = 0; i < op->operand_count; i++) uses[op->operands[i]->id]--;
        op_unlink(op);
    }
}

static void fn_open(PassContext *pass, IrFn *fn) {
    Opening e = {.pass = pass, .fn = fn, .renames = {.arena = pass->scratch}};
    region_walk(fn->body, loop_open, &e);
    renames_apply(&e.renames, fn->body);
    unused_drop(fn->body, ir_count_uses(pass->scratch, fn));
}

void cells_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) fn_open(pass, module->fns.data[i]);
}
