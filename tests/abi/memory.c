/* Pointers, windows and references. */
#include "memory.h"

#include <assert.h>

static void windows(void) {
    const float grid[] = {1, 2, 3, 4, 5, 6};
    assert(total(2, 3, (kc_strided_f32_2){grid, {2, 3}, {3, 1}}) == 21.0f);
    assert(total(3, 2, (kc_strided_f32_2){grid, {3, 2}, {1, 3}}) == 21.0f); /* transposed */
    assert(total(2, 2, (kc_strided_f32_2){grid, {2, 2}, {3, 2}}) == 14.0f); /* every other column */
    assert(total(1, 3, (kc_strided_f32_2){grid + 5, {1, 3}, {0, -1}}) == 15.0f); /* backwards */
    float row[] = {1, 2, 3, 4};
    double_all(2, (kc_strided_mut_f32_1){row, {2}, {2}});
    assert(row[0] == 2 && row[1] == 2 && row[2] == 6 && row[3] == 4);
}

static void references(void) {
    int32_t count = 41;
    double scale = 3.0;
    bump(&count, &scale);
    assert(count == 42 && scale == 1.5);
    Point p = {1, 2};
    move(&p, 0.5f);
    assert(p.x == 1.5f && p.y == 2);
}

static void arrays(void) {
    Point ps[] = {{1, 2}, {3, 4}};
    move_all(2, ps, 10);
    assert(ps[0].x == 11 && ps[1].x == 13 && ps[1].y == 4);
    const float x[] = {1, 2, 3};
    float y[3];
    scaled(3, x, 2.0f, y);
    assert(y[0] == 2 && y[2] == 6);
    scaled(0, NULL, 2.0f, NULL);
    bool flags[] = {true, false, true};
    flip(3, flags);
    assert(!flags[0] && flags[1] && !flags[2]);
    const uint16_t halves[] = {0x3C00, 0xC000, 0x7C00};
    widen(3, halves, y);
    assert(y[0] == 1 && y[1] == -2 && y[2] > 3e38f);
    double m[9];
    identity(m);
    assert(m[0] == 1 && m[1] == 0 && m[4] == 1 && m[8] == 1);
    const int32_t numbers[] = {5, 6, 7};
    assert(last(numbers, 3) == 7);
}

int main(void) {
    windows();
    references();
    arrays();
    return 0;
}
