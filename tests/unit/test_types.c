/* Types: equal types are one, and print as they are written. */
#include "sema/checked.h"
#include "tests/unit/unit.h"

typedef struct Fixture {
    Context *cx;
    Sizes *sizes;
    Types *types;
    const Size *n, *m;
} Fixture;

static const Size *named(Fixture *f, const char *name) {
    const SizeSym *sym =
        size_sym_new(f->sizes, SIZE_PARAM, name_of_str(f->cx->names, name), NO_SPAN, NULL);
    return size_of_sym(f->sizes, sym);
}

static int setup(void **state) {
    static Fixture f;
    f.cx = context_create();
    f.sizes = sizes_create(f.cx);
    f.types = types_create(f.cx, f.sizes);
    f.n = named(&f, "n");
    f.m = named(&f, "m");
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    context_destroy(((Fixture *)*state)->cx);
    return 0;
}

static const Type *f32(Fixture *f) { return type_scalar(f->types, SCALAR_F32); }

static const Type *tensor(Fixture *f, const Size *a, const Size *b) {
    const Size *dims[] = {a, b};
    return type_array(f->types, FORM_TENSOR, f32(f), dims, b == NULL ? 1 : 2);
}

static void equal_types_are_one(void **state) {
    Fixture *f = *state;
    assert_ptr_equal(type_int(f->types), type_scalar(f->types, SCALAR_I64));
    assert_ptr_equal(tensor(f, f->n, f->m), tensor(f, f->n, f->m));
    assert_ptr_not_equal(tensor(f, f->n, f->m), tensor(f, f->m, f->n));
    assert_ptr_not_equal(tensor(f, f->n, NULL), tensor(f, f->n, f->n));
    const Size *dims[] = {f->n};
    assert_ptr_not_equal(type_array(f->types, FORM_VIEW, f32(f), dims, 1), tensor(f, f->n, NULL));
    const Type *items[] = {f32(f), type_int(f->types)};
    assert_ptr_equal(type_tuple(f->types, items, 2), type_tuple(f->types, items, 2));
    assert_ptr_not_equal(type_tuple(f->types, items, 2), type_tuple(f->types, items, 1));
    StructSymbol a = {.id = 0}, b = {.id = 1};
    assert_ptr_equal(type_struct(f->types, &a), type_struct(f->types, &a));
    assert_ptr_not_equal(type_struct(f->types, &a), type_struct(f->types, &b));
}

static void many_types_stay_apart(void **state) {
    Fixture *f = *state;
    enum { COUNT = 500 };
    const Type *types[COUNT];
    for (int i = 0; i < COUNT; i++) types[i] = tensor(f, size_const(f->sizes, i), NULL);
    for (int i = 0; i < COUNT; i++) {
        assert_ptr_equal(types[i], tensor(f, size_const(f->sizes, i), NULL));
    }
}

static void they_print_as_written(void **state) {
    Fixture *f = *state;
    assert_string_equal(type_text(f->cx, f32(f)), "f32");
    assert_string_equal(type_text(f->cx, type_int(f->types)), "int");
    assert_string_equal(type_text(f->cx, type_bool(f->types)), "bool");
    assert_string_equal(type_text(f->cx, type_int_literal(f->types)), "int");
    assert_string_equal(type_text(f->cx, type_float_literal(f->types)), "f64");
    assert_string_equal(type_text(f->cx, type_str(f->types)), "str");
    assert_string_equal(type_text(f->cx, tensor(f, f->n, f->m)), "Tensor[f32, n, m]");
    const Size *dims[] = {size_mul(f->sizes, size_const(f->sizes, 2), f->n),
                          size_unknown(f->sizes, NO_SPAN)};
    const Type *window = type_array(f->types, FORM_MUTSTRIDED, f32(f), dims, 2);
    assert_string_equal(type_text(f->cx, window), "MutStrided[f32, 2*n, ?]");
    assert_string_equal(shape_text(f->cx, window), "[2*n, ?]");
    const Type *items[] = {f32(f), tensor(f, f->n, NULL)};
    assert_string_equal(type_text(f->cx, type_tuple(f->types, items, 2)), "(f32, Tensor[f32, n])");
    assert_string_equal(type_text(f->cx, type_tuple(f->types, items, 1)), "(f32,)");
    StructSymbol point = {.name = name_of_str(f->cx->names, "Point")};
    assert_string_equal(type_text(f->cx, type_struct(f->types, &point)), "Point");
}

static void questions(void **state) {
    Fixture *f = *state;
    assert_true(type_is_number(f32(f)));
    assert_true(type_is_float(f32(f)));
    assert_true(type_is_float(type_float_literal(f->types)));
    assert_false(type_is_integer(f32(f)));
    assert_true(type_is_integer(type_int_literal(f->types)));
    assert_false(type_is_number(type_bool(f->types)));
    assert_true(type_is_bool(type_bool(f->types)));
    assert_true(type_is_literal(type_int_literal(f->types)));
    assert_true(type_is_error(type_error(f->types)));
    const Type *array = tensor(f, f->n, NULL);
    assert_true(type_is_array(array));
    assert_true(type_is_owned_array(array));
    assert_false(type_is_strided(array));
    assert_false(type_is_mutable_window(array));
    assert_ptr_equal(type_element(array), f32(f));
    assert_ptr_equal(type_element(f32(f)), f32(f));
}

static void sizes_are_replaced(void **state) {
    Fixture *f = *state;
    const SizeSym *sym = size_as_sym(f->n);
    const Size *four = size_const(f->sizes, 4);
    assert_ptr_equal(type_with_sizes(f->types, tensor(f, f->n, f->m), &sym, &four, 1),
                     tensor(f, four, f->m));
    assert_ptr_equal(type_with_sizes(f->types, f32(f), &sym, &four, 1), f32(f));
    const Type *items[] = {tensor(f, f->n, NULL), f32(f)}, *wanted[] = {tensor(f, four, NULL), f32(f)};
    assert_ptr_equal(type_with_sizes(f->types, type_tuple(f->types, items, 2), &sym, &four, 1),
                     type_tuple(f->types, wanted, 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_types_are_one, setup, teardown),
        cmocka_unit_test_setup_teardown(many_types_stay_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(they_print_as_written, setup, teardown),
        cmocka_unit_test_setup_teardown(questions, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_are_replaced, setup, teardown),
    };
    return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
