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
    REMARK_DONE, /* an improvement that was made, and what proved it legal */
    REMARK_LEFT  /* one that was not, and why */
} RemarkKind;

typedef struct Remark {
    const char *pass; /* its name */
    Name function;    /* as the user spelled it */
    Span span;
    RemarkKind kind;
    const char *text; /* in the user's words */
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

/* Neighbouring loops, and how many passes over memory they became. Bytes are those that move for one
 * element of the space that the loops run over; a store counts twice, as its line is fetched first. */
typedef struct FusionSite {
    Name function; /* as the user spelled it */
    Span span;     /* of the first of the loops */
    uint32_t loops_before, loops_after;
    uint32_t bytes_before, bytes_after;
} FusionSite;

/* The owner supplies the arena, in which the texts live too. */
typedef struct Remarks {
    Arena *arena;
    Vec(Remark) all;      /* in the order of the decisions */
    Vec(CopySite) copies; /* in the order of the code; see memory_remarks.h for those that are left */
    Vec(FusionSite) fusions;
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

/* Records a decision; cheap when nobody listens. */
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
