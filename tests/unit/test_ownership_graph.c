#include "ir/ownership/graph.h"
#include "tests/unit/ir_helpers.h"

/* The graph of function `f` as text. */
static char *graph_of(Context *cx, const char *body) {
    const char *text = arena_printf(cx->arena, "module m owned\n%s", body);
    IrModule *module = module_read(cx, text);
    Graph *g = graph_build(cx->arena, fn_named(module, "f"));
    StrBuf out = {0};
    graph_print(g, &out);
    char *copy = arena_strndup(cx->arena, strbuf_text(&out), out.len);
    strbuf_free(&out);
    return copy;
}

static void test_straight_line(void **state) {
    (void)state;
    Context *cx = context_create();
    const char *text = graph_of(cx, "fn @f(size %n: i64) {\n"
                                    "    %0 = alloc zeroed %n : tensor<f32, 1>\n"
                                    "    %t = var t : ref<tensor<f32, 1>>\n"
                                    "    set %t, %0\n"
                                    "    end\n"
                                    "    %1 = move %t : tensor<f32, 1>\n"
                                    "    %u = var u : ref<tensor<f32, 1>>\n"
                                    "    set %u, %1\n"
                                    "    end\n"
                                    "    return\n"
                                    "}\n");
    assert_string_equal(text, "block 0:\n"
                              "    declare t\n"
                              "    use by set\n"
                              "    store t by set\n"
                              "    end\n"
                              "    move t by move\n"
                              "    declare u\n"
                              "    use by set\n"
                              "    store u by set\n"
                              "    end\n"
                              "    return by return\n"
                              "    leave -> 1\n"
                              "block 1 exit:\n");
    context_destroy(cx);
}

static void test_branch(void **state) {
    (void)state;
    Context *cx = context_create();
    const char *text = graph_of(cx, "fn @f(scalar %c: bool) {\n"
                                    "    %x = var x : ref<i64>\n"
                                    "    if %c {\n"
                                    "        %0 = const 1 : i64\n"
                                    "        set %x, %0\n"
                                    "    } else {\n"
                                    "        return\n"
                                    "    }\n"
                                    "    %1 = get %x : i64\n"
                                    "    return\n"
                                    "}\n");
    assert_string_equal(text, "block 0:\n"
                              "    declare x\n"
                              "    then -> 1\n"
                              "    else -> 3\n"
                              "block 1:\n"
                              "    store x by set\n"
                              "    next -> 2\n"
                              "block 2:\n"
                              "    read x by get\n"
                              "    return by return\n"
                              "    leave -> 4\n"
                              "block 3:\n"
                              "    return by return\n"
                              "    leave -> 4\n"
                              "block 4 exit:\n");
    context_destroy(cx);
}

/* A loop that may not run tests before its body... */
static void test_loop(void **state) {
    (void)state;
    Context *cx = context_create();
    const char *text = graph_of(cx, "fn @f(size %n: i64) {\n"
                                    "    %0 = const 0 : i64\n"
                                    "    %1 = const 1 : i64\n"
                                    "    for %0, %n, %1 |%i| {\n"
                                    "        end\n"
                                    "    }\n"
                                    "    return\n"
                                    "}\n");
    assert_string_equal(text, "block 0:\n"
                              "    next -> 1\n"
                              "block 1:\n"
                              "    body -> 2\n"
                              "    done -> 3\n"
                              "block 2:\n"
                              "    end\n"
                              "    again -> 1\n"
                              "block 3:\n"
                              "    next -> 4\n"
                              "block 4:\n"
                              "    return by return\n"
                              "    leave -> 5\n"
                              "block 5 exit:\n");
    context_destroy(cx);
}

/* ...and one that runs in any case, after it. */
static void test_loop_that_runs(void **state) {
    (void)state;
    Context *cx = context_create();
    const char *text = graph_of(cx, "fn @f() {\n"
                                    "    %0 = const 0 : i64\n"
                                    "    %1 = const 1 : i64\n"
                                    "    %2 = const 3 : i64\n"
                                    "    for %0, %2, %1 |%i| {\n"
                                    "        end\n"
                                    "    }\n"
                                    "    return\n"
                                    "}\n");
    assert_string_equal(text, "block 0:\n"
                              "    body -> 1\n"
                              "block 1:\n"
                              "    end\n"
                              "    again -> 2\n"
                              "block 2:\n"
                              "    repeat -> 1\n"
                              "    done -> 3\n"
                              "block 3:\n"
                              "    next -> 4\n"
                              "block 4:\n"
                              "    return by return\n"
                              "    leave -> 5\n"
                              "block 5 exit:\n");
    context_destroy(cx);
}

static void test_fields_and_elements(void **state) {
    (void)state;
    Context *cx = context_create();
    const char *source = "module m owned\n"
                         "struct P { a: tensor<f32, 1>, b: tensor<f32, 1> }\n"
                         "fn @f(inout %p: ref<struct P>, size %i: i64) {\n"
                         "    %a = field %p, 0 : ref<tensor<f32, 1>>\n"
                         "    %v = lend mutable %a : view<f32, 1>\n"
                         "    %e = item %v[%i] : ref<f32>\n"
                         "    %x = get %e : f32\n"
                         "    return\n"
                         "}\n";
    IrModule *module = module_read(cx, source);
    Graph *g = graph_build(cx->arena, fn_named(module, "f"));
    assert_int_equal(g->places.len, 3);
    assert_string_equal(place_text(g, 1), "p.a");
    assert_true(place_is_within(g, 1, 0));
    assert_false(place_is_within(g, 1, 2));
    assert_int_equal(place_root(g, 2), 0);
    context_destroy(cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_straight_line),
        cmocka_unit_test(test_branch),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_loop_that_runs),
        cmocka_unit_test(test_fields_and_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
