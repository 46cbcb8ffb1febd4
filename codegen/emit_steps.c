/* Elements whose places move along with a loop.
 *
 * A place is a sum of what is the same all along in the loop around it and of a multiple of the loop's index. A processor's
 * addresses hold the index itself, times 1, 2, 4 or 8; of any other multiple the loop keeps count, so that nothing is
 * multiplied in it, and places that move alike share the count. */
#include "codegen/emit.h"

#include <llvm-c/DebugInfo.h>

Spot ahead_of(const EmitLoop *loop) { return (Spot){.ahead_of = loop}; }

Spot here(FnEmit *f) {
    return (Spot){.block = LLVMGetInsertBlock(f->b), .line = LLVMGetCurrentDebugLocation2(f->b)};
}

void go_to(FnEmit *f, Spot spot) {
    if (spot.ahead_of != NULL) {
        LLVMPositionBuilderBefore(f->b, LLVMGetBasicBlockTerminator(spot.ahead_of->before));
        return;
    }
    LLVMPositionBuilderAtEnd(f->b, spot.block);
    LLVMSetCurrentDebugLocation2(f->b, spot.line);
}

/* ---- Sums and products ----------------------------------------------------------------------- */

static bool is_number(LLVMValueRef value, int64_t *number) {
    if (LLVMIsAConstantInt(value) == NULL) return false;
    *number = LLVMConstIntGetSExtValue(value);
    return true;
}

LLVMValueRef product(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    int64_t number;
    if (is_number(a, &number) && number == 1) return b;
    return is_number(b, &number) && number == 1 ? a : LLVMBuildMul(f->b, a, b, "");
}

static LLVMValueRef sum(FnEmit *f, LLVMValueRef a, LLVMValueRef b) {
    if (LLVMIsNull(a)) return b;
    return LLVMIsNull(b) ? a : LLVMBuildAdd(f->b, a, b, "");
}

bool is_same_number(LLVMValueRef a, LLVMValueRef b) {
    if (a == b) return true;
    if (LLVMIsABinaryOperator(a) == NULL || LLVMIsABinaryOperator(b) == NULL) return false;
    return LLVMGetInstructionOpcode(a) == LLVMGetInstructionOpcode(b) &&
           is_same_number(LLVMGetOperand(a, 0), LLVMGetOperand(b, 0)) &&
           is_same_number(LLVMGetOperand(a, 1), LLVMGetOperand(b, 1));
}

/* ---- What moves ------------------------------------------------------------------------------ */

static const Value *index_of(const EmitLoop *loop) { return loop->op->regions[0]->params[0]; }

static bool is_same_all_along(const Op *loop, const Affine *form) {
    for (uint32_t i = 0; i < form->count; i++) {
        const Value *value = form->terms[i].value;
        if (value == loop->regions[0]->params[0]) continue;
        if (value->type->scalar != SCALAR_I64 || value_is_made_in(value, loop)) return false;
    }
    return true;
}

bool moves_along(const Op *loop, const Value *view, const Affine *forms) {
    bool moves = false;
    if (value_is_made_in(view, loop)) return false;
    for (uint32_t i = 0; i < view->type->rank; i++) {
        if (!is_same_all_along(loop, &forms[i])) return false;
        moves = moves || affine_factor(&forms[i], loop->regions[0]->params[0]) != 0;
    }
    return moves;
}

/* Adds what an index of one dimension is of. */
static void moving_add(FnEmit *f, const EmitLoop *loop, Moving *m, const Affine *form, LLVMValueRef stride) {
    int64_t elements;
    LLVMValueRef rest = const_i64(f->e, 0);
    for (uint32_t i = 0; i < form->count; i++) {
        const AffineTerm *term = &form->terms[i];
        LLVMValueRef factor = const_i64(f->e, term->factor);
        if (term->value == index_of(loop)) m->factor = sum(f, m->factor, product(f, factor, stride));
        else rest = sum(f, rest, product(f, value_llvm(f, term->value), factor));
    }
    if (is_number(stride, &elements)) m->constant += form->constant * elements;
    else rest = sum(f, rest, const_i64(f->e, form->constant));
    if (!LLVMIsNull(rest)) m->rest = sum(f, m->rest, product(f, rest, stride));
}

Moving moving_of(FnEmit *f, const EmitLoop *loop, const Value *view, const Affine *forms) {
    const EmitView *window = value_view(f, view);
    Moving m = {const_i64(f->e, 0), const_i64(f->e, 0), 0};
    go_to(f, ahead_of(loop));
    for (uint32_t i = 0; i < window->rank; i++) moving_add(f, loop, &m, &forms[i], view_stride(f, window, i));
    return m;
}

/* ---- Counts ---------------------------------------------------------------------------------- */

/* A multiple of the loop's index, as the loop counts it; NULL: it counts too many already. */
static LLVMValueRef counted(FnEmit *f, EmitLoop *loop, LLVMValueRef factor) {
    for (uint32_t i = 0; i < loop->count_count; i++)
        if (is_same_number(loop->counts[i].factor, factor)) return loop->counts[i].phi;
    if (loop->count_count == MAX_COUNTS) return NULL;
    LLVMValueRef start = product(f, value_llvm(f, loop->op->operands[0]), factor);
    LLVMValueRef step = product(f, value_llvm(f, loop->op->operands[2]), factor);
    LLVMPositionBuilderBefore(f->b, loop->counter);
    LLVMValueRef phi = LLVMBuildPhi(f->b, f->e->i64, "");
    LLVMAddIncoming(phi, &start, &loop->before, 1);
    loop->counts[loop->count_count++] = (LoopCount){factor, step, phi};
    return phi;
}

void loop_counts_step(FnEmit *f, const EmitLoop *loop) {
    LLVMBasicBlockRef from = LLVMGetInsertBlock(f->b);
    for (uint32_t i = 0; i < loop->count_count; i++) {
        LLVMValueRef next = LLVMBuildAdd(f->b, loop->counts[i].phi, loop->counts[i].step, "");
        LLVMAddIncoming(loop->counts[i].phi, &next, &from, 1);
    }
}

/* What addresses multiply by. */
static bool fits_address(uint64_t bytes) { return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8; }

/* ---- Places ---------------------------------------------------------------------------------- */

/* LLVM makes its iterations of it: what is left is the loop around. */
static bool is_short(const EmitLoop *loop) {
    enum { FEW = 16 };
    int64_t from, to, step;
    return value_is_int(loop->op->operands[0], &from) && value_is_int(loop->op->operands[1], &to) &&
           value_is_int(loop->op->operands[2], &step) && step == 1 && from >= -FEW && to <= FEW;
}

typedef struct Place {
    const Value *view;
    Affine forms[MAX_RANK]; /* its indices */
} Place;

/* LLVM parts sums itself where an address is one of them, and differences nowhere. */
static bool takes_away(const Place *place) {
    for (uint32_t i = 0; i < place->view->type->rank; i++)
        for (uint32_t k = 0; k < place->forms[i].count; k++)
            if (place->forms[i].terms[k].factor < 0) return true;
    return false;
}

LLVMValueRef moved_by(FnEmit *f, LLVMTypeRef unit, LLVMValueRef base, LLVMValueRef by) {
    return LLVMIsNull(by) ? base : LLVMBuildGEP2(f->b, unit, base, &by, 1, "");
}

static Place without_index(const EmitLoop *loop, const Place *place) {
    Place rest = *place;
    for (uint32_t i = 0; i < place->view->type->rank; i++) {
        Affine index = affine_symbol(index_of(loop));
        affine_add(&rest.forms[i], &index, -affine_factor(&rest.forms[i], index_of(loop)));
    }
    return rest;
}

static LLVMValueRef place_build(FnEmit *f, EmitLoop *loop, const Place *place, Spot spot);

/* Where the place is but for the loop's index, in a loop that has to do with it more often. */
static LLVMValueRef rest_build(FnEmit *f, EmitLoop *loop, const Place *place, LLVMTypeRef elem, const Moving *m) {
    Place rest = without_index(loop, place);
    LLVMValueRef base = is_short(loop) ? place_build(f, loop->outer, &rest, ahead_of(loop)) : NULL;
    if (base != NULL) return moved_by(f, elem, base, const_i64(f->e, -m->constant));
    go_to(f, ahead_of(loop));
    return moved_by(f, elem, value_view(f, place->view)->data, m->rest);
}

/* NULL, if the place does not move along with the loop, or with its index as it stands. */
static LLVMValueRef place_build(FnEmit *f, EmitLoop *loop, const Place *place, Spot spot) {
    if (loop == NULL || loop->before == NULL || !moves_along(loop->op, place->view, place->forms)) return NULL;
    LLVMTypeRef elem = type_memory(f->e, place->view->type->elem);
    uint64_t bytes = (uint64_t)place->view->type->elem->size;
    Moving m = moving_of(f, loop, place->view, place->forms);
    int64_t factor;
    bool is_index = fits_address(bytes) && is_number(m.factor, &factor) && factor == 1;
    if (is_index && !is_short(loop) && !takes_away(place)) return NULL;
    LLVMTypeRef unit = fits_address(bytes) ? elem : f->e->i8;
    if (!fits_address(bytes)) m.factor = product(f, m.factor, const_i64(f->e, (int64_t)bytes));
    LLVMValueRef by = is_index ? value_llvm(f, index_of(loop)) : counted(f, loop, m.factor);
    if (by == NULL) return NULL;
    go_to(f, ahead_of(loop));
    LLVMValueRef base = rest_build(f, loop, place, elem, &m);
    go_to(f, spot);
    return moved_by(f, elem, moved_by(f, unit, base, by), const_i64(f->e, m.constant));
}

LLVMValueRef place_along_loop(FnEmit *f, const Value *view, const Affine *forms) {
    LLVMValueRef in_row = element_by_rows(f, f->loop, view, forms);
    if (in_row != NULL) return in_row;
    Place place = {.view = view};
    Spot end = here(f);
    for (uint32_t i = 0; i < view->type->rank; i++) place.forms[i] = forms[i];
    LLVMValueRef pointer = place_build(f, f->loop, &place, end);
    go_to(f, end);
    return pointer;
}

LLVMValueRef element_along_loop(FnEmit *f, const Value *view, Value *const *indices) {
    Affine forms[MAX_RANK];
    if (f->loop == NULL || f->loop->before == NULL) return NULL;
    for (uint32_t i = 0; i < view->type->rank; i++) forms[i] = affine_of(indices[i], NULL, NULL);
    return place_along_loop(f, view, forms);
}

/* ---- Numbers --------------------------------------------------------------------------------- */

LLVMValueRef number_along_loop(FnEmit *f, const Op *op) {
    EmitLoop *loop = f->loop;
    bool is_sum = op->kind == OP_ADD || op->kind == OP_SUB || op->kind == OP_MUL;
    const IrType *type = op_result(op)->type;
    if (!is_sum || loop == NULL || loop->before == NULL || !ir_is_scalar(type) || type->scalar != SCALAR_I64)
        return NULL;
    Affine form = affine_of(op_result(op), NULL, NULL);
    int64_t factor = affine_factor(&form, index_of(loop));
    if (factor == 0 || fits_address((uint64_t)factor) || !is_same_all_along(loop->op, &form)) return NULL;
    Spot end = here(f);
    Moving m = {const_i64(f->e, 0), const_i64(f->e, 0), 0};
    go_to(f, ahead_of(loop));
    moving_add(f, loop, &m, &form, const_i64(f->e, 1));
    m.rest = sum(f, m.rest, const_i64(f->e, m.constant));
    LLVMValueRef by = counted(f, loop, m.factor);
    go_to(f, end);
    return by == NULL ? NULL : sum(f, by, m.rest);
}
