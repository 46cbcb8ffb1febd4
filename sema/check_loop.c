/* Loops, and loops that are unrolled while compiling. */
#include "sema/declare.h"
#include "sema/expr.h"

/* ---- for and while --------------------------------------------------------------------------- */

/* `grain(k)`: how many iterations one thread takes at a time. */
static void check_grain(FnChecker *f, const Stmt *s) {
    if (s->for_.grain == NULL) return;
    check_expr(f, s->for_.grain, type_int(f->c->types));
    convert_index(f, s->for_.grain, "the grain");
}

static void check_loop_body(FnChecker *f, Block *body) {
    uint32_t outer = f->loop_start;
    f->loop_start = body->span.start;
    f->loop_depth++;
    for (uint32_t i = 0; i < body->stmts.len; i++) check_stmt(f, body->stmts.data[i]);
    f->loop_depth--;
    f->loop_start = outer;
}

static void check_for(FnChecker *f, Stmt *s) {
    const Type *type = check_iterable(f, s->for_.iter);
    check_grain(f, s);
    Scope *outer = f->scope;
    f->scope = scope_new(f->c, outer);
    Local *local = local_new(f, s->for_.target.name, s->for_.target.span, type, false);
    local->is_counter = true;
    local_declare(f, local);
    StmtInfo *info = stmt_info(f->c, s);
    vec_push(f->c->cx->arena, &info->locals, local);
    check_reductions(f, s);
    uint32_t errors = f->c->cx->diags.errors;
    check_loop_body(f, &s->for_.body);
    if (f->c->cx->diags.errors == errors) check_reduced_uses(f, s);
    f->scope = outer;
}

static void check_while(FnChecker *f, Stmt *s) {
    check_condition(f, s->while_.cond, "`while`");
    Scope *outer = f->scope;
    f->scope = scope_new(f->c, outer);
    check_loop_body(f, &s->while_.body);
    f->scope = outer;
}

/* ---- @parameter for -------------------------------------------------------------------------- */

/* More copies than this are a mistake, or belong in a loop. */
enum { MOST_COPIES = 4096, MOST_IN_ALL = 65536, MOST_NODES = 1000000 };

typedef struct Unrolling {
    int64_t lo, step;
    Int128 count;
} Unrolling;

static bool bound_known(FnChecker *f, Expr *e, int64_t otherwise, int64_t *value) {
    *value = otherwise;
    if (e == NULL) return true;
    const Const *constant =
        check_constant(f, e, type_int(f->c->types), "a bound of `@parameter for`");
    return constant != NULL && expr_known_int(f, e, value);
}

static void report_unroll(FnChecker *f, const Stmt *s, const char *message, const char *note) {
    Diag *d = diag_add(f->c->cx, K0231, s->for_.iter->span, "%s", message);
    diag_note(f->c->cx, d, "%s", note);
}

static bool unrolling_of(FnChecker *f, const Stmt *s, Unrolling *u) {
    const ExprInfo *info = expr_info(f->c, expr_bare(s->for_.iter));
    if (info->role != ROLE_RANGE) {
        report_unroll(
            f, s, "`@parameter for` runs over a range",
            "as in `@parameter for i in range(4)`: each iteration is compiled on its own");
        return false;
    }
    Expr *args[3] = {NULL, NULL, NULL};
    for (uint32_t i = 0; i < 3 && i < info->arg_count; i++) args[i] = info->args[i];
    int64_t hi;
    if (!bound_known(f, args[0], 0, &u->lo) || !bound_known(f, args[1], 0, &hi) ||
        !bound_known(f, args[2], 1, &u->step)) {
        return false;
    }
    if (u->step == 0) {
        report_unroll(f, s, "a range with a step of 0 never ends", "the step is the third number");
        return false;
    }
    Int128 distance = u->step > 0 ? (Int128)hi - u->lo : (Int128)u->lo - hi;
    Int128 step = u->step > 0 ? u->step : -(Int128)u->step;
    u->count = distance > 0 ? (distance + step - 1) / step : 0;
    if (u->count <= MOST_COPIES) return true;
    Diag *d = diag_add(f->c->cx, K0231, s->for_.iter->span,
                       "this would copy the body more than %d times", MOST_COPIES);
    diag_note(f->c->cx, d, "a plain `for` runs as often as you like");
    return false;
}

/* The name stands for a number in each copy, as if it were written there. */
static void check_iteration(FnChecker *f, const Stmt *s, int64_t value, Block *copy) {
    Scope *outer = f->scope;
    f->scope = scope_new(f->c, outer);
    Ident target = s->for_.target;
    Symbol *symbol = scope_add(f->c, f->scope, SYM_ALIAS, target.name, target.span);
    symbol->alias.state = ALIAS_DONE;
    symbol->alias.type = type_int_literal(f->c->types);
    symbol->alias.constant = const_int(f->c, value);
    for (uint32_t i = 0; i < copy->stmts.len; i++) check_stmt(f, copy->stmts.data[i]);
    f->scope = outer;
}

/* `break` and `continue` would have to be decided while compiling. */
static bool report_exit(FnChecker *f, const Block *block) {
    for (uint32_t i = 0; i < block->stmts.len; i++) {
        const Stmt *s = block->stmts.data[i];
        if (s->kind == STMT_BREAK || s->kind == STMT_CONTINUE) {
            Diag *d =
                diag_add(f->c->cx, K0216, s->span, "`%s` cannot leave a loop that is unrolled",
                         s->kind == STMT_BREAK ? "break" : "continue");
            diag_note(f->c->cx, d, "use `@parameter if`, or a plain `for`");
            return true;
        }
        if (s->kind != STMT_IF) continue;
        for (uint32_t k = 0; k < s->if_.arms.len; k++) {
            if (report_exit(f, &s->if_.arms.data[k].body)) return true;
        }
        if (s->if_.has_else && report_exit(f, &s->if_.otherwise)) return true;
    }
    return false;
}

void check_unrolled(FnChecker *f, Stmt *s) {
    const Type *type = check_iterable(f, s->for_.iter);
    Unrolling u;
    if (type_is_error(type) || report_exit(f, &s->for_.body) || !unrolling_of(f, s, &u)) return;
    uint32_t depth = f->loop_depth, errors = f->c->cx->diags.errors;
    f->loop_depth = 0;
    for (Int128 i = 0; i < u.count && f->c->cx->diags.errors == errors; i++) {
        if (f->c->program->copies++ >= MOST_IN_ALL || f->c->ids->exprs > MOST_NODES) {
            report_unroll(f, s, "loops inside each other are unrolled too often here",
                          "use a plain `for` for the outer ones");
            break;
        }
        Block copy = block_clone(f->c->ids, &s->for_.body);
        check_iteration(f, s, (int64_t)(u.lo + i * u.step), &copy);
        vec_push(f->c->cx->arena, &stmt_info(f->c, s)->unrolled, copy);
    }
    f->loop_depth = depth;
}

void check_loop(FnChecker *f, Stmt *s) {
    if (s->kind == STMT_WHILE) {
        check_while(f, s);
    } else if (s->for_.is_parameter) {
        check_unrolled(f, s);
    } else {
        check_for(f, s);
    }
}
