/* Structs by value, by C's calling convention. */
#include "structs.h"

#include <assert.h>

int main(void) {
    assert(one_float((OneFloat){1.5f}).x == 2.5f);
    TwoFloats two = two_floats((TwoFloats){1, 2}, (TwoFloats){10, 20});
    assert(two.x == 21 && two.y == 12);
    ThreeFloats three = three_floats((ThreeFloats){1, 2, 3});
    assert(three.x == 2 && three.y == 3 && three.z == 1);
    FourDoubles four = four_doubles(5, (FourDoubles){1, 2, 3, 4});
    assert(four.a == 4 && four.b == 3 && four.c == 2 && four.d == 6);
    IntFloat mixed = int_float((IntFloat){41, 0.5f});
    assert(mixed.i == 42 && mixed.f == 1.0f);
    DoubleInt wide = double_int((DoubleInt){0.25, -7});
    assert(wide.d == 0.5 && wide.i == -8);
    Small tiny = small((Small){255, -32768, true});
    assert(tiny.a == 0 && tiny.b == 32767 && !tiny.flag);
    Odd unlike = odd((Odd){9, -1, 3.0f});
    assert(unlike.a == -9 && unlike.b == 0 && unlike.c == 1.5f);
    Large big = large((Large){1, 2.5, 3}, 100);
    assert(big.a == 101 && big.b == 5.0 && big.c == 2);
    Nested inner = nested((Nested){{1, 2}, {3, 4, true}});
    assert(inner.p.x == 2 && inner.p.y == 1 && inner.s.a == 3 && inner.s.b == -4 && inner.s.flag);
    Half bits = half((Half){0x3E00 /* 1.5 */, 0x3F80 /* 1.0 */});
    assert(bits.h == 0x4200 /* 3.0 */ && bits.b == 0x4000 /* 2.0 */);
    assert(out_of_registers(1, 2, 3, 4, 5, (DoubleInt){0.5, 8}, 6, (DoubleInt){2.0, 3}) == 31.0);
    assert(many_floats(1, 2, 3, 4, 5, 6, 7, (TwoFloats){2, 3}, (ThreeFloats){1, 2, 5}) == 44.0f);
    return 0;
}
