/* Sizes: one form for each polynomial, so that equal sizes are one. */
#include "sema/size.h"
#include "tests/unit/unit.h"

typedef struct Fixture {
    Context *cx;
    Sizes *sizes;
    const Size *n, *m, *k;
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
    f.n = named(&f, "n");
    f.m = named(&f, "m");
    f.k = named(&f, "k");
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    context_destroy(((Fixture *)*state)->cx);
    return 0;
}

static const Size *num(Fixture *f, int64_t value) { return size_const(f->sizes, value); }
static const Size *add(Fixture *f, const Size *a, const Size *b) { return size_add(f->sizes, a, b); }
static const Size *sub(Fixture *f, const Size *a, const Size *b) { return size_sub(f->sizes, a, b); }
static const Size *mul(Fixture *f, const Size *a, const Size *b) { return size_mul(f->sizes, a, b); }

static void assert_prints(Fixture *f, const Size *size, const char *wanted) {
    StrBuf text = {0};
    size_print(f->cx, size, &text);
    assert_string_equal(strbuf_text(&text), wanted);
    strbuf_free(&text);
}

static void equal_sizes_are_one(void **state) {
    Fixture *f = *state;
    assert_ptr_equal(num(f, 3), add(f, num(f, 1), num(f, 2)));
    assert_ptr_equal(add(f, f->n, f->m), add(f, f->m, f->n));
    assert_ptr_equal(sub(f, mul(f, num(f, 2), f->n), num(f, 1)),
                     add(f, sub(f, f->n, num(f, 1)), f->n));
    assert_ptr_equal(mul(f, f->n, f->m), mul(f, f->m, f->n));
    assert_ptr_equal(sub(f, f->n, f->n), num(f, 0));
    assert_ptr_equal(mul(f, add(f, f->n, num(f, 1)), sub(f, f->n, num(f, 1))),
                     sub(f, mul(f, f->n, f->n), num(f, 1)));
    assert_ptr_not_equal(f->n, f->m);
    assert_ptr_not_equal(mul(f, f->n, f->n), f->n);
}

static void many_sizes_stay_apart(void **state) {
    Fixture *f = *state;
    enum { COUNT = 500 };
    const Size *sizes[COUNT];
    for (int i = 0; i < COUNT; i++) sizes[i] = add(f, mul(f, num(f, i), f->n), num(f, i * i));
    for (int i = 0; i < COUNT; i++) {
        assert_ptr_equal(sizes[i], add(f, num(f, i * i), mul(f, f->n, num(f, i))));
    }
}

static void they_print_as_written(void **state) {
    Fixture *f = *state;
    assert_prints(f, num(f, 0), "0");
    assert_prints(f, num(f, -7), "-7");
    assert_prints(f, f->n, "n");
    assert_prints(f, sub(f, mul(f, num(f, 2), f->n), num(f, 1)), "2*n - 1");
    assert_prints(f, sub(f, num(f, 8), f->n), "8 - n");
    assert_prints(f, sub(f, num(f, 0), f->n), "-n");
    assert_prints(f, add(f, mul(f, f->n, f->m), f->k), "n*m + k");
    assert_prints(f, mul(f, f->n, f->n), "n*n");
    assert_prints(f, sub(f, f->m, add(f, f->n, f->k)), "m - n - k");
    assert_prints(f, size_unknown(f->sizes, NO_SPAN), "?");
    assert_prints(f, num(f, INT64_MIN), "-9223372036854775808");
}

static void relations(void **state) {
    Fixture *f = *state;
    const Size *next = add(f, f->n, num(f, 1));
    assert_int_equal(size_relate(f->sizes, f->n, f->n), SIZES_EQUAL);
    assert_int_equal(size_relate(f->sizes, f->n, next), SIZES_DIFFER);
    assert_int_equal(size_relate(f->sizes, f->n, f->m), SIZES_UNKNOWN);
    assert_int_equal(size_relate(f->sizes, num(f, 3), num(f, 4)), SIZES_DIFFER);
    assert_int_equal(size_relate(f->sizes, mul(f, num(f, 2), f->n), f->n), SIZES_UNKNOWN);
    const Size *a = size_unknown(f->sizes, NO_SPAN), *b = size_unknown(f->sizes, NO_SPAN);
    assert_int_equal(size_relate(f->sizes, a, a), SIZES_EQUAL);
    assert_int_equal(size_relate(f->sizes, a, b), SIZES_UNKNOWN);
}

static void questions(void **state) {
    Fixture *f = *state;
    int64_t value = 1;
    assert_true(size_is_const(num(f, 0), &value));
    assert_int_equal(value, 0);
    assert_true(size_is_const(num(f, 42), &value));
    assert_int_equal(value, 42);
    assert_false(size_is_const(f->n, &value));
    assert_non_null(size_as_sym(f->n));
    assert_null(size_as_sym(add(f, f->n, num(f, 1))));
    assert_null(size_as_sym(mul(f, num(f, 2), f->n)));
    assert_null(size_as_sym(num(f, 5)));
    const SizeTerm *terms;
    assert_int_equal(size_terms(add(f, mul(f, num(f, 3), f->n), num(f, 2)), &terms), 2);
    assert_int_equal(terms[0].coefficient, 3);
    assert_int_equal(terms[0].sym_count, 1);
    assert_int_equal(terms[1].coefficient, 2);
    assert_int_equal(terms[1].sym_count, 0);
}

static void substitution(void **state) {
    Fixture *f = *state;
    const SizeSym *syms[] = {size_as_sym(f->n), size_as_sym(f->m)};
    const Size *with[] = {add(f, f->m, num(f, 1)), f->n};
    /* All at once: the new `m` is not replaced again. */
    assert_ptr_equal(size_substitute(f->sizes, add(f, f->n, f->m), syms, with, 2),
                     add(f, add(f, f->m, num(f, 1)), f->n));
    assert_ptr_equal(size_substitute(f->sizes, mul(f, f->n, f->n), syms, with, 1),
                     mul(f, with[0], with[0]));
    assert_ptr_equal(size_substitute(f->sizes, f->k, syms, with, 2), f->k);
}

static void overflow_is_unknown(void **state) {
    Fixture *f = *state;
    assert_null(add(f, num(f, INT64_MAX), num(f, 1)));
    assert_null(mul(f, num(f, INT64_MAX), num(f, 2)));
    assert_null(sub(f, num(f, 0), num(f, INT64_MIN)));
    assert_null(mul(f, mul(f, num(f, INT64_MAX), f->n), num(f, 2)));
    const SizeSym *sym = size_as_sym(f->n);
    const Size *large = num(f, INT64_MAX);
    const Size *size = size_substitute(f->sizes, mul(f, f->n, f->n), &sym, &large, 1);
    assert_non_null(size);
    assert_prints(f, size, "?");
}

/* (n1 + n2 + ...)^k has too many terms to be worth it, and must end quickly. */
static void large_products_are_unknown(void **state) {
    Fixture *f = *state;
    const Size *sum = num(f, 1);
    for (int i = 0; i < 20; i++) sum = add(f, sum, named(f, "x"));
    const Size *square = mul(f, sum, sum);
    assert_null(square);
    const Size *power = f->n;
    for (int i = 0; i < 40 && power != NULL; i++) power = mul(f, power, f->n);
    assert_null(power);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_sizes_are_one, setup, teardown),
        cmocka_unit_test_setup_teardown(many_sizes_stay_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(they_print_as_written, setup, teardown),
        cmocka_unit_test_setup_teardown(relations, setup, teardown),
        cmocka_unit_test_setup_teardown(questions, setup, teardown),
        cmocka_unit_test_setup_teardown(substitution, setup, teardown),
        cmocka_unit_test_setup_teardown(overflow_is_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(large_products_are_unknown, setup, teardown),
    };
    return cmocka_run_group_tests_name("size", tests, NULL, NULL);
}
