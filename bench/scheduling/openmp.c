/* For libgomp (gcc) and libomp (clang). */
#include "bench/scheduling/cases.h"

static void run_loop(int64_t n, int64_t grain, int even, Body body, void *context) {
    int64_t pieces = n / grain + (n % grain > 0);
    if (even) {
#pragma omp parallel for schedule(static)
        for (int64_t i = 0; i < pieces; i++)
            body(context, i * grain, i + 1 < pieces ? (i + 1) * grain : n);
    } else {
#pragma omp parallel for schedule(dynamic, 1)
        for (int64_t i = 0; i < pieces; i++)
            body(context, i * grain, i + 1 < pieces ? (i + 1) * grain : n);
    }
}

static void run_tasks(int64_t count) {
#pragma omp parallel
#pragma omp single
    for (int64_t i = 0; i < count; i++) {
#pragma omp task
        __asm__ volatile("");
    }
}

static int64_t fib(int n) {
    if (n < 2) return n;
    int64_t a, b;
#pragma omp task shared(a)
    a = fib(n - 1);
    b = fib(n - 2);
#pragma omp taskwait
    return a + b;
}

static int64_t run_fib(int n) {
    int64_t result = 0;
#pragma omp parallel
#pragma omp single
    result = fib(n);
    return result;
}
