/* Tasks: `spawn f(x)` starts a call, `h.wait()` gives its result. */
#include "sema/declare.h"
#include "sema/expr.h"

static const Type *report_no_call(FnChecker *f, Expr *e, const char *note) {
    Diag *d = diag_add(f->c->cx, K0380, e->span, "only the call of a function can be spawned");
    diag_note(f->c->cx, d, "%s", note);
    return expr_poison(f, e);
}

const Type *check_spawn(FnChecker *f, Expr *e) {
    Expr *call = expr_bare(e->operand);
    if (!check_no_task(f, e->span, "spawn")) return expr_poison(f, e);
    const Type *type = check_expr(f, e->operand, NULL);
    if (type_is_error(type)) return expr_poison(f, e);
    const ExprInfo *info = expr_info(f->c, call);
    if (info->role == ROLE_MAP) {
        return report_no_call(f, e,
                              "this call is made once for each element: put it into a function");
    }
    if (info->role != ROLE_CALL || call->kind != EXPR_CALL) {
        return report_no_call(f, e, "as in `let h = spawn f(x)`, and later `h.wait()`");
    }
    note_spawn(f, info->fn, e->span);
    return expr_set_args(f, e, ROLE_SPAWN, type_task(f->c->types, type), &call, 1);
}

/* `h.wait()` uses the task up, as `h^` would. */
void check_wait(FnChecker *f, Expr *task) {
    PlaceRoot root = place_root(f, task);
    check_no_task(f, task->span, "wait()");
    const ExprInfo *info = expr_info(f->c, expr_bare(task));
    note_task_kept(f, task, NULL);
    if (info->role == ROLE_SPAWN) note_call(f, expr_info(f->c, info->args[0])->fn, task->span, false);
    if (info->role == ROLE_LOCAL) note_task(f, info->local, task->span, TASK_WAIT);
    if (!root_is_named(&root)) return;
    Expr *moved = expr_new(f->c->ids, EXPR_TRANSFER, task->span);
    moved->operand = task;
    check_transfer(f, moved);
}

/* What may fail is waited for by the name that it was started with. */
void task_given(FnChecker *f, const Expr *e) {
    const Expr *named = e->kind == EXPR_TRANSFER ? expr_bare(e->operand) : e;
    const ExprInfo *info = expr_info(f->c, named);
    if (info->role == ROLE_LOCAL) note_task(f, info->local, e->span, TASK_MOVE);
}
