/* What a node is made of, one level at a time: see AstWalk. */
#include "parser/ast.h"

static void walk_one(const AstWalk *walk, Expr *e) {
    if (e != NULL) walk->on_expr(walk->data, e);
}

static void walk_all(const AstWalk *walk, const ExprVec *es) {
    for (uint32_t i = 0; i < es->len; i++) walk_one(walk, es->data[i]);
}

static void walk_args(const AstWalk *walk, const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) walk_one(walk, args->data[i].value);
}

static void walk_block(const AstWalk *walk, const Block *block) {
    for (uint32_t i = 0; i < block->stmts.len; i++) walk->on_stmt(walk->data, block->stmts.data[i]);
}

static void walk_generator(const AstWalk *walk, const Expr *e) {
    for (uint32_t i = 0; i < e->generator.clauses.len; i++) {
        const GeneratorClause *clause = &e->generator.clauses.data[i];
        walk_one(walk, clause->iter);
        walk_all(walk, &clause->conditions);
    }
    walk_one(walk, e->generator.element);
}

void expr_walk(const Expr *e, const AstWalk *walk) {
    switch (e->kind) {
    case EXPR_TUPLE:
    case EXPR_LIST: walk_all(walk, &e->items); return;
    case EXPR_PAREN:
    case EXPR_TRANSFER:
    case EXPR_SPAWN: walk_one(walk, e->operand); return;
    case EXPR_UNARY: walk_one(walk, e->unary.operand); return;
    case EXPR_BINARY:
        walk_one(walk, e->binary.lhs);
        walk_one(walk, e->binary.rhs);
        return;
    case EXPR_COMPARE: walk_all(walk, &e->compare.operands); return;
    case EXPR_COND:
        walk_one(walk, e->cond.cond);
        walk_one(walk, e->cond.then);
        walk_one(walk, e->cond.otherwise);
        return;
    case EXPR_CALL:
        walk_one(walk, e->call.callee);
        walk_args(walk, &e->call.args);
        return;
    case EXPR_INDEX:
        walk_one(walk, e->index.base);
        walk_args(walk, &e->index.args);
        return;
    case EXPR_SLICE:
        walk_one(walk, e->slice.lo);
        walk_one(walk, e->slice.hi);
        walk_one(walk, e->slice.step);
        return;
    case EXPR_MEMBER: walk_one(walk, e->member.base); return;
    case EXPR_RANGE:
        walk_one(walk, e->range.lo);
        walk_one(walk, e->range.hi);
        return;
    case EXPR_GENERATOR: walk_generator(walk, e); return;
    case EXPR_ERROR:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BOOL:
    case EXPR_STRING:
    case EXPR_NAME:
    case EXPR_UNKNOWN:
    case EXPR_KIND_COUNT: return;
    }
    UNREACHABLE();
}

static void walk_if(const AstWalk *walk, const Stmt *s) {
    for (uint32_t i = 0; i < s->if_.arms.len; i++) {
        walk_one(walk, s->if_.arms.data[i].cond);
        walk_block(walk, &s->if_.arms.data[i].body);
    }
    if (s->if_.has_else) walk_block(walk, &s->if_.otherwise);
}

void stmt_walk(const Stmt *s, const AstWalk *walk) {
    switch (s->kind) {
    case STMT_EXPR:
    case STMT_RETURN:
    case STMT_RAISE: walk_one(walk, s->expr); return;
    case STMT_BINDING:
        walk_one(walk, s->binding.type);
        walk_one(walk, s->binding.value);
        return;
    case STMT_ALIAS:
        walk_one(walk, s->alias.type);
        walk_one(walk, s->alias.value);
        return;
    case STMT_ASSIGN:
        walk_one(walk, s->assign.target);
        walk_one(walk, s->assign.value);
        return;
    case STMT_IF: walk_if(walk, s); return;
    case STMT_WHILE:
        walk_one(walk, s->while_.cond);
        walk_block(walk, &s->while_.body);
        return;
    case STMT_FOR:
        walk_one(walk, s->for_.iter);
        walk_one(walk, s->for_.grain);
        walk_block(walk, &s->for_.body);
        return;
    case STMT_TRY:
        walk_block(walk, &s->try_.body);
        walk_block(walk, &s->try_.handler);
        return;
    case STMT_ASSERT:
        walk_one(walk, s->assert_.cond);
        walk_one(walk, s->assert_.message);
        return;
    case STMT_UNSAFE:
    case STMT_PARALLEL: walk_block(walk, &s->block); return;
    case STMT_FN: walk_block(walk, &s->fn->body); return;
    case STMT_ERROR:
    case STMT_BREAK:
    case STMT_CONTINUE:
    case STMT_PASS:
    case STMT_STRUCT:
    case STMT_TRAIT:
    case STMT_IMPORT:
    case STMT_KIND_COUNT: return;
    }
    UNREACHABLE();
}
