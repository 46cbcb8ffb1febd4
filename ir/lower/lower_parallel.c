/* Loops whose iterations are independent, as far as lowering goes: they are marked, and ownership checks
 * them. */
#include "ir/failure.h"
#include "ir/lower/lower_internal.h"

static ReduceKind reduce_kind(const FnLower *f, const ReduceClause *clause) {
    static const struct {
        const char *op;
        ReduceKind kind;
    } kinds[] = {{"+", REDUCE_ADD},   {"*", REDUCE_MUL},   {"min", REDUCE_MIN},
                 {"max", REDUCE_MAX}, {"and", REDUCE_AND}, {"or", REDUCE_OR}};
    const char *text = text_of(f->p->cx, clause->op);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].op, text) == 0) return kinds[i].kind;
    }
    KC_BUG("`%s` does not reduce", text);
}

void lower_reduces(FnLower *f, const Stmt *s) {
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    for (uint32_t i = 0; i < s->for_.reductions.len; i++) {
        const ReduceClause *clause = &s->for_.reductions.data[i];
        const Slot *slot = local_slot(f, locals->data[1 + i]);
        KC_CHECK(slot->kind == SLOT_VARS && slot->count == 1);
        f->b.span = clause->var.span;
        Op *op = build_op(&f->b, OP_REDUCES, slot->values, 1, NULL, 0, 0);
        op->attr.reduce = reduce_kind(f, clause);
    }
}

/* ---- Errors that leave an iteration ---------------------------------------------------------- */

typedef struct RaiseScan {
    const Op *loop;
    bool leaves;
} RaiseScan;

static void raise_note(void *user, Op *op) {
    RaiseScan *scan = user;
    if (op->kind == OP_RAISE && try_around(op->parent) == try_around(scan->loop->parent)) scan->leaves = true;
}

/* The body moves into a TRY, behind what declares reductions. */
static Op *body_try(Op *loop) {
    Region *body = loop->regions[0];
    Op *first = body->first;
    while (first->kind == OP_REDUCES) first = first->next;
    return try_from(first, loop->span);
}

typedef struct Keeping {
    FnLower *f;
    const Op *loop;
    ValueVec kept;
} Keeping;

static void keep_note(void *user, Op *op) {
    Keeping *k = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *ref = op->operands[i];
        bool is_place = ref->type->kind == IR_REF && ref->def != NULL && ref->def->kind == OP_VAR &&
                        (ir_type_owns(ref->type->elem) || ir_type_looks(ref->type->elem));
        bool is_known = !is_place || value_is_made_in(ref, k->loop);
        for (uint32_t n = 0; n < k->kept.len && !is_known; n++) is_known = k->kept.data[n] == ref;
        if (!is_known) vec_push(arena_of(k->f), &k->kept, ref);
    }
}

/* When one iteration fails, others still use what the loop uses: nothing of it ends before the loop has. */
static void places_keep(FnLower *f, const Op *loop) {
    Keeping k = {.f = f, .loop = loop};
    region_walk(loop->regions[0], keep_note, &k);
    for (uint32_t i = 0; i < k.kept.len; i++) build_op(&f->b, OP_KEEP, &k.kept.data[i], 1, NULL, 0, 0);
}

void loop_catch(FnLower *f, Op *loop) {
    RaiseScan scan = {loop, false};
    region_walk(loop->regions[0], raise_note, &scan);
    if (!scan.leaves) return;
    Builder before = builder_before(loop);
    Value *failed = build_flag(&before);
    Builder handler = builder_at_end(body_try(loop)->regions[1], loop->span);
    failure_build(&handler, failed);
    places_keep(f, loop);
    raise_if(f, build_get(&f->b, failed));
}

void lower_run_loop(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    Value *count = lower_bound(f, i->args[0]);
    f->b.span = e->span;
    end_statement(f, e->span);
    OpLoop loop = {.is_simd = i->flag, .is_parallel = !i->flag};
    Op *op = build_for(&f->b, build_i64(&f->b, 0), count, build_i64(&f->b, 1), loop);
    Value *counter = op->regions[0]->params[0];
    counter->name = i->locals[0]->name;
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], outside.span);
    counter = build_cast(&f->b, counter, ir_type_of(f->p, i->locals[0]->type));
    local_bind(f, i->locals[0], &counter);
    lower_block(f, i->body, true);
    f->b = outside;
    if (loop.is_parallel) loop_catch(f, op);
}
