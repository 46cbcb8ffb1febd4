/* handlers: errors that are raised and handled in one function are plain control flow.
 *
 * Requires: stage OWNED is over (ERASED), since what is owned ends on the way out of a body by itself until then.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A TRY in which nothing can be raised is its body, and so is one whose handler only raises again. In loops, where the
 * ways to a handler are in sight, those go there as ifs: a handler that leaves (BREAK, RETURN..) stands in the place of
 * each RAISE, and one that goes on behind the TRY is asked for by a flag. So iterations that handle their errors may be
 * lanes of vectors. Outside of loops, and where an inner loop is left for the handler, a jump is the shorter way.
 *
 * Texts of errors that a handler does not look at are not set: nobody else is to see an error that was handled. */
#include "ir/failure.h"
#include "ir/passes/cloner.h"
#include "ir/passes/leave.h"
#include "ir/passes/runs.h"

/* A handler that is copied to several places has so many ops at most. */
enum { COPIED_LIMIT = 12 };

typedef struct Handlers {
    PassContext *pass;
    Cloner cloner;
    Vec(Op *) raises; /* to the handler under study */
} Handlers;

/* ---- What a TRY does ------------------------------------------------------------------------- */

static bool raises_to(const void *owner, const Op *op) {
    return op->kind == OP_RAISE && try_around(op->parent) == owner;
}

typedef struct RaiseScan {
    Handlers *h;
    const Op *made; /* the TRY */
} RaiseScan;

static void raise_note(void *user, Op *op) {
    RaiseScan *scan = user;
    if (raises_to(scan->made, op)) vec_push(scan->h->pass->scratch, &scan->h->raises, op);
}

static void raises_find(Handlers *h, Op *made) {
    RaiseScan scan = {h, made};
    h->raises.len = 0;
    region_walk(made->regions[0], raise_note, &scan);
}

static bool in_loop(const Op *op) {
    for (const Op *around = op->parent->parent; around != NULL; around = around->parent->parent)
        if (around->kind == OP_FOR || around->kind == OP_WHILE) return true;
    return false;
}

static bool is_left_from_loops(const Handlers *h, const Op *made) {
    for (uint32_t i = 0; i < h->raises.len; i++)
        for (const Op *op = h->raises.data[i]; op != made; op = op->parent->parent)
            if (op->kind == OP_FOR || op->kind == OP_WHILE) return true;
    return false;
}

/* The handler of a loop that is split over threads: `outline` looks for it. */
static bool is_failure_of_loop(const Op *made) {
    const Op *loop = made->parent->parent;
    bool is_parallel = loop != NULL && loop->kind == OP_FOR && loop->attr.loop.is_parallel;
    const Op *failure = is_parallel ? loop_failure(loop) : NULL;
    return failure != NULL && failure->parent == made->regions[1];
}

static bool only_raises(const Region *handler) {
    for (const Op *op = handler->first; op != NULL; op = op->next) {
        if (op->kind == OP_RAISE) return true;
        if (!op_is_pure(op)) return false;
    }
    return false;
}

static bool leaves(const Region *handler) {
    return handler->last != NULL && op_ends(handler->last) && handler->last->kind != OP_YIELD;
}

static void op_count(void *user, Op *op) {
    (void)op;
    ++*(uint32_t *)user;
}

static bool may_be_copied(const Handlers *h, Region *handler) {
    uint32_t ops = 0;
    region_walk(handler, op_count, &ops);
    return h->raises.len == 1 || ops <= COPIED_LIMIT;
}

/* ---- Texts ----------------------------------------------------------------------------------- */

typedef struct TextScan {
    const Op *caught;
    bool is_used;
} TextScan;

static void use_note(void *user, Op *op) {
    TextScan *scan = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        scan->is_used = scan->is_used || op->operands[i]->def == scan->caught;
}

/* CAUGHT is the first op of a handler that the user wrote. */
static bool looks_at_text(Region *handler) {
    Op *caught = handler->first;
    if (caught == NULL || caught->kind != OP_CAUGHT) return false;
    TextScan scan = {caught, false};
    region_walk(handler, use_note, &scan);
    if (!scan.is_used) op_unlink(caught);
    return scan.is_used;
}

/* A handler that ends in a BREAK or an error may be one that passes the error on. */
static bool is_the_end_of_it(const Region *handler) {
    return !leaves(handler) || handler->last->kind == OP_CONTINUE || handler->last->kind == OP_RETURN;
}

static void text_drop(Op *raise) {
    for (Op *op = raise->prev; op != NULL && op->kind != OP_CALL && op->region_count == 0; op = op->prev) {
        if (op->kind != OP_FAIL) continue;
        op_unlink(op);
        return;
    }
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static void handler_copy(Handlers *h, const Op *made) {
    for (uint32_t i = 0; i < h->raises.len; i++) {
        Builder b = builder_before(h->raises.data[i]);
        cloner_body(&h->cloner, &b, made->regions[1], NULL, NULL);
        op_unlink(h->raises.data[i]);
    }
}

/* Whoever raises skips the rest of the body, and then the handler's turn comes. */
static void handler_ask(const Leave *leave, Op *made) {
    Builder b = builder_before(made);
    Leave ways = *leave;
    ways.flag = build_flag(&b);
    leaves_restructure(&ways, made->regions[0]);
    b = made->next != NULL ? builder_before(made->next) : builder_at_end(made->parent, made->span);
    b.span = made->span;
    Op *branch = build_if(&b, build_get(&b, ways.flag), NULL, 0);
    for (Op *op = made->regions[1]->first, *next; op != NULL; op = next) {
        next = op->next;
        op_unlink(op);
        op_append(branch->regions[0], op);
    }
}

/* True: the handler is not needed any more. */
static bool ways_make(Handlers *h, Op *made) {
    Region *handler = made->regions[1];
    const Leave leave = {.owner = made, .leaves = raises_to};
    if (!in_loop(made) || is_left_from_loops(h, made)) return false;
    bool looks = looks_at_text(handler), copies = leaves(handler) && may_be_copied(h, handler);
    if (!copies && (looks || !leaves_are_simple(&leave, made->regions[0]))) return false;
    for (uint32_t i = 0; i < h->raises.len && !looks && is_the_end_of_it(handler); i++)
        text_drop(h->raises.data[i]);
    if (copies) handler_copy(h, made);
    else handler_ask(&leave, made);
    return true;
}

static void try_visit(Handlers *h, Op *made) {
    raises_find(h, made);
    if (h->raises.len != 0 && !only_raises(made->regions[1])) {
        if (is_failure_of_loop(made) || !ways_make(h, made)) return;
    }
    op_become(made, made->regions[0]);
    h->pass->changed = true;
}

static void region_visit(Handlers *h, Region *region) {
    for (Op *op = region->first, *next; op != NULL && op->parent != NULL; op = next) {
        next = op->next; /* which goes where the body of a TRY leaves */
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(h, op->regions[i]);
        if (op->kind == OP_TRY) try_visit(h, op);
    }
}

void handlers_run(PassContext *pass, IrModule *module) {
    Handlers h = {.pass = pass, .cloner = {.arena = pass->scratch}};
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) region_visit(&h, module->fns.data[i]->body);
}
