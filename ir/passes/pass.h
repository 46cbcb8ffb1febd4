/* The passes: a table in order (passes.def) with checked contracts, run by one manager.
 *
 * A pass is a function over a module. It may keep nothing between runs; scratch memory is an
 * arena that the manager empties after the pass. What a pass decided, and why, goes to the
 * remarks. */
#ifndef KC_IR_PASSES_PASS_H
#define KC_IR_PASSES_PASS_H

#include "ir/ir.h"
#include "ir/options.h"

/* ---- Remarks: the decisions of the passes, for `kc explain` ---------------------------------- */

typedef enum RemarkKind {
#define REMARK(kind, key, made, words) REMARK_##kind,
#include "ir/passes/remarks.def"
#undef REMARK
    REMARK_KIND_COUNT
} RemarkKind;

typedef struct RemarkInfo {
    const char *key;
    bool made;
    const char *words;
} RemarkInfo;

extern const RemarkInfo remark_infos[REMARK_KIND_COUNT];

/* How the iterations that do not fill a vector are done. */
typedef enum LoopTail { TAIL_MASKED, TAIL_NARROWER, TAIL_SINGLE } LoopTail;

/* What a loop over vectors looks like. Accesses are those of one iteration. */
typedef struct VectorFacts {
    uint32_t lanes;         /* iterations at a time */
    uint32_t registers;     /* that hold one value of all these lanes */
    uint32_t register_bits;
    Scalar element;         /* the widest that is common in the loop */
    LoopTail tail;
    bool fixed_lanes;       /* as many on all targets, since sums have that order */
    uint32_t side_by_side;  /* loads and stores of neighbouring elements */
    uint32_t backward;      /* ... in reverse */
    uint32_t strided;       /* every second, third, ... element: loads and shuffles */
    uint32_t broadcast;     /* one element for all lanes */
    uint32_t apart;         /* at one distance that is larger, or known when it runs */
    uint32_t lookups;       /* in tables that are in registers */
    uint32_t gathers, scatters;
    uint32_t masks;         /* conditions, and inner loops, on which lanes part */
    uint32_t variants;      /* calls of functions that were made for as many lanes */
    uint32_t lane_ops;      /* done lane by lane: calls, places in lists */
    uint32_t exits;         /* ways out before the last iteration, asked for all lanes at once */
    uint32_t reductions;    /* variables from outside that iterations change; of these, */
    uint32_t best, places;  /* minima and maxima by `if`, and where they were */
    uint32_t latest;        /* variables that some iterations set and others keep */
    uint32_t scans;         /* accumulators that each iteration looks at */
    uint32_t cursors;       /* where the next element that is wanted is stored */
    uint32_t counters;      /* in narrower lanes than the variable is */
    uint32_t private_arrays; /* of each iteration, with a place for each lane */
    bool narrow_indices;    /* computed in 32 bits, if a test before the loop allows it */
    uint32_t checks;        /* made for each vector */
    uint32_t led_from;      /* so many iterations begin where the first store is at a multiple of ... */
    uint32_t lead_bytes;    /* ... so many bytes; 0: never */
    bool leads_rows;        /* ... if all rows of the array can */
    uint32_t stream_bytes;  /* stores go past the caches if there is as much to store; 0: never */
    uint32_t far_bytes;     /* turns are made for memory beyond the caches if there is as much to load; 0: never */
    uint32_t far_lanes, far_parts; /* ... of so many lanes, in so many parts of the iterations side by side */
} VectorFacts;

/* Neighbouring loops, and how many passes over memory they became. Bytes are those that move for one
 * element of the space that the loops run over; a store counts twice, as its line is fetched first. */
typedef struct FusionFacts {
    uint32_t loops_before, loops_after;
    uint32_t bytes_before, bytes_after;
} FusionFacts;

typedef struct Remark {
    RemarkKind kind;
    const char *pass;  /* its name */
    Name function;     /* as the user spelled it */
    Span span;         /* of the loop, statement, check or call */
    const char *text;  /* the reason, in the user's words; never NULL */
    const char *fix;   /* what to change so that it can be done, or NULL */
    Span against;      /* SCALAR: what stands against it, or NO_SPAN */
    VectorFacts facts; /* VECTORISED */
    FusionFacts fusion; /* PASSES */
    CheckKind check;   /* CHECK_... */
    Name callee;       /* INLINED, CALLED: as spelled; else NO_NAME */
} Remark;

/* Memory that is copied to other memory, element by element: `x.copy()`, a result that is stored
 * where the caller wants it, a copy that a `def` makes. */
typedef struct CopySite {
    Name function, from; /* as the user spelled them; `from` may be NO_NAME */
    Span span;
    uint32_t element_bytes; /* 0: a list */
    int64_t elements;       /* -1: known at run time only */
    const char *size;       /* in the user's names */
} CopySite;

/* The owner supplies the arena, in which the texts live too. */
typedef struct Remarks {
    Arena *arena;
    Vec(Remark) all;      /* in the order of the decisions */
    Vec(CopySite) copies; /* in the order of the code; see memory_remarks.h for those that are left */
} Remarks;

/* ---- Passes ---------------------------------------------------------------------------------- */

typedef struct PassContext {
    Context *cx;
    const IrOptions *options;
    Arena *scratch;   /* emptied after each pass */
    bool changed;     /* set by the pass when it changed anything */
    const char *name; /* of the pass that runs */
    Remarks *remarks; /* NULL: nobody listens */
} PassContext;

typedef void (*PassRun)(PassContext *pass, IrModule *module);

/* Records a decision; cheap when nobody listens. The pass, the function and copies of the texts are filled
 * in. */
void pass_record(PassContext *pass, const IrFn *fn, const Remark *remark);
/* One that is all said by its text. */
void pass_remark(PassContext *pass, const IrFn *fn, Span span, RemarkKind kind, const char *format,
                 ...) PRINTF_LIKE(5, 6);

/* What to print and check on the way; all fields may be zero. */
typedef struct PassObserver {
    const char *print_after;   /* a pass name, or "all" */
    bool print_changed;        /* after each pass that changed something */
    const char *stop_after;
    bool verify_each;
    bool time_passes;
    StrBuf *out;               /* where the prints go */
    Remarks *remarks;          /* collects the decisions when not NULL */
} PassObserver;

/* Runs the pipeline for the options' level. False when --stop-after, or an error that the ownership
 * check found, ended it early. The names in the observer must exist: see pass_exists. */
bool passes_run(IrModule *module, const IrOptions *options, const PassObserver *observer);
/* Runs one pass by name (for kc opt). */
void pass_run_one(IrModule *module, const char *name, const IrOptions *options,
                  const PassObserver *observer);
bool pass_exists(const char *name);
/* The names in order, for --help and for "did you mean". */
uint32_t pass_names(const char *const **names);

#endif
