/* Filters a picture: picture IN.png BLURRED.png EDGES.png. The results are compared with plain C. */
#include <math.h>

#include "picture.h"
#include "png_io.h"
#include "timing.h"

typedef void (*Filter)(int64_t h, int64_t w, const uint8_t *src, uint8_t *dst);

static void blur_c(int64_t h, int64_t w, const uint8_t *src, uint8_t *dst) {
    static const float weights[3][3] = {{1, 2, 1}, {2, 4, 2}, {1, 2, 1}};
    memcpy(dst, src, (size_t)(h * w));
    for (int64_t j = 1; j < h - 1; j++)
        for (int64_t i = 1; i < w - 1; i++) {
            float total = 0;
            for (int64_t y = -1; y <= 1; y++)
                for (int64_t x = -1; x <= 1; x++)
                    total += weights[y + 1][x + 1] * (float)src[(j + y) * w + i + x];
            dst[j * w + i] = (uint8_t)(total * 0.0625f + 0.5f);
        }
}

static void sobel_c(int64_t h, int64_t w, const uint8_t *src, uint8_t *dst) {
    memset(dst, 0, (size_t)(h * w));
    for (int64_t j = 1; j < h - 1; j++)
        for (int64_t i = 1; i < w - 1; i++) {
            const uint8_t *above = src + (j - 1) * w + i, *here = above + w, *below = here + w;
            float gx = (float)(above[1] + 2 * here[1] + below[1] - above[-1] - 2 * here[-1] - below[-1]);
            float gy = (float)(below[-1] + 2 * below[0] + below[1] - above[-1] - 2 * above[0] - above[1]);
            float magnitude = sqrtf(gx * gx + gy * gy);
            dst[j * w + i] = magnitude > 255.0f ? 255 : (uint8_t)magnitude;
        }
}

static bool filter(const char *name, Filter by_kc, Filter by_c, int64_t h, int64_t w,
                   const uint8_t *src, const char *path) {
    size_t size = (size_t)(h * w);
    uint8_t *mine = malloc(size), *theirs = malloc(size);
    if (!mine || !theirs) return fprintf(stderr, "out of memory\n"), false;
    double kc_ms = 1e9, c_ms = 1e9;
    for (int run = 0; run < 5; run++) {
        double t0 = now_ms();
        by_kc(h, w, src, mine);
        double t1 = now_ms();
        by_c(h, w, src, theirs);
        double t2 = now_ms();
        kc_ms = fmin(kc_ms, t1 - t0);
        c_ms = fmin(c_ms, t2 - t1);
    }
    bool same = memcmp(mine, theirs, size) == 0;
    printf("  %-6s kc %7.2f ms   C %7.2f ms   C/kc %5.2f   %s -> %s\n", name, kc_ms, c_ms,
           c_ms / kc_ms, same ? "equal" : "WRONG", path);
    bool ok = same && png_save(path, mine, h, w);
    free(mine);
    free(theirs);
    return ok;
}

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "usage: picture IN.png BLURRED.png EDGES.png\n"), 2;
    int64_t h, w;
    uint8_t *src = png_load(argv[1], &h, &w);
    if (!src) return 1;
    if (h < 3 || w < 3) return fprintf(stderr, "%s: at least 3 x 3 pixels are needed\n", argv[1]), 1;
    printf("  %s: %lld x %lld\n", argv[1], (long long)w, (long long)h);
    bool ok = filter("blur", blur, blur_c, h, w, src, argv[2]);
    ok &= filter("sobel", sobel, sobel_c, h, w, src, argv[3]);
    free(src);
    return ok ? 0 : 1;
}
