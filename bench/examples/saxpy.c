/* What examples/saxpy.k says, in C: the competitor in bench/compile_time.py. */
#include <stdint.h>

void saxpy(int64_t n, float a, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}
