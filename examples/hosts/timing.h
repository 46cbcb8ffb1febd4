/* Time for the example hosts. */
#ifndef KC_EXAMPLES_TIMING_H
#define KC_EXAMPLES_TIMING_H

#include <time.h>

/* Milliseconds of a clock that only runs forwards. */
static inline double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

#endif
