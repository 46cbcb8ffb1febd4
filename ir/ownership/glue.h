/* Glue: what it takes to end a value, or to copy it with all that it owns. Code for small types stands
 * where it is needed; that of the others is a function, made once for each type: `drop.Name`,
 * `copy.Name`. Lists may hold what holds such lists, so that glue can call itself.
 *
 * The types are those of stage OWNED, the operations those of stage TENSOR. The memo of functions is the
 * caller's arena. */
#ifndef KC_IR_OWNERSHIP_GLUE_H
#define KC_IR_OWNERSHIP_GLUE_H

#include "ir/ir.h"

typedef struct Glue {
    IrModule *module;
    Arena *arena;
    uint32_t len;            /* types below have their slots */
    IrFn **drops, **copies;  /* by type id; NULL: not made yet */
} Glue;

Glue glue_create(Arena *arena, IrModule *module);
/* Ends the value, which is used no more: fields from the last to the first, elements likewise. */
void glue_drop(Glue *glue, Builder *b, Value *value);
/* Another value of the type, with memory of its own. */
Value *glue_copy(Glue *glue, Builder *b, Value *value);

#endif
