/* What the files of the erasure share: it ends stage OWNED. First each operation on what is owned becomes
 * what it does to memory (erase.c, with glue.c for whole values), then the types forget who owns
 * (erase_types.c). Scratch memory is `arena`. */
#ifndef KC_IR_OWNERSHIP_ERASE_H
#define KC_IR_OWNERSHIP_ERASE_H

#include "ir/ir.h"

typedef enum TypeErasure {
    ERASE_TASKS,  /* a task is what it gives: it has run when it is there */
    ERASE_TENSORS /* a tensor is a view; structs have no `__del__` */
} TypeErasure;

/* Of all that the module holds. Structs keep their identity: their fields change in place. */
void types_erase(Arena *arena, IrModule *module, TypeErasure what);

#endif
