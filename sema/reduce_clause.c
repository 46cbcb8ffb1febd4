/* `parallel for i in r reduce(+: s, max: m):` - which variables each iteration adds its part to, and
 * that the body does nothing else with them. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

typedef struct ReduceRow {
    const char *op;
    Builtin function; /* `s = min(s, e)`, or... */
    BinaryOp binary;  /* ...`s = s + e` */
    bool is_logic;    /* of bools */
    bool has_short;   /* `s += e` is written too */
} ReduceRow;

static const ReduceRow rows[] = {
    {"+", BUILTIN_NONE, BIN_ADD, false, true},
    {"*", BUILTIN_NONE, BIN_MUL, false, true},
    {"min", BUILTIN_MIN, BINARY_OP_COUNT, false, false},
    {"max", BUILTIN_MAX, BINARY_OP_COUNT, false, false},
    {"and", BUILTIN_NONE, BIN_AND, true, false},
    {"or", BUILTIN_NONE, BIN_OR, true, false},
};

static const ReduceRow *row_of(FnChecker *f, const ReduceClause *clause) {
    const char *op = text_of(f->c->cx, clause->op);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].op, op) == 0) return &rows[i];
    }
    return NULL;
}

/* ---- The clauses ----------------------------------------------------------------------------- */

static bool check_loop_kind(FnChecker *f, const Stmt *s) {
    if (s->for_.is_parallel || s->for_.is_simd) return true;
    Context *cx = f->c->cx;
    const ReduceClause *clause = &s->for_.reductions.data[0];
    Diag *d = diag_add(cx, K0378, clause->op_span,
                       "this loop runs in order, so there is nothing to declare with `reduce`");
    Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "let the iterations run at the same time");
    fix_replace(cx, fix, span_before(s->span), "parallel ");
    diag_note(cx, d, "in a plain `for`, `%s` may change as in any other statement",
              text_of(cx, clause->var.name));
    return false;
}

static const ReduceRow *check_operator(FnChecker *f, const ReduceClause *clause) {
    const ReduceRow *row = row_of(f, clause);
    if (row != NULL) return row;
    Context *cx = f->c->cx;
    const char *op = text_of(cx, clause->op);
    Diag *d = diag_add(cx, K0378, clause->op_span, "`reduce` cannot combine values with `%s`", op);
    static const struct {
        const char *word, *op;
    } habits[] = {{"sum", "+"}, {"add", "+"},   {"prod", "*"},
                  {"mul", "*"}, {"all", "and"}, {"any", "or"}};
    for (size_t i = 0; i < ARRAY_LEN(habits); i++) {
        if (strcmp(habits[i].word, op) != 0) continue;
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "write `%s`", habits[i].op);
        fix_replace(cx, fix, clause->op_span, habits[i].op);
        return NULL;
    }
    diag_note(cx, d, "the operators are `+`, `*`, `min`, `max`, `and` and `or`");
    return NULL;
}

static bool is_repeated(FnChecker *f, const Stmt *s, uint32_t index) {
    const Ident *var = &s->for_.reductions.data[index].var;
    for (uint32_t i = 0; i < index; i++) {
        const Ident *before = &s->for_.reductions.data[i].var;
        if (!name_eq(before->name, var->name)) continue;
        Diag *d = diag_add(f->c->cx, K0378, var->span, "`%s` is reduced twice",
                           text_of(f->c->cx, var->name));
        diag_label(f->c->cx, d, before->span, "the first");
        return true;
    }
    return false;
}

static bool suits(const ReduceRow *row, const Type *type) {
    const Type *elem = type_element(type);
    if (!type_is_array(type) && type->kind != TYPE_SCALAR) return false;
    return row->is_logic ? type_is_bool(elem) : type_is_number(elem);
}

static void report_type(FnChecker *f, const ReduceRow *row, Ident var, const Local *local) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0378, var.span, "`%s` combines %s, but `%s` is `%s`", row->op,
                       row->is_logic ? "bools" : "numbers", text_of(cx, var.name),
                       type_text(cx, local->type));
    diag_label(cx, d, local->span, "declared here");
}

/* The variable, which every iteration may change; NULL after reporting. */
static Local *check_variable(FnChecker *f, const ReduceClause *clause, const ReduceRow *row) {
    Ident var = clause->var;
    Symbol *symbol = scope_find(f->scope, var.name);
    if (symbol == NULL) {
        report_unknown_name(f, var.name, var.span);
        return NULL;
    }
    if (symbol->kind != SYM_LOCAL) {
        Diag *d = diag_add(f->c->cx, K0378, var.span,
                           "`%s` is no variable, so that iterations cannot "
                           "change it",
                           text_of(f->c->cx, var.name));
        diag_note(f->c->cx, d, "declare one before the loop: `var s = 0.0`");
        return NULL;
    }
    Expr *name = expr_new(f->c->ids, EXPR_NAME, var.span);
    name->name = var.name;
    const char *label = "every iteration adds its part to it";
    const Type *type = check_expr(f, name, NULL);
    if (type_is_error(type)) return NULL;
    bool changes = type_is_array(type) ? check_writable(f, name, label)
                                       : !type_is_error(check_place(f, name, label));
    if (!changes) return NULL;
    if (suits(row, type)) return symbol->local;
    report_type(f, row, var, symbol->local);
    return NULL;
}

void check_reductions(FnChecker *f, Stmt *s) {
    if (s->for_.reductions.len == 0 || !check_loop_kind(f, s)) return;
    for (uint32_t i = 0; i < s->for_.reductions.len; i++) {
        const ReduceClause *clause = &s->for_.reductions.data[i];
        if (clause->var.name.id == 0 || is_repeated(f, s, i)) continue;
        const ReduceRow *row = check_operator(f, clause);
        Local *local = row != NULL ? check_variable(f, clause, row) : NULL;
        if (local != NULL) vec_push(f->c->cx->arena, &stmt_info(f->c, s)->locals, local);
    }
}

/* ---- What the body does with them ------------------------------------------------------------ */

typedef struct Uses {
    FnChecker *f;
    const ReduceClause *clause;
    const ReduceRow *row;
    const Local *local;
    bool is_told; /* one report for each variable */
} Uses;

static const char *allowed(const Uses *u) {
    Context *cx = u->f->c->cx;
    const char *name = text_of(cx, u->local->name), *op = u->row->op;
    if (u->row->function != BUILTIN_NONE) {
        return arena_printf(cx->arena, "`%s = %s(%s, ...)`", name, op, name);
    }
    const char *whole = arena_printf(cx->arena, "`%s = %s %s ...`", name, name, op);
    if (!u->row->has_short) return whole;
    return arena_printf(cx->arena, "%s and `%s %s= ...`", whole, name, op);
}

static Diag *report_touch(Uses *u, Span span) {
    if (u->is_told) return NULL;
    u->is_told = true;
    Context *cx = u->f->c->cx;
    const char *name = text_of(cx, u->local->name);
    Diag *d = diag_add(cx, K0373, span,
                       "`%s` is reduced with `%s`: inside the loop, only %s may touch it", name,
                       u->row->op, allowed(u));
    diag_label(cx, d, u->clause->var.span,
               "every iteration has its own `%s`, and they are combined "
               "at the end",
               name);
    return d;
}

static bool is_local(const Uses *u, Expr *e) {
    const ExprInfo *info = expr_info(u->f->c, expr_bare(e));
    return expr_bare(e)->kind == EXPR_NAME && info->role == ROLE_LOCAL && info->local == u->local;
}

static void use_stmt(void *data, Stmt *s);

static void use_block(Uses *u, const Block *block) {
    for (uint32_t i = 0; i < block->stmts.len; i++) use_stmt(u, block->stmts.data[i]);
}

/* How large it is stays the same. */
static bool asks_size(Uses *u, const Expr *e) {
    const ExprInfo *info = expr_info(u->f->c, e);
    if (info->role != ROLE_BUILTIN || info->arg_count == 0 || !is_local(u, info->args[0]))
        return false;
    return info->builtin == BUILTIN_LEN || info->builtin == BUILTIN_M_LEN ||
           info->builtin == BUILTIN_M_SHAPE;
}

static void use_expr(void *data, Expr *e) {
    Uses *u = data;
    if (asks_size(u, e)) return;
    if (is_local(u, e)) {
        report_touch(u, e->span);
        return;
    }
    const ExprInfo *info = expr_info(u->f->c, e);
    if (info->role == ROLE_RUN_LOOP) use_block(u, info->body);
    expr_walk(e, &(AstWalk){u, use_expr, use_stmt});
}

/* The variable that an assignment changes: `s`, `hist[k]`. */
static bool targets(const Uses *u, Expr *target) {
    for (target = expr_bare(target); target->kind == EXPR_INDEX;)
        target = expr_bare(target->index.base);
    return is_local(u, target);
}

static bool is_same(const Uses *u, Expr *a, Expr *b) {
    StrBuf left = {0}, right = {0};
    expr_print(u->f->c->cx, expr_bare(a), &left);
    expr_print(u->f->c->cx, expr_bare(b), &right);
    bool same = strcmp(strbuf_text(&left), strbuf_text(&right)) == 0;
    strbuf_free(&left);
    strbuf_free(&right);
    return same;
}

/* The parts of `s + a + b`, or of `min(s, a, b)`, all but `s` itself; false if it is not that. */
static bool use_combination(Uses *u, Expr *target, Expr *value) {
    value = expr_bare(value);
    if (u->row->function != BUILTIN_NONE) {
        const ExprInfo info = *expr_info(u->f->c, value);
        if (info.role != ROLE_BUILTIN || info.builtin != u->row->function || info.arg_count < 2)
            return false;
        uint32_t own = 0;
        while (own < info.arg_count && !is_same(u, info.args[own], target)) own++;
        if (own == info.arg_count) return false;
        for (uint32_t i = 0; i < info.arg_count; i++) {
            if (i != own) use_expr(u, info.args[i]);
        }
        return true;
    }
    if (value->kind != EXPR_BINARY || value->binary.op != u->row->binary) return false;
    Expr *lhs = value->binary.lhs, *rhs = value->binary.rhs;
    if (is_same(u, rhs, target)) {
        use_expr(u, lhs);
        return true;
    }
    if (!is_same(u, lhs, target) && !use_combination(u, target, lhs)) return false;
    use_expr(u, rhs);
    return true;
}

static void use_indices(Uses *u, Expr *target) {
    for (target = expr_bare(target); target->kind == EXPR_INDEX;) {
        for (uint32_t i = 0; i < target->index.args.len; i++) {
            use_expr(u, target->index.args.data[i].value);
        }
        target = expr_bare(target->index.base);
    }
}

/* Another operator than the one that is declared, where only one of them can be meant. */
static void suggest_operator(Uses *u, Diag *d, BinaryOp op) {
    if (d == NULL || u->row->is_logic || (op != BIN_ADD && op != BIN_MUL)) return;
    Context *cx = u->f->c->cx;
    const char *spelling = binary_op_spelling(op);
    Fix *fix = diag_fix(cx, d, FIX_SUGGESTED, "reduce it with `%s`", spelling);
    fix_replace(cx, fix, u->clause->op_span, spelling);
}

static void use_assign(Uses *u, Stmt *s) {
    Expr *target = s->assign.target, *value = s->assign.value;
    use_indices(u, target);
    if (s->assign.has_op && s->assign.op == u->row->binary) {
        use_expr(u, value);
    } else if (s->assign.has_op) {
        suggest_operator(u, report_touch(u, s->span), s->assign.op);
    } else if (!use_combination(u, target, value)) {
        Diag *d = report_touch(u, s->span);
        if (expr_bare(value)->kind == EXPR_BINARY)
            suggest_operator(u, d, expr_bare(value)->binary.op);
    }
}

/* A loop inside may reduce the variable too, in the same way. */
static void use_inner_reductions(Uses *u, const Stmt *s) {
    for (uint32_t i = 0; i < s->for_.reductions.len; i++) {
        const ReduceClause *inner = &s->for_.reductions.data[i];
        if (!name_eq(inner->var.name, u->clause->var.name)) continue;
        if (row_of(u->f, inner) != u->row) report_touch(u, inner->var.span);
    }
}

static void use_stmt(void *data, Stmt *s) {
    Uses *u = data;
    if (s->kind == STMT_FN) return; /* looked at where it runs */
    if (s->kind == STMT_ASSIGN && targets(u, s->assign.target)) {
        use_assign(u, s);
        return;
    }
    if (s->kind == STMT_FOR) use_inner_reductions(u, s);
    if (s->kind == STMT_FOR && s->for_.is_parameter) {
        const StmtInfo info = *stmt_info(u->f->c, s);
        for (uint32_t i = 0; i < info.unrolled.len; i++) use_block(u, &info.unrolled.data[i]);
        return;
    }
    stmt_walk(s, &(AstWalk){u, use_expr, use_stmt});
}

void check_reduced_uses(FnChecker *f, const Stmt *s) {
    const StmtInfo info = *stmt_info(f->c, s);
    for (uint32_t i = 1; i < info.locals.len; i++) {
        Uses u = {.f = f, .local = info.locals.data[i]};
        for (uint32_t k = 0; k < s->for_.reductions.len; k++) {
            if (name_eq(s->for_.reductions.data[k].var.name, u.local->name)) {
                u.clause = &s->for_.reductions.data[k];
            }
        }
        u.row = row_of(f, u.clause);
        use_block(&u, &s->for_.body);
    }
}
