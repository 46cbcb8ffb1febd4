/* The IR as text (.kir): prints and reads back without loss, spans included when asked for. */
#ifndef KC_IR_TEXT_H
#define KC_IR_TEXT_H

#include "ir/ir.h"

void ir_print_module(const IrModule *module, StrBuf *out);
void ir_print_fn(const IrFn *fn, StrBuf *out);
/* NULL after errors, which are in the context (K0601). */
IrModule *ir_read_module(Context *cx, const Source *source);

#endif
