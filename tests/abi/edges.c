/* The arrays that are read end where memory does: what looks further ends the program. */
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "edges.h"

enum { PAGE = 4096, MOST = 200 };

/* The end of a page behind which nobody may touch anything. */
static char *last_page_end(void) {
    char *pages = mmap(NULL, 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages, PAGE, PROT_READ | PROT_WRITE) != 0) return NULL;
    return pages + PAGE;
}

typedef struct Arrays {
    char *ends[3];
    float *a, *b, *c;
    int64_t n;
} Arrays;

static float sign_of(int64_t i) { return i * 5 % 7 < 3 ? 1.0f : -1.0f; }

static int check_branches(Arrays *t) {
    int found = 0;
    for (int how = 0; how < 4; how++) {
        for (int64_t i = 0; i < t->n; i++) {
            t->a[i] = -9;
            t->b[i] = sign_of(i) * (float)(i + 1);
            t->c[i] = (float)i;
        }
        if (how == 0) where_positive(t->n, t->b, t->c, t->a);
        if (how == 1) where_positive__x86_64_v2(t->n, t->b, t->c, t->a);
        if (how == 2) after(t->n, t->b, t->a);
        if (how == 3) after__x86_64_v2(t->n, t->b, t->a);
        for (int64_t i = 0; i < t->n; i++) {
            float given = how < 2 ? t->b[i] * t->c[i] : i + 1 < t->n ? t->b[i + 1] : 0;
            bool changes = t->b[i] > 0 && (how < 2 || i + 1 < t->n);
            found += t->a[i] != (changes ? given : -9);
        }
    }
    return found;
}

static int check_steps(Arrays *t) {
    int64_t n = t->n, m = n == 0 ? 0 : 3 * n - 2;
    float *wide = (float *)(void *)(t->ends[2] - m * 4);
    int found = 0;
    for (int64_t i = 0; i < m; i++) wide[i] = (float)i;
    for (int64_t i = 0; i < n; i++) t->b[i] = sign_of(i);
    for (int how = 0; how < 2; how++) {
        for (int64_t i = 0; i < n; i++) t->a[i] = -9;
        if (how == 0) some_thirds(m, n, wide, t->b, t->a);
        else some_thirds__x86_64_v2(m, n, wide, t->b, t->a);
        for (int64_t i = 0; i < n; i++) found += t->a[i] != (t->b[i] > 0 ? (float)(3 * i) + 1 : -9);
    }
    return found;
}

static int check_bytes(Arrays *t) {
    int64_t n = t->n, m = n == 0 ? 0 : 2 * n - 1;
    int found = 0;
    for (int how = 0; how < 4; how++) {
        int64_t size = how < 2 ? m : 3 * n;
        uint8_t *x = (uint8_t *)t->ends[0] - size, *y = (uint8_t *)t->ends[1] - n;
        for (int64_t i = 0; i < size; i++) x[i] = (uint8_t)(i * 37);
        memset(y, 0, (size_t)n);
        if (how == 0) every_second(m, n, x, y);
        if (how == 1) every_second__x86_64_v2(m, n, x, y);
        if (how == 2) greys(n, x, y);
        if (how == 3) greys__x86_64_v2(n, x, y);
        for (int64_t i = 0; i < n; i++) {
            int grey = how < 2 ? 0 : (77 * x[3 * i] + 150 * x[3 * i + 1] + 29 * x[3 * i + 2]) / 256;
            found += y[i] != (how < 2 ? x[2 * i] : grey);
        }
    }
    return found;
}

int main(void) {
    Arrays t;
    int found = 0;
    for (int i = 0; i < 3; i++)
        if ((t.ends[i] = last_page_end()) == NULL) return 2;
    for (t.n = 0; t.n <= MOST; t.n++) {
        t.a = (float *)(void *)(t.ends[0] - t.n * 4);
        t.b = (float *)(void *)(t.ends[1] - t.n * 4);
        t.c = (float *)(void *)(t.ends[2] - t.n * 4);
        found += check_branches(&t);
        found += check_steps(&t);
        found += check_bytes(&t);
    }
    if (found != 0) printf("%d wrong\n", found);
    return found != 0;
}
