/* What accuracy_f32.c and accuracy_f64.c share. They measure how far the functions of `math` are from
 * the true values, in units in the last place of the true value. Where that is zero, infinite or NaN
 * the result has to be the same, with its sign. */
#ifndef KC_TESTS_ACCURACY_H
#define KC_TESTS_ACCURACY_H

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"

enum { BLOCK = 4096 };

typedef struct Worst {
    double units; /* infinite: a special value is wrong */
    double x, z, got, want;
} Worst;

static inline void worst_note(Worst *worst, double units, double x, double z, double got,
                              double want) {
    if (units > worst->units) *worst = (Worst){units, x, z, got, want};
}

static inline bool is_same(double got, double want) {
    if (isnan(want)) return isnan(got);
    return got == want && signbit(got) == signbit(want);
}

static inline bool worst_report(const char *name, const char *type, const Worst *worst,
                                double limit) {
    bool good = worst->units <= limit;
    printf("%-8s %s %6.3f units at %.17g, %.17g: %.17g for %.17g%s\n", name, type, worst->units,
           worst->x, worst->z, worst->got, worst->want, good ? "" : "   TOO FAR");
    fflush(stdout);
    return good;
}

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016. */
static inline uint64_t random_next(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* No names are all names. */
static inline bool is_wanted(const char *name, char **names, int count) {
    for (int i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) return true;
    }
    return count == 0;
}

#endif
