/* Several results come back as a struct. */
#include "results.h"

#include <assert.h>

int main(void) {
    divide_result q = divide(-7, 2);
    assert(q.r0 == -4 && q.r1 == 1);
    mixed_result m = mixed(1.25f, true);
    assert(!m.r0 && m.r1 == 2.5f && m.r2 == 7);
    const double x[] = {3.0, -1.0, 9.0, 4.0};
    bounds_result b = bounds(4, x);
    assert(b.r0 == -1.0 && b.r1 == 9.0 && b.r2 == 2);
    with_struct_result w = with_struct((Pair){1, 2});
    assert(w.r0.a == 2 && w.r0.b == 1 && w.r1 == 3);
    assert(truth(1, 2) && !truth(2, 1));
    nothing();
    return 0;
}
