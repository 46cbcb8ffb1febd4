#include "support/context.h"
#include "support/json.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static Context *cx;

static int setup(void **state) {
    (void)state;
    cx = context_create();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    context_destroy(cx);
    return 0;
}

static Source *add(const char *path, const char *text) {
    return sources_add(&cx->sources, path, text, (uint32_t)strlen(text));
}

/* The span of the first `part` at or after the first `after` (NULL: from the beginning). */
static Span find(const Source *source, const char *after, const char *part) {
    const char *from = after == NULL ? source->text : strstr(source->text, after);
    const char *at = strstr(from, part);
    assert_non_null(at);
    uint32_t start = (uint32_t)(at - source->text);
    return (Span){source->file, start, start + (uint32_t)strlen(part)};
}

static void assert_text(const char *expected) {
    StrBuf text = {0};
    diags_render_text(cx, &text, false);
    assert_string_equal(strbuf_text(&text), expected);
    strbuf_free(&text);
}

static void one_underline(void **state) {
    (void)state;
    Source *source = add("a.k", "fn f():\n    y = foo + 1\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "foo"), "no name `%s`", "foo");
    diag_primary_label(cx, d, "not found here");
    diag_note(cx, d, "first\nsecond");
    assert_text("error[K0201]: no name `foo`\n"
                " --> a.k:2:9\n"
                "  |\n"
                "2 |     y = foo + 1\n"
                "  |         ^^^ not found here\n"
                "  |\n"
                "  = note: first\n"
                "          second\n");
}

static void labels_hang_below_their_line(void **state) {
    (void)state;
    Source *source = add("a.k", "z = alpha + beta\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "+"), "sizes differ");
    diag_primary_label(cx, d, "these");
    diag_label(cx, d, find(source, NULL, "alpha"), "size 3");
    diag_label(cx, d, find(source, NULL, "beta"), "size 4");
    assert_text("error[K0201]: sizes differ\n"
                " --> a.k:1:11\n"
                "  |\n"
                "1 | z = alpha + beta\n"
                "  |     ----- ^ ---- size 4\n"
                "  |     |     |\n"
                "  |     |     these\n"
                "  |     size 3\n");
}

static void label_in_the_first_column_hangs(void **state) {
    (void)state;
    Source *source = add("a.k", "ab cd\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "cd"), "m");
    diag_primary_label(cx, d, "right");
    diag_label(cx, d, find(source, NULL, "ab"), "left");
    assert_text("error[K0201]: m\n"
                " --> a.k:1:4\n"
                "  |\n"
                "1 | ab cd\n"
                "  | -- ^^ right\n"
                "  | |\n"
                "  | left\n");
}

static void far_lines_are_elided_and_near_ones_shown(void **state) {
    (void)state;
    Source *source = add("a.k", "one\n2\nthree\n4\n5\nsix\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "six"), "m");
    diag_label(cx, d, find(source, NULL, "one"), "a");
    diag_label(cx, d, find(source, NULL, "three"), "b");
    assert_text("error[K0201]: m\n"
                " --> a.k:6:1\n"
                "  |\n"
                "1 | one\n"
                "  | --- a\n"
                "2 | 2\n"
                "3 | three\n"
                "  | ----- b\n"
                "...\n"
                "6 | six\n"
                "  | ^^^\n");
}

static void other_files_follow(void **state) {
    (void)state;
    Source *source = add("dir/a.k", "use foo\n");
    Source *other = add("b.k", "alias foo = 1\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "foo"), "m");
    diag_label(cx, d, find(other, NULL, "foo"), "defined here");
    assert_text("error[K0201]: m\n"
                " --> dir/a.k:1:5\n"
                "  |\n"
                "1 | use foo\n"
                "  |     ^^^\n"
                " ::: b.k:1:7\n"
                "  |\n"
                "1 | alias foo = 1\n"
                "  |       --- defined here\n");
}

static void spans_over_several_lines(void **state) {
    (void)state;
    Source *source = add("a.k", "while x:\n    y = (1 +\n         2)\n    z = 3\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "while x:\n    y = (1 +\n         2)\n    z = 3"),
                       "m");
    diag_primary_label(cx, d, "the loop");
    diag_label(cx, d, find(source, NULL, "(1 +\n         2)"), "the sum");
    assert_text("error[K0201]: m\n"
                " --> a.k:1:1\n"
                "  |\n"
                "1 | /   while x:\n"
                "2 | |       y = (1 +\n"
                "  | |  _________-\n"
                "3 | | |          2)\n"
                "  | | |___________- the sum\n"
                "4 | |       z = 3\n"
                "  | |___________^ the loop\n");
}

static void tabs_and_wide_letters_keep_underlines_in_place(void **state) {
    (void)state;
    Source *source = add("a.k", "\tlet \xE6\x97\xA5 = b\xC3\xA4r\x01\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "b\xC3\xA4r"), "m");
    diag_label(cx, d, find(source, NULL, "\xE6\x97\xA5"), "w");
    assert_text("error[K0201]: m\n"
                " --> a.k:1:12\n"
                "  |\n"
                "1 |     let \xE6\x97\xA5 = b\xC3\xA4r\xE2\x90\x81\n"
                "  |         --   ^^^\n"
                "  |         |\n"
                "  |         w\n");
}

static void long_lines_show_a_window(void **state) {
    (void)state;
    enum { LENGTH = 1000000 };
    char *line = malloc(LENGTH + 1);
    memset(line, 'a', LENGTH);
    line[LENGTH] = '\0';
    Source *source = add("a.k", line);
    diag_add(cx, K0201, (Span){source->file, 500000, 500003}, "m");
    StrBuf text = {0};
    diags_render_text(cx, &text, false);
    assert_in_range(text.len, 100, 700);
    assert_non_null(strstr(text.data, "...aaa"));
    assert_non_null(strstr(text.data, "aaa...\n"));
    assert_non_null(strstr(text.data, " ^^^\n"));
    strbuf_free(&text);
    free(line);
}

static void places_at_and_beyond_the_end(void **state) {
    (void)state;
    Source *source = add("a.k", "x =\n");
    diag_add(cx, K0201, (Span){source->file, 4, 4}, "m");
    Source *empty = add("b.k", "");
    diag_add(cx, K0201, (Span){empty->file, 0, 0}, "n");
    assert_text("error[K0201]: m\n"
                " --> a.k:2:1\n"
                "  |\n"
                "2 |\n"
                "  | ^\n"
                "\n"
                "error[K0201]: n\n"
                " --> b.k:1:1\n"
                "  |\n"
                "1 |\n"
                "  | ^\n");
}

static void fixes_show_the_new_lines(void **state) {
    (void)state;
    Source *source = add("a.k", "y = foo + x\nz = 1\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "foo"), "m");
    Fix *replace = diag_fix(cx, d, FIX_AUTOMATIC, "write `bar`");
    fix_replace(cx, replace, find(source, NULL, "foo"), "bar");
    Fix *wrap = diag_fix(cx, d, FIX_SUGGESTED, "convert it");
    fix_replace(cx, wrap, span_after(find(source, NULL, "foo")), ")");
    fix_replace(cx, wrap, span_before(find(source, NULL, "foo")), "f32(");
    Fix *cut = diag_fix(cx, d, FIX_SUGGESTED, "remove it");
    fix_replace(cx, cut, find(source, NULL, "foo + "), "");
    Fix *insert = diag_fix(cx, d, FIX_SUGGESTED, "import it");
    fix_replace(cx, insert, (Span){source->file, 12, 12}, "import foo\n");
    assert_text("error[K0201]: m\n"
                " --> a.k:1:5\n"
                "  |\n"
                "1 | y = foo + x\n"
                "  |     ^^^\n"
                "  |\n"
                "help: write `bar`\n"
                "  |\n"
                "1 ~ y = bar + x\n"
                "  |     ~~~\n"
                "help: convert it\n"
                "  |\n"
                "1 ~ y = f32(foo) + x\n"
                "  |     ++++   +\n"
                "help: remove it\n"
                "  |\n"
                "1 - y = foo + x\n"
                "1 + y = x\n"
                "help: import it\n"
                "  |\n"
                "2 + import foo\n"
                "3 | z = 1\n");
}

static void fixes_of_whole_lines_leave_the_next_alone(void **state) {
    (void)state;
    Source *source = add("a.k", "one\ntwo\nthree\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "two"), "m");
    fix_replace(cx, diag_fix(cx, d, FIX_AUTOMATIC, "remove it"), find(source, NULL, "two\n"), "");
    fix_replace(cx, diag_fix(cx, d, FIX_SUGGESTED, "write `2`"), find(source, NULL, "two\n"), "2\n");
    assert_text("error[K0201]: m\n"
                " --> a.k:2:1\n"
                "  |\n"
                "2 | two\n"
                "  | ^^^\n"
                "  |\n"
                "help: remove it\n"
                "  |\n"
                "2 - two\n"
                "help: write `2`\n"
                "  |\n"
                "2 ~ 2\n"
                "  | ~\n");
}

static void diagnostics_come_in_source_order(void **state) {
    (void)state;
    Source *source = add("a.k", "a\nb\n");
    diag_add(cx, K0201, find(source, NULL, "b"), "second");
    diag_add(cx, K0201, find(source, NULL, "a"), "first");
    diag_add(cx, K0101, find(source, NULL, "b"), "third");
    diag_add(cx, K0001, NO_SPAN, "cannot read `c.k`");
    diags_sort(cx);
    assert_string_equal(cx->diags.all.data[0]->message, "cannot read `c.k`");
    assert_string_equal(cx->diags.all.data[1]->message, "first");
    assert_string_equal(cx->diags.all.data[2]->message, "second");
    assert_string_equal(cx->diags.all.data[3]->message, "third");
    assert_int_equal(cx->diags.errors, 4);
    assert_true(diags_have_errors(cx));
}

static void many_are_sorted_stably(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    Source *source = add("a.k", "0123456789");
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t at = i * 7 % 10;
        diag_add(cx, K0201, (Span){source->file, at, at + 1}, "%u", i);
    }
    diags_sort(cx);
    for (uint32_t i = 1; i < COUNT; i++) {
        const Diag *before = cx->diags.all.data[i - 1], *here = cx->diags.all.data[i];
        assert_true(before->span.start <= here->span.start);
        if (before->span.start == here->span.start) {
            assert_true(atoi(before->message) < atoi(here->message));
        }
    }
}

static void automatic_fixes_are_applied(void **state) {
    (void)state;
    Source *source = add("a.k", "one two three\n");
    Diag *a = diag_add(cx, K0201, find(source, NULL, "one"), "a");
    fix_replace(cx, diag_fix(cx, a, FIX_AUTOMATIC, "x"), find(source, NULL, "one"), "1");
    Diag *b = diag_add(cx, K0201, find(source, NULL, "one two"), "overlaps the first");
    fix_replace(cx, diag_fix(cx, b, FIX_AUTOMATIC, "x"), find(source, NULL, "one two"), "12");
    Diag *c = diag_add(cx, K0201, find(source, NULL, "two"), "not automatic");
    fix_replace(cx, diag_fix(cx, c, FIX_SUGGESTED, "x"), find(source, NULL, "two"), "2");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "three"), "two edits");
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "x");
    fix_replace(cx, fix, span_after(find(source, NULL, "three")), ")");
    fix_replace(cx, fix, span_before(find(source, NULL, "three")), "(");
    StrBuf text = {0};
    assert_int_equal(diags_apply_fixes(cx, source->file, &text), 2);
    assert_string_equal(strbuf_text(&text), "1 two (three)\n");
    strbuf_free(&text);
}

static void json_says_the_same(void **state) {
    (void)state;
    Source *source = add("a.k", "x\nfoo\n");
    Diag *d = diag_add(cx, K0201, find(source, NULL, "foo"), "a \"quoted\"\tname");
    diag_label(cx, d, find(source, NULL, "x"), "here");
    diag_note(cx, d, "n");
    fix_replace(cx, diag_fix(cx, d, FIX_AUTOMATIC, "f"), find(source, NULL, "foo"), "bar");
    StrBuf text = {0};
    diags_render_json(cx, &text);
    assert_string_equal(
        strbuf_text(&text),
        "[\n{\"code\":\"K0201\",\"severity\":\"error\",\"message\":\"a \\\"quoted\\\"\\tname\","
        "\"file\":\"a.k\",\"line\":2,\"column\":1,\"end_line\":2,\"end_column\":4,\"label\":null,"
        "\"labels\":[{\"message\":\"here\",\"file\":\"a.k\",\"line\":1,\"column\":1,\"end_line\":1,"
        "\"end_column\":2}],\"notes\":[\"n\"],\"fixes\":[{\"message\":\"f\",\"automatic\":true,"
        "\"edits\":[{\"start\":2,\"end\":5,\"text\":\"bar\",\"file\":\"a.k\"}]}]}\n]\n");
    strbuf_free(&text);
}

static void json_is_valid_whatever_the_bytes(void **state) {
    (void)state;
    StrBuf text = {0};
    json_string(&text, "a\xFF\x01\\\0z", 6);
    assert_string_equal(strbuf_text(&text), "\"a\xEF\xBF\xBD\\u0001\\\\\\u0000z\"");
    strbuf_free(&text);
}

static void colours_only_when_asked(void **state) {
    (void)state;
    Source *source = add("a.k", "foo\n");
    diag_add(cx, K0201, find(source, NULL, "foo"), "m");
    StrBuf plain = {0}, coloured = {0};
    diags_render_text(cx, &plain, false);
    diags_render_text(cx, &coloured, true);
    assert_null(strchr(plain.data, '\033'));
    assert_non_null(strstr(coloured.data, "\033[1;31merror[K0201]\033[0m"));
    strbuf_free(&plain);
    strbuf_free(&coloured);
}

static void codes_have_names(void **state) {
    (void)state;
    DiagCode code;
    assert_true(diag_code_find("K0201", &code));
    assert_int_equal(code, K0201);
    assert_string_equal(diag_code_text(K0201), "K0201");
    assert_string_equal(diag_code_title(K0201), "unknown name");
    assert_false(diag_code_find("K9999", &code));
    assert_false(diag_code_find("", &code));
}

#define WITH_CONTEXT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(one_underline),
        WITH_CONTEXT(labels_hang_below_their_line),
        WITH_CONTEXT(label_in_the_first_column_hangs),
        WITH_CONTEXT(far_lines_are_elided_and_near_ones_shown),
        WITH_CONTEXT(other_files_follow),
        WITH_CONTEXT(spans_over_several_lines),
        WITH_CONTEXT(tabs_and_wide_letters_keep_underlines_in_place),
        WITH_CONTEXT(long_lines_show_a_window),
        WITH_CONTEXT(places_at_and_beyond_the_end),
        WITH_CONTEXT(fixes_show_the_new_lines),
        WITH_CONTEXT(fixes_of_whole_lines_leave_the_next_alone),
        WITH_CONTEXT(diagnostics_come_in_source_order),
        WITH_CONTEXT(many_are_sorted_stably),
        WITH_CONTEXT(automatic_fixes_are_applied),
        WITH_CONTEXT(json_says_the_same),
        WITH_CONTEXT(json_is_valid_whatever_the_bytes),
        WITH_CONTEXT(colours_only_when_asked),
        WITH_CONTEXT(codes_have_names),
    };
    return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
