/* Inside codegen: one module on its way to LLVM IR.
 *
 * Emit is the module's state, FnEmit the function's under way; both live on codegen_emit's stack,
 * and what they point to is in a scratch arena or in the LLVM context, which end with it. Files
 * emit_*.c each own one kind of operation; emit_op.c is the switch between them.
 *
 * How values are held: a scalar is an LLVM scalar (bool is i1; f16 and bf16 are their bits in i16),
 * a struct is a first-class LLVM struct of its fields as they lie in memory (bool is i8), a view is
 * kept apart as pointer, sizes and strides, so that what is constant stays constant. */
#ifndef KC_CODEGEN_EMIT_H
#define KC_CODEGEN_EMIT_H

#include "codegen/cabi.h"
#include "codegen/codegen.h"
#include "codegen/runtime.h"
#include "ir/analysis/affine.h"

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

enum { MAX_RANK = 8 };

/* In place of a root: a stack slot of the function's own. */
#define ROOT_SLOT UINT32_MAX

typedef struct Debug Debug;

typedef struct EmitView {
    uint32_t rank;
    bool strided;                  /* stride[] is set; otherwise row-major of dim[] */
    LLVMValueRef data;
    LLVMValueRef dim[MAX_RANK], stride[MAX_RANK];
} EmitView;

typedef struct EmitValue {
    LLVMValueRef llvm;    /* everything but views */
    const EmitView *view;
    LLVMValueRef all;     /* of a gather under a mask: what lanes hold where none is off; NULL if that is not known */
    uint32_t root;        /* which `restrict` parameter its memory is of, from 1; 0: nobody knows */
} EmitValue;

/* A function as LLVM has it. */
typedef struct EmitFn {
    LLVMValueRef fn;
    AbiFn abi;
} EmitFn;

/* A symbol needed from outside, and the place that needs it first. */
typedef struct Need {
    const char *symbol;
    Span place;
} Need;

typedef struct Emit {
    const IrModule *module;
    const CodegenOptions *options;
    const Target *target;
    const uint32_t *part_of;   /* by IrFn id; NULL: all of the module is emitted */
    uint32_t part;             /* the functions of which part are */
    Arena *scratch;
    LLVMContextRef llvm;
    LLVMModuleRef mod;
    LLVMTypeRef i1, i8, i16, i32, i64, f32, f64, ptr, none;
    LLVMTypeRef *types;        /* by IrType id: structs, once made */
    EmitFn *fns;               /* by IrFn id */
    ScratchUse scratch_use;    /* what is temporary in iterations of parallel loops */
    LLVMValueRef fail;         /* the shared panic path, once needed */
    LLVMValueRef cold_weights; /* !prof of a check's branch */
    bool is_done;              /* LLVM has little to do: the functions have their vectors */
    bool took_lanes_apart;     /* somewhere: what is done lane by lane may become vectors again */
    LLVMMetadataRef *groups;   /* access groups made ahead, one for each independent loop */
    uint32_t group_count, groups_used;
    Vec(Need) needs;
    Debug *debug;              /* NULL without -g */
} Emit;

/* A multiple of a loop's index that the loop counts beside it. */
typedef struct LoopCount {
    LLVMValueRef factor, step, phi;
} LoopCount;

enum { MAX_COUNTS = 8 }; /* more would not leave registers to others */

typedef struct LoopRows LoopRows; /* emit_rows.c */

/* A loop around the place under way. */
typedef struct EmitLoop {
    struct EmitLoop *outer;
    const Op *op;
    LLVMBasicBlockRef on_break, on_continue;
    LLVMMetadataRef group;     /* its access group; NULL unless independent */
    bool has_many_rows;
    LLVMBasicBlockRef before;  /* from which it is entered; NULL unless it counts multiples of its index */
    LLVMValueRef counter;      /* its own phi */
    LoopCount counts[MAX_COUNTS];
    uint32_t count_count;
    LoopRows *rows;            /* NULL: there are few */
} EmitLoop;

enum { FAILURE_VALUES = 3 }; /* that a panic shows at most */

typedef struct FnEmit {
    Emit *e;
    const IrFn *ir;
    EmitFn *out;
    LLVMBuilderRef b;          /* where code goes */
    LLVMBuilderRef entry;      /* where stack slots go */
    EmitValue *values;         /* by value id */
    LLVMValueRef *param_slots; /* where a struct parameter lies in memory, by index; or NULL */
    LLVMValueRef *task_slots;  /* by value id, of variables that have tasks: the kc_task; or NULL */
    EmitLoop *loop;            /* innermost, or NULL */
    LLVMBasicBlockRef on_raise; /* the handler of the innermost TRY; NULL: the function fails */
    LLVMBasicBlockRef failure; /* where checks go that fail; NULL: there was none yet */
    LLVMValueRef failed[1 + FAILURE_VALUES]; /* its phis: the kc_panic_info and the values */
    Span place;                /* of the op under way */
    bool closed;               /* the block under way has ended: BREAK, CONTINUE, RETURN */
    uint32_t root_count;       /* roots that carry alias scopes; 0: none are needed */
    LLVMMetadataRef *scope_lists, *noalias_lists; /* by root; [0] for memory of no root */
} FnEmit;

/* ---- emit_module.c --------------------------------------------------------------------------- */

/* An empty module for a variant; `machine` says how its target lays out data. */
void module_start(Emit *e, const Variant *variant, const CodegenOptions *options,
                  LLVMContextRef llvm, LLVMTargetMachineRef machine);
/* Its functions, or those of the part that `e` names, built and optimised. */
void module_compile(Emit *e, LLVMTargetMachineRef machine);
void module_verify(Emit *e);
void module_write(Emit *e, LLVMTargetMachineRef machine, CodegenOutput output, StrBuf *out);
void module_end(Emit *e);
/* Whether the function's body belongs into this module. */
bool fn_is_here(const Emit *e, const IrFn *fn);

/* ---- emit_type.c ----------------------------------------------------------------------------- */

LLVMTypeRef type_value(Emit *e, const IrType *type);
LLVMTypeRef type_memory(Emit *e, const IrType *type); /* differs from the value's for bool */
LLVMTypeRef scalar_type(Emit *e, Scalar scalar);      /* as a value */
/* That type, or a vector of it with as many lanes as `like` has. */
LLVMTypeRef type_shaped(LLVMTypeRef scalar, LLVMTypeRef like);
/* All results in memory, behind the flag `failed` if the function raises; `none` for nothing. */
LLVMTypeRef type_of_results(Emit *e, const IrFn *fn);
/* A view as C and variables hold it: {T *, i64[rank]} or {T *, i64[rank], i64[rank]}. */
LLVMTypeRef type_view(Emit *e, uint32_t rank, bool strided);
LLVMTypeRef type_list_struct(Emit *e); /* {T *, i64 length, i64 capacity} */

/* ---- emit_value.c: values and their parts ---------------------------------------------------- */

LLVMValueRef const_i64(Emit *e, int64_t value);
LLVMValueRef const_i32(Emit *e, int32_t value);
LLVMValueRef llvm_int(LLVMTypeRef type, int64_t value); /* of integers or vectors of them */
LLVMValueRef const_text(Emit *e, const char *bytes,
                        size_t length); /* pointer to a private constant */
LLVMValueRef value_llvm(FnEmit *f, const Value *value);
const EmitView *value_view(FnEmit *f, const Value *value);
void value_set(FnEmit *f, const Value *value, LLVMValueRef llvm);
void value_set_view(FnEmit *f, const Value *value, const EmitView *view, uint32_t root);
/* Any value as one LLVM value and back: views are packed into their struct. */
LLVMValueRef value_packed(FnEmit *f, const Value *value);
void value_set_packed(FnEmit *f, const Value *value, LLVMValueRef packed);
/* From and to the form a value has in memory (bool). */
LLVMValueRef value_to_memory(FnEmit *f, const IrType *type, LLVMValueRef value);
LLVMValueRef value_from_memory(FnEmit *f, const IrType *type, LLVMValueRef value);
LLVMValueRef intrinsic(FnEmit *f, const char *name, LLVMTypeRef overload, LLVMValueRef *args,
                       uint32_t count);
LLVMValueRef stack_slot(FnEmit *f, LLVMTypeRef type, const char *name);
LLVMAttributeRef attribute(Emit *e, const char *name, uint64_t value);
void attribute_add(Emit *e, LLVMValueRef fn, LLVMAttributeIndex index, const char *name,
                   uint64_t value);
void string_attribute(Emit *e, LLVMValueRef fn, const char *name, const char *value);
LLVMBasicBlockRef block_new(FnEmit *f, const char *name);
void block_enter(FnEmit *f, LLVMBasicBlockRef block);
void branch_to(FnEmit *f, LLVMBasicBlockRef block);

/* ---- One kind of operation each -------------------------------------------------------------- */

void emit_op(FnEmit *f, const Op *op);                               /* emit_op.c */
/* Emits the ops of a region; gives its YIELD, or NULL where it has none. */
const Op *emit_region(FnEmit *f, const Region *region);

void emit_if(FnEmit *f, const Op *op);                               /* emit_control.c */
void emit_for(FnEmit *f, const Op *op);
void emit_while(FnEmit *f, const Op *op);

LLVMValueRef emit_int(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args); /* emit_arith.c */
LLVMValueRef emit_compare(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args);
LLVMValueRef emit_float(FnEmit *f, OpKind kind, LLVMValueRef *args); /* emit_float.c: f32, f64 */
LLVMValueRef with_fp_flags(FnEmit *f, LLVMValueRef instruction); /* those of the function's mode */
LLVMValueRef emit_small_float(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args);
LLVMValueRef small_to_f32(FnEmit *f, Scalar scalar, LLVMValueRef bits); /* emit_small_float.c */
LLVMValueRef small_from_f32(FnEmit *f, Scalar scalar, LLVMValueRef value);
LLVMValueRef small_from_f64(FnEmit *f, Scalar scalar, LLVMValueRef value);
LLVMValueRef emit_cast(FnEmit *f, const Op *op); /* emit_cast.c */
LLVMValueRef emit_width(FnEmit *f, const Op *op); /* emit_widths.c: a cast between integers */
bool takes_second_bytes(const FnEmit *f, const Op *op); /* a shuffle that second_bytes makes */
LLVMValueRef second_bytes(FnEmit *f, LLVMValueRef first, LLVMValueRef second, uint32_t at);
LLVMValueRef emit_clamped_sum(FnEmit *f, const Op *op); /* what a cast is if it is one of a clamped sum; or NULL */
LLVMValueRef float_to_int(FnEmit *f, const Op *op, LLVMValueRef value); /* emit_saturate.c */
LLVMValueRef emit_clamped_cast(FnEmit *f, const Op *op); /* what a MAX is if it is one of a cast; or NULL */
LLVMValueRef emit_masked_cast(FnEmit *f, const Op *op);  /* what an AND is, likewise */

/* What OP_ADD and the like are of any scalar, or vector of it: emit_op.c. */
LLVMValueRef arith(FnEmit *f, OpKind kind, Scalar scalar, LLVMValueRef *args);

void emit_vector_op(FnEmit *f, const Op *op);                        /* emit_vector.c */
LLVMValueRef splat(FnEmit *f, LLVMValueRef scalar, uint32_t lanes);
LLVMValueRef vectors_joined(FnEmit *f, LLVMValueRef a, LLVMValueRef b); /* of as many lanes each */
LLVMValueRef vector_part(FnEmit *f, LLVMValueRef vector, uint32_t first, uint32_t count); /* its lanes */
void stream_end(FnEmit *f); /* behind a loop that stores past the caches */
LLVMValueRef overloaded(FnEmit *f, const char *name, LLVMTypeRef *types, uint32_t type_count,
                        LLVMValueRef *args, uint32_t count);
/* An access to several elements: where, which lanes, and how they lie in memory. */
typedef struct LaneAccess {
    const Op *op;
    const Value *view;
    Value *const *indices;
    LLVMValueRef mask;   /* NULL: all lanes */
    LLVMTypeRef memory;  /* the vector as it lies there */
    LLVMValueRef align;
    uint32_t root;
} LaneAccess;
LLVMValueRef mask_or_all(FnEmit *f, const LaneAccess *a);            /* emit_gather.c */
/* As it lies in memory. `all`: the same before lanes that are off became zeros, or NULL. */
LLVMValueRef emit_gather(FnEmit *f, const LaneAccess *a, LLVMValueRef *all);
void emit_scatter(FnEmit *f, const LaneAccess *a, LLVMValueRef value);
LLVMValueRef lanes_blank(FnEmit *f, LLVMValueRef mask, LLVMValueRef value); /* zeros where `mask` is off */
/* For both: an element, or a run of them as one number; and what all lanes loaded, in one vector. */
LLVMValueRef load_lane(FnEmit *f, const LaneAccess *a, LLVMValueRef at, LLVMTypeRef loaded);
LLVMValueRef lanes_join(FnEmit *f, LLVMValueRef *ones, LLVMTypeRef loaded, uint32_t lanes);

/* What is in the first lane, and how much more from lane to lane. */
typedef struct Ramp {
    LLVMValueRef first, step;
} Ramp;

/* Of an access, in elements from where its window begins; false: its lanes lie otherwise. */
bool access_ramp(FnEmit *f, const LaneAccess *a, Ramp *r); /* emit_ramp.c */
LLVMValueRef load_ramp(FnEmit *f, const LaneAccess *a, const Ramp *r, LLVMTypeRef loaded, uint32_t lanes);
void store_ramp(FnEmit *f, const LaneAccess *a, const Ramp *r, LLVMValueRef value);
/* Where packed lanes go. */
typedef struct PackTarget {
    LLVMValueRef pointer;
    uint32_t align, root;
} PackTarget;
void emit_pack(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, const PackTarget *to); /* emit_pack.c */
bool emit_pieces(FnEmit *f, const LaneAccess *a, LLVMValueRef value); /* emit_pieces.c; false: it takes an ordinary store */
/* Lanes that are on to the front, or (`back`) from there to their places; zeros in all others. */
LLVMValueRef emit_move_lanes(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, bool back);
LLVMValueRef emit_settled(FnEmit *f, LLVMValueRef value);               /* emit_settle.c */
void emit_lanes_op(FnEmit *f, const Op *op);                         /* emit_lanes.c */
/* emit_registers.c: `op` of each register of the arguments, whose type is one; its results as `made` lanes. */
typedef LLVMValueRef (*RegisterOp)(void *user, FnEmit *f, LLVMValueRef *args, uint32_t bits);
LLVMValueRef by_registers(FnEmit *f, LLVMValueRef *args, uint32_t arg_count, uint32_t made, RegisterOp op, void *user);
/* `count` lanes from `first` on, and zeros where there are not as many. */
LLVMValueRef filled_part(FnEmit *f, LLVMValueRef vector, uint32_t first, uint32_t count);
unsigned bits_of_lane(LLVMTypeRef vector);
LLVMValueRef emit_extreme(FnEmit *f, OpKind kind, LLVMValueRef a, LLVMValueRef b); /* emit_extreme.c */
/* A MIN or MAX of others or beside what is the same all along a loop, as vectors of floats; NULL: it is none. */
LLVMValueRef emit_extremes(FnEmit *f, const Op *op);
/* What a SELECT is if it is one of those under a mask; or NULL. */
LLVMValueRef emit_masked_extreme(FnEmit *f, const Op *op);
LLVMValueRef emit_lookup(FnEmit *f, const Op *op);                   /* emit_lookup.c */
LLVMValueRef emit_sums(FnEmit *f, const Op *op);                     /* emit_sums.c */

void emit_view_op(FnEmit *f, const Op *op);                          /* emit_view.c */
bool loop_has_many_rows(const Op *loop); /* a loop over vectors, with elements of many rows of arrays */
LLVMValueRef element_pointer(FnEmit *f, const Value *view, Value *const *indices);
/* The same where there may be no such element. */
LLVMValueRef element_anywhere(FnEmit *f, const Value *view, Value *const *indices);
bool is_constant_one(LLVMValueRef number);
LLVMValueRef view_stride(FnEmit *f, const EmitView *view, uint32_t dim);
LLVMValueRef view_pack(FnEmit *f, const EmitView *view);
const EmitView *view_unpack(FnEmit *f, const IrType *type, LLVMValueRef packed);

/* emit_steps.c: where code under way goes, ahead of a loop or to the end of a block. */
typedef struct Spot {
    const EmitLoop *ahead_of; /* NULL: the block counts */
    LLVMBasicBlockRef block;
    LLVMMetadataRef line; /* of the source, with -g */
} Spot;
Spot ahead_of(const EmitLoop *loop);
Spot here(FnEmit *f);
void go_to(FnEmit *f, Spot spot);
/* The pointer to an element whose place moves along with the loop around it; NULL where it does not. */
LLVMValueRef element_along_loop(FnEmit *f, const Value *view, Value *const *indices);
LLVMValueRef place_along_loop(FnEmit *f, const Value *view, const Affine *forms); /* a form for each index */
/* The result of an op that is a multiple of the loop's index and what stays the same; NULL where it is not. */
LLVMValueRef number_along_loop(FnEmit *f, const Op *op);
void loop_counts_step(FnEmit *f, const EmitLoop *loop); /* at the end of an iteration */
/* From the array's beginning: `rest` elements, `factor` more for each index of the loop, and `constant` more. */
typedef struct Moving {
    LLVMValueRef rest, factor;
    int64_t constant;
} Moving;
/* Indices, a form for each, are of the loop's index and of what is the same all along; of an array from outside. */
bool moves_along(const Op *loop, const Value *view, const Affine *forms);
/* What that comes to, as code ahead of the loop, where code goes from then on. */
Moving moving_of(FnEmit *f, const EmitLoop *loop, const Value *view, const Affine *forms);
LLVMValueRef moved_by(FnEmit *f, LLVMTypeRef unit, LLVMValueRef base, LLVMValueRef by); /* by so many units */
LLVMValueRef product(FnEmit *f, LLVMValueRef a, LLVMValueRef b);
bool is_same_number(LLVMValueRef a, LLVMValueRef b); /* the same instructions of the same operands */

/* emit_rows.c: the rows that a loop over vectors goes along, if they are more than there are registers for pointers. */
LoopRows *loop_rows_plan(FnEmit *f, const Op *loop);
/* The pointer to an element of one of them; NULL where it is of none. */
LLVMValueRef element_by_rows(FnEmit *f, EmitLoop *loop, const Value *view, const Affine *forms);
void loop_rows_step(FnEmit *f, const EmitLoop *loop); /* at the end of an iteration */

void emit_memory_op(FnEmit *f, const Op *op);                        /* emit_memory.c */
uint32_t root_of_ref(FnEmit *f, const Value *ref);
/* Loads and stores of any memory type, scalar by scalar; `root` as in EmitValue. */
LLVMValueRef memory_load(FnEmit *f, LLVMTypeRef type, LLVMValueRef address, uint32_t root);
void memory_store(FnEmit *f, LLVMValueRef value, LLVMValueRef address, uint32_t root);

void access_mark(FnEmit *f, LLVMValueRef instruction, uint32_t root); /* emit_access.c */
void access_scopes_make(FnEmit *f);
void access_groups_make(Emit *e);
LLVMMetadataRef access_group_new(Emit *e);
LLVMMetadataRef loop_metadata(FnEmit *f, const Op *loop, LLVMMetadataRef group);
bool loop_stays_rolled(const Op *loop); /* LLVM is told not to unroll it */
void metadata_set(Emit *e, LLVMValueRef instruction, const char *kind, LLVMMetadataRef node);

/* A branch that goes to `likely` nearly always. */
void branch_likely(FnEmit *f, LLVMValueRef condition, LLVMBasicBlockRef likely,
                   LLVMBasicBlockRef otherwise);
void emit_check(FnEmit *f, const Op *op);                            /* emit_check.c */
/* Branches away to a panic unless `holds`; goes on in a new block. */
void check_that(FnEmit *f, const Op *op, CheckKind kind, LLVMValueRef holds, LLVMValueRef *values,
                uint32_t count, const char *message);
/* The failing end of a function, behind its body. */
void failure_end(FnEmit *f);
/* What a panic shows besides the values themselves. */
typedef struct Panic {
    const char *message, *function;
    LLVMValueRef path; /* place_path() */
    int32_t line;
    uint32_t value_count;
    const char *const *value_names;
} Panic;

LLVMValueRef panic_constant(Emit *e, const Panic *panic);
/* Calls kc_panic where there is one, or traps: ends the block. */
void panic_call(FnEmit *f, LLVMValueRef info, LLVMValueRef *values, uint32_t count);
LLVMValueRef place_path(FnEmit *f, Span span); /* as messages at run time show it */
int32_t place_line(FnEmit *f, Span span);
void emit_print(FnEmit *f, const Op *op);                            /* emit_print.c */
void emit_heap_op(FnEmit *f, const Op *op);                          /* emit_heap.c */
LLVMValueRef emit_apart(FnEmit *f, const Op *op);                    /* emit_apart.c */
void emit_error_op(FnEmit *f, const Op *op);                         /* emit_error.c */

void fn_declare(Emit *e, const IrFn *fn);                            /* emit_fn.c */
void fn_define(Emit *e, const IrFn *fn);
void fn_attributes_add(Emit *e, LLVMValueRef fn);
bool fn_speaks_c(const IrFn *fn); /* it is called as C does */
/* Extension, byval and sret: on the function, or on a call of it. */
void fn_abi_attributes(Emit *e, const AbiFn *abi, LLVMValueRef on, bool is_call);
void emit_call(FnEmit *f, const Op *op);                             /* emit_call.c */
void emit_range_call(FnEmit *f, const Op *op);                       /* emit_range.c */
void emit_task_call(FnEmit *f, const Op *op);                        /* emit_task.c */
void emit_join(FnEmit *f, const Op *op);
void emit_graph(FnEmit *f, const Op *op);                            /* emit_graph.c */
void emit_return(FnEmit *f, Value *const *results, uint32_t count);
void emit_failure(FnEmit *f); /* leaves a function that raises, as failed */
/* Puts a struct together from the pieces it travelled in; gives the stack slot it lies in. */
LLVMValueRef slot_from_pieces(FnEmit *f, const AbiPass *pass, LLVMValueRef *pieces);

LLVMValueRef runtime_call(FnEmit *f, RuntimeKind kind, LLVMValueRef *args); /* emit_runtime.c */
void need_record(FnEmit *f, const char *symbol);
void need_add(Emit *e, const char *symbol, Span place);

/* After optimising: true when some allocation became a stack slot. */
bool allocations_to_stack(Emit *e);                                  /* emit_stack.c */
/* After optimising: masks that go from block to block do so in lanes as wide as what they choose. */
void masks_widen(Emit *e);                                           /* emit_mask.c */
/* After optimising: kernels may call memcpy and memset, but not memmove. */
void memmoves_replace(Emit *e);                                      /* emit_move.c */
/* A function written as LLVM text, parsed and linked in on first use; inlined always or never. */
LLVMValueRef helper_function(Emit *e, const char *name, const char *text, bool is_inline);
/* Functions written as LLVM text become part of the module. */
void text_link(Emit *e, const char *name, const char *text);
/* Of vectors, lane by lane. */
LLVMValueRef helper_call(FnEmit *f, LLVMValueRef helper, LLVMValueRef *args, uint32_t count);
/* A call of a function of scalars for each lane, the results side by side. */
typedef LLVMValueRef (*LaneCall)(FnEmit *f, const void *user, LLVMValueRef *args);
LLVMValueRef lane_by_lane(FnEmit *f, LLVMValueRef *args, uint32_t count, LaneCall call,
                          const void *user);

/* ---- debug.c: all do nothing without -g ------------------------------------------------------ */

void debug_start(Emit *e);
void debug_finish(Emit *e);
void debug_fn_start(FnEmit *f);
void debug_place(FnEmit *f, Span span);
void debug_params(FnEmit *f);
void debug_variable(FnEmit *f, const Op *var, LLVMValueRef slot);
void debug_value(FnEmit *f, const Value *value);
void debug_view(FnEmit *f, const Value *value, const EmitView *view);

#endif
