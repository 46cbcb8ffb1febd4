#include <stdint.h>

void bytes_average(int64_t n, uint8_t *restrict p, const uint8_t *restrict q, const uint8_t *restrict r) {
    for (int64_t i = 0; i < n; i++) p[i] = (uint8_t)(((uint32_t)q[i] + r[i] + 1) >> 1);
}

void bytes_blend(int64_t n, uint8_t *restrict p, const uint8_t *restrict q, const uint8_t *restrict r) {
    for (int64_t i = 0; i < n; i++) p[i] = (uint8_t)(((uint32_t)q[i] * 77 + (uint32_t)r[i] * 179) >> 8);
}

void bytes_mixture(int64_t n, uint8_t *restrict p, const uint8_t *restrict q, const uint8_t *restrict r) {
    for (int64_t i = 0; i < n; i++) {
        int32_t t = p[i];
        p[i] = (uint8_t)((q[i] * t + r[i] * (255 - t) + 127) / 255);
    }
}

void bytes_threshold(int64_t n, uint8_t *restrict p, const uint8_t *restrict q, const uint8_t *restrict r) {
    for (int64_t i = 0; i < n; i++) p[i] = q[i] > r[i] ? 255 : 0;
}

void bytes_halve(int64_t n, uint8_t *restrict p, const uint8_t *restrict q, const uint8_t *restrict r) {
    (void)r;
    for (int64_t i = 0; i < n / 2; i++) p[i] = (uint8_t)((q[2 * i] + q[2 * i + 1] + 1) / 2);
}

void bytes_pack(int64_t n, uint8_t *restrict p, const uint8_t *restrict q, const uint8_t *restrict r) {
    int64_t k = 0;
    for (int64_t i = 1; i < n; i++)
        if (q[i] / 128 != q[i - 1] / 128) p[k++] = r[i];
}

void bytes_saturate(int64_t n, uint8_t *restrict p, const uint8_t *restrict q, const uint8_t *restrict r) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t t = (uint32_t)q[i] + r[i];
        p[i] = (uint8_t)(t < 255 ? t : 255);
    }
}

void bytes_table(int64_t n, uint8_t *restrict p, const uint8_t *restrict q, const uint8_t *restrict r) {
    for (int64_t i = 0; i < n; i++) p[i] = q[r[i]];
}
