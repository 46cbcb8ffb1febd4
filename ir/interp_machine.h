/* The interpreter's machine: what a function becomes before it runs, and the state while it runs.
 *
 * A function is flattened once, at its first call, into instructions with jumps; calls push frames
 * on a stack of our own, so the depth of the program's calls never becomes the depth of C's. Every
 * value has its words in the frame:
 *
 *   scalar   1: raw bits, zero above their width
 *   vec      as a scalar, for each lane
 *   struct   its bytes as in memory
 *   str      pointer, length
 *   ref      address, block (0: a variable of some frame), tag
 *   buf      block, address, tag
 *   view     block, address, sizes, strides (in elements), tag; tensors too
 *   array    pointer to the elements (as in memory, row-major), sizes
 *   list     block, address, length, capacity
 *   arena    pointer to a MachineArena
 *   task     tag, its error, whether it failed, what it gives
 *
 * In memory (variables, elements, fields) scalars, bufs and structs of these lie as in C, so that plain
 * data is passed to C and back as it is. The others lie there as their words, with fields of structs
 * aligned to 8.
 *
 * A block is what memory is checked against: an allocation of the program or an argument's array.
 * Addresses are integers, so that computing a wild one is harmless. A place without a value is filled
 * with ones; NO_BLOCK is what a view found there names. Tags are the oracle's (interp_oracle.h), and 0
 * without one. All memory goes at the end. */
#ifndef KC_IR_MACHINE_H
#define KC_IR_MACHINE_H

#include "ir/interp.h"

typedef struct Machine Machine;
typedef struct Inst Inst;
typedef struct Frame Frame;

/* ---- Code ------------------------------------------------------------------------------------ */

typedef enum InstKind {
    INST_CONST,  /* dst = imm */
    INST_COPY,   /* count words from a to dst */
    INST_SCALAR, /* eval_scalar_op: op, scalar, operands a, b, c */
    INST_ADD_I64, INST_SUB_I64, INST_MUL_I64, INST_LT_I64,
    INST_ADD_F32, INST_SUB_F32, INST_MUL_F32,
    INST_ADD_F64, INST_SUB_F64, INST_MUL_F64,
    INST_CAST,   /* eval_cast: scalar to `to` */
    INST_GET,    /* a scalar behind a ref: dst = *a */
    INST_SET,    /* *a = b */
    INST_JUMP,        /* to target */
    INST_JUMP_UNLESS, /* to target, unless a */
    INST_FOR_START,   /* dst = a (lo); to target if that is beyond b (hi), counting by c */
    INST_FOR_NEXT,    /* dst += c; to target if that is not beyond b */
    INST_SPACE_START, /* MAP, REDUCE: hidden words at a, indices at b; to target if there is none */
    INST_SPACE_NEXT,  /* takes the element at c; to target if there is another index */
    INST_RUN,         /* the handler; memory, checks, prints */
    INST_CALL,
    INST_RETURN,
    INST_RAISE,       /* leaves the function, which failed */
    INST_LOST         /* the end of a body that has to return */
} InstKind;

typedef void (*InstRun)(Machine *m, const Inst *inst, uint64_t *frame);

struct Inst {
    InstKind kind;
    uint32_t dst, a, b, c; /* places in the frame, in words */
    uint32_t target;       /* index of an instruction */
    uint32_t count;
    Scalar scalar, to;
    bool flag; /* SPACE_START: the array leaves its block, so its memory is not used again;
                  LEND, ITEMS, ITEM: what it gives is used for more than its elements */
    union {
        uint64_t imm;
        InstRun run;
    } u;
    struct Block *constant; /* DATA */
    InstRun inner;          /* what the oracle watches; NULL: nothing happens */
    const Op *op;          /* what it was made of */
    const uint32_t *slots; /* the operands' places */
};

typedef struct Code {
    const IrFn *fn;
    Inst *insts;
    uint32_t frame_words;
    uint32_t *slots; /* by value id */
} Code;

/* interp_code.c: flattens `fn`; memory is the machine's arena. */
const Code *code_of_fn(Machine *m, const IrFn *fn);

/* A type in memory and in frames. */
typedef struct Layout {
    uint32_t bytes, align;
    uint32_t words;          /* 0: not computed yet */
    const uint32_t *offsets; /* STRUCT: of the fields */
} Layout;

enum { LIST_WORDS = 4, TASK_WORDS = 3 /* and what it gives */ };

/* Where the tag of a view is among its words. */
static inline uint32_t view_tag(const IrType *view) { return 2 + 2 * view->rank; }

/* interp_layout.c */
const Layout *layout_of(Machine *m, const IrType *type);

/* ---- State ----------------------------------------------------------------------------------- */

typedef struct MachineArena MachineArena;

typedef struct Block {
    struct Block *next; /* of all */
    uint64_t base;
    uint64_t bytes;
    const Op *op;        /* it was allocated here */
    MachineArena *arena; /* it lives there, or NULL */
    bool is_owned;       /* came from ALLOC: may be freed, once */
    bool is_freed;
    bool is_kept;        /* the caller has it now */
    bool is_constant;
    struct WindowList *windows; /* the oracle's: those that look into it */
} Block;

/* Counts as kc_arena of libkcrt does; each array is an allocation of its own, so that the use of one from
 * before a reset shows. */
struct MachineArena {
    MachineArena *next; /* of all */
    const Op *op;       /* it was made here */
    int64_t used, peak, capacity;
    int64_t step; /* by which it grows; 0: it does not */
    bool is_freed;
    bool is_kept; /* the caller's */
};

/* Elements of whole arrays, freed with the frame that made them. */
typedef struct Temp {
    struct Temp *next;
    uint64_t bytes;
    _Alignas(16) char data[];
} Temp;

struct Frame {
    const Code *code;
    const Inst *return_to; /* the INST_CALL in the caller, NULL for the first frame */
    uint64_t *words;
    Temp *temps;
    struct Shadow *shadows; /* the oracle's: of its variables */
};

/* How a call went wrong that nobody has asked yet. */
typedef struct TaskError {
    struct TaskError *next; /* of those whose JOIN is to come */
    uint64_t place;         /* the variable that JOIN asks */
    const char *error;
    const Op *failed;
} TaskError;

typedef struct Chunk {
    struct Chunk *below;
    uint64_t used, size; /* words */
    uint64_t words[];
} Chunk;

enum { MAX_CALL_DEPTH = 10000, MAX_NESTED_RUNS = 500 };

struct Machine {
    const IrModule *module;
    const InterpHost *host;
    InterpPanic *panic;
    InterpStatus status; /* other than INTERP_OK stops the machine */
    Arena *arena;
    const Code **codes; /* by id of the function */
    Layout *layouts;    /* by id of the type */
    Block *blocks;
    MachineArena *arenas;
    const char *error; /* what CAUGHT gives: the message of the last FAIL */
    const Op *failed;  /* ... which this was */
    TaskError *task_errors;
    uint64_t live_bytes; /* in blocks and temps */
    Frame *frames;
    uint32_t depth, frame_cap;
    Chunk *chunk; /* the words of frames; never moved, since refs point there */
    struct Oracle *oracle; /* watches the run, or NULL */
    uint32_t nested;   /* runs within runs: calls of `__del__` */
    uint64_t steps, step_limit;
};

static inline Frame *machine_frame(Machine *m) { return &m->frames[m->depth - 1]; }

/* ---- Stopping and running: interp_run.c ------------------------------------------------------ */

/* A failed check, or the program asking for what cannot be: stops the machine. */
void machine_panic(Machine *m, const Op *op, const char *message);
void machine_panic_value(Machine *m, const Op *op, const char *message, const char *name,
                         int64_t value);
/* The program did what no checked program may: the compiler is wrong, or checks were off. */
void machine_fault(Machine *m, const Op *op, const char *what);

/* A frame for `fn`, its words zero; false after a panic. `op` asks for it. */
bool frame_push(Machine *m, const IrFn *fn, const Inst *return_to, const Op *op);
void frame_pop(Machine *m);
/* Runs from the last frame's start until that returns or the machine stops. Its results go to `results`,
 * as C lays out a struct of them. */
void machine_run(Machine *m, void *results);
/* Calls a function of one parameter and no results, from within an instruction. */
void machine_call(Machine *m, const Op *op, const IrFn *fn, const uint64_t *arg);

/* ---- Memory: interp_memory.c ----------------------------------------------------------------- */

#define NO_BLOCK ((Block *)UINTPTR_MAX)

static inline Block *block_of(uint64_t word) { return (Block *)(uintptr_t)word; }

Block *block_add(Machine *m, uint64_t base, uint64_t bytes, bool is_owned);
/* Whether `size` bytes at `address` are in the block; a fault otherwise. */
bool block_covers(Machine *m, const Op *op, const Block *block, uint64_t address, uint64_t size);
/* The one at that address, or NULL. */
Block *block_find(const Machine *m, uint64_t address);
/* New memory, filled with zeros or ones; NULL after a panic. */
Block *block_create(Machine *m, const Op *op, uint64_t bytes, bool zeroed);
/* Ends what came from block_create, or a null view's; what lives in an arena stays. */
void block_free(Machine *m, const Op *op, Block *block, uint64_t address);
/* The program has lost it, or its arena was reset. */
void block_release(Machine *m, Block *block);
/* Counts `bytes` as live; a panic, and false, when that is more than there is. */
bool machine_reserve(Machine *m, const Op *op, uint64_t bytes);
/* The bytes of an array of the sizes from operand `first` on, UINT64_MAX when they are beyond counting. */
uint64_t array_bytes(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t first,
                     const IrType *elem);
/* The words of a dense view of a block, from its sizes. */
void view_make(uint64_t *view, Block *block, const uint64_t *sizes, uint32_t rank);
/* The handlers of the ops from VIEW to NULLVIEW. */
InstRun memory_run(OpKind kind);
/* Where the element is; `first` is the operand with the first index. */
uint64_t element_address(Machine *m, const Inst *inst, const uint64_t *frame, uint32_t first);

/* ---- Values: interp_value.c ------------------------------------------------------------------ */

uint64_t scalar_load(Scalar scalar, const void *from);
void scalar_store(Scalar scalar, void *to, uint64_t bits);
/* Between memory and the frame's words. */
void value_load(Machine *m, const IrType *type, const void *from, uint64_t *to);
void value_store(Machine *m, const IrType *type, void *to, const uint64_t *from);
/* Whether the place behind a ref's words is there. */
bool ref_covers(Machine *m, const Op *op, const uint64_t *ref, uint32_t bytes);
/* The handlers of structs, variables and SELECT. */
InstRun value_run(OpKind kind);

/* ---- Vectors: interp_vector.c ---------------------------------------------------------------- */

/* The handlers of the ops on vectors; of CAST, and of those that work lane by lane, too. */
InstRun vector_run(OpKind kind);

/* ---- Ownership: interp_owned.c --------------------------------------------------------------- */

/* The place has no value from here on. */
void place_clear(Machine *m, const IrType *type, void *place);
bool place_is_empty(const IrType *type, const void *place);
/* Ends the value that lies there, with all that it owns. */
void value_end(Machine *m, const Op *op, const IrType *type, void *place);
/* Makes a copy with memory of its own. */
void value_copy(Machine *m, const Op *op, const IrType *type, const void *from, void *to);
/* The end of a TASK, or of a call of a function that is one: keeps its error until the JOIN. */
void task_end_run(Machine *m, const Inst *inst, uint64_t *frame);
/* The handlers of MOVE, DUP, LEND, ... */
InstRun owned_run(OpKind kind);

/* ---- Lists and arenas: interp_list.c --------------------------------------------------------- */

void arena_end(Machine *m, const Op *op, MachineArena *arena);
/* All that lives in it is gone. */
void arena_forget(Machine *m, MachineArena *arena);
InstRun list_run(OpKind kind);

/* ---- Whole arrays: interp_space.c ------------------------------------------------------------ */

enum { SPACE_WORDS = 5 + REPRODUCIBLE_LANES }; /* hidden, for each MAP, REDUCE and SCAN */
bool space_start(Machine *m, const Inst *inst, uint64_t *frame); /* false: no index at all */
bool space_next(Machine *m, const Inst *inst, uint64_t *frame);  /* false: that was the last */
void elem_run(Machine *m, const Inst *inst, uint64_t *frame);
void assign_run(Machine *m, const Inst *inst, uint64_t *frame);

/* ---- The world: interp_world.c --------------------------------------------------------------- */

void check_run(Machine *m, const Inst *inst, uint64_t *frame);
void print_run(Machine *m, const Inst *inst, uint64_t *frame);
/* Calls a function without a body; its results go to the frame. */
void extern_call(Machine *m, const Inst *inst, uint64_t *frame);
void fail_run(Machine *m, const Inst *inst, uint64_t *frame);
void caught_run(Machine *m, const Inst *inst, uint64_t *frame);
/* Results as C lays out a struct of them: the place of the next after `offset`, and its end. */
uint32_t result_place(Machine *m, const IrType *type, uint32_t *offset);
void result_store(Machine *m, const Op *op, const IrType *type, void *to, const uint64_t *words);

#endif
