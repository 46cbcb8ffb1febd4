/* What the files of the to-loops pass share: the pass's state, and what it knows of each array
 * value. */
#ifndef KC_IR_PASSES_TO_LOOPS_H
#define KC_IR_PASSES_TO_LOOPS_H

#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/pass.h"

/* Something that happens to memory or to the world, in the order of the text. */
typedef struct Event {
    const Op *op;
    unsigned effects;
} Event;

/* A MAP or SCAN, once its body holds no array operation any more. */
typedef struct ArrayInfo {
    Op *map;
    bool is_known;      /* the rest is filled in */
    uint32_t uses;      /* ELEM and ASSIGN ops that name it, in the text */
    OpVec reads;        /* LOADs, GETs of elements, and CALLs that take memory, in the body */
    unsigned effects;   /* of the body */
    uint32_t op_count;
    Value *temporary;   /* where its elements are once it had to be computed ahead */
} ArrayInfo;

/* A temporary array, to be freed after its last use in `region`. */
typedef struct Temporary {
    Region *region;
    Value *view;
    Op *last; /* the op of the region in which it is used last */
} Temporary;

/* An array that is computed into memory first. */
typedef struct MemoryNeed {
    Span span;
    const char *what, *reason; /* "this array"; NULL: none was */
} MemoryNeed;

typedef struct ToLoops {
    PassContext *pass;
    IrFn *fn;
    Memory memory;
    Intervals intervals;
    const unsigned *effects; /* by function id */
    Cloner cloner;
    Renames renames;
    uint32_t value_len, op_len;  /* ids of the input are below these */
    ArrayInfo **arrays;          /* by value id: of a MAP's result */
    Vec(Event) events;
    uint32_t *event_begin, *event_end; /* by op id: events before it, and up to the end of it */
    Vec(Temporary) temporaries;
    MemoryNeed first_need;
} ToLoops;

/* to_loops.c: one function. False: it has no array operation. `effects` are those of its module, `first` is
 * the first array that was given memory. */
bool fn_to_loops(PassContext *pass, const unsigned *effects, IrFn *fn, MemoryNeed *first);
/* The array that the value is; a bug when it is none. */
ArrayInfo *array_of(ToLoops *t, const Value *value);

/* array_plan.c: whether the elements must exist in memory before `consumer` (an ELEM or an
 * ASSIGN) uses them; the reason in the user's words, or NULL when they can be computed where they
 * are used. */
const char *array_needs_memory(ToLoops *t, const ArrayInfo *array, const Op *consumer);
/* Fills in what the body tells. */
void array_study(ToLoops *t, ArrayInfo *array);
/* Whether the operand leads to memory that views can show, and to which. */
bool reaches_memory(const Value *operand);
Root reached_root(const ToLoops *t, const Value *operand);
/* Collects the events of the function. */
void events_collect(ToLoops *t);

/* loop_nest.c: counted loops over `dims`, at the builder's position. Loop k counts down when bit
 * k of `downward` is set and is marked independent when bit k of `independent` is. `indices`
 * receives the induction values; the builder ends up inside the innermost loop. */
void nest_open(Builder *b, Value *const *dims, uint32_t rank, uint32_t downward,
               uint32_t independent, Value **indices);
/* One element of the array at the builder's position. */
Value *element_build(ToLoops *t, Builder *b, const ArrayInfo *array, Value *const *indices);
void assign_lower(ToLoops *t, Op *assign);
/* Computes the array into memory of its own, where the MAP stands. */
void array_to_memory(ToLoops *t, ArrayInfo *array, Span span, const char *reason);

/* reduce_lanes.c: the accumulators of a reduction whose order is that of lanes (reduce_lanes in ir.h). */
typedef struct ReduceLanes {
    uint32_t count;   /* 0: it has none */
    ReduceKind kind;
    const IrType *type; /* of a lane */
    Value *var;       /* a vector of them, or... */
    Value *memory;    /* ...inside of a `simd for`, an array, so that each of its lanes has one */
} ReduceLanes;
/* `dim` is the size of the last dimension, whose index says in which lane an element goes. */
ReduceLanes lanes_open(Builder *b, ReduceKind kind, const IrType *type, const Value *dim);
void lanes_combine(const ReduceLanes *lanes, Builder *b, Value *number, Value *element);
Value *lanes_close(const ReduceLanes *lanes, Builder *b);
/* reduce_loops.c */
void reduce_lower(ToLoops *t, Op *reduce);

#endif
