/* The oracle: it watches code of stage OWNED while that runs, and stops it where it breaks the rules of
 * ownership in fact. It knows nothing of how the static check decides; whatever that accepts must run
 * here to its end.
 *
 * Every view carries a tag in its words: the window that it is. A window lives until its memory is
 * changed other than through it or what it was made from; one that is written through also until others
 * look at that memory. Each variable has a shadow: which of its bytes have a value, and when they were
 * last looked at and changed. All memory is the machine's. */
#ifndef KC_IR_INTERP_ORACLE_H
#define KC_IR_INTERP_ORACLE_H

#include "ir/interp_machine.h"

/* ---- Windows: interp_oracle_window.c --------------------------------------------------------- */

/* Elements in memory, as the words of a view say. */
typedef struct Extent {
    const Block *block;
    uint64_t base, size; /* of an element */
    uint32_t rank;
    uint64_t dims[8], strides[8]; /* strides in bytes */
} Extent;

typedef struct Window {
    const struct Window *parent; /* it was made from this one */
    Extent extent;
    const Op *made;
    bool is_mutable;
    const char *ended;  /* NULL while it is good; else "was changed", "was moved"... */
    const Op *ended_by;
} Window;

typedef struct WindowList {
    Vec(Window *) readers, writers;
} WindowList;

typedef struct Oracle {
    bool has_drops; /* values end by DROP only */
    uint32_t stamp; /* of the instruction under way */
} Oracle;

static inline Window *window_of(uint64_t tag) { return (Window *)(uintptr_t)tag; }

Extent extent_of_view(Machine *m, const IrType *type, const uint64_t *view);
Extent extent_of_bytes(const Block *block, uint64_t base, uint64_t bytes);
bool extents_overlap(const Extent *a, const Extent *b);
/* A new window, made from that of `parent` if it has one. */
Window *window_add(Machine *m, const Op *op, const Window *parent, const Extent *extent,
                   bool is_mutable);
/* The window is used: it has to be good. */
bool window_use(Machine *m, const Op *op, const Window *window);
/* It is put into a variable or given to a call: it counts as a look at all its memory, or as a change. */
void window_keep(Machine *m, const Op *op, Window *window);
/* Memory is looked at or changed through `by`, or by its owner (NULL): others that must not see that end. */
void memory_touch(Machine *m, const Op *op, const Extent *extent, const Window *by, bool is_write);
/* The windows of a value: a view's, or those in a struct (the first few of them). */
typedef struct WindowSet {
    uint32_t count;
    Window *windows[8];
} WindowSet;
WindowSet windows_in(Machine *m, const IrType *type, const uint64_t *words);
void windows_keep(Machine *m, const Op *op, const IrType *type, const uint64_t *words);
/* All windows into the block end. */
void block_windows_end(const Op *op, Block *block, const char *how);

/* Stops the machine (`op` is NULL at the end of a function); `cause` is the op that it happened
 * at, whose line the message ends with, or NULL. */
void oracle_fail(Machine *m, const Op *op, const Op *cause, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Whether the user answers for this op. */
bool op_is_unsafe(const Op *op);

/* ---- Places: interp_oracle_place.c ----------------------------------------------------------- */

typedef struct Shadow {
    struct Shadow *next; /* of the frame */
    uint64_t base;
    const IrType *type;
    const Op *var;
    uint8_t *has;         /* by byte: whether it has a value */
    uint32_t *looked, *changed; /* by byte: stamps */
} Shadow;

/* A place: what a ref's words say. */
typedef struct Spot {
    uint64_t address;
    Block *block;    /* an element's, or NULL */
    Shadow *shadow;  /* a variable's, or NULL: an argument of the first function */
    Window *window;  /* through which the element was reached */
    const IrType *type;
} Spot;

Spot spot_of(const IrType *ref, const uint64_t *words);
/* "`x`", "a field of `x`", "an element", as messages name it. */
const char *spot_text(Machine *m, const Spot *spot);
/* The variable comes to life, without a value. */
void shadow_start(Machine *m, const Op *var, uint64_t *ref);
bool spot_has_value(Machine *m, const Spot *spot);
/* It has to have a value, in memory that is still there. */
bool spot_use(Machine *m, const Op *op, const Spot *spot);
void spot_look(Machine *m, const Op *op, const Spot *spot);
void spot_change(Machine *m, const Op *op, const Spot *spot);
void spot_mark(Machine *m, const Spot *spot, bool has_value);
/* All that the value there owns is looked at, or changed. */
void value_touch(Machine *m, const Op *op, const Spot *spot, bool is_write);
/* What the value there owns, down to elements of lists. */
typedef void (*BlockVisit)(void *user, Block *block);
void blocks_visit(Machine *m, const IrType *type, const void *place, BlockVisit visit, void *user);
/* Windows into what the value owns end, and what lives in an arena there with it. */
void value_windows_end(Machine *m, const Op *op, const Spot *spot, const char *how);
/* The value is lost, before drops were put in: all that it owns ends. */
void value_forget(Machine *m, const IrType *type, void *place);
void frame_shadows_end(Machine *m);

/* ---- Calls and tasks: interp_oracle_call.c --------------------------------------------------- */

/* What a changed argument overlaps is no other argument. */
void oracle_call(Machine *m, const Inst *inst, const uint64_t *frame);
/* Places that the caller wants back whole, and windows that are returned. */
void oracle_leave(Machine *m, const Inst *inst, const uint64_t *frame);
void oracle_spawn(Machine *m, const Inst *inst, uint64_t *frame);
void oracle_join(Machine *m, const Op *op, const Spot *task);

/* ---- The watch: interp_oracle.c -------------------------------------------------------------- */

/* A handler: `inst->inner`, watched. */
void oracle_run(Machine *m, const Inst *inst, uint64_t *frame);
/* A handler: the variables behind `inst->slots` go out of sight. */
void oracle_scope_run(Machine *m, const Inst *inst, uint64_t *frame);

#endif
