/* Ways out of a loop before its last iteration.
 *
 * A vector turn asks for all its lanes at once whether one would leave. If so it is not made: nothing that
 * can be seen has happened in it yet, the vectors end before it, and narrower ones, at last the loop of the
 * source, go on from there. So the first lane decides, those behind it have done nothing, and what happens
 * on the way out is done by the loop of the source. Checks before a way out are such questions too: a lane
 * whose check fails may be one that is never reached. */
#include "ir/passes/spmd.h"

/* ---- Legality --------------------------------------------------------------------------------- */

/* Only branches lie between the op and the loop. */
static bool is_in_turn(const Op *loop, const Op *op) {
    for (const Region *r = op->parent; r != loop->regions[0]; r = r->parent->parent)
        if (r->parent->kind != OP_IF) return false;
    return true;
}

static bool is_outer_set(const SpmdLoop *l, const Op *op) {
    return op->kind == OP_SET && is_from_around(l, ref_base(op->operands[0]));
}

static bool is_overflow(const Op *op) {
    CheckKind kind = op->attr.check.kind;
    return kind == CHECK_ADD || kind == CHECK_SUB || kind == CHECK_MUL || kind == CHECK_MEMORY;
}

/* Arrays that a lane has for itself are seen by nobody else. */
static bool is_of_lane(const SpmdLoop *l, const Op *op) {
    bool is_access = op->kind == OP_STORE || op->kind == OP_FREE;
    return op->kind == OP_ALLOC || (is_access && is_private(l->spmd, op->operands[0]));
}

bool check_is_question(const SpmdLoop *l, const Op *op) { return !is_overflow(op) && is_in_turn(l->loop, op); }

/* What a lane must not do if one before it leaves. */
static bool is_final(const SpmdLoop *l, const Op *op) {
    if (is_of_lane(l, op)) return false;
    if (op->kind == OP_SET) return is_outer_set(l, op);
    if (op->kind == OP_CHECK) return !check_is_question(l, op);
    return (op_effects(l->spmd->effects, op) & ~(unsigned)(EFFECT_UNSEEN | EFFECT_TELLS)) != 0;
}

/* A function that does nothing but raise may be called for lanes that are never reached: what it says of its error is
 * said again by the loop of the source, which the way out belongs to. */
static bool raises_and_more(const SpmdLoop *l, const Op *op) {
    return op->kind == OP_CALL && op->attr.callee->raises && is_final(l, op);
}

typedef struct ExitScan {
    SpmdLoop *l;
    bool final; /* something final comes before */
} ExitScan;

static void exit_note(void *user, Op *op) {
    ExitScan *scan = user;
    SpmdLoop *l = scan->l;
    if (is_exit(l->loop, op)) {
        const Region *r = op->parent;
        l->exits++;
        if (!is_in_turn(l->loop, op)) refuse(l, op, "it leaves the loop out of another one inside");
        if (r == l->loop->regions[0]) refuse(l, op, "it leaves in its first iteration");
        else if (scan->final && !in_exit(l->loop, r->parent) && !exit_goes_ahead(l, op))
            refuse(l, op, "something is written, or may fail, before the loop is left");
        return;
    }
    if (in_exit(l->loop, op)) return;
    if (raises_and_more(l, op))
        refuse(l, op, "it calls a function that may raise an error, and may also fail a check, write or never end");
    l->commits = l->commits || op->kind == OP_CHECK || is_final(l, op);
    if (scan->final || !is_final(l, op)) return;
    scan->final = true;
    l->first_final = op;
}

void exits_check(SpmdLoop *l) {
    ExitScan scan = {.l = l};
    region_walk(l->loop->regions[0], exit_note, &scan);
}

/* ---- Widening --------------------------------------------------------------------------------- */

void exits_make(Widen *w, Builder *b, Value *end) {
    w->reached = NULL;
    if (w->l->exits == 0) return;
    w->reached = build_var(b, end->type, NO_NAME);
    build_set(b, w->reached, end);
}

Value *exits_end(Widen *w, Builder *b, Value *end) {
    return w->reached == NULL ? end : build_get(b, w->reached);
}

typedef struct OrderScan {
    const Op *a, *b, *first; /* of these two */
} OrderScan;

static void order_note(void *user, Op *op) {
    OrderScan *scan = user;
    if (scan->first == NULL && (op == scan->a || op == scan->b)) scan->first = op;
}

bool may_leave_at(const Widen *w, const Op *op) {
    OrderScan scan = {.a = op, .b = w->l->first_final};
    if (w->reached == NULL || op == w->l->first_final) return false;
    if (goes_ahead(w->l, op)) return true;
    region_walk(w->l->loop->regions[0], order_note, &scan);
    return scan.first == op;
}

/* Ends the vectors, so that the rest begins `ahead` lanes into this turn. */
static void leave(Widen *w, Value *cond, Value *lanes) {
    Op *branch = build_if(&w->b, cond, NULL, 0);
    Builder b = builder_at_end(branch->regions[0], w->b.span);
    Value *from = w->counter;
    if (lanes != NULL) from = build_binary(&b, OP_ADD, from, build_unary(&b, OP_FIRST, lanes));
    build_set(&b, w->reached, from);
    build_break(&b);
}

void leave_if(Widen *w, Value *cond) { leave(w, cond, NULL); }

/* The lanes that go the way of region `k` out of the loop. Where iterations do nothing but ask, and that
 * once, those before the first of these are done with. */
static void leave_by(Widen *w, const Op *op, uint32_t k) {
    Value *cond = vector_in(w, op->operands[0]);
    if (k == 1) cond = build_unary(&w->b, OP_NOT, cond);
    Value *lanes = mask_and(w, w->mask, cond);
    bool only_asks = !w->l->commits && w->l->exits == 1;
    leave(w, any_lane(w, lanes), only_asks ? lanes : NULL);
}

bool widen_exit_if(Widen *w, const Op *op) {
    uint32_t count = 0, other = 2;
    for (uint32_t k = 0; k < 2; k++) {
        if (region_exits(w->l->loop, op->regions[k])) leave_by(w, op, k), count++;
        else other = k;
    }
    if (count == 0) return false;
    if (other == 2) return true;
    const Op *yield = op->regions[other]->last;
    widen_region(w, op->regions[other]);
    for (uint32_t i = 0; i < op->result_count; i++) {
        bool vector = form_of(w->s, op->results[i]).shape == SHAPE_VARYING;
        Value *given = yield->operands[i];
        widen_set(w, op->results[i], vector ? NULL : scalar_in(w, given),
                  vector ? vector_in(w, given) : NULL);
    }
    return true;
}
