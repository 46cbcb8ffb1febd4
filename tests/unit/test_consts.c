/* Arithmetic on compile-time values agrees with the machine's, format by format. */
#include <math.h>
#include <string.h>

#include "sema/check.h"
#include "tests/unit/unit.h"

typedef struct Fixture {
    Checker c;
} Fixture;

static int setup(void **state) {
    static Fixture f;
    memset(&f, 0, sizeof f);
    f.c.cx = context_create();
    f.c.sizes = sizes_create(f.c.cx);
    f.c.types = types_create(f.c.cx, f.c.sizes);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    context_destroy(((Fixture *)*state)->c.cx);
    return 0;
}

static const Type *scalar(Fixture *f, Scalar s) { return type_scalar(f->c.types, s); }

static const Const *ints(Fixture *f, BinaryOp op, Int128 a, Int128 b, const Type *type) {
    return const_binary(&f->c, op, const_int(&f->c, a), const_int(&f->c, b), type);
}

static const Const *reals(Fixture *f, BinaryOp op, double a, double b, const Type *type) {
    return const_binary(&f->c, op, const_float(&f->c, a, NO_NAME), const_float(&f->c, b, NO_NAME),
                        type);
}

static void assert_int(const Const *c, int64_t wanted) {
    assert_non_null(c);
    assert_int_equal(c->kind, CONST_INT);
    assert_true(c->integer == wanted);
}

static void assert_real(const Const *c, double wanted) {
    assert_non_null(c);
    assert_int_equal(c->kind, CONST_FLOAT);
    assert_memory_equal(&c->real, &wanted, sizeof wanted);
}

static void integers_wrap(void **state) {
    Fixture *f = *state;
    assert_int(ints(f, BIN_ADD, 127, 1, scalar(f, SCALAR_I8)), -128);
    assert_int(ints(f, BIN_MUL, 200, 2, scalar(f, SCALAR_U8)), 144);
    assert_int(ints(f, BIN_SUB, 0, 1, scalar(f, SCALAR_U32)), 4294967295);
    assert_int(ints(f, BIN_ADD, INT64_MAX, 1, scalar(f, SCALAR_I64)), INT64_MIN);
    assert_int(const_unary(&f->c, UN_NEG, const_int(&f->c, -128), scalar(f, SCALAR_I8)), -128);
    assert_int(const_unary(&f->c, UN_BIT_NOT, const_int(&f->c, 0), scalar(f, SCALAR_U8)), 255);
    assert_int(ints(f, BIN_POW, 3, 41, scalar(f, SCALAR_U32)), 2069870691);
}

static void division_rounds_down(void **state) {
    Fixture *f = *state;
    const Type *i32 = scalar(f, SCALAR_I32);
    assert_int(ints(f, BIN_FLOORDIV, 7, 2, i32), 3);
    assert_int(ints(f, BIN_FLOORDIV, -7, 2, i32), -4);
    assert_int(ints(f, BIN_FLOORDIV, 7, -2, i32), -4);
    assert_int(ints(f, BIN_MOD, -7, 3, i32), 2);
    assert_int(ints(f, BIN_MOD, 7, -3, i32), -2);
    assert_int(ints(f, BIN_MOD, 6, -3, i32), 0);
    assert_null(ints(f, BIN_FLOORDIV, 1, 0, i32));
    assert_null(ints(f, BIN_MOD, 1, 0, i32));
    assert_int(ints(f, BIN_FLOORDIV, INT32_MIN, -1, i32), INT32_MIN);
}

static void shifts(void **state) {
    Fixture *f = *state;
    assert_int(ints(f, BIN_SHL, 1, 31, scalar(f, SCALAR_I32)), INT32_MIN);
    assert_int(ints(f, BIN_SHL, 1, 32, scalar(f, SCALAR_I32)), 0);
    assert_int(ints(f, BIN_SHR, -8, 1, scalar(f, SCALAR_I32)), -4);
    assert_int(ints(f, BIN_SHR, -8, 40, scalar(f, SCALAR_I32)), -1);
    assert_int(ints(f, BIN_SHR, 255, 4, scalar(f, SCALAR_U8)), 15);
}

static void literals_are_exact(void **state) {
    Fixture *f = *state;
    const Type *exact = type_int_literal(f->c.types);
    const Const *large = ints(f, BIN_SHL, 1, 100, exact);
    assert_non_null(large);
    assert_true(large->integer == (Int128)1 << 100);
    assert_int(const_binary(&f->c, BIN_SHR, large, const_int(&f->c, 99), exact), 2);
    assert_null(ints(f, BIN_SHL, 1, 127, exact));
    assert_null(ints(f, BIN_POW, 10, 40, exact));
    assert_null(ints(f, BIN_POW, 2, -1, exact));
    assert_int(ints(f, BIN_POW, -2, 3, exact), -8);
}

static void floats_round_to_their_format(void **state) {
    Fixture *f = *state;
    assert_real(reals(f, BIN_ADD, 0.1f, 0.2f, scalar(f, SCALAR_F32)), (double)(0.1f + 0.2f));
    assert_real(reals(f, BIN_MUL, 1e30, 1e30, scalar(f, SCALAR_F32)), (double)INFINITY);
    assert_real(reals(f, BIN_ADD, 2048, 1, scalar(f, SCALAR_F16)), 2048);
    assert_real(reals(f, BIN_ADD, 2048, 3, scalar(f, SCALAR_F16)), 2052);
    assert_real(reals(f, BIN_ADD, 256, 1, scalar(f, SCALAR_BF16)), 256);
    assert_real(reals(f, BIN_DIV, 1, 0, scalar(f, SCALAR_F64)), (double)INFINITY);
    const Const *nan = reals(f, BIN_DIV, 0, 0, scalar(f, SCALAR_F64));
    assert_real(nan, (double)NAN);
    assert_false(const_compare(CMP_EQ, nan, nan));
    assert_true(const_compare(CMP_NE, nan, nan));
}

static const Const *literal(Fixture *f, const char *text, double value) {
    return const_float(&f->c, value, name_of_str(f->c.cx->names, text));
}

/* Through f64 first, these would round twice, and wrongly. */
static void literals_round_once(void **state) {
    Fixture *f = *state;
    const Const *c = literal(f, "1.00000005960464477540", 1.00000005960464477540);
    assert_real(const_convert(&f->c, c, scalar(f, SCALAR_F32)), (double)1.00000005960464477540f);
    const Const *half = literal(f, "1.00048828125000000000000000001", 1.00048828125);
    assert_real(const_convert(&f->c, half, scalar(f, SCALAR_F16)), 1.0009765625);
    const Const *tie = literal(f, "1.00048828125", 1.00048828125);
    assert_real(const_convert(&f->c, tie, scalar(f, SCALAR_F16)), 1.0);
    const Const *minus = const_unary(&f->c, UN_NEG, half, type_float_literal(f->c.types));
    assert_real(const_convert(&f->c, minus, scalar(f, SCALAR_F16)), -1.0009765625);
    const Const *whole = const_int(&f->c, ((Int128)1 << 60) + ((Int128)1 << 52) + 1);
    assert_real(const_convert(&f->c, whole, scalar(f, SCALAR_BF16)), ldexp(1 + 1.0 / 128, 60));
}

static void conversions(void **state) {
    Fixture *f = *state;
    const Type *u8 = scalar(f, SCALAR_U8), *i32 = scalar(f, SCALAR_I32);
    assert_int(const_convert(&f->c, const_int(&f->c, 300), u8), 44);
    assert_int(const_convert(&f->c, const_int(&f->c, -1), u8), 255);
    assert_int(const_convert(&f->c, literal(f, "", -3.9), i32), -3);
    assert_int(const_convert(&f->c, literal(f, "", 1e20), i32), INT32_MAX);
    assert_int(const_convert(&f->c, literal(f, "", -1e20), i32), INT32_MIN);
    assert_int(const_convert(&f->c, literal(f, "", -5), u8), 0);
    assert_int(const_convert(&f->c, literal(f, "", (double)NAN), i32), 0);
    assert_int(const_convert(&f->c, const_bool(&f->c, true), i32), 1);
    const Const *truth = const_convert(&f->c, literal(f, "", 0.5), scalar(f, SCALAR_BOOL));
    assert_int_equal(truth->kind, CONST_BOOL);
    assert_true(truth->integer == 1);
}

static void what_fits(void **state) {
    Fixture *f = *state;
    assert_true(const_fits(const_int(&f->c, 255), SCALAR_U8));
    assert_false(const_fits(const_int(&f->c, 256), SCALAR_U8));
    assert_false(const_fits(const_int(&f->c, -1), SCALAR_U64));
    assert_true(const_fits(const_int(&f->c, UINT64_MAX), SCALAR_U64));
    assert_false(const_fits(const_int(&f->c, UINT64_MAX), SCALAR_I64));
    assert_true(const_fits(const_int(&f->c, -128), SCALAR_I8));
    assert_false(const_fits(const_int(&f->c, 1), SCALAR_F32));
}

static void assert_prints(const Const *c, const char *wanted) {
    StrBuf text = {0};
    const_print(c, &text);
    assert_string_equal(strbuf_text(&text), wanted);
    strbuf_free(&text);
}

static void printing(void **state) {
    Fixture *f = *state;
    assert_prints(const_int(&f->c, 0), "0");
    assert_prints(const_int(&f->c, INT64_MIN), "-9223372036854775808");
    assert_prints(const_int(&f->c, UINT64_MAX), "18446744073709551615");
    assert_prints(const_bool(&f->c, true), "True");
    assert_prints(literal(f, "", 0.1), "0.1");
    assert_prints(literal(f, "", 3), "3.0");
    assert_prints(literal(f, "", 1e300), "1e+300");
}

static void comparisons(void **state) {
    Fixture *f = *state;
    const Const *two = const_int(&f->c, 2), *three = const_int(&f->c, 3);
    assert_true(const_compare(CMP_LT, two, three));
    assert_false(const_compare(CMP_GE, two, three));
    assert_true(const_compare(CMP_LE, two, two));
    Const a = {.kind = CONST_STR, .bytes = "ab", .length = 2};
    Const b = {.kind = CONST_STR, .bytes = "abc", .length = 3};
    assert_true(const_compare(CMP_NE, &a, &b));
    assert_true(const_compare(CMP_LT, &a, &b));
    assert_true(const_compare(CMP_EQ, &a, &a));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(integers_wrap, setup, teardown),
        cmocka_unit_test_setup_teardown(division_rounds_down, setup, teardown),
        cmocka_unit_test_setup_teardown(shifts, setup, teardown),
        cmocka_unit_test_setup_teardown(literals_are_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(floats_round_to_their_format, setup, teardown),
        cmocka_unit_test_setup_teardown(literals_round_once, setup, teardown),
        cmocka_unit_test_setup_teardown(conversions, setup, teardown),
        cmocka_unit_test_setup_teardown(what_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(printing, setup, teardown),
        cmocka_unit_test_setup_teardown(comparisons, setup, teardown),
    };
    return cmocka_run_group_tests_name("consts", tests, NULL, NULL);
}
