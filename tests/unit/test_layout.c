/* The layout filter: lines and blocks, brackets, and the two carets. */
#include "tests/unit/unit.h"

#include <string.h>

#include "lexer/lexer.h"

/* The stream with one character for the tokens of layout and punctuation, and `x` for all else. */
static void shape_of(const Tokens *tokens, StrBuf *out) {
    for (uint32_t i = 0; i < tokens->tokens.len; i++) {
        switch ((int)tokens->tokens.data[i].kind) {
        case TOK_NEWLINE: strbuf_putc(out, ';'); break;
        case TOK_INDENT: strbuf_putc(out, '{'); break;
        case TOK_DEDENT: strbuf_putc(out, '}'); break;
        case TOK_END: strbuf_putc(out, '.'); break;
        case TOK_COLON: strbuf_putc(out, ':'); break;
        case TOK_LPAREN: case TOK_LBRACKET: strbuf_putc(out, '('); break;
        case TOK_RPAREN: case TOK_RBRACKET: strbuf_putc(out, ')'); break;
        case TOK_TRANSFER: strbuf_putc(out, 't'); break;
        case TOK_CARET: strbuf_putc(out, '^'); break;
        default: strbuf_putc(out, 'x');
        }
    }
}

/* The text has this shape, and gives these many errors, the first of which has the code. */
static void expect(const char *text, const char *shape, uint32_t errors, DiagCode code) {
    Context *cx = context_create();
    const Source *source = sources_add(&cx->sources, "t.k", text, (uint32_t)strlen(text));
    StrBuf found = {0};
    shape_of(lex(cx, source), &found);
    assert_string_equal(strbuf_text(&found), shape);
    assert_int_equal(cx->diags.errors, errors);
    if (errors > 0) assert_int_equal(cx->diags.all.data[0]->code, code);
    strbuf_free(&found);
    context_destroy(cx);
}

static void expect_fine(const char *text, const char *shape) {
    expect(text, shape, 0, DIAG_CODE_COUNT);
}

static void test_empty_files(void **state) {
    (void)state;
    expect_fine("", ".");
    expect_fine("\n\n  \n# only a comment\n", ".");
    expect_fine("\xEF\xBB\xBF", ".");
}

static void test_lines_and_blocks(void **state) {
    (void)state;
    expect_fine("a\nb", "x;x;.");
    expect_fine("if a:\n    b\nc\n", "xx:;{x;}x;.");
    expect_fine("if a:\n    if b:\n        c\n", "xx:;{xx:;{x;}}.");
    expect_fine("if a:\n\n  # comment\n    b\n\n\n    c\n", "xx:;{x;x;}.");
    expect_fine("if a:\n\tb\n\tc\n", "xx:;{x;x;}.");
}

static void test_line_ends_of_windows(void **state) {
    (void)state;
    expect_fine("if a:\r\n    b\r\n\r\nc\r\n", "xx:;{x;}x;.");
}

static void test_joined_lines(void **state) {
    (void)state;
    expect_fine("f(a,\nb\n  , c)\nd\n", "x(xxxxx);x;.");
    expect_fine("a + \\\n    b\nc\n", "xxx;x;.");
    expect_fine("f( # comment\n)\n", "x();.");
    expect_fine("f(a\n@ b)\n", "x(xxx);.");
}

static void test_mixed_indentation(void **state) {
    (void)state;
    expect("if a:\n    b\nif c:\n\td\n", "xx:;{x;}xx:;{x;}.", 1, K0121);
    expect("if a:\n \tb\n", "xx:;{x;}.", 1, K0121);
}

static void test_line_between_two_blocks(void **state) {
    (void)state;
    expect("if a:\n        b\n    c\nd\n", "xx:;{x;x;}x;.", 1, K0122);
}

static void test_unclosed_brackets(void **state) {
    (void)state;
    expect("f(a\nlet b = c\n", "x(x);xxxx;.", 1, K0105);
    expect("f(a\n", "x(x);.", 1, K0105);
    expect("f([a)\n", "x((x));.", 1, K0105);
    expect("def f(a:\n    return a\n", "xx(x:);{xx;}.", 1, K0105);
}

static void test_stray_brackets(void **state) {
    (void)state;
    expect("a)\nb\n", "x;x;.", 1, K0106);
    expect("(a]\n", "(x);.", 1, K0106);
}

static void test_carets(void **state) {
    (void)state;
    expect_fine("a ^ b\n", "x^x;.");
    expect_fine("a^\n", "xt;.");
    expect_fine("f(a^, b ^)\n", "x(xtxxt);.");
    expect_fine("f(a ^\n    b)\n", "x(x^x);.");
    expect_fine("a^.b\n", "xtxx;.");
    expect_fine("a ^ -b\n", "x^xx;.");
}

static char *repeat(const char *text, size_t count) {
    StrBuf out = {0};
    for (size_t i = 0; i < count; i++) strbuf_puts(&out, text);
    strbuf_putc(&out, '\n');
    return out.data;
}

static void expect_one_error(char *text, DiagCode code) {
    Context *cx = context_create();
    const Source *source = sources_add(&cx->sources, "t.k", text, (uint32_t)strlen(text));
    const Tokens *tokens = lex(cx, source);
    assert_int_equal(cx->diags.errors, 1);
    assert_int_equal(cx->diags.all.data[0]->code, code);
    assert_int_equal(vec_last(&tokens->tokens).kind, TOK_END);
    context_destroy(cx);
    StrBuf owned = {.data = text};
    strbuf_free(&owned);
}

static void test_limits(void **state) {
    (void)state;
    expect_one_error(repeat("(", 100000), K0129);
    expect_one_error(repeat("a + ", 1 << 19), K0128);
    StrBuf blocks = {0};
    for (size_t i = 0; i < 200; i++) {
        strbuf_pad(&blocks, ' ', i);
        strbuf_puts(&blocks, "if a:\n");
    }
    expect_one_error(blocks.data, K0129);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_files),
        cmocka_unit_test(test_lines_and_blocks),
        cmocka_unit_test(test_line_ends_of_windows),
        cmocka_unit_test(test_joined_lines),
        cmocka_unit_test(test_mixed_indentation),
        cmocka_unit_test(test_line_between_two_blocks),
        cmocka_unit_test(test_unclosed_brackets),
        cmocka_unit_test(test_stray_brackets),
        cmocka_unit_test(test_carets),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
