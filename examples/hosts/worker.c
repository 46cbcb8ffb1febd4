/* A server that works for a long time: it answers batches of recordings, and writes down how long they
 * took and how much memory it has.
 *
 *     worker [BATCHES [ROWS]]                      a million, in 100 rows
 *
 * Each row of its table stands for the batches since the row before: seconds since the start, batches so
 * far, resident memory in KiB, and the median, the 99.9th percentile and the maximum of the times of a
 * batch in microseconds. Every answer is compared with what plain C made of the same recordings. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "timing.h"
#include "worker.h"

enum { RECORDINGS = 512, SAMPLES = 1024, MOST = 64, LEAST = 8 };

typedef struct Worker {
    float *recordings;       /* RECORDINGS of SAMPLES each: a batch is some that follow each other */
    float loud[RECORDINGS];  /* as plain C has it */
    float answers[MOST];
    kc_arena *arena;
    uint32_t random;
} Worker;

static uint32_t random_below(Worker *w, uint32_t limit) {
    w->random = w->random * 1664525u + 1013904223u;
    return (w->random >> 8) % limit;
}

static float loudness_c(const float *x) {
    double square = 0;
    for (int i = 8; i < SAMPLES - 7; i++) {
        double mean = 0;
        for (int k = i - 8; k < i + 8; k++) mean += (double)x[k] / 16;
        square += ((double)x[i] - mean) * ((double)x[i] - mean);
    }
    return (float)sqrt(square / (SAMPLES - 15));
}

static bool worker_init(Worker *w) {
    *w = (Worker){.random = 1};
    w->recordings = malloc(sizeof(float) * RECORDINGS * SAMPLES);
    w->arena = kc_arena_create(MOST * sizeof(float), 0);
    if (w->recordings == NULL || w->arena == NULL) return false;
    for (int r = 0; r < RECORDINGS; r++) {
        float *x = w->recordings + r * SAMPLES;
        for (int i = 0; i < SAMPLES; i++)
            x[i] = sinf((float)i * 0.01f) + (float)random_below(w, 1000) * (float)(r + 1) * 1e-6f;
        w->loud[r] = loudness_c(x);
    }
    return true;
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static bool is_near(float a, float b) { return fabsf(a - b) <= 1e-3f * b + 1e-4f; }

/* One batch: its time in microseconds, or a negative number when the answer is wrong. */
static float batch_run(Worker *w) {
    int count = LEAST + (int)random_below(w, MOST - LEAST + 1);
    int first = (int)random_below(w, (uint32_t)(RECORDINGS - count));
    float median = 0;
    double start = now_ms();
    kc_status status =
        loudness(count, SAMPLES, w->arena, w->recordings + first * SAMPLES, w->answers, &median);
    kc_arena_reset(w->arena);
    double us = (now_ms() - start) * 1e3;
    if (status != 0) return -1;
    for (int r = 0; r < count; r++)
        if (!is_near(w->answers[r], w->loud[first + r])) return -1;
    qsort(w->answers, (size_t)count, sizeof(float), compare);
    return w->answers[count / 2] == median ? (float)us : -1;
}

static long resident_kib(void) {
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void row_print(double seconds, long batches, float *times, long count) {
    qsort(times, (size_t)count, sizeof *times, compare);
    printf("%.1f,%ld,%ld,%.1f,%.1f,%.1f\n", seconds, batches, resident_kib(), (double)times[count / 2],
           (double)times[(count * 999) / 1000], (double)times[count - 1]);
    fflush(stdout);
}

int main(int argc, char **argv) {
    long batches = argc > 1 ? atol(argv[1]) : 1000000, rows = argc > 2 ? atol(argv[2]) : 100;
    if (rows < 1 || batches < rows) return fprintf(stderr, "usage: worker [BATCHES [ROWS]]\n"), 2;
    static Worker worker;
    long each = batches / rows;
    float *times = calloc((size_t)each, sizeof *times);
    if (times == NULL || !worker_init(&worker)) return fprintf(stderr, "out of memory\n"), 1;
    printf("seconds,batches,resident_kib,p50_us,p99.9_us,max_us\n");
    double start = now_ms();
    for (long row = 1; row <= rows; row++) {
        for (long i = 0; i < each; i++) {
            times[i] = batch_run(&worker);
            if (times[i] < 0) return fprintf(stderr, "wrong: %s\n", kc_error_message()), 1;
        }
        row_print((now_ms() - start) * 1e-3, row * each, times, each);
    }
    kc_arena_free(worker.arena);
    free(worker.recordings);
    free(times);
    return 0;
}
