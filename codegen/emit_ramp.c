/* Lanes at one distance from each other: gathers from such, and scatters to them, need no vector of places. */
#include "codegen/emit.h"

static bool ramp_of(FnEmit *f, const Value *lanes, Ramp *r);

static bool ramp_of_both(FnEmit *f, const Op *op, Ramp *r) {
    Ramp a, b;
    if (!ramp_of(f, op->operands[0], &a) || !ramp_of(f, op->operands[1], &b)) return false;
    if (op->kind == OP_ADD) {
        *r = (Ramp){LLVMBuildAdd(f->b, a.first, b.first, ""), LLVMBuildAdd(f->b, a.step, b.step, "")};
        return true;
    }
    bool same = LLVMIsNull(b.step);
    Ramp by = same ? b : a, ramp = same ? a : b;
    if (!LLVMIsNull(by.step)) return false;
    *r = (Ramp){LLVMBuildMul(f->b, ramp.first, by.first, ""), LLVMBuildMul(f->b, ramp.step, by.first, "")};
    return true;
}

/* As build_ramp (spmd_widen.c) makes it, or one number for all lanes. */
static bool ramp_of(FnEmit *f, const Value *lanes, Ramp *r) {
    const Op *def = lanes->def;
    if (def == NULL || lanes->type->scalar != SCALAR_I64) return false;
    switch ((int)def->kind) {
    case OP_SPLAT: *r = (Ramp){value_llvm(f, def->operands[0]), const_i64(f->e, 0)}; return true;
    case OP_LANES: *r = (Ramp){const_i64(f->e, 0), const_i64(f->e, 1)}; return true;
    case OP_ADD: case OP_MUL: return ramp_of_both(f, def, r);
    default: return false;
    }
}

/* In elements: of the first lane from the window's beginning, and from lane to lane. */
bool access_ramp(FnEmit *f, const LaneAccess *a, Ramp *r) {
    const EmitView *window = value_view(f, a->view);
    *r = (Ramp){const_i64(f->e, 0), const_i64(f->e, 0)};
    bool some = false;
    for (uint32_t i = 0; i < window->rank; i++) {
        bool spread = a->indices[i]->type->kind == IR_VEC;
        Ramp by = {NULL, const_i64(f->e, !spread && i + 1 == window->rank && !some)};
        if (!spread) by.first = value_llvm(f, a->indices[i]);
        else if (!ramp_of(f, a->indices[i], &by)) return false;
        some = some || spread;
        LLVMValueRef stride = view_stride(f, window, i);
        r->first = LLVMBuildAdd(f->b, r->first, LLVMBuildMul(f->b, by.first, stride, ""), "");
        r->step = LLVMBuildAdd(f->b, r->step, LLVMBuildMul(f->b, by.step, stride, ""), "");
    }
    return true;
}

static bool first_of_product(const Op *op, Affine *form);

/* The index of the first lane; false where it is not a form. */
static bool first_of(const Value *lanes, Affine *form) {
    const Op *def = lanes->def;
    bool is_vector = lanes->type->kind == IR_VEC;
    Affine other;
    switch (def == NULL || !is_vector ? (int)OP_COUNT : (int)def->kind) {
    case OP_SPLAT: *form = affine_of(def->operands[0], NULL, NULL); return true;
    case OP_LANES: *form = affine_const(0); return true;
    case OP_ADD:
        return first_of(def->operands[0], form) && first_of(def->operands[1], &other) && affine_add(form, &other, 1);
    case OP_MUL: return first_of_product(def, form);
    default: *form = affine_of(lanes, NULL, NULL); return !is_vector;
    }
}

static bool first_of_product(const Op *op, Affine *form) {
    Affine a, b;
    int64_t factor;
    *form = affine_const(0);
    if (!first_of(op->operands[0], &a) || !first_of(op->operands[1], &b)) return false;
    if (affine_is_const(&a, &factor)) return affine_add(form, &b, factor);
    return affine_is_const(&b, &factor) && affine_add(form, &a, factor);
}

/* Where the first lane is, if that moves along with the loop. */
static LLVMValueRef first_along_loop(FnEmit *f, const LaneAccess *a) {
    Affine forms[MAX_RANK];
    for (uint32_t i = 0; i < a->view->type->rank; i++)
        if (!first_of(a->indices[i], &forms[i])) return NULL;
    return place_along_loop(f, a->view, forms);
}

/* From lane to lane. In fours: x86 adds a step, two and three of them to an address without an instruction. */
enum { RAMP_GROUP = 4 };

typedef struct RampWalk {
    LLVMTypeRef elem;
    LLVMValueRef base, step, next; /* where the group begins; from lane to lane, and from group to group */
} RampWalk;

static RampWalk ramp_walk(FnEmit *f, const LaneAccess *a, const Ramp *r) {
    RampWalk walk = {.elem = LLVMGetElementType(a->memory), .base = first_along_loop(f, a), .step = r->step};
    LLVMValueRef first = r->first;
    if (walk.base == NULL) walk.base = LLVMBuildGEP2(f->b, walk.elem, value_view(f, a->view)->data, &first, 1, "");
    walk.next = LLVMBuildMul(f->b, r->step, const_i64(f->e, RAMP_GROUP), "");
    return walk;
}

/* Where the lane is, which comes behind the one before. */
static LLVMValueRef ramp_lane(FnEmit *f, RampWalk *walk, uint32_t lane) {
    if (lane != 0 && lane % RAMP_GROUP == 0) walk->base = LLVMBuildGEP2(f->b, walk->elem, walk->base, &walk->next, 1, "");
    LLVMValueRef offset = LLVMBuildMul(f->b, walk->step, const_i64(f->e, lane % RAMP_GROUP), "");
    return LLVMBuildGEP2(f->b, walk->elem, walk->base, &offset, 1, "");
}

LLVMValueRef load_ramp(FnEmit *f, const LaneAccess *a, const Ramp *r, LLVMTypeRef loaded, uint32_t lanes) {
    LLVMValueRef ones[MAX_LANES];
    RampWalk walk = ramp_walk(f, a, r);
    for (uint32_t i = 0; i < lanes; i++) ones[i] = load_lane(f, a, ramp_lane(f, &walk, i), loaded);
    return lanes_join(f, ones, loaded, lanes);
}

void store_ramp(FnEmit *f, const LaneAccess *a, const Ramp *r, LLVMValueRef value) {
    RampWalk walk = ramp_walk(f, a, r);
    for (uint32_t i = 0; i < LLVMGetVectorSize(a->memory); i++) {
        LLVMValueRef one = LLVMBuildExtractElement(f->b, value, const_i32(f->e, (int32_t)i), "");
        LLVMValueRef store = LLVMBuildStore(f->b, one, ramp_lane(f, &walk, i));
        LLVMSetAlignment(store, a->view->type->elem->align);
        access_mark(f, store, a->root);
    }
}
