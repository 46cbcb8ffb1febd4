/* What sema found out: symbols, and one record for each Expr and Stmt, by node id. The Ast
 * itself is frozen. ir/lower reads this and decides nothing about the language any more. */
#ifndef KC_SEMA_CHECKED_H
#define KC_SEMA_CHECKED_H

#include "parser/ast.h"
#include "sema/types.h"

typedef struct FnSymbol FnSymbol;
typedef struct ModuleSymbol ModuleSymbol;

typedef enum Builtin {
    BUILTIN_NONE,
#define BUILTIN(kind, name, home) BUILTIN_##kind,
#define METHOD(kind, name) BUILTIN_##kind,
#define SIMD_METHOD(kind, name) BUILTIN_##kind,
#include "sema/builtins.def"
    BUILTIN_COUNT
} Builtin;

/* A compile-time value. Integers (and bools: 0, 1) are exact; floats are kept as f64 until their
 * type is known, with the spelling when it was a literal so that rounding happens once. */
typedef struct Const {
    enum { CONST_INT, CONST_FLOAT, CONST_BOOL, CONST_STR } kind;
    Int128 integer;
    double real;
    Name real_text; /* NO_NAME if computed */
    const char *bytes;
    uint32_t length;
} Const;

/* A variable or parameter of a function body. */
struct Local {
    uint32_t id; /* dense in its function */
    Name name;
    Span span;
    const Type *type;
    bool is_var;      /* may be assigned again (var, def's locals, inout and owned parameters) */
    bool is_param;
    bool is_empty;    /* `var x: T`: declared without a value */
    bool is_counter;  /* of a `for` or a generator: the same within one iteration */
    bool is_assigned; /* somewhere after its definition */
    bool is_replaced; /* an inout parameter that owns: it may get another value here or in a callee (it is
                         assigned a new owner, moved, resized, or passed on to such a parameter), so that
                         its handle is passed by reference. Never of exported functions (K0384) */
    bool varies;      /* an array that may be resized or get another value: each read has its own sizes */
    bool is_raised;   /* `e` of `except e` */
    Convention convention;     /* of a parameter; never DEFAULT after sema */
    const SizeSym *size;       /* made when the local is used as a size, or NULL */
    const Const *constant;     /* a `let` whose value is known, or NULL */
    Vec(const FnSymbol *) spawned; /* a task: the functions whose calls the name stands for */
};
typedef Vec(Local *) LocalVec;

typedef struct ParamInfo {
    Local *local;
    Convention convention;
    Expr *initial;      /* default value or NULL; already checked against the type */
    bool is_escaping;   /* extern: C keeps it after the call */
    const char *source; /* "inout y: Tensor[f32, n]", for headers and messages */
    Span span;
} ParamInfo;

struct FnSymbol {
    const FnDecl *decl;
    Name name;
    Name symbol; /* unique in the program; of exported and extern functions their C name */
    ModuleSymbol *module;
    const StructSymbol *owner; /* methods: the struct */
    struct GenericFn *generic; /* made of one: generics.h */
    struct Scope *scope;       /* of such a function: its parameters in square brackets. Otherwise NULL */
    uint32_t depth;            /* how many generic functions around made it */
    FnSymbol *parent;          /* nested functions: the enclosing one */
    bool captures;             /* nested: it uses variables around it, and only runs as the body of a loop */
    Vec(ParamInfo) params;
    Vec(const SizeSym *) sizes; /* names bound by the signature, in order of first appearance */
    const Type *result;         /* VOID, a value, or a TUPLE for several */
    bool result_is_known_shape; /* an array result whose sizes follow from the parameters: `out` */
    LocalVec locals;            /* parameters first */
    bool is_exported, is_extern, is_pure, is_inline, is_noinline, is_main, is_strict;
    bool raises;                /* declared, or found out for a `def` */
    bool is_noalloc;            /* @noalloc */
    bool is_fused;              /* @fused(loops=...) */
    uint32_t fused_loops;
    bool must_vectorize;        /* @must_vectorize */
    int32_t result_of;          /* `-> View[f32, ?] of a`: index in params, or -1 */
    bool has_fp;                /* @fp("...") */
    int fp;                     /* an FpMode, when has_fp */
    const char *source;         /* the signature as written, on one line */
    const char *doc;            /* docstring or NULL */
};
typedef Vec(FnSymbol *) FnSymbolVec;

typedef struct FieldInfo {
    Name name;
    Span span;
    const Type *type;
    Expr *initial; /* or NULL */
} FieldInfo;

struct StructSymbol {
    uint32_t id;
    const StructDecl *decl;
    Name name;
    Name symbol; /* unique in the program; the C name */
    ModuleSymbol *module;
    Vec(FieldInfo) fields;
    FnSymbolVec methods;
    FnSymbol *init;  /* the first `__init__`, or NULL: construction is then by fields. P(...) is otherwise
                        a CALL of an `__init__` with the type P and args[0] NULL: the new `self` */
    FnSymbol *del;   /* `__del__(owned self)`, or NULL */
    bool owns, looks, copies; /* what type_owns, type_looks and type_copies say of it */
    const char *doc;
};

/* A module-level `let` of array type: constant data that every function may look at. */
typedef struct GlobalSymbol {
    Name name;
    Name symbol; /* unique in the program */
    Span span;
    const Type *type;           /* a Tensor of constant sizes */
    const unsigned char *bytes; /* the elements as they lie in memory, or NULL: all zeros */
    uint32_t byte_count;
} GlobalSymbol;

struct ModuleSymbol {
    Name name;
    const Ast *ast;
    bool is_main; /* given on the command line */
    bool is_library; /* of the standard library */
    FnSymbolVec fns;
    Vec(StructSymbol *) structs;
    const char *doc;
};

/* ---- Expressions ----------------------------------------------------------------------------- */

typedef enum ExprRole {
    ROLE_NONE,      /* not a value: the name of a function, type or module on its way to a call */
    ROLE_OPERATOR,  /* what its syntax says, on scalars, or elementwise when the type is an array */
    ROLE_CONST,     /* stands for info->constant; the operands need not be looked at */
    ROLE_LOCAL,     /* a variable: info->local */
    ROLE_SIZE,      /* a size name used as an int: info->size */
    ROLE_FIELD,     /* MEMBER: field info->index of a struct value */
    ROLE_ITEM,      /* INDEX: item info->index of a tuple */
    ROLE_ELEMENT,   /* INDEX: one element of an array; info->args are the indices */
    ROLE_LANE,      /* INDEX: a lane of a SIMD value; info->args[0] is its number */
    ROLE_WINDOW,    /* INDEX: a window of an array (some SLICE, or fewer indices than the rank) */
    ROLE_RANGE,     /* a..b or range(...): info->args are lo, hi, step; each may be NULL */
    ROLE_CALL,      /* a function: info->fn, info->args by parameter; ** on floats too */
    ROLE_MAP,       /* a scalar function over arrays, elementwise: as CALL */
    ROLE_CONVERT,   /* T(x): info->args[0] to info->type, elementwise for arrays */
    ROLE_CONSTRUCT, /* P(...): info->args by field, NULL where the field's initial value stands */
    ROLE_ALLOC,     /* Tensor[T](d0, ..): info->args are the sizes; zeroed unless info->flag */
    ROLE_BUILTIN,   /* info->builtin of info->args (a METHOD's receiver first) */
    ROLE_REDUCE,    /* a reduction over a GENERATOR: info->builtin, info->args[0] */
    ROLE_GLOBAL,    /* a module constant of array type: info->global */
    ROLE_LIST,      /* List[T](): an empty list */
    ROLE_ARENA,     /* Arena(bytes): info->args[0]; info->flag: it grows by blocks */
    ROLE_ARENA_ALLOC, /* a.tensor[T](d0, ..): info->args[0] is the arena, then the sizes; zeroed unless flag */
    ROLE_FAILURE,   /* Error("..."): info->args[0] is the text */
    ROLE_SPAWN,     /* SPAWN: info->args[0] is the CALL */
    ROLE_RUN_LOOP   /* parallelize[body](n), vectorize[body, W](n): info->args[0] is n, info->body and
                       info->locals[0] are the body and its counter; info->flag: vectorize */
} ExprRole;

/* Literal indices from the end (`x[-1]`, `x[1:-1]`) stay as written: their constant is negative,
 * and lowering adds the size. Other negative indices fail their check. */
typedef struct ExprInfo {
    ExprRole role;
    const Type *type;       /* of the value as computed; literals have met their context */
    const Type *converted;  /* implicit conversion of the result, or NULL: index widening in fn,
                               more in def. An array element type converts elementwise */
    const Const *constant;  /* value if known at compile time (in the value's own type), or NULL */
    union {
        const Local *local;
        const SizeSym *size;
        uint32_t index;
        const FnSymbol *fn;
        const StructSymbol *strukt;
        const GlobalSymbol *global;
        const Block *body;
        Builtin builtin;
    };
    bool flag;
    bool is_copied; /* def: an owning place where a value to own is wanted. It is copied (N0393), or moved
                       where the place is not used again; ownership_check decides */
    uint32_t arg_count;
    Expr **args;
    Local **locals; /* GENERATOR: one for each clause */
} ExprInfo;

/* The type of the value after its implicit conversion. */
static inline const Type *info_type(const ExprInfo *info) {
    return info->converted ? info->converted : info->type;
}

/* ---- Statements ------------------------------------------------------------------------------ */

typedef struct StmtInfo {
    LocalVec locals;        /* BINDING: one for each name. FOR: the variable, then those of `reduce`, by
                               clause. ASSIGN in def: those it defines, by target (NULL where the target
                               existed before). TRY: the error, always (NO_NAME when it is not bound).
                               RAISE without an Error of its own: the error that is raised again */
    bool ends_iteration;    /* RETURN in the body of parallelize or vectorize: it is a `continue` */
    bool is_taken;          /* @parameter if: some arm or the else part is compiled in... */
    uint32_t taken;         /* ...arms[taken], or the else part when taken == arms.len */
    bool replaces;          /* ASSIGN without operator to an owning place or a window: it gets another value (a
                               SET). False: its elements are written where they are (an ASSIGN) */
    Vec(Block) unrolled;    /* @parameter for: the bodies, cloned and checked one by one */
    FnSymbol *fn;           /* FN nested in a function, unless it captures: then it has no code of its own.
                               ASSIGN: the power that `**=` calls */
} StmtInfo;

/* A conversion of numbers that a `def` makes by itself, when the program runs. */
typedef struct Conversion {
    Name fn;
    Span span;
    const Type *from, *to; /* of the number, or of each element */
    bool is_array, in_loop;
} Conversion;

typedef struct Checked {
    Context *cx;
    Sizes *sizes;
    Types *types;
    Vec(ModuleSymbol *) modules; /* imported before importing; main files last */
    uint32_t expr_count, stmt_count;
    ExprInfo *exprs; /* by Expr.id */
    StmtInfo *stmts; /* by Stmt.id */
    Vec(Conversion) conversions; /* in the order of the text */
} Checked;

static inline const ExprInfo *info_of(const Checked *c, const Expr *e) { return &c->exprs[e->id]; }
static inline const StmtInfo *stmt_info_of(const Checked *c, const Stmt *s) {
    return &c->stmts[s->id];
}

/* ---- Running it ------------------------------------------------------------------------------ */

typedef struct SemaOptions {
    const char *const *include_dirs; /* -I, searched after the importer's own folder */
    uint32_t include_count;
    const char *stdlib_dir;          /* searched last; NULL: none */
    unsigned vector_bits;            /* of the target, for simdwidthof */
    bool deny_implicit_conversion;   /* in `def`: K0397 instead of N0396 */
    bool may_split;                  /* SIMD values wider than that need no warning */
} SemaOptions;

/* Checks the files and all they import. Never NULL; errors are in the context. */
Checked *check_program(Context *cx, AstIds *ids, const Ast *const *mains, uint32_t main_count,
                       const SemaOptions *options);

const char *builtin_name(Builtin builtin);
/* The function that a method repeats: x.sum() is sum(x). Others are themselves. */
Builtin builtin_of_method(Builtin method);

#endif
