#include <stdint.h>

void reverse_copy(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n; i++) a[i] = b[n - 1 - i] + 1.0f;
}

void reverse_both(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = n - 1; i >= 0; i--) a[i] = b[i] * c[i];
}

void reverse_in_place(int64_t n, float *restrict a) {
    for (int64_t i = 0; i < n / 2; i++) {
        float t = a[i];
        a[i] = a[n - 1 - i];
        a[n - 1 - i] = t;
    }
}

void every_second(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n; i += 2) a[i] = b[i] * 2.0f;
}

void every_fourth(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n / 4; i++) a[i] = b[4 * i] + 1.0f;
}

void pairs(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n / 2; i++) {
        a[2 * i] = b[2 * i] * c[2 * i] - b[2 * i + 1] * c[2 * i + 1];
        a[2 * i + 1] = b[2 * i] * c[2 * i + 1] + b[2 * i + 1] * c[2 * i];
    }
}

void triples(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n / 3; i++) a[i] = 0.3f * b[3 * i] + 0.59f * b[3 * i + 1] + 0.11f * b[3 * i + 2];
}

void interleave(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n / 2; i++) {
        a[2 * i] = b[i];
        a[2 * i + 1] = c[i];
    }
}

void deinterleave(int64_t n, float *restrict a, const float *restrict b, float *restrict d) {
    for (int64_t i = 0; i < n / 2; i++) {
        a[i] = b[2 * i];
        d[i] = b[2 * i + 1];
    }
}

void by_hand_unrolled(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n - 4; i += 5) {
        a[i] += b[i] * 0.5f;
        a[i + 1] += b[i + 1] * 0.5f;
        a[i + 2] += b[i + 2] * 0.5f;
        a[i + 3] += b[i + 3] * 0.5f;
        a[i + 4] += b[i + 4] * 0.5f;
    }
}

void by_step(int64_t n, float *restrict a, const float *restrict b, int64_t m) {
    for (int64_t i = 0; i < n / m; i++) a[i] = b[i * m] + 1.0f;
}

void second_counter(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    int64_t j = 0;
    for (int64_t i = 0; i < n / 2; i++) {
        a[i] = b[j] + c[j + 1];
        j += 2;
    }
}

void red_black(int64_t h, int64_t w, float *restrict m, const float *restrict f) {
    for (int64_t colour = 0; colour < 2; colour++)
        for (int64_t i = 1; i < h - 1; i++)
            for (int64_t j = 1 + (i + colour) % 2; j < w - 1; j += 2)
                m[i * w + j] = 0.25f * (m[i * w + j - 1] + m[i * w + j + 1] + m[(i - 1) * w + j] + m[(i + 1) * w + j] - f[i * w + j]);
}
