/* Inside lowering: the state, and what its files offer each other.
 *
 * lower.c        the program: which functions, their bodies
 * lower_param.c  parameters as C has them, and as the source has them
 * lower_entry.c  what a function does first: its parameters become places, what C may get wrong is checked
 * lower_local.c  variables: which are values, which are places
 * lower_result.c which variable is the result, so that it can live in the caller's memory from the start
 * lower_types.c  types of sema as types of the IR     lower_size.c  sizes as arithmetic; checks
 * lower_stmt.c   statements          lower_assign.c  bindings and assignments
 * lower_loop.c   for, while, ranges  lower_parallel.c  loops whose iterations are independent
 * lower_raise.c  errors: raise, try, calls that fail
 * lower_place.c  places: a path of fields, indices and windows from a variable
 * lower_window.c the steps of a path that give a window: x[a:b], x.slice(a, b), x.row(i)
 * lower_expr.c   values of scalars and plain structs  lower_choice.c  if/else, and, or, chains
 * lower_parts.c  tuples, and values of any type for a place that keeps them
 * lower_owned.c  values that own: moved, copied, made    lower_struct.c  structs
 * lower_list.c   lists               lower_arena.c   arenas     lower_task.c  tasks
 * lower_apply.c  one operation on scalar values: shared by scalar and elementwise expressions
 * lower_array.c  whole-array expressions: trees whose leaves are evaluated first, spliced into one MAP
 * lower_memory.c arrays in memory: views of places, materialised values
 * lower_method.c methods of arrays that change them
 * lower_reduce.c sum, min, argmax, ... of arrays     lower_generator.c the same of generators
 * lower_call.c   calls and their arguments           lower_match.h  sizes found from the arguments
 * lower_const.c  compile-time values                 lower_pow.c    powers
 * lower_pointer.c raw pointers
 * lower_simd.c   SIMD values       lower_simd_memory.c  the same from and to memory     lower_lanes.h  and numbers
 *
 * Values. A scalar, plain struct, str or pointer is one IR value. A tuple is the sequence of its items
 * (flattened), so a local has as many slots as its type has such parts. A whole-array expression (`x * y`)
 * is no value but an ArrayNode: its leaves (memory, scalars, results of calls) are evaluated where the
 * expression stands, in source order, and the arithmetic is emitted inside the region of the MAP or REDUCE
 * that uses it.
 *
 * Places. What owns or looks is in a variable (VAR): of the source, or a temporary. An expression that
 * names such a thing is a Path, found in two steps: its indices are evaluated in their turn (path_of), then
 * the place is opened (place_open) as late as the source allows, since opening lends it. Nothing here says
 * where a value ends: END stands where it may, ir/ownership finds out. The header ir/ownership/ownership.h
 * says how each construct looks.
 *
 * Memory is the module's arena. */
#ifndef KC_IR_LOWER_INTERNAL_H
#define KC_IR_LOWER_INTERNAL_H

#include "ir/lower/lower.h"

#include <string.h>

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
    } *by_name; /* by the id of the function's name */
    uint32_t by_name_cap;
    Vec(struct FnPair) waiting; /* declared, their bodies not lowered yet: in order of discovery */
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

/* A block of the source that is being lowered: what raw pointers look into lives to its end. */
typedef struct Pins {
    struct Pins *outer;
    Region *region;
    bool is_loop; /* the body of a loop: break and continue leave up to here */
    ValueVec refs;
} Pins;

/* While one body is lowered. */
typedef struct FnLower {
    Lowering *p;
    const FnSymbol *symbol;
    IrFn *fn;
    Builder b;
    FpMode fp;
    Slot *slots;     /* by Local.id */
    bool *is_given;  /* by Local.id: the owner is moved or gets another value somewhere */
    Vec(SizeValue) sizes;
    Pins *pins;               /* the innermost block */
    Value *out;               /* place of the caller's memory for the result, or NULL */
    const Local *result;      /* the one local that every `return` names, or NULL... */
    bool has_other_results;   /* ...because they differ */
    bool is_init;             /* an `__init__`: its `self` is empty at first */
    bool result_is_out;       /* the local lives in `out` from the beginning: nothing is copied */
    uint32_t raises;          /* how many RAISEs there are so far */
    uint32_t tries;           /* blocks with a handler around */
    uint32_t temporaries;     /* how many there are so far */
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

/* The IR function of a symbol; declares it and queues its body on first use. Library: one for each mode of a caller. */
IrFn *lower_fn_ref(Lowering *p, const FnSymbol *symbol, FpMode caller);
/* What a function is called in that mode: its name, or with the mode behind it if that is not the module's. */
Name name_in_mode(Lowering *p, const char *name, FpMode mode);

/* ---- lower_param.c --------------------------------------------------------------------------- */

/* How an argument travels. */
typedef enum Passing {
    PASS_VALUE,  /* scalars, plain structs, texts, pointers; lists, tasks and structs that are given away */
    PASS_PLACE,  /* a ref: inout of these, borrowed lists and structs; also tensors and arenas that the
                    callee may give another value */
    PASS_ARENA,  /* the handle */
    PASS_MEMORY, /* arrays that are looked at: pointer and sizes, or a strided view */
    PASS_TENSOR  /* arrays that are given away: likewise */
} Passing;

Passing param_passing(const ParamInfo *param);
/* Whether the result is written to a last parameter `out`. */
bool fn_has_out(const FnSymbol *symbol);
/* Whether a dimension in a parameter's type is a `?`, and so a parameter of its own. */
bool dim_is_open(const Size *size);
IrFn *lower_signature(Lowering *p, const FnSymbol *symbol, Name name, FpMode mode);

/* ---- lower_entry.c --------------------------------------------------------------------------- */

void lower_entry(FnLower *f);

/* ---- lower_result.c -------------------------------------------------------------------------- */

/* Fills in `result` and `is_given`. */
void scan_results(FnLower *f);
/* The local that `return e` gives away, or NULL. */
const Local *returned_owner(const FnLower *f, const Expr *e);
/* Binds `local`, an allocation, to the function's `out` where it is the result and fits; false where it
 * does not. */
bool local_bind_out(FnLower *f, const Local *local, const Expr *value);

/* ---- lower_local.c --------------------------------------------------------------------------- */

/* Gives a local its values. */
void local_bind(FnLower *f, const Local *local, Value *const *values);
Slot *local_slot(FnLower *f, const Local *local);
/* Lets a local stand for a place that there is already. */
void local_bind_place(FnLower *f, const Local *local, Value *ref);
/* Declares a variable without a value. */
void local_declare_empty(FnLower *f, const Local *local);
/* Its place, for one part of its type; `held` is what it holds. */
Value *local_place(FnLower *f, const Local *local, const IrType *held, const Type *part);
/* Values of all parts of a local that is plain, read now. */
void local_read(FnLower *f, const Local *local, Value **values);
/* A place without a name and without a value. */
Value *temporary_place(FnLower *f, const IrType *held);
/* The same with a value. */
Value *temporary_of(FnLower *f, Value *value);

/* ---- lower_types.c --------------------------------------------------------------------------- */

const Expr *strip_parens(const Expr *e);
const IrType *ir_type_of(Lowering *p, const Type *type); /* not of tuples and void */
/* What is in a place rather than a value: it owns or looks. */
bool is_placed(const Type *type);
/* Whether it can be written through: a MutView, a struct with one. */
bool type_writes(const Type *type);
/* Parts of a type: 0 for void, the sum of its items for a tuple, otherwise 1. */
uint32_t type_parts(const Type *type);
const Type *type_part(const Type *type, uint32_t part);
Value *as_i64(FnLower *f, Value *value);

/* ---- lower_size.c ---------------------------------------------------------------------------- */

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
/* The sizes of an array of that type, where the type says them all; false where it does not. */
bool type_dims(FnLower *f, const Type *type, Value **dims);
/* Size of dimension `dim` of a view of type `type`: from the type where that says it, else DIM. */
Value *dim_value(FnLower *f, Value *view, const Type *type, uint32_t dim);
void dim_values(FnLower *f, Value *view, const Type *type, Value **dims);
/* Compares what a place of type `to` gets with the sizes that it says. */
void check_fits(FnLower *f, Value *view, const Type *from, const Type *to);
/* Its first element. */
Value *view_buf(FnLower *f, Value *view);
/* The view with the layout asked for (a dense view can stand for a strided one). */
Value *view_as(FnLower *f, Value *view, bool strided);

/* ---- lower_place.c --------------------------------------------------------------------------- */

/* One step from a place to one inside of it. */
typedef struct Step {
    const Expr *expr; /* x.f, x[i], x[a:b], x.slice(a, b) */
    Value **bounds;   /* the values of its indices; see step_bounds */
} Step;

/* How an expression names a place; its indices have been evaluated. */
typedef struct Path {
    const Expr *root;
    Value *ref;      /* the variable that it starts at, or... */
    Value *value;    /* ...a view or a plain value */
    Vec(Step) steps;
    bool has_method; /* x.view() and the like: the source says when and how it is lent */
    bool writes;     /* x.view_mut() and the like */
} Path;

/* A place that has been opened. */
typedef struct Place {
    Value *ref;                 /* a variable or a part of one, */
    Value *view;                /* or an element of `view`, */
    Value *indices[MAX_RANK];
    Value *value;               /* or a value that is in no variable */
    Vec(uint32_t) path;         /* fields in it, of plain structs: outermost first */
    const Type *type;
    Span span;
} Place;

/* Evaluates what is needed to find the place; an array that has to be computed is in a temporary. */
Path path_of(FnLower *f, const Expr *e);
/* The same before the implicit conversion of `e`, which is in memory. */
Path path_of_stored(FnLower *f, const Expr *e);
Place place_open(FnLower *f, const Path *path, bool to_write);
/* The view of an array or list in a place; `span` is what lends it. */
Value *place_view(FnLower *f, const Place *place, bool to_write, Span span);
Value *place_as_ref(FnLower *f, const Place *place);
/* Of plain types. */
Value *place_get(FnLower *f, const Place *place);
void place_set(FnLower *f, const Place *place, Value *value);
/* The view opened to be written through, where it was opened to be read; likewise the way to a place. */
Value *view_to_write(FnLower *f, Value *view);
Value *ref_to_write(FnLower *f, Value *ref);
/* All of it at once. */
Value *lower_ref(FnLower *f, const Expr *e, bool to_write);
Value *lower_element(FnLower *f, const Expr *e);

/* ---- lower_window.c -------------------------------------------------------------------------- */

/* A bound as written; literals from the end count from the size, which is added by bound_at. */
Value *lower_bound(FnLower *f, const Expr *e);
Value *bound_at(FnLower *f, const Expr *e, Value *value, Value *size);
/* An index along a dimension of `size`, checked. */
Value *index_at(FnLower *f, const Expr *e, Value *value, Value *size);
bool is_view_method(const FnLower *f, const Expr *e);
/* The indices of a step, evaluated: of each index one value, of each slice three (NULL: not written). */
Value **step_bounds(FnLower *f, const Expr *e);
/* What a WINDOW, or a method that gives a view, makes of `view`. */
Value *step_window(FnLower *f, const Step *step, Value *view);
/* (x[0:k], x[k:]) */
void lower_split_mut(FnLower *f, const Expr *e, ValueVec *out);

/* ---- lower_const.c --------------------------------------------------------------------------- */

/* A constant in a type (scalar or str). */
Value *lower_const(FnLower *f, const Const *constant, const Type *type);
/* A module constant: a view of its elements. */
Value *lower_global(FnLower *f, const GlobalSymbol *global);

/* ---- lower_expr.c ---------------------------------------------------------------------------- */

/* One value of a plain type. */
Value *lower_value(FnLower *f, const Expr *e);

/* ---- lower_choice.c -------------------------------------------------------------------------- */

/* Whether evaluating `e` needs no check, call or memory, and little work. */
bool is_cheap(const FnLower *f, const Expr *e);
/* An IF that computes `count` values in each arm. */
typedef void (*ArmFn)(FnLower *f, const void *user, bool then, Value **values);
void lower_choice(FnLower *f, Value *cond, const IrType *const *types, uint32_t count, ArmFn arm,
                  const void *user, Value **values);
Value *lower_logic(FnLower *f, const Expr *e);
Value *lower_cond(FnLower *f, const Expr *e);
Value *lower_compare(FnLower *f, const Expr *e);
/* All parts of `a if c else b`, to keep or to look at. */
void cond_parts(FnLower *f, const Expr *e, bool own, ValueVec *out);
/* An END for temporaries made since there were `before` of them, within a region of an expression. */
void end_region(FnLower *f, uint32_t before);

/* ---- lower_parts.c --------------------------------------------------------------------------- */

/* All parts. `own`: what owns among them is the caller's to keep; otherwise arrays are only looked at, and
 * others are left out. */
void lower_parts(FnLower *f, const Expr *e, bool own, ValueVec *out);
/* The same in the type of a place, which says what is owned. */
void lower_parts_as(FnLower *f, const Expr *e, const Type *type, ValueVec *out);
/* One value for a place of `type`, which is no tuple. */
Value *lower_kept(FnLower *f, const Expr *e, const Type *type);
/* ROLE_ITEM: the parts of one item of a tuple. */
void lower_item(FnLower *f, const Expr *e, bool own, ValueVec *out);
/* The place of an item of a tuple variable, or NULL. */
Value *item_place(FnLower *f, const Expr *e);

/* ---- lower_owned.c --------------------------------------------------------------------------- */

/* A value that owns, the caller's from now on: moved, returned by a call, made, or copied. */
Value *lower_owned(FnLower *f, const Expr *e);
/* The sizes of an allocation, checked. */
void lower_alloc_dims(FnLower *f, Expr *const *args, uint32_t count, Span span, Value **dims);
/* A value that owns, or what stands for one where control cannot come. */
Value *empty_value(FnLower *f, const IrType *type);

/* A value that is kept while others are evaluated. */
typedef struct Waiting {
    Value *value;
    uint32_t raises;
} Waiting;
Waiting wait_with(FnLower *f, Value *value);
/* The value, which was in a place if something may have failed since. */
Value *waited(FnLower *f, const Waiting *waiting);

/* ---- lower_struct.c -------------------------------------------------------------------------- */

Value *lower_construct(FnLower *f, const Expr *e);
void lower_initials(FnLower *f);
/* The value of a struct with views in it, to keep: views that are written through are lent on. */
Value *lower_windows(FnLower *f, const Expr *e);

/* ---- lower_list.c, lower_arena.c, lower_task.c ------------------------------------------------ */

void lower_append(FnLower *f, const Expr *e);
Value *lower_take(FnLower *f, const Expr *e);
Value *lower_arena(FnLower *f, const Expr *e);
Value *lower_arena_alloc(FnLower *f, const Expr *e);
void lower_reset(FnLower *f, const Expr *e);
Value *lower_arena_stat(FnLower *f, const Expr *e);
Value *lower_spawn(FnLower *f, const Expr *e);
void lower_wait(FnLower *f, const Expr *e, ValueVec *out);

/* ---- lower_raise.c --------------------------------------------------------------------------- */

void lower_raise(FnLower *f, const Stmt *s);
bool lower_try(FnLower *f, const Stmt *s);
/* Fails with a text where `holds` is false: raises if somebody takes it, panics otherwise. */
void require(FnLower *f, Value *holds, const char *text);
/* After a call: an error goes on to the handler. */
void raise_if(FnLower *f, Value *failed);
/* Whether a call in `e` may raise. */
bool may_raise(const FnLower *f, const Expr *e);

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

/* ---- lower_pointer.c ------------------------------------------------------------------------- */

/* t.ptr() */
Value *lower_ptr(FnLower *f, const Expr *e);
/* All elements from a pointer on, without an end that anybody knows. */
Value *pointer_view(FnLower *f, Value *pointer);
/* `p + i`, `p - i` */
Value *lower_pointer_step(FnLower *f, const Expr *e);

/* ---- lower_simd.c ---------------------------------------------------------------------------- */

/* A number in all lanes, where `type` is a vector and the value is none. */
Value *widen(FnLower *f, Value *value, const IrType *type);
/* The value as a vector of that type: its lanes converted, or one number in all of them. */
Value *to_width(FnLower *f, Value *value, const IrType *type);
/* v[i] = value */
void set_lane(FnLower *f, const Expr *target, Value *value, Span span);
Value *lower_simd(FnLower *f, const Expr *e); /* a method of SIMD values */
Value *lower_lane(FnLower *f, const Expr *e); /* v[i] */
void lower_lane_assign(FnLower *f, const Stmt *s, const Expr *target);
/* v.deinterleave() */
void lower_halves(FnLower *f, const Expr *e, ValueVec *out);

/* ---- lower_simd_memory.c --------------------------------------------------------------------- */

Value *lower_simd_load(FnLower *f, const Expr *e); /* load, masked_load, gather */
void lower_simd_store(FnLower *f, const Expr *e);  /* store, masked_store, compress_store, scatter */
void lower_prefetch(FnLower *f, const Expr *e);

/* ---- lower_pow.c ----------------------------------------------------------------------------- */

/* base ** exponent by multiplications; the exponent is an integer. */
Value *lower_power(FnLower *f, Value *base, Value *exponent, Span span);
/* Whether a constant exponent of a float is small enough for multiplications. */
bool power_is_small(const Const *exponent, int64_t *k);
Value *lower_small_power(FnLower *f, Value *base, int64_t k);

typedef struct ArrayNode ArrayNode; /* lower_array.h */

/* ---- lower_memory.c -------------------------------------------------------------------------- */

/* Whether the value of the array `e` is in memory already (or comes from a call), rather than to be
 * computed. */
bool is_in_memory(const FnLower *f, const Expr *e);
/* A view of the array `e`, in the layout of its type. */
Value *lower_view(FnLower *f, const Expr *e, bool to_write);
/* The same before the implicit conversion of `e`, which is in memory. */
Value *lower_stored(FnLower *f, const Expr *e);
/* The view that an expression gives that names no place: the result of a call, a choice. */
Value *lower_given_view(FnLower *f, const Expr *e);
/* A temporary with a copy of what is in `view`. */
Value *copy_of(FnLower *f, Value *view, const Type *type);
/* Sizes of an array expression, in memory or not, without computing its elements; gives the rank. */
uint32_t lower_shape(FnLower *f, const Expr *e, Value **dims);

/* ---- lower_method.c -------------------------------------------------------------------------- */

/* Methods that give nothing: fill, mul, add, swap, resize, append, reset. */
void lower_void_method(FnLower *f, const Expr *e);

/* ---- lower_generator.c ----------------------------------------------------------------------- */

/* ROLE_REDUCE: a reduction builtin of a generator. */
Value *lower_generator(FnLower *f, const Expr *e);

/* ---- lower_loop.c ---------------------------------------------------------------------------- */

/* What a loop runs over: numbers, or the elements of an array or list. */
typedef struct Iteration {
    Value *lo, *hi, *step; /* i64 */
    const ArrayNode *node; /* of an array, or NULL */
    Value *items;          /* view of a list's elements, or NULL */
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

/* ---- lower_parallel.c ------------------------------------------------------------------------ */

/* First in the body of a loop: what it declares with `reduce`. */
void lower_reduces(FnLower *f, const Stmt *s);
void loop_catch(FnLower *f, Op *loop); /* see ir/failure.h */
/* parallelize[body](n), vectorize[body, W](n) */
void lower_run_loop(FnLower *f, const Expr *e);

/* ---- lower_call.c ---------------------------------------------------------------------------- */

/* Calls; results (all parts) to `out`. Those that own are the caller's. */
void lower_call(FnLower *f, const Expr *e, ValueVec *out);
/* A call whose result of known shape goes to `into`, of type `type`, which nothing else looks into. */
void lower_call_into(FnLower *f, const Expr *e, Value *into, const Type *type);
/* A scalar function of scalars, on values. */
Value *lower_scalar_call(FnLower *f, const FnSymbol *symbol, Value *const *values, uint32_t count);
void lower_print(FnLower *f, const Expr *e);

/* ---- lower_assign.c -------------------------------------------------------------------------- */

void lower_binding(FnLower *f, const Stmt *s);
void lower_assign(FnLower *f, const Stmt *s);

/* ---- lower_stmt.c ---------------------------------------------------------------------------- */

/* The block of a @parameter if that is compiled in, or NULL. */
const Block *taken_arm(const Stmt *s, const StmtInfo *info);
/* A block. False when its end cannot be reached. Jumps are the only way not to reach it: the end of
 * `while True` counts as reached. */
bool lower_block(FnLower *f, const Block *block, bool is_loop);
Value *lower_condition(FnLower *f, const Expr *e);
/* What is not used later may end here. */
void end_statement(FnLower *f, Span span);
/* Whether the builder's region has already been left. */
bool has_left(const FnLower *f);
/* Keeps the variable behind a raw pointer alive to the end of the block. */
void pin(FnLower *f, Value *ref);

#endif
