/* Checking a program: the order of the work, and the side tables. */
#include <string.h>

#include "sema/declare.h"

/* ---- Side tables ----------------------------------------------------------------------------- */

/* A larger copy of a table; ids grow as the bodies of `@parameter for` are copied. */
static void *grown(Checker *c, const void *table, uint32_t count, uint32_t *cap, uint32_t needed,
                   size_t size) {
    uint32_t wanted = *cap < 256 ? 256 : *cap;
    while (wanted < needed) wanted = wanted > UINT32_MAX / 2 ? UINT32_MAX : wanted * 2;
    void *copy = arena_alloc_array(c->cx->arena, wanted, size);
    if (count > 0) memcpy(copy, table, count * size);
    *cap = wanted;
    return copy;
}

static void exprs_reserve(Checker *c, uint32_t count) {
    Checked *out = c->out;
    if (count > c->expr_cap) {
        out->exprs = grown(c, out->exprs, out->expr_count, &c->expr_cap, count, sizeof *out->exprs);
    }
    if (count > out->expr_count) out->expr_count = count;
}

static void stmts_reserve(Checker *c, uint32_t count) {
    Checked *out = c->out;
    if (count > c->stmt_cap) {
        out->stmts = grown(c, out->stmts, out->stmt_count, &c->stmt_cap, count, sizeof *out->stmts);
    }
    if (count > out->stmt_count) out->stmt_count = count;
}

ExprInfo *expr_info(Checker *c, const Expr *e) {
    if (e->id >= c->out->expr_count)
        exprs_reserve(c, c->ids->exprs > e->id ? c->ids->exprs : e->id + 1);
    return &c->out->exprs[e->id];
}

StmtInfo *stmt_info(Checker *c, const Stmt *s) {
    if (s->id >= c->out->stmt_count)
        stmts_reserve(c, c->ids->stmts > s->id ? c->ids->stmts : s->id + 1);
    return &c->out->stmts[s->id];
}

/* ---- The order of the work ------------------------------------------------------------------- */

static Checker *checker_create(Context *cx, AstIds *ids, const SemaOptions *options) {
    Checker *c = arena_new(cx->arena, Checker);
    c->cx = cx;
    c->ids = ids;
    c->options = options;
    c->sizes = sizes_create(cx);
    c->types = types_create(cx, c->sizes);
    c->program = arena_new(cx->arena, Program);
    c->out = arena_new(cx->arena, Checked);
    c->out->cx = cx;
    c->out->sizes = c->sizes;
    c->out->types = c->types;
    c->prelude = prelude_create(c);
    return c;
}

/* The list may grow meanwhile: an operator can bring in a module of the library. */
static void check_bodies(Checker *c) {
    for (uint32_t i = 0; i < c->program->bodies.len; i++)
        check_fn_body(c, c->program->bodies.data[i]);
}

static void modules_list(Checker *c) {
    const ModuleVec *lists[] = {&c->program->modules, &c->program->mains};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (uint32_t k = 0; k < lists[i]->len; k++) {
            vec_push(c->cx->arena, &c->out->modules, &lists[i]->data[k]->symbol);
        }
    }
}

Checked *check_program(Context *cx, AstIds *ids, const Ast *const *mains, uint32_t main_count,
                       const SemaOptions *options) {
    Checker *c = checker_create(cx, ids, options);
    mains_load(c, mains, main_count);
    check_bodies(c);
    raises_settle(c);
    replaced_settle(c);
    conversions_settle(c);
    modules_list(c);
    exprs_reserve(c, ids->exprs);
    stmts_reserve(c, ids->stmts);
    return c->out;
}
