#include "ir/passes/contract.h"
#include "ir/text.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static void the_pipeline_keeps_its_contracts(void **state) {
    (void)state;
    StrBuf problems = {0};
    uint32_t count;
    const PassStep *steps = pass_steps(&count);
    assert_true(count > 0);
    assert_true(pass_steps_check(steps, count, &problems));
    assert_string_equal(strbuf_text(&problems), "");
    strbuf_free(&problems);
}

/* What every pipeline begins with. */
#define OWNED_STEPS                                                                                \
    {PASS_OWNERSHIP, 0, 0}, {PASS_DROPS, 0, 0}, {PASS_ERASE, 0, 0}, {PASS_NOALLOC, 0, 0}

static void a_wrong_order_is_named_with_its_reason(void **state) {
    (void)state;
    StrBuf problems = {0};
    const PassStep steps[] = {OWNED_STEPS,
                              {PASS_SINGLE_RETURN, 1, 0},
                              {PASS_TO_LOOPS, 0, 0},
                              {PASS_INLINE, 1, 0},
                              {PASS_OUTLINE, 0, 0}};
    assert_false(pass_steps_check(steps, ARRAY_LEN(steps), &problems));
    assert_non_null(strstr(strbuf_text(&problems), "-O1: inline must come before to-loops: "));
    assert_null(strstr(strbuf_text(&problems), "-O0"));
    strbuf_free(&problems);
}

static void a_missing_fact_is_named(void **state) {
    (void)state;
    StrBuf problems = {0};
    const PassStep steps[] = {OWNED_STEPS, {PASS_BOUNDS, 2, 0}, {PASS_TO_LOOPS, 0, 0}, {PASS_OUTLINE, 0, 0}};
    assert_false(pass_steps_check(steps, ARRAY_LEN(steps), &problems));
    assert_non_null(strstr(strbuf_text(&problems), "-O2: bounds requires"));
    assert_null(strstr(strbuf_text(&problems), "-O1"));
    strbuf_free(&problems);
}

static void the_end_needs_loops_at_every_level(void **state) {
    (void)state;
    StrBuf problems = {0};
    const PassStep steps[] = {OWNED_STEPS, {PASS_TO_LOOPS, 1, 0}};
    assert_false(pass_steps_check(steps, ARRAY_LEN(steps), &problems));
    assert_non_null(strstr(strbuf_text(&problems), "-O0: the end requires"));
    strbuf_free(&problems);
}

static void ownership_comes_before_everything(void **state) {
    (void)state;
    StrBuf problems = {0};
    const PassStep steps[] = {{PASS_ERASE, 0, 0}, {PASS_OWNERSHIP, 0, 0}, {PASS_TO_LOOPS, 0, 0}};
    assert_false(pass_steps_check(steps, ARRAY_LEN(steps), &problems));
    assert_non_null(strstr(strbuf_text(&problems), "-O0: erase requires"));
    strbuf_free(&problems);
}

static void names_are_found(void **state) {
    (void)state;
    const char *const *names;
    uint32_t count = pass_names(&names);
    assert_int_equal(count, PASS_COUNT);
    for (uint32_t i = 0; i < count; i++) assert_true(pass_exists(names[i]));
    assert_false(pass_exists("to-loop"));
}

/* ---- The manager ----------------------------------------------------------------------------- */

static const char program[] = "module m tensor\n"
                              "export fn @f(scalar %x: i64) -> i64 {\n"
                              "    %a = const 2 : i64\n"
                              "    %b = const 3 : i64\n"
                              "    %c = mul %a, %b : i64\n"
                              "    %d = add %x, %c : i64\n"
                              "    return %d\n"
                              "}\n";

static IrModule *read_program(Context *cx) {
    IrModule *module =
        ir_read_module(cx, sources_add(&cx->sources, "m.kir", program, sizeof program - 1));
    assert_non_null(module);
    return module;
}

static void the_manager_prints_and_times(void **state) {
    (void)state;
    Context *cx = context_create();
    StrBuf out = {0};
    IrOptions options = {.opt_level = 2};
    PassObserver observer = {
        .print_after = "fold", .verify_each = true, .time_passes = true, .out = &out};
    assert_true(passes_run(read_program(cx), &options, &observer));
    assert_non_null(strstr(strbuf_text(&out), "# after fold\n"));
    assert_non_null(strstr(strbuf_text(&out), "%c = const 6 : i64"));
    assert_non_null(strstr(strbuf_text(&out), "total\n"));
    strbuf_free(&out);
    context_destroy(cx);
}

static void the_manager_stops_where_it_is_told(void **state) {
    (void)state;
    Context *cx = context_create();
    IrOptions options = {.opt_level = 2};
    PassObserver observer = {.stop_after = "inline"};
    IrModule *module = read_program(cx);
    assert_false(passes_run(module, &options, &observer));
    assert_true(module->tensor_stage);
    context_destroy(cx);
}

static void level_zero_only_lowers(void **state) {
    (void)state;
    Context *cx = context_create();
    StrBuf out = {0};
    IrOptions options = {.opt_level = 0};
    PassObserver observer = {.print_after = "all", .out = &out};
    IrModule *module = read_program(cx);
    assert_true(passes_run(module, &options, &observer));
    assert_false(module->tensor_stage);
    assert_non_null(strstr(strbuf_text(&out), "# after to-loops"));
    assert_null(strstr(strbuf_text(&out), "# after fold"));
    strbuf_free(&out);
    context_destroy(cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pipeline_keeps_its_contracts),
        cmocka_unit_test(a_wrong_order_is_named_with_its_reason),
        cmocka_unit_test(a_missing_fact_is_named),
        cmocka_unit_test(the_end_needs_loops_at_every_level),
        cmocka_unit_test(ownership_comes_before_everything),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(the_manager_prints_and_times),
        cmocka_unit_test(the_manager_stops_where_it_is_told),
        cmocka_unit_test(level_zero_only_lowers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
