/* Variables that are better values: after stage OWNED, where every name was a place, and after inlining,
 * which shows that a struct is passed to nobody. Scratch memory is the caller's. */
#ifndef KC_IR_PASSES_VALUES_H
#define KC_IR_PASSES_VALUES_H

#include "ir/ir.h"

/* Variables of structs whose fields are used one by one, and that are passed to nobody, become a variable
 * for each field; with `whole`, also those that are only read and set as a whole. True when there was one. */
bool structs_split(Arena *scratch, IrFn *fn, bool whole);
/* The same, and variables that are set once, before all their uses, become the value. */
void vars_to_values(Arena *scratch, IrFn *fn);

#endif
