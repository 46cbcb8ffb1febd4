#include "ir/passes/pass.h"
#include "tests/unit/ir_helpers.h"

/* Two loops that become one, and one that stays apart, as it needs the sum. */
static const char program[] =
    "module m loop\n"
    "export fn @f(size %n: i64, array %x: buf<f32>, array %y: buf<f32> written restrict) {\n"
    "    %xv = view %x, %n : view<f32, 1>\n"
    "    %yv = view %y, %n : view<f32, 1>\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    %z = const 0.0 : f32\n"
    "    %s = var s : ref<f32>\n"
    "    set %s, %z\n"
    "    for independent %0, %n, %1 |%i| {\n"
    "        %2 = load %xv[%i] : f32\n"
    "        store %2, %yv[%i]\n"
    "    }\n"
    "    for %0, %n, %1 |%k| {\n"
    "        %3 = load %yv[%k] : f32\n"
    "        %4 = get %s : f32\n"
    "        %5 = add %4, %3 : f32\n"
    "        set %s, %5\n"
    "    }\n"
    "    %t = get %s : f32\n"
    "    for independent %0, %n, %1 |%l| {\n"
    "        %6 = load %yv[%l] : f32\n"
    "        %7 = div %6, %t : f32\n"
    "        store %7, %yv[%l]\n"
    "    }\n"
    "    return\n"
    "}\n";

static Remarks *remarks_of(Context *cx) {
    IrModule *module = module_read(cx, program);
    Remarks *remarks = arena_new(cx->arena, Remarks);
    remarks->arena = cx->arena;
    pass_run_one(module, "fuse", &(IrOptions){.opt_level = 3},
                 &(PassObserver){.verify_each = true, .remarks = remarks});
    return remarks;
}

static void passes_and_bytes_are_counted(void **state) {
    (void)state;
    Context *cx = context_create();
    const Remarks *remarks = remarks_of(cx);
    const Remark *last = &remarks->all.data[remarks->all.len - 1];
    assert_int_equal(last->kind, REMARK_PASSES);
    assert_int_equal(last->fusion.loops_before, 3);
    assert_int_equal(last->fusion.loops_after, 2);
    assert_int_equal(last->fusion.bytes_before, 4 + 8 + 4 + 8);
    assert_int_equal(last->fusion.bytes_after, 4 + 8 + 8);
    assert_string_equal(text_of(cx, last->function), "f");
    context_destroy(cx);
}

static void each_decision_has_its_reason(void **state) {
    (void)state;
    static const struct {
        RemarkKind kind;
        const char *text;
    } wanted[] = {
        {REMARK_FUSED, "the loop of line 10: each iteration needs only what the same iteration makes"},
        {REMARK_APART, "the loop of line 14: the second needs a value that only the whole of the first "
                       "gives"},
        {REMARK_PASSES, ""},
    };
    Context *cx = context_create();
    const Remarks *remarks = remarks_of(cx);
    assert_int_equal(remarks->all.len, ARRAY_LEN(wanted));
    for (uint32_t i = 0; i < remarks->all.len; i++) {
        assert_string_equal(remarks->all.data[i].pass, "fuse");
        assert_int_equal(remarks->all.data[i].kind, wanted[i].kind);
        assert_string_equal(remarks->all.data[i].text, wanted[i].text);
    }
    context_destroy(cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_and_bytes_are_counted),
        cmocka_unit_test(each_decision_has_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
