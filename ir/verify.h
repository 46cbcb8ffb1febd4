/* The verifier: says whether a module keeps the invariants listed at the top of verify.c. */
#ifndef KC_IR_VERIFY_H
#define KC_IR_VERIFY_H

#include "ir/ir.h"

/* Appends one line for each broken invariant ("fn saxpy: %7 = add: operands differ in type"); true
 * when there is none. */
bool ir_verify(const IrModule *module, StrBuf *problems);

#endif
