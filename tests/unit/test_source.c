#include "support/file.h"
#include "support/source.h"
#include "support/utf8.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Arena *arena;
static Sources sources;

static int setup(void **state) {
    (void)state;
    arena = arena_create();
    sources_init(&sources, arena);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static Source *add(const char *text) {
    return sources_add(&sources, "a.k", text, (uint32_t)strlen(text));
}

static void assert_place(const Source *source, uint32_t offset, uint32_t line, uint32_t column) {
    LineCol place = source_line_col(source, offset);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void offsets_become_lines_and_columns(void **state) {
    (void)state;
    const Source *source = add("ab\n\ncd");
    assert_place(source, 0, 1, 1);
    assert_place(source, 2, 1, 3); /* the newline belongs to its line */
    assert_place(source, 3, 2, 1);
    assert_place(source, 4, 3, 1);
    assert_place(source, 6, 3, 3); /* the end of the file */
    const Source *empty = add("");
    assert_place(empty, 0, 1, 1);
}

static void assert_line(const Source *source, uint32_t line, const char *expected) {
    uint32_t length;
    const char *text = source_line(source, line, &length);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(text, expected, length);
}

static void lines_come_without_their_ends(void **state) {
    (void)state;
    const Source *source = add("one\r\ntwo\n\nlast");
    assert_line(source, 1, "one");
    assert_line(source, 2, "two");
    assert_line(source, 3, "");
    assert_line(source, 4, "last");
    assert_line(source, 5, "");
    assert_line(source, 0, "");
}

static void spans_join(void **state) {
    (void)state;
    Span a = {1, 5, 8}, b = {1, 2, 6}, other = {2, 0, 1};
    Span joined = span_join(a, b);
    assert_int_equal(joined.start, 2);
    assert_int_equal(joined.end, 8);
    assert_int_equal(span_join(NO_SPAN, a).start, 5);
    assert_int_equal(span_join(a, NO_SPAN).end, 8);
    assert_int_equal(span_join(a, other).file, 1);
    assert_int_equal(span_before(a).end, 5);
    assert_int_equal(span_after(a).start, 8);
}

static void sources_know_their_spans(void **state) {
    (void)state;
    Source *first = add("a"), *second = add("b");
    assert_null(source_of(&sources, NO_SPAN));
    assert_ptr_equal(source_of(&sources, (Span){first->file, 0, 1}), first);
    assert_ptr_equal(source_of(&sources, (Span){second->file, 0, 1}), second);
}

static void assert_decodes(const char *bytes, size_t length, uint32_t code, uint32_t taken) {
    uint32_t found;
    bool good;
    assert_int_equal(utf8_decode(bytes, length, &found, &good), taken);
    assert_int_equal(found, code);
    assert_int_equal(good, code != UTF8_BAD);
}

static void utf8_is_decoded_strictly(void **state) {
    (void)state;
    assert_decodes("A", 1, 'A', 1);
    assert_decodes("\xC3\xA9", 2, 0xE9, 2);
    assert_decodes("\xE6\x97\xA5", 3, 0x65E5, 3);
    assert_decodes("\xF0\x9F\x99\x82", 4, 0x1F642, 4);
    assert_decodes("\xC3", 1, UTF8_BAD, 1);             /* cut short */
    assert_decodes("\xC3(", 2, UTF8_BAD, 1);            /* no continuation */
    assert_decodes("\x80", 1, UTF8_BAD, 1);             /* a continuation alone */
    assert_decodes("\xC0\xAF", 2, UTF8_BAD, 1);         /* overlong */
    assert_decodes("\xE0\x80\xAF", 3, UTF8_BAD, 1);     /* overlong */
    assert_decodes("\xED\xA0\x80", 3, UTF8_BAD, 1);     /* a surrogate */
    assert_decodes("\xF4\x90\x80\x80", 4, UTF8_BAD, 1); /* above U+10FFFF */
    assert_decodes("\xFF", 1, UTF8_BAD, 1);
}

static void every_scalar_goes_round(void **state) {
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        if (code >= 0xD800 && code <= 0xDFFF) continue;
        StrBuf text = {0};
        utf8_put(&text, code);
        uint32_t found;
        if (utf8_decode(text.data, text.len, &found, NULL) != text.len || found != code) {
            fail_msg("U+%04X does not go round", (unsigned)code);
        }
        strbuf_free(&text);
    }
}

static void widths_follow_unicode(void **state) {
    (void)state;
    assert_int_equal(utf8_columns('a'), 1);
    assert_int_equal(utf8_columns(0xE9), 1);
    assert_int_equal(utf8_columns(0x301), 0);
    assert_int_equal(utf8_columns(0x65E5), 2);
    assert_int_equal(utf8_columns(0x1F642), 2);
    assert_int_equal(utf8_columns(0x3B1), 1);
}

static void files_are_written_whole(void **state) {
    (void)state;
    char folder[] = "/tmp/kc-unit-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    snprintf(path, sizeof path, "%s/out.o", folder);
    const char *reason = NULL;
    assert_true(file_write(path, "first", 5, &reason));
    assert_int_equal(chmod(path, 0640), 0);
    assert_true(file_write(path, "a\0b", 3, &reason));
    StrBuf text = {0};
    assert_true(file_read(path, &text, &reason));
    assert_int_equal(text.len, 3);
    assert_memory_equal(text.data, "a\0b", 3);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_true(file_exists(path));
    assert_false(file_exists(folder));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing temporary is left in it */
    strbuf_free(&text);
}

static void failures_have_reasons(void **state) {
    (void)state;
    StrBuf text = {0};
    const char *reason = NULL;
    assert_false(file_read("/nonexistent/x", &text, &reason));
    assert_string_equal(reason, "no such file or folder");
    assert_false(file_read("/", &text, &reason));
    assert_string_equal(reason, "it is a folder");
    assert_false(file_write("/nonexistent/x", "", 0, &reason));
    assert_string_equal(reason, "no such file or folder");
    assert_false(file_write("/", "", 0, &reason));
    assert_string_equal(reason, "it is a folder");
    strbuf_free(&text);
}

static void assert_path(const char *path, const char *folder, const char *stem) {
    StrBuf text = {0};
    path_folder(path, &text);
    assert_string_equal(strbuf_text(&text), folder);
    text.len = 0;
    path_stem(path, &text);
    assert_string_equal(strbuf_text(&text), stem);
    strbuf_free(&text);
}

static void paths_fall_apart(void **state) {
    (void)state;
    assert_path("a.k", ".", "a");
    assert_path("dir/sub/a.b.k", "dir/sub", "a.b");
    assert_path("/a", "/", "a");
    assert_path("dir.d/noext", "dir.d", "noext");
    assert_path(".hidden", ".", ".hidden");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(offsets_become_lines_and_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_come_without_their_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(spans_join, setup, teardown),
        cmocka_unit_test_setup_teardown(sources_know_their_spans, setup, teardown),
        cmocka_unit_test(utf8_is_decoded_strictly),
        cmocka_unit_test(every_scalar_goes_round),
        cmocka_unit_test(widths_follow_unicode),
        cmocka_unit_test(files_are_written_whole),
        cmocka_unit_test(failures_have_reasons),
        cmocka_unit_test(paths_fall_apart),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
