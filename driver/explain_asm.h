/* kc explain --asm: the innermost loops of the code that comes out, beside the source lines that they do. */
#ifndef KC_DRIVER_EXPLAIN_ASM_H
#define KC_DRIVER_EXPLAIN_ASM_H

#include "driver/compile.h"

/* Appends the loops in `assembly`, LLVM's commented text with places; of one function, or of all (NULL). */
void explain_asm(const Compilation *c, const char *assembly, const char *wanted, StrBuf *out);

#endif
