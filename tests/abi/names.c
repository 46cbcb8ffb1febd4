/* A header is valid C whatever its parameters are called. */
#include "names.h"

#include <assert.h>

int main(void) {
    Template t = {1, 0.5f};
    assert(words(1, 2, 3.0, true, 4, 5.0f, t) == 16.5);
    return 0;
}
