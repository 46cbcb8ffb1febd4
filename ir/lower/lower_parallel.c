/* Loops whose iterations are independent, as far as lowering goes: they are marked, and ownership checks
 * them. */
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
}
