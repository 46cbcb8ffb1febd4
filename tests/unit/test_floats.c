#include "support/floats.h"
#include "tests/unit/unit.h"

#include <math.h>

typedef struct Format {
    uint16_t (*from)(double);
    double (*to)(uint16_t);
    uint16_t infinity;
    int smallest_exponent; /* of the smallest subnormal */
} Format;

static const Format formats[] = {
    {f16_from_f64, f64_from_f16, 0x7C00, -24},
    {bf16_from_f64, f64_from_bf16, 0x7F80, -133},
};

static void known_values(void **state) {
    (void)state;
    assert_true(f64_from_f16(0x3C00) == 1.0);
    assert_true(f64_from_f16(0xC000) == -2.0);
    assert_true(f64_from_f16(0x7BFF) == 65504.0);
    assert_true(f64_from_f16(0x0400) == 0x1p-14);
    assert_true(f64_from_f16(0x3555) == 0x1.554p-2);
    assert_true(f64_from_bf16(0x3F80) == 1.0);
    assert_true(f64_from_bf16(0x4049) == 3.140625);
    assert_true(f64_from_bf16(0x7F7F) == 0x1.FEp127);
    assert_int_equal(f16_from_f64(0.1), 0x2E66);
    assert_int_equal(bf16_from_f64(0.1), 0x3DCD);
}

static void every_value_goes_round(void **state) {
    (void)state;
    for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
        for (uint32_t bits = 0; bits <= 0xFFFF; bits++) {
            double value = formats[f].to((uint16_t)bits);
            uint16_t back = formats[f].from(value);
            if ((bits & 0x7FFF) > formats[f].infinity) {
                assert_true(isnan(value));
                assert_true((back & 0x7FFF) > formats[f].infinity);
                assert_int_equal(back & 0x8000, bits & 0x8000);
            } else {
                assert_int_equal(back, bits);
            }
        }
    }
}

/* Between each number and the next: just below the middle, the middle, and just above it. The number
 * after the largest counts as infinity, where IEEE 754 says that rounding overflows. */
static void every_gap_rounds_to_nearest_even(void **state) {
    (void)state;
    for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
        for (uint16_t bits = 0; bits < formats[f].infinity; bits++) {
            double low = formats[f].to(bits);
            double below = bits == 0 ? 0 : formats[f].to((uint16_t)(bits - 1));
            double gap = bits + 1 == formats[f].infinity ? low - below
                                                         : formats[f].to((uint16_t)(bits + 1)) - low;
            double middle = low + gap / 2;
            uint16_t even = bits % 2 == 0 ? bits : (uint16_t)(bits + 1);
            assert_int_equal(formats[f].from(middle), even);
            assert_int_equal(formats[f].from(nextafter(middle, 0)), bits);
            assert_int_equal(formats[f].from(nextafter(middle, INFINITY)), bits + 1);
            assert_int_equal(formats[f].from(-middle), even | 0x8000);
        }
    }
}

static void ends_of_the_range(void **state) {
    (void)state;
    for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
        const Format *format = &formats[f];
        assert_int_equal(format->from(INFINITY), format->infinity);
        assert_int_equal(format->from(-INFINITY), format->infinity | 0x8000);
        assert_int_equal(format->from(1e300), format->infinity);
        assert_int_equal(format->from(0.0), 0);
        assert_int_equal(format->from(-0.0), 0x8000);
        assert_int_equal(format->from(5e-324), 0);
        assert_int_equal(format->from(-5e-324), 0x8000);
        double smallest = ldexp(1.0, format->smallest_exponent);
        assert_true(format->to(1) == smallest);
        assert_int_equal(format->from(smallest / 2), 0);
        assert_int_equal(format->from(nextafter(smallest / 2, 1)), 1);
    }
}

static void no_double_rounding(void **state) {
    (void)state;
    /* Through f32 this would first become the middle between two f16 and then go down. */
    double x = 1.0 + 0x1p-11 + 0x1p-40;
    assert_int_equal(f16_from_f64(x), 0x3C01);
    assert_int_equal(f16_from_f64(1.0 + 0x1p-11), 0x3C00);
    assert_int_equal(bf16_from_f64(1.0 + 0x1p-8 + 0x1p-40), 0x3F81);
}

static void bits_of_floats(void **state) {
    (void)state;
    assert_int_equal(bits_of_f32(1.0f), 0x3F800000);
    assert_true(f32_of_bits(0x40490FDB) > 3.14f);
    assert_true(bits_of_f64(-0.0) == UINT64_C(0x8000000000000000));
    assert_true(f64_of_bits(UINT64_C(0x3FF0000000000000)) == 1.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(every_value_goes_round),
        cmocka_unit_test(every_gap_rounds_to_nearest_even),
        cmocka_unit_test(ends_of_the_range),
        cmocka_unit_test(no_double_rounding),
        cmocka_unit_test(bits_of_floats),
    };
    return cmocka_run_group_tests_name("floats", tests, NULL, NULL);
}
