/* What a call does with its operands, as the signature says. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_CALL_H
#define KC_IR_OWNERSHIP_PARALLEL_CALL_H

#include "ir/ir.h"

/* The parameter, as the source has it, that operand `index` of a CALL belongs to; NULL for sizes. */
static inline const IrArg *call_arg(const Op *call, uint32_t index) {
    const IrFn *callee = call->attr.callee;
    for (uint32_t i = 0; i < callee->args.len; i++) {
        const IrArg *arg = &callee->args.data[i];
        if (index >= arg->first && index < arg->first + arg->count) return arg;
    }
    return NULL;
}

#endif
