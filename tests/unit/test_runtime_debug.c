/* libkcrt built with KC_DEBUG: memory of a reset arena is overwritten, and what kc_free cannot free
 * stops there. */
#define KC_DEBUG
#include "runtime/alloc.c"
#include "runtime/arena.c"
#include "runtime/piece.c"
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether freeing it aborts. */
static bool free_aborts(void *memory) {
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        (void)!freopen("/dev/null", "w", stderr);
        kc_free(memory);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void only_our_memory_is_freed(void **state) {
    (void)state;
    static _Alignas(64) char other[192];
    assert_true(free_aborts(other + 64));
    char *ours = kc_alloc(4, 8, 0);
    assert_false(free_aborts(ours));
    ours[0] = 1;
    kc_free(ours);
    static _Alignas(64) Header freed[2];
    freed[0].kind = MEMORY_FREED;
    assert_true(free_aborts(freed + 1));
}

static void a_reset_overwrites(void **state) {
    (void)state;
    kc_arena *arena = kc_arena_create(128, 1);
    unsigned char *a = kc_arena_alloc(arena, 100, 1, 1), *b = kc_arena_alloc(arena, 1000, 1, 1);
    kc_arena_reset(arena);
    MEMORY_OPEN(a, 100);
    MEMORY_OPEN(b, 1000);
    for (int i = 0; i < 100; i++) assert_int_equal(a[i], 0xDB);
    for (int i = 0; i < 1000; i++) assert_int_equal(b[i], 0xDB);
    kc_arena_free(arena);
}

static void a_return_overwrites_what_came_later(void **state) {
    (void)state;
    kc_arena *arena = kc_arena_create_uncounted(1024);
    unsigned char *a = kc_arena_alloc(arena, 100, 1, 1);
    int64_t mark[3];
    kc_arena_mark(arena, mark);
    unsigned char *b = kc_arena_alloc(arena, 100, 1, 1);
    kc_arena_return_to(arena, mark);
    MEMORY_OPEN(b, 100);
    for (int i = 0; i < 100; i++) assert_true(a[i] == 0 && b[i] == 0xDB);
    kc_arena_free(arena);
}

static bool write_dies(char *at) {
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        *(volatile char *)at = 1;
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status != 0;
}

/* A block ends in a page that nobody may touch; a large one begins where a huge page does. */
static void large_pieces_are_aligned_and_guarded(void **state) {
    (void)state;
    for (int counted = 0; counted < 2; counted++) {
        Piece small = kc_piece_get(100, counted != 0), large = kc_piece_get(9 << 20, counted != 0);
        assert_int_equal((uintptr_t)small.memory % 64, 0);
        assert_int_equal((uintptr_t)large.memory % (2 << 20), 0);
        char *end = (char *)large.memory + large.size;
        assert_false(write_dies(end - 1));
        assert_true(write_dies(end + sysconf(_SC_PAGESIZE) - 1));
        kc_piece_free(&small);
        kc_piece_free(&large);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_our_memory_is_freed),
        cmocka_unit_test(a_reset_overwrites),
        cmocka_unit_test(a_return_overwrites_what_came_later),
        cmocka_unit_test(large_pieces_are_aligned_and_guarded),
    };
    return cmocka_run_group_tests_name("runtime_debug", tests, NULL, NULL);
}
