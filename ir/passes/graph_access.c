#include "ir/passes/graph_access.h"

#include "ir/analysis/effects.h"

typedef struct Collect {
    Arena *arena;
    const Memory *memory;
    const unsigned *effects;
    PartAccess *part;
} Collect;

static void touch_add(Collect *c, Touch touch) { vec_push(c->arena, &c->part->touches, touch); }

/* ---- What an op touches ---------------------------------------------------------------------- */

static void memory_touch(Collect *c, const Value *view, bool writes) {
    Root root = memory_root(c->memory, view);
    bool is_own = root.value != NULL && value_is_made_in(root.value, c->part->task);
    if (is_own || root.kind == ROOT_NULL) return;
    touch_add(c, (Touch){.kind = TOUCH_MEMORY, .writes = writes, .root = root, .view = view});
}

static void unknown_touch(Collect *c, bool writes) {
    touch_add(c, (Touch){.kind = TOUCH_MEMORY, .writes = writes, .root = {.kind = ROOT_UNKNOWN}});
}

static void place_touch(Collect *c, const Op *op, const Value *ref, bool writes) {
    const Value *base = ref_base(ref);
    if (base->def != NULL && base->def->kind == OP_ITEM) {
        memory_touch(c, base->def->operands[0], writes);
        return;
    }
    if (value_is_made_in(base, c->part->task)) return;
    touch_add(c, (Touch){.kind = TOUCH_PLACE, .writes = writes, .ref = ref});
    bool is_access = op->kind == OP_GET || op->kind == OP_SET;
    if (!is_access && type_reaches_memory(ref->type->elem)) unknown_touch(c, writes);
}

static bool is_window(const Op *op) {
    switch ((int)op->kind) {
    case OP_SLICE: case OP_BUF: case OP_VIEW: case OP_STRIDED: case OP_CELLS: case OP_DIM: case OP_STRIDE:
    case OP_FIELD: case OP_LANE_ITEM: case OP_ITEM: case OP_EXTRACT: case OP_PREFETCH: case OP_APART:
        return true;
    default: return false;
    }
}

static bool operand_is_written(const Op *op, uint32_t i) {
    if (op->kind == OP_CALL) {
        const IrParam *param = &op->attr.callee->params.data[i];
        return param->is_written || param->is_owned;
    }
    return i == 0 && (op_info(op)->flags & OP_FLAG_WRITES);
}

static void operand_touch(Collect *c, const Op *op, uint32_t i) {
    const Value *operand = op->operands[i];
    bool writes = operand_is_written(op, i), is_call = op->kind == OP_CALL;
    switch (operand->type->kind) {
    case IR_REF: place_touch(c, op, operand, writes); return;
    case IR_ARENA: touch_add(c, (Touch){.kind = TOUCH_ARENA, .writes = true}); return;
    case IR_VIEW:
    case IR_BUF:
        if (is_call || i == 0 || op->kind == OP_PRINT) memory_touch(c, operand, writes);
        return;
    case IR_STRUCT:
    case IR_LIST:
        if (is_call && type_reaches_memory(operand->type)) unknown_touch(c, true);
        return;
    case IR_SCALAR: case IR_VEC: case IR_STR: case IR_ARRAY: case IR_TASK: return;
    }
}

static bool is_false(const Value *value) {
    uint64_t bits;
    return value_is_const(value, &bits) && bits == 0;
}

static void op_touch(void *user, Op *op) {
    Collect *c = user;
    bool tells = op->kind == OP_SET && op->operands[0] == c->part->task->operands[0];
    if (op->kind == OP_TRY || (tells && !is_false(op->operands[1]))) c->part->raises = true;
    if (tells || is_window(op)) return;
    if ((op->kind == OP_CALL || op->kind == OP_PRINT) && (op_effects(c->effects, op) & EFFECT_PRINTS))
        touch_add(c, (Touch){.kind = TOUCH_WORLD, .writes = true});
    for (uint32_t i = 0; i < op->operand_count; i++) operand_touch(c, op, i);
}

PartAccess part_access_of(Arena *arena, const Memory *memory, const unsigned *effects, const Op *task) {
    PartAccess part = {.task = task};
    Collect c = {arena, memory, effects, &part};
    region_walk(task->regions[0], op_touch, &c);
    return part;
}

/* ---- Windows --------------------------------------------------------------------------------- */

/* Where a window begins and ends: corners of it, in what it is a window onto. */
typedef struct Extent {
    Element first, end;
} Extent;

/* Slices that go forward, and a view that says its sizes. */
static bool extent_of(const Memory *memory, const Value *view, Extent *extent) {
    if (view->def != NULL && view->def->kind == OP_BUF) view = view->def->operands[0];
    view = view_behind_get(memory, view);
    if (view->type->kind != IR_VIEW) return false;
    Affine zero[8], size[8];
    for (uint32_t d = 0; d < view->type->rank; d++) {
        Value *count = view_dim(view, d);
        if (count == NULL) return false;
        zero[d] = affine_const(0);
        size[d] = affine_of(count, NULL, NULL);
    }
    for (const Value *at = view; at->def != NULL && at->def->kind == OP_SLICE;
         at = view_behind_get(memory, at->def->operands[0]))
        for (uint32_t i = 3; i < at->def->operand_count; i += 3) {
            int64_t step;
            if (!value_is_int(at->def->operands[i], &step) || step < 1) return false;
        }
    return element_of(memory, view, zero, &extent->first) && element_of(memory, view, size, &extent->end);
}

/* a - b; false where that is no affine form. */
static bool difference_of(const Affine *a, const Affine *b, Affine *difference) {
    *difference = *a;
    return affine_add(difference, b, -1);
}

/* Lengths of windows are never negative: as many of them are at least `least`, if no more is needed. */
static bool is_at_least(Affine form, const Affine *length, int64_t least) {
    enum { MOST = 8 };
    for (uint32_t i = 0; i < MOST; i++) {
        int64_t number;
        if (affine_is_const(&form, &number)) return number >= least;
        if (!affine_add(&form, length, -1)) return false;
    }
    return false;
}

/* An index that the window leaves out is one element. */
static bool ends_before(const Extent *a, const Extent *b, uint32_t d) {
    Affine gap, first, second;
    int64_t number;
    if (!difference_of(&b->first.index[d], &a->end.index[d], &gap) ||
        !difference_of(&a->end.index[d], &a->first.index[d], &first) ||
        !difference_of(&b->end.index[d], &b->first.index[d], &second))
        return false;
    int64_t least = affine_is_const(&first, &number) && number == 0 ? 1 : 0;
    return is_at_least(gap, &first, least) || is_at_least(gap, &second, least);
}

static bool windows_apart(const Memory *memory, const Value *a, const Value *b) {
    Extent x, y;
    if (a == NULL || b == NULL || !extent_of(memory, a, &x) || !extent_of(memory, b, &y)) return false;
    if (x.first.rank != y.first.rank || !bases_equal(x.first.base, y.first.base)) return false;
    for (uint32_t d = 0; d < x.first.rank; d++)
        if (ends_before(&x, &y, d) || ends_before(&y, &x, d)) return true;
    return false;
}

/* ---- Two calls ------------------------------------------------------------------------------- */

/* Different fields of one struct. */
static bool fields_differ(const Value *a, const Value *b) {
    const Op *x = a->def, *y = b->def;
    return x != NULL && y != NULL && x->kind == OP_FIELD && y->kind == OP_FIELD &&
           x->operands[0] == y->operands[0] && x->attr.index != y->attr.index;
}

static bool touches_meet(const Memory *memory, const Touch *a, const Touch *b) {
    if (a->kind != b->kind || (!a->writes && !b->writes)) return false;
    switch (a->kind) {
    case TOUCH_PLACE: return ref_base(a->ref) == ref_base(b->ref) && !fields_differ(a->ref, b->ref);
    case TOUCH_MEMORY: return roots_may_overlap(&a->root, &b->root) && !windows_apart(memory, a->view, b->view);
    case TOUCH_ARENA:
    case TOUCH_WORLD: return true;
    }
    UNREACHABLE();
}

bool part_waits(const Memory *memory, const PartAccess *before, const PartAccess *later) {
    if (before->raises && later->task->attr.flag) return true;
    for (uint32_t i = 0; i < before->touches.len; i++)
        for (uint32_t k = 0; k < later->touches.len; k++)
            if (touches_meet(memory, &before->touches.data[i], &later->touches.data[k])) return true;
    return false;
}
