/* Errors of f32 functions over every STEP-th of the 2^32 arguments (of pairs: as many, at random).
 *
 *   accuracy_f32 STEP [NAME...]
 *
 * The true values are those of C's functions of double, wrong by less than 2^-28 of a unit. Exit status
 * 1 if an error is larger than functions.def allows. */
#include "accuracy.h"

static double sigmoid_true(double x) { return 1.0 / (1.0 + exp(-x)); }
static double rsqrt_true(double x) { return 1.0 / sqrt(x); }
#define sigmoid sigmoid_true
#define rsqrt rsqrt_true

static float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The distance in units of f32. Results above the largest float count as 2^128. */
static double units_f32(float got, double want) {
    double value = got;
    if (isnan(want) || isinf(want) || want == 0.0) return is_same(got, want) ? 0.0 : INFINITY;
    if (isnan(value)) return INFINITY;
    if (isinf(value)) value = copysign(0x1p128, value);
    if (fabs(want) > 0x1p128) want = copysign(0x1p128, want);
    if (signbit(value) != signbit(want)) return INFINITY;
    int exponent;
    frexp(want, &exponent);
    exponent = exponent < -125 ? -125 : exponent > 128 ? 128 : exponent;
    return ldexp(fabs(value - want), 24 - exponent);
}

typedef void Kernel32(int64_t n, const float *x, float *y);

static Worst measure_f32(Kernel32 *kernel, double (*truth)(double), uint64_t step) {
    static float x[BLOCK], y[BLOCK];
    Worst worst = {-1, 0, 0, 0, 0};
    uint64_t bits = 0;
    while (bits <= UINT32_MAX) {
        int64_t n = 0;
        for (; n < BLOCK && bits <= UINT32_MAX; bits += step) x[n++] = float_of((uint32_t)bits);
        kernel(n, x, y);
        for (int64_t i = 0; i < n; i++) {
            double want = truth(x[i]);
            worst_note(&worst, units_f32(y[i], want), x[i], 0, y[i], want);
        }
    }
    return worst;
}

typedef void PairKernel32(int64_t n, const float *x, const float *z, float *y);

/* Half of the pairs have arbitrary bits; the others are of moderate size. */
static void fill_pairs(uint64_t *state, float *x, float *z) {
    for (int i = 0; i < BLOCK; i++) {
        uint64_t bits = random_next(state);
        x[i] = float_of((uint32_t)bits);
        z[i] = float_of((uint32_t)(bits >> 32));
        if (i % 2 == 0) continue;
        x[i] = ldexpf((float)(uint32_t)bits, -28);
        z[i] = ldexpf((float)(int32_t)(bits >> 32), -26);
    }
}

static Worst measure_pairs_f32(PairKernel32 *kernel, double (*truth)(double, double), uint64_t step) {
    static const float special[] = {0, 1, 0.5, 2, 3, 4, 1e30f, INFINITY, NAN, 1e-40f, 16777217, 1.5, 0.25};
    enum { SPECIAL = 2 * sizeof special / sizeof *special };
    static float x[BLOCK], z[BLOCK], y[BLOCK];
    Worst worst = {-1, 0, 0, 0, 0};
    uint64_t state = 1;
    for (uint64_t block = 0; block <= (UINT64_C(1) << 32) / step / BLOCK; block++) {
        fill_pairs(&state, x, z);
        for (int i = 0; block == 0 && i < SPECIAL * SPECIAL; i++) {
            x[i] = copysignf(special[i / SPECIAL / 2], i / SPECIAL % 2 ? -1.0f : 1.0f);
            z[i] = copysignf(special[i % SPECIAL / 2], i % 2 ? -1.0f : 1.0f);
        }
        kernel(BLOCK, x, z, y);
        for (int64_t i = 0; i < BLOCK; i++) {
            double want = truth(x[i], z[i]);
            worst_note(&worst, units_f32(y[i], want), x[i], z[i], y[i], want);
        }
    }
    return worst;
}

static bool all_f32(uint64_t step, char **names, int count) {
    bool good = true;
    Worst worst;
#define ONE(name, units, wide)                                                                     \
    if (is_wanted(#name, names, count)) {                                                          \
        worst = measure_f32(name##_f32, name, step);                                               \
        good = worst_report(#name, "f32", &worst, units) && good;                                        \
    }
#define TWO(name, units, wide)                                                                     \
    if (is_wanted(#name, names, count)) {                                                          \
        worst = measure_pairs_f32(name##_f32, name, step);                                         \
        good = worst_report(#name, "f32", &worst, units) && good;                                        \
    }
#include "functions.def"
    return good;
}

int main(int argc, char **argv) {
    if (argc < 2) return fputs("usage: accuracy_f32 STEP [NAME...]\n", stderr), 2;
    uint64_t step = strtoull(argv[1], NULL, 10);
    return all_f32(step ? step : 1, argv + 2, argc - 2) ? 0 : 1;
}
