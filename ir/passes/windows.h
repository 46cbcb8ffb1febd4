/* Windows looked through: an element of a slice is an element of what it is a slice of. */
#ifndef KC_IR_PASSES_WINDOWS_H
#define KC_IR_PASSES_WINDOWS_H

#include "ir/ir.h"

/* Turns indices of a slice into those of what it is a slice of; room for 8. */
void indices_through(Builder *b, const Op *slice, Value **indices);

#endif
