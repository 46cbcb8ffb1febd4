/* The small float formats, bit by bit: IEEE binary16 and bfloat16. Rounding is to nearest, ties to
 * even; NaNs stay NaNs (quiet). Used by constant folding and by the interpreter, which hold every
 * float as raw bits. */
#ifndef KC_SUPPORT_FLOATS_H
#define KC_SUPPORT_FLOATS_H

#include "support/base.h"

uint16_t f16_from_f64(double x); /* one rounding, straight from f64 */
double f64_from_f16(uint16_t bits);
uint16_t bf16_from_f64(double x);
double f64_from_bf16(uint16_t bits);

uint32_t bits_of_f32(float x);
float f32_of_bits(uint32_t bits);
uint64_t bits_of_f64(double x);
double f64_of_bits(uint64_t bits);

#endif
