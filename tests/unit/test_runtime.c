#include "kc/kcrt.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Memory ------------------------------------------------------------------------------------- */

static void memory_is_aligned_and_zeroed(void **state) {
    (void)state;
    for (int64_t count = 0; count < 300; count += 7) {
        unsigned char *memory = kc_alloc(count, 4, 1);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 64, 0);
        for (int64_t i = 0; i < count * 4; i++) assert_int_equal(memory[i], 0);
        kc_free(memory);
    }
    kc_free(NULL);
}

static void impossible_sizes_give_null(void **state) {
    (void)state;
    assert_null(kc_alloc(INT64_MAX, 8, 0));
    assert_null(kc_alloc(INT64_MAX / 8 + 1, 8, 0));
    assert_null(kc_alloc(INT64_MAX, 1, 0));
    assert_null(kc_alloc(-1, 8, 1));
}

/* ---- Numbers ------------------------------------------------------------------------------------ */

static void assert_f64(double value, const char *expected) {
    char text[40];
    assert_int_equal(kc_format_value(KC_F64, &value, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void f64_prints_as_python(void **state) {
    (void)state;
    assert_f64(0.1, "0.1");
    assert_f64(3.0, "3.0");
    assert_f64(-2.5, "-2.5");
    assert_f64(1e-7, "1e-07");
    assert_f64(0.0001, "0.0001");
    assert_f64(0.00001234, "1.234e-05");
    assert_f64(123456789012345680.0, "1.2345678901234568e+17");
    assert_f64(1e16, "1e+16");
    assert_f64(9007199254740992.0, "9007199254740992.0");
    assert_f64(1e22, "1e+22");
    assert_f64(1e300, "1e+300");
    assert_f64(5e-324, "5e-324");
    assert_f64(1.7976931348623157e308, "1.7976931348623157e+308");
    assert_f64(0x1p-44, "5.684341886080802e-14"); /* a power of two: uneven gaps */
    assert_f64(0.0, "0.0");
    assert_f64(-0.0, "-0.0");
    assert_f64(INFINITY, "inf");
    assert_f64(-INFINITY, "-inf");
    assert_f64(NAN, "nan");
}

static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void printed_numbers_read_back(void **state) {
    (void)state;
    uint64_t seed = 88172645463325252u;
    char text[40];
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        double f64;
        memcpy(&f64, &bits, sizeof f64);
        kc_format_value(KC_F64, &f64, text);
        double read64 = strtod(text, NULL);
        assert_true(isnan(f64) ? isnan(read64) : read64 == f64);
        float f32;
        memcpy(&f32, &bits, sizeof f32);
        kc_format_value(KC_F32, &f32, text);
        float read32 = strtof(text, NULL);
        assert_true(isnan(f32) ? isnan(read32) : read32 == f32);
    }
}

static void assert_value(kc_type type, const void *value, const char *expected) {
    char text[40];
    kc_format_value(type, value, text);
    assert_string_equal(text, expected);
}

static void small_floats_are_short_in_their_own_format(void **state) {
    (void)state;
    float f32 = 0.1f;
    assert_value(KC_F32, &f32, "0.1");
    f32 = 16777216.0f;
    assert_value(KC_F32, &f32, "16777216.0");
    uint16_t bits = 0x2E66; /* 0.1 */
    assert_value(KC_F16, &bits, "0.1");
    bits = 0x7BFF;
    assert_value(KC_F16, &bits, "65500.0");
    bits = 0x0001;
    assert_value(KC_F16, &bits, "6e-08");
    bits = 0xFC00;
    assert_value(KC_F16, &bits, "-inf");
    bits = 0x7E00;
    assert_value(KC_F16, &bits, "nan");
    bits = 0x4049;
    assert_value(KC_BF16, &bits, "3.14");
    bits = 0x8000;
    assert_value(KC_BF16, &bits, "-0.0");
}

static void integers_and_bools(void **state) {
    (void)state;
    int8_t i8 = INT8_MIN;
    int16_t i16 = -7;
    int32_t i32 = INT32_MIN;
    int64_t i64 = INT64_MIN;
    uint8_t u8 = 255, yes = 1, no = 0;
    uint16_t u16 = 65535;
    uint32_t u32 = UINT32_MAX;
    uint64_t u64 = UINT64_MAX;
    assert_value(KC_I8, &i8, "-128");
    assert_value(KC_I16, &i16, "-7");
    assert_value(KC_I32, &i32, "-2147483648");
    assert_value(KC_I64, &i64, "-9223372036854775808");
    assert_value(KC_U8, &u8, "255");
    assert_value(KC_U16, &u16, "65535");
    assert_value(KC_U32, &u32, "4294967295");
    assert_value(KC_U64, &u64, "18446744073709551615");
    assert_value(KC_BOOL, &yes, "True");
    assert_value(KC_BOOL, &no, "False");
}

/* ---- Arrays ------------------------------------------------------------------------------------- */

static void arrays_are_bracketed_and_aligned(void **state) {
    (void)state;
    float data[] = {0, 0.25f, 10, 0.75f, 1, 1.25f};
    int64_t shape[] = {2, 3}, stride[] = {3, 1}, transposed[] = {1, 2};
    char text[200];
    kc_format_array(KC_F32, data, 2, shape, stride, text, sizeof text);
    assert_string_equal(text, "[[ 0.0 0.25 10.0]\n [0.75  1.0 1.25]]");
    kc_format_array(KC_F32, data, 2, shape, transposed, text, sizeof text);
    assert_string_equal(text, "[[ 0.0 10.0  1.0]\n [0.25 0.75 1.25]]");
    kc_format_array(KC_F32, data, 1, shape + 1, stride + 1, text, sizeof text);
    assert_string_equal(text, "[ 0.0 0.25 10.0]");
}

static void long_arrays_are_abbreviated(void **state) {
    (void)state;
    static int32_t data[1001];
    for (int32_t i = 0; i < 1001; i++) data[i] = i;
    int64_t shape[] = {1001}, stride[] = {1};
    char text[200];
    kc_format_array(KC_I32, data, 1, shape, stride, text, sizeof text);
    assert_string_equal(text, "[   0    1    2 ...  998  999 1000]");
}

static void lengths_are_those_needed(void **state) {
    (void)state;
    int32_t data[] = {1, 2, 3};
    int64_t shape[] = {3}, stride[] = {1}, nothing[] = {0};
    char text[5] = "????";
    assert_int_equal(kc_format_array(KC_I32, data, 1, shape, stride, text, sizeof text), 7);
    assert_string_equal(text, "[1 2");
    assert_int_equal(kc_format_array(KC_I32, data, 1, shape, stride, NULL, 0), 7);
    assert_int_equal(kc_format_array(KC_I32, data, 1, nothing, stride, text, sizeof text), 2);
    assert_string_equal(text, "[]");
}

/* ---- Printing ----------------------------------------------------------------------------------- */

static void print_writes_one_line(void **state) {
    (void)state;
    char path[] = "/tmp/kc-unit-XXXXXX";
    int file = mkstemp(path), old = dup(STDOUT_FILENO);
    assert_true(file >= 0 && old >= 0);
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    static int32_t many[900];
    int64_t shape[] = {900}, stride[] = {1};
    int32_t three = 3;
    kc_print_item items[] = {
        {.kind = KC_ITEM_TEXT, .data = "x =", .length = 3},
        {.kind = KC_ITEM_VALUE, .type = KC_I32, .data = &three},
        {.kind = KC_ITEM_ARRAY, .type = KC_I32, .data = many, .rank = 1, .shape = shape,
         .stride = stride},
    };
    kc_print(items, 2);
    kc_print(items, 3);
    kc_print(items, 0);
    fflush(stdout);
    dup2(old, STDOUT_FILENO);
    close(old);
    char text[4096];
    ssize_t length = pread(file, text, sizeof text - 1, 0);
    close(file);
    unlink(path);
    assert_true(length > 1800);
    text[length] = '\0';
    assert_memory_equal(text, "x = 3\nx = 3 [0 0 0", 18);
    assert_string_equal(text + length - 5, " 0]\n\n");
}

/* ---- Panics ------------------------------------------------------------------------------------- */

static const kc_panic_info sample = {
    "index out of range", "get", "a.k", 3, 2, {"index", "size", NULL}, {12, 10, 0}};

static void panics_are_described(void **state) {
    (void)state;
    char text[100];
    static const char expected[] = "a.k:3: in get: index out of range (index 12, size 10)";
    assert_int_equal(kc_panic_format(&sample, text, sizeof text), strlen(expected));
    assert_string_equal(text, expected);
    char small[10];
    assert_int_equal(kc_panic_format(&sample, small, sizeof small), strlen(expected));
    assert_string_equal(small, "a.k:3: in");
    kc_panic_info bare = {.message = "assertion failed"};
    kc_panic_format(&bare, text, sizeof text);
    assert_string_equal(text, "assertion failed");
}

static jmp_buf escape;

static void leave(const kc_panic_info *info) {
    assert_ptr_equal(info, &sample);
    longjmp(escape, 1);
}

static void handlers_may_leave_by_longjmp(void **state) {
    (void)state;
    assert_null(kc_panic_set_handler(leave));
    if (setjmp(escape) == 0) {
        kc_panic(&sample);
        fail_msg("kc_panic returned");
    }
    assert_ptr_equal(kc_panic_set_handler(NULL), leave);
}

/* ---- Fused multiply-add ------------------------------------------------------------------------- */

/* Numbers of all sizes, with many near one another, where cancellation and ties happen. */
static double random_f64(uint64_t *seed) {
    uint64_t kind = next_random(seed) % 5, bits = next_random(seed);
    uint64_t sign_and_fraction = bits & UINT64_C(0x800fffffffffffff);
    if (kind == 1) bits = sign_and_fraction | (1003 + next_random(seed) % 40) << 52;
    if (kind == 2) bits = sign_and_fraction;
    if (kind == 3) bits &= UINT64_C(0xfff0000000000003);
    double value;
    memcpy(&value, &bits, sizeof value);
    return kind == 4 ? (double)(int64_t)(bits % 201) - 100 : value;
}

static void fma_is_rounded_once(void **state) {
    (void)state;
    uint64_t seed = 12345;
    for (int i = 0; i < 300000; i++) {
        double x = random_f64(&seed), y = random_f64(&seed), z = random_f64(&seed);
        if (i % 3 == 0) z = -x * y;
        if (i % 7 == 0) z = nextafter(-x * y, i % 2 == 0 ? INFINITY : -INFINITY);
        double expected = fma(x, y, z), got = kc_fma_f64(x, y, z);
        if (isnan(expected) ? !isnan(got) : memcmp(&expected, &got, sizeof got) != 0) {
            fail_msg("fma(%a, %a, %a) is %a, not %a", x, y, z, expected, got);
        }
        float fx = (float)x, fy = (float)y, fz = (float)z;
        float expected32 = fmaf(fx, fy, fz), got32 = kc_fma_f32(fx, fy, fz);
        if (isnan(expected32) ? !isnan(got32) : memcmp(&expected32, &got32, sizeof got32) != 0) {
            fail_msg("fmaf(%a, %a, %a) is %a, not %a", fx, fy, fz, expected32, got32);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_zeroed),
        cmocka_unit_test(impossible_sizes_give_null),
        cmocka_unit_test(f64_prints_as_python),
        cmocka_unit_test(printed_numbers_read_back),
        cmocka_unit_test(small_floats_are_short_in_their_own_format),
        cmocka_unit_test(integers_and_bools),
        cmocka_unit_test(arrays_are_bracketed_and_aligned),
        cmocka_unit_test(long_arrays_are_abbreviated),
        cmocka_unit_test(lengths_are_those_needed),
        cmocka_unit_test(print_writes_one_line),
        cmocka_unit_test(panics_are_described),
        cmocka_unit_test(handlers_may_leave_by_longjmp),
        cmocka_unit_test(fma_is_rounded_once),
    };
    return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
