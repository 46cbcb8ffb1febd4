/* What hosts of parallel kernels have in common. */
#ifndef TESTS_ABI_HOSTS_H
#define TESTS_ABI_HOSTS_H

#include "kc/kcrt.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>

/* So many threads from now on, in the order of stealing that the seed says (0: as it comes). */
static inline void threads_set(int threads, uint64_t seed) {
    const kc_pool_options options = {.threads = threads, .seed = seed};
    assert(kc_pool_configure(&options) == KC_OK);
}

/* Four threads of the host at once, on a pool of three. */
static inline void hosts_share_the_pool(void *(*host)(void *unused)) {
    pthread_t hosts[4];
    threads_set(3, 0);
    for (int i = 0; i < 4; i++) assert(pthread_create(&hosts[i], NULL, host, NULL) == 0);
    for (int i = 0; i < 4; i++) assert(pthread_join(hosts[i], NULL) == 0);
}

#endif
