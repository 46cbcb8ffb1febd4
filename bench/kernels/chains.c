#include <stdint.h>

static float four(float x, float a, float b, float c, float d) { return ((x * a + b) * x - c) * d; }

void chain1(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * 1.5f;
}

void chain4(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = four(x[i], 1.5f, 0.5f, 0.25f, 0.75f);
}

void chain12(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        float a = four(x[i], 1.5f, 0.5f, 0.25f, 0.75f);
        float b = four(a, 1.25f, 0.125f, 0.5f, 0.5f);
        y[i] = four(b, 1.75f, 0.375f, 0.125f, 0.25f);
    }
}
