/* The typed IR: structured (loops and ifs own their regions), scalars in SSA form, variables as places.
 *
 * Three stages share it. Stage OWNED is what lowering gives: names that own or look into memory are
 * places, nothing is freed yet, and ops flagged OWNED say what is lent, moved and copied. There ownership
 * is checked, drops are inserted, and `erase` turns the rest into plain views. In stage TENSOR whole-array
 * values (MAP, REDUCE, ASSIGN) are iteration spaces with scalar bodies: fusion works there. In stage LOOP
 * only loops over scalars remain. A function's
 * parameters are those of the C function it becomes, in the same order: sizes, scalars, pointers.
 *
 * Ops, values and regions are linked by pointers and carry dense ids, so that passes can keep what they
 * learn in plain arrays. All memory is the module's arena. */
#ifndef KC_IR_IR_H
#define KC_IR_IR_H

#include "support/context.h"
#include "support/scalar.h"

/* ---- Types: interned in the module, so they compare with == ------------------------------------ */

typedef enum IrTypeKind {
    IR_SCALAR,
    IR_VEC,   /* lanes: as many scalars side by side */
    IR_STRUCT,
    IR_STR,   /* a string literal */
    IR_BUF,   /* pointer to elements */
    IR_VIEW,  /* pointer, sizes, strides */
    IR_ARRAY, /* a whole array as a value, stage TENSOR only */
    IR_REF,   /* a variable, a field or an element */
    IR_LIST,  /* List[T]: pointer, length, capacity */
    IR_ARENA, /* a handle */
    IR_TASK   /* stage OWNED: what `spawn` gives */
} IrTypeKind;

enum { MAX_LANES = 1024 };

typedef struct IrType IrType;
typedef struct IrFn IrFn;
typedef Vec(const IrType *) IrTypeVec;

typedef struct IrField {
    Name name;
    const IrType *type; /* all but array and ref; plain at the C ABI */
} IrField;

struct IrType {
    IrTypeKind kind;
    uint32_t id;
    Scalar scalar;       /* SCALAR, VEC: of a lane */
    uint32_t lanes;      /* VEC: a power of two, 2 to 1024 */
    const IrType *elem;  /* BUF, VIEW, ARRAY, LIST: of an element; REF: what it holds; TASK: what it gives or NULL */
    uint32_t rank;       /* VIEW, ARRAY: 1 to 8 */
    bool strided;        /* VIEW: strides are its own; otherwise row-major and contiguous */
    bool owned;          /* VIEW, stage OWNED: it owns its memory ("tensor"); dense */
    Name name;           /* STRUCT: unique in the module */
    uint32_t field_count;
    const IrField *fields; /* STRUCT: in C order and layout */
    bool fields_own, fields_look; /* STRUCT: some field does; ir_type_owns and ir_type_looks ask */
    IrFn *del;             /* STRUCT: its `__del__`, called before its fields end, or NULL */
    uint32_t size, align;  /* of what can be in memory: bytes, as C has them on every target. Views are
                              a pointer, the sizes, the strides if strided, 8 bytes each */
};

/* ---- Operations -------------------------------------------------------------------------------- */

typedef enum OpKind {
#define OP(kind, mnemonic, operands, results, regions, attr, flags) OP_##kind,
#include "ir/ops.def"
#undef OP
    OP_COUNT
} OpKind;

enum OpFlags {
    OP_FLAG_PURE = 1,
    OP_FLAG_COMMUTES = 2,
    OP_FLAG_READS = 4,
    OP_FLAG_WRITES = 8,
    OP_FLAG_ENDS = 16,
    OP_FLAG_EFFECT = 32,
    OP_FLAG_OWNED = 64
};

typedef enum OpAttrKind {
    ATTR_NONE, ATTR_BITS, ATTR_TEXT, ATTR_VAR, ATTR_INDEX, ATTR_MASK, ATTR_FLAG, ATTR_REDUCE,
    ATTR_LOOP, ATTR_CALLEE, ATTR_CHECK, ATTR_TYPE, ATTR_LANES
} OpAttrKind;

#define VARIADIC (-1)

typedef struct OpInfo {
    const char *mnemonic;
    int operands, results, regions; /* VARIADIC where it depends */
    OpAttrKind attr;
    unsigned flags;
} OpInfo;

extern const OpInfo op_infos[OP_COUNT];

typedef enum CheckKind {
#define CHECK(kind, mnemonic, message, operands, name0, name1, name2) CHECK_##kind,
#include "ir/checks.def"
#undef CHECK
    CHECK_COUNT
} CheckKind;

typedef struct CheckInfo {
    const char *mnemonic, *message;
    uint32_t operands;
    const char *names[3];
} CheckInfo;

extern const CheckInfo check_infos[CHECK_COUNT];

typedef enum ReduceKind {
    REDUCE_ADD, REDUCE_MUL, REDUCE_MIN, REDUCE_MAX, REDUCE_AND, REDUCE_OR, REDUCE_ARGMIN,
    REDUCE_ARGMAX
} ReduceKind;

typedef struct Op Op;
typedef struct Value Value;
typedef struct Region Region;
typedef struct IrModule IrModule;

struct Value {
    uint32_t id; /* dense in the function */
    const IrType *type;
    Op *def;         /* the op that gives it, or NULL for parameters of functions and regions */
    Region *region;  /* of a region parameter, otherwise NULL */
    uint32_t index;  /* which result or parameter */
    Name name;       /* the user's name, or NO_NAME */
};

/* What the source says of a variable. */
typedef enum VarRole {
    VAR_TEMPORARY, /* has no name in the source */
    VAR_LET,
    VAR_VAR,
    VAR_BORROWED, /* a parameter; what it owns is the caller's */
    VAR_INOUT,    /* likewise, and complete on every exit */
    VAR_OWNED,    /* a parameter that this function frees or passes on */
    VAR_OUT,      /* stands for the caller's memory for the result: never dropped */
    VAR_CONSTANT  /* of the module */
} VarRole;

typedef struct IrVar {
    Name name; /* NO_NAME for temporaries */
    VarRole role;
    const char *type; /* as the user writes it, "Tensor[f32, ?]", or NULL */
    Span declared;    /* the whole parameter, or the name in its binding */
} IrVar;

typedef struct OpLoop {
    bool is_simd, is_parallel; /* as the user wrote */
    bool independent;          /* iterations share nothing that is written: proved, or by construction */
    bool in_step;              /* or what they share is the same when each op is done for several at once */
    uint32_t lanes_most;       /* ... that are no more than so many; 0: for any number */
    bool reduces;              /* its accumulators may be combined in any order: declared reductions */
    bool is_lanes;             /* an iteration for each lane of SIMD values, which sets that lane of one (spmd_apply.c) */
    bool is_vector;            /* widened by spmd, or what it left over: LLVM need not try */
    bool is_graph;             /* stage OWNED: one iteration, whose TASKs are to be the calls of a GRAPH */
    bool whole;                /* its step divides the way from its start to its end, which is not backwards */
    bool runs;                 /* ... and that is a step at least */
    bool streams;              /* its vectors are stored past the caches; each begins at a multiple of its size */
    bool is_seldom;            /* it only runs where numbers are too large for 32 bits: its speed is not worth code */
} OpLoop;

struct Op {
    OpKind kind;
    uint32_t id; /* dense in the function */
    Span span;
    Name inlined_from; /* the function, as spelled, whose source this is, when another; or NO_NAME */
    Region *parent;
    Op *prev, *next;
    uint32_t operand_count, result_count, region_count;
    Value **operands, **results;
    Region **regions;
    union {
        uint64_t bits;
        struct {
            const char *bytes;
            uint32_t length;
        } text;
        struct {
            const uint16_t *at;
            uint32_t count;
        } lanes;
        IrVar var;
        const IrType *type;
        uint32_t index;
        uint32_t mask;
        bool flag;
        ReduceKind reduce;
        OpLoop loop;
        IrFn *callee;
        struct {
            CheckKind kind;
            const char *message; /* TRUE: the user's text; otherwise NULL. Never NULL for TRUE */
        } check;
    } attr;
};

struct Region {
    Op *parent; /* NULL for a function's body */
    IrFn *fn;
    uint32_t param_count;
    Value **params;
    Op *first, *last;
};

/* ---- Functions and modules --------------------------------------------------------------------- */

typedef enum FpMode { FP_CONTRACT, FP_STRICT, FP_REPRODUCIBLE, FP_FAST } FpMode;

/* Sums and products of floats that are declared reductions may be taken in any order. STRICT keeps that of
 * the text, and REPRODUCIBLE has an order of its own (reduce_lanes). */
static inline bool fp_frees_order(FpMode fp) { return fp == FP_CONTRACT || fp == FP_FAST; }

/* What a parameter is to C. */
typedef enum ParamKind {
    PARAM_SIZE,    /* int64_t: a size name, or a `?` dimension */
    PARAM_SCALAR,  /* by value */
    PARAM_STRUCT,  /* by value */
    PARAM_REF,     /* type ref<T>, a pointer: inout scalars and structs; structs and lists that own, when
                      borrowed or inout; inout tensors and arenas that may get another value */
    PARAM_ARENA,   /* a handle by value */
    PARAM_ARRAY,   /* type buf<T> */
    PARAM_STRIDED, /* type strided view<T, rank>: a small struct by value */
    PARAM_OUT      /* type buf<T>: the array result of known shape */
} ParamKind;

typedef struct IrParam {
    ParamKind kind;
    Name name;             /* C name of the parameter */
    Value *value;
    bool is_written;       /* inout, owned or mutable: not `const` in C */
    bool is_owned;         /* an array that the callee frees: from kc_alloc */
    bool is_restrict;      /* overlaps nothing else that is written */
    const char *source;    /* as the user declared it: "x: Tensor[f32, n]"; for the header's comment */
    Value *element_count;  /* unused by lowering when NULL: elements behind a buf, when a parameter says so */
    int64_t min_elements;  /* elements known to exist behind a buf (constant shapes), 0 if unknown */
    Span span;
} IrParam;

/* One parameter as the source has it: the C parameters `first` to `first + count - 1`, and perhaps sizes
 * before all of them. Exists for messages and for what callers know of a call. */
typedef enum ArgConvention { ARG_BORROWED, ARG_INOUT, ARG_OWNED } ArgConvention;

typedef struct IrArg {
    Name name;
    ArgConvention convention;
    const char *source; /* "inout y: Tensor[f32, n]" */
    Span span;
    uint32_t first, count;
    const IrType *type; /* in stage OWNED: tensor, view, list, arena, struct, scalar... */
    bool is_mutable;    /* a MutView, or a struct with one: written through */
    bool is_escaping;   /* extern: kept after the call */
} IrArg;

struct IrFn {
    uint32_t id; /* index in the module */
    IrModule *module;
    Name name;          /* unique in the module; of an exported function its C symbol */
    Name source_name;   /* as spelled in the source, for messages and panics */
    Span span;
    Vec(IrParam) params;
    Vec(IrArg) args;
    IrTypeVec results;  /* what RETURN gives; several: C gets a struct. A CALL of a function that raises
                           has one more before them, its bool `failed` */
    const char *result; /* as the user writes it, or NULL */
    Span result_span;   /* its type in the signature */
    int32_t result_of;  /* `-> View[f32, ?] of a`: index in args; -1: none */
    bool returns_view;  /* a result looks into memory (a view, or a struct with one) */
    bool raises, is_def, is_noalloc;
    bool is_fused;         /* @fused: it may become at most `fused_loops` passes over memory */
    uint32_t fused_loops;
    bool must_vectorize; /* @must_vectorize: spmd makes errors of innermost loops that stay scalar */
    Region *body;       /* NULL: an extern declaration */
    bool is_exported, is_extern, is_pure, is_inline, is_noinline;
    bool is_main;       /* def main() */
    bool is_range;      /* its parameters begin with from, to, grain, whole: a call for the indices from `from` to
                           `to`, `whole` of them, may be split into calls for parts of them, of `grain` indices
                           or more and with the same `whole`, in any order and at the same time */
    bool is_seldom;     /* only called where such numbers are */
    bool is_task;       /* its first parameter is a ref<bool>, which says in the end whether it failed: a call may
                           run beside what follows, until a JOIN of that variable */
    FpMode fp;
    const char *signature; /* source text of the declaration, for the header */
    const char *doc;       /* docstring or NULL */
    uint32_t next_value, next_op; /* ids handed out */
};

struct IrModule {
    Context *cx;
    Arena *arena;
    Name name;           /* stem of the main file */
    const char *doc;
    Vec(IrFn *) fns;     /* callees need not stand before callers */
    IrTypeVec types;     /* interned */
    bool owned_stage;    /* nothing is erased yet: ops flagged OWNED may occur. Lowering sets it */
    bool tensor_stage;   /* whole-array ops may occur */
    struct IdMap *type_table; /* finds them by what they are; types.c owns it */
};

IrModule *ir_module_create(Context *cx, Name name);
IrFn *ir_fn_create(IrModule *module, Name name, Span span);
IrFn *ir_fn_find(const IrModule *module, Name name); /* or NULL */
/* Appends a parameter; its value has the given type. `source` may be NULL. */
IrParam *ir_param_add(IrFn *fn, ParamKind kind, Name name, const IrType *type);

const IrType *ir_scalar(IrModule *m, Scalar scalar);
const IrType *ir_vec(IrModule *m, Scalar scalar, uint32_t lanes); /* of one lane: the scalar itself */
/* A type of that many lanes (0: a scalar), of another scalar. */
const IrType *ir_like(IrModule *m, const IrType *like, Scalar scalar);
const IrType *ir_bool(IrModule *m);
const IrType *ir_i64(IrModule *m);
const IrType *ir_str(IrModule *m);
const IrType *ir_buf(IrModule *m, const IrType *elem);
const IrType *ir_view(IrModule *m, const IrType *elem, uint32_t rank, bool strided);
const IrType *ir_tensor(IrModule *m, const IrType *elem, uint32_t rank); /* a dense view that owns */
const IrType *ir_array(IrModule *m, const IrType *elem, uint32_t rank);
const IrType *ir_list(IrModule *m, const IrType *elem);
const IrType *ir_arena(IrModule *m);
const IrType *ir_task(IrModule *m, const IrType *result); /* NULL: it gives nothing */
/* What a place of this type holds: memory of its own (tensor, list, arena, task; structs and lists of
 * these; structs with a `__del__`), or windows into others' memory. Both false: it is plain. */
bool ir_type_owns(const IrType *type);
bool ir_type_looks(const IrType *type);
const IrType *ir_ref(IrModule *m, const IrType *held);
/* Computes C layout. One struct for each name: the same name gives the same type, and `fields` is only
 * read the first time. */
const IrType *ir_struct(IrModule *m, Name name, const IrField *fields, uint32_t count);
/* Says what is called before the fields of such a struct end. */
void ir_struct_set_del(const IrType *type, IrFn *del);
uint32_t ir_field_offset(const IrType *type, uint32_t field);
void ir_type_print(const Context *cx, const IrType *type, StrBuf *out);

static inline bool ir_is_scalar(const IrType *t) { return t->kind == IR_SCALAR; }
/* A scalar or a vector: arithmetic works on it. */
static inline bool ir_is_lanewise(const IrType *t) {
    return t->kind == IR_SCALAR || t->kind == IR_VEC;
}
static inline bool ir_is_mask(const IrType *t) {
    return t->kind == IR_VEC && t->scalar == SCALAR_BOOL;
}
static inline bool ir_is_float(const IrType *t) {
    return t->kind == IR_SCALAR && scalar_is_float(t->scalar);
}
static inline bool ir_is_int(const IrType *t) {
    return t->kind == IR_SCALAR && scalar_is_int(t->scalar);
}

/* ---- Building ---------------------------------------------------------------------------------- */

/* Where new ops go: before `before`, or at the end of `region` when that is NULL. */
typedef struct Builder {
    IrFn *fn;
    Region *region;
    Op *before;
    Span span; /* given to every new op */
} Builder;

Builder builder_at_end(Region *region, Span span);
Builder builder_before(Op *op);

/* The general form; the others are made of it. Regions come empty, without parameters. */
Op *build_op(Builder *b, OpKind kind, Value *const *operands, uint32_t operand_count,
             const IrType *const *result_types, uint32_t result_count, uint32_t region_count);

/* One result, typed by the op's rule from its operands (comparison gives bool, DIM gives i64, ADD its
 * operands' type, GET what the ref holds, LOAD the view's element...). Bugs on ops whose result type
 * cannot be told from the operands (CONST, CAST, BITCAST, VAR, ALLOC, SLICE, VIEW of a struct...). */
Value *build_unary(Builder *b, OpKind kind, Value *a);
Value *build_binary(Builder *b, OpKind kind, Value *a, Value *c);

Value *build_const(Builder *b, const IrType *type, uint64_t bits);
Value *build_int(Builder *b, const IrType *type, int64_t value); /* integers and bool */
Value *build_i64(Builder *b, int64_t value);
Value *build_bool(Builder *b, bool value);
Value *build_float(Builder *b, const IrType *type, double value); /* rounded to the type */
Value *build_text(Builder *b, const char *bytes, uint32_t length);
Value *build_zero(Builder *b, const IrType *type); /* scalar, vector or struct of zeros */
Value *build_fma(Builder *b, Value *x, Value *y, Value *z);
Value *build_select(Builder *b, Value *cond, Value *then, Value *otherwise);
Value *build_cast(Builder *b, Value *a, const IrType *type); /* `a` itself when it has the type */
Value *build_bitcast(Builder *b, Value *a, const IrType *type);
Value *build_splat(Builder *b, Value *scalar, uint32_t lanes); /* the scalar itself for one lane */
Value *build_lanes(Builder *b, Scalar scalar, uint32_t lanes);
Value *build_lane(Builder *b, Value *vector, Value *lane);
Value *build_with_lane(Builder *b, Value *vector, Value *lane, Value *scalar);
Value *build_shuffle(Builder *b, Value *a, Value *c, const uint16_t *lanes, uint32_t count);
Value *build_fold(Builder *b, ReduceKind kind, Value *vector);
/* `mask` may be NULL: all lanes. GATHER and SCATTER where an index is a vector. */
Value *build_vload(Builder *b, Value *view, Value *const *indices, uint32_t lanes, Value *mask);
void build_vstore(Builder *b, Value *view, Value *vector, Value *const *indices, Value *mask);
Value *build_struct(Builder *b, const IrType *type, Value *const *fields);
Value *build_extract(Builder *b, Value *strukt, uint32_t field);
Value *build_insert(Builder *b, Value *strukt, uint32_t field, Value *value);
Value *build_var(Builder *b, const IrType *held, Name name); /* a VAR_TEMPORARY when it has no name, else VAR_VAR */
Value *build_flag(Builder *b); /* a variable that holds false */
Value *build_place(Builder *b, const IrType *held, const IrVar *var);
Value *build_field(Builder *b, Value *ref, uint32_t field);
Value *build_lane_item(Builder *b, Value *ref, Value *lane);
Value *build_item(Builder *b, Value *view, Value *const *indices);
Value *build_lend(Builder *b, Value *ref, bool to_write);
Value *build_move(Builder *b, Value *ref);
Value *build_dup(Builder *b, Value *ref, bool is_implicit);
Value *build_get(Builder *b, Value *ref);
void build_set(Builder *b, Value *ref, Value *value);
Value *build_view(Builder *b, Value *buf, Value *const *dims, uint32_t rank);
Value *build_cells(Builder *b, Value *buf, const IrType *cell);
Value *build_strided(Builder *b, Value *buf, Value *const *dims, Value *const *strides, uint32_t rank);
Value *build_dim(Builder *b, Value *view, uint32_t dim);
Value *build_stride(Builder *b, Value *view, uint32_t dim);
/* ranges: 3 values (offset, length, step) for each dimension of `view`. */
Value *build_slice(Builder *b, Value *view, Value *const *ranges, uint32_t dropped_mask, bool strided);
Value *build_load(Builder *b, Value *view, Value *const *indices);
void build_store(Builder *b, Value *view, Value *value, Value *const *indices);
/* In stage OWNED the result is a tensor. */
Value *build_alloc(Builder *b, const IrType *elem, Value *const *dims, uint32_t rank, bool zeroed);
Op *build_map(Builder *b, const IrType *elem, Value *const *dims, uint32_t rank); /* region has its params */
/* The op that combines two elements; not of ARGMIN and ARGMAX. */
OpKind reduce_step(ReduceKind kind);
bool reduce_of_step(OpKind op, ReduceKind *kind); /* false: it is the step of none */
/* What a reduction starts from, as ops.def says of REDUCE; of ARGMIN and ARGMAX the best so far. */
Value *build_reduce_start(Builder *b, ReduceKind kind, const IrType *type);
/* What leaves whatever it is combined with as it is: -0.0 for sums of floats. */
Value *build_reduce_identity(Builder *b, ReduceKind kind, const IrType *type);
/* Declared sums and products of floats in the mode REPRODUCIBLE have one order for all targets, that of a
 * machine with so many lanes: iteration i of the (innermost) loop combines in lane i modulo their number, and
 * behind the loop the lanes are combined by halves, as FOLD does, and then with what was there before. 0: the
 * reduction is none of these. */
enum { REPRODUCIBLE_LANES = 64 };
uint32_t reduce_lanes(FpMode fp, ReduceKind kind, const IrType *type);
Op *build_reduce(Builder *b, ReduceKind kind, const IrType *result, Value *const *dims, uint32_t rank);
Op *build_scan(Builder *b, ReduceKind kind, const IrType *elem, Value *size);
Value *build_elem(Builder *b, Value *array, Value *const *indices);
void build_assign(Builder *b, Value *view, Value *array);
Op *build_if(Builder *b, Value *cond, const IrType *const *result_types, uint32_t result_count);
/* With all regions; the body has its parameter. */
Op *build_for(Builder *b, Value *lo, Value *hi, Value *step, OpLoop loop);
void loop_set_grain(Op *loop, Value *grain); /* of a parallel FOR */
Op *build_while(Builder *b);
Op *build_try(Builder *b);
void build_yield(Builder *b, Value *const *values, uint32_t count);
void build_break(Builder *b);
void build_continue(Builder *b);
void build_return(Builder *b, Value *const *values, uint32_t count);
/* With the callee's results, and `failed` before them when it raises. */
Op *build_call(Builder *b, IrFn *callee, Value *const *args, uint32_t count);
void build_check(Builder *b, CheckKind kind, Value *const *operands, const char *message);
void build_print(Builder *b, Value *const *items, uint32_t count);

/* ---- Changing ---------------------------------------------------------------------------------- */

static inline const OpInfo *op_info(const Op *op) { return &op_infos[op->kind]; }
static inline bool op_is_pure(const Op *op) { return op_info(op)->flags & OP_FLAG_PURE; }
static inline bool op_ends(const Op *op) { return op_info(op)->flags & OP_FLAG_ENDS; }
/* Its region computes an element, for each index of a space. */
static inline bool op_is_space(const Op *op) {
    return op->kind == OP_MAP || op->kind == OP_REDUCE || op->kind == OP_SCAN;
}
/* Its result is a whole array. */
static inline bool op_gives_array(const Op *op) { return op->kind == OP_MAP || op->kind == OP_SCAN; }
static inline Value *op_result(const Op *op) { return op->results[0]; }

Value *region_param_add(Region *region, const IrType *type, Name name);
void op_unlink(Op *op);                     /* out of its region; stays usable for insertion */
void op_insert_before(Op *op, Op *before);
void op_append(Region *region, Op *op);
/* The region's ops take the place of the op, whose results nobody uses. What follows one that leaves is never reached. */
void op_become(Op *op, Region *region);
void op_set_operands(Op *op, Value *const *operands, uint32_t count);
/* Every use of `old` in the function becomes `with`: one walk. For many replacements collect them in a
 * table and call ir_replace_uses once. */
void ir_replace_value(IrFn *fn, Value *old, Value *with);
/* `map[value id]` is the replacement or NULL; chains are followed. */
void ir_replace_uses(IrFn *fn, Value *const *map, uint32_t map_len);
/* Deep copy of `op` before the builder's position; `map` (indexed by value id of the source function,
 * map_len entries) turns operands into their copies and receives the new results. Values without an
 * entry are kept as they are. */
Op *op_clone(Builder *b, const Op *op, Value **map, uint32_t map_len);
/* Clones all ops of `from` at the builder's position, except a final YIELD, whose operands (mapped) are
 * written to `yielded` (may be NULL). */
void region_clone_into(Builder *b, const Region *from, Value **map, uint32_t map_len, Value **yielded);

/* A walk over all ops below a region, outer before inner. `next` of the current op is read before the
 * callback, so it may unlink the op. */
typedef Vec(Op *) OpVec;
typedef void (*OpVisitor)(void *user, Op *op);
void region_walk(Region *region, OpVisitor visit, void *user);
/* How often each value is used, indexed by value id; in `arena`. */
uint32_t *ir_count_uses(Arena *arena, const IrFn *fn);

/* Somewhere in a region of `op`: by a loop, anew in each iteration. */
bool value_is_made_in(const Value *value, const Op *op);
/* A FOR on one thread that no pass has made vector code or a graph of, and that does nothing when it has ended. */
bool loop_is_plain(const Op *op);
/* Of a function of a range, a FOR over all of it: any part of what is split over threads. */
bool loop_is_part(const Op *op);
/* How many neighbours a GATHER takes for each lane of its indices. */
uint32_t gather_run(const Op *gather);
/* How many neighbouring lanes DOT and SAD sum up to one. */
uint32_t sum_group(OpKind kind);
bool value_is_const(const Value *value, uint64_t *bits);
bool value_is_int(const Value *value, int64_t *number); /* an integer constant, sign-extended */

#endif
