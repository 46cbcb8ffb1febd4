#include <stdint.h>

void gather(int64_t n, float *restrict a, const float *restrict b, const int32_t *restrict k) {
    for (int64_t i = 0; i < n; i++) a[i] = b[k[i]] * 2.0f;
}

void gather_two(int64_t n, float *restrict a, const float *restrict b, const float *restrict c, const int32_t *restrict k) {
    for (int64_t i = 0; i < n; i++) a[i] = b[k[i]] + c[k[i]];
}

void gather_where(int64_t n, float *restrict a, const float *restrict b, const float *restrict c, const int32_t *restrict k) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) a[i] = c[k[i]];
    }
}

void scatter(int64_t n, float *restrict a, const float *restrict b, const int32_t *restrict k) {
    for (int64_t i = 0; i < n; i++) a[k[i]] = b[i];
}

void histogram(int64_t n, float *restrict a, const int32_t *restrict k) {
    for (int64_t i = 0; i < n; i++) a[k[i] & 255] += 1.0f;
}

void pack(int64_t n, float *restrict a, const float *restrict b) {
    int64_t j = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) a[j++] = b[i];
    }
}

void unpack(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    int64_t j = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) a[i] = c[j++];
    }
}

void wrap_around(int64_t n, float *restrict a, const float *restrict b) {
    int64_t j = 0;
    for (int64_t i = 0; i < n; i++) {
        a[i] = b[j];
        j += 3;
        if (j >= n) j -= n;
    }
}

void repeated(int64_t n, float *restrict a, const float *restrict b, int64_t m) {
    for (int64_t i = 0; i < n; i++) a[i] = b[i % m] * 2.0f;
}
