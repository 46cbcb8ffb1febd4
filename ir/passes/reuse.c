/* reuse: memory that is only copied to where it is wanted is made there.
 *
 * Requires: stage TENSOR, with the ends of values (ERASED).
 * Establishes: nothing.
 * Breaks: nothing.
 *
 *     %y = alloc %n                                %y stands for %out
 *     .. %y is filled, in any way ..        =>     .. %out is filled ..
 *     assign %out, map load %y[..]
 *     free %y
 *
 * Legality: the destination is there before the origin is allocated, nothing looks at its memory
 * until the copy, and nothing but FREE looks at the origin's memory behind the copy. Both are asked
 * of all windows that lead to the memory; where one gets out of sight, the answer is no. Several
 * copies, on several ways out, may have one destination. */
#include "ir/analysis/memory.h"
#include "ir/passes/runs.h"

/* An allocation that is copied somewhere. */
typedef struct Origin {
    Op *alloc;
    Value *target;   /* the view that it is copied to */
    Vec(Op *) copies, frees;
    uint32_t last;   /* position of the last copy */
    bool is_refused;
} Origin;

typedef struct Reuse {
    PassContext *pass;
    IrFn *fn;
    uint32_t len;
    Origin **origins;   /* by value id: of an ALLOC's result */
    Vec(Origin *) all;
    const Value **root; /* by value id: what a window leads to; NULL: not known */
    uint32_t *order;    /* by op id: position in the text */
    uint32_t next;
} Reuse;

/* ---- Windows --------------------------------------------------------------------------------- */

static bool is_window(const Op *op) {
    return op->kind == OP_SLICE || op->kind == OP_VIEW || op->kind == OP_BUF ||
           op->kind == OP_STRIDED;
}

static const Value *root_of(const Reuse *r, const Value *value) {
    return value->id < r->len ? r->root[value->id] : NULL;
}

static bool sizes_agree(const Op *map, const Op *alloc) {
    for (uint32_t k = 0; k < map->operand_count; k++)
        if (!values_equal(map->operands[k], alloc->operands[k])) return false;
    return map->operand_count == alloc->operand_count;
}

static void copy_note(Reuse *r, Op *assign) {
    const Op *map = assign->operands[1]->def;
    Value *from = map != NULL && map->kind == OP_MAP ? map_copied(map) : NULL;
    Origin *origin = from != NULL && from->id < r->len ? r->origins[from->id] : NULL;
    if (origin == NULL) return;
    Value *to = assign->operands[0];
    bool fits = (origin->target == NULL || origin->target == to) && to->type == from->type &&
                sizes_agree(map, origin->alloc);
    if (!fits) origin->is_refused = true;
    origin->target = to;
    origin->last = r->order[assign->id];
    vec_push(r->pass->scratch, &origin->copies, assign);
}

static void op_note(void *user, Op *op) {
    Reuse *r = user;
    r->order[op->id] = r->next++;
    if (op->kind == OP_ALLOC) {
        Origin *origin = arena_new(r->pass->scratch, Origin);
        origin->alloc = op;
        r->origins[op_result(op)->id] = origin;
        r->root[op_result(op)->id] = op_result(op);
        vec_push(r->pass->scratch, &r->all, origin);
    } else if (is_window(op)) {
        r->root[op_result(op)->id] = root_of(r, op->operands[0]);
    } else if (op->kind == OP_ASSIGN) {
        copy_note(r, op);
    }
}

/* ---- Where control goes ---------------------------------------------------------------------- */

static bool encloses(const Region *outer, const Region *inner) {
    while (inner != NULL && inner != outer)
        inner = inner->parent == NULL ? NULL : inner->parent->parent;
    return inner == outer;
}

/* The copy is made once at most for each allocation, and behind it the function ends, or the
 * region of the allocation goes on. */
static bool in_loop_of_its_own(const Origin *origin, const Op *copy) {
    for (const Region *at = copy->parent; at != origin->alloc->parent; at = at->parent->parent) {
        if (at->parent == NULL) return true;
        if (at->parent->kind != OP_IF) return true;
    }
    return false;
}

/* `op` may run after the copy: it is behind it in the text, and control gets there. */
static bool may_follow(const Reuse *r, const Origin *origin, const Op *copy, const Op *op) {
    if (r->order[op->id] <= r->order[copy->id]) return false;
    for (const Region *at = copy->parent;; at = at->parent->parent) {
        if (encloses(at, op->parent)) return true;
        bool leaves = at->last != NULL && at->last->kind == OP_RETURN;
        if (leaves || at == origin->alloc->parent || at->parent == NULL) return false;
    }
}

static bool is_behind_a_copy(const Reuse *r, const Origin *origin, const Op *op) {
    for (uint32_t i = 0; i < origin->copies.len; i++)
        if (may_follow(r, origin, origin->copies.data[i], op)) return true;
    return false;
}

/* ---- Legality, use by use -------------------------------------------------------------------- */

static bool is_copy_of(const Origin *origin, const Op *op) {
    for (uint32_t i = 0; i < origin->copies.len; i++) {
        const Op *copy = origin->copies.data[i];
        if (op == copy || op->parent == copy->operands[1]->def->regions[0]) return true;
    }
    return false;
}

static bool only_measures(const Op *op) {
    return is_window(op) || op->kind == OP_DIM || op->kind == OP_STRIDE || op->kind == OP_APART;
}

static bool gives_window(const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++)
        if (type_reaches_memory(op->results[i]->type) && op->results[i]->type->kind != IR_ARRAY)
            return true;
    return false;
}

/* The window stays in sight. */
static bool is_plain_use(const Op *op, uint32_t operand) {
    switch ((int)op->kind) {
    case OP_LOAD:
    case OP_VLOAD:
    case OP_GATHER:
    case OP_PREFETCH:
    case OP_PRINT: return true;
    case OP_VSTORE:
    case OP_SCATTER:
    case OP_PACK:
    case OP_FREE:
    case OP_ASSIGN:
    case OP_STORE: return operand == 0;
    case OP_CALL: return !gives_window(op);
    default: return only_measures(op);
    }
}

static void origin_judge(const Reuse *r, Origin *origin, Op *op, uint32_t operand) {
    if (is_copy_of(origin, op)) return;
    if (op->kind == OP_FREE && op->operands[0] == op_result(origin->alloc)) {
        vec_push(r->pass->scratch, &origin->frees, op);
    } else if (!is_plain_use(op, operand) || op->kind == OP_FREE ||
               is_behind_a_copy(r, origin, op)) {
        origin->is_refused = true;
    }
}

/* The destination's memory: untouched until the last copy is made. */
static void target_judge(const Reuse *r, Origin *origin, const Op *op, uint32_t operand) {
    if (is_copy_of(origin, op) || only_measures(op)) return;
    bool is_later = r->order[op->id] > origin->last;
    if (!is_later || !is_plain_use(op, operand)) origin->is_refused = true;
}

typedef struct Judge {
    Reuse *r;
    Origin *origin;
} Judge;

static void op_judge(void *user, Op *op) {
    Judge *judge = user;
    Origin *origin = judge->origin;
    const Value *target = root_of(judge->r, origin->target);
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *root = root_of(judge->r, op->operands[i]);
        if (root == NULL) continue;
        if (root == op_result(origin->alloc)) origin_judge(judge->r, origin, op, i);
        if (root == target) target_judge(judge->r, origin, op, i);
    }
}

static bool target_is_there(const Reuse *r, const Origin *origin) {
    const Value *root = root_of(r, origin->target);
    const Op *def = origin->target->def;
    if (root == NULL || root == op_result(origin->alloc) || def == NULL) return false;
    bool is_blank = root->def == NULL || !root->def->attr.flag; /* nobody asked for zeros */
    return is_blank && r->order[def->id] < r->order[origin->alloc->id] &&
           encloses(def->parent, origin->alloc->parent);
}

static bool is_legal(Reuse *r, Origin *origin) {
    if (origin->target == NULL || origin->is_refused || !target_is_there(r, origin)) return false;
    for (uint32_t i = 0; i < origin->copies.len; i++)
        if (in_loop_of_its_own(origin, origin->copies.data[i])) return false;
    Judge judge = {r, origin};
    region_walk(r->fn->body, op_judge, &judge);
    return !origin->is_refused;
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static void zeros_assign(const Origin *origin) {
    const Op *alloc = origin->alloc;
    Builder b = builder_before(origin->alloc);
    const IrType *elem = op_result(alloc)->type->elem;
    Op *map = build_map(&b, elem, alloc->operands, alloc->operand_count);
    Builder inside = builder_at_end(map->regions[0], alloc->span);
    Value *zero = build_zero(&inside, elem);
    build_yield(&inside, &zero, 1);
    build_assign(&b, origin->target, op_result(map));
}

static void origin_apply(Reuse *r, Origin *origin) {
    if (origin->alloc->attr.flag) zeros_assign(origin);
    for (uint32_t i = 0; i < origin->copies.len; i++) op_unlink(origin->copies.data[i]);
    for (uint32_t i = 0; i < origin->frees.len; i++) op_unlink(origin->frees.data[i]);
    op_unlink(origin->alloc);
    ir_replace_value(r->fn, op_result(origin->alloc), origin->target);
    pass_remark(r->pass, r->fn, origin->alloc->span, REMARK_BUILT_IN_PLACE,
                "it would only have been copied there");
    r->pass->changed = true;
}

/* The memory of a result, which the caller has: nothing else leads to it. Where an error leaves the
 * function, it stays as it was. */
static void outs_note(Reuse *r) {
    if (r->fn->raises) return;
    for (uint32_t i = 0; i < r->fn->params.len; i++) {
        const IrParam *param = &r->fn->params.data[i];
        if (param->kind == PARAM_OUT) r->root[param->value->id] = param->value;
    }
}

/* One at a time: what is known is out of date then. */
static bool fn_reuse(PassContext *pass, IrFn *fn) {
    Reuse r = {.pass = pass, .fn = fn, .len = fn->next_value};
    r.origins = arena_array(pass->scratch, Origin *, r.len);
    r.root = arena_array(pass->scratch, const Value *, r.len);
    r.order = arena_array(pass->scratch, uint32_t, fn->next_op);
    outs_note(&r);
    region_walk(fn->body, op_note, &r);
    for (uint32_t i = 0; i < r.all.len; i++) {
        if (!is_legal(&r, r.all.data[i])) continue;
        origin_apply(&r, r.all.data[i]);
        return true;
    }
    return false;
}

void reuse_run(PassContext *pass, IrModule *module) {
    enum { REUSE_LIMIT = 64 }; /* for each function: beyond it there is machine-made code */
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        for (uint32_t k = 0; fn->body != NULL && k < REUSE_LIMIT && fn_reuse(pass, fn);) k++;
    }
}
