/* Constants as text, both ways: what is printed reads back to the same bits. */
#ifndef KC_IR_LITERAL_H
#define KC_IR_LITERAL_H

#include "support/scalar.h"
#include "support/strbuf.h"

/* "true", "-3", "0.1" (the shortest that reads back), "-inf", "nan(0x7fc00000)". */
void literal_print(Scalar scalar, uint64_t bits, StrBuf *out);
/* The bits of a number, "true", "false", "inf" or "-inf"; false when it is none of `scalar`'s. */
bool literal_read(Scalar scalar, const char *text, uint64_t *bits);
/* Whether these are the bits of a NaN of that format. */
bool literal_is_nan(Scalar scalar, uint64_t bits);

#endif
