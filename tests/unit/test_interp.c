/* The interpreter on programs: control, memory, whole arrays, calls, and what it catches. */
#include "tests/unit/interp_helpers.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Control --------------------------------------------------------------------------------- */

/* for i in lo..hi by step: counts, stops at 1000. */
static const char count_loop[] =
    FN("size %lo: i64, size %hi: i64, size %step: i64", "-> i64",
       "%0 = const 0 : i64\n%1 = const 1 : i64\n%most = const 1000 : i64\n"
       "%n = var n : ref<i64>\nset %n, %0\n"
       "for %lo, %hi, %step |%i| {\n"
       "  %a = get %n : i64\n%b = add %a, %1 : i64\nset %n, %b\n"
       "  %stop = eq %b, %most : bool\nif %stop {\nbreak\n}\n}\n"
       "%r = get %n : i64\nreturn %r");

static void test_for(void **state) {
    (void)state;
    static const int64_t table[][4] = {
        {0, 10, 1, 10}, {0, 10, 3, 4},   {10, 0, -1, 10}, {10, 0, -4, 3},
        {0, 0, 1, 0},   {5, 0, 1, 0},    {0, 5, -1, 0},   {0, INT64_MAX, 1, 1000},
        {INT64_MAX - 2, INT64_MAX, 2, 1}, {INT64_MIN + 1, INT64_MIN, -5, 1},
    };
    for (uint32_t i = 0; i < ARRAY_LEN(table); i++) {
        const InterpArg args[] = {{&table[i][0], 0}, {&table[i][1], 0}, {&table[i][2], 0}};
        assert_int_equal(run_i64(count_loop, args), table[i][3]);
    }
}

/* The sum of the odd numbers below n, but for those from 10 on: while, continue, break. */
static void test_while(void **state) {
    (void)state;
    static const char text[] =
        FN("size %n: i64", "-> i64",
           NUMBERS "%ten = const 10 : i64\n"
           "%i = var i : ref<i64>\nset %i, %0\n%s = var s : ref<i64>\nset %s, %0\n"
           "while {\n%a = get %i : i64\n%c = lt %a, %n : bool\nyield %c\n} do {\n"
           "  %b = get %i : i64\n%d = add %b, %1 : i64\nset %i, %d\n"
           "  %e = mod %b, %2 : i64\n%even = eq %e, %0 : bool\nif %even {\ncontinue\n}\n"
           "  %big = ge %b, %ten : bool\nif %big {\nbreak\n}\n"
           "  %g = get %s : i64\n%h = add %g, %b : i64\nset %s, %h\n}\n"
           "%r = get %s : i64\nreturn %r");
    const int64_t six = 6, many = 100;
    assert_int_equal(run_i64(text, &(InterpArg){&six, 0}), 9);
    assert_int_equal(run_i64(text, &(InterpArg){&many, 0}), 25);
}

static void test_early_return(void **state) {
    (void)state;
    static const char text[] = FN("size %n: i64", "-> i64",
                                  NUMBERS "for %0, %n, %1 |%i| {\nfor %0, %n, %1 |%j| {\n"
                                          "%p = mul %i, %j : i64\n%q = eq %p, %2 : bool\n"
                                          "if %q {\nreturn %i\n}\n}\n}\nreturn %n");
    const int64_t one = 1, nine = 9;
    assert_int_equal(run_i64(text, &(InterpArg){&one, 0}), 1);
    assert_int_equal(run_i64(text, &(InterpArg){&nine, 0}), 1);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static const char fibonacci[] =
    "module m loop\nfn @f(size %n: i64) -> i64 {\n" NUMBERS
    "%c = lt %n, %2 : bool\n%r = if %c : i64 {\nyield %n\n} else {\n"
    "%a = sub %n, %1 : i64\n%b = sub %n, %2 : i64\n%x = call @f(%a) : i64\n"
    "%y = call @f(%b) : i64\n%z = add %x, %y : i64\nyield %z\n}\nreturn %r\n}\n";

static void test_recursion(void **state) {
    (void)state;
    const int64_t n = 20;
    assert_int_equal(run_i64(fibonacci, &(InterpArg){&n, 0}), 6765);
}

static void test_calls_nested_too_deeply(void **state) {
    (void)state;
    static const char text[] = FN("", "", "call @f()");
    Run run = {0};
    run_text(&run, text, NULL);
    assert_int_equal(run.status, INTERP_PANIC);
    assert_string_equal(run.panic.message, "calls are nested too deeply");
    assert_int_equal(run.panic.values[0], 10000);
    run_end(&run);
}

static void test_step_limit(void **state) {
    (void)state;
    run_stops(FN("", "", "while {\n%c = const true : bool\nyield %c\n} do {\n}"), NULL,
              INTERP_LIMIT, "");
}

static void test_calls_outside(void **state) {
    (void)state;
    static const char text[] = "module m loop\n"
                               "extern fn @outside(scalar %a: i32, inout %r: ref<f64>) -> i32\n"
                               "extern fn @missing()\n"
                               "fn @f(inout %r: ref<f64>, scalar %a: i32) -> i32 {\n"
                               "%b = call @outside(%a, %r) : i32\n"
                               "%c = call @outside(%b, %r) : i32\n"
                               "%z = get %r : f64\n%w = const 100.0 : f64\n"
                               "%big = gt %z, %w : bool\nif %big {\ncall @missing()\n}\n"
                               "return %c\n}\n";
    double held = 1.5, *pointer = &held;
    int32_t number = 7;
    const InterpArg args[] = {{&pointer, 8}, {&number, 0}};
    Run run = {0};
    run_text(&run, text, args);
    assert_int_equal(run.status, INTERP_OK);
    assert_int_equal((int32_t)run.results[0], 2007);
    assert_true(held == 6.0);
    run_end(&run);
    held = 100.0;
    run_stops(text, args, INTERP_PANIC, "no function `missing` outside of the program");
}

/* Results as a C struct of them, and structs by value. */
static void test_results_and_structs(void **state) {
    (void)state;
    typedef struct P {
        int8_t a;
        double b;
    } P;
    typedef struct Results {
        bool first;
        P second;
        int16_t third;
    } Results;
    static const char text[] = "module m loop\nstruct P { a: i8, b: f64 }\n"
                               "fn @g(struct %p: struct P) -> bool, struct P {\n"
                               "%b = extract %p, 1 : f64\n%c = neg %b : f64\n"
                               "%q = insert %p, %c, 1 : struct P\n%t = const true : bool\n"
                               "return %t, %q\n}\n"
                               "fn @f(struct %p: struct P) -> bool, struct P, i16 {\n"
                               "%v = var v : ref<struct P>\nset %v, %p\n%w = get %v : struct P\n"
                               "%t, %q = call @g(%w) : bool, struct P\n%n = const -2 : i16\n"
                               "return %t, %q, %n\n}\n";
    const P p = {-5, 2.5};
    Run run = {0};
    run_text(&run, text, &(InterpArg){&p, 0});
    Results got;
    memcpy(&got, run.results, sizeof got);
    assert_true(got.first);
    assert_int_equal(got.second.a, -5);
    assert_true(got.second.b == -2.5);
    assert_int_equal(got.third, -2);
    run_end(&run);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

#define LOAD_AT                                                                                    \
    FN("size %n: i64, array %x: buf<i64>, size %i: i64", "-> i64",                                 \
       "%v = view %x, %n : view<i64, 1>\n%e = load %v[%i] : i64\nreturn %e")

static void test_bounds(void **state) {
    (void)state;
    int64_t x[] = {10, 20, 30}, *pointer = x;
    for (int64_t i = -1; i <= 3; i++) {
        const int64_t n = 3;
        const InterpArg args[] = {{&n, 0}, {&pointer, sizeof x}, {&i, 0}};
        if (i >= 0 && i < 3)
            assert_int_equal(run_i64(LOAD_AT, args), x[i]);
        else
            run_stops(LOAD_AT, args, INTERP_FAULT,
                      "interpreter: access outside of the allocation");
    }
    const int64_t n = 3, wild = INT64_MAX / 2;
    const InterpArg args[] = {{&n, 0}, {&pointer, sizeof x}, {&wild, 0}};
    run_stops(LOAD_AT, args, INTERP_FAULT, "interpreter: access outside of the allocation");
}

static void test_faults(void **state) {
    (void)state;
    static const struct {
        const char *ops, *message;
    } table[] = {
        {"%a = alloc %2 : view<f32, 1>\nfree %a\n%e = load %a[%0] : f32",
         "interpreter: access to memory that was freed"},
        {"%a = alloc %2 : view<f32, 1>\nfree %a\nfree %a",
         "interpreter: memory is freed a second time"},
        {"%a = alloc %2 : view<f32, 1>\n%s = slice %a, [%1, %1, %1] : view<f32, 1>\nfree %s",
         "interpreter: what is freed did not come from an allocation"},
        {"%a = nullview : view<f32, 1>\nfree %a\n%e = load %a[%0] : f32",
         "interpreter: access to an array that has no memory"},
        {"%a = alloc %2, %2 : view<f32, 2>\n%e = load %a[%2, %0] : f32",
         "interpreter: access outside of the allocation"},
        {"%m1 = const -1 : i64\n%a = alloc %m1 : view<f32, 1>",
         "interpreter: an array of negative size"},
        {"%a = alloc %3 : view<f32, 1>\n%s = slice %a, [%0, %2, %2] : view<f32, 1>",
         "interpreter: a slice that is not dense has a dense type"},
        {"for %0, %1, %0 |%i| {\n}", "interpreter: a loop with a step of zero"},
        {"%a = map %2 : array<i64, 1> |%i| {\nyield %i\n}\n%e = elem %a[%2] : i64",
         "interpreter: an index outside of the array"},
        {"%a = map %2 : array<i64, 1> |%i| {\nyield %i\n}\n%v = alloc %3 : view<i64, 1>\n"
         "assign %v, %a",
         "interpreter: an array is assigned to a view of another size"},
        {"%a = alloc %2 : view<f64, 1>\n%b = buf %a : buf<f64>\n%c = view %b, %3 : view<f64, 1>\n"
         "print %c",
         "interpreter: access outside of the allocation"},
    };
    for (uint32_t i = 0; i < ARRAY_LEN(table); i++) {
        char text[1000];
        snprintf(text, sizeof text, "module m tensor\nfn @f() {\n%s%s\n}\n", NUMBERS,
                 table[i].ops);
        run_stops(text, NULL, INTERP_FAULT, table[i].message);
    }
}

static void test_out_of_memory(void **state) {
    (void)state;
    const char *const sizes[] = {"1000000000000", "9223372036854775807"};
    for (int i = 0; i < 2; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "module m loop\nfn @f() {\n%%n = const %s : i64\n"
                 "%%a = alloc %%n, %%n : view<f32, 2>\n}\n",
                 sizes[i]);
        run_stops(text, NULL, INTERP_PANIC, "out of memory");
    }
}

/* New memory is zero where that is asked for, and NaN or -1 where not. */
static void test_new_memory(void **state) {
    (void)state;
    assert_int_equal(run_i64(FN("", "-> i64", NUMBERS "%a = alloc zeroed %2 : view<i64, 1>\n"
                                                      "%e = load %a[%1] : i64\nfree %a\n"
                                                      "return %e"),
                             NULL),
                     0);
    assert_int_equal(run_i64(FN("", "-> i64", NUMBERS "%a = alloc %2 : view<i64, 1>\n"
                                                      "%e = load %a[%1] : i64\nfree %a\n"
                                                      "return %e"),
                             NULL),
                     -1);
    assert_int_equal(
        run_i64(FN("", "-> i64", "%a = var a : ref<i64>\n%e = get %a : i64\nreturn %e"), NULL),
        -1);
}

/* x[0:4:-1 from the end] of a 2-d view: shapes, strides and elements of slices. */
static void test_slices(void **state) {
    (void)state;
    static const char text[] =
        FN("array %x: buf<i64>", "-> i64, i64, i64, i64, i64",
           NUMBERS "%m1 = const -1 : i64\n%v = view %x, %3, %2 : view<i64, 2>\n"
           "%s = slice %v, [%2, %3, %m1], drop [%1, %1, %1] : view<i64, 1, strided>\n"
           "%d = dim %s, 0 : i64\n%t = stride %s, 0 : i64\n"
           "%a = load %s[%0] : i64\n%b = load %s[%2] : i64\n"
           "%c = slice %s, [%1, %2, %1] : view<i64, 1, strided>\n%e = load %c[%0] : i64\n"
           "return %d, %t, %a, %b, %e");
    int64_t x[] = {0, 1, 10, 11, 20, 21}, *pointer = x;
    Run run = {0};
    run_text(&run, text, &(InterpArg){&pointer, sizeof x});
    const int64_t wanted[] = {3, -2, 21, 1, 11};
    assert_int_equal(run.status, INTERP_OK);
    assert_memory_equal(run.results, wanted, sizeof wanted);
    run_end(&run);
}

/* Memory begins an element behind a multiple here: elements before the next one, which an index brings nearer. */
static void test_lead(void **state) {
    (void)state;
    const char *text = "module m loop\n"
                       "fn @f(array %x: buf<f32>, scalar %i: i64) -> i64 {\n"
                       "    %n = const 64 : i64\n"
                       "    %v = view %x, %n : view<f32, 1>\n"
                       "    %a = lead %v[%i], 64 : i64\n"
                       "    return %a\n"
                       "}\n";
    static const int64_t wanted[][2] = {{0, 15}, {1, 14}, {14, 1}, {15, 0}, {16, 15}, {33, 14}};
    float x[64] = {0}, *pointer = x;
    for (size_t k = 0; k < ARRAY_LEN(wanted); k++) {
        int64_t at = wanted[k][0];
        const InterpArg args[] = {{&pointer, sizeof x}, {&at, 0}};
        assert_int_equal(run_i64(text, args), wanted[k][1]);
    }
}

static void test_strided_parameters(void **state) {
    (void)state;
    static const char text[] =
        FN("strided %x: view<i64, 2, strided> written", "-> i64",
           NUMBERS "%e = load %x[%1, %1] : i64\n%g = add %e, %1 : i64\n"
           "store %g, %x[%0, %1]\nreturn %e");
    int64_t x[] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct {
        void *data;
        int64_t shape[2], stride[2];
    } strided = {x, {2, 2}, {4, 2}};
    assert_int_equal(run_i64(text, &(InterpArg){&strided, sizeof x}), 6);
    assert_int_equal(x[2], 7);
}

static void test_views_are_returned(void **state) {
    (void)state;
    static const char text[] =
        FN("", "-> view<i64, 1>, i64",
           NUMBERS "%lost = alloc %3 : view<i64, 1>\nfree %lost\n"
           "%a = alloc zeroed %2 : view<i64, 1>\nstore %3, %a[%1]\nreturn %a, %1");
    Run run = {0};
    run_text(&run, text, NULL);
    int64_t *data;
    memcpy(&data, &run.results[0], sizeof data);
    assert_int_equal(run.results[1], 2);
    assert_int_equal(run.results[2], 1);
    assert_int_equal(data[0], 0);
    assert_int_equal(data[1], 3);
    free(data);
    run_end(&run);
}

/* ---- Whole arrays ---------------------------------------------------------------------------- */

/* x = reversed x: all of the right side first. */
static void test_assignment_overlaps(void **state) {
    (void)state;
    static const char text[] =
        FN("size %n: i64, array %x: buf<i64> written", "-> i64",
           NUMBERS "%v = view %x, %n : view<i64, 1>\n%last = sub %n, %1 : i64\n"
           "%a = map %n : array<i64, 1> |%i| {\n%j = sub %last, %i : i64\n"
           "%e = load %v[%j] : i64\nyield %e\n}\nassign %v, %a\nreturn %n");
    int64_t x[] = {1, 2, 3, 4, 5}, *pointer = x;
    const int64_t n = 5, wanted[] = {5, 4, 3, 2, 1};
    const InterpArg args[] = {{&n, 0}, {&pointer, sizeof x}};
    run_i64(text, args);
    assert_memory_equal(x, wanted, sizeof wanted);
}

/* An array that leaves its loop by a variable keeps its elements. */
static void test_arrays_are_values(void **state) {
    (void)state;
    static const char text[] =
        FN("", "-> i64",
           NUMBERS "%keep = var : ref<array<i64, 1>>\n%sum = var : ref<i64>\nset %sum, %0\n"
           "for %0, %3, %1 |%k| {\n"
           "  %a = map %2 : array<i64, 1> |%i| {\n%p = mul %k, %2 : i64\n"
           "  %q = add %p, %i : i64\nyield %q\n}\n"
           "  %first = eq %k, %0 : bool\nif %first {\nset %keep, %a\n} else {\n"
           "  %b = get %keep : array<i64, 1>\n%c = select %first, %a, %b : array<i64, 1>\n"
           "  %e = elem %c[%1] : i64\n%s = get %sum : i64\n%t = add %s, %e : i64\n"
           "  set %sum, %t\n}\n}\n%r = get %sum : i64\nreturn %r");
    assert_int_equal(run_i64(text, NULL), 2);
}

typedef struct Reduction {
    const char *kind, *type, *result_type;
    int count;
    double elements[6];
    double wanted;
} Reduction;

static const Reduction reductions[] = {
    {"add", "f64", "f64", 4, {1, 2, 3, 4}, 10},
    {"add", "f64", "f64", 0, {0}, 0},
    {"add", "f64", "f64", 3, {1e16, 1, -1e16}, 0},
    {"mul", "f64", "f64", 3, {2, 3, -4}, -24},
    {"mul", "f64", "f64", 0, {0}, 1},
    {"min", "f64", "f64", 3, {2, -3, 4}, -3},
    {"max", "f64", "f64", 3, {-2, -3, -4}, -2},
    {"min", "f64", "f64", 1, {1.0 / 0.0}, 1.0 / 0.0},
    {"argmin", "f64", "i64", 5, {4, 1, 7, 1, 9}, 1},
    {"argmax", "f64", "i64", 5, {4, 9, 7, 1, 9}, 1},
    {"argmax", "f64", "i64", 2, {-1.0 / 0.0, -1.0 / 0.0}, 0},
    {"argmin", "f64", "i64", 4, {4, 0.0 / 0.0, 1, 0.0 / 0.0}, 1},
    {"argmax", "f64", "i64", 4, {1.0 / 0.0, 4, 0.0 / 0.0, 1}, 2},
};

static void test_reductions(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(reductions); i++) {
        const Reduction *r = &reductions[i];
        char text[600];
        snprintf(text, sizeof text,
                 "module m tensor\nfn @f(size %%n: i64, array %%x: buf<%s>) -> %s {\n"
                 "%%v = view %%x, %%n : view<%s, 1>\n%%r = reduce %s %%n : %s |%%i| {\n"
                 "%%e = load %%v[%%i] : %s\nyield %%e\n}\nreturn %%r\n}\n",
                 r->type, r->result_type, r->type, r->kind, r->result_type, r->type);
        const int64_t n = r->count;
        const double *pointer = r->elements;
        const InterpArg args[] = {{&n, 0}, {&pointer, sizeof r->elements}};
        Run run = {0};
        run_text(&run, text, args);
        double got = (double)run.results[0];
        if (r->result_type[0] == 'f') memcpy(&got, run.results, sizeof got);
        if (run.status != INTERP_OK || got != r->wanted)
            fail_msg("row %u: %s gives %g, wanted %g", i, r->kind, got, r->wanted);
        run_end(&run);
    }
}

/* all and any; positions count in row-major order. */
static void test_other_reductions(void **state) {
    (void)state;
    static const char text[] =
        FN("size %h: i64, size %w: i64", "-> bool, bool, i64, u8",
           NUMBERS "%all = reduce and %h, %w : bool |%a, %b| {\n%c = lt %a, %b : bool\n"
           "yield %c\n}\n"
           "%any = reduce or %h, %w : bool |%d, %e| {\n%k = lt %d, %e : bool\nyield %k\n}\n"
           "%at = reduce argmax %h, %w : i64 |%i, %j| {\n%p = mul %i, %2 : i64\n"
           "%q = sub %p, %j : i64\nyield %q\n}\n"
           "%least = reduce min %h : u8 |%l| {\n%s = cast %l : u8\nyield %s\n}\n"
           "return %all, %any, %at, %least");
    static const struct {
        int64_t h, w;
        bool all, any;
        int64_t at;
        uint8_t least;
    } table[] = {
        {3, 4, false, true, 8, 0}, {0, 4, true, false, 0, 255}, {1, 1, false, false, 0, 0}};
    for (uint32_t i = 0; i < ARRAY_LEN(table); i++) {
        const InterpArg args[] = {{&table[i].h, 0}, {&table[i].w, 0}};
        Run run = {0};
        run_text(&run, text, args);
        const uint8_t *bytes = (const uint8_t *)run.results;
        assert_int_equal(bytes[0], table[i].all);
        assert_int_equal(bytes[1], table[i].any);
        assert_int_equal(run.results[1], table[i].at);
        assert_int_equal(bytes[16], table[i].least);
        run_end(&run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_for),
        cmocka_unit_test(test_while),
        cmocka_unit_test(test_early_return),
        cmocka_unit_test(test_recursion),
        cmocka_unit_test(test_calls_nested_too_deeply),
        cmocka_unit_test(test_step_limit),
        cmocka_unit_test(test_calls_outside),
        cmocka_unit_test(test_results_and_structs),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_new_memory),
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_lead),
        cmocka_unit_test(test_strided_parameters),
        cmocka_unit_test(test_views_are_returned),
        cmocka_unit_test(test_assignment_overlaps),
        cmocka_unit_test(test_arrays_are_values),
        cmocka_unit_test(test_reductions),
        cmocka_unit_test(test_other_reductions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
