/* How a module falls into parts: by what LLVM still has to do, and whom a function calls. */
#include "codegen/parts.h"
#include "codegen/pipeline.h"
#include "tests/unit/ir_helpers.h"

/* Vectors alone; vectors, and a loop that is left; no vectors; a loop in what a loop over vectors left over; and
 * one with vectors that calls one without. */
static const char program[] =
    "module m loop\n"
    "fn @vectors(size %n: i64, array %x: buf<f32> written, scalar %a: vec<f32, 4>) {\n"
    "    %v = view %x, %n : view<f32, 1>\n"
    "    %0 = const 0 : i64\n"
    "    %4 = const 4 : i64\n"
    "    for vector whole %0, %n, %4 |%i| {\n"
    "        vstore %a, %v[%i]\n"
    "    }\n"
    "    return\n"
    "}\n"
    "fn @some_left(size %n: i64, array %x: buf<f32> written, scalar %a: vec<f32, 4>, scalar %e: f32) {\n"
    "    %v = view %x, %n : view<f32, 1>\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    vstore %a, %v[%0]\n"
    "    for %0, %n, %1 |%i| {\n"
    "        store %e, %v[%i]\n"
    "    }\n"
    "    return\n"
    "}\n"
    "fn @straight(scalar %e: f32) -> f32 {\n"
    "    %d = add %e, %e : f32\n"
    "    return %d\n"
    "}\n"
    "fn @rest(size %n: i64, array %x: buf<f32> written, scalar %a: vec<f32, 4>, scalar %e: f32) {\n"
    "    %v = view %x, %n : view<f32, 1>\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    vstore %a, %v[%0]\n"
    "    for vector %0, %n, %1 |%i| {\n"
    "        for %0, %n, %1 |%j| {\n"
    "            store %e, %v[%j]\n"
    "        }\n"
    "    }\n"
    "    return\n"
    "}\n"
    "fn @caller(size %n: i64, array %x: buf<f32> written, scalar %a: vec<f32, 4>, scalar %e: f32) -> f32 {\n"
    "    %v = view %x, %n : view<f32, 1>\n"
    "    %0 = const 0 : i64\n"
    "    vstore %a, %v[%0]\n"
    "    %r = call @straight(%e) : f32\n"
    "    return %r\n"
    "}\n"
    "fn @counts(size %n: i64, array %x: buf<f32> written, scalar %a: vec<f32, 4>, scalar %e: f32) {\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    for %0, %n, %1 |%i| {\n"
    "        call @rest(%i, %x, %a, %e)\n"
    "    }\n"
    "    return\n"
    "}\n";

typedef struct Expected {
    const char *name;
    bool is_done;
    uint32_t part;
} Expected;

/* Whoever calls a function goes where that goes: `caller` to what is left to LLVM. */
static const Expected expected[] = {
    {"vectors", true, 0}, {"some_left", false, 1}, {"straight", false, 1},
    {"rest", true, 0},    {"caller", true, 1},     {"counts", true, 0},
};

static void test_what_is_done(void **state) {
    (void)state;
    Context *cx = context_create();
    const IrModule *module = module_read(cx, program);
    module_check(module);
    for (uint32_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_int_equal(fn_is_done(fn_named(module, expected[i].name)), expected[i].is_done);
    context_destroy(cx);
}

static void test_parts(void **state) {
    (void)state;
    Context *cx = context_create();
    const IrModule *module = module_read(cx, program);
    Parts parts;
    parts_find(module, 1, cx->arena, &parts);
    assert_int_equal(parts.count, 2);
    for (uint32_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_int_equal(parts.of[fn_named(module, expected[i].name)->id], expected[i].part);
    context_destroy(cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_done),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
