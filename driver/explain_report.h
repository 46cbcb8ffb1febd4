/* What `kc explain` has to say of a program, collected: a list of items, each a decision that a pass recorded or
 * memory that is left, in the order in which people read. Rendering it is all that is left to do:
 * explain_text.c and explain_json.c. Everything lives as long as the compilation. */
#ifndef KC_DRIVER_EXPLAIN_REPORT_H
#define KC_DRIVER_EXPLAIN_REPORT_H

#include "driver/compile.h"
#include "ir/passes/memory_remarks.h"

/* Either a remark or memory. What was inlined several times is there once, and says how often. */
typedef struct Item {
    const Remark *remark;       /* or NULL */
    const MemoryRemark *memory; /* or NULL */
    const LoopNote *note;       /* of a SCALAR loop: what LLVM made of it; NULL: it said nothing */
    Name function;
    const FnSymbol *symbol;     /* the function, or NULL: not written by the user */
    const Source *source;       /* NULL: nowhere in particular */
    LineCol at;
    uint32_t order, times;
} Item;

typedef struct Report {
    Compilation *c;
    const char *wanted;            /* a function, or NULL: all */
    bool decisions, allocs, frees, copies;
    Vec(Item) items;               /* by function, file and line */
    StrBuf out;
} Report;

/* Of a program that has been optimised with these remarks. */
void report_collect(Report *r, const Remarks *remarks, const LoopNotes *notes);

/* The function that the user calls so, or NULL. */
const FnSymbol *function_find(const Compilation *c, const char *name);
/* Every name that function_find knows. */
TextVec function_names(const Compilation *c);

/* The source text of a place, on one line. */
const char *report_snippet(const Report *r, Span span);
/* The loop became vectors, though not by our doing. */
static inline bool item_is_llvm_vector(const Item *item) {
    return item->note != NULL && item->note->lanes > 0;
}
/* LLVM's reason in plain words; `fix` is what to change, or NULL. */
const char *llvm_reason(const LoopNote *note, const char **fix);

void report_text(Report *r);
void report_json(Report *r);
void memory_text(Report *r, const Item *item); /* one line */
void memory_json(Report *r, const Item *item); /* one object */
void memory_summary(Report *r);

#endif
