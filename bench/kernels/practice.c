#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static inline float least(float a, float b) { return a < b ? a : b; }
static inline float most(float a, float b) { return a > b ? a : b; }
static inline int32_t clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

void colours(int64_t n, const float *restrict m, const float *restrict rgb, float *restrict y) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < 3; c++)
            y[i * 3 + c] = m[c * 3] * rgb[i * 3] + m[c * 3 + 1] * rgb[i * 3 + 1] + m[c * 3 + 2] * rgb[i * 3 + 2];
}

void overlaps(int64_t n, const float *restrict box, const float *restrict boxes, float *restrict y) {
    float area = (box[2] - box[0]) * (box[3] - box[1]);
    for (int64_t i = 0; i < n; i++) {
        const float *b = boxes + i * 4;
        float w = most(least(box[2], b[2]) - most(box[0], b[0]), 0), h = most(least(box[3], b[3]) - most(box[1], b[1]), 0);
        float other = (b[2] - b[0]) * (b[3] - b[1]);
        y[i] = w * h / (area + other - w * h);
    }
}

void root_mean_square(int64_t h, int64_t w, const float *restrict x, const float *restrict scale, float *restrict y) {
    for (int64_t i = 0; i < h; i++) {
        float v = 0;
        for (int64_t j = 0; j < w; j++) v += x[i * w + j] * x[i * w + j];
        float s = 1 / sqrtf(v / (float)w + 1e-6f);
        for (int64_t j = 0; j < w; j++) y[i * w + j] = x[i * w + j] * s * scale[j];
    }
}

float quantised_dot(int64_t h, const int8_t *restrict a, const float *restrict sa, const int8_t *restrict b,
                    const float *restrict sb) {
    float s = 0;
    for (int64_t i = 0; i < h; i++) {
        int32_t t = 0;
        for (int64_t j = 0; j < 32; j++) t += a[i * 32 + j] * b[i * 32 + j];
        s += (float)t * sa[i] * sb[i];
    }
    return s;
}

void yuv_to_rgb(int64_t n, const uint8_t *restrict y, const uint8_t *restrict u, const uint8_t *restrict v,
                uint8_t *restrict rgb) {
    for (int64_t i = 0; i < n; i++) {
        int32_t c = 298 * (y[i] - 16) + 128, d = u[i] - 128, e = v[i] - 128;
        rgb[i * 3] = (uint8_t)clamp((c + 409 * e) >> 8, 0, 255);
        rgb[i * 3 + 1] = (uint8_t)clamp((c - 100 * d - 208 * e) >> 8, 0, 255);
        rgb[i * 3 + 2] = (uint8_t)clamp((c + 516 * d) >> 8, 0, 255);
    }
}

void luma(int64_t n, const uint8_t *restrict rgb, uint8_t *restrict y, uint8_t *restrict u, uint8_t *restrict v) {
    for (int64_t i = 0; i < n; i++) {
        int32_t r = rgb[i * 3], g = rgb[i * 3 + 1], b = rgb[i * 3 + 2];
        y[i] = (uint8_t)(((66 * r + 129 * g + 25 * b + 128) >> 8) + 16);
        u[i] = (uint8_t)(((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128);
        v[i] = (uint8_t)(((112 * r - 94 * g - 18 * b + 128) >> 8) + 128);
    }
}

void moving_maximum(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n - 7; i++) {
        float m = x[i];
        for (int64_t k = 1; k < 8; k++) m = m > x[i + k] ? m : x[i + k];
        y[i] = m;
    }
}

void moving_mean(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n - 7; i++) {
        float s = 0;
        for (int64_t k = 0; k < 8; k++) s += x[i + k];
        y[i] = s * 0.125f;
    }
}

void compose(int64_t n, const uint8_t *restrict s, uint8_t *restrict d) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t a = s[i * 4 + 3];
        for (int64_t c = 0; c < 3; c++)
            d[i * 4 + c] = (uint8_t)((s[i * 4 + c] * a + d[i * 4 + c] * (255 - a) + 127) / 255);
    }
}

void planes(int64_t n, const uint8_t *restrict rgb, const float *restrict mean, const float *restrict scale,
            float *restrict y) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < 3; c++) y[c * n + i] = ((float)rgb[i * 3 + c] - mean[c]) * scale[c];
}

void pool(int64_t h, int64_t w, int64_t h2, int64_t w2, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < h / 2 && i < h2; i++)
        for (int64_t j = 0; j < w / 2 && j < w2; j++) {
            const float *at = x + 2 * i * w + 2 * j;
            y[i * w2 + j] = most(most(at[0], at[1]), most(at[w], at[w + 1]));
        }
}

void shrink(int64_t h, int64_t w, int64_t h2, int64_t w2, const uint8_t *restrict x, uint8_t *restrict y) {
    for (int64_t i = 0; i < h / 2 && i < h2; i++)
        for (int64_t j = 0; j < w / 2 && j < w2; j++) {
            const uint8_t *at = x + 2 * i * w + 2 * j;
            y[i * w2 + j] = (uint8_t)((at[0] + at[1] + at[w] + at[w + 1] + 2) >> 2);
        }
}

void edges(int64_t h, int64_t w, const uint8_t *restrict x, uint8_t *restrict y) {
    for (int64_t i = 1; i < h - 1; i++)
        for (int64_t j = 1; j < w - 1; j++) {
            const uint8_t *p = x + (i - 1) * w + j, *q = p + w, *r = q + w;
            int32_t a = p[1] + 2 * q[1] + r[1] - p[-1] - 2 * q[-1] - r[-1];
            int32_t b = r[-1] + 2 * r[0] + r[1] - p[-1] - 2 * p[0] - p[1];
            int32_t s = abs(a) + abs(b);
            y[i * w + j] = (uint8_t)(s < 255 ? s : 255);
        }
}

void cross(int64_t n, const float *restrict a, const float *restrict b, float *restrict y) {
    for (int64_t i = 0; i < n * 3; i += 3) {
        y[i] = a[i + 1] * b[i + 2] - a[i + 2] * b[i + 1];
        y[i + 1] = a[i + 2] * b[i] - a[i] * b[i + 2];
        y[i + 2] = a[i] * b[i + 1] - a[i + 1] * b[i];
    }
}

int32_t nearest(int64_t n, const float *restrict p, const float *restrict points) {
    float lowest = 1e30f;
    int32_t best = -1;
    for (int64_t i = 0; i < n; i++) {
        float dx = points[i * 3] - p[0], dy = points[i * 3 + 1] - p[1], dz = points[i * 3 + 2] - p[2];
        float d = dx * dx + dy * dy + dz * dz;
        if (d < lowest) {
            lowest = d;
            best = (int32_t)i;
        }
    }
    return best;
}

void nibbles(int64_t n, const float *restrict x, float scale, uint8_t *restrict q) {
    for (int64_t i = 0; i < n; i++) {
        int32_t low = clamp((int32_t)(x[i * 2] * scale + 8.5f), 0, 15), high = clamp((int32_t)(x[i * 2 + 1] * scale + 8.5f), 0, 15);
        q[i] = (uint8_t)(low | high << 4);
    }
}

void resize(int64_t n, int64_t m, const float *restrict x, float *restrict y, float step) {
    for (int64_t i = 0; i < m; i++) {
        float at = (float)i * step;
        int32_t k = clamp((int32_t)at, 0, (int32_t)n - 2);
        y[i] = x[k] + (x[k + 1] - x[k]) * (at - (float)k);
    }
}

int64_t threshold(int64_t n, const float *restrict x, float t, uint8_t *restrict y) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        y[i] = x[i] > t ? 255 : 0;
        count += x[i] > t;
    }
    return count;
}

void big_endian(int64_t n, const uint8_t *restrict x, uint32_t *restrict y) {
    for (int64_t i = 0; i < n; i++)
        y[i] = (uint32_t)x[i * 4] << 24 | (uint32_t)x[i * 4 + 1] << 16 | (uint32_t)x[i * 4 + 2] << 8 | x[i * 4 + 3];
}

void integral(int64_t h, int64_t w, const uint8_t *restrict x, int32_t *restrict y) {
    for (int64_t i = 0; i < h; i++) {
        int32_t s = 0;
        for (int64_t j = 0; j < w; j++) {
            s += x[i * w + j];
            y[i * w + j] = s + (i > 0 ? y[(i - 1) * w + j] : 0);
        }
    }
}

void ray_box(int64_t n, const float *restrict o, const float *restrict d, const float *restrict boxes,
             uint8_t *restrict hit) {
    for (int64_t i = 0; i < n; i++) {
        float ax = (boxes[i] - o[0]) * d[0], bx = (boxes[3 * n + i] - o[0]) * d[0];
        float ay = (boxes[n + i] - o[1]) * d[1], by = (boxes[4 * n + i] - o[1]) * d[1];
        float az = (boxes[2 * n + i] - o[2]) * d[2], bz = (boxes[5 * n + i] - o[2]) * d[2];
        float near = most(most(least(ax, bx), least(ay, by)), least(az, bz));
        float far = least(least(most(ax, bx), most(ay, by)), most(az, bz));
        hit[i] = near <= far && far > 0;
    }
}

void between(int64_t n, const float *restrict x, float low, float high, float *restrict y) {
    float scale = 1 / (high - low);
    for (int64_t i = 0; i < n; i++) y[i] = (least(most(x[i], low), high) - low) * scale;
}

int32_t block_difference(const uint8_t *restrict a, const uint8_t *restrict b) {
    int32_t s = 0;
    for (int64_t i = 0; i < 16; i++)
        for (int64_t j = 0; j < 16; j++) s += abs(a[i * 64 + j] - b[i * 64 + j]);
    return s;
}

void bounds_of(int64_t n, const float *restrict p, float *restrict low, float *restrict high) {
    for (int64_t c = 0; c < 3; c++) low[c] = high[c] = p[c];
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < 3; c++) {
            low[c] = least(low[c], p[i * 3 + c]);
            high[c] = most(high[c], p[i * 3 + c]);
        }
}

void channel_sums(int64_t n, const uint8_t *restrict p, int64_t *restrict sums) {
    for (int64_t c = 0; c < 4; c++) sums[c] = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t c = 0; c < 4; c++) sums[c] += p[i * 4 + c];
}

void pack_bits(int64_t n, const uint8_t *restrict x, uint8_t *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        uint8_t b = 0;
        for (int64_t k = 0; k < 8; k++) b |= (uint8_t)((x[i * 8 + k] & 1) << k);
        y[i] = b;
    }
}

void unpack_bits(int64_t n, const uint8_t *restrict x, uint8_t *restrict y) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < 8; k++) y[i * 8 + k] = (x[i] >> k) & 1;
}
