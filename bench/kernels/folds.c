#include <stdint.h>

float sum_plain(int64_t n, const float *restrict b) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += b[i];
    return s;
}

float sum_where(int64_t n, const float *restrict b, const float *restrict c) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) s += b[i] * c[i];
    }
    return s;
}

float sum_two(int64_t n, const float *restrict b) {
    float s = 0, t = 0;
    for (int64_t i = 0; i < n; i++) {
        s += b[i];
        t += b[i] * b[i];
    }
    return s + t;
}

float sum_strided(int64_t n, const float *restrict b) {
    float s = 0;
    for (int64_t i = 0; i < n; i += 3) s += b[i];
    return s;
}

float sum_backwards(int64_t n, const float *restrict b, const float *restrict c) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += b[n - 1 - i] * c[i];
    return s;
}

float product(int64_t n, const float *restrict b) {
    float s = 1;
    for (int64_t i = 0; i < n; i++) s *= 1.0f + b[i] * 0.0001f;
    return s;
}

float maximum(int64_t n, const float *restrict b) {
    float s = b[0];
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > s) s = b[i];
    }
    return s;
}

float min_and_max(int64_t n, const float *restrict b) {
    float s = b[0], t = b[0];
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > s) s = b[i];
        if (b[i] < t) t = b[i];
    }
    return s - t;
}

float position_of_max(int64_t n, const float *restrict b) {
    float s = b[0];
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > s) {
            s = b[i];
            at = i;
        }
    }
    return (float)at;
}

float position_of_abs(int64_t n, const float *restrict b) {
    float s = __builtin_fabsf(b[0]);
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
        if (__builtin_fabsf(b[i]) > s) {
            s = __builtin_fabsf(b[i]);
            at = i;
        }
    }
    return (float)at;
}

float count_where(int64_t n, const float *restrict b, const float *restrict c) {
    int64_t s = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f && c[i] > 0.0f) s++;
    }
    return (float)s;
}

float first_above(int64_t n, const float *restrict b) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.999999f) return (float)i;
    }
    return -1.0f;
}

float all_equal(int64_t n, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] != b[n - 1 - i] && c[i] > 2.0f) return 0.0f;
    }
    return 1.0f;
}

float integer_sum(int64_t n, const int32_t *restrict k) {
    uint32_t s = 0;
    for (int64_t i = 0; i < n; i++) s += (uint32_t)k[i] * (uint32_t)k[i];
    return (float)(int32_t)(s & 65535);
}

float xor_all(int64_t n, const int32_t *restrict k) {
    int32_t s = 0;
    for (int64_t i = 0; i < n; i++) s ^= k[i];
    return (float)s;
}

float dot_indirect(int64_t n, const float *restrict b, const float *restrict c, const int32_t *restrict k) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += b[i] * c[k[i]];
    return s;
}

float declared_sum(int64_t n, const float *restrict b) { return sum_plain(n, b); }

float declared_where(int64_t n, const float *restrict b, const float *restrict c) { return sum_where(n, b, c); }

float guarded_sum(int64_t n, const float *restrict b, const float *restrict c) { return sum_where(n, b, c); }

float guarded_maximum(int64_t n, const float *restrict b, const float *restrict c) {
    float s = -2;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.0f) s = s > c[i] ? s : c[i];
    }
    return s;
}

float drawdown(int64_t n, const float *restrict b) {
    float top = 0, worst = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > top) top = b[i];
        float fall = top - b[i];
        if (fall > worst) worst = fall;
    }
    return worst;
}

float declared_two(int64_t n, const float *restrict b) { return sum_two(n, b); }

float declared_strided(int64_t n, const float *restrict b) { return sum_strided(n, b); }

float declared_backwards(int64_t n, const float *restrict b, const float *restrict c) {
    return sum_backwards(n, b, c);
}

float declared_product(int64_t n, const float *restrict b) { return product(n, b); }

float declared_indirect(int64_t n, const float *restrict b, const float *restrict c, const int32_t *restrict k) {
    return dot_indirect(n, b, c, k);
}
