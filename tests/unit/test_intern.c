#include "support/intern.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static void equal_texts_have_one_id(void **state) {
    (void)state;
    Arena *arena = arena_create();
    Names *names = names_create(arena);
    Name x = name_of_str(names, "x"), y = name_of_str(names, "y");
    assert_false(name_eq(x, y));
    assert_true(name_eq(x, name_of(names, "xyz", 1)));
    assert_string_equal(name_text(names, x), "x");
    assert_int_equal(name_length(names, x), 1);
    assert_int_equal(names_count(names), 2);
    arena_destroy(arena);
}

static void the_empty_text_is_no_name(void **state) {
    (void)state;
    Arena *arena = arena_create();
    Names *names = names_create(arena);
    assert_true(name_eq(name_of_str(names, ""), NO_NAME));
    assert_string_equal(name_text(names, NO_NAME), "");
    assert_int_equal(names_count(names), 0);
    arena_destroy(arena);
}

static void names_may_hold_any_byte(void **state) {
    (void)state;
    Arena *arena = arena_create();
    Names *names = names_create(arena);
    Name with_nul = name_of(names, "a\0b", 3);
    assert_false(name_eq(with_nul, name_of_str(names, "a")));
    assert_int_equal(name_length(names, with_nul), 3);
    assert_memory_equal(name_text(names, with_nul), "a\0b", 4);
    arena_destroy(arena);
}

static void many_names_keep_their_ids(void **state) {
    (void)state;
    enum { COUNT = 50000 };
    Arena *arena = arena_create();
    Names *names = names_create(arena);
    char text[32];
    for (uint32_t i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "name_%u", i);
        assert_int_equal(name_of_str(names, text).id, i + 1);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "name_%u", i);
        assert_int_equal(name_of_str(names, text).id, i + 1);
        assert_string_equal(name_text(names, (Name){i + 1}), text);
    }
    arena_destroy(arena);
}

static const char *nearest(const char *wanted) {
    static const char *const known[] = {"length", "shape", "sum", "view", "Tensor", "xs", "count"};
    return nearest_text(wanted, known, ARRAY_LEN(known));
}

static void slips_find_their_name(void **state) {
    (void)state;
    assert_string_equal(nearest("lenght"), "length"); /* two letters swapped */
    assert_string_equal(nearest("shpe"), "shape");    /* one left out */
    assert_string_equal(nearest("summ"), "sum");      /* one too many */
    assert_string_equal(nearest("cownt"), "count");   /* one replaced */
    assert_string_equal(nearest("tensor"), "Tensor"); /* letter case */
}

static void far_names_are_not_suggested(void **state) {
    (void)state;
    assert_null(nearest("matmul"));
    assert_null(nearest("q"));
    assert_null(nearest(""));
    assert_null(nearest("shape")); /* the same name is no slip */
    char endless[1000];
    memset(endless, 'a', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    assert_null(nearest(endless));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_have_one_id),
        cmocka_unit_test(the_empty_text_is_no_name),
        cmocka_unit_test(names_may_hold_any_byte),
        cmocka_unit_test(many_names_keep_their_ids),
        cmocka_unit_test(slips_find_their_name),
        cmocka_unit_test(far_names_are_not_suggested),
    };
    return cmocka_run_group_tests_name("intern", tests, NULL, NULL);
}
