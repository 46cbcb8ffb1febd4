/* The first element, the last, and what stands before and behind them, from every beginning in a line. */
#include "streams.h"

#include <stdio.h>
#include <stdlib.h>

enum { DOUBLES = (32 << 20) / 8 + 77, FLOATS = 2 * DOUBLES, ROOM = 32 }; /* one memory is used as both */

static int scaled_is_right(const float *x, float *y, int64_t n) {
    int64_t wrong = 0;
    y[-1] = y[n] = -1.0f;
    scaled(n, x, y);
    for (int64_t i = 0; i < n; i++) wrong += y[i] != x[i] * 2.0f + 1.0f;
    return wrong == 0 && y[-1] == -1.0f && y[n] == -1.0f;
}

/* In place. */
static int doubled_is_right(uint8_t *y, int64_t n) {
    int64_t wrong = 0;
    for (int64_t i = -1; i <= n; i++) y[i] = (uint8_t)(i + 3);
    doubled(n, y);
    for (int64_t i = 0; i < n; i++) wrong += y[i] != (uint8_t)(2 * (i + 3));
    return wrong == 0 && y[-1] == 2 && y[n] == (uint8_t)(n + 3);
}

/* In parts, of which some are shorter than a line. */
static int parted_is_right(const float *x, float *y, int64_t n, int64_t grain) {
    int64_t wrong = 0;
    for (int64_t i = -1; i <= n; i++) y[i] = -1.0f;
    parted(n, x, y, grain);
    for (int64_t i = 0; i < n; i++) wrong += y[i] != x[i] * 2.0f + 1.0f;
    return wrong == 0 && y[-1] == -1.0f && y[n] == -1.0f;
}

static int inner_is_right(const double *x, double *y, int64_t n) {
    int64_t wrong = 0;
    for (int64_t i = -1; i <= n; i++) y[i] = -1.0;
    inner(n, x, y);
    for (int64_t i = 3; i < n - 2; i++) wrong += y[i] != x[i - 1] * 2.0 + x[i + 1];
    for (int64_t i = -1; i < 3; i++) wrong += y[i] != -1.0;
    for (int64_t i = n - 2; i <= n; i++) wrong += y[i] != -1.0;
    return wrong == 0;
}

int main(void) {
    float *x = malloc((FLOATS + ROOM) * sizeof *x), *y = malloc((FLOATS + ROOM) * sizeof *y);
    if (x == NULL || y == NULL) return 1;
    for (int64_t i = 0; i < FLOATS + ROOM; i++) x[i] = (float)(i % 1021);
    for (int k = 1; k <= 16; k += 3)
        if (!scaled_is_right(x, y + k, FLOATS - k)) printf("floats from %d on\n", k);
    for (int64_t grain = 3; grain < 100000; grain *= 30)
        if (!parted_is_right(x, y + 5, FLOATS - 5, grain)) printf("parts of %lld\n", (long long)grain);
    for (int k = 1; k <= 17; k++)
        for (int64_t n = 0; n < 300; n++)
            if (!scaled_is_right(x + k % 3, y + k, n)) printf("%lld floats from %d on\n", (long long)n, k);
    for (int k = 1; k <= 65; k++)
        for (int64_t n = 0; n < 1300; n += n < 700 ? 13 : 1)
            if (!doubled_is_right((uint8_t *)y + k, n)) printf("%lld bytes from %d on\n", (long long)n, k);
    double *u = (double *)(void *)x, *v = (double *)(void *)y;
    for (int64_t i = 0; i < DOUBLES + ROOM / 2; i++) u[i] = (double)(i % 1021);
    for (int k = 1; k <= 8; k += 2)
        if (!inner_is_right(u, v + k, DOUBLES - k)) printf("doubles from %d on\n", k);
    free(x);
    free(y);
    return 0;
}
