/* Errors of f32 functions over every STEP-th of the 2^32 arguments (of pairs: as many, at random).
 *
 *   accuracy_f32 STEP [NAME...]
 *
 * The true values are those of C's functions of double, wrong by less than 2^-28 of a unit. They are
 * computed where guess.c, which is faster, finds an error above the largest so far. Exit status 1 if
 * an error is larger than functions.def allows. */
#include "accuracy.h"

#include "guess.h"

/* ---- The true values ------------------------------------------------------------------------- */

static double true_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }
static double true_rsqrt(double x) { return 1.0 / sqrt(x); }
#define sigmoid true_sigmoid
#define rsqrt true_rsqrt

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

/* Whether `got` may be further off than `most`: the quick answer, where `want` may be wrong by a few
 * units of double, and a special value by anything. */
static bool is_suspect(float got, double want, double most) {
    uint64_t bits;
    memcpy(&bits, &want, sizeof bits);
    uint64_t exponent = bits >> 52 & 0x7ff;
    if (exponent < 1023 - 126) exponent = 1023 - 126;
    bits = (2 * 1023 + 23 - exponent) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    bool is_near =
        fabs(got - want) * scale <= most && (got != 0.0f || !signbit(got) == !signbit(want));
    bool is_same_kind =
        isnan(got) ? isnan(want) : isinf(got) && (got > 0 ? want >= 0x1p128 : want <= -0x1p128);
    return !is_near && !is_same_kind;
}

typedef void Kernel32(int64_t n, const float *x, float *y);
typedef void Guess(int64_t n, const float *x, double *y);

static const float special[] = {0,        1,   0.5,    2,        3,   4,   1e30f,
                                INFINITY, NAN, 1e-40f, 16777217, 1.5, 0.25};
enum { SPECIALS = 2 * sizeof special / sizeof *special };

static float special_at(int i) { return copysignf(special[i / 2], i % 2 ? -1.0f : 1.0f); }

static Worst measure_f32(Kernel32 *kernel, Guess *guess, double (*truth)(double), uint64_t step) {
    static float x[BLOCK], y[BLOCK];
    static double wants[BLOCK];
    Worst worst = {-1, 0, 0, 0, 0};
    uint64_t bits = 0;
    while (bits <= UINT32_MAX) {
        int64_t n = 0;
        for (; bits == 0 && n < SPECIALS; n++) x[n] = special_at((int)n);
        for (; n < BLOCK && bits <= UINT32_MAX; bits += step) x[n++] = float_of((uint32_t)bits);
        kernel(n, x, y);
        guess(n, x, wants);
        for (int64_t i = 0; i < n; i++) {
            if (!is_suspect(y[i], wants[i], worst.units)) continue;
            double want = truth(x[i]);
            worst_note(&worst, units_f32(y[i], want), x[i], 0, y[i], want);
        }
    }
    return worst;
}

typedef void PairKernel32(int64_t n, const float *x, const float *z, float *y);

/* Half of the pairs have arbitrary bits; the others are of moderate size, or tiny both. */
static void fill_pairs(uint64_t *state, float *x, float *z) {
    for (int i = 0; i < BLOCK; i++) {
        uint64_t bits = random_next(state);
        x[i] = float_of((uint32_t)bits);
        z[i] = float_of((uint32_t)(bits >> 32));
        if (i % 2 == 0) continue;
        int tiny = i % 64 == 1 ? 120 : 0;
        x[i] = ldexpf((float)(uint32_t)bits, -28 - tiny);
        z[i] = ldexpf((float)(int32_t)(bits >> 32), -26 - tiny);
    }
}

static Worst measure_pairs_f32(PairKernel32 *kernel, double (*truth)(double, double),
                               uint64_t step) {
    static float x[BLOCK], z[BLOCK], y[BLOCK];
    Worst worst = {-1, 0, 0, 0, 0};
    uint64_t state = 1;
    for (uint64_t block = 0; block <= (UINT64_C(1) << 32) / step / BLOCK; block++) {
        fill_pairs(&state, x, z);
        for (int i = 0; block == 0 && i < SPECIALS * SPECIALS; i++) {
            x[i] = special_at(i / SPECIALS);
            z[i] = special_at(i % SPECIALS);
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
        worst = measure_f32(name##_f32, guess_##name, name, step);                                 \
        good = worst_report(#name, "f32", &worst, units + SLACK) && good;                          \
    }
#define TWO(name, units, wide)                                                                     \
    if (is_wanted(#name, names, count)) {                                                          \
        worst = measure_pairs_f32(name##_f32, name, step);                                         \
        good = worst_report(#name, "f32", &worst, units + SLACK) && good;                          \
    }
#include "functions.def"
    return good;
}

int main(int argc, char **argv) {
    if (argc < 2) return fputs("usage: accuracy_f32 STEP [NAME...]\n", stderr), 2;
    uint64_t step = strtoull(argv[1], NULL, 10);
    return all_f32(step ? step : 1, argv + 2, argc - 2) ? 0 : 1;
}
