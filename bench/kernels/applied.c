#include <math.h>
#include <stdint.h>
#include <stdlib.h>

void matrix_product(int64_t h, int64_t k, int64_t w, const float *restrict a, const float *restrict b,
                    float *restrict c) {
    for (int64_t i = 0; i < h; i++) {
        for (int64_t j = 0; j < w; j++) c[i * w + j] = 0;
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < w; j++) c[i * w + j] += a[i * k + p] * b[p * w + j];
    }
}

void dense_layer(int64_t h, int64_t k, int64_t w, const float *restrict x, const float *restrict weights,
                 const float *restrict bias, float *restrict y) {
    for (int64_t i = 0; i < h; i++) {
        for (int64_t j = 0; j < w; j++) {
            float t = 0;
            for (int64_t p = 0; p < k; p++) t += x[i * k + p] * weights[j * k + p];
            t += bias[j];
            y[i * w + j] = t > 0 ? t : 0;
        }
    }
}

void softmax(int64_t h, int64_t w, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < h; i++) {
        float top = x[i * w], total = 0;
        for (int64_t j = 1; j < w; j++) top = x[i * w + j] > top ? x[i * w + j] : top;
        for (int64_t j = 0; j < w; j++) y[i * w + j] = expf(x[i * w + j] - top);
        for (int64_t j = 0; j < w; j++) total += y[i * w + j];
        for (int64_t j = 0; j < w; j++) y[i * w + j] /= total;
    }
}

void layer_norm(int64_t h, int64_t w, const float *restrict x, const float *restrict scale,
                const float *restrict shift, float *restrict y) {
    for (int64_t i = 0; i < h; i++) {
        float average = 0, variance = 0;
        for (int64_t j = 0; j < w; j++) average += x[i * w + j];
        average /= (float)w;
        for (int64_t j = 0; j < w; j++) variance += (x[i * w + j] - average) * (x[i * w + j] - average);
        variance /= (float)w;
        float by = 1 / sqrtf(variance + 1e-5f);
        for (int64_t j = 0; j < w; j++) y[i * w + j] = (x[i * w + j] - average) * by * scale[j] + shift[j];
    }
}

void convolution(int64_t h, int64_t w, const float *restrict picture, const float *restrict filter,
                 float *restrict y) {
    for (int64_t i = 1; i < h - 1; i++) {
        for (int64_t j = 1; j < w - 1; j++) {
            float t = 0;
            for (int64_t p = 0; p < 3; p++)
                for (int64_t q = 0; q < 3; q++) t += filter[p * 3 + q] * picture[(i + p - 1) * w + j + q - 1];
            y[i * w + j] = t;
        }
    }
}

void fir_filter(int64_t n, const float *restrict x, const float *restrict taps, float *restrict y) {
    for (int64_t i = 0; i < n - 15; i++) {
        float t = 0;
        for (int64_t k = 0; k < 16; k++) t += taps[k] * x[i + k];
        y[i] = t;
    }
}

void bodies(int64_t n, const float *restrict x, const float *restrict y, const float *restrict z,
            const float *restrict mass, float *restrict force) {
    for (int64_t i = 0; i < n; i++) {
        float fx = 0, fy = 0, fz = 0;
        for (int64_t j = 0; j < n; j++) {
            float dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
            float square = dx * dx + dy * dy + dz * dz + 0.01f;
            float pull = mass[j] / (square * sqrtf(square));
            fx += pull * dx;
            fy += pull * dy;
            fz += pull * dz;
        }
        force[i * 3] = fx;
        force[i * 3 + 1] = fy;
        force[i * 3 + 2] = fz;
    }
}

void sparse_product(int64_t h1, int64_t n, int64_t w, int64_t h, const int32_t *restrict starts,
                    const int32_t *restrict columns, const float *restrict values, const float *restrict x,
                    float *restrict y) {
    int64_t rows = h < h1 - 1 ? h : h1 - 1;
    (void)n, (void)w;
    for (int64_t i = 0; i < rows; i++) {
        float t = 0;
        for (int64_t p = starts[i]; p < starts[i + 1]; p++) t += values[p] * x[columns[p]];
        y[i] = t;
    }
}

void shortest_paths(int64_t n, float *restrict d) {
    for (int64_t k = 0; k < n; k++) {
        for (int64_t i = 0; i < n; i++) {
            for (int64_t j = 0; j < n; j++) {
                float way = d[i * n + k] + d[k * n + j];
                d[i * n + j] = way < d[i * n + j] ? way : d[i * n + j];
            }
        }
    }
}

void generation(int64_t h, int64_t w, const uint8_t *restrict cells, uint8_t *restrict next) {
    for (int64_t i = 1; i < h - 1; i++) {
        for (int64_t j = 1; j < w - 1; j++) {
            const uint8_t *at = cells + i * w + j;
            uint8_t around = (uint8_t)(at[-w - 1] + at[-w] + at[-w + 1] + at[-1] + at[1] + at[w - 1] + at[w] + at[w + 1]);
            next[i * w + j] = around == 3 || (around == 2 && at[0] == 1);
        }
    }
}

void grey(int64_t n, const uint8_t *restrict rgb, uint8_t *restrict y) {
    for (int64_t i = 0; i < n; i++)
        y[i] = (uint8_t)((rgb[i * 3] * 77u + rgb[i * 3 + 1] * 150u + rgb[i * 3 + 2] * 29u) >> 8);
}

void quantise(int64_t n, const float *restrict x, float scale, int8_t *restrict q) {
    for (int64_t i = 0; i < n; i++) {
        float t = x[i] * scale;
        t = t > -127 ? t : -127;
        q[i] = (int8_t)(t < 127 ? t : 127);
    }
}

int32_t bytes_dot(int64_t n, const int8_t *restrict a, const int8_t *restrict b) {
    int32_t s = 0;
    for (int64_t i = 0; i < n; i++) s += a[i] * b[i];
    return s;
}

int32_t differences(int64_t n, const uint8_t *restrict a, const uint8_t *restrict b) {
    int32_t s = 0;
    for (int64_t i = 0; i < n; i++) s += abs(a[i] - b[i]);
    return s;
}

int64_t newlines(int64_t n, const uint8_t *restrict text) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += text[i] == 10;
    return count;
}

void butterflies(int64_t n, int64_t half, float *restrict re, float *restrict im, const float *restrict wr,
                 const float *restrict wi) {
    for (int64_t block = 0; block < n - 2 * half + 1; block += 2 * half) {
        for (int64_t k = 0; k < half; k++) {
            int64_t a = block + k, b = a + half;
            float tr = re[b] * wr[k] - im[b] * wi[k], ti = re[b] * wi[k] + im[b] * wr[k];
            re[b] = re[a] - tr;
            im[b] = im[a] - ti;
            re[a] = re[a] + tr;
            im[a] = im[a] + ti;
        }
    }
}

void nearest_centres(int64_t n, const float *restrict points, const float *restrict centres,
                     int32_t *restrict label) {
    for (int64_t i = 0; i < n; i++) {
        int32_t best = 0;
        float least = 1e30f;
        for (int32_t c = 0; c < 16; c++) {
            float s = 0;
            for (int64_t j = 0; j < 4; j++) {
                float e = points[i * 4 + j] - centres[c * 4 + j];
                s += e * e;
            }
            if (s < least) {
                least = s;
                best = c;
            }
        }
        label[i] = best;
    }
}

void median_of_three(int64_t n, const uint8_t *restrict x, uint8_t *restrict y) {
    for (int64_t i = 1; i < n - 1; i++) {
        uint8_t a = x[i - 1], b = x[i], c = x[i + 1];
        uint8_t low = a < b ? a : b, high = a < b ? b : a, upper = high < c ? high : c;
        y[i] = low > upper ? low : upper;
    }
}

int32_t edit_distance(int64_t n, int64_t m, int64_t m1, const uint8_t *restrict a, const uint8_t *restrict b,
                      int32_t *restrict row) {
    int64_t columns = m < m1 - 1 ? m : m1 - 1;
    for (int64_t j = 0; j < m1; j++) row[j] = (int32_t)j;
    for (int64_t i = 0; i < n; i++) {
        int32_t corner = row[0];
        row[0] = (int32_t)i + 1;
        for (int64_t j = 0; j < columns; j++) {
            int32_t above = row[j + 1], change = corner + (a[i] != b[j]);
            int32_t least = above < row[j] ? above : row[j];
            row[j + 1] = change < least + 1 ? change : least + 1;
            corner = above;
        }
    }
    return row[m1 - 1];
}

void adam(int64_t n, float *restrict w, const float *restrict g, float *restrict m, float *restrict v, float rate) {
    for (int64_t i = 0; i < n; i++) {
        m[i] = 0.9f * m[i] + 0.1f * g[i];
        v[i] = 0.999f * v[i] + 0.001f * g[i] * g[i];
        w[i] -= rate * m[i] / (sqrtf(v[i]) + 1e-8f);
    }
}

float logistic_loss(int64_t n, const float *restrict x, const float *restrict t) {
    float s = 0;
    for (int64_t i = 0; i < n; i++) s += fmaxf(x[i], 0) - x[i] * t[i] + logf(1 + expf(-fabsf(x[i])));
    return s / (float)n;
}

void rotary(int64_t h, int64_t w, float *restrict x, const float *restrict cosine, const float *restrict sine) {
    for (int64_t i = 0; i < h; i++) {
        for (int64_t j = 0; j < w; j++) {
            float *restrict at = x + (i * w + j) * 2;
            float a = at[0], b = at[1];
            at[0] = a * cosine[j] - b * sine[j];
            at[1] = a * sine[j] + b * cosine[j];
        }
    }
}

void translate(int64_t n, const uint8_t *restrict table, const uint8_t *restrict text, uint8_t *restrict out) {
    for (int64_t i = 0; i < n; i++) out[i] = table[text[i]];
}

void codebook(int64_t n, const float *restrict levels, float scale, const uint8_t *restrict codes, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        y[2 * i] = levels[codes[i] & 15] * scale;
        y[2 * i + 1] = levels[codes[i] >> 4] * scale;
    }
}

void segments(int64_t n, const float *restrict slope, const float *restrict start, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) {
        int32_t k = (int32_t)(x[i] * 32);
        k = k < 0 ? 0 : k > 31 ? 31 : k;
        y[i] = slope[k] * x[i] + start[k];
    }
}

void bilateral(int64_t h, int64_t w, const float *restrict picture, float *restrict out) {
    for (int64_t i = 2; i < h - 2; i++) {
        for (int64_t j = 2; j < w - 2; j++) {
            float total = 0, weights = 0, centre = picture[i * w + j];
            for (int64_t a = -2; a <= 2; a++) {
                for (int64_t b = -2; b <= 2; b++) {
                    float near = picture[(i + a) * w + j + b], difference = near - centre;
                    float weight = expf(difference * difference * -8.0f);
                    total += weight * near;
                    weights += weight;
                }
            }
            out[i * w + j] = total / weights;
        }
    }
}

void lattice(int64_t n, const float *restrict x, float scale, int32_t *restrict cell) {
    for (int64_t i = 0; i < n; i++) cell[i] = (int32_t)floorf(x[i] * scale) & 255;
}
