/* The formatter changes neither the tree nor, a second time, the text; and it keeps every comment. */
#include "tests/unit/unit.h"

#include <string.h>

#include "parser/format.h"
#include "parser/parser.h"

static const Source *add_source(Context *cx, const char *text) {
    return sources_add(&cx->sources, "t.k", text, (uint32_t)strlen(text));
}

static void print_tree(Context *cx, const char *text, StrBuf *out) {
    const Source *source = add_source(cx, text);
    AstIds ids = {.arena = cx->arena, .exprs = 1, .stmts = 1};
    ast_print(cx, parse(cx, &ids, source, lex(cx, source)), out);
}

static void expect_formatted(const char *text, const char *wanted) {
    Context *cx = context_create();
    StrBuf once = {0}, twice = {0}, before = {0}, after = {0};
    assert_true(format_source(cx, add_source(cx, text), &once));
    assert_string_equal(strbuf_text(&once), wanted);
    assert_true(format_source(cx, add_source(cx, wanted), &twice));
    assert_string_equal(strbuf_text(&twice), wanted);
    print_tree(cx, text, &before);
    print_tree(cx, wanted, &after);
    assert_string_equal(strbuf_text(&before), strbuf_text(&after));
    strbuf_free(&once);
    strbuf_free(&twice);
    strbuf_free(&before);
    strbuf_free(&after);
    context_destroy(cx);
}

static void test_spacing(void **state) {
    (void)state;
    expect_formatted("a=f( x,k = 1 )[ i:j+1 ]*- b", "a = f(x, k=1)[i:j + 1] * -b\n");
    expect_formatted("if x :\n  y\n", "if x:\n    y\n");
    expect_formatted("fn f(a:f32=1.0,b=2)->f32:pass", "fn f(a: f32 = 1.0, b=2) -> f32: pass\n");
    expect_formatted("", "");
}

static void test_conventions_move_before_the_name(void **state) {
    (void)state;
    expect_formatted("fn f(a: inout T, read b: T, mut c: T): pass",
                     "fn f(inout a: T, borrowed b: T, inout c: T): pass\n");
    expect_formatted("read = mut", "read = mut\n");
}

static void test_comments_and_blank_lines(void **state) {
    (void)state;
    expect_formatted("# a\n\n\n\n\nx # b\n\n\n  # c\n", "# a\n\n\nx  # b\n\n\n# c\n");
    expect_formatted("f(a, # one\n  # two\n  b)\n", "f(\n    a,  # one\n    # two\n    b\n)\n");
}

static void test_numbers_and_dots_stay_apart(void **state) {
    (void)state;
    expect_formatted("a = 1 .b", "a = 1 .b\n");
    expect_formatted("a = 0 .. n", "a = 0..n\n");
    expect_formatted("a = 0 .. .5", "a = 0.. .5\n");
    expect_formatted("a = - -b", "a = - -b\n");
}

static void test_files_with_errors_are_left_alone(void **state) {
    (void)state;
    Context *cx = context_create();
    StrBuf out = {0};
    assert_false(format_source(cx, add_source(cx, "x = = 1\n"), &out));
    assert_int_equal(out.len, 0);
    assert_int_equal(cx->diags.errors, 1);
    strbuf_free(&out);
    context_destroy(cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spacing),
        cmocka_unit_test(test_conventions_move_before_the_name),
        cmocka_unit_test(test_comments_and_blank_lines),
        cmocka_unit_test(test_numbers_and_dots_stay_apart),
        cmocka_unit_test(test_files_with_errors_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
