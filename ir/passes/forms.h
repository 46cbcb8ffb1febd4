/* Affine forms as code. */
#ifndef KC_IR_PASSES_FORMS_H
#define KC_IR_PASSES_FORMS_H

#include "ir/analysis/affine.h"

/* The number that the form is, where all its values are known. */
Value *form_build(Builder *b, const Affine *form);

#endif
