#include <stdint.h>

void mandelbrot(int64_t h, int64_t w, float x0, float y0, float dx, float dy, int32_t limit, int32_t *restrict count) {
    for (int64_t j = 0; j < h; j++) {
        for (int64_t i = 0; i < w; i++) {
            float cx = x0 + (float)i * dx, cy = y0 + (float)j * dy, zx = 0, zy = 0;
            int32_t k = 0;
            while (k < limit && zx * zx + zy * zy <= 4.0f) {
                float t = zx * zx - zy * zy + cx;
                zy = 2.0f * zx * zy + cy;
                zx = t;
                k++;
            }
            count[j * w + i] = k;
        }
    }
}
