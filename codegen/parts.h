/* Inside codegen: how a module falls into parts that are compiled at the same time.
 *
 * Functions that call each other stay together, so that LLVM sees what it saw before. The number of
 * parts depends on the program and on how many variants it has, never on the machine: the same command gives the same
 * bytes. */
#ifndef KC_CODEGEN_PARTS_H
#define KC_CODEGEN_PARTS_H

#include "ir/ir.h"

typedef struct Parts {
    uint32_t count;
    uint32_t *of;  /* the part of each function, by id */
    uint32_t *ops; /* what each part costs: as many ops of functions that LLVM has little to do for */
} Parts;

/* `modules` of the same program are compiled at the same time. */
void parts_find(const IrModule *module, uint32_t modules, Arena *arena, Parts *parts);

#endif
