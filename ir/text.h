/* The IR as text (.kir): prints and reads back without loss, spans included when asked for. */
#ifndef KC_IR_TEXT_H
#define KC_IR_TEXT_H

#include "ir/ir.h"

void ir_print_module(const IrModule *module, StrBuf *out);
/* The same with ` loc file:start:end` after everything that has a place in a source. */
void ir_print_module_spans(const IrModule *module, StrBuf *out);
void ir_print_fn(const IrFn *fn, StrBuf *out);
/* One op on one line, without its regions. It must be in a function. */
void ir_print_op(const Op *op, StrBuf *out);
/* Without `loc`s, spans are the places in the text itself. NULL after errors, which are in the
 * context (K0601). */
IrModule *ir_read_module(Context *cx, const Source *source);

#endif
