/* What the grammar's actions call: one function for each construct, which makes the node, and reports
 * what the grammar accepts only to answer it well.
 *
 * Everything lives in the compilation's arena. Vectors come by value and are taken over. */
#ifndef KC_PARSER_BUILD_H
#define KC_PARSER_BUILD_H

#include "parser/cursor.h"

#define NO_IDENT ((Ident){NO_NAME, NO_SPAN})

/* What follows a function's parameters. */
typedef struct FnTail {
    bool raises;
    Expr *result;
    Ident of;
} FnTail;

/* `borrowed inout owned read mut escaping`, before a parameter's name or behind its colon. */
typedef struct Conventions {
    Convention convention;
    bool is_escaping, is_double;
    Span span;
} Conventions;

typedef struct LoopStrength {
    bool is_parallel, is_simd;
} LoopStrength;

/* A loop's header so far. */
typedef struct LoopHead {
    LoopStrength strength;
    Ident target;
    Expr *iter;
    ReduceVec reductions;
    Expr *grain;
} LoopHead;

/* Statements: build_stmt.c. Spans of compound statements end with their header where a body has none
 * of its own to show. */
StmtVec stmts_add(Parser *p, StmtVec stmts, Stmt *stmt);
StmtVec stmts_join(Parser *p, StmtVec stmts, const StmtVec *indented);
Block block_of_stmt(Parser *p, Stmt *stmt);
Block block_of_stmts(Parser *p, const StmtVec *stmts, Span span);
Stmt *stmt_of_expr(Parser *p, StmtKind kind, Span span, Expr *expr);
Stmt *stmt_of_block(Parser *p, StmtKind kind, Span span, Block block);
Stmt *stmt_assign(Parser *p, Span span, Expr *target, Expr *value);
Stmt *stmt_augmented(Parser *p, Span span, Expr *target, BinaryOp op, Span op_span, Expr *value);
Stmt *stmt_binding(Parser *p, Span span, bool is_var, Span keyword, IdentVec names, Expr *type,
                   Expr *value);
Stmt *stmt_alias(Parser *p, Span span, Ident name, Expr *type, Expr *value);
Stmt *stmt_assert(Parser *p, Span span, bool is_debug, Expr *cond, Expr *message);
Stmt *stmt_if(Parser *p, Span span, Expr *cond, Block body);
Stmt *if_elif(Parser *p, Stmt *stmt, Expr *cond, Block body);
Stmt *if_else(Parser *p, Stmt *stmt, Block body);
Stmt *stmt_while(Parser *p, Span span, Expr *cond, Block body);
Stmt *stmt_for(Parser *p, Span span, const LoopHead *head, Block body);
LoopHead loop_reduce(Parser *p, LoopHead head, const ReduceVec *reductions);
Stmt *stmt_try(Parser *p, Span span, Block body, Ident error, Block handler);
ImportDecl *import_module(Parser *p, IdentVec path, Ident as);
Stmt *stmt_import(Parser *p, Span span, ImportDecl *import);
Stmt *stmt_from(Parser *p, Span span, IdentVec path, ImportedNameVec names);

/* Declarations: build_decl.c. */
void file_finish(Parser *p, StmtVec *stmts);
DecoratorVec *decorators_add(Parser *p, DecoratorVec *decorators, Decorator decorator);
Stmt *decorate(Parser *p, const DecoratorVec *decorators, Stmt *stmt, Span span);
FnDecl *fn_new(Parser *p, FnKind kind, Ident name, GenericVec generics, ParamVec params,
               const FnTail *tail, Span signature);
Stmt *stmt_fn(Parser *p, Span span, FnDecl *fn, Block body);
/* A function without a body. Only a trait may hold it, which is known when all has been read. */
Stmt *stmt_bodyless(Parser *p, FnDecl *fn);
Stmt *stmt_extern(Parser *p, Span span, FnDecl *fn, const Token *word);
Conventions convention_of_word(Parser *p, const Token *word);
Conventions conventions_join(Parser *p, const Conventions *first, const Conventions *second);
ParamDecl param_new(Parser *p, Span span, const Conventions *before, Ident name,
                    const Conventions *behind, Expr *type, Expr *initial);
StructDecl *struct_new(Parser *p, Ident name, GenericVec generics, ExprVec traits);
Stmt *stmt_struct(Parser *p, Span span, StructDecl *decl, const Block *body);
Stmt *stmt_trait(Parser *p, Span span, Ident name, GenericVec generics, const Block *body);

/* Expressions: build_expr.c. */
Ident ident_of(Parser *p, const char *text, Span span);
Expr *expr_name(Parser *p, const Token *token);
Expr *expr_int(Parser *p, const Token *token);
Expr *expr_float(Parser *p, const Token *token);
Expr *expr_bool(Parser *p, Span span, bool value);
Expr *expr_string(Parser *p, Span span, const TokenVec *tokens);
/* One item without a comma behind it is no tuple. */
Expr *expr_of_items(Parser *p, Span span, const ExprVec *items, bool has_comma);
Expr *expr_of_vec(Parser *p, ExprKind kind, Span span, const ExprVec *items);
Expr *expr_tuple(Parser *p, Span span, Expr *first, const ExprVec *others);
/* PAREN, TRANSFER, SPAWN. */
Expr *expr_wrap(Parser *p, ExprKind kind, Span span, Expr *operand);
Expr *expr_unary(Parser *p, Span span, UnaryOp op, Expr *operand);
Expr *expr_binary(Parser *p, Span span, BinaryOp op, Span op_span, Expr *lhs, Expr *rhs);
Expr *expr_compare(Parser *p, Span span, CompareOp op, Span op_span, Expr *lhs, Expr *rhs);
Expr *expr_cond(Parser *p, Span span, Expr *then, Expr *cond, Expr *otherwise);
Expr *expr_range(Parser *p, Span span, Expr *lo, Expr *hi);
Expr *expr_member(Parser *p, Span span, Expr *base, Ident name);
Expr *expr_call(Parser *p, Span span, Expr *callee, const ArgVec *args);
Expr *expr_index(Parser *p, Span span, Expr *base, const ArgVec *args);
Expr *expr_slice(Parser *p, Span span, Expr *lo, Expr *hi, Expr *step);
ArgVec args_generator(Parser *p, Span span, Expr *element, const GeneratorClauseVec *clauses);

/* Slips that the grammar reads and answers: slips.c. */
void colon_missing(Parser *p, Span newline);
Block block_missing(Parser *p, Span colon);
void indent_unexpected(Parser *p, const StmtVec *before, Span indent);
void branch_alone(Parser *p, Span keyword, const char *spelling, const char *beginning);
Stmt *try_alone(Parser *p, Span keyword);
void try_else(Parser *p, Span keyword);
void except_again(Parser *p, Span keyword);
/* The name that `except name:` or `except type as bound:` binds. */
Ident except_of(Parser *p, Ident name, Ident bound);
Expr *compare_for_assign(Parser *p, Span span, Expr *lhs, Span assign, Expr *rhs);
ImportDecl *imports_several(Parser *p, Span span, ImportDecl *first);
void import_star(Parser *p, Span star, const IdentVec *path);
Ident loop_names_several(Parser *p, Ident first, Span span);
ParamDecl param_type_first(Parser *p, Span span, Ident type, Ident name, Expr *initial);
ParamDecl param_variadic(Parser *p, Span span, const char *stars, Ident name);
Expr *type_checked(Parser *p, Expr *type);
Expr *comprehension(Parser *p, Span span);
void nesting_too_deep(Parser *p, Span place);

#endif
