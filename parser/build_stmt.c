/* Statements: from the grammar's actions to nodes. A compound statement ends where its last block
 * ends, not at the first token behind it. */
#include "parser/build.h"

StmtVec stmts_add(Parser *p, StmtVec stmts, Stmt *stmt) {
    p->after_error = stmt->kind == STMT_ERROR;
    vec_push(p->arena, &stmts, stmt);
    return stmts;
}

/* The block of a header that could not be read goes with it; one that is merely indented too far
 * counts as if it were not. */
StmtVec stmts_join(Parser *p, StmtVec stmts, const StmtVec *indented) {
    bool belongs_to_error = stmts.len > 0 && vec_last(&stmts)->kind == STMT_ERROR;
    for (uint32_t i = 0; i < indented->len && !belongs_to_error; i++) {
        vec_push(p->arena, &stmts, indented->data[i]);
    }
    p->after_error = belongs_to_error;
    return stmts;
}

Block block_of_stmt(Parser *p, Stmt *stmt) {
    Block block = {.span = stmt->span};
    vec_push(p->arena, &block.stmts, stmt);
    return block;
}

Block block_of_stmts(Parser *p, const StmtVec *stmts, Span span) {
    (void)p;
    Block block = {.stmts = *stmts, .span = span};
    if (stmts->len > 0) block.span = span_join(stmts->data[0]->span, vec_last(stmts)->span);
    return block;
}

Stmt *stmt_of_expr(Parser *p, StmtKind kind, Span span, Expr *expr) {
    Stmt *stmt = stmt_new(p->ids, kind, span);
    stmt->expr = expr;
    return stmt;
}

/* From the start of `span` to the end of `last`. */
static Stmt *stmt_until(Parser *p, StmtKind kind, Span span, const Block *last) {
    return stmt_new(p->ids, kind, span_join(span_before(span), last->span));
}

Stmt *stmt_of_block(Parser *p, StmtKind kind, Span span, Block block) {
    Stmt *stmt = stmt_until(p, kind, span, &block);
    stmt->block = block;
    return stmt;
}

/* --- Simple statements --- */

Stmt *stmt_assign(Parser *p, Span span, Expr *target, Expr *value) {
    Stmt *stmt = stmt_new(p->ids, STMT_ASSIGN, span);
    stmt->assign.target = target;
    stmt->assign.value = value;
    return stmt;
}

Stmt *stmt_augmented(Parser *p, Span span, Expr *target, BinaryOp op, Span op_span, Expr *value) {
    Stmt *stmt = stmt_assign(p, span, target, value);
    stmt->assign.has_op = true;
    stmt->assign.op = op;
    stmt->assign.op_span = op_span;
    return stmt;
}

Stmt *stmt_alias(Parser *p, Span span, Ident name, Expr *type, Expr *value) {
    Stmt *stmt = stmt_new(p->ids, STMT_ALIAS, span);
    stmt->alias.name = name;
    stmt->alias.type = type;
    stmt->alias.value = value;
    return stmt;
}

Stmt *stmt_assert(Parser *p, Span span, bool is_debug, Expr *cond, Expr *message) {
    Stmt *stmt = stmt_new(p->ids, STMT_ASSERT, span);
    stmt->assert_.is_debug = is_debug;
    stmt->assert_.cond = cond;
    stmt->assert_.message = message;
    return stmt;
}

/* A `let` freezes the value it is given, and a `var` needs at least a type. */
static void report_no_value(Parser *p, const Stmt *stmt) {
    const Ident *name = &stmt->binding.names.data[0];
    Span keyword = stmt->binding.keyword;
    const char *text = text_of(p->cx, name->name);
    if (stmt->binding.is_var) {
        Diag *d = parser_report(p, K0112, name->span, "`%s` has neither a type nor a value", text);
        if (d != NULL) diag_note(p->cx, d, "write `var %s: f32` or `var %s = 0.0`", text, text);
        return;
    }
    Diag *d = parser_report(p, K0112, name->span, "`let %s` has no value", text);
    if (d == NULL) return;
    diag_note(p->cx, d, "a `let` keeps the value it is declared with: write `let %s = ...`", text);
    Fix *fix = diag_fix(p->cx, d, FIX_SUGGESTED, "for a variable that gets its value later, "
                                                 "write `var`");
    if (stmt->binding.type != NULL) {
        fix_replace(p->cx, fix, keyword, "var");
    } else {
        fix_replace(p->cx, fix, stmt->span, arena_printf(p->arena, "var %s: f32", text));
    }
}

Stmt *stmt_binding(Parser *p, Span span, bool is_var, Span keyword, IdentVec names, Expr *type,
                   Expr *value) {
    Stmt *stmt = stmt_new(p->ids, STMT_BINDING, span);
    stmt->binding.is_var = is_var;
    stmt->binding.names = names;
    stmt->binding.type = type;
    stmt->binding.value = value;
    stmt->binding.keyword = keyword;
    bool is_complete = value != NULL || (stmt->binding.is_var && type != NULL);
    if (is_complete) return stmt;
    report_no_value(p, stmt);
    stmt->binding.value = expr_new(p->ids, EXPR_ERROR, span);
    return stmt;
}

/* --- Imports --- */

ImportDecl *import_module(Parser *p, IdentVec path, Ident as) {
    ImportDecl *import = arena_new(p->arena, ImportDecl);
    import->path = path;
    import->as = as;
    return import;
}

Stmt *stmt_import(Parser *p, Span span, ImportDecl *import) {
    Stmt *stmt = stmt_new(p->ids, STMT_IMPORT, span);
    stmt->import = import;
    return stmt;
}

Stmt *stmt_from(Parser *p, Span span, IdentVec path, ImportedNameVec names) {
    ImportDecl *import = import_module(p, path, NO_IDENT);
    import->is_from = true;
    import->names = names;
    return stmt_import(p, span, import);
}

/* --- Branches and loops --- */

static void add_arm(Parser *p, Stmt *stmt, Expr *cond, Block body) {
    IfArm arm = {cond, body};
    vec_push(p->arena, &stmt->if_.arms, arm);
    stmt->span = span_join(stmt->span, body.span);
}

Stmt *stmt_if(Parser *p, Span span, Expr *cond, Block body) {
    Stmt *stmt = stmt_until(p, STMT_IF, span, &body);
    add_arm(p, stmt, cond, body);
    return stmt;
}

Stmt *if_elif(Parser *p, Stmt *stmt, Expr *cond, Block body) {
    add_arm(p, stmt, cond, body);
    return stmt;
}

Stmt *if_else(Parser *p, Stmt *stmt, Block body) {
    (void)p;
    stmt->if_.has_else = true;
    stmt->if_.otherwise = body;
    stmt->span = span_join(stmt->span, body.span);
    return stmt;
}

Stmt *stmt_while(Parser *p, Span span, Expr *cond, Block body) {
    Stmt *stmt = stmt_until(p, STMT_WHILE, span, &body);
    stmt->while_.cond = cond;
    stmt->while_.body = body;
    return stmt;
}

Stmt *stmt_for(Parser *p, Span span, const LoopHead *head, Block body) {
    Stmt *stmt = stmt_until(p, STMT_FOR, span, &body);
    stmt->for_.is_parallel = head->strength.is_parallel;
    stmt->for_.is_simd = head->strength.is_simd;
    stmt->for_.target = head->target;
    stmt->for_.iter = head->iter;
    stmt->for_.reductions = head->reductions;
    stmt->for_.grain = head->grain;
    stmt->for_.body = body;
    return stmt;
}

LoopHead loop_reduce(Parser *p, LoopHead head, const ReduceVec *reductions) {
    for (uint32_t i = 0; i < reductions->len; i++) {
        vec_push(p->arena, &head.reductions, reductions->data[i]);
    }
    return head;
}

Stmt *stmt_try(Parser *p, Span span, Block body, Ident error, Block handler) {
    Stmt *stmt = stmt_until(p, STMT_TRY, span, &handler);
    stmt->try_.body = body;
    stmt->try_.error = error;
    stmt->try_.handler = handler;
    return stmt;
}
