/* The number types, shared by sema, the IR and code generation. */
#ifndef KC_SUPPORT_SCALAR_H
#define KC_SUPPORT_SCALAR_H

#include "support/base.h"

typedef enum Scalar {
#define SCALAR(kind, spelling, bits, class) SCALAR_##kind,
#include "support/scalar.def"
#undef SCALAR
    SCALAR_COUNT
} Scalar;

typedef enum ScalarClass { CLASS_BOOL, CLASS_SIGNED, CLASS_UNSIGNED, CLASS_FLOAT } ScalarClass;

const char *scalar_spelling(Scalar scalar);
unsigned scalar_bits(Scalar scalar);  /* 1 for bool */
unsigned scalar_bytes(Scalar scalar); /* in memory: 1 for bool */
ScalarClass scalar_class(Scalar scalar);

static inline bool scalar_is_float(Scalar s) { return scalar_class(s) == CLASS_FLOAT; }
static inline bool scalar_is_signed(Scalar s) { return scalar_class(s) == CLASS_SIGNED; }
static inline bool scalar_is_unsigned(Scalar s) { return scalar_class(s) == CLASS_UNSIGNED; }
static inline bool scalar_is_int(Scalar s) { return scalar_is_signed(s) || scalar_is_unsigned(s); }

#endif
