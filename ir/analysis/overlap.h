/* Overlap: what a loop nest may read of the memory it writes.
 *
 * The nest stores one element for each point of its iteration space, store[i0, i1, ...]. A load
 * in its body either never meets a stored element, or meets the one that the same iteration
 * stores, or one a fixed distance of iterations away, or we cannot tell. The answer comes with
 * the reason, in words that a user can read; callers pass it on. */
#ifndef KC_IR_ANALYSIS_OVERLAP_H
#define KC_IR_ANALYSIS_OVERLAP_H

#include "ir/analysis/interval.h"
#include "ir/analysis/memory.h"

typedef enum OverlapKind {
    OVERLAP_NONE,    /* never the same memory */
    OVERLAP_SAME,    /* only the element that the same iteration stores */
    OVERLAP_SHIFTED, /* only the element that the iteration `distance` later stores */
    OVERLAP_UNKNOWN  /* any */
} OverlapKind;

typedef struct Overlap {
    OverlapKind kind;
    int64_t distance[8]; /* SHIFTED: for each index of the nest, outermost first; may be negative */
    const char *reason;
} Overlap;

/* The store of a nest: view[indices], the indices being those of the nest, outermost first. */
typedef struct NestStore {
    const Value *view;
    Value *const *indices;
    Value *const *sizes; /* the indices run from 0 to below these */
    uint32_t rank;
    Intervals *intervals; /* of the function's values */
} NestStore;

/* Of a LOAD in the body of the nest. The reason lives in `arena`. */
Overlap overlap_of_load(Arena *arena, const Memory *memory, const NestStore *store, const Op *load);
/* Of something that may read all of `view`: a call. */
Overlap overlap_of_view(Arena *arena, const Memory *memory, const NestStore *store,
                        const Value *view);

#endif
