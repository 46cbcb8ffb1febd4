/* Ways out of a region from its middle become structure: `if c: leave` followed by more becomes if/else, the rest moving
 * into the other branch; where a loop is left on the way, a flag is set and each loop is broken out of. Then the
 * region is left at its end alone. */
#ifndef KC_IR_PASSES_LEAVE_H
#define KC_IR_PASSES_LEAVE_H

#include "ir/ir.h"

typedef struct Leave {
    const void *owner;
    bool (*leaves)(const void *owner, const Op *op); /* the op is a way out */
    Value *const *results; /* variables: what its operands are */
    Value *flag;           /* variable: it was taken */
} Leave;

uint32_t leaves_below(const Leave *leave, Region *region);
/* None hides inside an expression that gives a value, in the condition of a WHILE or after a loop that came to its
 * end. */
bool leaves_are_simple(const Leave *leave, Region *region);
void leaves_restructure(const Leave *leave, Region *region);

#endif
