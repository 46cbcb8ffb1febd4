/* The functions that the pass table names. Each stands in a file of its own, whose head comment
 * is its contract. */
#ifndef KC_IR_PASSES_RUNS_H
#define KC_IR_PASSES_RUNS_H

#include "ir/passes/pass.h"

#define PASS(kind, name, function, requires, establishes, breaks, description)                     \
    void function(PassContext *pass, IrModule *module);
#include "ir/passes/passes.def"
#undef PASS

#endif
