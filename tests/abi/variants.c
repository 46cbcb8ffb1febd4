// kernels: variants.k variants_two.k
/* Objects with several variants: threads that call first at the same time, all kinds of arguments
 * through the entry, direct entries, two objects in one program, and KC_ARCH. */
#define _POSIX_C_SOURCE 200809L

#include "variants.h"
#include "variants_two.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 8 };

static pthread_barrier_t together;

static void *first_call(void *seen) {
    pthread_barrier_wait(&together);
    *(int32_t *)seen = width_one();
    return NULL;
}

static int32_t best(void) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return 16;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 8;
    return 4;
}

static void threads_agree(void) {
    pthread_t threads[THREADS];
    int32_t seen[THREADS];
    assert(pthread_barrier_init(&together, NULL, THREADS) == 0);
    for (int i = 0; i < THREADS; i++)
        assert(pthread_create(&threads[i], NULL, first_call, &seen[i]) == 0);
    for (int i = 0; i < THREADS; i++) {
        assert(pthread_join(threads[i], NULL) == 0);
        assert(seen[i] == best());
    }
}

static void arguments_arrive(void) {
    Large p = {1, 2, 3, 4}, q = {10, 20, 30, 40};
    Large r = scaled(p, 2.0, q);
    assert(r.a == 12 && r.b == 4 && r.c == 33 && r.i == 44);
    Pair s = swapped((Pair){7.0f, 3});
    assert(s.x == 3.0f && s.y == 7);
    many_result m = many(1, 2, 3, 4, 5, 6, 7, 8, 0.5f);
    assert(m.r0 == 21 + 70 + 800 && m.r1 == 1.5f);
    float y = -1;
    assert(root(9.0f, &y) == 0 && y == 3.0f);
    assert(root(-9.0f, &y) == 1 && y == 0.0f);
    assert(item(3, (const int32_t[]){5, 6, 7}, 2) == 7);
}

static void variants_agree(void) {
    float x[100];
    for (int i = 0; i < 100; i++) x[i] = (float)(i % 7);
    float sum = total__x86_64_v2(100, x);
    assert(total(100, x) == sum && width_one__x86_64_v2() == 4);
    if (best() >= 8) assert(total__avx2(100, x) == sum && width_one__avx2() == 8);
    if (best() >= 16) assert(total__avx512(100, x) == sum && width_one__avx512() == 16);
}

int main(void) {
    unsetenv("KC_ARCH");
    threads_agree();
    arguments_arrive();
    variants_agree();
    setenv("KC_ARCH", "x86-64-v2", 1); /* read once by each object */
    assert(width_two() == 4);
    assert(width_one() == best());
    setenv("KC_ARCH", "avx512", 1);
    assert(width_two() == 4);
    puts("ok");
    return 0;
}
