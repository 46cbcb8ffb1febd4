#include <stdint.h>

void column_sums(int64_t h, int64_t w, const float *restrict m, float *restrict s) {
    for (int64_t j = 0; j < w; j++) {
        float t = 0;
        for (int64_t i = 0; i < h; i++) t += m[i * w + j];
        s[j] = t;
    }
}

void row_sums(int64_t h, int64_t w, const float *restrict m, float *restrict t) {
    for (int64_t i = 0; i < h; i++) {
        float s = 0;
        for (int64_t j = 0; j < w; j++) s += m[i * w + j];
        t[i] = s;
    }
}

void transposed(int64_t h, int64_t w, const float *restrict m, float *restrict r) {
    for (int64_t i = 0; i < w; i++) {
        for (int64_t j = 0; j < h; j++) r[i * h + j] = m[j * w + i];
    }
}

void matrix_vector(int64_t h, int64_t w, const float *restrict m, const float *restrict v, float *restrict t) {
    for (int64_t i = 0; i < h; i++) {
        t[i] = 0;
        for (int64_t j = 0; j < w; j++) t[i] += m[i * w + j] * v[j];
    }
}

void vector_matrix(int64_t h, int64_t w, const float *restrict m, const float *restrict u, float *restrict s) {
    for (int64_t j = 0; j < w; j++) {
        s[j] = 0;
        for (int64_t i = 0; i < h; i++) s[j] += u[i] * m[i * w + j];
    }
}

void from_above(int64_t h, int64_t w, const float *restrict m, float *restrict g) {
    for (int64_t i = 1; i < h; i++) {
        for (int64_t j = 0; j < w; j++) g[i * w + j] = g[(i - 1) * w + j] * 0.5f + m[i * w + j];
    }
}

void from_left(int64_t h, int64_t w, const float *restrict m, float *restrict g) {
    for (int64_t i = 0; i < h; i++) {
        for (int64_t j = 1; j < w; j++) g[i * w + j] = g[i * w + j - 1] * 0.5f + m[i * w + j];
    }
}

void below_diagonal(int64_t h, int64_t w, const float *restrict m, float *restrict g) {
    for (int64_t i = 0; i < h; i++) {
        for (int64_t j = 0; j < i; j++) g[i * w + j] = m[i * w + j] * 2.0f;
    }
}

void diagonal(int64_t h, int64_t w, const float *restrict m, float *restrict t) {
    for (int64_t i = 0; i < h; i++) t[i] = m[i * w + i] * 2.0f;
}

void small_inner(int64_t n, const float *restrict m, const float *restrict v, float *restrict t) {
    for (int64_t i = 0; i < n; i++) {
        float s = 0;
        for (int64_t j = 0; j < 4; j++) s += m[i * 4 + j] * v[j];
        t[i] = s;
    }
}

void largest_of_rows(int64_t h, int64_t w, const float *restrict m, float *restrict t) {
    for (int64_t i = 0; i < h; i++) {
        float s = m[i * w];
        for (int64_t j = 0; j < w; j++) s = s > m[i * w + j] ? s : m[i * w + j];
        t[i] = s;
    }
}

void declared_rows(int64_t h, int64_t w, const float *restrict m, float *restrict t) { row_sums(h, w, m, t); }

void declared_product_of_rows(int64_t h, int64_t w, const float *restrict m, const float *restrict v,
                              float *restrict t) {
    matrix_vector(h, w, m, v, t);
}
