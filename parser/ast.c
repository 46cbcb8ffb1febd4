/* Nodes: making and copying them, and the names of their kinds. */
#include "parser/ast.h"

Expr *expr_new(AstIds *ids, ExprKind kind, Span span) {
    Expr *expr = arena_new(ids->arena, Expr);
    expr->kind = kind;
    expr->id = ids->exprs++;
    expr->span = span;
    return expr;
}

Stmt *stmt_new(AstIds *ids, StmtKind kind, Span span) {
    Stmt *stmt = arena_new(ids->arena, Stmt);
    stmt->kind = kind;
    stmt->id = ids->stmts++;
    stmt->span = span;
    return stmt;
}

/* --- Copies of expressions --- */

static Expr *clone_maybe(AstIds *ids, const Expr *expr) {
    return expr == NULL ? NULL : expr_clone(ids, expr);
}

static ExprVec clone_exprs(AstIds *ids, const ExprVec *exprs) {
    ExprVec copy = {0};
    for (uint32_t i = 0; i < exprs->len; i++) {
        vec_push(ids->arena, &copy, expr_clone(ids, exprs->data[i]));
    }
    return copy;
}

static ArgVec clone_args(AstIds *ids, const ArgVec *args) {
    ArgVec copy = {0};
    for (uint32_t i = 0; i < args->len; i++) {
        Arg arg = {args->data[i].key, expr_clone(ids, args->data[i].value)};
        vec_push(ids->arena, &copy, arg);
    }
    return copy;
}

static void clone_generator(AstIds *ids, Expr *copy) {
    GeneratorClauseVec clauses = {0};
    for (uint32_t i = 0; i < copy->generator.clauses.len; i++) {
        GeneratorClause clause = copy->generator.clauses.data[i];
        clause.iter = expr_clone(ids, clause.iter);
        clause.conditions = clone_exprs(ids, &clause.conditions);
        vec_push(ids->arena, &clauses, clause);
    }
    copy->generator.element = expr_clone(ids, copy->generator.element);
    copy->generator.clauses = clauses;
}

Expr *expr_clone(AstIds *ids, const Expr *expr) {
    Expr *copy = expr_new(ids, expr->kind, expr->span);
    uint32_t id = copy->id;
    *copy = *expr;
    copy->id = id;
    switch (expr->kind) {
    case EXPR_ERROR: case EXPR_INT: case EXPR_FLOAT: case EXPR_BOOL: case EXPR_STRING:
    case EXPR_NAME: case EXPR_UNKNOWN: break;
    case EXPR_TUPLE: case EXPR_LIST: copy->items = clone_exprs(ids, &expr->items); break;
    case EXPR_PAREN: case EXPR_TRANSFER: case EXPR_SPAWN:
        copy->operand = expr_clone(ids, expr->operand);
        break;
    case EXPR_UNARY: copy->unary.operand = expr_clone(ids, expr->unary.operand); break;
    case EXPR_BINARY:
        copy->binary.lhs = expr_clone(ids, expr->binary.lhs);
        copy->binary.rhs = expr_clone(ids, expr->binary.rhs);
        break;
    case EXPR_COMPARE: copy->compare.operands = clone_exprs(ids, &expr->compare.operands); break;
    case EXPR_COND:
        copy->cond.then = expr_clone(ids, expr->cond.then);
        copy->cond.cond = expr_clone(ids, expr->cond.cond);
        copy->cond.otherwise = expr_clone(ids, expr->cond.otherwise);
        break;
    case EXPR_CALL:
        copy->call.callee = expr_clone(ids, expr->call.callee);
        copy->call.args = clone_args(ids, &expr->call.args);
        break;
    case EXPR_INDEX:
        copy->index.base = expr_clone(ids, expr->index.base);
        copy->index.args = clone_args(ids, &expr->index.args);
        break;
    case EXPR_SLICE:
        copy->slice.lo = clone_maybe(ids, expr->slice.lo);
        copy->slice.hi = clone_maybe(ids, expr->slice.hi);
        copy->slice.step = clone_maybe(ids, expr->slice.step);
        break;
    case EXPR_MEMBER: copy->member.base = expr_clone(ids, expr->member.base); break;
    case EXPR_RANGE:
        copy->range.lo = expr_clone(ids, expr->range.lo);
        copy->range.hi = expr_clone(ids, expr->range.hi);
        break;
    case EXPR_GENERATOR: clone_generator(ids, copy); break;
    case EXPR_KIND_COUNT: UNREACHABLE();
    }
    return copy;
}

/* --- Copies of statements --- */

static Stmt *stmt_clone(AstIds *ids, const Stmt *stmt);

static StmtVec clone_stmts(AstIds *ids, const StmtVec *stmts) {
    StmtVec copy = {0};
    for (uint32_t i = 0; i < stmts->len; i++) {
        vec_push(ids->arena, &copy, stmt_clone(ids, stmts->data[i]));
    }
    return copy;
}

Block block_clone(AstIds *ids, const Block *block) {
    return (Block){clone_stmts(ids, &block->stmts), block->span};
}

static DecoratorVec clone_decorators(AstIds *ids, const DecoratorVec *decorators) {
    DecoratorVec copy = {0};
    for (uint32_t i = 0; i < decorators->len; i++) {
        Decorator decorator = decorators->data[i];
        decorator.args = clone_args(ids, &decorator.args);
        vec_push(ids->arena, &copy, decorator);
    }
    return copy;
}

static GenericVec clone_generics(AstIds *ids, const GenericVec *generics) {
    GenericVec copy = {0};
    for (uint32_t i = 0; i < generics->len; i++) {
        GenericParam generic = {generics->data[i].name, clone_maybe(ids, generics->data[i].bound)};
        vec_push(ids->arena, &copy, generic);
    }
    return copy;
}

FnDecl *fn_clone(AstIds *ids, const FnDecl *fn) {
    FnDecl *copy = arena_copy(ids->arena, fn, sizeof *fn);
    copy->decorators = clone_decorators(ids, &fn->decorators);
    copy->generics = clone_generics(ids, &fn->generics);
    copy->params = (ParamVec){0};
    for (uint32_t i = 0; i < fn->params.len; i++) {
        ParamDecl param = fn->params.data[i];
        param.type = clone_maybe(ids, param.type);
        param.initial = clone_maybe(ids, param.initial);
        vec_push(ids->arena, &copy->params, param);
    }
    copy->result = clone_maybe(ids, fn->result);
    copy->body = block_clone(ids, &fn->body);
    copy->docstring = clone_maybe(ids, fn->docstring);
    return copy;
}

static StructDecl *clone_struct(AstIds *ids, const StructDecl *decl) {
    StructDecl *copy = arena_copy(ids->arena, decl, sizeof *decl);
    copy->decorators = clone_decorators(ids, &decl->decorators);
    copy->generics = clone_generics(ids, &decl->generics);
    copy->traits = clone_exprs(ids, &decl->traits);
    copy->fields = (FieldVec){0};
    for (uint32_t i = 0; i < decl->fields.len; i++) {
        FieldDecl field = decl->fields.data[i];
        field.type = clone_maybe(ids, field.type);
        field.initial = clone_maybe(ids, field.initial);
        vec_push(ids->arena, &copy->fields, field);
    }
    copy->methods = clone_stmts(ids, &decl->methods);
    copy->docstring = clone_maybe(ids, decl->docstring);
    return copy;
}

static TraitDecl *clone_trait(AstIds *ids, const TraitDecl *decl) {
    TraitDecl *copy = arena_copy(ids->arena, decl, sizeof *decl);
    copy->generics = clone_generics(ids, &decl->generics);
    copy->methods = clone_stmts(ids, &decl->methods);
    copy->docstring = clone_maybe(ids, decl->docstring);
    return copy;
}

static void clone_if(AstIds *ids, Stmt *copy) {
    IfArmVec arms = {0};
    for (uint32_t i = 0; i < copy->if_.arms.len; i++) {
        const IfArm *arm = &copy->if_.arms.data[i];
        IfArm cloned = {expr_clone(ids, arm->cond), block_clone(ids, &arm->body)};
        vec_push(ids->arena, &arms, cloned);
    }
    copy->if_.arms = arms;
    copy->if_.otherwise = block_clone(ids, &copy->if_.otherwise);
}

static Stmt *stmt_clone(AstIds *ids, const Stmt *stmt) {
    Stmt *copy = stmt_new(ids, stmt->kind, stmt->span);
    uint32_t id = copy->id;
    *copy = *stmt;
    copy->id = id;
    switch (stmt->kind) {
    case STMT_ERROR: case STMT_BREAK: case STMT_CONTINUE: case STMT_PASS: case STMT_IMPORT: break;
    case STMT_EXPR: case STMT_RETURN: case STMT_RAISE:
        copy->expr = clone_maybe(ids, stmt->expr);
        break;
    case STMT_BINDING:
        copy->binding.type = clone_maybe(ids, stmt->binding.type);
        copy->binding.value = clone_maybe(ids, stmt->binding.value);
        break;
    case STMT_ALIAS:
        copy->alias.type = clone_maybe(ids, stmt->alias.type);
        copy->alias.value = clone_maybe(ids, stmt->alias.value);
        break;
    case STMT_ASSIGN:
        copy->assign.target = expr_clone(ids, stmt->assign.target);
        copy->assign.value = expr_clone(ids, stmt->assign.value);
        break;
    case STMT_IF: clone_if(ids, copy); break;
    case STMT_WHILE:
        copy->while_.cond = expr_clone(ids, stmt->while_.cond);
        copy->while_.body = block_clone(ids, &stmt->while_.body);
        break;
    case STMT_FOR:
        copy->for_.iter = expr_clone(ids, stmt->for_.iter);
        copy->for_.grain = clone_maybe(ids, stmt->for_.grain);
        copy->for_.body = block_clone(ids, &stmt->for_.body);
        break;
    case STMT_TRY:
        copy->try_.body = block_clone(ids, &stmt->try_.body);
        copy->try_.handler = block_clone(ids, &stmt->try_.handler);
        break;
    case STMT_ASSERT:
        copy->assert_.cond = expr_clone(ids, stmt->assert_.cond);
        copy->assert_.message = clone_maybe(ids, stmt->assert_.message);
        break;
    case STMT_UNSAFE: case STMT_PARALLEL: copy->block = block_clone(ids, &stmt->block); break;
    case STMT_FN: copy->fn = fn_clone(ids, stmt->fn); break;
    case STMT_STRUCT: copy->strukt = clone_struct(ids, stmt->strukt); break;
    case STMT_TRAIT: copy->trait = clone_trait(ids, stmt->trait); break;
    case STMT_KIND_COUNT: UNREACHABLE();
    }
    return copy;
}

/* --- Tables --- */

static const char *const expr_kind_names[] = {
#define EXPR(kind, member) #kind,
#include "parser/ast.def"
};

static const char *const stmt_kind_names[] = {
#define STMT(kind, member) #kind,
#include "parser/ast.def"
};

static const struct {
    const char *spelling;
    int precedence;
} binary_ops[] = {
#define BINARY_OP(kind, spelling, precedence) {spelling, precedence},
#include "parser/ast.def"
};

static const char *const unary_ops[] = {
#define UNARY_OP(kind, spelling) spelling,
#include "parser/ast.def"
};

static const char *const compare_ops[] = {
    [CMP_EQ] = "==", [CMP_NE] = "!=", [CMP_LT] = "<",
    [CMP_LE] = "<=", [CMP_GT] = ">",  [CMP_GE] = ">=",
};

const char *expr_kind_name(ExprKind kind) { return expr_kind_names[kind]; }
const char *stmt_kind_name(StmtKind kind) { return stmt_kind_names[kind]; }
const char *binary_op_spelling(BinaryOp op) { return binary_ops[op].spelling; }
int binary_op_precedence(BinaryOp op) { return binary_ops[op].precedence; }
const char *unary_op_spelling(UnaryOp op) { return unary_ops[op]; }
const char *compare_op_spelling(CompareOp op) { return compare_ops[op]; }
