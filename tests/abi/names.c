/* A header is valid C whatever its parameters are called. */
#include "names.h"

#include <assert.h>

int main(void) {
    Template t = {1, 0.5f};
    assert(words(1, 2, 3.0, true, 4, 5.0f, t) == 16.5);
    assert(many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32) == -31);
    return 0;
}
