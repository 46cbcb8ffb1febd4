/* Polynomials of indices: arithmetic in one form, and getting lost rather than wrong. */
#include "ir/ownership/poly.h"
#include "tests/unit/unit.h"

enum { X = 1, Y, Z };

static Poly times(int64_t number, Poly p) {
    Poly c = poly_const(number);
    return poly_mul(&c, &p);
}

static Poly product(Poly a, Poly b) { return poly_mul(&a, &b); }
static Poly sum(Poly a, Poly b) { return poly_add(&a, &b); }

static void equal_polynomials_are_one(void **state) {
    (void)state;
    Poly x = poly_var(X), y = poly_var(Y);
    Poly left = product(sum(x, y), sum(x, times(-1, y)));
    Poly right = sum(product(x, x), times(-1, product(y, y)));
    assert_true(poly_equal(&left, &right));
    Poly nothing = poly_sub(&left, &right);
    int64_t number = 1;
    assert_true(poly_is_const(&nothing, &number));
    assert_int_equal(number, 0);
    assert_false(poly_equal(&x, &y));
}

static void a_variable_is_split_off(void **state) {
    (void)state;
    Poly p = sum(product(poly_var(X), poly_var(Y)), sum(times(3, poly_var(X)), poly_const(-7)));
    Poly factor, rest, wanted = poly_plus(&(Poly){0}, 3);
    wanted = sum(wanted, poly_var(Y));
    assert_true(poly_split(&p, X, &factor, &rest));
    assert_true(poly_equal(&factor, &wanted));
    wanted = poly_const(-7);
    assert_true(poly_equal(&rest, &wanted));
    Poly square = product(poly_var(X), poly_var(X));
    assert_false(poly_split(&square, X, &factor, &rest));
    assert_true(poly_has(&p, Y));
    assert_false(poly_has(&p, Z));
    assert_int_equal(poly_newest_var(&p), Y);
}

static void a_variable_is_replaced_everywhere(void **state) {
    (void)state;
    /* x * x + x, with x = x + 1, is x * x + 3 x + 2. */
    Poly p = sum(product(poly_var(X), poly_var(X)), poly_var(X));
    Poly with = sum(poly_var(X), poly_const(1));
    Poly wanted = sum(product(poly_var(X), poly_var(X)), sum(times(3, poly_var(X)), poly_const(2)));
    Poly found = poly_substitute(&p, X, &with);
    assert_true(poly_equal(&found, &wanted));
}

static bool is_x(const void *user, uint32_t var) {
    (void)user;
    return var == X;
}

static void signs_are_those_of_factors(void **state) {
    (void)state;
    Poly p = sum(product(poly_var(X), poly_var(X)), poly_const(2));
    assert_true(poly_is_never_negative(&p, is_x, NULL));
    Poly below = sum(p, times(-1, poly_var(X)));
    assert_false(poly_is_never_negative(&below, is_x, NULL));
    Poly other = sum(p, poly_var(Y));
    assert_false(poly_is_never_negative(&other, is_x, NULL));
    assert_true(poly_is_never_negative(&(Poly){0}, is_x, NULL));
}

static void what_does_not_fit_is_lost(void **state) {
    (void)state;
    Poly huge = poly_const(INT64_MAX), low = poly_const(INT64_MIN);
    Poly over = poly_plus(&huge, 1), negative = poly_negate(&low), twice = times(2, huge);
    assert_true(over.lost && negative.lost && twice.lost);
    Poly after = poly_plus(&over, -1);
    assert_true(after.lost);
    assert_false(poly_equal(&after, &after));
    assert_false(poly_is_never_negative(&after, is_x, NULL));
    Poly power = poly_const(1);
    for (int i = 0; i < POLY_DEGREE; i++) power = product(power, poly_var(X));
    assert_false(power.lost);
    power = product(power, poly_var(X));
    assert_true(power.lost);
    Poly many = poly_const(0);
    for (uint32_t i = 1; i <= POLY_TERMS; i++) many = sum(many, poly_var(i));
    assert_false(many.lost);
    many = sum(many, poly_const(1));
    assert_true(many.lost);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_polynomials_are_one),
        cmocka_unit_test(a_variable_is_split_off),
        cmocka_unit_test(a_variable_is_replaced_everywhere),
        cmocka_unit_test(signs_are_those_of_factors),
        cmocka_unit_test(what_does_not_fit_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
