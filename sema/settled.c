/* The last word of a check that found nothing wrong: every expression that lowering will look at has a
 * role and a type, and no number among them is still waiting for its context. A failure is a mistake
 * of this room, not of the user. */
#include "sema/expr.h"

static void settled_block(Checker *c, const Block *block);

static bool is_open(const Type *type) { return type && type_is_literal(type_element(type)); }

static void settled_expr(Checker *c, const Expr *e);

static void settled_exprs(Checker *c, Expr *const *es, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) settled_expr(c, es[i]);
}

static void settled_generator(Checker *c, const Expr *e) {
    settled_expr(c, e->generator.element);
    for (uint32_t i = 0; i < e->generator.clauses.len; i++) {
        const GeneratorClause *clause = &e->generator.clauses.data[i];
        settled_expr(c, clause->iter);
        settled_exprs(c, clause->conditions.data, clause->conditions.len);
    }
}

/* The parts that the syntax names; those of calls are among info->args. */
static void settled_parts(Checker *c, const Expr *e) {
    switch (e->kind) {
    case EXPR_PAREN:
    case EXPR_TRANSFER: settled_expr(c, e->operand); break;
    case EXPR_UNARY: settled_expr(c, e->unary.operand); break;
    case EXPR_BINARY:
        settled_expr(c, e->binary.lhs);
        settled_expr(c, e->binary.rhs);
        break;
    case EXPR_COMPARE:
        settled_exprs(c, e->compare.operands.data, e->compare.operands.len);
        break;
    case EXPR_COND:
        settled_expr(c, e->cond.cond);
        settled_expr(c, e->cond.then);
        settled_expr(c, e->cond.otherwise);
        break;
    case EXPR_TUPLE: settled_exprs(c, e->items.data, e->items.len); break;
    case EXPR_INDEX: settled_expr(c, e->index.base); break;
    case EXPR_MEMBER: settled_expr(c, e->member.base); break;
    case EXPR_GENERATOR: settled_generator(c, e); break;
    case EXPR_SLICE:
        settled_expr(c, e->slice.lo);
        settled_expr(c, e->slice.hi);
        settled_expr(c, e->slice.step);
        break;
    case EXPR_ERROR:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BOOL:
    case EXPR_STRING:
    case EXPR_NAME:
    case EXPR_LIST:
    case EXPR_CALL:
    case EXPR_RANGE:
    case EXPR_UNKNOWN:
    case EXPR_SPAWN:
    case EXPR_KIND_COUNT: break;
    }
}

/* `e` may be NULL. Names of modules, types and functions have no type. */
static void settled_expr(Checker *c, const Expr *e) {
    const ExprInfo *info = e ? expr_info(c, e) : NULL;
    if (!info || !info->type || type_is_error(info->type)) return;
    if (is_open(info->type) || is_open(info->converted)) {
        KC_BUG("%s at byte %u kept a literal type", expr_kind_name(e->kind), e->span.start);
    }
    if (info->constant) return;
    Expr **args = info->args;
    uint32_t count = info->arg_count;
    settled_parts(c, e);
    bool runs = info->role == ROLE_RUN_LOOP;
    const Block *body = runs ? info->body : NULL;
    settled_exprs(c, args, count);
    if (runs) settled_block(c, body);
}

/* ---- Statements ------------------------------------------------------------------------------ */

static void settled_if(Checker *c, const Stmt *s) {
    const StmtInfo *info = stmt_info(c, s);
    bool is_parameter = s->if_.is_parameter, is_taken = info->is_taken;
    uint32_t taken = info->taken;
    for (uint32_t i = 0; i < s->if_.arms.len; i++) {
        if (is_parameter && (!is_taken || i != taken)) continue;
        if (!is_parameter) settled_expr(c, s->if_.arms.data[i].cond);
        settled_block(c, &s->if_.arms.data[i].body);
    }
    bool otherwise = !is_parameter || (is_taken && taken == s->if_.arms.len);
    if (s->if_.has_else && otherwise) settled_block(c, &s->if_.otherwise);
}

static void settled_for(Checker *c, const Stmt *s) {
    if (!s->for_.is_parameter) {
        settled_expr(c, s->for_.iter);
        settled_block(c, &s->for_.body);
        return;
    }
    const StmtInfo *info = stmt_info(c, s);
    Block *bodies = info->unrolled.data;
    uint32_t count = info->unrolled.len;
    for (uint32_t i = 0; i < count; i++) settled_block(c, &bodies[i]);
}

static void settled_stmt(Checker *c, const Stmt *s) {
    switch (s->kind) {
    case STMT_EXPR:
    case STMT_RETURN:
    case STMT_RAISE: settled_expr(c, s->expr); break;
    case STMT_BINDING: settled_expr(c, s->binding.value); break;
    case STMT_ASSIGN:
        settled_expr(c, s->assign.target);
        settled_expr(c, s->assign.value);
        break;
    case STMT_IF: settled_if(c, s); break;
    case STMT_WHILE:
        settled_expr(c, s->while_.cond);
        settled_block(c, &s->while_.body);
        break;
    case STMT_FOR: settled_for(c, s); break;
    case STMT_ASSERT:
        settled_expr(c, s->assert_.cond);
        settled_expr(c, s->assert_.message);
        break;
    case STMT_UNSAFE:
    case STMT_PARALLEL: settled_block(c, &s->block); break;
    case STMT_TRY:
        settled_block(c, &s->try_.body);
        settled_block(c, &s->try_.handler);
        break;
    case STMT_ERROR:
    case STMT_ALIAS: /* its value is where its name is used */
    case STMT_BREAK:
    case STMT_CONTINUE:
    case STMT_PASS:
    case STMT_FN: /* checked as a function of its own */
    case STMT_STRUCT:
    case STMT_TRAIT:
    case STMT_IMPORT:
    case STMT_KIND_COUNT: break;
    }
}

static void settled_block(Checker *c, const Block *block) {
    for (uint32_t i = 0; i < block->stmts.len; i++) settled_stmt(c, block->stmts.data[i]);
}

void settled_check(Checker *c, const FnSymbol *fn) { settled_block(c, &fn->decl->body); }
