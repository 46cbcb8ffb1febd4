#include <stdint.h>

#define NOW(z, y, x) now[((z)*h + (y)) * w + (x)]
#define RING(k) \
    (NOW(z, y, x - k) + NOW(z, y, x + k) + NOW(z, y - k, x) + NOW(z, y + k, x) + NOW(z - k, y, x) + NOW(z + k, y, x))

void wave(int64_t d, int64_t h, int64_t w, float c0, float c1, float c2, float c3, const float *restrict speed,
          const float *restrict now, float *restrict next) {
    for (int64_t z = 4; z < d - 4; z++) {
        for (int64_t y = 4; y < h - 4; y++) {
            for (int64_t x = 4; x < w - 4; x++) {
                float sum = c0 * NOW(z, y, x) + c1 * RING(1) + c2 * RING(2) + c3 * RING(3);
                int64_t at = (z * h + y) * w + x;
                next[at] = 2.0f * NOW(z, y, x) - next[at] + speed[at] * sum;
            }
        }
    }
}
