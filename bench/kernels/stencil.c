#include <stdint.h>

#define NOW(z, y, x) now[((z)*h + (y)) * w + (x)]

void step(int64_t d, int64_t h, int64_t w, const float *restrict c, const float *restrict speed,
          const float *restrict now, float *restrict next) {
    for (int64_t z = 4; z < d - 4; z++) {
        for (int64_t y = 4; y < h - 4; y++) {
            for (int64_t x = 4; x < w - 4; x++) {
                float sum = c[0] * NOW(z, y, x);
                for (int64_t k = 1; k < 5; k++) {
                    float along_x = NOW(z, y, x - k) + NOW(z, y, x + k);
                    float along_y = NOW(z, y - k, x) + NOW(z, y + k, x);
                    float along_z = NOW(z - k, y, x) + NOW(z + k, y, x);
                    sum += c[k] * (along_x + along_y + along_z);
                }
                int64_t at = (z * h + y) * w + x;
                next[at] = 2.0f * NOW(z, y, x) - next[at] + speed[at] * sum;
            }
        }
    }
}

void wave(int64_t d, int64_t h, int64_t w, int64_t steps, const float *restrict c, const float *restrict speed,
          float *restrict even, float *restrict odd) {
    for (int64_t t = 0; t < steps; t++) {
        if (t % 2 == 0) step(d, h, w, c, speed, even, odd);
        else step(d, h, w, c, speed, odd, even);
    }
}
