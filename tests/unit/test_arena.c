#include "support/strbuf.h"
#include "support/vec.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static void memory_is_zeroed_and_aligned(void **state) {
    (void)state;
    Arena *arena = arena_create();
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) assert_int_equal(memory[i], 0);
        memset(memory, 0xAB, size);
    }
    arena_destroy(arena);
}

static void blocks_do_not_overlap(void **state) {
    (void)state;
    enum { COUNT = 2000 };
    Arena *arena = arena_create();
    unsigned char *blocks[COUNT];
    size_t sizes[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        sizes[i] = i % 97 == 0 ? 40000 : i % 61 + 1;
        blocks[i] = arena_alloc(arena, sizes[i]);
        memset(blocks[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(blocks[i][0], i % 251);
        assert_int_equal(blocks[i][sizes[i] - 1], i % 251);
    }
    arena_destroy(arena);
}

static void large_block_keeps_the_current_one(void **state) {
    (void)state;
    Arena *arena = arena_create();
    char *first = arena_alloc(arena, 16);
    arena_alloc(arena, 10 * 1024 * 1024);
    char *second = arena_alloc(arena, 16);
    assert_ptr_equal(second, first + 16);
    arena_destroy(arena);
}

static void used_counts_what_was_handed_out(void **state) {
    (void)state;
    Arena *arena = arena_create();
    assert_int_equal(arena_used(arena), 0);
    arena_alloc(arena, 1);
    assert_in_range(arena_used(arena), 1, 64);
    arena_alloc(arena, 100000);
    assert_in_range(arena_used(arena), 100001, 100128);
    arena_destroy(arena);
}

static void texts_are_copied_and_terminated(void **state) {
    (void)state;
    Arena *arena = arena_create();
    assert_string_equal(arena_strndup(arena, "kernel", 3), "ker");
    assert_string_equal(arena_strndup(arena, "", 0), "");
    assert_string_equal(arena_printf(arena, "%s-%d", "x", 42), "x-42");
    char *long_text = arena_printf(arena, "%50000d|", 7);
    assert_int_equal(strlen(long_text), 50001);
    assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b", 3);
    arena_destroy(arena);
}

static void vectors_grow_and_keep_their_items(void **state) {
    (void)state;
    Arena *arena = arena_create();
    Vec(uint32_t) numbers = {0};
    for (uint32_t i = 0; i < 100000; i++) vec_push(arena, &numbers, i * 3);
    assert_int_equal(numbers.len, 100000);
    for (uint32_t i = 0; i < 100000; i++) assert_int_equal(numbers.data[i], i * 3);
    assert_int_equal(vec_last(&numbers), 99999 * 3);
    assert_int_equal(vec_pop(&numbers), 99999 * 3);
    assert_int_equal(numbers.len, 99999);
    arena_destroy(arena);
}

static void strbuf_builds_text(void **state) {
    (void)state;
    StrBuf text = {0};
    assert_string_equal(strbuf_text(&text), "");
    strbuf_puts(&text, "ab");
    strbuf_putc(&text, 'c');
    strbuf_pad(&text, '.', 3);
    strbuf_printf(&text, "%05d", 42);
    strbuf_add(&text, "xyz", 2);
    assert_string_equal(strbuf_text(&text), "abc...00042xy");
    assert_int_equal(text.len, 13);
    for (int i = 0; i < 10000; i++) strbuf_printf(&text, "%d", i % 10);
    assert_int_equal(text.len, 10013);
    assert_int_equal(text.data[10012], '9');
    strbuf_free(&text);
    assert_null(text.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(blocks_do_not_overlap),
        cmocka_unit_test(large_block_keeps_the_current_one),
        cmocka_unit_test(used_counts_what_was_handed_out),
        cmocka_unit_test(texts_are_copied_and_terminated),
        cmocka_unit_test(vectors_grow_and_keep_their_items),
        cmocka_unit_test(strbuf_builds_text),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
