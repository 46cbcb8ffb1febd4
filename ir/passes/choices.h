/* What follows once a condition of a copied body is known: the ifs, selects and conditions made of it. */
#ifndef KC_IR_PASSES_CHOICES_H
#define KC_IR_PASSES_CHOICES_H

#include "ir/passes/cloner.h"

/* Applies the renames to the body, and takes the ways that are known then, until there is none left. */
void choices_settle(Renames *renames, Region *body);

#endif
