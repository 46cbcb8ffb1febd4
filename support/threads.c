#define _GNU_SOURCE /* sched_getaffinity */
#include "support/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/* More would wait for memory most of the time. */
enum { MAX_THREADS = 16 };

typedef struct Items {
    uint32_t count;
    atomic_uint next;
    void (*work)(void *user, uint32_t index);
    void *user;
} Items;

static void *take_items(void *data) {
    Items *items = data;
    for (;;) {
        uint32_t index = atomic_fetch_add(&items->next, 1);
        if (index >= items->count) return NULL;
        items->work(items->user, index);
    }
}

static uint32_t processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return (uint32_t)CPU_COUNT(&set);
}

void threads_each(uint32_t count, void (*work)(void *user, uint32_t index), void *user) {
    Items items = {.count = count, .work = work, .user = user};
    uint32_t wanted = processor_count();
    if (wanted > count) wanted = count;
    if (wanted > MAX_THREADS) wanted = MAX_THREADS;
    pthread_t threads[MAX_THREADS];
    uint32_t started = 0;
    while (started + 1 < wanted &&
           pthread_create(&threads[started], NULL, take_items, &items) == 0)
        started++;
    take_items(&items);
    for (uint32_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
}
