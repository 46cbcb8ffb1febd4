/* Where a view points: the allocation or the parameter that owns its elements, found through
 * slices, views and variables; and which base element an access means.
 *
 * Ownership makes the answers strong: two allocations never overlap, and a parameter that
 * promises so (`restrict`) overlaps nothing else that is written. */
#ifndef KC_IR_ANALYSIS_MEMORY_H
#define KC_IR_ANALYSIS_MEMORY_H

#include "ir/analysis/affine.h"

/* ---- What is known of a function's variables ------------------------------------------------- */

typedef struct VarSet {
    const Op *set;        /* the SET */
    const struct VarSet *next;
} VarSet;

typedef struct VarFacts {
    uint32_t gets, sets;
    bool escapes;         /* handed to a call, which may set it */
    const VarSet *first;  /* every SET, latest in the text first */
} VarFacts;

typedef struct Memory {
    const IrFn *fn;
    uint32_t len;         /* values with an id below this are described */
    VarFacts *vars;       /* by id of the reference */
} Memory;

/* One walk over the function; in `arena`. Out of date once variables are changed. */
Memory memory_of(Arena *arena, const IrFn *fn);
/* What a reference is a place in, fields stripped: the result of VAR or ITEM, or a parameter. */
const Value *ref_base(const Value *ref);
/* A SET that changes a variable or a struct of the caller: nothing that a view shows. */
bool set_is_local(const Op *op);
/* A read of what a field, or the list or struct of a caller, holds: the same until such a place may
 * change. Elements of lists are memory instead. */
bool place_is_read(const Op *op);
bool place_may_change(const Op *op);
/* A value of this type leads to memory that views can show: a window, a list, an arena, or what
 * holds or refers to one. */
bool type_reaches_memory(const IrType *type);
/* NULL for a reference that is no variable of the function, or is newer than the analysis. */
const VarFacts *memory_var(const Memory *memory, const Value *ref);

/* ---- Roots ----------------------------------------------------------------------------------- */

typedef enum RootKind {
    ROOT_UNKNOWN, /* came out of a call, or of a variable with several contents */
    ROOT_NULL,    /* no memory at all */
    ROOT_ALLOC,   /* `value` is the result of ALLOC, ALLOC_IN or DATA */
    ROOT_PLACE,   /* held by a struct or list that the caller lends; `value` is the parameter's */
    ROOT_PARAM    /* `value` is the parameter's */
} RootKind;

typedef struct Root {
    RootKind kind;
    const Value *value;
    const IrParam *param; /* ROOT_PARAM, ROOT_PLACE */
    const Value *seen;    /* ROOT_UNKNOWN, ROOT_PLACE: where the memory came in sight; NULL: not known */
} Root;

Root memory_root(const Memory *memory, const Value *view);
/* The roots can share an element, when one of them is written. */
bool roots_may_overlap(const Root *a, const Root *b);
/* An op below the region that stores elements may store some of the view's memory. Calls are not looked into. */
bool elements_may_change(const Memory *memory, const Region *region, const Value *view);
/* The user's word for the memory: a name in back-quotes, or a phrase; in `arena`. */
const char *root_text(Arena *arena, const Memory *memory, const Root *root);

/* ---- Windows --------------------------------------------------------------------------------- */

/* The size of dimension `dim` where the view, array or allocation is made in sight; otherwise
 * NULL. */
Value *view_dim(const Value *view, uint32_t dim);
/* The view whose elements the MAP gives, one for one; NULL: it computes them. */
Value *map_copied(const Op *map);
/* The value that a DIM of a visible view, allocation or slice stands for; other values as they
 * are. */
const Value *value_behind_dim(const Value *value);

/* The view that a variable holds at every GET, where it is set once in the region that declares it; other views as
 * they are. */
const Value *view_behind_get(const Memory *memory, const Value *view);

/* An element of a base: a view that is no slice, with an affine index for each dimension. */
typedef struct Element {
    const Value *base;
    uint32_t rank;
    Affine index[8];
} Element;

/* Traces view[indices] back to the base. False when an index is no affine form. */
bool element_of(const Memory *memory, const Value *view, const Affine *indices, Element *element);
/* What a LOAD or STORE accesses, and the first element that a VLOAD or VSTORE does. */
bool element_accessed(const Memory *memory, const Op *op, Element *element);
/* The bases number their elements in the same way: equal indices mean the same element. */
bool bases_equal(const Value *a, const Value *b);

#endif
