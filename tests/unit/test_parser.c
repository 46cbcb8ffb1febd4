/* The parser: trees, one message a mistake, copies, and texts of any shape. */
#include "tests/unit/unit.h"

#include <string.h>

#include "parser/parser.h"

typedef struct Parse {
    Context *cx;
    AstIds ids;
    const Ast *ast;
} Parse;

static Parse parse_text(const char *text) {
    Parse parsed = {.cx = context_create()};
    parsed.ids = (AstIds){.arena = parsed.cx->arena, .exprs = 1, .stmts = 1};
    const Source *source = sources_add(&parsed.cx->sources, "t.k", text, (uint32_t)strlen(text));
    parsed.ast = parse(parsed.cx, &parsed.ids, source, lex(parsed.cx, source));
    return parsed;
}

/* The tree of one statement. */
static void expect_tree(const char *text, const char *tree) {
    Parse parsed = parse_text(text);
    StrBuf found = {0}, wanted = {0};
    ast_print(parsed.cx, parsed.ast, &found);
    strbuf_printf(&wanted, "(file\n  %s)\n", tree);
    assert_string_equal(strbuf_text(&found), strbuf_text(&wanted));
    assert_int_equal(parsed.cx->diags.errors, 0);
    strbuf_free(&found);
    strbuf_free(&wanted);
    context_destroy(parsed.cx);
}

/* The text gives errors at these lines, in this order, and no others. */
static void expect_errors(const char *text, const uint32_t *lines, uint32_t count) {
    Parse parsed = parse_text(text);
    diags_sort(parsed.cx);
    assert_int_equal(parsed.cx->diags.all.len, count);
    for (uint32_t i = 0; i < count; i++) {
        Span span = parsed.cx->diags.all.data[i]->span;
        const Source *source = source_of(&parsed.cx->sources, span);
        assert_int_equal(source_line_col(source, span.start).line, lines[i]);
    }
    context_destroy(parsed.cx);
}

static void test_precedence(void **state) {
    (void)state;
    expect_tree("-a ** -b ** c", "(- (** a (- (** b c))))");
    expect_tree("a + b * c - d", "(- (+ a (* b c)) d)");
    expect_tree("not a == b and c or d", "(or (and (not (compare a == b)) c) d)");
    expect_tree("a | b ^ c & d << e", "(| a (^ b (& c (<< d e))))");
    expect_tree("a < b <= c", "(compare a < b <= c)");
    expect_tree("a..b + 1", "(range a (+ b 1))");
    expect_tree("a if b else c if d else e", "(cond b a (cond d c e))");
    expect_tree("-a.b[c]^", "(- (transfer (index (member a b) c)))");
}

static void test_words_that_are_names_elsewhere(void **state) {
    (void)state;
    expect_tree("read = mut + of", "(= read (+ mut of))");
    expect_tree("grain(pure)", "(call grain pure)");
    expect_tree("for grain in 0..n grain(4): pass",
                "(for grain (range 0 n) (grain 4)\n    (pass))");
}

static void test_three_mistakes(void **state) {
    (void)state;
    const uint32_t lines[] = {2, 5, 8};
    expect_errors("def a():\n    x = = 1\n\ndef b():\n    if y\n        z\n\nq q\n", lines, 3);
}

static void test_broken_headers_take_their_blocks(void **state) {
    (void)state;
    const uint32_t first[] = {1};
    expect_errors("if * :\n    a\n    b\nelif c:\n    d\nelse:\n    e\nf\n", first, 1);
    expect_errors("fn (a):\n    let b = c\n    return b\n", first, 1);
    expect_errors("while (a b:\n    let c = d\n", first, 1);
    expect_errors("x = (1, 2\nlet y = 3\n", first, 1);
    expect_errors("@export\n", first, 1);
    const uint32_t last[] = {3};
    expect_errors("def f():\n    a\n    @export\n", last, 1);
}

static void test_slips_go_on_as_meant(void **state) {
    (void)state;
    Parse parsed = parse_text("if a = b:\n    c\n");
    assert_int_equal(parsed.cx->diags.errors, 1);
    const Stmt *stmt = parsed.ast->stmts.data[0];
    assert_int_equal(stmt->kind, STMT_IF);
    assert_int_equal(stmt->if_.arms.data[0].cond->kind, EXPR_COMPARE);
    context_destroy(parsed.cx);
}

/* Whatever the habit, one message, and the tree that was meant. */
static void expect_meant(const char *text, DiagCode code, const char *tree) {
    Parse parsed = parse_text(text);
    StrBuf found = {0}, wanted = {0};
    ast_print(parsed.cx, parsed.ast, &found);
    strbuf_printf(&wanted, "(file\n  %s)\n", tree);
    assert_string_equal(strbuf_text(&found), strbuf_text(&wanted));
    assert_int_equal(parsed.cx->diags.all.len, 1);
    assert_int_equal(parsed.cx->diags.all.data[0]->code, code);
    strbuf_free(&found);
    strbuf_free(&wanted);
    context_destroy(parsed.cx);
}

static void test_habits_become_what_was_meant(void **state) {
    (void)state;
    expect_meant("x = List<Tensor<f32>>()", K0146, "(= x (call (index List (index Tensor f32))))");
    expect_meant("fn f<T>(x: T): pass", K0146,
                 "(fn f (generics (T))\n    (param x T)\n    (pass))");
    expect_meant("float f(int n):\n    g\n", K0154, "(fn f (-> f32)\n    (param n int)\n    g)");
    expect_meant("int k = 0", K0153, "(var k (: int) 0)");
    expect_meant("a[i].b++", K0145, "(+= (member (index a i) b) 1)");
    expect_meant("--a", K0145, "(-= a 1)");
    expect_meant("a = b && c", K0143, "(= a (and b c))");
    expect_meant("import numpy as np, os", K0159, "(let np os (error))");
    expect_meant("from torch import (a, b as c)", K0159, "(let a c (error))");
    expect_meant("a = f(lambda x, y: x + y, z)", K0156, "(= a (call f (error) z))");
}

static void test_spans(void **state) {
    (void)state;
    Parse parsed = parse_text("if a:\n    b = c\n# comment\nd\n");
    assert_int_equal(parsed.ast->stmts.data[0]->span.start, 0);
    assert_int_equal(parsed.ast->stmts.data[0]->span.end, 15);
    const Block *body = &parsed.ast->stmts.data[0]->if_.arms.data[0].body;
    assert_int_equal(body->span.start, 10);
    assert_int_equal(body->span.end, 15);
    context_destroy(parsed.cx);
}

static void test_docstrings_are_no_statements(void **state) {
    (void)state;
    Parse parsed = parse_text("\"\"\"File.\"\"\"\nfn f():\n    \"\"\"Fn.\"\"\"\n    pass\n");
    assert_string_equal(parsed.ast->docstring->string.bytes, "File.");
    const FnDecl *fn = parsed.ast->stmts.data[0]->fn;
    assert_string_equal(fn->docstring->string.bytes, "Fn.");
    assert_int_equal(fn->body.stmts.len, 1);
    context_destroy(parsed.cx);
}

static void test_clones_are_equal_and_have_fresh_ids(void **state) {
    (void)state;
    Parse parsed = parse_text(
        "fn f[T: A](x: T = 1) -> T:\n    if a < b: return -x[1:2, k=3](y for y in 0..z if w)^\n"
        "    for i in (1, [2, ?]) reduce(+: s): s += \"t\" if True else u.v\n"
        "    try: let p, q = spawn g()\n    except e: raise\n    assert c, 1.5\n    unsafe: pass\n");
    assert_int_equal(parsed.cx->diags.errors, 0);
    const FnDecl *fn = parsed.ast->stmts.data[0]->fn;
    uint32_t exprs = parsed.ids.exprs, stmts = parsed.ids.stmts;
    FnDecl *copy = fn_clone(&parsed.ids, fn);
    assert_true(parsed.ids.exprs > exprs && parsed.ids.stmts > stmts);
    assert_true(copy->body.stmts.data[0]->id >= stmts);
    Stmt *stmt = stmt_new(&parsed.ids, STMT_FN, NO_SPAN);
    stmt->fn = copy;
    Ast other = {.file = parsed.ast->file};
    vec_push(parsed.cx->arena, &other.stmts, stmt);
    StrBuf before = {0}, after = {0};
    ast_print(parsed.cx, parsed.ast, &before);
    ast_print(parsed.cx, &other, &after);
    assert_string_equal(strbuf_text(&before), strbuf_text(&after));
    strbuf_free(&before);
    strbuf_free(&after);
    context_destroy(parsed.cx);
}

static void test_expressions_print_as_written(void **state) {
    (void)state;
    const char *texts[] = {"(a + b) * -c ** d",      "not a < b <= c",   "f(x, key=[1, 2])[a:b, ::2, ?]",
                           "a.b^ if c else (d,)",    "sum(x for i in 0..n if c)", "spawn f(\"t\")"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        Parse parsed = parse_text(texts[i]);
        StrBuf out = {0};
        expr_print(parsed.cx, parsed.ast->stmts.data[0]->expr, &out);
        assert_string_equal(strbuf_text(&out), texts[i]);
        strbuf_free(&out);
        context_destroy(parsed.cx);
    }
}

static uint32_t depth_of(const Ast *ast) {
    return ast->stmts.data[0]->assign.value->depth;
}

static void test_depth_is_bounded(void **state) {
    (void)state;
    const char *parts[] = {"-", "not ", "1 + ", "2 ** ", "1 if a else "};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        StrBuf text = {0};
        strbuf_puts(&text, "x = ");
        for (int k = 0; k < 50000; k++) strbuf_puts(&text, parts[i]);
        strbuf_puts(&text, "1\n");
        Parse parsed = parse_text(strbuf_text(&text));
        assert_int_equal(parsed.cx->diags.errors, 1);
        assert_int_equal(parsed.cx->diags.all.data[0]->code, K0129);
        if (parsed.ast->stmts.len > 0) assert_true(depth_of(parsed.ast) <= EXPR_DEPTH_LIMIT);
        strbuf_free(&text);
        context_destroy(parsed.cx);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_words_that_are_names_elsewhere),
        cmocka_unit_test(test_three_mistakes),
        cmocka_unit_test(test_broken_headers_take_their_blocks),
        cmocka_unit_test(test_slips_go_on_as_meant),
        cmocka_unit_test(test_habits_become_what_was_meant),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_docstrings_are_no_statements),
        cmocka_unit_test(test_clones_are_equal_and_have_fresh_ids),
        cmocka_unit_test(test_expressions_print_as_written),
        cmocka_unit_test(test_depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
