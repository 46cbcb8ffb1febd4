/* `parallel:`: a block of calls that run as soon as those before them allow. */
#include "sema/declare.h"
#include "sema/expr.h"

static void report_no_call(FnChecker *f, Span span, const char *what) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0387, span, "what `parallel:` runs are calls, and this is %s", what);
    diag_note(cx, d, "`f(x)`, `let a = f(x)` and `y = f(x)` stand in the block; the rest goes into a function that "
                     "is called here, or before and behind the block");
}

/* What the statement calls; NULL: it is no such statement. */
static Expr *called_value(const Stmt *s) {
    switch ((int)s->kind) {
    case STMT_EXPR: return s->expr;
    case STMT_BINDING: return s->binding.value;
    case STMT_ASSIGN: return s->assign.has_op ? NULL : s->assign.value;
    default: return NULL;
    }
}

static bool is_function_call(FnChecker *f, Expr *value) {
    const Expr *e = expr_bare(value);
    const ExprInfo *info = expr_info(f->c, e);
    return e->kind == EXPR_CALL && info->role == ROLE_CALL;
}

static const char *statement_words(const Stmt *s) {
    switch ((int)s->kind) {
    case STMT_EXPR: return "another expression";
    case STMT_BINDING: return s->binding.value == NULL ? "a variable without a value" : "another value";
    case STMT_ASSIGN: return s->assign.has_op ? "an operator" : "another value";
    case STMT_FOR:
    case STMT_WHILE: return "a loop";
    case STMT_IF: return "a choice";
    case STMT_RETURN:
    case STMT_BREAK:
    case STMT_CONTINUE: return "a way out of the block";
    default: return "another statement";
    }
}

static void check_part(FnChecker *f, Stmt *s) {
    if (s->kind == STMT_PASS || s->kind == STMT_ERROR) return;
    Expr *value = called_value(s);
    uint32_t before = f->c->cx->diags.all.len;
    if (value == NULL) {
        report_no_call(f, span_head(f->c, s->span), statement_words(s));
        return;
    }
    check_stmt(f, s);
    if (f->c->cx->diags.all.len != before || type_is_error(expr_type(f, value))) return;
    if (!is_function_call(f, value)) report_no_call(f, value->span, statement_words(s));
}

void check_graph(FnChecker *f, Stmt *s) {
    Scope *outer = f->scope;
    f->scope = scope_new(f->c, outer);
    f->graph_depth++;
    for (uint32_t i = 0; i < s->block.stmts.len; i++) check_part(f, s->block.stmts.data[i]);
    f->graph_depth--;
    f->scope = outer;
}

bool check_no_task(FnChecker *f, Span span, const char *word) {
    if (f->graph_depth == 0) return true;
    Diag *d = diag_add(f->c->cx, K0387, span, "`%s` has no place in a `parallel:` block", word);
    diag_note(f->c->cx, d, "its calls are tasks already, and wait for each other by themselves");
    return false;
}
