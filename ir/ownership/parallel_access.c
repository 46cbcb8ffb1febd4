#include "ir/ownership/parallel_access.h"

#include "ir/words.h"

#include "ir/ownership/parallel_call.h"
#include "ir/ownership/parallel_window.h"

typedef struct Collector {
    Indices *x;
    AccessVec *out;
    IndexVec steps;             /* of the loops around the current op */
    Vec(Guard) guards;          /* what holds there */
    Vec(const Value *) reduced; /* variables that `reduce` declares */
} Collector;

static void collect_region(Collector *c, const Region *region);

/* ---- One access ------------------------------------------------------------------------------ */

static bool is_reduced(const Collector *c, const Value *root) {
    for (uint32_t i = 0; i < c->reduced.len; i++)
        if (c->reduced.data[i] == root) return true;
    return false;
}

/* What is left of a window's dimensions is reached as a whole: one step for each. */
static void close_dims(Indices *x, Window *w, IndexVec *steps) {
    for (uint32_t i = 0; i < w->dim_count; i++) {
        const WindowDim *dim = &w->dims[i];
        if (dim->length == NULL) continue;
        const Index *k = index_range(x, dim->length, i);
        vec_push(x->arena, steps, k);
        w->path.data[dim->at].at =
            index_make(x, INDEX_ADD, dim->first, index_make(x, INDEX_MUL, k, dim->every));
    }
}

static void add_access(Collector *c, Window *w, const Op *op, const IrArg *arg, bool is_write) {
    Arena *arena = c->x->arena;
    if (is_reduced(c, w->root)) return;
    Access *access = arena_new(arena, Access);
    access->root = w->root;
    access->op = op;
    access->arg = arg;
    access->is_write = is_write;
    access->may_be_elsewhere = w->is_one_of_several;
    for (uint32_t i = 0; i < c->steps.len; i++) vec_push(arena, &access->steps, c->steps.data[i]);
    for (uint32_t i = 0; i < c->guards.len; i++)
        vec_push(arena, &access->guards, c->guards.data[i]);
    access->loop_count = access->steps.len;
    close_dims(c->x, w, &access->steps);
    access->path = w->path;
    vec_push(arena, c->out, access);
}

static void add_view(Collector *c, const Value *view, Value *const *indices, uint32_t count,
                     const Op *op, bool is_write) {
    WindowVec windows = {0};
    windows_of_view(c->x, view, &windows);
    for (uint32_t i = 0; i < windows.len; i++) {
        window_index(c->x, &windows.data[i], indices, count);
        add_access(c, &windows.data[i], op, NULL, is_write);
    }
}

static void add_ref(Collector *c, const Value *ref, const Op *op, const IrArg *arg, bool is_write) {
    WindowVec windows = {0};
    windows_of_ref(c->x, ref, &windows);
    for (uint32_t i = 0; i < windows.len; i++) add_access(c, &windows.data[i], op, arg, is_write);
}

/* ---- Operations ------------------------------------------------------------------------------ */

static void collect_argument(Collector *c, const Op *call, uint32_t index) {
    const Value *operand = call->operands[index];
    const IrType *type = operand->type;
    const IrArg *arg = call_arg(call, index);
    bool is_write = arg == NULL || arg->convention == ARG_INOUT || arg->is_mutable;
    if (type->kind == IR_REF) {
        add_ref(c, operand, call, arg, is_write);
        if (!ir_type_looks(type->elem)) return;
    } else if (type->kind != IR_BUF && !ir_type_looks(type)) {
        return;
    }
    WindowVec windows = {0};
    if (type->kind == IR_REF)
        windows_of_content(c->x, operand, &windows);
    else
        windows_of_view(c->x, operand, &windows);
    for (uint32_t i = 0; i < windows.len; i++) add_access(c, &windows.data[i], call, arg, is_write);
}

static bool holds_memory(const IrType *type) { return ir_type_owns(type) || ir_type_looks(type); }

/* Operations that reach memory through a ref: the place itself, not what it may look into. */
static void collect_ref(Collector *c, const Op *op) {
    bool is_write = op->kind != OP_GET && op->kind != OP_DUP;
    const Value *ref = op->operands[0], *root = ref_root(ref);
    if (op->kind == OP_GET && ir_type_looks(ref->type->elem)) return;
    /* A plain variable that is written is another matter: no access can be shown of it. */
    if (root != NULL && !holds_memory(root->type->elem)) return;
    add_ref(c, ref, op, NULL, is_write);
}

static void collect_views(Collector *c, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (op->operands[i]->type->kind == IR_VIEW)
            add_view(c, op->operands[i], NULL, 0, op, false);
}

static void collect_assign(Collector *c, const Op *op) {
    if (op->operands[0]->type->kind == IR_REF)
        add_ref(c, op->operands[0], op, NULL, true);
    else
        add_view(c, op->operands[0], NULL, 0, op, true);
}

/* Operations without regions. */
static void collect_simple(Collector *c, const Op *op) {
    OpKind kind = op->kind;
    if (kind == OP_LOAD) {
        add_view(c, op->operands[0], op->operands + 1, op->operand_count - 1, op, false);
    } else if (kind == OP_STORE) {
        add_view(c, op->operands[0], op->operands + 2, op->operand_count - 2, op, true);
    } else if (op_is_vector_access(kind)) {
        add_view(c, op->operands[0], NULL, 0, op, op_is_store(kind));
    } else if (kind == OP_ASSIGN) {
        collect_assign(c, op);
    } else if (kind == OP_PRINT) {
        collect_views(c, op);
    } else if (kind == OP_CALL) {
        for (uint32_t i = 0; i < op->operand_count; i++) collect_argument(c, op, i);
    } else if (kind == OP_GET || kind == OP_SET || kind == OP_DUP || kind == OP_APPEND ||
               kind == OP_TAKE || kind == OP_MOVE) {
        collect_ref(c, op);
    }
}

/* ---- Control --------------------------------------------------------------------------------- */

static void push_guard(Collector *c, const Index *condition, bool holds) {
    Guard guard = {condition, holds};
    vec_push(c->x->arena, &c->guards, guard);
}

/* When control leaves the region before its end, as a condition; NULL: never. */
static const Index *exit_of(Indices *x, const Region *region) {
    const Index *leaves = NULL;
    for (const Op *op = region->first; op != NULL; op = op->next) {
        const Index *here = NULL;
        if (op->kind == OP_IF) {
            const Index *condition = index_of(x, op->operands[0]);
            const Index *then = exit_of(x, op->regions[0]), *other = exit_of(x, op->regions[1]);
            if (then != NULL) here = index_make(x, INDEX_AND, condition, then);
            if (other != NULL) {
                condition = index_make(x, INDEX_NOT, condition, NULL);
                other = index_make(x, INDEX_AND, condition, other);
                here = here ? index_make(x, INDEX_OR, here, other) : other;
            }
        } else if (op_ends(op) && op->kind != OP_YIELD) {
            here = index_number(x, 1);
        }
        if (here != NULL) leaves = leaves ? index_make(x, INDEX_OR, leaves, here) : here;
    }
    return leaves;
}

/* What follows an IF may be guarded by it; such guards stay until the region ends. */
static void collect_if(Collector *c, const Op *op) {
    const Index *condition = index_of(c->x, op->operands[0]);
    const Index *leaves = NULL;
    for (uint32_t r = 0; r < 2; r++) {
        uint32_t mark = c->guards.len;
        push_guard(c, condition, r == 0);
        collect_region(c, op->regions[r]);
        c->guards.len = mark;
        const Index *exit = exit_of(c->x, op->regions[r]);
        if (exit == NULL) continue;
        const Index *here = r == 0 ? condition : index_make(c->x, INDEX_NOT, condition, NULL);
        here = index_make(c->x, INDEX_AND, here, exit);
        leaves = leaves ? index_make(c->x, INDEX_OR, leaves, here) : here;
    }
    if (leaves != NULL) push_guard(c, leaves, false);
}

/* The steps behind the parameters of a FOR, MAP or REDUCE. */
static void push_steps(Collector *c, const Region *body) {
    for (uint32_t i = 0; i < body->param_count; i++) {
        const Index *at = index_of(c->x, body->params[i]);
        if (at->kind == INDEX_ADD || at->kind == INDEX_SUB) at = at->b;
        if (at->kind == INDEX_STEP) vec_push(c->x->arena, &c->steps, at);
    }
}

static void collect_op(Collector *c, const Op *op) {
    if (op->kind == OP_UNSAFE) return;
    if (op->kind == OP_REDUCES) {
        vec_push(c->x->arena, &c->reduced, ref_root(op->operands[0]));
        return;
    }
    collect_simple(c, op);
    if (op->kind == OP_IF) {
        collect_if(c, op);
        return;
    }
    for (uint32_t r = 0; r < op->region_count; r++) {
        uint32_t mark = c->steps.len, guards = c->guards.len;
        if (r == 0 && (op->kind == OP_FOR || op_is_space(op)))
            push_steps(c, op->regions[r]);
        collect_region(c, op->regions[r]);
        c->steps.len = mark;
        c->guards.len = guards;
    }
}

static void collect_region(Collector *c, const Region *region) {
    uint32_t guards = c->guards.len;
    for (const Op *op = region->first; op != NULL; op = op->next) collect_op(c, op);
    c->guards.len = guards;
}

void accesses_collect(Indices *x, AccessVec *out) {
    Collector c = {.x = x, .out = out};
    collect_region(&c, x->loop->regions[0]);
}

/* ---- Around the loop ------------------------------------------------------------------------- */

static void bounds_of_loop(Indices *x, const Op *loop, IndexVec *out) {
    int64_t step;
    if (loop->kind != OP_FOR || !value_is_int(loop->operands[2], &step)) return;
    const Index *lo = index_of(x, loop->operands[0]), *hi = index_of(x, loop->operands[1]);
    const Index *at = index_of(x, loop->regions[0]->params[0]);
    const Index *begun = index_make(x, INDEX_LE, step > 0 ? lo : at, step > 0 ? at : lo);
    const Index *not_ended = index_make(x, INDEX_LT, step > 0 ? at : hi, step > 0 ? hi : at);
    vec_push(x->arena, out, begun);
    vec_push(x->arena, out, not_ended);
}

static bool is_region_around(const Region *region, const Op *op) {
    for (const Region *r = op->parent; r != NULL; r = r->parent ? r->parent->parent : NULL)
        if (r == region) return true;
    return false;
}

void conditions_around(Indices *x, IndexVec *out) {
    for (uint32_t i = 0; i < x->asserts.len; i++) {
        const Op *assert = x->asserts.data[i];
        if (x->order[assert->id] >= x->order[x->loop->id]) break;
        if (is_region_around(assert->parent, x->loop))
            vec_push(x->arena, out, index_of(x, assert->operands[0]));
    }
    for (const Region *r = x->loop->parent; r->parent != NULL; r = r->parent->parent)
        if (r == r->parent->regions[0]) bounds_of_loop(x, r->parent, out);
}
