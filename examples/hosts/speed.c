/* saxpy and gelu over ten million floats, by kc and by C: the results are compared, both times shown. The
 * two take turns, and the best of several runs counts. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "gelu.h"
#include "saxpy.h"
#include "timing.h"

enum { COUNT = 10000000, RUNS = 7 };

static void saxpy_c(int64_t n, float a, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}

static void gelu_c(int64_t n, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < n; i++)
        y[i] = 0.5f * x[i] * (1.0f + tanhf(0.79788456f * (x[i] + 0.044715f * x[i] * x[i] * x[i])));
}

static void fill(float *x, float low, float high) {
    uint32_t state = 1;
    for (int i = 0; i < COUNT; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = low + (high - low) * (float)(state >> 8) * 0x1p-24f;
    }
}

/* The largest difference relative to 1 or to the value, whichever is larger. */
static double difference(const float *a, const float *b) {
    double worst = 0;
    for (int i = 0; i < COUNT; i++) {
        double scale = fmax(1.0, fabs((double)b[i]));
        double d = fabs((double)a[i] - (double)b[i]) / scale;
        if (!(d <= worst)) worst = d;
    }
    return worst;
}

static bool report(const char *name, double kc_ms, double c_ms, double worst) {
    bool ok = worst < 1e-6;
    printf("  %-6s kc %7.2f ms   C %7.2f ms   C/kc %5.2f   largest difference %.1e %s\n", name, kc_ms,
           c_ms, c_ms / kc_ms, worst, ok ? "ok" : "WRONG");
    return ok;
}

static double fastest(double best, double ms) { return ms < best ? ms : best; }

int main(void) {
    float *x = malloc(COUNT * sizeof(float)), *mine = malloc(COUNT * sizeof(float));
    float *theirs = malloc(COUNT * sizeof(float));
    if (!x || !mine || !theirs) return fprintf(stderr, "out of memory\n"), 1;
    double kc_saxpy = 1e9, c_saxpy = 1e9, kc_gelu = 1e9, c_gelu = 1e9;
    fill(x, -4, 4);
    fill(mine, 0, 1);
    fill(theirs, 0, 1);
    for (int run = 0; run < RUNS; run++) {
        double t0 = now_ms();
        saxpy(COUNT, 0.5f, x, mine);
        double t1 = now_ms();
        saxpy_c(COUNT, 0.5f, x, theirs);
        kc_saxpy = fastest(kc_saxpy, t1 - t0);
        c_saxpy = fastest(c_saxpy, now_ms() - t1);
    }
    bool ok = report("saxpy", kc_saxpy, c_saxpy, difference(mine, theirs));
    for (int run = 0; run < RUNS; run++) {
        double t0 = now_ms();
        gelu(COUNT, x, mine);
        double t1 = now_ms();
        gelu_c(COUNT, x, theirs);
        kc_gelu = fastest(kc_gelu, t1 - t0);
        c_gelu = fastest(c_gelu, now_ms() - t1);
    }
    ok &= report("gelu", kc_gelu, c_gelu, difference(mine, theirs));
    free(x);
    free(mine);
    free(theirs);
    return ok ? 0 : 1;
}
