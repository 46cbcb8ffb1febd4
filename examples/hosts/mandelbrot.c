/* Draws the Mandelbrot set: mandelbrot OUT.png [WIDTH HEIGHT] */
#include "mandelbrot.h"
#include "png_io.h"
#include "timing.h"

enum { LIMIT = 256 };

int main(int argc, char **argv) {
    if (argc != 2 && argc != 4) return fprintf(stderr, "usage: mandelbrot OUT.png [WIDTH HEIGHT]\n"), 2;
    int64_t w = argc == 4 ? atoll(argv[2]) : 960, h = argc == 4 ? atoll(argv[3]) : 640;
    if (w < 1 || h < 1 || w > 32768 || h > 32768) return fprintf(stderr, "sizes go from 1 to 32768\n"), 2;
    int32_t *count = malloc((size_t)(w * h) * sizeof *count);
    uint8_t *pixels = malloc((size_t)(w * h));
    if (!count || !pixels) return fprintf(stderr, "out of memory\n"), 1;
    double start = now_ms();
    mandelbrot(h, w, -2.0f, -1.0f, 3.0f / (float)w, 2.0f / (float)h, LIMIT, count);
    double ms = now_ms() - start;
    for (int64_t i = 0; i < w * h; i++)
        pixels[i] = count[i] == LIMIT ? 0 : (uint8_t)(255 - 4 * count[i] % 224);
    bool ok = png_save(argv[1], pixels, h, w);
    if (ok) printf("  %s: %lld x %lld points in %.1f ms\n", argv[1], (long long)w, (long long)h, ms);
    free(count);
    free(pixels);
    return ok ? 0 : 1;
}
