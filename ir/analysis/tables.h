/* Tables: arrays of a known, small size that a loop only reads. Where instructions look up lanes of registers, such an
 * array can be in registers, and a gather from it is a lookup. */
#ifndef KC_IR_ANALYSIS_TABLES_H
#define KC_IR_ANALYSIS_TABLES_H

#include "ir/analysis/memory.h"
#include "ir/options.h"

typedef struct Table {
    const Value *view;
    uint32_t count; /* of elements */
    Scalar scalar;  /* of what is in registers: an element, or the byte that it fits into */
    uint32_t steps; /* instructions that look up a register of elements, besides those that choose between them */
} Table;

/* Looking up elements in registers, as they are, takes less time than loading them one by one. `index` is an index
 * as it is used, or a vector of such. */
bool table_fits(const IrOptions *options, const Value *view, const Value *index, Table *table);
/* As bytes, if all of them are between 0 and 255. */
bool table_fits_packed(const IrOptions *options, const Value *view, const Value *index, Table *table);
/* Its elements are the same before the loop and in it. */
bool table_stays(const Memory *memory, const unsigned *effects, const Value *view, Op *loop);
/* The index before it was made wider, which no index of an element needs. */
Value *table_index(const Value *index);

#endif
