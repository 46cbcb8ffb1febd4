/* Between the files that check expressions: how results are recorded, how literals meet their
 * context, how shapes meet each other, and the entry of each file.
 *
 * Everything here works on an expression that has been checked, unless it is called check_*.
 * Records are reached by node id (expr_info) and never kept across calls, because the table may
 * move. All memory is the compilation's arena. */
#ifndef KC_SEMA_EXPR_H
#define KC_SEMA_EXPR_H

#include "sema/check.h"

/* ---- Records (expr_record.c) ----------------------------------------------------------------- */

/* Each gives the type it records. */
const Type *expr_set(FnChecker *f, const Expr *e, ExprRole role, const Type *type);
const Type *expr_poison(FnChecker *f, const Expr *e);
const Type *expr_set_const(FnChecker *f, const Expr *e, const Type *type, const Const *constant);
const Type *expr_set_args(FnChecker *f, const Expr *e, ExprRole role, const Type *type,
                          Expr *const *args, uint32_t count);
const Type *expr_set_builtin(FnChecker *f, const Expr *e, Builtin builtin, const Type *type,
                             Expr *const *args, uint32_t count);
/* Adds the known value to a record that has a role already. */
void expr_know(FnChecker *f, const Expr *e, const Const *constant);
/* The type after implicit conversion; TYPE_ERROR for an expression without a record. */
const Type *expr_type(FnChecker *f, const Expr *e);
const Const *expr_constant(FnChecker *f, const Expr *e); /* or NULL */
bool expr_is_checked(FnChecker *f, const Expr *e);
/* The integer that `e` is known to be. */
bool expr_known_int(FnChecker *f, const Expr *e, int64_t *value);
/* Whether any of the expressions is poison. */
bool exprs_have_error(FnChecker *f, Expr *const *es, uint32_t count);
/* The inside of parentheses. */
Expr *expr_bare(Expr *e);
/* "`x + 1`", or "this value" where the source is too long to quote. */
const char *expr_quote(FnChecker *f, const Expr *e);
/* "`x` is `f32`", likewise. */
const char *expr_and_type(FnChecker *f, const Expr *e);
/* Puts `before` and `after` around `e`. */
void fix_wrap(FnChecker *f, Fix *fix, const Expr *e, const char *before, const char *after);
const char *article(const char *word); /* "a" or "an" */

/* ---- Literals and conversion (check_literal.c, convert.c, unify.c) --------------------------- */

const Type *check_int(FnChecker *f, Expr *e);
const Type *check_real(FnChecker *f, Expr *e);
const Type *check_string(FnChecker *f, Expr *e);
const Type *check_list(FnChecker *f, Expr *e);
/* An expression of literal type becomes the number type `target`; reports what does not fit. */
bool literal_adapt(FnChecker *f, Expr *e, const Type *target);
/* ...the element type of `wanted` where that is a number that suits it, else int or f64. */
bool literal_default(FnChecker *f, Expr *e, const Type *wanted);
/* The element type of `wanted`, if it is a number; NULL otherwise. */
const Type *number_hint(const Type *wanted);
/* Whether every value of `from` is one of `to` (for def: an int may also become an f64). */
bool scalar_widens(Scalar from, Scalar to);
/* `e` becomes an `int`: the index widening of fn. `what`: "an index", "a size". */
bool convert_index(FnChecker *f, Expr *e, const char *what);
/* conversions.c: the value becomes one of type `to`, as `def` has it; this is told in the end. */
void convert_implicitly(FnChecker *f, Expr *e, const Type *to);
/* Writes `T(e)` for `e`. */
void fix_convert(FnChecker *f, Fix *fix, const Expr *e, const Type *to);
/* Whether the value of an array of type `from` may stand where one of type `to` is wanted, sizes
 * aside. */
bool array_lends(const Type *from, const Type *to);
/* Reports an array that array_lends refuses. */
void report_array_mismatch(FnChecker *f, const Expr *e, const Type *target, const char *what,
                           Span what_span);
/* An item of a value that is not written out as a tuple, of type `from`, for the array `target`. */
bool check_part_fits(FnChecker *f, const Expr *value, uint32_t item, const Type *from, const Expr *target);
/* "`what` is `f32`, but `e` is `i32`" with the conversion as a fix-it where there is one. */
void report_mismatch(FnChecker *f, const Expr *e, const Type *target, const char *what,
                     Span what_span);
/* The one element type of several operands: literals adapt, def widens, fn reports. Literal type
 * when all are literals, NULL after reporting. `op`: "`+`". */
const Type *unify_elements(FnChecker *f, Expr *const *es, uint32_t count, const char *op,
                           Span op_span);

/* ---- Shapes (shape.c) ------------------------------------------------------------------------ */

/* The type of an elementwise operation on `es`: `elem` if all are scalars, an array of the
 * broadcast shape otherwise, NULL after reporting shapes that cannot agree. */
const Type *elementwise_type(FnChecker *f, Expr *const *es, uint32_t count, const Type *elem,
                             Span op_span);
/* Reports that `left` and `right` disagree in two sizes. `message` is the headline. */
void report_shapes(FnChecker *f, DiagCode code, Span span, const char *message, const Expr *left,
                   const Size *left_size, const Expr *right, const Size *right_size);
/* Labels the places where the symbols of a size come from. */
void label_size(FnChecker *f, Diag *d, const Size *size);
/* Labels the declaration of the variable that `e` is, if it is one. */
void label_declaration(FnChecker *f, Diag *d, const Expr *e);
const char *size_text(FnChecker *f, const Size *size);
/* The same shape with other sizes in it: never NULL. */
const Type *array_like(FnChecker *f, const Type *array, ArrayForm form, const Type *elem);
const Size *size_fresh(FnChecker *f, Span span);
/* NULL results of size arithmetic become unknown sizes. */
const Size *size_sum(FnChecker *f, const Size *a, const Size *b, Span span);
const Size *size_difference(FnChecker *f, const Size *a, const Size *b, Span span);
const Size *size_int(FnChecker *f, int64_t value);

/* ---- Operators (check_operator.c, check_compare.c, check_power.c) ---------------------------- */

const Type *check_unary(FnChecker *f, Expr *e, const Type *wanted);
const Type *check_binary(FnChecker *f, Expr *e, const Type *wanted);
const Type *check_compare(FnChecker *f, Expr *e);
const Type *check_logic(FnChecker *f, Expr *e); /* and, or */
const Type *check_not(FnChecker *f, Expr *e);
const Type *check_cond(FnChecker *f, Expr *e, const Type *wanted);
const Type *check_power(FnChecker *f, Expr *e);  /* operands are checked numbers */
const Type *check_matmul(FnChecker *f, Expr *e); /* operands are checked */
/* Reports an operand that operator `op` does not take. */
void report_operand(FnChecker *f, const Expr *operand, const char *op, Span op_span,
                    const char *takes);

/* ---- Names and members (check_name.c, check_member.c) ---------------------------------------- */

const Type *check_name(FnChecker *f, Expr *e);
const Type *check_member(FnChecker *f, Expr *e);
/* A symbol used as a value, by name or through its module. */
const Type *check_symbol(FnChecker *f, Expr *e, Symbol *symbol);
/* The symbol that `e` (NAME, or MEMBER of a module) stands for, or NULL; reports nothing. */
Symbol *expr_symbol(FnChecker *f, const Expr *e);
/* The module that `e` names, or NULL. */
ModuleSymbol *expr_module(FnChecker *f, const Expr *e);
/* Reports a name that module `m` does not offer. */
void report_no_member(FnChecker *f, const ModuleSymbol *m, Ident name);
/* Reports a field or method that values of `type` do not have. */
void report_no_field(FnChecker *f, const Type *type, Ident name);
bool is_special_name(const char *name); /* `__init__`, `__del__`, ... */
const char *type_kind_words(const Type *type); /* "a struct", "an array" */

/* ---- Calls (check_call.c, call_*.c, check_construct.c) --------------------------------------- */

/* A call of one function, as matched: arguments by parameter. */
typedef struct CallMatch {
    FnSymbol *fn;
    Expr **args;     /* by parameter; NULL where a default stands, or where one is missing */
    bool is_map;     /* scalar parameters, some array argument */
    const char *why; /* why it does not fit, or NULL */
    uint32_t cost;   /* 0: every type is exact */
} CallMatch;

const Type *check_call(FnChecker *f, Expr *e, const Type *wanted);
/* Calls the functions of one name; `receiver` is the struct of a method call or NULL. */
const Type *call_functions(FnChecker *f, Expr *e, const FnSymbolVec *fns, Expr *receiver,
                           const Type *wanted);
/* Whether it is an `__init__`: a call makes its `self`. */
bool fn_is_init(const FnSymbol *fn);
/* What stands before the parentheses of a call: of an `__init__`, the name of its struct. */
const char *called_name(const FnChecker *f, const FnSymbol *fn);
/* Distributes the arguments (call_match.c) over the parameters. With `report`, mistakes are
 * errors; otherwise they are match->why. */
bool call_match(FnChecker *f, const Expr *call, Expr *receiver, FnSymbol *fn, bool report,
                CallMatch *match);
/* Chooses among several functions and reports when none or no single one fits. */
bool call_choose(FnChecker *f, const Expr *call, const FnSymbolVec *fns, Expr *receiver,
                 const Type *wanted, CallMatch *match);
/* Whether scalar parameters meet an array argument, so that the function is applied elementwise. */
bool call_maps(FnChecker *f, const CallMatch *match);
/* Binds the size names of the callee to the arguments' sizes; gives the result type, or NULL after
 * reporting sizes that cannot agree. */
const Type *call_bind_sizes(FnChecker *f, const Expr *call, const CallMatch *match);
/* "f(x: f32, y: f32)": how a function is declared, for lists of candidates. */
const char *fn_source(FnChecker *f, const FnSymbol *fn);

const Type *check_failure(FnChecker *f, Expr *e); /* Error("..."): raises.c */
/* `parallelize[body](n)`, `vectorize[body, W](n)`: run_loop.c. */
const Type *check_run_loop(FnChecker *f, Expr *e, bool is_simd);
const Type *check_spawn(FnChecker *f, Expr *e);  /* spawn.c */
void check_graph(FnChecker *f, Stmt *s); /* graph.c */
bool check_no_task(FnChecker *f, Span span, const char *word);
void check_wait(FnChecker *f, Expr *task);
void task_given(FnChecker *f, const Expr *e); /* a task goes elsewhere, or is lent */
const Type *check_convert(FnChecker *f, Expr *e, const Type *to);
const Type *check_construct(FnChecker *f, Expr *e, const Type *type);
const Type *check_alloc(FnChecker *f, Expr *e, Expr *type_expr, bool uninit);
/* Whether `e` is `a.tensor` or `a.tensor[T]`, whatever `a` is. */
bool names_arena_tensor(FnChecker *f, const Expr *e);
/* `a.tensor[f32](n)`; `method` is what stands before the parentheses, its `a` checked. */
const Type *check_arena_alloc(FnChecker *f, Expr *e, Expr *method, bool uninit);
/* `List[T]()`, `Arena(bytes, grow=True)`: check_owner.c, as the methods of all that is no array. */
const Type *check_make(FnChecker *f, Expr *e, const Type *type);
const Type *check_owner_method(FnChecker *f, Expr *e, Expr *base, Ident name);
/* `x.copy()` of a list or a struct. */
const Type *check_copy(FnChecker *f, Expr *e, Expr *base, Ident name);
/* Checks what was given to something that cannot be called or built, for the errors inside. */
void check_args_alone(FnChecker *f, const ArgVec *args);
/* Reports unless between `low` and `high` positional arguments and no others are given. */
bool check_arg_count(FnChecker *f, const Expr *call, uint32_t low, uint32_t high, const char *name);

/* ---- Builtins, methods, reductions (check_builtin.c, check_math.c, check_method.c, check_reduc */

const Type *check_builtin(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted);
/* `bitcast[T](x)`, `simdwidthof[T]()`: `args` are those in square brackets. */
const Type *check_builtin_of(FnChecker *f, Expr *e, Builtin builtin, const ArgVec *types);
/* Elementwise functions of numbers. */
const Type *check_math(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted);
const Type *check_reduction(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted);
const Type *check_scan(FnChecker *f, Expr *e, Builtin builtin, const Type *wanted);
/* The type of a reduction over values of type `elem`, or NULL after reporting. */
const Type *reduction_type(FnChecker *f, const Expr *at, Builtin builtin, const Type *elem);
const Type *check_method(FnChecker *f, Expr *e, Expr *base, Ident name);
Builtin method_find(FnChecker *f, Name name); /* BUILTIN_NONE if there is none */
const Type *check_shape(FnChecker *f, Expr *e, Expr *base);

/* ---- SIMD values (simd_*.c) ------------------------------------------------------------------ */

/* `SIMD[f32, 8]`, written out. */
const Type *resolve_vector(FnChecker *f, Expr *e);
/* A number of lanes, known at compile time; 0 after reporting. */
uint32_t resolve_lanes(FnChecker *f, Expr *e);
/* Bits of a register of the target. */
unsigned simd_bits(const Checker *c);
/* W0289, where a SIMD value is wider than that. */
void warn_split(FnChecker *f, const Type *type, Span span);
/* SIMD[f32, 8](x), SIMD[f32, 4](a, b, c, d) */
const Type *check_simd(FnChecker *f, Expr *e, const Type *type);
/* SIMD[i32, 8].iota() */
const Type *check_simd_static(FnChecker *f, Expr *e, const Type *type, Ident name);
/* v[i] */
const Type *check_lane(FnChecker *f, Expr *e, const Type *base);
/* Methods of SIMD values; `in_brackets` is NULL where there are none. */
const Type *check_simd_method(FnChecker *f, Expr *e, Expr *base, Ident name,
                              const ArgVec *in_brackets);
/* Methods of arrays that move SIMD values. */
bool is_simd_access(Builtin method);
const Type *check_simd_access(FnChecker *f, Expr *e, Expr *base, Builtin method,
                              const ArgVec *in_brackets);
/* Reports values of different widths; gives the error type. */
const Type *report_widths(FnChecker *f, Span span, const Expr *e, const Type *from,
                          const Type *to);

/* ---- Owners (place_root.c, take.c, transfer.c, replaced.c) ----------------------------------- */

/* The variable that a place belongs to, and what lies between. */
typedef struct PlaceRoot {
    const Expr *root;           /* the name; for temporaries, whatever makes the value */
    const Local *local;         /* or NULL... */
    const GlobalSymbol *global; /* ...or NULL */
    const Expr *element;        /* the element of a list that is on the way, or NULL */
    const Expr *guarded;        /* a value on the way whose type has `__del__`, or NULL */
    bool is_whole;              /* the variable itself */
} PlaceRoot;
PlaceRoot place_root(FnChecker *f, const Expr *e);
/* Whether some variable or constant has this value, so that somebody else owns it. */
bool root_is_named(const PlaceRoot *root);
/* The ParamInfo of a parameter of the function, or NULL. */
const ParamInfo *param_of(FnChecker *f, const Local *local);
/* "owned t: Tensor[f32, ?]": the parameter with another convention. */
const char *param_with(FnChecker *f, const ParamInfo *param, const char *convention);
/* Writes that convention before the parameter. */
void fix_convention(FnChecker *f, Fix *fix, const ParamInfo *param, const char *convention);

/* "copy it: `return t.copy()`": `text` written behind the place. `before` only stands in the message. */
Fix *suggest_after(FnChecker *f, Diag *d, FixKind kind, const char *advice, const char *before,
                   const Expr *place, const char *text);

/* `e`, which has been checked, stands where a value to own is wanted: a named owning place has to be
 * moved or copied (K0304; in a `def` it is marked is_copied). `label` says what takes it. */
void take_owned(FnChecker *f, Expr *e, const char *label);
/* The same for `return e`: locals and owned parameters are moved without a mark. */
void take_returned(FnChecker *f, Expr *e);
/* Storing a CPtr outside of `unsafe:` (K0383). */
void check_kept_pointer(FnChecker *f, const Expr *value, Span span);
const Type *check_transfer(FnChecker *f, Expr *e);
/* K0308: `place`, moved by what is at `span`, is a field of root->guarded. */
void report_guarded_field(FnChecker *f, const Expr *place, Span span, const PlaceRoot *root);

/* Whether `e` gives a value of its own that a place can take over as it is. */
bool gives_owner(FnChecker *f, const Expr *e);
/* The variable `local` of the function gets another value, is moved or resized at `span`. */
void note_replaced(FnChecker *f, const Expr *place, Span span, const char *how);
/* The place is passed inout as `param` of `callee`. */
void note_passed(FnChecker *f, const Expr *place, const FnSymbol *callee, uint32_t param);
/* Which names in the body may get other sizes; asked while variables are declared. */
void scan_sizes(FnChecker *f);
bool name_varies(const FnChecker *f, Name name);
/* A new variable that may be resized or get another array: what its first value says of its sizes is true
 * only for a while. Sizes in a type that was written stay. */
void leave_sizes_open(FnChecker *f, Local *local, bool is_inferred);

/* ---- Indexing and places (check_index.c, check_window.c, check_place.c) ---------------------- */

const Type *check_index(FnChecker *f, Expr *e);
/* `xs[i]` and `xs[a:b]` of a list, `p[i]` of a CPtr: check_item.c. */
const Type *check_list_index(FnChecker *f, Expr *e, const Type *base);
const Type *check_pointer_index(FnChecker *f, Expr *e);
/* `p + i`, `p - i` of a CPtr. */
const Type *check_pointer_step(FnChecker *f, Expr *e);
const Type *check_window(FnChecker *f, Expr *e,
                         const Type *base); /* at least one SLICE, or few indices */
/* Checks index number `axis` of an array and that it is inside where that is known. */
bool check_subscript(FnChecker *f, Expr *index, const Type *base, uint32_t axis);
/* The size of `lo:hi` along `axis`; either end may be NULL. Reports what is outside for certain;
 * NULL then. */
const Size *check_bounds(FnChecker *f, Expr *lo, Expr *hi, const Type *base, uint32_t axis,
                         Span span);
/* Whether windows into `e` may be written; reports otherwise. `label` says what changes it. */
bool check_writable(FnChecker *f, Expr *e, const char *label);

#endif
