/* Functions that fail give a status and a message; their results come through pointers. */
#include "kc/kcrt.h"
#include "raises.h"

#include <assert.h>
#include <string.h>

static void scalars(void) {
    const double x[] = {1, 2, 6};
    double m = -1;
    assert(mean(3, x, &m) == 0 && m == 3.0);
    assert(mean(0, NULL, &m) == KC_RAISED && m == 0.0);
    assert(strstr(kc_error_message(), "raises.k:12: no values") != NULL);
    assert(strcmp(kc_error_text(), "no values") == 0);
    assert(tried(3, x) == 3.0 && tried(0, NULL) == -1.0);
    int64_t quotient, rest;
    assert(split(17, 5, &quotient, &rest) == KC_OK && quotient == 3 && rest == 2);
    assert(split(17, 0, &quotient, &rest) == KC_RAISED && quotient == 0 && rest == 0);
    assert(require(true) == KC_OK && require(false) == KC_RAISED);
}

static void structs(void) {
    const float x[] = {2, -1, 5};
    Range range;
    assert(range_of(3, x, &range) == KC_OK && range.low == -1 && range.high == 5);
    assert(range_of(0, x, &range) == KC_RAISED && range.low == 0 && range.high == 0);
}

static void arrays(void) {
    int64_t before = kc_memory_get_stats().live_bytes;
    const int32_t good[] = {2, 4, 1}, bad[] = {2, 1, 4};
    kc_array_i32_1 result;
    assert(evens(3, good, &result) == KC_OK);
    assert(result.shape[0] == 2 && result.data[1] == 4);
    kc_free(result.data);
    assert(evens(3, bad, &result) == KC_RAISED);
    assert(result.data == NULL && result.shape[0] == 0);
    for (int keep = 0; keep < 2; keep++) {
        float *x = kc_alloc(4, sizeof *x, 1), sum = 1;
        assert(x != NULL);
        assert(give_up(4, x, keep, &sum) == (keep ? KC_OK : KC_RAISED) && sum == 0);
    }
    assert(kc_memory_get_stats().live_bytes == before);
}

enum { COUNT = 200 };

/* Both errors stand in the array; the line says which of them was met first. */
static void fill(float *x, int64_t negative, int64_t large) {
    for (int64_t i = 0; i < COUNT; i++) x[i] = 9;
    if (negative < COUNT) x[negative] = -1;
    if (large < COUNT) x[large] = 1000;
}

static void expect(const float *y, int64_t stored) {
    for (int64_t i = 0; i < COUNT; i++) assert(y[i] == (i < stored ? 3.0f : 7.0f));
}

static void vectors(void) {
    float x[COUNT], y[COUNT];
    for (int64_t first = 0; first < COUNT - 1; first++) {
        for (int64_t i = 0; i < COUNT; i++) y[i] = 7;
        fill(x, first, first + 1);
        assert(roots(COUNT, x, y) == KC_RAISED);
        assert(strstr(kc_error_message(), "raises.k:62: a negative number") != NULL);
        expect(y, first);
        fill(x, first + 1, first);
        assert(roots(COUNT, x, y) == KC_RAISED);
        assert(strstr(kc_error_message(), "raises.k:64: a large number") != NULL);
        expect(y, first);
        assert(roots_on_threads(COUNT, x, y) == KC_RAISED);
        assert(strcmp(kc_error_text(), "a large number") == 0);
        for (int64_t i = 0; i < first; i++) assert(y[i] == 3);
    }
    fill(x, COUNT, COUNT);
    assert(roots(COUNT, x, y) == KC_OK && y[COUNT - 1] == 3);
}

static void made(void) {
    int64_t before = kc_memory_get_stats().live_bytes;
    float x[COUNT];
    kc_array_f32_1 result;
    fill(x, 77, COUNT);
    assert(roots_made(COUNT, x, &result) == KC_RAISED && result.data == NULL);
    fill(x, COUNT, COUNT);
    x[5] = 50;
    assert(roots_made(COUNT, x, &result) == KC_OK && result.data[5] == 5);
    kc_free(result.data);
    assert(kc_memory_get_stats().live_bytes == before);
}

static void handled(void) {
    float x[COUNT], y[COUNT];
    fill(x, 1, 64);
    assert(roots_or_zero(COUNT, x, y) == 2);
    assert(y[0] == 3 && y[1] == 0 && y[64] == 0 && y[COUNT - 1] == 3);
}

int main(void) {
    scalars();
    structs();
    arrays();
    vectors();
    made();
    handled();
    return 0;
}
