#include <math.h>
#include <stdint.h>

static float four(float x, float a, float b, float c, float d) { return ((x * a + b) * x - c) * d; }

void chain1(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * 1.5f;
}

void chain2(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * 1.5f + 0.5f;
}

void chain3(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] * 1.5f + 0.5f) * x[i];
}

void chain4(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = four(x[i], 1.5f, 0.5f, 0.25f, 0.75f);
}

void chain6(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = four(x[i], 1.5f, 0.5f, 0.25f, 0.75f) * 1.25f + 0.125f;
}

void chain8(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        float a = four(x[i], 1.5f, 0.5f, 0.25f, 0.75f);
        y[i] = four(a, 1.25f, 0.125f, 0.5f, 0.5f);
    }
}

void chain12(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        float a = four(x[i], 1.5f, 0.5f, 0.25f, 0.75f);
        float b = four(a, 1.25f, 0.125f, 0.5f, 0.5f);
        y[i] = four(b, 1.75f, 0.375f, 0.125f, 0.25f);
    }
}

void saxpy(int64_t n, float a, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}

void blend(int64_t n, const float *restrict t, const float *restrict a, const float *restrict b, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = a[i] + t[i] * (b[i] - a[i]);
}

void rectified(int64_t n, const float *restrict x, const float *restrict b, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        float t = x[i] * 0.5f + b[i];
        y[i] = t > 0 ? t : 0;
    }
}

void rooted(int64_t n, const double *restrict x, double *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = sqrt(x[i] * x[i] + 1.0) / (fabs(x[i]) + 2.0);
}
