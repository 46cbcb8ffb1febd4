/* What examples/gelu.k says, in C: the competitor in bench/compile_time.py. */
#include <math.h>
#include <stdint.h>

void gelu(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        float t = tanhf(0.79788456f * (x[i] + 0.044715f * x[i] * x[i] * x[i]));
        y[i] = 0.5f * x[i] * (1.0f + t);
    }
}
