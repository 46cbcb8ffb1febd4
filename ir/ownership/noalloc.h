/* @noalloc: a promise that a function, and whatever it calls, takes no memory from the system. Checked on
 * stage OWNED, where copies and allocations are still what the source says. */
#ifndef KC_IR_OWNERSHIP_NOALLOC_H
#define KC_IR_OWNERSHIP_NOALLOC_H

#include "ir/ir.h"

/* Reports K0385 for each @noalloc function that allocates: where, and through which calls. */
void noalloc_check(IrModule *module);

#endif
