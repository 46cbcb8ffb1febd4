/* Errors of f64 functions over COUNT arguments at random, beside MPFR with 96 bits.
 *
 *   accuracy_f64 COUNT [NAME...]
 *
 * Exit status 1 if an error is larger than functions.def allows. */
#include "accuracy.h"

#include <mpfr.h>

enum { BITS = 96 };

static int mpfr_sigmoid(mpfr_t y, const mpfr_t x, mpfr_rnd_t mode) {
    mpfr_neg(y, x, mode);
    mpfr_exp(y, y, mode);
    mpfr_add_ui(y, y, 1, mode);
    return mpfr_ui_div(y, 1, y, mode);
}

/* Of -0 it is -inf, as IEEE 754 has it. */
static int mpfr_rsqrt(mpfr_t y, const mpfr_t x, mpfr_rnd_t mode) {
    return mpfr_zero_p(x) ? mpfr_ui_div(y, 1, x, mode) : mpfr_rec_sqrt(y, x, mode);
}

static double double_of(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* A third has arbitrary bits, a third is of a size from 2^-40 to 2^40, and a third lies below 32. */
static double random_f64(uint64_t *state) {
    uint64_t bits = random_next(state), kind = random_next(state);
    if (kind % 3 == 0) return double_of(bits);
    if (kind % 3 == 1) {
        uint64_t exponent = 1023 - 40 + (kind >> 8) % 80;
        return double_of((bits & UINT64_C(0x800fffffffffffff)) | exponent << 52);
    }
    return ldexp((double)(int64_t)bits, -58);
}

static double units_f64(double got, mpfr_t want, mpfr_t work) {
    double rounded = mpfr_get_d(want, MPFR_RNDN);
    if (mpfr_nan_p(want) || mpfr_inf_p(want) || mpfr_zero_p(want)) {
        return is_same(got, rounded) ? 0.0 : INFINITY;
    }
    if (isnan(got)) return INFINITY;
    if (isinf(got) || isinf(rounded))
        return is_same(got, rounded) ? 0.5 : isinf(got) ? INFINITY : 2.0;
    if (signbit(got) != signbit(rounded)) return INFINITY;
    long exponent = mpfr_get_exp(want);
    if (exponent < -1021) exponent = -1021;
    mpfr_sub_d(work, want, got, MPFR_RNDN);
    mpfr_mul_2si(work, work, 53 - exponent, MPFR_RNDN);
    return fabs(mpfr_get_d(work, MPFR_RNDN));
}

typedef void Kernel64(int64_t n, const double *x, double *y);
typedef void PairKernel64(int64_t n, const double *x, const double *z, double *y);

static const double special_f64[] = {0,    1,      0.5,    2,     INFINITY, NAN, 5e-324,
                                     1e30, 710.25, 709.75, 1e308, 27.5,     4.5, 0x1p53};
enum { SPECIAL = sizeof special_f64 / sizeof *special_f64 };

static Worst measure_f64(Kernel64 *kernel, int (*truth)(mpfr_t, const mpfr_t, mpfr_rnd_t),
                         uint64_t samples) {
    static double x[BLOCK], y[BLOCK];
    Worst worst = {-1, 0, 0, 0, 0};
    uint64_t state = 1;
    mpfr_t a, want;
    mpfr_init2(a, BITS);
    mpfr_init2(want, BITS);
    for (uint64_t done = 0; done < samples; done += BLOCK) {
        for (int i = 0; i < BLOCK; i++) x[i] = random_f64(&state);
        for (int i = 0; done == 0 && i < 2 * SPECIAL; i++) {
            x[i] = i % 2 ? -special_f64[i / 2] : special_f64[i / 2];
        }
        kernel(BLOCK, x, y);
        for (int i = 0; i < BLOCK; i++) {
            mpfr_set_d(a, x[i], MPFR_RNDN);
            truth(want, a, MPFR_RNDN);
            worst_note(&worst, units_f64(y[i], want, a), x[i], 0, y[i],
                       mpfr_get_d(want, MPFR_RNDN));
        }
    }
    mpfr_clear(a);
    mpfr_clear(want);
    return worst;
}

static Worst measure_pairs_f64(PairKernel64 *kernel,
                               int (*truth)(mpfr_t, const mpfr_t, const mpfr_t, mpfr_rnd_t),
                               uint64_t samples) {
    static double x[BLOCK], z[BLOCK], y[BLOCK];
    Worst worst = {-1, 0, 0, 0, 0};
    uint64_t state = 1;
    mpfr_t a, b, want;
    mpfr_init2(a, BITS);
    mpfr_init2(b, BITS);
    mpfr_init2(want, BITS);
    for (uint64_t done = 0; done < samples; done += BLOCK) {
        for (int i = 0; i < BLOCK; i++) {
            x[i] = random_f64(&state);
            z[i] = random_f64(&state);
        }
        for (int i = 0; done == 0 && i < 4 * SPECIAL * SPECIAL; i++) {
            double first = special_f64[i / 2 / SPECIAL / 2], second = special_f64[i / 2 % SPECIAL];
            x[i] = i / 2 / SPECIAL % 2 ? -first : first;
            z[i] = i % 2 ? -second : second;
        }
        kernel(BLOCK, x, z, y);
        for (int i = 0; i < BLOCK; i++) {
            mpfr_set_d(a, x[i], MPFR_RNDN);
            mpfr_set_d(b, z[i], MPFR_RNDN);
            truth(want, a, b, MPFR_RNDN);
            worst_note(&worst, units_f64(y[i], want, a), x[i], z[i], y[i],
                       mpfr_get_d(want, MPFR_RNDN));
        }
    }
    mpfr_clear(a);
    mpfr_clear(b);
    mpfr_clear(want);
    return worst;
}

static bool all_f64(uint64_t samples, char **names, int count) {
    bool good = true;
    Worst worst;
#define ONE(name, narrow, units)                                                                   \
    if (is_wanted(#name, names, count)) {                                                          \
        worst = measure_f64(name##_f64, mpfr_##name, samples);                                     \
        good = worst_report(#name, "f64", &worst, units + SLACK) && good;                          \
    }
#define TWO(name, narrow, units)                                                                   \
    if (is_wanted(#name, names, count)) {                                                          \
        worst = measure_pairs_f64(name##_f64, mpfr_##name, samples);                               \
        good = worst_report(#name, "f64", &worst, units + SLACK) && good;                          \
    }
#include "functions.def"
    return good;
}

int main(int argc, char **argv) {
    if (argc < 2) return fputs("usage: accuracy_f64 COUNT [NAME...]\n", stderr), 2;
    return all_f64(strtoull(argv[1], NULL, 10), argv + 2, argc - 2) ? 0 : 1;
}
