/* What is special stands in each lane of the turns over memory, in both parts, at their ends and behind them. */
#include "far.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LEAST = (64 << 20) / 4, COUNT = LEAST + 117, TURN = 32 };

static const int64_t starts[] = {0, LEAST / 2 - 2 * TURN, LEAST / 2 + 10, LEAST - TURN, COUNT - 2 * TURN, COUNT - TURN};

/* `value` in one place makes the result `expected`. */
static void extremes_check(float *x, float value, float expected_max, float expected_min) {
    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
        for (int64_t i = starts[s]; i < starts[s] + TURN; i += s == 0 ? 1 : 7) {
            float before = x[i];
            x[i] = value;
            float top = largest(COUNT, x), low = smallest(COUNT, x);
            int max_is = isnan(expected_max) ? isnan(top) : top == expected_max;
            int min_is = isnan(expected_min) ? isnan(low) : low == expected_min;
            if (!max_is || !min_is) printf("%g at %lld: %g, %g\n", (double)value, (long long)i, (double)top, (double)low);
            x[i] = before;
        }
    }
}

/* All numbers are small integers, so that any order of additions gives the same. */
static void sums_check(const float *x, const float *y, const int32_t *k, int64_t n) {
    int64_t integers = 5;
    double products = 0.0, chosen = 0.0;
    for (int64_t i = 0; i < n; i++) {
        integers += k[i];
        products += (double)x[i] * (double)y[i];
        if (x[i] >= 1.0f) chosen += (double)x[i];
    }
    if (total(n, k, 5) != (int32_t)integers) printf("the sum of %lld\n", (long long)n);
    if ((double)dot(n, x, y) != products) printf("the product of %lld\n", (long long)n);
    if ((double)sum_where(n, x, 1.0f) != chosen) printf("the chosen of %lld\n", (long long)n);
}

int main(void) {
    float *x = malloc(COUNT * sizeof *x), *y = malloc(COUNT * sizeof *y);
    int32_t *k = malloc(COUNT * sizeof *k);
    if (x == NULL || y == NULL || k == NULL) return 1;
    for (int64_t i = 0; i < COUNT; i++) {
        x[i] = i % 3 == 0 ? 1.0f : -1.0f;
        y[i] = i % 2 == 0 ? 1.0f : -1.0f;
        k[i] = (int32_t)(i % 1021) - 400;
    }
    for (int64_t i = 0; i < COUNT; i += 64) x[i] = 0.0f;
    for (int64_t n = LEAST - 1; n <= COUNT; n += 13) sums_check(x, y, k, n);
    extremes_check(x, 7.0f, 7.0f, -1.0f);
    extremes_check(x, -7.0f, 1.0f, -7.0f);
    extremes_check(x, NAN, NAN, NAN);
    free(x);
    free(y);
    free(k);
    return 0;
}
