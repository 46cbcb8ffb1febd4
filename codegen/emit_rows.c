/* Elements of many rows, in a loop along all of them or across.
 *
 * A filter of two or three dimensions reaches into more rows than a processor has registers for pointers, and what has none is
 * loaded from the stack in each turn. But rows lie at the same distance from each other: seen from one of them, which has a
 * pointer that moves along, others are 1, 2, 4 or 8 times that distance away, which addresses multiply by themselves, or
 * three times as many. So a few pointers and distances reach all of them. */
#include <string.h>

#include "codegen/emit.h"
#include "codegen/pipeline.h"

enum {
    MANY_ROWS = 14,  /* with fewer, each has its register */
    MOST_ROWS = 256,
    MOST_FAMILIES = 16,
    MOST_DISTANCES = 16
};

/* Rows whose places differ by numbers alone. */
typedef struct Family {
    const Value *view;
    Affine forms[MAX_RANK]; /* the indices of the first one, of an element whose last has no constant */
} Family;

typedef struct Row {
    uint32_t family;
    int64_t at[MAX_RANK]; /* from the first of the family, in each dimension but the last, where it is 0 */
    uint32_t anchor;      /* the row from which it is reached; its own number: it has a pointer */
    LLVMValueRef pointer; /* a phi, made when it is first asked for */
    LLVMValueRef step;    /* what it moves by in a turn, in elements */
} Row;

/* So many times the stride of a dimension, in bytes. */
typedef struct Distance {
    LLVMValueRef stride, bytes;
    int64_t times;
} Distance;

struct LoopRows {
    const Op *loop;
    Family families[MOST_FAMILIES];
    Row rows[MOST_ROWS];
    Distance distances[MOST_DISTANCES];
    uint32_t family_count, row_count, distance_count;
};

/* ---- Which rows there are -------------------------------------------------------------------- */

static bool is_of_family(const Family *family, const Value *view, const Affine *forms, int64_t *at) {
    if (family->view != view) return false;
    for (uint32_t d = 0; d < view->type->rank; d++) {
        Affine apart = forms[d];
        if (!affine_add(&apart, &family->forms[d], -1) || !affine_is_const(&apart, &at[d])) return false;
    }
    return true;
}

/* The family's number, and how far the element is from the first one's; MOST_FAMILIES: it is of none. */
static uint32_t family_of(const LoopRows *r, const Value *view, const Affine *forms, int64_t *at) {
    for (uint32_t i = 0; i < r->family_count; i++)
        if (is_of_family(&r->families[i], view, forms, at)) return i;
    return MOST_FAMILIES;
}

static Row *row_of(LoopRows *r, uint32_t family, const int64_t *at) {
    uint32_t dims = r->families[family].view->type->rank - 1;
    for (uint32_t i = 0; i < r->row_count; i++)
        if (r->rows[i].family == family && memcmp(r->rows[i].at, at, dims * sizeof *at) == 0) return &r->rows[i];
    return NULL;
}

static uint32_t family_add(LoopRows *r, const Value *view, const Affine *forms, int64_t *at) {
    if (r->family_count == MOST_FAMILIES) return MOST_FAMILIES;
    Family *family = &r->families[r->family_count];
    *family = (Family){.view = view};
    for (uint32_t d = 0; d < view->type->rank; d++) {
        family->forms[d] = forms[d];
        at[d] = 0;
    }
    family->forms[view->type->rank - 1].constant = 0;
    return r->family_count++;
}

static void row_note(LoopRows *r, const Value *view, Value *const *indices) {
    Affine forms[MAX_RANK];
    int64_t at[MAX_RANK] = {0};
    for (uint32_t d = 0; d < view->type->rank; d++) forms[d] = affine_of(indices[d], NULL, NULL);
    if (view->type->rank < 2 || view->type->strided || !moves_along(r->loop, view, forms)) return;
    uint32_t family = family_of(r, view, forms, at);
    if (family == MOST_FAMILIES) family = family_add(r, view, forms, at);
    if (family == MOST_FAMILIES || r->row_count == MOST_ROWS || row_of(r, family, at) != NULL) return;
    Row *row = &r->rows[r->row_count];
    *row = (Row){.family = family, .anchor = r->row_count};
    memcpy(row->at, at, (view->type->rank - 1) * sizeof *at);
    r->row_count++;
}

/* Not what is in loops within, which have pointers of their own. */
static void region_note(LoopRows *r, const Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next) {
        if (op->kind == OP_VLOAD) row_note(r, op->operands[0], op->operands + 1);
        if (op->kind == OP_VSTORE) row_note(r, op->operands[0], op->operands + 2);
        if (op->kind == OP_FOR || op->kind == OP_WHILE) continue;
        for (uint32_t i = 0; i < op->region_count; i++) region_note(r, op->regions[i]);
    }
}

/* ---- From which they are reached ------------------------------------------------------------- */

/* rows = scale * times, where an address has the scale, and a register the times. */
static bool within_reach(int64_t rows, int64_t *times, unsigned *scale) {
    for (*scale = 8; *scale > 0; *scale /= 2) {
        *times = rows / *scale;
        if (rows % *scale == 0 && (*times == 1 || *times == -1 || *times == 3 || *times == -3)) return true;
    }
    return false;
}

/* The only dimension in which `to` lies elsewhere than `from`, and how far; false where there is none, or several. */
static bool apart_in_one(const LoopRows *r, const Row *from, const Row *to, uint32_t *dim, int64_t *by) {
    uint32_t dims = r->families[from->family].view->type->rank - 1, count = 0;
    for (uint32_t d = 0; d < dims; d++) {
        if (from->at[d] == to->at[d]) continue;
        *dim = d;
        *by = to->at[d] - from->at[d];
        count++;
    }
    return count == 1;
}

static bool reaches(const LoopRows *r, const Row *from, const Row *to) {
    uint32_t dim;
    int64_t by, times;
    unsigned scale;
    return from->family == to->family && apart_in_one(r, from, to, &dim, &by) && within_reach(by, &times, &scale);
}

static uint32_t reached_from(const LoopRows *r, uint32_t from, const bool *done) {
    uint32_t count = !done[from];
    for (uint32_t i = 0; i < r->row_count; i++) count += !done[i] && reaches(r, &r->rows[from], &r->rows[i]);
    return count;
}

/* The row from which most can be reached has a pointer, then the one from which most of the others can. */
static void anchors_choose(LoopRows *r) {
    bool done[MOST_ROWS] = {false};
    for (;;) {
        uint32_t best = 0, most = 0;
        for (uint32_t i = 0; i < r->row_count; i++) {
            uint32_t count = reached_from(r, i, done);
            if (count <= most) continue;
            best = i;
            most = count;
        }
        if (most == 0) return;
        for (uint32_t i = 0; i < r->row_count; i++) {
            if (done[i] || !(i == best || reaches(r, &r->rows[best], &r->rows[i]))) continue;
            r->rows[i].anchor = best;
            done[i] = true;
        }
        r->rows[best].anchor = best;
    }
}

LoopRows *loop_rows_plan(FnEmit *f, const Op *loop) {
    if (!makes_steps(f->e) || !loop->attr.loop.is_vector) return NULL;
    LoopRows *r = arena_new(f->e->scratch, LoopRows);
    r->loop = loop;
    region_note(r, loop->regions[0]);
    if (r->row_count < MANY_ROWS) return NULL;
    anchors_choose(r);
    return r;
}

/* ---- Code ------------------------------------------------------------------------------------ */

/* To the first element of the row that the loop comes to, but for a constant in its last index; moves along with the loop. */
static LLVMValueRef row_pointer(FnEmit *f, EmitLoop *loop, Row *row) {
    if (row->pointer != NULL) return row->pointer;
    const Family *family = &loop->rows->families[row->family];
    const Value *view = family->view;
    LLVMTypeRef elem = type_memory(f->e, view->type->elem);
    Affine forms[MAX_RANK];
    Spot end = here(f);
    for (uint32_t d = 0; d < view->type->rank; d++) {
        forms[d] = family->forms[d];
        forms[d].constant += row->at[d];
    }
    Moving m = moving_of(f, loop, view, forms);
    LLVMValueRef start = moved_by(f, elem, value_view(f, view)->data, m.rest);
    start = moved_by(f, elem, start, product(f, value_llvm(f, loop->op->operands[0]), m.factor));
    start = moved_by(f, elem, start, const_i64(f->e, m.constant));
    row->step = product(f, value_llvm(f, loop->op->operands[2]), m.factor);
    LLVMPositionBuilderBefore(f->b, loop->counter);
    row->pointer = LLVMBuildPhi(f->b, f->e->ptr, "");
    LLVMAddIncoming(row->pointer, &start, &loop->before, 1);
    go_to(f, end);
    return row->pointer;
}

void loop_rows_step(FnEmit *f, const EmitLoop *loop) {
    LLVMBasicBlockRef from = LLVMGetInsertBlock(f->b);
    if (loop->rows == NULL) return;
    for (uint32_t i = 0; i < loop->rows->row_count; i++) {
        Row *row = &loop->rows->rows[i];
        if (row->pointer == NULL) continue;
        LLVMTypeRef elem = type_memory(f->e, loop->rows->families[row->family].view->type->elem);
        LLVMValueRef next = LLVMBuildGEP2(f->b, elem, row->pointer, &row->step, 1, "");
        LLVMAddIncoming(row->pointer, &next, &from, 1);
    }
}

/* NULL: there are too many distances already. */
static LLVMValueRef distance(FnEmit *f, EmitLoop *loop, const Value *view, uint32_t dim, int64_t times) {
    LoopRows *r = loop->rows;
    Spot end = here(f);
    go_to(f, ahead_of(loop));
    LLVMValueRef stride = view_stride(f, value_view(f, view), dim);
    LLVMValueRef size = const_i64(f->e, times * (int64_t)view->type->elem->size), bytes = NULL;
    for (uint32_t i = 0; i < r->distance_count && bytes == NULL; i++)
        if (is_same_number(r->distances[i].stride, stride) && r->distances[i].times == times) bytes = r->distances[i].bytes;
    if (bytes == NULL && r->distance_count < MOST_DISTANCES) {
        bytes = LLVMBuildMul(f->b, stride, size, "");
        r->distances[r->distance_count++] = (Distance){stride, bytes, times};
    }
    go_to(f, end);
    return bytes;
}

LLVMValueRef element_by_rows(FnEmit *f, EmitLoop *loop, const Value *view, const Affine *forms) {
    int64_t at[MAX_RANK] = {0}, by, times;
    uint32_t dim;
    unsigned scale;
    LoopRows *r = loop == NULL ? NULL : loop->rows;
    uint32_t family = r == NULL ? MOST_FAMILIES : family_of(r, view, forms, at);
    Row *row = family == MOST_FAMILIES ? NULL : row_of(r, family, at);
    if (row == NULL) return NULL;
    Row *anchor = &r->rows[row->anchor];
    LLVMValueRef pointer = row_pointer(f, loop, anchor);
    if (row != anchor) {
        bool fits = apart_in_one(r, anchor, row, &dim, &by) && within_reach(by, &times, &scale);
        KC_CHECK(fits);
        LLVMValueRef bytes = distance(f, loop, view, dim, times);
        if (bytes == NULL) return NULL;
        pointer = moved_by(f, LLVMIntTypeInContext(f->e->llvm, 8 * scale), pointer, bytes);
    }
    return moved_by(f, type_memory(f->e, view->type->elem), pointer, const_i64(f->e, at[view->type->rank - 1]));
}
