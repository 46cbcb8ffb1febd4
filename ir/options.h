/* What lowering and the passes need to know of the wish of the user and of the target. */
#ifndef KC_IR_OPTIONS_H
#define KC_IR_OPTIONS_H

#include "ir/ir.h"

typedef enum Checks {
    CHECKS_NONE,   /* only what the user asserts */
    CHECKS_BOUNDS, /* the default: indices, slices, sizes, divisors */
    CHECKS_ALL     /* integer overflow and debug_assert as well */
} Checks;

/* By the logarithm of an element's bytes, 1 to 8: bytes of the largest table in registers of which one instruction
 * looks up the elements; 0: there is none. */
enum { LOOKUP_SIZES = 4 };

typedef struct IrOptions {
    int opt_level; /* 0 to 3 */
    FpMode fp;     /* of functions without @fp */
    Checks checks;
    bool deny_implicit_copy; /* in `def`: K0394 instead of N0393 */
    unsigned vector_bits; /* of the target's widest registers that loops should use; 0: not known */
    unsigned vector_registers; /* how many of them */
    bool has_masks;       /* it loads and stores under a mask whatever the elements */
    bool has_word_masks;  /* ... elements of 4 and 8 bytes */
    bool has_byte_moves;  /* lanes of 1 and 2 bytes that a mask names, side by side or back: one instruction */
    bool has_gathers;     /* an instruction for them that is worth it; else elements are loaded one by one */
    unsigned lookup_bytes[LOOKUP_SIZES];
    uint32_t stream_bytes; /* arrays of that size are stored past the caches; 0: that cannot be asked for */
    bool has_fma;  /* the target multiplies and adds in one rounding: `contract` may form FMA */
} IrOptions;

#endif
