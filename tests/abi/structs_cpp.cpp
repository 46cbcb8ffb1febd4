// kernels: structs.k
// The same header and functions from C++17.
#include "structs.h"

#include <cassert>
#include <type_traits>

static_assert(std::is_standard_layout<Nested>::value, "structs are plain");

int main() {
    TwoFloats two = two_floats(TwoFloats{1, 2}, TwoFloats{10, 20});
    assert(two.x == 21 && two.y == 12);
    FourDoubles four = four_doubles(5, FourDoubles{1, 2, 3, 4});
    assert(four.a == 4 && four.d == 6);
    Large big = large(Large{1, 2.5, 3}, 100);
    assert(big.a == 101 && big.b == 5.0 && big.c == 2);
    Small tiny = small(Small{255, -32768, true});
    assert(tiny.a == 0 && !tiny.flag);
    return 0;
}
