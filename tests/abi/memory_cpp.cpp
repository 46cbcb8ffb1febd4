// kernels: memory.k
#include "memory.h"

#include <cassert>
#include <vector>

int main() {
    const std::vector<float> x = {1, 2, 3, 4};
    std::vector<float> y(4);
    scaled(4, x.data(), 0.5f, y.data());
    assert(y[3] == 2.0f);
    assert(total(2, 2, kc_strided_f32_2{x.data(), {2, 2}, {2, 1}}) == 10.0f);
    Point p = {1, 2};
    move(&p, 1);
    assert(p.x == 2);
    return 0;
}
