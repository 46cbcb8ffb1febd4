#include "ir/passes/windows.h"

/* offset + index * step */
static Value *index_in_base(Builder *b, Value *offset, Value *index, Value *step) {
    int64_t number;
    if (!value_is_int(step, &number) || number != 1) index = build_binary(b, OP_MUL, index, step);
    bool at_start = value_is_int(offset, &number) && number == 0;
    return at_start ? index : build_binary(b, OP_ADD, offset, index);
}

void indices_through(Builder *b, const Op *slice, Value **indices) {
    Value *inner[8];
    uint32_t rank = slice->operands[0]->type->rank, next = 0;
    for (uint32_t d = 0; d < rank; d++) {
        Value *const *range = &slice->operands[1 + 3 * d];
        bool is_dropped = slice->attr.mask >> d & 1;
        inner[d] = is_dropped ? range[0] : index_in_base(b, range[0], indices[next++], range[2]);
    }
    for (uint32_t d = 0; d < rank; d++) indices[d] = inner[d];
}
