#include <math.h>
#include <stdbool.h>
#include <stdint.h>

float total(int64_t n, const float *restrict x) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i];
    return s;
}

double total64(int64_t n, const double *restrict x) {
    double s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i];
    return s;
}

float dot(int64_t n, const float *restrict x, const float *restrict y) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

double dot64(int64_t n, const double *restrict x, const double *restrict y) {
    double s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

float norm1(int64_t n, const float *restrict x) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += fabsf(x[i]);
    return s;
}

float norm2(int64_t n, const float *restrict x) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i] * x[i];
    return sqrtf(s);
}

float norm_max(int64_t n, const float *restrict x) {
    float m = 0;
    for (int64_t i = 0; i < n; i++) m = fabsf(x[i]) > m ? fabsf(x[i]) : m;
    return m;
}

float distance2(int64_t n, const float *restrict x, const float *restrict y) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += (x[i] - y[i]) * (x[i] - y[i]);
    return s;
}

float variance(int64_t n, const float *restrict x) {
    float m = total(n, x) / (float)n, s = 0;
    for (int64_t i = 0; i < n; i++) s += (x[i] - m) * (x[i] - m);
    return s / (float)n;
}

float largest(int64_t n, const float *restrict x) {
    float m = x[0];
    for (int64_t i = 1; i < n; i++) m = x[i] > m ? x[i] : m;
    return m;
}

float smallest(int64_t n, const float *restrict x) {
    float m = x[0];
    for (int64_t i = 1; i < n; i++) m = x[i] < m ? x[i] : m;
    return m;
}

float range_of(int64_t n, const float *restrict x) {
    float low = x[0], high = x[0];
    for (int64_t i = 1; i < n; i++) {
        high = x[i] > high ? x[i] : high;
        low = x[i] < low ? x[i] : low;
    }
    return high - low;
}

int64_t position(int64_t n, const float *restrict x) {
    int64_t at = 0;
    float best = x[0];
    for (int64_t i = 1; i < n; i++) {
        if (x[i] > best) {
            best = x[i];
            at = i;
        }
    }
    return at;
}

int64_t position64(int64_t n, const double *restrict x) {
    int64_t at = 0;
    double best = x[0];
    for (int64_t i = 1; i < n; i++) {
        if (x[i] < best) {
            best = x[i];
            at = i;
        }
    }
    return at;
}

int32_t itotal(int64_t n, const int32_t *restrict k) {
    uint32_t s = 0;
    for (int64_t i = 0; i < n; i++) s += (uint32_t)k[i];
    return (int32_t)s;
}

int32_t ilargest(int64_t n, const int32_t *restrict k) {
    int32_t m = k[0];
    for (int64_t i = 1; i < n; i++) m = k[i] > m ? k[i] : m;
    return m;
}

int32_t btotal(int64_t n, const uint8_t *restrict p) {
    int32_t s = 0;
    for (int64_t i = 0; i < n; i++) s += p[i];
    return s;
}

bool any_above(int64_t n, const float *restrict x, float bound) {
    for (int64_t i = 0; i < n; i++) {
        if (x[i] > bound) return true;
    }
    return false;
}

bool all_below(int64_t n, const float *restrict x, float bound) {
    for (int64_t i = 0; i < n; i++) {
        if (!(x[i] < bound)) return false;
    }
    return true;
}

int64_t count_above(int64_t n, const float *restrict x, float bound) {
    int64_t s = 0;
    for (int64_t i = 0; i < n; i++) s += x[i] > bound;
    return s;
}

int64_t find(int64_t n, const int32_t *restrict k, int32_t wanted) {
    for (int64_t i = 0; i < n; i++) {
        if (k[i] == wanted) return i;
    }
    return n;
}

void plain_cumsum(int64_t n, const float *restrict x, float *restrict y) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) {
        s += x[i];
        y[i] = s;
    }
}

void plain_icumsum(int64_t n, const int32_t *restrict k, int32_t *restrict m) {
    uint32_t s = 0;
    for (int64_t i = 0; i < n; i++) {
        s += (uint32_t)k[i];
        m[i] = (int32_t)s;
    }
}

void running_sum(int64_t n, const float *restrict x, float *restrict y) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) {
        s += x[i];
        y[i] = s;
    }
}

void running_product(int64_t n, const double *restrict u, double *restrict w) {
    double p = 1;
    for (int64_t i = 0; i < n; i++) {
        p *= u[i] * 0.01 + 1.0;
        w[i] = p;
    }
}

void running_max(int64_t n, const float *restrict x, float *restrict y) {
    float most = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        if (x[i] > most) most = x[i];
        y[i] = most;
    }
}

void running_min(int64_t n, const int32_t *restrict k, int32_t *restrict m) {
    int32_t least = INT32_MAX;
    for (int64_t i = 0; i < n; i++) {
        if (k[i] < least) least = k[i];
        m[i] = least;
    }
}

float largest_running_sum(int64_t n, const float *restrict x) {
    float s = 0, most = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        s += x[i];
        if (s > most) most = s;
    }
    return most;
}

int64_t compress(int64_t n, const float *restrict x, float *restrict y) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (x[i] > 0) y[count++] = x[i];
    }
    return count;
}

void counts(int64_t n, const uint8_t *restrict p, int32_t *restrict bins) {
    for (int64_t i = 0; i < 256; i++) bins[i] = 0;
    for (int64_t i = 0; i < n; i++) bins[p[i]]++;
}
