/* What becomes of each window value (a view, a ref of an element): whether memory is touched
 * through it at all (asking for its size does not), whether it is written through, which call takes
 * it. */
#ifndef KC_IR_OWNERSHIP_WINDOW_USES_H
#define KC_IR_OWNERSHIP_WINDOW_USES_H

#include "ir/ir.h"

typedef struct WindowUse {
    bool is_touched, is_written;
    Op *call;   /* the CALL that takes it, or a window made from it */
    Op *narrow; /* the one SLICE, ITEM, LOAD, STORE or FIELD that it is used by; NULL: none, or
                   several */
    bool is_several;
} WindowUse;

/* By value id. */
WindowUse *window_uses_find(Arena *arena, const IrFn *fn);

#endif
