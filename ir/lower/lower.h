/* Ast and what sema found out about it, to the IR. Knows no errors: a program that sema accepts
 * lowers. */
#ifndef KC_IR_LOWER_LOWER_H
#define KC_IR_LOWER_LOWER_H

#include "ir/ir.h"
#include "ir/options.h"
#include "sema/checked.h"

/* `main` names the module. Every checked function that is exported, is main(), or is reachable from
 * one of these is lowered; extern functions become declarations. */
IrModule *lower_program(Context *cx, const Checked *checked, const IrOptions *options);

#endif
