/* What the files of the spmd pass share.
 *
 * A loop whose iterations may run side by side is widened: W neighbouring iterations become the lanes of
 * vectors. The idea and its words are those of SPMD compilers (Pharr and Mark, "ispc: A SPMD compiler for
 * high-performance CPU programming", 2012; Karrenberg and Hack, "Whole-function vectorization", 2011), on
 * structured control flow:
 *
 *   spmd_shape.c   which values are the same in all lanes, which grow by a step from lane to lane
 *   spmd_legal.c   whether the loop may be widened, or why not, in words for users
 *   spmd_exit.c    `break`, `return` and `raise`, spmd_ahead.c those that stand late
 *   spmd_reduce.c  accumulators, spmd_lanes.c those that the program has in lanes, spmd_best.c the best of all and where it was, spmd_count.c counters,
 *                  spmd_groups.c sums of narrow integers, spmd_pack.c cursors, spmd_scan.c scans, spmd_latest.c what was set last
 *   spmd_left.c    those words, for what stays scalar; spmd_facts.c numbers, for what does not
 *   spmd_plan.c    how many lanes
 *   spmd_stage.c   the loops and tails around the widened body; spmd_stage.h is shared with spmd_lead.c and spmd_far.c
 *   spmd_lead.c    where long loops begin, and stores past the caches; spmd_far.c accumulators of what lies beyond them
 *   spmd_fold.c    accumulators on their way through these, spmd_place.c the best of all on its way,
 *                  spmd_join.c several of them combined at once, spmd_quick.c minima and maxima in a hurry,
 *                  spmd_magnitude.c the largest magnitude
 *   spmd_widen.c   values and operations, spmd_memory.c accesses, spmd_control.c masks,
 *                  spmd_check.c checks, spmd_narrow.c 64-bit integers in 32 bits, spmd_rows.c gathers
 *                  from rows that lie behind others
 *   spmd_call.c    functions for vectors, called where a call stays
 *   spmd_cells.c   fields of structs in arrays, spmd_fields.c those of two or four, spmd_steps.c every second, third, ... element
 *   spmd_private.c arrays that an iteration makes for itself
 *
 * All memory is the pass's scratch. */
#ifndef KC_IR_PASSES_SPMD_H
#define KC_IR_PASSES_SPMD_H

#include "ir/analysis/effects.h"
#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"
#include "ir/analysis/tables.h"
#include "ir/passes/loop_exits.h"
#include "ir/passes/pass.h"

/* ---- Shapes ---------------------------------------------------------------------------------- */

typedef enum Shape {
    SHAPE_UNIFORM, /* the same in all lanes */
    SHAPE_LINEAR,  /* an integer: that of the first lane, and `stride` more from lane to lane */
    SHAPE_EVEN,    /* likewise, by a step that is only known when it runs */
    SHAPE_VARYING
} Shape;

typedef struct Form {
    Shape shape;
    int64_t stride;
} Form;

/* How a variable from outside goes through the lanes: each of them has one of its own, and behind the
 * loop they become one again. */
typedef enum Role {
    ROLE_SUM,  /* it is only added to (multiplied, ..): `kind` says how they combine */
    ROLE_LANES, /* likewise, and the program itself has one for each lane, in a vector */
    ROLE_BEST, /* it is set to what is greater (MAX) or less (MIN), or the first NaN */
    ROLE_PLACE, /* it is set to where another was set to its best */
    ROLE_SCAN,  /* as SUM, and each iteration looks at it */
    ROLE_LAST,   /* it is set now and then, and nobody looks */
    ROLE_LATEST, /* as LAST, and each iteration looks at it */
    ROLE_CURSOR, /* where to store or load next, one for all lanes */
    ROLE_GROUPS, /* as SUM, of integers that are narrower than it: neighbouring lanes share an accumulator */
    ROLE_COUNTER /* `by` is added where a condition holds; it is wider than the lanes */
} Role;

typedef struct Reduction {
    Value *var;  /* LANES: the ref to the lane of an iteration */
    Role role;
    ReduceKind kind;
    bool is_total; /* SUM, GROUPS: the loop around has no other use of it, and keeps it in lanes (totals) */
    Op *set;     /* the one that sets it; not of SUM */
    Value *wins; /* whether it does, of SCAN NULL: always; of CURSOR, which way the branch goes */
    Op *inner;   /* COUNTER: the addition that the set chooses, NULL if it is what is set; CURSOR: that by 1 */
    bool unpacks; /* CURSOR: elements are loaded there */
    int64_t by;  /* COUNTER */
    int64_t turns; /* GROUPS: so many at a time, before lanes could run over; 0: any number */
    Value *amount; /* GROUPS: what is added */
    OpKind sums;   /* GROUPS: DOT or SAD */
} Reduction;

/* spmd_call.c: the form of a function for vectors. */
typedef struct Variant {
    const IrFn *callee;
    uint32_t lanes;
    bool masked;
    bool is_probe;      /* only asked for, and never called */
    const bool *varies; /* by parameter */
    IrFn *fn;           /* NULL: there is none */
    const char *reason; /* why */
} Variant;
typedef struct Variants Variants; /* of a module */
enum { MAX_VARIANTS = 128 };

typedef struct Spmd {
    PassContext *pass;
    IrFn *fn;
    Variants *variants;
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
    uint32_t checks;  /* that differ between lanes */
    uint32_t apart;   /* loads of elements at one distance from lane to lane */
    uint32_t moved;   /* registers that a register's worth of lanes loads and stores, of neighbours or every few */
    uint32_t ops;     /* in the body */
    uint32_t work;    /* of these, arithmetic that differs between lanes and is no index */
    uint32_t bytes;   /* of the widest lane that is common */
    uint32_t singles, doubles; /* floats that differ between lanes, of at most 4 bytes, and of 8 */
    bool wide_integers; /* i64 that differ between lanes: compared, made floats, used as indices */
    bool narrowed;    /* indices were, if a test before the loop allows it */
    bool narrow;      /* a masked access is to elements of less than 4 bytes */
    bool has_loop, has_divergent_loop;
    bool has_parting; /* an IF that lanes go through on both sides */
    uint32_t exits;     /* ways out of it before its last iteration */
    const Op *first_final; /* in a turn: what can be seen, or cannot be asked for all lanes; NULL: nothing */
    bool *ahead;        /* by id of an op in its body itself: it belongs to what is asked first; NULL: in order */
    bool commits;       /* anything but its ways out can be seen from outside, or fail */
    Value *suspect;     /* variable, bool: the quick way will not do; NULL: the way is exact */
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
/* A CONTINUE belongs to the loop. */
bool lanes_may_skip(const Op *loop);
/* Lanes may part between `region` and `home`, a region around it. */
bool parts_between(const Spmd *s, const Region *region, const Region *home);

/* spmd.c: a function before anything in it is widened. Values and ops that widening makes are unknown to it. */
Spmd spmd_of(PassContext *pass, Variants *variants, IrFn *fn);
/* Nothing but variables. */
bool writes_nothing(Spmd *s, Op *loop);
void refuse(SpmdLoop *l, const Op *op, const char *reason); /* the first counts */
/* spmd_legal.c: shapes, then reductions and `reason`. */
void legality_find(SpmdLoop *l);
/* The pass `tables` makes a lookup in registers of it, which costs as little as other arithmetic. */
bool is_looked_up(const SpmdLoop *l, const Op *op);

/* spmd_reduce.c: whether all that the loop does with an outer variable is to accumulate in it. */
bool accumulates_in(const SpmdLoop *l, Value *var, ReduceKind *kind);
bool finds_sum(const SpmdLoop *l, Value *var, Reduction *found);
/* A sum of integers that the loop around has no other use of. */
bool is_total(const SpmdLoop *l, const Reduction *r);
/* Whether operations of that kind may be done in another order than the loop's. */
bool order_is_free(const SpmdLoop *l, const IrType *type, ReduceKind kind);
void sums_guard(const SpmdLoop *l); /* what only some iterations add is added by these alone */
void products_fuse(const SpmdLoop *l); /* in sums that may round otherwise */
bool accumulates_only(const SpmdLoop *l, const Value *ref, ReduceKind *kind); /* whatever their order */
/* spmd_lanes.c: the same of a vector variable that has a lane for each iteration modulo its lanes. */
bool finds_lanes(const SpmdLoop *l, Value *var, Reduction *found);
uint32_t lanes_of_loop(const Op *loop); /* that its iterations are; 0: it is no loop over lanes */
bool takes_own_lane(const SpmdLoop *l, const Op *op); /* of a SIMD value that the loop is about */
uint32_t lanes_asked(const SpmdLoop *l); /* as many as the program has; 0: it has none */
Value *outer_var(const Reduction *r);    /* the variable, or the vector that it is a lane of */
/* spmd_best.c: whether all that the loop does with an outer variable is to keep the best of all in it, or
 * where that was. */
bool finds_best(const SpmdLoop *l, Value *var, Reduction *found);
bool finds_place(const SpmdLoop *l, Value *var, Reduction *found);
static inline bool reads_var(const Value *value, const Value *var) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == var;
}
bool is_from_around(const SpmdLoop *l, const Value *value);
/* spmd_best.c: entry > var (MAX), or entry < var (MIN), whichever stands first. */
bool compares_with(const Op *op, const Value *entry, const Value *var, ReduceKind *kind);
/* spmd_count.c: whether it only counts, in integers that are wider than the lanes. */
bool finds_count(const SpmdLoop *l, Value *var, Reduction *found);
/* The only SET of a variable that the loop accumulates in and reads but for that; NULL: it is not so. */
Op *set_once(const SpmdLoop *l, Value *var);
Value *added_to(const Op *add, const Value *var); /* the operand beside the variable; NULL if neither is it */
/* spmd_groups.c: whether it sums up integers of half its bits or fewer. */
bool finds_groups(const SpmdLoop *l, Value *var, Reduction *found);
/* spmd_scan.c: whether it is an accumulator that each iteration looks at when it has done its part. */
bool finds_scan(const SpmdLoop *l, Value *var, Reduction *found);
/* spmd_latest.c: whether it is set to something new by some iterations, and kept by the others. */
bool finds_latest(const SpmdLoop *l, Value *var, Reduction *found);
/* spmd_pack.c: whether it only says where to store or load the next element that is wanted. */
bool finds_cursor(const SpmdLoop *l, Value *var, Reduction *found);
bool is_at_cursor(const SpmdLoop *l, const Op *op); /* it stores or loads at a cursor, if that is one */
bool packs_only(Spmd *s, Op *loop); /* whatever the loop writes, it stores at cursors */

/* Turns over more than the caches hold: of so many vectors in each of so many parts of the iterations. */
typedef struct FarPlan {
    uint32_t lanes, vectors, parts; /* lanes: 0: there are no such turns */
    uint32_t least;                 /* iterations that are worth it, as they load so many */
    uint32_t bytes;
} FarPlan;

/* spmd_plan.c: lanes of the shorter loop, which a register holds unless the program asks for others, and those of
 * the main loop, some registers of them. */
typedef struct LanePlan {
    uint32_t register_lanes, native, lanes;
    bool masked_tail;   /* the rest is one more turn under a mask */
    bool masked_turns;  /* that turn is one of the loop's, and all of them are under masks */
    bool narrower_tail; /* else turns of fewer lanes come first, then it goes one by one */
    bool runs;          /* where this is asked, there is a whole vector */
    const Op *leads;    /* a store; long loops begin where its vectors are at multiples of their size. NULL: there is none */
    bool streams;       /* and are stored past the caches, if there is much to store */
    bool leads_far;     /* only what is stored past the caches begins so: the rest waits for gathers */
    bool leads_rows;    /* all rows of the loop around begin so, where they are a multiple of that apart */
    FarPlan far;
} LanePlan;
LanePlan plan_lanes(const SpmdLoop *l);
/* A loop that nobody promised: lanes save more than they cost. */
bool plan_pays(const SpmdLoop *l);

/* spmd.c: whether the loop's iterations share nothing that is written, as far as is known. */
bool loop_is_candidate(Spmd *s, Op *loop);
/* spmd.c: unless something is done to the loop before. */
bool loop_becomes_vectors(Spmd *s, Op *loop);
/* spmd.c: whether an op is one that a pass looks for. `s` is NULL where it only wants to know if there are any. */
typedef bool (*LoopTest)(void *user, Spmd *s, Op *op);
/* spmd.c: those that stand in no loop that becomes vectors, outer ones first. */
OpVec loops_left_scalar(PassContext *pass, Variants *variants, IrFn *fn, LoopTest test, void *user);
/* spmd_facts.c: for the remark. The loop's shapes must be known. */
VectorFacts vector_facts(const SpmdLoop *l, LanePlan plan);
/* A remark for each call that is made lane by lane; the first of them, or NULL. */
const Op *lane_calls_record(const SpmdLoop *l);
const char *facts_advice(const VectorFacts *facts); /* what would make the loop faster, or NULL */
/* spmd_left.c: records why the innermost loops that are left did not become vectors; errors in functions that
 * promise it. */
void loops_left_judge(Spmd *s);

/* spmd_call.c */
Variants *variants_of(PassContext *pass, const IrModule *module);
const unsigned *variants_effects(const Variants *v); /* by function id */
/* For a call in a loop whose shapes are known; made when it is first asked for. */
const Variant *variant_of(Spmd *s, const Op *call, uint32_t lanes, bool masked);
const char *variant_refusal(Spmd *s, const Op *call); /* why there is none; NULL: there is */

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

/* An accumulator in the copy under way. */
typedef struct LaneFold {
    Value *lanes;  /* variable: of each lane; CURSOR: of all; SCAN: what came before this turn */
    Value *turns;  /* BEST: variable, the turn in which each lane was set; NULL: nobody asks */
    bool is_ended; /* SUM: along with others */
    Value *sane;   /* SUM, quick: variable, what tells that there was no NaN; NULL: nobody asks */
    Value *entry;  /* likewise, of the first of a pair: what was looked at in this turn */
    Value *next;   /* SCAN: what will have come before the next */
    Value *place;  /* PLACE: variable, what the first lane would be set to in the last turn */
} LaneFold;

typedef struct FlatView {
    const Value *view;
    Value *flat;
} FlatView;

/* A gather in the copy under way, from whose places others may be counted. */
typedef struct Lead {
    const Op *load;       /* of the source */
    const Value *mask;
    const Region *region; /* where it is now */
    Value *index;         /* into the array as one of a single dimension */
} Lead;

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
    Value **homes;     /* by id of a VAR or a private ALLOC: the mask where it was made */
    Value **own;       /* by id of a private ALLOC: the memory of all lanes */
    WideLoop *around;
    bool narrows;        /* numbers from outside may be asked to be small */
    ValueVec *bounded;   /* ... these */
    Builder *before;     /* in front of that question */
    Vec(FlatView) flats; /* arrays of several dimensions as one */
    Vec(Lead) leads;
    LaneFold *folds;   /* by number of the reduction */
    Value **passed;    /* likewise: lanes that come from the loop before, then those for the next; NULL: none */
    uint32_t next_lanes; /* of the next; 0: this is the last */
    bool pairs;          /* two copies that stand side by side look for NaNs together: */
    struct Widen *first; /* ... of the second, the other one */
    bool joins;          /* what is accumulated is joined to what another copy has, which goes on from the variables */
    Value *noted;      /* the numbers that were looked at last */
    Value *turn_mask;  /* lanes of this turn, where it may be the last: `mask`, unless lanes parted since */
    Value *turn_whole; /* they are all on; NULL: nobody asks */
    Value *counter;    /* of the first lane in this turn */
    bool asks;         /* under way is what goes ahead */
    Value *reached;    /* variable, where a turn had an exit ahead; NULL: there are none */
    Value *turns;      /* variable: how many turns began; NULL: nobody asks */
} Widen;

/* spmd_stage.c: replaces the loop. */
void loop_widen(SpmdLoop *l, LanePlan plan);
/* Its iterations are as many as the lanes: one turn, and no loop around it. */
void loop_widen_at_once(SpmdLoop *l, uint32_t lanes);

/* spmd_lead.c: whether the loop stands in another: then it is mostly short. */
bool is_inner(const SpmdLoop *l);
/* Fills in `leads` and `streams`. */
void plan_lead(const SpmdLoop *l, LanePlan *plan);
int64_t led_from(const SpmdLoop *l, LanePlan plan); /* loops of so many begin with one; 0: none do */
uint32_t lead_bytes(LanePlan plan); /* of a vector that is stored, at a multiple of which the loop goes on */

/* spmd_far.c: the loop's shapes must be known. */
FarPlan far_plan(const SpmdLoop *l, LanePlan plan);

/* spmd_widen.c */
void widen_body(Widen *w); /* the loop's */
void widen_region(Widen *w, const Region *region); /* up to its YIELD */
Wide *wide_of(Widen *w, const Value *value); /* NULL: newer than the loop */
bool value_is_outside(Widen *w, const Value *value); /* defined before the loop */
Builder builder_behind(Widen *w, const Value *scalar, bool outside);
Value *build_ramp(Builder *b, Value *scalar, Value *step, uint32_t lanes); /* scalar + 0, step, .. */
/* From lane to lane; of what is no SHAPE_VARYING. */
Value *step_in(Widen *w, Builder *b, Value *value);
Value *scalar_in(Widen *w, Value *value); /* uniform: its value; linear: that of the first lane */
Value *vector_in(Widen *w, Value *value);
void widen_set(Widen *w, const Value *old, Value *scalar, Value *vector);
void widen_clone(Widen *w, const Op *op); /* an op without regions, as a scalar */
/* The op once for each lane that is on. */
void widen_by_lanes(Widen *w, const Op *op);
const IrType *wide_type(const Widen *w, const IrType *scalar);

/* spmd_mask.c */
Value *all_lanes(Widen *w, bool on);
Value *mask_and(Widen *w, Value *a, Value *b); /* either may be NULL: all */
Value *mask_without(Widen *w, Value *mask, Value *off);
Value *any_lane(Widen *w, Value *mask);
Value *mask_var(Widen *w, Value *mask); /* a variable that holds it; NULL: all lanes */
void mask_put(Widen *w, Value *var, Value *mask);

/* spmd_fold.c */
/* Whether an accumulator need not be one number again between the loops that a loop becomes: the next goes on with
 * its lanes. */
bool fold_is_passed_on(const SpmdLoop *l, uint32_t number, uint32_t lanes, uint32_t next);
/* What the lanes of an accumulator begin with. */
Value *fold_start(const SpmdLoop *l, Builder *b, uint32_t number, uint32_t lanes);
const IrType *fold_type(IrModule *m, const Reduction *r, uint32_t lanes); /* of the accumulators of so many lanes */
void folds_make(Widen *w, Builder *b);
void folds_enter(Widen *w); /* at the beginning of a turn */
void folds_end(Widen *w, Builder *b);
void folds_join(Widen *w, Widen *more, Builder *b); /* what `more` accumulated beside it; ends that */
int64_t turns_most(const SpmdLoop *l, uint32_t lanes); /* that can be counted in one go; 0: no limit */
/* The op belongs to how an accumulator is set, which is all that is done. True: it was dealt with. */
bool widen_fold_op(Widen *w, const Op *op);

/* spmd_join.c: the vectors, a power of two of them and no more than their lanes, each combined into a number: a vector of
 * these. */
enum { MOST_JOINED = 8 };
typedef struct FoldStep {
    Value *(*combine)(void *user, Builder *b, Value *low, Value *high);
    void *user;
} FoldStep;
Value *vectors_fold(Builder *b, Value **vectors, uint32_t count, const FoldStep *step);

/* spmd_quick.c: minima and maxima of floats, if nothing odd comes along. */
bool quick_is_worth_it(const SpmdLoop *l); /* the loop may run that way first, and again if it must */
bool is_quick(const SpmdLoop *l, const Reduction *r); /* in the copy under way */
bool notes_nans(const SpmdLoop *l, const Reduction *r); /* then, in an accumulator of its own */
void quick_make(Widen *w, Builder *b);
void quick_end(Widen *w, Builder *b);
bool widen_quick_op(Widen *w, const Op *op); /* true: it was dealt with */
Value *quick_better(Builder *b, ReduceKind kind, Value *entry, Value *held);
Value *quick_fold(Builder *b, ReduceKind kind, Value *lanes);
Value *half_of(Builder *b, Value *vector, bool high);
/* The quick way will not do if `value` is a zero, where that matters; if it, or a lane of it, is a zero or a NaN. */
void suspect_zero(const SpmdLoop *l, Builder *b, Value *value, Value *matters);
void suspect_odd(const SpmdLoop *l, Builder *b, Value *value);

/* spmd_magnitude.c: the maximum of numbers without a sign. */
bool is_magnitude(const SpmdLoop *l, const Reduction *r);
Value *magnitude_larger(Builder *b, Value *low, Value *high);
Value *magnitude_fold(Builder *b, Value *lanes);
bool widen_magnitude_op(Widen *w, const Op *op); /* true: it was dealt with */

/* spmd_place.c */
bool asks_turns(const SpmdLoop *l, const Reduction *best);
void best_make(Widen *w, Builder *b, uint32_t number);
void best_set(Widen *w, uint32_t number);
void place_note(Widen *w, uint32_t number);
/* The best of all lanes, and the places that go with it, into their variables. */
void best_end(Widen *w, Builder *b, uint32_t number);

/* spmd_count.c */
int64_t counts_most(const SpmdLoop *l, uint32_t lanes);
void count_make(Widen *w, Builder *b, uint32_t number);
void count_set(Widen *w, uint32_t number);
void count_end(Widen *w, Builder *b, uint32_t number);

/* spmd_groups.c */
bool is_grouped(const Reduction *r, uint32_t lanes); /* there are enough lanes for that */
void groups_set(Widen *w, uint32_t number);
Value *groups_folded(Builder *b, const Reduction *r, Value *lanes);

/* spmd_scan.c */
/* The lanes `by` places up; those that come in from below are `none`. */
Value *moved_up(Widen *w, Value *lanes, Value *none, uint32_t by);
Value *last_everywhere(Widen *w, Value *lanes);
void scan_make(Widen *w, Builder *b, uint32_t number);
void scan_end(Widen *w, Builder *b, uint32_t number);
bool widen_scan_op(Widen *w, const Op *op, uint32_t number); /* true: it was dealt with */

/* spmd_latest.c */
void latest_make(Widen *w, Builder *b, uint32_t number);
void latest_end(Widen *w, Builder *b, uint32_t number);
bool widen_latest_op(Widen *w, const Op *op, uint32_t number); /* true: it was dealt with */

/* spmd_pack.c */
void cursor_make(Widen *w, Builder *b, uint32_t number);
void cursor_end(Widen *w, Builder *b, uint32_t number);
bool widen_cursor_op(Widen *w, const Op *op, uint32_t number); /* true: it was dealt with */

/* spmd_exit.c: ways out of the loop (loop_exits.h). A turn in which a lane would take one is not made:
 * the vectors end before it. */
bool check_is_question(const SpmdLoop *l, const Op *op); /* it can be asked of all lanes whether it holds */
void exits_check(SpmdLoop *l); /* counts them, or tells what stands against it */
void exits_make(Widen *w, Builder *b, Value *end);
Value *exits_end(Widen *w, Builder *b, Value *end);
bool may_leave_at(const Widen *w, const Op *op); /* the turn has done nothing yet that can be seen */
void leave_if(Widen *w, Value *cond); /* not all lanes may go on from here */
bool widen_exit_if(Widen *w, const Op *op); /* true: it was one, and is dealt with */

/* spmd_ahead.c: a way out behind something final may be asked before it. The ops for that are noted in `ahead`. */
bool exit_goes_ahead(SpmdLoop *l, const Op *exit);
bool goes_ahead(const SpmdLoop *l, const Op *op);

/* spmd_memory.c */
void widen_load(Widen *w, const Op *op);
void widen_store(Widen *w, const Op *op);
/* How an access meets memory: its last index, all others being uniform. REACH_OWN: the same element of
 * an array that each lane has for itself. REACH_APART: a load of elements at one distance, whatever that is. */
typedef enum Reach {
    REACH_ONE, REACH_OWN, REACH_SIDE_BY_SIDE, REACH_BACKWARD, REACH_STEPS, REACH_APART,
    REACH_SPREAD
} Reach;
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

/* spmd_call.c: for all lanes at once, or one lane after the other. */
void widen_call(Widen *w, const Op *op);

/* spmd_rows.c */
/* A dense array of several dimensions from outside as one of a single dimension, its number of elements
 * bounded; NULL where that cannot be. */
Value *flattened(Widen *w, Value *view);
void row_lead(Widen *w, const Op *load, Value *index); /* `index` is that into the flattened array */
/* The load is so many rows behind one that was made: `indices` become two, of a row and into it. */
bool row_access(Widen *w, const Op *load, Value **view, Value **indices);

/* spmd_steps.c: every `step`th element, the first of them there, and nothing behind the last; none of lanes that the
 * mask turns off. */
Value *steps_loaded(Widen *w, Value *view, Value **indices, uint32_t count, uint32_t step);
/* Likewise number `at` of each `each` elements, where all of them may be loaded. */
Value *field_loaded(Widen *w, Value *view, Value **indices, uint32_t count, uint32_t each, uint32_t at);
/* In vector number `k` of several side by side, the lanes of number `at` of each `step` elements. */
Value *steps_mask(Widen *w, uint32_t lanes, uint32_t k, uint32_t step, uint32_t at);
/* Whether both are possible here. */
bool steps_are_loaded(const Widen *w);
/* Lanes of the registers that are loaded, and two vectors as one. */
uint32_t register_lanes(const Widen *w, const IrType *element);
Value *lanes_joined(Builder *b, Value *low, Value *high);
/* Stores into every `step`th element, the first of them at `indices`. */
void steps_store(Widen *w, const Op *op, Value *value, Value **indices, uint32_t step);

/* spmd_cells.c: fields of neighbouring structs. False: not so here. */
bool cells_side_by_side(const Spmd *s, const Op *op);
bool widen_load_cells(Widen *w, const Op *op, Value **indices, uint32_t count);
bool widen_store_cells(Widen *w, const Op *op);

/* spmd_fields.c: number `at` of each two or four elements, all of which may be loaded; NULL: there is nothing better than
 * field_loaded. */
Value *field_of_few(Widen *w, Value *view, Value **indices, uint32_t count, uint32_t each, uint32_t at);

/* spmd_private.c */
bool is_private(const Spmd *s, const Value *view); /* an array that the loop under study makes */
bool may_be_private(const SpmdLoop *l, const Op *alloc);
/* Before and behind a widened loop. */
void private_make(Widen *w, Builder *b);
void private_end(Widen *w, Builder *b);
void widen_alloc(Widen *w, const Op *op);
void widen_load_private(Widen *w, const Op *op);
void widen_store_private(Widen *w, const Op *op);

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
