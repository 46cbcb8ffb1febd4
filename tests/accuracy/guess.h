/* The functions over arrays, in double, by libmvec: within four units of double, special values
 * without promise. */
#ifndef KC_TESTS_GUESS_H
#define KC_TESTS_GUESS_H

#include <stdint.h>

#define ONE(name, narrow, wide) void guess_##name(int64_t n, const float *x, double *y);
#define TWO(name, narrow, wide)
#include "functions.def"

#endif
