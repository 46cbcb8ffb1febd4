/* Errors: raised, taken by a handler, and passed on after calls that fail. */
#include "ir/lower/lower_spawn.h"

static void build_raise(FnLower *f) {
    f->raises++;
    build_op(&f->b, OP_RAISE, NULL, 0, NULL, 0, 0);
}

static void build_fail(FnLower *f, Value *text) { build_op(&f->b, OP_FAIL, &text, 1, NULL, 0, 0); }

void raise_if(FnLower *f, Value *failed) {
    Op *op = build_if(&f->b, failed, NULL, 0);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], outside.span);
    build_raise(f);
    f->b = outside;
}

void require(FnLower *f, Value *holds, const char *text) {
    if (!f->symbol->raises && f->tries == 0) {
        build_check(&f->b, CHECK_TRUE, &holds, text);
        return;
    }
    Op *op = build_if(&f->b, holds, NULL, 0);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[1], outside.span);
    build_fail(f, build_text(&f->b, text, (uint32_t)strlen(text)));
    build_raise(f);
    f->b = outside;
}

/* ---- Statements ------------------------------------------------------------------------------ */

/* `raise Error("..")`; without an error of its own the handler's goes on: its text is set again, because
 * another one may have been raised and taken since. */
void lower_raise(FnLower *f, const Stmt *s) {
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    Value *text = NULL;
    if (s->expr) text = lower_value(f, s->expr);
    else if (locals->len) local_read(f, locals->data[0], &text);
    f->b.span = s->span;
    if (text) build_fail(f, text);
    build_raise(f);
}

static void bind_error(FnLower *f, const Stmt *s) {
    const LocalVec *locals = &stmt_info_of(f->p->checked, s)->locals;
    const IrType *text = ir_str(module_of(f));
    f->b.span = s->try_.error.span;
    Value *caught = op_result(build_op(&f->b, OP_CAUGHT, NULL, 0, &text, 1, 0));
    if (locals->len && locals->data[0]) local_bind(f, locals->data[0], &caught);
}

bool lower_try(FnLower *f, const Stmt *s) {
    Op *op = build_try(&f->b);
    Builder outside = f->b;
    f->b = builder_at_end(op->regions[0], outside.span);
    f->tries++;
    bool body_ends = lower_block(f, &s->try_.body, false);
    f->tries--;
    f->b = builder_at_end(op->regions[1], outside.span);
    bind_error(f, s);
    bool handler_ends = lower_block(f, &s->try_.handler, false);
    f->b = outside;
    return body_ends || handler_ends;
}

/* ---- Asking ahead ---------------------------------------------------------------------------- */

typedef struct Search {
    const FnLower *f;
    bool found;
} Search;

static void search_expr(void *data, Expr *e) {
    Search *search = data;
    const ExprInfo *i = info(search->f, e);
    bool is_call = i->role == ROLE_CALL || i->role == ROLE_MAP;
    bool is_wait = i->role == ROLE_BUILTIN && i->builtin == BUILTIN_M_WAIT;
    if ((is_call && i->fn->raises) || i->role == ROLE_ARENA_ALLOC) search->found = true;
    if (is_wait && wait_raises(search->f, e)) search->found = true;
    const AstWalk walk = {search, search_expr, NULL};
    if (!search->found) expr_walk(e, &walk);
}

bool may_raise(const FnLower *f, const Expr *e) {
    Search search = {f, false};
    search_expr(&search, (Expr *)e);
    return search.found;
}
