#include <stdint.h>

float total(int64_t n, const float *x) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i];
    return s;
}

float dot(int64_t n, const float *x, const float *y) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

float norm2(int64_t n, const float *x) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i] * x[i];
    return s;
}

float largest(int64_t n, const float *x) {
    float m = x[0];
    for (int64_t i = 1; i < n; i++) m = x[i] > m ? x[i] : m;
    return m;
}

int64_t position(int64_t n, const float *x) {
    int64_t at = 0;
    for (int64_t i = 1; i < n; i++) at = x[i] > x[at] ? i : at;
    return at;
}

int32_t itotal(int64_t n, const int32_t *k) {
    uint32_t s = 0;
    for (int64_t i = 0; i < n; i++) s += (uint32_t)k[i];
    return (int32_t)s;
}
