/* The syntax tree: what the user wrote, and nothing that has to be worked out.
 *
 * The parser builds it, nobody changes it afterwards. Types, sizes and generic arguments are written
 * with the same syntax as expressions, so they are Exprs here; sema gives them their meaning. Every
 * Expr and Stmt has a dense id, unique in the compilation, by which sema keeps its results in side
 * tables. Memory is the compilation's arena. */
#ifndef KC_PARSER_AST_H
#define KC_PARSER_AST_H

#include "support/context.h"

typedef enum ExprKind {
#define EXPR(kind, member) EXPR_##kind,
#include "parser/ast.def"
    EXPR_KIND_COUNT
} ExprKind;

typedef enum StmtKind {
#define STMT(kind, member) STMT_##kind,
#include "parser/ast.def"
    STMT_KIND_COUNT
} StmtKind;

typedef enum BinaryOp {
#define BINARY_OP(kind, spelling, precedence) BIN_##kind,
#include "parser/ast.def"
    BINARY_OP_COUNT
} BinaryOp;

typedef enum UnaryOp {
#define UNARY_OP(kind, spelling) UN_##kind,
#include "parser/ast.def"
    UNARY_OP_COUNT
} UnaryOp;

typedef enum CompareOp { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE } CompareOp;

typedef struct Expr Expr;
typedef struct Stmt Stmt;
typedef Vec(Expr *) ExprVec;
typedef Vec(Stmt *) StmtVec;

/* A name at a place. */
typedef struct Ident {
    Name name;
    Span span;
} Ident;
typedef Vec(Ident) IdentVec;

/* A block: the statements, and the span from the first to the last. */
typedef struct Block {
    StmtVec stmts;
    Span span;
} Block;

typedef struct Arg {
    Ident key; /* NO_NAME when positional */
    Expr *value;
} Arg;
typedef Vec(Arg) ArgVec;
typedef Vec(CompareOp) CompareOpVec;
typedef Vec(Span) SpanVec;

/* `for target in iter if c1 if c2` of a generator. */
typedef struct GeneratorClause {
    Ident target;
    Expr *iter;
    ExprVec conditions;
} GeneratorClause;
typedef Vec(GeneratorClause) GeneratorClauseVec;

/* No expression is a deeper tree than this, so whoever walks one may recurse. */
enum { EXPR_DEPTH_LIMIT = 1000 };

struct Expr {
    ExprKind kind;
    uint32_t id;
    uint32_t depth; /* of the tree below: 0 for a leaf, never above EXPR_DEPTH_LIMIT */
    Span span;
    union {
        struct {
            uint64_t value;
            bool too_large;
        } integer;
        struct {
            double value;
            Name text; /* spelling without underscores; see Token */
        } real;
        bool boolean;
        struct {
            const char *bytes;
            uint32_t length;
            bool is_bytes; /* b"..." */
        } string;
        Name name;
        ExprVec items;
        Expr *operand;
        struct {
            UnaryOp op;
            Expr *operand;
        } unary;
        struct {
            BinaryOp op;
            Span op_span;
            Expr *lhs, *rhs;
        } binary;
        struct {
            CompareOpVec ops; /* ops[i] stands between operands[i] and operands[i + 1] */
            SpanVec op_spans;
            ExprVec operands;
        } compare;
        struct {
            Expr *then, *cond, *otherwise;
        } cond;
        struct {
            Expr *callee;
            ArgVec args;
        } call;
        struct {
            Expr *base;
            ArgVec args; /* positional Exprs, SLICEs among them; keys as in `Tensor[P, n, layout=soa]` */
        } index;
        struct {
            Expr *lo, *hi, *step; /* each may be NULL */
        } slice;
        struct {
            Expr *base;
            Ident name;
        } member;
        struct {
            Expr *lo, *hi;
        } range;
        struct {
            Expr *element;
            GeneratorClauseVec clauses; /* outermost first, at least one */
        } generator;
    };
};

typedef enum Convention {
    CONVENTION_DEFAULT, /* nothing written: borrowed */
    CONVENTION_BORROWED,
    CONVENTION_INOUT,
    CONVENTION_OWNED
} Convention;

typedef struct ParamDecl {
    Convention convention; /* `read` and `mut` are accepted for borrowed and inout */
    Ident name;
    Expr *type;        /* NULL: not written (`self`, or an untyped `def` parameter) */
    Expr *initial;     /* default value or NULL */
    bool is_escaping;  /* extern fn f(escaping x: ...) */
    Span span;
} ParamDecl;
typedef Vec(ParamDecl) ParamVec;

typedef struct Decorator {
    Ident name;
    ArgVec args;
    bool has_args; /* parentheses were written */
    Span span;
} Decorator;
typedef Vec(Decorator) DecoratorVec;

/* `T: Float` or `W: int` in `fn f[T: Float, W: int](...)`. */
typedef struct GenericParam {
    Ident name;
    Expr *bound; /* NULL: none written */
} GenericParam;
typedef Vec(GenericParam) GenericVec;

typedef enum FnKind { FN_STRICT, FN_DEF, FN_EXTERN } FnKind;

typedef struct FnDecl {
    FnKind kind;
    Ident name;
    DecoratorVec decorators;
    GenericVec generics;
    ParamVec params;
    bool raises;
    bool is_pure;     /* extern pure fn */
    Expr *result;     /* NULL: returns nothing */
    Ident result_of;  /* `-> View[f32, ?] of a`; NO_NAME otherwise */
    bool has_body;    /* false for extern fns and for the methods of a trait */
    Block body;
    Expr *docstring;  /* a STRING, not part of the body, or NULL */
    Span signature;   /* from `fn` to the end of the result type */
} FnDecl;
typedef Vec(FnDecl *) FnDeclVec;

typedef struct FieldDecl {
    Ident name;
    Expr *type;
    Expr *initial; /* or NULL */
} FieldDecl;
typedef Vec(FieldDecl) FieldVec;

typedef struct StructDecl {
    Ident name;
    DecoratorVec decorators;
    GenericVec generics;
    ExprVec traits;  /* struct P(Trait): */
    FieldVec fields;
    StmtVec methods; /* STMT_FNs */
    Expr *docstring;
} StructDecl;

typedef struct TraitDecl {
    Ident name;
    GenericVec generics;
    StmtVec methods; /* STMT_FNs */
    Expr *docstring;
} TraitDecl;

/* `import a.b as c` has one name and no `from`; `from a import x as y, z` lists names. */
typedef struct ImportedName {
    Ident name;
    Ident as; /* NO_NAME when not renamed */
} ImportedName;
typedef Vec(ImportedName) ImportedNameVec;

typedef struct ImportDecl {
    bool is_from;
    IdentVec path; /* a, b of `a.b` */
    Ident as;      /* of `import a as c` */
    ImportedNameVec names;
} ImportDecl;

typedef struct IfArm {
    Expr *cond;
    Block body;
} IfArm;
typedef Vec(IfArm) IfArmVec;

/* `reduce(+: s, max: m)` */
typedef struct ReduceClause {
    Name op; /* "+", "*", "min", "max", "and", "or" */
    Span op_span;
    Ident var;
} ReduceClause;
typedef Vec(ReduceClause) ReduceVec;

struct Stmt {
    StmtKind kind;
    uint32_t id;
    Span span;
    union {
        Expr *expr; /* of RETURN and RAISE: may be NULL */
        struct {
            bool is_var;
            IdentVec names; /* more than one: a tuple is taken apart */
            Expr *type;     /* or NULL */
            Expr *value;    /* or NULL (only with var) */
            Span keyword;   /* `let` or `var`, for fix-its */
        } binding;
        struct {
            Ident name;
            Expr *type; /* or NULL */
            Expr *value;
        } alias;
        struct {
            Expr *target; /* NAME, INDEX, MEMBER or TUPLE of them; sema reports others */
            bool has_op;  /* a += e */
            BinaryOp op;
            Span op_span;
            Expr *value;
        } assign;
        struct {
            bool is_parameter; /* @parameter if */
            IfArmVec arms;   /* if, elif, elif, ... */
            bool has_else;
            Block otherwise;
        } if_;
        struct {
            Expr *cond;
            Block body;
        } while_;
        struct {
            bool is_parallel, is_simd, is_parameter;
            Ident target;
            Expr *iter;
            ReduceVec reductions;
            Expr *grain; /* or NULL */
            Block body;
        } for_;
        struct {
            Block body;
            Ident error; /* except Error as e: NO_NAME when not bound */
            Block handler;
        } try_;
        struct {
            bool is_debug;
            Expr *cond;
            Expr *message; /* or NULL */
        } assert_;
        Block block;
        FnDecl *fn;
        StructDecl *strukt;
        TraitDecl *trait;
        ImportDecl *import;
    };
};

/* One file. */
typedef struct Ast {
    uint32_t file;
    Expr *docstring; /* or NULL */
    StmtVec stmts;
} Ast;

/* Where nodes come from: hands out ids for one compilation. */
typedef struct AstIds {
    Arena *arena;
    uint32_t exprs, stmts; /* next ids; 0 is never used */
} AstIds;

Expr *expr_new(AstIds *ids, ExprKind kind, Span span);
Stmt *stmt_new(AstIds *ids, StmtKind kind, Span span);

/* Deep copies with fresh ids (spans kept): each copy can be checked on its own, as the unrolled bodies
 * of `@parameter for` are. */
Expr *expr_clone(AstIds *ids, const Expr *expr);
Block block_clone(AstIds *ids, const Block *block);
FnDecl *fn_clone(AstIds *ids, const FnDecl *fn);

/* Goes over the parts of a node, in the order of the source: the expressions directly in it, and the
 * statements of its blocks. Whoever wants them all calls it again from there. */
typedef struct AstWalk {
    void *data;
    void (*on_expr)(void *data, Expr *e);
    void (*on_stmt)(void *data, Stmt *s);
} AstWalk;
void expr_walk(const Expr *e, const AstWalk *walk);
void stmt_walk(const Stmt *s, const AstWalk *walk);

const char *expr_kind_name(ExprKind kind);
const char *stmt_kind_name(StmtKind kind);
const char *binary_op_spelling(BinaryOp op);
int binary_op_precedence(BinaryOp op);
const char *unary_op_spelling(UnaryOp op);
const char *compare_op_spelling(CompareOp op);

/* The tree as indented S-expressions, for --emit=ast and the golden tests. */
void ast_print(const Context *cx, const Ast *ast, StrBuf *out);
/* An expression as the user would write it, on one line, for messages and reports. */
void expr_print(const Context *cx, const Expr *expr, StrBuf *out);

#endif
