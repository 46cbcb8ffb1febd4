/* Values as people write them: parsing, storing, comparing, printing. */
#include "driver/value.h"
#include "ir/ir.h"
#include "tests/unit/unit.h"

typedef struct Fixture {
    Context *cx;
    IrModule *module;
} Fixture;

static Fixture fixture_open(void) {
    Fixture f = {.cx = context_create()};
    f.module = ir_module_create(f.cx, name_of_str(f.cx->names, "test"));
    return f;
}

/* Stores `text` as a value of the type and gives its printed form, or the reason why not. */
static const char *round_trip(Fixture *f, const char *text, const IrType *elem, uint32_t rank) {
    const char *reason = "no reason";
    ValueTree *tree = value_parse(f->cx->arena, &text, &reason);
    Datum datum;
    if (!tree || !datum_from_tree(f->cx->arena, tree, elem, rank, &datum, &reason)) return reason;
    StrBuf out = {0};
    datum_print(&datum, &out);
    datum_free(&datum);
    const char *result = arena_strndup(f->cx->arena, strbuf_text(&out), out.len);
    strbuf_free(&out);
    return result;
}

static void test_scalars(void **state) {
    (void)state;
    Fixture f = fixture_open();
    const struct {
        Scalar scalar;
        const char *text, *expected;
    } rows[] = {
        {SCALAR_I8, "-128", "-128"},
        {SCALAR_I8, "128", "`128` is no value of type i8"},
        {SCALAR_U8, "255", "255"},
        {SCALAR_U8, "-1", "`-1` is no value of type u8"},
        {SCALAR_I64, "-9223372036854775808", "-9223372036854775808"},
        {SCALAR_U64, "18446744073709551615", "18446744073709551615"},
        {SCALAR_I32, "0x10", "16"},
        {SCALAR_I32, "1.5", "`1.5` is no value of type i32"},
        {SCALAR_F32, "0.1", "0.1"},
        {SCALAR_F16, "0.1", "0.1"},
        {SCALAR_F64, "-inf", "-inf"},
        {SCALAR_F64, "nan", "nan"},
        {SCALAR_F64, "x", "`x` is no value of type f64"},
        {SCALAR_BOOL, "True", "True"},
        {SCALAR_BOOL, "1", "`1` is no value of type bool"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(round_trip(&f, rows[i].text, ir_scalar(f.module, rows[i].scalar), 0),
                            rows[i].expected);
    context_destroy(f.cx);
}

static void test_arrays(void **state) {
    (void)state;
    Fixture f = fixture_open();
    const IrType *i32 = ir_scalar(f.module, SCALAR_I32);
    assert_string_equal(round_trip(&f, "[1, 2,3]", i32, 1), "[1, 2, 3]");
    assert_string_equal(round_trip(&f, "[]", i32, 1), "[]");
    assert_string_equal(round_trip(&f, "[[1], [2]]", i32, 2), "[[1], [2]]");
    assert_string_equal(round_trip(&f, "[[1], [2, 3]]", i32, 2),
                        "a list of 1 items was expected in dimension 1");
    assert_string_equal(round_trip(&f, "[1, 2", i32, 1), "expected `,` or `]`");
    assert_string_equal(round_trip(&f, "7", i32, 1), "a list of 0 items was expected in dimension 0");
    context_destroy(f.cx);
}

static void test_structs(void **state) {
    (void)state;
    Fixture f = fixture_open();
    IrField fields[] = {{name_of_str(f.cx->names, "x"), ir_scalar(f.module, SCALAR_F32)},
                        {name_of_str(f.cx->names, "k"), ir_scalar(f.module, SCALAR_U8)}};
    const IrType *point = ir_struct(f.module, name_of_str(f.cx->names, "Point"), fields, 2);
    assert_string_equal(round_trip(&f, "(1.5, 2)", point, 0), "(1.5, 2)");
    assert_string_equal(round_trip(&f, "[(1, 2), (3, 4)]", point, 1), "[(1.0, 2), (3.0, 4)]");
    assert_string_equal(round_trip(&f, "(1.5)", point, 0), "a struct of 2 fields is written as (a, b, ...)");
    context_destroy(f.cx);
}

static bool equal_texts(Fixture *f, Scalar scalar, const char *a, const char *b, uint64_t ulps) {
    const char *reason = NULL;
    Datum x, y;
    const IrType *type = ir_scalar(f->module, scalar);
    datum_from_tree(f->cx->arena, value_parse(f->cx->arena, &a, &reason), type, 0, &x, &reason);
    datum_from_tree(f->cx->arena, value_parse(f->cx->arena, &b, &reason), type, 0, &y, &reason);
    return datum_equal(&x, &y, ulps);
}

static void test_equality(void **state) {
    (void)state;
    Fixture f = fixture_open();
    assert_true(equal_texts(&f, SCALAR_F64, "nan", "-nan", 0));
    assert_false(equal_texts(&f, SCALAR_F64, "nan", "1.0", 100));
    assert_false(equal_texts(&f, SCALAR_F64, "0.0", "-0.0", 0));
    assert_true(equal_texts(&f, SCALAR_F64, "0.0", "-0.0", 1));
    assert_false(equal_texts(&f, SCALAR_F32, "1.0", "1.0000001", 0));
    assert_true(equal_texts(&f, SCALAR_F32, "1.0", "1.0000001", 1));
    assert_true(equal_texts(&f, SCALAR_F32, "1e-45", "-1e-45", 2));
    assert_false(equal_texts(&f, SCALAR_F32, "1e-45", "-1e-45", 1));
    context_destroy(f.cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_structs),
        cmocka_unit_test(test_equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
