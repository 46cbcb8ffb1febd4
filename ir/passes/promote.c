/* promote: an element that a loop reads and writes at the same place in all iterations is a variable while it runs.
 *
 *     for i:                                       v = low[c]
 *         low[c] = min(low[c], x[i])       =>      for i:
 *                                                      v = min(v, x[i])
 *                                                  low[c] = v
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A load of what the iteration before stored takes three times as long as an addition, and iterations that share an
 * element are no lanes; a variable that is only accumulated in is one that spmd has accumulators for. Outer loops come
 * first, so that an element is loaded and stored as seldom as possible.
 *
 * Legality: index and array come from outside of the loop, and no other access in it can be to that element: another
 * array, or an index that is provably another. Nothing in it may panic, since what was stored before shows then, but in
 * memory that is the function's own; on ways out the element is stored first. It is there to be loaded and stored, even
 * if no iteration does: the index is proved to be in range; or each iteration stores it, and the loop is asked whether
 * it runs. Only the latter will do in functions that are called for parts of a range, where the element may be another
 * thread's. */
#include "ir/analysis/effects.h"
#include "ir/analysis/likeness.h"
#include "ir/passes/cloner.h"
#include "ir/passes/forms.h"
#include "ir/passes/loop_exits.h"
#include "ir/passes/runs.h"

enum { MOST_STORES = 64 /* of a loop, that are looked at */ };

typedef struct Promote {
    PassContext *pass;
    IrFn *fn;
    const unsigned *effects;
    Memory memory;
    Ranges *ranges; /* what is known where the walk is */
    Span told;      /* of the last store that was spoken of, which may be there several times */
} Promote;

/* An element that may become a variable of the loop. */
typedef struct Candidate {
    Op *loop;
    const Op *model; /* a store to it */
    Root root;
    Element element;
    OpVec accesses, exits;
    bool is_always_stored; /* in each iteration */
    bool is_wrong;
} Candidate;

/* ---- Which element ----------------------------------------------------------------------------- */

static bool is_fixed(const Op *loop, const Element *element) {
    if (value_is_made_in(element->base, loop)) return false;
    for (uint32_t d = 0; d < element->rank; d++)
        for (uint32_t i = 0; i < element->index[d].count; i++)
            if (value_is_made_in(element->index[d].terms[i].value, loop)) return false;
    return true;
}

/* ---- What else the loop does ------------------------------------------------------------------- */

static void access_note(const Promote *p, Candidate *c, Op *op) {
    Root root = memory_root(&p->memory, op->operands[0]);
    Element element;
    if (!roots_may_overlap(&c->root, &root)) return;
    Likeness like = element_accessed(&p->memory, op, &element) ? elements_compare(p->ranges, &c->element, &element) : LIKE_MAYBE;
    c->is_wrong = c->is_wrong || like == LIKE_MAYBE;
    if (like != LIKE_SAME) return;
    vec_push(p->pass->scratch, &c->accesses, op);
    if (op->kind == OP_STORE && op->parent == c->loop->regions[0]) c->is_always_stored = true;
}

/* A variable, or what the caller's struct holds: no element of an array. */
static bool is_variable(const Op *op) {
    if (op->kind != OP_GET) return set_is_local(op);
    const Value *base = ref_base(op->operands[0]);
    return base->def == NULL || base->def->kind != OP_ITEM;
}

static bool leaves(const Op *loop, const Op *op) {
    return op->kind == OP_RETURN || (op->kind == OP_RAISE && is_exit(loop, op));
}

static void other_note(const Promote *p, Candidate *c, Op *op) {
    unsigned effects = op_effects(p->effects, op);
    if (leaves(c->loop, op)) vec_push(p->pass->scratch, &c->exits, op);
    if ((effects & EFFECT_PANICS) && c->root.kind != ROOT_ALLOC) c->is_wrong = true;
    if (is_variable(op) || !(effects & (EFFECT_READS | EFFECT_WRITES))) return;
    bool is_access = op->operand_count != 0 && op->operands[0]->type->kind == IR_VIEW && op->kind != OP_CALL;
    Root root = is_access ? memory_root(&p->memory, op->operands[0]) : (Root){.kind = ROOT_UNKNOWN};
    if (roots_may_overlap(&c->root, &root)) c->is_wrong = true;
}

static void region_note(const Promote *p, Candidate *c, const Region *region) {
    for (Op *op = region->first; op != NULL && !c->is_wrong; op = op->next) {
        ranges_assume_past(p->ranges, op);
        if (op->kind == OP_LOAD || op->kind == OP_STORE) access_note(p, c, op);
        else other_note(p, c, op);
        for (uint32_t i = 0; i < op->region_count; i++) {
            uint32_t mark = ranges_mark(p->ranges);
            ranges_assume_region(p->ranges, op, i);
            region_note(p, c, op->regions[i]);
            ranges_forget(p->ranges, mark);
        }
    }
}

/* ---- Whether it is there ----------------------------------------------------------------------- */

static bool is_inside(const Promote *p, const Element *element) {
    for (uint32_t d = 0; d < element->rank; d++) {
        const Value *size = view_dim(element->base, d);
        if (size == NULL || !ranges_prove(p->ranges, &element->index[d])) return false;
        Affine room = ranges_form(p->ranges, size);
        room.constant--;
        if (!affine_add_exact(&room, &element->index[d], -1) || !ranges_prove(p->ranges, &room)) return false;
    }
    return true;
}

static void jump_note(void *user, Op *op) {
    bool *jumps = user;
    *jumps = *jumps || op->kind == OP_BREAK || op->kind == OP_CONTINUE || op->kind == OP_RETURN || op->kind == OP_RAISE;
}

/* If it runs, the element is stored; and whether it runs can be asked before. */
static bool is_stored_if_it_runs(const Candidate *c) {
    bool jumps = false;
    int64_t step;
    if (c->loop->kind != OP_FOR || !c->is_always_stored) return false;
    region_walk(c->loop->regions[0], jump_note, &jumps);
    return !jumps && value_is_int(c->loop->operands[2], &step) && step != 0;
}

static Value *build_runs(Builder *b, const Op *loop) {
    int64_t step = 1;
    value_is_int(loop->operands[2], &step);
    return build_binary(b, step > 0 ? OP_LT : OP_GT, loop->operands[0], loop->operands[1]);
}

static bool surely_runs(const Promote *p, const Op *loop) {
    int64_t step;
    if (loop->kind != OP_FOR || !value_is_int(loop->operands[2], &step)) return false;
    return step > 0 ? ranges_prove_ge(p->ranges, loop->operands[1], loop->operands[0], 1)
                    : ranges_prove_ge(p->ranges, loop->operands[0], loop->operands[1], 1);
}

/* ---- Apply ------------------------------------------------------------------------------------- */

static Value *element_load(Builder *b, const Element *element) {
    Value *indices[8];
    for (uint32_t d = 0; d < element->rank; d++) indices[d] = form_build(b, &element->index[d]);
    return build_load(b, (Value *)element->base, indices);
}

static void element_store(Builder b, const Element *element, Value *var) {
    Value *indices[8];
    for (uint32_t d = 0; d < element->rank; d++) indices[d] = form_build(&b, &element->index[d]);
    build_store(&b, (Value *)element->base, build_get(&b, var), indices);
}

/* The element, if `runs` holds; what is in the variable otherwise, nobody reads. */
static Value *element_load_if(Builder *b, Value *runs, const Element *element, const IrType *type) {
    Op *branch = build_if(b, runs, &type, 1);
    Builder in = builder_at_end(branch->regions[0], b->span);
    Value *held = element_load(&in, element);
    build_yield(&in, &held, 1);
    in = builder_at_end(branch->regions[1], b->span);
    Value *none = build_zero(&in, type);
    build_yield(&in, &none, 1);
    return op_result(branch);
}

static void accesses_replace(const Promote *p, const Candidate *c, Value *var) {
    Renames renames = {.arena = p->pass->scratch};
    for (uint32_t i = 0; i < c->accesses.len; i++) {
        Op *op = c->accesses.data[i];
        Builder b = builder_before(op);
        if (op->kind == OP_LOAD) renames_add(&renames, op_result(op), build_get(&b, var));
        else build_set(&b, var, op->operands[1]);
        op_unlink(op);
    }
    for (uint32_t i = 0; i < c->loop->region_count; i++) renames_apply(&renames, c->loop->regions[i]);
}

static void remark_add(Promote *p, const Candidate *c) {
    Span span = c->model->span;
    if (span.file == p->told.file && span.start == p->told.start) return;
    p->told = span;
    pass_remark(p->pass, p->fn, span, REMARK_REWRITTEN,
                "the element of %s is a variable while the loop runs: loaded once before it, stored once behind it",
                root_text(p->pass->scratch, &p->memory, &c->root));
}

static void element_promote(Promote *p, const Candidate *c, bool asks) {
    Op *loop = c->loop;
    const IrType *type = c->model->operands[1]->type;
    Builder before = builder_before(loop), behind = builder_at_end(loop->parent, loop->span);
    behind.before = loop->next;
    remark_add(p, c);
    Value *var = build_var(&before, type, NO_NAME), *runs = asks ? build_runs(&before, loop) : NULL;
    build_set(&before, var, asks ? element_load_if(&before, runs, &c->element, type) : element_load(&before, &c->element));
    accesses_replace(p, c, var);
    for (uint32_t i = 0; i < c->exits.len; i++) element_store(builder_before(c->exits.data[i]), &c->element, var);
    if (asks) behind = builder_at_end(build_if(&behind, runs, NULL, 0)->regions[0], loop->span);
    element_store(behind, &c->element, var);
    p->pass->changed = true;
}

/* ---- The walk ---------------------------------------------------------------------------------- */

static void store_visit(Promote *p, Op *loop, const Op *store) {
    Candidate c = {.loop = loop, .model = store};
    bool asks = true;
    if (store->parent == NULL || !ir_is_scalar(store->operands[1]->type)) return;
    if (!element_accessed(&p->memory, store, &c.element) || !is_fixed(loop, &c.element)) return;
    c.root = memory_root(&p->memory, store->operands[0]);
    uint32_t mark = ranges_mark(p->ranges);
    for (uint32_t i = 0; i < loop->region_count; i++) {
        ranges_assume_region(p->ranges, loop, i);
        region_note(p, &c, loop->regions[i]);
        ranges_forget(p->ranges, mark);
    }
    if (c.is_wrong) return;
    bool is_stored = is_stored_if_it_runs(&c), is_alone = !p->fn->is_range || c.root.kind == ROOT_ALLOC;
    if (is_stored && surely_runs(p, loop)) asks = false;
    else if (is_alone && is_inside(p, &c.element)) asks = false;
    if (!asks || is_stored) element_promote(p, &c, asks);
}

static void store_note(void *user, Op *op) {
    OpVec *stores = user;
    if (op->kind == OP_STORE && stores->len < stores->cap) stores->data[stores->len++] = op;
}

static bool is_candidate(const Op *loop) {
    if (loop->kind == OP_WHILE) return true;
    return loop_is_plain(loop) && !loop->attr.loop.is_simd && !loop->attr.loop.independent;
}

static void loop_visit(Promote *p, Op *loop) {
    Op *data[MOST_STORES];
    OpVec stores = {.data = data, .cap = MOST_STORES};
    for (uint32_t i = 0; i < loop->region_count; i++) region_walk(loop->regions[i], store_note, &stores);
    for (uint32_t i = 0; i < stores.len; i++) store_visit(p, loop, stores.data[i]);
}

static void region_visit(Promote *p, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        ranges_assume_past(p->ranges, op);
        if (is_loop(op) && is_candidate(op)) loop_visit(p, op);
        for (uint32_t i = 0; i < op->region_count; i++) {
            uint32_t mark = ranges_mark(p->ranges);
            ranges_assume_region(p->ranges, op, i);
            region_visit(p, op->regions[i]);
            ranges_forget(p->ranges, mark);
        }
    }
}

void promote_run(PassContext *pass, IrModule *module) {
    Promote p = {.pass = pass, .effects = effects_of_module(pass->scratch, module), .told = NO_SPAN};
    for (uint32_t i = 0; i < module->fns.len; i++) {
        p.fn = module->fns.data[i];
        if (p.fn->body == NULL) continue;
        p.memory = memory_of(pass->scratch, p.fn);
        p.ranges = ranges_create(pass->scratch, p.fn);
        region_visit(&p, p.fn->body);
    }
}
