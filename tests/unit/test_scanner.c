/* The scanner: where tokens end and what they mean. */
#include "tests/unit/unit.h"

#include <string.h>

#include "lexer/steps.h"

/* One text, scanned; the layout has not been seen to. */
typedef struct Scan {
    Context *cx;
    Arena *scratch;
    Tokens tokens;
} Scan;

static Scan scan_bytes(const char *text, size_t length) {
    Scan scan = {.cx = context_create(), .scratch = arena_create()};
    const Source *source = sources_add(&scan.cx->sources, "t.k", text, (uint32_t)length);
    scan_source(scan.cx, scan.scratch, source, &scan.tokens);
    return scan;
}

static Scan scan_text(const char *text) { return scan_bytes(text, strlen(text)); }

static void scan_end(Scan *scan) {
    arena_destroy(scan->scratch);
    context_destroy(scan->cx);
}

static const Token *token_at(const Scan *scan, uint32_t i) {
    assert_true(i < scan->tokens.tokens.len);
    return &scan->tokens.tokens.data[i];
}

static void expect_kinds(const char *text, const TokenKind *kinds, uint32_t count) {
    Scan scan = scan_text(text);
    assert_int_equal(scan.tokens.tokens.len, count);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(token_at(&scan, i)->kind, kinds[i]);
    assert_int_equal(scan.cx->diags.errors, 0);
    scan_end(&scan);
}

/* The text gives exactly one error, of this code, at this offset. */
static void expect_error(const char *text, DiagCode code, uint32_t offset) {
    Scan scan = scan_text(text);
    assert_int_equal(scan.cx->diags.all.len, 1);
    assert_int_equal(scan.cx->diags.all.data[0]->code, code);
    assert_int_equal(scan.cx->diags.all.data[0]->span.start, offset);
    scan_end(&scan);
}

static void test_every_spelling_is_its_token(void **state) {
    (void)state;
    for (TokenKind kind = TOK_FN; kind < TOK_COUNT; kind++) {
        if (kind == TOK_TRANSFER) continue; /* told from CARET by the layout */
        StrBuf text = {0};
        strbuf_printf(&text, "x %s", token_kind_spelling(kind));
        Scan scan = scan_text(strbuf_text(&text));
        assert_int_equal(scan.tokens.tokens.len, 2);
        assert_int_equal(token_at(&scan, 1)->kind, kind);
        scan_end(&scan);
        strbuf_free(&text);
    }
}

static void test_ranges_are_not_floats(void **state) {
    (void)state;
    const TokenKind range[] = {TOK_INT, TOK_DOTDOT, TOK_NAME};
    expect_kinds("0..n", range, 3);
    const TokenKind both[] = {TOK_FLOAT, TOK_DOTDOT, TOK_FLOAT};
    expect_kinds("1.5..2.5", both, 3);
    const TokenKind point[] = {TOK_FLOAT};
    expect_kinds("1.", point, 1);
    expect_kinds(".5e-3", point, 1);
}

static void test_integers(void **state) {
    (void)state;
    Scan scan = scan_text("1_000 0xFF_ff 0b1010 0o17 18446744073709551615 18446744073709551616");
    const uint64_t values[] = {1000, 65535, 10, 15, UINT64_MAX, UINT64_MAX};
    for (uint32_t i = 0; i < 6; i++) {
        assert_true(token_at(&scan, i)->integer.value == values[i]);
        assert_int_equal(token_at(&scan, i)->integer.too_large, i == 5);
    }
    scan_end(&scan);
}

static void test_floats_keep_their_spelling(void **state) {
    (void)state;
    Scan scan = scan_text("1_0.2_5e1_0");
    assert_string_equal(text_of(scan.cx, token_at(&scan, 0)->real.text), "10.25e10");
    assert_true(token_at(&scan, 0)->real.value == 10.25e10);
    scan_end(&scan);
}

static void test_malformed_numbers(void **state) {
    (void)state;
    expect_error("0x", K0125, 0);
    expect_error("0b12", K0125, 3);
    expect_error("1__0", K0125, 0);
    expect_error("1_", K0125, 0);
    expect_error("0777", K0125, 0);
    expect_error("1e999", K0125, 0);
    expect_error("12abc", K0125, 2);
    expect_error("1.0f", K0126, 3);
    expect_error("1.5e3f", K0126, 5);
}

static void expect_bytes(const char *text, TokenKind kind, const char *bytes, size_t length) {
    Scan scan = scan_text(text);
    assert_int_equal(scan.cx->diags.errors, 0);
    assert_int_equal(token_at(&scan, 0)->kind, kind);
    assert_int_equal(token_at(&scan, 0)->string.length, length);
    assert_memory_equal(token_at(&scan, 0)->string.bytes, bytes, length);
    scan_end(&scan);
}

static void test_strings(void **state) {
    (void)state;
    expect_bytes("\"a'b\"", TOK_STRING, "a'b", 3);
    expect_bytes("'a\"b'", TOK_STRING, "a\"b", 3);
    expect_bytes("\"\\n\\t\\\\\\0\\x41\"", TOK_STRING, "\n\t\\\0A", 5);
    expect_bytes("\"\\u00e9\\U0001F600\"", TOK_STRING, "\xC3\xA9\xF0\x9F\x98\x80", 6);
    expect_bytes("b\"\\xff\\x00\"", TOK_BYTES, "\xFF\0", 2);
    expect_bytes("\"\"\"a\r\n\"b\"\n\"\"\"", TOK_STRING, "a\n\"b\"\n", 6);
    expect_bytes("''", TOK_STRING, "", 0);
}

static void test_bad_strings(void **state) {
    (void)state;
    expect_error("\"abc", K0123, 0);
    expect_error("\"\"\"abc\n\n", K0123, 0);
    expect_error("\"\\q\"", K0124, 1);
    expect_error("\"\\x4\"", K0124, 1);
    expect_error("\"\\ud800\"", K0124, 1);
    expect_error("b\"\xC3\xA9\"", K0124, 2);
    expect_error("f\"x\"", K0171, 0);
}

static void test_names_of_any_script(void **state) {
    (void)state;
    const TokenKind two[] = {TOK_NAME, TOK_NAME};
    expect_kinds("gr\xC3\xB6\xC3\x9F" "e \xCF\x80", two, 2);
    expect_error("a \xE2\x82\xAC", K0120, 2);
    expect_error("a\xE2\x82\xAC", K0120, 1);
}

static void test_comments(void **state) {
    (void)state;
    Scan scan = scan_text("# own\nx # behind\n");
    assert_int_equal(scan.tokens.comments.len, 2);
    assert_true(scan.tokens.comments.data[0].own_line);
    assert_false(scan.tokens.comments.data[1].own_line);
    assert_int_equal(scan.tokens.comments.data[1].span.end, 16);
    scan_end(&scan);
    expect_error("// C\n", K0151, 0);
    expect_error("/* C */", K0151, 0);
    const TokenKind division[] = {TOK_NAME, TOK_SLASHSLASH, TOK_NAME};
    expect_kinds("a // b", division, 3);
}

static void test_bytes_no_file_may_have(void **state) {
    (void)state;
    const struct {
        const char *text;
        size_t length;
        DiagCode code;
    } rows[] = {
        {"x\0y", 3, K0127},        {"\xFF", 1, K0002},       {"a\xC3", 2, K0002},
        {"\xC0\x80", 2, K0002},    {"\xED\xA0\x80", 3, K0002}, {"\xF4\x90\x80\x80", 4, K0002},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        Context *cx = context_create();
        const Source *source =
            sources_add(&cx->sources, "t.k", rows[i].text, (uint32_t)rows[i].length);
        Tokens *tokens = lex(cx, source);
        assert_int_equal(cx->diags.all.len, 1);
        assert_int_equal(cx->diags.all.data[0]->code, rows[i].code);
        assert_int_equal(vec_last(&tokens->tokens).kind, TOK_END);
        context_destroy(cx);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_spelling_is_its_token),
        cmocka_unit_test(test_ranges_are_not_floats),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_floats_keep_their_spelling),
        cmocka_unit_test(test_malformed_numbers),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_bad_strings),
        cmocka_unit_test(test_names_of_any_script),
        cmocka_unit_test(test_comments),
        cmocka_unit_test(test_bytes_no_file_may_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
