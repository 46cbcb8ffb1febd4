#include <stdint.h>

void where_positive(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) a[i] = b[i] * c[i];
    }
}

void either_or(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) a[i] = b[i] * c[i];
        else a[i] = b[i] - c[i];
    }
}

void three_ways(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.5f) a[i] = 1.0f;
        else if (b[i] > -0.5f) a[i] = b[i];
        else a[i] = -1.0f;
    }
}

void nested_ifs(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) {
            if (c[i] > 0.0f) a[i] += b[i] * c[i];
            a[i] *= 0.5f;
        }
    }
}

void skips(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] < 0.0f) continue;
        a[i] = c[i] + b[i] * 2.0f;
    }
}

void conditional_scalar(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    float t = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) t = c[i];
        else t = b[i];
        a[i] = t * 2.0f;
    }
}

void last_seen(int64_t n, float *restrict a, const float *restrict b) {
    float t = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) t = b[i];
        a[i] = t;
    }
}

void small_while(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n; i++) {
        float x = __builtin_fabsf(b[i]) * 100.0f;
        while (x > 1.0f) x = x * 0.5f;
        a[i] = x;
    }
}

void clamp(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n; i++) {
        float t = b[i] > -0.25f ? b[i] : -0.25f;
        a[i] = t < 0.25f ? t : 0.25f;
    }
}

void integer_mix(int64_t n, float *restrict a, const float *restrict b, const int32_t *restrict k) {
    for (int64_t i = 0; i < n; i++) {
        if ((k[i] & 3) == 1) a[i] = b[i] + 1.0f;
        else a[i] = (float)k[i];
    }
}

int32_t may_raise(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] < -2.0f) return 1;
        a[i] = __builtin_sqrtf(b[i] + 2.0f);
    }
    return 0;
}
