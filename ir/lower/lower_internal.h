/* Inside lowering: the state, and what its files offer each other.
 *
 * lower.c        the program: which functions, their parameters and bodies
 * lower_local.c  variables and their values; which of them have to be places
 * lower_types.c  types of sema as types of the IR; sizes as arithmetic; checks
 * scopes.c       who frees which array, on every way out of a block
 * lower_stmt.c   statements          lower_loop.c   for, while, ranges
 * lower_expr.c   values of scalars, structs and tuples
 * lower_apply.c  one operation on scalar values: shared by scalar and elementwise expressions
 * lower_array.c  whole-array expressions: trees whose leaves are evaluated first, spliced into one MAP
 * lower_memory.c arrays in memory: views, materialised values, owned values
 * lower_method.c methods of arrays
 * lower_reduce.c sum, min, argmax, ... of arrays     lower_generator.c the same of generators
 * lower_index.c  elements, windows, places
 * lower_call.c   calls: sizes are found from the arguments
 * lower_const.c  compile-time values        lower_pow.c  powers
 *
 * Values. A scalar, struct, str or array in memory is one IR value. A tuple is the sequence of its items
 * (flattened), so a local has as many slots as its type has such parts. An array in memory is a view,
 * dense or strided as its type's form says. A whole-array expression (`x * y`) is no value but an
 * ArrayNode: its leaves (memory, scalars, results of calls) are evaluated where the expression stands,
 * in source order, and the arithmetic is emitted inside the region of the MAP or REDUCE that uses it.
 *
 * Memory is the module's arena. */
#ifndef KC_IR_LOWER_INTERNAL_H
#define KC_IR_LOWER_INTERNAL_H

#include "ir/lower/lower.h"

typedef Vec(Value *) ValueVec;

/* The program. */
typedef struct Lowering {
    Context *cx;
    Arena *arena;
    const Checked *checked;
    const IrOptions *options;
    IrModule *module;
    struct FnPair {
        const FnSymbol *symbol;
        IrFn *fn;
    } *by_name; /* by the id of FnSymbol.symbol */
    uint32_t by_name_cap;
    Vec(const FnSymbol *) waiting; /* declared, their bodies not lowered yet: in order of discovery */
} Lowering;

/* What a local stands for. */
typedef enum SlotKind {
    SLOT_NONE,
    SLOT_VALUES, /* SSA values, one for each part of the type */
    SLOT_VARS    /* variables (refs), likewise */
} SlotKind;

typedef struct Slot {
    SlotKind kind;
    uint32_t count;
    Value **values;
} Slot;

/* A size symbol whose value is known in this function. */
typedef struct SizeValue {
    const SizeSym *sym;
    Value *value;
} SizeValue;

typedef struct Cleanup Cleanup;

/* While one body is lowered. */
typedef struct FnLower {
    Lowering *p;
    const FnSymbol *symbol;
    IrFn *fn;
    Builder b;
    FpMode fp;
    Slot *slots;     /* by Local.id */
    bool *is_moved;  /* by Local.id: the array it stands for is given away (`x^`) or replaced */
    Vec(SizeValue) sizes;
    Cleanup *cleanup; /* the innermost */
    Value *out;       /* view of the caller's memory for the result, or NULL */
    const Local *result;      /* the one local that every `return` names, or NULL... */
    bool has_other_results;   /* ...because they differ */
    bool result_is_out;       /* the local lives in `out` from the beginning: nothing is copied */
} FnLower;

static inline const ExprInfo *info(const FnLower *f, const Expr *e) {
    return info_of(f->p->checked, e);
}
static inline const Type *value_type(const FnLower *f, const Expr *e) {
    return info_type(info(f, e));
}
/* The type whose sizes hold for the array `e`: conversions change elements and layout, not sizes. */
static inline const Type *shape_type(const FnLower *f, const Expr *e) {
    const Type *type = info(f, e)->type;
    return type_is_array(type) ? type : value_type(f, e);
}
static inline IrModule *module_of(const FnLower *f) { return f->p->module; }
static inline Arena *arena_of(const FnLower *f) { return f->p->arena; }

/* ---- lower.c --------------------------------------------------------------------------------- */

/* The IR function of a symbol; declares it and queues its body on first use. */
IrFn *lower_fn_ref(Lowering *p, const FnSymbol *symbol);
/* Whether the result is written to a last parameter `out`. */
bool fn_has_out(const FnSymbol *symbol);
/* Whether a dimension in a parameter's type is a `?`, and so a parameter of its own. */
bool dim_is_open(const Size *size);

/* ---- lower_local.c --------------------------------------------------------------------------- */

/* Finds the locals whose arrays are given away or replaced (is_moved). */
void scan_moves(FnLower *f);
/* Whether `local = value` gives the local another array, rather than writing the elements of the one it
 * has. */
bool assignment_rebinds(const FnLower *f, const Local *local, const Expr *value);
/* Gives a local its values: a variable when it may change, SSA values otherwise. Owned arrays among
 * them become the block's. */
void local_bind(FnLower *f, const Local *local, Value *const *values);
Slot *local_slot(FnLower *f, const Local *local);
/* Declares a variable without a value. */
void local_declare_empty(FnLower *f, const Local *local);
/* Replaces the one array that a local stands for. */
void local_rebind(FnLower *f, const Local *local, Value *view);
/* Whether the local owns the array it stands for. */
bool local_owns(const Local *local);
/* The local that `return e` gives away, or NULL. */
const Local *returned_owner(const FnLower *f, const Expr *e);
/* Binds `local`, an allocation, to the function's `out` where it is the result and fits; false where it
 * does not. */
bool local_bind_out(FnLower *f, const Local *local, const Expr *value);
/* Values of all parts of a local, read now. */
void local_read(FnLower *f, const Local *local, Value **values);

/* ---- lower_types.c --------------------------------------------------------------------------- */

const Expr *strip_parens(const Expr *e);
const IrType *ir_type_of(Lowering *p, const Type *type); /* not of tuples and void */
/* Parts of a type: 0 for void, the sum of its items for a tuple, otherwise 1. */
uint32_t type_parts(const Type *type);
const Type *type_part(const Type *type, uint32_t part);
Value *as_i64(FnLower *f, Value *value);
bool checks_on(const FnLower *f);
/* A check, unless checks are off. */
void check1(FnLower *f, CheckKind kind, Value *a);
void check2(FnLower *f, CheckKind kind, Value *a, Value *b);
void check3(FnLower *f, CheckKind kind, Value *a, Value *b, Value *c);
void size_bind(FnLower *f, const SizeSym *sym, Value *value);
/* The value of a size; NULL when it mentions a symbol unknown here. */
Value *size_value(FnLower *f, const Size *size);
bool size_has_hidden(const Size *size);
/* Whether two dimensions are known to agree: by their sizes, or because they are one value. */
bool sizes_agree(FnLower *f, const Size *a, Value *a_value, const Size *b, Value *b_value);
/* Size of dimension `dim` of a view of type `type`: from the type where that says it, else DIM. */
Value *dim_value(FnLower *f, Value *view, const Type *type, uint32_t dim);
void dim_values(FnLower *f, Value *view, const Type *type, Value **dims);
/* Its first element. */
Value *view_buf(FnLower *f, Value *view);
/* The view with the layout asked for (a dense view can stand for a strided one). */
Value *view_as(FnLower *f, Value *view, bool strided);

/* ---- scopes.c -------------------------------------------------------------------------------- */

typedef enum CleanupKind {
    CLEANUP_BLOCK,     /* a block of the source: named owners */
    CLEANUP_LOOP,      /* likewise, the body of a loop: break and continue leave up to here */
    CLEANUP_STATEMENT  /* temporaries of one statement, or of one region of an expression */
} CleanupKind;

void cleanup_open(FnLower *f, CleanupKind kind);
/* Frees what the scope owns, newest first, unless control has left already, and closes it. */
void cleanup_close(FnLower *f);
/* Closes a scope whose end is not reached. */
void cleanup_abandon(FnLower *f);
/* A view, or a variable that holds one, freed when the innermost scope of any kind (temporaries), or the
 * innermost block (names), ends. */
void own_temporary(FnLower *f, Value *owner);
void own_named(FnLower *f, Value *owner);
/* Hands the temporaries of the statement to the block: something that stays looks into them. */
void keep_temporaries(FnLower *f);
/* Frees everything on the way out of the loop, or of the function; `kept` (or NULL) stays. */
void cleanup_for_loop_exit(FnLower *f);
void cleanup_for_return(FnLower *f, Value *const *kept, uint32_t kept_count);
/* Whether the builder's region has already been left. */
bool has_left(const FnLower *f);

/* ---- lower_const.c --------------------------------------------------------------------------- */

/* A constant in a type (scalar or str). */
Value *lower_const(FnLower *f, const Const *constant, const Type *type);

/* ---- lower_expr.c ---------------------------------------------------------------------------- */

/* One value: of a scalar, struct, str, or a view of an array (see lower_view). */
Value *lower_value(FnLower *f, const Expr *e);
/* All parts. `own`: owned arrays among them are the caller's to free or pass on. */
void lower_parts(FnLower *f, const Expr *e, bool own, ValueVec *out);
/* The same in the type of a place, which says what is owned. */
void lower_parts_as(FnLower *f, const Expr *e, const Type *type, ValueVec *out);
/* ROLE_ITEM: the parts of one item of a tuple. */
void lower_item(FnLower *f, const Expr *e, ValueVec *out);
/* Whether evaluating `e` needs no check, call or memory, and little work. */
bool is_cheap(const FnLower *f, const Expr *e);
/* An IF that computes `count` values in each arm. */
typedef void (*ArmFn)(FnLower *f, const void *user, bool then, Value **values);
void lower_choice(FnLower *f, Value *cond, const IrType *const *types, uint32_t count, ArmFn arm,
                  const void *user, Value **values);

/* ---- lower_apply.c --------------------------------------------------------------------------- */

/* The operands of an operator, conversion, call or builtin, in order of evaluation; default values
 * included. */
typedef struct Operands {
    Expr *const *items;
    uint32_t count;
    Expr *pair[2];
} Operands;
void operands_of(FnLower *f, const Expr *e, Operands *out);
/* Applies what `e` says to values of its operands (elements, when it is elementwise); the result has
 * `type`, a scalar. */
Value *apply(FnLower *f, const Expr *e, const Type *type, Value *const *values, uint32_t count);
Value *apply_binary(FnLower *f, BinaryOp op, Value *a, Value *b, Span span);
Value *apply_compare(FnLower *f, CompareOp op, Value *a, Value *b);
/* a `op` b of an augmented assignment, `rhs` being the expression behind b. */
Value *apply_update(FnLower *f, BinaryOp op, Value *a, Value *b, const Expr *rhs,
                    const FnSymbol *power);
/* a + b with the product inside `a` or `b` joined to an FMA where that is allowed. */
Value *apply_sum(FnLower *f, BinaryOp op, const Expr *lhs, const Expr *rhs, Value *a, Value *b);

/* ---- lower_pow.c ----------------------------------------------------------------------------- */

/* base ** exponent by multiplications; the exponent is an integer. */
Value *lower_power(FnLower *f, Value *base, Value *exponent, Span span);
/* Whether a constant exponent of a float is small enough for multiplications. */
bool power_is_small(const Const *exponent, int64_t *k);
Value *lower_small_power(FnLower *f, Value *base, int64_t k);

/* ---- lower_array.c --------------------------------------------------------------------------- */

typedef enum ArrayNodeKind {
    NODE_VALUE,  /* a scalar or struct, the same everywhere */
    NODE_VIEW,   /* elements in memory */
    NODE_APPLY,  /* an operation on the elements of `args` */
    NODE_UPDATE, /* args[0] `op` args[1]: augmented assignment */
    NODE_CAST,   /* args[0] converted */
    NODE_PRODUCT /* args[0] @ args[1]: a sum for each element */
} ArrayNodeKind;

typedef struct ArrayNode ArrayNode;
struct ArrayNode {
    ArrayNodeKind kind;
    const Expr *expr;
    Span span;
    BinaryOp op;              /* UPDATE: of `args[0] op= args[1]`... */
    const FnSymbol *power;    /* ...and its function, for ** of floats */
    const Type *elem;         /* of an element */
    uint32_t rank;            /* 0 for VALUE */
    Value *dims[MAX_RANK];
    const Size *sizes[MAX_RANK];
    Value *value;             /* VALUE, VIEW */
    ArrayNode **args;
    uint32_t arg_count;
    bool is_costly;           /* holds a call or a sum: not worth computing twice */
};

/* Evaluates the leaves of `e` and checks that its shapes agree. */
ArrayNode *array_prepare(FnLower *f, const Expr *e);
ArrayNode *array_node_view(FnLower *f, Value *view, const Type *type, Span span);
ArrayNode *array_node_value(FnLower *f, Value *value, const Type *type, Span span);
/* a @ b: the last dimension of a meets the first but one (or the only one) of b. */
ArrayNode *array_node_product(FnLower *f, ArrayNode *a, ArrayNode *b, const Type *elem, Span span);
/* The new elements of `target op= value`; the shapes are compared where they are assigned. */
ArrayNode *array_node_update(FnLower *f, BinaryOp op, ArrayNode *target, ArrayNode *value,
                             const Expr *value_expr, const FnSymbol *power);
/* The element at `indices` (node->rank of them). */
Value *array_element(FnLower *f, const ArrayNode *node, Value *const *indices);
/* The same for a larger iteration space: leading dimensions are dropped, dimensions of constant size 1
 * stand still. */
Value *array_element_broadcast(FnLower *f, const ArrayNode *node, Value *const *indices,
                               uint32_t rank, const Size *const *sizes);
/* view = node, with broadcasting; sizes that may differ are checked. */
void array_assign(FnLower *f, Value *view, const Type *view_type, ArrayNode *node);
/* Memory of its own with the node's elements, in the type's element; the caller's to free. */
Value *array_materialise(FnLower *f, ArrayNode *node);
/* The same with a shape larger than the node's. */
Value *array_materialise_as(FnLower *f, ArrayNode *node, const Type *type);
bool is_elementwise(const FnLower *f, const Expr *e);

/* ---- lower_memory.c -------------------------------------------------------------------------- */

/* Whether the value of the array `e` is in memory already (or comes from a call), rather than to be
 * computed. */
bool is_in_memory(const FnLower *f, const Expr *e);
/* A view of the array `e`, in the layout of its type; temporaries belong to the statement. */
Value *lower_view(FnLower *f, const Expr *e);
/* The same before the implicit conversion of `e`, which is in memory. */
Value *lower_stored(FnLower *f, const Expr *e);
/* An array that the caller owns from now on: moved, returned by a call, or copied. */
Value *lower_owned(FnLower *f, const Expr *e);
Value *copy_of(FnLower *f, Value *view, const Type *type);
/* The sizes of a ROLE_ALLOC, checked. */
void lower_alloc_dims(FnLower *f, const Expr *e, Value **dims);
Value *null_view(FnLower *f, const IrType *type);
/* Sizes of an array expression, in memory or not, without computing its elements; gives the rank. */
uint32_t lower_shape(FnLower *f, const Expr *e, Value **dims);

/* ---- lower_method.c -------------------------------------------------------------------------- */

/* The array methods that give a view. */
Value *lower_view_method(FnLower *f, const Expr *e);
/* (x[0:k], x[k:]) */
void lower_split_mut(FnLower *f, const Expr *e, ValueVec *out);
/* fill, mul, add, swap. */
void lower_void_method(FnLower *f, const Expr *e);

/* ---- lower_reduce.c -------------------------------------------------------------------------- */

/* What a reduction of the language is in terms of the IR. */
typedef struct Reduction {
    ReduceKind kind;
    bool is_mean;          /* the sum is divided by the count */
    bool needs_elements;   /* nothing to give for an empty array */
    const IrType *type;    /* of what is combined (for positions: of the elements) */
    const IrType *result;
} Reduction;

/* Whether a ROLE_BUILTIN combines the elements of its one array. */
bool is_reduction(const FnLower *f, const Expr *e);
Reduction reduction_of(FnLower *f, const Expr *e, const Type *elem);
static inline bool reduction_finds(const Reduction *r) {
    return r->kind == REDUCE_ARGMIN || r->kind == REDUCE_ARGMAX;
}
/* Total number of elements. */
Value *element_count(FnLower *f, Value *const *dims, uint32_t rank);
/* After the sum: the mean, if that is meant. */
Value *reduction_finish(FnLower *f, const Reduction *r, Value *combined, Value *count);
/* What combining nothing gives. */
Value *reduction_identity(FnLower *f, const Reduction *r);
Value *lower_reduction(FnLower *f, const Expr *e);

/* ---- lower_generator.c ----------------------------------------------------------------------- */

/* ROLE_REDUCE: a reduction builtin of a generator. */
Value *lower_generator(FnLower *f, const Expr *e);

/* ---- lower_loop.c ---------------------------------------------------------------------------- */

/* What a loop runs over: numbers, or the elements of an array. */
typedef struct Iteration {
    Value *lo, *hi, *step; /* i64 */
    const ArrayNode *node; /* NULL for numbers */
} Iteration;

/* Evaluates the bounds. `splice`: the elements of an array that is not in memory are computed when they
 * are asked for. */
Iteration iteration_prepare(FnLower *f, const Expr *iter, bool splice);
/* How often a loop runs. */
Value *iteration_count(FnLower *f, const Iteration *it);
/* The number of step `k`, counted from 0. */
Value *iteration_number(FnLower *f, const Iteration *it, Value *k);
/* Gives the loop's variable its value for a number. */
void iteration_bind(FnLower *f, const Iteration *it, const Local *local, Value *number);
/* A FOR over the iteration; its region is empty and has its parameter. */
Op *iteration_loop(FnLower *f, const Iteration *it, const Local *local);
/* False when the end of an unrolled loop cannot be reached. */
bool lower_for(FnLower *f, const Stmt *s);
void lower_while(FnLower *f, const Stmt *s);

/* ---- lower_index.c --------------------------------------------------------------------------- */

/* A bound of a slice: as written, but literals from the end count from the size. */
Value *lower_bound(FnLower *f, const Expr *e, Value *size);
/* An index along a dimension of `size`, checked. */
Value *lower_index(FnLower *f, const Expr *e, Value *size);
Value *lower_element(FnLower *f, const Expr *e);
Value *lower_window(FnLower *f, const Expr *e);

/* A place that is read and written: a variable or an element, and fields inside it. */
typedef struct Place {
    Value *ref;      /* a variable, or NULL */
    Value *view;     /* of the element */
    Value *indices[MAX_RANK];
    Vec(uint32_t) path; /* fields, outermost first */
    Span span;
} Place;
Place lower_place(FnLower *f, const Expr *e);
Value *place_get(FnLower *f, const Place *place);
void place_set(FnLower *f, const Place *place, Value *value);

/* ---- lower_call.c ---------------------------------------------------------------------------- */

/* Calls; results (all parts) to `out`. Owned arrays are the caller's. */
void lower_call(FnLower *f, const Expr *e, ValueVec *out);
/* A call whose result of known shape goes to `into`, of type `type`, which nothing else looks into. */
void lower_call_into(FnLower *f, const Expr *e, Value *into, const Type *type);
/* A scalar function of scalars, on values. */
Value *lower_scalar_call(FnLower *f, const FnSymbol *symbol, Value *const *values, uint32_t count);
void lower_print(FnLower *f, const Expr *e);

/* ---- lower_stmt.c ---------------------------------------------------------------------------- */

/* The block of a @parameter if that is compiled in, or NULL. */
const Block *taken_arm(const Stmt *s, const StmtInfo *info);
/* A block in a scope of its own. False when its end cannot be reached. Jumps are the only way not to
 * reach it: the end of `while True` counts as reached. */
bool lower_block(FnLower *f, const Block *block, CleanupKind kind);

#endif
