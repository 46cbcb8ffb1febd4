/* What the files of the IR share with one another: raw creation of values and regions, the rule
 * that gives an op's result type from its operands, and names as text. All memory is the module's
 * arena. */
#ifndef KC_IR_VALUE_H
#define KC_IR_VALUE_H

#include "ir/ir.h"

Value *value_create(IrFn *fn, const IrType *type, Name name);
Region *region_create(IrFn *fn, Op *parent);

/* The type of the one result of an op of this kind on these operands, where they tell it (and where
 * they have a type that such an op takes at all); NULL otherwise. */
const IrType *op_result_type(IrModule *m, OpKind kind, Value *const *operands, uint32_t count);

/* A name as the text form spells it: bare when it reads back as one word, quoted otherwise. */
void ir_name_print(const Context *cx, Name name, StrBuf *out);
void ir_quoted_print(const char *bytes, size_t length, StrBuf *out);

#endif
