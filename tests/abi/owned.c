/* An array of unknown size comes back as a handle that the caller frees. */
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
    return 0;
}
