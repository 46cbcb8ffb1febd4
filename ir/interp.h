/* The interpreter: the reference semantics of the IR, at either stage. Slow, simple, and right:
 * every other way to run a program is compared with it. Memory accesses are checked against the
 * allocation they belong to even where the program carries no check. */
#ifndef KC_IR_INTERP_H
#define KC_IR_INTERP_H

#include "ir/ir.h"

/* Where a run stopped, and why. */
typedef struct InterpPanic {
    const char *message; /* as in kc_panic_info */
    Name function;
    Span span;
    int32_t value_count;
    const char *names[3];
    int64_t values[3];
} InterpPanic;

/* One printed item: a scalar (bits), a text, or an array. */
typedef struct InterpItem {
    enum { ITEM_SCALAR, ITEM_TEXT, ITEM_ARRAY } kind;
    Scalar scalar;
    uint64_t bits;
    const char *text;
    uint32_t length;
    const void *data;
    uint32_t rank;
    const int64_t *shape, *stride; /* in elements */
} InterpItem;

/* Whether the run is watched. In stage OWNED the oracle can do so, before drops were inserted (what a
 * variable holds then ends with it) or after: it follows every place and every view, and answers with
 * INTERP_FAULT and a message that starts with "oracle: " where one is used that has no value any more, or
 * whose memory was changed, moved or freed meanwhile. */
typedef enum InterpWatch { WATCH_NOTHING, WATCH_OWNED, WATCH_DROPPED } InterpWatch;

/* What the program needs from outside. `print` must not be NULL; `call` runs an extern function and
 * may be NULL. */
typedef struct InterpHost {
    void *user;
    void (*print)(void *user, const InterpItem *items, uint32_t count);
    /* Of a function that raises: `args` go on with a pointer for each result, as C has them, and `result`
     * is the int32_t status. */
    bool (*call)(void *user, const IrFn *fn, void *const *args, void *result);
    /* Memory of the program's arrays, which may be given away and taken over: kc_alloc and kc_free of
     * libkcrt. NULL: aligned_alloc and free. */
    void *(*alloc)(int64_t bytes);
    void (*release)(void *memory);
    InterpWatch watch;
} InterpHost;

/* An argument or result, as the C ABI sees it: `value` points to the scalar, the struct, the
 * pointer (PARAM_ARRAY, PARAM_OUT, PARAM_REF), or the strided struct {void *data; int64_t shape[r],
 * stride[r]}. For pointers `bytes` is the size of what they point to. */
typedef struct InterpArg {
    const void *value;
    size_t bytes;
} InterpArg;

typedef enum InterpStatus {
    INTERP_OK,
    INTERP_PANIC, /* a check failed, memory is short, calls are nested too deeply */
    INTERP_LIMIT,
    INTERP_RAISED, /* the function failed; `panic` says with which message, and where it was raised */
    INTERP_FAULT  /* an access outside of its allocation, after a free, ...: what no checked program
                     does. `panic` says what, with a message that starts with "interpreter: " */
} InterpStatus;

/* Runs `fn` with one InterpArg for each parameter; results are written to `results` one after
 * another as C lays out a struct of them (views as {data, shape...}, malloc'ed when the callee
 * allocated them). `step_limit` ops at most (0: no limit). */
InterpStatus ir_interpret(const IrFn *fn, const InterpArg *args, void *results,
                          const InterpHost *host, uint64_t step_limit, InterpPanic *panic);

#endif
