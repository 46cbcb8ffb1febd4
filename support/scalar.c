#include "support/scalar.h"

typedef struct ScalarRow {
    const char *spelling;
    unsigned bits;
    ScalarClass class;
} ScalarRow;

static const ScalarRow rows[SCALAR_COUNT] = {
#define SCALAR(kind, spelling, bits, class) {spelling, bits, CLASS_##class},
#include "support/scalar.def"
#undef SCALAR
};

const char *scalar_spelling(Scalar scalar) { return rows[scalar].spelling; }
unsigned scalar_bits(Scalar scalar) { return rows[scalar].bits; }
unsigned scalar_bytes(Scalar scalar) { return (rows[scalar].bits + 7) / 8; }
ScalarClass scalar_class(Scalar scalar) { return rows[scalar].class; }
