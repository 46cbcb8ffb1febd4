/* What the files of the spmd pass share.
 *
 * A loop whose iterations may run side by side is widened: W neighbouring iterations become the lanes of
 * vectors. The idea and its words are those of SPMD compilers (Pharr and Mark, "ispc: A SPMD compiler for
 * high-performance CPU programming", 2012; Karrenberg and Hack, "Whole-function vectorization", 2011), on
 * structured control flow:
 *
 *   spmd_shape.c   which values are the same in all lanes, which grow by a step from lane to lane
 *   spmd_legal.c   whether the loop may be widened, or why not, in words for users
 *   spmd_left.c    those words, for what stays scalar; spmd_facts.c numbers, for what does not
 *   spmd_plan.c    how many lanes
 *   spmd_stage.c   the loops and tails around the widened body
 *   spmd_widen.c   values and operations, spmd_memory.c accesses, spmd_control.c masks,
 *                  spmd_check.c checks, spmd_narrow.c 64-bit integers in 32 bits
 *
 * All memory is the pass's scratch. */
#ifndef KC_IR_PASSES_SPMD_H
#define KC_IR_PASSES_SPMD_H

#include "ir/analysis/effects.h"
#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"
#include "ir/passes/pass.h"

/* ---- Shapes ---------------------------------------------------------------------------------- */

typedef enum Shape {
    SHAPE_UNIFORM, /* the same in all lanes */
    SHAPE_LINEAR,  /* an integer: that of the first lane, and `stride` more from lane to lane */
    SHAPE_VARYING
} Shape;

typedef struct Form {
    Shape shape;
    int64_t stride;
} Form;

/* An accumulator: a variable from outside that the loop only adds to (multiplies, ...). */
typedef struct Reduction {
    Value *var;
    ReduceKind kind;
} Reduction;

typedef struct Spmd {
    PassContext *pass;
    IrFn *fn;
    const unsigned *effects; /* of the module's functions */
    Memory memory;
    Intervals intervals;
    uint32_t value_len, op_len; /* what is described below: ids from before the pass */
    Form *forms;       /* by value id; of a VAR's ref, what it holds */
    bool *diverges;    /* by op id: an IF whose lanes part, a loop that they leave one by one */
    bool *leaves;      /* by op id: some lanes leave an enclosing loop, or its turn, from in here */
    const Op *root;    /* the loop under study */
    bool changed;      /* while shapes are found */
} Spmd;

/* The loop under study and what was found out about it. */
typedef struct SpmdLoop {
    Spmd *spmd;
    Op *loop;
    Vec(Reduction) reductions;
    uint32_t spread;  /* accesses that are no vectors: gathers and scatters */
    uint32_t ops;     /* in the body */
    uint32_t work;    /* of these, arithmetic that differs between lanes and is no index */
    uint32_t bytes;   /* of the widest lane that is common */
    bool wide_integers; /* i64 that differ between lanes: compared, made floats, used as indices */
    bool narrow;      /* a masked access is to elements of less than 4 bytes */
    bool has_loop, has_divergent_loop;
    const char *reason; /* why it cannot be widened; NULL: it can */
    Span where;         /* of what stands against it */
    const Op *against;  /* the op itself */
} SpmdLoop;

static inline Form form_of(const Spmd *s, const Value *value) {
    return value->id < s->value_len ? s->forms[value->id] : (Form){SHAPE_UNIFORM, 0};
}
static inline bool is_uniform(const Spmd *s, const Value *value) {
    return form_of(s, value).shape == SHAPE_UNIFORM;
}

/* spmd_shape.c: fills in forms, diverges and leaves for what is in the loop. Everything else counts as
 * uniform, so what was found must be forgotten before another loop, around or within, is looked at. */
void shapes_find(Spmd *s, Op *loop);
void shapes_forget(Spmd *s, Op *loop);
/* The loop that a BREAK or CONTINUE in `region` belongs to. */
Op *jump_target(const Region *region);
/* Lanes may part between `region` and `home`, a region around it. */
bool parts_between(const Spmd *s, const Region *region, const Region *home);

/* spmd_legal.c: shapes, then reductions and `reason`. */
void legality_find(SpmdLoop *l);

/* spmd_reduce.c: whether all that the loop does with an outer variable is to accumulate in it. */
bool accumulates_in(const SpmdLoop *l, Value *var, ReduceKind *kind);
/* What leaves an accumulator as it is. */
Value *lane_identity(Builder *b, ReduceKind kind, const IrType *type);
OpKind lane_op(ReduceKind kind);

/* spmd_plan.c: lanes that a register holds, and those of the main loop, some of them. */
typedef struct LanePlan {
    uint32_t native, lanes;
    bool masked_tail; /* the rest is one more turn under a mask; else narrower turns, then one by one */
} LanePlan;
LanePlan plan_lanes(const SpmdLoop *l);
/* A loop that nobody promised: lanes save more than they cost. */
bool plan_pays(const SpmdLoop *l);

/* spmd.c: whether the loop's iterations share nothing that is written, as far as is known. */
bool loop_is_candidate(Spmd *s, Op *loop);
/* spmd_facts.c: for the remark. The loop's shapes must be known. */
VectorFacts vector_facts(const SpmdLoop *l, LanePlan plan);
const char *facts_advice(const VectorFacts *facts); /* what would make the loop faster, or NULL */
/* spmd_left.c: records why the innermost loops that are left did not become vectors; errors in functions that
 * promise it. */
void loops_left_judge(Spmd *s);

/* ---- Widening -------------------------------------------------------------------------------- */

/* What stands for a value of the loop in the copy under way: a scalar (of the first lane), a vector, or
 * both. */
typedef struct Wide {
    Value *scalar, *vector;
    Value *narrow; /* an i64 in lanes of 32 bits, see spmd_narrow.c; NULL: nobody asked */
} Wide;

typedef Vec(Value *) ValueVec;

/* A loop of the source around the place under way. */
typedef struct WideLoop {
    struct WideLoop *outer;
    const Op *loop;
    Value *live;   /* variable, a mask: lanes that go on; NULL where all lanes do together */
    Value *active; /* ... of these, those still in this turn; the same variable without CONTINUE */
    Value *broke;  /* lanes that a BREAK took out; NULL: nobody asks */
} WideLoop;

typedef struct Widen {
    const SpmdLoop *l;
    Spmd *s;
    IrModule *m;
    uint32_t lanes;
    Builder b;         /* where code goes */
    Region *body;      /* of the widened loop */
    Value *mask;       /* lanes that are on here; NULL: all */
    bool may_be_empty; /* perhaps none is */
    Wide *values;      /* by value id */
    Value **homes;     /* by id of a VAR: the mask where it was made */
    WideLoop *around;
    bool narrows;        /* numbers from outside may be asked to be small */
    ValueVec *bounded;   /* ... these */
    Builder *before;     /* in front of that question */
} Widen;

/* spmd_stage.c: replaces the loop. */
void loop_widen(SpmdLoop *l, LanePlan plan);

/* spmd_widen.c */
void widen_region(Widen *w, const Region *region); /* up to its YIELD */
Wide *wide_of(Widen *w, const Value *value); /* NULL: newer than the loop */
bool value_is_outside(Widen *w, const Value *value); /* defined before the loop */
Builder builder_behind(Widen *w, const Value *scalar, bool outside);
Value *build_ramp(Builder *b, Value *scalar, int64_t stride, uint32_t lanes); /* scalar + 0, stride, .. */
Value *scalar_in(Widen *w, Value *value); /* uniform: its value; linear: that of the first lane */
Value *vector_in(Widen *w, Value *value);
void widen_set(Widen *w, const Value *old, Value *scalar, Value *vector);
void widen_clone(Widen *w, const Op *op); /* an op without regions, as a scalar */
/* The op once for each lane that is on. */
void widen_by_lanes(Widen *w, const Op *op);
Value *all_lanes(Widen *w, bool on);
Value *mask_and(Widen *w, Value *a, Value *b); /* either may be NULL: all */
Value *mask_without(Widen *w, Value *mask, Value *off);
Value *any_lane(Widen *w, Value *mask);
const IrType *wide_type(const Widen *w, const IrType *scalar);

/* spmd_memory.c */
void widen_load(Widen *w, const Op *op);
void widen_store(Widen *w, const Op *op);
/* How an access meets memory: its last index, all others being uniform. */
typedef enum Reach { REACH_ONE, REACH_SIDE_BY_SIDE, REACH_BACKWARD, REACH_STEPS, REACH_SPREAD } Reach;
Reach access_reach(const Spmd *s, const Op *op, int64_t *step);

/* spmd_narrow.c */
typedef enum Narrow { NARROW_NOT, NARROW_LOW, NARROW_CLAMPED, NARROW_EXACT } Narrow;
Narrow narrow_kind(Widen *w, const Value *value);
Value *narrow_make(Widen *w, Value *value);  /* whatever its kind is, but not NARROW_NOT */
Value *narrow_exact(Widen *w, Value *value); /* NULL: not known to fit */
Value *narrow_use(Widen *w, const Op *op);
bool narrow_access(Widen *w, Value *view, Value *const *old, Value **flat, Value **index);
void narrow_bound(Widen *w, Value *value);
Value *narrow_guard(Builder *b, const ValueVec *bounded);

/* spmd_check.c */
void widen_check(Widen *w, const Op *op);

/* spmd_control.c */
void widen_if(Widen *w, const Op *op);
void widen_for(Widen *w, const Op *op);
void widen_while(Widen *w, const Op *op);
void widen_jump(Widen *w, const Op *op);
/* In what follows an op from which lanes may have left. */
Value *mask_after_jumps(Widen *w);

#endif
