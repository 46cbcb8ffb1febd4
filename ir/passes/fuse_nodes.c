/* What an op does, its regions included: memory, variables, and what keeps its place. */
#include "ir/analysis/effects.h"
#include "ir/passes/fuse.h"

typedef struct Summer {
    Fuse *f;
    Node *node;
} Summer;

static bool is_made_inside(const Value *value, const Op *op) {
    return value->def == op || value_is_made_in(value, op);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static const Op *loop_around(const Op *op) {
    const Region *region = op->parent;
    while (region->parent != NULL && region->parent->kind != OP_FOR &&
           region->parent->kind != OP_WHILE)
        region = region->parent->parent;
    return region->parent;
}

static bool element_moves(const Element *element, const Op *loop) {
    for (uint32_t d = 0; loop != NULL && d < element->rank; d++)
        for (uint32_t i = 0; i < element->index[d].count; i++)
            if (value_is_made_in(element->index[d].terms[i].value, loop)) return true;
    return false;
}

static void access_add(Summer *s, const Access *access) {
    bool is_ours = access->view != NULL && access->root.kind == ROOT_ALLOC;
    s->node->touches_memory = true;
    if (access->writes && !is_ours) s->node->writes_visible = true;
    vec_push(s->f->pass->scratch, &s->node->accesses, *access);
}

static void element_add(Summer *s, const Op *op) {
    const Value *view = op->operands[0];
    Access access = {.view = view, .root = memory_root(&s->f->memory, view), .writes = op->kind == OP_STORE};
    access.is_whole = !element_accessed(&s->f->memory, op, &access.element);
    access.is_streamed = access.is_whole || element_moves(&access.element, loop_around(op));
    access_add(s, &access);
}

static void whole_add(Summer *s, const Value *view, bool writes) {
    Access access = {.view = view, .writes = writes, .is_whole = true, .is_streamed = true};
    if (view != NULL) access.root = memory_root(&s->f->memory, view);
    access_add(s, &access);
}

/* ---- Variables and places -------------------------------------------------------------------- */

static void place_add(Summer *s, const Value *ref, bool sets) {
    const Value *base = ref_base(ref);
    if (base->def != NULL && base->def->kind == OP_ITEM) {
        whole_add(s, base->def->operands[0], sets);
        return;
    }
    if (base->def != NULL && is_made_inside(base, s->node->op)) return;
    VarAccess access = {base, sets};
    vec_push(s->f->pass->scratch, &s->node->vars, access);
    bool is_ours = base->def != NULL && base->def->kind == OP_VAR;
    if (sets && !is_ours) s->node->writes_visible = true;
}

static void call_add(Summer *s, const Op *call) {
    unsigned effects = op_effects(s->f->effects, call);
    bool writes = effects & EFFECT_WRITES;
    if (effects == EFFECT_ALL) s->node->is_wall = true;
    s->node->has_effect |= (effects & (EFFECT_PRINTS | EFFECT_ENDLESS)) != 0;
    s->node->has_effect |= call->attr.callee->raises; /* it may leave a message */
    s->node->may_panic |= (effects & EFFECT_PANICS) != 0;
    for (uint32_t i = 0; i < call->operand_count; i++) {
        const Value *operand = call->operands[i];
        if (operand->type->kind == IR_REF) {
            place_add(s, operand, true);
            if (type_reaches_memory(operand->type)) whole_add(s, NULL, writes);
        } else if (type_reaches_memory(operand->type)) {
            bool is_window = operand->type->kind == IR_VIEW || operand->type->kind == IR_BUF;
            whole_add(s, is_window ? operand : NULL, writes);
        }
    }
}

static void print_add(Summer *s, const Op *print) {
    s->node->has_effect = true;
    for (uint32_t i = 0; i < print->operand_count; i++)
        if (type_reaches_memory(print->operands[i]->type)) whole_add(s, print->operands[i], false);
}

/* Freed memory is not seen after a panic: it is no visible write. */
static void free_add(Summer *s, const Op *op) {
    bool was_visible = s->node->writes_visible;
    bool is_window = op->operands[0]->type->kind == IR_VIEW;
    whole_add(s, is_window ? op->operands[0] : NULL, true);
    s->node->writes_visible = was_visible;
}

/* ---- One op ---------------------------------------------------------------------------------- */

static bool is_known(OpKind kind) {
    return kind == OP_IF || kind == OP_FOR || kind == OP_WHILE || kind == OP_VAR ||
           kind == OP_YIELD;
}

/* A way out of the node; `loops` counts the loops between it and the op. */
static bool leaves(const Node *node, const Op *op) {
    if (op->kind == OP_RETURN || op->kind == OP_RAISE) return true;
    if (op->kind != OP_BREAK && op->kind != OP_CONTINUE) return false;
    const Region *region = op->parent;
    for (; region->parent != NULL; region = region->parent->parent) {
        const Op *around = region->parent;
        bool is_loop = around->kind == OP_FOR || around->kind == OP_WHILE;
        bool is_done = is_loop && region == around->regions[around->region_count - 1];
        if (is_loop && !is_done) return false;
        if (around == node->op) return true;
    }
    return true;
}

static void op_add(Summer *s, const Op *op) {
    switch ((int)op->kind) {
    case OP_LOAD: case OP_STORE: element_add(s, op); return;
    case OP_GET:
    case OP_ITEMS: place_add(s, op->operands[0], false); return;
    case OP_SET: place_add(s, op->operands[0], true); return;
    case OP_CALL: call_add(s, op); return;
    case OP_PRINT: print_add(s, op); return;
    case OP_FREE: free_add(s, op); return;
    case OP_CHECK:
    case OP_ALLOC: s->node->may_panic = true; return;
    default: break;
    }
    if (op->kind == OP_WHILE) s->node->has_effect = true;
    if (leaves(s->node, op)) s->node->is_wall = true;
    bool is_jump = op->kind == OP_BREAK || op->kind == OP_CONTINUE;
    if (!op_is_pure(op) && !is_known(op->kind) && !is_jump) s->node->is_wall = true;
}

static void op_visit(void *user, Op *op) {
    Summer *s = user;
    s->node->op_count++;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_made_inside(op->operands[i], s->node->op))
            vec_push(s->f->pass->scratch, &s->node->uses, (const Value *)op->operands[i]);
    op_add(s, op);
}

/* ---- Loops ----------------------------------------------------------------------------------- */

typedef struct BodyScan {
    const Op *loop;
    bool has_inner, is_left;
} BodyScan;

static void body_visit(void *user, Op *op) {
    BodyScan *scan = user;
    bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
    scan->has_inner = scan->has_inner || is_loop;
    bool is_jump = op->kind == OP_BREAK || op->kind == OP_CONTINUE;
    if (is_jump && loop_around(op) == scan->loop) scan->is_left = true;
}

static const char *loop_refusal(const Node *node, const BodyScan *scan) {
    const Op *loop = node->op;
    int64_t step;
    if (!value_is_int(loop->operands[2], &step)) return "the step of a loop is not known";
    if (loop->regions[1]->first != NULL || scan->is_left) return "a loop may end early";
    if (loop->attr.loop.is_parallel) return "a loop is split over threads as it stands";
    if (node->has_effect) return "what a loop prints, or waits for, keeps its place";
    return NULL;
}

Node *node_of(Fuse *f, Op *op) {
    Node *node = arena_new(f->pass->scratch, Node);
    Summer s = {f, node};
    node->op = op;
    op_visit(&s, op);
    for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], op_visit, &s);
    if (op_ends(op)) node->is_wall = true;
    if (op->kind != OP_FOR) return node;
    BodyScan scan = {.loop = op};
    region_walk(op->regions[0], body_visit, &scan);
    node->has_inner = scan.has_inner;
    node->refusal = loop_refusal(node, &scan);
    return node;
}

/* ---- Order ----------------------------------------------------------------------------------- */

static bool uses_result(const Node *before, const Node *after) {
    for (uint32_t i = 0; i < after->uses.len; i++)
        if (after->uses.data[i]->def == before->op) return true;
    return false;
}

static bool is_var(const Value *base) {
    return base->def != NULL && base->def->kind == OP_VAR;
}

static bool vars_meet(const Node *a, const Node *b) {
    for (uint32_t i = 0; i < a->vars.len; i++)
        for (uint32_t k = 0; k < b->vars.len; k++) {
            const VarAccess *x = &a->vars.data[i], *y = &b->vars.data[k];
            bool may_be_same = x->base == y->base || (!is_var(x->base) && !is_var(y->base));
            if ((x->sets || y->sets) && may_be_same) return true;
        }
    return false;
}

static bool memory_meets(const Node *a, const Node *b) {
    for (uint32_t i = 0; i < a->accesses.len; i++)
        for (uint32_t k = 0; k < b->accesses.len; k++) {
            const Access *x = &a->accesses.data[i], *y = &b->accesses.data[k];
            if (!x->writes && !y->writes) continue;
            if (x->view == NULL || y->view == NULL || roots_may_overlap(&x->root, &y->root))
                return true;
        }
    return false;
}

/* A check stays before what it guards, and behind what is seen. It may move before the stores of a
 * loop; docs/passes.md says so. */
static bool effects_meet(const Node *a, const Node *b) {
    bool b_is_seen = b->has_effect || b->writes_visible;
    if (a->has_effect) return b_is_seen || b->may_panic;
    if (a->may_panic) return b_is_seen || b->touches_memory;
    if (!a->writes_visible) return false;
    return b->has_effect || (b->may_panic && a->op->kind != OP_FOR);
}

bool node_depends(const Node *before, const Node *after) {
    return uses_result(before, after) || vars_meet(before, after) || effects_meet(before, after) ||
           memory_meets(before, after);
}

/* ---- The function ---------------------------------------------------------------------------- */

static void access_count(void *user, Op *op) {
    Fuse *f = user;
    bool is_window = op->kind == OP_SLICE || op->kind == OP_DIM || op->kind == OP_STRIDE ||
                     op->kind == OP_FREE;
    for (uint32_t i = 0; i < op->operand_count && !is_window; i++) {
        if (op->operands[i]->type->kind != IR_VIEW) continue;
        Root root = memory_root(&f->memory, op->operands[i]);
        if (root.kind == ROOT_ALLOC) f->accesses[root.value->id]++;
    }
}

Fuse fuse_begin(PassContext *pass, const unsigned *effects, IrFn *fn) {
    Fuse f = {.pass = pass, .fn = fn, .effects = effects, .value_len = fn->next_value};
    f.memory = memory_of(pass->scratch, fn);
    f.intervals = intervals_of(pass->scratch, fn);
    f.accesses = arena_array(pass->scratch, uint32_t, f.value_len);
    region_walk(fn->body, access_count, &f);
    return f;
}
