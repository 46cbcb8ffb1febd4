#include <math.h>
#include <stdint.h>

void at_distance(int64_t n, float *restrict a, const float *restrict b, int64_t m) {
    for (int64_t i = m; i < n; i++) a[i] = a[i - m] + b[i];
}

void ahead_by(int64_t n, float *restrict a, const float *restrict b, int64_t m) {
    for (int64_t i = 0; i < n - m; i++) a[i] = a[i + m] + b[i];
}

void behind3(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 3; i < n; i++) a[i] = a[i - 3] + b[i];
}

void mirrored(int64_t n, float *restrict a, const float *restrict b) {
    for (int64_t i = 0; i < n; i++) a[i] = a[n - 1 - i] + b[i];
}

void first_is_special(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n; i++) {
        if (i == 0) a[i] = b[i];
        else a[i] = b[i] + c[i - 1];
    }
}

void two_ranges(int64_t n, float *restrict a, const float *restrict b, const float *restrict c, int64_t m) {
    for (int64_t i = 0; i < n; i++) {
        if (i < m) a[i] = b[i] * 2.0f;
        else a[i] = c[i] + 1.0f;
    }
}

void half_serial(int64_t n, float *restrict a, const float *restrict b, const float *restrict c, float *restrict d) {
    for (int64_t i = 1; i < n; i++) {
        a[i] = a[i - 1] * 0.5f + b[i];
        d[i] = b[i] * c[i] + b[i] / (c[i] * c[i] + 1.0f);
    }
}

void read_before_written(int64_t n, float *restrict a, const float *restrict b, const float *restrict c,
                         float *restrict d) {
    for (int64_t i = 1; i < n - 1; i++) {
        a[i] = d[i - 1] + c[i];
        d[i] = b[i] + a[i + 1];
    }
}

void alternating(int64_t n, float *restrict a, const float *restrict b) {
    float sign = 1;
    for (int64_t i = 0; i < n; i++) {
        a[i] = b[i] * sign;
        sign = -sign;
    }
}

void powers(int64_t n, float *restrict a, const float *restrict b) {
    float t = 1;
    for (int64_t i = 0; i < n; i++) {
        a[i] = b[i] * t;
        t *= 0.999f;
    }
}

void triangle_index(int64_t n, float *restrict a, const float *restrict b) {
    int64_t j = 0;
    (void)n;
    for (int64_t i = 0; i < 90; i++) {
        a[i] = b[j];
        j += i;
    }
}

void counter_of_some(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    int64_t j = -1;
    for (int64_t i = 0; i < n / 2; i++) {
        if (b[i] > 0) {
            j++;
            a[j] = b[i];
        } else {
            j++;
            a[j] = c[i];
        }
    }
}

void wrapped_by_modulo(int64_t n, float *restrict a, const float *restrict b, int64_t m) {
    for (int64_t i = 0; i < n; i++) a[i] = b[(i + m) % n] + 1.0f;
}

int64_t positions_where(int64_t n, int32_t *restrict k, const float *restrict b) {
    int64_t j = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0) k[j++] = (int32_t)i;
    }
    return j;
}

void pack_two(int64_t n, float *restrict a, float *restrict d, const float *restrict b, const float *restrict c) {
    int64_t j = 0, m = 0;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0) a[j++] = c[i];
        else d[m++] = c[i];
    }
}

void until_negative(int64_t n, float *restrict a, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n; i++) {
        if (b[i] < -0.9999f) break;
        a[i] = b[i] + c[i];
    }
}

int64_t last_position(int64_t n, const float *restrict b) {
    int64_t at = -1;
    for (int64_t i = 0; i < n; i++) {
        if (b[i] > 0.999f) at = i;
    }
    return at;
}

int64_t first_difference(int64_t n, const float *restrict b, const float *restrict c) {
    for (int64_t i = 0; i < n; i++) {
        if (fabsf(b[i] - c[i]) > 1.999f) return i;
    }
    return n;
}
