/* Each request for memory fails in turn, whoever makes it: the kernel gives its result, or ends in one failed check
 * on the caller's thread; then it works again. */
#include "kc/kcrt.h"
#include "scarce.h"

#include <assert.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 12, WIDTH = 3000 };

static atomic_int asked;
static int fails_at = -1;
static jmp_buf escape;
static char text[256];

/* A failed check loses what the functions around it had. For leak checkers it is not lost. */
static void *all[1 << 18];
static atomic_int taken;

static void *take(void *user, size_t size) {
    (void)user;
    if (atomic_fetch_add(&asked, 1) == fails_at) return NULL;
    int place = atomic_fetch_add(&taken, 1);
    assert(place < 1 << 18);
    return all[place] = malloc(size);
}

static void give_back(void *user, void *memory) {
    (void)user;
    free(memory);
}

static void on_panic(const kc_panic_info *info) {
    kc_panic_format(info, text, sizeof text);
    longjmp(escape, 1);
}

static int64_t expected(int64_t i) {
    int64_t sum = 0, kept = 0;
    for (int64_t k = 0; k < WIDTH; k++) {
        sum += k > 0 ? i + k : 0;
        kept += (i + k) % 3 == 0;
    }
    return sum + kept;
}

/* False: a check failed. */
static int works(void) {
    kc_array_i64_1 result;
    if (setjmp(escape) != 0) return 0;
    assert(busy(ROWS, WIDTH, &result) == 0);
    for (int64_t i = 0; i < ROWS; i++) assert(result.data[i] == expected(i));
    kc_free(result.data);
    return 1;
}

int main(void) {
    alarm(100);
    kc_host host = {.allocate = take, .release = give_back};
    kc_pool_options options = {.threads = 3};
    assert(kc_host_set(&host) == 0);
    kc_panic_set_handler(on_panic);
    int failures = 0, done = 0;
    for (int point = 0; !done; point++) {
        assert(kc_pool_configure(&options) == 0); /* threads and their memory are asked for again */
        atomic_store(&asked, 0);
        fails_at = point;
        if (!works()) {
            failures++;
            assert(strstr(text, "memory") != NULL);
        }
        done = point >= atomic_load(&asked);
        fails_at = -1;
        assert(works());
    }
    assert(failures > 20);
    return 0;
}
