/* The text form: what is printed reads back and prints the same; mistakes are named and placed. */
#include "ir/literal.h"
#include "tests/unit/ir_helpers.h"

/* ---- Round trips ----------------------------------------------------------------------------- */

/* Every op and every attribute, in the printer's own words. */
static const char everything[] =
    "module all tensor\n"
    "doc \"two \\\"lines\\\"\\nand a tab\\x09\"\n"
    "struct P { x: f32, y: f64 }\n"
    "struct \"Pair[P]\" { first: struct P, \"2nd\": i8 }\n"
    "\n"
    "fn @helper(\n"
    "    scalar %a: f32\n"
    ") -> f32, bool {\n"
    "    %0 = const 0.1 : f32\n"
    "    %1 = fma %a, %0, %a : f32\n"
    "    %2 = lt %1, %a : bool\n"
    "    return %1, %2\n"
    "}\n"
    "\n"
    "export inline fn @all(\n"
    "    size %n: i64,\n"
    "    scalar %a: f32 named alpha source \"a: f32\",\n"
    "    struct %p: struct P,\n"
    "    array %x: buf<f32> written restrict least 16 count %n,\n"
    "    strided %s: view<f64, 2, strided>,\n"
    "    inout %r: ref<i32> written,\n"
    "    out %out: buf<struct P> written\n"
    ") -> f32, view<f32, 1> fp strict\n"
    "    spelled \"all of it\"\n"
    "    signature \"fn all(...)\"\n"
    "    doc \"documented\" {\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    %c = const true : bool\n"
    "    %t = text \"h\xc3\xa9\\x00\\\\\" : str\n"
    "    %v = view %x, %n : view<f32, 1>\n"
    "    %w = strided %x, %n, %1 : view<f32, 1, strided>\n"
    "    %b = buf %v : buf<f32>\n"
    "    %d = dim %s, 1 : i64\n"
    "    %e = stride %s, 0 : i64\n"
    "    %z = slice %s, [%0, %1, %1], drop [%0, %1, %1] : view<f64, 1, strided>\n"
    "    %2 = nullview : view<f32, 1>\n"
    "    %al = alloc zeroed %n : view<f32, 1>\n"
    "    %al.1 = alloc %n, %1 : view<struct P, 2>\n"
    "    free %al.1\n"
    "    %m = map %n : array<f32, 1> |%i| {\n"
    "        %3 = load %v[%i] : f32\n"
    "        %4, %5 = call @helper(%3) : f32, bool\n"
    "        %6 = select %5, %4, %3 : f32\n"
    "        yield %6\n"
    "    }\n"
    "    assign %v, %m\n"
    "    %sum = reduce add %n : f32 |%i.1| {\n"
    "        %7 = elem %m[%i.1] : f32\n"
    "        yield %7\n"
    "    }\n"
    "    %where = reduce argmax %n, %1 : i64 |%i.2, %j| {\n"
    "        %8 = cast %j : f16\n"
    "        yield %8\n"
    "    }\n"
    "    %k = var k : ref<i64>\n"
    "    %9 = var : ref<view<f32, 1>>\n"
    "    set %9, %2\n"
    "    for simd parallel independent %0, %n, %1 |%q| {\n"
    "        store %sum, %v[%q]\n"
    "        if %c {\n"
    "            break\n"
    "        }\n"
    "        if %c {\n"
    "            continue\n"
    "        } else {\n"
    "            check index %q, %n\n"
    "            check true \"is \\\"c\\\"\" %c\n"
    "        }\n"
    "    }\n"
    "    while {\n"
    "        %10 = get %k : i64\n"
    "        %11 = eq %10, %n : bool\n"
    "        yield %11\n"
    "    } do {\n"
    "        set %k, %where\n"
    "    }\n"
    "    %12 = extract %p, 0 : f32\n"
    "    %13 = insert %p, %12, 0 : struct P\n"
    "    %y = if %c : struct P {\n"
    "        yield %13\n"
    "    } else {\n"
    "        %14 = const -0.0 : f64\n"
    "        %15 = struct %a, %14 : struct P\n"
    "        yield %15\n"
    "    }\n"
    "    %16 = bitcast %a : u32\n"
    "    print %t, %d, %z, %16\n"
    "    print\n"
    "    call @nothing()\n"
    "    return %sum, %al\n"
    "}\n"
    "\n"
    "extern pure fn @nothing()\n"
    "\n"
    "main fn @\"main()\"() fp fast {\n"
    "}\n";

static void test_text_reads_back(void **state) {
    (void)state;
    Context *cx = context_create();
    IrModule *m = module_read(cx, everything);
    module_check(m);
    StrBuf out = {0};
    ir_print_module(m, &out);
    assert_string_equal(strbuf_text(&out), everything);
    strbuf_free(&out);
    context_destroy(cx);
}

static void test_fields_are_read(void **state) {
    (void)state;
    Context *cx = context_create();
    IrModule *m = module_read(cx, everything);
    IrFn *fn = fn_named(m, "all");
    assert_true(fn->is_exported && fn->is_inline && !fn->is_noinline && !fn->is_main);
    assert_int_equal(fn->fp, FP_STRICT);
    assert_string_equal(text_of(cx, fn->source_name), "all of it");
    assert_string_equal(fn->signature, "fn all(...)");
    assert_string_equal(m->doc, "two \"lines\"\nand a tab\t");
    const IrParam *x = &fn->params.data[3];
    assert_true(x->is_written && x->is_restrict);
    assert_int_equal(x->min_elements, 16);
    assert_ptr_equal(x->element_count, fn->params.data[0].value);
    assert_string_equal(text_of(cx, fn->params.data[1].name), "alpha");
    assert_string_equal(fn->params.data[1].source, "a: f32");
    IrFn *other = fn_named(m, "nothing");
    assert_true(other->is_extern && other->is_pure && other->body == NULL);
    assert_true(fn_named(m, "main()")->is_main);
    context_destroy(cx);
}

/* Places are those in the text, unless it says others. */
static void test_spans(void **state) {
    (void)state;
    static const char text[] = "module m loop\n"
                               "file 3 \"a.k\"\n"
                               "\n"
                               "fn @f(\n"
                               "    scalar %a: f32 loc 3:5:11\n"
                               ") loc 3:0:20 {\n"
                               "    %b = neg %a : f32 loc 3:30:32\n"
                               "    print %b\n"
                               "}\n";
    Context *cx = context_create();
    IrModule *m = module_read(cx, text);
    IrFn *fn = fn_named(m, "f");
    assert_int_equal(fn->span.end, 20);
    assert_int_equal(fn->params.data[0].span.start, 5);
    assert_int_equal(fn->body->first->span.start, 30);
    assert_true(span_is_none(fn->body->last->span));
    const Source *source = source_of(&cx->sources, fn->span);
    assert_string_equal(source->path, "a.k");
    StrBuf out = {0}, again = {0};
    ir_print_module_spans(m, &out);
    assert_non_null(strstr(strbuf_text(&out), "file 1 \"a.k\""));
    assert_non_null(strstr(strbuf_text(&out), "neg %a : f32 loc 1:30:32\n"));
    ir_print_module_spans(module_read(cx, strbuf_text(&out)), &again);
    assert_string_equal(strbuf_text(&out), strbuf_text(&again));
    strbuf_free(&out);
    strbuf_free(&again);
    m = module_read(cx, "module m loop\nfn @f() {\n    print\n}\n");
    Span span = fn_named(m, "f")->body->first->span;
    assert_int_equal(span.start, 28);
    assert_int_equal(span.end, 33);
    context_destroy(cx);
}

/* ---- Constants ------------------------------------------------------------------------------- */

typedef struct Literal {
    Scalar scalar;
    uint64_t bits;
    const char *text;
} Literal;

static const Literal literals[] = {
    {SCALAR_BOOL, 1, "true"},
    {SCALAR_I8, 0x80, "-128"},
    {SCALAR_U8, 0x80, "128"},
    {SCALAR_I64, UINT64_C(0x8000000000000000), "-9223372036854775808"},
    {SCALAR_U64, UINT64_MAX, "18446744073709551615"},
    {SCALAR_F16, 0x0001, "6e-08"},
    {SCALAR_F16, 0x7bff, "65504.0"},
    {SCALAR_F16, 0x2e66, "0.1"},
    {SCALAR_BF16, 0x3f80, "1.0"},
    {SCALAR_F32, 0x3dcccccd, "0.1"},
    {SCALAR_F32, 0x00000001, "1e-45"},
    {SCALAR_F32, 0x7f7fffff, "3.4028235e+38"},
    {SCALAR_F64, UINT64_C(0x3fb999999999999a), "0.1"},
    {SCALAR_F64, UINT64_C(0x8000000000000000), "-0.0"},
    {SCALAR_F64, UINT64_C(0x7ff0000000000000), "inf"},
    {SCALAR_F32, 0xff800000, "-inf"},
    {SCALAR_F32, 0x7fc00000, "nan(0x7fc00000)"},
};

static void test_literals(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(literals); i++) {
        const Literal *l = &literals[i];
        StrBuf out = {0};
        uint64_t bits;
        literal_print(l->scalar, l->bits, &out);
        assert_string_equal(strbuf_text(&out), l->text);
        if (!literal_is_nan(l->scalar, l->bits)) {
            assert_true(literal_read(l->scalar, l->text, &bits));
            assert_int_equal(bits, l->bits);
        }
        strbuf_free(&out);
    }
}

static void test_no_literals(void **state) {
    (void)state;
    static const Literal wrong[] = {
        {SCALAR_I8, 0, "128"},  {SCALAR_I8, 0, "-129"}, {SCALAR_U8, 0, "256"},
        {SCALAR_U8, 0, "-1"},   {SCALAR_I32, 0, "1.5"}, {SCALAR_I32, 0, "true"},
        {SCALAR_BOOL, 0, "1"},  {SCALAR_F32, 0, "x"},   {SCALAR_F32, 0, "1.0f"},
        {SCALAR_F64, 0, "nan"}, {SCALAR_U64, 0, "18446744073709551616"},
    };
    uint64_t bits;
    for (uint32_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(literal_read(wrong[i].scalar, wrong[i].text, &bits));
}

/* All of them: what a small float prints reads back to its bits. */
static void test_all_small_floats(void **state) {
    (void)state;
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        const Scalar formats[] = {SCALAR_F16, SCALAR_BF16};
        for (int k = 0; k < 2; k++) {
            if (literal_is_nan(formats[k], bits)) continue;
            StrBuf out = {0};
            uint64_t again = UINT64_MAX;
            literal_print(formats[k], bits, &out);
            if (!literal_read(formats[k], strbuf_text(&out), &again) || again != bits)
                fail_msg("0x%x prints as %s", bits, strbuf_text(&out));
            strbuf_free(&out);
        }
    }
}

/* ---- Mistakes -------------------------------------------------------------------------------- */

typedef struct Mistake {
    const char *text;
    uint32_t line, column;
    const char *message;
} Mistake;

#define IN_FN(ops) "module m loop\nfn @f(scalar %a: i64) {\n" ops "\n}\n"

static const Mistake mistakes[] = {
    {"", 1, 1, "IR text starts with `module`, found the end of the text"},
    {"module", 1, 7, "expected the module's name"},
    {"module m fast", 1, 10, "expected the stage, `owned`, `tensor` or `loop`, found `fast`"},
    {"module m loop\nfun @f()", 2, 1, "expected `fn`, `struct` or `file`, found `fun`"},
    {"module m loop\nfn f()", 2, 4, "expected a function's name such as `@f`, found `f`"},
    {"module m loop\nfn @f() {\nfn", 3, 1, "expected an op, found `fn`"},
    {"module m loop\nfn @f()\nfn @f()", 3, 4, "function `@f` is defined a second time"},
    {"module m loop\nstruct P { x: i32 }\nstruct P { }", 3, 8, "declared a second time"},
    {"module m loop\nstruct P { x: struct P }", 2, 22, "no struct `P` is declared before this"},
    {"module m loop\nfn @f(scalar %a: ref<ref<i8>>)", 2, 22, "expected a type, found `ref`"},
    {"module m loop\nfn @f(scalar %a: view<i8, 9>)", 2, 27, "runs from 1 to 8, found `9`"},
    {"module m loop\nfn @f(scalar %a: buf<ref<i8>>)", 2, 22, "the type of an element or a field"},
    {"module m loop\nfn @f(%a: i8)", 2, 7, "expected a kind of parameter"},
    {"module m loop\nfn @f(size %n: i64, size %n: i64)", 2, 26, "`%n` is defined a second time"},
    {"module \"a\nb\"", 1, 8, "no closing `\"`"},
    {"module \"\\q\"", 1, 10, "no such escape"},
    {"module m loop\n$", 2, 1, "`$` has no place in IR text"},
    {"module m loop\n\x01", 2, 1, "byte 0x01 has no place in IR text"},
    {IN_FN("%b = ad %a, %a : i64"), 3, 6, "no op is called `ad`; did you mean `add`?"},
    {IN_FN("%b = add %a, %c : i64"), 3, 14, "no value `%c` is defined before this"},
    {IN_FN("%a = add %a, %a : i64"), 3, 1, "`%a` is defined a second time"},
    {IN_FN("%b = add %a, %a"), 3, 1, "`add` has 1 results and 0 types here"},
    {IN_FN("add %a, %a : i64"), 3, 1, "`add` has 0 results and 1 types here"},
    {IN_FN("%b = const 300 : i8"), 3, 12, "`300` is no constant of type `i8`"},
    {IN_FN("%b = const 1.0 : bool"), 3, 12, "`1.0` is no constant of type `bool`"},
    {IN_FN("%b = const nan(0) : f32"), 3, 16, "`0` is no constant of type `f32`"},
    {IN_FN("call @g()"), 3, 1, "no function `@g` in this module"},
    {IN_FN("check bounds %a"), 3, 7, "expected a kind of check, found `bounds`"},
    {IN_FN("store %a, %a"), 4, 1, "expected `[` before the indices, found `}`"},
    {IN_FN("print %a loc 1:2:3"), 3, 14, "no line `file 1 \"...\"` at the top"},
    {IN_FN("print %"), 3, 7, "a name or a number follows `%`"},
    {IN_FN("while { yield %a }"), 4, 1, "expected `do` before a region of `while`"},
};

static void test_mistakes(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        const Mistake *wanted = &mistakes[i];
        Context *cx = context_create();
        const Source *source =
            sources_add(&cx->sources, "t.kir", wanted->text, (uint32_t)strlen(wanted->text));
        assert_null(ir_read_module(cx, source));
        assert_int_equal(cx->diags.all.len, 1);
        const Diag *found = cx->diags.all.data[0];
        LineCol at = source_line_col(source, found->span.start);
        if (strstr(found->message, wanted->message) == NULL || at.line != wanted->line ||
            at.column != wanted->column)
            fail_msg("%s\ngives %u:%u: %s", wanted->text, at.line, at.column, found->message);
        assert_int_equal(found->code, K0601);
        context_destroy(cx);
    }
}

/* A text cut off anywhere gives one error, not a crash. */
static void test_cut_text(void **state) {
    (void)state;
    for (uint32_t length = 0; length + 2 < sizeof everything; length += 3) {
        Context *cx = context_create();
        const Source *source = sources_add(&cx->sources, "cut", everything, length);
        bool good = ir_read_module(cx, source) != NULL;
        assert_int_equal(cx->diags.errors, good ? 0 : 1);
        context_destroy(cx);
    }
}

static void test_deep_nesting(void **state) {
    (void)state;
    StrBuf text = {0};
    strbuf_puts(&text, "module m loop\nfn @f(scalar %c: bool) {\n");
    for (int i = 0; i < 100000; i++) strbuf_puts(&text, "if %c {\n");
    Context *cx = context_create();
    const Source *source = sources_add(&cx->sources, "deep", text.data, (uint32_t)text.len);
    assert_null(ir_read_module(cx, source));
    assert_non_null(strstr(cx->diags.all.data[0]->message, "nested more than 1000 deep"));
    context_destroy(cx);
    strbuf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_reads_back), cmocka_unit_test(test_fields_are_read),
        cmocka_unit_test(test_spans),           cmocka_unit_test(test_literals),
        cmocka_unit_test(test_no_literals),     cmocka_unit_test(test_all_small_floats),
        cmocka_unit_test(test_mistakes),        cmocka_unit_test(test_cut_text),
        cmocka_unit_test(test_deep_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
