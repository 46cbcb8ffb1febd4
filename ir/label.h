/* What the text form calls each value of a function: `%x`, `%x.1` for the second x, `%0` for the
 * first value without a name. Labels count in the order of the text, so they do not depend on ids.
 * The arena given to labels_of_fn holds them. */
#ifndef KC_IR_LABEL_H
#define KC_IR_LABEL_H

#include "ir/ir.h"

typedef struct Labels {
    const Context *cx;
    uint32_t *numbers; /* by value id; NO_LABEL for values that nothing in the function defines */
    uint32_t count;
} Labels;

#define NO_LABEL UINT32_MAX

Labels labels_of_fn(Arena *arena, const IrFn *fn);
void label_print(const Labels *labels, const Value *value, StrBuf *out);

#endif
