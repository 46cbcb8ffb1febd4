/* Ast and what sema found out about it, to the IR. Knows no errors: a program that sema accepts
 * lowers. */
#ifndef KC_IR_LOWER_LOWER_H
#define KC_IR_LOWER_LOWER_H

#include "ir/ir.h"
#include "ir/options.h"
#include "sema/checked.h"

/* The module is in stage OWNED (ir/ownership/ownership.h). The main file names it. Every checked function of
 * the user's modules is lowered, so that all are checked for ownership; of the standard library those that
 * are reached. Extern functions become declarations. */
IrModule *lower_program(Context *cx, const Checked *checked, const IrOptions *options);

#endif
