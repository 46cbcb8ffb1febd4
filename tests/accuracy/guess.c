/* See guess.h. Compiled with -O3 -ffast-math, so that gcc takes the functions from libmvec. */
#include "guess.h"

#include <math.h>

static double guess_one_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }
static double guess_one_rsqrt(double x) { return 1.0 / sqrt(x); }
#define sigmoid guess_one_sigmoid
#define rsqrt guess_one_rsqrt

#define ONE(name, narrow, wide)                                                                    \
    void guess_##name(int64_t n, const float *x, double *y) {                                      \
        for (int64_t i = 0; i < n; i++) y[i] = name((double)x[i]);                                 \
    }
#define TWO(name, narrow, wide)
#include "functions.def"
