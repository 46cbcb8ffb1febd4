#include "support/threads.h"

#include <pthread.h>
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

void threads_each(uint32_t threads, uint32_t count, void (*work)(void *user, uint32_t index), void *user) {
    Items items = {.count = count, .work = work, .user = user};
    uint32_t wanted = threads < count ? threads : count;
    if (wanted > MAX_THREADS) wanted = MAX_THREADS;
    pthread_t others[MAX_THREADS];
    uint32_t started = 0;
    while (started + 1 < wanted &&
           pthread_create(&others[started], NULL, take_items, &items) == 0)
        started++;
    take_items(&items);
    for (uint32_t i = 0; i < started; i++) pthread_join(others[i], NULL);
}
