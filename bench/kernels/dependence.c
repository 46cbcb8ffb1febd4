#include <stdint.h>

void ahead1(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n - 1; i++) a[i] = a[i + 1] + b[i];
}

void behind4(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 4; i < n; i++) a[i] = a[i - 4] + b[i];
}

void behind16(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 16; i < n; i++) a[i] = a[i - 16] * 0.5f + b[i];
}

void behind24(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 24; i < n; i++) a[i] = a[i - 24] * 0.5f + b[i];
}

void halves(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n / 2; i++) a[i] = a[i + n / 2] + b[i];
}

void odd_even(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n / 2; i++) a[2 * i] = a[2 * i + 1] * b[i];
}

void two_statements(int64_t n, float *restrict a, const float *restrict b, const float *restrict c, float *restrict d) {
    for (int64_t i = 0; i < n - 1; i++) {
        a[i] = b[i] + c[i];
        d[i] = a[i] * a[i + 1];
    }
}

void rotate_names(int64_t n, float *restrict a, const float *restrict b) {
    float last = b[n - 1];
    for (int64_t i = 0; i < n; i++) {
        a[i] = (b[i] + last) * 0.5f;
        last = b[i];
    }
}

void rotate_twice(int64_t n, float *restrict a, const float *restrict b) {
    float x = b[n - 1], y = b[n - 2];
    for (int64_t i = 0; i < n; i++) {
        a[i] = (b[i] + x + y) * 0.333f;
        y = x;
        x = b[i];
    }
}

void recurrence(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 1; i < n; i++) a[i] = a[i - 1] * b[i] + c[i];
}

void prefix_sum(int64_t n, float *restrict a, const float *restrict b) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) {
        s += b[i];
        a[i] = s;
    }
}

void prefix_max(int64_t n, float *restrict a, const float *restrict b) {
    float s = b[0];
    for (int64_t i = 0; i < n; i++) {
        s = s > b[i] ? s : b[i];
        a[i] = s;
    }
}

void scaled_prefix(int64_t n, float *restrict a, const float *restrict b) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) {
        s = s * 0.5f + b[i];
        a[i] = s;
    }
}
