/* The arrays end, or begin, where memory does: what looks further ends the program. */
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#include "gathers.h"

enum { PAGE = 4096, MOST = 9, LANES = 37 };

/* A page between two that nobody may touch. */
static char *lonely_page(void) {
    char *pages = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_READ | PROT_WRITE) != 0) return NULL;
    return pages + PAGE;
}

static int wrong(const float *x, const double *z, int64_t m) {
    int32_t at[LANES];
    float y[LANES] = {0};
    double w[LANES] = {0};
    int found = 0;
    for (int32_t i = 0; i < LANES; i++) at[i] = (i * 7) % 23 - 8;
    slopes(m, LANES, x, at, y);
    picked(m, LANES, z, at, w);
    for (int i = 0; i < LANES; i++) {
        int is_in = at[i] >= 0 && at[i] < m, both = is_in && at[i] + 1 < m;
        found += y[i] != (both ? x[at[i] + 1] - x[at[i]] : 0);
        found += w[i] != (is_in ? z[at[i]] : 0);
    }
    return found;
}

int main(void) {
    char *low = lonely_page();
    if (low == NULL) return 2;
    int found = 0;
    for (int64_t m = 0; m <= MOST; m++) {
        for (int end = 0; end < 2; end++) {
            float *x = (float *)(void *)(end ? low + PAGE - m * 4 : low);
            for (int64_t i = 0; i < m; i++) x[i] = (float)(i * i + 1);
            double none[MOST] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
            found += wrong(x, none, m);
            float flat[MOST] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
            double *z = (double *)(void *)(end ? low + PAGE - m * 8 : low);
            for (int64_t i = 0; i < m; i++) z[i] = (double)(i * i + 1);
            found += wrong(flat, z, m);
        }
    }
    if (found != 0) printf("%d wrong\n", found);
    return found != 0;
}
