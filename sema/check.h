/* Inside sema: the state of a check, and what its files offer each other.
 *
 * The order of work (check.c): load modules (modules.c), declare names (declare.c: structs,
 * signatures, aliases), then check bodies function by function (check_stmt.c, check_expr*.c).
 * Everything is written to side tables; a poisoned expression has TYPE_ERROR and silences what
 * depends on it. */
#ifndef KC_SEMA_CHECK_H
#define KC_SEMA_CHECK_H

#include "sema/checked.h"

/* ---- Names ----------------------------------------------------------------------------------- */

typedef enum SymbolKind {
    SYM_FNS,     /* one function or several overloads */
    SYM_STRUCT,
    SYM_TRAIT,   /* only named so far: reported as not compiled by this version */
    SYM_ALIAS,   /* a compile-time value or a type, evaluated on first use; module `let` too */
    SYM_MODULE,
    SYM_SCALAR,  /* f32, int, Float32, ... */
    SYM_ARRAY,   /* Tensor, View, ... */
    SYM_KIND,    /* List, Arena, Task, CPtr */
    SYM_BUILTIN,
    SYM_RUN_LOOP, /* parallelize, vectorize */
    SYM_LATER,   /* SIMD, tune...: of the language, but not compiled by this version */
    SYM_LOCAL,
    SYM_SIZE     /* a size name bound by the signature */
} SymbolKind;

typedef enum AliasState { ALIAS_WAITING, ALIAS_RUNNING, ALIAS_DONE } AliasState;

typedef struct Symbol {
    SymbolKind kind;
    Name name;
    Span span; /* of the definition; NO_SPAN for the prelude */
    union {
        struct {
            FnSymbolVec fns;
            Vec(struct GenericFn *) generics; /* of the same name */
        };
        StructSymbol *strukt;
        struct {
            const Stmt *stmt; /* ALIAS or module-level BINDING */
            ModuleSymbol *module;
            AliasState state;
            const Type *type;      /* of the value, or the type that is named */
            const Const *constant; /* NULL when a type is named, or for... */
            const GlobalSymbol *global; /* ...an array */
        } alias;
        ModuleSymbol *module;
        Scalar scalar;
        ArrayForm form;
        TypeKind type_kind; /* KIND */
        Builtin builtin;
        bool is_simd;        /* RUN_LOOP: vectorize */
        const char *feature; /* LATER: "SIMD values" */
        Local *local;
        const SizeSym *size;
    };
} Symbol;

/* Scopes nest: block, function, module, prelude. */
typedef struct Scope Scope;
struct Scope {
    Scope *outer;
    Vec(Symbol *) symbols;
    Symbol **slots; /* by name, once there are many; NULL before */
    uint32_t slot_count;
};

typedef struct Checker {
    Context *cx;
    AstIds *ids;
    Checked *out;
    Sizes *sizes;
    Types *types;
    const SemaOptions *options;
    Scope *prelude;
    struct Program *program; /* declare.h: what is loaded, and what is still to be checked */
    Vec(const Type *) split; /* SIMD types that have been warned about */
    bool is_trying;          /* a generic function is declared for its bounds: nobody chose the widths */
    uint32_t expr_cap, stmt_cap; /* of the side tables, which grow as @parameter for clones */
} Checker;

/* A nested function that captures has no code of its own: its statements are checked in place. */
typedef struct Inlining {
    FnSymbol *fn;
    bool is_run; /* as the body of a loop; otherwise where it is declared */
    const struct Inlining *outer;
} Inlining;

/* While one body is checked. */
typedef struct FnChecker {
    Checker *c;
    FnSymbol *fn;     /* NULL while a module-level expression is evaluated */
    ModuleSymbol *module;
    Scope *scope;     /* the innermost */
    bool is_def;      /* def's conveniences hold */
    uint32_t loop_depth;
    uint32_t try_depth;    /* `try` bodies around: an error here has a handler */
    uint32_t unsafe_depth; /* `unsafe:` blocks around */
    uint32_t graph_depth;  /* `parallel:` blocks around */
    uint32_t each_depth;   /* expressions around that are computed for every element */
    Local *caught;         /* the error that the innermost handler around has, or NULL */
    const struct Inlining *inlining; /* nested functions that are checked in place, innermost first */
    uint32_t loop_start;   /* where the innermost loop's body begins in the source */
    uint32_t depth;   /* of recursion, against host stack exhaustion */
} FnChecker;

/* scope.c */
Scope *scope_new(Checker *c, Scope *outer);
Symbol *scope_find_here(const Scope *scope, Name name);
Symbol *scope_find(const Scope *scope, Name name); /* outwards */
Symbol *scope_add(Checker *c, Scope *scope, SymbolKind kind, Name name, Span span);
/* The name visible from `scope` that is nearest to `name`, or NULL. */
const char *scope_nearest(Checker *c, const Scope *scope, Name name);
/* `DType` in it is a SYM_MODULE whose scope holds float32 and the like. */
Scope *prelude_create(Checker *c);
/* K0201 with "did you mean", what to import, or what to write for foreign names. */
void report_unknown_name(FnChecker *f, Name name, Span span);
/* K0401: "<feature> are not compiled by this version". Once for a feature, however often it is
 * used. */
void report_later(Checker *c, Span span, const char *feature);

/* ---- Side tables ----------------------------------------------------------------------------- */

/* These grow the table; the pointer holds until the next call. */
ExprInfo *expr_info(Checker *c, const Expr *e);
StmtInfo *stmt_info(Checker *c, const Stmt *s);

/* ---- Types and constants --------------------------------------------------------------------- */

/* The type that `e` writes; TYPE_ERROR after reporting. `bind_sizes`: unknown names among the
 * sizes of arrays are new size names of f->fn's signature (parameters); otherwise they are
 * unknown names. */
const Type *resolve_type(FnChecker *f, Expr *e, bool bind_sizes);
/* Types with one type in square brackets: List[T], Task[T], CPtr[T] (type_kinds.c). */
const Type *resolve_kind(FnChecker *f, Expr *e, TypeKind kind);
/* What a Tensor (or a view of one) holds; reports what it cannot. */
const Type *resolve_element(FnChecker *f, Expr *e, bool bind_sizes);
/* Whether `e` names a type (so that T(x) is a conversion or a construction). Reports nothing. */
bool expr_names_type(FnChecker *f, const Expr *e);
/* The size that an int expression stands for: a polynomial where it is one, else a hidden
 * symbol. The expression has been checked. */
const Size *size_of_expr(FnChecker *f, const Expr *e);
/* A symbol's alias, evaluated; reports cycles. */
void alias_evaluate(Checker *c, Symbol *symbol);

/* consts.c: arithmetic on constants of a type. NULL when not computable (division by zero...:
 * reported by the caller). Integers wrap to the type, or are exact for literals. */
const Const *const_int(Checker *c, Int128 value);
const Const *const_bool(Checker *c, bool value);
const Const *const_float(Checker *c, double value, Name text);
const Const *const_unary(Checker *c, UnaryOp op, const Const *a, const Type *type);
const Const *const_binary(Checker *c, BinaryOp op, const Const *a, const Const *b,
                          const Type *type);
bool const_compare(CompareOp op, const Const *a, const Const *b);
/* T(x) of a constant: rounds, truncates, wraps, as at run time. */
const Const *const_convert(Checker *c, const Const *a, const Type *to);
/* Whether an integer constant fits the scalar type without loss. */
bool const_fits(const Const *a, Scalar scalar);
void const_print(const Const *a, StrBuf *out);

/* ---- Expressions (check_expr*.c) ------------------------------------------------------------- */

/* Checks `e` and fills its info. `wanted` is the type the context would like (literals adapt to
 * it), or NULL. Literals that meet no context stay of literal type: callers use `check_value`
 * unless they handle that. Returns info_type; never NULL. */
const Type *check_expr(FnChecker *f, Expr *e, const Type *wanted);
/* As check_expr, but a literal becomes int or f64; modules, types, void and functions are
 * reported. */
const Type *check_value(FnChecker *f, Expr *e, const Type *wanted);
/* Checks `e` and requires the type `target`, converting implicitly where the rules allow;
 * reports what differs otherwise ("`what` is f32, but an i32 is given"). `what`: "argument `x`
 * of `f`". */
bool check_assignable(FnChecker *f, Expr *e, const Type *target, const char *what, Span what_span);
/* The same for an expression already checked. */
bool convert_to(FnChecker *f, Expr *e, const Type *target, const char *what, Span what_span);
/* A condition: bool. */
void check_condition(FnChecker *f, Expr *e, const char *of);
/* Compile-time value of `e`, or NULL after reporting that it is not known at compile time. */
const Const *check_constant(FnChecker *f, Expr *e, const Type *wanted, const char *what);
/* What a `for` or a generator runs over; the type of its variable. */
const Type *check_iterable(FnChecker *f, Expr *e);
/* A place that is assigned or passed as inout; reports lets, borrowed parameters, temporaries. */
const Type *check_place(FnChecker *f, Expr *e, const char *to_do);
/* Whether `value` (checked with the target's type as its wish) can be stored into the elements
 * of `target`, a checked place of array type: `y = x + 1`, `y[1:n-1] = 0`. Adapts literals,
 * broadcasts, and reports element types and shapes that cannot agree. */
bool check_store(FnChecker *f, Expr *target, Expr *value);

/* settled.c, when nothing is wrong so far: no number in the body still waits for its type. */
void settled_check(Checker *c, const FnSymbol *fn);

/* ---- Statements and functions (check_stmt.c, declare.c) -------------------------------------- */

Local *local_new(FnChecker *f, Name name, Span span, const Type *type, bool is_var);
Symbol *local_declare(FnChecker *f, Local *local); /* into f->scope; reports a second definition */
void check_block(FnChecker *f, Block *block);      /* in a scope of its own */
void check_fn_body(Checker *c, FnSymbol *fn);
/* Signature of a function; adds it to the module. NULL after errors that leave nothing to call. */
FnSymbol *declare_fn(Checker *c, ModuleSymbol *module, Scope *scope, Stmt *stmt,
                     const StructSymbol *owner, FnSymbol *parent);
Scope *module_scope(Checker *c, const ModuleSymbol *module);
/* The module of the standard library with that name, loaded and declared on first use; NULL if the
 * library does not have it or it is being loaded. Reports nothing. */
ModuleSymbol *module_of_library(Checker *c, const char *name);
/* math.pow for ** on floats: loads the module on first use. NULL if the library is not there. */
const FnSymbol *math_function(Checker *c, const char *name, const Type *type);

#endif
