#include "ir/passes/forms.h"

Value *form_build(Builder *b, const Affine *form) {
    Value *sum = build_i64(b, form->constant);
    for (uint32_t i = 0; i < form->count; i++) {
        Value *number = build_cast(b, (Value *)form->terms[i].value, ir_i64(b->fn->module)); /* forms look through widening */
        Value *term = build_binary(b, OP_MUL, number, build_i64(b, form->terms[i].factor));
        sum = build_binary(b, OP_ADD, sum, term);
    }
    return sum;
}
