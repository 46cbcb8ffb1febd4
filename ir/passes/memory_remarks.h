/* What is left of allocations, copies and frees when the pipeline is through: data for
 * `kc explain --copies --allocs`.
 *
 * Copies are noted when stage OWNED ends, while they are whole-array operations, and listed if the
 * optimised code still stores them; allocations and frees are those of the optimised code. So a
 * line means that the program will do it. Everything lives in the arena of the Remarks. */
#ifndef KC_IR_PASSES_MEMORY_REMARKS_H
#define KC_IR_PASSES_MEMORY_REMARKS_H

#include "ir/passes/pass.h"

/* CONVERT is none of the passes' business: the driver adds what `def`s convert by themselves. */
typedef enum MemoryDeed { MEMORY_ALLOC, MEMORY_COPY, MEMORY_FREE, MEMORY_CONVERT } MemoryDeed;

/* Where what is allocated comes from: the heap, the arena that the source names, or what a thread keeps for
 * iterations of parallel loops (ir/analysis/scratch.h). */
typedef enum MemoryFrom { FROM_HEAP, FROM_ARENA, FROM_SCRATCH } MemoryFrom;

typedef struct MemoryRemark {
    MemoryDeed deed;
    MemoryFrom from;       /* of MEMORY_ALLOC */
    Span span;             /* NO_SPAN in what the compiler added for a whole type */
    Name function;         /* that the user wrote it in */
    Name name;             /* of what is allocated, copied or freed; NO_NAME for temporaries */
    bool in_loop;
    uint32_t element_bytes; /* 0: it has no elements of one size (lists, arenas) */
    int64_t elements;       /* -1: known at run time only */
    const char *size;       /* elements, in the user's names: "12", "n * m", "?" */
    const char *why;        /* in the user's words */
} MemoryRemark;

typedef Vec(MemoryRemark) MemoryRemarkVec;

/* Of a module that the whole pipeline has run over with these remarks: by function, in the order of the
 * code. */
MemoryRemarkVec memory_remarks(const Remarks *remarks, const IrModule *module);

/* For the pass that ends stage OWNED: notes the copies that are whole-array operations now. */
void copies_note(PassContext *pass, const IrModule *module);

#endif
