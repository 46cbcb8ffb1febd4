/* Stage OWNED: its text, its types, and what the verifier asks of it. */
#include "tests/unit/ir_helpers.h"

/* ---- Text ------------------------------------------------------------------------------------ */

/* In the printer's own words. */
static const char everything[] =
    "module all owned\n"
    "struct P { a: tensor<f32, 1>, n: i64 } del @close\n"
    "struct Q { p: struct P, w: view<f32, 2, strided>, l: list<struct P>, t: list<tensor<f32, 2>> }\n"
    "\n"
    "fn @close(\n"
    "    struct %self: struct P\n"
    ") {\n"
    "}\n"
    "\n"
    "fn @all(\n"
    "    inout %q: ref<struct Q> written,\n"
    "    arena %h: arena,\n"
    "    array %x: buf<f32>\n"
    ") -> i64 fp strict raises def noalloc fused 2 must_vectorize\n"
    "    arg q inout mutable params 0, 1 : struct Q source \"inout q: Q\"\n"
    "    arg h borrowed escaping params 1, 1 : arena\n"
    "    result looks of 0 source \"int\"\n"
    "    spelled \"Q.all\" {\n"
    "    %x.1 = var x (let \"Tensor[f32, ?]\") : ref<tensor<f32, 1>>\n"
    "    %l = var l (owned) : ref<list<i64>>\n"
    "    %0 = var (out \"T\") : ref<view<f32, 1>>\n"
    "    %1 = var : ref<task<i64>>\n"
    "    %2 = var : ref<task>\n"
    "    %a = var a (constant) : ref<arena>\n"
    "    set %a, %h\n"
    "    %3 = const 3 : i64\n"
    "    %4 = field %q, 0 : ref<struct P>\n"
    "    %5 = room tensor<f32, 1> %a, %3 : bool\n"
    "    %6 = alloc_in zeroed %a, %3 : tensor<f32, 1>\n"
    "    set %x.1, %6\n"
    "    %7 = lend mutable %x.1 : view<f32, 1>\n"
    "    %8 = lend %x.1 : view<f32, 1>\n"
    "    %9 = apart %7, %8 : bool\n"
    "    %10 = item %7[%3] : ref<f32>\n"
    "    %11 = dup implicit %x.1 : tensor<f32, 1>\n"
    "    set %x.1, %11\n"
    "    %12 = data \"\\x00\\x01\\x1f\" %3 : view<i8, 1>\n"
    "    %13 = data %3 : view<i8, 1>\n"
    "    %14 = list : list<i64>\n"
    "    set %l, %14\n"
    "    append %l, %3\n"
    "    %15 = take %l, %3 : i64\n"
    "    %16 = lend %l : view<i64, 1>\n"
    "    keep %x.1\n"
    "    reset %a\n"
    "    %17 = arena_stat %a, 2 : i64\n"
    "    end\n"
    "    %18 = const false : bool\n"
    "    %19 = spawn result %18, %15, %7, %l : task<i64>\n"
    "    set %1, %19\n"
    "    %20, %21 = wait %1 : bool, i64\n"
    "    %22 = spawn %18 : task\n"
    "    set %2, %22\n"
    "    %23 = wait %2 : bool\n"
    "    %24 = arena grows %3 : arena\n"
    "    set %a, %24\n"
    "    try {\n"
    "        %25, %26 = call @all(%q, %h, %x) : bool, i64\n"
    "        raise\n"
    "    } except {\n"
    "        %27 = caught : str\n"
    "        fail %27\n"
    "    }\n"
    "    unsafe {\n"
    "        drop %x.1\n"
    "    }\n"
    "    for parallel %3, %3, %3 |%28| {\n"
    "        reduces add %l\n"
    "        break\n"
    "    } done {\n"
    "        end\n"
    "    }\n"
    "    while {\n"
    "        yield %9\n"
    "    } do {\n"
    "        continue\n"
    "    } done {\n"
    "        return %21\n"
    "    }\n"
    "    raise\n"
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

/* With places in files as well. */
static void test_spans_read_back(void **state) {
    (void)state;
    Context *cx = context_create();
    StrBuf first = {0}, second = {0};
    ir_print_module_spans(module_read(cx, everything), &first);
    ir_print_module_spans(module_read(cx, strbuf_text(&first)), &second);
    assert_string_equal(strbuf_text(&first), strbuf_text(&second));
    assert_non_null(strstr(strbuf_text(&first), "(let \"Tensor[f32, ?]\" loc 1:"));
    strbuf_free(&first);
    strbuf_free(&second);
    context_destroy(cx);
}

static void test_fields_are_read(void **state) {
    (void)state;
    Context *cx = context_create();
    IrModule *m = module_read(cx, everything);
    assert_true(m->owned_stage && m->tensor_stage);
    const IrFn *fn = fn_named(m, "all");
    assert_true(fn->raises && fn->is_def && fn->is_noalloc && fn->is_fused && fn->fused_loops == 2 &&
                fn->must_vectorize && fn->returns_view);
    assert_int_equal(fn->result_of, 0);
    assert_int_equal(fn_named(m, "close")->result_of, -1);
    assert_int_equal(fn->args.len, 2);
    assert_int_equal(fn->args.data[0].convention, ARG_INOUT);
    assert_true(fn->args.data[0].is_mutable && fn->args.data[1].is_escaping);
    assert_string_equal(fn->args.data[0].source, "inout q: Q");
    const Op *var = fn->body->first;
    assert_int_equal(var->attr.var.role, VAR_LET);
    assert_string_equal(var->attr.var.type, "Tensor[f32, ?]");
    context_destroy(cx);
}

static void test_types(void **state) {
    (void)state;
    Context *cx = context_create();
    IrModule *m = module_read(cx, everything);
    const IrType *p = fn_named(m, "close")->params.data[0].value->type;
    const IrType *q = fn_named(m, "all")->params.data[0].value->type->elem;
    const IrType *f32 = ir_scalar(m, SCALAR_F32);
    assert_ptr_equal(p->del, fn_named(m, "close"));
    assert_true(ir_type_owns(p) && !ir_type_looks(p));
    assert_true(ir_type_owns(q) && ir_type_looks(q));
    assert_true(ir_tensor(m, f32, 1) != ir_view(m, f32, 1, false));
    assert_false(ir_type_owns(ir_view(m, f32, 1, false)));
    assert_int_equal(p->size, 24);                       /* pointer, size, n */
    assert_int_equal(q->size, 24 + 8 * 5 + 24 + 24);
    assert_int_equal(ir_list(m, p)->size, 24);
    context_destroy(cx);
}

/* ---- The verifier ---------------------------------------------------------------------------- */

#define IN_FN(stage, ops)                                                                          \
    "module m " stage "\nfn @f(scalar %n: i64) {\n%x = var x : ref<tensor<i64, 1>>\n"              \
    "%a = var a : ref<arena>\n%l = var l : ref<list<i64>>\n%v = var v : ref<view<i64, 1>>\n" ops   \
    "\n}\n"

typedef struct Mistake {
    const char *text, *problem;
} Mistake;

static const Mistake mistakes[] = {
    {IN_FN("tensor", "%m = lend %x : view<i64, 1>"), "belongs to stage `owned` only"},
    {IN_FN("owned", "%m = get %x : tensor<i64, 1>\nset %x, %m"), "copies a `tensor<i64, 1>`"},
    {IN_FN("owned", "%m = move %x : tensor<i64, 1>"), "is taken over 0 times"},
    {IN_FN("owned", "%m = move %x : tensor<i64, 1>\nset %x, %m\nset %x, %m"), "taken over 2 times"},
    {IN_FN("owned", "%m = move %x : tensor<i64, 1>\nset %x, %m"), NULL},
    {IN_FN("owned", "%m = move %x : view<i64, 1>"), "should be `tensor<i64, 1>`"},
    {IN_FN("owned", "%p = var p : ref<i64>\n%m = move %p : i64"), "`i64` is plain"},
    {IN_FN("owned", "drop %v"), "`view<i64, 1>` is plain"},
    {IN_FN("owned", "keep %n"), "works on a ref, not on `i64`"},
    {IN_FN("owned", "%m = lend %a : view<i64, 1>"), "no elements to lend in `ref<arena>`"},
    {IN_FN("owned", "append %x, %n"), "works on a ref of a list"},
    {IN_FN("owned", "%t = const true : bool\nappend %l, %t"), "appends a `bool`"},
    {IN_FN("owned", "%m = take %l, %n : i8"), "should be `i64`"},
    {IN_FN("owned", "reset %l"), "works on a ref of an arena"},
    {IN_FN("owned", "%m = arena_stat %a, 3 : i64"), "has no number 3"},
    {IN_FN("owned", "%m = room tensor<i64, 2> %a, %n : bool"), "1 sizes do not make"},
    {IN_FN("owned", "%m = data %n : view<i64, 1>"), "its sizes are not constant"},
    {IN_FN("owned", "%2 = const 2 : i64\n%m = data \"x\" %2 : view<i64, 1>"), "has 1 bytes for 16"},
    {IN_FN("owned", "print %x"), "uses a ref as a value"},
    {IN_FN("owned", "raise"), "leaves a function that does not raise"},
    {IN_FN("owned", "try {\nraise\n} except {\nraise\n}"), "leaves a function that does not raise"},
    {IN_FN("owned", "try {\nraise\n} except {\n}"), NULL},
    {IN_FN("owned", "fail %n"), "has a `i64` for its message"},
    {IN_FN("owned", "break"), "stands in no loop"},
    {IN_FN("owned", "for %n, %n, %n |%i| {\n} done {\nbreak\n}"), "stands in no loop"},
    {IN_FN("owned", "for %n, %n, %n |%i| {\nend\nreduces add %l\n}"), "behind the beginning"},
    {IN_FN("owned", "reduces add %l"), "stands in no loop's body"},
    {IN_FN("owned", "%t = spawn result : task\n%k = var : ref<task>\nset %k, %t"),
     "does not say whether its call failed"},
    {IN_FN("owned", "%o = const false : bool\n%t = spawn result %o : task\n%k = var : ref<task>\nset %k, %t"),
     "its second operand is not what `task` gives"},
    {IN_FN("owned", "%k = var : ref<i64>\njoin %k"), "wants a variable of type `bool`"},
    {IN_FN("owned", "%k = var : ref<bool>\ntask %k {\n}\njoin forget %k"), NULL},
    {IN_FN("tensor", "%k = var : ref<task>"), "type `ref<task>` is not well formed"},
};

static void test_mistakes(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        Context *cx = context_create();
        StrBuf problems = {0};
        bool good = ir_verify(module_read(cx, mistakes[i].text), &problems);
        const char *wanted = mistakes[i].problem;
        if (good != (wanted == NULL) || (!good && !strstr(strbuf_text(&problems), wanted)))
            fail_msg("%s\ngives: %s", mistakes[i].text, strbuf_text(&problems));
        strbuf_free(&problems);
        context_destroy(cx);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_reads_back), cmocka_unit_test(test_spans_read_back),
        cmocka_unit_test(test_fields_are_read), cmocka_unit_test(test_types),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
