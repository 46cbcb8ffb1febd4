/* Arrays that change hands: results that the caller frees, arguments that the function frees. */
#include "owned.h"

#include <assert.h>

int main(void) {
    const int32_t x[] = {3, -1, 0, 8, 5};
    kc_array_i32_1 kept = positive(5, x);
    assert(kept.shape[0] == 3);
    assert(kept.data[0] == 3 && kept.data[1] == 8 && kept.data[2] == 5);
    assert((uintptr_t)kept.data % 64 == 0);
    kc_free(kept.data);
    kc_array_i32_1 none = positive(0, x);
    assert(none.shape[0] == 0);
    kc_free(none.data);
    double *given = kc_alloc(2, sizeof *given, 1);
    assert(given && given[1] == 0.0);
    given[0] = 1.5;
    kc_array_f64_1 back = doubled(given, 2);
    assert(back.shape[0] == 2 && back.data[0] == 3.0);
    assert(use_up(2, back.data) == 3.0); /* takes it over */
    return 0;
}
