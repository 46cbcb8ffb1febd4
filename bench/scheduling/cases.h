/* What is measured of each library, in terms of the functions that a backend (kc.c, openmp.c, tbb.cpp)
 * defines. Included once, by the backend; prints a line "case number" for each case. */
#ifndef KC_BENCH_SCHEDULING_CASES_H
#define KC_BENCH_SCHEDULING_CASES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef void (*Body)(void *context, int64_t begin, int64_t end);

/* Pieces of at least `grain` iterations; `even`: all take the same time. */
static void run_loop(int64_t n, int64_t grain, int even, Body body, void *context);
static void run_tasks(int64_t count); /* empty ones: spawns all, waits for all */
static int64_t run_fib(int n);        /* a task for one of the two calls, down to 1 */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

static void report(const char *name, double value) { printf("%s %.3f\n", name, value); }

static void do_nothing(void *context, int64_t begin, int64_t end) {
    (void)context, (void)begin, (void)end;
}

/* ---- Beginning and ending a loop --------------------------------------------------------------- */

static void hot_loops(void) {
    enum { LOOPS = 20000 };
    for (int i = 0; i < 1000; i++) run_loop(2, 1, 1, do_nothing, NULL);
    double start = now();
    for (int i = 0; i < LOOPS; i++) run_loop(2, 1, 1, do_nothing, NULL);
    report("hot", (now() - start) / LOOPS);
}

static void idle_loops(void) {
    enum { LOOPS = 101 };
    double times[LOOPS];
    for (int i = 0; i < LOOPS; i++) {
        usleep(2000);
        double start = now();
        run_loop(2, 1, 1, do_nothing, NULL);
        times[i] = now() - start;
    }
    report("idle", median(times, LOOPS));
}

static void single_iterations(void) {
    enum { COUNT = 1000000 };
    double start = now();
    run_loop(COUNT, 1, 0, do_nothing, NULL);
    report("grain1", (now() - start) / COUNT);
}

static void inner_loops(void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) run_loop(64, 1, 1, do_nothing, context);
}

static void nested_loops(void) {
    enum { COUNT = 5000 };
    double start = now();
    run_loop(COUNT, 1, 1, inner_loops, NULL);
    report("nested", (now() - start) / COUNT);
}

/* ---- Work -------------------------------------------------------------------------------------- */

static double burn(int64_t steps) {
    double x = 1;
    for (int64_t i = 0; i < steps; i++) {
        x = x * 1.0000001 + 1e-9;
        __asm__ volatile("" : "+x"(x));
    }
    return x;
}

static void triangle(void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) ((double *)context)[i] = burn(i * 4);
}

static void even_work(void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) ((double *)context)[i] = burn(8000);
}

typedef struct Streams {
    float *x, *y;
} Streams;

static void axpy(void *context, int64_t begin, int64_t end) {
    const Streams *s = (const Streams *)context;
    for (int64_t i = begin; i < end; i++) s->y[i] += 1.000001f * s->x[i];
}

/* How many times faster than one thread: the two take turns, and the best of each counts. */
static void speed_up(const char *name, int64_t n, int64_t grain, int even, Body body, void *context) {
    double alone = 1e30, together = 1e30;
    for (int i = 0; i < 5; i++) {
        double start = now();
        body(context, 0, n);
        double middle = now();
        run_loop(n, grain, even, body, context);
        double end = now();
        if (middle - start < alone) alone = middle - start;
        if (end - middle < together) together = end - middle;
    }
    report(name, alone / together);
}

static double axpy_time(int64_t n, int parallel, Streams *streams) {
    enum { ROUNDS = 200 };
    double best = 1e30;
    for (int round = 0; round < 5; round++) {
        double start = now();
        for (int i = 0; i < ROUNDS; i++) {
            if (parallel) run_loop(n, 2048, 1, axpy, streams);
            else axpy(streams, 0, n);
        }
        if (now() - start < best) best = now() - start;
    }
    return best / ROUNDS;
}

/* The least size, in steps of two, from which on two threads are faster than one. */
static void break_even(Streams *streams) {
    int64_t n = 1 << 20, least = 1 << 21;
    for (; n >= 2048 && axpy_time(n, 1, streams) < axpy_time(n, 0, streams); n /= 2) least = n;
    report("axpy", (double)least);
}

static void measure_work(void) {
    enum { ROWS = 2000, LARGE = 32 << 20 };
    double *results = (double *)calloc(ROWS, sizeof *results);
    Streams streams = {(float *)calloc(LARGE, sizeof(float)), (float *)calloc(LARGE, sizeof(float))};
    for (int i = 0; i < LARGE; i++) streams.x[i] = streams.y[i] = (float)i;
    speed_up("triangular", ROWS, 1, 0, triangle, results);
    speed_up("compute", ROWS, 1, 1, even_work, results);
    speed_up("bandwidth", LARGE, 1 << 16, 1, axpy, &streams);
    break_even(&streams);
    free(results);
    free(streams.x);
    free(streams.y);
}

/* ---- Tasks ------------------------------------------------------------------------------------- */

static void measure_tasks(void) {
    enum { COUNT = 1000000, FIB = 27 };
    run_tasks(1000);
    double start = now();
    run_tasks(COUNT);
    report("tasks", (now() - start) / COUNT);
    start = now();
    int64_t result = run_fib(FIB);
    report("fib", (now() - start) / (double)(317811 - 1)); /* as many spawns as fib(28), less one */
    if (result != 196418) fprintf(stderr, "fib is wrong\n");
}

int main(void) {
    hot_loops();
    idle_loops();
    single_iterations();
    nested_loops();
    measure_tasks();
    measure_work();
    return 0;
}

#endif
