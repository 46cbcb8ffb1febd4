/* One number in the format of one type: what consts.c needs of each scalar. Pure functions. */
#ifndef KC_SEMA_CONST_ROUND_H
#define KC_SEMA_CONST_ROUND_H

#include "sema/check.h"

/* Two's complement in the scalar's width. */
Int128 int_wrapped(Int128 value, Scalar scalar);
/* Truncates and saturates; NaN gives 0. */
Int128 int_of_float(double value, Scalar scalar);
/* To nearest, ties to even, in one step from what is given. */
double float_rounded(double value, Scalar scalar);
double float_of_int(Int128 value, Scalar scalar);
double float_of_text(const char *text, Scalar scalar);

#endif
