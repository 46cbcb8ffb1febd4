/* What the files of the fuse pass share.
 *
 * The ops of a region are nodes; what each reads, writes and may do is summed up over its own regions
 * (fuse_nodes.c). Whether two loops may become one is a question without side effects, answered with
 * a reason that users can read (fuse_legal.c). The plan splits the loops into groups, such that as few
 * bytes as possible move and no group waits for itself (fuse_plan.c). Then the groups become loops
 * (fuse_apply.c). The check of `@fused` asks the same question again (fused_check.c). */
#ifndef KC_IR_PASSES_FUSE_H
#define KC_IR_PASSES_FUSE_H

#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"
#include "ir/passes/pass.h"

/* ---- What an op does ------------------------------------------------------------------------- */

typedef struct Access {
    const Value *view; /* NULL: any memory */
    Root root;
    bool writes;
    bool is_whole;    /* any element, not that of `element` */
    bool is_streamed; /* another element in each iteration of the innermost loop around it */
    Element element;
} Access;

typedef struct VarAccess {
    const Value *base; /* the VAR, or the parameter */
    bool sets;
} VarAccess;

typedef struct Node {
    Op *op;
    Vec(Access) accesses;
    Vec(VarAccess) vars;
    Vec(const Value *) uses; /* values from outside */
    bool may_panic;      /* also: allocates */
    bool has_effect;     /* prints, may not end, leaves a message: keeps its place among such */
    bool writes_visible; /* memory that is there after a panic */
    bool touches_memory;
    bool is_wall;        /* nothing moves past it */
    bool has_inner;      /* a loop with a loop inside */
    const char *refusal; /* a loop: why it is never fused; NULL: it may be */
    uint32_t op_count;
} Node;

typedef Vec(Node *) NodeVec;

typedef struct Fuse {
    PassContext *pass;
    IrFn *fn;
    Memory memory;
    Intervals intervals;
    const unsigned *effects; /* by function id */
    uint32_t value_len;      /* values with ids below this may have an entry in `accesses` */
    uint32_t *accesses;      /* by value id of an ALLOC: how often its memory is accessed, by all windows */
    void *user;              /* of who visits stretches */
} Fuse;

Fuse fuse_begin(PassContext *pass, const unsigned *effects, IrFn *fn);

/* ---- Questions ------------------------------------------------------------------------------- */

/* fuse_nodes.c: the op summed up, in the pass's scratch memory. */
Node *node_of(Fuse *f, Op *op);
/* The op has to stay behind `before`. */
bool node_depends(const Node *before, const Node *after);

/* How two loops go together. */
typedef struct Fit {
    const char *reason; /* why not; NULL: they may become one loop */
    bool carries;       /* iterations of that loop over rows share an element that is written */
} Fit;

/* fuse_legal.c: of loops of one region, in this order. What stands between them is not asked. */
Fit loops_fit(Fuse *f, const Node *first, const Node *second);

/* ---- Plan and apply -------------------------------------------------------------------------- */

/* More loops than this in one stretch of a region are planned in parts. */
enum { STRETCH_LOOPS = 24, STRETCH_NODES = 400 };

/* A stretch of ops of one region between walls, and how its loops are grouped. */
typedef struct Stretch {
    NodeVec nodes;
    bool *depends; /* [before * nodes.len + after]: the second has to stay behind the first */
    uint32_t loops[STRETCH_LOOPS]; /* indices of nodes */
    uint32_t loop_count;
    uint32_t direct[STRETCH_LOOPS];  /* by loop: the later loops that depend on it, as bits */
    uint32_t through[STRETCH_LOOPS]; /* the same, by way of something that is no loop */
    Fit fit[STRETCH_LOOPS][STRETCH_LOOPS]; /* [first][second] */
    uint32_t group[STRETCH_LOOPS];   /* the first loop of its group */
    uint32_t bytes_before, bytes_after; /* moved for an element of the iteration space */
} Stretch;

/* fuse_plan.c */
void stretch_plan(Fuse *f, Stretch *s);
/* Why the loops are in different groups. */
const char *stretch_reason(const Stretch *s, uint32_t first, uint32_t second);
/* fuse_apply.c: true when something changed. */
bool stretch_apply(Fuse *f, Stretch *s);
/* fuse_report.c */
void stretch_report(Fuse *f, const Stretch *s);
/* " of line 12", or "" where the place is not known. */
const char *line_text(const Fuse *f, Span span);

#endif
