/* Arrays of an iteration's own: memory that is made, used by element and freed within an iteration.
 *
 * Each lane has its own, and they lie interleaved: element k of all lanes side by side. So an element that all
 * lanes mean is a vector, and only lanes that mean different ones gather. The memory is made before the
 * loop and used again in each turn; it is small, and becomes a place on the stack (codegen/emit_stack.c). */
#include "ir/passes/spmd.h"

/* Of one lane. */
enum { PRIVATE_BYTES = 4096 };

bool is_private(const Spmd *s, const Value *view) {
    return view->def != NULL && view->def->kind == OP_ALLOC && !is_uniform(s, view);
}

typedef struct UseScan {
    const Value *view;
    bool others;
} UseScan;

static void use_note(void *user, Op *op) {
    UseScan *scan = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (op->operands[i] != scan->view) continue;
        bool access = op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_FREE;
        if (!access || i != 0) scan->others = true;
    }
}

static bool is_small(const Op *alloc) {
    const IrType *view = op_result(alloc)->type;
    int64_t bytes = view->elem->size, size;
    if (!ir_is_scalar(view->elem) || view->rank == 8) return false;
    for (uint32_t i = 0; i < view->rank; i++) {
        if (!value_is_int(alloc->operands[i], &size) || size < 0 || size > PRIVATE_BYTES) return false;
        bytes *= size;
        if (bytes > PRIVATE_BYTES) return false;
    }
    return true;
}

bool may_be_private(const SpmdLoop *l, const Op *alloc) {
    UseScan scan = {.view = op_result(alloc)};
    region_walk(l->loop->regions[0], use_note, &scan);
    return is_small(alloc) && !scan.others;
}

/* ---- The memory ------------------------------------------------------------------------------ */

typedef struct Making {
    Widen *w;
    Builder *b;
} Making;

static void alloc_make(void *user, Op *op) {
    const Making *making = user;
    if (op->kind != OP_ALLOC) return;
    Value *dims[8];
    int64_t size;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        KC_CHECK(value_is_int(op->operands[i], &size));
        dims[i] = build_i64(making->b, size);
    }
    dims[op->operand_count] = build_i64(making->b, making->w->lanes);
    const IrType *elem = op_result(op)->type->elem;
    Value *own = build_alloc(making->b, elem, dims, op->operand_count + 1, false);
    own->def->inlined_from = op->inlined_from;
    own->def->span = op->span;
    making->w->own[op_result(op)->id] = own;
}

static void alloc_end(void *user, Op *op) {
    const Making *making = user;
    if (op->kind != OP_ALLOC) return;
    Value *own = making->w->own[op_result(op)->id];
    build_op(making->b, OP_FREE, &own, 1, NULL, 0, 0);
}

void private_make(Widen *w, Builder *b) {
    Making making = {w, b};
    region_walk(w->l->loop->regions[0], alloc_make, &making);
}

void private_end(Widen *w, Builder *b) {
    Making making = {w, b};
    region_walk(w->l->loop->regions[0], alloc_end, &making);
}

/* Zeros for all lanes: one that is off has no such array now. */
static void zeros_store(Widen *w, Value *own) {
    Value *indices[8];
    uint32_t rank = own->type->rank - 1;
    Builder b = w->b;
    for (uint32_t d = 0; d < rank; d++) {
        Op *loop = build_for(&b, build_i64(&b, 0), own->def->operands[d], build_i64(&b, 1),
                             (OpLoop){.is_vector = true});
        indices[d] = loop->regions[0]->params[0];
        b = builder_at_end(loop->regions[0], w->b.span);
    }
    indices[rank] = build_i64(&b, 0);
    Value *zero = build_zero(&b, own->type->elem);
    build_vstore(&b, own, build_splat(&b, zero, w->lanes), indices, NULL);
}

/* Where the source makes the array, it begins a new life. */
void widen_alloc(Widen *w, const Op *op) {
    Value *own = w->own[op_result(op)->id];
    w->homes[op_result(op)->id] = w->mask;
    widen_set(w, op_result(op), own, NULL);
    if (op->attr.flag) zeros_store(w, own);
}

/* ---- Accesses -------------------------------------------------------------------------------- */

/* The first lane's element, or that of each lane by itself. */
static void indices_own(Widen *w, const Op *op, uint32_t first, bool together, Value **indices) {
    uint32_t count = op->operand_count - first;
    for (uint32_t i = 0; i < count; i++) {
        Value *index = op->operands[first + i];
        indices[i] = is_uniform(w->s, index) ? scalar_in(w, index) : vector_in(w, index);
    }
    indices[count] = together ? build_i64(&w->b, 0) : build_lanes(&w->b, SCALAR_I64, w->lanes);
}

void widen_load_private(Widen *w, const Op *op) {
    int64_t step;
    Value *indices[8];
    bool together = access_reach(w->s, op, &step) == REACH_OWN;
    indices_own(w, op, 1, together, indices);
    Value *mask = together && !w->may_be_empty ? NULL : w->mask;
    Value *own = scalar_in(w, op->operands[0]);
    widen_set(w, op_result(op), NULL, build_vload(&w->b, own, indices, w->lanes, mask));
}

/* Lanes that were off where the array was made will never look. */
void widen_store_private(Widen *w, const Op *op) {
    int64_t step;
    Value *indices[8];
    bool together = access_reach(w->s, op, &step) == REACH_OWN;
    indices_own(w, op, 2, together, indices);
    bool all = together && !w->may_be_empty && w->homes[op->operands[0]->id] == w->mask;
    Value *own = scalar_in(w, op->operands[0]);
    build_vstore(&w->b, own, vector_in(w, op->operands[1]), indices, all ? NULL : w->mask);
}
