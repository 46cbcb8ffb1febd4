/* What each operation on scalars gives, bit by bit: the one place that knows, shared by the
 * interpreter and by constant folding. Scalars are raw bits in the low end of a word, the rest
 * zero.
 *
 * Integers wrap. Floats round to nearest even; small ones (f16, bf16) are computed in f32, or f64
 * for FMA, and rounded once more, which gives the correctly rounded result. An arithmetic result
 * that is not a number is the same quiet NaN on every machine. */
#ifndef KC_IR_EVAL_H
#define KC_IR_EVAL_H

#include "ir/ir.h"

/* The ops from ADD to SELECT in ops.def. `type` is that of the operands (of SELECT: of the last
 * two); comparisons give a bool. False when `kind` is no such operation on this type. */
bool eval_scalar_op(OpKind kind, Scalar type, const uint64_t *operands, uint64_t *result);
/* The op CAST. */
uint64_t eval_cast(Scalar from, Scalar to, uint64_t bits);

/* An integer or bool as a number. */
Int128 eval_int(Scalar type, uint64_t bits);
/* Any float as f64, exactly. */
double eval_float(Scalar type, uint64_t bits);
/* Bits beyond the type's width cleared. */
uint64_t eval_truncate(Scalar type, uint64_t bits);

/* eval_float.c: the operations on floats, for eval.c. */
bool eval_float_op(OpKind kind, Scalar type, const uint64_t *operands, uint64_t *result);
uint64_t eval_float_of_int(Scalar to, Int128 number);
uint64_t eval_float_of_f64(Scalar to, double number);

#endif
