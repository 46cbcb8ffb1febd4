/* Rows that are asked for ahead of time lie behind the grid in its last iterations: there, no page can be read. Rows begin with a
 * part of a vector where all of them begin at the same place of a line. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "grids.h"

#include <stdio.h>
#include <sys/mman.h>

enum { MOST = 10 << 20, GUARD = 1 << 20 }; /* bytes */

/* A grid that ends so many elements before its pages do. */
static float *grid_new(int64_t elements, int64_t before) {
    char *pages = mmap(NULL, MOST + GUARD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + MOST, GUARD, PROT_NONE) != 0) return NULL;
    return (float *)(pages + MOST) - before - elements;
}

static int is_right(int64_t d, int64_t h, int64_t w, int64_t before) {
    int64_t plane = h * w, wrong = 0;
    float *now = grid_new(d * plane, before), *next = grid_new(d * plane, before);
    if (now == NULL || next == NULL) return 0;
    for (int64_t i = 0; i < d * plane; i++) now[i] = (float)(i * 7 % 101), next[i] = -1.0f;
    smooth(d, h, w, now, next);
    for (int64_t i = 0; i < d * plane; i++) {
        int64_t z = i / plane, y = i % plane / w, x = i % w;
        int is_rim = z == 0 || z == d - 1 || y == 0 || y == h - 1 || x == 0 || x == w - 1;
        float along_z = is_rim ? 0 : now[i - plane] + now[i + plane], along_y = is_rim ? 0 : now[i - w] + now[i + w];
        float wanted = is_rim ? -1.0f : 0.125f * (along_z + along_y) + 0.5f * now[i];
        wrong += next[i] - wanted > 1e-4f || wanted - next[i] > 1e-4f;
    }
    munmap((char *)(now + d * plane + before) - MOST, MOST + GUARD);
    munmap((char *)(next + d * plane + before) - MOST, MOST + GUARD);
    return wrong == 0;
}

int main(void) {
    int bad = 0;
    bad += !is_right(130, 122, 153, 0);
    bad += !is_right(127, 122, 153, 0);
    bad += !is_right(72, 128, 256, 0);
    for (int64_t w = 1; w <= 600; w += w < 100 ? 1 : 50)
        for (int64_t before = 0; before < 16; before += 5) bad += !is_right(7, 6, w, before);
    for (int64_t w = 192; w <= 256; w += 8)
        for (int64_t before = 0; before < 17; before++) bad += !is_right(7, 6, w, before);
    if (bad != 0) printf("%d grids are wrong\n", bad);
    return bad != 0;
}
