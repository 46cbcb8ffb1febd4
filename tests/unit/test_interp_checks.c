/* The interpreter's checks, with the values that their panics show, and its prints. */
#include "tests/unit/interp_helpers.h"

#include <stdio.h>

typedef struct CheckRow {
    const char *check, *type, *operands;
    bool holds;
    int64_t values[3];
} CheckRow;

static const CheckRow checks[] = {
    {"index", "i64", "0 1", true, {0}},
    {"index", "i64", "1 1", false, {1, 1, 0}},
    {"index", "i64", "-1 5", false, {-1, 5, 0}},
    {"range", "i64", "0 5 5", true, {0}},
    {"range", "i64", "7 7 0", true, {0}},
    {"range", "i64", "0 6 5", false, {0, 6, 5}},
    {"range", "i64", "-1 2 5", false, {-1, 2, 5}},
    {"slice", "i64", "2 2 2", true, {0}},
    {"slice", "i64", "3 2 5", false, {3, 2, 5}},
    {"slice", "i64", "0 6 5", false, {0, 6, 5}},
    {"size", "i64", "4 4", true, {0}},
    {"size", "i64", "4 5", false, {4, 5, 0}},
    {"length", "i64", "0", true, {0}},
    {"length", "i64", "-1", false, {-1, 0, 0}},
    {"nonempty", "i64", "0", false, {0}},
    {"divisor", "u8", "0", false, {0}},
    {"divisor", "i8", "-1", true, {0}},
    {"exponent", "i8", "-1", false, {-1, 0, 0}},
    {"exponent", "u8", "255", true, {0}},
    {"step", "i64", "0", false, {0}},
    {"add", "i8", "127 1", false, {127, 1, 0}},
    {"add", "u64", "18446744073709551615 0", true, {0}},
    {"add", "u64", "18446744073709551615 1", false, {-1, 1, 0}},
    {"sub", "u32", "0 1", false, {0, 1, 0}},
    {"sub", "i64", "-9223372036854775808 1", false, {INT64_MIN, 1, 0}},
    {"mul", "i64", "4611686018427387904 2", false, {INT64_C(4611686018427387904), 2, 0}},
    {"mul", "u64", "18446744073709551615 18446744073709551615", false, {-1, -1, 0}},
    {"mul", "i32", "-46341 46341", false, {-46341, 46341, 0}},
    {"mul", "i32", "-46340 46340", true, {0}},
};

static const CheckInfo *check_named(const char *name) {
    const CheckInfo *info = check_infos;
    while (strcmp(info->mnemonic, name) != 0) info++;
    return info;
}

static void test_checks(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(checks); i++) {
        const CheckRow *row = &checks[i];
        const CheckInfo *info = check_named(row->check);
        char words[80];
        StrBuf text = {0};
        strbuf_puts(&text, "module m loop\nfn @f() {\n");
        snprintf(words, sizeof words, "%s", row->operands);
        char *word = words;
        for (uint32_t k = 0; k < info->operands; k++) {
            size_t length = strcspn(word, " ");
            strbuf_printf(&text, "%%%u = const %.*s : %s\n", k, (int)length, word, row->type);
            word += length + 1;
        }
        strbuf_printf(&text, "check %s ", row->check);
        for (uint32_t k = 0; k < info->operands; k++)
            strbuf_printf(&text, k == 0 ? "%%%u" : ", %%%u", k);
        strbuf_puts(&text, "\n}\n");
        Run run = {0};
        run_text(&run, strbuf_text(&text), NULL);
        assert_int_equal(run.status, row->holds ? INTERP_OK : INTERP_PANIC);
        if (!row->holds) {
            assert_string_equal(run.panic.message, info->message);
            assert_int_equal(run.panic.value_count, info->operands);
            assert_memory_equal(run.panic.values, row->values, info->operands * 8);
            assert_string_equal(run.panic.names[0], info->names[0]);
        }
        run_end(&run);
        strbuf_free(&text);
    }
}

/* ---- Places and prints ----------------------------------------------------------------------- */

static void test_panics_have_a_place(void **state) {
    (void)state;
    static const char text[] = "module m loop\nfn @f() spelled \"Kernel.run\" {\n"
                               "%c = const false : bool\ncheck true \"no luck\" %c\n}\n";
    Run run = {0};
    run_text(&run, text, NULL);
    assert_string_equal(run.panic.message, "no luck");
    assert_string_equal(text_of(run.cx, run.panic.function), "Kernel.run");
    assert_int_equal(run.panic.value_count, 0);
    const Source *source = source_of(&run.cx->sources, run.panic.span);
    assert_int_equal(source_line_col(source, run.panic.span.start).line, 4);
    run_end(&run);
}

static void test_prints(void **state) {
    (void)state;
    static const char text[] =
        FN("", "",
           NUMBERS "%t = text \"x =\" : str\n%a = map %3 : array<f64, 1> |%i| {\n"
           "%j = cast %i : f64\nyield %j\n}\n%v = alloc %3 : view<f64, 1>\nassign %v, %a\n"
           "%m1 = const -1 : i64\n%s = slice %v, [%2, %3, %m1] : view<f64, 1, strided>\n"
           "print %t, %2\nprint %s\nprint\nfree %v");
    Run run = {0};
    run_text(&run, text, NULL);
    assert_int_equal(run.status, INTERP_OK);
    assert_string_equal(strbuf_text(&run.printed), "x = 2 \n[2][1][0]\n\n");
    run_end(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_panics_have_a_place),
        cmocka_unit_test(test_prints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
